"""Evaluation of a newly fitted model: its scores, and the signals for the stopping criteria."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.data.label_kinds import pad_columns
from alwidgets.data.labels import equal_labels
from alwidgets.data.pool import take
from alwidgets.loop.fit_task import FitTask, Measures
from alwidgets.loop.job import Draws
from alwidgets.models.modal import ActiveLearner, Committee
from alwidgets.scoring.by_part import ByPart, by_part
from alwidgets.scoring.lure import lure_weights
from alwidgets.scoring.outputs import KnownOutputs, Outputs
from alwidgets.scoring.scores import (
    ClassScore,
    Score,
    ScoreKind,
    cross_validated,
    measure,
    per_class,
    unmeasured,
)
from alwidgets.types import BoolArray, FloatArray, IntArray

# Fewer say too little to be worth their weights.
_FEWEST_DRAWN = 20
# Samples that are enough to see what a model predicts.
_FEW = 8
#: Of the answers that were tested before they trained, the last so many: the models before were worse.
WINDOW = 100


@dataclass(frozen=True, eq=False)
class Measurement:
    """Scores of a model.

    Parameters
    ----------
    scores : tuple of Score
        One a metric.
    per_class : tuple of ClassScore
        One a class; empty where there are no predictions of samples apart from the training set.
    tested : tuple of (int, int or tuple of int)
        Row and predicted class, or classes, of audit samples, where that is news.
    """

    scores: tuple[Score, ...]
    per_class: tuple[ClassScore, ...] = ()
    tested: tuple[tuple[int, int | tuple[int, ...]], ...] = ()


@dataclass(frozen=True, eq=False)
class _Tested:
    """Known predictions for the audit samples: a mask of known ones, and values as given by `LabelEncoding.y`."""

    known: BoolArray
    predicted: Any


def measurement(task: FitTask, measures: Measures, learner: Any) -> Measurement:
    """Measure a new model on the best there is: a test set, an audit, or else the labeled set itself."""
    audit, targets = measures.audit, measures.targets
    tested: _Tested | None
    if measures.test is not None:
        X, y = measures.test
        tested = _tested(measures, learner) if len(audit.rows) else None
        # A class that was added since is in none of its labels.
        y = pad_columns(y, len(targets.classes))
        return _measured(task.seed, measures, Outputs(learner, X), y, "held out", tested, None)
    if audit.mode == "hold_back":
        outputs = Outputs(learner, measures.X_audit)
        everything = np.ones(len(audit.rows), bool)
        tested = _Tested(everything, targets.to_y(outputs.get("predict"))) if len(audit.rows) else None
        parts = by_part(audit.rows, measures.parts, measures.arrived)
        return _measured(task.seed, measures, outputs, targets.y(audit.codes), "audit", tested, parts)
    if audit.mode == "test_then_train":
        tested = _tested(measures, learner)
        rows = window(tested.known, audit.order)
        known = KnownOutputs(tested.predicted[rows])
        parts = by_part(audit.rows[rows], measures.parts, measures.arrived)
        return _measured(task.seed, measures, known, targets.y(audit.codes[rows]), "test then train", tested, parts)
    return Measurement(_on_the_labeled(task, measures, learner))


def window(known: BoolArray, order: IntArray) -> IntArray:
    """Return the audit samples that a "test then train" score is based on: the last ones predicted."""
    rows = np.argsort(order, kind="stable")
    return rows[known[rows]][-WINDOW:]


def _measured(
    seed: int, measures: Measures, outputs: Any, y: Any, kind: ScoreKind, tested: _Tested | None, parts: ByPart | None
) -> Measurement:
    if len(y):
        # What is not a prediction would count as a wrong one.
        measures.targets.to_y(outputs.get("predict"))
    names = measures.targets.classes.tolist()
    scores = measure(outputs, y, kind, metrics=measures.metrics, seed=seed, classes=names, parts=parts)
    classes = per_class(y, outputs.get("predict"), names) if len(y) else ()
    return Measurement(scores, classes, () if tested is None else _news(measures, tested))


def _known(measures: Measures) -> _Tested:
    """Return the predictions for the audit samples from previous rounds."""
    predicted = measures.audit.predicted
    known = predicted >= 0
    # Where nothing is predicted any label does.
    return _Tested(known, measures.targets.y(np.where(known, predicted, measures.audit.codes)))


def _tested(measures: Measures, learner: Any) -> _Tested:
    """Return the predictions for the audit samples, including those of this round."""
    tested = _known(measures)
    # In test then train a sample is predicted once: by the last model that was not trained on it.
    held_back = measures.audit.mode == "hold_back"
    asked = np.arange(len(measures.audit.rows)) if held_back else np.flatnonzero(~tested.known)
    said = learner.predict(measures.X_audit) if held_back else measures.predicted
    if said is not None:
        tested.predicted[asked] = measures.targets.to_y(said)
        tested.known[asked] = True
    return tested


def _news(measures: Measures, tested: _Tested) -> tuple[tuple[int, int | tuple[int, ...]], ...]:
    before = _known(measures)
    news = tested.known & ~(before.known & equal_labels(tested.predicted, before.predicted))
    said = measures.targets.to_json(tested.predicted[news])
    return tuple(zip(measures.audit.rows[news].tolist(), said, strict=True))


def _on_the_labeled(task: FitTask, measures: Measures, learner: Any) -> tuple[Score, ...]:
    draws, rows, weights = measures.draws, measures.rows, None
    if len(draws.rows) >= _FEWEST_DRAWN:
        weights = labeled_weights(rows, draws)
    kind: ScoreKind = "cross-validated" if weights is None else "weighted"
    # Whatever the folds raise is ignored; what is not a prediction has to be told.
    measures.targets.to_y(learner.predict(take(task.X, np.arange(min(_FEW, len(rows))))))
    if isinstance(task.model_spec.template, Committee):
        return unmeasured(kind, measures.metrics)
    try:
        # The fitted estimator's parameters: they hold the seeds that make its folds repeatable.
        X, y = task.model_spec.training_set(task.X, task.y)
        if weights is not None and len(y) > len(weights):
            # What came with a modAL learner trains only.
            weights = np.concatenate([np.zeros(len(y) - len(weights)), weights * len(y) / len(weights)])
        return cross_validated(_lent_folds(learner), X, y, seed=task.seed, metrics=measures.metrics, weights=weights)
    except Exception:  # noqa: BLE001 - a model that was fitted may still fail on folds, which are smaller
        return unmeasured(kind, measures.metrics)


def labeled_weights(rows: IntArray, draws: Draws) -> FloatArray:
    """Return a weight for each labeled sample, so that the mean over them is that of the pool; 0 if not drawn.

    Parameters
    ----------
    rows : ndarray of shape (n_labeled,)
        Row numbers, ascending.
    draws : Draws
        Those of them that were drawn; at least one since the pool grew.
    """
    weights, n_since = np.zeros(len(rows)), len(draws.rows) + draws.n_left
    drawn = lure_weights(draws.probability, n_since)
    # What was drawn before the pool grew is known, and stands for itself; what is left, and what came, is estimated.
    n_each = len(rows) / (n_since + len(draws.before))
    weights[np.searchsorted(rows, draws.rows)] = drawn * n_each * n_since / len(drawn)
    weights[np.searchsorted(rows, draws.before)] = n_each
    return weights


def _lent_folds(learner: Any) -> ActiveLearner:
    """Return an unfitted learner like another, whose parts cannot write into what all of them are given."""
    made = ActiveLearner(learner.estimator, force_all_finite=learner.force_all_finite)
    made.kept = learner.kept
    return made


def codes_hash(codes: IntArray | None) -> str:
    """Return a hash of predictions; empty if there are no predictions."""
    return "" if codes is None else hashlib.sha256(codes.astype("<i4").tobytes()).hexdigest()[:32]
