"""A session answered by a script: the same loop as with a person, without threads, repeatable."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from alwidgets.data import conversion
from alwidgets.journal.events import SCRIPT
from alwidgets.session.answers import skip, teach
from alwidgets.session.core import Core
from alwidgets.session.oracle import Oracle, SimulatedAnswers, oracle_function
from alwidgets.session.standing import advice_of
from alwidgets.utils.checks import check_count


def run(core: Core, oracle: Oracle, n_labels: int | None, first: Sequence[int]) -> None:
    """Have a scripted annotator answer until so many labels are given, or until the rule advises to stop."""
    core.engine.callbacks.check_outside("run")
    core.log.check_open()
    if core.engine.team is not None:
        raise ValueError(
            "run() has one scripted annotator answer, and this session has a team; call query(annotator=...) and "
            "teach(..., annotator=...) for each of them."
        )
    label_of = oracle_function(
        oracle, core.setup.X, core.classes, core.log.state.code_of, kind=core.kind, order=core.order
    )
    n_labels = None if n_labels is None else check_count("n_labels", n_labels)
    first = [core.check_item(item) for item in first]
    with core.engine.exclusive():
        given = sum(_answer(core, label_of, item) for item in first)
        while given < n_labels if n_labels is not None else not advice_of(core).stop:
            core.engine.retrain_if_due(stacklevel=3)
            pending = core.engine.query(None)
            if not len(pending):
                break
            given += _answer(core, label_of, int(pending[0]))
        core.engine.retrain_if_due(stacklevel=3)
    if n_labels is not None and given < n_labels and (n_left := core.engine.n_askable):
        warnings.warn(
            f"run() ended at {given} of {n_labels} labels, for the strategy asked nothing more; {n_left} samples that "
            "may be asked are left. Look at what the strategy chooses.",
            RuntimeWarning,
            stacklevel=3,
        )
    core.engine.warn(stacklevel=3)


def _answer(core: Core, label_of: Callable[[int], Any], item: int) -> bool:
    """Give the oracle's answer; return whether it is a label."""
    with core.engine.callbacks.within():
        label = label_of(item)
    seconds = label_of.seconds_of(item) if isinstance(label_of, SimulatedAnswers) else None
    if conversion.is_missing(label):
        skip(core, item, annotator=SCRIPT, seconds=seconds)
        return False
    teach(core, item, label, annotator=SCRIPT, seconds=seconds)
    return True
