"""A thread that keeps something elsewhere up to date, and tries again where that fails."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from alwidgets.utils.errors import format_error
from alwidgets.utils.leaving import at_work
from alwidgets.utils.threads import started

_LOG = logging.getLogger(__name__)
# Seconds until it is tried again: twice as long after each failure.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
# Seconds of a try after which it is told: what leads to a server may itself try for minutes before it raises.
_SLOW = 20.0
_KEPT = "What waits is kept, and sent later; labeling goes on."


class Sender:
    """Call a function in one background thread whenever there is news, again until it succeeds.

    Nothing is queued: `bring` finds out by itself what is missing elsewhere, so that however much happens while a
    server is away, all that waits is the knowledge that something did.

    Parameters
    ----------
    bring : callable
        Brings all up to date, or raises; True says that there will be no more, and the thread ends.
    what : str
        What fails when it raises: "Sending to MLflow".
    """

    def __init__(self, bring: Callable[[], bool], what: str) -> None:
        self._failure = ""
        self._since: float | None = None  # when the try that runs began
        self._bring = bring
        self._what = what
        self._changed = threading.Condition()
        self._n_asked = self._n_done = 0
        # Tries until now, and the number of the last that failed.
        self._n_begun = self._n_failed = 0
        self._hurried = self._stopped = False
        self._thread = started(self._work, "alwidgets-tracking")
        if self._thread is None:
            raise RuntimeError(f"{self._what} needs a thread, and this Python has none.")

    @property
    def problem(self) -> str:
        """Reason that what waits is not there yet; empty where nothing is known to be wrong."""
        since = self._since
        took = 0.0 if since is None else time.monotonic() - since
        if self._failure or took <= _SLOW:
            return self._failure
        return f"{self._what} has taken {took:.0f} s until now, and is tried on. {_KEPT}"

    def wake(self) -> None:
        """Have it brought up to date soon; returns at once."""
        with self._changed:
            self._n_asked += not self._stopped
            self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all that was asked for until now is there; False where the next try fails or takes longer."""
        with self._changed:
            wanted, begun = self._n_asked, self._n_begun
            self._hurry()
            self._changed.wait_for(lambda: self._n_done >= wanted or self._n_failed > begun or self._stopped, timeout)
            return self._n_done >= wanted

    def hurry(self) -> None:
        """Try now what failed, and not only after a pause."""
        with self._changed:
            self._hurry()

    def stop(self) -> None:
        """End the thread once it is done with what it does now."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def join(self) -> None:
        """Wait until the thread has ended."""
        if self._thread is not None:
            self._thread.join()

    def _hurry(self) -> None:
        self._hurried = True
        self._changed.notify_all()

    def _work(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._n_asked > self._n_done)
                if self._stopped:
                    return
                asked, self._hurried = self._n_asked, False
                self._n_begun += 1
            self._since = time.monotonic()
            try:
                with at_work():
                    over = self._bring()
            except Exception as error:  # noqa: BLE001 - whatever a server and what leads to it raise
                self._say(error)
                self._since = None
                with self._changed:
                    self._n_failed = self._n_begun
                    self._changed.notify_all()
                    self._changed.wait_for(lambda: self._stopped or self._hurried, pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                pause, self._failure, self._since = _FIRST_PAUSE, "", None
                with self._changed:
                    self._n_done = self._n_asked if over else asked
                    self._stopped = self._stopped or over
                    self._changed.notify_all()

    def _say(self, error: Exception) -> None:
        news = not self._failure
        self._failure = f"{format_error(error, self._what)}. {_KEPT}"
        if news:
            # Once an outage, however long it is.
            _LOG.warning("%s", self._failure)
