"""Progress and advice of a session, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from alwidgets.scoring.scores import OF_AUDITS, basis
from alwidgets.stopping import Forecast, History, Rule, any_of, unless_priced
from alwidgets.stopping.next_labels import forecast
from alwidgets.stopping.rules import problems
from alwidgets.types import Class, Reading

#: What is said while an audit answer that was corrected is not yet in all scores.
SCORED_AGAIN = "The rounds are being scored again, since an answer that measures was corrected."
_NO_MODEL = "no model can be trained, as the labels to train on do not tell two classes apart."

# Of the classes that random questions have not met, so many are named.
_MOST_NAMED = 3
#: Criteria whose value is a recall.
RECALLS = frozenset({"recall_test", "drawn_recall", "quant_ci"})
#: Rule by which a session advises to stop, unless it is told another.
ADVICE = any_of("budget", "marginal_gain", unless_priced("plateau"), unless_priced("stabilizing_predictions"))


@dataclass(frozen=True)
class Progress:
    """Progress of a session, for display.

    Parameters
    ----------
    n_samples, n_labeled, n_skipped, n_pending : int
        Rows of the pool, and how many of them are labeled, skipped and asked but not answered.
    class_counts : tuple of int
        Labels of each class; of a team as the consensus of the newest model has them, and what was answered since by
        the majority.
    round : int
        The newest model; 0 before the first.
    n_learned, n_behind, n_changed : int
        Answers the model knows, answers given since, and answers it knows that were changed or undone since.
    phase : str
        What chooses the next questions: "cold start" or the strategy.
    labels_per_minute : float or None
        Over the last 20 answers; None before there are enough.
    busy : bool
        Whether a fit or a selection is running.
    busy_since : float or None
        When that began, seconds since 1970; `Session.abandon_fit` gives up what takes too long.
    error : str
        What went wrong last and has not been put right; empty when nothing.
    notices : tuple of str
        What else there is to know: that the learner is lent copies, or that a stopping criterion failed.
    saved_as : str or None
        Name of the journal; None when answers are kept in memory only.
    n_events : int
        What happened until now, by number: what `teach` takes as `as_of`.
    n_copies : int
        Samples that have their label or skip from an identical one; they count neither as labeled nor as skipped.
    waits_for : tuple of str, int, float or bool
        The classes whose labels keep the cold start going though there is a model; `Session.end_cold_start` goes on
        without them.
    n_only : int
        Samples without an answer among those that alone are asked; 0 where all may be. See `Session.ask_only`.
    """

    n_samples: int
    n_labeled: int
    n_skipped: int
    n_pending: int
    class_counts: tuple[int, ...]
    round: int
    n_learned: int
    n_behind: int
    n_changed: int
    phase: str
    labels_per_minute: float | None
    busy: bool
    busy_since: float | None
    error: str
    notices: tuple[str, ...]
    saved_as: str | None
    n_events: int
    n_copies: int = 0
    waits_for: tuple[Class, ...] = ()
    n_only: int = 0


@dataclass(frozen=True)
class Advice:
    """Advice of the stopping rule.

    Parameters
    ----------
    stop : bool
        Whether the rule fired.
    sentence : str
        For the annotator.
    readings : tuple of Reading
        Every criterion.
    forecast : Forecast or None
        What the next labels cost and should bring; None before there are enough rounds.
    """

    stop: bool
    sentence: str
    readings: tuple[Reading, ...]
    forecast: Forecast | None = None


@dataclass(frozen=True)
class Found:
    """Count of what a session that seeks a class has found.

    Parameters
    ----------
    label : str, int, float or bool
        The class.
    n_found, n_read, n_samples : int
        Samples with a label of it, with any answer, and of the pool.
    n_at_most : int or None
        How many there can be in all by random questions; None before the first of them.
    n_copies : int
        Samples that are not among `n_samples`, since the answer to an identical one is theirs.
    """

    label: Class
    n_found: int
    n_read: int
    n_samples: int
    n_at_most: int | None = None
    n_copies: int = 0

    @property
    def sentence(self) -> str:
        """The count in words.

        Examples
        --------
        >>> Found("spam", 12, 240, 2000).sentence
        "12 of 'spam' are found among 240 read of 2,000."
        """
        once = ", identical samples counted once" if self.n_copies else ""
        return f"{self.n_found:,} of {self.label!r} are found among {self.n_read:,} read of {self.n_samples:,}{once}."

    @property
    def bound(self) -> str:
        """A sentence on how many are left by random questions alone; empty before the first of them."""
        if self.n_at_most is None:
            return ""
        left = self.n_at_most - self.n_found
        return f" By random questions {f'at most {left:,} are' if left else 'none is'} left, 95 % sure."


def advise(
    rule: Rule, history: History, *, exhausted: bool = False, can_fit: bool = True, found: Found | None = None
) -> Advice:
    """Apply a stopping rule to a history; the pool may be exhausted, or the labels unusable for a fit."""
    if found is not None:
        return _advise_on_recall(rule, history, found, exhausted=exhausted)
    readings, ahead, history = rule.read(history), forecast(history), history.since_growth()
    next_labels = "" if ahead is None else next_labels_in_words(ahead, history.budget.currency)
    never = _never(rule, readings)
    failed = "".join(f" {problem}" for problem in problems(readings).values())
    grew = _grew(history)
    also = f"{_problem(history)}{_unseen(history)}{grew}{_came(history)}{never}{failed}"
    if rule.fired(readings):
        fired = [f"{reading.name} ({reading.why})" for reading in readings if reading.fired]
        # Where nothing is left to ask there are no next labels.
        said = not next_labels or worth_at_most(readings, ahead) is not None
        but = "" if said or exhausted else f" {next_labels[0].upper()}{next_labels[1:]}"
        answered = "Every sample has an answer. " if exhausted else ""
        sentence = f"{answered}You may stop: {', '.join(fired)}.{but}{also}"
        return Advice(stop=True, sentence=sentence, readings=readings, forecast=ahead)
    if exhausted:
        outlook = _outlook(history) if history or can_fit else _NO_MODEL
        sentence = f"Every sample has an answer: {outlook}{grew}{failed}"
    elif next_labels:
        sentence = f"Keep going: {next_labels}{also}"
    else:
        sentence = f"Keep going: {_outlook(history)}{_unseen(history)}{grew}{_came(history)}{never}{failed}"
    return Advice(stop=False, sentence=sentence, readings=readings, forecast=ahead)


def _advise_on_recall(rule: Rule, history: History, found: Found, *, exhausted: bool) -> Advice:
    """Apply a rule in a session that seeks a class, where what is found counts, and not how good a model is."""
    readings = rule.read(history)
    failed = "".join(f" {problem}" for problem in problems(readings).values())
    also = f"{_never(rule, readings)}{failed}"
    fired = [f"{reading.name} ({reading.why})" for reading in readings if reading.fired]
    if exhausted:
        sentence = f"Every sample has an answer. {found.sentence}"
    elif rule.fired(readings):
        sentence = f"You may stop: {', '.join(fired)}. {found.sentence}"
    else:
        known = next((reading for reading in readings if reading.name in RECALLS and reading.value is not None), None)
        bound = "" if known is None else f" {known.why[0].upper()}{known.why[1:]}; the target is {known.threshold:g}."
        if n_new := history.n_unseen:
            bound = f" Nothing is known yet of the {n_new:,} samples that came since the last round."
        elif found.n_read and not history:
            bound = f" The first model has yet to be trained: it takes answers of two classes.{found.bound}"
        sentence = f"Keep going. {found.sentence}{bound}"
    # Where all are read, all are found.
    return Advice(stop=rule.fired(readings) or exhausted, sentence=f"{sentence}{also}", readings=readings)


def _problem(history: History) -> str:
    """Return a sentence if the newest round has no score although one was expected."""
    last = history[-1] if history else None
    if last is None or not last.problem:
        return ""
    return f" {last.problem}." if last.measured_later else f" There is no score: {last.problem}."


def _grew(history: History) -> str:
    """Return a sentence if rounds are left out that were of a pool without many of its samples."""
    n_rounds = len(history.earlier)
    of_them = "round was" if n_rounds == 1 else f"{n_rounds} rounds were"
    return f" The first {of_them} before the pool grew, and left out." if n_rounds else ""


def _came(history: History) -> str:
    """Return a sentence if samples came since the newest round that are so few that it counts all the same."""
    n_new = history.n_unseen if history else 0
    share = n_new / history.n_samples if history.n_samples else 0.0
    return f" No round knows the {n_new:,} samples that came since, {share:.0%} of the pool." if n_new else ""


def _unseen(history: History) -> str:
    """Return a sentence if random questions met several classes, and not all: the score says nothing of the others."""
    last = history[-1] if history else None
    if last is None or not last.measured or last.score_kind not in OF_AUDITS:
        return ""
    unseen = [repr(each.label) for each in last.per_class if not each.n]
    if not unseen:
        return ""
    names = f"{', '.join(unseen[:_MOST_NAMED])}{' and others' if len(unseen) > _MOST_NAMED else ''}"
    return f" None of these {last.score_n:,} is {names}, of which the score says nothing."


def _never(rule: Rule, readings: tuple[Reading, ...]) -> str:
    """Explain why a rule cannot fire; empty if it can."""
    if not rule.criteria or rule.fired(tuple(replace(reading, fired=reading.possible) for reading in readings)):
        return ""
    why = [f"{reading.name} {reading.why}" for reading in readings if not reading.possible]
    return f" This rule cannot fire: {'; '.join(why)}."


def worth_at_most(readings: Sequence[Reading], ahead: Forecast | None) -> float | None:
    """Return the most that the next labels are probably worth, by a criterion that fired; None if the forecast says.

    `marginal_gain` is as sure as it is asked to be, 60 % by default, before a gain is known well enough to be said.
    """
    fired = next((each for each in readings if each.name == "marginal_gain" and each.fired), None)
    if fired is None or fired.value is None or ahead is None or ahead.clear or ahead.cost is None:
        return None
    return max(0.0, fired.value * ahead.cost)


def next_labels_in_words(ahead: Forecast, currency: str) -> str:
    """Return a forecast as a sentence: what the next labels cost, bring and are worth.

    Examples
    --------
    >>> from alwidgets.stopping.next_labels import Range
    >>> ahead = Forecast(50, 6.0, None, Range(0.008, 0.002, 0.015), Range(40.0, 10.0, 75.0), None, "accuracy")
    >>> next_labels_in_words(ahead, "EUR")
    'the next 50 labels cost about 6.00 EUR, and should bring +0.8 points (95 %: 0.2 to 1.5), worth about 40 EUR.'
    """
    prices = [money(ahead.cost, currency)] if ahead.cost is not None else []
    prices += [_time_of(ahead, ahead.seconds)] if ahead.seconds is not None else []
    labels = f"{ahead.n_labels} labels" + ("" if ahead.n_answers is None else f", about {ahead.n_answers} answers,")
    paid = f"cost about {' and '.join(prices)}, and " if prices else ""
    if not ahead.clear:
        price = f"the next {labels} cost about {' and '.join(prices)}; " if prices else ""
        return f"{price}it is too early to tell what the next {'ones' if prices else f'{ahead.n_labels} labels'} bring."
    of = "" if ahead.metric == "accuracy" else f" of {ahead.metric}"
    worth = f", worth about {money(ahead.worth.value, currency)}" if ahead.worth is not None else ""
    if ahead.worth is not None and ahead.cost is not None and ahead.worth.value < ahead.cost:
        worth += ": less than they cost"
    brings = f"should bring {points(ahead.gain.value, ahead.gain.low, ahead.gain.high, of)}"
    return f"the next {labels} {paid}{brings}{worth}."


def _time_of(ahead: Forecast, seconds: float) -> str:
    """Return the time that labels take; of a team also until they are there, since its people label side by side."""
    if ahead.n_answers is None:
        return duration(seconds)
    pace = "" if ahead.elapsed is None else f" ({duration(ahead.elapsed)} at the team's pace)"
    return f"{duration(seconds)} of labeling{pace}"


def points(value: float, low: float, high: float, of: str = "") -> str:
    """Return a difference of scores and its limits in points, without digits that mean nothing.

    Examples
    --------
    >>> points(0.093, 0.013, 0.194)
    '+9 points (95 %: 1 to 19)'
    """
    digits = 1 if max(abs(low), abs(high)) < 0.03 else 0  # noqa: PLR2004 - below 3 points a tenth tells
    value, low, high = (round(limit * 100, digits) + 0.0 for limit in (value, low, high))
    return f"{value:+.{digits}f} points{of} (95 %: {low:.{digits}f} to {high:.{digits}f})"


def money(amount: float, currency: str) -> str:
    """Return an amount as a person writes it: cents only where they matter."""
    return f"{amount:,.{0 if abs(amount) >= 20 else 2}f} {currency}".strip()  # noqa: PLR2004


def duration(seconds: float) -> str:
    """Return a duration as a person says it."""
    if seconds < 90:  # noqa: PLR2004
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"  # noqa: PLR2004


def _outlook(history: History) -> str:
    if not history:
        n_new = history.n_unseen if history.earlier else 0
        return f"no round knows the {n_new:,} new samples yet." if n_new else "the first model has yet to be trained."
    if not history.n_labeled:
        return "no answer stands."
    last = history[-1]
    if not last.measured:
        return _problem(history).strip().replace("There", "there", 1) or "there is nothing to measure on yet."
    interval = f"95 %: {last.score_low:.2f} to {last.score_high:.2f}"
    text = f"{last.metric} is {last.score:.2f} ({interval}), {basis(last.score_kind, last.score_n)}"
    earlier = [item for item in history.of_one_kind if item.round < last.round]
    if not earlier:
        return f"{text}."
    gain = (last.score - earlier[-1].score) * 100
    return f"{text}, {gain:+.1f} points since the round before."
