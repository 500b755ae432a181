"""The advice of a session in short: whether to go on, and what the next labels bring, cost and are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alwidgets.session.progress import duration, money, points, worth_at_most

if TYPE_CHECKING:
    from alwidgets.session.progress import Advice
    from alwidgets.stopping import Budget, Forecast, History

_UNKNOWN = "too early to tell"


def headline(advice: Advice, history: History, *, exhausted: bool) -> str:
    """Return the advice in about ten words; `Advice.sentence` is the whole of it."""
    ahead = advice.forecast
    if fired := [reading.name.replace("_", " ") for reading in advice.readings if advice.stop and reading.fired]:
        return f"You may stop: {', '.join(fired)}."
    if exhausted:
        return "Every sample has an answer."
    if not history:
        return "Keep going: the first model has yet to be trained."
    if ahead is None or not ahead.clear:
        return f"Keep going: {_UNKNOWN} what more labels bring."
    return f"Keep going: the next {ahead.n_labels} labels should bring {_gain(ahead).partition(' (')[0]}."


def facts(advice: Advice, history: History) -> list[tuple[str, str]]:
    """Return (name, value) of the score, and of what the next labels bring, cost and are worth.

    There are as many whether or not their values are known, except for money, which needs prices.
    """
    last = next((item for item in reversed(history.rounds) if item.measured), None)
    score = ("score", "not measured yet")
    if last is not None:
        score = (last.metric, f"{last.score:.2f} (95 %: {last.score_low:.2f} to {last.score_high:.2f})")
    ahead, prices = advice.forecast, history.budget
    n_labels = "more" if ahead is None else f"next {ahead.n_labels}"
    gain, worth = _UNKNOWN if ahead is None else _gain(ahead), _UNKNOWN
    if ahead is not None and ahead.worth is not None and ahead.clear:
        worth = f"about {money(ahead.worth.value, prices.currency)}"
    elif (most := worth_at_most(advice.readings, ahead)) is not None:
        gain, worth = (f"probably at most {text}" for text in (_points(most, prices), money(most, prices.currency)))
    found = [score, (f"{n_labels} labels bring", gain)]
    found.append(("they cost", _UNKNOWN if ahead is None else _price(ahead, prices.currency)))
    if ahead is not None and ahead.worth is not None:
        found.append(("they are worth", worth))
    return found


def _points(worth: float, prices: Budget) -> str:
    return f"{100 * worth / prices.error_cost:.1f} points"


def _gain(ahead: Forecast) -> str:
    if not ahead.clear:
        return _UNKNOWN
    return points(ahead.gain.value, ahead.gain.low, ahead.gain.high)


def _price(ahead: Forecast, currency: str) -> str:
    prices = [money(ahead.cost, currency)] if ahead.cost is not None else []
    prices += [duration(ahead.seconds)] if ahead.seconds is not None else []
    return ", ".join(prices) or _UNKNOWN
