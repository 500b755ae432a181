"""Group commit: answers that come while others are written are written and synced to disk together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from alwidgets.journal.events import Event
from alwidgets.journal.log import EventLog

# Whoever is not woken until then, as after an interrupt of who writes, looks for themselves.
_PATIENCE = 0.1


@dataclass(eq=False)
class _Request:
    """An event that a thread waits for; it is woken when that is done, or to write what waits."""

    make: Callable[[], Event | None]
    about: frozenset[Hashable]
    woken: threading.Event = field(default_factory=threading.Event)
    event: Event | None = None
    done: bool = False
    error: Exception | None = None


class GroupCommit:
    """Record the events of many threads, each of which waits until its own is on disk.

    Whoever comes first writes what has come until then, in one write with one sync, and wakes the others, who find
    theirs done. So a hundred answers that come at once cost a few waits for the disk, not a hundred, and none is
    acknowledged before it is there. Events that depend on each other, as two answers to an item do, are written one
    after the other. An interrupt may come at any line: what it leaves undone the next one does.

    Parameters
    ----------
    log : EventLog
        Where they are recorded.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log
        # Held by who writes.
        self._turn = threading.Lock()
        # In the order in which they came; what is done is gone.
        self._waiting: dict[_Request, None] = {}

    def record(self, make: Callable[[], Event | None], about: frozenset[Hashable]) -> int:
        """Record an event, and return how many this thread wrote, its own and others', once its own is on disk.

        Parameters
        ----------
        make : callable
            Called under the log's lock, perhaps by another thread and more than once; returns the event by the state of
            then, or None. What it raises is raised here.
        about : frozenset
            What it depends on and changes; two requests that share any of it never meet in one write.

        Raises
        ------
        OSError
            If it cannot be written; nothing has changed then.
        ValueError
            If the log is closed.
        """
        mine, n_written = _Request(make, about), 0
        self._waiting[mine] = None
        try:
            if self._turn.locked():
                mine.woken.wait(_PATIENCE)
            if not mine.done:
                with self._turn, self._log.lock:
                    while not mine.done:
                        n_written += self._write()
        finally:
            self._waiting.pop(mine, None)
            for following in list(self._waiting)[:1]:
                following.woken.set()
        if mine.error is not None:
            raise mine.error
        return n_written

    def _write(self) -> int:
        """Write what waits and is independent of each other, and return how many events that were. Under the lock.

        An error of the disk is that of whoever writes: the others try for themselves.
        """
        made: dict[_Request, Event] = {}
        for request in self._independent():
            try:
                event = None if self._is_written(request) else request.make()
            except Exception as error:  # noqa: BLE001 - raised in the thread that waits for it
                request.error = error
                event = None
            if event is None:
                self._end(request)
            else:
                made[request] = request.event = event
        if made:
            self._record(made)
        return len(made)

    def _record(self, made: dict[_Request, Event]) -> None:
        try:
            self._log.record(*made.values())
        except Exception as error:
            # Where another kernel took over meanwhile it is on disk, and may not count.
            for request in filter(self._is_written, made):
                request.error = error
                self._end(request)
            raise
        for request in made:
            self._end(request)

    def _is_written(self, request: _Request) -> bool:
        # What was undone beforehand has the number 0.
        return request.event is not None and self._log.state.seen.get(request.event.id, 0) > 0

    def _end(self, request: _Request) -> None:
        request.done = True
        self._waiting.pop(request, None)
        request.woken.set()

    def _independent(self) -> list[_Request]:
        found, about = list[_Request](), set[Hashable]()
        for request in list(self._waiting):
            if not request.about & about:
                found.append(request)
            # What depends on one that has to wait waits behind it.
            about |= request.about
        return found
