"""Utilities for multilabel candidates, computed from the model's outputs for each class.

Every function returns one utility per candidate, larger = ask sooner. A *score* is signed, positive where the model
gives the class and larger where it is surer: twice a probability less 1, or a decision value. Probabilities of the
classes are independent of each other and need not sum to 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from alwidgets.kernels.arrays import PROBA_TOLERANCE, proba_matrix, quiet
from alwidgets.types import FloatArray


@quiet
def set_least_confidence(proba: FloatArray) -> FloatArray:
    r"""Return one minus the probability of the most probable label, the classes taken as independent.

    .. math:: u_i = 1 - \prod_c \max(p_{ic}, 1 - p_{ic})

    where :math:`p_{ic}` is the probability that candidate i has class c.

    Parameters
    ----------
    proba : ndarray of shape (n_candidates, n_classes)
        In [0, 1].

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In [0, 1), larger = ask sooner; 0 when the model is certain of each class. O(n_candidates * n_classes).

    Raises
    ------
    ValueError
        If `proba` is not two-dimensional, or a number is NaN or outside [0, 1] (by more than 1e-3).

    References
    ----------
    .. [1] Lewis & Gale (1994), A sequential algorithm for training text classifiers, SIGIR, 3-12.
    .. [2] Culotta & McCallum (2005), Reducing labeling effort for structured prediction tasks, AAAI, 746-751.

    Examples
    --------
    >>> set_least_confidence(np.array([[0.5, 0.5], [1.0, 0.0]]))
    array([0.75, 0.  ])
    """
    proba = check_marginals(proba)
    utility: FloatArray = 1 - np.maximum(proba, 1 - proba).prod(axis=1)
    return utility


@quiet
def set_ratio(proba: FloatArray) -> FloatArray:
    r"""Return the probability of the second most probable label as a share of that of the most probable one.

    .. math:: u_i = \max_c \frac{\min(p_{ic}, 1 - p_{ic})}{\max(p_{ic}, 1 - p_{ic})}

    where :math:`p_{ic}` is the probability that candidate i has class c. The second most probable label, the classes
    taken as independent, differs from the first in the least certain class.

    Parameters
    ----------
    proba : ndarray of shape (n_candidates, n_classes)
        In [0, 1].

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In [0, 1], larger = ask sooner; 0 when the model is certain of each class. O(n_candidates * n_classes).

    Raises
    ------
    ValueError
        If `proba` is not two-dimensional, or a number is NaN or outside [0, 1] (by more than 1e-3).

    References
    ----------
    .. [1] Settles (2012), Active learning, Morgan & Claypool, section 2.3.

    Examples
    --------
    >>> set_ratio(np.array([[0.2, 0.0], [1.0, 0.0]]))
    array([0.25, 0.  ])
    """
    proba = check_marginals(proba)
    larger = np.maximum(proba, 1 - proba)
    utility: FloatArray = ((1 - larger) / larger).max(axis=1)
    return utility


@quiet
def set_entropy(proba: FloatArray) -> FloatArray:
    r"""Return the entropy of a candidate's label as a share of the largest, the classes taken as independent.

    .. math:: u_i = -\frac{1}{C \ln 2} \sum_c \left( p_{ic} \ln p_{ic} + (1 - p_{ic}) \ln (1 - p_{ic}) \right)

    where :math:`p_{ic}` is the probability that candidate i has class c, C the number of classes, and
    :math:`0 \ln 0 = 0`.

    Parameters
    ----------
    proba : ndarray of shape (n_candidates, n_classes)
        In [0, 1].

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In [0, 1], larger = ask sooner; 1 when every probability is one half. O(n_candidates * n_classes).

    Raises
    ------
    ValueError
        If `proba` is not two-dimensional, or a number is NaN or outside [0, 1] (by more than 1e-3).

    References
    ----------
    .. [1] Shannon (1948), A mathematical theory of communication, Bell System Technical Journal 27, 379-423.

    Examples
    --------
    >>> set_entropy(np.array([[0.5, 0.5], [0.5, 0.0], [1.0, 0.0]]))
    array([1. , 0.5, 0. ])
    """
    proba = check_marginals(proba)
    tiny = np.finfo(proba.dtype).tiny
    absent = 1 - proba
    nats = proba * np.log(np.maximum(proba, tiny)) + absent * np.log(np.maximum(absent, tiny))
    # Adding 0 turns the -0 of a certain row into 0.
    # Rounding may lead past the ends of the range.
    share: FloatArray = np.clip(0 - nats.mean(axis=1) / np.log(2), 0, 1)
    return share


@quiet
def binary_minimum(score: FloatArray) -> FloatArray:
    r"""Return minus the score of the class that the model is least sure of.

    .. math:: u_i = -\min_c |s_{ic}|

    where :math:`s_{ic}` is the score of class c for candidate i. It is the confidence of a candidate by its minimum in
    the second paper, too.

    Parameters
    ----------
    score : ndarray of shape (n_candidates, n_classes)
        Positive where the model gives the class.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        At most 0, larger = ask sooner; 0 on the boundary of a class. O(n_candidates * n_classes).

    Raises
    ------
    ValueError
        If `score` is not two-dimensional, or a number is not finite.

    References
    ----------
    .. [1] Brinker (2006), On active learning in multi-label classification, From data and information analysis to
           knowledge engineering, 206-213.
    .. [2] Esuli & Sebastiani (2009), Active learning strategies for multi-label text classification, ECIR, 102-113.

    Examples
    --------
    >>> binary_minimum(np.array([[-2.0, 0.5], [1.0, 1.0]]))
    array([-0.5, -1. ])
    """
    utility: FloatArray = -np.abs(_check_score(score)).min(axis=1)
    return utility


@quiet
def avg_confidence(score: FloatArray) -> FloatArray:
    r"""Return minus the mean of how sure the model is of each class.

    .. math:: u_i = -\frac{1}{C} \sum_c |s_{ic}|

    where :math:`s_{ic}` is the score of class c for candidate i, and C the number of classes.

    Parameters
    ----------
    score : ndarray of shape (n_candidates, n_classes)
        Positive where the model gives the class.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        At most 0, larger = ask sooner. O(n_candidates * n_classes).

    Raises
    ------
    ValueError
        If `score` is not two-dimensional, or a number is not finite.

    References
    ----------
    .. [1] Esuli & Sebastiani (2009), Active learning strategies for multi-label text classification, ECIR, 102-113.

    Examples
    --------
    >>> avg_confidence(np.array([[-2.0, 0.5], [1.0, 1.0]]))
    array([-1.25, -1.  ])
    """
    utility: FloatArray = -np.abs(_check_score(score)).mean(axis=1)
    return utility


@quiet
def max_score(score: FloatArray) -> FloatArray:
    r"""Return the score of the class that the model gives most surely.

    .. math:: u_i = \max_c s_{ic}

    where :math:`s_{ic}` is the score of class c for candidate i. It asks for samples that have a class: where classes
    are rare, these teach most.

    Parameters
    ----------
    score : ndarray of shape (n_candidates, n_classes)
        Positive where the model gives the class.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        Larger = ask sooner. O(n_candidates * n_classes).

    Raises
    ------
    ValueError
        If `score` is not two-dimensional, or a number is not finite.

    References
    ----------
    .. [1] Esuli & Sebastiani (2009), Active learning strategies for multi-label text classification, ECIR, 102-113.

    Examples
    --------
    >>> max_score(np.array([[-2.0, 0.5], [1.0, 1.0]]))
    array([0.5, 1. ])
    """
    utility: FloatArray = _check_score(score).max(axis=1)
    return utility


@quiet
def avg_score(score: FloatArray) -> FloatArray:
    r"""Return the mean score of the classes.

    .. math:: u_i = \frac{1}{C} \sum_c s_{ic}

    where :math:`s_{ic}` is the score of class c for candidate i, and C the number of classes. It asks for samples that
    have many classes.

    Parameters
    ----------
    score : ndarray of shape (n_candidates, n_classes)
        Positive where the model gives the class.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        Larger = ask sooner. O(n_candidates * n_classes).

    Raises
    ------
    ValueError
        If `score` is not two-dimensional, or a number is not finite.

    References
    ----------
    .. [1] Esuli & Sebastiani (2009), Active learning strategies for multi-label text classification, ECIR, 102-113.

    Examples
    --------
    >>> avg_score(np.array([[-2.0, 0.5], [1.0, 1.0]]))
    array([-0.75,  1.  ])
    """
    utility: FloatArray = _check_score(score).mean(axis=1)
    return utility


@quiet
def max_loss(score: FloatArray) -> FloatArray:
    r"""Return the hinge loss of all classes if a candidate had only the one that the model gives most surely.

    .. math:: u_i = L_{ik}, \quad k = \arg\max_c s_{ic}, \qquad
              L_{ik} = \max(0, 1 - s_{ik}) + \sum_{c \ne k} \max(0, 1 + s_{ic})

    where :math:`s_{ic}` is the score of class c for candidate i.

    Parameters
    ----------
    score : ndarray of shape (n_candidates, n_classes)
        Positive where the model gives the class; 1 and -1 at the edges of the margin.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        0 or more, larger = ask sooner. O(n_candidates * n_classes).

    Raises
    ------
    ValueError
        If `score` is not two-dimensional, or a number is not finite.

    References
    ----------
    .. [1] Li, Wang & Sung (2004), Multilabel SVM active learning for image classification, ICIP, 2207-2210.

    Examples
    --------
    >>> max_loss(np.array([[-2.0, 0.5], [1.0, 1.0]]))
    array([0.5, 2. ])
    """
    score = _check_score(score)
    utility: FloatArray = _losses(score)[np.arange(len(score)), score.argmax(axis=1)]
    return utility


@quiet
def mean_max_loss(score: FloatArray) -> FloatArray:
    r"""Return the mean hinge loss of all classes if a candidate had only one of those that the model gives.

    .. math:: u_i = \frac{1}{|P_i|} \sum_{k \in P_i} L_{ik}

    where :math:`L_{ik}` is the loss as in `max_loss`, and :math:`P_i` the classes with a score above 0, or the one with
    the largest where there is none.

    Parameters
    ----------
    score : ndarray of shape (n_candidates, n_classes)
        Positive where the model gives the class; 1 and -1 at the edges of the margin.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        0 or more, larger = ask sooner. O(n_candidates * n_classes).

    Raises
    ------
    ValueError
        If `score` is not two-dimensional, or a number is not finite.

    References
    ----------
    .. [1] Li, Wang & Sung (2004), Multilabel SVM active learning for image classification, ICIP, 2207-2210.

    Examples
    --------
    >>> mean_max_loss(np.array([[-2.0, 0.5], [1.0, 0.5]]))
    array([0.5, 2. ])
    """
    score = _check_score(score)
    given = score > 0
    given[np.arange(len(score)), score.argmax(axis=1)] = True
    total = np.where(given, _losses(score), 0).sum(axis=1)
    utility: FloatArray = total / given.sum(axis=1)
    return utility


@quiet
def check_marginals(proba: Any) -> FloatArray:
    """Return probabilities of the classes, each within [0, 1] by less than a rounding, cut to it.

    Raises
    ------
    ValueError
        If they are not a matrix, or a number is NaN or outside by more; the message names the row.
    """
    proba = proba_matrix(proba)
    # Written so that NaN fails the comparisons too.
    good = (proba >= -PROBA_TOLERANCE) & (proba <= 1 + PROBA_TOLERANCE)
    if not good.all():
        row = int(np.flatnonzero(~good.all(axis=1))[0])
        raise ValueError(
            f"proba row {row} is {np.array2string(proba[row], precision=4, threshold=6)}; expected a probability for "
            "each class, 0 to 1. Look at the model that gave it."
        )
    inside: FloatArray = np.clip(proba, 0, 1)
    return inside


def _losses(score: FloatArray) -> FloatArray:
    """Return the loss of all classes if a candidate had only the class of the column."""
    without = np.maximum(1 + score, 0)
    losses: FloatArray = without.sum(axis=1, keepdims=True) - without + np.maximum(1 - score, 0)
    return losses


def _check_score(score: Any) -> FloatArray:
    checked = proba_matrix(score, "score")
    if not np.isfinite(checked).all():
        row = int(np.flatnonzero(~np.isfinite(checked).all(axis=1))[0])
        raise ValueError(f"score row {row} is not finite; expected numbers. Look at the model that gave them.")
    return checked
