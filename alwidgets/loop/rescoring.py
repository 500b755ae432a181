"""Rounds scored again when the answer to an audit question has changed: the whole curve follows the correction.

Only rounds that were scored on such an answer are, each once for what it was corrected by, and without the log's lock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import Any, TypeAlias

import numpy as np

from alwidgets.data.labels import LabelEncoding
from alwidgets.journal.events import Trained
from alwidgets.journal.parts import PoolPart, asked_on_arrival, parts_of
from alwidgets.journal.state import State
from alwidgets.loop.evaluate import WINDOW
from alwidgets.scoring.by_part import by_part
from alwidgets.scoring.outputs import KnownOutputs
from alwidgets.scoring.scores import OF_AUDITS, Metric, measure, per_class
from alwidgets.stopping import Budget, History, Round, Rule
from alwidgets.types import IntArray

#: Row and the code of its label now, -1 for none: of each answer of a round that has changed since.
_Changes: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Version:
    """Dependencies of corrected rounds: the rounds, the answers, and the criteria that read them.

    Parameters
    ----------
    corrected_at : int
        The event that corrected an audit answer last.
    round, n_rounds : int
        The newest round, and how many there are.
    budget : Budget
        The most to spend.
    rule : Rule
        The stopping rule.
    """

    corrected_at: int
    round: int
    n_rounds: int
    budget: Budget
    rule: Rule


@dataclass(frozen=True, eq=False)
class Corrected:
    """The rounds as the audit is answered now.

    Parameters
    ----------
    version : Version or None
        Of what; None before anything was corrected.
    first : int
        Place of the first round that was scored again.
    scored : dict of str to (changes, Round)
        Of each round that was scored again, by the id of its event, with what it was corrected by.
    items : tuple of Round
        All rounds, with the criteria's readings as they were.
    rounds : tuple of Round
        All rounds, with the readings of those from the first on that was scored again.
    """

    version: Version | None = None
    first: int = 0
    scored: Mapping[str, tuple[_Changes, Round]] = field(default_factory=dict)
    items: tuple[Round, ...] = ()
    rounds: tuple[Round, ...] = ()


@dataclass(frozen=True, eq=False)
class Correction:
    """All that scoring again takes, taken under the session's lock and never changed after.

    Parameters
    ----------
    version : Version
        Of what.
    trained : tuple of Trained
        The rounds' events.
    changes : dict of int to changes
        Place of a round -> its answers that have changed since.
    answered : dict of int to tuple of (int, int)
        Row of an audit sample -> after which event it had which code, -1 for none.
    targets : LabelEncoding
        What codes stand for.
    history : History
        The rounds as they were when they were made.
    metrics : tuple of Metric
        What was measured; one that needs probabilities stays as it was measured.
    parts : dict of int to tuple of PoolPart
        Place of a round -> the parts that the pool had then.
    arrived : ndarray of shape (n_arrived,)
        Rows that a rule asked as they came, ascending.
    """

    version: Version
    trained: tuple[Trained, ...]
    changes: Mapping[int, _Changes]
    answered: Mapping[int, tuple[tuple[int, int], ...]]
    targets: LabelEncoding
    history: History
    metrics: Sequence[Metric]
    parts: Mapping[int, tuple[PoolPart, ...]]
    arrived: IntArray


def correction(version: Version, state: State, history: History, metrics: Sequence[Metric]) -> Correction:
    """Return the inputs for scoring the rounds again. Under the lock; O(n_rounds + n_audit)."""
    answered = {row: tuple(answers) for row, answers in state.audit_answers.items()}
    changes = _changes(state.rounds, answered)
    parts = {place: parts_of(state, state.rounds[place].upto) for place in changes}
    return Correction(
        version, tuple(state.rounds), changes, answered, state.targets, history, metrics, parts, asked_on_arrival(state)
    )  # fmt: skip


def corrected(job: Correction, known: Corrected) -> Corrected:
    """Return the rounds with scores of the audit as it is answered now, and the criteria's readings of them.

    Parameters
    ----------
    job : Correction
        What is to be scored again.
    known : Corrected
        What was scored before: what is the same is not scored again.
    """
    scored = dict(known.scored)
    anew = {
        place
        for place, changes in job.changes.items()
        if job.trained[place].record.score_kind in OF_AUDITS
        and scored.get(job.trained[place].id, (None,))[0] != changes
    }
    for place, predicted in _predicted(job.trained, anew):
        scored[job.trained[place].id] = job.changes[place], _rescored(job, place, predicted)
    items = tuple(
        scored[trained.id][1] if place in job.changes and trained.id in scored else trained.record
        for place, trained in enumerate(job.trained)
    )
    first = min(job.changes, default=len(items))
    rounds = _read(job, known if _readings_stand(job, known, first) else Corrected(), items, first)
    return Corrected(job.version, first, scored, items, rounds)


def _changes(rounds: Sequence[Trained], answered: Mapping[int, Sequence[tuple[int, int]]]) -> dict[int, _Changes]:
    """Return the rounds that were scored on answers that have changed since, by place."""
    known = [trained.upto for trained in rounds]
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row, answers in answered.items():
        now = answers[-1][1]
        for (at, code), (until, _) in pairwise(answers):
            # What had no label then was in no score.
            if code not in (-1, now):
                for place in range(bisect_left(known, at), bisect_left(known, until)):
                    found[place].append((row, now))
    return {place: tuple(changes) for place, changes in found.items()}


def _predicted(
    rounds: Sequence[Trained], wanted: set[int]
) -> Iterator[tuple[int, Mapping[int, int | tuple[int, ...]]]]:
    """Yield the wanted places, each with what was predicted last of every audit sample in its round or before."""
    predicted: dict[int, int | tuple[int, ...]] = {}
    for place, trained in enumerate(islice(rounds, max(wanted, default=-1) + 1)):
        predicted |= dict(trained.tested)
        if place in wanted:
            yield place, predicted


def _rescored(job: Correction, place: int, predicted: Mapping[int, int | tuple[int, ...]]) -> Round:
    trained, targets = job.trained[place], job.targets
    item = trained.record
    # In the order in which they were predicted, of which a score of "test then train" is of the last.
    decided = _decided(trained, job.changes[place])
    rows = [row for row in predicted if _counts(job.answered.get(row, ()), trained.upto) and decided.get(row, 0) >= 0]
    rows = rows[-WINDOW:] if item.score_kind == "test then train" else sorted(rows)
    codes: IntArray = np.array([decided.get(row, job.answered[row][-1][1]) for row in rows], np.intp)
    y = targets.y(codes)
    said = targets.read([predicted[row] for row in rows]) if rows else y
    # A class that was added since is not one of this round's.
    n_classes = _n_classes(item, targets, codes, y)
    y, said = (targets.kind.first_classes(values, n_classes) for values in (y, said))
    kind: Any = item.score_kind
    names = targets.classes[:n_classes].tolist()
    anew = measure(
        KnownOutputs(said), y, kind, metrics=job.metrics, seed=trained.seed, classes=names,
        parts=by_part(np.array(rows, np.intp), job.parts[place], _of(job.arrived, job.parts[place])),
    )  # fmt: skip
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
        per_class=per_class(y, said, names) if rows else (),
    )


def _of(arrived: IntArray, parts: Sequence[PoolPart]) -> IntArray:
    """Return the rows that the pool had when it was of these parts."""
    return arrived[arrived < sum(part.n_rows for part in parts)]


def _decided(trained: Trained, changes: _Changes) -> dict[int, int]:
    """Find the labels of a team's consensus that differ from the majority; none of answers that changed since."""
    changed = {row for row, _ in changes}
    return {row: code for row, code in trained.settled_as if row not in changed}


def _counts(answers: Sequence[tuple[int, int]], upto: int) -> bool:
    """Return whether a sample had a label after so many events, and has one now."""
    then = next((code for at, code in reversed(answers) if at <= upto), -1)
    return then >= 0 and answers[-1][1] >= 0


def _n_classes(item: Round, targets: LabelEncoding, codes: IntArray, y: Any) -> int:
    """Return the number of classes in a round: those it was scored on, and those among its current labels."""
    return max(len(item.per_class), targets.kind.n_classes(y, codes))


def _readings_stand(job: Correction, known: Corrected, first: int) -> bool:
    """Return whether the readings of unchanged rounds are still valid."""
    version = known.version
    if version is None or known.first != first:
        return False
    return (version.budget, version.rule) == (job.version.budget, job.version.rule)


def _read(job: Correction, known: Corrected, items: tuple[Round, ...], first: int) -> tuple[Round, ...]:
    """Return the rounds with the criteria's readings of them; those before the first that changed were read already."""
    rounds, same = list(items[:first]), True
    for place in range(first, len(items)):
        item = items[place]
        same = same and place < len(known.items) and known.items[place] is item
        if same:
            rounds.append(known.rounds[place])
            continue
        history = replace(job.history, rounds=(*rounds, item)).before(place + 1)
        rounds.append(replace(item, readings=job.version.rule.read(history)))
    return tuple(rounds)
