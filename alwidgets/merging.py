"""One journal of two that went their own ways from the same beginning: two clones, two people with copies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from alwidgets.arguments import checked_journal
from alwidgets.event_log import new_id
from alwidgets.events import (
    Answer,
    Asked,
    AuditSet,
    Event,
    Failed,
    LookedAgain,
    RolledBack,
    State,
    Trained,
    Undone,
    fold,
    to_record,
)  # fmt: skip
from alwidgets.journal import JournalError, branches, build, n_samples_of
from alwidgets.records import RecordError, fold_records
from alwidgets.second_looks import as_second
from alwidgets.types import Label

# Made by a kernel for its own labels: the merged session asks and fits for all of them.
_OF_THE_MODEL = (Asked, Trained, Failed, RolledBack)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A sample that was answered on both sides since they parted.

    Parameters
    ----------
    item : int
        Row of the sample.
    kept, second : str, int, float, bool, tuple of these or None
        The answer that stands, and the one that is kept as a second answer; None is a skip.
    annotators : tuple of (str or None, str or None)
        Who gave them.
    """

    item: int
    kept: Label | None
    second: Label | None
    annotators: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Merge:
    """What `merge` made.

    Parameters
    ----------
    path : Path
        The new journal.
    n_common : int
        Answers that both sides had.
    n_first, n_second : int
        Answers that only one side had; those of the second that follow in `alike` and `conflicts` among them.
    alike : tuple of int
        Rows that both sides answered since they parted, in the same way.
    conflicts : tuple of Conflict
        Those answered differently: the first answer stands, the other is a second answer to look over.
    taken_back : tuple of int
        Rows of answers that the second side took back: by `undo` if both sides had them, or of its own.
    """

    path: Path
    n_common: int
    n_first: int
    n_second: int
    alike: tuple[int, ...]
    conflicts: tuple[Conflict, ...]
    taken_back: tuple[int, ...]

    def __str__(self) -> str:
        said = (
            f"{self.path}: {self.n_common} answers of both, {self.n_first} of the first alone, {self.n_second} of the "
            f"second alone; {len(self.alike)} samples were answered alike by both, {len(self.conflicts)} differently"
        )
        return f"{said}, {len(self.taken_back)} answers were taken back" if self.taken_back else said


def merge(a: str | Path, b: str | Path, path: str | Path) -> Merge:
    """Join two copies of one session that went their own ways into a new journal; nothing in the two is changed.

    What both had comes first, then what happened in `a`, then what people did in `b`, in its own order. An event that
    both have counts once. Where both answered a sample since they parted, the answer of `a` stands, and that of `b` is
    kept as a second answer, as when two annotators answer at once; a label wins over a skip. Questions, models and
    rollbacks of `b` are not taken over: the merged session fits and asks anew, knowing all labels, as soon as the next
    answer is given or it is retrained. Which of the answers of `b` only measure is kept.

    Parameters
    ----------
    a, b : str or Path
        Folders of two copies of one session. After a `git merge`, which puts the files of both into one folder, give
        this folder twice.
    path : str or Path
        The folder of the new journal, which does not exist.

    Returns
    -------
    merge : Merge
        What was joined, and where the two say different things. O(events).

    Raises
    ------
    JournalError
        If one of the two is damaged, or they are not of one session.
    ValueError
        If `path` exists.

    Examples
    --------
    >>> from shutil import copytree
    >>> from tempfile import mkdtemp
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> import alwidgets as alw
    >>> folder, given = Path(mkdtemp()), {"classes": ["x", "y"], "learner": GaussianNB(), "random_state": 0}
    >>> session = alw.Session(np.eye(4), journal=folder / "a.alw", **given)
    >>> session.close()
    >>> _ = copytree(folder / "a.alw", folder / "b.alw")
    >>> for name, row in (("a.alw", 0), ("b.alw", 3)):
    ...     session = alw.Session(np.eye(4), journal=folder / name, **given)
    ...     session.teach(row, "x")
    ...     session.close()
    >>> merged = alw.merge(folder / "a.alw", folder / "b.alw", folder / "both.alw")
    >>> merged.n_first, merged.n_second, merged.conflicts
    (1, 1, ())
    """
    target = checked_journal(path)
    if target is None or target.exists():
        raise ValueError(f"path is {str(path)!r}, which exists; expected the name of a new folder.")
    sides = [branches(folder) for folder in (a, b)]
    identity = sides[0][0]
    for name in ("session", "pool", "classes", "random_state"):
        if sides[0][0].get(name) != sides[1][0].get(name):
            raise JournalError(f"{a} and {b} are not of one session: {name} differs; expected two copies of one.")
    n_samples, classes = n_samples_of(identity), tuple(identity["classes"])
    parts: list[list[dict[str, Any]]] = []
    for records in (records for _, lines in sides for records in lines):
        if records not in parts:
            parts.append(records)
    many = any(type(record.get("label")) is list for records in parts for record in records)
    states = [_folded(records, State(n_samples, classes, many)) for records in parts]
    merged = states[0]
    known = {event.id for event in merged.past}
    found = Merge(target, 0, 0, 0, (), (), ())
    first = [event for event in merged.past if isinstance(event, Answer)]
    theirs = {event.id for state in states[1:] for event in state.past}
    n_common = sum(event.id in theirs for event in first)
    found = replace(found, n_common=n_common, n_first=len(first) - n_common)
    events: list[Event] = list(merged.past)
    for state in states[1:]:
        joined, found = _joined(merged, known, state, found)
        events.extend(joined)
        known |= {event.id for event in joined}
        merged = fold(events, n_samples, classes, many=many)
    kept = {name: value for name, value in identity.items() if name != "format"}
    build(target, kept, [to_record(event) for event in events])
    return found


def _folded(records: list[dict[str, Any]], state: State) -> State:
    try:
        fold_records(records, state)
    except RecordError as error:
        raise JournalError(f"event {error.place + 1} cannot follow those before it: {error}") from None
    return state


def _joined(merged: State, known: set[str], state: State, found: Merge) -> tuple[list[Event], Merge]:
    """Return the events of one side that the others lack, as they follow theirs, and what came of its answers."""
    there = {event.id for event in state.past}
    # Answered on the other side since the two parted.
    ours = {answer.item: answer for answer in merged.answers.values() if answer.id not in there}
    standing = state.answers.keys() | state.second_answers.keys()
    joined: list[Event] = []
    answered = [event for event in state.past if isinstance(event, Answer) and event.id not in known]
    taken_back = [event.item for event in answered if event.id not in standing]
    both = [(ours[event.item], event) for event in answered if event.id in standing and event.item in ours]
    both = [(first, event) for first, event in both if not isinstance(event, LookedAgain)]
    for event in state.past:
        if event.id in known or isinstance(event, _OF_THE_MODEL):
            continue
        if isinstance(event, Answer):
            if event.id in standing:
                joined.extend(_answered(state, event, ours.get(event.item)))
        elif isinstance(event, Undone):
            target = merged.answers.get(event.target) or merged.second_answers.get(event.target)
            if target is not None and event.target not in standing:
                taken_back.append(target.item)
                joined.append(event)
        elif not (isinstance(event, AuditSet) and merged.audit_mode == "ended"):
            joined.append(event)
    return joined, replace(
        found,
        n_second=found.n_second + len(answered),
        alike=(*found.alike, *(event.item for first, event in both if _label(first) == _label(event))),
        conflicts=(*found.conflicts, *(_conflict(*pair) for pair in both if _label(pair[0]) != _label(pair[1]))),
        taken_back=(*found.taken_back, *taken_back),
    )


def _answered(state: State, answer: Answer, ours: Answer | None) -> list[Event]:
    """Return what becomes of an answer, if the other side gave one too, or None."""
    if ours is None or isinstance(answer, LookedAgain):
        return [*_question(state, answer), answer]
    return [answer if _label(ours) is None else _second(answer)]


def _conflict(ours: Answer, theirs: Answer) -> Conflict:
    kept, second = (theirs, ours) if _label(ours) is None else (ours, theirs)
    return Conflict(ours.item, _label(kept), _label(second), (kept.annotator, second.annotator))


def _question(state: State, answer: Answer) -> Iterable[Event]:
    """Return the question that an answer was given to, so that what only measures still does."""
    asked = state.questions.get(answer.item)
    if asked is None or isinstance(answer, LookedAgain):
        return []
    return [
        Asked(
            id=new_id(), at=answer.at, items=(answer.item,), utility=(asked.utility,), audit=(asked.audit,),
            withdrawn=(answer.item,), round=0, strategy=asked.strategy, probability=(asked.probability,),
        )
    ]  # fmt: skip


def _label(answer: Answer) -> Label | None:
    return getattr(answer, "label", None)


def _second(answer: Answer) -> Event:
    return LookedAgain(**as_second({name: getattr(answer, name) for name in answer.__dataclass_fields__}))
