"""Input of one fit and its measurement: the rows that train, those that measure, and nothing else of the pool."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from alwidgets.data.labels import LabelEncoding
from alwidgets.data.pool import take
from alwidgets.journal.parts import PoolPart
from alwidgets.loop.job import Audit, Draws, Job, no_rows
from alwidgets.models.spec import ModelSpec
from alwidgets.scoring.scores import Metric
from alwidgets.types import IntArray


@dataclass(frozen=True, eq=False)
class Measures:
    """Samples that a new model is measured on.

    Parameters
    ----------
    targets : LabelEncoding
        The declared classes, and what codes stand for.
    rows : ndarray of shape (n_learned,)
        Row numbers of the training set.
    audit : Audit
        The samples that were drawn to measure.
    X_audit : array-like of shape (n_audit, ...) or None
        These samples, where the new model predicts them; they are held back then.
    predicted : array-like of shape (n_asked,) or None
        In test then train, what the model before predicts for those of which nothing was predicted yet.
    test : tuple of (X, y) or None
        The held-out set.
    metrics : tuple of Metric
        What to measure.
    draws : Draws
        Rows of the training set that were drawn with known probabilities.
    parts : tuple of PoolPart
        Of the pool: each counts in a score of the audit as much as it has rows.
    arrived : ndarray of shape (n_arrived,)
        Rows that a rule asked as they came, ascending: of each part they count by themselves.
    """

    targets: LabelEncoding
    rows: IntArray
    audit: Audit
    X_audit: Any
    predicted: Any
    test: tuple[Any, Any] | None
    metrics: tuple[Metric, ...]
    draws: Draws
    parts: tuple[PoolPart, ...] = ()
    arrived: IntArray = field(default_factory=no_rows)


@dataclass(frozen=True, eq=False)
class FitTask:
    """One fit, and what to measure it on.

    Parameters
    ----------
    model_spec : ModelSpec
        The learner.
    X : array-like of shape (n_learned, ...)
        The samples that train.
    y : array-like of shape (n_learned,) or (n_learned, n_classes)
        Their labels.
    seed : int
        Where the fit's randomness starts.
    measures : Measures or None
        None where nothing is measured: a model that is brought back.
    upto : int
        Events of the session that it knows.
    """

    model_spec: ModelSpec
    X: Any
    y: Any
    seed: int
    measures: Measures | None = None
    upto: int = 0


def fit_task(job: Job) -> FitTask:
    """Return the fit of a cycle with its samples."""
    audit = job.audit
    measures = Measures(
        targets=job.targets,
        rows=job.rows,
        audit=audit,
        X_audit=take(job.X, audit.rows) if audit.mode == "hold_back" else None,
        predicted=_predicted_before(job) if audit.mode == "test_then_train" else None,
        test=job.test,
        metrics=job.metrics,
        draws=job.draws,
        parts=job.parts,
        arrived=job.arrived,
    )
    return FitTask(job.model_spec, take(job.X, job.rows), job.labels, job.seed, measures, job.upto)


def _predicted_before(job: Job) -> Any:
    """Return the present model's predictions for audit samples it was not trained on; None where there are none."""
    asked = np.flatnonzero(job.audit.predicted < 0)
    return job.learner.predict(take(job.X, job.audit.rows[asked])) if len(asked) and job.learner is not None else None
