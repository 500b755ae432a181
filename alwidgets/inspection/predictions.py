"""Predictions for every sample of the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alwidgets.strategies import NAMED, PoolView
from alwidgets.strategies.choose import utility_of
from alwidgets.types import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Predictions:
    """A model's predictions of the pool, one a row.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Positions in the session's classes; in a multilabel task an indicator matrix of them.
    confidence : ndarray of shape (n_samples,) or None
        The probability of the predicted class, or of exactly the predicted classes as if each came by itself; None
        where the model gives none. It is the model's own, not measured.
    uncertainty : ndarray of shape (n_samples,) or None
        0 = certain, 1 = the two best classes tie: one minus the gap between their probabilities, or 1 / (1 + distance
        to the decision boundary) of a model that gives no probabilities; None where it gives neither.
    """

    codes: IntArray
    confidence: FloatArray | None
    uncertainty: FloatArray | None


def predicted(view: PoolView) -> Predictions:
    """Predict the candidates of a view with its learner."""
    if hasattr(view.learner, "predict_proba"):
        return Predictions(*view.kind.most_probable(view.proba), utility_of(NAMED["margin"], view))
    predicted = np.asarray(view.learner.predict(view.take(view.candidates)))
    return Predictions(view.kind.codes_of(predicted, np.asarray(view.classes).tolist()), None, _closeness(view))


def _closeness(view: PoolView) -> FloatArray | None:
    try:
        return 1 / (1 - utility_of(NAMED["margin"], view))
    except (AttributeError, ValueError):
        # It has no decision function, or one whose values are votes of pairs.
        return None
