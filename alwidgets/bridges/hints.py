"""Hints that there may be news in another tool: whoever waits for the next look looks at once.

A hint says nothing that is believed, so that one that is lost, forged or told twice changes no answer: it only spares
the wait for a look that would come anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.Lock()
# By session: whoever waits.
_WAITING: dict[str, list[threading.Event]] = {}


@contextmanager
def awaited(session_id: str) -> Iterator[threading.Event]:
    """Yield an event that is set by each hint at a session, as long as the block runs."""
    event = threading.Event()
    with _LOCK:
        _WAITING.setdefault(session_id, []).append(event)
    try:
        yield event
    finally:
        with _LOCK:
            _WAITING[session_id].remove(event)
            if not _WAITING[session_id]:
                del _WAITING[session_id]


def give(session_id: str) -> int:
    """Give a hint at a session; return how many waited for one."""
    with _LOCK:
        events = tuple(_WAITING.get(session_id, ()))
        for event in events:
            event.set()
    return len(events)
