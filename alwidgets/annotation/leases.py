"""Leases: which item is before whom, so that no more people work on an item than it needs answers.

Nothing is dealt out beforehand: who is free claims the next items, keeps them as long as the page renews them, and
loses them when it does not. Leases live in the memory of the process that holds the session: one that is lost costs one
more answer, never a label.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from alwidgets.utils.checks import check_count, check_positive

Completion = Literal["in time", "late", "repeated"]


@dataclass(frozen=True, slots=True)
class Lease:
    """An item that is before an annotator.

    Parameters
    ----------
    item : int
        Row of the pool.
    annotator : str
        Whom it is before.
    attempt : int
        Which claim of the item this is, from 1: an answer brings it back.
    expires : float
        When it ends unless it is renewed, on the clock of the leases, in seconds.
    """

    item: int
    annotator: str
    attempt: int
    expires: float


class Leases:
    """Leases of the items of a session. All methods may be called from any thread.

    Parameters
    ----------
    seconds : float
        How long an item stays before somebody who does not renew it.
    wanted : int
        Answers wanted for an item; `want` says otherwise for one.
    clock : callable
        Returns the time in seconds; it must never go back.

    Examples
    --------
    >>> leases = Leases(seconds=60)
    >>> [lease.item for lease in leases.claim("a1", [4, 7], 1)]
    [4]
    >>> [lease.item for lease in leases.claim("a2", [4, 7], 2)]
    [7]
    >>> leases.complete("a1", 4, attempt=1)
    'in time'
    >>> leases.complete("a1", 4, attempt=1)
    'repeated'
    """

    def __init__(self, seconds: float = 120.0, *, wanted: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = check_positive("seconds", seconds)
        self._wanted = check_count("wanted", wanted)
        self._clock = clock
        self._lock = threading.Lock()
        self._wanted_of: dict[int, int] = {}
        self._attempts: dict[int, int] = {}
        # By item first, and by annotator first: the same leases. Those that have expired go when somebody looks.
        self._of_item: defaultdict[int, dict[str, Lease]] = defaultdict(dict)
        self._of_annotator: defaultdict[str, dict[int, Lease]] = defaultdict(dict)
        self._answered: defaultdict[int, set[str]] = defaultdict(set)

    def want(self, item: int, n: int) -> None:
        """Set how many answers an item is to get in all; leases that there are stay."""
        n = check_count("n", n)
        with self._lock:
            self._wanted_of[item] = n

    def claim(self, annotator: str, items: Iterable[int], n: int = 1) -> list[Lease]:
        """Lease items to an annotator.

        Parameters
        ----------
        annotator : str
            Who asks. What is before them already is renewed, and what they have answered is passed over.
        items : iterable of int
            Items that may be asked of them, the most wanted first. Read until `n` are found.
        n : int
            The most leases to return.

        Returns
        -------
        leases : list of Lease
            In the order of `items`: those of which fewer are answered or before others than answers are wanted.
            O(items read).
        """
        n, found = check_count("n", n), []
        with self._lock:
            now = self._clock()
            for item in items:
                lease = self._claimed(annotator, item, now)
                if lease is not None:
                    found.append(lease)
                    if len(found) == n:
                        break
        return found

    def renew(self, annotator: str) -> list[Lease]:
        """Renew what is before an annotator; what has expired is not, and has to be claimed again."""
        with self._lock:
            now = self._clock()
            return [self._granted(lease, now) for lease in self._live(annotator, now)]

    def free(self, annotator: str, item: int | None = None) -> None:
        """Free an item that is before an annotator, or all of them: they leave, or pass it on."""
        with self._lock:
            for each in list(self._of_annotator.get(annotator, ())) if item is None else [item]:
                self._drop(annotator, each)

    def complete(self, annotator: str, item: int, attempt: int | None = None) -> Completion:
        """Count an answer, and free the item.

        Parameters
        ----------
        annotator : str
            Who answered.
        item : int
            The item that was answered.
        attempt : int, optional
            That of the lease; None for an answer without one.

        Returns
        -------
        completion : {"in time", "late", "repeated"}
            "late" where the item is no longer before them under this attempt: it counts as well. "repeated" where
            they have answered it already: it counts no more.

        Raises
        ------
        ValueError
            If there was no such attempt.
        """
        with self._lock:
            if attempt is not None and not 1 <= attempt <= self._attempts.get(item, 0):
                raise ValueError(
                    f"attempt is {attempt!r} of item {item}; expected that of a lease, of which there were "
                    f"{self._attempts.get(item, 0)}."
                )
            if annotator in self._answered.get(item, ()):
                return "repeated"
            lease = self._held(annotator, item, self._clock())
            self._drop(annotator, item)
            self._answered[item].add(annotator)
            return "in time" if attempt is None or (lease is not None and lease.attempt == attempt) else "late"

    def reopen(self, annotator: str, item: int) -> None:
        """Undo an answer, so that the item lacks it again."""
        with self._lock:
            self._answered[item].discard(annotator)

    def put_first(self, annotator: str, item: int) -> None:
        """Lease an item to an annotator before all else that is before them, whoever has it too: they take it up again.

        What they have answered is passed over.
        """
        with self._lock:
            if annotator in self._answered.get(item, ()):
                return
            now, others = self._clock(), self._of_annotator.pop(annotator, {})
            lease = others.pop(item) if item in others else self._new(annotator, item)
            self._granted(lease, now)
            self._of_annotator[annotator].update(others)

    def active(self) -> list[Lease]:
        """Return the leases that are held now, by annotator, each one's in the order in which they were claimed."""
        with self._lock:
            now = self._clock()
            return [lease for annotator in sorted(self._of_annotator) for lease in self._live(annotator, now)]

    def of(self, annotator: str) -> list[Lease]:
        """Return the leases that an annotator holds now, in the order in which they were claimed; none is renewed."""
        with self._lock:
            return self._live(annotator, self._clock())

    def n_answers(self, item: int) -> int:
        """Count the annotators who have answered an item."""
        with self._lock:
            return len(self._answered.get(item, ()))

    def restore(self, answered: Mapping[int, Iterable[str]]) -> None:
        """Set who has answered what, as a session that is opened again knows it; all leases are freed."""
        with self._lock:
            self._of_item.clear()
            self._of_annotator.clear()
            self._answered.clear()
            for item, annotators in answered.items():
                self._answered[item] = set(annotators)

    def _claimed(self, annotator: str, item: int, now: float) -> Lease | None:
        if annotator in self._answered.get(item, ()):
            return None
        lease = self._held(annotator, item, now)
        if lease is not None:
            return self._granted(lease, now)
        others = [each for each in list(self._of_item.get(item, ())) if self._held(each, item, now) is not None]
        wanted = self._wanted_of.get(item, self._wanted)
        if len(self._answered.get(item, ())) + len(others) >= wanted:
            return None
        return self._granted(self._new(annotator, item), now)

    def _new(self, annotator: str, item: int) -> Lease:
        """Return the next lease of an item, which is to be granted."""
        attempt = self._attempts[item] = self._attempts.get(item, 0) + 1
        return Lease(item, annotator, attempt, 0.0)

    def _granted(self, lease: Lease, now: float) -> Lease:
        lease = replace(lease, expires=now + self._seconds)
        self._of_item[lease.item][lease.annotator] = self._of_annotator[lease.annotator][lease.item] = lease
        return lease

    def _live(self, annotator: str, now: float) -> list[Lease]:
        held = [self._held(annotator, item, now) for item in list(self._of_annotator.get(annotator, ()))]
        return [lease for lease in held if lease is not None]

    def _held(self, annotator: str, item: int, now: float) -> Lease | None:
        """Return a lease that has not expired; one that has is dropped."""
        lease = self._of_annotator.get(annotator, {}).get(item)
        if lease is None or now < lease.expires:
            return lease
        self._drop(annotator, item)
        return None

    def _drop(self, annotator: str, item: int) -> None:
        _remove(self._of_item, item, annotator)
        _remove(self._of_annotator, annotator, item)


def _remove(leases: dict[Any, dict[Any, Lease]], owner: Any, key: Any) -> None:
    of_owner = leases.get(owner, {})
    of_owner.pop(key, None)
    if not of_owner:
        leases.pop(owner, None)
