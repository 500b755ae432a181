"""Turns of pages: one after the other works on the session, answers before news."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

# Share of the time that bringing all pages up to date may take.
_SHARE = 0.1


class Pace:
    """Order and pace of all pages of a session.

    An answer takes the lock of the session some eight times. Where thirty pages do so at once, as when a server is
    started again, each time is behind all others. So one page that works on the session does what the others wait for
    as well, in the order in which it came: no thread has to be waked for the next answer. What is new of the session is
    told when no answer waits, and the less often the more pages there are.
    """

    def __init__(self) -> None:
        self.n_pages = 0
        self._lock = threading.Lock()
        self._taken = False
        self._acts: deque[tuple[Callable[[], None], Future[None]]] = deque()
        self._curious: set[Callable[[], None]] = set()

    def rest(self, seconds: float) -> float:
        """Return for how long a page has news enough, after it took so many seconds to bring it up to date."""
        return self.n_pages * seconds / _SHARE

    def do(self, act: Callable[[], None]) -> None:
        """Do something after what came before, on this thread or on that of another page; return when it is done."""
        done: Future[None] = Future()
        with self._lock:
            self._acts.append((act, done))
            ours, self._taken = not self._taken, True
        if ours:
            self.give()
        done.result()

    def take_if_free(self, again: Callable[[], None]) -> bool:
        """Take the turn if nobody has it; else return False, and have `again` called when that may be so."""
        with self._lock:
            if self._taken:
                self._curious.add(again)
                return False
            self._taken = True
            return True

    def give(self) -> None:
        """Do what others wait for, and give the turn back."""
        while True:
            with self._lock:
                if not self._acts:
                    self._taken, curious, self._curious = False, self._curious, set()
                    break
                act, done = self._acts.popleft()
            try:
                act()
            except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
                done.set_exception(error)
            else:
                done.set_result(None)
        for again in curious:
            again()
