"""Fast folding of frequent kinds of events from columns of JSON, hundreds at once.

What is rare, what does not fit and what changes an answer is folded event by event, as everything is that happens in an
open session.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from alwidgets.data.label_kinds import MULTILABEL
from alwidgets.journal.batches import Batches, batches_of, repeated
from alwidgets.journal.columns import Coded, Column, Lists, Stretch, Table, Values
from alwidgets.journal.decode import RECORD_ERRORS, RecordError, from_record
from alwidgets.journal.events import Trained
from alwidgets.journal.fitting import fitting
from alwidgets.journal.standing import CANDIDATE, LABELED, LONGEST_SECONDS, PENDING, SKIPPED, Folded
from alwidgets.types import FloatArray, IntArray

# Of so many events one may be rare; with more of them the others are no faster at once.
_RARE = 16


def ids_of(stretch: Stretch) -> list[str] | None:
    """Return the ids of a stretch in order; None where an event may not count, or count otherwise than in order.

    Whether one comes twice is for whoever knows all others to see.
    """
    ids: list[list[str]] = []
    undone: list[tuple[object, str]] = []
    for table in stretch.tables:
        name = table.columns.get("id")
        if not isinstance(name, Coded | Values) or name.types != {str}:
            return None
        ids.append(name.tolist())
        if "target" in table.columns:
            undone += zip(table.columns["target"].tolist(), ids[-1], strict=True)
    if "rolled_back" in stretch.values("kind"):
        return None
    ordered = stretch.in_order(ids)
    place = {name: number for number, name in enumerate(ordered)} if undone else {}
    # An answer that is undone before it comes does not count.
    early = (place[target] > place[name] for target, name in undone if isinstance(target, str) and target in place)
    return None if any(early) else ordered


def fold_stretch(stretch: Stretch, state: Folded, first: int) -> None:
    """Fold events into a state, in the past of which they are already, the first of them with this number.

    Parameters
    ----------
    stretch : Stretch
        One that has `ids_of`.

    Raises
    ------
    RecordError
        If one of them cannot be folded in; the state is of no use then.
    """
    found = _Found(stretch, state)
    place, stops = 0, found.rare if len(found.rare) * _RARE <= len(stretch) else range(len(stretch))
    try:
        for stop in (*stops, len(stretch)):
            while place < stop:
                place = _fold_calm(found, state, first, place, stop)
                if place < stop:
                    state.count(first + place, from_record(stretch[place], state.n_samples))
                    place += 1
            if place < len(stretch):
                state.count(first + place, from_record(stretch[place], state.n_samples))
                place += 1
    except RecordError as error:
        raise RecordError(error.place - first, str(error)) from error
    except RECORD_ERRORS as error:
        raise RecordError(place, str(error)) from error
    state.n_events = first + len(stretch) - 1


class _FirstAnswers(NamedTuple):
    """First answers to samples, in order: place in the stretch, row, label, seconds, what the row is from then on."""

    places: IntArray
    rows: IntArray
    labels: Sequence[Any]
    seconds: FloatArray
    stands: list[int]


class _Found:
    """Events of the frequent kinds in a stretch, and the places of the others."""

    def __init__(self, stretch: Stretch, state: Folded) -> None:
        which = np.frombuffer(stretch.which, np.uint16)
        rare = np.zeros(len(stretch), bool)
        answers: list[_FirstAnswers] = []
        asked: list[tuple[IntArray, dict[str, Column]]] = []
        self.trained: list[tuple[int, Trained]] = []
        for number, table in enumerate(stretch.tables):
            places, columns = np.flatnonzero(which == number), fitting(table, state.n_samples)
            if columns is None:
                trained = _models(table, state)
                self.trained.extend(zip(places.tolist(), trained, strict=False))
                rare[places[len(trained) :]] = True
            elif columns["kind"][0] == "asked":
                asked.append((places, columns))
            else:
                answers.append(_answers(places, columns))
        self.trained.sort(key=lambda each: each[0])
        self.answers, self.batches = _merged(answers), batches_of(asked, state.strategies)
        again = np.ones(len(self.answers.rows), bool)
        again[np.unique(self.answers.rows, return_index=True)[1]] = False
        known = {label: label is None or _is_known(label, state) for label in set(self.answers.labels)}
        again |= ~np.fromiter(map(known.__getitem__, self.answers.labels), bool, len(again))
        rare[self.answers.places[again]] = True
        self.rare: list[int] = np.flatnonzero(rare).tolist()
        self.rows: list[int] = self.answers.rows.tolist()
        self.places: list[int] = self.answers.places.tolist()
        self.codes: dict[Any, int] = {None: -1}


def _models(table: Table, state: Folded) -> list[Trained]:
    """Return the models of a table that has them and nothing else."""
    kind = table.columns.get("kind")
    if state.kind is MULTILABEL or kind is None or kind.tolist() != [Trained.kind] * table.n_rows:
        return []
    try:
        return [from_record(record, state.n_samples) for record in table.tolist()]  # type: ignore[misc]
    except RECORD_ERRORS:
        return []


def _answers(places: IntArray, columns: dict[str, Column]) -> _FirstAnswers:
    skipped = "label" not in columns
    labels: Sequence[Any] = [None] * len(places) if skipped else columns["label"].tolist()
    if isinstance(columns.get("label"), Lists):
        labels = list(map(tuple, labels))
    rows = np.frombuffer(columns["item"], np.int64)  # type: ignore[call-overload]
    seconds = columns["seconds"]
    took = np.array([math.nan if value is None else value for value in seconds.tolist()], np.float64)
    return _FirstAnswers(places, rows, labels, took, [SKIPPED if skipped else LABELED] * len(places))


def _merged(parts: list[_FirstAnswers]) -> _FirstAnswers:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return _FirstAnswers(np.empty(0, np.int64), np.empty(0, np.int64), [], np.empty(0), [])
    places, rows, seconds = (np.concatenate([part[at] for part in parts]) for at in (0, 1, 3))
    order = np.argsort(places)
    labels, stands = ([value for part in parts for value in part[at]] for at in (2, 4))
    return _FirstAnswers(
        places[order], rows[order], [labels[at] for at in order.tolist()], seconds[order],
        [stands[at] for at in order.tolist()],
    )  # fmt: skip


def _is_known(label: Any, state: Folded) -> bool:
    return state.kind.is_label(label) and all(state.code_of(name) is not None for name in state.kind.parts(label))


def _fold_calm(found: _Found, state: Folded, first: int, start: int, stop: int) -> int:
    """Fold the events between two places, or up to one that changes an answer; return which was reached."""
    answers = found.answers
    low, high = np.searchsorted(answers.places, (start, stop)).tolist()
    changed = state.changed_at[answers.rows[low:high]] != 0
    if changed.any():
        high = low + int(changed.argmax())
        stop = answers.places.item(high)
    if start == stop:
        return stop
    audited = _fold_queue(found, state, (low, high), np.searchsorted(found.batches.places, (start, stop)).tolist())
    _fold_answers(found, state, first, low, high)
    for at in audited:
        state.audit_changed(found.rows[at], first + answers.places.item(at))
    low, high = (bisect_left(found.trained, place, key=lambda each: each[0]) for place in (start, stop))
    for place, model in found.trained[low:high]:
        try:
            state.count(first + place, model)
        except RECORD_ERRORS as error:
            raise RecordError(first + place, str(error)) from error
    return stop


def _fold_queue(found: _Found, state: Folded, of_answers: tuple[int, int], of_batches: tuple[int, int]) -> list[int]:
    """Fold the changes of the queue; return which answers belong to audit samples."""
    low, high = of_answers
    asked = slice(*found.batches.starts[list(of_batches)].tolist())
    if _is_simple(found, state, slice(low, high), slice(*of_batches), asked):
        audited, places = _fold_at_once(found, state, low, high, asked), np.arange(asked.start, asked.stop)
    else:
        audited, places = _fold_in_order(found, state, low, high, range(*of_batches))
    _know_questions(found.batches, state, slice(*of_batches), asked, places)
    return audited


def _is_simple(found: _Found, state: Folded, answered: slice, batches: slice, asked: slice) -> bool:
    """Return whether the order of changes does not matter.

    It does not where candidates are asked, each once and before it is answered, and nothing is withdrawn.
    """
    all_batches, rows = found.batches, found.batches.rows[asked]
    begin, end = all_batches.withdrawn_starts[[batches.start, batches.stop]].tolist()
    if begin < end or all_batches.chosen[batches].any():
        return False
    ordered = np.sort(rows)
    if (ordered[1:] == ordered[:-1]).any() or (state.status[rows] != CANDIDATE).any():
        return False
    places = repeated(all_batches.places[batches], np.diff(all_batches.starts[batches.start : batches.stop + 1]))
    _, of_rows, of_answers = np.intersect1d(rows, found.answers.rows[answered], assume_unique=True, return_indices=True)
    return bool((found.answers.places[answered][of_answers] > places[of_rows]).all())


def _fold_at_once(found: _Found, state: Folded, low: int, high: int, asked: slice) -> list[int]:
    """Fold changes of the queue that are simple; return which answers belong to audit samples."""
    status, rows, new = state.status, found.answers.rows[low:high], found.batches.rows[asked]
    state.audit[new] = found.batches.audit[asked]
    status[new] = PENDING
    left = set(rows[status[rows] == PENDING].tolist())
    status[rows] = found.answers.stands[low:high]
    if left or len(new):
        state.pending[:] = [row for row in (*state.pending, *new.tolist()) if row not in left]
        state.returned -= left
    return (low + np.flatnonzero(state.audit[rows])).tolist()


def _fold_in_order(found: _Found, state: Folded, low: int, high: int, batches: range) -> tuple[list[int], IntArray]:
    """Fold changes of the queue one after the other; return which answers belong to audit samples, and what is asked.

    The latter as places among all questions of the stretch.
    """
    queue, audited, asked = _Queue(state), [], []
    for batch in batches:
        before = bisect_left(found.places, found.batches.places[batch])
        audited += queue.answered(found, low, before)
        asked += queue.asked(found.batches, batch)
        low = before
    audited += queue.answered(found, low, high)
    return audited, np.array(asked, np.int64)


class _Queue:
    """Status of the samples: candidate, pending in order, or answered."""

    def __init__(self, state: Folded) -> None:
        self._pending, self._returned, self._withdrawn = state.pending, state.returned, state.withdrawn
        # Single values are read and written in half the time that arrays take.
        self._status, self._audit = state.status.data, state.audit.data

    def _leave(self, row: int) -> None:
        self._pending.remove(row)
        self._returned.discard(row)

    def answered(self, found: _Found, low: int, high: int) -> list[int]:
        """Take answered samples out; return which of the answers, from one up to another, are of audit samples."""
        status, audit = self._status, self._audit
        audited = []
        for at, row, stands in zip(range(low, high), found.rows[low:high], found.answers.stands[low:high], strict=True):
            if status[row] == PENDING:
                self._leave(row)
            if audit[row]:
                audited.append(at)
            status[row] = stands
        return audited

    def asked(self, batches: Batches, batch: int) -> list[int]:
        """Put a batch in; return the places of the questions that are new, among all of the stretch."""
        status, audit, chosen = self._status, self._audit, bool(batches.chosen[batch])
        for row in batches.withdrawn[slice(*batches.withdrawn_starts[batch : batch + 2].tolist())].tolist():
            if status[row] == PENDING:
                self._leave(row)
                status[row] = CANDIDATE
                self._withdrawn.append(row)
        new, places = [], []
        start, stop = batches.starts[batch : batch + 2].tolist()
        measures = batches.audit[start:stop].tolist()
        for place, row, is_audit in zip(count(start), batches.rows[start:stop].tolist(), measures, strict=False):
            if status[row] == CANDIDATE or (chosen and status[row] == SKIPPED):
                status[row], audit[row] = PENDING, is_audit
                new.append(row)
                places.append(place)
        end = 0 if chosen else len(self._pending)
        self._pending[end:end] = new
        if chosen:
            self._returned.update(new)
        return places


def _know_questions(batches: Batches, state: Folded, some: slice, asked: slice, places: IntArray) -> None:
    """Know why samples became questions, which are at these places among all that some batches asked."""
    if some.start == some.stop:
        return
    rows = batches.rows[places]
    state.ranked = max(state.ranked, int(batches.rounds[some].max()))
    state.copied[rows] = False
    # Of a sample that is asked more than once the last counts.
    state.asked[rows], state.asked_in[rows] = state.n_asked + 1 + places - asked.start, batches.asked_in[places]
    state.n_asked += asked.stop - asked.start
    state.asked_by[rows] = batches.asked_by[places]
    state.utility[rows], state.probability[rows] = batches.utility[places], batches.probability[places]


def _fold_answers(found: _Found, state: Folded, first: int, low: int, high: int) -> None:
    """Fold the answers, whether they are in the queue or not."""
    answers, known = found.answers, found.codes
    rows, numbers = answers.rows[low:high], answers.places[low:high] + first
    labels = answers.labels[low:high]
    for label in dict.fromkeys(labels):
        if label not in known:
            known[label] = state.code_of_label(label, found.rows[low + labels.index(label)])
    codes = list(map(known.__getitem__, labels))
    for code, n in Counter(codes).items():
        if code >= 0:
            state.count_classes(code, n)
    state.codes[rows], state.answered[rows], state.changed_at[rows] = codes, numbers, numbers
    seconds = answers.seconds[low:high]
    state.took[rows] = seconds
    timed = seconds[~np.isnan(seconds)]
    # One after the other, as when they were given: the sum of floats depends on the order.
    state.seconds = float(np.cumsum(np.concatenate(([state.seconds], np.minimum(timed, LONGEST_SECONDS))))[-1])
    state.n_timed += len(timed)
    state.unlearned.extend(numbers.tolist())
