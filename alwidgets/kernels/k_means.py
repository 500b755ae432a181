"""Batches that cover the pool: k-means, typical members of clusters, balls of one radius.

The one kernel module that uses scikit-learn, imported where k-means is fitted. Whatever the precision of the
samples, distances are taken in float64, tile by tile, so that float32 and float64 give the same rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from alwidgets.kernels.arrays import check_nonnegative, quiet, tiles
from alwidgets.kernels.points import Points
from alwidgets.types import BoolArray, FloatArray, IntArray

# The full k-means up to so many rows, and so many pairs of a row and a center; mini-batches beyond.
_FULL_ROWS, _FULL_PAIRS = 20_000, 200_000
# More batches than this lower the inertia of 100 000 rows by a thousandth or two.
_BATCHES, _BATCH_ROWS = 30, 1024
# Points nearer than this, in units of the largest coordinate, are one point to the arithmetic of k-means.
_COINCIDE = 1e-7


@quiet
def k_means(
    X: Any, n_clusters: int, rng: np.random.Generator, weights: FloatArray | None = None
) -> tuple[IntArray, FloatArray]:
    r"""Return each row's k-means cluster and its distance to the center.

    .. math:: \min_{c_1 \dots c_k} \sum_i w_i \min_j \lVert x_i - c_j \rVert_2^2

    where :math:`c_j` is the center of cluster j, k the number of clusters and :math:`w_i` the weight of row i. It is
    solved to a local minimum from one k-means++ start: by Lloyd's iterations up to 20 000 rows and 200 000 pairs of
    a row and a center, beyond that by 30 mini-batches of at least 1024 rows.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_rows, n_features)
        Samples, finite.
    n_clusters : int
        How many clusters, at least 1.
    rng : numpy.random.Generator
        Starts the search; the same generator gives the same clusters.
    weights : ndarray of shape (n_rows,), optional
        0 or more; all equal when left out. Rows of weight 0 (below 2e-16 of the largest) move no center, unless all
        are of weight 0: then all are equal.

    Returns
    -------
    cluster : ndarray of shape (n_rows,)
        0, 1, ..., each number in use. There are fewer than `n_clusters` when points coincide.
    distance : ndarray of shape (n_rows,)
        Euclidean, float64, 0 or more.

    Raises
    ------
    ValueError
        If `X` is not a matrix, or it or `weights` are not finite, a weight is negative, or `n_clusters` is below 1.
    TypeError
        If `n_clusters` is not a whole number.

    Notes
    -----
    One thread, whatever the settings: several add up in an order that differs from run to run.
    O(n_rows * n_clusters * n_features) time a pass. The full k-means copies its rows; beyond it memory is O(n_rows)
    beside one batch.

    References
    ----------
    .. [1] Lloyd (1982), Least squares quantization in PCM, IEEE Transactions on Information Theory 28, 129-137.
    .. [2] Sculley (2010), Web-scale k-means clustering, WWW, 1177-1178.

    Examples
    --------
    >>> cluster, distance = k_means(np.array([[0.0], [2.0], [9.0]]), 2, np.random.default_rng(0))
    >>> bool(cluster[0] == cluster[1] != cluster[2]), distance
    (True, array([1., 1., 0.]))
    """
    points = Points.of(X)
    n_clusters = check_clusters(n_clusters)
    weights = _check_weights(weights, len(points))
    if len(points) == 0:
        return np.empty(0, np.intp), np.empty(0)
    cluster, distance, _ = fit_k_means(points, n_clusters, rng, weights)
    return cluster, distance * points.unit * points.own


@quiet
def k_means_batch(X: Any, n: int, rng: np.random.Generator, weights: FloatArray | None = None) -> IntArray:
    r"""Return the row nearest to each of `n` k-means centers, heaviest cluster first.

    .. math:: r_j = \arg\min_{i \in C_j} \lVert x_i - c_j \rVert_2

    where :math:`C_j` is the cluster around center :math:`c_j`; clusters come by their sum of weights, largest first.
    When points coincide there are fewer clusters than rows wanted: then each gives its second nearest, and so on.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_candidates, n_features)
        Candidates, finite.
    n : int
        How many rows; all when `n` is larger than their number.
    rng : numpy.random.Generator
        Starts the search and orders the ties.
    weights : ndarray of shape (n_candidates,), optional
        0 or more, say how unsure the model is: they draw the centers. All equal when left out. Rows of weight 0 come
        after all others.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Distinct row numbers into `X`. Time and memory are those of `k_means`, beside O(n_candidates log n_candidates).

    Raises
    ------
    ValueError
        If `X` is not a matrix, or it or `weights` are not finite, or a weight or `n` is negative.
    TypeError
        If `n` is not a whole number.

    References
    ----------
    .. [1] Nguyen & Smeulders (2004), Active learning using pre-clustering, ICML.
    .. [2] Zhdanov (2019), Diverse mini-batch active learning, arXiv:1901.05954.

    Examples
    --------
    >>> k_means_batch(np.array([[0.0], [1.0], [2.0], [9.0]]), 2, np.random.default_rng(0))
    array([1, 3])
    """
    points = Points.of(X)
    weights = _check_weights(weights, len(points))
    n = min(check_nonnegative(n), len(points))
    if n == 0:
        return np.empty(0, np.intp)
    cluster, distance, _ = fit_k_means(points, n, rng, weights)
    weight = np.bincount(cluster, weights)
    place = places([rng.random(len(weight)), -weight])
    return in_turn(cluster, distance, place, ~_counting(weights), rng)[:n]


def check_clusters(n_clusters: Any) -> int:
    """Return a number of clusters, if it is a whole number of 1 or more."""
    if (count := check_nonnegative(n_clusters, "n_clusters")) == 0:
        raise ValueError("n_clusters is 0; expected 1 or more.")
    return count


def _check_weights(weights: Any, n_rows: int) -> FloatArray:
    if weights is None:
        return np.ones(n_rows)
    if not isinstance(weights, np.ndarray) or weights.shape != (n_rows,) or weights.dtype.kind not in "fiub":
        shape, dtype = getattr(weights, "shape", type(weights).__name__), getattr(weights, "dtype", None)
        raise ValueError(f"weights have shape {shape} and dtype {dtype}; expected {n_rows} numbers, one a row of X.")
    floats: FloatArray = weights.astype(np.float64)
    good = (floats >= 0) & (floats < np.inf)
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise ValueError(f"weights row {row} is {weights[row]}; expected a finite number, 0 or more.")
    return floats / (floats.max(initial=0) or 1)


def _counting(weights: FloatArray) -> BoolArray:
    """Return a mask of the rows with a weight above rounding error; all rows if there are none."""
    counting: BoolArray = weights > np.finfo(np.float64).eps
    return counting if counting.any() else ~counting


def fit_k_means(
    points: Points, n_clusters: int, rng: np.random.Generator, weights: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the cluster of each point, its distance to the center, and the centers; from the origin, in units."""
    from threadpoolctl import threadpool_limits

    counting = _counting(weights)
    rows = np.flatnonzero(counting)
    weights = weights if weights.any() else np.ones(len(weights))
    with threadpool_limits(1):
        n_clusters = min(n_clusters, len(rows), _n_distinct(points, rows, rng))
        full = len(rows) <= _FULL_ROWS and len(rows) * n_clusters <= _FULL_PAIRS
        centers = (_full_centers if full else _batch_centers)(points, rows, weights, n_clusters, rng)
        cluster, distance = _nearest(points, centers)
    used = np.bincount(cluster, minlength=n_clusters) > 0
    return (np.cumsum(used) - 1)[cluster], distance, centers[used]


def _n_distinct(points: Points, rows: IntArray, rng: np.random.Generator) -> int:
    """Count the distinct points by their projection on a random line: k-means warns about too many clusters."""
    direction = rng.normal(size=points.n_features)
    places = np.empty(len(rows))
    for part in tiles(len(rows), points.n_features):
        places[part] = points.centered(rows[part]) @ direction
    places.sort()
    return 1 + int(np.sum(np.diff(places) > _COINCIDE * np.linalg.norm(direction)))


def _full_centers(
    points: Points, rows: IntArray, weights: FloatArray, n_clusters: int, rng: np.random.Generator
) -> FloatArray:
    from sklearn.cluster import KMeans

    # Stopped by a tolerance it can leave clusters empty, and warns of them.
    model = KMeans(n_clusters, n_init=1, random_state=int(rng.integers(2**31)), copy_x=False, tol=0.0)
    centers: FloatArray = model.fit(points.centered(rows), sample_weight=weights[rows]).cluster_centers_
    return centers


def _batch_centers(
    points: Points, rows: IntArray, weights: FloatArray, n_clusters: int, rng: np.random.Generator
) -> FloatArray:
    """Return the centers of mini-batches drawn here: scikit-learn would want the whole pool, in one precision."""
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(n_clusters, n_init=1, random_state=int(rng.integers(2**31)), compute_labels=False)
    n_rows = min(len(rows), max(_BATCH_ROWS, 4 * n_clusters))
    for i in range(_BATCHES):
        # The first one also starts the centers, and is larger.
        size = min(len(rows), 3 * n_rows) if i == 0 else n_rows
        batch = rows[rng.choice(len(rows), size, replace=False)]
        model.partial_fit(points.centered(batch), sample_weight=weights[batch])
    centers: FloatArray = model.cluster_centers_
    return centers


def _nearest(points: Points, centers: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the nearest center of each point, and its distance."""
    cluster, distance = np.empty(len(points), np.intp), np.empty(len(points))
    norms = np.einsum("ij,ij->i", centers, centers)
    for part in tiles(len(points), max(centers.shape) if points.origin is not None else len(centers)):
        values = points.centered(np.arange(part.start, part.stop))
        products = values @ centers.T
        products *= -2
        products += norms
        nearest = products.argmin(axis=1)
        if points.origin is None:
            squares = values.power(2) @ np.ones(points.n_features)
            squares += products[np.arange(len(nearest)), nearest]
        else:
            values -= centers[nearest]
            squares = np.einsum("ij,ij->i", values, values)
        cluster[part], distance[part] = nearest, np.sqrt(np.maximum(squares, 0))
    return cluster, distance


def places(keys: list[Any]) -> IntArray:
    """Return the place of each cluster in the order of `keys`, the last of them first to decide."""
    order = np.lexsort(keys)
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    return place


def in_turn(
    cluster: IntArray, distance: FloatArray, place: IntArray, late: BoolArray, rng: np.random.Generator
) -> IntArray:
    """Return all rows so that each cluster gives its nearest, in the order of places, then each its next."""
    nearest_first = np.lexsort([rng.random(len(cluster)), distance, late, cluster])
    cluster = cluster[nearest_first]
    depth = np.arange(len(cluster)) - np.searchsorted(cluster, cluster)
    return nearest_first[np.lexsort([place[cluster], depth, late[nearest_first]])]
