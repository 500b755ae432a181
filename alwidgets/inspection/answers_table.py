"""Table of all answers, one row each, with filters and sort orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from alwidgets.annotation.decisions import codes_as
from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL, LabelKind, indicator, pad_columns
from alwidgets.journal.events import (
    Answer,
    Labeled,
    Repeated,
    Skipped,
)
from alwidgets.journal.state import State
from alwidgets.types import BoolArray, Class, FloatArray, IntArray, Label
from alwidgets.utils.text import short_repr

if TYPE_CHECKING:
    import pandas as pd

from alwidgets.inspection.label_issues import LabelIssues, decided_rows
from alwidgets.inspection.unlabeled import says

#: An answer is slow when it took so many times the median.
SLOW = 3.0
#: What `sort` can be.
Sort: TypeAlias = Literal["newest", "oldest", "slowest", "suspicious"]
SORTS: tuple[str, ...] = get_args(Sort)
#: What `answers_frame` has.
COLUMNS = (
    "item", "label", "predicted", "confidence", "disagrees", "suspicion", "seconds", "slow", "flagged", "flag", "note",
    "skipped", "unsure", "second", "changed", "round", "annotator", "via", "duplicate_of", "at",
)  # fmt: skip
# A median of fewer says little.
_FEWEST_TIMED = 5


@dataclass(frozen=True, eq=False)
class AnswersSnapshot:
    """Snapshot of the answers, which can be read without the session's lock.

    Parameters
    ----------
    standing, second : dict of int to Answer
        The answer to each sample, oldest first, and the second one.
    originals : dict of int to int
        Of a sample whose answer was carried from an identical one, that one.
    decided : set of int
        Samples that were answered anew after their second answer.
    flags, notes : dict of int to str
        Of samples.
    codes : ndarray of shape (n_samples,)
        Positions of the labels in the classes, or in the sets of classes; -1 where there is none.
    classes : tuple
        The classes.
    label_sets : tuple of tuple of int
        In a multilabel task, the positions of the classes in each distinct label.
    kind : LabelKind
        Whether a label is one class or any number.
    """

    standing: Mapping[int, Answer]
    second: Mapping[int, Repeated]
    originals: Mapping[int, int]
    decided: AbstractSet[int]
    flags: Mapping[int, str]
    notes: Mapping[int, str]
    codes: IntArray
    classes: tuple[Class, ...]
    label_sets: tuple[tuple[int, ...], ...] = ()
    kind: LabelKind = MULTICLASS


def answers_of(state: State) -> AnswersSnapshot:
    """Return the answers that stand. Under the lock."""
    standing = state.standing()
    originals = {row: state.answers[standing[row].id].item for row in np.flatnonzero(state.copied).tolist()}
    second = {second.item: second for second in state.repeat_answers.values()}
    return AnswersSnapshot(
        standing,
        second,
        originals,
        decided_rows(state, standing, second),
        dict(state.flags),
        dict(state.notes),
        state.codes.copy(),
        state.classes,
        tuple(state.label_sets),
        state.kind,
    )


def with_labels(known: AnswersSnapshot, settled_as: Iterable[tuple[int, int]]) -> AnswersSnapshot:
    """Return the answers with other labels for some rows, by their codes; those with -1 have none, and are left out."""
    others = {row: code for row, code in settled_as if row in known.standing}
    if not others:
        return known
    standing = dict(known.standing)
    for row, code in others.items():
        answer = standing.pop(row) if code < 0 else standing[row]
        if code >= 0 and isinstance(answer, Labeled):
            standing[row] = replace(answer, label=known.classes[code])
    return replace(known, standing=standing, codes=codes_as(known.codes, others.items()))


def answers_frame(known: AnswersSnapshot, checked: LabelIssues | None, items: list[int] | None = None) -> pd.DataFrame:
    """Return one row an answer, oldest first, or of these samples in their order; the columns are `COLUMNS`."""
    import pandas as pd

    answers = list(known.standing.values())
    usual = typical_seconds(answers)
    if items is not None:
        answers = [known.standing[item] for item in items if item in known.standing]
    rows = np.array([answer.item for answer in answers], np.intp)
    took = np.array([np.nan if answer.seconds is None else answer.seconds for answer in answers], np.float64)
    values: dict[str, Any] = {
        "item": rows,
        "label": _column([answer.label if isinstance(answer, Labeled) else None for answer in answers]),
        **_judged(known, checked, rows),
        "seconds": took,
        "slow": took > SLOW * usual,
        "flagged": np.array([item in known.flags for item in rows.tolist()], bool),
        "flag": _column([known.flags.get(item, "") for item in rows.tolist()]),
        "note": _column([known.notes.get(item, "") for item in rows.tolist()]),
        "skipped": np.array([isinstance(answer, Skipped) for answer in answers], bool),
        "unsure": np.array([isinstance(answer, Skipped) and answer.unsure for answer in answers], bool),
        "second": _column([known.second[item].label if item in known.second else None for item in rows.tolist()]),
        "changed": np.array([_changed(answer, known) for answer in answers], bool),
        "round": np.array([answer.round for answer in answers], np.intp),
        "annotator": _column([answer.annotator for answer in answers]),
        "via": _column([answer.via for answer in answers]),
        "duplicate_of": _column([known.originals.get(item) for item in rows.tolist()]),
        "at": pd.to_datetime(np.array([answer.at for answer in answers], np.float64), unit="s", utc=True),
    }
    return pd.DataFrame({name: values[name] for name in COLUMNS})


def typical_seconds(answers: Any) -> float:
    """Return the median time of answers; infinity while fewer than five were timed, so that none is slow."""
    known = [answer.seconds for answer in answers if answer.seconds is not None]
    return float(np.median(known)) if len(known) >= _FEWEST_TIMED else np.inf


def _changed(answer: Answer, known: AnswersSnapshot) -> bool:
    """Return whether the second answer is another one, and nothing was decided since."""
    second = known.second.get(answer.item)
    if second is None or answer.item in known.decided or second.label is None or not isinstance(answer, Labeled):
        return False
    return answer.label != second.label


def _judged(answers: AnswersSnapshot, checked: LabelIssues | None, rows: IntArray) -> dict[str, Any]:
    """Return the predictions for the rows, and how strongly each contradicts the label."""
    n = len(rows)
    empty = {
        "predicted": _column([None] * n), "confidence": np.full(n, np.nan), "disagrees": np.zeros(n, bool),
        "suspicion": np.full(n, np.nan),
    }  # fmt: skip
    if checked is None or not len(checked.rows) or not n:
        return empty
    place = np.minimum(np.searchsorted(checked.rows, rows), len(checked.rows) - 1)
    known = checked.rows[place] == rows
    labeled = known & (answers.codes[rows] >= 0)
    proba = None if checked.proba is None else checked.proba[place].astype(np.float64)
    verdict = _COMPARE[answers.kind](answers, answers.codes[rows], checked.codes[place], proba)
    predicted = [label if there else None for label, there in zip(verdict.labels, known.tolist(), strict=True)]
    return {
        "predicted": _column(predicted), "confidence": np.where(known, verdict.confidence, np.nan),
        "disagrees": labeled & verdict.differs, "suspicion": np.where(labeled, verdict.suspicion, np.nan),
    }  # fmt: skip


class _Verdict(NamedTuple):
    """Comparison of predictions with labels, one entry per label."""

    labels: list[Label]
    differs: BoolArray
    confidence: FloatArray
    suspicion: FloatArray


def _compared(answers: AnswersSnapshot, given: IntArray, codes: IntArray, proba: FloatArray | None) -> _Verdict:
    """Compare single-class labels with predictions; results for missing labels are meaningless."""
    labels = answers.kind.labels_of(codes, answers.classes)
    differs = codes != given
    if proba is None:
        return _Verdict(labels, differs, np.full(len(codes), np.nan), differs.astype(np.float64))
    confidence = proba[np.arange(len(codes)), codes]
    # A class that was added since has no column.
    columns = np.flatnonzero((given >= 0) & (given < proba.shape[1]))
    proba[columns, given[columns]] = 0
    return _Verdict(labels, differs, confidence, proba.max(axis=1))


def _compared_sets(answers: AnswersSnapshot, given: IntArray, said: IntArray, proba: FloatArray | None) -> _Verdict:
    """Compare multilabel answers with predictions; the strongest contradiction of any class is the suspicion."""
    labels = answers.kind.labels_of(said, answers.classes)
    # The last for those without a label, whose code is -1.
    label = indicator([*answers.label_sets, ()], len(answers.classes))[given]
    differs = (label != pad_columns(said, len(answers.classes))).any(axis=1)
    if proba is None:
        return _Verdict(labels, differs, np.full(len(said), np.nan), differs.astype(np.float64))
    # A class that was added since has no column.
    contradiction = np.abs(label[:, : proba.shape[1]] - proba).max(axis=1)
    return _Verdict(labels, differs, np.maximum(proba, 1 - proba).prod(axis=1), contradiction)


_COMPARE = {MULTICLASS: _compared, MULTILABEL: _compared_sets}


def _column(values: list[Any]) -> pd.Series[Any]:
    """Return values as they are: pandas would take labels for numbers, and None for NaN."""
    import pandas as pd

    return pd.Series(values, dtype=object)


def picked(frame: pd.DataFrame, label: Class | None, wanted: Mapping[str, bool | None]) -> pd.DataFrame:
    """Filter answers by class and by marks; None does not filter.

    Raises
    ------
    TypeError
        If a mark is wanted otherwise than with True, False or None.
    """
    keep = np.ones(len(frame), bool)
    if label is not None:
        keep &= np.array([_has(given, label) for given in frame["label"]], bool)
    for name, value in wanted.items():
        if value is None:
            continue
        if not isinstance(value, bool | np.bool_):
            raise TypeError(f"{name} is {short_repr(value)}; expected True, False or None.")
        keep &= marks(frame, name) == value
    return frame[keep]


def _has(given: Label | None, label: Class) -> bool:
    names = given if isinstance(given, tuple) else (given,)
    return any(type(name) is type(label) and name == label for name in names)


def marks(frame: pd.DataFrame, name: str) -> Any:
    """Return a mask of the answers with a mark: a boolean column, or "noted" for answers with a note or a flag."""
    if name == "noted":
        return ((frame["note"] != "") | (frame["flag"] != "")).to_numpy(bool)
    return frame[name].to_numpy(bool)


def ordered(frame: pd.DataFrame, sort: str) -> pd.DataFrame:
    """Return the answers in another order.

    Parameters
    ----------
    frame : DataFrame
        Oldest first.
    sort : {"newest", "oldest", "slowest", "suspicious"}
        By time of the answer; by how long it took; by how probable a model finds another class than that of the label,
        or, in a multilabel task, that one of them is missing or too many.

    Raises
    ------
    ValueError
        If it is not one of these.
    """
    if sort not in SORTS:
        raise ValueError(f"sort is {short_repr(sort)}; expected one of {list(SORTS)}.")
    if sort == "oldest":
        return frame
    newest = frame.iloc[::-1]
    if sort == "newest":
        return newest
    return newest.sort_values({"slowest": "seconds", "suspicious": "suspicion"}[sort], ascending=False, kind="stable")


def found(frame: pd.DataFrame, items: Any, words: str) -> pd.DataFrame:
    """Search answers for words in samples, as `says` does, and in notes, ignoring case."""
    needle = words.strip().casefold()
    if not needle:
        return frame
    noted = np.array(
        [needle in f"{note}\n{flag}".casefold() for note, flag in zip(frame["note"], frame["flag"], strict=True)], bool
    )
    return frame[noted | says(items, frame["item"].to_numpy(), words)]
