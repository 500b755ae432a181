"""Typical samples of clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alwidgets.kernels.arrays import check_nonnegative, check_pair, quiet, tiles
from alwidgets.kernels.k_means import fit_k_means, in_turn, places
from alwidgets.kernels.points import FEW, MANY, Points, rounding
from alwidgets.types import FloatArray, IntArray

# The same for float32, where rows are sorted out: as wide as high, for both sides are gathered.
_SIDE = 512

# TypiClust, as its authors set it.
_MOST_CLUSTERS, _NEIGHBORS, _SMALL_CLUSTER = 500, 20, 5


@quiet
def typiclust(X: FloatArray, X_labeled: FloatArray, n: int, rng: np.random.Generator) -> IntArray:
    r"""Return the most typical row of each cluster, clusters with the fewest labels first.

    .. math:: t_i = \Bigl(10^{-5} + \frac{1}{k} \sum_{j \in N_k(i)} \lVert x_i - x_j \rVert_2 \Bigr)^{-1}

    where :math:`N_k(i)` are the k nearest neighbors of row i in its cluster and k is 20, or half the cluster's size
    when that is less. `X` and `X_labeled` are clustered together, by `k_means`, into as many clusters as rows
    labeled and wanted, 500 at most. Clusters come by their number of labeled rows, fewest first, then by size,
    largest first; after the last it is the turn of the first again. Clusters of five rows or less come when nothing
    else is left.

    Parameters
    ----------
    X : ndarray of shape (n_candidates, n_features)
        Candidates.
    X_labeled : ndarray of shape (n_labeled, n_features)
        May be empty. They count as members and as neighbors.
    n : int
        How many rows; all when `n` is larger than their number.
    rng : numpy.random.Generator
        Starts the clustering and orders the ties.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Distinct row numbers into `X`, in the order of choice. Beside `k_means`, O(m ** 2 * n_features) time for each
        cluster of m rows that is asked; O(n_candidates + n_labeled) memory.

    Raises
    ------
    ValueError
        If the two are not matrices with the same number of features, or hold NaN or infinity, or `n` is negative.
    TypeError
        If `n` is not a whole number.

    References
    ----------
    .. [1] Hacohen, Dekel & Weinshall (2022), Active learning on a budget: opposite strategies suit high and low
           budgets, ICML, PMLR 162, 8175-8195.

    Examples
    --------
    >>> X = np.array([[3.0, 3.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> typiclust(X, np.empty((0, 2)), 1, np.random.default_rng(0))
    array([3])
    """
    X, X_labeled = check_pair(X, X_labeled)
    n = min(check_nonnegative(n), len(X))
    if n == 0:
        return np.empty(0, np.intp)
    points = Points.of(X, X_labeled)
    n_clusters = min(len(X_labeled) + n, _MOST_CLUSTERS)
    cluster, distance, centers = fit_k_means(points, n_clusters, rng, np.ones(len(points)))
    size, n_free = np.bincount(cluster), np.bincount(cluster[: len(X)], minlength=len(centers))
    place = places([rng.random(len(size)), -size, size - n_free])
    small = size <= _SMALL_CLUSTER
    order = np.lexsort([place, small])
    # One row from each of the first n is a batch: no later cluster can be reached.
    asked = order[n_free[order] > 0][:n]
    n_rounds = _n_rounds(n_free[asked[~small[asked]]], n)
    cost = np.zeros(len(X))
    for number in asked:
        members = np.flatnonzero(cluster == number)
        part = _Cluster(points, members, int(n_free[number]), centers[number], distance[members])
        cost[members[: part.n_free]] = part.mean_distances(part.n_free if small[number] else n_rounds)
    rows = np.flatnonzero(np.isin(cluster[: len(X)], asked))
    return rows[in_turn(cluster[rows], cost[rows], place, small[cluster[rows]], rng)[:n]]


def _n_rounds(n_free: IntArray, n: int) -> int:
    """Return the largest number of rows taken from one cluster when the clusters take turns to give `n` rows."""
    n, n_rounds = min(n, int(n_free.sum())), 1
    while np.minimum(n_free, n_rounds).sum() < n:
        n_rounds += 1
    return n_rounds


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Members of a cluster, the candidates before the labeled, their center and their distances to it."""

    points: Points
    members: IntArray
    n_free: int
    center: FloatArray
    distance: FloatArray

    def mean_distances(self, n_first: int) -> FloatArray:
        """Return the mean distance of each candidate to its nearest members: the inverse of typicality.

        The `n_first` smallest are right; for the others it is enough to be larger.
        """
        n_neighbors = min(_NEIGHBORS, len(self.members) // 2)
        if n_neighbors == 0 or not self.distance.any():
            return np.zeros(self.n_free)
        low, mean = self._bounds(n_neighbors)
        n_first = min(n_first, self.n_free)
        close = np.flatnonzero(low <= np.partition(mean, n_first - 1)[n_first - 1])
        for part in tiles(len(close), 1, MANY):
            own = close[part]
            left = self.points.block(self.members[own])
            nearest: FloatArray = np.empty((len(own), 0))
            for columns in tiles(len(self.members), 1, FEW):
                right = self.points.block(self.members[columns])
                squared = self.points.squared(left, right)
                nearest = _nearer(nearest, squared, own, columns, n_neighbors)
            # Added up in order, so that equal distances have equal means.
            mean[own] = np.sqrt(np.sort(nearest, axis=1)).mean(axis=1)
        return mean

    def _bounds(self, n_neighbors: int) -> tuple[FloatArray, FloatArray]:
        """Return lower and upper bounds of the mean distances, computed in float32, which takes half the time."""
        scale = self.distance.max()
        norms = np.square(self.distance / scale).astype(np.float32)
        low, high = np.empty(self.n_free), np.empty(self.n_free)
        for part in tiles(self.n_free, 1, _SIDE):
            left = -2 * self._around(part, scale)
            own = np.arange(part.start, part.stop)
            nearest: FloatArray = np.empty((len(own), 0), np.float32)
            for columns in tiles(len(self.members), 1, _SIDE):
                squared = left @ self._around(columns, scale).T
                squared += norms[part, None]
                squared += norms[columns]
                nearest = _nearer(nearest, squared, own, columns, n_neighbors)
            error = rounding(self.points.n_features, np.float32) * (norms[part, None] + np.float64(1))
            low[part] = scale * np.sqrt(np.maximum(nearest - error, 0)).mean(axis=1)
            high[part] = scale * np.sqrt(np.maximum(nearest + error, 0)).mean(axis=1)
        return low, high

    def _around(self, part: slice, scale: float) -> FloatArray:
        """Return some members as float32, seen from the center, `scale` away from which is 1."""
        values = self.points.centered(self.members[part])
        values -= self.center
        values /= scale
        single: FloatArray = values.astype(np.float32)
        return single


def _nearer(nearest: FloatArray, squared: FloatArray, own: IntArray, columns: slice, n: int) -> FloatArray:
    """Return the `n` smallest of each row of both, but for the column that is the row's own."""
    here = np.flatnonzero((own >= columns.start) & (own < columns.stop))
    squared[here, own[here] - columns.start] = np.inf
    return _smallest(np.hstack([nearest, _smallest(squared, n)]), n)


def _smallest(values: FloatArray, n: int) -> FloatArray:
    """Return the `n` smallest values of each row in any order; all if there are fewer."""
    return values if values.shape[1] <= n else np.partition(values, n - 1, axis=1)[:, :n]
