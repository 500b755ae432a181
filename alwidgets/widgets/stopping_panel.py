"""Advice on further labels in one sentence, and the reading of each criterion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from alwidgets.views.fronts import STOPPING_PANEL
from alwidgets.views.stopping import StoppingView
from alwidgets.widgets.session_control import SessionControl

if TYPE_CHECKING:
    from alwidgets.session import Session


class StoppingPanel(SessionControl):
    """Show the stopping rule's advice, and what each criterion says. It never locks the labeler.

    Prices, thresholds and the rule can be changed in it, which is `Session.adjust`; the decision to stop or to go on
    can be recorded, which is `Session.decide`.

    Parameters
    ----------
    session : Session
        The session whose stopping rule is shown.
    annotator : str, optional
        Who works on this page; default the session's annotator.
    """

    _esm = STOPPING_PANEL.script
    _css = STOPPING_PANEL.style
    _advice = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session, *, annotator: str | None = None) -> None:
        super().__init__(StoppingView(session, self._tell, self._follow, annotator=annotator))
