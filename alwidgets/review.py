"""Looking over one's answers: which of them a model doubts, which took long, which were marked, what they say.

A model agrees with what it learnt. So each label is held against a model that was fitted without it: the labels that
train are dealt into folds, and each fold is predicted by a model of the others.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.evaluation import sight
from alwidgets.events import LABELLED, SKIPPED, Answer, Labelled, LookedAgain, Skipped, State
from alwidgets.recipes import Recipe
from alwidgets.redaction import brief
from alwidgets.strategies import PoolView
from alwidgets.targets import Targets
from alwidgets.types import FloatArray, IntArray, Label

if TYPE_CHECKING:
    import pandas as pd

#: An answer is slow when it took so many times the median.
SLOW = 3.0
#: What `sort` can be.
SORTS = ("newest", "oldest", "slowest", "suspicious")
#: What `answers_frame` has.
COLUMNS = (
    "item", "label", "predicted", "confidence", "disagrees", "suspicion", "seconds", "slow", "flagged", "flag", "note",
    "skipped", "unsure", "second", "changed", "round", "annotator", "via", "at",
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
    codes : ndarray of shape (n,)
        Positions in the classes that are predicted.
    proba : ndarray of shape (n, n_classes) or None
        Class probabilities; None of a model that gives none.
    how : str
        Which models, in words.
    """

    round: int
    rows: IntArray
    codes: IntArray
    proba: FloatArray | None
    how: str


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
        Costs up to five fits. The only label of a class is in no fold, since no model without it knows the class.

    Raises
    ------
    Exception
        Whatever the estimator raises.
    """
    if fit_seconds > _SLOW_FIT:
        rows = np.union1d(view.labelled, others)
        codes, proba = _seen(view, rows, targets)
        return Checked(
            round, rows, codes, proba, "the newest model, which learnt most of these labels and agrees easily"
        )
    parts = [(others, *_seen(view, others, targets))] if len(others) else []
    for rows, learner in _folds(view, recipe, seed):
        parts.append((rows, *_seen(replace(view, learner=learner), rows, targets)))
    how = "models that had not learnt the label they judge" if parts else "nothing: no class has two labels"
    return _joined(round, parts, how)


def _folds(view: PoolView, recipe: Recipe, seed: int) -> Any:
    """Yield the rows of each fold, and a learner of all other labelled rows."""
    from sklearn.model_selection import StratifiedKFold

    _, place, counts = np.unique(view.labels, return_inverse=True, return_counts=True)
    several = np.flatnonzero(counts[place] > 1)
    if not len(several) or len(counts) < 2:  # noqa: PLR2004 - there is nothing to tell apart
        return
    folds = StratifiedKFold(int(min(_N_FOLDS, counts.max())), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A rare class is not in every fold.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        dealt = [several[fold] for _, fold in folds.split(several, place[several])]
    for fold in dealt:
        rest = np.setdiff1d(np.arange(len(view.labelled)), fold)
        yield view.labelled[fold], recipe.fit(view.take(view.labelled[rest]), view.labels[rest], seed)


def _seen(view: PoolView, rows: IntArray, targets: Targets) -> tuple[IntArray, FloatArray | None]:
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
    flags, notes : dict of int to str
        Of samples.
    codes : ndarray of shape (n_samples,)
        Positions of the labels in the classes, -1 where there is none.
    classes : tuple
        The classes.
    """

    standing: Mapping[int, Answer]
    second: Mapping[int, LookedAgain]
    flags: Mapping[int, str]
    notes: Mapping[int, str]
    codes: IntArray
    classes: tuple[Label, ...]


def answers_of(state: State) -> Answers:
    """Return the answers that stand. Under the lock."""
    return Answers(
        {answer.item: answer for answer in state.answers.values()},
        {second.item: second for second in state.second_answers.values()},
        dict(state.flags),
        dict(state.notes),
        state.codes.copy(),
        state.classes,
    )


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
        "changed": np.array([_changed(answer, known.second.get(answer.item)) for answer in answers], bool),
        "round": np.array([answer.round for answer in answers], np.intp),
        "annotator": _column([answer.annotator for answer in answers]),
        "via": _column([answer.via for answer in answers]),
        "at": pd.to_datetime(np.array([answer.at for answer in answers], np.float64), unit="s", utc=True),
    }
    return pd.DataFrame({name: values[name] for name in COLUMNS})


def typical_seconds(answers: Any) -> float:
    """Return the median time of answers; infinity while fewer than five were timed, so that none is slow."""
    known = [answer.seconds for answer in answers if answer.seconds is not None]
    return float(np.median(known)) if len(known) >= _FEWEST_TIMED else np.inf


def _changed(answer: Answer, second: LookedAgain | None) -> bool:
    """Return whether the second answer is another one, and nothing was decided since."""
    if second is None or second.label is None or not isinstance(answer, Labelled):
        return False
    return answer.at <= second.at and answer.label != second.label


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
    codes, given = checked.codes[place], answers.codes[rows]
    labels = [
        answers.classes[code] if there else None for code, there in zip(codes.tolist(), known.tolist(), strict=True)
    ]
    labelled = known & (given >= 0)
    disagrees = labelled & (codes != given)
    confidence, suspicion = np.full(n, np.nan), np.where(labelled, disagrees.astype(float), np.nan)
    if checked.proba is not None:
        proba = checked.proba[place].astype(np.float64)
        confidence = np.where(known, proba[np.arange(n), codes], np.nan)
        # A class that was added since has no column.
        columns = np.flatnonzero(labelled & (given < proba.shape[1]))
        proba[columns, given[columns]] = 0
        suspicion = np.where(labelled, proba.max(axis=1), np.nan)
    return {
        "predicted": _column(labels), "confidence": confidence, "disagrees": disagrees, "suspicion": suspicion,
    }  # fmt: skip


def _column(values: list[Any]) -> pd.Series[Any]:
    """Return values as they are: pandas would take labels for numbers, and None for NaN."""
    import pandas as pd

    return pd.Series(values, dtype=object)


def picked(frame: pd.DataFrame, label: Label | None, wanted: Mapping[str, bool | None]) -> pd.DataFrame:
    """Return the answers with a label and with these marks; None asks for nothing.

    Raises
    ------
    TypeError
        If a mark is wanted otherwise than with True, False or None.
    """
    keep = np.ones(len(frame), bool)
    if label is not None:
        keep &= np.array([type(given) is type(label) and given == label for given in frame["label"]], bool)
    for name, value in wanted.items():
        if value is None:
            continue
        if not isinstance(value, bool | np.bool_):
            raise TypeError(f"{name} is {brief(value)}; expected True, False or None.")
        keep &= marks(frame, name) == value
    return frame[keep]


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
        By time of the answer; by how long it took; by how probable a model finds another class than that of the label.

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
    """Return the rows that have an answer, ascending."""
    return np.flatnonzero((state.status == LABELLED) | (state.status == SKIPPED))
