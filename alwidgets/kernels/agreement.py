"""Agreement of two lists of predictions and expected performance of a model, computed without labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from alwidgets.kernels.arrays import check_proba, quiet
from alwidgets.kernels.disagreement import check_n_classes
from alwidgets.types import FloatArray, IntArray


@quiet
def cohen_kappa(a: IntArray, b: IntArray, n_classes: int) -> float:
    r"""Return Cohen's kappa of two lists of predictions: their agreement beyond chance.

    .. math:: \kappa = \frac{p_o - p_e}{1 - p_e}, \qquad p_e = \sum_c \frac{n_{ac}}{n} \frac{n_{bc}}{n}

    where :math:`p_o` is the share of samples that both predict alike, :math:`n_{ac}` and :math:`n_{bc}` how often
    each predicts class c, and n the number of samples.

    Parameters
    ----------
    a, b : ndarray of int, shape (n_samples,)
        Class numbers, 0 to n_classes - 1; at least one.
    n_classes : int
        How many classes there are, whether predicted or not.

    Returns
    -------
    kappa : float
        In [-1, 1]: 1 when they are equal, by definition also where both predict a single class; 0 when they agree as
        often as chance would have it. O(n_samples + n_classes).

    Raises
    ------
    ValueError
        If a list is empty, is not a list of class numbers, or they differ in length.
    TypeError
        If `n_classes` is not a whole number.

    References
    ----------
    .. [1] Cohen (1960), A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20,
           37-46.

    Examples
    --------
    >>> round(cohen_kappa(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]), 2), 12)
    0.5
    """
    a, b, n_classes = _check_pair(a, b, n_classes)
    n = len(a)
    if n == 0:
        raise ValueError("a and b are empty; expected at least one prediction each.")
    alike = int(np.count_nonzero(a == b))
    if alike == n:
        return 1.0
    # In whole numbers, so that nothing is rounded but the result.
    by_chance = sum(x * y for x, y in zip(_counts(a, n_classes), _counts(b, n_classes), strict=True))
    return (alike * n - by_chance) / (n * n - by_chance)


@quiet
def f_change(a: IntArray, b: IntArray, n_classes: int) -> float:
    r"""Estimate the change of the F score from predictions a to predictions b.

    .. math:: \Delta = \frac{1}{|S|} \sum_{c \in S} \left(1 - \frac{2 t_c}{2 t_c + u_c + v_c}\right)

    where :math:`t_c` is how many samples both predict as class c, :math:`u_c` and :math:`v_c` how many only a and only
    b does, and S the classes that either predicts. The paper has two classes and takes the positive one alone.

    Parameters
    ----------
    a, b : ndarray of int, shape (n_samples,)
        Class numbers, 0 to n_classes - 1.
    n_classes : int
        How many classes there are, whether predicted or not.

    Returns
    -------
    change : float
        In [0, 1]; 0 when nothing changed, or there is nothing. O(n_samples + n_classes).

    Raises
    ------
    ValueError
        If one is not a list of class numbers, or they differ in length.
    TypeError
        If `n_classes` is not a whole number.

    References
    ----------
    .. [1] Altschuler & Bloodgood (2019), Stopping active learning based on predicted change of F measure for text
           classification, ICSC, arXiv:1901.09118.

    Examples
    --------
    >>> round(f_change(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]), 2), 4)
    0.2667
    """
    a, b, n_classes = _check_pair(a, b, n_classes)
    either = np.bincount(a, minlength=n_classes) + np.bincount(b, minlength=n_classes)
    present = either > 0
    if not present.any():
        return 0.0
    both = np.bincount(a[a == b], minlength=n_classes)
    return float(np.mean(1 - 2 * both[present] / either[present]))


@quiet
def expected_f(proba: FloatArray) -> float:
    r"""Return the F that a model expects of its own predictions, the mean over the classes.

    .. math:: F = \frac{1}{|S|} \sum_{c \in S} \frac{2 t_c}{2 t_c + u_c + v_c}

    where :math:`t_c = \sum_{i: \hat y_i = c} p_{ic}` is the expected number of samples rightly predicted as class c,
    :math:`u_c = \sum_{i: \hat y_i = c} (1 - p_{ic})` of those wrongly predicted as it, :math:`v_c = \sum_{i: \hat y_i
    \ne c} p_{ic}` of those missed, :math:`p_{ic}` the probability of class c for sample i, :math:`\hat y_i` its most
    probable class, and S the classes with any probability.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
        Class probabilities; rows sum to 1. At least one row.

    Returns
    -------
    f : float
        In [0, 1]; 1 when the model is certain of every sample. O(n_samples * n_classes).

    Raises
    ------
    ValueError
        If `proba` has no row, is not a matrix, holds NaN, or a row is negative or does not sum to 1 (within 1e-3).

    References
    ----------
    .. [1] Laws & Schuetze (2008), Stopping criteria for active learning of named entity recognition, COLING, 465-472.

    Examples
    --------
    >>> expected_f(np.array([[0.75, 0.25], [0.25, 0.75]]))
    0.75
    """
    proba = check_proba(proba)
    if len(proba) == 0:
        raise ValueError("proba has no row; expected at least one.")
    predicted = proba.argmax(axis=1)
    largest = proba[np.arange(len(proba)), predicted]
    n_classes = proba.shape[1]
    right = np.bincount(predicted, largest, n_classes)
    # 2 t + u + v is how often a class is predicted, and how often it is expected.
    either = np.bincount(predicted, minlength=n_classes) + proba.sum(axis=0, dtype=np.float64)
    present = either > 0
    # Rows that sum to a little more than 1 would lead past the end of the range.
    return min(1.0, float(np.mean(2 * right[present] / either[present])))


def _check_pair(a: Any, b: Any, n_classes: Any) -> tuple[IntArray, IntArray, int]:
    n_classes = check_n_classes(n_classes)
    a, b = _check_codes(a, "a", n_classes), _check_codes(b, "b", n_classes)
    if len(a) != len(b):
        raise ValueError(f"a has {len(a)} predictions and b {len(b)}; expected the same samples in both.")
    return a, b, n_classes


def _check_codes(codes: Any, name: str, n_classes: int) -> IntArray:
    if not isinstance(codes, np.ndarray) or codes.ndim != 1 or codes.dtype.kind not in "iu":
        what = f"shape {codes.shape} and dtype {codes.dtype}" if isinstance(codes, np.ndarray) else type(codes).__name__
        raise ValueError(f"{name} is of {what}; expected class numbers, an array of integers of shape (n_samples,).")
    if len(codes) and (codes.min() < 0 or codes.max() >= n_classes):
        row = int(np.flatnonzero((codes < 0) | (codes >= n_classes))[0])
        raise ValueError(f"{name}[{row}] is {codes[row]}; expected class numbers from 0 to {n_classes - 1}.")
    return codes.astype(np.intp, copy=False)


def _counts(codes: IntArray, n_classes: int) -> list[int]:
    counts: list[int] = np.bincount(codes, minlength=n_classes).tolist()
    return counts
