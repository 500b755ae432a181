"""What can be changed while labeling goes on: prices, limits, thresholds, and how many criteria must fire."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from alwidgets.stopping.history import Budget
from alwidgets.stopping.rules import Rule
from alwidgets.types import Criterion

_THRESHOLD = "threshold of "


def settings_of(budget: Budget, rule: Rule) -> dict[str, Any]:
    """Return every setting by its name: the fields of the budget, ``needs``, and ``threshold of NAME``."""
    thresholds = {
        threshold_setting(name): _threshold(criterion) for name, criterion in leaves(rule) if _has_one(criterion)
    }
    return {**asdict(budget), "needs": rule.needs, **thresholds}


def threshold_setting(criterion: str) -> str:
    """Return the name of the setting that is a criterion's threshold."""
    return _THRESHOLD + criterion


def named_changes(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes as a user gives them, ``thresholds={name: value}`` among them, by the names of `settings_of`."""
    thresholds = settings.get("thresholds", {})
    if not isinstance(thresholds, Mapping):
        raise TypeError(f"thresholds is {thresholds!r}; expected a dict such as {{'plateau': 0.01}}.")
    rest = {name: value for name, value in settings.items() if name != "thresholds"}
    return rest | {threshold_setting(str(name)): value for name, value in thresholds.items()}


def with_settings(budget: Budget, rule: Rule, changes: Mapping[str, Any]) -> tuple[Budget, Rule]:
    """Return budget and rule with some settings changed.

    Raises
    ------
    ValueError, TypeError
        If there is no such setting, or its value is not what it should be.
    """
    known = settings_of(budget, rule)
    for name in changes:
        if name not in known:
            expected = [setting.removeprefix(_THRESHOLD) for setting in known]
            what = name.removeprefix(_THRESHOLD)
            raise ValueError(f"there is no setting {what!r}; expected one of {expected}.")
    prices = {name: value for name, value in changes.items() if name in asdict(budget)}
    thresholds = {
        name.removeprefix(_THRESHOLD): _checked_threshold(name, value)
        for name, value in changes.items()
        if name.startswith(_THRESHOLD)
    }
    needs = _checked_needs(changes.get("needs", rule.needs), len(rule.criteria))
    return replace(budget, **prices), replace(_with_thresholds(rule, thresholds), needs=needs)


def leaves(rule: Rule) -> Iterator[tuple[str, Criterion]]:
    """Give the name and the criterion behind each reading of a rule, in order."""
    for part in rule.criteria:
        if isinstance(part, Rule):
            yield from leaves(part)
        else:
            yield part


def _with_thresholds(rule: Rule, thresholds: Mapping[str, float]) -> Rule:
    parts: list[Any] = []
    for part in rule.criteria:
        if isinstance(part, Rule):
            parts.append(_with_thresholds(part, thresholds))
        elif part[0] in thresholds:
            criterion: Any = part[1]
            parts.append((part[0], partial(criterion, threshold=thresholds[part[0]])))
        else:
            parts.append(part)
    return replace(rule, criteria=tuple(parts))


def _has_one(criterion: Criterion) -> bool:
    try:
        return "threshold" in inspect.signature(criterion).parameters
    except (ValueError, TypeError):  # some callables written in C do not tell
        return False


def _threshold(criterion: Criterion) -> Any:
    return inspect.signature(criterion).parameters["threshold"].default


def _checked_threshold(name: str, value: Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} is {value!r}; expected a number.")
    return number


def _checked_needs(needs: Any, n_criteria: int) -> Any:
    if needs in ("any", "all") or (not isinstance(needs, bool) and isinstance(needs, int) and 1 <= needs <= n_criteria):
        return needs
    raise ValueError(f"needs is {needs!r}; expected 'any', 'all' or a number of criteria, 1 to {n_criteria}.")
