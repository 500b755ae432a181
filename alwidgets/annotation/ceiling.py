"""Ceiling of a score: how many of the labels that it is measured on are right, from how far their annotators agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alwidgets.scoring.intervals import wilson_interval
from alwidgets.types import BoolArray, FloatArray, IntArray

#: Items with two answers or more that it needs: on fewer its interval says nothing.
FEWEST_DOUBLED = 10
# Whoever answered little is taken to be like the others: so many answers of theirs count as much as what all did.
_LIKE_THE_OTHERS = 4.0
_MAX_ITER, _TOL, _EPS = 500, 1e-5, 1e-6
_N_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Accuracy that a model without an error would have on labels that people gave.

    Parameters
    ----------
    value, low, high : float
        The expected share of right labels, and its 95 % interval.
    n_items : int
        Labels that it is of.
    """

    value: float
    low: float
    high: float
    n_items: int

    def __str__(self) -> str:
        """Return it in a sentence."""
        return (
            f"a model without an error would score about {self.value:.2f} (95 %: {self.low:.2f} to {self.high:.2f}) on "
            f"these {self.n_items} labels, as far as the annotators agree"
        )


def score_ceiling(codes: IntArray, labels: IntArray, n_classes: int) -> Ceiling | None:
    r"""Estimate how many of the labels are right that several annotators' answers came to.

    .. math:: p_{ic} \propto \pi_c \prod_{a: x_{ia} = c} \theta_a \prod_{a: x_{ia} \ne c} \frac{1 - \theta_a}{K - 1},
              \qquad \theta_a = \frac{\sum_i p_{i x_{ia}} + s \bar\theta}{n_a + s}, \qquad
              \pi_c = \frac{1}{n} \sum_i p_{ic}

    where :math:`x_{ia}` is the answer of annotator a to item i, one of K classes, :math:`\theta_a` how often a is
    right, whichever class it is, :math:`n_a` how many answers a gave, :math:`\bar\theta` the mean over all answers, and
    s = 4. The ceiling is the mean of :math:`p_{ic}` over the labels c. This is Dawid and Skene's model with one number
    for each annotator, which the few items that measure a model suffice for.

    Parameters
    ----------
    codes : ndarray of shape (n_items, n_annotators), int
        Class numbers; -1 where there is no answer.
    labels : ndarray of shape (n_items,), int
        What the answers to each item came to; -1 where that is nothing: such items tell of the annotators only.
    n_classes : int
        How many classes there are, at least 2.

    Returns
    -------
    ceiling : Ceiling or None
        Its interval is Wilson's for so many labels, or of the jackknife over ten groups of items where that is wider.
        None where fewer than ten items have two answers or more. O(n_items n_annotators n_classes) an iteration.

    References
    ----------
    .. [1] Dawid & Skene (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm, Applied
           Statistics 28(1), 20-28.

    Examples
    --------
    >>> codes = np.array([[0, 0], [1, 1]] * 20 + [[0, 1]] * 4)
    >>> found = score_ceiling(codes[:, [0, 1, 1]], codes[:, 1], 2)
    >>> found.n_items, 0.9 < found.value < 1
    (44, True)
    >>> score_ceiling(codes[:, :1], codes[:, 0], 2) is None
    True
    """
    answered = (codes >= 0).any(axis=1)
    if np.count_nonzero((codes >= 0).sum(axis=1) > 1) < FEWEST_DOUBLED or not np.any(labels[answered] >= 0):
        return None
    said = (codes[answered, :, None] == np.arange(n_classes)).astype(np.float64)
    chosen: BoolArray = labels[answered, None] == np.arange(n_classes)
    proba, n = _posterior(said, _shares(said)), int(np.count_nonzero(chosen))
    value = float(proba[chosen].mean())
    low, high = wilson_interval(value * n, n)
    half = 1.96 * _jackknife_error(said, chosen, proba)
    return Ceiling(value, max(0.0, min(low, value - half)), min(1.0, max(high, value + half)), n)


def _shares(said: FloatArray) -> FloatArray:
    shares: FloatArray = said.sum(axis=1) / said.sum(axis=(1, 2))[:, None]
    return shares


def _jackknife_error(said: FloatArray, chosen: BoolArray, proba: FloatArray) -> float:
    """Return the standard error of the ceiling, from fits without groups of items that begin where that of all ends."""
    group = np.arange(len(said)) % _N_GROUPS
    found = []
    for each in range(_N_GROUPS):
        kept = group != each
        if chosen[kept].any():
            found.append(_posterior(said[kept], proba[kept])[chosen[kept]].mean())
    return float(np.sqrt((len(found) - 1) * np.var(found)))


def _posterior(said: FloatArray, proba: FloatArray) -> FloatArray:
    """Return the probability of each class for each item; `said` is 1 where an annotator answered a class."""
    n_classes, of_annotator = said.shape[2], said.sum(axis=(0, 2))
    for _ in range(_MAX_ITER):
        n_right = np.einsum("iac,ic->a", said, proba)
        usual = n_right.sum() / of_annotator.sum()
        theta = (n_right + _LIKE_THE_OTHERS * usual) / (of_annotator + _LIKE_THE_OTHERS)
        theta = np.clip(theta, _EPS, 1 - _EPS)
        balance = np.maximum(proba.mean(axis=0), _EPS)
        # Only how much more an answer speaks for its class than for another one matters.
        evidence = np.log(balance) + np.einsum("iac,a->ic", said, np.log(theta * (n_classes - 1) / (1 - theta)))
        likelihood = np.exp(evidence - evidence.max(axis=1, keepdims=True))
        before, proba = proba, likelihood / likelihood.sum(axis=1, keepdims=True)
        if np.max(np.abs(proba - before)) <= _TOL:
            break
    return proba
