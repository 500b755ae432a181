"""The one background thread that works while the annotator goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# How often who waits looks whether what it waits for has been given up.
_GLANCE = 0.05


class Background:
    """One daemon thread that lives only while there is work.

    Parameters
    ----------
    work : callable
        Called once for every wake, or once for several that came close together. Must not raise.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wanted = False
        self._leaving = False
        self._given_up = 0

    def wake(self) -> None:
        """Start the work soon; returns at once."""
        with self._lock:
            self._wanted = True
            if self._alive() and not self._leaving:
                return
            self._leaving = False
            number = self._given_up
            self._start(number)
        if self._thread is None:
            self._run(number)

    def give_up(self) -> None:
        """Let the next wake have a thread of its own, whatever becomes of this one."""
        with self._lock:
            self._given_up += 1
            self._thread, self._wanted, self._leaving = None, False, False

    def _start(self, number: int) -> None:
        # Not within the `with`: an interrupt at a `try` there would leave the lock taken.
        self._thread = threading.Thread(target=self._run, args=(number,), name="alwidgets-trainer", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            # No threads here (a Python inside the browser): do it now.
            self._thread = None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until there is no work left; return False if the timeout (in seconds) expires first."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._lock:
                thread = self._thread
            if thread is None or not thread.is_alive() or thread is threading.current_thread():
                return True
            left = _GLANCE if end is None else end - time.monotonic()
            thread.join(max(0.0, min(_GLANCE, left)))
            if thread.is_alive() and left <= 0:
                return False

    def _alive(self) -> bool:
        # Asked of the thread itself: one that died of a SystemExit must not be waited for.
        return self._thread is not None and self._thread.is_alive()

    def _run(self, number: int) -> None:
        while True:
            with self._lock:
                if number != self._given_up:
                    return
                if not self._wanted:
                    self._leaving = True
                    return
                self._wanted = False
            self._work()
