"""Forms of a strategy: a function of a view, an object that chooses batches, or a query strategy of modAL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from alwidgets.strategies.pool_view import PoolView
from alwidgets.types import Numbers, Rows

#: One utility per candidate, larger = ask sooner.
UtilityFunction: TypeAlias = Callable[[PoolView], Numbers]


@runtime_checkable
class BatchStrategy(Protocol):
    """A query strategy that must see the batch whole."""

    def select(self, view: PoolView, n: int, /) -> Rows:
        """Return `n` row numbers into ``view.candidates``, best first."""


#: (learner, X_pool) -> row numbers, or row numbers and their utilities; see `from_modal`.
ModalStrategy: TypeAlias = Callable[[Any, Any], Rows | tuple[Rows, Any]]
Strategy: TypeAlias = UtilityFunction | BatchStrategy | ModalStrategy
#: The names that stand for a strategy, so that an editor completes them and a type checker finds a typo.
StrategyName: TypeAlias = Literal[
    "margin", "least_confidence", "ratio", "entropy", "vote_entropy", "variation_ratio", "consensus_entropy", "bald",
    "max_disagreement", "expected_gradient_length", "expected_error", "expected_error_one_step", "information_density",
    "contrastive", "ranked_batch", "weighted_k_means", "badge", "k_center", "k_means", "mixed", "typiclust",
    "prob_cover", "avg_confidence", "max_score", "avg_score", "max_loss", "mean_max_loss", "random",
]  # fmt: skip
