"""When further labels no longer pay: the history a criterion reads, the criteria, and rules over them."""

from alwidgets.stopping.criteria import CRITERIA, budget, plateau
from alwidgets.stopping.history import Budget, History, Round, Signals
from alwidgets.stopping.rules import Rule, all_of, any_of, as_rule

__all__ = [
    "CRITERIA",
    "Budget",
    "History",
    "Round",
    "Rule",
    "Signals",
    "all_of",
    "any_of",
    "as_rule",
    "budget",
    "plateau",
]
