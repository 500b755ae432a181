"""A strategy of ours as modAL's, and a learner's own strategy as ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from alwidgets.data.conversion import as_rows
from alwidgets.data.label_kinds import is_indicator
from alwidgets.data.pool import stack, take
from alwidgets.kernels.arrays import check_nonnegative
from alwidgets.models.introspection import classes_of
from alwidgets.models.modal import ActiveLearner, Committee
from alwidgets.models.modal_fallback import MODAL_COMMITTEE
from alwidgets.models.spec import members_of, seed_set
from alwidgets.strategies import Features, NamedStrategy, PoolView
from alwidgets.strategies.adapters import seeded
from alwidgets.strategies.choose import check_learner, choose, named
from alwidgets.strategies.protocols import Strategy, StrategyName
from alwidgets.types import IntArray


@dataclass(frozen=True)
class AsModal:
    """One of our strategies as a modAL query strategy: ``f(learner, X_pool, n_instances=1)``.

    Parameters
    ----------
    strategy : NamedStrategy, callable or object with `select`
        The strategy.
    random_state : int
        Seeds ties and random draws; the same pool gives the same answer.
    embed : callable, optional
        X -> ndarray of shape (n_samples, n_features), for strategies that compare samples.
    """

    strategy: NamedStrategy | Strategy
    random_state: int = 0
    embed: Callable[[Any], Any] | None = None

    def __call__(self, learner: Any, X_pool: Any, n_instances: int = 1) -> tuple[IntArray, Any]:
        """Return (row numbers best first, their utilities)."""
        learner = _ours(learner)
        check_learner(self.strategy, learner)
        check_is_fitted(learner, msg="%(name)s has not been fitted; teach it samples of two classes first.")
        pool = as_rows(X_pool)
        n_pool = int(pool.shape[0])
        X, y = seed_set(members_of(learner)[0])
        y = np.empty(0) if y is None else y
        if not _looks_back(self.strategy):
            X, y = None, y[:0]
        # What is labeled goes behind the pool: a strategy compares the one with the other.
        samples = pool if X is None else stack(pool, X)
        view = PoolView(
            X=samples,
            candidates=np.arange(n_pool),
            labeled=np.arange(n_pool, int(samples.shape[0])),
            labels=y,
            classes=np.arange(y.shape[1]) if is_indicator(y) else classes_of(learner),
            learner=learner,
            rng=np.random.default_rng(self.random_state),
            embedding=Features(samples, learner, self.embed),
        )
        choice = choose(self.strategy, view, n_instances)
        return choice.rows, choice.utility


def as_modal(
    strategy: StrategyName | Strategy, random_state: int = 0, embed: Callable[[Any], Any] | None = None
) -> Callable[..., Any]:
    """Return one of our strategies as a `query_strategy` of a modAL learner or committee.

    Parameters
    ----------
    strategy : str, NamedStrategy, callable or object with `select`
        What `Session` takes.
    random_state : int
        Seeds ties and random draws; the same pool gives the same answer.
    embed : callable, optional
        X -> ndarray of shape (n_samples, n_features), for strategies that compare samples.

    Returns
    -------
    query_strategy : callable
        ``f(learner, X_pool, n_instances=1) -> (row numbers best first, their utilities)``.

    Raises
    ------
    ValueError, TypeError
        If there is no such strategy; when called, if the learner lacks what it needs.

    Examples
    --------
    >>> from alwidgets import ActiveLearner
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.array([[0.0], [1.0], [2.2], [3.0]]), np.array([0, 0, 1, 1])
    >>> learner = ActiveLearner(LogisticRegression().fit(X, y), query_strategy=as_modal("margin"))
    >>> learner.query(X, n_instances=2)[0]
    array([1, 2])
    """
    return AsModal(named(strategy), check_nonnegative(random_state, "random_state"), embed)


def _looks_back(strategy: NamedStrategy | Strategy) -> bool:
    """Return whether a strategy may ask what is labeled; for one that does not, the pool is not copied."""
    if not isinstance(strategy, NamedStrategy):
        return True
    return strategy.features or strategy.linear or strategy.name in ("k_means", "mixed", "expected_error")


def _ours(learner: Any) -> Any:
    """Return a learner made with modAL's own classes as one of ours, with the same models and labeled sets."""
    if isinstance(learner, ActiveLearner | Committee):
        return learner
    if isinstance(learner, MODAL_COMMITTEE):
        return Committee([_ours(member) for member in learner.learner_list])
    made = ActiveLearner(learner.estimator)
    made.X_training, made.y_training = learner.X_training, learner.y_training
    return made


@dataclass(frozen=True)
class OwnStrategy:
    """A modAL learner's own query strategy, as a batch strategy of ours."""

    @property
    def __name__(self) -> str:
        return "the learner's own"

    def select(self, view: PoolView, n: int) -> Any:
        """Return row numbers into ``view.candidates``, as the learner's `query` gives them."""
        with seeded(view.rng):
            return view.learner.query(take(view.X, view.candidates), n_instances=n)[0]
