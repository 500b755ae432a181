"""Samples whose neighborhoods cover the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alwidgets.kernels.arrays import check_matrix, check_nonnegative, check_pair, quiet, tiles
from alwidgets.kernels.k_means import check_clusters, fit_k_means
from alwidgets.kernels.points import FEW, MANY, Points, rounding
from alwidgets.types import BoolArray, FloatArray, IntArray

# Squares smaller than this can be 0 in float32.
_UNDERFLOW = np.float32(1e-30)
# Balls looked at to choose their radius.
_MOST_BALLS = 2000


@quiet
def prob_cover(X: FloatArray, X_labeled: FloatArray, n: int, radius: float) -> IntArray:
    r"""Return the rows whose balls cover the most, greedily: each covers most of what is not covered yet.

    .. math:: r = \arg\max_i \bigl|\{j \in U : \lVert x_i - x_j \rVert_2 \le \delta\}\bigr|

    where :math:`\delta` is the radius and U the rows of `X` farther than that from every labeled and chosen row.
    Ties go to the lowest row number. Once U is empty, the rows left come by how many rows of `X` their balls hold,
    most first.

    Parameters
    ----------
    X : ndarray of shape (n_candidates, n_features)
        Candidates.
    X_labeled : ndarray of shape (n_labeled, n_features)
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
        If the two are not matrices with the same number of features, or hold NaN or infinity, or `n` or `radius` is
        negative, or `radius` NaN.
    TypeError
        If `n` is not a whole number.

    Notes
    -----
    Exact: pairs whose distance rounding could put on either side of the radius are measured again, so that equal
    distances are equal. The graph is never stored: the balls of the rows that a pick covers are found again when
    they leave U, which each row does once. O(n_candidates ** 2 * n_features) time, three such passes at most,
    O(n_candidates + n_labeled) memory, however many pairs are near.

    References
    ----------
    .. [1] Yehuda, Dekel, Hacohen & Weinshall (2022), Active learning through a covering lens, NeurIPS 35.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [8.0], [9.0]])
    >>> prob_cover(X, np.empty((0, 1)), 3, radius=1.0)
    array([1, 3, 0])
    """
    X, X_labeled = check_pair(X, X_labeled)
    n = min(check_nonnegative(n), len(X))
    if not radius >= 0:
        raise ValueError(f"radius is {radius}; expected 0 or more. cover_radius finds one.")
    if n == 0:
        return np.empty(0, np.intp)
    points = Points.of(X, X_labeled)
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
        If `X` is not a matrix, holds NaN or infinity, `n_clusters` is below 1 or `purity` not in (0, 1].
    TypeError
        If `n_clusters` is not a whole number.

    References
    ----------
    .. [1] Yehuda, Dekel, Hacohen & Weinshall (2022), Active learning through a covering lens, NeurIPS 35.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [5.0], [6.0]])
    >>> round(cover_radius(X, 2, np.random.default_rng(0)), 6)
    4.0
    """
    points = Points.of(check_matrix(X, "X"))
    n_clusters = check_clusters(n_clusters)
    if not 0 < purity <= 1:
        raise ValueError(f"purity is {purity}; expected a share above 0, at most 1.")
    if len(points) == 0:
        return np.inf
    cluster, _, _ = fit_k_means(points, n_clusters, rng, np.ones(len(points)))
    centers = rng.choice(len(points), min(len(points), _MOST_BALLS), replace=False)
    gap = np.sort(_distance_to_others(points, centers, cluster))[::-1] * points.unit * points.own
    # Rounded before it is rounded up: 0.95 * 20 is a little more than 19.
    edge = gap[int(np.ceil(np.round(purity * len(gap), 9))) - 1]
    return float(np.nextafter(edge, 0)) if np.isfinite(edge) else np.inf


@dataclass(frozen=True, slots=True)
class _Balls:
    """The balls of one radius, in units: what lies in them, exactly, though most of it is found in float32."""

    points: Points
    radius: float

    def counts(self, around: IntArray, rows: IntArray) -> IntArray:
        """Count the `rows` inside the ball around each point of `around`."""
        counts = np.zeros(len(around), np.int64)
        for part in tiles(len(around), 1, MANY):
            right = self.points.centered(around[part]).astype(np.float32)
            for some in tiles(len(rows), 1, FEW):
                left = self.points.centered(rows[some]).astype(np.float32)
                inside = self._inside(left, right, rows[some], around[part])
                counts[part] += inside.view(np.uint8).sum(axis=0, dtype=np.uint8)
        return counts

    def _inside(self, left: FloatArray, right: FloatArray, rows: IntArray, around: IntArray) -> BoolArray:
        """Find the rows in each ball; pairs within rounding error are computed exactly."""
        norms, other_norms = np.einsum("ij,ij->i", left, left), np.einsum("ij,ij->i", right, right)
        error = np.float32(rounding(self.points.n_features, np.float32))
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


def _distance_to_others(points: Points, rows: IntArray, cluster: IntArray) -> FloatArray:
    """Return the distance, in units, of each of `rows` to the nearest point of another cluster."""
    smallest: FloatArray = np.full(len(rows), np.inf)
    for part in tiles(len(rows), 1, MANY):
        left = points.block(rows[part])
        for columns in tiles(len(points), 1, FEW):
            right = points.block(np.arange(columns.start, columns.stop))
            squared = points.squared(left, right)
            np.copyto(squared, np.inf, where=cluster[left.rows][:, None] == cluster[right.rows])
            np.minimum(smallest[part], squared.min(axis=1), out=smallest[part])
    np.sqrt(smallest, out=smallest)
    return smallest
