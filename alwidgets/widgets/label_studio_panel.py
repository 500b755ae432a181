"""Panel on a session in Label Studio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from alwidgets.views.fronts import LABEL_STUDIO_PANEL
from alwidgets.views.label_studio import LabelStudioView
from alwidgets.widgets.session_view import SessionView

if TYPE_CHECKING:
    from alwidgets.bridges.label_studio import LabelStudio


class LabelStudioPanel(SessionView):
    """Show the connection to Label Studio, the tasks open, the answers fetched, and those in quarantine, with reasons.

    It follows `LabelStudio.run` and every other call, and asks nobody itself.

    Parameters
    ----------
    studio : LabelStudio
        The bridge that is shown.
    """

    _esm = LABEL_STUDIO_PANEL.script
    _css = LABEL_STUDIO_PANEL.style
    _shown = traitlets.Dict().tag(sync=True)

    _leave = staticmethod(lambda: None)

    def __init__(self, studio: LabelStudio) -> None:
        self.view = LabelStudioView(studio, self.send, self._follow)
        self.studio = studio
        super().__init__(studio.session, lock=self.view.lock)
        self._leave = studio.on_change(self._follow)

    def close(self) -> None:
        """Take the panel off the page and stop following."""
        self._leave()
        super().close()

    def refresh(self) -> None:
        """Send what is new to the browser."""
        self._shown = self.view.refresh()["shown"]
