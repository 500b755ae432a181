"""Batches that weigh what the model is unsure of against what is unlike the labeled set."""

from __future__ import annotations

from typing import Any

import numpy as np

from alwidgets.kernels.arrays import PROBA_TOLERANCE, check_nonnegative, check_pair, in_units, quiet, tiles
from alwidgets.kernels.distances import NearestCenter, choose_greedily, squared_distances
from alwidgets.types import FloatArray, IntArray

# Rows measured against each other at once by the cold start.
_BLOCK = 256


@quiet
def ranked_batch(utility: FloatArray, X: FloatArray, X_labeled: FloatArray, n: int) -> IntArray:
    r"""Return the rows of a ranked batch: unsure, and unlike everything labeled or chosen so far.

    .. math::

        j = \arg\max_i \; \alpha \Bigl(1 - \max_{s \in S} \frac{1}{1 + \lVert x_i - x_s \rVert_2}\Bigr)
            + (1 - \alpha) u_i, \qquad \alpha = \frac{|U|}{|U| + |S|}

    where :math:`u_i` is the utility of candidate i, :math:`x_i` its features, S the labeled set plus the rows
    already chosen and U the candidates not chosen: the more is labeled, the more the utility counts. Ties go to
    the lowest row. With nothing labeled, the first row is the one with the least mean distance to all others; it
    then stands for the labeled set, and still counts in U, as in modAL.

    Parameters
    ----------
    utility : ndarray of shape (n_candidates,)
        In [0, 1], larger = ask sooner, such as `least_confidence`.
    X : ndarray of shape (n_candidates, n_features)
        Candidates.
    X_labeled : ndarray of shape (n_labeled, n_features)
        May be empty.
    n : int
        How many rows; all when `n` is larger than their number.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Row numbers into `X`, in the order of choice. At most O(n_candidates * (n_labeled + n) * n_features)
        time; a row is measured again only when it may be next. With nothing labeled
        O(n_candidates^2 * n_features): half a second for 10,000 candidates, a minute for 100,000. O(n_candidates)
        memory.

    Raises
    ------
    ValueError
        If the matrices do not have the same number of features or hold NaN or infinity, `utility` is not one
        number in [0, 1] (within 1e-3) for each row of `X`, or `n` is negative.
    TypeError
        If `n` is not a whole number.

    References
    ----------
    .. [1] Cardoso, Silva, Canuto, Moro & Goncalves (2017), Ranked batch-mode active learning, Information
           Sciences 379, 313-337.

    Examples
    --------
    >>> X = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> ranked_batch(np.array([0.5, 0.4, 0.1, 0.2]), X, np.array([[1.0]]), 2)
    array([3, 0])
    """
    X, X_labeled = check_pair(X, X_labeled)
    utility = _check_utility(utility, len(X))
    n = min(check_nonnegative(n), len(X))
    if n == 0:
        return np.empty(0, np.intp)
    unit, (X, X_labeled) = in_units(X, X_labeled)
    n_labeled = len(X_labeled)
    if n_labeled:
        nearest = NearestCenter(X, X_labeled, n)
    else:
        first = _medoid(X)
        nearest = NearestCenter(X, X[[first]], n)
        nearest.choose(first)
    # Every pick moves one row from U to S, except the first of a cold start.
    n_before, n_all = len(nearest.chosen), len(X) + max(n_labeled, 1)

    def score(squared: FloatArray, rows: Any, k: int) -> FloatArray:
        alpha = (len(X) - (k - n_before)) / n_all
        mixed: FloatArray = alpha * (1 - 1 / (1 + unit * np.sqrt(squared))) + (1 - alpha) * utility[rows]
        return mixed

    return choose_greedily(nearest, n, score)


def _check_utility(utility: Any, n_rows: int) -> FloatArray:
    if not isinstance(utility, np.ndarray) or utility.shape != (n_rows,) or utility.dtype.kind not in "fiub":
        shape, dtype = getattr(utility, "shape", type(utility).__name__), getattr(utility, "dtype", None)
        raise ValueError(
            f"utility has shape {shape} and dtype {dtype}; expected one number for each row of X, ({n_rows},)."
        )
    # Written so that NaN fails the comparisons too.
    good = (utility >= -PROBA_TOLERANCE) & (utility <= 1 + PROBA_TOLERANCE)
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise ValueError(
            f"utility has {utility[row]} in row {row}; expected numbers in [0, 1] to weigh against similarities. "
            "Use least_confidence, or scale it."
        )
    return utility.astype(np.float64, copy=False)


def _medoid(X: FloatArray) -> int:
    """Return the row with the least mean distance to all rows, ties to the lowest."""
    total = np.zeros(len(X))
    blocks = list(tiles(len(X), max(_BLOCK, X.shape[1]), _BLOCK**2))
    for i, rows in enumerate(blocks):
        for others in blocks[i:]:
            distances = np.sqrt(squared_distances(X[others], X[rows]))
            total[others] += distances.sum(axis=1)
            if others is not rows:
                total[rows] += distances.sum(axis=0)
    return int(np.argmin(total))
