"""Stopping settings that can change during labeling: prices, limits, thresholds, number of criteria that must fire."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any, TypedDict

from alwidgets.data.labels import plain
from alwidgets.stopping.history import Budget, Criterion, is_number
from alwidgets.stopping.rules import Needs, Rule

_THRESHOLD = "threshold of "


class Settings(TypedDict, total=False):
    """Settings that `Session.adjust` takes: the fields of a Budget, and those of a rule."""

    labels: int | None
    cost: float | None
    minutes: float | None
    cost_per_label: float
    currency: str
    cost_per_hour: float
    n_predictions: int | None
    cost_per_error: float
    needs: Needs
    thresholds: Mapping[str, float]


def settings_of(budget: Budget, rule: Rule) -> dict[str, Any]:
    """Return every setting by its name: the fields of the budget, ``needs``, and ``threshold of NAME``."""
    thresholds = {
        threshold_setting(name): value for name, criterion in leaves(rule) if is_number(value := _threshold(criterion))
    }
    return {name: plain(value) for name, value in {**asdict(budget), "needs": rule.needs, **thresholds}.items()}


def threshold_setting(criterion: str) -> str:
    """Return the name of the setting that is a criterion's threshold."""
    return _THRESHOLD + criterion


def named_changes(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes as a user gives them, ``thresholds={name: value}`` among them, by the names of `settings_of`."""
    thresholds = settings.get("thresholds", {})
    if not isinstance(thresholds, Mapping):
        raise TypeError(f"thresholds is {thresholds!r}; expected a dict such as {{'plateau': 0.01}}.")
    rest = {name: value for name, value in settings.items() if name != "thresholds"}
    rest |= {threshold_setting(str(name)): value for name, value in thresholds.items()}
    return {name: plain(value) for name, value in rest.items()}


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
        name.removeprefix(_THRESHOLD): _check_threshold(name, value)
        for name, value in changes.items()
        if name.startswith(_THRESHOLD)
    }
    needs = _check_needs(changes.get("needs", rule.needs), len(rule.criteria))
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


def _threshold(criterion: Criterion) -> Any:
    """Return the threshold that a criterion is called with; None when it has none."""
    try:
        return inspect.signature(criterion).parameters["threshold"].default
    except (ValueError, TypeError, KeyError):  # some callables written in C do not tell
        return None


def _check_threshold(name: str, value: Any) -> float:
    if not is_number(value):
        raise ValueError(f"{name} is {value!r}; expected a number.")
    return float(value)


def _check_needs(needs: Any, n_criteria: int) -> Any:
    if needs in ("any", "all") or (not isinstance(needs, bool) and isinstance(needs, int) and 1 <= needs <= n_criteria):
        return needs
    raise ValueError(f"needs is {needs!r}; expected 'any', 'all' or a number of criteria, 1 to {n_criteria}.")
