"""Parts of a state: `Standing` is restored by a rollback, `Lasting` is not affected by it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from alwidgets.data.label_kinds import MULTICLASS, LabelKind
from alwidgets.journal.branches import Branches
from alwidgets.journal.events import Acted, Decided, Drifted, Event, Extended, Repeated, TeamSet, Trained
from alwidgets.journal.past import Past
from alwidgets.types import BoolArray, Class, FloatArray, IntArray

# Open is what a team has answered, and what has no label: it waits for more answers, or is disputed, or is gold.
CANDIDATE, PENDING, LABELED, SKIPPED, OPEN = range(5)
# Longer on one sample means that the annotator was away: what is beyond does not count as cost.
LONGEST_SECONDS = 120.0
# What the state of a sample is before anything happened to it: the type of its values, and the value.
_COLUMNS: dict[str, tuple[Any, Any]] = {
    "status": (np.int8, CANDIDATE), "codes": (np.int32, -1), "answered": (np.int64, 0), "took": (np.float64, 0.0),
    "changed_at": (np.int64, 0), "copied": (bool, False), "beside_audit": (bool, False), "audit": (bool, False),
    "tested": (np.int32, -1), "tested_at": (np.int64, np.iinfo(np.int64).max), "asked": (np.int64, 0),
    "asked_in": (np.int64, 0), "asked_by": (np.int32, 0), "utility": (np.float64, 0.0),
    "probability": (np.float64, 0.0),
}  # fmt: skip
# One of them may still be before an annotator's eyes when the kernel has long been busy.
_WITHDRAWN = 400


class Ballot(NamedTuple):
    """Annotator of an answer, the code of the label it says, -1 for a skip, and the row it was given to."""

    annotator: str | None
    code: int
    item: int


@dataclass(eq=False)
class Lasting:
    """State that a rollback does not change: costs, notes, decisions, settings, and all past events.

    Parameters
    ----------
    n_samples : int
        Rows of the pool, with those that were added.
    classes : tuple
        The declared classes, and those that were added.
    kind : LabelKind
        Whether a label is one class or any number. In the latter case `codes` are positions in `label_sets`, the
        distinct labels and predictions in the order in which they came, each the positions of its classes; else
        positions in `classes`.
    """

    n_samples: int
    classes: tuple[Class, ...]
    kind: LabelKind = MULTICLASS
    n_events: int = 0
    seen: dict[str, int] = field(default_factory=dict)  # id -> number of the event, 0 for one that may yet come
    undone_early: dict[str, set[str | None]] = field(default_factory=dict)  # ids, and who of a team undid them already
    past: Past = field(default_factory=Past)
    branches: Branches = field(default_factory=Branches)
    copies: set[int] = field(default_factory=set)  # rows that were ever given the answer to an identical one
    flags: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    flagged_by: dict[int, str | None] = field(default_factory=dict)
    noted_by: dict[int, str | None] = field(default_factory=dict)
    seconds: float = 0.0
    n_timed: int = 0
    n_asked: int = 0
    duplicates: str = "ask"
    cold_start_ended: bool = False
    decisions: list[Decided] = field(default_factory=list)
    adjusted: dict[str, Any] = field(default_factory=dict)  # name -> (given, set)
    last_round: int = 0  # the newest model ever, also of rounds that were rolled back
    strategies: dict[str, int] = field(default_factory=dict)  # names of what ever chose, and their codes
    code_of_class: dict[tuple[type, Any], int] = field(default_factory=dict)
    declared_at: list[int] = field(default_factory=list)  # the event after which each class was there
    added: dict[str, Extended] = field(default_factory=dict)  # parts that were added to the pool, by id, in order
    alarms: list[Drifted] = field(default_factory=list)  # parts that were found to be otherwise
    acts: list[Acted] = field(default_factory=list)  # what a policy did
    n_asked_before: list[int] = field(default_factory=list)  # how many had been asked when each was added
    only: IntArray = field(default_factory=lambda: np.empty(0, np.intp))  # rows that alone are asked; none for all
    only_since: int = 0  # the event that said so


@dataclass(eq=False)
class Standing:
    """State that a rollback restores: questions, answers and rounds. Arrays have one value per row of the pool."""

    n_labeled: int = 0  # samples that have a label
    class_counts: list[int] = field(default_factory=list)  # samples of each class
    pending: list[int] = field(default_factory=list)
    returned: set[int] = field(default_factory=set)  # pending because a person undid or chose, not a model
    withdrawn: deque[int] = field(default_factory=lambda: deque(maxlen=_WITHDRAWN))  # perhaps asked again since
    ranked: int = 0  # the newest round that chose questions
    earlier: dict[int, list[int]] = field(default_factory=dict)  # numbers of answers before the one that stands
    pending_repeats: dict[int, None] = field(
        default_factory=dict
    )  # to be answered a second time, in the order of asking
    repeat_answers: dict[str, Repeated] = field(default_factory=dict)  # in order, without those undone
    rounds: list[Trained] = field(default_factory=list)
    made_with: dict[str, Any] = field(default_factory=dict)  # spec and libraries of the newest of them
    failure: str | None = None
    unlearned: list[int] = field(default_factory=list)  # when answers changed that no fit has tried
    relearn: list[int] = field(default_factory=list)  # when answers changed that the newest model learned
    audit_mode: str = "hold_back"
    # Of each audit sample, after which events its label had which code; -1 for none.
    audit_answers: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    corrected_at: int = 0  # the event that gave an audit sample another answer last
    label_sets: list[tuple[int, ...]] = field(default_factory=list)
    code_of_set: dict[tuple[int, ...], int] = field(default_factory=dict)
    team: TeamSet | None = None  # whose answers amount to labels; without one the last answer is the label
    missing: dict[int, int] = field(default_factory=dict)  # how many answers more the team is to give to rows
    gold: dict[int, int] = field(default_factory=dict)  # codes of the labels of rows that are known beforehand
    settled: dict[int, tuple[int, ...]] = field(default_factory=dict)  # rows, and the events that settled them
    asked_more: dict[int, int] = field(default_factory=dict)  # rows, and the answers that each is to have in all
    n_given: int = 0  # labels given by the team and before it, one for each item and annotator
    late: set[int] = field(default_factory=set)  # numbers of answers to rows that lacked none
    ballots: dict[int, Ballot] = field(default_factory=dict)  # what answers say, by their numbers, once it was read
    doubled: dict[int, bool] = field(default_factory=dict)  # rows with two answers or more: are the first two equal
    n_doubled: int = 0  # items that a second of the team has answered
    n_agreed: int = 0  # of which the first two answers were equal
    weights: dict[str, float] = field(default_factory=dict)  # how much the answers of somebody count, if not 1
    # Answers, and the copies of them that waited for an answer of their own.
    waited: dict[int, tuple[int, ...]] = field(default_factory=dict)
    carried: dict[int, tuple[int, ...]] = field(default_factory=dict)  # answers, and the copies of them that came later
    carried_samples: dict[int, str] = field(default_factory=dict)  # ids of these copies, if not those of their content

    status: IntArray = field(init=False)
    codes: IntArray = field(init=False)
    answered: IntArray = field(init=False)  # the event that gave the answer that stands; 0 for none
    took: FloatArray = field(init=False)  # its seconds, NaN where they were not measured
    changed_at: IntArray = field(init=False)  # the event that last changed the row's answer
    copied: BoolArray = field(init=False)  # has the answer to an identical sample
    beside_audit: BoolArray = field(init=False)  # has, or had before its own, that to an audit question
    audit: BoolArray = field(init=False)
    tested: IntArray = field(init=False)  # what was predicted last of audit samples
    tested_at: IntArray = field(init=False)  # the event that told it first
    asked: IntArray = field(init=False)  # how many had been asked when this one was, itself too; 0 for never
    asked_in: IntArray = field(init=False)  # the round that asked
    asked_by: IntArray = field(init=False)  # the code of the strategy
    utility: FloatArray = field(init=False)
    probability: FloatArray = field(init=False)

    def begin(self, n_samples: int) -> None:
        """Initialize the state of the samples. Pages of zeros take no memory until they are written to."""
        for name, (dtype, usual) in _COLUMNS.items():
            setattr(self, name, _longer(np.empty(0, dtype), n_samples, usual))

    def grow(self, n_samples: int) -> None:
        """Have a state of so many samples: those that are new are candidates. O(new samples) as long as there is room.

        Arrays are replaced, and never changed where they were.
        """
        for name, (_, usual) in _COLUMNS.items():
            setattr(self, name, _longer(getattr(self, name), n_samples, usual))

    def history(self, row: int) -> list[int]:
        """Return the numbers of the answers that were given to a row and not undone, ascending."""
        number, before = self.answered.item(row), self.earlier.get(row)
        if before is None:
            return [number] if number else []
        # Of a team the label may be by an answer that is not the last one.
        return sorted((*before, number))

    def stands(self, number: int, row: int) -> bool:
        """Return whether an event is an answer to a row that was not undone."""
        return self.answered.item(row) == number or number in self.earlier.get(row, ())

    def answer_numbers(self) -> IntArray:
        """Return the numbers of all answers that were not undone, ascending."""
        before = [number for numbers in self.earlier.values() for number in numbers]
        return np.unique(np.concatenate([self.answered[self.answered > 0], np.array(before, np.int64)]))


def _longer(values: Any, n: int, usual: Any) -> Any:
    """Return a longer array that begins with other values, in their memory if there is room; there is some to spare."""
    room = values.base
    if room is None or len(room) < n:
        room = np.zeros(n + n // 2, values.dtype)
        room[: len(values)] = values
    made = room[:n]
    # Of zeros no page is touched.
    if usual:
        made[len(values) :] = usual
    return made


@dataclass(eq=False)
class Folded(ABC, Standing, Lasting):
    """Both parts, and what whoever folds events into them needs."""

    @abstractmethod
    def count(self, number: int, event: Event) -> None:
        """Fold in an event that counts, is already in `past`, and is not a rollback."""

    def code_of(self, label: Any) -> int | None:
        """Return the position of a class, None when it was not declared; 1, 1.0 and True are three labels."""
        return self.code_of_class.get((type(label), label))

    def count_classes(self, code: int, n: int) -> None:
        """Count so many samples more of a label."""
        self.n_labeled += n
        for place in self.kind.places(code, self.label_sets):
            self.class_counts[place] += n

    def code_of_label(self, label: Any, item: int) -> int:
        """Return the code of a label that a row is given, a new one for a new set of classes."""
        if not self.kind.is_label(label):
            raise ValueError(
                f"label {label!r} of row {item} was given in a task of another kind; expected {self.kind.expected}."
            )
        places = [self.code_of(name) for name in self.kind.parts(label)]
        if None in places:
            raise ValueError(f"label {label!r} of row {item} is not one of the classes {list(self.classes)}.")
        known: Any = places
        return self.kind.code(known, self.code_of_places)

    def code_of_places(self, places: tuple[int, ...]) -> int:
        """Return the number of a set of positions of classes, a new one if it has none."""
        if places not in self.code_of_set:
            self.code_of_set[places] = len(self.label_sets)
            self.label_sets.append(places)
        return self.code_of_set[places]

    def audit_changed(self, item: int, number: int) -> None:
        """Record that an event changed the answer to an audit sample."""
        answers = self.audit_answers.setdefault(item, [])
        if answers:
            self.corrected_at = number
        answers.append((number, self.codes.item(item)))
