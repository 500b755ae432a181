"""What a notebook shows of a session: the only layer that knows Jupyter."""

from alwidgets.widgets.labeler import Labeler
from alwidgets.widgets.learning_curve import LearningCurve
from alwidgets.widgets.race import Race
from alwidgets.widgets.stopping_panel import StoppingPanel
from alwidgets.widgets.workbench import Workbench

__all__ = ["Labeler", "LearningCurve", "Race", "StoppingPanel", "Workbench"]
