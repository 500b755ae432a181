"""Base of the widgets that change a session: the traits of a view, and the way for its messages."""

from __future__ import annotations

from typing import Any

import traitlets

from alwidgets.views.view import View, whose
from alwidgets.widgets.session_view import SessionView
from alwidgets.widgets.talk import Talk


class SessionControl(Talk, SessionView):
    """A widget whose page changes a session.

    Parameters
    ----------
    view : View
        What its traits show and its messages do: each trait is named as what `view.refresh` returns, behind an
        underscore. Followed until the widget or the session is closed.
    **traits
        What the page is to know from the start.
    """

    # Whose changes a page keeps, whether what is acknowledged is on disk, and who keeps this kernel from writing.
    _session = traitlets.Dict().tag(sync=True)
    # Kinds of changes that the page offers: in a notebook all of them, but for answers of nobody in a team.
    _may = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, view: View, **traits: Any) -> None:
        self.view = view
        # From the start: by it a page finds what it had not sent before it was loaded anew.
        traits |= {"_session": whose(view.session), "_may": view.offered}
        super().__init__(view.session, lock=view.lock, **traits)
        self.on_msg(self._receive)

    def refresh(self) -> None:
        """Send what is new to the browser."""
        shown = self.view.refresh()
        with self.hold_sync():
            for name, value in shown.items():
                setattr(self, f"_{name}", value)

    def _catch_up(self) -> None:
        if not self.session.closed:
            with self._sending:
                self._session = whose(self.session)
        super()._catch_up()
