"""A picture beside a widget: the live widget hides it, and a saved notebook keeps it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from alwidgets.widgets.session_view import running_cell

if TYPE_CHECKING:
    from alwidgets.session.session import Session


class StillOutput:
    """The picture that a widget leaves where there is no kernel, which follows the rounds of its session.

    Parameters
    ----------
    session : Session
        What is shown.
    draw : callable
        Session -> HTML.
    of : str
        The kind of widget that hides it, as the stylesheet of all widgets names it.
    """

    def __init__(self, session: Session, draw: Callable[[Session], str], of: str) -> None:
        self._session, self._draw, self._of = session, draw, of
        self._display_id = uuid.uuid4().hex
        # The round that it shows; None before it is shown.
        self._round: int | None = None

    def beside(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the bundle of a widget with the picture in it; in a cell that runs it is an output of its own."""
        if running_cell()[1]:
            self._show(update=False)
            return data
        return {**data, "text/html": self._draw(self._session)}

    def follow(self) -> None:
        """Bring the picture up to date, where one is shown and there is a newer model."""
        if self._round is not None and self._round != self._session.progress.round:
            self._show(update=True)

    def _show(self, *, update: bool) -> None:
        from IPython.display import publish_display_data

        self._round = self._session.progress.round
        data = {"text/html": f'<div class="alw-still" data-of="{self._of}">{self._draw(self._session)}</div>'}
        publish: Any = publish_display_data
        publish(data, transient={"display_id": self._display_id}, update=update)
