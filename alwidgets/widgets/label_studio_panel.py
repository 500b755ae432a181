"""Panel on a session in Label Studio."""

from __future__ import annotations

from dataclasses import asdict

import traitlets

from alwidgets.bridges.label_studio import LabelStudio
from alwidgets.utils.text import type_name
from alwidgets.views.fronts import LABEL_STUDIO_PANEL
from alwidgets.widgets.session_view import SessionView

# Of what does not fit, so many are shown: all of it is in `LabelStudio.quarantined`.
_MOST = 50


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
        if not isinstance(studio, LabelStudio):
            raise TypeError(f"studio is {type_name(studio)}; expected a LabelStudio.")
        self.studio = studio
        super().__init__(studio.session)
        self._leave = studio.on_change(self._follow)

    def close(self) -> None:
        """Take the panel off the page and stop following."""
        self._leave()
        super().close()

    def refresh(self) -> None:
        """Send what is new to the browser."""
        now = self.studio.status
        progress = self.session.progress
        self._shown = {
            "url": self.studio.url,
            "problem": now.problem,
            "n_open": now.n_open,
            "n_answers": now.n_answers,
            "n_labeled": progress.n_labeled,
            "n_samples": progress.n_samples,
            "round": progress.round,
            "trouble": progress.error,
            "n_quarantined": len(now.quarantined),
            "quarantined": [asdict(each) for each in now.quarantined[:_MOST]],
        }
