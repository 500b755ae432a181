# The public names and where each is at home: the one list of them, which `__init__.py` reads too.

from alwidgets import io as io
from alwidgets import kernels as kernels
from alwidgets import stopping as stopping
from alwidgets import strategies as strategies
from alwidgets.annotation import weak_labels as weak_labels
from alwidgets.annotation.agreement import agreement as agreement
from alwidgets.annotation.consensus import consensus as consensus
from alwidgets.annotation.gold import gold_accuracy as gold_accuracy
from alwidgets.journal.files import verify as verify
from alwidgets.journal.merging import merge as merge
from alwidgets.models.modal import ActiveLearner as ActiveLearner
from alwidgets.models.modal import Committee as Committee
from alwidgets.models.spec import committee as committee
from alwidgets.renderers import Audio as Audio
from alwidgets.renderers import Columns as Columns
from alwidgets.renderers import Html as Html
from alwidgets.renderers import Image as Image
from alwidgets.renderers import Pair as Pair
from alwidgets.renderers import Row as Row
from alwidgets.renderers import Text as Text
from alwidgets.session.prodigy import prodigy_stream as prodigy_stream
from alwidgets.session.session import Session as Session
from alwidgets.session.task import Task as Task
from alwidgets.simulation import simulate as simulate
from alwidgets.simulation.annotators import SimulatedAnnotator as SimulatedAnnotator
from alwidgets.simulation.replay import replay as replay
from alwidgets.stopping import Budget as Budget
from alwidgets.stopping import all_of as all_of
from alwidgets.stopping import any_of as any_of
from alwidgets.stopping import at_least as at_least
from alwidgets.stopping import patience as patience
from alwidgets.strategies import from_modal as from_modal
from alwidgets.strategies import from_skactiveml as from_skactiveml
from alwidgets.strategies import from_small_text as from_small_text
from alwidgets.strategies.as_modal import as_modal as as_modal
from alwidgets.types import Reading as Reading
from alwidgets.widgets import Labeler as Labeler
from alwidgets.widgets import LearningCurve as LearningCurve
from alwidgets.widgets import PoolMap as PoolMap
from alwidgets.widgets import Race as Race
from alwidgets.widgets import Review as Review
from alwidgets.widgets import StoppingPanel as StoppingPanel
from alwidgets.widgets import Workbench as Workbench

__version__: str
