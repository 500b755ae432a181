"""Batches whose gradients are large and unlike each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from alwidgets.kernels.arrays import (
    check_matrix,
    check_nonnegative,
    check_proba_tile,
    in_units,
    proba_matrix,
    quiet,
    tiles,
    unit_of,
)
from alwidgets.kernels.distances import CANCELLED, row_norms
from alwidgets.types import FloatArray, IntArray

# Rows proposed at once: enough to pay for going through the weights, few enough to compare with each other.
_PROPOSALS = 128
# When fewer of them than this are taken, the weights are too old to go on with.
_FEW_TAKEN = _PROPOSALS // 16
# Picks measured against a tile at once.
_CENTERS = 128


@quiet
def badge(X: FloatArray, proba: FloatArray, n: int, rng: np.random.Generator) -> IntArray:
    r"""Return the rows of a BADGE batch: k-means++ seeds among the gradients of the last layer.

    .. math::

        g_i = (p_i - e_{\hat y_i}) \otimes x_i, \qquad
        P(j) \propto \min_{s \in S} \lVert g_j - g_s \rVert_2^2

    where :math:`p_i` are the class probabilities of candidate i, :math:`e_{\hat y_i}` is 1 at its most probable
    class and 0 elsewhere, :math:`x_i` are its features and S the rows already chosen. The first row is the one of
    the largest :math:`\lVert g_i \rVert`; each next one, j, is drawn with probability :math:`P(j)`. When every
    gradient left equals a chosen one, the rest is drawn from all rows alike.

    Parameters
    ----------
    X : ndarray of shape (n_candidates, n_features)
        Candidates as the last layer of the model sees them: for a linear model the features it was fitted on.
    proba : ndarray of shape (n_candidates, n_classes)
        Class probabilities; rows sum to 1. Of classes that tie, the lowest is the predicted one.
    n : int
        How many rows; all when `n` is larger than their number.
    rng : numpy.random.Generator
        Draws the rows.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Row numbers into `X`, in the order of choice. The gradients, n_candidates * n_classes * n_features numbers,
        are never made. O(n_candidates) memory; O(n_candidates * (n_features + n_classes)) time while proposals
        from old distances are mostly taken, at most n times that.

    Raises
    ------
    ValueError
        If `X` is not a matrix or holds NaN or infinity, `proba` is not one row of probabilities for each row of `X`,
        or `n` is negative.
    TypeError
        If `n` is not a whole number.

    Notes
    -----
    A row is proposed with a probability proportional to an upper bound of its squared distance and taken with
    the share its true distance has of the bound: that draws exactly from :math:`P`.

    References
    ----------
    .. [1] Ash, Zhang, Krishnamurthy, Langford & Agarwal (2020), Deep batch active learning by diverse, uncertain
           gradient lower bounds, ICLR.
    .. [2] Cohen-Addad, Lattanzi, Norouzi-Fard, Sohler & Svensson (2020), Fast and accurate k-means++ via rejection
           sampling, NeurIPS.

    Examples
    --------
    >>> X = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    >>> proba = np.array([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0]])
    >>> badge(X, proba, 1, np.random.default_rng(0))
    array([1])
    """
    X = check_matrix(X, "X")
    proba = _check_proba(proba, len(X))
    n = min(check_nonnegative(n), len(X))
    if n == 0:
        return np.empty(0, np.intp)
    # Gradients are as large as the features: the order of their distances does not depend on the unit.
    _, (X,) = in_units(X)
    return _drawn(_Seeds(_Held(X, proba)), n, rng)


@quiet
def badge_of(pool: GradientPool, n: int, rng: np.random.Generator) -> IntArray:
    """Return the rows of `badge` of a pool that is read in blocks, by the same draws.

    Parameters
    ----------
    pool : GradientPool
        Candidates. All are read once, and again whenever few proposals from old distances are taken; 128 rows by
        their numbers for each drawing.
    n : int
        How many rows.
    rng : numpy.random.Generator
        Draws the rows.

    Returns
    -------
    rows : ndarray of shape (min(n, n_candidates),)
        Row numbers, in the order of choice; O(n_candidates) memory.
    """
    n = min(check_nonnegative(n), len(pool))
    if n == 0:
        return np.empty(0, np.intp)
    source = _Read(pool)
    seeds = _Seeds(source)
    unit = unit_of(source.largest, single=source.single)
    if unit != 1:
        source.unit = unit
        seeds = _Seeds(source)
    return _drawn(seeds, n, rng)


def _drawn(seeds: _Seeds, n: int, rng: np.random.Generator) -> IntArray:
    n_taken = n
    while len(seeds.chosen) < n:
        if n_taken < _FEW_TAKEN:
            seeds.measure()
        weights = seeds.weights()
        if not weights.any():
            others = np.delete(np.arange(len(weights)), seeds.chosen)
            seeds.chosen.extend(rng.choice(others, n - len(seeds.chosen), replace=False).tolist())
            break
        proposed = _draw(weights, rng)
        n_taken = seeds.take_some(proposed, rng.random(_PROPOSALS) * weights[proposed], n)
    return np.array(seeds.chosen, np.intp)


def _check_proba(proba: Any, n_rows: int) -> FloatArray:
    floats = proba_matrix(proba)
    if len(floats) != n_rows:
        raise ValueError(f"proba has {len(floats)} rows; expected {n_rows}, one for each row of X.")
    for rows in tiles(*floats.shape):
        # Class-major, so that the reductions run along the long axis.
        tile = np.ascontiguousarray(floats[rows].T)
        check_proba_tile(floats, rows.start, tile.sum(axis=0), tile.min(axis=0))
    return floats


def _draw(weights: FloatArray, rng: np.random.Generator) -> IntArray:
    """Return rows drawn with replacement, each with a probability proportional to its weight."""
    cumulative = np.cumsum(weights)
    rows: IntArray = np.searchsorted(cumulative, rng.random(_PROPOSALS) * cumulative[-1], side="right")
    # Rounding can carry the product up to the total.
    return np.minimum(rows, len(weights) - 1)


class _Gradients(NamedTuple):
    """Gradients of some rows as what they are the outer products of, and their squared norms."""

    errors: FloatArray
    """Probabilities minus the predicted class, (n_classes, n)."""
    features: FloatArray
    """(n, n_features)."""
    norms: FloatArray
    """(n,)."""


def _gradients(X: FloatArray, proba: FloatArray, rows: Any) -> _Gradients:
    errors = proba[rows].T.astype(np.float64, order="C")
    predicted = errors == errors.max(axis=0)
    if np.count_nonzero(predicted) > predicted.shape[1]:
        predicted &= np.cumsum(predicted, axis=0) == 1
    errors -= predicted
    features = X[rows].astype(np.float64, order="C")
    return _Gradients(errors, features, np.square(errors).sum(axis=0) * row_norms(features))


def _squared_distances(a: _Gradients, b: _Gradients) -> FloatArray:
    """Return the squared distances between two sets of gradients, without cancellation."""
    scale = np.add.outer(a.norms, b.norms)
    squared: FloatArray = (a.errors.T @ b.errors) * (a.features @ b.features.T)
    squared *= -2
    squared += scale
    scale *= CANCELLED
    lost = np.flatnonzero(~(squared > scale))
    for part in tiles(len(lost), len(a.errors) + a.features.shape[1]):
        i, j = np.divmod(lost[part], len(b.norms))
        squared[i, j] = _of_pairs(a, i, b, j)
    return squared


def _of_pairs(a: _Gradients, i: IntArray, b: _Gradients, j: IntArray) -> FloatArray:
    """Return the squared distances of pairs from differences: of the errors and of the features."""
    error, features = b.errors.T[j], a.features[i]
    error_step, step = a.errors.T[i] - error, features - b.features[j]
    squared = row_norms(error_step) * row_norms(features) + row_norms(error) * row_norms(step)
    squared += 2 * np.einsum("ij,ij->i", error_step, error) * np.einsum("ij,ij->i", features, step)
    return np.asarray(np.maximum(squared, 0))


class GradientPool(Protocol):
    """Features and probabilities of candidates that are read when they are asked for."""

    def __len__(self) -> int:
        """Return the number of candidates."""

    def at(self, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return features and probabilities of candidates by their numbers."""

    def blocks(self) -> Iterator[tuple[int, FloatArray, FloatArray]]:
        """Yield the number of the first candidate, features and probabilities, until all were read."""


class _Held:
    """Gradients of candidates in memory."""

    def __init__(self, X: FloatArray, proba: FloatArray) -> None:
        self._X, self._proba = X, proba

    def __len__(self) -> int:
        return len(self._X)

    def at(self, rows: Any) -> _Gradients:
        """Return gradients by the numbers of their rows."""
        return _gradients(self._X, self._proba, rows)

    def tiles(self) -> Iterator[tuple[slice, _Gradients]]:
        """Yield the rows of a tile, and their gradients."""
        width = max(_CENTERS, self._X.shape[1], self._proba.shape[1])
        return ((rows, self.at(rows)) for rows in tiles(len(self), width))


class _Read:
    """Gradients of candidates that are read in blocks."""

    def __init__(self, pool: GradientPool) -> None:
        self._pool = pool
        # How large numbers are is known once all were read.
        self.unit, self.largest, self.single = 1.0, 0.0, False

    def __len__(self) -> int:
        return len(self._pool)

    def at(self, rows: Any) -> _Gradients:
        """Return gradients by the numbers of their rows."""
        X, proba = self._pool.at(np.asarray(rows, np.intp))
        return _gradients(self._in_unit(X), proba, slice(None))

    def tiles(self) -> Iterator[tuple[slice, _Gradients]]:
        """Yield the rows of a tile, and their gradients."""
        for first, X, proba in self._pool.blocks():
            self.largest = max(self.largest, float(X.max()), -float(X.min()))
            self.single = X.dtype == np.float32
            for rows, gradients in _Held(self._in_unit(X), proba).tiles():
                yield slice(first + rows.start, first + rows.stop), gradients

    def _in_unit(self, X: FloatArray) -> FloatArray:
        return X if self.unit == 1 else (X / self.unit).astype(X.dtype, copy=False)


class _Seeds:
    """The rows chosen so far, and upper bounds of how far all others are from them."""

    def __init__(self, source: _Held | _Read) -> None:
        self._source = source
        squared = np.empty(len(source))
        for rows, gradients in source.tiles():
            squared[rows] = gradients.norms
        self.chosen: list[int] = [int(np.argmax(squared))]
        self._centers = [source.at(self.chosen)]
        self._norms = np.sqrt(squared)
        self._measured = np.full(len(source), np.inf)
        self._n_measured = 0

    def weights(self) -> FloatArray:
        """Return upper bounds of the squared distances to the nearest chosen row; 0 only if the distance is."""
        # No gradient is farther from another than the two are long together.
        bounds: FloatArray = self._norms + self._norms[self.chosen].min()
        np.square(bounds, out=bounds)
        np.minimum(bounds, self._measured, out=bounds)
        bounds[self.chosen] = 0
        return bounds

    def take_some(self, proposed: IntArray, thresholds: FloatArray, n: int) -> int:
        """Choose each proposed row that is farther than its threshold from all chosen before; return how many."""
        before = len(self.chosen)
        rows = self._source.at(proposed)
        near = _nearest(rows, self._centers)
        to_each_other = _squared_distances(rows, rows)
        for i, row in enumerate(proposed.tolist()):
            if thresholds[i] < near[i]:
                self.chosen.append(row)
                self._centers.append(_Gradients(rows.errors[:, [i]], rows.features[[i]], rows.norms[[i]]))
                np.minimum(near, to_each_other[i], out=near)
            if len(self.chosen) == n:
                break
        return len(self.chosen) - before

    def measure(self) -> None:
        """Find the squared distance of every row to the nearest chosen one."""
        new = self._centers[self._n_measured :]
        for rows, gradients in self._source.tiles():
            np.minimum(self._measured[rows], _nearest(gradients, new), out=self._measured[rows])
        self._n_measured = len(self._centers)


def _nearest(rows: _Gradients, centers: list[_Gradients]) -> FloatArray:
    """Return the squared distance of each row to the nearest of some centers."""
    near = np.full(len(rows.norms), np.inf)
    for block in tiles(len(centers), 1, _CENTERS):
        some = centers[block]
        joined = _Gradients(
            np.concatenate([each.errors for each in some], axis=1),
            np.concatenate([each.features for each in some]),
            np.concatenate([each.norms for each in some]),
        )
        np.minimum(near, _squared_distances(rows, joined).min(axis=1), out=near)
    return near
