"""Simulated teams: who answers how, and what their answers amounted to in each round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from alwidgets.annotation.team import Team
from alwidgets.data.label_kinds import LabelKind
from alwidgets.data.labels import equal_labels
from alwidgets.journal.events import Event, Labeled, Trained
from alwidgets.journal.state import State
from alwidgets.loop.training import training_set
from alwidgets.session.oracle import SimulatedAnswers
from alwidgets.simulation.annotators import SimulatedAnnotator
from alwidgets.utils.text import short_repr, type_name

#: What `simulate` takes as `annotator`, and makes of it where there is a team.
People = Mapping[str, SimulatedAnnotator]


def check_people(annotator: Any, team: Any) -> SimulatedAnnotator | People | None:
    """Return the simulated people: with a team each by name, else one or None.

    Raises
    ------
    TypeError
        If somebody is not a SimulatedAnnotator, there are several and no team, or `team` is not a Team.
    ValueError
        If somebody is not in the team or an annotator of it is missing, or the team has gold, which is rows of one
        pool.
    """
    if team is None:
        if annotator is not None and not isinstance(annotator, SimulatedAnnotator):
            also = "; several need team=alwidgets.Team([...])" if isinstance(annotator, Mapping) else ""
            raise TypeError(
                f"annotator is {type_name(annotator)}; expected one such as alw.SimulatedAnnotator(noise=0.1), or "
                f"None{also}."
            )
        return annotator
    if not isinstance(team, Team):
        raise TypeError(f"team is {short_repr(team)}; expected alwidgets.Team([...]) with the names of the annotators.")
    if team.gold:
        raise ValueError(
            "team has gold, whose items are rows of one pool, and each run has another; leave gold out, or simulate "
            "one session by Session.run."
        )
    people = (*team.annotators, *team.experts)
    one = SimulatedAnnotator() if annotator is None else annotator
    given = annotator if isinstance(annotator, Mapping) else dict.fromkeys(people, one)
    for name, each in given.items():
        team.role(name)
        if not isinstance(each, SimulatedAnnotator):
            raise TypeError(
                f"annotator of {name!r} is {type_name(each)}; expected one such as alw.SimulatedAnnotator(noise=0.1)."
            )
    missing = [name for name in team.annotators if name not in given]
    if missing:
        raise ValueError(f"annotator has no {short_repr(missing[0])}, who is in the team; expected one for each of it.")
    return {name: given[name] for name in people if name in given}


def answers_of(people: People, y: Any, classes: Sequence[Any], seed: Sequence[int]) -> dict[str, SimulatedAnswers]:
    """Return the answers of each of a team for samples with known labels; each errs independently of the others."""
    return {
        name: each.answers(y, classes=classes, random_state=(*seed, place))
        for place, (name, each) in enumerate(people.items())
    }


def columns_of(
    events: Sequence[Event], y: Any, people: People, classes: tuple[Any, ...], kind: LabelKind
) -> dict[int, dict[str, float]]:
    """Return, of each round, the answers by then, their price, and how many of the labels it was trained on are right.

    Parameters
    ----------
    events : sequence of Event
        What happened in a session that a script answered.
    y : array-like of shape (n_samples,) or (n_samples, n_classes)
        The true labels of its pool.
    people : dict of str to SimulatedAnnotator
        Who answered.
    classes : tuple
        All labels there are.
    kind : LabelKind
        Whether a label is one class or any number.

    Returns
    -------
    columns : dict of int to dict
        By round: n_answers, cost, and consensus_accuracy, the share of labels that are the true ones.
    """
    truth = np.asarray(y)
    state, found, cost = State(len(truth), classes, kind), {}, 0.0
    for event in events:
        state.apply(event)
        if isinstance(event, Labeled):
            cost += people[event.annotator or ""].cost or 0.0
        elif isinstance(event, Trained):
            rows, codes = training_set(state, event.settled_as)
            right = np.asarray(equal_labels(state.targets.y(codes), truth[rows]))
            found[event.record.round] = {
                "n_answers": state.n_given, "cost": cost, "consensus_accuracy": float(np.mean(right)),
            }  # fmt: skip
    return found


def is_priced(people: People) -> bool:
    """Return whether anybody's answers cost money."""
    return any(each.cost is not None for each in people.values())
