"""Criteria that read the score."""

from __future__ import annotations

import math

from alwidgets.scoring.intervals import accuracy_interval
from alwidgets.stopping.history import History, Round
from alwidgets.types import Reading

# A score whose interval is wider says nothing about half a point.
WIDEST_INTERVAL = 0.2
# So many rounds without any score are not a slow start.
_UNSCORED_ROUNDS = 10


def plateau(history: History, *, threshold: float = 0.005, window: int = 10) -> Reading:
    """Fire when the best score of the last 10 rounds is less than 0.005 above the best before them.

    The value is that gain, in the units of the score. Rounds do not count that have no score, or one whose 95 %
    interval is wider than 0.2: the first audits, on a handful of samples, go up and down by chance.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The gain below which to fire, in the units of the score.
    window : int
        Over how many rounds. A lucky early score stays the best for a while: fewer end a curve that still rises.

    Returns
    -------
    reading : Reading
        O(n_rounds).

    Raises
    ------
    ValueError
        If `window` is below 1.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> plateau(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'can judge after 11 more rounds with a score known to 10 points'
    """
    if window < 1:
        raise ValueError(f"window is {window!r}; expected 1 or more rounds.")
    scores = [item.score for item in history.of_one_kind if item.score_high - item.score_low <= WIDEST_INTERVAL]
    unmeasured = not_measured(history)
    if unmeasured or len(scores) <= window:
        cannot = _unscored(history)
        why = cannot or unmeasured or _rounds_to_go(window + 1 - len(scores))
        return Reading("plateau", None, threshold, fired=False, why=why, possible=not cannot)
    gain = max(scores[-window:]) - max(scores[:-window])
    return Reading(
        "plateau", gain, threshold, gain < threshold, f"{gain * 100:+.1f} points in the last {window} rounds"
    )


def target(history: History, *, threshold: float = 0.95) -> Reading:
    """Fire when the score has surely reached a target: the lower end of its 95 % interval is there.

    Whether a score may be believed depends on what it was measured on; see `alwidgets.scoring.scores`.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The target, in the units of the score.

    Returns
    -------
    reading : Reading
        The value is the lower end. `possible` is False where the test set is so small that not even a model without
        an error would show the target. O(1).

    Examples
    --------
    >>> from alwidgets.stopping import Budget, Round
    >>> first = Round(1, 20, 20, 0.99, 0.964, 0.999, "held out", 200, 0.1, 0.0, 0.0, "margin")
    >>> target(History((first,), Budget(), n_labeled=20, seconds=0.0)).why
    'the score is at least 0.964; the target is 0.95'
    """
    last = history[-1] if history else None
    if last is None or not math.isfinite(last.score_low):
        cannot = _unscored(history)
        why = cannot or (last.problem if last else "") or "needs a round with a score, has none"
        return Reading("target", None, threshold, fired=False, why=why, possible=not cannot, below=False)
    low = float(last.score_low)
    fired = low >= threshold
    best = _best_lower_end(last)
    possible = fired or best >= threshold
    why = f"the score is at least {low:.3f}; the target is {threshold}"
    if not possible:
        why = (
            f"{last.score_n} held-out samples show at most {best:.3f}, even without an error; the target is {threshold}"
        )
    return Reading("target", low, threshold, fired, why, possible, below=False)


def not_measured(history: History) -> str:
    """Return why nothing follows from the newest score; empty where something may, or before the first round."""
    return (history[-1].problem or history[-1].blind) if history else ""


def _rounds_to_go(n: int) -> str:
    return f"can judge after {n} more {'round' if n == 1 else 'rounds'} with a score known to 10 points"


def _unscored(history: History) -> str:
    """Return why no score can be expected any more; empty where it can."""
    last = history.rounds[-_UNSCORED_ROUNDS:]
    if len(last) < _UNSCORED_ROUNDS or any(item.measured or item.measured_later for item in last):
        return ""
    return f"no score could be measured in the last {_UNSCORED_ROUNDS} rounds"


def _best_lower_end(item: Round) -> float:
    """Return the lower end that an accuracy without an error would have; infinite where it is not bounded."""
    # Only a test set of its own stays as small as it is.
    if item.score_kind != "held out" or item.metric != "accuracy" or item.score_n < 1:
        return math.inf
    return accuracy_interval(item.score_n, item.score_n)[0]
