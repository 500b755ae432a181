"""Conversion of the learner and strategy given by the user to those that a session runs."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from alwidgets.models.modal_fallback import MODAL_COMMITTEE, MODAL_LEARNER
from alwidgets.models.spec import ModelSpec, members_of, seed_set, template_of
from alwidgets.strategies.as_modal import AsModal, OwnStrategy
from alwidgets.strategies.choose import resolve
from alwidgets.strategies.protocols import Strategy


def with_strategy(made: ModelSpec, strategy: str | Strategy) -> ModelSpec:
    """Return a spec with another strategy; errors as in `model_spec`."""
    chosen = resolve(strategy, made.template)
    template = made.template
    if isinstance(template.query_strategy, AsModal):
        template = copy.copy(template)
        template.query_strategy = AsModal(chosen)
    return replace(made, template=template, strategy=chosen)


def model_spec(learner: Any, strategy: str | Strategy | None) -> ModelSpec:
    """Return the spec behind what a user gives as `learner`: an estimator or a modAL learner.

    Raises
    ------
    TypeError
        If it is not a classifier.
    ValueError
        If it lacks what the strategy needs.
    """
    given = isinstance(learner, MODAL_LEARNER | MODAL_COMMITTEE)
    template = template_of(learner)
    if strategy is None and not given:
        strategy = "margin"
    chosen = OwnStrategy() if strategy is None else resolve(strategy, template)
    if not given:
        template.query_strategy = AsModal(chosen)
    return ModelSpec(template, chosen, tuple(seed_set(member) for member in members_of(learner)))
