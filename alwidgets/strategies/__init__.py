"""Query strategies: the view they get, the named ones, combinations, and how to query them."""

from alwidgets.strategies.adapters import from_modal, from_skactiveml, from_small_text
from alwidgets.strategies.arrival import VariableUncertainty
from alwidgets.strategies.combine import (
    ColdStart,
    distinct,
    mix,
    per_cost,
    phases,
    power,
    stratified,
    transfer,
    weighted_k_means,
)
from alwidgets.strategies.features import Features
from alwidgets.strategies.finding import certainty, like, relevance
from alwidgets.strategies.named import NAMED, NamedStrategy
from alwidgets.strategies.pool_view import Choice, PoolView
from alwidgets.strategies.protocols import BatchStrategy, ModalStrategy, Strategy, StrategyName, UtilityFunction

__all__ = [
    "NAMED",
    "BatchStrategy",
    "Choice",
    "ColdStart",
    "Features",
    "ModalStrategy",
    "NamedStrategy",
    "PoolView",
    "Strategy",
    "StrategyName",
    "UtilityFunction",
    "VariableUncertainty",
    "certainty",
    "distinct",
    "from_modal",
    "from_skactiveml",
    "from_small_text",
    "like",
    "mix",
    "per_cost",
    "phases",
    "power",
    "relevance",
    "stratified",
    "transfer",
    "weighted_k_means",
]


def __dir__() -> list[str]:
    return __all__
