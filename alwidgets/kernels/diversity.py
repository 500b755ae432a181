"""Batches whose members differ from each other and from what is labelled."""

from __future__ import annotations

import numpy as np

from alwidgets.kernels.arrays import checked_count, checked_pair
from alwidgets.types import FloatArray, IntArray


def k_center(X: FloatArray, X_labelled: FloatArray, n: int) -> IntArray:
    r"""Return the greedy k-center rows: each the farthest from everything labelled or chosen so far.

    .. math:: j = \arg\max_i \min_{s \in S} \lVert x_i - x_s \rVert_2

    where S is the labelled set plus the rows already chosen. With nothing labelled, the first row is
    the one nearest to the mean of `X`.

    Parameters
    ----------
    X : ndarray of shape (n_candidates, n_features)
        Candidates.
    X_labelled : ndarray of shape (n_labelled, n_features)
        May be empty.
    n : int
        How many rows; all when `n` is larger than their number.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Row numbers into `X`, in the order of choice. O(n_candidates * (n_labelled + n) * n_features)
        time, O(n_candidates * n_features) memory. The covering radius is at most twice the best possible.

    Raises
    ------
    ValueError
        If the two are no matrices with the same number of features, or hold NaN or infinity.

    References
    ----------
    .. [1] Sener & Savarese (2018), Active learning for convolutional neural networks: a core-set
           approach, ICLR.

    Examples
    --------
    >>> k_center(np.array([[0.0], [1.0], [5.0]]), np.array([[0.0]]), 2)
    array([2, 1])
    """
    X, X_labelled = checked_pair(X, X_labelled)
    n = min(checked_count(n), len(X))
    if n == 0:
        return np.empty(0, np.intp)
    # Far from the origin the squared norms below would cancel to nothing.
    origin = X.mean(axis=0)
    X, X_labelled = X - origin, X_labelled - origin
    norms = np.einsum("ij,ij->i", X, X)
    nearest = np.full(len(X), np.inf, norms.dtype)
    for centre in X_labelled:
        _take_nearer(nearest, X, norms, centre)
    rows = np.empty(n, np.intp)
    for i in range(n):
        if i == 0 and not len(X_labelled):
            rows[i] = int(np.argmin(norms))
        else:
            rows[i] = int(np.argmax(nearest))
        _take_nearer(nearest, X, norms, X[rows[i]])
        nearest[rows[i]] = -1
    return rows


def _take_nearer(nearest: FloatArray, X: FloatArray, norms: FloatArray, centre: FloatArray) -> None:
    """Lower `nearest` in place to the squared distances from `centre`; chosen rows stay at -1."""
    distance = norms + centre @ centre - 2 * (X @ centre)
    np.minimum(nearest, np.maximum(distance, 0), out=nearest)
