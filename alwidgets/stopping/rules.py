"""Criteria combined into the rule that gives the advice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from alwidgets.stopping.criteria import CRITERIA
from alwidgets.stopping.history import History
from alwidgets.types import Criterion, Reading


@dataclass(frozen=True)
class Rule:
    """Several criteria and how many of them must fire.

    Parameters
    ----------
    criteria : tuple of (str, callable)
        Name and criterion.
    needs : {"any", "all"}
        Whether one is enough.
    """

    criteria: tuple[tuple[str, Criterion], ...]
    needs: Literal["any", "all"]

    def read(self, history: History) -> tuple[Reading, ...]:
        """Return every criterion's reading, in order.

        A criterion that raises is read as "not fired", with its error as the reason: stopping advice never
        stands in the way of labeling.
        """
        return tuple(_read(name, criterion, history) for name, criterion in self.criteria)

    def fired(self, readings: tuple[Reading, ...]) -> bool:
        """Return whether these readings advise to stop."""
        return (any if self.needs == "any" else all)(reading.fired for reading in readings)


def any_of(*criteria: str | Criterion) -> Rule:
    """Return the rule that fires when at least one criterion does.

    Parameters
    ----------
    *criteria : str or callable
        Names, or functions History -> Reading or None.

    Examples
    --------
    >>> any_of("budget", "plateau").needs
    'any'
    """
    return _rule(criteria, "any")


def all_of(*criteria: str | Criterion) -> Rule:
    """Return the rule that fires when every criterion does; parameters as in `any_of`."""
    return _rule(criteria, "all")


def as_rule(stop: str | Criterion | Rule) -> Rule:
    """Return the rule behind a name, a function or a rule."""
    return stop if isinstance(stop, Rule) else any_of(stop)


def _rule(criteria: tuple[str | Criterion, ...], needs: Literal["any", "all"]) -> Rule:
    if not criteria:
        raise ValueError(f"{needs}_of got no criteria; expected at least one of {sorted(CRITERIA)} or a function.")
    named = [_named(criterion) for criterion in criteria]
    names = [name for name, _ in named]
    # Two lambdas have the same name, and each needs a column of its own.
    numbered = [f"{name} {names[: i + 1].count(name)}" if name in names[:i] else name for i, name in enumerate(names)]
    return Rule(tuple((name, criterion) for name, (_, criterion) in zip(numbered, named, strict=True)), needs)


def _named(criterion: str | Criterion) -> tuple[str, Criterion]:
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
    return str(getattr(criterion, "__name__", type(criterion).__name__)), criterion


def _read(name: str, criterion: Criterion, history: History) -> Reading:
    try:
        reading: Any = criterion(history)
        return _checked(name, reading)
    except Exception as error:  # noqa: BLE001 - a user's function may raise anything
        return Reading(name, None, None, fired=False, why=f"failed: {type(error).__name__}: {error}")


def _checked(name: str, reading: Any) -> Reading:
    """Return the reading in plain values, which a journal can hold: NumPy's are none."""
    if reading is None:
        return Reading(name, None, None, fired=False, why="cannot tell yet")
    if not isinstance(reading, Reading):
        why = f"returned {reading!r}; expected a Reading or None"
        return Reading(name, None, None, fired=False, why=why)
    return Reading(name, _plain(reading.value), _plain(reading.threshold), bool(reading.fired), str(reading.why))


def _plain(value: Any) -> float | None:
    number = math.nan if value is None else float(value)
    return number if math.isfinite(number) else None
