"""Label efficiency of a learning curve, on its own and against another curve."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from alwidgets.scoring.curves import scored_rounds
from alwidgets.types import FloatArray

#: Labels at each round, and its scores.
Curve: TypeAlias = tuple[Any, Any]

# The mean of equal scores may lie below them by a rounding.
_ROUNDING = 1e-12


def area(n_labeled: Any, score: Any) -> float:
    r"""Return the area under a learning curve, as the mean score over the labels.

    .. math:: \frac{1}{n_T - n_1} \sum_{i=2}^{T} (n_i - n_{i-1}) \frac{y_{i-1} + y_i}{2}

    where :math:`y_i` is the score at :math:`n_i` labels, and T the number of rounds.

    Parameters
    ----------
    n_labeled : array-like of shape (n_rounds,)
        Labels at each round, above 0. The scores of rounds with equally many are averaged.
    score : array-like of shape (n_rounds,)
        Scores. Rounds with NaN are left out.

    Returns
    -------
    area : float
        In units of the score, between its least and its largest; that of a single round is its score, that of none
        is NaN. O(n_rounds log n_rounds) time.

    Raises
    ------
    ValueError
        If the shapes differ, a number of labels is not above 0, or a score is infinite.

    References
    ----------
    .. [1] Guyon, Cawley, Dror & Lemaire (2011), Results of the active learning challenge, JMLR Workshop and
           Conference Proceedings 16, 19-45.

    Examples
    --------
    >>> area([10, 20, 40], [0.5, 0.7, 0.9])
    0.7333333333333333
    """
    n, y = scored_rounds(n_labeled, score)
    if len(n) < 2:  # noqa: PLR2004 - a single round spans no range
        return float(y[0]) if len(y) else float("nan")
    return float(np.sum(np.diff(n) * (y[1:] + y[:-1])) / 2 / (n[-1] - n[0]))


def labels_needed(n_labeled: Any, score: Any, target: float) -> float | None:
    """Return the labels from which on the score stays at a target or above it.

    The scores are smoothed by the mean of each and its two neighbors, of the first and the last round with their
    only one. Between the last round below the target and the next, the smoothed curve is a straight line.

    Parameters
    ----------
    n_labeled : array-like of shape (n_rounds,)
        Labels at each round, above 0. The scores of rounds with equally many are averaged.
    score : array-like of shape (n_rounds,)
        Scores, larger = better. Rounds with NaN are left out.
    target : float
        In units of the score.

    Returns
    -------
    n : float or None
        Labels; those of the first round for a curve that is nowhere below the target, and None for one that ends
        below it, or has no score. O(n_rounds log n_rounds) time.

    Raises
    ------
    ValueError
        If the shapes differ, a number of labels is not above 0, a score is infinite, or the target is not a number.

    Examples
    --------
    >>> labels_needed([10, 20, 30, 40], [0.25, 0.5, 0.75, 1.0], 0.625)
    25.0
    >>> labels_needed([10, 20, 30, 40], [0.25, 0.5, 0.75, 1.0], 0.9) is None
    True
    """
    if not np.isfinite(target):
        raise ValueError(f"target is {target!r}; expected a score, such as 0.9.")
    n, y = scored_rounds(n_labeled, score)
    if not len(n):
        return None
    smooth = _smoothed(y)
    below = np.flatnonzero(smooth < target - _ROUNDING)
    if not len(below):
        return float(n[0])
    last = below[-1]
    if last == len(n) - 1:
        return None
    return float(np.interp(target, smooth[last : last + 2], n[last : last + 2]))


def data_utilization_rate(curve: Curve, baseline: Curve, target: float) -> float | None:
    r"""Compute the ratio of the labels that a curve and the baseline need for a target.

    .. math:: n_{\mathrm{curve}}(\tau) / n_{\mathrm{baseline}}(\tau)

    where :math:`n(\tau)` is what `labels_needed` tells for the target :math:`\tau`.

    Parameters
    ----------
    curve, baseline : tuple of two array-likes of shape (n_rounds,)
        Labels at each round and its scores, larger = better; the baseline is usually random sampling.
    target : float
        In units of the score.

    Returns
    -------
    ratio : float or None
        Above 0, smaller = better, 1 for no difference; None when one of the two does not reach the target.

    Raises
    ------
    ValueError
        As `labels_needed`.

    References
    ----------
    .. [1] Abe & Mamitsuka (1998), Query learning strategies using boosting and bagging, ICML, 1-9.
    .. [2] Culver, Kun & Scott (2006), Active learning to maximize area under the ROC curve, ICDM, 149-158.

    Examples
    --------
    >>> random = ([10, 20, 30, 40], [0.25, 0.5, 0.75, 1.0])
    >>> data_utilization_rate(([10, 20, 30], [0.25, 0.625, 1.0]), random, 0.625)
    0.8
    """
    needed, usual = labels_needed(*curve, target), labels_needed(*baseline, target)
    return None if needed is None or usual is None else needed / usual


def label_savings(curve: Curve, baseline: Curve, target: float) -> float | None:
    r"""Return the share of the baseline's labels that a curve saves on the way to a target.

    .. math:: 1 - n_{\mathrm{curve}}(\tau) / n_{\mathrm{baseline}}(\tau)

    where :math:`n(\tau)` is what `labels_needed` tells for the target :math:`\tau`.

    Parameters
    ----------
    curve, baseline : tuple of two array-likes of shape (n_rounds,)
        Labels at each round and its scores, larger = better; the baseline is usually random sampling.
    target : float
        In units of the score.

    Returns
    -------
    share : float or None
        Below 1, larger = better, 0 for no difference, negative when the curve needs more; None when one of the two
        does not reach the target.

    Raises
    ------
    ValueError
        As `labels_needed`.

    Examples
    --------
    >>> random = ([10, 20, 30, 40], [0.25, 0.5, 0.75, 1.0])
    >>> round(label_savings(([10, 20, 30], [0.25, 0.625, 1.0]), random, 0.625), 10)
    0.2
    """
    ratio = data_utilization_rate(curve, baseline, target)
    return None if ratio is None else 1 - ratio


def deficiency(curve: Curve, baseline: Curve) -> float:
    r"""Compute the ratio of the areas by which a curve and the baseline fall short of the baseline's last score.

    .. math:: \sum_t (r_T - y_t) \Big/ \sum_t (r_T - r_t)

    where :math:`y_t` and :math:`r_t` are the scores of the curve and of the baseline in round t of T.

    Parameters
    ----------
    curve, baseline : tuple of two array-likes of shape (n_rounds,)
        Labels at each round and its scores, larger = better; the same numbers of labels in both. The baseline is
        usually random sampling.

    Returns
    -------
    ratio : float
        Smaller = better, 1 for no difference; negative when the curve is above the baseline's last score on average,
        NaN when the baseline does not end above its own mean. O(n_rounds log n_rounds) time.

    Raises
    ------
    ValueError
        If the two have scores at different numbers of labels, or as `area`.

    References
    ----------
    .. [1] Baram, El-Yaniv & Luz (2004), Online choice of active learning algorithms, JMLR 5, 255-291.

    Examples
    --------
    >>> round(deficiency(([10, 20, 30], [0.5, 0.75, 0.8]), ([10, 20, 30], [0.5, 0.6, 0.8])), 10)
    0.7
    """
    (n, y), (n_baseline, usual) = scored_rounds(*curve), scored_rounds(*baseline)
    if not np.array_equal(n, n_baseline):
        raise ValueError(
            f"the curve has scores at {n.tolist()} labels but the baseline at {n_baseline.tolist()}; expected the same "
            "rounds. Cut both to those they share."
        )
    lacking = float(np.sum(usual[-1:] - usual))
    return float(np.sum(usual[-1:] - y)) / lacking if lacking > 0 else float("nan")


def _smoothed(y: FloatArray) -> FloatArray:
    """Return the mean of each number and its neighbors."""
    ones = np.ones(3)
    return np.convolve(y, ones)[1:-1] / np.convolve(np.ones_like(y), ones)[1:-1]
