"""The strategies that have a name: a kernel, and what it needs of the learner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alwidgets import kernels
from alwidgets.strategies.pool_view import PoolView
from alwidgets.types import FloatArray


@dataclass(frozen=True)
class NamedStrategy:
    """A utility function with what a user wants to know of it.

    Parameters
    ----------
    name : str
        What `strategy=` takes.
    utility : callable
        PoolView -> ndarray of shape (n_candidates,), larger = ask sooner.
    needs : tuple of str
        Methods of the learner, any one of which is enough; empty when no model is needed.
    cost : str
        Time beside the prediction of the pool.
    when : str
        When to use it.
    paper : str
        Where it comes from.
    """

    name: str
    utility: Callable[[PoolView], FloatArray]
    needs: tuple[str, ...]
    cost: str
    when: str
    paper: str


def _least_confidence(view: PoolView) -> FloatArray:
    return kernels.least_confidence(view.proba)


def _margin(view: PoolView) -> FloatArray:
    if hasattr(view.learner, "predict_proba"):
        return kernels.margin(view.proba)
    decision, n_classes = view.decision, len(view.learner.classes_)
    if decision.ndim > 1 and decision.shape[1] != n_classes:
        raise ValueError(
            f"the decision function has {decision.shape[1]} columns for {n_classes} classes; 'margin' needs one a "
            "class: wrap the estimator in CalibratedClassifierCV."
        )
    return kernels.decision_margin(decision)


def _entropy(view: PoolView) -> FloatArray:
    return kernels.entropy(view.proba)


def _random(view: PoolView) -> FloatArray:
    return view.rng.random(len(view.candidates))


_ALL = (
    NamedStrategy(
        "margin",
        _margin,
        ("predict_proba", "decision_function"),
        "O(n C)",
        "The first to try: strong with two classes and with many, also for a model without probabilities.",
        "Scheffer, Decomain & Wrobel 2001; Tong & Koller 2001",
    ),
    NamedStrategy(
        "least_confidence",
        _least_confidence,
        ("predict_proba",),
        "O(n C)",
        "When only the best class counts, as in a top-1 error.",
        "Lewis & Gale 1994",
    ),
    NamedStrategy(
        "entropy",
        _entropy,
        ("predict_proba",),
        "O(n C)",
        "When every class's probability matters; with many classes it is often no better than random.",
        "Shannon 1948; Dagan & Engelson 1995",
    ),
    NamedStrategy(
        "random",
        _random,
        (),
        "O(n)",
        "The baseline every other strategy has to beat.",
        "",
    ),
)

#: Name -> strategy.
NAMED: dict[str, NamedStrategy] = {strategy.name: strategy for strategy in _ALL}
