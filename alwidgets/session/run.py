"""A session answered by a script: the same loop as with people, without threads, repeatable."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from alwidgets.data import conversion
from alwidgets.journal.events import SCRIPT
from alwidgets.session.answers import skip, teach
from alwidgets.session.core import Core
from alwidgets.session.oracle import Oracles, SimulatedAnswers, oracle_function
from alwidgets.session.standing import advice_of
from alwidgets.session.team import settle
from alwidgets.utils.checks import check_count
from alwidgets.utils.text import short_repr

#: Item -> label, None where nobody can tell.
_Answers: TypeAlias = Callable[[int], Any]


def run(core: Core, oracle: Oracles, n_labels: int | None, first: Sequence[int]) -> None:
    """Have a script answer for one person, or for each of a team, until so many answers, or the advice to stop."""
    core.engine.callbacks.check_outside("run")
    core.log.check_open()
    people = {SCRIPT: _answers_of(core, oracle)} if core.engine.team is None else _people(core, oracle)
    n_labels = None if n_labels is None else check_count("n_labels", n_labels)
    first = [core.check_item(item) for item in first]

    def wanted(given: int) -> bool:
        return given < n_labels if n_labels is not None else not advice_of(core).stop

    answer = _alone if core.engine.team is None else _together
    with core.engine.exclusive():
        given = answer(core, people, wanted, first)
        core.engine.retrain_if_due(stacklevel=3)
    if n_labels is not None and given < n_labels and (n_left := core.engine.n_askable):
        warnings.warn(
            f"run() ended at {given} of {n_labels} labels, for the strategy asked nothing more; {n_left} samples that "
            "may be asked are left. Look at what the strategy chooses.",
            RuntimeWarning,
            stacklevel=3,
        )
    core.engine.warn(stacklevel=3)


def _answers_of(core: Core, oracle: Any) -> _Answers:
    return oracle_function(oracle, core.setup.X, core.classes, core.log.state.code_of, kind=core.kind, order=core.order)


def _people(core: Core, oracle: Any) -> dict[str, _Answers]:
    """Return the functions that answer for people of the team, by name, annotators first."""
    team: Any = core.engine.team
    if not isinstance(oracle, Mapping) or not all(isinstance(name, str) for name in oracle) or not oracle:
        raise ValueError(
            f"oracle is {short_repr(oracle)}, and this session has a team; expected a dict with the known labels, or a "
            f"function, of each who answers: {{{team.annotators[0]!r}: ...}}."
        )
    for name in oracle:
        team.role(name)
    return {name: _answers_of(core, oracle[name]) for name in (*team.annotators, *team.experts) if name in oracle}


def _alone(core: Core, people: dict[str, _Answers], wanted: Callable[[int], bool], first: Sequence[int]) -> int:
    """Have one person answer, and return how many labels were given."""
    label_of = people[SCRIPT]
    given = sum(_answer(core, SCRIPT, label_of, item) for item in first)
    while wanted(given):
        core.engine.retrain_if_due(stacklevel=4)
        pending = core.engine.query(None)
        if not len(pending):
            break
        given += _answer(core, SCRIPT, label_of, int(pending[0]))
    return given


def _together(core: Core, people: dict[str, _Answers], wanted: Callable[[int], bool], first: Sequence[int]) -> int:
    """Have the people of a team answer in turn, each what is before them, and return how many labels were given."""
    dealing: Any = core.dealing
    given = sum(_answered_by_all(core, people, item) for item in first)
    idle = 0
    while idle < len(people):
        for name, label_of in people.items():
            if not wanted(given):
                return given
            core.engine.retrain_if_due(stacklevel=4)
            asked = dealing.pull(name, 1)
            # Once nobody in a row is asked anything, nothing is left.
            idle = 0 if asked else idle + 1
            given += sum(_answer(core, name, label_of, item) for item in asked)
    return given


def _answered_by_all(core: Core, people: dict[str, _Answers], item: int) -> int:
    """Have as many annotators answer an item as it is to get answers; return how many gave a label."""
    team: Any = core.engine.team
    given = 0
    for name in (name for name in people if team.role(name) == "annotator"):
        if core.of_state(lambda state: not state.answered[item] or item in state.missing):
            given += _answer(core, name, people[name], item)
    return given


def _answer(core: Core, name: str, label_of: _Answers, item: int) -> bool:
    """Give somebody's answer; return whether it is a label."""
    with core.engine.callbacks.within():
        label = label_of(item)
    seconds = label_of.seconds_of(item) if isinstance(label_of, SimulatedAnswers) else None
    known = not conversion.is_missing(label)
    if core.engine.team is not None and core.engine.team.role(name) == "expert":
        settle(core, item, label if known else None, annotator=name, reason="", event_id=None, seconds=seconds)
    elif known:
        teach(core, item, label, annotator=name, seconds=seconds)
    else:
        skip(core, item, annotator=name, seconds=seconds)
    return known
