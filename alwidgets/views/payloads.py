"""What the page shows of samples: sent as messages, so that no saved notebook holds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from alwidgets.renderers import message_of
from alwidgets.utils.text import brief

if TYPE_CHECKING:
    from alwidgets.session.session import Session


_MOST = 64


def checked_row(session: Session, item: Any) -> int:
    """Return what came from the page as a row number, if it is one.

    Raises
    ------
    ValueError
        If it is none.
    """
    if isinstance(item, bool) or not isinstance(item, int) or not 0 <= item < session.n_samples:
        raise ValueError(f"item is {brief(item)}; expected a row number of X, 0 to {session.n_samples - 1}.")
    return item


def send_payloads(widget: Any, items: Any, send: Callable[[dict[str, Any], list[bytes]], None] | None = None) -> None:
    """Send a message for each of these rows: what to show of it, or why it cannot be shown.

    Parameters
    ----------
    widget : SessionView
        With a `session` and a `renderer`.
    items : list of int
        At most 64 row numbers, as they came from the page.
    send : callable, optional
        (message, buffers) -> None; default the widget's own.

    Raises
    ------
    ValueError
        If they are too many, or one is no row; nothing has been sent then.
    """
    session = widget.session
    if not isinstance(items, list) or len(items) > _MOST:
        what = f"has {len(items)} rows" if isinstance(items, list) else f"is {brief(items)}"
        raise ValueError(f"items {what}; expected a list of at most {_MOST} rows at once.")
    for item in [checked_row(session, item) for item in items]:
        message, buffers = message_of(session, item, widget.renderer)
        (send or widget.send)({"kind": "payload", "item": item, "payload": message}, buffers)
