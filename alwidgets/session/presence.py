"""Presence: who has a page of a session open, and since when.

It is of the moment, like the questions that are before somebody: in the memory of the process that holds the session,
in no journal, and gone with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody who has a page open.

    Parameters
    ----------
    name : str
        Name of the person.
    since : float
        When the first of the pages that are open now was opened, seconds since 1970.
    n_pages : int
        Number of pages that are open.
    """

    name: str
    since: float
    n_pages: int


class Presences:
    """Everybody who has a page open. All methods may be called from any thread.

    Parameters
    ----------
    notify : callable
        Called without a lock when somebody comes or goes.

    Examples
    --------
    >>> present = Presences(lambda: None)
    >>> leave = present.enter("ann")
    >>> [(each.name, each.n_pages) for each in present.all()]
    [('ann', 1)]
    >>> leave()
    >>> present.all()
    []
    """

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._lock = threading.Lock()
        self._of: dict[str, Presence] = {}

    def enter(self, name: str) -> Callable[[], None]:
        """Note that somebody has opened a page; return what notes, once, that it is closed."""
        with self._lock:
            known = self._of.get(name, Presence(name, time.time(), 0))
            self._of[name] = replace(known, n_pages=known.n_pages + 1)
            is_open = [True]
        self._notify()

        def leave() -> None:
            with self._lock:
                if not is_open:
                    return
                is_open.clear()
                known = self._of.pop(name)
                if known.n_pages > 1:
                    self._of[name] = replace(known, n_pages=known.n_pages - 1)
            self._notify()

        return leave

    def all(self) -> list[Presence]:
        """Return all who are there, in the order in which they came."""
        with self._lock:
            return sorted(self._of.values(), key=lambda each: each.since)
