"""Models whose probabilities follow from one matrix product, recognised."""

from __future__ import annotations

from typing import Any

import numpy as np

from alwidgets.strategies.features import estimator_of
from alwidgets.types import FloatArray


def softmax_weights(learner: Any, X: Any, classes: Any) -> tuple[FloatArray, FloatArray] | None:
    """Return weights and intercepts of a fitted multinomial LogisticRegression over a dense pool.

    None for any other model or pool, and for a model that has not seen every declared class: their
    probabilities are asked of the model itself.
    """
    from sklearn.linear_model import LogisticRegression

    estimator = estimator_of(learner)
    # Exactly this class: one derived from it may predict otherwise.
    if type(estimator) is not LogisticRegression or not isinstance(X, np.ndarray):
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
