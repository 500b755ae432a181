"""Strategies that ask what the model is least sure of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alwidgets import kernels
from alwidgets.kernels.screening import UncertaintyKernel
from alwidgets.strategies.features import classes_of
from alwidgets.strategies.linear import softmax_weights
from alwidgets.strategies.pool_view import PoolView
from alwidgets.threads import blas_threads
from alwidgets.types import FloatArray, IntArray


@dataclass(frozen=True)
class Uncertainty:
    """A kernel over the probabilities of the candidates.

    Parameters
    ----------
    kernel : callable
        `least_confidence`, `margin`, `ratio` or `entropy`.
    """

    kernel: UncertaintyKernel

    def __call__(self, view: PoolView) -> FloatArray:
        """Return one utility per candidate."""
        return self.kernel(view.proba)

    def best(self, view: PoolView, n: int) -> tuple[IntArray, FloatArray]:
        """Return what `top_k` would choose by these utilities, without scoring every candidate."""
        weights = None if view.source_proba is not None else softmax_weights(view.learner, view.X, view.classes)
        if weights is None:
            return kernels.most_uncertain(self.kernel, view.proba, n, view.rng)
        # The products are small: a second thread would spend its time waiting.
        with blas_threads(1):
            return kernels.most_uncertain_linear(self.kernel, view.X, view.candidates, weights, n, view.rng)


@dataclass(frozen=True)
class Margin:
    """The margin of the probabilities, or of the decision function of a learner that has none."""

    def __call__(self, view: PoolView) -> FloatArray:
        """Return one utility per candidate."""
        if _has_proba(view):
            return kernels.margin(view.proba)
        decision, n_classes = view.decision, len(classes_of(view.learner))
        if decision.ndim > 1 and decision.shape[1] != n_classes:
            raise ValueError(
                f"the decision function has {decision.shape[1]} columns for {n_classes} classes; 'margin' needs one a "
                "class: wrap the estimator in CalibratedClassifierCV."
            )
        return kernels.decision_margin(decision)

    def best(self, view: PoolView, n: int) -> tuple[IntArray, FloatArray]:
        """Return what `top_k` would choose by these utilities, without scoring every candidate if possible."""
        if _has_proba(view):
            return Uncertainty(kernels.margin).best(view, n)
        utility = self(view)
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
