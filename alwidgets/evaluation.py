"""What a newly fitted model is measured by: its scores, and the signals that stopping criteria read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from alwidgets.jobs import Job
from alwidgets.learners import ActiveLearner, Committee
from alwidgets.pool import take
from alwidgets.scores import (
    ClassScore,
    Outputs,
    Predictions,
    Score,
    ScoreKind,
    cross_validated,
    lure_weights,
    measure,
    per_class,
    unmeasured,
)
from alwidgets.stopping import Sight, Signals, signals
from alwidgets.strategies import PoolView
from alwidgets.strategies.features import classes_of, estimator_of
from alwidgets.targets import Targets, alike, widened
from alwidgets.types import BoolArray, IntArray

# Fewer say too little to be worth their weights.
_FEWEST_DRAWN = 20
# Samples that are enough to see what a model predicts.
_FEW = 8
#: Of the answers that were tested before they trained, the last so many: the models before were worse.
WINDOW = 100

# They predict the second of two classes from a decision value of 0 on, the linear ones of `sklearn.svm` above it.
_KERNEL_MACHINES = ("sklearn.svm._classes.SVC", "sklearn.svm._classes.NuSVC")


@dataclass(frozen=True, eq=False)
class Measurement:
    """How a model did.

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
    """What is known to be predicted of the audit samples: whether something is, and what, as `Targets.y` gives it."""

    known: BoolArray
    said: Any


def measurement(job: Job, learner: Any) -> Measurement:
    """Measure a new model on the best there is: a test set, an audit, or else the labelled set itself."""
    audit = job.audit
    tested: _Tested | None
    if job.test is not None:
        X, y = job.test
        tested = _tested(job, learner) if len(audit.rows) else None
        # A class that was added since is in none of its labels.
        return _measured(job, Outputs(learner, X), widened(y, len(job.classes)), "held out", tested)
    if audit.mode == "hold_back":
        outputs = Outputs(learner, take(job.X, audit.rows))
        everything = np.ones(len(audit.rows), bool)
        tested = _Tested(everything, job.targets.said(outputs.get("predict"))) if len(audit.rows) else None
        return _measured(job, outputs, job.targets.y(audit.codes), "audit", tested)
    if audit.mode == "test_then_train":
        tested = _tested(job, learner)
        rows = window(tested.known, audit.order)
        known = Predictions(tested.said[rows])
        return _measured(job, known, job.targets.y(audit.codes[rows]), "test then train", tested)
    return Measurement(_on_the_labelled(job, learner))


def window(known: BoolArray, order: IntArray) -> IntArray:
    """Return which audit samples a score of "test then train" is of: the last that were predicted."""
    rows = np.argsort(order, kind="stable")
    return rows[known[rows]][-WINDOW:]


def _measured(job: Job, outputs: Any, y: Any, kind: ScoreKind, tested: _Tested | None) -> Measurement:
    if len(y):
        # What is no prediction would count as a wrong one.
        job.targets.said(outputs.get("predict"))
    names = job.classes.tolist()
    scores = measure(outputs, y, kind, metrics=job.metrics, seed=job.seed, classes=names)
    classes = per_class(y, outputs.get("predict"), names) if len(y) else ()
    return Measurement(scores, classes, () if tested is None else _news(job, tested))


def _known(job: Job) -> _Tested:
    """Return what the rounds before predicted of the audit samples."""
    predicted = job.audit.predicted
    known = predicted >= 0
    # Where nothing is predicted any label does.
    return _Tested(known, job.targets.y(np.where(known, predicted, job.audit.codes)))


def _tested(job: Job, learner: Any) -> _Tested:
    """Return what is now known to be predicted of the audit samples."""
    audit = job.audit
    # In test then train a sample is predicted once: by the last model that was not trained on it.
    held_back = audit.mode == "hold_back"
    by, before = learner if held_back else job.learner, _known(job)
    asked = np.arange(len(audit.rows)) if held_back else np.flatnonzero(~before.known)
    if audit.mode in ("hold_back", "test_then_train") and len(asked) and by is not None:
        before.said[asked] = job.targets.said(by.predict(take(job.X, audit.rows[asked])))
        before.known[asked] = True
    return before


def _news(job: Job, tested: _Tested) -> tuple[tuple[int, int | tuple[int, ...]], ...]:
    before = _known(job)
    news = tested.known & ~(before.known & alike(tested.said, before.said))
    return tuple(zip(job.audit.rows[news].tolist(), job.targets.written(tested.said[news]), strict=True))


def _on_the_labelled(job: Job, learner: Any) -> tuple[Score, ...]:
    draws, weights = job.draws, None
    if len(draws.rows) >= _FEWEST_DRAWN:
        weights = np.zeros(len(job.rows))
        drawn = lure_weights(draws.probability, len(draws.rows) + draws.n_left)
        # The mean over all that were labelled is to be the mean over those that were drawn.
        weights[np.searchsorted(job.rows, draws.rows)] = drawn * len(job.rows) / len(drawn)
    kind: ScoreKind = "cross-validated" if weights is None else "weighted"
    # The folds are in nobody's way, whatever they raise; what is no prediction has to be told.
    job.targets.said(learner.predict(take(job.X, job.rows[:_FEW])))
    if isinstance(job.recipe.template, Committee):
        return unmeasured(kind, job.metrics)
    try:
        # The fitted estimator's parameters: they hold the seeds that make its folds repeatable.
        X, y = job.recipe.training_set(take(job.X, job.rows), job.labels)
        if weights is not None and len(y) > len(weights):
            # What came with a modAL learner trains only.
            weights = np.concatenate([np.zeros(len(y) - len(weights)), weights * len(y) / len(weights)])
        return cross_validated(_lent_folds(learner), X, y, seed=job.seed, metrics=job.metrics, weights=weights)
    except Exception:  # noqa: BLE001 - a model that was fitted may still fail on folds, which are smaller
        return unmeasured(kind, job.metrics)


def _lent_folds(learner: Any) -> ActiveLearner:
    """Return an unfitted learner like another, whose parts cannot write into what all of them are given."""
    return ActiveLearner(learner.estimator, force_all_finite=learner.force_all_finite)


@dataclass(frozen=True, eq=False)
class Watch:
    """What a new model says of the stop set, and how that compares.

    Parameters
    ----------
    signals : Signals
        For the criteria.
    codes : ndarray of shape (n_watched,) or None
        What it predicts for the stop set, as numbers to compare; see `Targets.keys`. None when it cannot predict.
    """

    signals: Signals
    codes: IntArray | None


def watch(job: Job, view: PoolView, asked: IntArray) -> Watch:
    """Compare the new model, the view's learner, with the one before, on the stop set and the questions it asks first.

    A model is asked once for the stop set and the questions together: with a forest each call has its price.
    """
    both = sight(view, np.concatenate([job.watched, asked]), job.targets)
    if both is None:
        return Watch(Signals(), None)
    n = len(job.watched)
    known = np.union1d(job.rows, job.audit.rows)
    answered = _answered(job, view) if len(job.answered) else None
    found = signals(
        watched=_part(both, slice(None, n)),
        unlabelled=~np.isin(job.watched, known),
        before=job.before,
        batch=_part(both, slice(n, None)) if len(asked) else None,
        answered=answered,
        answered_codes=None if answered is None else _answers(job),
        n_classes=len(job.classes),
        n_support=_n_support(view.learner),
        many=job.targets.many,
    )
    return Watch(found, both.codes[:n])


def _answered(job: Job, view: PoolView) -> Sight | None:
    """Return what the model before, which had not seen them, says of the rows answered since."""
    if job.before is not None and not hasattr(job.learner, "predict_proba"):
        places = np.searchsorted(job.watched, job.answered)
        if places[-1] < len(job.watched) and np.array_equal(job.watched[places], job.answered):
            # It was asked when it was new, and has nothing else to say.
            return Sight(job.before[places])
    return sight(replace(view, learner=job.learner), job.answered, job.targets)


def _answers(job: Job) -> IntArray:
    """Return the labels of the rows that the present model has not seen, as numbers to compare."""
    codes = job.codes[np.searchsorted(job.rows, job.answered)]
    return job.targets.keys(job.targets.y(codes)) if job.targets.many else codes


def sight(view: PoolView, rows: IntArray, targets: Targets) -> Sight | None:
    """Return what the view's learner says of some rows; None when there is none or it fails, which is in nobody's way.

    Its prediction is the most probable class where it gives probabilities; of many labels those of at least one half.
    """
    learner, view = view.learner, view.with_candidates(rows)
    try:
        proba = view.proba if hasattr(learner, "predict_proba") else None
        if targets.many:
            return Sight(targets.keys(predicted_sets(view, targets)), proba)
        decision = view.decision if _has_margin(learner) else None
        if proba is not None:
            codes = proba.argmax(axis=1)
        elif decision is not None and _predicts_by_sign(learner):
            # To ask it again takes as long as many a fit.
            codes = targets.keys(np.asarray(classes_of(learner))[(decision >= 0).astype(np.intp)])
        else:
            codes = targets.keys(learner.predict(view.take(rows)))
        return Sight(
            codes=codes,
            proba=proba,
            decision=decision,
            votes=view.votes if isinstance(learner, Committee) else None,
        )
    except Exception:  # noqa: BLE001 - whatever a user's estimator raises; the criteria then say that they cannot tell
        return None


def predicted_sets(view: PoolView, targets: Targets) -> IntArray:
    """Return the classes that the view's learner gives each candidate, where those are many: an indicator matrix."""
    if hasattr(view.learner, "predict_proba"):
        return targets.said(view.proba >= 0.5)  # type: ignore[no-any-return]  # noqa: PLR2004
    return targets.said(view.learner.predict(view.take(view.candidates)))  # type: ignore[no-any-return]


def _part(whole: Sight, rows: slice) -> Sight:
    return Sight(
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


def codes_hash(codes: IntArray | None) -> str:
    """Return a hash of predictions; empty when there are none."""
    return "" if codes is None else hashlib.sha256(codes.astype("<i4").tobytes()).hexdigest()[:32]
