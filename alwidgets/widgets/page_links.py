"""The links of a page in a notebook: a button for each that copies it."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from alwidgets.service.page import Page
from alwidgets.views.fields import Received, text
from alwidgets.views.fronts import PAGE_LINKS


class PageLinks(anywidget.AnyWidget):
    """Show who has a link to a page. Links are sent when they are copied; what is saved with a notebook has none.

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
            name = text(Received(content, buffers, self.page.session), "name")
            self.send({"kind": "link", "name": name, "link": self.page.link(name)})
        except (ValueError, TypeError):
            # It was made by no button.
            self.refresh()


def _shown(page: Page) -> dict[str, Any]:
    counts = page.open_pages
    people = [{"name": each.name, "role": each.role, "n_open": counts[each.name]} for each in page.people]
    return {"url": page.url, "reach": page.reach, "closed": page.closed, "people": people}
