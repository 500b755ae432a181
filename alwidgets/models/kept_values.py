"""Output of the steps of a Pipeline for known texts: computed once for each, and kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from alwidgets.data.conversion import dense
from alwidgets.data.kinds import pool_of
from alwidgets.data.lending import lend, read_only
from alwidgets.data.pool import between, stack
from alwidgets.models import kept_files
from alwidgets.models.kept_claims import Claim, claimed
from alwidgets.models.known_texts import KnownTexts
from alwidgets.types import IntArray

# Of a function that anybody wrote it is looked whether so many texts by themselves give what they gave among all.
_LOOKED_AT, _ALIKE = 3, 1e-4
# What took so many seconds to compute is kept beside the journal.
_SLOW = 2.0
# So often what is new is written, in seconds, and as a share of all that were spent.
_OFTEN, _SHARE = 10.0, 0.1
# So many texts are computed at once, fewer where that takes longer; a first few tell how long one takes.
_MOST_AT_ONCE, _SECONDS_A_PART, _FIRST = 256, 10.0, 8
# So many seconds whoever wants the same waits for it to go on.
_PATIENCE = 60.0
# And so many for another process, of which nothing is seen while one part of the texts is at an encoder.
_PATIENCE_ELSEWHERE, _LOOK = 600.0, 0.2


@dataclass(eq=False)
class KeptValues:
    """Rows of numbers that steps give of known texts.

    Parameters
    ----------
    texts : KnownTexts
        The texts.
    steps : list of transformer
        Fitted, or such as need not be.
    name : str or None
        What their file is called: a hash of the steps; None where they cannot be told from others.
    """

    texts: KnownTexts
    steps: list[Any]
    name: str | None = None
    #: The folder that files are read from, and that they are written to; None keeps the rows in memory alone.
    source: Path | None = None
    folder: Path | None = None
    _place: IntArray = field(default_factory=lambda: np.empty(0, np.intp))
    _values: Any = None
    _turn: Any = field(default_factory=threading.Lock)
    _lock: Any = field(default_factory=threading.RLock)
    #: Called with the number of texts whenever some were computed.
    told: Callable[[int], None] | None = None
    _n_read: int = 0
    _files: set[Path] = field(default_factory=set)
    _useless: bool = False
    _looked_at: bool = False
    _width: int = 0
    _n_computed: int = 0
    _seconds: float = 0.0
    _seconds_kept: float = 0.0
    _unwritten: list[IntArray] = field(default_factory=list)

    @property
    def n_steps(self) -> int:
        """Number of steps it takes."""
        return len(self.steps)

    @property
    def n_missing(self) -> int:
        """Number of texts that are still to be computed."""
        self._read()
        return len(self._missing(self.texts.first(self.texts.numbers(self.texts.pool))))

    def of(self, X: Any) -> Any:
        """Return the rows of texts; None where they are not all known, or where the steps give no numbers."""
        rows = self.texts.rows_of(X)
        return None if rows is None else self._at(rows)

    def of_rows(self, rows: IntArray) -> Any:
        """Return the rows of known texts by their numbers; None where the steps give no numbers."""
        return self._at(rows)

    def of_pool(self) -> Any:
        """Return the rows of the whole pool; None where the steps give no numbers."""
        return self._at(self.texts.pool)

    def put_pool(self, values: Any) -> None:
        """Keep what was computed elsewhere of the texts that the pool began with."""
        self._useless = not self._add(np.arange(values.shape[0]), values)

    def _at(self, rows: IntArray | slice) -> Any:
        numbers = self.texts.numbers(rows)
        with patiently(self._turn, lambda: self._n_computed):
            if self._useless or (len(self._missing(numbers)) and not self._compute(numbers)):
                self._useless, self._values = True, None
                return None
        with self._lock:
            places, values = self._place[numbers], self._values
        follow = np.all(np.diff(places) == 1)
        if follow and len(places) == values.shape[0]:
            return values
        return between(values, int(places[0]), int(places[-1]) + 1) if follow else values[places]

    def _missing(self, rows: IntArray) -> IntArray:
        with self._lock:
            grown = len(self.texts) - len(self._place)
            self._place = np.concatenate([self._place, np.full(grown, -1, np.intp)]) if grown else self._place
            return np.unique(rows[self._place[rows] < 0])

    def _compute(self, rows: IntArray) -> bool:
        """Compute the rows of texts, of each text once; what is done when one of them fails stays."""
        self._read()
        first = self.texts.first(rows)
        ignored: frozenset[Path] = frozenset()
        while len(missing := self._missing(first)):
            may_write = self.folder is not None
            keys = self._keys(missing)
            with claimed(self.source, self.name, keys, may_write=may_write, ignored=ignored) as claim:
                # What others finished before this one had its claim.
                self._read_more(missing)
                if not self._compute_now(self._missing(missing[claim.free]), claim):
                    return False
            if claim.free.all():
                break
            ignored |= self._wait(claim, missing)
        again = np.flatnonzero(self._place[rows] < 0)
        return not len(again) or self._add(rows[again], self._values[self._place[first[again]]])

    def _compute_now(self, missing: IntArray, claim: Claim) -> bool:
        done: list[tuple[IntArray, Any]] = []
        try:
            for part in self._parts(missing):
                values = self._of_part(part)
                if values is None:
                    return False
                done.append((part, values))
                claim.renew()
                self._tell(len(part))
                if self._is_due:
                    self._take(done)
                    self._write()
        finally:
            self._take(done)
            self._write()
        return True

    def _wait(self, claim: Claim, missing: IntArray) -> frozenset[Path]:
        """Take what others compute as they write it, until they have ended; return those that do not get on."""
        before, since = claim.signs, time.monotonic()
        while len(self._missing(missing)) and (signs := claim.signs):
            if self._read_more(missing) or signs != before:
                before, since = signs, time.monotonic()
            elif time.monotonic() - since > _PATIENCE_ELSEWHERE:
                return frozenset(claim.others)
            time.sleep(_LOOK)
        return frozenset()

    def _read_more(self, missing: IntArray) -> int:
        """Read what was written since, and return of how many of these texts."""
        n_before = len(self._missing(missing))
        self._read()
        n = n_before - len(self._missing(missing))
        self._tell(n)
        return n

    def _tell(self, n: int) -> None:
        if self.told is not None and n:
            self.told(n)

    def _keys(self, rows: IntArray) -> Any:
        """Return a number for each text, by which processes tell them; none where nothing is kept."""
        if self.source is None or self.name is None:
            return rows
        return kept_files.digests(self.texts.array[rows])[:, :8].copy().view("<u8").reshape(-1)

    def _read(self) -> None:
        """Take what was kept in a folder of texts that are known: of files that are new, of all when texts are."""
        if self.source is None or self.name is None:
            return
        if self._n_read != len(self.texts):
            self._n_read, self._files = len(self.texts), set()
        new = kept_files.files_of(self.source, self.name) - self._files
        if not new:
            return
        missing = self._missing(np.arange(len(self.texts)))
        found = kept_files.read(self.source, self.name, self.texts.array[missing], self._files)
        self._files |= new
        if found is not None:
            self._add(missing[found[0]], found[1])

    def _parts(self, rows: IntArray) -> Iterator[IntArray]:
        """Yield rows in parts, so that little is lost when it ends before it is done."""
        start = 0
        while start < len(rows):
            # A first few tell how long one takes.
            slow = _SECONDS_A_PART * self._n_computed / self._seconds if self._seconds else _MOST_AT_ONCE
            n = max(1, int(min(_MOST_AT_ONCE, slow))) if self._n_computed else _FIRST
            yield rows[start : start + n]
            start += n

    def _of_part(self, rows: IntArray) -> Any:
        """Return the output of the steps for texts; None if it cannot be kept."""
        texts, since = self.texts.array[rows], time.perf_counter()
        values = through(self.steps, texts)
        self._seconds += time.perf_counter() - since
        if not _are_numbers(values, len(rows)) or values.shape[1] != (self._width or values.shape[1]):
            return None
        if not self._looked_at and not self._each_alone(texts, values):
            return None
        self._looked_at |= len(rows) > 1
        self._width, self._n_computed = values.shape[1], self._n_computed + len(rows)
        # The next call may write where this one has.
        return pool_of(values).numbers().copy()

    @property
    def is_written(self) -> bool:
        """True if no rows are left that are to be written and could not be."""
        return self.folder is None or self._seconds < _SLOW or not self._unwritten

    @property
    def _is_due(self) -> bool:
        """True if it is long ago that rows were written."""
        since = self._seconds - self._seconds_kept
        return self.folder is not None and self.name is not None and since >= max(_OFTEN, _SHARE * self._seconds)

    def _take(self, done: list[tuple[IntArray, Any]]) -> None:
        """Have rows that were computed with the others."""
        if not done:
            return
        rows = np.concatenate([part for part, _ in done])
        self._add(rows, kept_files.joined([values for _, values in done]))
        self._unwritten.append(rows)
        done.clear()

    def _write(self) -> None:
        """Write what is not written, if all of it together took long."""
        if self.folder is None or self.name is None or self._seconds < _SLOW or not self._unwritten:
            return
        rows, self._seconds_kept = np.concatenate(self._unwritten), self._seconds
        # Where the disk does not let it, the next time tries again.
        made = kept_files.write(self.folder, self.name, self.texts.array[rows], self._values[self._place[rows]])
        if made:
            self._unwritten = []
            self._files.update(made)

    def _each_alone(self, texts: Any, values: Any) -> bool:
        """Return whether a function that anybody wrote looks at each text by itself."""
        if not any(isinstance(step, FunctionTransformer) for step in self.steps):
            return True
        n = min(_LOOKED_AT, len(texts))
        alone = [through(self.steps, texts[i : i + 1]) for i in range(n)]
        among = [_dense(values[i : i + 1]) for i in range(n)]
        # A matrix product gives other last digits of one row than of many.
        close = _ALIKE * max((float(np.abs(each).max(initial=0)) for each in among), default=0.0)
        return all(
            each.shape == row.shape and np.allclose(each, row, rtol=_ALIKE, atol=close, equal_nan=True)
            for each, row in zip(map(_dense, alone), among, strict=True)
        )

    def _add(self, rows: IntArray, values: Any) -> bool:
        if not _are_numbers(values, len(rows)):
            return False
        values = pool_of(values).numbers()
        with self._lock:
            self._missing(rows)
            n_before = 0 if self._values is None else self._values.shape[0]
            if n_before and values.shape[1] != self._values.shape[1]:
                return False
            made, place = stack(self._values, values) if n_before else values, self._place.copy()
            place[rows] = np.arange(n_before, n_before + len(rows))
            known = np.flatnonzero(place >= 0)
            if len(known) >= self.texts.n_pool and not np.array_equal(place[known], np.arange(made.shape[0])):
                # In the order of the texts, the whole pool is taken without a copy.
                made = made[place[known]]
                place[known] = np.arange(len(known))
            self._place, self._values, self._width = place, read_only(made), made.shape[1]
        return True


@contextmanager
def patiently(lock: Any, n_done: Callable[[], int] = int) -> Iterator[None]:
    """Take turns by a lock; go on without it where nothing was done for a minute, as of a fit that hangs.

    Parameters
    ----------
    lock : Lock
        Whose turn it is.
    n_done : callable, optional
        () -> a number that grows as long as whoever has the lock gets on.
    """
    before = -1
    taken = False
    while not taken and before != n_done():
        before = n_done()
        taken = lock.acquire(timeout=_PATIENCE)
    try:
        yield
    finally:
        if taken:
            lock.release()


def through(steps: list[Any], X: Any) -> Any:
    """Transform samples by fitted steps, one step after the other."""
    for step in steps:
        X = lend(step.transform, X)
    return X


def _are_numbers(values: Any, n_rows: int) -> bool:
    if not hasattr(values, "dtype") or len(np.shape(values)) != 2:  # noqa: PLR2004
        return False
    return bool(values.shape[0] == n_rows and values.dtype.kind in "iufb" and pool_of(values).kind != "DataFrame")


def _dense(values: Any) -> Any:
    return np.asarray(dense(values))
