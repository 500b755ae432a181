"""Content of the links of a page in a notebook: who has one; a link itself is sent when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from alwidgets.service.page import Page
from alwidgets.service.qr_code import qr_code
from alwidgets.session import Session
from alwidgets.views import messages
from alwidgets.views.states import LinksState
from alwidgets.views.view import BaseView, Handlers, Send


class LinksView(BaseView):
    """Content of the links of a page, and the effect of its messages.

    Parameters
    ----------
    page : Page
        The page that the links open.
    send, changed : callable
        See `BaseView`.
    """

    def __init__(self, page: Page, send: Send, changed: Callable[[], None]) -> None:
        super().__init__(send, changed)
        self.page = page

    @property
    def subject(self) -> Session:
        """The session of the page."""
        return self.page.session

    def refresh(self) -> LinksState:
        """Return the people who have a link, and how many pages each has open now."""
        counts = self.page.open_pages
        return {
            "page": {
                "url": self.page.url,
                "reach": self.page.reach,
                "closed": self.page.closed,
                "people": [
                    {"name": each.name, "role": each.role, "n_open": counts[each.name]} for each in self.page.people
                ],
            }
        }

    def _copy(self, message: messages.OfPerson) -> None:
        name = message["name"]
        self.send({"kind": "link", "name": name, "link": self.page.link(name)}, [])

    def _draw(self, message: messages.OfPerson) -> None:
        name = message["name"]
        link, svg, why = self.page.link(name), "", ""
        try:
            svg = qr_code(link)
        except ImportError as error:
            why = f"{error} The link can be copied all the same."
        self.send({"kind": "qr", "name": name, "svg": svg, "why": why}, [])

    REQUESTS: ClassVar[Handlers] = {"copy": (messages.OfPerson, _copy), "qr": (messages.OfPerson, _draw)}
