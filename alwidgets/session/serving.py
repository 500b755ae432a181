"""Keywords of serving a session: the page that serves it says what each one means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict


class Serving(TypedDict, total=False):
    """Keywords of `Page`."""

    experts: Iterable[str] | None
    viewers: Iterable[str]
    port: int
    host: str
    address: str | None
    new_links: bool
