"""From utilities to rows."""

from __future__ import annotations

import math

import numpy as np

from alwidgets.kernels.arrays import checked_count, tiles
from alwidgets.types import FloatArray, IntArray


def top_k(utility: FloatArray, k: int, rng: np.random.Generator) -> IntArray:
    """Return the rows of the k largest utilities, largest first, ties in random order.

    Parameters
    ----------
    utility : ndarray of shape (n_candidates,)
        Larger = ask sooner. Infinite values are allowed, NaN is not.
    k : int
        How many; all rows when `k` is larger than their number.
    rng : numpy.random.Generator
        Orders the ties, also those at the edge: each of them is equally likely to be in.

    Returns
    -------
    rows : ndarray of shape (min(k, n_candidates),)
        Row numbers. O(n_candidates) time beside O(k log k) for the order.

    Raises
    ------
    ValueError
        If `utility` holds NaN, is no row of numbers, or `k` is negative.
    TypeError
        If `k` is no whole number.

    Examples
    --------
    >>> top_k(np.array([0.1, 0.9, 0.5]), 2, np.random.default_rng(0))
    array([1, 2])
    """
    utility = np.asarray(utility)
    if utility.ndim != 1 or utility.dtype.kind not in "fiub":
        raise ValueError(
            f"utility has shape {utility.shape} and dtype {utility.dtype}; expected numbers, (n_candidates,)."
        )
    best = Best(checked_count(k, "k"))
    for rows in tiles(len(utility), 1):
        tile = utility[rows]
        # The largest is NaN if any is.
        if np.isnan(tile.max()):
            row = rows.start + int(np.flatnonzero(np.isnan(tile))[0])
            raise ValueError(f"utility has NaN in row {row}; expected a number for each candidate.")
        kept = np.flatnonzero(tile >= best.edge)
        best.offer(rows.start + kept, tile[kept])
    return best.take(rng)[0]


class Best:
    """The k largest utilities of those offered, and all that tie with the last of them.

    Parameters
    ----------
    k : int
        How many.
    """

    def __init__(self, k: int) -> None:
        self._k = k
        #: What a utility must reach to be among the k largest so far.
        self.edge = -math.inf if k else math.inf
        self._rows: list[IntArray] = []
        self._utility: list[FloatArray] = []
        self._n = 0
        self._n_enough = k

    def offer(self, rows: IntArray, utility: FloatArray) -> None:
        """Take these rows into account; they come in ascending order, call after call."""
        self._rows.append(rows)
        self._utility.append(utility)
        self._n += len(rows)
        if self._n >= self._n_enough:
            self._drop()

    def take(self, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
        """Return rows and utilities, largest first; ties, also those for the last place, in random order."""
        self._drop()
        rows, utility = self._rows[0], self._utility[0]
        inside, tied = np.flatnonzero(utility > self.edge), np.flatnonzero(utility == self.edge)
        n_missing = min(self._k, len(rows)) - len(inside)
        if len(tied) > n_missing:
            tied = rng.choice(tied, n_missing, replace=False)
        kept = np.concatenate([inside, tied])
        kept = kept[np.lexsort([rng.random(len(kept)), -utility[kept]])]
        return rows[kept], utility[kept]

    def _drop(self) -> None:
        """Raise the edge to the k-th largest, and forget what is below."""
        rows = np.concatenate([np.empty(0, np.intp), *self._rows])
        utility = np.concatenate(self._utility) if self._utility else np.empty(0)
        if 0 < self._k <= len(rows):
            self.edge = float(np.partition(utility, len(rows) - self._k)[len(rows) - self._k])
        kept = np.flatnonzero(utility >= self.edge)
        self._rows, self._utility, self._n = [rows[kept]], [utility[kept]], len(kept)
        # Ties may be many: the next time is after as much again has come.
        self._n_enough = 2 * max(self._n, self._k) + 256
