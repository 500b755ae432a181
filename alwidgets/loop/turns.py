"""Turns of the loop, one at a time; a turn that hangs can be abandoned."""

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
    """A turn that finished after it had been abandoned; its result is dropped."""


class Turns:
    """Turns of which one lasts at a time; its own thread can take more within it, and it can be given up.

    Examples
    --------
    >>> turns = Turns()
    >>> with turns.taken(), turns.taken():
    ...     turns.give_up()
    """

    def __init__(self) -> None:
        self._replacing = threading.Lock()
        self._present: Any = _Lock()
        self._current = object()

    @property
    def current(self) -> object:
        """Stands for the turns until one is given up."""
        return self._current

    def taken(self, seconds: float | None = None, why: Callable[[], str] = str) -> Any:
        """Make a turn that keeps others out of the block it is entered for, however that is interrupted.

        Parameters
        ----------
        seconds : float, optional
            The most to wait for another to end; by default as long as it takes.
        why : callable
            Called for what the TimeoutError says when that is over.
        """
        turn = _Turn()
        turn.turns, turn.seconds, turn.why = self, seconds, why
        return turn

    def check(self, turn: object) -> None:
        """Raise GivenUpError if the turns that `turn` stands for have been given up."""
        if turn is not self._current:
            raise GivenUpError("the fit was given up by abandon_fit(); what it found is dropped, and the labels stay.")

    def give_up(self) -> None:
        """Let the next turn begin, whatever becomes of the present one."""
        with self._replacing:
            self._present, self._current = _Lock(), object()

    def begin(self, turn: Any, seconds: float | None, why: Callable[[], str]) -> None:
        """Wait until no other thread has a turn, then make this one the present one."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            present = self._present
            if present._is_owned():  # noqa: SLF001 - as `threading.Condition` asks
                return
            if _has_ended(present):
                with self._replacing:
                    if self._present is present:
                        self._present = turn
                        return
            elif end is not None and time.monotonic() >= end:
                raise TimeoutError(why())


class _Turn(_Lock):  # type: ignore[misc]
    """A lock of its own that is held as long as a turn lasts."""

    turns: Turns
    seconds: float | None
    why: Callable[[], str]

    def __enter__(self) -> None:
        try:
            self.acquire()
            self.turns.begin(self, self.seconds, self.why)
        except BaseException:
            _let_go(self)
            raise


def _has_ended(turn: Any) -> bool:
    """Return whether a turn of another thread has ended by now, or a moment later."""
    try:
        ended: bool = turn.acquire(timeout=_GLANCE)
        if ended:
            turn.release()
    except BaseException:
        _let_go(turn)
        raise
    return ended


def _let_go(lock: Any) -> None:
    # An interrupt comes before or after a lock was taken.
    if lock._is_owned():  # noqa: SLF001
        lock.release()
