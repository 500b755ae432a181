"""Successive models compared on the stop set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from alwidgets.data.label_kinds import MULTILABEL
from alwidgets.data.labels import LabelEncoding
from alwidgets.loop.job import Job
from alwidgets.models.introspection import classes_of, estimator_of
from alwidgets.models.modal import Committee
from alwidgets.scoring.by_part import by_part
from alwidgets.stopping import ModelOutputs, Signals
from alwidgets.stopping.signals import signals
from alwidgets.strategies import PoolView
from alwidgets.types import IntArray

# They predict the second of two classes from a decision value of 0 on, the linear ones of `sklearn.svm` above it.
_KERNEL_MACHINES = ("sklearn.svm._classes.SVC", "sklearn.svm._classes.NuSVC")


@dataclass(frozen=True, eq=False)
class StopSetComparison:
    """Predictions of a new model for the stop set, and the signals computed from them.

    Parameters
    ----------
    signals : Signals
        For the criteria.
    codes : ndarray of shape (n_watched,) or None
        What it predicts for the stop set, as numbers to compare; see `LabelEncoding.keys`. None when it cannot predict.
    """

    signals: Signals
    codes: IntArray | None


def compare_on_stop_set(job: Job, view: PoolView, asked: IntArray) -> StopSetComparison:
    """Compare the new model, the view's learner, with the one before, on the stop set and the questions it asks first.

    A model is asked once for the stop set and the questions together: with a forest each call has its price.
    """
    both = predict_stop_set(view, np.concatenate([job.stop_set, asked]), job.targets)
    if both is None:
        return StopSetComparison(Signals(), None)
    job, n = _with_what_came(job, view), len(job.stop_set)
    known = np.union1d(job.rows, job.audit.rows)
    answered = _answered(job, view) if len(job.answered) else None
    found = signals(
        stop_set=_part(both, slice(None, n)),
        unlabeled=~np.isin(job.stop_set, known),
        before=job.before,
        batch=_part(both, slice(n, None)) if len(asked) else None,
        answered=answered,
        answered_codes=None if answered is None else _answers(job),
        n_classes=len(job.classes),
        n_support=_n_support(view.learner),
        kind=job.targets.kind,
    )
    strata = by_part(known, job.parts)
    found = replace(found, unasked=None if strata is None else strata.lacking_of("questions") or None)
    return StopSetComparison(found, both.codes[:n])


def _with_what_came(job: Job, view: PoolView) -> Job:
    """Return the job with what the previous model predicts for the rows, too, that came to the stop set since."""
    if job.before is None or len(job.before) == len(job.stop_set):
        return job
    seen = predict_stop_set(replace(view, learner=job.learner), job.stop_set[len(job.before) :], job.targets)
    return replace(job, before=None if seen is None else np.concatenate([job.before, seen.codes]))


def _answered(job: Job, view: PoolView) -> ModelOutputs | None:
    """Return the outputs of the previous model, not trained on them, for the rows answered since."""
    if job.before is not None and not hasattr(job.learner, "predict_proba"):
        places = np.searchsorted(job.stop_set, job.answered)
        if places[-1] < len(job.stop_set) and np.array_equal(job.stop_set[places], job.answered):
            # It was asked when it was new, and has nothing else to say.
            return ModelOutputs(job.before[places])
    return predict_stop_set(replace(view, learner=job.learner), job.answered, job.targets)


def _answers(job: Job) -> IntArray:
    """Return the labels of the rows that the present model has not seen, as numbers to compare."""
    codes = job.codes[np.searchsorted(job.rows, job.answered)]
    return job.targets.keys(job.targets.y(codes))


def predict_stop_set(view: PoolView, rows: IntArray, targets: LabelEncoding) -> ModelOutputs | None:
    """Return the learner's outputs for some rows; None if there is no model or prediction fails.

    Its prediction is the most probable class where it gives probabilities; if multilabel, all of at least one half.
    """
    learner, view = view.learner, view.with_candidates(rows)
    try:
        proba = view.proba if hasattr(learner, "predict_proba") else None
        if targets.kind is MULTILABEL:
            return ModelOutputs(targets.keys(predicted_sets(view, targets)), proba)
        decision = view.decision if _has_margin(learner) else None
        if proba is not None:
            codes = proba.argmax(axis=1)
        elif decision is not None and _predicts_by_sign(learner):
            # To ask it again takes as long as many a fit.
            codes = targets.keys(np.asarray(classes_of(learner))[(decision >= 0).astype(np.intp)])
        else:
            codes = targets.keys(learner.predict(view.take(rows)))
        return ModelOutputs(
            codes=codes,
            proba=proba,
            decision=decision,
            votes=view.votes if isinstance(learner, Committee) else None,
        )
    except Exception:  # noqa: BLE001 - whatever a user's estimator raises; the criteria then say that they cannot tell
        return None


def predicted_sets(view: PoolView, targets: LabelEncoding) -> IntArray:
    """Return the classes that the view's learner gives each candidate, in a multilabel task: an indicator matrix."""
    if hasattr(view.learner, "predict_proba"):
        return targets.to_y(view.proba >= 0.5)  # type: ignore[no-any-return]  # noqa: PLR2004
    return targets.to_y(view.learner.predict(view.take(view.candidates)))  # type: ignore[no-any-return]


def _part(whole: ModelOutputs, rows: slice) -> ModelOutputs:
    return ModelOutputs(
        whole.codes[rows],
        None if whole.proba is None else whole.proba[rows],
        None if whole.decision is None else whole.decision[rows],
        None if whole.votes is None else whole.votes[rows],
    )


def _has_margin(learner: Any) -> bool:
    """Return whether a decision value of 1 is the edge of a support vector machine's margin."""
    estimator = _last_step(learner)
    if not hasattr(estimator, "decision_function"):
        return False
    # Of more classes an SVC's values are votes, unless it is told to give each pair's own.
    votes = len(classes_of(learner)) > 2 and getattr(estimator, "decision_function_shape", "") == "ovr"  # noqa: PLR2004
    machine = type(estimator).__module__.startswith("sklearn.svm") or getattr(estimator, "loss", "") == "hinge"
    return machine and not votes


def _predicts_by_sign(learner: Any) -> bool:
    """Return whether a model is one of scikit-learn's kernel machines for two classes, at the end of a Pipeline or not.

    Those that somebody made of them may predict otherwise.
    """
    estimator = estimator_of(learner)
    if _full_name(estimator) == "sklearn.pipeline.Pipeline":
        estimator = estimator.steps[-1][1]
    return _full_name(estimator) in _KERNEL_MACHINES and len(estimator.classes_) == 2  # noqa: PLR2004


def _full_name(estimator: Any) -> str:
    kind = type(estimator)
    return f"{kind.__module__}.{kind.__qualname__}"


def _n_support(learner: Any) -> int | None:
    counts = getattr(_last_step(learner), "n_support_", None)
    return None if counts is None else int(np.sum(counts))


def _last_step(learner: Any) -> Any:
    estimator = estimator_of(learner)
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
