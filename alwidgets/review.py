"""Looking over one's answers: which of them a model doubts, which took long, which were marked, what they say.

A model agrees with what it learnt. So each label is held against a model that was fitted without it: the labels that
train are dealt into folds, and each fold is predicted by a model of the others.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from alwidgets.evaluation import predicted_sets, sight
from alwidgets.events import LABELLED, SKIPPED, Answer, Labelled, LookedAgain, Skipped, State
from alwidgets.recipes import Recipe
from alwidgets.redaction import brief, presentable
from alwidgets.strategies import PoolView
from alwidgets.targets import Targets, indicator, teaches, widened
from alwidgets.types import BoolArray, Class, FloatArray, IntArray, Label

if TYPE_CHECKING:
    import pandas as pd

#: An answer is slow when it took so many times the median.
SLOW = 3.0
#: What `sort` can be.
SORTS = ("newest", "oldest", "slowest", "suspicious")
#: What `answers_frame` has.
COLUMNS = (
    "item", "label", "predicted", "confidence", "disagrees", "suspicion", "seconds", "slow", "flagged", "flag", "note",
    "skipped", "unsure", "second", "changed", "round", "annotator", "via", "duplicate_of", "at",
)  # fmt: skip
_N_FOLDS = 5
# Five fits of a model that takes longer than this would keep the machine from the annotator.
_SLOW_FIT = 10.0
# A median of fewer says little.
_FEWEST_TIMED = 5


@dataclass(frozen=True, eq=False)
class Checked:
    """What models make of the answered samples.

    Parameters
    ----------
    round : int
        The newest model.
    rows : ndarray of shape (n,)
        Answered samples that were predicted, ascending.
    codes : ndarray of shape (n,) or (n, n_classes)
        Positions in the classes that are predicted; in a task of many labels an indicator matrix of them.
    proba : ndarray of shape (n, n_classes) or None
        Class probabilities; None of a model that gives none.
    how : str
        Which models, in words.
    problem : str
        Which labels could not be predicted, and why; empty when all could.
    """

    round: int
    rows: IntArray
    codes: IntArray
    proba: FloatArray | None
    how: str
    problem: str = ""


def check(
    view: PoolView,
    recipe: Recipe,
    targets: Targets,
    others: IntArray,
    *,
    round: int,  # noqa: A002 - the glossary's word
    seed: int,
    fit_seconds: float,
) -> Checked:
    """Return what models make of the labelled rows of a view, and of other rows that the view's learner never learnt.

    Parameters
    ----------
    view : PoolView
        The newest learner, and what it learnt or is to learn.
    recipe : Recipe
        Fits the models of the folds.
    targets : Targets
        What the codes of labels stand for.
    others : ndarray of int
        Answered rows that do not train: audit samples and skipped ones.
    round : int
        The learner's.
    seed : int
        Deals the folds.
    fit_seconds : float
        What a fit takes: above 10 s the newest learner speaks of what it learnt itself.

    Returns
    -------
    checked : Checked
        Costs up to five fits. The only label of a class is in no fold, since no model without it knows the class; nor
        is a label of many classes that alone has one, or alone has it not.

    A fold whose model cannot be fitted, or cannot predict, is not judged, and `problem` says so.

    Raises
    ------
    Exception
        Whatever the newest learner raises.
    """
    if fit_seconds > _SLOW_FIT:
        rows = np.union1d(view.labelled, others)
        codes, proba = _seen(view, rows, targets)
        return Checked(
            round, rows, codes, proba, "the newest model, which learnt most of these labels and agrees easily"
        )
    parts = [(others, *_seen(view, others, targets))] if len(others) else []
    folds = list(_folds_of_sets(view.labels, seed) if targets.many else _folds(view.labels, seed))
    problem, n_lost = "", 0
    for judged, rest in folds:
        rows = view.labelled[judged]
        try:
            learner = recipe.fit(view.take(view.labelled[rest]), view.labels[rest], seed)
            parts.append((rows, *_seen(replace(view, learner=learner), rows, targets)))
        except Exception as error:  # noqa: BLE001 - a model of all labels may fail on fewer
            n_lost += len(rows)
            problem = f"{n_lost} labels are not judged, since a model of the others failed: {presentable(str(error))}"
    nothing = "no model" if problem else "nothing: no class has two labels"
    how = "models that had not learnt the label they judge" if parts else nothing
    return replace(_joined(round, parts, how), problem=problem)


def _folds(labels: Any, seed: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the places of the labels in each fold, and those of all others."""
    from sklearn.model_selection import StratifiedKFold

    _, place, counts = np.unique(labels, return_inverse=True, return_counts=True)
    several = np.flatnonzero(counts[place] > 1)
    if not len(several) or len(counts) < 2:  # noqa: PLR2004 - there is nothing to tell apart
        return
    folds = StratifiedKFold(int(min(_N_FOLDS, counts.max())), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A rare class is not in every fold.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        dealt = [several[fold] for _, fold in folds.split(several, place[several])]
    for fold in dealt:
        yield fold, np.setdiff1d(np.arange(len(labels)), fold)


def _folds_of_sets(labels: Any, seed: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the places of the sets of classes in each fold, which are too many for equal shares, and all others."""
    from sklearn.model_selection import KFold

    if len(labels) < 2 or not teaches(labels):  # noqa: PLR2004 - there is nothing to leave out
        return
    for rest, fold in KFold(min(_N_FOLDS, len(labels)), shuffle=True, random_state=seed).split(labels):
        # Where all others say the same of a class, a label that does not is learnt and not judged.
        alike = np.ptp(labels[rest], axis=0) == 0
        judged = fold[(labels[fold][:, alike] == labels[rest[0], alike]).all(axis=1)]
        if len(judged):
            yield judged, np.setdiff1d(np.arange(len(labels)), judged)


def _seen(view: PoolView, rows: IntArray, targets: Targets) -> tuple[IntArray, FloatArray | None]:
    if targets.many:
        asked = replace(view, candidates=rows)
        return predicted_sets(asked, targets), asked.proba if hasattr(view.learner, "predict_proba") else None
    seen = sight(view, rows, targets)
    if seen is None:
        raise ValueError(f"the model cannot predict {len(rows)} answered samples; expected one that can.")
    return seen.codes, seen.proba


def _joined(round: int, parts: list[Any], how: str) -> Checked:  # noqa: A002 - the glossary's word
    if not parts:
        return Checked(round, np.empty(0, np.intp), np.empty(0, np.intp), None, how)
    rows, codes, probas = zip(*parts, strict=True)
    order = np.argsort(np.concatenate(rows), kind="stable")
    proba = None if any(part is None for part in probas) else np.concatenate(probas)[order]
    return Checked(round, np.concatenate(rows)[order], np.concatenate(codes)[order], proba, how)


@dataclass(frozen=True, eq=False)
class Answers:
    """What is known of the answers at a moment, to be looked at without the session's lock.

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
    label_sets : tuple of tuple of int, or None
        In a task of many labels, the positions of the classes in each distinct label.
    """

    standing: Mapping[int, Answer]
    second: Mapping[int, LookedAgain]
    originals: Mapping[int, int]
    decided: AbstractSet[int]
    flags: Mapping[int, str]
    notes: Mapping[int, str]
    codes: IntArray
    classes: tuple[Class, ...]
    label_sets: tuple[tuple[int, ...], ...] | None = None


def answers_of(state: State) -> Answers:
    """Return the answers that stand. Under the lock."""
    standing = state.standing()
    originals = {row: state.answers[standing[row].id].item for row in np.flatnonzero(state.copied).tolist()}
    second = {second.item: second for second in state.second_answers.values()}
    return Answers(
        standing,
        second,
        originals,
        _decided(state, standing, second),
        dict(state.flags),
        dict(state.notes),
        state.codes.copy(),
        state.classes,
        state.targets.label_sets,
    )


def _decided(state: State, standing: Mapping[int, Answer], second: Mapping[int, LookedAgain]) -> AbstractSet[int]:
    """Return the samples whose answer is later in the journal than their second one, whatever the clock said."""
    both = {item: (standing[item].id, again.id) for item, again in second.items() if item in standing}
    ids = {name for pair in both.values() for name in pair}
    place = {event.id: number for number, event in enumerate(state.past) if event.id in ids} if ids else {}
    return {item for item, (first, again) in both.items() if place[first] > place[again]}


def answers_frame(known: Answers, checked: Checked | None, items: list[int] | None = None) -> pd.DataFrame:
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
        "label": _column([answer.label if isinstance(answer, Labelled) else None for answer in answers]),
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


def _changed(answer: Answer, known: Answers) -> bool:
    """Return whether the second answer is another one, and nothing was decided since."""
    second = known.second.get(answer.item)
    if second is None or answer.item in known.decided or second.label is None or not isinstance(answer, Labelled):
        return False
    return answer.label != second.label


def _judged(answers: Answers, checked: Checked | None, rows: IntArray) -> dict[str, Any]:
    """Return what was predicted of the rows, and how much speaks for another class than that of the label."""
    n = len(rows)
    empty = {
        "predicted": _column([None] * n), "confidence": np.full(n, np.nan), "disagrees": np.zeros(n, bool),
        "suspicion": np.full(n, np.nan),
    }  # fmt: skip
    if checked is None or not len(checked.rows) or not n:
        return empty
    place = np.minimum(np.searchsorted(checked.rows, rows), len(checked.rows) - 1)
    known = checked.rows[place] == rows
    labelled = known & (answers.codes[rows] >= 0)
    proba = None if checked.proba is None else checked.proba[place].astype(np.float64)
    compare = _compared if answers.label_sets is None else _compared_sets
    verdict = compare(answers, answers.codes[rows], checked.codes[place], proba)
    predicted = [label if there else None for label, there in zip(verdict.labels, known.tolist(), strict=True)]
    return {
        "predicted": _column(predicted), "confidence": np.where(known, verdict.confidence, np.nan),
        "disagrees": labelled & verdict.differs, "suspicion": np.where(labelled, verdict.suspicion, np.nan),
    }  # fmt: skip


class _Verdict(NamedTuple):
    """What predictions say of labels, one of each for each label."""

    labels: list[Label]
    differs: BoolArray
    confidence: FloatArray
    suspicion: FloatArray


def _compared(answers: Answers, given: IntArray, codes: IntArray, proba: FloatArray | None) -> _Verdict:
    """Hold labels of one class against predictions; what is said of a missing label means nothing."""
    labels: list[Label] = [answers.classes[code] for code in codes.tolist()]
    differs = codes != given
    if proba is None:
        return _Verdict(labels, differs, np.full(len(codes), np.nan), differs.astype(np.float64))
    confidence = proba[np.arange(len(codes)), codes]
    # A class that was added since has no column.
    columns = np.flatnonzero((given >= 0) & (given < proba.shape[1]))
    proba[columns, given[columns]] = 0
    return _Verdict(labels, differs, confidence, proba.max(axis=1))


def _compared_sets(answers: Answers, given: IntArray, said: IntArray, proba: FloatArray | None) -> _Verdict:
    """Hold labels of many classes against predictions: the strongest single contradiction is the suspicion."""
    labels: list[Label] = [tuple(answers.classes[place] for place in np.flatnonzero(row).tolist()) for row in said]
    # The last for those without a label, whose code is -1.
    label = indicator([*(answers.label_sets or ()), ()], len(answers.classes))[given]
    differs = (label != widened(said, len(answers.classes))).any(axis=1)
    if proba is None:
        return _Verdict(labels, differs, np.full(len(said), np.nan), differs.astype(np.float64))
    # A class that was added since has no column.
    contradiction = np.abs(label[:, : proba.shape[1]] - proba).max(axis=1)
    return _Verdict(labels, differs, np.maximum(proba, 1 - proba).prod(axis=1), contradiction)


def _column(values: list[Any]) -> pd.Series[Any]:
    """Return values as they are: pandas would take labels for numbers, and None for NaN."""
    import pandas as pd

    return pd.Series(values, dtype=object)


def picked(frame: pd.DataFrame, label: Class | None, wanted: Mapping[str, bool | None]) -> pd.DataFrame:
    """Return the answers with a class, alone or among others, and with these marks; None asks for nothing.

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
            raise TypeError(f"{name} is {brief(value)}; expected True, False or None.")
        keep &= marks(frame, name) == value
    return frame[keep]


def _has(given: Label | None, label: Class) -> bool:
    names = given if isinstance(given, tuple) else (given,)
    return any(type(name) is type(label) and name == label for name in names)


def marks(frame: pd.DataFrame, name: str) -> Any:
    """Return which answers are marked so: a column of truths, or "noted" for those with a note."""
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
        or, of many classes, that one of them is missing or too many.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if sort not in SORTS:
        raise ValueError(f"sort is {brief(sort)}; expected one of {list(SORTS)}.")
    if sort == "oldest":
        return frame
    newest = frame.iloc[::-1]
    if sort == "newest":
        return newest
    return newest.sort_values({"slowest": "seconds", "suspicious": "suspicion"}[sort], ascending=False, kind="stable")


def found(frame: pd.DataFrame, items: Any, words: str) -> pd.DataFrame:
    """Return the answers to samples that say some words, whatever their case, in their text, values or notes.

    Searched are texts, values of mappings and of rows of a DataFrame, and names of files; not numbers of an array.
    """
    needle = words.strip().casefold()
    if not needle:
        return frame
    rows = frame["item"].to_numpy()
    keep = np.array(
        [needle in f"{note}\n{flag}".casefold() for note, flag in zip(frame["note"], frame["flag"], strict=True)], bool
    )
    if hasattr(items, "iloc") and hasattr(items, "columns"):
        some = items.iloc[rows]
        for place in range(some.shape[1]):
            keep |= np.array([needle in str(value).casefold() for value in some.iloc[:, place].tolist()], bool)
        return frame[keep]
    at = items.iloc if hasattr(items, "iloc") else items
    keep |= np.array([needle in _words_of(at[row]).casefold() for row in rows.tolist()], bool)
    return frame[keep]


def _words_of(item: Any) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping):
        return "\n".join(map(str, item.values()))
    return str(item.name) if hasattr(item, "name") and hasattr(item, "suffix") else ""


def answered_rows(state: State) -> IntArray:
    """Return the rows that have an answer of their own, ascending."""
    answered = (state.status == LABELLED) | (state.status == SKIPPED)
    return np.flatnonzero(answered & ~state.copied)
