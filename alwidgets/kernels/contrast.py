"""Contrastive candidates: predicted differently from labeled samples close to them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from alwidgets.kernels.arrays import check_nonnegative, check_pair, check_proba, in_units, quiet, tiles
from alwidgets.types import BoolArray, FloatArray, IntArray

# Probabilities below this count as this: a contrast is at most 27.6 nats, not infinite.
_LEAST_PROBA = 1e-12


@quiet
def contrastive(
    X: FloatArray,
    proba: FloatArray,
    X_labeled: FloatArray,
    proba_labeled: FloatArray,
    n_neighbors: int = 10,
) -> FloatArray:
    r"""Compute the divergence between the predictions for each candidate and for its nearest labeled samples.

    .. math:: u_i = \frac{1}{k} \sum_{l \in N_k(i)} \sum_c p_{lc} \ln \frac{p_{lc}}{p_{ic}}

    where :math:`N_k(i)` are the k labeled rows nearest to candidate i (Euclidean) and :math:`p_{ic}` the probability
    of class c. Probabilities below 1e-12 count as 1e-12.

    Parameters
    ----------
    X : ndarray of shape (n_candidates, n_features)
        Candidates.
    proba : ndarray of shape (n_candidates, n_classes)
        What the model says of them; rows sum to 1.
    X_labeled : ndarray of shape (n_labeled, n_features)
        At least one row.
    proba_labeled : ndarray of shape (n_labeled, n_classes)
        What the model says of them.
    n_neighbors : int, default 10
        How many labeled rows, k; all when there are fewer. Of rows at the same distance the first count.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In nats, at least 0, larger = ask sooner; 0 when the neighbors look the same to the model. Exact.
        O(n_candidates * n_labeled * n_features) time, O(n_labeled * n_features) memory beside the input.

    Raises
    ------
    ValueError
        If there is no labeled row, `n_neighbors` is below 1, the arrays do not match, hold NaN or infinity, or
        invalid probabilities.
    TypeError
        If `n_neighbors` is not a whole number.

    References
    ----------
    .. [1] Margatina, Vernikos, Barrault & Aletras (2021), Active learning by acquiring contrastive examples, EMNLP.

    Examples
    --------
    >>> X, proba = np.array([[0.0], [1.0]]), np.array([[0.5, 0.5], [0.9, 0.1]])
    >>> contrastive(X, proba, np.array([[0.5]]), np.array([[0.5, 0.5]])).round(3)
    array([0.   , 0.511])
    """
    X, X_labeled = check_pair(X, X_labeled)
    proba = check_proba(proba, n_rows=len(X))
    proba_labeled = check_proba(proba_labeled, "proba_labeled", len(X_labeled))
    if proba.shape[1] != proba_labeled.shape[1]:
        raise ValueError(
            f"proba has {proba.shape[1]} classes but proba_labeled has {proba_labeled.shape[1]}; expected those of "
            "one model."
        )
    if not len(X_labeled):
        raise ValueError("X_labeled has no rows; expected labeled samples to hold candidates against. Label some.")
    if check_nonnegative(n_neighbors, "n_neighbors") == 0:
        raise ValueError("n_neighbors is 0; expected 1 or more.")
    _, (X, X_labeled) = in_units(X, X_labeled)
    known = np.maximum(proba_labeled, _LEAST_PROBA, dtype=np.float64)
    known_logs = np.log(known)
    utility = np.empty(len(X), X.dtype)
    for rows, near in _neighbors(X, X_labeled, n_neighbors):
        logs = np.log(np.maximum(proba[rows], _LEAST_PROBA, dtype=np.float64))
        contrast = np.einsum("ikc,ikc->i", known[near], known_logs[near] - logs[:, None]) / near.shape[1]
        utility[rows] = np.maximum(contrast, 0)
    return utility


def _neighbors(X: FloatArray, X_labeled: FloatArray, n_neighbors: int) -> Iterator[tuple[slice, IntArray]]:
    """Yield tiles of candidates and the rows of their nearest labeled samples, (n_rows, k), in order of number."""
    k = min(n_neighbors, len(X_labeled))
    # Far from the origin, and in single precision, the squared norms below would cancel to nothing.
    origin = X_labeled.mean(axis=0, dtype=np.float64)
    labeled = X_labeled - origin
    transposed = np.ascontiguousarray(labeled.T)
    norms = np.einsum("ij,ij->i", labeled, labeled)
    # Sums of so many products are right to within this share of the squared norms.
    rounding = 4 * (X.shape[1] + 4) * np.finfo(np.float64).eps
    for rows in tiles(len(X), max(len(X_labeled), *X.shape[1:])):
        tile = X[rows] - origin
        squared = tile @ transposed
        squared *= -2
        squared += norms
        slack = rounding * (np.einsum("ij,ij->i", tile, tile) + norms.max())
        edge = np.partition(squared, k - 1, axis=1)[:, k - 1]
        near = squared <= (edge + 2 * slack)[:, None]
        unclear = np.flatnonzero(near.sum(axis=1) > k)
        near[unclear] = _nearest_of(near[unclear], X[rows][unclear], X_labeled, k)
        yield rows, np.nonzero(near)[1].reshape(-1, k)


def _nearest_of(near: BoolArray, X: FloatArray, X_labeled: FloatArray, k: int) -> BoolArray:
    """Return the k nearest of those marked, by differences that do not cancel, ties to the first labeled row."""
    i, j = np.nonzero(near)
    squared = np.empty(len(i))
    for pairs in tiles(len(i), X.shape[1]):
        apart = np.subtract(X[i[pairs]], X_labeled[j[pairs]], dtype=np.float64)
        squared[pairs] = np.einsum("ij,ij->i", apart, apart)
    # By row, then by distance; the sort is stable, so equal distances stay in order of j.
    order = np.lexsort([squared, i])
    first = np.searchsorted(i, np.arange(len(near)))
    kept = order[(first[:, None] + np.arange(k)).ravel()]
    nearest = np.zeros_like(near)
    nearest[i[kept], j[kept]] = True
    return nearest
