"""Criteria that read how sure the model is, of the unlabeled and of what it asks next."""

from __future__ import annotations

from statistics import fmean

from alwidgets.stopping.history import History
from alwidgets.stopping.readings import tail, unread
from alwidgets.types import Reading


def overall_uncertainty(history: History, *, threshold: float = 0.01, window: int = 1) -> Reading:
    """Fire when the model is sure of the unlabeled on the whole: mean entropy below 0.01.

    Entropies are shares of the largest possible, log(n_classes), so that one threshold does for any number of classes.
    A forest, whose probabilities seldom reach 0 and 1, may never get there.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The value below which to fire, in [0, 1].
    window : int
        Over how many rounds the value is the mean.

    Returns
    -------
    reading : Reading
        The value is in [0, 1]. O(window).

    Raises
    ------
    ValueError
        If `window` is below 1.

    References
    ----------
    .. [1] Zhu, Wang & Hovy (2008), Multi-criteria-based strategy to stop active learning for data annotation, COLING,
           1129-1136.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> overall_uncertainty(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs a measured round, has 0'
    """
    return _mean("overall_uncertainty", history, "entropy", "mean entropy of the unlabeled rows", threshold, window)


def max_uncertainty(history: History, *, threshold: float = 0.01, window: int = 1) -> Reading:
    """Fire when the model is sure of every row: largest entropy below 0.01.

    Of the unlabeled rows and the questions asked next, as a share of log(n_classes). With overlapping classes some row
    stays unsure for ever, and this never fires.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The value below which to fire, in [0, 1].
    window : int
        Over how many rounds the value is the mean.

    Returns
    -------
    reading : Reading
        The value is in [0, 1]. O(window).

    Raises
    ------
    ValueError
        If `window` is below 1.

    References
    ----------
    .. [1] Zhu & Hovy (2007), Active learning for word sense disambiguation with methods for addressing the class
           imbalance problem, EMNLP-CoNLL, 783-790.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> max_uncertainty(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs a measured round, has 0'
    """
    return _mean("max_uncertainty", history, "max_entropy", "entropy of the least sure row", threshold, window)


def batch_uncertainty(history: History, *, threshold: float = 0.001, window: int = 1) -> Reading:
    """Fire when the model is sure of what it asks next: mean entropy of the batch below 0.001.

    As a share of log(n_classes). Of a strategy that asks what the model is least sure of, it bounds all others.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The value below which to fire, in [0, 1].
    window : int
        Over how many rounds the value is the mean.

    Returns
    -------
    reading : Reading
        The value is in [0, 1]. O(window).

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
    >>> batch_uncertainty(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs a measured round, has 0'
    """
    return _mean("batch_uncertainty", history, "batch_entropy", "mean entropy of the next questions", threshold, window)


def expected_error(history: History, *, threshold: float = 0.01, window: int = 1) -> Reading:
    """Fire when the model expects fewer than 1 % of its predictions to be wrong.

    The model's own expectation: too low where it is overconfident. Calibrate it first if you go by this.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The value below which to fire, in [0, 1].
    window : int
        Over how many rounds the value is the mean.

    Returns
    -------
    reading : Reading
        The value is in [0, 1]. O(window).

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
    >>> expected_error(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs a measured round, has 0'
    """
    return _mean(
        "expected_error",
        history,
        "expected_error",
        "share of wrong predictions that the model expects",
        threshold,
        window,
    )


def _mean(name: str, history: History, signal: str, said: str, threshold: float, window: int) -> Reading:
    values = tail(history, signal, window)
    if len(values) < window:
        return unread(name, threshold, history, signal, window)
    value = fmean(values)
    return Reading(name, value, threshold, value < threshold, f"the {said} is {value:.3g}")
