"""The labels that train, and whether a model can be fitted on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from alwidgets.annotation.decisions import with_settled
from alwidgets.data.labels import concat_labels, teaches
from alwidgets.journal.state import State
from alwidgets.models.spec import ModelSpec
from alwidgets.types import IntArray


def training_set(state: State, settled_as: Iterable[tuple[int, int]] = ()) -> tuple[IntArray, IntArray]:
    """Return the rows that train, ascending, and the codes of their labels; as `Trained` says where it says others."""
    rows = state.training_rows()
    return with_settled(rows, state.codes[rows], settled_as)


def training_labels(model_spec: ModelSpec, state: State) -> Any:
    """Return the labels of the training set, those that came with a modAL learner among them."""
    y = state.targets.y(state.codes[state.training_rows()])
    return y if model_spec.y_seed is None else concat_labels(model_spec.y_seed, y)


def can_fit(model_spec: ModelSpec, state: State) -> bool:
    """Return whether the labels that train tell two classes apart."""
    return teaches(training_labels(model_spec, state))


def check_can_fit(model_spec: ModelSpec, state: State) -> None:
    """Raise ValueError, with the counts, if the labels that train do not tell two classes apart."""
    y, targets = training_labels(model_spec, state), state.targets
    if teaches(y):
        return
    columns = targets.kind.of_classes(y, targets.classes)
    counts = {label: int(np.sum(of_class)) for label, of_class in zip(targets.classes.tolist(), columns, strict=True)}
    raise ValueError(f"the labels that train are {counts}; expected labels of {targets.kind.separable} to fit.")


def is_behind(state: State) -> bool:
    """Return whether there are more labels than the newest model was trained with."""
    return state.n_labeled > (state.rounds[-1].record.n_labeled if state.rounds else 0)
