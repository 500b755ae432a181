"""The state of a session: the fold of its events."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import repeat
from typing import Any, ClassVar

import numpy as np

from alwidgets.data.label_kinds import MULTICLASS, LabelKind
from alwidgets.data.labels import LabelEncoding
from alwidgets.journal.answers import AnswersById, Questions, standing
from alwidgets.journal.columns import Stretch
from alwidgets.journal.decode import RECORD_ERRORS, RecordError, from_record
from alwidgets.journal.events import (
    Adjusted,
    Answer,
    Asked,
    AuditSet,
    ClassAdded,
    ColdStartEnded,
    Decided,
    DuplicatesSet,
    Event,
    Failed,
    Flagged,
    Labeled,
    Noted,
    Repeated,
    RepeatsRequested,
    RolledBack,
    Skipped,
    TeamSet,
    Trained,
    Undone,
    Unflagged,
)
from alwidgets.journal.frequent import fold_stretch, ids_of
from alwidgets.journal.grown import Grown
from alwidgets.journal.narrowed import Narrowed
from alwidgets.journal.shared import Shared
from alwidgets.journal.standing import CANDIDATE, LABELED, LONGEST_SECONDS, OPEN, PENDING, SKIPPED, Standing
from alwidgets.types import Class, FloatArray, IntArray, Label

__all__ = ["CANDIDATE", "LABELED", "OPEN", "PENDING", "SKIPPED", "State", "fold"]


@dataclass(eq=False)
class State(Shared, Grown, Narrowed):
    """State of a session, accumulated from its events: `Standing` is rolled back, `Lasting` is kept."""

    def __post_init__(self) -> None:
        self.begin(self.n_samples)
        declared, self.classes = self.classes, ()
        self._declare(*declared)

    @property
    def answers(self) -> AnswersById:
        """The answers that were not undone, by id, oldest first."""
        return AnswersById(self)

    @property
    def questions(self) -> Questions:
        """Reasons why samples were asked, by row, in the order of asking."""
        return Questions(self)

    @property
    def targets(self) -> LabelEncoding:
        """Mapping from `codes` to labels."""
        return LabelEncoding(np.array(self.classes), tuple(self.label_sets), self.kind)

    @property
    def round(self) -> int:
        """The newest model's round; 0 before the first."""
        return self.rounds[-1].record.round if self.rounds else 0

    def training_rows(self) -> IntArray:
        """Return the labeled rows that train, ascending: the model depends on the labels, not on their order."""
        trains = (self.status == LABELED) & ~self.copied
        # What is the same as an audit sample would tell the model its answer.
        return np.flatnonzero(trains & ~self.audit & ~self.beside_audit if self.audit_mode == "hold_back" else trains)

    def audit_rows(self) -> IntArray:
        """Return the labeled rows that were drawn to measure, ascending."""
        return np.flatnonzero((self.status == LABELED) & self.audit)

    def seconds_of(self, rows: IntArray) -> FloatArray:
        """Return the time taken by the standing answer to each labeled row, in seconds; NaN if not measured."""
        if not self.n_timed:
            return np.full(len(rows), np.nan)
        return np.minimum(self.took[rows], LONGEST_SECONDS)

    def newest_answers(self, annotator: str | None = None) -> Iterator[str]:
        """Yield the ids of the answers that stand, second ones too, newest first; of one annotator, or of all."""
        return (answer.id for answer in self.answers.newest(second=True) if annotator in (None, answer.annotator))

    def answer_of(self, name: str) -> Answer | None:
        """Return the first or second answer of an id, unless it was undone."""
        return self.answers.get(name) or self.repeat_answers.get(name)

    def standing(self) -> dict[int, Answer]:
        """Return the current answer to each row; that of a copy has its own `via` and no time."""
        return standing(self)

    def takes_copy(self, rows: IntArray) -> IntArray:
        """Return the rows without an answer of their own."""
        unanswered = (self.status[rows] == CANDIDATE) | (self.status[rows] == PENDING)
        free: IntArray = rows[unanswered | self.copied[rows]]
        return free

    def labeled_since(self, item: int, n_events: int) -> bool:
        """Return whether an item has a label that it did not have after so many events."""
        return bool(self.status[item] == LABELED and self.changed_at[item] > n_events)

    def recorded(self, event_id: str | None) -> Event | None:
        """Return the event that has this id, None where there is none."""
        number = self.seen.get(event_id, 0) if event_id is not None else 0
        return self.past.event(number) if number else None

    def label_at(self, row: int) -> Label | None:
        """Return the label of a row, None when it has none."""
        code = self.codes.item(row)
        if code < 0:
            return None
        return self.kind.label(tuple(self.classes[place] for place in self.kind.places(code, self.label_sets)))

    def n_classes_after(self, n_events: int) -> int:
        """Return the number of classes after a number of events."""
        return sum(at <= n_events for at in self.declared_at)

    def apply(self, event: Event) -> None:
        """Fold one more event in. An id seen before changes nothing but the count of events."""
        tip = self.branches.tip
        self.past.append(event)
        if self.knows(event):
            self.n_events += 1
        elif isinstance(event, RolledBack):
            tip = self._rolled_back(event)
        else:
            self.seen[event.id] = self.n_events + 1
            self.count(self.n_events + 1, event)
            tip = self.branches.add(self.n_events, tip)
        self.branches.end(tip)

    def knows(self, event: Event) -> bool:
        """Return whether an event changes nothing, since its id was seen before or it was undone beforehand."""
        return event.id in self.seen and not (isinstance(event, Answer) and self.may_come(event.id, event.annotator))

    def may_come(self, event_id: str, annotator: str | None) -> bool:
        """Return whether an answer of somebody counts though others of the team have undone its id beforehand."""
        by = self.undone_early.get(event_id)
        return by is not None and not self.seen[event_id] and annotator not in by

    def apply_all(self, stretch: Stretch) -> None:
        """Fold a stretch of records in.

        Raises
        ------
        RecordError
            If one of them cannot be; the state is of no use then.
        """
        first, ids = self.n_events + 1, ids_of(stretch)
        if ids is None or self._is_shared(stretch) or not self._see(ids, first):
            for place, record in enumerate(stretch.records()):
                try:
                    self.apply(from_record(record, self.n_samples))
                except RECORD_ERRORS as error:
                    raise RecordError(place, str(error)) from error
            return
        self.past.extend(stretch)
        fold_stretch(stretch, self, first)
        self.branches.grow(first, len(stretch))

    def _is_shared(self, stretch: Stretch) -> bool:
        """Return whether a team answered there: each answer depends on those before it."""
        return self.team is not None or TeamSet.kind in stretch.values("kind")

    def _see(self, ids: Sequence[str], first: int) -> bool:
        """Remember the ids of events from a number on; False, and none is, if one was seen before or comes twice."""
        seen, n_before = self.seen, len(self.seen)
        if not seen.keys().isdisjoint(ids):
            return False
        seen.update(zip(ids, range(first, first + len(ids)), strict=True))
        if len(seen) < n_before + len(ids):
            for name in set(ids):
                del seen[name]
            return False
        return True

    def count(self, number: int, event: Event) -> None:
        """Fold in an event that counts, is already in `past`, and is not a rollback."""
        self.n_events = number
        self._APPLY[type(event)](self, event)

    def _asked(self, event: Asked) -> None:
        self.ask(
            event.items, event.utility, event.audit, event.withdrawn, event.round, event.strategy, event.probability,
            event.chosen,
        )  # fmt: skip

    def ask(
        self,
        items: Sequence[int],
        utility: Sequence[float | None],
        audit: Sequence[bool],
        withdrawn: Sequence[int],
        round: int,  # noqa: A002 - the glossary's word
        strategy: str,
        probability: Sequence[float | None],
        chosen: bool,
    ) -> None:
        """Make samples questions, as `Asked` says."""
        status = self.status
        self.ranked = max(self.ranked, round)
        self.withdraw(withdrawn)
        new = []
        by = self.strategies.setdefault(strategy, len(self.strategies))
        chances = probability or repeat(None, len(items))
        for row, value, measures, chance in zip(items, utility, audit, chances, strict=True):
            self.n_asked += 1
            if status[row] == CANDIDATE or (chosen and status[row] == SKIPPED):
                status[row], self.copied[row], self.audit[row] = PENDING, False, measures
                self.asked[row], self.asked_in[row], self.asked_by[row] = self.n_asked, round, by
                self.utility[row] = np.nan if value is None else value
                self.probability[row] = np.nan if chance is None else chance
                new.append(row)
        # A fresh batch goes behind the questions that were kept for the annotator's sake.
        place = 0 if chosen else len(self.pending)
        self.pending[place:place] = new
        if chosen:
            self.returned.update(new)

    def _answered(self, event: Answer) -> None:
        if self.team is not None:
            self._answered_together(event)
            return
        self._timed(event)
        if self.copied[event.item]:
            # No model has learned it.
            self.changed_at[event.item] = 0
        if waiting := tuple(row for row in event.copies if row in self.returned):
            self.waited[self.n_events] = waiting
        for row in (event.item, *event.copies):
            self._leave(row)
            if self.answered[row]:
                self.earlier.setdefault(row, []).append(self.answered.item(row))
            self._enter(row, self.n_events, event)
        self._changed(event.item)
        self.changed_at[list(event.copies)] = self.n_events

    def _undone(self, event: Undone) -> None:
        second = self.repeat_answers.pop(event.target, None)
        if second is not None:
            if second.item not in self.pending_repeats and self.status[second.item] == LABELED:
                self.pending_repeats = {second.item: None, **self.pending_repeats}
            return
        is_new = event.target not in self.seen
        answer, number = self.answers.get(event.target), self.seen.setdefault(event.target, 0)
        if answer is None:
            # Undone before it came: a message overtook the other. In a team nobody undoes what others will say.
            if self.team is not None and (is_new or event.target in self.undone_early):
                self.undone_early.setdefault(event.target, set()).add(event.annotator)
        elif self.team is not None:
            self._undone_together(answer, number)
        else:
            self._undone_alone(answer, number)

    def _undone_alone(self, answer: Answer, number: int) -> None:
        for row in (*answer.copies, *self.carried.pop(number, ())):
            self._drop_copy(row, number)
        self._leave(answer.item)
        self._forget(answer.item, number)
        if self.answered[answer.item]:
            self._return_to(answer.item)
        for row in (*self.waited.pop(number, ()), answer.item):
            if not self.answered[row]:
                self.status[row] = PENDING
                self.pending.insert(0, row)
                self.returned.add(row)
        self._changed(answer.item)

    def _drop_copy(self, row: int, number: int) -> None:
        stood = self.answered[row] == number
        self._forget(row, number)
        self._stand_beside(row)
        if stood:
            self._leave(row)
            self.status[row] = CANDIDATE
            self.changed_at[row] = self.n_events
            if self.answered[row]:
                self._return_to(row)

    def _forget(self, row: int, number: int) -> None:
        """Remove an answer to a row."""
        history = self.history(row)
        history.remove(number)
        self.answered[row] = history.pop() if history else 0
        if history:
            self.earlier[row] = history
        else:
            self.earlier.pop(row, None)

    def _return_to(self, row: int) -> None:
        """Restore the previous answer."""
        number = self.answered.item(row)
        answer: Any = self.past.event(number)
        self._enter(row, number, answer)

    def _repeats_requested(self, event: RepeatsRequested) -> None:
        self.pending_repeats |= {
            item: None for item in event.items if self.status[item] == LABELED and item not in self.pending_repeats
        }

    def _repeated(self, event: Repeated) -> None:
        self.pending_repeats.pop(event.item, None)
        self.repeat_answers[event.id] = event
        self._timed(event)

    def _timed(self, event: Answer) -> None:
        self.seconds += min(event.seconds or 0.0, LONGEST_SECONDS)
        self.n_timed += event.seconds is not None

    def _noted(self, event: Noted) -> None:
        if event.note:
            self.notes[event.item], self.noted_by[event.item] = event.note, event.annotator
        else:
            self.notes.pop(event.item, None)

    def _changed(self, item: int) -> None:
        if self.rounds and 0 < self.changed_at[item] <= self.rounds[-1].upto:
            self.relearn.append(self.n_events)
        self.changed_at[item] = self.n_events
        self.unlearned.append(self.n_events)
        if self.audit[item]:
            self.audit_changed(item, self.n_events)

    def _leave(self, item: int) -> None:
        status = self.status.item(item)
        if status == PENDING:
            self.pending.remove(item)
            self.returned.discard(item)
        elif status == LABELED:
            if not self.copied[item]:
                self.count_classes(self.codes.item(item), -1)
            self.codes[item] = -1
            # It is no longer the answer that was to be given again.
            self.pending_repeats.pop(item, None)
        self.copied[item] = False

    def _enter(self, item: int, number: int, answer: Answer) -> None:
        self.answered[item], self.took[item] = number, np.nan if answer.seconds is None else answer.seconds
        self.copied[item] = item != answer.item
        if self.copied[item]:
            self.copies.add(item)
            # No question any more, and none that measures.
            self.audit[item] = False
            self.asked[item] = 0
        self._stand_beside(item)
        if isinstance(answer, Labeled):
            code = self.code_of_label(answer.label, item)
            self.status[item] = LABELED
            self.codes[item] = code
            if not self.copied[item]:
                self.count_classes(code, 1)
        else:
            self.status[item] = SKIPPED

    def _stand_beside(self, row: int) -> None:
        if row not in self.copies:
            self.beside_audit[row] = False
            return
        sources = (self.past.value(number, "item") for number in self.history(row))
        self.beside_audit[row] = any(source != row and self.audit[source] for source in sources)

    def _flagged(self, event: Flagged) -> None:
        self.flags[event.item], self.flagged_by[event.item] = event.note, event.annotator

    def _unflagged(self, event: Unflagged) -> None:
        self.flags.pop(event.item, None)

    def _trained(self, event: Trained) -> None:
        if event.upto > self.n_events:
            raise ValueError(f"a model knows {event.upto} events, of which there are {self.n_events - 1} before it.")
        for row, said in event.tested:
            self._check_predicted(row, said)
        for row, code in event.settled_as:
            if code >= len(self.classes):
                raise ValueError(
                    f"row {row} was trained with class {code}; expected positions in {list(self.classes)}."
                )
        self.rounds.append(event)
        made = {"model_spec": event.model_spec, "libraries": event.libraries}
        # What is not said is as it was.
        self.made_with = self.made_with | {name: value for name, value in made.items() if value}
        self.branches.fitted.setdefault(event.record.round, self.n_events)
        self.last_round = max(self.last_round, event.record.round)
        self.failure = None
        for row, said in event.tested:
            if self.tested[row] < 0:
                self.tested_at[row] = self.n_events
            self.tested[row] = self.kind.code(self.kind.parts(said), self.code_of_places)
        self._tried(event.upto)

    def _check_predicted(self, row: int, said: int | tuple[int, ...]) -> None:
        if not self.kind.is_label(said) or max(self.kind.parts(said), default=-1) >= len(self.classes):
            raise ValueError(f"{said!r} was predicted of row {row}; expected positions in {list(self.classes)}.")

    def _failed(self, event: Failed) -> None:
        self.failure = event.error
        self._tried(event.upto)

    def _audit_set(self, event: AuditSet) -> None:
        if event.mode == "ended" and self.audit_mode == "hold_back":
            # From now on they train, and no fit has tried them.
            self.unlearned.extend([self.n_events] * len(self.audit_rows()))
            self.changed_at[self.audit_rows()] = self.n_events
        self.audit_mode = event.mode
        if self.team is not None:
            # What measures may have wanted more answers than what trains.
            self._judge_open()

    def _duplicates_set(self, event: DuplicatesSet) -> None:
        self.duplicates = event.mode

    def _cold_start_ended(self, _event: ColdStartEnded) -> None:
        self.cold_start_ended = True
        # What is pending was chosen by the cold start; the newest model ranks the pool anew.
        if self.rounds:
            self.ranked = self.round - 1

    def _class_added(self, event: ClassAdded) -> None:
        # A state of the past is folded with the classes of today.
        if self.code_of(event.label) is None:
            self._declare(event.label)

    def _declare(self, *labels: Any) -> None:
        for code, label in enumerate(labels, start=len(self.classes)):
            self.code_of_class[type(label), label] = code
        self.classes = (*self.classes, *labels)
        self.declared_at += [self.n_events] * len(labels)
        self.class_counts += [0] * len(labels)

    def _rolled_back(self, event: RolledBack) -> int:
        """Go back, and return where the events that count end from now on."""
        tip = self._target(event.round)
        then = self._at(tip)
        for each in fields(Standing):
            setattr(self, each.name, getattr(then, each.name))
        self.n_events += 1
        self.seen[event.id] = self.n_events
        if event.round is None:
            self.branches.rollbacks.pop()
        else:
            self.branches.rollbacks.append(self.n_events)
        return tip

    def _at(self, tip: int) -> State:
        """Return the state at the end of a branch, replaying each of its events once."""
        then = State(
            self.n_samples, self.classes, self.kind, seen=self.seen, past=self.past, strategies=self.strategies,
            added=self.added,
        )  # fmt: skip
        numbers, at = self.branches.to(tip), 0
        while at < len(numbers):
            part, place = self.past.part_of(numbers[at])
            end = at + len(part)
            whole = place == 0 and end <= len(numbers) and numbers[end - 1] == numbers[at] + len(part) - 1
            if isinstance(part, Stretch) and whole and not then._is_shared(part):
                fold_stretch(part, then, numbers[at])
                at = end
            else:
                then.count(numbers[at], self.past.event(numbers[at]))
                at += 1
        for event in self.added.values():
            then.carry(event)
        return then

    def after(self, n_events: int) -> State:
        """Return the state after a number of events."""
        return self._at(self.branches.tip_after(n_events))

    def check_rollback(self, number: int | None) -> None:
        """Look for a round, or for None for a rollback to undo, without folding anything.

        Raises
        ------
        ValueError
            If there is no such round, or no rollback to undo.
        """
        self.branches.check(number)

    def _target(self, number: int | None) -> int:
        self.branches.check(number)
        if number is None:
            return self.branches.before_rollback()
        return self.branches.of_round(number, self.past.value(self.branches.fitted[number], "upto"))

    def at_round(self, number: int) -> State:
        """Return the state that a round's model was fitted on, with that round.

        Raises
        ------
        ValueError
            If there was no such round.
        """
        return self._at(self._target(number))

    def _decided(self, event: Decided) -> None:
        self.decisions.append(event)

    def _adjusted(self, event: Adjusted) -> None:
        self.adjusted |= event.settings

    def _tried(self, upto: int) -> None:
        self.unlearned = self.unlearned[bisect_right(self.unlearned, upto) :]
        self.relearn = self.relearn[bisect_right(self.relearn, upto) :]

    _APPLY: ClassVar[dict[type[Event], Any]] = {
        Asked: _asked,
        Labeled: _answered,
        Skipped: _answered,
        Undone: _undone,
        Flagged: _flagged,
        Unflagged: _unflagged,
        Noted: _noted,
        RepeatsRequested: _repeats_requested,
        Repeated: _repeated,
        Trained: _trained,
        Failed: _failed,
        AuditSet: _audit_set,
        DuplicatesSet: _duplicates_set,
        ColdStartEnded: _cold_start_ended,
        ClassAdded: _class_added,
        Decided: _decided,
        Adjusted: _adjusted,
        **Grown.APPLIED,
        **Shared.APPLIED,
        **Narrowed.APPLIED,
    }


def fold(events: Iterable[Event], n_samples: int, classes: tuple[Class, ...], kind: LabelKind = MULTICLASS) -> State:
    """Return the state after these events."""
    state = State(n_samples, classes, kind)
    for event in events:
        state.apply(event)
    return state
