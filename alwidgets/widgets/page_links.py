"""The links of a page in a notebook: buttons for each, which copy it or show it as a QR code."""

from __future__ import annotations

import anywidget
import traitlets

from alwidgets.service.links import LinksView
from alwidgets.service.page import Page
from alwidgets.views.fronts import PAGE_LINKS
from alwidgets.widgets.talk import Talk


class PageLinks(Talk, anywidget.AnyWidget):
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
        self.view = LinksView(page, self._tell, self.refresh)
        super().__init__(_page=self.view.refresh()["page"])
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
        with self.view.lock:
            self._page = self.view.refresh()["page"]
