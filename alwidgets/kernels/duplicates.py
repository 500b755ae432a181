"""Near-duplicate rows."""

from __future__ import annotations

import numpy as np

from alwidgets.kernels.arrays import check_matrix, quiet, tiles
from alwidgets.types import BoolArray, FloatArray, IntArray

# Similarities go by blocks of this many rows to this many others, half a megabyte of float32.
_FEW, _MANY = 128, 1024


@quiet
def near_duplicates(X: FloatArray, threshold: float) -> IntArray:
    r"""Return for each row the lowest row number of its group of near duplicates.

    .. math:: i \sim j \iff \frac{x_i \cdot x_j}{\lVert x_i \rVert_2 \lVert x_j \rVert_2} \ge \tau

    where :math:`\tau` is the threshold. Groups are what such pairs connect, directly or through others: the two ends
    of a chain can be less alike than the threshold. Rows of zeros are alike among themselves and unlike all others.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Samples.
    threshold : float
        Cosine similarity from which two rows are near duplicates, above 0 and at most 1. At 1, those that point in
        the same direction.

    Returns
    -------
    group : ndarray of shape (n_rows,)
        Row numbers, at most the row's own; ``group == np.arange(n_rows)`` keeps one row of each group.

    Raises
    ------
    ValueError
        If `X` is no matrix, holds NaN or infinity, or `threshold` is not in (0, 1].

    Notes
    -----
    Exact: a float32 product sorts out all pairs but those that its rounding could put on either side. For these the
    rows are scaled to length 1 in float64 and their distance is held against that of two rows at the threshold,
    :math:`\sqrt{2 - 2\tau}`, with a tolerance of 8 units in the last place of 1 (2e-15). A distance does not cancel as
    a cosine near 1 does: duplicates are found at ``threshold=1``, and rows 1e-8 apart are told from them.

    O(n_rows ** 2 * n_features) time, O(n_rows) memory beside blocks of 1 MB.

    Examples
    --------
    >>> near_duplicates(np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 0.1]]), 0.95)
    array([0, 1, 0])
    """
    X = check_matrix(X, "X")
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold is {threshold}; expected a cosine similarity above 0, at most 1.")
    group: IntArray = np.arange(len(X))
    lengths = _lengths(X)
    zero, rows = np.flatnonzero(lengths == 0), np.flatnonzero(lengths)
    group[zero] = zero[:1]
    for outer in tiles(len(rows), 1, _MANY):
        left = _directions(X, lengths, rows[outer]).astype(np.float32)
        for inner in tiles(outer.stop, 1, _FEW):
            right = _directions(X, lengths, rows[inner]).astype(np.float32)
            _join_alike(X, lengths, group, (rows[outer], rows[inner]), left @ right.T, threshold)
    return group


def _lengths(X: FloatArray) -> FloatArray:
    """Return the length of each row, 0 for rows of zeros only."""
    lengths = np.empty(len(X))
    for rows in tiles(len(X), X.shape[1]):
        values = X[rows].astype(np.float64)
        # Squares of very small numbers are 0, of very large ones infinite.
        scale = np.abs(values).max(axis=1, initial=0)
        values /= np.where(scale > 0, scale, 1)[:, None]
        values *= values
        lengths[rows] = scale * np.sqrt(values.sum(axis=1))
    return lengths


def _directions(X: FloatArray, lengths: FloatArray, rows: IntArray) -> FloatArray:
    """Return rows scaled to length 1, as float64."""
    values: FloatArray = X[rows].astype(np.float64)
    values /= lengths[rows, None]
    return values


def _join_alike(
    X: FloatArray,
    lengths: FloatArray,
    group: IntArray,
    rows: tuple[IntArray, IntArray],
    similarity: FloatArray,
    threshold: float,
) -> None:
    """Join in place the groups of the pairs in a block of similarities that reach the threshold."""
    # What n_features products and as many sums of float32 can be wrong by, with a margin of two.
    error = (X.shape[1] + 8) * float(np.finfo(np.float32).eps)
    alike: BoolArray = similarity >= threshold - error
    if not alike.any():
        return
    # Only pairs that would change something are worth a second look.
    alike &= group[rows[0]][:, None] != group[rows[1]]
    i, j = np.nonzero(alike)
    left, right = rows[0][i], rows[1][j]
    sure = similarity[i, j] >= threshold + error
    _join(group, left[sure], right[sure])
    unsure = ~sure & (group[left] != group[right])
    left, right = left[unsure], right[unsure]
    near = _distances(X, lengths, left, right) <= np.sqrt(2 - 2 * threshold) + 8 * np.finfo(np.float64).eps
    _join(group, left[near], right[near])


def _distances(X: FloatArray, lengths: FloatArray, left: IntArray, right: IntArray) -> FloatArray:
    """Return the distance of each row on the left to the one beside it on the right, both scaled to length 1."""
    distances = np.empty(len(left))
    for part in tiles(len(left), X.shape[1]):
        difference = _directions(X, lengths, left[part]) - _directions(X, lengths, right[part])
        difference *= difference
        distances[part] = np.sqrt(difference.sum(axis=1))
    return distances


def _join(group: IntArray, left: IntArray, right: IntArray) -> None:
    """Join in place the groups of pairs of rows; each row knows the lowest of its group, before and after."""
    while (apart := group[left] != group[right]).any():
        left, right = left[apart], right[apart]
        first, second = group[left], group[right]
        # A group that several pairs hand on goes to the lowest; the others are still apart the next time.
        np.minimum.at(group, np.maximum(first, second), np.minimum(first, second))
        while (lower := group[group] != group).any():
            group[lower] = group[group[lower]]
