"""Uncertainty of a model about each candidate.

Every function returns one utility per candidate, larger = ask sooner. Work goes tile by tile: a tile is
copied class-major, so that the reductions run along the long axis and the temporaries stay in cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from alwidgets.kernels.arrays import PROBA_TOLERANCE, check_proba_tile, proba_matrix, quiet
from alwidgets.types import FloatArray

# What a tile holds: few enough numbers for the second-level cache, enough rows for NumPy's loops.
_TILE_NUMBERS = 131_072
_FEWEST_ROWS, _MOST_ROWS = 1024, 16_384

#: A class-major tile, (n_classes, n_rows) -> one utility a row.
TileKernel = Callable[[FloatArray], FloatArray]


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
    if decision.ndim == 1 or (decision.ndim == 2 and decision.shape[1] == 1):  # noqa: PLR2004
        utility = -np.abs(decision.reshape(-1))
    elif decision.ndim == 2 and decision.shape[1]:  # noqa: PLR2004
        values = decision if decision.dtype in (np.float32, np.float64) else decision.astype(np.float64)
        utility = np.empty(len(values), values.dtype)
        for rows, tile in class_major_tiles(values, values.dtype):
            first, second = two_largest(tile)
            # Two infinite values leave no difference: reported as NaN below.
            np.subtract(second, first, out=utility[rows])
    else:
        msg = f"decision has shape {decision.shape}; expected (n_candidates,) or (n_candidates, n_classes)."
        raise ValueError(msg)
    if np.isnan(utility).any():
        row = int(np.flatnonzero(np.isnan(utility))[0])
        raise ValueError(f"decision has NaN in row {row}; expected numbers. Look at the model that gave it.")
    return utility


def least_confidence_tile(tile: FloatArray) -> FloatArray:
    """Return the least confidence of each column of a class-major tile."""
    first: FloatArray = np.maximum.reduce(tile, axis=0)
    np.subtract(1, first, out=first)
    # What is not quite a distribution may lead past the ends of the range.
    return np.clip(first, 0, 1 - tile.dtype.type(1 / len(tile)), out=first)


def margin_tile(tile: FloatArray) -> FloatArray:
    """Return the margin utility of each column of a class-major tile."""
    first, second = two_largest(tile)
    first -= second
    np.subtract(1, first, out=first)
    # A little below 0, the second would widen the gap to more than 1.
    return np.maximum(first, 0, out=first)


def ratio_tile(tile: FloatArray) -> FloatArray:
    """Return the ratio of each column of a class-major tile."""
    if len(tile) == 1:
        return np.zeros(tile.shape[1], tile.dtype)
    first, second = two_largest(tile)
    np.maximum(second, 0, out=second)
    second /= first
    return second


def entropy_tile(tile: FloatArray) -> FloatArray:
    """Return the entropy of each column of a class-major tile, as a share of the largest possible."""
    if len(tile) == 1:
        return np.zeros(tile.shape[1], tile.dtype)
    if tile.shape[1] == 1:
        # A single column would be summed in another order, and its last digit would depend on its company.
        return entropy_tile(np.repeat(tile, 2, axis=1))[:1]
    if tile.min(initial=0) < 0:
        # What is a little below 0 would count against the entropy of the others.
        tile = np.maximum(tile, 0)
    # p ln p is 0 at p = 0; the smallest positive number keeps the logarithm finite there.
    logs = np.log(np.maximum(tile, np.finfo(tile.dtype).tiny))
    np.multiply(tile, logs, out=logs)
    total: FloatArray = np.add.reduce(logs, axis=0)
    # A row may sum to a little more than 1. Taken from 0, the sum of a certain row is 0 and not -0.
    return np.clip(0 - total * tile.dtype.type(1 / np.log(len(tile))), 0, 1)


def class_major_tiles(values: FloatArray, dtype: np.dtype[np.floating]) -> Iterator[tuple[slice, FloatArray]]:
    """Yield (rows, class-major tile in this precision); a tile is good until the next one."""
    n_rows, n_classes = values.shape
    step = rows_per_tile(n_classes)
    # One workspace for all: fresh memory costs as much as the arithmetic.
    workspace = np.empty((n_classes, min(step, n_rows)), dtype)
    for start in range(0, n_rows, step):
        rows = slice(start, min(start + step, n_rows))
        tile = values[rows].T
        if tile.dtype != dtype or not tile.flags.c_contiguous:
            copy = workspace[:, : tile.shape[1]]
            np.copyto(copy, tile, casting="same_kind")
            tile = copy
        yield rows, tile


def rows_per_tile(n_columns: int) -> int:
    """Return the number of rows per tile: enough for NumPy's loops, few enough for the cache."""
    return int(np.clip(_TILE_NUMBERS // max(1, n_columns), _FEWEST_ROWS, _MOST_ROWS))


def two_largest(tile: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the largest and second largest of each column of a class-major tile.

    As in a tournament, the rows meet in pairs, and the pairs meet again: few calls on many numbers each.
    """
    if len(tile) == 1:
        # One class: no rival, hence the widest gap a probability can have.
        return tile[0].copy(), tile[0] - 1
    half = len(tile) // 2
    first, second = np.maximum(tile[:half], tile[half : 2 * half]), np.minimum(tile[:half], tile[half : 2 * half])
    if len(tile) % 2:
        _meet(first[:1], second[:1], tile[-1:], None)
    while (n := len(first)) > 1:
        half = n // 2
        _meet(first[:half], second[:half], first[half : 2 * half], second[half : 2 * half])
        if n % 2:
            _meet(first[:1], second[:1], first[-1:], second[-1:])
        first, second = first[:half], second[:half]
    return first[0], second[0]


def _meet(first: FloatArray, second: FloatArray, other: FloatArray, other_second: FloatArray | None) -> None:
    """Put the two largest of two pairs, or of a pair and a number, in place of the first pair."""
    if other_second is not None:
        np.maximum(second, other_second, out=second)
    np.maximum(second, np.minimum(first, other), out=second)
    np.maximum(first, other, out=first)


def _scored(proba: FloatArray, kernel: TileKernel) -> FloatArray:
    proba = proba_matrix(proba)
    utility = np.empty(len(proba), proba.dtype)
    # What is not finite fails the check, and needs no warning beside.
    for rows, tile in class_major_tiles(proba, proba.dtype):
        check_class_major(proba, rows.start, tile)
        utility[rows] = kernel(tile)
    return utility


def check_class_major(proba: FloatArray, first: int, tile: FloatArray) -> float:
    """Raise unless the columns of a class-major tile are distributions; return their largest deviation.

    That is, how far the sum of a column, or of what is positive in it, may be from 1.
    """
    total = np.add.reduce(tile, axis=0)
    # Smallest and largest of all are the cheap question, and NaN fails it; which row it is matters for the message.
    off, smallest = max(float(total.max()) - 1, 1 - float(total.min())), float(tile.min())
    if not (off <= PROBA_TOLERANCE and smallest >= -PROBA_TOLERANCE):
        check_proba_tile(proba, first, total, tile.min(axis=0))
    return off + len(tile) * max(0.0, -smallest)
