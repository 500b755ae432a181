"""The criteria: history -> Reading. Each is a pure function, and each only advises."""

from __future__ import annotations

from alwidgets.stopping.history import History
from alwidgets.types import Criterion, Reading

# A lucky early score stays the best for a while: fewer rounds end a curve that still rises.
_PLATEAU_ROUNDS = 10
_PLATEAU_GAIN = 0.005
# A score whose interval is wider says nothing about half a point.
_WIDEST_INTERVAL = 0.2


def budget(history: History) -> Reading:
    """Fire when the labels, the money or the time of the budget are spent.

    The value is the largest share spent of the three, the threshold 1. Without a limit it never fires.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> budget(History((), Budget(labels=100), n_labelled=25, seconds=50.0)).value
    0.25
    """
    limits = history.budget
    cost = limits.spent(history.n_labelled)
    spent = {
        "labels": (history.n_labelled, limits.labels, f"{history.n_labelled} of {limits.labels} labels"),
        "cost": (cost, limits.cost, f"{cost:.2f} of {limits.cost} {limits.currency}".strip()),
        "minutes": (
            history.seconds / 60,
            limits.minutes,
            f"{history.seconds / 60:.1f} of {limits.minutes} minutes",
        ),
    }
    shares = {name: amount / most for name, (amount, most, _) in spent.items() if most is not None}
    if not shares:
        return Reading("budget", None, 1.0, fired=False, why="no limit was set")
    largest = max(shares, key=lambda name: shares[name])
    return Reading("budget", shares[largest], 1.0, shares[largest] >= 1, f"{spent[largest][2]} spent")


def plateau(history: History) -> Reading:
    """Fire when the best score of the last 10 rounds is less than 0.005 above the best before them.

    The value is that gain, in the units of the score. Rounds do not count that have no score, or one whose 95 %
    interval is wider than 0.2: the first audits, on a handful of samples, go up and down by chance.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> plateau(History((), Budget(), n_labelled=0, seconds=0.0)).why
    'needs 11 rounds with a score known to 10 points, has 0'
    """
    scores = [item.score for item in history if item.score_high - item.score_low <= _WIDEST_INTERVAL]
    needed = _PLATEAU_ROUNDS + 1
    if len(scores) < needed:
        why = f"needs {needed} rounds with a score known to 10 points, has {len(scores)}"
        return Reading("plateau", None, _PLATEAU_GAIN, fired=False, why=why)
    gain = max(scores[-_PLATEAU_ROUNDS:]) - max(scores[:-_PLATEAU_ROUNDS])
    why = f"{gain * 100:+.1f} points in the last {_PLATEAU_ROUNDS} rounds"
    return Reading("plateau", gain, _PLATEAU_GAIN, gain < _PLATEAU_GAIN, why)


#: Name -> criterion.
CRITERIA: dict[str, Criterion] = {"budget": budget, "plateau": plateau}
