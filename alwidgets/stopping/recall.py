"""Criteria for finding all samples of a class: they stop when enough of them must have been found.

Recall is the share of all samples of the class that are labeled. Nobody knows how many are left among the unread; each
criterion estimates or bounds it in another way. They read what a session with ``find=`` keeps of each round.
"""

from __future__ import annotations

import math

import numpy as np

from alwidgets.stopping.history import History, Signals
from alwidgets.stopping.readings import number
from alwidgets.types import FloatArray, IntArray, Reading

_NO_SEARCH = "the session seeks no class; give find="
_NO_PROBA = "the model gives no probabilities"
# Cormack & Grossman's: of a knee the slope before it over that after it, where many were found and where few were.
_KNEE, _MORE_FOR_FEW = 6, 150
# And the least to read, so that a random sample of as many would hold ten of the class; or so much of the pool.
_TARGET_SIZE, _MOST_READ = 10, 0.75
_N_DEVIATIONS = 2.0
_CONFIDENCE = 0.95


def recall_test(history: History, *, threshold: float = 0.95, confidence: float = _CONFIDENCE) -> Reading:
    r"""Fire when it would be a surprise that so few were found lately, if more than 1 - 0.95 of all were missing.

    What was read since an earlier round is taken for a random sample of what was unread then; it was chosen to hold
    more of the class, so the test errs towards reading on. Were there K samples of the class in all, then of the N
    unread at that round, :math:`K - r` were of it, and n draws find at most k of them with the hypergeometric
    probability :math:`P(X \le k)`. A K for which that is below 1 - confidence at some round is ruled out. The value is
    the least recall that is not ruled out: those found over the largest such K.

    Of a pool that grew each part is tested by what was read of it since it came, and the numbers are added up: with P
    parts that have unread samples each is tested at 1 - (1 - confidence) / P. All that is unread of a part without such
    a look may be of the class. Small parts are taken together.

    Parameters
    ----------
    history : History
        The rounds so far, of a session with ``find=``.
    threshold : float
        The recall to reach.
    confidence : float
        How sure the answer is, of each round alone: looking at many rounds makes it less so.

    Returns
    -------
    reading : Reading
        O(n_rounds log n_samples).

    References
    ----------
    .. [1] Callaghan & Mueller-Hansen (2020), Statistical stopping criteria for automated screening in systematic
           reviews, Systematic Reviews 9, 273.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> recall_test(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs a round with a model, has none'
    """
    last = _newest(history)
    if isinstance(last, str):
        return _unread("recall_test", threshold, last)
    if len(last.strata) > 1:
        most = _most_by_strata(history, confidence)
        return _reading("recall_test", last, most, threshold, "by what was read of each part since it came")
    most = most_by_test(*_curve(history.since_growth(0)), last.n_unread or 0, confidence)
    return _reading("recall_test", last, most, threshold, "by what was read since")


def drawn_recall(history: History, *, threshold: float = 0.95) -> Reading:
    """Fire when the questions drawn uniformly at random say that so much of the class must have been found.

    The audit's questions are such draws. The bound on how many there are in all holds at all rounds together, with
    95 %, wherever those that are missing lie: it is the martingale test of `alwidgets.scoring.found.most_by_draws`.

    Parameters
    ----------
    history : History
        The rounds so far, of a session with ``find=`` and an audit.
    threshold : float
        The recall to reach.

    Returns
    -------
    reading : Reading
        The value is the least recall that is not ruled out. O(1).

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> drawn_recall(History((), Budget(), n_labeled=0, seconds=0.0)).fired
    False
    """
    last = _newest(history)
    if isinstance(last, str):
        return _unread("drawn_recall", threshold, last)
    if number(last.n_at_most) is None:
        return _unread("drawn_recall", threshold, "needs answers to random questions, has none", possible=True)
    return _reading("drawn_recall", last, last.n_at_most or 0, threshold, "by random questions")


def knee(history: History) -> Reading:
    """Fire when the curve of found against read has bent: hardly any were found since.

    For each round, the slope of the curve up to it over the slope since, where one is added to those found since. It
    fires when the largest is 156 less the number found, and 6 from 150 found on. Of a pool that grew the curve begins
    with the first round since.

    Parameters
    ----------
    history : History
        The rounds so far, of a session with ``find=``.

    Returns
    -------
    reading : Reading
        The value is that ratio. O(n_rounds).

    References
    ----------
    .. [1] Cormack & Grossman (2016), Engineering quality and reliability in technology-assisted review, SIGIR.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> knee(History((), Budget(), n_labeled=0, seconds=0.0)).fired
    False
    """
    last = _newest(history)
    if isinstance(last, str):
        return _unread("knee", None, last)
    found, read = _curve_since_growth(history)
    ratio, needed = _slope_ratio(found, read), float(_KNEE + _MORE_FOR_FEW - min(found[-1], _MORE_FOR_FEW))
    why = f"the curve was {ratio:.1f} times as steep before its knee as since; the rule asks for {needed:.0f}"
    return Reading("knee", ratio, needed, ratio >= needed, why, below=False)


def knee_budget(history: History) -> Reading:
    """Fire when the curve has bent, and as much was read as a random sample with ten of the class would take.

    The budget method: the knee's ratio is 6 and ten times the pool over the number found are read; or three quarters
    of the pool are. Of a pool that grew, what is counted begins with the first round since: the pool is what was unread
    then.

    Parameters
    ----------
    history : History
        The rounds so far, of a session with ``find=``.

    Returns
    -------
    reading : Reading
        The value is the number read over the number to read. O(n_rounds).

    References
    ----------
    .. [1] Cormack & Grossman (2016), Engineering quality and reliability in technology-assisted review, SIGIR.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> knee_budget(History((), Budget(), n_labeled=0, seconds=0.0)).fired
    False
    """
    last = _newest(history)
    if isinstance(last, str):
        return _unread("knee_budget", 1.0, last)
    found, read = _curve_since_growth(history)
    n_samples = read[-1] + (last.n_unread or 0)
    least = min(_TARGET_SIZE * n_samples / max(found[-1], 1), _MOST_READ * n_samples)
    bent = _slope_ratio(found, read) >= _KNEE
    share = float(read[-1] / least)
    fired = bool(read[-1] >= _MOST_READ * n_samples or (bent and share >= 1))
    bend = "" if bent else ", and the curve has no knee"
    return Reading("knee_budget", share, 1.0, fired, f"{read[-1]:,.0f} of {least:,.0f} are read{bend}", below=False)


def quant_ci(history: History, *, threshold: float = 0.95) -> Reading:
    """Fire when the model's own probabilities say that enough was found, less two standard deviations.

    The recall is estimated as the sum of the probabilities of what was read over that of all. It is as good as the
    model is calibrated, and a model of few labels, or with class weights, is not.

    Parameters
    ----------
    history : History
        The rounds so far, of a session with ``find=``.
    threshold : float
        The recall to reach.

    Returns
    -------
    reading : Reading
        The value is the estimate less two standard deviations. O(1).

    References
    ----------
    .. [1] Yang, Lewis & Frieder (2021), Heuristic stopping rules for technology-assisted review, DocEng.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> quant_ci(History((), Budget(), n_labeled=0, seconds=0.0)).fired
    False
    """
    last = _newest(history)
    if isinstance(last, str):
        return _unread("quant_ci", threshold, last)
    values = last.expected_read, last.expected_unread, last.variance_read, last.variance_unread
    if any(number(value) is None for value in values):
        return _unread("quant_ci", threshold, _NO_PROBA)
    read, unread, of_read, of_unread = (float(value or 0) for value in values)
    total = read + unread
    if total <= 0:
        return _unread("quant_ci", threshold, "the model expects none of the class anywhere", possible=True)
    variance = read**2 / total**4 * (of_read + of_unread) + of_read / total**2
    low = max(0.0, read / total - _N_DEVIATIONS * math.sqrt(variance))
    why = f"the model expects {unread:.1f} of the class unread, so recall is at least {low:.2f}"
    return Reading("quant_ci", low, threshold, low >= threshold, why, below=False)


def most_by_test(found: IntArray, read: IntArray, n_unread: int, confidence: float = _CONFIDENCE) -> int:
    """Return the largest number in all that `recall_test` does not rule out.

    Parameters
    ----------
    found, read : ndarray of shape (n_rounds,)
        Samples of the class that were found, and all that were read, by each round.
    n_unread : int
        Samples that are unread now.
    confidence : float
        Between 0 and 1.

    Examples
    --------
    >>> most_by_test(np.array([5, 5]), np.array([10, 110]), 100)
    9
    """
    from scipy.stats import hypergeom

    n_read, n_hit, n_then = read[-1] - read, found[-1] - found, read[-1] - read + n_unread

    def ruled_out(total: int) -> bool:
        left = np.clip(total - found, 0, n_then)
        return bool(np.min(hypergeom.cdf(n_hit, n_then, left, n_read)) < 1 - confidence)

    low, high = int(found[-1]), int(found[-1]) + n_unread
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (low, middle - 1) if ruled_out(middle) else (middle, high)
    return low


def _newest(history: History) -> Signals | str:
    """Return the newest round's signals, or why there are none, or why they are not those of the pool."""
    if not history and not history.earlier:
        return "needs a round with a model, has none"
    if history.n_unseen:
        return f"not known of the {history.n_unseen:,} samples that came since the last round"
    last = history[-1].signals
    if not _is_of_search(last):
        return _NO_SEARCH
    return last if last.n_found and last.n_read else "needs a sample of the class, has none"


def _is_of_search(told: Signals) -> bool:
    return all(number(value) is not None for value in (told.n_found, told.n_read, told.n_unread))


def _curve(history: History) -> tuple[IntArray, IntArray]:
    """Return those found, and those read, by each round; a round that answers were undone of since is left out."""
    told = [each.signals for each in history if _is_of_search(each.signals)]
    pairs: IntArray = np.array([(each.n_found, each.n_read) for each in told], np.int64)
    found, read = pairs[(pairs <= pairs[-1]).all(axis=1)].T
    return found, read


def _curve_since_growth(history: History) -> tuple[IntArray, IntArray]:
    """Return those found, and those read, by each round since the pool grew; from the first of these on where it did.

    In a pool that stayed as it was all were found, and read, since there was nothing.
    """
    now = history.since_growth(0)
    found, read = _curve(now)
    if not now.earlier:
        return found, read
    return found - found[0], read - read[0]


def _most_by_strata(history: History, confidence: float) -> int:
    """Return the largest number in all that no part of the pool rules out, all tests together."""
    rounds = [each.signals.strata for each in (*history.earlier, *history.rounds)]
    last = rounds[-1]
    n_open, most = max(1, sum(n_unread > 0 for *_, n_unread in last)), 0
    for place, (n_rows, n_found, n_read, n_unread) in enumerate(last):
        # A stratum that has grown since is another one.
        same = (each[place] for each in rounds if len(each) > place and each[place][0] == n_rows)
        pairs = [(f, n) for _, f, n, _ in same if f <= n_found and n <= n_read]
        found, read = np.array(pairs, np.int64).T
        most += most_by_test(found, read, n_unread, 1 - (1 - confidence) / n_open)
    return most


def _slope_ratio(found: IntArray, read: IntArray) -> float:
    """Return the largest slope up to a round over the slope since; 0 for the first round."""
    found, read = found[read > 0], read[read > 0]
    if len(found) < 2:  # noqa: PLR2004 - there is nothing since
        return 0.0
    before: FloatArray = found[:-1] / read[:-1]
    since = (1 + found[-1] - found[:-1]) / np.maximum(read[-1] - read[:-1], 1)
    return float(np.max(before / since))


def _reading(name: str, last: Signals, most: int, threshold: float, how: str) -> Reading:
    found = last.n_found or 0
    recall = found / max(most, found, 1)
    why = f"at least {math.floor(recall * 100)} % of all are found, {how}: there are at most {max(most, found):,}"
    return Reading(name, recall, threshold, recall >= threshold, why, below=False)


def _unread(name: str, threshold: float | None, why: str, *, possible: bool | None = None) -> Reading:
    cannot = why in (_NO_SEARCH, _NO_PROBA)
    possible = not cannot if possible is None else possible
    return Reading(name, None, threshold, fired=False, why=why, possible=possible, below=False)
