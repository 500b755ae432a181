"""Dawid and Skene's model of annotators, by expectation-maximization.

`alwidgets.kernels.dawid_skene` is for labeling functions: it also reads their silence, counts copies as few, and thinks
well of them beforehand. This is the model as it was published, for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.types import BoolArray, FloatArray, IntArray

# What never happened is taken to be so rare, not impossible: as in crowd-kit.
_EPS = 1e-10


@dataclass(frozen=True, eq=False)
class DawidSkene:
    """A fitted model.

    Parameters
    ----------
    proba : ndarray of shape (n_items, n_classes)
        Probability of each class for each item; rows sum to 1. Without an answer it is the class balance.
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        How often an annotator answers class l (last axis) to an item of class k; zeros without any answers.
    balance : ndarray of shape (n_classes,)
        How frequent each class is.
    n_iter : int
        Iterations made.
    """

    proba: FloatArray
    confusion: FloatArray
    balance: FloatArray
    n_iter: int


def fit_dawid_skene(codes: IntArray, n_classes: int, *, max_iter: int = 1000, tol: float = 1e-7) -> DawidSkene:
    r"""Fit a confusion matrix for each annotator.

    .. math:: p_{ik} \propto \pi_k \prod_{a: x_{ia} \ge 0} \theta^a_{k, x_{ia}}, \qquad
              \pi_k = \frac{1}{n} \sum_i p_{ik}, \qquad
              \theta^a_{kl} = \frac{\sum_{i: x_{ia} = l} p_{ik}}{\sum_{i: x_{ia} \ge 0} p_{ik}}

    where :math:`p_{ik}` is the probability of class k for item i, :math:`x_{ia}` the answer of annotator a, and n the
    number of items with an answer. The first :math:`p_{ik}` are the shares of the answers. Nothing is drawn: the same
    matrix gives the same numbers.

    Parameters
    ----------
    codes : ndarray of shape (n_items, n_annotators), int
        Class numbers; -1 where there is no answer.
    n_classes : int
        How many classes there are.
    max_iter : int
        The most iterations.
    tol : float
        Stop when no probability changes by more.

    Returns
    -------
    model : DawidSkene
        O(n_answers n_classes) time an iteration.

    Raises
    ------
    ValueError
        If there is no answer.

    References
    ----------
    .. [1] Dawid & Skene (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm, Applied
           Statistics 28(1), 20-28.

    Examples
    --------
    The third annotator mistakes class 1 for 0, so that an answer of 1 is worth more:

    >>> codes = np.array([[0, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 0], [1, 1, 0], [1, -1, 0]])
    >>> fit_dawid_skene(codes, 2).proba[5].round(2)
    array([0., 1.])
    """
    from scipy.sparse import csr_array

    rows, columns = np.nonzero(codes >= 0)
    if not len(rows):
        raise ValueError("codes has no answer; expected at least one.")
    given, (n_items, n_annotators) = codes[rows, columns], codes.shape
    counts = np.bincount(rows * n_classes + given, minlength=n_items * n_classes).reshape(n_items, n_classes)
    n_answers = counts.sum(axis=1)
    answered: BoolArray = n_answers > 0
    proba: FloatArray = counts / np.maximum(n_answers, 1)[:, None]
    # An answer is of a kind: annotator and class said. One row an item, one column a kind, 1 where it was given.
    shape = n_items, n_annotators * n_classes
    kinds = csr_array((np.ones(len(rows)), (rows, columns * n_classes + given)), shape=shape)
    said = (kinds.sum(axis=0) > 0).reshape(n_annotators, n_classes)
    n_iter = 0
    while n_iter < max_iter:
        balance, confusion = _maximized(proba, answered, kinds, said)
        before, proba = proba, _expected(balance, confusion, kinds, said)
        n_iter += 1
        if np.max(np.abs(proba - before), initial=0, where=answered[:, None]) <= tol:
            break
    balance, confusion = _maximized(proba, answered, kinds, said)
    return DawidSkene(proba, confusion.transpose(1, 0, 2), balance, n_iter)


def _maximized(proba: FloatArray, answered: BoolArray, kinds: Any, said: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return the class balance and the confusions, shape (n_classes, n_annotators, n_classes), true class first."""
    balance = proba[answered].mean(axis=0)
    times = (kinds.T @ proba).T.reshape(-1, *said.shape)
    confusion = np.where(said, np.maximum(times, _EPS), 0)
    totals = confusion.sum(axis=2, keepdims=True)
    # What nobody ever said stays at 0: it would be taken for the class of what does not fit elsewhere.
    return np.where(said.any(axis=0), np.maximum(balance, _EPS), 0), confusion / np.where(totals > 0, totals, 1)


def _expected(balance: FloatArray, confusion: FloatArray, kinds: Any, said: BoolArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        log_balance = np.log(balance)
    evidence = np.log(np.where(said, confusion, 1)).reshape(len(balance), -1)
    log_proba = log_balance + kinds @ evidence.T
    likelihood = np.exp(log_proba - log_proba.max(axis=1, keepdims=True))
    proba: FloatArray = likelihood / likelihood.sum(axis=1, keepdims=True)
    return proba
