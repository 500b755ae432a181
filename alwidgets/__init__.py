"""Active learning inside JupyterLab: label the samples that teach the model most, and know when to stop.

Every public name loads when it is first used, so that ``import alwidgets`` costs little more than nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alwidgets import (
        io,
        kernels,
        stopping,
        strategies,
    )
    from alwidgets.annotation import weak_labels
    from alwidgets.journal.files import verify
    from alwidgets.journal.merging import merge
    from alwidgets.models.modal import ActiveLearner, Committee
    from alwidgets.models.spec import committee
    from alwidgets.renderers import Audio, Columns, Html, Image, Pair, Row, Text
    from alwidgets.session.session import Session
    from alwidgets.session.task import Task
    from alwidgets.simulation import simulate
    from alwidgets.simulation.annotators import Annotator
    from alwidgets.simulation.replay import replay
    from alwidgets.stopping import Budget, all_of, any_of, at_least, patience
    from alwidgets.strategies import from_modal, from_skactiveml, from_small_text
    from alwidgets.strategies.as_modal import as_modal
    from alwidgets.types import Reading
    from alwidgets.widgets import Labeler, LearningCurve, PoolMap, Race, Review, StoppingPanel, Workbench

__version__ = "0.1.0"

_HOME = {
    "ActiveLearner": "models.modal",
    "Annotator": "simulation.annotators",
    "Audio": "renderers",
    "Budget": "stopping",
    "Columns": "renderers",
    "Committee": "models.modal",
    "Html": "renderers",
    "Image": "renderers",
    "Labeler": "widgets",
    "LearningCurve": "widgets",
    "Pair": "renderers",
    "PoolMap": "widgets",
    "Race": "widgets",
    "Reading": "types",
    "Review": "widgets",
    "Row": "renderers",
    "Session": "session",
    "StoppingPanel": "widgets",
    "Task": "session.task",
    "Text": "renderers",
    "Workbench": "widgets",
    "all_of": "stopping",
    "any_of": "stopping",
    "as_modal": "strategies.as_modal",
    "merge": "journal.merging",
    "at_least": "stopping",
    "patience": "stopping",
    "committee": "models.spec",
    "from_modal": "strategies",
    "from_skactiveml": "strategies",
    "from_small_text": "strategies",
    "replay": "simulation.replay",
    "simulate": "simulation",
    "verify": "journal",
}
_MODULES = {name: name for name in ("io", "kernels", "stopping", "strategies")} | {
    "weak_labels": "annotation.weak_labels"
}

__all__ = [
    "ActiveLearner",
    "Annotator",
    "Audio",
    "Budget",
    "Columns",
    "Committee",
    "Html",
    "Image",
    "Labeler",
    "LearningCurve",
    "Pair",
    "PoolMap",
    "Race",
    "Reading",
    "Review",
    "Row",
    "Session",
    "StoppingPanel",
    "Task",
    "Text",
    "Workbench",
    "all_of",
    "any_of",
    "as_modal",
    "at_least",
    "committee",
    "from_modal",
    "from_skactiveml",
    "from_small_text",
    "io",
    "kernels",
    "merge",
    "patience",
    "replay",
    "simulate",
    "stopping",
    "strategies",
    "verify",
    "weak_labels",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"alwidgets.{_MODULES[name]}")
    if name not in _HOME:
        raise AttributeError(f"module 'alwidgets' has no attribute {name!r}; expected one of {__all__}.")
    value = getattr(import_module(f"alwidgets.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
