"""Whether further labels pay, in one sentence, and what each criterion says."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import traitlets

from alwidgets.widgets.session_view import STATIC, SessionView, style

if TYPE_CHECKING:
    from alwidgets.session import Session


class StoppingPanel(SessionView):
    """Show the stopping rule's advice. It never locks the labeler.

    Parameters
    ----------
    session : Session
        Whose rule.
    """

    _esm = STATIC / "stopping_panel.js"
    _css = style("stopping_panel.css")
    _advice = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session) -> None:
        super().__init__(session)

    def refresh(self) -> None:
        """Send the verdict and the readings."""
        advice = self.session.advice
        needs = self.session.rule.needs
        self._advice = {
            "stop": advice.stop,
            "sentence": advice.sentence,
            "needs": needs if len(advice.readings) > 1 else "",
            "readings": [asdict(reading) for reading in advice.readings],
        }
