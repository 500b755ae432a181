"""Models whose probabilities follow from one matrix product, recognized."""

from __future__ import annotations

from typing import Any

import numpy as np

from alwidgets.data.kinds import pool_of
from alwidgets.models.introspection import estimator_of
from alwidgets.types import FloatArray


def softmax_weights(learner: Any, X: Any, classes: Any) -> tuple[FloatArray, FloatArray] | None:
    """Return weights and intercepts of a fitted multinomial LogisticRegression over a dense pool.

    None for any other model or pool, and for a model that has not seen every declared class: their
    probabilities are asked of the model itself.
    """
    from sklearn.linear_model import LogisticRegression

    estimator = estimator_of(learner)
    # Exactly this class: one derived from it may predict otherwise.
    if type(estimator) is not LogisticRegression or pool_of(X).kind != "array":
        return None
    if X.ndim != 2 or X.dtype not in (np.float32, np.float64):  # noqa: PLR2004
        return None
    if np.asarray(estimator.classes_).tolist() != np.asarray(classes).tolist() or not _is_multinomial(estimator):
        return None
    return estimator.coef_, estimator.intercept_


def _is_multinomial(estimator: Any) -> bool:
    """Return whether probabilities are the softmax of the decision function (of two classes, its logistic)."""
    if len(estimator.classes_) == 2:  # noqa: PLR2004
        # Older releases could be told to double the decision of two classes.
        return getattr(estimator, "multi_class", None) != "multinomial"
    return estimator.solver != "liblinear" and getattr(estimator, "multi_class", None) != "ovr"


def is_softmax_regression(learner: Any) -> bool:
    """Return whether the learner, or the last step of its Pipeline, is a LogisticRegression as it is by default."""
    from sklearn.linear_model import LogisticRegression

    last = last_step(learner)
    return (
        type(last) is LogisticRegression
        and last.solver != "liblinear"
        and getattr(last, "multi_class", None) != "ovr"
        and getattr(last, "penalty", "l2") in ("l2", "deprecated")
        and not last.l1_ratio
        and last.class_weight is None
        and bool(np.isfinite(last.C))
        and bool(last.fit_intercept)
    )


def last_step(learner: Any) -> Any:
    """Return the estimator of a learner, the last one of a pipeline."""
    from sklearn.pipeline import Pipeline

    estimator = estimator_of(learner)
    return estimator[-1] if isinstance(estimator, Pipeline) else estimator
