"""Euclidean distances, and greedy choices by the distance to what is labeled or chosen.

Matrix products find distances fast and lose digits where rows are close to each other or far from the origin.
Here they only tell which pairs to look at: what is returned comes from differences, in float64. Points against all
other points, as clusters and balls need them, are in `kernels.points`, which says why there are two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np

from alwidgets.kernels.arrays import TILE_NUMBERS, LazyPoints, quiet, tiled, tiles
from alwidgets.types import FloatArray, IntArray

#: (squared distances to the nearest center, their rows, number of the pick) -> utilities, larger = choose sooner.
Score: TypeAlias = Callable[[FloatArray, Any, int], FloatArray]

# Below this share of the squared norms, a squared distance from a product has lost too many of its 16 digits.
CANCELLED = 1e-4
# As many rows as tell where the data lie; distances do not depend on it, only how many must be looked at twice.
_ORIGIN_ROWS = 256
# Centers looked at together: wide enough for the matrix product, few enough to leave room for rows in a tile.
_CENTERS = 256


@quiet
def row_norms(X: FloatArray) -> FloatArray:
    r"""Return the squared Euclidean norm of each row, in float64.

    .. math:: \lVert x_i \rVert^2 = \sum_j x_{ij}^2

    where :math:`x_{ij}` is feature j of row i.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Of any layout, float32 or float64.

    Returns
    -------
    norms : ndarray of shape (n,)
        0 or more, float64, the same for equal rows. O(n * n_features) time, O(n) memory beside a tile.

    Examples
    --------
    >>> row_norms(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([25.,  0.])
    """
    norms = np.empty(len(X))
    for rows in tiles(*X.shape):
        tile = X[rows].astype(np.float64, order="C", copy=False)
        norms[rows] = np.einsum("ij,ij->i", tile, tile)
    return norms


@quiet
def squared_distances(X: FloatArray, centers: FloatArray) -> FloatArray:
    r"""Return the squared Euclidean distance of each row to each center, in float64, without cancellation.

    .. math:: d_{ij}^2 = \lVert x_i - c_j \rVert^2

    where :math:`x_i` is row i and :math:`c_j` center j. Most come from a matrix product, measured from the mean
    of the centers; those that lost digits in it are found again from differences.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        A tile of rows: the result has n * n_centers numbers.
    centers : ndarray of shape (n_centers, n_features)
        A few rows to measure from.

    Returns
    -------
    distances : ndarray of shape (n, n_centers)
        0 or more, float64; to a relative error of about 1e-11, and exactly 0 for equal rows.
        O(n * n_centers * n_features) time.

    Examples
    --------
    >>> squared_distances(np.array([[1e9, 0.0], [1e9, 3.0]]), np.array([[1e9, 0.0]]))
    array([[0.],
           [9.]])
    """
    if not len(centers):
        return np.empty((len(X), 0))
    origin = centers.mean(axis=0, dtype=np.float64)
    from_origin, centers_from_origin = X - origin, centers - origin
    scale = np.add.outer(row_norms(from_origin), row_norms(centers_from_origin))
    distances: FloatArray = from_origin @ (-2 * centers_from_origin).T
    distances += scale
    scale *= CANCELLED
    # Written so that what overflowed is found again too.
    lost = np.flatnonzero(~(distances > scale))
    rows, columns = np.divmod(lost, len(centers))
    distances[rows, columns] = _of_pairs(X, rows, centers, columns)
    return distances


@quiet
def nearest_to_mean(X: FloatArray | LazyPoints) -> int:
    """Return the row nearest to the mean of `X`, ties to the lowest; O(n * n_features) time, O(n) memory.

    Examples
    --------
    >>> nearest_to_mean(np.array([[0.0], [1.0], [5.0]]))
    1
    """
    # Sums of differences from some row keep the digits that sums far from the origin lose.
    anchor = X[np.zeros(1, np.intp)][0].astype(np.float64)
    mean = sum((tile - anchor).sum(axis=0) for _, tile in tiled(X, X.shape[1])) / len(X)
    squared = np.empty(len(X))
    for rows, tile in tiled(X, X.shape[1]):
        squared[rows] = row_norms(tile - anchor - mean)
    return int(np.argmin(squared))


class NearestCenter:
    """The squared distance of every row to its nearest center, brought up to date only for the rows asked for.

    More centers only make it smaller: what is known of a row stays an upper bound until it is looked at again.

    Parameters
    ----------
    X : ndarray of shape (n, n_features), or LazyPoints
        At least one row, float32 or float64; never copied whole.
    X_labeled : ndarray of shape (n_labeled, n_features)
        The centers to start from, at least one, of the type of `X`.
    n : int
        How many rows of `X` will become centers at most.

    Attributes
    ----------
    bound : ndarray of shape (n,)
        Upper bounds of the squared distances, float64; equal to them for the rows last updated.
    """

    def __init__(self, X: FloatArray | LazyPoints, X_labeled: FloatArray, n: int) -> None:
        self.X = X
        self.bound = np.full(len(X), np.inf)
        self._X_labeled = X_labeled
        self._chosen = np.empty(n, np.intp)
        self._n_chosen = 0
        # How many centers, labeled before chosen, each bound is exact for: none yet.
        self._seen = np.zeros(len(X), np.intp)
        step = -(-len(X) // _ORIGIN_ROWS)
        self._origin: FloatArray = X[np.arange(0, len(X), step)].mean(axis=0, dtype=np.float64).astype(X.dtype)

    @property
    def chosen(self) -> IntArray:
        """The rows of `X` that became centers, in their order."""
        return self._chosen[: self._n_chosen]

    @property
    def is_full(self) -> bool:
        """True if no more rows will become centers."""
        return self._n_chosen == len(self._chosen)

    def estimate(self) -> None:
        """Lower the bounds of all rows to about what they are beside the labeled centers."""
        all_centers = list(self._centers(0))
        for rows, tile in tiled(self.X, max(self.X.shape[1], *map(len, all_centers))):
            bound = self.bound[rows]
            for centers in all_centers:
                smallest, slack = _Products(tile, centers, self._origin).smallest()
                np.fmin(bound, smallest + slack, out=bound)
            self.bound[rows] = bound

    def choose(self, row: int) -> None:
        """Make a row a center; the bounds stay as they are."""
        self._chosen[self._n_chosen] = row
        self._n_chosen += 1

    def update(self, rows: IntArray) -> None:
        """Bring the bounds of some rows up to date with every center."""
        # Nothing is nearer than 0: duplicates of a center need no other.
        seen = np.where(self.bound[rows] > 0, self._seen[rows], self._n_centers)
        behind = np.unique(seen[seen < self._n_centers])
        if len(behind):
            X = self.X[rows]
            for first in behind.tolist():
                self._update_together(rows[seen == first], X[seen == first], first)
        self._seen[rows] = self._n_centers

    def put(self, rows: IntArray, squared: FloatArray) -> None:
        """Take over the squared distances of some rows, up to date with every center."""
        self.bound[rows] = squared
        self._seen[rows] = self._n_centers

    @property
    def _n_centers(self) -> int:
        return len(self._X_labeled) + self._n_chosen

    def _update_together(self, rows: IntArray, X: FloatArray, first: int) -> None:
        """Bring rows up to date whose bounds are exact for the same number of centers."""
        for centers in self._centers(first):
            for part in tiles(len(rows), max(self.X.shape[1], len(centers))):
                tile, near = X[part], self.bound[rows[part]]
                pairs = _Products(tile, centers, self._origin).maybe_nearest(near)
                np.minimum.at(near, pairs[0], _of_pairs(tile, pairs[0], centers, pairs[1]))
                self.bound[rows[part]] = near

    def _centers(self, first: int) -> Iterator[FloatArray]:
        """Yield the centers from number `first` on, some at a time."""
        labeled = self._X_labeled[first:]
        for block in tiles(len(labeled), 1, _CENTERS):
            yield labeled[block]
        chosen = self.chosen[max(0, first - len(self._X_labeled)) :]
        for block in tiles(len(chosen), 1, _CENTERS):
            yield self.X[chosen[block]]


class _Products:
    """Squared distances of a tile to some centers from a matrix product, and how far off they can be."""

    def __init__(self, tile: FloatArray, centers: FloatArray, origin: FloatArray) -> None:
        tile, centers = tile - origin, centers - origin
        self._norms: FloatArray = np.einsum("ij,ij->i", tile, tile)
        # Centers by rows, without the norms of the rows: the least of them runs along the long axis.
        self._products: FloatArray = (-2 * centers) @ tile.T
        self._products += np.einsum("ij,ij->i", centers, centers)[:, None]
        self._least: FloatArray = self._products.min(axis=0)
        # A product of d terms is off by d roundings of |x| |c|, and the nearest center is no farther from the
        # origin than twice |x| plus its distance. Counted double, for the nearest may be off upward.
        numbers = np.finfo(tile.dtype)
        slack = (tile.shape[1] + 16) * numbers.eps
        self._slack: FloatArray = slack * (8 * self._norms + 2 * np.maximum(self._norms + self._least, 0))
        self._slack += numbers.tiny

    def smallest(self) -> tuple[FloatArray, FloatArray]:
        """Return the squared distance of each row to the nearest center, and how far off it can be."""
        return self._norms + self._least, self._slack

    def maybe_nearest(self, near: FloatArray) -> tuple[IntArray, IntArray]:
        """Return all pairs (row, center) that may be nearest, and nearer than what is known as `near`."""
        limit = np.minimum(self._least, near - self._norms) + self._slack
        # Written so that what overflowed is looked at too.
        pairs = np.flatnonzero(~(self._products > limit.astype(self._products.dtype)))
        centers, rows = np.divmod(pairs, len(near))
        return rows, centers


def choose_greedily(nearest: NearestCenter, n: int, score: Score) -> IntArray:
    """Choose the rows of the largest scores one after the other, each at once a center for those that follow.

    Parameters
    ----------
    nearest : NearestCenter
        What is labeled or chosen already; the choices are added to it.
    n : int
        How many rows, those chosen before included.
    score : callable
        ``score(squared, rows, k)`` gives the utilities of some rows for pick k from their squared distances to the
        nearest center. It must not rise when a distance falls, and be linear in k.

    Returns
    -------
    rows : ndarray of shape (n,)
        Best first, ties to the lowest row: what scoring every row for every pick gives. O(n_rows + n) memory.
    """
    size = max(64, TILE_NUMBERS // max(1, nearest.X.shape[1]) // 2)
    if len(nearest.X) <= size:
        # All are looked at together, whatever their bounds.
        rows: IntArray = np.delete(np.arange(len(nearest.X)), nearest.chosen)
        nearest.update(rows)
        _choose_among(nearest, rows, (-np.inf, len(nearest.X)), n, score)
        return nearest.chosen
    nearest.estimate()
    until = n
    while (n_chosen := len(nearest.chosen)) < n:
        highest = np.maximum(*(score(nearest.bound, slice(None), k) for k in (n_chosen, until - 1)))
        highest[nearest.chosen] = -np.inf
        rows, last = _first_rows(highest, size)
        rows = rows[highest[rows] > -np.inf]
        nearest.update(rows)
        _choose_among(nearest, rows, (highest[last], last), until, score)
        # Scores that rise with k can hide the next choice: then the marks must hold for this one pick only.
        until = n if len(nearest.chosen) > n_chosen else n_chosen + 1
    return nearest.chosen


def _first_rows(highest: FloatArray, size: int) -> tuple[IntArray, int]:
    """Return the rows of the largest values in row order, and which of them is the last by (value, low row)."""
    size = min(size, len(highest))
    edge = np.partition(highest, len(highest) - size)[len(highest) - size]
    above = np.flatnonzero(highest > edge)
    tied = np.flatnonzero(highest == edge)[: size - len(above)]
    return np.sort(np.concatenate([above, tied])), int(tied[-1])


def _choose_among(nearest: NearestCenter, rows: IntArray, last: tuple[float, int], until: int, score: Score) -> None:
    """Choose from rows that are up to date, while the best is not behind `last`: all other rows are."""
    near, n_chosen = nearest.bound[rows], len(nearest.chosen)
    in_reach = np.maximum(score(near, rows, n_chosen), score(near, rows, until - 1)) >= last[0]
    rows, near = rows[in_reach], near[in_reach]
    tile = nearest.X[rows].astype(np.float64)
    difference = np.empty_like(tile)
    is_open = np.ones(len(rows), bool)
    while len(nearest.chosen) < until and is_open.any():
        utility = np.where(is_open, score(near, rows, len(nearest.chosen)), -np.inf)
        best = int(np.argmax(utility))
        if (utility[best], -rows[best]) < (last[0], -last[1]):
            break
        nearest.choose(rows[best])
        if nearest.is_full:
            return
        is_open[best] = False
        # A duplicate of a center brings nothing nearer.
        if near[best] > 0:
            np.subtract(tile, tile[best], out=difference)
            np.minimum(near, np.einsum("ij,ij->i", difference, difference), out=near)
    nearest.put(rows, near)


def _of_pairs(X: FloatArray, rows: IntArray, centers: FloatArray, columns: IntArray) -> FloatArray:
    """Return the squared distance of each pair (row of `X`, row of `centers`), from differences."""
    squared = np.empty(len(rows))
    for pairs in tiles(len(rows), X.shape[1]):
        squared[pairs] = row_norms(X[rows[pairs]].astype(np.float64) - centers[columns[pairs]])
    return squared
