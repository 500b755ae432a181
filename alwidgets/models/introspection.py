"""The parts of a learner: its estimator, classes and steps."""

from __future__ import annotations

from typing import Any


def estimator_of(learner: Any) -> Any:
    """Return the model in a modAL learner; anything else as it is.

    Models that wrap another (CalibratedClassifierCV) have an `estimator` too, which is not fitted.
    """
    return learner.estimator if hasattr(learner, "query_strategy") and hasattr(learner, "estimator") else learner


def classes_of(learner: Any) -> Any:
    """Return the classes a fitted model knows, also those of a modAL learner, which does not tell itself."""
    return learner.classes_ if hasattr(learner, "classes_") else estimator_of(learner).classes_


def pipeline_steps(estimator: Any) -> Any:
    """Return the Pipeline that an estimator is or wraps (CalibratedClassifierCV, GridSearchCV), or no steps."""
    from sklearn.pipeline import Pipeline

    while not isinstance(estimator, Pipeline):
        # Of a committee, what its first member does.
        estimator = getattr(estimator, "learner_list", [getattr(estimator, "estimator", None)])[0]
        if estimator is None:
            return []
    return estimator


def bears_threads(learner: Any) -> bool:
    """Return whether a fitted model may predict in several threads at once: those of scikit-learn may."""
    members = getattr(learner, "learner_list", None)
    if members is not None:
        return all(map(bears_threads, members))
    estimator = estimator_of(learner)
    steps = pipeline_steps(estimator) or [estimator]
    return all(type(step).__module__.partition(".")[0] == "sklearn" for step in (estimator, *steps))
