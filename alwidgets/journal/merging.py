"""Merge of two journals that diverged from the same beginning, as two clones or copies do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.data.label_kinds import kind_of_labels
from alwidgets.journal.copying import build
from alwidgets.journal.decode import RecordError
from alwidgets.journal.encode import to_record
from alwidgets.journal.errors import JournalError
from alwidgets.journal.events import (
    Answer,
    Asked,
    AskedMore,
    AskedOnly,
    AuditSet,
    Event,
    Extended,
    Failed,
    GoldSet,
    Labeled,
    Repeated,
    RolledBack,
    Settled,
    Skipped,
    Trained,
    Undone,
    WeightSet,
    as_second,
)
from alwidgets.journal.fold import fold_records
from alwidgets.journal.identity import n_samples_of
from alwidgets.journal.log import new_id
from alwidgets.journal.reading import MOST_FOLDED, branches
from alwidgets.journal.state import LABELED, SKIPPED, State
from alwidgets.types import Label
from alwidgets.utils.checks import check_journal

# Made by a kernel for its own labels: the merged session asks and fits for all of them.
_OF_THE_MODEL = (Asked, AskedOnly, Trained, Failed, RolledBack)
_OF_A_TEAM = (GoldSet, Settled, AskedMore, WeightSet)


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
    """Results of `merge`.

    Parameters
    ----------
    path : Path
        The new journal.
    n_common : int
        Answers that both sides had.
    n_first, n_second : int
        Answers that only one side had; those of the second that follow in `agreeing` and `conflicts` among them.
    agreeing : tuple of int
        Rows that both sides answered since they parted, with the same answer.
    conflicts : tuple of Conflict
        Those answered differently: the first answer stands, the other is a second answer to look over, or stands for
        an identical sample.
    undone : tuple of int
        Rows of answers that one side undid since, by `undo` or `rollback`, whichever side that was.
    """

    path: Path
    n_common: int
    n_first: int
    n_second: int
    agreeing: tuple[int, ...]
    conflicts: tuple[Conflict, ...]
    undone: tuple[int, ...]

    def __str__(self) -> str:
        said = (
            f"{self.path}: {self.n_common} answers of both, {self.n_first} of the first alone, {self.n_second} of the "
            f"second alone; {len(self.agreeing)} samples with the same answer of both, {len(self.conflicts)} with "
            "different ones"
        )
        return f"{said}, {len(self.undone)} answers were undone" if self.undone else said


def merge(a: str | Path, b: str | Path, path: str | Path) -> Merge:
    """Merge two diverged copies of one session into a new journal; neither copy is changed.

    What both had comes first, then what happened in `a`, then what people did in `b`, in its own order. An event that
    both have counts once. Where both answered a sample since they parted, the answer of `a` stands, and that of `b` is
    kept as a second answer, as when two annotators answer at once; a label wins over a skip. What one side answered is
    never replaced by what the other carries over from an identical sample. A second answer to a sample of which the
    other side undid the answer becomes its label. Identical samples in a part that only one side has get the answers of
    the other. In a team the answers of different people to a sample all count.
    Questions, models and rollbacks of `b` are not taken over: the merged session fits and asks anew, knowing all
    labels, as soon as the next answer is given or it is retrained. Which of the answers of `b` only measure is kept.

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
    target = check_journal(path)
    if target is None or target.exists():
        raise ValueError(f"path is {str(path)!r}, which exists; expected the name of a new folder.")
    sides = [branches(folder) for folder in (a, b)]
    identity = sides[0][0]
    _check_copies(a, b, *(identity for identity, _ in sides))
    n_samples, classes = n_samples_of(identity), tuple(identity["classes"])
    parts: list[list[dict[str, Any]]] = []
    for records in (records for _, lines in sides for records in lines):
        if records not in parts:
            parts.append(records)
    kind = kind_of_labels(record.get("label") for records in parts for record in records)
    states = [_folded(records, State(n_samples, classes, kind)) for records in parts]
    _check_parts(a, b, states)
    merged = _folded(parts[0], State(n_samples, classes, kind))
    found = Merge(target, 0, 0, 0, (), (), ())
    first = [event for event in merged.past.events() if isinstance(event, Answer)]
    theirs = {event.id for state in states[1:] for event in state.past.events()}
    n_common = sum(event.id in theirs for event in first)
    found = replace(found, n_common=n_common, n_first=len(first) - n_common)
    for state in states[1:]:
        found = _joined(merged, state, found)
    for label in _bereft(merged, states):
        merged.apply(label)
    found = replace(found, undone=_undone_rows(merged, states))
    kept = {name: value for name, value in identity.items() if name != "format"}
    build(target, kept, [to_record(event) for event in merged.past.events()])
    return found


def _check_copies(a: str | Path, b: str | Path, first: dict[str, Any], second: dict[str, Any]) -> None:
    """Raise JournalError unless two journals are of one session, of which there may be a state."""
    for name in ("session", "pool", "classes", "random_state"):
        if first.get(name) != second.get(name):
            raise JournalError(f"{a} and {b} are not of one session: {name} differs; expected two copies of one.")
    n_samples = n_samples_of(first)
    if n_samples > MOST_FOLDED:
        raise JournalError(f"{a} is of a pool of {n_samples:,} samples; expected {MOST_FOLDED:,} at most to be joined.")


def _check_parts(a: str | Path, b: str | Path, states: list[State]) -> None:
    """Raise JournalError where rows of two journals are of different samples, since each pool grew by itself."""
    *fewer, most = sorted((list(state.added) for state in states), key=len)
    if any(added != most[: len(added)] for added in fewer):
        raise JournalError(
            f"{a} and {b} cannot be joined: other samples were added to each, so that a row of one is not that of the "
            "other; expected copies of which one has all parts of the other. Add parts in one place, and copy then."
        )


def _folded(records: list[dict[str, Any]], state: State) -> State:
    try:
        fold_records(records, state)
    except RecordError as error:
        raise JournalError(f"event {error.place + 1} cannot follow those before it: {error}") from None
    return state


def _joined(merged: State, state: State, found: Merge) -> Merge:
    """Add the events of one side that the others lack to theirs, and return what came of its answers."""
    there, known = {event.id for event in state.past.events()}, set(merged.seen)
    # Answered on the other side since the two parted.
    since = [answer for answer in merged.answers.values() if answer.id not in there]
    ours = _Answered(
        {answer.item: answer for answer in since}, {row: answer for answer in since for row in answer.copies}
    )
    standing = {*state.answers, *state.repeat_answers}
    n_second, pairs = 0, []
    for event in state.past.events():
        is_there = event.id in known and merged.knows(event)
        if is_there or isinstance(event, _OF_THE_MODEL) or not _can_follow(merged, event):
            continue
        if isinstance(event, Answer):
            n_second += 1
            if event.id not in standing:
                continue
            joined, both = _answered(merged, state, event, ours)
            pairs.extend(both)
        elif isinstance(event, Undone):
            target = merged.answer_of(event.target)
            joined = [event] if target is not None and event.target not in standing else []
        else:
            joined = [] if isinstance(event, AuditSet) and merged.audit_mode == "ended" else [event]
        for each in joined:
            merged.apply(_with_copies(merged, each, there))
    return replace(
        found,
        n_second=found.n_second + n_second,
        agreeing=(*found.agreeing, *(each.item for each in pairs if each.kept == each.second)),
        conflicts=(*found.conflicts, *(each for each in pairs if each.kept != each.second)),
    )


def _with_copies(merged: State, event: Event, there: set[str]) -> Event:
    """Return an event of one side with the copies in a part that only one side has, of samples that the other answered.

    Of a part of its own these are what the other side answered, of an answer those in the parts of the other side.
    """
    if isinstance(event, Extended):
        return _with_answers(merged, event)
    if not isinstance(event, Labeled | Skipped) or merged.duplicates != "carry" or event.item in merged.gold:
        return event
    reached = {event.item, *event.copies}
    found = {
        row: sample
        for part in merged.added.values()
        if part.id not in there
        for (row, source), sample in zip_longest(part.identical, part.identical_samples)
        if source in reached and row not in reached
    }
    rows = merged.takes_copy(np.array(list(found), np.intp)).tolist()
    changes: dict[str, Any] = {"copies": (*event.copies, *rows)}
    if isinstance(event, Labeled) and rows and found[rows[0]] is not None:
        changes["copy_samples"] = (*event.copy_samples, *(found[row] for row in rows))
    return replace(event, **changes) if rows else event


def _with_answers(merged: State, part: Extended) -> Extended:
    """Return the event of a part whose copies have the answers that the other side gave before it was added there."""
    carried = {pair[0]: pair[1] for pair in part.carried}
    samples = dict(zip_longest((row for row, _ in part.identical), part.identical_samples))
    for row, source in part.identical:
        open_yet = row not in carried or not merged.answered[carried[row]]
        if open_yet and merged.answered[source] and source not in merged.gold:
            carried[row] = source
    ids = tuple(samples[row] for row in carried) if part.identical_samples else part.carried_samples
    return replace(part, carried=tuple(carried.items()), carried_samples=ids)


def _can_follow(merged: State, event: Event) -> bool:
    """Return whether what a team decided has what it was about on the other side."""
    if not isinstance(event, _OF_A_TEAM):
        return True
    return merged.team is not None and (not isinstance(event, Settled) or event.answer in merged.seen)


@dataclass(frozen=True, slots=True)
class _Answered:
    """Answers of one side since the two parted, by the rows that were answered, and by their copies."""

    own: dict[int, Answer]
    copied: dict[int, Answer]


def _answered(merged: State, state: State, answer: Answer, ours: _Answered) -> tuple[list[Event], list[Conflict]]:
    """Convert an answer for the merged journal, and resolve conflicts with rows that the other side answered."""
    if isinstance(answer, Repeated):
        return [answer], []
    if merged.team is not None and answer.annotator not in merged.given(answer.item):
        # In a team each person's answer counts, beside those of others.
        return [*_question(state, answer), answer], []
    mine = ours.own.get(answer.item)
    if mine is not None and _label(mine) is not None:
        return [_second(answer)], [_pair(answer.item, mine, answer)]
    rows = [row for row in answer.copies if row in ours.own or row in ours.copied]
    # A person saw the row itself: that comes before what is only carried over from an identical one.
    both = [_pair(row, ours.own[row], answer) for row in rows if row in ours.own]
    copies = [_pair(row, ours.copied[row], answer) for row in rows if row not in ours.own]
    if mine is not None:
        return [_without(answer, rows)], [_pair(answer.item, answer, mine), *both, *_differing(copies)]
    copied = ours.copied.get(answer.item)
    if copied is not None and copied.item not in rows:
        copies.append(_pair(answer.item, answer, copied))
    return [*_question(state, answer), _without(answer, rows)], [*both, *_differing(copies)]


def _differing(pairs: list[Conflict]) -> list[Conflict]:
    return [pair for pair in pairs if pair.kept != pair.second]


def _pair(row: int, kept: Answer, second: Answer) -> Conflict:
    return Conflict(row, _label(kept), _label(second), (kept.annotator, second.annotator))


def _without(answer: Answer, rows: list[int]) -> Answer:
    """Return an answer that does not count for some of its copies."""
    if not rows:
        return answer
    stay = [place for place, row in enumerate(answer.copies) if row not in rows]
    changes: dict[str, Any] = {"copies": tuple(answer.copies[place] for place in stay)}
    if isinstance(answer, Labeled) and answer.copy_samples:
        changes["copy_samples"] = tuple(answer.copy_samples[place] for place in stay)
    return replace(answer, **changes)


def _bereft(merged: State, states: list[State]) -> list[Event]:
    """Convert second answers to labels if the other side undid the first answer."""
    samples: dict[int, str] = {}
    for event in (event for state in states for event in state.past.events()):
        if isinstance(event, Labeled):
            samples[event.item] = event.sample
            samples |= zip(event.copies, event.copy_samples or [event.sample] * len(event.copies), strict=True)
    labels: list[Event] = []
    for second in merged.repeat_answers.values():
        if second.label is None or merged.status[second.item] in (LABELED, SKIPPED):
            continue
        stood = any(
            (second.id in state.repeat_answers or second.id in state.answers) and state.status[second.item] == LABELED
            for state in states
        )
        if stood and second.item in samples:
            given = {field.name: getattr(second, field.name) for field in fields(Repeated)}
            labels.append(Labeled(**given | {"id": new_id(), "copies": (), "sample": samples[second.item]}))
    return labels


def _undone_rows(merged: State, states: list[State]) -> tuple[int, ...]:
    """Return the rows of answers that no longer stand, except those that both sides had and undid."""
    items = {event.id: event.item for state in states for event in state.past.events() if isinstance(event, Answer)}
    standing = {*merged.answers, *merged.repeat_answers}
    common = set.intersection(*({event.id for event in state.past.events()} for state in states))
    stood = {answer for state in states for answer in (*state.answers, *state.repeat_answers)}
    return tuple(item for name, item in items.items() if name not in standing and (name in stood or name not in common))


def _question(state: State, answer: Answer) -> Iterable[Event]:
    """Return the question that an answer was given to, so that what only measures still does."""
    asked = state.questions.get(answer.item)
    if asked is None or isinstance(answer, Repeated):
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
    return Repeated(**as_second({name: getattr(answer, name) for name in answer.__dataclass_fields__}))
