"""Strategies that ask the samples the model is least certain of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from alwidgets import kernels
from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL
from alwidgets.kernels.screening import UncertaintyKernel
from alwidgets.models.introspection import classes_of
from alwidgets.models.softmax import softmax_weights
from alwidgets.strategies.large_pools import best_of_linear
from alwidgets.strategies.pool_view import PoolView
from alwidgets.types import FloatArray, IntArray


@dataclass(frozen=True)
class Uncertainty:
    """A kernel over the probabilities of the candidates.

    Parameters
    ----------
    kernel : callable
        `least_confidence`, `margin`, `ratio` or `entropy`.
    of_sets : callable
        The same where a label is any number of classes.
    """

    kernel: UncertaintyKernel
    of_sets: Callable[[FloatArray], FloatArray]

    def __call__(self, view: PoolView) -> FloatArray:
        """Return one utility per candidate."""
        return (self.of_sets if view.kind is MULTILABEL else self.kernel)(view.proba)

    def is_linear(self, view: PoolView) -> bool:
        """Return whether the utilities follow from the weights of the model, so that probabilities are never made."""
        is_one = view.kind is not MULTILABEL and view.source_proba is None
        return is_one and softmax_weights(view.learner, view.X, view.classes) is not None

    def best(self, view: PoolView, n: int) -> tuple[IntArray, FloatArray]:
        """Return the same as `top_k` by these utilities, in single-label tasks without scoring every candidate."""
        if view.kind is MULTILABEL:
            return _best(self(view), view, n)
        weights = None if view.source_proba is not None else softmax_weights(view.learner, view.X, view.classes)
        if weights is None:
            return kernels.most_uncertain(self.kernel, view.proba, n, view.rng)
        return best_of_linear(self.kernel, weights, view, n)


@dataclass(frozen=True)
class Margin:
    """The margin of the probabilities, or of the decision function of a learner that has none.

    Where a label is any number of classes, the margin of the class that the model is least sure of.
    """

    def __call__(self, view: PoolView) -> FloatArray:
        """Return one utility per candidate."""
        if view.kind is MULTILABEL:
            return kernels.binary_minimum(scores_of(view)) + _has_proba(view)
        if _has_proba(view):
            return kernels.margin(view.proba)
        decision, n_classes = view.decision, len(classes_of(view.learner))
        if decision.ndim > 1 and decision.shape[1] != n_classes:
            raise ValueError(
                f"the decision function has {decision.shape[1]} columns for {n_classes} classes; 'margin' needs one a "
                "class: wrap the estimator in CalibratedClassifierCV."
            )
        return kernels.decision_margin(decision)

    def is_linear(self, view: PoolView) -> bool:
        """Return whether the utilities follow from the weights of the model."""
        return _has_proba(view) and Uncertainty(kernels.margin, kernels.binary_minimum).is_linear(view)

    def best(self, view: PoolView, n: int) -> tuple[IntArray, FloatArray]:
        """Return the same as `top_k` by these utilities, without scoring every candidate if possible."""
        if _has_proba(view) and view.kind is MULTICLASS:
            return Uncertainty(kernels.margin, kernels.binary_minimum).best(view, n)
        return _best(self(view), view, n)


@dataclass(frozen=True)
class OfScores:
    """A kernel over how surely the model gives, or does not give, each class; where a label is any number of classes.

    Parameters
    ----------
    kernel : callable
        Of `alwidgets.kernels.multilabel`, that takes scores.
    """

    kernel: Callable[[FloatArray], FloatArray]

    def __call__(self, view: PoolView) -> FloatArray:
        """Return one utility per candidate."""
        return self.kernel(scores_of(view))


def scores_of(view: PoolView) -> FloatArray:
    """Return a score for each candidate and class: twice the probability less 1, or the decision value."""
    if _has_proba(view):
        return 2 * view.proba - 1
    decision = view.decision
    if decision.ndim != 2:  # noqa: PLR2004
        raise ValueError(
            f"the decision function has shape {decision.shape}; expected one column a class. Wrap the estimator in "
            "OneVsRestClassifier."
        )
    return decision


def _best(utility: FloatArray, view: PoolView, n: int) -> tuple[IntArray, FloatArray]:
    rows = kernels.top_k(utility, n, view.rng)
    return rows, utility[rows]


def _has_proba(view: PoolView) -> bool:
    return view.source_proba is not None or hasattr(view.learner, "predict_proba")


def spread_of(utility: FloatArray) -> FloatArray:
    """Return utilities from 0 up, for what weighs with them: those below 0 are moved until the least is 0.

    A candidate that a strategy did not look at, -inf, counts 0.
    """
    looked_at = np.isfinite(utility)
    lowest = min(0.0, float(utility.min(initial=0.0, where=looked_at)))
    return np.where(looked_at, utility - lowest, np.where(utility > 0, utility, 0))
