"""The score against labels, money or minutes, redrawn after every retrain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from alwidgets.utils import files
from alwidgets.views.fronts import LEARNING_CURVE
from alwidgets.views.learning_curve import LearningCurveView
from alwidgets.views.messages import Against
from alwidgets.views.still import still_curve
from alwidgets.widgets.session_control import SessionControl
from alwidgets.widgets.still_output import StillOutput

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.session.session import Session


class LearningCurve(SessionControl):
    """Follow the score of a session's model: its interval, where it leads, and what random sampling would reach.

    plotly.js is JupyterLab's own or comes from the installed plotly package, once a page; nothing from the network.

    Parameters
    ----------
    session : Session
        The session whose rounds are shown.
    against : {"labels", "cost", "minutes"}
        What lies along x.
    """

    _esm = LEARNING_CURVE.script
    _css = LEARNING_CURVE.style
    _figure = traitlets.Dict().tag(sync=True)
    _caption = traitlets.Unicode().tag(sync=True)
    # Whether there is a point in the figure.
    _measured = traitlets.Bool(default_value=False).tag(sync=True)
    _against = traitlets.Unicode("labels").tag(sync=True)
    _axes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _busy = traitlets.Bool(default_value=False).tag(sync=True)

    view: LearningCurveView

    def __init__(self, session: Session, *, against: Against = "labels") -> None:
        self._still = StillOutput(session, still_curve, "curve")
        super().__init__(LearningCurveView(session, self._tell, self._follow, against=against))

    def _catch_up(self) -> None:
        super()._catch_up()
        if not self.session.closed:
            self._still.follow()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return self._still.beside(data), metadata

    @property
    def figure(self) -> Any:
        """The plotly Figure as it is now."""
        return self.view.figure

    def to_frame(self) -> pd.DataFrame:
        """Return the rounds as a DataFrame: `Session.history`."""
        return self.session.history

    def to_html(self, path: str | Path) -> Path:
        """Write the figure as one HTML file that needs nothing else, whole or not at all, and return its path."""
        place = Path(path)
        files.replace_own(place, self.view.page.encode())
        return place

    def show_against(self, against: Against) -> None:
        """Put labels, money or minutes along x."""
        self.view.show_against(against)
