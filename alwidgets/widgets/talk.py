"""The way between a widget's page and its view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alwidgets.views.dispatch import receive

if TYPE_CHECKING:
    from collections.abc import Callable

    from alwidgets.views.view import BaseView


class Talk:
    """Part of a widget: what its page says goes to the view, and what the view sends goes to the page."""

    view: BaseView
    send: Callable[..., None]

    def _receive(self, _widget: Any, content: Any, buffers: Any) -> None:
        receive(self.view, content, buffers)

    def _tell(self, message: Any, buffers: list[bytes]) -> None:
        """Send what the view says; by the name, so that whoever replaces `send` hears it."""
        self.send(message, buffers)
