"""Something told to a page beside everything else, so that no answer waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from alwidgets.utils.threads import started


class Teller:
    """Worker that tells a page something when it is wanted; once for all who want it meanwhile.

    Parameters
    ----------
    tell : callable
        () -> None: works it out and sends it; what it raises is its own to say.
    name : str
        Name of the thread.
    """

    def __init__(self, tell: Callable[[], None], name: str) -> None:
        self._tell = tell
        self._name = name
        self._turn = threading.Lock()
        self._wanted = False
        self._thread: threading.Thread | None = None

    def want(self) -> None:
        """Have it told, soon; where there are no threads, at once."""
        with self._turn:
            self._wanted = True
            if self._thread is not None:
                return
            self._thread = started(self._work, self._name)
            is_alone = self._thread is None
        if is_alone:
            self._work()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until what was wanted is told; return False when the timeout (seconds) ran out first."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def _work(self) -> None:
        while self._is_wanted():
            self._tell()

    def _is_wanted(self) -> bool:
        with self._turn:
            wanted, self._wanted = self._wanted, False
            if not wanted:
                self._thread = None
            return wanted
