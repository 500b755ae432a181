"""Listeners, which are called on changes of a session or with each event of its journal."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from functools import partial

from alwidgets.journal.events import Event
from alwidgets.journal.log import EventLog
from alwidgets.loop.callbacks import Callbacks

_LOG = logging.getLogger(__name__)


class Listeners:
    """Functions that are called from any thread, without a lock held. One that raises is logged, and harms nothing.

    Parameters
    ----------
    log : EventLog
        What happens.
    callbacks : Callbacks
        Told that functions of the user's are called.
    """

    def __init__(self, log: EventLog, callbacks: Callbacks) -> None:
        self._log = log
        self._callbacks = callbacks
        self._of_changes: list[Callable[[], None]] = []
        self._of_events: list[_Feed] = []

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a function after every change; return a function that stops it."""
        return _added(self._of_changes, listener)

    def on_event(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call a function with every event from now on, each once and in order; return a function that stops it."""
        with self._log.lock:
            return _added(self._of_events, _Feed(listener, len(self._log.events)))

    def notify(self) -> None:
        """Notify all listeners of changes and new events."""
        for listener in tuple(self._of_changes):
            self._call(listener)
        for feed in tuple(self._of_events):
            self._deliver(feed)

    def _deliver(self, feed: _Feed) -> None:
        while self._is_behind(feed) and feed.delivering.acquire(blocking=False):
            # Whoever delivers goes on with what comes meanwhile, so that events keep their order.
            try:
                while self._is_behind(feed):
                    with self._log.lock:
                        event = self._log.events[feed.n_told]
                    feed.n_told += 1
                    self._call(partial(feed.listener, event))
            finally:
                feed.delivering.release()

    def _is_behind(self, feed: _Feed) -> bool:
        with self._log.lock:
            return feed.n_told < len(self._log.events) and feed in self._of_events

    def _call(self, function: Callable[[], None]) -> None:
        try:
            with self._callbacks.within():
                function()
        except Exception:  # noqa: BLE001 - a listener may raise anything
            # What happened stands, and the other listeners hear of it too.
            _LOG.exception("A listener of session %s failed; the session goes on.", self._log.session_id)


class _Feed:
    """A listener, and how many events it was told."""

    def __init__(self, listener: Callable[[Event], None], n_told: int) -> None:
        self.listener = listener
        self.n_told = n_told
        self.delivering = threading.Lock()


def _added(to: list, listener: object) -> Callable[[], None]:  # type: ignore[type-arg]
    to.append(listener)

    def remove() -> None:
        with contextlib.suppress(ValueError):
            to.remove(listener)

    return remove
