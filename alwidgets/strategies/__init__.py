"""Query strategies: what they see, the named ones, the cold start, and how one is asked for rows."""

from alwidgets.strategies.choose import Choice, choose, resolve, strategy_name
from alwidgets.strategies.cold_start import diverse_start, features_of
from alwidgets.strategies.named import NAMED, NamedStrategy
from alwidgets.strategies.pool_view import PoolView

__all__ = [
    "NAMED",
    "Choice",
    "NamedStrategy",
    "PoolView",
    "choose",
    "diverse_start",
    "features_of",
    "resolve",
    "strategy_name",
]
