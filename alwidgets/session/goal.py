"""Defaults of a session by its goal: a good model, or all samples of a class; and those that an old session keeps."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from sklearn.base import clone

from alwidgets.journal.identity import defaults_of
from alwidgets.models.presets import learner_of
from alwidgets.scoring.average_precision import AveragePrecision
from alwidgets.session.label_validation import check_class_names
from alwidgets.session.progress import ADVICE
from alwidgets.session.task import as_task
from alwidgets.stopping import any_of
from alwidgets.strategies import certainty, relevance
from alwidgets.utils.text import short_repr

#: Rule by which a session that seeks a class advises to stop, unless it is told another.
RECALL_ADVICE = any_of("budget", "recall_test")
# Random questions find few of a rare class: enough of them to bound what is missed, and to measure the ranking.
_AUDIT = 0.05
# What was the cold start of a session that was given none, by the number of the defaults it began with.
_COLD_STARTS = {1: "k_means"}
_COLD_START = "mixed"
# The first defaults with which who seeks a class is asked nothing uncertain.
_ONLY_CERTAIN = 3


def with_defaults(params: dict[str, Any], journal: Path | None) -> SimpleNamespace:
    """Return the arguments of a session, those that were not given as its goal and its age have them.

    Parameters
    ----------
    params : dict
        The arguments, by name.
    journal : Path or None
        Its folder.

    Raises
    ------
    ValueError
        If the class that is sought is not one of the classes, or the task has no such goal.
    """
    given = SimpleNamespace(**params, defaults=defaults_of(journal))
    if isinstance(given.cold_start, str) and given.cold_start == "auto":
        given.cold_start = _COLD_STARTS.get(given.defaults, _COLD_START)
    if given.find is not None:
        _seek(given)
    given.scoring = "accuracy" if given.scoring is None else given.scoring
    return given


def _seek(given: SimpleNamespace) -> None:
    """Set what was not given as it suits finding all samples of a class."""
    classes = check_class_names(given.classes)
    given.find = _check_find(given.find, classes)
    if as_task(given.task).kind == "multi":
        raise ValueError("find is given in a multilabel task; expected a task in which a sample has one class.")
    if given.strategy is None:
        given.strategy = (certainty if given.defaults >= _ONLY_CERTAIN else relevance)(given.find)
    if given.stop is ADVICE:
        given.stop = RECALL_ADVICE
    if given.scoring is None:
        given.scoring = {"average_precision": AveragePrecision(given.find)}
    if given.audit is None and given.test is None:
        given.audit = _AUDIT
    if isinstance(given.learner, str):
        given.learner = _balanced(learner_of(given.learner))


def _check_find(label: Any, classes: tuple[Any, ...]) -> Any:
    value = label.item() if isinstance(label, np.generic) else label
    for known in classes:
        if known == value and isinstance(known, bool) == isinstance(value, bool):
            return known
    raise ValueError(f"find is {short_repr(label)}; expected one of the classes, {list(classes)}.")


def _balanced(learner: Any) -> Any:
    """Return a copy of a classifier that weighs the classes alike, if it can."""
    weighted = "class_weight" in learner.get_params()
    return clone(learner).set_params(class_weight="balanced") if weighted else learner
