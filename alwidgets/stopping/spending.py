"""The criterion that reads what labels cost."""

from __future__ import annotations

from alwidgets.stopping.history import History
from alwidgets.types import Reading


def budget(history: History, *, threshold: float = 1.0) -> Reading:
    """Fire when the labels, the money or the time of the budget are spent.

    The value is the largest share spent of the three. Of a team each answer counts as a label. Without a limit it
    cannot fire.

    Parameters
    ----------
    history : History
        The rounds so far, and what is spent by now.
    threshold : float
        Share of the budget at which to fire.

    Returns
    -------
    reading : Reading
        The value is 0 or more, in shares of the budget. O(1).

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> budget(History((), Budget(labels=100), n_labeled=25, seconds=50.0)).value
    0.25
    """
    limits = history.budget
    cost, minutes = history.cost, history.seconds / 60
    what = "labels" if history.n_answers is None else "answers"
    spent = {
        "labels": (history.n_spent, limits.labels, f"{history.n_spent} of {limits.labels} {what}"),
        "cost": (cost, limits.cost, f"{cost:.2f} of {limits.cost} {limits.currency}".strip()),
        "minutes": (minutes, limits.minutes, f"{minutes:.1f} of {limits.minutes} minutes"),
    }
    shares = {name: amount / most for name, (amount, most, _) in spent.items() if most is not None}
    if not shares:
        return Reading("budget", None, threshold, fired=False, why="no limit was set", possible=False, below=False)
    largest = max(shares, key=lambda name: shares[name])
    fired = shares[largest] >= threshold
    return Reading("budget", shares[largest], threshold, fired, f"{spent[largest][2]} spent", below=False)
