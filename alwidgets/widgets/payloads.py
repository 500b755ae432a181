"""What the page shows of samples: sent as messages, so that no saved notebook holds it."""

from __future__ import annotations

from typing import Any

from alwidgets.redaction import brief, presentable
from alwidgets.renderers import payload, render

_MOST = 64


def send_payloads(widget: Any, items: Any) -> None:
    """Send a message for each of these rows: what to show of it, or why it cannot be shown.

    Parameters
    ----------
    widget : SessionView
        With a `session` and a `renderer`.
    items : list of int
        At most 64 row numbers, as they came from the page.

    Raises
    ------
    ValueError
        If they are too many, or one is no row; nothing has been sent then.
    """
    session = widget.session
    if not isinstance(items, list) or len(items) > _MOST:
        raise ValueError(f"items is {brief(items)}; expected a list of at most {_MOST} rows.")
    for item in items:
        if isinstance(item, bool) or not isinstance(item, int) or not 0 <= item < session.n_samples:
            raise ValueError(f"item is {brief(item)}; expected a row number of X, 0 to {session.n_samples - 1}.")
    for item in items:
        message, data = _payload(widget, item)
        widget.send({"kind": "payload", "item": item, "payload": message}, [data] if data else [])


def _payload(widget: Any, item: int) -> tuple[dict[str, Any], bytes | None]:
    try:
        return payload(render(widget.session.item(item), widget.renderer, media_root=widget.session.media_root))
    except Exception as error:  # noqa: BLE001 - a broken item must not stop the others
        why = f"{type(error).__name__}: {presentable(str(error))}"
        return {"type": "error", "text": f"Row {item} cannot be shown: {why}"}, None
