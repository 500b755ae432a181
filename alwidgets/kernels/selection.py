"""From utilities to rows."""

from __future__ import annotations

import operator

import numpy as np

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
    if operator.index(k) < 0:
        raise ValueError(f"k is {k}; expected 0 or more.")
    if np.isnan(utility).any():
        row = int(np.flatnonzero(np.isnan(utility))[0])
        raise ValueError(f"utility has NaN in row {row}; expected a number for each candidate.")
    k = min(k, len(utility))
    if k == 0:
        return np.empty(0, np.intp)
    # The k-th largest splits the rows into those surely in and those that tie for the last places.
    edge = np.partition(utility, len(utility) - k)[len(utility) - k]
    inside = np.flatnonzero(utility > edge)
    tied = np.flatnonzero(utility == edge)
    n_missing = k - len(inside)
    if len(tied) > n_missing:
        tied = rng.choice(tied, n_missing, replace=False)
    rows = np.concatenate([inside, tied])
    order = np.lexsort([rng.random(k), -utility[rows]])
    return rows[order]
