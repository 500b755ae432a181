"""Batches that cover the pool: k-means, typical members of clusters, balls of one radius.

The one kernel module that uses scikit-learn, imported where k-means is fitted. Whatever the precision of the
samples, distances are taken in float64, tile by tile, so that float32 and float64 give the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.kernels.arrays import checked_count, checked_matrix, checked_pair, in_units, power_of_two, quiet, tiles
from alwidgets.types import BoolArray, FloatArray, IntArray

# The full k-means up to so many rows, and so many pairs of a row and a centre; mini-batches beyond.
_FULL_ROWS, _FULL_PAIRS = 20_000, 200_000
# More batches than this lower the inertia of 100 000 rows by a thousandth or two.
_BATCHES, _BATCH_ROWS = 30, 1024
# Points nearer than this, in units of the largest coordinate, are one point to the arithmetic of k-means.
_COINCIDE = 1e-7
# Distances go by blocks of this many rows to this many others, 1 MB; the first is below what a byte can count.
_FEW, _MANY = 128, 1024
# The same for float32, where rows are sorted out: as wide as high, for both sides are gathered.
_SIDE = 512
# Squared distances below so many rounding errors are taken again, from differences.
_EIGHT_DIGITS = 1e8

# Squares smaller than this can be 0 in float32.
_UNDERFLOW = np.float32(1e-30)

# TypiClust, as its authors set it.
_MOST_CLUSTERS, _NEIGHBOURS, _SMALL_CLUSTER = 500, 20, 5
# Balls looked at to choose their radius.
_MOST_BALLS = 2000


@quiet
def k_means(
    X: Any, n_clusters: int, rng: np.random.Generator, weights: FloatArray | None = None
) -> tuple[IntArray, FloatArray]:
    r"""Return each row's k-means cluster and its distance to the centre.

    .. math:: \min_{c_1 \dots c_k} \sum_i w_i \min_j \lVert x_i - c_j \rVert_2^2

    where :math:`c_j` is the centre of cluster j, k the number of clusters and :math:`w_i` the weight of row i. It is
    solved to a local minimum from one k-means++ start: by Lloyd's iterations up to 20 000 rows and 200 000 pairs of
    a row and a centre, beyond that by 30 mini-batches of at least 1024 rows.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_rows, n_features)
        Samples, finite.
    n_clusters : int
        How many clusters, at least 1.
    rng : numpy.random.Generator
        Starts the search; the same generator gives the same clusters.
    weights : ndarray of shape (n_rows,), optional
        0 or more; all equal when left out. Rows of weight 0 (below 2e-16 of the largest) move no centre, unless all
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
        If `X` is no matrix, or it or `weights` are not finite, a weight is negative, or `n_clusters` is below 1.
    TypeError
        If `n_clusters` is no whole number.

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
    points = _Points.of(X)
    n_clusters = _checked_clusters(n_clusters)
    weights = _checked_weights(weights, len(points))
    if len(points) == 0:
        return np.empty(0, np.intp), np.empty(0)
    cluster, distance, _ = _k_means(points, n_clusters, rng, weights)
    return cluster, distance * points.unit * points.own


@quiet
def k_means_batch(X: Any, n: int, rng: np.random.Generator, weights: FloatArray | None = None) -> IntArray:
    r"""Return the row nearest to each of `n` k-means centres, heaviest cluster first.

    .. math:: r_j = \arg\min_{i \in C_j} \lVert x_i - c_j \rVert_2

    where :math:`C_j` is the cluster around centre :math:`c_j`; clusters come by their sum of weights, largest first.
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
        0 or more, say how unsure the model is: they draw the centres. All equal when left out. Rows of weight 0 come
        after all others.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Distinct row numbers into `X`. Time and memory are those of `k_means`, beside O(n_candidates log n_candidates).

    Raises
    ------
    ValueError
        If `X` is no matrix, or it or `weights` are not finite, or a weight or `n` is negative.
    TypeError
        If `n` is no whole number.

    References
    ----------
    .. [1] Nguyen & Smeulders (2004), Active learning using pre-clustering, ICML.
    .. [2] Zhdanov (2019), Diverse mini-batch active learning, arXiv:1901.05954.

    Examples
    --------
    >>> k_means_batch(np.array([[0.0], [1.0], [2.0], [9.0]]), 2, np.random.default_rng(0))
    array([1, 3])
    """
    points = _Points.of(X)
    weights = _checked_weights(weights, len(points))
    n = min(checked_count(n), len(points))
    if n == 0:
        return np.empty(0, np.intp)
    cluster, distance, _ = _k_means(points, n, rng, weights)
    weight = np.bincount(cluster, weights)
    place = _places([rng.random(len(weight)), -weight])
    return _in_turn(cluster, distance, place, ~_counting(weights), rng)[:n]


@quiet
def typiclust(X: FloatArray, X_labelled: FloatArray, n: int, rng: np.random.Generator) -> IntArray:
    r"""Return the most typical row of each cluster, clusters with the fewest labels first.

    .. math:: t_i = \Bigl(10^{-5} + \frac{1}{k} \sum_{j \in N_k(i)} \lVert x_i - x_j \rVert_2 \Bigr)^{-1}

    where :math:`N_k(i)` are the k nearest neighbours of row i in its cluster and k is 20, or half the cluster's size
    when that is less. `X` and `X_labelled` are clustered together, by `k_means`, into as many clusters as rows
    labelled and wanted, 500 at most. Clusters come by their number of labelled rows, fewest first, then by size,
    largest first; after the last it is the turn of the first again. Clusters of five rows or less come when nothing
    else is left.

    Parameters
    ----------
    X : ndarray of shape (n_candidates, n_features)
        Candidates.
    X_labelled : ndarray of shape (n_labelled, n_features)
        May be empty. They count as members and as neighbours.
    n : int
        How many rows; all when `n` is larger than their number.
    rng : numpy.random.Generator
        Starts the clustering and orders the ties.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Distinct row numbers into `X`, in the order of choice. Beside `k_means`, O(m ** 2 * n_features) time for each
        cluster of m rows that is asked; O(n_candidates + n_labelled) memory.

    Raises
    ------
    ValueError
        If the two are no matrices with the same number of features, or hold NaN or infinity, or `n` is negative.
    TypeError
        If `n` is no whole number.

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
    X, X_labelled = checked_pair(X, X_labelled)
    n = min(checked_count(n), len(X))
    if n == 0:
        return np.empty(0, np.intp)
    points = _Points.of(X, X_labelled)
    n_clusters = min(len(X_labelled) + n, _MOST_CLUSTERS)
    cluster, distance, centres = _k_means(points, n_clusters, rng, np.ones(len(points)))
    size, n_free = np.bincount(cluster), np.bincount(cluster[: len(X)], minlength=len(centres))
    place = _places([rng.random(len(size)), -size, size - n_free])
    small = size <= _SMALL_CLUSTER
    order = np.lexsort([place, small])
    # One row from each of the first n is a batch: no later cluster can be reached.
    asked = order[n_free[order] > 0][:n]
    n_rounds = _n_rounds(n_free[asked[~small[asked]]], n)
    cost = np.zeros(len(X))
    for number in asked:
        members = np.flatnonzero(cluster == number)
        part = _Cluster(points, members, int(n_free[number]), centres[number], distance[members])
        cost[members[: part.n_free]] = part.mean_distances(part.n_free if small[number] else n_rounds)
    rows = np.flatnonzero(np.isin(cluster[: len(X)], asked))
    return rows[_in_turn(cluster[rows], cost[rows], place, small[cluster[rows]], rng)[:n]]


@quiet
def prob_cover(X: FloatArray, X_labelled: FloatArray, n: int, radius: float) -> IntArray:
    r"""Return the rows whose balls cover the most, greedily: each covers most of what is not covered yet.

    .. math:: r = \arg\max_i \bigl|\{j \in U : \lVert x_i - x_j \rVert_2 \le \delta\}\bigr|

    where :math:`\delta` is the radius and U the rows of `X` farther than that from every labelled and chosen row.
    Ties go to the lowest row number. Once U is empty, the rows left come by how many rows of `X` their balls hold,
    most first.

    Parameters
    ----------
    X : ndarray of shape (n_candidates, n_features)
        Candidates.
    X_labelled : ndarray of shape (n_labelled, n_features)
        May be empty; their balls cover from the start.
    n : int
        How many rows; all when `n` is larger than their number.
    radius : float
        Of every ball, 0 or more, in units of `X`; see `cover_radius`.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Distinct row numbers into `X`, in the order of choice.

    Raises
    ------
    ValueError
        If the two are no matrices with the same number of features, or hold NaN or infinity, or `n` or `radius` is
        negative, or `radius` NaN.
    TypeError
        If `n` is no whole number.

    Notes
    -----
    Exact: pairs whose distance rounding could put on either side of the radius are measured again, so that equal
    distances are equal. The graph is never stored: the balls of the rows that a pick covers are found again when
    they leave U, which each row does once. O(n_candidates ** 2 * n_features) time, three such passes at most,
    O(n_candidates + n_labelled) memory, however many pairs are near.

    References
    ----------
    .. [1] Yehuda, Dekel, Hacohen & Weinshall (2022), Active learning through a covering lens, NeurIPS 35.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [8.0], [9.0]])
    >>> prob_cover(X, np.empty((0, 1)), 3, radius=1.0)
    array([1, 3, 0])
    """
    X, X_labelled = checked_pair(X, X_labelled)
    n = min(checked_count(n), len(X))
    if not radius >= 0:
        raise ValueError(f"radius is {radius}; expected 0 or more. cover_radius finds one.")
    if n == 0:
        return np.empty(0, np.intp)
    points = _Points.of(X, X_labelled)
    balls = _Balls(points, float(radius) / points.own / points.unit)
    everything = np.arange(len(X))
    covered = balls.counts(everything, np.arange(len(X), len(points))) > 0
    gain = balls.counts(everything, np.flatnonzero(~covered))
    rows: list[int] = []
    while len(rows) < n and gain[best := int(np.argmax(gain))] > 0:
        rows.append(best)
        ball = balls.counts(everything, np.array([best])) > 0
        gain -= balls.counts(everything, np.flatnonzero(ball & ~covered))
        covered |= ball
    if len(rows) < n:
        left = np.setdiff1d(everything, rows)
        rows.extend(left[np.argsort(-balls.counts(left, everything), kind="stable")][: n - len(rows)])
    return np.array(rows, np.intp)


@quiet
def cover_radius(X: FloatArray, n_clusters: int, rng: np.random.Generator, purity: float = 0.95) -> float:
    r"""Return the largest radius at which balls around the rows rarely hold two k-means clusters.

    .. math:: \delta = \sup \Bigl\{r : \frac{1}{m} \sum_i [h_i > r] \ge \alpha \Bigr\}

    where :math:`h_i` is the distance from row i to the nearest row of another cluster (its ball is pure as long as
    the radius is smaller), m the number of balls and :math:`\alpha` the purity. Balls are laid around 2000 rows
    drawn at random, around all when there are no more; what they hold is looked for in all of `X`.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Samples.
    n_clusters : int
        How many classes to expect; k-means stands in for them.
    rng : numpy.random.Generator
        Starts the clustering and draws the rows.
    purity : float, default 0.95
        The share of balls that must be pure, above 0 and at most 1.

    Returns
    -------
    radius : float
        In units of `X`, 0 or more: the float just below the supremum, where the share still holds. Infinite when
        there is one cluster only, for then every ball is pure. Beside `k_means`,
        O(min(n_rows, 2000) * n_rows * n_features) time and O(n_rows) memory.

    Raises
    ------
    ValueError
        If `X` is no matrix, holds NaN or infinity, `n_clusters` is below 1 or `purity` not in (0, 1].
    TypeError
        If `n_clusters` is no whole number.

    References
    ----------
    .. [1] Yehuda, Dekel, Hacohen & Weinshall (2022), Active learning through a covering lens, NeurIPS 35.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [5.0], [6.0]])
    >>> round(cover_radius(X, 2, np.random.default_rng(0)), 6)
    4.0
    """
    points = _Points.of(checked_matrix(X, "X"))
    n_clusters = _checked_clusters(n_clusters)
    if not 0 < purity <= 1:
        raise ValueError(f"purity is {purity}; expected a share above 0, at most 1.")
    if len(points) == 0:
        return np.inf
    cluster, _, _ = _k_means(points, n_clusters, rng, np.ones(len(points)))
    centres = rng.choice(len(points), min(len(points), _MOST_BALLS), replace=False)
    gap = np.sort(_distance_to_others(points, centres, cluster))[::-1] * points.unit * points.own
    # Rounded before it is rounded up: 0.95 * 20 is a little more than 19.
    edge = gap[int(np.ceil(np.round(purity * len(gap), 9))) - 1]
    return float(np.nextafter(edge, 0)) if np.isfinite(edge) else np.inf


@dataclass(frozen=True, slots=True)
class _Block:
    """Some rows, as distances need them: their numbers, coordinates from the origin, and squared norms."""

    rows: IntArray
    values: FloatArray
    norms: FloatArray


@dataclass(frozen=True, slots=True)
class _Points:
    """The rows of X, then those of X_labelled, as if they were one matrix, that is never made.

    The mean of X is the origin: far from it squared norms would cancel. A sparse matrix stays where it is. The unit
    is a power of two near the largest coordinate: squares stay within range, and no digit is lost. What comes in such
    numbers that not even their differences would is in a unit of its own before that.
    """

    X: Any
    X_labelled: FloatArray
    origin: FloatArray | None
    unit: float
    own: float = 1.0

    @classmethod
    def of(cls, X: Any, X_labelled: FloatArray | None = None) -> _Points:
        """Return the points of checked matrices, or check X when it comes alone."""
        if hasattr(X, "tocsr"):
            return cls(_checked_sparse(X), np.empty((0, X.shape[1])), None, power_of_two(np.abs(X.data).max(initial=0)))
        if X_labelled is None:
            X = checked_matrix(X, "X")
            X_labelled = np.empty((0, X.shape[1]), X.dtype)
        if X.shape[1] == 0:
            raise ValueError(f"X has shape {X.shape}; expected at least one column to measure distances in.")
        own, (X, X_labelled) = in_units(X, X_labelled)
        total = np.zeros(X.shape[1])
        for rows in tiles(*X.shape):
            # In one order of addition, however X lies in memory: the origin is then the same to the last bit.
            total += np.ascontiguousarray(X[rows], np.float64).sum(axis=0)
        origin = total / max(1, len(X))
        ends = [ends(part, axis=0) for part in (X, X_labelled) if len(part) for ends in (np.min, np.max)]
        return cls(X, X_labelled, origin, power_of_two(np.abs([end - origin for end in ends]).max(initial=0)), own)

    def __len__(self) -> int:
        return int(self.X.shape[0]) + len(self.X_labelled)

    @property
    def n_features(self) -> int:
        return int(self.X.shape[1])

    def take(self, rows: IntArray) -> Any:
        """Return rows as float64, as they are; CSR when X is."""
        if self.origin is None:
            return self.X[rows].astype(np.float64)
        n_first = len(self.X)
        second = rows >= n_first
        if not second.any():
            return self.X[rows].astype(np.float64)
        values = np.empty((len(rows), self.n_features))
        values[~second] = self.X[rows[~second]]
        values[second] = self.X_labelled[rows[second] - n_first]
        return values

    def centred(self, rows: IntArray) -> Any:
        """Return rows as float64, seen from the origin, in units."""
        values = self.take(rows)
        if self.origin is None:
            values.data /= self.unit
            return values
        values -= self.origin
        values /= self.unit
        return values

    def block(self, rows: IntArray) -> _Block:
        values = self.centred(rows)
        return _Block(rows, values, np.einsum("ij,ij->i", values, values))

    def squared(self, left: _Block, right: _Block) -> FloatArray:
        """Return squared distances, in units, eight digits of them right, also those of points that nearly coincide."""
        squared: FloatArray = left.values @ right.values.T
        squared *= -2
        squared += left.norms[:, None]
        squared += right.norms
        error = _rounding(self.n_features, np.float64) * (left.norms.max() + right.norms.max())
        unsure = squared <= _EIGHT_DIGITS * error
        if unsure.any():
            i, j = np.nonzero(unsure)
            squared[i, j] = self.squared_pairs(left.rows[i], right.rows[j])
        return squared

    def squared_pairs(self, left: IntArray, right: IntArray) -> FloatArray:
        """Return the squared distance, in units, of each row on the left to the one beside it on the right.

        It is summed from differences, in an order that depends on the pair alone.
        """
        squared = np.empty(len(left))
        for part in tiles(len(left), self.n_features):
            difference = self.take(left[part]) - self.take(right[part])
            difference /= self.unit
            difference *= difference
            squared[part] = difference.sum(axis=1)
        return squared


def _checked_sparse(X: Any) -> Any:
    if X.format != "csr" or X.dtype.kind not in "fiub":
        raise ValueError(f"X is a {X.format} matrix of dtype {X.dtype}; expected numbers as CSR. Call X.tocsr().")
    if not np.isfinite(X.data).all():
        bad = int(np.flatnonzero(~np.isfinite(X.data))[0])
        row = int(np.searchsorted(X.indptr, bad, side="right")) - 1
        raise ValueError(f"X row {row} is not finite; expected numbers to measure distances between.")
    return X


def _checked_clusters(n_clusters: Any) -> int:
    if (count := checked_count(n_clusters, "n_clusters")) == 0:
        raise ValueError("n_clusters is 0; expected 1 or more.")
    return count


def _checked_weights(weights: Any, n_rows: int) -> FloatArray:
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
    """Return which rows have a weight that arithmetic can tell from 0; all of them when none has."""
    counting: BoolArray = weights > np.finfo(np.float64).eps
    return counting if counting.any() else ~counting


def _k_means(
    points: _Points, n_clusters: int, rng: np.random.Generator, weights: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the cluster of each point, its distance to the centre, and the centres; from the origin, in units."""
    from threadpoolctl import threadpool_limits

    counting = _counting(weights)
    rows = np.flatnonzero(counting)
    weights = weights if weights.any() else np.ones(len(weights))
    with threadpool_limits(1):
        n_clusters = min(n_clusters, len(rows), _n_distinct(points, rows, rng))
        full = len(rows) <= _FULL_ROWS and len(rows) * n_clusters <= _FULL_PAIRS
        centres = (_full_centres if full else _batch_centres)(points, rows, weights, n_clusters, rng)
        cluster, distance = _nearest(points, centres)
    used = np.bincount(cluster, minlength=n_clusters) > 0
    return (np.cumsum(used) - 1)[cluster], distance, centres[used]


def _n_distinct(points: _Points, rows: IntArray, rng: np.random.Generator) -> int:
    """Return how many points differ, as seen on a random line: k-means warns when asked for more clusters."""
    direction = rng.normal(size=points.n_features)
    places = np.empty(len(rows))
    for part in tiles(len(rows), points.n_features):
        places[part] = points.centred(rows[part]) @ direction
    places.sort()
    return 1 + int(np.sum(np.diff(places) > _COINCIDE * np.linalg.norm(direction)))


def _full_centres(
    points: _Points, rows: IntArray, weights: FloatArray, n_clusters: int, rng: np.random.Generator
) -> FloatArray:
    from sklearn.cluster import KMeans

    # Stopped by a tolerance it can leave clusters empty, and warns of them.
    model = KMeans(n_clusters, n_init=1, random_state=int(rng.integers(2**31)), copy_x=False, tol=0.0)
    centres: FloatArray = model.fit(points.centred(rows), sample_weight=weights[rows]).cluster_centers_
    return centres


def _batch_centres(
    points: _Points, rows: IntArray, weights: FloatArray, n_clusters: int, rng: np.random.Generator
) -> FloatArray:
    """Return the centres of mini-batches drawn here: scikit-learn would want the whole pool, in one precision."""
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(n_clusters, n_init=1, random_state=int(rng.integers(2**31)), compute_labels=False)
    n_rows = min(len(rows), max(_BATCH_ROWS, 4 * n_clusters))
    for i in range(_BATCHES):
        # The first one also starts the centres, and is larger.
        size = min(len(rows), 3 * n_rows) if i == 0 else n_rows
        batch = rows[rng.choice(len(rows), size, replace=False)]
        model.partial_fit(points.centred(batch), sample_weight=weights[batch])
    centres: FloatArray = model.cluster_centers_
    return centres


def _nearest(points: _Points, centres: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the nearest centre of each point, and its distance."""
    cluster, distance = np.empty(len(points), np.intp), np.empty(len(points))
    norms = np.einsum("ij,ij->i", centres, centres)
    for part in tiles(len(points), max(centres.shape) if points.origin is not None else len(centres)):
        values = points.centred(np.arange(part.start, part.stop))
        products = values @ centres.T
        products *= -2
        products += norms
        nearest = products.argmin(axis=1)
        if points.origin is None:
            squares = values.power(2) @ np.ones(points.n_features)
            squares += products[np.arange(len(nearest)), nearest]
        else:
            values -= centres[nearest]
            squares = np.einsum("ij,ij->i", values, values)
        cluster[part], distance[part] = nearest, np.sqrt(np.maximum(squares, 0))
    return cluster, distance


def _places(keys: list[Any]) -> IntArray:
    """Return the place of each cluster in the order of `keys`, the last of them first to decide."""
    order = np.lexsort(keys)
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    return place


def _in_turn(
    cluster: IntArray, distance: FloatArray, place: IntArray, late: BoolArray, rng: np.random.Generator
) -> IntArray:
    """Return all rows so that each cluster gives its nearest, in the order of places, then each its next."""
    nearest_first = np.lexsort([rng.random(len(cluster)), distance, late, cluster])
    cluster = cluster[nearest_first]
    depth = np.arange(len(cluster)) - np.searchsorted(cluster, cluster)
    return nearest_first[np.lexsort([place[cluster], depth, late[nearest_first]])]


def _n_rounds(n_free: IntArray, n: int) -> int:
    """Return how many rows the clusters give at most when they give one in turn until there are `n`, or none left."""
    n, n_rounds = min(n, int(n_free.sum())), 1
    while np.minimum(n_free, n_rounds).sum() < n:
        n_rounds += 1
    return n_rounds


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Members of a cluster, the candidates before the labelled, their centre and their distances to it."""

    points: _Points
    members: IntArray
    n_free: int
    centre: FloatArray
    distance: FloatArray

    def mean_distances(self, n_first: int) -> FloatArray:
        """Return the mean distance of each candidate to its nearest members: the inverse of typicality.

        The `n_first` smallest are right; for the others it is enough to be larger.
        """
        n_neighbours = min(_NEIGHBOURS, len(self.members) // 2)
        if n_neighbours == 0 or not self.distance.any():
            return np.zeros(self.n_free)
        low, mean = self._bounds(n_neighbours)
        n_first = min(n_first, self.n_free)
        close = np.flatnonzero(low <= np.partition(mean, n_first - 1)[n_first - 1])
        for part in tiles(len(close), 1, _MANY):
            own = close[part]
            left = self.points.block(self.members[own])
            nearest: FloatArray = np.empty((len(own), 0))
            for columns in tiles(len(self.members), 1, _FEW):
                right = self.points.block(self.members[columns])
                squared = self.points.squared(left, right)
                nearest = _nearer(nearest, squared, own, columns, n_neighbours)
            # Added up in order, so that equal distances have equal means.
            mean[own] = np.sqrt(np.sort(nearest, axis=1)).mean(axis=1)
        return mean

    def _bounds(self, n_neighbours: int) -> tuple[FloatArray, FloatArray]:
        """Return what the mean distances lie between, from float32, which takes half the time."""
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
                nearest = _nearer(nearest, squared, own, columns, n_neighbours)
            error = _rounding(self.points.n_features, np.float32) * (norms[part, None] + np.float64(1))
            low[part] = scale * np.sqrt(np.maximum(nearest - error, 0)).mean(axis=1)
            high[part] = scale * np.sqrt(np.maximum(nearest + error, 0)).mean(axis=1)
        return low, high

    def _around(self, part: slice, scale: float) -> FloatArray:
        """Return some members as float32, seen from the centre, `scale` away from which is 1."""
        values = self.points.centred(self.members[part])
        values -= self.centre
        values /= scale
        single: FloatArray = values.astype(np.float32)
        return single


def _nearer(nearest: FloatArray, squared: FloatArray, own: IntArray, columns: slice, n: int) -> FloatArray:
    """Return the `n` smallest of each row of both, but for the column that is the row's own."""
    here = np.flatnonzero((own >= columns.start) & (own < columns.stop))
    squared[here, own[here] - columns.start] = np.inf
    return _smallest(np.hstack([nearest, _smallest(squared, n)]), n)


def _smallest(values: FloatArray, n: int) -> FloatArray:
    """Return the `n` smallest of each row, in any order; all when there are no more."""
    return values if values.shape[1] <= n else np.partition(values, n - 1, axis=1)[:, :n]


def _rounding(n_features: int, dtype: type[np.floating[Any]]) -> float:
    """Return what a squared distance can be wrong by, as a share of the two squared norms it is made from.

    That is what n_features products, as many sums and the move to the origin come to, with a margin of two.
    """
    return 2 * (n_features + 8) * float(np.finfo(dtype).eps)


@dataclass(frozen=True, slots=True)
class _Balls:
    """The balls of one radius, in units: what lies in them, exactly, though most of it is found in float32."""

    points: _Points
    radius: float

    def counts(self, around: IntArray, rows: IntArray) -> IntArray:
        """Return how many of `rows` lie in the ball around each point of `around`."""
        counts = np.zeros(len(around), np.int64)
        for part in tiles(len(around), 1, _MANY):
            right = self.points.centred(around[part]).astype(np.float32)
            for some in tiles(len(rows), 1, _FEW):
                left = self.points.centred(rows[some]).astype(np.float32)
                inside = self._inside(left, right, rows[some], around[part])
                counts[part] += inside.view(np.uint8).sum(axis=0, dtype=np.uint8)
        return counts

    def _inside(self, left: FloatArray, right: FloatArray, rows: IntArray, around: IntArray) -> BoolArray:
        """Return which rows lie in which balls; pairs that rounding leaves unsure are measured in full."""
        norms, other_norms = np.einsum("ij,ij->i", left, left), np.einsum("ij,ij->i", right, right)
        error = np.float32(_rounding(self.points.n_features, np.float32))
        # Nothing is this far away; its square is within the range of float32.
        square = np.float32(min(self.radius, 1e15) ** 2)
        # The least that the squared distances can be, then the most.
        squared = (-2 * left) @ right.T
        squared += (norms * (1 - error) - _UNDERFLOW)[:, None]
        squared += other_norms * (1 - error)
        unsure = squared <= square
        squared += (norms * (2 * error) + 2 * _UNDERFLOW)[:, None]
        squared += other_norms * (2 * error)
        inside: BoolArray = squared <= square
        unsure ^= inside
        if unsure.any():
            i, j = np.nonzero(unsure)
            inside[i, j] = np.sqrt(self.points.squared_pairs(rows[i], around[j])) <= self.radius
        return inside


def _distance_to_others(points: _Points, rows: IntArray, cluster: IntArray) -> FloatArray:
    """Return the distance, in units, of each of `rows` to the nearest point of another cluster."""
    smallest: FloatArray = np.full(len(rows), np.inf)
    for part in tiles(len(rows), 1, _MANY):
        left = points.block(rows[part])
        for columns in tiles(len(points), 1, _FEW):
            right = points.block(np.arange(columns.start, columns.stop))
            squared = points.squared(left, right)
            np.copyto(squared, np.inf, where=cluster[left.rows][:, None] == cluster[right.rows])
            np.minimum(smallest[part], squared.min(axis=1), out=smallest[part])
    np.sqrt(smallest, out=smallest)
    return smallest
