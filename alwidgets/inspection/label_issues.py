"""Label issues: answers that a model doubts, that took long, or that were marked.

A model agrees with what it learned. So each label is held against a model that was fitted without it: the labels that
train are dealt into folds, and each fold is predicted by a model of the others.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL
from alwidgets.data.labels import LabelEncoding, teaches
from alwidgets.journal.events import (
    Answer,
    Repeated,
)
from alwidgets.journal.state import LABELED, SKIPPED, State
from alwidgets.loop.stop_set import predict_stop_set, predicted_sets
from alwidgets.models.spec import ModelSpec
from alwidgets.strategies import PoolView
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.text import sanitize

_N_FOLDS = 5
# Five fits of a model that takes longer than this would keep the machine from the annotator.
_SLOW_FIT = 10.0


@dataclass(frozen=True, eq=False)
class LabelIssues:
    """Predictions for the answered samples, made by models that were not trained on them.

    Parameters
    ----------
    round : int
        The newest model.
    rows : ndarray of shape (n,)
        Answered samples that were predicted, ascending.
    codes : ndarray of shape (n,) or (n, n_classes)
        Positions in the classes that are predicted; in a multilabel task an indicator matrix of them.
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


def label_issues(
    view: PoolView,
    model_spec: ModelSpec,
    targets: LabelEncoding,
    others: IntArray,
    *,
    round: int,  # noqa: A002 - the glossary's word
    seed: int,
    fit_seconds: float,
) -> LabelIssues:
    """Predict the labeled rows of a view by cross-validation, and other rows by the view's learner.

    Parameters
    ----------
    view : PoolView
        The newest learner, and what it learned or is to learn.
    model_spec : ModelSpec
        Fits the models of the folds.
    targets : LabelEncoding
        What the codes of labels stand for.
    others : ndarray of int
        Answered rows that do not train: audit samples and skipped ones.
    round : int
        The learner's.
    seed : int
        Deals the folds.
    fit_seconds : float
        What a fit takes: above 10 s the newest learner speaks of what it learned itself.

    Returns
    -------
    checked : LabelIssues
        Costs up to five fits. The only label of a class is in no fold, since no model without it knows the class; nor
        is a multilabel label that alone has one, or alone has it not.

    A fold whose model cannot be fitted, or cannot predict, is not judged, and `problem` says so.

    Raises
    ------
    Exception
        Whatever the newest learner raises.
    """
    if fit_seconds > _SLOW_FIT:
        rows = np.union1d(view.labeled, others)
        codes, proba = _seen(view, rows, targets)
        return LabelIssues(
            round, rows, codes, proba, "the newest model, which learned most of these labels and agrees easily"
        )
    parts = [(others, *_seen(view, others, targets))] if len(others) else []
    folds = list(_FOLDS[targets.kind](view.labels, seed))
    problem, n_lost = "", 0
    for judged, rest in folds:
        rows = view.labeled[judged]
        try:
            learner = model_spec.fit(view.take(view.labeled[rest]), view.labels[rest], seed)
            parts.append((rows, *_seen(replace(view, learner=learner), rows, targets)))
        except Exception as error:  # noqa: BLE001 - a model of all labels may fail on fewer
            n_lost += len(rows)
            problem = f"{n_lost} labels are not judged, since a model of the others failed: {sanitize(str(error))}"
    nothing = "no model" if problem else "nothing: no class has two labels"
    how = "models that had not learned the label they judge" if parts else nothing
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
        # Where all others say the same of a class, a label that does not is learned and not judged.
        alike = np.ptp(labels[rest], axis=0) == 0
        judged = fold[(labels[fold][:, alike] == labels[rest[0], alike]).all(axis=1)]
        if len(judged):
            yield judged, np.setdiff1d(np.arange(len(labels)), judged)


_FOLDS = {MULTICLASS: _folds, MULTILABEL: _folds_of_sets}


def _seen(view: PoolView, rows: IntArray, targets: LabelEncoding) -> tuple[IntArray, FloatArray | None]:
    if targets.kind is MULTILABEL:
        asked = replace(view, candidates=rows)
        return predicted_sets(asked, targets), asked.proba if hasattr(view.learner, "predict_proba") else None
    seen = predict_stop_set(view, rows, targets)
    if seen is None:
        raise ValueError(f"the model cannot predict {len(rows)} answered samples; expected one that can.")
    return seen.codes, seen.proba


def _joined(round: int, parts: list[Any], how: str) -> LabelIssues:  # noqa: A002 - the glossary's word
    if not parts:
        return LabelIssues(round, np.empty(0, np.intp), np.empty(0, np.intp), None, how)
    rows, codes, probas = zip(*parts, strict=True)
    order = np.argsort(np.concatenate(rows), kind="stable")
    proba = None if any(part is None for part in probas) else np.concatenate(probas)[order]
    return LabelIssues(round, np.concatenate(rows)[order], np.concatenate(codes)[order], proba, how)


def decided_rows(state: State, standing: Mapping[int, Answer], second: Mapping[int, Repeated]) -> AbstractSet[int]:
    """Return the samples whose answer is later in the journal than their second one, whatever the clock said."""
    seen = state.seen
    return {item for item, again in second.items() if item in standing and seen[standing[item].id] > seen[again.id]}


def answered_rows(state: State) -> IntArray:
    """Return the rows that have an answer of their own, ascending."""
    answered = (state.status == LABELED) | (state.status == SKIPPED)
    return np.flatnonzero(answered & ~state.copied)
