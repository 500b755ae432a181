"""Query strategies: the view they get, the named ones, combinations, and how to query them."""

from alwidgets.models.introspection import classes_of
from alwidgets.strategies.adapters import from_modal, from_skactiveml, from_small_text, seeded
from alwidgets.strategies.arrival import VariableUncertainty
from alwidgets.strategies.choose import (
    check_kind,
    check_learner,
    check_pool,
    choose,
    chooses_batches,
    named,
    needs_features,
    resolve,
    strategy_name,
    utility_of,
)
from alwidgets.strategies.cold_start import diverse_start
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
from alwidgets.strategies.features import Features, features_of, may_have_features
from alwidgets.strategies.named import NAMED, NamedStrategy
from alwidgets.strategies.pool_view import Choice, PoolView
from alwidgets.strategies.protocols import BatchStrategy, ModalStrategy, Strategy, UtilityFunction

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
    "UtilityFunction",
    "VariableUncertainty",
    "check_kind",
    "check_learner",
    "check_pool",
    "choose",
    "chooses_batches",
    "classes_of",
    "distinct",
    "diverse_start",
    "features_of",
    "from_modal",
    "from_skactiveml",
    "from_small_text",
    "may_have_features",
    "mix",
    "named",
    "needs_features",
    "per_cost",
    "phases",
    "power",
    "resolve",
    "seeded",
    "strategy_name",
    "stratified",
    "transfer",
    "utility_of",
    "weighted_k_means",
]
