"""The k most uncertain rows without scoring every row exactly: the same rows and utilities, sooner.

Each row first gets a cheap bound in float32: what its utility is at most. Only rows whose bound reaches the
k-th best utility found so far are scored by the kernel itself, in the precision of the input. On the way every row
is checked as the kernels check it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np

from alwidgets.kernels.arrays import check_nonnegative, proba_matrix, quiet, streamed
from alwidgets.kernels.selection import Best
from alwidgets.kernels.uncertainty import (
    TileKernel,
    check_class_major,
    class_major_tiles,
    entropy,
    entropy_tile,
    least_confidence,
    least_confidence_tile,
    margin,
    margin_tile,
    ratio,
    ratio_tile,
    two_largest,
)
from alwidgets.types import FloatArray, IntArray

# What rounding to float32 may do to a utility, with room to spare.
_SLACK = 1e-5

# A tile of the pool is read once: it may be larger than the cache, and what is made of it may not.
_TILE_NUMBERS = 1_048_576
_FEWEST_ROWS, _MOST_ROWS = 2048, 16_384

UncertaintyKernel = Callable[[FloatArray], FloatArray]

#: Kernel -> the same of a class-major tile.
_TILE_KERNEL: dict[UncertaintyKernel, TileKernel] = {
    least_confidence: least_confidence_tile,
    margin: margin_tile,
    ratio: ratio_tile,
    entropy: entropy_tile,
}


@quiet
def most_uncertain(
    kernel: UncertaintyKernel, proba: FloatArray, k: int, rng: np.random.Generator
) -> tuple[IntArray, FloatArray]:
    """Return ``top_k(kernel(proba), k, rng)`` and the utilities of these rows, sooner.

    Parameters
    ----------
    kernel : callable
        `least_confidence`, `margin`, `ratio` or `entropy`.
    proba : ndarray of shape (n_candidates, n_classes)
        Class probabilities; rows sum to 1.
    k : int
        How many rows; all when `k` is larger than their number.
    rng : numpy.random.Generator
        Orders the ties.

    Returns
    -------
    rows : ndarray of shape (min(k, n_candidates),)
        Row numbers, largest utility first.
    utility : ndarray of shape (min(k, n_candidates),)
        Their utilities.

    Raises
    ------
    ValueError
        As the kernel and `top_k`; also for another kernel than these.

    Notes
    -----
    O(n_candidates * n_classes) time; beside the input, a tile and a few times `k` numbers. Entropy is bounded
    through the sum of squares s of a row: of all distributions with this sum, one large and C - 1 equal
    probabilities have the most entropy, so that logarithms are taken of few rows.

    Examples
    --------
    >>> proba = np.array([[0.9, 0.1], [0.5, 0.5], [0.6, 0.4]])
    >>> most_uncertain(margin, proba, 2, np.random.default_rng(0))
    (array([1, 2]), array([1. , 0.8]))
    """
    exact = _tile_kernel(kernel)
    proba = proba_matrix(proba)
    best = Best(check_nonnegative(k))
    # What is not finite fails the check, and needs no warning beside.
    for rows, tile in class_major_tiles(proba, np.dtype(np.float32)):
        off = check_class_major(proba, rows.start, tile)
        kept = _worth_a_look(kernel, tile, best.edge, max(off, _SLACK))
        if len(kept):
            best.offer(rows.start + kept, exact(np.ascontiguousarray(proba[rows.start + kept].T)))
    return best.take(rng)


@quiet
def most_uncertain_linear(
    kernel: UncertaintyKernel,
    X: FloatArray,
    candidates: IntArray,
    weights: tuple[FloatArray, FloatArray],
    k: int,
    rng: np.random.Generator,
) -> tuple[IntArray, FloatArray]:
    r"""Return the k rows about which a linear softmax model is most uncertain, and their utilities.

    .. math:: p_{ic} \propto \exp(w_c \cdot x_i + b_c)

    where :math:`x_i` is row i of `X`, :math:`w_c` and :math:`b_c` the weights and the intercept of class c.
    The probabilities of the whole pool are never made: the gap between a row's two largest logits bounds its
    utility (entropy is found in float32), and only rows whose bound is large enough are looked at again, exactly.

    Parameters
    ----------
    kernel : callable
        `least_confidence`, `margin`, `ratio` or `entropy`.
    X : ndarray of shape (n_samples, n_features)
        The pool, memory map or array.
    candidates : ndarray of shape (n_candidates,)
        The rows that may be chosen, ascending.
    weights : tuple of ndarray of shape (n_classes, n_features) and (n_classes,)
        Weights and intercepts; with a single row of weights, those of the second of two classes.
    k : int
        How many rows; all when `k` is larger than their number.
    rng : numpy.random.Generator
        Orders the ties.

    Returns
    -------
    positions : ndarray of shape (min(k, n_candidates),)
        Row numbers into `candidates`, largest utility first.
    utility : ndarray of shape (min(k, n_candidates),)
        Their utilities.

    Raises
    ------
    ValueError
        If a row of `X` gives no finite logits, or `kernel` is another one.

    Notes
    -----
    O(n_samples * n_features * n_classes) time in one reading of `X`; beside it, a tile and a few times `k` numbers.

    Examples
    --------
    >>> X, weights = np.array([[-2.0], [0.1], [3.0]]), (np.array([[1.0]]), np.array([0.0]))
    >>> most_uncertain_linear(margin, X, np.arange(3), weights, 1, np.random.default_rng(0))[0]
    array([1])
    """
    exact = _tile_kernel(kernel)
    coef, intercept = np.asarray(weights[0], np.float64), np.asarray(weights[1], np.float64)
    n_classes = max(2, len(coef))
    best = Best(check_nonnegative(k))
    for first, logits in _logit_tiles(X, candidates, coef, intercept):
        # Larger logits are known less exactly.
        slack = _SLACK * (1 + float(np.abs(logits).max()))
        if not np.isfinite(slack):
            row = candidates[first + int(np.flatnonzero(~np.isfinite(logits).all(axis=0))[0])]
            raise ValueError(f"X row {row} gives no finite decision; expected finite numbers.")
        if kernel is entropy and len(coef) > 1:
            kept = np.flatnonzero(_entropy_of(logits) >= best.edge - slack)
        else:
            gap = np.abs(logits[0]) if len(coef) == 1 else np.subtract(*two_largest(logits))
            kept = np.flatnonzero(gap <= _largest_gap(kernel, best.edge, n_classes) + slack)
        if len(kept):
            rows = X[candidates[first + kept]].astype(np.float64, copy=False)
            best.offer(first + kept, exact(_softmax(coef @ rows.T + intercept[:, None])))
    return best.take(rng)


def _worth_a_look(kernel: UncertaintyKernel, tile: FloatArray, edge: float, off: float) -> IntArray:
    """Return the columns of a tile in float32 whose utility may reach the edge; sums may be `off` by so much."""
    if kernel is entropy and len(tile) > 1:
        squares = np.add.reduce(tile * tile, axis=0)
        most = _most_squares(edge, len(tile), off)
        # Most tiles have no such row.
        columns = np.flatnonzero(squares <= most) if squares.min() <= most else np.empty(0, np.intp)
        # Logarithms in float32 cost less than a look at the row itself.
        utility = entropy_tile(tile[:, columns])
        return columns[utility >= edge - _SLACK]
    utility = _TILE_KERNEL[kernel](tile)
    return np.flatnonzero(utility >= edge - _SLACK) if utility.max() >= edge - _SLACK else np.empty(0, np.intp)


def _tile_kernel(kernel: UncertaintyKernel) -> TileKernel:
    if kernel not in _TILE_KERNEL:
        names = ", ".join(known.__name__ for known in _TILE_KERNEL)
        raise ValueError(f"kernel is {kernel!r}; expected one of {names}.")
    return _TILE_KERNEL[kernel]


def _logit_tiles(
    X: FloatArray, candidates: IntArray, coef: FloatArray, intercept: FloatArray
) -> Iterator[tuple[int, FloatArray]]:
    """Yield (place of the first candidate, class-major logits of the candidates from there on)."""
    step = int(np.clip(_TILE_NUMBERS // max(1, X.shape[1]), _FEWEST_ROWS, _MOST_ROWS))
    if 2 * len(candidates) < len(X):
        # Cheaper to take the candidates out than to go through all.
        for first in range(0, len(candidates), step):
            yield first, _logits(np.asarray(X[candidates[first : first + step]]), coef, intercept)
        return
    for rows in streamed(X, step):
        first, last = np.searchsorted(candidates, (rows.start, rows.stop)).tolist()
        if last > first:
            logits = _logits(np.asarray(X[rows]), coef, intercept)
            yield first, logits[:, candidates[first:last] - rows.start]


def _logits(tile: FloatArray, coef: FloatArray, intercept: FloatArray) -> FloatArray:
    if len(coef) == 1:
        # A matrix times one vector is faster this way than through BLAS.
        logits: FloatArray = np.einsum("ij,j->i", tile, coef[0].astype(tile.dtype))[None]
    else:
        logits = coef.astype(np.float32) @ tile.astype(np.float32, copy=False).T
    logits += intercept[:, None].astype(logits.dtype)
    return logits


def _entropy_of(logits: FloatArray) -> FloatArray:
    """Return the entropy of each column, as a share of the largest, with one logarithm a column."""
    logits -= np.maximum.reduce(logits, axis=0)
    powers = np.exp(logits)
    total = np.add.reduce(powers, axis=0)
    powers *= logits
    share: FloatArray = np.log(total) - np.add.reduce(powers, axis=0) / total
    return share / np.float32(np.log(len(logits)))


def _softmax(logits: FloatArray) -> FloatArray:
    if len(logits) == 1:
        logits = np.concatenate([np.zeros_like(logits), logits])
    powers: FloatArray = np.exp(logits - logits.max(axis=0))
    powers /= powers.sum(axis=0)
    return powers


@lru_cache(maxsize=64)
def _most_squares(entropy_share: float, n_classes: int, off: float) -> float:
    """Return the largest sum of squares that a row of at least this entropy may have.

    `off` is how far the sum of the row may be from 1; both ends of the bound make room for it.
    """
    least = ((entropy_share - _SLACK) * math.log(n_classes) - off) / (1 + off) if n_classes > 1 else -math.inf

    def reaches(squares: float) -> bool:
        largest = (1 + math.sqrt(max(0.0, (n_classes - 1) * (n_classes * squares - 1)))) / n_classes
        return _peaked_entropy(largest, n_classes) >= least

    return _last(reaches, 1 / n_classes, 1.0) * (1 + off) ** 2


@lru_cache(maxsize=64)
def _largest_gap(kernel: UncertaintyKernel, utility: float, n_classes: int) -> float:
    """Return the largest gap between the first two logits that a row of at least this utility may have.

    All other classes being as probable as the second is what makes a row with this gap most uncertain.
    """

    def reaches(gap: float) -> bool:
        second = math.exp(-gap)
        largest = 1 / (1 + (n_classes - 1) * second)
        bound: dict[UncertaintyKernel, float] = {
            least_confidence: 1 - largest,
            margin: 1 - largest * (1 - second),
            ratio: second,
            entropy: _peaked_entropy(largest, n_classes) / math.log(n_classes),
        }
        return bound[kernel] >= utility - _SLACK

    # No float differs from 0 by more than this many powers of e.
    return _last(reaches, 0.0, 750.0)


def _peaked_entropy(largest: float, n_classes: int) -> float:
    """Return the entropy, in nats, of one probability and n_classes - 1 equal ones."""
    others = (1 - largest) / max(1, n_classes - 1)
    return -sum(n * p * math.log(p) for n, p in ((1, largest), (n_classes - 1, others)) if p > 0)


def _last(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Return the end of the interval in which a condition that fails from some point on holds, or all of it."""
    if holds(high):
        return math.inf
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return high
