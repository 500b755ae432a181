"""Identical samples: which rows of a pool are exact copies of each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from alwidgets.data import pool
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
        """Whether some row is a copy of another."""
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
    """Return which rows of a pool are exact copies, by their content and by what the annotator sees of them.

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
    n_samples = pool.n_rows(X)
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
    """Return items in a form whose rows can be compared; None where there is none."""
    if isinstance(items, np.ndarray) and items.dtype.kind in "buif" and items.ndim > 1:
        return items.reshape(len(items), -1)
    if pool.is_frame(items):
        return items
    texts = items.tolist() if pool.is_series(items) or isinstance(items, np.ndarray) else items
    if isinstance(texts, list | tuple) and all(isinstance(text, str) for text in texts):
        values = np.empty(len(texts), object)
        values[:] = texts
        return values
    return None


def _first_of(X: Any) -> IntArray:
    """Return for each row the lowest row with the same content."""
    if pool.is_text(X):
        first: dict[str, int] = {}
        return np.array([first.setdefault(str(text), row) for row, text in enumerate(X)], np.intp)
    keys = _keys(X)
    _, index, place = np.unique(keys, return_index=True, return_inverse=True)
    first_row = index[place.reshape(-1)].astype(np.intp)
    suspects = np.flatnonzero(first_row != np.arange(len(first_row)))
    for start in range(0, len(suspects), _PART):
        rows = suspects[start : start + _PART]
        # Rows with the same key that are not the same after all: one in billions of billions.
        first_row[rows] = np.where(_same(X, rows, first_row[rows]), first_row[rows], rows)
    return first_row


def _keys(X: Any) -> Any:
    """Return a number of 64 bits for each row, the same for the same content."""
    if pool.is_frame(X):
        return pool.row_hashes(X)
    if pool.is_sparse(X):
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
        words = X.data.astype(np.float64).view(np.uint64) ^ _odd(np.uint64(X.shape[1]))[X.indices]
        ends = np.concatenate([[np.uint64(0)], np.cumsum(_mixed(words), dtype=np.uint64)])
        return ends[X.indptr[1:]] - ends[X.indptr[:-1]]
    n_words = -(-X.dtype.itemsize * X.shape[1] // 8)
    keys, factors = np.empty(pool.n_rows(X), np.uint64), _odd(np.uint64(n_words))
    for rows in pool.chunks(X):
        values = np.ascontiguousarray(X[rows]).view(np.uint8).reshape(rows.stop - rows.start, -1)
        padded = np.pad(values, ((0, 0), (0, 8 * n_words - values.shape[1]))).view(np.uint64)
        keys[rows] = (_mixed(padded) * factors).sum(axis=1, dtype=np.uint64)
    return keys


def _odd(n: np.uint64) -> Any:
    """Return so many fixed odd numbers of 64 bits."""
    return np.random.default_rng(0).integers(2**63, size=int(n), dtype=np.uint64) * np.uint64(2) + np.uint64(1)


def _mixed(words: Any) -> Any:
    """Return words of 64 bits with every bit of each spread over all of it."""
    words = (words ^ (words >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return words ^ (words >> np.uint64(29))


def _same(X: Any, rows: IntArray, others: IntArray) -> BoolArray:
    """Return which rows have the same content as others."""
    if pool.is_frame(X):
        # The hash of a row is all that cells of any kind have.
        return np.ones(len(rows), bool)
    if pool.is_sparse(X):
        differs: Any = (pool.take(X, rows) != pool.take(X, others)).tocsr()
        return np.asarray(np.diff(differs.indptr) == 0)
    first, second = (np.ascontiguousarray(X[each]).view(np.uint8).reshape(len(each), -1) for each in (rows, others))
    return np.asarray((first == second).all(axis=1))
