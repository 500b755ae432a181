"""What samples show, sent to the page that asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alwidgets.redaction import brief, presentable
from alwidgets.renderers import payload, render
from alwidgets.widgets.session_view import SessionView

if TYPE_CHECKING:
    from alwidgets.session import Session
    from alwidgets.types import Renderer

_MOST_PAYLOADS = 64


def field(content: Any, name: str, kind: type) -> Any:
    """Return a field of a message, if it is there and of its kind."""
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"message field {name} is {brief(value)}; expected a {kind.__name__}.")
    return value


def send_payloads(view: SessionView, renderer: Renderer | None, items: list[Any]) -> None:
    """Send the rendered items of these rows, a message each.

    Raises
    ------
    ValueError
        If they are too many, or one is no row number; nothing has been sent then, or only what comes before it.
    """
    if len(items) > _MOST_PAYLOADS:
        raise ValueError(f"items has {len(items)} rows; expected at most {_MOST_PAYLOADS} at once.")
    for item in items:
        if isinstance(item, bool) or not isinstance(item, int) or not 0 <= item < view.session.n_samples:
            raise ValueError(f"item is {brief(item)}; expected a row number of X, 0 to {view.session.n_samples - 1}.")
        message, data = _payload(view.session, renderer, item)
        view.send({"kind": "payload", "item": item, "payload": message}, [data] if data else [])


def _payload(session: Session, renderer: Renderer | None, item: int) -> tuple[dict[str, Any], bytes | None]:
    try:
        return payload(render(session.item(item), renderer, media_root=session.media_root))
    except Exception as error:  # noqa: BLE001 - a broken item must not stop the others
        return {
            "type": "error",
            "text": f"Row {item} cannot be shown: {type(error).__name__}: {presentable(str(error))}",
        }, None
