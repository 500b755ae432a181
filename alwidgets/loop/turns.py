"""Turns of the loop, one at a time; and a turn that does not come back, given up."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

# How often who waits looks whether what it waits for has been given up.
_GLANCE = 0.05


class GivenUpError(RuntimeError):
    """A turn that came back after it had been given up; what it found is dropped."""


class Turns:
    """A lock that its own thread can take again, and that can be taken from a thread that does not come back."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    @property
    def current(self) -> object:
        """Stands for the turns until one is given up."""
        return self._lock

    @contextlib.contextmanager
    def taken(self, seconds: float | None = None) -> Iterator[None]:
        """Keep other turns out; TimeoutError when that was not to be had for so many seconds."""
        lock = self._acquired(seconds)
        try:
            yield
        finally:
            lock.release()

    def check(self, turn: object) -> None:
        """Raise GivenUpError if the turns that `turn` stands for have been given up."""
        if turn is not self._lock:
            raise GivenUpError("the fit was given up by abandon_fit(); what it found is dropped, and the labels stay.")

    def give_up(self) -> None:
        """Let the next turn begin, whatever becomes of the present one."""
        self._lock = threading.RLock()

    def _acquired(self, seconds: float | None) -> threading.RLock:
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            lock = self._lock
            if lock.acquire(timeout=_GLANCE):
                if lock is self._lock:
                    return lock
                lock.release()
            elif end is not None and time.monotonic() >= end:
                raise TimeoutError
