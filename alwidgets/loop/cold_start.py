"""Choice between the cold start and the strategy for the next questions."""

from __future__ import annotations

from dataclasses import replace

from alwidgets.journal.state import State
from alwidgets.loop.run import COLD_START, is_cold
from alwidgets.loop.setup import Setup
from alwidgets.strategies import ColdStart
from alwidgets.strategies.choose import strategy_name
from alwidgets.types import Class


def cold_start_of(setup: Setup, state: State) -> ColdStart:
    """Return the cold start in effect; if a person ended it, it lasts only until there is a model."""
    return replace(setup.cold_start, most_labels=0) if state.cold_start_ended else setup.cold_start


def phase_of(setup: Setup, state: State) -> str:
    """Return the name of the current phase: the cold start or the strategy."""
    labels = state.targets.y(state.codes[state.training_rows()])
    cold = not state.rounds or is_cold(labels, len(state.classes), setup.model_spec, cold_start_of(setup, state))
    return COLD_START if cold else strategy_name(setup.model_spec.strategy)


def waits_for(setup: Setup, state: State) -> tuple[Class, ...]:
    """Return the classes that have too few labels for the cold start to end, once there is a model."""
    if not state.rounds or phase_of(setup, state) != COLD_START:
        return ()
    least = setup.cold_start.labels_per_class
    counts = zip(state.classes, state.class_counts, strict=True)
    return tuple(label for label, count in counts if count < least)
