"""Criteria combined into the rule that gives the advice."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from alwidgets.stopping.catalog import CRITERIA
from alwidgets.stopping.history import Criterion, CriterionName, History
from alwidgets.types import Reading

# How the reasons begin of a criterion that raised, or returned something other than a reading.
_FAILED = ("failed: ", "returned ", "says fired=")
Needs: TypeAlias = Literal["any", "all"] | int


@dataclass(frozen=True, repr=False)
class Rule:
    """Several criteria and how many of them must fire.

    Parameters
    ----------
    criteria : tuple of (str, callable) or Rule
        Names and criteria, and rules that count as one.
    needs : {"any", "all"} or int
        Whether one is enough, or how many it takes.
    """

    criteria: tuple[tuple[str, Criterion] | Rule, ...]
    needs: Needs

    @property
    def sentence(self) -> str:
        """The rule in words, such as "any of: budget, (all of: target, plateau)"."""
        if len(self.criteria) <= 1:
            return _name_of(self.criteria[0]) if self.criteria else "never"
        how = f"at least {self.needs} of" if isinstance(self.needs, int) else f"{self.needs} of"
        parts = (f"({_name_of(part)})" if _is_several(part) else _name_of(part) for part in self.criteria)
        return f"{how}: {', '.join(parts)}"

    def __repr__(self) -> str:
        return f"<Rule {self.sentence}>"

    def read(self, history: History) -> tuple[Reading, ...]:
        """Return every criterion's reading, in order, those of a rule within in its place.

        Where the pool grew by more than a tenth, criteria read the rounds since alone. A criterion that raises is read
        as "not fired", with its error as the reason: stopping advice never stands in the way of labeling.
        """
        now = history.since_growth()
        return tuple(reading for part in self.criteria for reading in _readings(part, now))

    def fired(self, readings: Iterable[Reading]) -> bool:
        """Return whether these readings, all that `read` returns, advise to stop."""
        return self._fires(iter(readings))

    def _fires(self, readings: Iterator[Reading]) -> bool:
        # Every part takes its readings, whatever those before it said.
        fired = [
            part._fires(readings) if isinstance(part, Rule) else next(readings).fired  # noqa: SLF001 - its own kind
            for part in self.criteria
        ]
        needed = {"any": 1, "all": len(fired)}[self.needs] if isinstance(self.needs, str) else self.needs
        return sum(fired) >= needed


def any_of(*criteria: CriterionName | Criterion | Rule) -> Rule:
    """Return the rule that fires when at least one criterion does.

    Parameters
    ----------
    *criteria : str, callable or Rule
        Names, functions History -> Reading or None, or rules that count as one criterion. Parameters of a criterion
        are given by `functools.partial`.

    Returns
    -------
    rule : Rule
        A name that comes twice gets a number.

    Raises
    ------
    ValueError
        If there are no criteria, or a name is unknown.
    TypeError
        If one is neither a name nor callable.

    Examples
    --------
    >>> from functools import partial
    >>> import alwidgets as alw
    >>> any_of("budget", all_of(partial(alw.stopping.target, threshold=0.9), "stabilizing_predictions"))
    <Rule any of: budget, (all of: target, stabilizing_predictions)>
    """
    return _rule(criteria, "any", "any_of")


def all_of(*criteria: CriterionName | Criterion | Rule) -> Rule:
    """Return the rule that fires when every criterion does; parameters as in `any_of`."""
    return _rule(criteria, "all", "all_of")


def at_least(k: int, *criteria: CriterionName | Criterion | Rule) -> Rule:
    """Return the rule that fires when at least so many criteria do.

    Parameters
    ----------
    k : int
        From 1 to the number of criteria.
    *criteria : str, callable or Rule
        As in `any_of`.

    Returns
    -------
    rule : Rule

    Raises
    ------
    ValueError
        If `k` is not such a number; otherwise as in `any_of`.

    Examples
    --------
    >>> at_least(2, "plateau", "stabilizing_predictions", "oracle_accuracy")
    <Rule at least 2 of: plateau, stabilizing_predictions, oracle_accuracy>
    """
    rule = _rule(criteria, "all", "at_least")
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= len(criteria):
        raise ValueError(f"k is {k!r}; expected a whole number from 1 to {len(criteria)}, the number of criteria.")
    return replace(rule, needs=k)


def patience(criterion: CriterionName | Criterion | Rule, n_rounds: int = 3) -> Criterion:
    """Return the criterion that fires when another has fired in so many rounds running.

    Parameters
    ----------
    criterion : str, callable or Rule
        The other.
    n_rounds : int
        In how many rounds, the newest among them.

    Returns
    -------
    criterion : callable
        Its value is in how many of these rounds the other fired, counted back from now. It reads the other up to
        `n_rounds` times.

    Raises
    ------
    ValueError
        If `n_rounds` is not a whole number of 1 or more; otherwise as in `any_of`.

    Examples
    --------
    >>> any_of("budget", patience("overall_uncertainty", 2))
    <Rule any of: budget, overall_uncertainty for 2 rounds>
    """
    rule = as_rule(criterion)
    if isinstance(n_rounds, bool) or not isinstance(n_rounds, int) or n_rounds < 1:
        raise ValueError(f"n_rounds is {n_rounds!r}; expected a whole number of 1 or more.")
    said = f"({rule.sentence})" if _is_several(rule) else rule.sentence
    name = f"{said} for {n_rounds} rounds"

    def lasting(history: History) -> Reading:
        now = rule.read(history)
        n_fired = int(rule.fired(now))
        while 0 < n_fired < min(n_rounds, len(history)) and _fires_at(rule, history, len(history) - n_fired):
            n_fired += 1
        why = f"fired in {n_fired} of {n_rounds} rounds running: {_why(now)}"
        # What all parts could do at best is what the rule could do at best.
        possible = rule.fired(replace(reading, fired=reading.possible) for reading in now)
        return Reading(name, n_fired, n_rounds, n_fired == n_rounds, why, possible, below=False)

    lasting.__name__ = name
    return lasting


def as_rule(stop: CriterionName | Criterion | Rule | None) -> Rule:
    """Return the rule behind a name, a function or a rule; behind None the one that never advises to stop."""
    if stop is None:
        return Rule((), "any")
    return stop if isinstance(stop, Rule) else any_of(stop)


def _rule(criteria: tuple[CriterionName | Criterion | Rule, ...], needs: Needs, maker: str) -> Rule:
    if not criteria:
        raise ValueError(f"{maker} got no criteria; expected at least one of {sorted(CRITERIA)} or a function.")
    return _numbered(Rule(tuple(_part(criterion) for criterion in criteria), needs), set())


def _numbered(rule: Rule, taken: set[str]) -> Rule:
    """Return the rule with a number behind every name that is taken: each reading needs a column of its own."""
    parts: list[tuple[str, Criterion] | Rule] = []
    for part in rule.criteria:
        if isinstance(part, Rule):
            parts.append(_numbered(part, taken))
            continue
        name, n = part[0], 1
        while name in taken:
            n += 1
            name = f"{part[0]} {n}"
        taken.add(name)
        parts.append((name, part[1]))
    return replace(rule, criteria=tuple(parts))


def _part(criterion: CriterionName | Criterion | Rule) -> tuple[str, Criterion] | Rule:
    if isinstance(criterion, Rule):
        return criterion
    if isinstance(criterion, str):
        if criterion not in CRITERIA:
            raise ValueError(
                f"Unknown stopping criterion {criterion!r}; expected one of {sorted(CRITERIA)} or a function "
                "History -> Reading."
            )
        return criterion, CRITERIA[criterion]
    if not callable(criterion):
        raise TypeError(
            f"stopping criterion is {criterion!r}; expected one of {sorted(CRITERIA)} or a function History -> Reading."
        )
    return _name(criterion), criterion


def _name(criterion: Any) -> str:
    while isinstance(criterion, functools.partial):
        criterion = criterion.func
    return str(getattr(criterion, "__name__", type(criterion).__name__))


def _name_of(part: tuple[str, Criterion] | Rule) -> str:
    return part.sentence if isinstance(part, Rule) else part[0]


def _is_several(part: tuple[str, Criterion] | Rule) -> bool:
    """Return whether the words for a part name more than one criterion."""
    while isinstance(part, Rule) and len(part.criteria) == 1:
        part = part.criteria[0]
    return isinstance(part, Rule)


def _fires_at(rule: Rule, history: History, n_rounds: int) -> bool:
    return rule.fired(rule.read(history.before(n_rounds)))


def _why(readings: tuple[Reading, ...]) -> str:
    """Return the reason of the first that fired, or else of the first."""
    return next((reading for reading in readings if reading.fired), readings[0]).why


def _readings(part: tuple[str, Criterion] | Rule, history: History) -> tuple[Reading, ...]:
    return part.read(history) if isinstance(part, Rule) else (_read(*part, history),)


def _read(name: str, criterion: Criterion, history: History) -> Reading:
    try:
        reading: Any = criterion(history)
        return _check_reading(name, reading)
    except Exception as error:  # noqa: BLE001 - a user's function may raise anything
        return Reading(name, None, None, fired=False, why=f"failed: {type(error).__name__}: {error}")


def problems(readings: Iterable[Reading]) -> dict[str, str]:
    """Describe the errors of failed criteria, by name."""
    failed = (reading for reading in readings if reading.why.startswith(_FAILED))
    return {each.name: f"The stopping criterion {each.name!r} {each.why}. It gives no advice." for each in failed}


def unless_priced(criterion: CriterionName | Criterion) -> Criterion:
    """Return the criterion that fires as another does while the prices are not known that `marginal_gain` needs.

    Where they are known, they decide: a model may be stable, or its score flat, long after labels stopped paying, or
    long before.

    Parameters
    ----------
    criterion : str or callable
        The other; what it reads is shown in any case.

    Examples
    --------
    >>> any_of("marginal_gain", unless_priced("plateau"))
    <Rule any of: marginal_gain, plateau>
    """
    part = _part(criterion)
    if isinstance(part, Rule):
        raise TypeError(f"criterion is {criterion!r}; expected a single one: give each part of a rule by itself.")
    inner: Any = part[1]

    @functools.wraps(inner)
    def read(history: History, **parameters: Any) -> Reading | None:
        reading: Reading | None = inner(history, **parameters)
        if reading is None or not reading.fired or not (history.budget.error_cost and history.cost_per_label):
            return reading
        return replace(reading, fired=False, why=f"{reading.why}; the prices decide")

    return read


def _check_reading(name: str, reading: Any) -> Reading:
    """Validate a reading and convert NumPy values to plain ones, which a journal can store."""
    if reading is None:
        return Reading(name, None, None, fired=False, why="cannot tell yet")
    if not isinstance(reading, Reading):
        why = f"returned {reading!r}; expected a Reading or None"
        return Reading(name, None, None, fired=False, why=why)
    said: Any = reading.fired
    if not isinstance(said, bool | np.bool_):
        why = f"says fired={said!r}; expected True or False"
        return Reading(name, None, None, fired=False, why=why)
    value = _plain(reading.value)
    # A value was meant, and is missing: nothing can be concluded from it.
    fired = bool(said) and (value is not None or reading.value is None)
    return Reading(
        name,
        value,
        _plain(reading.threshold),
        fired=fired,
        why=str(reading.why),
        possible=bool(reading.possible),
        below=bool(reading.below),
    )


def _plain(value: Any) -> float | None:
    number = math.nan if value is None else float(value)
    return number if math.isfinite(number) else None
