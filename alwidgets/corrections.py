"""Rounds scored anew when the answer to an audit question has changed: the whole curve follows the correction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from alwidgets.evaluation import WINDOW
from alwidgets.events import LABELLED, State, Trained
from alwidgets.scores import Metric, Predictions, measure, per_class
from alwidgets.stopping import History, Round, Rule

_OF_AUDITS = ("audit", "test then train")


def corrected(history: History, state: State, metrics: Sequence[Metric], rule: Rule) -> tuple[Round, ...]:
    """Return the rounds with scores of the audit as it is answered now, and the criteria's readings of them.

    Parameters
    ----------
    history : History
        As the rounds were when they were made.
    state : State
        What was predicted of the audit samples in each round, and their labels now.
    metrics : sequence of Metric
        What was measured; one that needs probabilities stays as it was measured.
    rule : Rule
        The stopping rule.
    """
    predicted: dict[int, int | tuple[int, ...]] = {}
    rounds: list[Round] = []
    for trained, record in zip(state.rounds, history.rounds, strict=True):
        predicted |= dict(trained.tested)
        item = record
        if item.score_kind in _OF_AUDITS:
            item = _rescored(trained, item, predicted, state, metrics)
        prefix = replace(history, rounds=(*rounds, item), n_labelled=item.n_labelled, seconds=item.seconds)
        rounds.append(replace(item, readings=rule.read(prefix)))
    return tuple(rounds)


def _rescored(
    trained: Trained,
    item: Round,
    predicted: dict[int, int | tuple[int, ...]],
    state: State,
    metrics: Sequence[Metric],
) -> Round:
    rows = np.array([row for row in predicted if state.status[row] == LABELLED], np.intp)
    # In the order in which they were predicted, of which a score of "test then train" is of the last.
    rows = rows[-WINDOW:] if item.score_kind == "test then train" else np.sort(rows)
    targets = state.targets
    y = targets.y(state.codes[rows])
    said = targets.read([predicted[row] for row in rows.tolist()]) if len(rows) else y
    kind: Any = item.score_kind
    names = targets.classes.tolist()
    anew = measure(Predictions(said), y, kind, metrics=metrics, seed=trained.seed, classes=names)
    # One that wants probabilities stays as it was measured.
    both = zip(anew, item.scores or anew, strict=True)
    scores = tuple(old if new.problem and not new.later else new for new, old in both)
    first = scores[0]
    return replace(
        item,
        score=first.value,
        score_low=first.low,
        score_high=first.high,
        score_n=first.n,
        scores=scores,
        per_class=per_class(y, said, names) if len(y) else (),
    )
