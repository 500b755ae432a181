"""Samples for the page, sent as messages so that they are not stored in saved notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from alwidgets.renderers import message_of
from alwidgets.views.sent import Payload, Sample

if TYPE_CHECKING:
    from alwidgets.session.session import Session
    from alwidgets.types import Renderer


def payloads_of(
    session: Session, items: list[int], renderer: Renderer | None, side: int | None = None
) -> Iterator[tuple[Payload, list[bytes]]]:
    """Yield a message and its binary parts for each of these rows: what to show of it, or why it cannot be shown.

    Images come as large as they are shown, with so many pixels along their longer side; without a number, whole.
    """
    for item in items:
        message, buffers = message_of(session, item, renderer, side=side)
        yield {"kind": "payload", "item": item, "payload": cast("Sample", message)}, buffers
