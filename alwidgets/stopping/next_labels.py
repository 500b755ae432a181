"""The price of the next labels: what they cost, what they should bring, and how many are worth it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from alwidgets.scoring.curves import CurveFit, fit
from alwidgets.stopping.history import History, Round
from alwidgets.stopping.performance import WIDEST_INTERVAL, not_measured
from alwidgets.types import FloatArray, Reading
from alwidgets.utils.streams import ALIKE, stream

# A forecast looks so far ahead, or a batch when that is more.
_AHEAD = 50
# Where the cheapest number of labels is looked for: so many steps, up to so many times the labels there are.
_STEPS = 200
_FARTHEST = 100
_FEWEST_ROUNDS = 5
# A gain that is known less well, in units of a score in [0, 1], helps nobody to decide.
_WIDEST_GAIN = 0.1
# Questions that were chosen by a model are not a random sample: what held long ago says little of what comes.
_FITTED = 15


@dataclass(frozen=True, slots=True)
class Range:
    """A number and its 95 % interval.

    Parameters
    ----------
    value, low, high : float
        The number, and the limits.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Forecast of the cost and the gain of the next labels.

    Parameters
    ----------
    n_labels : int
        How many labels ahead.
    cost : float or None
        What they cost, in the budget's currency; None without a price.
    seconds : float or None
        How long they take, of a team the time of all together; None while no answer was timed.
    gain : Range
        How much the score should rise, in its units.
    worth : Range or None
        What fewer errors in use save, in the budget's currency; None without `n_predictions` and `cost_per_error`.
    cheapest : Range or None
        The number of labels at which labels and errors together cost least; None without the prices.
    metric : str
        What the score is.
    clear : bool
        Whether the gain is known well enough to say it: its interval spans at most 10 points.
    n_answers : int or None
        Answers that the labels take in a team; None where each label is one.
    elapsed : float or None
        Seconds until a team has given them, at the pace of all who label now; None for one person, or unknown.
    """

    n_labels: int
    cost: float | None
    seconds: float | None
    gain: Range
    worth: Range | None
    cheapest: Range | None
    metric: str
    clear: bool = True
    n_answers: int | None = None
    elapsed: float | None = None


def forecast(history: History, n_labels: int | None = None) -> Forecast | None:
    """Forecast the cost and the gain of the next labels.

    Parameters
    ----------
    history : History
        The rounds so far, the budget and its prices.
    n_labels : int, optional
        How far ahead; default 50 or a batch, whichever is more, but not beyond the pool or the budget.

    Returns
    -------
    forecast : Forecast or None
        None while fewer than 5 rounds have a score, when the newest has none or tells nothing, when no answer stands,
        and when nothing is left to label.
    """
    history = history.since_growth()
    n_labels = _ahead(history) if n_labels is None else n_labels
    curve = fitted(history)
    if curve is None or n_labels < 1 or not history.n_labeled or not_measured(history):
        return None
    now, then = float(history.n_labeled), float(history.n_labeled + n_labels)
    prices = history.budget
    per_label = history.seconds_per_label
    gain = Range(*curve.gain(now, then))
    n_answers = None if history.n_answers is None else round(n_labels * history.answers_per_label)
    pace = history.answers_per_minute
    accuracy = fitted(history, "accuracy") if prices.error_cost else None
    worth = cheapest = None
    if accuracy is not None:
        saved = Range(*accuracy.gain(now, then))
        worth = Range(*(prices.error_cost * limit for limit in (saved.value, saved.low, saved.high)))
        cheapest = _cheapest(history, accuracy) if history.cost_per_label else None
    return Forecast(
        n_labels=n_labels,
        cost=n_labels * history.cost_per_label if prices.priced else None,
        seconds=None if per_label is None else n_labels * per_label,
        gain=gain,
        worth=worth,
        cheapest=cheapest,
        metric=history[-1].metric,
        clear=is_clear(curve, gain),
        n_answers=n_answers,
        elapsed=60 * n_answers / pace if n_answers is not None and pace else None,
    )


def is_clear(curve: CurveFit, gain: Range) -> bool:
    """Return whether a gain is known well enough to say it."""
    return not curve.bounded or gain.high - gain.low <= _WIDEST_GAIN


def fitted(history: History, metric: str | None = None) -> CurveFit | None:
    """Return the law fitted to a metric of the rounds, the first one by default; None while rounds are too few."""
    known = [
        (item.n_labeled, score, item.score_n)
        for item in history.since_growth().comparable
        if item.n_labeled and np.isfinite(score := _score(item, metric))
    ]
    if len(known) < _FEWEST_ROUNDS:
        return None
    n_labeled, scores, n_scored = zip(*known[-_FITTED:], strict=True)
    return _fit(n_labeled, scores, 1 / max(n_scored[-1], 1))


def _score(item: Round, metric: str | None) -> float:
    if metric is None or metric == item.metric:
        return float(item.score)
    return next((score.value for score in item.scores if score.metric == metric), np.nan)


@lru_cache(maxsize=16)
def _fit(n_labeled: tuple[int, ...], score: tuple[float, ...], resolution: float) -> CurveFit | None:
    # Several criteria and figures look at the same curve. The seed is fixed: the same history, the same band.
    try:
        return fit(
            np.array(n_labeled),
            np.array(score),
            rng=stream("curve fit", ALIKE),
            n_rounds=_FITTED,
            resolution=resolution,
        )
    except ValueError:  # too few different numbers of labels
        return None


def projected_to(history: History) -> int:
    """Return up to how many labels a projection makes sense: the budget, or twice the labels, within the pool."""
    n = history.most_labels or 2 * history.n_labeled
    return n if history.n_samples is None else min(n, history.n_samples)


def _ahead(history: History) -> int:
    ahead = max(_AHEAD, history.batch_size)
    most = [limit for limit in (history.n_samples, history.most_labels) if limit is not None]
    # A budget that is spent already says nothing of the labels after it.
    left = [int(limit) - history.n_labeled for limit in most if limit > history.n_labeled]
    if history.n_samples is not None and history.n_labeled >= history.n_samples:
        return 0
    return min([ahead, *left])


def cheapest_number(b: float, c: float, *, cost_per_label: float, error_cost: float) -> float:
    r"""Return the number of labels at which labels and errors together cost least, for a power law.

    .. math:: n^* = \left( \frac{N m\, b\, c}{l} \right)^{1 / (1 + c)}

    minimizes :math:`C(n) = l\, n + N m\, (1 - a + b\, n^{-c})`, where n is the number of labels, l the cost of one, N
    the number of predictions in production, m the cost of one that is wrong, and :math:`a - b\, n^{-c}` the accuracy.

    Parameters
    ----------
    b, c : float
        Of the power law; 0 or more.
    cost_per_label : float
        l, above 0.
    error_cost : float
        N m, 0 or more.

    Returns
    -------
    n : float
        0 or more.

    Raises
    ------
    ValueError
        If `cost_per_label` is not above 0.

    References
    ----------
    .. [1] Pullar-Strecker, Dost, Frank & Wicker (2022), Hitting the target: stopping active learning at the cost-based
           optimum, Machine Learning.

    Examples
    --------
    >>> round(cheapest_number(1.0, 0.5, cost_per_label=0.1, error_cost=1000.0), 2)
    292.4
    """
    if not cost_per_label > 0:
        raise ValueError(f"cost_per_label is {cost_per_label}; expected a price above 0, or any number of labels pays.")
    return float((error_cost * b * c / cost_per_label) ** (1 / (1 + c)))


def _cheapest(history: History, accuracy: CurveFit) -> Range:
    """Minimize l n + N m (1 - accuracy) over n, by the fitted law and by each of its resamples."""
    first = max(float(history[0].n_labeled), 1.0)
    last = float(history.n_samples or _FARTHEST * max(history.n_labeled, 1))
    n = np.geomspace(first, max(last, first + 1), _STEPS)
    spent, errors = history.cost_per_label * n, history.budget.error_cost
    best = n[np.argmin(spent + errors * (1 - accuracy.at(n)))]
    draws: FloatArray = n[np.argmin(spent + errors * (1 - accuracy.draws(n)), axis=1)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Range(float(best), float(min(low, best)), float(max(high, best)))


def marginal_gain(history: History, *, threshold: float = 1.0, confidence: float = 0.6) -> Reading:
    r"""Fire when the next labels cost more than they are worth.

    The value is :math:`N m\,[\hat y(n + k) - \hat y(n)] / (l\, k)`: what fewer errors in use save for each unit of
    money that the next k labels cost, where N is the number of predictions in production, m the cost of one that is
    wrong, l that of a label, n the labels there are and :math:`\hat y` the fitted learning curve; k is as in
    `forecast`. Before there is a curve it fires if not even a model without an error would pay: the gain is then 1 less
    the lower end of the accuracy's 95 % interval.

    Parameters
    ----------
    history : History
        The rounds so far; its budget needs a price of a label, `n_predictions` and `cost_per_error`.
    threshold : float
        What a unit of money has to bring back.
    confidence : float
        How sure it must be that labels no longer pay, in (0, 1): 0.5 takes the gain of the curve as fitted; 0.975 adds
        to it how far the 97.5 % quantile of `CurveFit.draws` lies above their median. What each costs is in
        docs/stopping.md.

    Returns
    -------
    reading : Reading
        The value is 0 or more as a rule; None before there is a curve, unless it fires. Costs a fit of the curve once a
        round.

    References
    ----------
    .. [1] Pullar-Strecker, Dost, Frank & Wicker (2022), Hitting the target: stopping active learning at the cost-based
           optimum, Machine Learning.
    """
    prices = history.budget
    if not prices.error_cost or not history.cost_per_label:
        missing = "n_predictions and cost_per_error" if not prices.error_cost else "cost_per_label or cost_per_hour"
        why = f"needs {missing} in the budget"
        return Reading("marginal_gain", None, threshold, fired=False, why=why, possible=False)
    ahead = _ahead(history)
    if ahead < 1:
        return Reading("marginal_gain", None, threshold, fired=False, why="nothing is left to label")
    if history and not history.n_labeled:
        return Reading("marginal_gain", None, threshold, fired=False, why="no answer stands")
    low, high = _interval(history)
    # Of an accuracy that is known only roughly no curve says where it leads.
    unmeasured = not_measured(history)
    curve = fitted(history, "accuracy") if high - low <= WIDEST_INTERVAL and not unmeasured else None
    gain = 1 - low if curve is None else _gained(history, curve, ahead, confidence)
    worth, cost = prices.error_cost * gain, history.cost_per_label * ahead
    value = worth / cost
    if curve is None and not value < threshold:
        why = unmeasured or f"needs {_FEWEST_ROUNDS} rounds with an accuracy, the last known to 10 points"
        return Reading("marginal_gain", None, threshold, fired=False, why=why)
    saves = f"could not save more than {worth:.2f}" if curve is None else _saves(worth, confidence)
    why = f"the next {ahead} labels cost {cost:.2f} {prices.currency or 'units'} and {saves}"
    return Reading("marginal_gain", value, threshold, value < threshold, why)


def _saves(worth: float, confidence: float) -> str:
    if confidence == 0.5:  # noqa: PLR2004 - the curve as fitted
        return f"should save {worth:z.2f}"
    return f"save at most {worth:z.2f}, {confidence:.0%} sure"


def _interval(history: History) -> tuple[float, float]:
    """Return the limits of the newest accuracy; infinite while there is none."""
    if not history:
        return -np.inf, np.inf
    last = history[-1]
    low, high = next(((score.low, score.high) for score in last.scores if score.metric == "accuracy"), (np.nan, np.nan))
    if last.metric == "accuracy":
        low, high = last.score_low, last.score_high
    return (low, high) if np.isfinite(low) and np.isfinite(high) else (-np.inf, np.inf)


def _gained(history: History, curve: CurveFit, ahead: int, confidence: float) -> float:
    n = [history.n_labeled, history.n_labeled + ahead]
    # The resampled curves never fall, so the middle one lies above a law that does not rise.
    middle, limit = np.quantile(np.diff(curve.draws(n), axis=1), [0.5, confidence])
    return float(np.diff(curve.at(n))[0] + limit - middle)
