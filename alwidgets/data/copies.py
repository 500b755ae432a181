"""Identical samples: which rows of a pool are exact copies of each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from alwidgets.data.conversion import is_frame, is_series
from alwidgets.data.kinds import pool_of
from alwidgets.data.parts import LazyRows
from alwidgets.types import BoolArray, IntArray

# Rows are compared in parts of this many.
_PART = 4096
# Odd, so that no two hashes of what is shown become the same.
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class Copies:
    """Rows with the same content.

    Parameters
    ----------
    first : ndarray of shape (n_samples,)
        For each row the lowest row with the same content.
    known : tuple of ndarray, or None
        The different contents by their hashes, ascending, and the lowest row of each; None where rows cannot be
        compared.
    """

    first: IntArray
    known: tuple[Any, IntArray] | None = None

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
        contents, kept = self.first[rows], np.zeros(len(free), bool)
        # Of several that are written to one place the last one stays: here the first row.
        lowest = np.empty(len(free), np.intp)
        lowest[contents[::-1]] = rows[::-1]
        kept[rows] = lowest[contents] == rows
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
    hashes = _hashes(X, items)
    if hashes is None:
        return Copies(np.arange(pool_of(X).n_rows))
    found, index, place = np.unique(hashes, return_index=True, return_inverse=True)
    first = _verified(X, items, index[place.reshape(-1)].astype(np.intp), np.arange(len(hashes)))
    return Copies(first, (found, index.astype(np.intp)))


def more_copies(copies: Copies, X: Any, items: Any, X_new: Any, items_new: Any) -> Copies:
    """Find the copies in a pool that has grown, with a look at the new samples alone and at those like them.

    Parameters
    ----------
    copies : Copies
        Those of the samples before.
    X, items : array-like of shape (n_samples, ...), sequence or None
        All samples, and what is shown of them where that is not `X`.
    X_new, items_new : array-like of shape (n_new, ...), sequence or None
        The new ones, which come last.
    """
    n_before = len(copies.first)
    rows = np.arange(n_before, n_before + pool_of(X_new).n_rows)
    hashes = None if copies.known is None else _hashes(X_new, items_new)
    if hashes is None or copies.known is None:
        return Copies(np.concatenate([copies.first, rows]))
    known, lowest = copies.known
    found, index, place = np.unique(hashes, return_index=True, return_inverse=True)
    at = np.searchsorted(known, found)
    there = (at < len(known)) & (known[np.minimum(at, len(known) - 1)] == found)
    low = rows[index]
    low[there] = lowest[at[there]]
    first = np.concatenate([copies.first, _verified(X, items, low[place.reshape(-1)], rows)])
    new = ~there
    return Copies(first, (np.insert(known, at[new], found[new]), np.insert(lowest, at[new], low[new])))


def _hashes(X: Any, items: Any) -> Any:
    """Return a hash of each row, in content and as shown; None where what is shown cannot be compared."""
    hashes = pool_of(X).hashes()
    if items is None:
        return hashes
    shown = _comparable(items)
    if shown is None:
        return None
    return hashes.astype(np.uint64) ^ (pool_of(shown).hashes().astype(np.uint64) * _ODD)


def _verified(X: Any, items: Any, first: IntArray, rows: IntArray) -> IntArray:
    """Return for each of these rows the row that has the same hash if it is the same, else the row itself."""
    held, suspects = pool_of(X), np.flatnonzero(first != rows)
    for start in range(0, len(suspects), _PART):
        places = suspects[start : start + _PART]
        one, other = rows[places], first[places]
        # Rows with the same hash that are not the same after all: one in billions of billions.
        same = held.same(one, other) & _shown_the_same(items, one, other)
        first[places] = np.where(same, other, one)
    return first


def _shown_the_same(items: Any, rows: IntArray, others: IntArray) -> Any:
    if items is None:
        return True
    # A DataFrame, a Series, an array or a list: only these rows of it are made comparable.
    both = np.concatenate([rows, others])
    taken = items.iloc[both] if is_frame(items) or is_series(items) else _some(items, both)
    n = len(rows)
    return pool_of(_comparable(taken)).same(np.arange(n), np.arange(n, 2 * n))


def _some(items: Any, rows: IntArray) -> Any:
    return items[rows] if isinstance(items, np.ndarray | LazyRows) else [items[row] for row in rows.tolist()]


def _comparable(items: Any) -> Any:
    """Convert items to a form whose rows can be compared; None if there is none."""
    if isinstance(items, np.ndarray | LazyRows) and items.dtype.kind in "buif" and items.ndim > 1:
        return items if isinstance(items, LazyRows) and items.ndim == 2 else np.asarray(items).reshape(len(items), -1)  # noqa: PLR2004
    if is_frame(items):
        return items
    texts = items.tolist() if is_series(items) or isinstance(items, np.ndarray) else items
    if isinstance(texts, list | tuple) and all(isinstance(text, str) for text in texts):
        values = np.empty(len(texts), object)
        values[:] = texts
        return values
    return None
