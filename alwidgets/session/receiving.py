"""Answers of other tools, taken in by the id of their sample: each once, with its corrections and deletions."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from alwidgets.data import conversion
from alwidgets.data.label_kinds import MULTILABEL
from alwidgets.io.fields import SIDES
from alwidgets.io.formats.format import yes_of
from alwidgets.io.records import AnswerRecord
from alwidgets.journal.answers import standing, standing_of_each
from alwidgets.journal.events import (
    Answer,
    Event,
    Flagged,
    Labeled,
    Noted,
    Repeated,
    Skipped,
    Undone,
    Unflagged,
    as_second,
)
from alwidgets.journal.log import id_of
from alwidgets.session import validation
from alwidgets.session.answers import copied_to
from alwidgets.session.core import Core
from alwidgets.session.record_validation import check_record, check_records, in_order, is_deletion, shows_another_text
from alwidgets.session.repeats import draw_if_due
from alwidgets.types import Class, Label
from alwidgets.utils.text import short_repr

# Of times that are sums of others.
_SAME_SECONDS = 1e-3


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that was not taken in, and why."""

    record: AnswerRecord
    reason: str


@dataclass(frozen=True, slots=True)
class Received:
    """Outcome of `Session.receive`.

    Parameters
    ----------
    n_taken : int
        Those that changed something: new answers, corrections, deletions.
    n_known : int
        Those that were taken in before, or are older than what was.
    refused : tuple of Refused
        Those that do not fit, each with the reason; nothing of them was taken in.
    """

    n_taken: int
    n_known: int
    refused: tuple[Refused, ...] = ()

    def __str__(self) -> str:
        """Return it in a sentence, with the first reason."""
        words = f"{self.n_taken} taken, {self.n_known} known, {len(self.refused)} refused"
        if not self.refused:
            return words
        first = self.refused[0]
        return f"{words}, the first{first.record.place and f', {first.record.place},'} since {first.reason}"


def receive(core: Core, records: Iterable[AnswerRecord], *, complete: bool = False) -> Received:
    """Take answers in, all in one write; see `Session.receive`."""
    # The newest answer stands, in whatever order a file has them.
    given = in_order(check_records(records))
    with core.log.lock:
        core.log.check_open()
        batch = _Batch(core, complete)
        for record in given:
            batch.take(record)
        if complete:
            batch.undo_others(given)
        batch.let_stand(given)
        if batch.events:
            core.log.record(*batch.events)
    if batch.events:
        draw_if_due(core)
        core.engine.changed()
    n_known = len(given) - (batch.n_taken - batch.n_undone) - len(batch.refused)
    return Received(batch.n_taken, n_known, tuple(batch.refused))


def records_of(core: Core) -> list[AnswerRecord]:
    """Return the answers that stand, by ascending row; see `Session.records`."""
    with core.log.lock:
        state = core.log.state
        notes, flags = dict(state.notes), dict(state.flags)
        answers = sorted(standing(state).items()) if state.team is None else list(standing_of_each(state))
        return [
            AnswerRecord(
                sample=core.sample_id(row),
                answer=core.kind.parts(answer.label) if isinstance(answer, Labeled) else (),
                annotator=answer.annotator,
                when=round(_time_of(answer), 6),
                seconds=answer.seconds,
                source=answer.via or "alwidgets",
                note=notes.get(row, ""),
                flag=flags.get(row),
                cancelled=not isinstance(answer, Labeled),
                suggested=None if answer.suggested is None else core.kind.parts(answer.suggested),
                # An answer that was carried here is another sample's.
                id="" if answer.via == "duplicate" else answer.id,
                item=row,
            )
            for row, answer in answers
        ]


def _time_of(answer: Answer) -> float:
    """Return the time of an answer, by the annotator's clock where that is known."""
    return answer.at if answer.shown_at is None else answer.shown_at + (answer.seconds or 0.0)


@dataclass(frozen=True, slots=True)
class _Stands:
    """The answer that stands to a row: its label, None for a skip or none at all, when, by whom and from where."""

    label: Label | None = None
    at: float = -math.inf
    annotator: str | None = None
    via: str | None = None


@dataclass(eq=False)
class _Batch:
    """Events to be recorded together, and what will be known once they are. Under the lock."""

    core: Core
    complete: bool
    events: list[Event] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    n_taken: int = 0
    n_undone: int = 0
    # By tool and row: what its answers there are called.
    _named_answers: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    _new: dict[str, Event] = field(default_factory=dict)
    # Of those, the labels and skips of a row; the rows of which an answer changed; the records that changed something.
    _new_of: dict[int, list[Any]] = field(default_factory=dict)
    _changed: set[int] = field(default_factory=set)
    _taken: set[int] = field(default_factory=set)
    # By row, and in a team by annotator, of whom each has an answer that stands.
    _stands: dict[int, dict[str | None, _Stands]] = field(default_factory=dict)
    _notes: dict[int, str] = field(default_factory=dict)
    _flags: dict[int, str | None] = field(default_factory=dict)
    # What other tools ask about in a task with yes and no.
    _asked: str | None = None

    def take(self, record: AnswerRecord) -> None:
        """Take a record in, or refuse it whole."""
        try:
            check_record(record)
            events = self._events_of(record)
        except (ValueError, TypeError) as error:
            self.refused.append(Refused(record, str(error)))
            return
        if not events:
            return
        self.n_taken += id(record) not in self._taken
        self._taken.add(id(record))
        self._add(events)

    def _add(self, events: list[Event]) -> None:
        self.events += events
        self._new.update((event.id, event) for event in events)
        for event in events:
            self._follow(event)

    def let_stand(self, records: Iterable[AnswerRecord]) -> None:
        """Take in anew what was known, and is the newest label now that others have changed theirs."""
        rows, refused = set(self._changed), {id(each.record) for each in self.refused}
        if not rows or self.core.log.state.team is not None:
            return
        for record in records:
            if id(record) not in refused and self._row(record) in rows:
                self.take(record)

    def undo_others(self, records: Iterable[AnswerRecord]) -> None:
        """Undo what tools said of the samples of these records and do not say any more."""
        state, rows = self.core.log.state, dict[str, set[int]]()
        for record in records:
            with contextlib.suppress(ValueError, TypeError):
                check_record(record)
                rows.setdefault(_tool(record), set()).add(self._row(record))
        second: dict[int, list[int]] = {}
        for answer in state.repeat_answers.values():
            second.setdefault(answer.item, []).append(state.seen[answer.id])
        for tool, covered in rows.items():
            for row in sorted(covered):
                kept = self._named_answers.get((tool, row), set())
                stand = [*second.get(row, ()), *(state.history(row) if state.answered[row] else ())]
                found: list[Any] = [state.past.event(number) for number in sorted(stand, reverse=True)]
                gone = [
                    answer
                    for answer in found
                    # What was carried here from an identical sample is the answer to that one.
                    if answer.via == tool and answer.item == row and _deletion(answer.id) not in self
                    and kept.isdisjoint((answer.id, answer.id.rpartition("-")[0]))
                ]  # fmt: skip
                self._add(
                    [
                        Undone(id=_deletion(each.id), at=time.time(), target=each.id, annotator=each.annotator)
                        for each in gone
                    ]
                )
                self.n_taken += bool(gone)
                self.n_undone += bool(gone)

    def _follow(self, event: Event) -> None:
        """Keep in mind what an event will have changed."""
        if isinstance(event, Labeled | Skipped):
            self._stands.setdefault(event.item, {})[self._whose(event.annotator)] = _standing(event)
            self._new_of.setdefault(event.item, []).append(event)
        elif isinstance(event, Undone):
            undone: Any = self._event(event.target)
            self._changed.add(undone.item)
            self._stands.setdefault(undone.item, {})[self._whose(undone.annotator)] = self._left(undone)
        elif isinstance(event, Noted):
            self._notes[event.item] = event.note
        elif isinstance(event, Flagged):
            self._flags[event.item] = event.note
        elif isinstance(event, Unflagged):
            self._flags[event.item] = None

    def _events_of(self, record: AnswerRecord) -> list[Event]:
        item = self._row(record)
        name, revisions = self._revisions(record, item)
        events = self._new_events(record, item, name, revisions)
        # Not before it is known that it fits: what is refused now is not said any more.
        self._named_answers.setdefault((_tool(record), item), set()).update({name, *revisions[:1]})
        return events

    def _new_events(self, record: AnswerRecord, item: int, name: str, revisions: list[str]) -> list[Event]:
        if is_deletion(record):
            return self._undoing(revisions)
        fields = self._fields_of(record, item)
        beside = self._beside(record, item, fields["annotator"], name)
        before: Any = self._event(revisions[-1]) if revisions else None
        if before is None:
            return [self._answer(f"{name}-0", fields), *beside]
        deleted = self._event(_deletion(before.id))
        changed = getattr(before, "label", None) != fields["label"] or deleted is not None
        # Of records that are all there is, one that is there was not deleted, however the clocks go.
        if _is_older(record, before if deleted is None or self.complete else deleted):
            return []
        if changed:
            self._changed.add(item)
        if changed or self._is_to_stand(before, fields):
            return [self._answer(f"{name}-{len(revisions)}", fields), *beside]
        return beside

    def _undoing(self, revisions: list[str]) -> list[Event]:
        """Return the events that undo all that an answer was, the newest first."""
        found: list[Event] = []
        for name in reversed(revisions):
            answer: Any = self._event(name)
            stands = name in self._new or self.core.log.state.answer_of(name) is not None
            if stands and _deletion(name) not in self:
                found.append(Undone(id=_deletion(name), at=time.time(), target=name, annotator=answer.annotator))
        return found

    def _row(self, record: AnswerRecord) -> int:
        rows = self.core.rows_of_ids
        row = rows.get(record.sample, rows.get(record.content) if record.content else None)
        if row is None:
            raise ValueError(_unknown(record))
        if rows.get(record.content) != row and shows_another_text(record, conversion.item_of(self.core.items, row)):
            raise ValueError(
                f"sample {short_repr(record.sample)} has another text here than the one that was answered; expected "
                'rows of this pool. Where only the page showed it otherwise, set `content=""` in the record.'
            )
        return row

    def _revisions(self, record: AnswerRecord, item: int) -> tuple[str, list[str]]:
        """Return the name of an answer's events, and the ids of those there are, oldest first."""
        own = self._event(record.id) if record.id else self._of_table(record, item)
        found = [own.id] if isinstance(own, Answer) and own.item == item else []
        origin = record.id or f"by {record.annotator}"
        name = id_of(f"{record.source}\0{origin}\0{item}")
        while f"{name}-{len(found)}" in self:
            found.append(f"{name}-{len(found)}")
        return name, found

    def _of_table(self, record: AnswerRecord, item: int) -> Event | None:
        """Return the answer that a row of our own table is, which has its time in place of an id."""
        state = self.core.log.state
        if record.source != "alwidgets" or record.when is None or not state.answered[item]:
            return None
        given: Iterable[Event] = (state.past.event(number) for number in sorted(state.history(item), reverse=True))
        return next(
            (
                each
                for each in given
                if isinstance(each, Answer)
                and each.annotator == record.annotator
                and abs(each.at - record.when) <= _SAME_SECONDS
            ),
            None,
        )

    def __contains__(self, name: str) -> bool:
        return name in self._new or name in self.core.log.state.seen

    def _event(self, name: str) -> Event | None:
        return self._new.get(name) or self.core.log.state.recorded(name)

    def _fields_of(self, record: AnswerRecord, item: int) -> dict[str, Any]:
        """Return the fields of the answer, checked; "label" is None for a skip."""
        core = self.core
        seconds = validation.check_duration("seconds", record.seconds)
        when = validation.check_seconds("when", record.when)
        return {
            "item": item,
            "label": None if record.cancelled else self._label(record),
            "annotator": core.answering(record.annotator),
            "seconds": seconds,
            "shown_at": None if when is None else when - (seconds or 0.0),
            "round": core.log.state.round,
            "via": validation.check_name("source", _tool(record)),
            "suggested": None if record.suggested is None else self._chosen(record.suggested, sides=record.sides),
        }

    def _label(self, record: AnswerRecord) -> Label:
        answer = record.answer or ()
        if record.accepted is None:
            return self._chosen(answer, sides=record.sides)
        if self.core.kind is MULTILABEL or len(answer) != 1:
            raise ValueError(
                f"{short_repr(answer)} was {'accepted' if record.accepted else 'rejected'}; expected the classes that "
                "were chosen, or one class that was accepted or rejected in a task of one class."
            )
        classes = self.core.classes
        asked = self._named(answer[0], sides=record.sides)
        if self.core.task.kind == "yes_no" and asked not in classes:
            asked = self._yes(str(asked))
        label = self._chosen((asked,))
        if record.accepted:
            return label
        others = [each for each in classes if each != label]
        if len(others) > 1:
            raise ValueError(f"{asked!r} was rejected, which leaves {others}; expected a task of two classes.")
        left: Class = others[0]
        return left

    def _yes(self, asked: str) -> Class:
        """Return the class that says yes to what another tool asks about, which is one thing in one task."""
        yes = yes_of(self.core.classes)
        if self._asked not in (None, asked):
            raise ValueError(
                f"label {asked!r} is unknown, and {yes!r} was said of {self._asked!r} already; expected answers about "
                "one label. Receive those about another in a session of their own."
            )
        self._asked = asked
        return yes

    def _chosen(self, answer: tuple[Class, ...], *, sides: bool = False) -> Label:
        names = [self._named(name, sides=sides) for name in answer]
        if self.core.kind is MULTILABEL:
            return self.core.check_label(names)
        if len(names) != 1:
            raise ValueError(f"the answer is {short_repr(list(answer))}; expected one class.")
        return self.core.check_label(names[0])

    def _named(self, name: Class, *, sides: bool) -> Class:
        """Return the class that a tool calls so, which may have no classes but texts, or sides of a pair."""
        classes, is_side = self.core.classes, self.core.task.kind == "pair" and name in SIDES
        if not (is_side and sides) and self.core.log.state.code_of(name) is not None:
            return name
        if is_side:
            side: Class = classes[SIDES.index(str(name))]
            return side
        same: Class = next((each for each in classes if str(each) == str(name)), name)
        return same

    def _answer(self, name: str, fields: dict[str, Any]) -> Event:
        """Return the event of an answer: a second one where it may not take the place of the one that stands."""
        item, now = fields["item"], time.time()
        if self._stands_against(fields):
            return Repeated(id=name, at=now, **as_second(fields))
        kind = Skipped if fields["label"] is None else Labeled
        if kind is Skipped:
            fields = {key: value for key, value in fields.items() if key != "label"}
        return kind(id=name, at=now, **fields, **copied_to(self.core, kind, item, self._stands))

    def _stands_against(self, fields: dict[str, Any]) -> bool:
        """Return whether a label stands that is newer, or that somebody gave where this annotator cannot tell.

        In a team each person's answer counts, beside those of others: only their own can stand against it.
        """
        stands, at = self._standing(fields["item"], fields["annotator"]), _given_at(fields)
        if stands.label is None and (self.core.log.state.team is None or stands.annotator is None):
            return False
        if fields["label"] is None and stands.annotator != fields["annotator"]:
            return True
        return at is not None and stands.at > at + _SAME_SECONDS

    def _is_to_stand(self, before: Any, fields: dict[str, Any]) -> bool:
        """Return whether a label that is known is newer than what stands, or than all labels that do.

        Somebody said it again after another label of somebody else, or who gave that other label cannot tell any more.
        """
        state, at = self.core.log.state, _given_at(fields)
        stands = self._standing(fields["item"], fields["annotator"])
        if state.team is not None or fields["label"] is None or at is None or stands.annotator == fields["annotator"]:
            return False
        if before.id not in self._new and not (state.answer_of(before.id) or before.id in state.repeat_answers):
            return False
        if stands.label is None:
            return bool(stands.via == fields["via"])
        return bool(stands.label != fields["label"] and at > stands.at + _SAME_SECONDS)

    def _left(self, undone: Answer) -> _Stands:
        """Return the answer that stands once another is undone: the one before it, in a team of the same annotator."""
        state, item = self.core.log.state, undone.item
        numbers = state.history(item) if state.answered[item] else ()
        found: list[Any] = [*(state.past.event(number) for number in numbers), *self._new_of.get(item, ())]
        for answer in reversed(found):
            own = answer.item == item and (state.team is None or answer.annotator == undone.annotator)
            if own and _deletion(answer.id) not in self:
                return _standing(answer)
        return _Stands(via=undone.via)

    def _whose(self, annotator: str | None) -> str | None:
        return None if self.core.log.state.team is None else annotator

    def _standing(self, item: int, annotator: str | None) -> _Stands:
        """Return the answer that stands to a row, in a team that of an annotator."""
        known = self._stands.get(item, {}).get(self._whose(annotator))
        state = self.core.log.state
        if known is not None or state.copied[item] or not state.answered[item]:
            return known or _Stands()
        number = state.answered.item(item) if state.team is None else state.given(item).get(annotator)
        answer: Any = None if number is None else state.past.event(number)
        return _Stands() if answer is None or answer.item != item else _standing(answer)

    def _beside(self, record: AnswerRecord, item: int, annotator: str | None, name: str) -> list[Event]:
        """Return the events of the note and the flag of a record, where they are new, or are gone."""
        state = self.core.log.state
        known_note = self._notes.get(item, state.notes.get(item)) or None
        of_note: tuple[Any, ...] = (Noted, record.note or None, known_note)
        of_flag: tuple[Any, ...] = (Flagged, record.flag, self._flags.get(item, state.flags.get(item)))
        events: list[Event] = []
        for kind, words, known in (of_note, of_flag):
            # A tool that has flags without words says no more than is known.
            if (words is None and (known is None or not self.complete)) or (words == "" and known):
                continue
            note = None if words is None else validation.check_words(kind.kind, words)
            said = f"{name} {kind.kind}"
            n_gone = next(n for n in count() if id_of(f"{said}, gone {n}") not in self)
            given: dict[str, Any] = {"at": time.time(), "item": item, "annotator": annotator}
            # The note of somebody else may stand since.
            if note is not None and note != known and (digest := _of_words(said, note, n_gone)) not in self:
                events.append(kind(id=digest, note=note, **given))
            elif note is None and known is not None and _of_words(said, known, n_gone) in self:
                # It came with this answer, which has none any more.
                gone = {"id": id_of(f"{said}, gone {n_gone}"), **given}
                events.append(Noted(**gone, note="") if kind is Noted else Unflagged(**gone))
        return events


def _standing(answer: Any) -> _Stands:
    # Nobody knows when what a session began with was given.
    at = -math.inf if answer.via == "given" else _time_of(answer)
    return _Stands(getattr(answer, "label", None), at, answer.annotator, answer.via)


def _given_at(fields: dict[str, Any]) -> float | None:
    """Return the time of an answer by the clock of who gave it; None where it is not known."""
    return None if fields["shown_at"] is None else float(fields["shown_at"] + (fields["seconds"] or 0.0))


def _of_words(said: str, words: str, n_gone: int) -> str:
    """Return the id of the event of a note or a flag, given again after it was gone so many times."""
    return id_of(f"{said} {words}" if not n_gone else f"{said} {words} again {n_gone}")


def _unknown(record: AnswerRecord) -> str:
    """Return why a record fits none of the samples."""
    if record.sample == record.content:
        return (
            f"it has no id, and its text or fields (of hash {short_repr(record.sample)}) are not in the pool; expected "
            "a text of the pool. Put the ids of samples into the data of the tool as 'alw_id', or into `sample` of the "
            "records."
        )
    return f"sample {short_repr(record.sample)} is not in the pool; expected the id of one that is."


def _tool(record: AnswerRecord) -> str:
    return record.source or "received"


def _deletion(name: str) -> str:
    return f"{name}-deleted"


def _is_older(record: AnswerRecord, before: Event) -> bool:
    """Return whether a record is what an answer was before it was corrected or deleted."""
    if record.when is None:
        return False
    known = before.at if not isinstance(before, Answer) else -math.inf if before.shown_at is None else _time_of(before)
    return known > record.when + _SAME_SECONDS
