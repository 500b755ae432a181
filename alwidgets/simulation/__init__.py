"""Sessions against known labels: which strategy would have won."""

from alwidgets.simulation.comparison import Comparison
from alwidgets.simulation.grid import batch_sizes, checked_strategies, simulate

__all__ = ["Comparison", "batch_sizes", "checked_strategies", "simulate"]
