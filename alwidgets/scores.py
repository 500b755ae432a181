"""What a score means: where it was measured, on how many samples, and how far it can be trusted.

Actively chosen labels are a biased test set. A score is therefore always one of three kinds, and says which:
*held out* (a test set of its own), *audit* (questions drawn uniformly at random, never trained on) or
*cross-validated* (on the labelled set, biased by how it was chosen).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from alwidgets.types import Label

ScoreKind = Literal["held out", "audit", "cross-validated"]

_N_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Score:
    """An accuracy with its exact 95 % interval.

    Parameters
    ----------
    value : float
        Share of correct predictions, in [0, 1]; NaN when nothing could be measured yet.
    low, high : float
        Limits of the interval.
    kind : {"held out", "audit", "cross-validated"}
        What it was measured on.
    n : int
        On how many samples.
    """

    value: float
    low: float
    high: float
    kind: ScoreKind
    n: int
    metric: str = "accuracy"


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well one class is told.

    Parameters
    ----------
    label : str, int, float or bool
        The class.
    recall, precision : float
        Share of its samples that are predicted as it, and share of what is predicted as it that is; NaN where
        there is none.
    n : int
        Its samples in what the score was measured on.
    """

    label: Label
    recall: float
    precision: float
    n: int


def accuracy_interval(n_correct: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    r"""Return the exact (Clopper-Pearson) interval of a share.

    .. math:: [B_{\alpha/2}(k, n - k + 1),\; B_{1-\alpha/2}(k + 1, n - k)]

    where k is the number correct, n the number tried, :math:`B_q(a, b)` the q-quantile of the Beta
    distribution and :math:`\alpha` one minus the confidence. It covers the true share at least that often.

    Parameters
    ----------
    n_correct : int
        k, from 0 to n.
    n : int
        At least 1.
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float
        In [0, 1].

    References
    ----------
    .. [1] Clopper & Pearson (1934), The use of confidence or fiducial limits, Biometrika 26, 404-413.

    Examples
    --------
    >>> [round(limit, 4) for limit in accuracy_interval(9, 10)]
    [0.555, 0.9975]
    """
    from scipy.special import betaincinv

    alpha = 1 - confidence
    low = 0.0 if n_correct == 0 else float(betaincinv(n_correct, n - n_correct + 1, alpha / 2))
    high = 1.0 if n_correct == n else float(betaincinv(n_correct + 1, n - n_correct, 1 - alpha / 2))
    return low, high


def accuracy(learner: Any, X: Any, y: Any, kind: ScoreKind) -> Score:
    """Return the accuracy of a fitted learner on samples it was not trained on."""
    n = len(y)
    if n == 0:
        return Score(np.nan, np.nan, np.nan, kind, 0)
    n_correct = int(np.sum(np.asarray(learner.predict(X)) == y))
    return Score(n_correct / n, *accuracy_interval(n_correct, n), kind, n)


def cross_validated(estimator: Any, X: Any, y: Any, *, seed: int) -> Score:
    """Return the accuracy over stratified folds of the labelled set; biased, since the labels were chosen.

    NaN while some class has fewer than two labels. The interval takes the labelled samples for a random
    sample, which they are not.
    """
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    n_folds = min(_N_FOLDS, int(np.unique(y, return_counts=True)[1].min()))
    if n_folds < 2:  # noqa: PLR2004 - one fold leaves nothing to train on
        return Score(np.nan, np.nan, np.nan, "cross-validated", 0)
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    n_correct = int(np.sum(cross_val_predict(clone(estimator), X, y, cv=folds) == y))
    return Score(n_correct / len(y), *accuracy_interval(n_correct, len(y)), "cross-validated", len(y))
