"""Jupyter widgets for a session: the only layer that depends on Jupyter."""

from alwidgets.widgets.label_studio_panel import LabelStudioPanel
from alwidgets.widgets.labeler import Labeler
from alwidgets.widgets.learning_curve import LearningCurve
from alwidgets.widgets.pool_map import PoolMap
from alwidgets.widgets.race import Race
from alwidgets.widgets.review import Review
from alwidgets.widgets.stopping_panel import StoppingPanel
from alwidgets.widgets.team_panel import TeamPanel
from alwidgets.widgets.workbench import Workbench

__all__ = [
    "LabelStudioPanel",
    "Labeler",
    "LearningCurve",
    "PoolMap",
    "Race",
    "Review",
    "StoppingPanel",
    "TeamPanel",
    "Workbench",
]
