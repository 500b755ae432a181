"""Criteria that only some kinds of model can meet: committees and support vector machines."""

from __future__ import annotations

from alwidgets.stopping.history import History
from alwidgets.stopping.readings import tail, unread
from alwidgets.types import Reading


def committee_agreement(history: History) -> Reading:
    """Fire when a committee agrees on its next questions as much as on other rows: what it asks tells it no more.

    For a strategy that asks what the committee differs about most. Under one that asks at random it fires early.

    Parameters
    ----------
    history : History
        The rounds so far.

    Returns
    -------
    reading : Reading
        The value is the agreement on the batch, the threshold the one on the unlabeled rows, both in [0, 1]. O(1).

    References
    ----------
    .. [1] Olsson & Tomanek (2009), An intrinsic stopping criterion for committee-based active learning, CoNLL,
           138-146.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> committee_agreement(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs a measured round, has 0'
    """
    elsewhere, batch = tail(history, "agreement", 1), tail(history, "batch_agreement", 1)
    if not elsewhere or not batch:
        missing = "batch_agreement" if elsewhere else "agreement"
        return unread("committee_agreement", elsewhere[0] if elsewhere else None, history, missing, below=False)
    why = f"the committee agrees {batch[0]:.3f} on its next questions and {elsewhere[0]:.3f} on other rows"
    return Reading("committee_agreement", batch[0], elsewhere[0], batch[0] >= elsewhere[0], why, below=False)


def margin_exhausted(history: History, *, threshold: float = 0.0) -> Reading:
    """Fire when no unlabeled row lies inside the margin of a support vector machine.

    A row outside the margin, on the side where the machine has it, would not change it.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        How many rows may be left inside.

    Returns
    -------
    reading : Reading
        The value is the number of rows inside, of the stop set and the batch. O(1).

    References
    ----------
    .. [1] Schohn & Cohn (2000), Less is more: active learning with support vector machines, ICML, 839-846.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> margin_exhausted(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs a measured round, has 0'
    """
    inside = tail(history, "inside_margin", 1)
    if not inside:
        return unread("margin_exhausted", threshold, history, "inside_margin")
    why = f"{inside[0]:.0f} rows are inside the margin"
    return Reading("margin_exhausted", inside[0], threshold, inside[0] <= threshold, why)


def support_saturated(history: History, *, threshold: float = 0.0, window: int = 2) -> Reading:
    """Fire when the number of support vectors has not changed in the last 2 rounds.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        By how many it may change.
    window : int
        In how many rounds running.

    Returns
    -------
    reading : Reading
        The value is the largest less the smallest number of these rounds and the one before them. O(window).

    Raises
    ------
    ValueError
        If `window` is below 1.

    References
    ----------
    .. [1] Ertekin, Huang, Bottou & Giles (2007), Learning on the border: active learning in imbalanced data
           classification, CIKM, 127-136.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> support_saturated(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs 3 measured rounds in a row, has 0'
    """
    if window < 1:
        raise ValueError(f"window is {window!r}; expected 1 or more rounds.")
    counts = tail(history, "n_support", window + 1)
    if len(counts) <= window:
        return unread("support_saturated", threshold, history, "n_support", window + 1)
    value = max(counts) - min(counts)
    why = f"the number of support vectors changed by {value:.0f} in the last {window} rounds"
    return Reading("support_saturated", value, threshold, value <= threshold, why)
