"""Limits: how many calls somebody may make at once, and a second from then on."""

from __future__ import annotations

import time


class Allowance:
    """Allowance of calls that may come at once; the next one is to wait.

    Parameters
    ----------
    burst : int
        How many may come at once.
    a_second : float
        How many a second from then on.
    """

    def __init__(self, burst: int, a_second: float) -> None:
        self._burst, self._a_second = burst, a_second
        self._left, self._at = float(burst), time.monotonic()
        self._told = False
        self.first = False

    def wait(self) -> float:
        """Count a call, and return for how many seconds it is to wait; `first` is True for the first one that is."""
        left = self._now() - 1
        self._left = left
        waits = left < 0
        self.first = waits and not self._told
        self._told |= waits
        return -left / self._a_second if waits else 0.0

    def refuse(self) -> float:
        """Count a call if it may come now and return 0; else return after how many seconds one may."""
        left = self._now()
        if left < 1:
            return (1 - left) / self._a_second
        self._left = left - 1
        return 0.0

    def _now(self) -> float:
        now = time.monotonic()
        self._left = min(self._burst, self._left + self._a_second * (now - self._at))
        self._at = now
        return self._left
