"""Batches whose members differ from each other and from what is labeled."""

from __future__ import annotations

import numpy as np

from alwidgets.kernels.arrays import LazyPoints, check_nonnegative, check_pair, in_units, quiet, unit_of
from alwidgets.kernels.distances import NearestCenter, choose_greedily, nearest_to_mean
from alwidgets.types import FloatArray, IntArray


@quiet
def k_center(X: FloatArray, X_labeled: FloatArray, n: int) -> IntArray:
    r"""Return the greedy k-center rows: each the farthest from everything labeled or chosen so far.

    .. math:: j = \arg\max_i \min_{s \in S} \lVert x_i - x_s \rVert_2

    where :math:`x_i` is candidate i and S the labeled set plus the rows already chosen. With nothing labeled,
    the first row is the one nearest to the mean of `X`. Ties go to the lowest row.

    Parameters
    ----------
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
        time, far less when `n` is large: a row is measured again only when it may be the farthest. O(n_candidates)
        memory. The covering radius is at most twice the best possible.

    Raises
    ------
    ValueError
        If the two are not matrices with the same number of features, or hold NaN or infinity, or `n` is negative.
    TypeError
        If `n` is not a whole number.

    References
    ----------
    .. [1] Sener & Savarese (2018), Active learning for convolutional neural networks: a core-set
           approach, ICLR.
    .. [2] Minoux (1978), Accelerated greedy algorithms for maximizing submodular set functions, Optimization
           Techniques, LNCIS 7, 234-243.

    Examples
    --------
    >>> k_center(np.array([[0.0], [1.0], [5.0]]), np.array([[0.0]]), 2)
    array([2, 1])
    """
    X, X_labeled = check_pair(X, X_labeled)
    n = min(check_nonnegative(n), len(X))
    if n == 0:
        return np.empty(0, np.intp)
    _, (X, X_labeled) = in_units(X, X_labeled)
    return _farthest(X, X_labeled, n)


@quiet
def k_center_of(points: LazyPoints, X_labeled: FloatArray, n: int) -> IntArray:
    """Return the rows of `k_center` of a pool that is read in blocks.

    Parameters
    ----------
    points : LazyPoints
        Candidates. All are read once, or three times where nothing is labeled, and a thousand of them again for a
        batch of some dozens.
    X_labeled : ndarray of shape (n_labeled, n_features)
        May be empty.
    n : int
        How many rows.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Row numbers, in the order of choice; O(n_candidates) memory.
    """
    n = min(check_nonnegative(n), len(points))
    if n == 0:
        return np.empty(0, np.intp)
    largest = float(np.abs(X_labeled).max(initial=0))
    rows = _farthest(points, X_labeled.astype(points.dtype, copy=False), n)
    unit = unit_of(max(points.largest, largest), single=points.dtype == np.float32)
    if unit != 1:
        # How large the numbers are is known once all were read.
        points.unit = unit
        rows = _farthest(points, (X_labeled / unit).astype(points.dtype), n)
    return rows


def _farthest(X: FloatArray | LazyPoints, X_labeled: FloatArray, n: int) -> IntArray:
    if len(X_labeled):
        nearest = NearestCenter(X, X_labeled, n)
    else:
        first = nearest_to_mean(X)
        nearest = NearestCenter(X, X[np.array([first])], n)
        nearest.choose(first)
    return choose_greedily(nearest, n, _distance)


def _distance(squared: FloatArray, _rows: object, _k: int) -> FloatArray:
    return squared
