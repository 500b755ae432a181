"""How unsure a model is of each candidate.

Every function returns one utility per candidate, larger = ask sooner. Work goes tile by tile: a tile is
copied class-major, so that the reductions run along the long axis and the temporaries stay in cache.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from alwidgets.types import FloatArray

# 128k numbers are 1 MB of float64: a tile and its temporaries fit the second-level cache of one core.
_TILE_NUMBERS = 131_072
_SUM_TOLERANCE = 1e-3


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
    utility = _empty_like_rows(proba)
    for rows, tile in _tiles(proba):
        np.subtract(1, tile.max(axis=0), out=utility[rows])
    return utility


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
    utility = _empty_like_rows(proba)
    for rows, tile in _tiles(proba):
        first, second = _two_largest(tile)
        np.subtract(1, first - second, out=utility[rows])
    return utility


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
    utility = _empty_like_rows(proba)
    n_classes = proba.shape[1]
    scale = -1 / np.log(n_classes) if n_classes > 1 else 0.0
    smallest = np.finfo(utility.dtype).tiny
    for rows, tile in _tiles(proba):
        # p ln p is 0 at p = 0; the smallest positive number keeps the logarithm finite there.
        logs = np.log(np.maximum(tile, smallest))
        np.multiply(tile, logs, out=logs)
        # Adding 0 turns the -0 of a certain row into 0.
        utility[rows] = logs.sum(axis=0) * scale + 0
    return utility


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
    elif decision.ndim == 2:  # noqa: PLR2004
        utility = np.empty(len(decision), _dtype(decision))
        for rows, tile in _row_tiles(decision):
            first, second = _two_largest(tile)
            # Two infinite values leave no difference: reported as NaN below.
            with np.errstate(invalid="ignore"):
                np.subtract(second, first, out=utility[rows])
    else:
        msg = f"decision has shape {decision.shape}; expected (n_candidates,) or (n_candidates, n_classes)."
        raise ValueError(msg)
    if np.isnan(utility).any():
        row = int(np.flatnonzero(np.isnan(utility))[0])
        raise ValueError(f"decision has NaN in row {row}; expected numbers. Look at the model that gave it.")
    return utility


def _dtype(values: FloatArray) -> np.dtype[np.floating]:
    return values.dtype if values.dtype in (np.float32, np.float64) else np.dtype(np.float64)


def _empty_like_rows(proba: FloatArray) -> FloatArray:
    if getattr(proba, "ndim", None) != 2:  # noqa: PLR2004
        shape = getattr(proba, "shape", type(proba).__name__)
        raise ValueError(f"proba has shape {shape}; expected (n_candidates, n_classes).")
    return np.empty(len(proba), _dtype(proba))


def _row_tiles(values: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
    n_rows, n_columns = values.shape
    step = max(1, _TILE_NUMBERS // max(1, n_columns))
    for start in range(0, n_rows, step):
        rows = slice(start, min(start + step, n_rows))
        yield rows, np.ascontiguousarray(values[rows].T)


def _tiles(proba: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
    """Yield (rows, class-major tile), each tile checked."""
    for rows, tile in _row_tiles(proba):
        # Written so that NaN fails the comparisons too.
        with np.errstate(invalid="ignore"):
            good = (np.abs(tile.sum(axis=0) - 1) <= _SUM_TOLERANCE) & (tile.min(axis=0) >= -_SUM_TOLERANCE)
        if not good.all():
            row = rows.start + int(np.flatnonzero(~good)[0])
            raise ValueError(
                f"proba row {row} is {np.array2string(proba[row], precision=4, threshold=6)}; expected "
                "probabilities that sum to 1. Look at the model that gave it."
            )
        yield rows, tile


def _two_largest(tile: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the largest and second largest of each column of a class-major tile."""
    first = tile[0].copy()
    if len(tile) == 1:
        # One class: no rival, hence the widest gap a probability can have.
        return first, first - 1
    second = np.minimum(first, tile[1])
    np.maximum(first, tile[1], out=first)
    for values in tile[2:]:
        np.maximum(second, np.minimum(first, values), out=second)
        np.maximum(first, values, out=first)
    return first, second
