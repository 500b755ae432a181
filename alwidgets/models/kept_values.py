"""Output of the steps of a Pipeline for known texts: computed once for each, and kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
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
from alwidgets.models.known_texts import KnownTexts
from alwidgets.types import IntArray

# Of a function that anybody wrote it is looked whether so many texts by themselves give what they gave among all.
_LOOKED_AT = 3
# What took so many seconds to compute is kept beside the journal.
_SLOW = 2.0
# So many seconds whoever wants the same waits for it.
_PATIENCE = 60.0


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
    #: The folder that the file is written to; None keeps the rows in memory alone.
    folder: Path | None = None
    _place: IntArray = field(default_factory=lambda: np.empty(0, np.intp))
    _values: Any = None
    _turn: Any = field(default_factory=threading.Lock)
    _lock: Any = field(default_factory=threading.RLock)
    _useless: bool = False
    _seconds: float = 0.0

    @property
    def n_steps(self) -> int:
        """Number of steps it takes."""
        return len(self.steps)

    def of(self, X: Any) -> Any:
        """Return the rows of texts; None where they are not all known, or where the steps give no numbers."""
        rows = self.texts.rows_of(X)
        return None if rows is None else self._at(rows)

    def of_pool(self) -> Any:
        """Return the rows of the whole pool; None where the steps give no numbers."""
        return self._at(self.texts.pool)

    def put_pool(self, values: Any) -> None:
        """Keep what was computed elsewhere of the texts that the pool began with."""
        self._useless = not self._add(np.arange(values.shape[0]), values)

    def read(self, folder: Path) -> None:
        """Take what was kept in a folder of texts that are known."""
        found = None if self.name is None else kept_files.read(folder, self.name, self.texts.array)
        if found is not None:
            self._add(*found)

    def _at(self, rows: IntArray | slice) -> Any:
        numbers = self.texts.numbers(rows)
        with patiently(self._turn):
            missing = self._missing(numbers)
            if self._useless or (len(missing) and not self._compute(missing)):
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
        texts, since = self.texts.array[rows], time.perf_counter()
        values = through(self.steps, texts)
        self._seconds += time.perf_counter() - since
        if not (_are_numbers(values, len(rows)) and self._each_alone(texts, values) and self._add(rows, values)):
            return False
        if self._seconds >= _SLOW and self.folder is not None and self.name is not None:
            known = np.flatnonzero(self._place >= 0)
            kept_files.write(self.folder, self.name, self.texts.array[known], self._values[self._place[known]])
        return True

    def _each_alone(self, texts: Any, values: Any) -> bool:
        """Return whether a function that anybody wrote looks at each text by itself."""
        if not any(isinstance(step, FunctionTransformer) for step in self.steps):
            return True
        n = min(_LOOKED_AT, len(texts))
        alone = [through(self.steps, texts[i : i + 1]) for i in range(n)]
        return all(np.array_equal(_dense(each), _dense(values[i : i + 1])) for i, each in enumerate(alone))

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
            self._place, self._values = place, read_only(made)
        return True


@contextmanager
def patiently(lock: Any) -> Iterator[None]:
    """Take turns by a lock; go on without it after a minute, as when a fit that hangs was given up."""
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
