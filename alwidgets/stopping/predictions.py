"""Criteria that read how predictions change, and whether they were right."""

from __future__ import annotations

from statistics import fmean

from alwidgets.stopping.history import History
from alwidgets.stopping.readings import blind, number, tail, unread
from alwidgets.types import Reading


def stabilizing_predictions(history: History, *, threshold: float = 0.99, window: int = 3) -> Reading:
    """Fire when the predictions of one model after another hardly differ: mean kappa over 3 rounds of 0.99 or more.

    It fires early, and may in a slow stretch, most of all where batches are small against the pool.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The mean kappa at which to fire.
    window : int
        Over how many rounds.

    Returns
    -------
    reading : Reading
        The value is the mean kappa, in [-1, 1]. `why` says by how much F can have moved in any one of these rounds,
        for the lowest kappa of them; the bound is proven for two classes. O(window).

    Raises
    ------
    ValueError
        If `window` is below 1.

    References
    ----------
    .. [1] Bloodgood & Vijay-Shanker (2009), A method for stopping active learning based on stabilizing predictions and
           the need for user-adjustable stopping, CoNLL, arXiv:1409.5165.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> stabilizing_predictions(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs 3 measured rounds in a row, has 0'
    """
    kappas = tail(history, "kappa", window)
    if len(kappas) < window:
        return unread("stabilizing_predictions", threshold, history, "kappa", window, below=False)
    value = fmean(kappas)
    most = f_change_bound(min(kappas))
    bound = f"; with two classes, F moved at most {most * 100:.1f} points a round" if most < 1 else ""
    why = f"predictions agree with those before, kappa {value:.3f}{bound}"
    return Reading("stabilizing_predictions", value, threshold, value >= threshold, why, below=False)


def f_change_bound(kappa: float, precision: float = 0.0) -> float:
    r"""Return by how much F can differ at most between two models whose predictions agree so far.

    .. math:: |\Delta F| \le \frac{4 (1 - \kappa)}{(1 + p) \kappa}

    where :math:`\kappa` is Cohen's kappa between them and p the precision of what both call positive.

    Parameters
    ----------
    kappa : float
        In [-1, 1].
    precision : float
        In [0, 1]; 0 when nothing is known of it.

    Returns
    -------
    bound : float
        In [0, 1]: no F differs by more than 1. For two classes. O(1).

    Raises
    ------
    ValueError
        If `kappa` or `precision` is out of its range.

    References
    ----------
    .. [1] Bloodgood & Grothendieck (2013), Analysis of stopping active learning based on stabilizing predictions,
           CoNLL, arXiv:1504.06329.

    Examples
    --------
    >>> round(f_change_bound(0.99), 4), round(f_change_bound(0.99, precision=0.9), 4)
    (0.0404, 0.0213)
    """
    if not -1 <= kappa <= 1:
        raise ValueError(f"kappa is {kappa!r}; expected a number from -1 to 1.")
    if not 0 <= precision <= 1:
        raise ValueError(f"precision is {precision!r}; expected a number from 0 to 1.")
    return min(1.0, 4 * (1 - kappa) / ((1 + precision) * kappa)) if kappa > 0 else 1.0


def predicted_f_change(history: History, *, threshold: float = 0.05, window: int = 3) -> Reading:
    """Fire when the predicted change of F was below 0.05 in each of the last 3 rounds.

    The value is the largest of the three, in [0, 1]; see `alwidgets.kernels.f_change`.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The change below which to fire.
    window : int
        In how many rounds running.

    Returns
    -------
    reading : Reading
        O(window).

    Raises
    ------
    ValueError
        If `window` is below 1.

    References
    ----------
    .. [1] Altschuler & Bloodgood (2019), Stopping active learning based on predicted change of F measure for text
           classification, ICSC, arXiv:1901.09118.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> predicted_f_change(History((), Budget(), n_labeled=0, seconds=0.0)).fired
    False
    """
    changes = tail(history, "f_change", window)
    if len(changes) < window:
        return unread("predicted_f_change", threshold, history, "f_change", window)
    value = max(changes)
    why = f"F changed by {value * 100:.1f} points at most in the last {window} rounds, to judge by the predictions"
    return Reading("predicted_f_change", value, threshold, value < threshold, why)


def classification_change(history: History, *, threshold: float = 0.0) -> Reading:
    """Fire when no prediction has changed since the round before.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        Share of the predictions that may change, in [0, 1].

    Returns
    -------
    reading : Reading
        The value is the share that changed, in [0, 1]. O(1).

    References
    ----------
    .. [1] Zhu, Wang & Hovy (2008), Multi-criteria-based strategy to stop active learning for data annotation, COLING,
           1129-1136.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> classification_change(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs a measured round, has 0'
    """
    changed = tail(history, "changed", 1)
    if not changed:
        return unread("classification_change", threshold, history, "changed")
    why = f"{changed[0]:.1%} of the predictions changed"
    return Reading("classification_change", changed[0], threshold, changed[0] <= threshold, why)


def oracle_accuracy(history: History, *, threshold: float = 0.9, window: int = 10) -> Reading:
    """Fire when the models had 90 % of the newest answers right before they saw them.

    Rounds are taken together, newest first, until they have 10 answers. Answers to the questions a model is least
    sure of are its hardest: its accuracy on others is higher as a rule.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The share right at which to fire.
    window : int
        The fewest answers that tell it.

    Returns
    -------
    reading : Reading
        The value is the share right, in [0, 1]. O(rounds that hold so many answers).

    Raises
    ------
    ValueError
        If `window` is below 1.

    References
    ----------
    .. [1] Zhu, Wang & Hovy (2008), Learning a stopping criterion for active learning for word sense disambiguation and
           text classification, IJCNLP, 366-372.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> oracle_accuracy(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs 10 answers that a model had not seen, has 0'
    """
    if window < 1:
        raise ValueError(f"window is {window!r}; expected 1 or more answers.")
    n, n_right = 0, 0.0
    for item in reversed(history.rounds):
        share = number(item.signals.answered_right)
        if share is not None and item.signals.n_answered > 0:
            n += item.signals.n_answered
            n_right += share * item.signals.n_answered
        if n >= window:
            if blinded := blind(history):
                return Reading("oracle_accuracy", None, threshold, fired=False, why=blinded, below=False)
            value = n_right / n
            why = f"{value:.0%} of the last {n} answers were as the model had predicted"
            return Reading("oracle_accuracy", value, threshold, value >= threshold, why, below=False)
    why = f"needs {window} answers that a model had not seen, has {n}"
    return Reading("oracle_accuracy", None, threshold, fired=False, why=why, below=False)
