"""Cycles of the loop, one at a time; a cycle that hangs can be abandoned."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

# How often who waits looks whether what it waits for has been given up.
_GLANCE = 0.05
# As it is in C: Python takes an interrupt where a function of its own begins, and none where a block is left that was
# entered with such a lock.
_Lock: Any = type(threading.RLock())


class GivenUpError(RuntimeError):
    """A cycle that finished after it had been abandoned; its result is dropped."""


class Cycles:
    """Cycles of which one lasts at a time; its own thread can take more within it, and it can be given up.

    Examples
    --------
    >>> cycles = Cycles()
    >>> with cycles.taken(), cycles.taken():
    ...     cycles.give_up()
    """

    def __init__(self) -> None:
        self._replacing = threading.Lock()
        self._present: Any = _Lock()
        self._current = object()

    @property
    def current(self) -> object:
        """Stands for the cycles until one is given up."""
        return self._current

    def taken(self, seconds: float | None = None, why: Callable[[], str] = str) -> Any:
        """Make a cycle that keeps others out of the block it is entered for, however that is interrupted.

        Parameters
        ----------
        seconds : float, optional
            The most to wait for another to end; by default as long as it takes.
        why : callable
            Called for what the TimeoutError says when that is over.
        """
        cycle = _Cycle()
        cycle.cycles, cycle.seconds, cycle.why = self, seconds, why
        return cycle

    def check(self, cycle: object) -> None:
        """Raise GivenUpError if the cycles that `cycle` stands for have been given up."""
        if cycle is not self._current:
            raise GivenUpError("the fit was given up by abandon_fit(); what it found is dropped, and the labels stay.")

    def give_up(self) -> None:
        """Let the next cycle begin, whatever becomes of the present one."""
        with self._replacing:
            self._present, self._current = _Lock(), object()

    def begin(self, cycle: Any, seconds: float | None, why: Callable[[], str]) -> None:
        """Wait until no other thread has a cycle, then make this one the present one."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            present = self._present
            if present._is_owned():  # noqa: SLF001 - as `threading.Condition` asks
                return
            if _has_ended(present):
                with self._replacing:
                    if self._present is present:
                        self._present = cycle
                        return
            elif end is not None and time.monotonic() >= end:
                raise TimeoutError(why())


class _Cycle(_Lock):  # type: ignore[misc]
    """A lock of its own that is held as long as a cycle lasts."""

    cycles: Cycles
    seconds: float | None
    why: Callable[[], str]

    def __enter__(self) -> None:
        try:
            self.acquire()
            self.cycles.begin(self, self.seconds, self.why)
        except BaseException:
            _let_go(self)
            raise


def _has_ended(cycle: Any) -> bool:
    """Return whether a cycle of another thread has ended by now, or a moment later."""
    try:
        ended: bool = cycle.acquire(timeout=_GLANCE)
        if ended:
            cycle.release()
    except BaseException:
        _let_go(cycle)
        raise
    return ended


def _let_go(lock: Any) -> None:
    # An interrupt comes before or after a lock was taken.
    if lock._is_owned():  # noqa: SLF001
        lock.release()
