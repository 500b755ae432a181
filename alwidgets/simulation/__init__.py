"""Simulated sessions with known labels, to compare strategies."""

from alwidgets.simulation.comparison import Comparison
from alwidgets.simulation.grid import batch_sizes, check_strategy_names, compared, simulate
from alwidgets.simulation.runs import outcome_of

__all__ = ["Comparison", "batch_sizes", "check_strategy_names", "compared", "outcome_of", "simulate"]
