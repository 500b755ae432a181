"""The k most uncertain rows without scoring every row exactly: the same rows and utilities, sooner.

Each row first gets a cheap bound in float32: what its utility is at most. Only rows whose bound reaches the
k-th best utility found so far are scored by the kernel itself, in the precision of the input. On the way every row
is checked as the kernels check it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from alwidgets.kernels.arrays import (
    Workspace,
    check_nonnegative,
    checked_rows,
    column_sums,
    proba_matrix,
    quiet,
    row_sums,
    softmax,
    streamed,
)
from alwidgets.kernels.selection import Best
from alwidgets.kernels.uncertainty import (
    TileKernel,
    entropy,
    entropy_tile,
    least_confidence,
    least_confidence_tile,
    margin,
    margin_tile,
    ratio,
    ratio_tile,
    rows_per_tile,
    two_largest,
)
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.threads import in_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What rounding to float32 may do to a utility, with room to spare.
_SLACK = 1e-5

# A tile of the pool is read once: it may be larger than the cache, and what is made of it may not.
_TILE_NUMBERS = 1_048_576
_FEWEST_ROWS, _MOST_ROWS = 2048, 16_384
# All of the first are scored, for an edge that the others are screened by.
_FIRST_ROWS = 512
# Of a larger pool several threads each go through a span of so many numbers at a time.
_SPAN_NUMBERS = 2**24

# Shorter rows cost as much a sum as longer ones; columns do not.
_SHORT_ROW = 8
# So many are sooner looked at than screened again.
_FEW_ROWS = 128
_NOWHERE = np.empty(0, np.intp)
_TINY = np.finfo(np.float32).tiny

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
    exact, screen = _tile_kernel(kernel), _SCREENS[kernel]
    proba = proba_matrix(proba)
    k = check_nonnegative(k)
    best, work = Best(k), Workspace()
    best.offer(np.empty(0, np.intp), np.empty(0, proba.dtype))
    waiting: list[IntArray] = []

    def offer_waiting() -> None:
        if waiting:
            kept = np.concatenate(waiting)
            waiting.clear()
            best.offer(kept, exact(np.ascontiguousarray(proba[kept].T), work).copy())

    by_class = kernel in (margin, ratio) or proba.shape[1] < _SHORT_ROW
    for rows, tile in _single_tiles(proba, max(k, _FIRST_ROWS), work, by_class=by_class):
        off, smallest = checked_rows(proba, rows.start, tile.sums(tile.numbers, work), tile.numbers)
        # How far the sum of what is positive may be from 1.
        off += proba.shape[1] * max(0.0, -smallest)
        # Where nothing was scored yet all may be among the best, and so may all where utilities of 0 are.
        if best.edge <= _SLACK:
            kept = np.arange(rows.start, rows.stop)
        else:
            kept = rows.start + screen(tile, best.edge, off, work)
        if len(kept):
            waiting.append(kept)
        # Few at a time cost more for their calls than for their numbers.
        if sum(map(len, waiting)) >= min(k, rows.stop - rows.start):
            offer_waiting()
    offer_waiting()
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
    screen = LinearScreen(kernel, weights, k, dense=2 * len(candidates) >= len(X))
    # Spans do not depend on the number of threads, so that neither does the result.
    best = Best(screen.k)
    for part in in_threads(lambda span: screen.best_of(X, candidates, span), spans(candidates, X.shape[1])):
        best.join(part)
    return best.take(rng)


class LinearScreen:
    """The search of `most_uncertain_linear` in a span of a pool.

    Parameters
    ----------
    kernel, weights, k
        As there.
    dense : bool
        Whether so many rows are candidates that it is cheaper to go through all.
    """

    def __init__(
        self, kernel: UncertaintyKernel, weights: tuple[FloatArray, FloatArray], k: int, *, dense: bool
    ) -> None:
        self._kernel, self._exact = kernel, _tile_kernel(kernel)
        self._coef, self._intercept = (np.asarray(values, np.float64) for values in weights)
        self.k, self._dense = check_nonnegative(k), dense

    def __call__(self, X: FloatArray, candidates: IntArray) -> Best:
        """Return the best of the candidates, by their places."""
        return self.best_of(X, candidates, (0, len(candidates)))

    @quiet
    def best_of(self, X: FloatArray, candidates: IntArray, span: tuple[int, int]) -> Best:
        """Return the best of the candidates at these places, first and behind the last, by their places."""
        kernel, coef, intercept = self._kernel, self._coef, self._intercept
        n_classes = max(2, len(coef))
        best, work = Best(self.k), Workspace()
        for first, logits, error in self._logit_tiles(X, candidates, span):
            # Larger logits are known less exactly.
            slack = _SLACK * (1 + _largest(logits)) + error
            if not np.isfinite(slack):
                row = candidates[first + int(np.flatnonzero(~np.isfinite(logits).all(axis=0))[0])]
                raise ValueError(f"X row {row} gives no finite decision; expected finite numbers.")
            if kernel is entropy and len(coef) > 1:
                kept = np.flatnonzero(_entropy_of(logits) >= best.edge - slack)
            else:
                gap = np.abs(logits[0]) if len(coef) == 1 else np.subtract(*two_largest(logits, work))
                kept = np.flatnonzero(gap <= _largest_gap(kernel, best.edge, n_classes) + slack)
            if len(kept):
                rows = X[candidates[first + kept]].astype(np.float64, copy=False)
                best.offer(first + kept, self._exact(_probabilities(coef @ rows.T + intercept[:, None]), work).copy())
        return best

    def _as_floats(self, rows: Any) -> FloatArray:
        """Return rows in the precision that they are gone through in."""
        tile = np.asarray(rows)
        if len(self._coef) > 1:
            return tile.astype(np.float32, copy=False)
        return tile if tile.dtype in (np.float32, np.float64) else tile.astype(np.float64)

    def _logit_tiles(
        self, X: FloatArray, candidates: IntArray, span: tuple[int, int]
    ) -> Iterator[tuple[int, FloatArray, float]]:
        """Yield (place of the first candidate, class-major logits of the candidates from there on, their error)."""
        coef, intercept = self._coef, self._intercept
        step = int(np.clip(_TILE_NUMBERS // max(1, X.shape[1]), _FEWEST_ROWS, _MOST_ROWS))
        begin, end = span
        if not self._dense:
            # Cheaper to take the candidates out than to go through all.
            for first in range(begin, end, step):
                tile = self._as_floats(X[candidates[first : min(first + step, end)]])
                yield first, _logits(tile, coef, intercept), _error(tile, coef, intercept)
            return
        for rows in streamed(X, step, int(candidates[begin]), int(candidates[end - 1]) + 1):
            first, last = np.searchsorted(candidates, (rows.start, rows.stop)).tolist()
            if last > first:
                tile, places = self._as_floats(X[rows]), candidates[first:last] - rows.start
                error = _error(tile, coef, intercept)
                # Rows beside the candidates may be anything.
                error = error if math.isfinite(error) else _error(tile[places], coef, intercept)
                yield first, _logits(tile, coef, intercept)[:, places], error


def spans(candidates: IntArray, width: int) -> Iterator[tuple[int, int]]:
    """Yield (first, last) places among the candidates: spans that threads go through, one of all in most pools."""
    step = max(_MOST_ROWS, _SPAN_NUMBERS // max(1, width))
    for first in range(0, len(candidates), step):
        yield first, min(first + step, len(candidates))


class _Tile(NamedTuple):
    """Probabilities in float32, in the order in which they lie in memory."""

    numbers: FloatArray
    """Of shape (n_rows, n_classes), or the other way round."""
    class_major: bool
    """Whether it is the other way round."""

    def sums(self, numbers: FloatArray, work: Workspace) -> FloatArray:
        """Return the sum over the classes of numbers that lie as those of the tile, one for each row."""
        return (column_sums if self.class_major else row_sums)(numbers, work)

    def take(self, rows: IntArray) -> _Tile:
        """Return the tile of some rows."""
        return _Tile(self.numbers[:, rows] if self.class_major else self.numbers[rows], self.class_major)


def _single_tiles(
    proba: FloatArray,
    n_first: int,
    work: Workspace,
    *,
    by_class: bool,
) -> Iterator[tuple[slice, _Tile]]:
    """Yield (rows, tile), so many rows first, and class-major where that is asked for; good until the next one."""
    class_major = proba.strides[0] == proba.itemsize != proba.strides[1]
    stored = proba.T if class_major else proba
    converted, turned = proba.dtype != np.float32 or stored.strides[1] != proba.itemsize, by_class and not class_major
    n_rows, n_classes = proba.shape
    # Two tiles of half the size are in the cache where there is a copy.
    most = rows_per_tile(n_classes) * (1 if converted or turned else 2)
    start, step = 0, min(most, n_first)
    while start < n_rows:
        rows = slice(start, min(start + step, n_rows))
        part = stored[:, rows] if class_major else stored[rows]
        if converted:
            single = work("single", part.shape, np.float32)
            np.copyto(single, part, casting="same_kind")
            part = single
        if turned:
            columns = work("turned", part.shape[::-1], np.float32)
            np.copyto(columns, part.T)
            part = columns
        yield rows, _Tile(part, class_major or by_class)
        start, step = rows.stop, most


def _where(condition: NDArray[np.bool_]) -> IntArray:
    """Return where a condition holds, which it does in few tiles."""
    return np.flatnonzero(condition) if condition.any() else _NOWHERE


def _least_confident(tile: _Tile, edge: float, off: float, work: Workspace) -> IntArray:
    """Return the rows of which no probability is above what the edge allows."""
    del off
    above = work("above", tile.numbers.shape, np.bool_)
    np.greater(tile.numbers, np.float32(1 - edge + _SLACK), out=above)
    if tile.class_major:
        surely = np.logical_or.reduce(above, axis=0, out=work("surely", above.shape[1:], np.bool_))
    else:
        surely = any_of_row(above, work)
    return _where(np.logical_not(surely, out=work("kept", surely.shape, np.bool_)))


def any_of_row(flags: NDArray[np.bool_], work: Workspace) -> NDArray[np.bool_]:
    """Return whether any flag of each row is set.

    Of all windows of so many flags as a row has, each made of two of about half the width, every n-th is a row: that
    is far less work than a reduction along a short axis.
    """
    n_columns, width = flags.shape[1], 1
    windows = flags.reshape(-1)
    while width < n_columns:
        step = min(width, n_columns - width)
        out = work(f"windows {width.bit_length() % 2}", (len(windows) - step,), np.bool_)
        windows = np.logical_or(windows[:-step], windows[step:], out=out)
        width += step
    return windows[::n_columns]


def _of_small_margin(tile: _Tile, edge: float, off: float, work: Workspace) -> IntArray:
    """Return the rows whose two largest probabilities are as near each other as the edge asks for."""
    del off
    first, second = two_largest(tile.numbers, work)
    first -= second
    return _where(np.less_equal(first, np.float32(1 - edge + _SLACK), out=work("kept", first.shape, np.bool_)))


def _of_large_ratio(tile: _Tile, edge: float, off: float, work: Workspace) -> IntArray:
    """Return the rows whose second largest probability is as large a share of the largest as the edge asks for."""
    del off
    first, second = two_largest(tile.numbers, work)
    first *= np.float32(edge - _SLACK)
    return _where(np.greater_equal(second, first, out=work("kept", first.shape, np.bool_)))


def _of_large_entropy(tile: _Tile, edge: float, off: float, work: Workspace) -> IntArray:
    """Return the rows whose sum of squares leaves room for the entropy of the edge, and whose entropy reaches it."""
    n_classes = tile.numbers.shape[not tile.class_major]
    squares = np.multiply(tile.numbers, tile.numbers, out=work("powers", tile.numbers.shape, np.float32))
    sums = tile.sums(squares, work)
    most = np.float32(_most_squares(edge, n_classes, max(off, _SLACK)))
    kept = _where(np.less_equal(sums, most, out=work("kept", sums.shape, np.bool_)))
    if len(kept) <= _FEW_ROWS:
        return kept
    # Logarithms in float32 cost less than a look at the row itself. Of many classes the squares say little, and taking
    # rows out of a tile costs as much as logarithms.
    few = 2 * len(kept) <= len(sums)
    share = _entropy_of_tile(tile.take(kept) if few else tile, work)
    reaches = np.flatnonzero(share >= np.float32(edge - _SLACK))
    return kept[reaches] if few else reaches


def _entropy_of_tile(tile: _Tile, work: Workspace) -> FloatArray:
    """Return the entropy of each row, to within `_SLACK`, as a share of the largest."""
    numbers = tile.numbers
    if numbers.min(initial=0) < 0:
        numbers = np.maximum(numbers, 0)
    # Too small a number to be seen beside the others, and 0 has a logarithm.
    logs = np.add(numbers, _TINY, out=work("logs", numbers.shape, np.float32))
    np.log(logs, out=logs)
    logs *= numbers
    total = tile.sums(logs, work)
    total *= np.float32(-1 / math.log(max(2, numbers.shape[not tile.class_major])))
    return total


#: Kernel -> which rows of a tile may have a utility of at least the edge, which is above 0.
_SCREENS: dict[UncertaintyKernel, Callable[[_Tile, float, float, Workspace], IntArray]] = {
    least_confidence: _least_confident,
    margin: _of_small_margin,
    ratio: _of_large_ratio,
    entropy: _of_large_entropy,
}


def _tile_kernel(kernel: UncertaintyKernel) -> TileKernel:
    if kernel not in _TILE_KERNEL:
        names = ", ".join(known.__name__ for known in _TILE_KERNEL)
        raise ValueError(f"kernel is {kernel!r}; expected one of {names}.")
    return _TILE_KERNEL[kernel]


def _logits(tile: FloatArray, coef: FloatArray, intercept: FloatArray) -> FloatArray:
    if len(coef) == 1:
        # A matrix times one vector is faster this way than through BLAS.
        logits: FloatArray = np.einsum("ij,j->i", tile, coef[0].astype(tile.dtype))[None]
    else:
        logits = coef.astype(np.float32) @ tile.T
    logits += intercept[:, None].astype(logits.dtype)
    return logits


def _error(tile: FloatArray, coef: FloatArray, intercept: FloatArray) -> float:
    """Bound the error of the logits of a tile: large products may leave a small sum."""
    if tile.dtype != np.float32:
        return 0.0
    size = float(np.abs(coef).sum(axis=1).max()) * _largest(tile) + float(np.abs(intercept).max())
    return 4 * float(np.finfo(np.float32).eps) * math.sqrt(max(1, tile.shape[1])) * size


def _largest(values: FloatArray) -> float:
    """Return the largest size of a number."""
    return max(float(values.max(initial=0)), -float(values.min(initial=0)))


def _entropy_of(logits: FloatArray) -> FloatArray:
    """Return the entropy of each column, as a share of the largest, with one logarithm a column."""
    logits -= np.maximum.reduce(logits, axis=0)
    powers = np.exp(logits)
    total = np.add.reduce(powers, axis=0)
    powers *= logits
    share: FloatArray = np.log(total) - np.add.reduce(powers, axis=0) / total
    return share / np.float32(np.log(len(logits)))


def _probabilities(logits: FloatArray) -> FloatArray:
    if len(logits) == 1:
        logits = np.concatenate([np.zeros_like(logits), logits])
    return softmax(logits)


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
