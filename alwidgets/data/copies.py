"""Identical samples: which rows of a pool are exact copies of each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from alwidgets.data.conversion import is_frame, is_series
from alwidgets.data.kinds import pool_of
from alwidgets.types import BoolArray, IntArray

# Rows are compared in parts of this many.
_PART = 4096


@dataclass(frozen=True, eq=False)
class Copies:
    """Rows with the same content.

    Parameters
    ----------
    first : ndarray of shape (n_samples,)
        For each row the lowest row with the same content.
    """

    first: IntArray

    @cached_property
    def any(self) -> bool:
        """True if some row is a copy of another."""
        return bool(np.any(self.first != np.arange(len(self.first))))

    @cached_property
    def _sorted(self) -> tuple[IntArray, IntArray]:
        order = np.argsort(self.first, kind="stable")
        return order, self.first[order]

    def of(self, row: int) -> IntArray:
        """Return the other rows with the content of a row, ascending."""
        order, firsts = self._sorted
        low, high = np.searchsorted(firsts, self.first[row], "left"), np.searchsorted(firsts, self.first[row], "right")
        same = order[low:high]
        others: IntArray = same[same != row]
        return others

    def without(self, free: BoolArray, rows: Any) -> BoolArray:
        """Return a mask of rows without those that are the same as some row."""
        taken = np.zeros(len(self.first), bool)
        taken[self.first[np.asarray(rows, np.intp)]] = True
        return free & ~taken[self.first]

    def once(self, free: BoolArray) -> BoolArray:
        """Return a mask of rows with the first of each content only."""
        rows = np.flatnonzero(free)
        kept = np.zeros(len(free), bool)
        kept[rows[np.unique(self.first[rows], return_index=True)[1]]] = True
        return kept


def copies_of(X: Any, items: Any = None) -> Copies:
    """Find the rows of a pool that are exact copies, in content and as shown to the annotator.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The pool, as `alwidgets.data.pool.as_samples` returns it.
    items : sequence or DataFrame of length n_samples, optional
        What the annotator sees, where that is not `X`. Where they cannot be compared, no row is a copy.

    Returns
    -------
    copies : Copies
        Costs one look at every value.

    Examples
    --------
    >>> copies_of(np.array([[1.0], [2.0], [1.0]])).of(0)
    array([2])
    """
    n_samples = pool_of(X).n_rows
    shown = None if items is None else _comparable(items)
    if items is not None and shown is None:
        return Copies(np.arange(n_samples))
    first = _first_of(X)
    if shown is not None:
        # The same in both: the first row of each pair of numbers.
        _, index, place = np.unique(np.stack([first, _first_of(shown)]), axis=1, return_index=True, return_inverse=True)
        first = index[place.reshape(-1)]
    return Copies(first.astype(np.intp))


def _comparable(items: Any) -> Any:
    """Convert items to a form whose rows can be compared; None if there is none."""
    if isinstance(items, np.ndarray) and items.dtype.kind in "buif" and items.ndim > 1:
        return items.reshape(len(items), -1)
    if is_frame(items):
        return items
    texts = items.tolist() if is_series(items) or isinstance(items, np.ndarray) else items
    if isinstance(texts, list | tuple) and all(isinstance(text, str) for text in texts):
        values = np.empty(len(texts), object)
        values[:] = texts
        return values
    return None


def _first_of(X: Any) -> IntArray:
    """Return for each row the lowest row with the same content."""
    held = pool_of(X)
    _, index, place = np.unique(held.hashes(), return_index=True, return_inverse=True)
    first_row = index[place.reshape(-1)].astype(np.intp)
    suspects = np.flatnonzero(first_row != np.arange(len(first_row)))
    for start in range(0, len(suspects), _PART):
        rows = suspects[start : start + _PART]
        # Rows with the same hash that are not the same after all: one in billions of billions.
        first_row[rows] = np.where(held.same(rows, first_row[rows]), first_row[rows], rows)
    return first_row
