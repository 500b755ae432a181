"""State of a session in Label Studio: the connection, the tasks, the answers, and those that do not fit."""

from __future__ import annotations

from collections.abc import Callable

from alwidgets.bridges.label_studio import LabelStudio
from alwidgets.session import Session
from alwidgets.utils.text import type_name
from alwidgets.views.states import StudioState
from alwidgets.views.view import BaseView, Send

# Of what does not fit, so many are shown: all of it is in `LabelStudio.quarantined`.
_MOST = 50


class LabelStudioView(BaseView):
    """Content of a panel on Label Studio: what the last call there found. It asks nobody itself.

    Parameters
    ----------
    studio : LabelStudio
        The bridge that is shown.
    send, changed : callable
        See `BaseView`.
    """

    def __init__(self, studio: LabelStudio, send: Send, changed: Callable[[], None]) -> None:
        if not isinstance(studio, LabelStudio):
            raise TypeError(f"studio is {type_name(studio)}; expected a LabelStudio.")
        super().__init__(send, changed)
        self.studio = studio

    @property
    def subject(self) -> Session:
        """The session."""
        return self.studio.session

    def refresh(self) -> StudioState:
        """Return the state of the project at the last call, and the number of labels of the session."""
        now, progress = self.studio.status, self.studio.session.progress
        return {
            "shown": {
                "url": self.studio.url,
                "problem": now.problem,
                "n_open": now.n_open,
                "n_answers": now.n_answers,
                "n_labeled": progress.n_labeled,
                "n_samples": progress.n_samples,
                "round": progress.round,
                "error": progress.error,
                "n_quarantined": len(now.quarantined),
                "quarantined": [
                    {"task": each.task, "annotator": each.annotator, "reason": each.reason}
                    for each in now.quarantined[:_MOST]
                ],
            }
        }
