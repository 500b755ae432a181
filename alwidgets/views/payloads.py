"""Samples for the page, sent as messages so that they are not stored in saved notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from alwidgets.renderers import message_of
from alwidgets.views.sent import Payload, Sample

if TYPE_CHECKING:
    from alwidgets.session.session import Session
    from alwidgets.types import Renderer


def payloads_of(session: Session, items: list[int], renderer: Renderer | None) -> Iterator[tuple[Payload, list[bytes]]]:
    """Yield a message and its binary parts for each of these rows: what to show of it, or why it cannot be shown."""
    for item in items:
        message, buffers = message_of(session, item, renderer)
        yield {"kind": "payload", "item": item, "payload": cast("Sample", message)}, buffers
