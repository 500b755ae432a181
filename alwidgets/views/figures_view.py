"""Base of the views whose figures cost: worked out beside everything else, and only while somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from alwidgets.session import Session
from alwidgets.utils.errors import format_error
from alwidgets.views.states import FiguresState
from alwidgets.views.teller import Teller
from alwidgets.views.view import Send, View

if TYPE_CHECKING:
    from alwidgets.views.sent import Sent


class FiguresView(View):
    """Content of a page that knows when there is something new, and asks for the figures while it is looked at.

    Parameters
    ----------
    session : Session
        The session that is shown.
    send, changed : callable
        As of a `View`.
    annotator : str, optional
        Whose page it is, as of a `View`.
    """

    #: The act of working the figures out, as an error begins that it raises; and the name of its thread.
    LOOKING: ClassVar[str]
    THREAD: ClassVar[str]

    def __init__(
        self, session: Session, send: Send, changed: Callable[[], None], *, annotator: str | None = None
    ) -> None:
        super().__init__(session, send, changed, annotator=annotator)
        self._changes = 0
        self._teller = Teller(self._tell, self.THREAD)

    def refresh(self) -> FiguresState:
        """Return that there is something new; the figures are asked for."""
        self._changes += 1
        return {"changes": self._changes}

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until what was asked for is told; return False when the timeout (seconds) ran out first."""
        return self._teller.wait(timeout)

    def figures(self) -> Sent:
        """Return all that is shown."""
        raise NotImplementedError

    def _tell(self) -> None:
        try:
            self.send(self.figures(), [])
        except Exception as error:  # noqa: BLE001 - a user's learner or function may take part, and nobody above tells
            if not self.session.closed:
                self.send({"kind": "problem", "error": format_error(error, self.LOOKING)}, [])
