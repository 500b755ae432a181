"""Uncertainty of a model about each candidate.

Every function returns one utility per candidate, larger = ask sooner. Work goes tile by tile: a tile is
copied class-major, so that the reductions run along the long axis and the temporaries stay in cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from alwidgets.kernels.arrays import Workspace, checked_rows, column_sums, proba_matrix, quiet
from alwidgets.types import FloatArray

# What a tile holds: few enough numbers for the second-level cache, enough rows for NumPy's loops.
_TILE_NUMBERS = 131_072
_FEWEST_ROWS, _MOST_ROWS = 512, 16_384
_FEW_COLUMNS = 32
# A call of NumPy for fewer numbers is mostly a call.
_LONG_CALL = 16_384

#: A class-major tile, (n_classes, n_rows) -> one utility a row, which may lie in the workspace.
TileKernel = Callable[[FloatArray, Workspace], FloatArray]


@quiet
def least_confidence(proba: FloatArray) -> FloatArray:
    r"""Return one minus the probability of the most probable class.

    .. math:: u_i = 1 - \max_c p_{ic}

    where :math:`p_{ic}` is the probability of class c for candidate i.

    Parameters
    ----------
    proba : ndarray of shape (n_candidates, n_classes)
        Class probabilities; rows sum to 1.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In [0, 1 - 1/n_classes], larger = ask sooner; 0 when the model is certain.

    Raises
    ------
    ValueError
        If `proba` is not two-dimensional, holds NaN, or a row is negative or does not sum to 1 (within 1e-3).

    References
    ----------
    .. [1] Lewis & Gale (1994), A sequential algorithm for training text classifiers, SIGIR, 3-12.

    Examples
    --------
    >>> least_confidence(np.array([[0.5, 0.5], [1.0, 0.0]]))
    array([0.5, 0. ])
    """
    return _scored(proba, least_confidence_tile)


@quiet
def margin(proba: FloatArray) -> FloatArray:
    """Return one minus the gap between the two most probable classes.

    .. math:: u_i = 1 - (p_{i(1)} - p_{i(2)})

    where :math:`p_{i(j)}` is the j-th largest probability of candidate i.

    Parameters
    ----------
    proba : ndarray of shape (n_candidates, n_classes)
        Class probabilities; rows sum to 1.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In [0, 1], larger = ask sooner; 1 when the top two tie, 0 when the model is certain or knows
        only one class.

    Raises
    ------
    ValueError
        If `proba` is not two-dimensional, holds NaN, or a row is negative or does not sum to 1 (within 1e-3).

    References
    ----------
    .. [1] Scheffer, Decomain & Wrobel (2001), Active hidden Markov models for information extraction,
           IDA, LNCS 2189, 309-318.

    Examples
    --------
    >>> margin(np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]))
    array([1., 0.])
    """
    return _scored(proba, margin_tile)


@quiet
def ratio(proba: FloatArray) -> FloatArray:
    """Return the second largest probability as a share of the largest.

    .. math:: u_i = p_{i(2)} / p_{i(1)}

    where :math:`p_{i(j)}` is the j-th largest probability of candidate i.

    Parameters
    ----------
    proba : ndarray of shape (n_candidates, n_classes)
        Class probabilities; rows sum to 1.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In [0, 1], larger = ask sooner; 1 when the top two tie, 0 when the model is certain or knows
        only one class. O(n_candidates * n_classes).

    Raises
    ------
    ValueError
        If `proba` is not two-dimensional, holds NaN, or a row is negative or does not sum to 1 (within 1e-3).

    References
    ----------
    .. [1] Settles (2012), Active learning, Morgan & Claypool, section 2.3.

    Examples
    --------
    >>> ratio(np.array([[0.5, 0.5, 0.0], [0.8, 0.2, 0.0]]))
    array([1.  , 0.25])
    """
    return _scored(proba, ratio_tile)


@quiet
def entropy(proba: FloatArray) -> FloatArray:
    r"""Return the Shannon entropy of each row, as a share of the largest possible.

    .. math:: u_i = -\frac{1}{\ln C} \sum_c p_{ic} \ln p_{ic}

    where :math:`p_{ic}` is the probability of class c for candidate i, C the number of classes, and
    :math:`0 \ln 0 = 0`.

    Parameters
    ----------
    proba : ndarray of shape (n_candidates, n_classes)
        Class probabilities; rows sum to 1.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In [0, 1], larger = ask sooner; 1 for a uniform row, 0 for a certain one or a single class.

    Raises
    ------
    ValueError
        If `proba` is not two-dimensional, holds NaN, or a row is negative or does not sum to 1 (within 1e-3).

    References
    ----------
    .. [1] Shannon (1948), A mathematical theory of communication, Bell System Technical Journal 27, 379-423.
    .. [2] Dagan & Engelson (1995), Committee-based sampling for training probabilistic classifiers, ICML.

    Examples
    --------
    >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0]]))
    array([1., 0.])
    """
    return _scored(proba, entropy_tile)


@quiet
def decision_margin(decision: FloatArray) -> FloatArray:
    r"""Return minus the distance to the decision boundary, in units of the decision function.

    .. math:: u_i = -|f_i| \quad\text{or}\quad u_i = -(f_{i(1)} - f_{i(2)})

    where :math:`f_i` is the decision value of a two-class model, and :math:`f_{i(j)}` the j-th largest
    of the values of a model with one value a class.

    Parameters
    ----------
    decision : ndarray of shape (n_candidates,) or (n_candidates, n_classes)
        What ``decision_function`` returns (one column a class; not one column a pair of classes).

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        At most 0, larger = ask sooner; 0 on the boundary.

    Raises
    ------
    ValueError
        If `decision` holds NaN or has more than two dimensions.

    References
    ----------
    .. [1] Tong & Koller (2001), Support vector machine active learning, JMLR 2, 45-66.

    Examples
    --------
    >>> decision_margin(np.array([-2.0, 0.5]))
    array([-2. , -0.5])
    """
    values = decision if decision.dtype in (np.float32, np.float64) else decision.astype(np.float64)
    if values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1):  # noqa: PLR2004
        utility = -np.abs(values.reshape(-1))
    elif values.ndim == 2 and values.shape[1]:  # noqa: PLR2004
        utility = np.empty(len(values), values.dtype)
        work = Workspace()
        for rows, tile in class_major_tiles(values, values.dtype, work):
            first, second = two_largest(tile, work)
            # Two infinite values leave no difference: reported as NaN below.
            np.subtract(second, first, out=utility[rows])
    else:
        msg = f"decision has shape {decision.shape}; expected (n_candidates,) or (n_candidates, n_classes)."
        raise ValueError(msg)
    if np.isnan(utility).any():
        row = int(np.flatnonzero(np.isnan(utility))[0])
        raise ValueError(f"decision has NaN in row {row}; expected numbers. Look at the model that gave it.")
    return utility


def least_confidence_tile(tile: FloatArray, work: Workspace) -> FloatArray:
    """Return the least confidence of each column of a class-major tile."""
    first: FloatArray = np.maximum.reduce(tile, axis=0, out=work("first", tile.shape[1:], tile.dtype))
    np.subtract(1, first, out=first)
    # What is not quite a distribution may lead past the ends of the range.
    return np.clip(first, 0, 1 - tile.dtype.type(1 / len(tile)), out=first)


def margin_tile(tile: FloatArray, work: Workspace) -> FloatArray:
    """Return the margin utility of each column of a class-major tile."""
    first, second = two_largest(tile, work)
    first -= second
    np.subtract(1, first, out=first)
    # A little below 0, the second would widen the gap to more than 1.
    return np.maximum(first, 0, out=first)


def ratio_tile(tile: FloatArray, work: Workspace) -> FloatArray:
    """Return the ratio of each column of a class-major tile."""
    if len(tile) == 1:
        return np.zeros(tile.shape[1], tile.dtype)
    first, second = two_largest(tile, work)
    np.maximum(second, 0, out=second)
    second /= first
    return second


def entropy_tile(tile: FloatArray, work: Workspace) -> FloatArray:
    """Return the entropy of each column of a class-major tile, as a share of the largest possible."""
    if len(tile) == 1:
        return np.zeros(tile.shape[1], tile.dtype)
    if tile.shape[1] == 1:
        # A single column would be summed in another order, and its last digit would depend on its company.
        return entropy_tile(np.repeat(tile, 2, axis=1), work)[:1]
    smallest, tiny = tile.min(initial=1), np.finfo(tile.dtype).tiny
    if smallest < 0:
        # What is a little below 0 would count against the entropy of the others.
        tile = np.maximum(tile, 0)
    logs = work("logs", tile.shape, tile.dtype)
    # p ln p is 0 at p = 0; the smallest positive number keeps the logarithm finite there. Looking is the cheaper part.
    np.log(tile if smallest >= tiny else np.maximum(tile, tiny, out=logs), out=logs)
    np.multiply(tile, logs, out=logs)
    total: FloatArray = np.add.reduce(logs, axis=0, out=work("total", tile.shape[1:], tile.dtype))
    total *= tile.dtype.type(1 / np.log(len(tile)))
    # A row may sum to a little more than 1. Taken from 0, the sum of a certain row is 0 and not -0.
    np.subtract(0, total, out=total)
    return np.clip(total, 0, 1, out=total)


def class_major_tiles(
    values: FloatArray, dtype: np.dtype[np.floating], work: Workspace
) -> Iterator[tuple[slice, FloatArray]]:
    """Yield (rows, class-major tile in this precision); a tile is good until the next one."""
    n_rows, n_classes = values.shape
    step = min(rows_per_tile(n_classes), n_rows)
    for start in range(0, n_rows, step or 1):
        rows = slice(start, min(start + step, n_rows))
        part = values[rows]
        if part.dtype != dtype or part.strides[0] != part.itemsize:
            if part.dtype != dtype and part.flags.c_contiguous:
                # Numbers are converted faster in the order in which they lie, and turned round after that.
                converted = work("converted", part.shape, dtype)
                np.copyto(converted, part, casting="same_kind")
                part = converted
            tile = work("tile", part.shape[::-1], dtype)
            np.copyto(tile, part.T, casting="same_kind")
            yield rows, tile
        else:
            yield rows, part.T


def rows_per_tile(n_columns: int) -> int:
    """Return the number of rows per tile: enough for NumPy's loops, few enough for the cache."""
    # Numbers of one class that lie far apart are gathered faster from a smaller tile.
    n_numbers = _TILE_NUMBERS if n_columns <= _FEW_COLUMNS else _TILE_NUMBERS // 2
    # Of very many columns a tile is to be small all the same.
    fewest = min(_FEWEST_ROWS, 4 * _TILE_NUMBERS // max(1, n_columns)) or 1
    return min(max(n_numbers // max(1, n_columns), fewest), _MOST_ROWS)


def two_largest(tile: FloatArray, work: Workspace) -> tuple[FloatArray, FloatArray]:
    """Return the largest and second largest of each column of a class-major tile, in the workspace.

    The first rows, as many as make a long call, meet all others; then they meet each other as in a tournament.
    """
    n, n_columns = tile.shape
    n_left = min(max(1, n // 2), -(-_LONG_CALL // n_columns))
    first, second, spare = (work(name, (n_left, n_columns), tile.dtype) for name in ("first", "second", "lesser"))
    if n == 1:
        # One class: no rival, hence the widest gap a probability can have.
        first[...] = tile
        return first[0], np.subtract(tile, 1, out=second)[0]
    np.maximum(tile[:n_left], tile[n_left : 2 * n_left], out=first)
    np.minimum(tile[:n_left], tile[n_left : 2 * n_left], out=second)
    for start in range(2 * n_left, n, n_left):
        other = tile[start : start + n_left]
        n_met = len(other)
        _meet(first[:n_met], second[:n_met], other, None, spare[:n_met])
    while n_left > 1:
        half = n_left // 2
        _meet(first[:half], second[:half], first[half : 2 * half], second[half : 2 * half], spare[:half])
        if n_left % 2:
            _meet(first[:1], second[:1], first[n_left - 1 : n_left], second[n_left - 1 : n_left], spare[:1])
        n_left = half
    return first[0], second[0]


def _meet(
    first: FloatArray, second: FloatArray, other: FloatArray, other_second: FloatArray | None, spare: FloatArray
) -> None:
    """Put the two largest of two pairs, or of a pair and a number, in place of the first pair."""
    if other_second is not None:
        np.maximum(second, other_second, out=second)
    np.minimum(first, other, out=spare)
    np.maximum(second, spare, out=second)
    np.maximum(first, other, out=first)


def _scored(proba: FloatArray, kernel: TileKernel) -> FloatArray:
    proba = proba_matrix(proba)
    utility = np.empty(len(proba), proba.dtype)
    work = Workspace()
    # What is not finite fails the check, and needs no warning beside.
    for rows, tile in class_major_tiles(proba, proba.dtype, work):
        checked_rows(proba, rows.start, column_sums(tile, work), tile)
        utility[rows] = kernel(tile, work)
    return utility
