"""The links of a page in a notebook: buttons for each, which copy it or show it as a QR code."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from alwidgets.service.page import Page
from alwidgets.service.qr_code import qr_code
from alwidgets.views.fields import Received, choice, text
from alwidgets.views.fronts import PAGE_LINKS

_KIND = choice("copy", "qr")


class PageLinks(anywidget.AnyWidget):
    """Show who has a link to a page. Links are sent when they are copied or drawn, and saved with no notebook.

    Parameters
    ----------
    page : Page
        The page that the links open.
    """

    _esm = PAGE_LINKS.script
    _css = PAGE_LINKS.style
    _page = traitlets.Dict().tag(sync=True)

    def __init__(self, page: Page) -> None:
        self.page = page
        super().__init__(_page=_shown(page))
        self._unfollow = page.on_change(self.refresh)
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        return f"PageLinks({self.page!r})"

    def close(self) -> None:
        """Take the widget off the notebook; the page is served on."""
        self._unfollow()
        super().close()

    def refresh(self) -> None:
        """Show who has a page open now."""
        self._page = _shown(self.page)

    def _receive(self, _widget: Any, content: Any, buffers: Any) -> None:
        try:
            received = Received(content, buffers, self.page.session)
            kind, name = _KIND(received, "kind"), text(received, "name")
            link = self.page.link(name)
            self.send({"kind": "link", "name": name, "link": link} if kind == "copy" else _drawn(name, link))
        except (ValueError, TypeError):
            # It was made by no button.
            self.refresh()


def _drawn(name: str, link: str) -> dict[str, Any]:
    """Return a link as it is drawn, or why it cannot be."""
    try:
        return {"kind": "qr", "name": name, "svg": qr_code(link), "why": ""}
    except ImportError as error:
        return {"kind": "qr", "name": name, "svg": "", "why": f"{error} The link can be copied all the same."}


def _shown(page: Page) -> dict[str, Any]:
    counts = page.open_pages
    people = [{"name": each.name, "role": each.role, "n_open": counts[each.name]} for each in page.people]
    return {"url": page.url, "reach": page.reach, "closed": page.closed, "people": people}
