"""The state of a session: the fold of its events."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from alwidgets.data.labels import Targets
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
    Labelled,
    LookAgain,
    LookedAgain,
    Noted,
    RolledBack,
    Skipped,
    Trained,
    Undone,
    Unflagged,
)
from alwidgets.types import Class, FloatArray, IntArray, Label

CANDIDATE, PENDING, LABELLED, SKIPPED = range(4)
# What of a state a rollback brings back.
_ROLLED_BACK = (
    "pending", "questions", "answers", "rounds", "made_with", "failure", "ranked", "returned", "withdrawn", "unlearnt",
    "audit_mode", "audit_answers", "corrected_at", "relearn", "looks", "second_answers", "status", "codes", "audit",
    "tested", "tested_at", "changed_at", "copied", "beside_audit", "class_counts", "n_labelled", "label_sets",
    "_code_of_set", "_answers_of",
)  # fmt: skip
# Longer on one sample means that the annotator was away: what is beyond is no cost.
_LONGEST_SECONDS = 120.0
# One of them may still be before an annotator's eyes when the kernel has long been busy.
_WITHDRAWN = 400


@dataclass(frozen=True, slots=True)
class Question:
    """Why a sample was asked: the model, the strategy, the utility, whether it was drawn to measure, how likely."""

    round: int
    strategy: str
    utility: float | None
    audit: bool
    probability: float | None = None


class _Tree:
    """What happened as a tree: a rollback begins a branch. A node is an event that counts, behind another or none, 0.

    In arrays, since there may be a million.
    """

    def __init__(self) -> None:
        self._numbers, self._before = array("q", [0]), array("q", [0])

    def added(self, number: int, before: int) -> int:
        """Return the node of an event that follows another node."""
        self._numbers.append(number)
        self._before.append(before)
        return len(self._numbers) - 1

    def branch(self, node: int) -> list[int]:
        """Return the numbers of the events that lead to a node, itself the last."""
        numbers = []
        while node:
            numbers.append(self._numbers[node])
            node = self._before[node]
        return numbers[::-1]


@dataclass(eq=False)
class State:
    """What the events amount to.

    Parameters
    ----------
    n_samples : int
        Rows of the pool.
    classes : tuple
        The declared classes, and those that were added.
    many : bool
        Whether a label is any number of classes. `codes` are then positions in `label_sets`, the distinct labels and
        predictions in the order in which they came, each the positions of its classes; else positions in `classes`.
    """

    n_samples: int
    classes: tuple[Class, ...]
    many: bool = False
    n_events: int = 0
    n_labelled: int = 0  # samples that have a label
    seen: set[str] = field(default_factory=set)
    pending: list[int] = field(default_factory=list)
    questions: dict[int, Question] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)  # in order, without those undone
    flags: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    looks: dict[int, None] = field(default_factory=dict)  # to be answered a second time, in the order of asking
    second_answers: dict[str, LookedAgain] = field(default_factory=dict)  # in order, without those undone
    relearn: list[int] = field(default_factory=list)  # when answers changed that the newest model learnt
    rounds: list[Trained] = field(default_factory=list)
    made_with: dict[str, Any] = field(default_factory=dict)  # recipe and libraries of the newest of them
    failure: str | None = None
    seconds: float = 0.0
    n_timed: int = 0
    n_asked: int = 0
    ranked: int = 0  # the newest round that chose questions
    returned: set[int] = field(default_factory=set)  # pending because a person took back or chose, not a model
    withdrawn: deque[int] = field(default_factory=lambda: deque(maxlen=_WITHDRAWN))  # perhaps asked again since
    unlearnt: list[int] = field(default_factory=list)  # when answers changed that no fit has tried
    audit_mode: str = "hold_back"
    duplicates: str = "ask"
    cold_start_ended: bool = False
    decisions: list[Decided] = field(default_factory=list)
    adjusted: dict[str, Any] = field(default_factory=dict)  # name -> (given, set)
    past: list[Event] = field(default_factory=list)  # all events, for those that go back to one
    last_round: int = 0  # the newest model ever, also of rounds that were rolled back
    # Of each audit sample, after which events its label had which code; -1 for none.
    audit_answers: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    corrected_at: int = 0  # the event that gave an audit sample another answer last

    def __post_init__(self) -> None:
        self.status = np.zeros(self.n_samples, np.int8)
        self.codes = np.full(self.n_samples, -1, np.int32)
        self.audit = np.zeros(self.n_samples, bool)
        self.tested = np.full(self.n_samples, -1, np.int32)  # what was predicted last of audit samples
        self.tested_at = np.full(self.n_samples, np.iinfo(np.int64).max)  # the event that told it first
        self.changed_at = np.zeros(self.n_samples, np.int64)  # the event that last changed the row's answer
        self.copied = np.zeros(self.n_samples, bool)  # has the answer to an identical sample
        self.beside_audit = np.zeros(self.n_samples, bool)  # has, or had before its own, that to an audit question
        self._code_of: dict[tuple[type, Any], int] = {}
        self.label_sets: list[tuple[int, ...]] = []
        self._code_of_set: dict[tuple[int, ...], int] = {}
        self.class_counts: list[int] = []  # samples of each class
        self._declared_at: list[int] = []  # the event after which each class was there
        declared, self.classes = self.classes, ()
        self._declare(*declared)
        self._answers_of: dict[int, list[str]] = {}
        # After each event, the end of the branch that counts.
        self._tree, self._tips = _Tree(), array("q", [0])
        self._fitted: dict[int, int] = {}  # round -> number of its event
        self._rollbacks: list[int] = []  # numbers of those that were not taken back

    @property
    def targets(self) -> Targets:
        """What `codes` stand for."""
        return Targets(np.array(self.classes), tuple(self.label_sets) if self.many else None)

    @property
    def round(self) -> int:
        """The newest model's round; 0 before the first."""
        return self.rounds[-1].record.round if self.rounds else 0

    def training_rows(self) -> IntArray:
        """Return the labelled rows that train, ascending: the model depends on the labels, not on their order."""
        trains = (self.status == LABELLED) & ~self.copied
        # What is the same as an audit sample would tell the model its answer.
        return np.flatnonzero(trains & ~self.audit & ~self.beside_audit if self.audit_mode == "hold_back" else trains)

    def audit_rows(self) -> IntArray:
        """Return the labelled rows that were drawn to measure, ascending."""
        return np.flatnonzero((self.status == LABELLED) & self.audit)

    def seconds_of(self, rows: IntArray) -> FloatArray:
        """Return how long the standing answer of each of these labelled rows took; NaN where it was not measured."""
        if not self.n_timed:
            return np.full(len(rows), np.nan)
        taken = (self.answers[self._answers_of[row][-1]].seconds for row in rows.tolist())
        seconds = np.array([np.nan if each is None else each for each in taken], np.float64)
        return np.minimum(seconds, _LONGEST_SECONDS)

    def newest_answers(self, annotator: str | None = None) -> Iterator[str]:
        """Yield the ids of the answers that stand, second ones among them, newest first; of one annotator, or of all.

        The order is that of the events: a clock may have been set back.
        """
        for event in reversed(self.past):
            # One whose id was seen before does not count.
            answer = self.answers.get(event.id) or self.second_answers.get(event.id)
            if answer is not None and answer is event and annotator in (None, answer.annotator):
                yield event.id

    def standing(self) -> dict[int, Answer]:
        """Return the answer that stands for each row; that of a copy says so in `via`, and took no time."""
        standing: dict[int, Answer] = {}
        for answer in self.answers.values():
            standing[answer.item] = answer
            samples = getattr(answer, "copy_samples", ())
            for place, row in enumerate(answer.copies):
                if self.copied[row] and self._answers_of[row][-1] == answer.id:
                    own = {"sample": samples[place]} if place < len(samples) else {}
                    standing[row] = replace(answer, item=row, via="duplicate", seconds=None, copies=(), **own)
        return standing

    def takes_copy(self, rows: IntArray) -> IntArray:
        """Return which of some rows nobody has answered by themselves."""
        unanswered = (self.status[rows] == CANDIDATE) | (self.status[rows] == PENDING)
        free: IntArray = rows[unanswered | self.copied[rows]]
        return free

    def labelled_since(self, item: int, n_events: int) -> bool:
        """Return whether an item has a label that it did not have after so many events."""
        return bool(self.status[item] == LABELLED and self.changed_at[item] > n_events)

    def recorded(self, event_id: str | None) -> Event | None:
        """Return the event that has this id, None where there is none; all are looked at only where one was seen."""
        if event_id not in self.seen:
            return None
        return next((event for event in self.past if event.id == event_id), None)

    def code_of(self, label: Any) -> int | None:
        """Return the position of a class, None when it was not declared; 1, 1.0 and True are three labels."""
        return self._code_of.get((type(label), label))

    def label_at(self, row: int) -> Label | None:
        """Return the label of a row, None when it has none."""
        code = self.codes.item(row)
        if code < 0:
            return None
        return tuple(self.classes[place] for place in self.label_sets[code]) if self.many else self.classes[code]

    def n_classes_after(self, n_events: int) -> int:
        """Return how many classes there were after so many events."""
        return sum(at <= n_events for at in self._declared_at)

    def apply(self, event: Event) -> None:
        """Fold one more event in. An id seen before changes nothing but the count of events."""
        tip = self._tips[-1]
        if event.id in self.seen:
            self.n_events += 1
        elif isinstance(event, RolledBack):
            tip = self._rolled_back(event)
        else:
            self._count(self.n_events + 1, event)
            tip = self._tree.added(self.n_events, tip)
        self.past.append(event)
        self._tips.append(tip)

    def _count(self, number: int, event: Event) -> None:
        self.n_events = number
        self.seen.add(event.id)
        self._APPLY[type(event)](self, event)

    def _asked(self, event: Asked) -> None:
        self.ranked = max(self.ranked, event.round)
        for item in event.withdrawn:
            if self.status[item] == PENDING:
                self._leave(item)
                self.status[item] = CANDIDATE
                self.withdrawn.append(item)
        new = []
        probability = event.probability or (None,) * len(event.items)
        for item, utility, audit, chance in zip(event.items, event.utility, event.audit, probability, strict=True):
            self.n_asked += 1
            if self.status[item] == CANDIDATE or (event.chosen and self.status[item] == SKIPPED):
                self.status[item] = PENDING
                self.copied[item] = False
                self.audit[item] = audit
                # In the order of asking, also of those that are asked again.
                self.questions.pop(item, None)
                self.questions[item] = Question(event.round, event.strategy, utility, audit, chance)
                new.append(item)
        # A fresh batch goes behind the questions that were kept for the annotator's sake.
        place = 0 if event.chosen else len(self.pending)
        self.pending[place:place] = new
        if event.chosen:
            self.returned.update(new)

    def _answered(self, event: Answer) -> None:
        self.answers[event.id] = event
        self._timed(event)
        if self.copied[event.item]:
            # No model has learnt it.
            self.changed_at[event.item] = 0
        for row in (event.item, *event.copies):
            self._leave(row)
            self._answers_of.setdefault(row, []).append(event.id)
            self._enter(row, event)
        self._changed(event.item)
        self.changed_at[list(event.copies)] = self.n_events

    def _undone(self, event: Undone) -> None:
        second = self.second_answers.pop(event.target, None)
        if second is not None:
            if second.item not in self.looks and self.status[second.item] == LABELLED:
                self.looks = {second.item: None, **self.looks}
            return
        answer = self.answers.pop(event.target, None)
        if answer is None:
            # Taken back before it came: a message overtook the other.
            self.seen.add(event.target)
            return
        for row in answer.copies:
            self._take_copy_back(row, event.target)
        self._leave(answer.item)
        history = self._answers_of[answer.item]
        history.remove(event.target)
        if history:
            self._enter(answer.item, self.answers[history[-1]])
        else:
            self.status[answer.item] = PENDING
            self.pending.insert(0, answer.item)
            self.returned.add(answer.item)
        self._changed(answer.item)

    def _take_copy_back(self, row: int, target: str) -> None:
        history = self._answers_of[row]
        stood = history[-1] == target
        history.remove(target)
        self._stand_beside(row)
        if stood:
            self._leave(row)
            self.status[row] = CANDIDATE
            self.changed_at[row] = self.n_events
            if history:
                self._enter(row, self.answers[history[-1]])

    def _look_again(self, event: LookAgain) -> None:
        self.looks |= {item: None for item in event.items if self.status[item] == LABELLED and item not in self.looks}

    def _looked_again(self, event: LookedAgain) -> None:
        self.looks.pop(event.item, None)
        self.second_answers[event.id] = event
        self._timed(event)

    def _timed(self, event: Answer) -> None:
        self.seconds += min(event.seconds or 0.0, _LONGEST_SECONDS)
        self.n_timed += event.seconds is not None

    def _noted(self, event: Noted) -> None:
        if event.note:
            self.notes[event.item] = event.note
        else:
            self.notes.pop(event.item, None)

    def _changed(self, item: int) -> None:
        if self.rounds and 0 < self.changed_at[item] <= self.rounds[-1].upto:
            self.relearn.append(self.n_events)
        self.changed_at[item] = self.n_events
        self.unlearnt.append(self.n_events)
        if self.audit[item]:
            answers = self.audit_answers.setdefault(item, [])
            if answers:
                self.corrected_at = self.n_events
            answers.append((self.n_events, self.codes.item(item)))

    def _leave(self, item: int) -> None:
        status = self.status.item(item)
        if status == PENDING:
            self.pending.remove(item)
            self.returned.discard(item)
        elif status == LABELLED:
            if not self.copied[item]:
                self._count_classes(self.codes.item(item), -1)
            self.codes[item] = -1
            # It is no longer the answer that was to be given again.
            self.looks.pop(item, None)
        self.copied[item] = False

    def _enter(self, item: int, answer: Answer) -> None:
        self.copied[item] = item != answer.item
        if self.copied[item]:
            # No question any more, and none that measures.
            self.audit[item] = False
            self.questions.pop(item, None)
        self._stand_beside(item)
        if isinstance(answer, Labelled):
            code = self._code_of_label(answer.label, item)
            self.status[item] = LABELLED
            self.codes[item] = code
            if not self.copied[item]:
                self._count_classes(code, 1)
        else:
            self.status[item] = SKIPPED

    def _stand_beside(self, row: int) -> None:
        sources = (self.answers[answer].item for answer in self._answers_of[row])
        self.beside_audit[row] = any(source != row and self.audit[source] for source in sources)

    def _count_classes(self, code: int, n: int) -> None:
        self.n_labelled += n
        for place in self.label_sets[code] if self.many else (code,):
            self.class_counts[place] += n

    def _code_of_label(self, label: Any, item: int) -> int:
        if self.many != isinstance(label, tuple):
            expected = "a list of classes" if self.many else "one class"
            raise ValueError(f"label {label!r} of row {item} was given in a task of another kind; expected {expected}.")
        places = [self.code_of(name) for name in (label if self.many else (label,))]
        if None in places:
            raise ValueError(f"label {label!r} of row {item} is none of the classes {list(self.classes)}.")
        known: Any = places
        return self._code_of_places(tuple(sorted(known))) if self.many else int(known[0])

    def _code_of_places(self, places: tuple[int, ...]) -> int:
        """Return the number of a set of positions of classes, a new one if it has none."""
        if places not in self._code_of_set:
            self._code_of_set[places] = len(self.label_sets)
            self.label_sets.append(places)
        return self._code_of_set[places]

    def _flagged(self, event: Flagged) -> None:
        self.flags[event.item] = event.note

    def _unflagged(self, event: Unflagged) -> None:
        self.flags.pop(event.item, None)

    def _trained(self, event: Trained) -> None:
        if event.upto > self.n_events:
            raise ValueError(f"a model knows {event.upto} events, of which there are {self.n_events - 1} before it.")
        for row, said in event.tested:
            self._check_predicted(row, said)
        self.rounds.append(event)
        made = {"recipe": event.recipe, "libraries": event.libraries}
        # What is not said is as it was.
        self.made_with = self.made_with | {name: value for name, value in made.items() if value}
        self._fitted.setdefault(event.record.round, self.n_events)
        self.last_round = max(self.last_round, event.record.round)
        self.failure = None
        for row, said in event.tested:
            if self.tested[row] < 0:
                self.tested_at[row] = self.n_events
            self.tested[row] = self._code_of_places(said) if isinstance(said, tuple) else said
        self._tried(event.upto)

    def _check_predicted(self, row: int, said: int | tuple[int, ...]) -> None:
        if self.many != isinstance(said, tuple) or max(said if isinstance(said, tuple) else (said,), default=-1) >= len(
            self.classes
        ):
            raise ValueError(f"{said!r} was predicted of row {row}; expected positions in {list(self.classes)}.")

    def _failed(self, event: Failed) -> None:
        self.failure = event.error
        self._tried(event.upto)

    def _audit_set(self, event: AuditSet) -> None:
        if event.mode == "ended" and self.audit_mode == "hold_back":
            # From now on they train, and no fit has tried them.
            self.unlearnt.extend([self.n_events] * len(self.audit_rows()))
            self.changed_at[self.audit_rows()] = self.n_events
        self.audit_mode = event.mode

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
            self._code_of[type(label), label] = code
        self.classes = (*self.classes, *labels)
        self._declared_at += [self.n_events] * len(labels)
        self.class_counts += [0] * len(labels)

    def _rolled_back(self, event: RolledBack) -> int:
        """Go back, and return where the events that count end from now on."""
        tip = self._target(event.round)
        then = self._at(tip)
        # What was asked and answered goes back; what was noted, decided, set and spent stays, and no id counts twice.
        for name in _ROLLED_BACK:
            setattr(self, name, getattr(then, name))
        self.n_events += 1
        self.seen.add(event.id)
        if event.round is None:
            self._rollbacks.pop()
        else:
            self._rollbacks.append(self.n_events)
        return tip

    def _before_rollback(self) -> int:
        if not self._rollbacks:
            raise ValueError("there was no rollback to take back; expected the number of a round.")
        return self._tips[self._rollbacks[-1] - 1]

    def _of_round(self, number: int) -> int:
        if number not in self._fitted:
            raise ValueError(f"there is no round {number}; expected one of {sorted(self._fitted)}.")
        place = self._fitted[number]
        trained: Any = self.past[place - 1]
        # What came while it was fitted is not in it.
        return self._tree.added(place, self._tips[trained.upto])

    def _at(self, tip: int) -> State:
        """Return the state at the end of a branch; there is no rollback in it, so each event is folded once."""
        then = State(self.n_samples, self.classes, self.many)
        for number in self._tree.branch(tip):
            then._count(number, self.past[number - 1])
        return then

    def after(self, n_events: int) -> State:
        """Return what was asked, answered and fitted after so many events."""
        return self._at(self._tips[n_events])

    def check_rollback(self, number: int | None) -> None:
        """Look for a round, or for None for a rollback to take back, without folding anything.

        Raises
        ------
        ValueError
            If there is none.
        """
        self._target(number)

    def _target(self, number: int | None) -> int:
        return self._before_rollback() if number is None else self._of_round(number)

    def at_round(self, number: int) -> State:
        """Return the state that a round's model was fitted on, with that round.

        Raises
        ------
        ValueError
            If there was no such round.
        """
        return self._at(self._of_round(number))

    def _decided(self, event: Decided) -> None:
        self.decisions.append(event)

    def _adjusted(self, event: Adjusted) -> None:
        self.adjusted |= event.settings

    def _tried(self, upto: int) -> None:
        self.unlearnt = [at for at in self.unlearnt if at > upto]
        self.relearn = [at for at in self.relearn if at > upto]

    _APPLY: ClassVar[dict[type[Event], Any]] = {
        Asked: _asked,
        Labelled: _answered,
        Skipped: _answered,
        Undone: _undone,
        Flagged: _flagged,
        Unflagged: _unflagged,
        Noted: _noted,
        LookAgain: _look_again,
        LookedAgain: _looked_again,
        Trained: _trained,
        Failed: _failed,
        AuditSet: _audit_set,
        DuplicatesSet: _duplicates_set,
        ColdStartEnded: _cold_start_ended,
        ClassAdded: _class_added,
        Decided: _decided,
        Adjusted: _adjusted,
    }


def fold(events: Iterable[Event], n_samples: int, classes: tuple[Class, ...], *, many: bool = False) -> State:
    """Return the state after these events; `many` as in `State`."""
    state = State(n_samples, classes, many)
    for event in events:
        state.apply(event)
    return state
