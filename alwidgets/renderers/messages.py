"""Conversion of rendered items to messages for the page: a JSON-compatible dict and binary parts."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from alwidgets.renderers.files import media_type
from alwidgets.renderers.images import is_damaged
from alwidgets.renderers.kinds import Audio, Html, Image, Pair, Preview, Rendered, Row, Text
from alwidgets.renderers.pages import page
from alwidgets.renderers.rendering import render
from alwidgets.renderers.scales import session_scale
from alwidgets.renderers.sounds import form
from alwidgets.renderers.texts import visible
from alwidgets.session import view_of
from alwidgets.utils.text import sanitize

if TYPE_CHECKING:
    from alwidgets.session.session import Session
    from alwidgets.types import Renderer

_SLOW_SECONDS = 2.0


def message_of(
    session: Session, item: int, renderer: Renderer | None = None, *, side: int | None = None
) -> tuple[dict[str, Any], list[bytes]]:
    """Return the message that shows an item of a session; of one that cannot be shown, the one that says why.

    Parameters
    ----------
    session : Session
        Has the item, and says where files lie and whether an item is two.
    item : int
        Row number.
    renderer : callable, optional
        item -> what to show.
    side : int, optional
        Pixels that the longer side of an image is shown with, as of `render`.

    Returns
    -------
    message : dict
        See `payload`; one that took long to make says so in its ``note``.
    buffers : list of bytes
        Its binary parts.
    """
    begin = perf_counter()
    try:
        with view_of(session).calling():
            shown = render(
                session.item(item),
                renderer,
                media_root=session.media_root,
                pair=session.task.kind == "pair",
                scale=partial(session_scale, session, renderer),
                side=side,
            )
        message, buffers = payload(shown)
    except Exception as error:  # noqa: BLE001 - a broken item must not stop the others
        reason = f"{type(error).__name__}: {sanitize(str(error))}"
        return {"type": "error", "text": visible(f"Row {item} cannot be shown: {reason}")}, []
    seconds = perf_counter() - begin
    if seconds > _SLOW_SECONDS:
        slow = f"It took {seconds:.1f} s to make this sample ready; a quicker render= would keep pace."
        message["note"] = f"{message.get('note', '')} {slow}".strip()
    return message, buffers


def payload(shown: Rendered) -> tuple[dict[str, Any], list[bytes]]:
    """Convert the result of `render` to a message for the browser and its binary parts.

    Parameters
    ----------
    shown : Text, Image, Row, Audio, Html or Pair
        As `render` returns it.

    Returns
    -------
    message : dict
        Its ``type`` and what belongs to it. Each part that has a ``mime`` has a binary part, in the same order.
    buffers : list of bytes
        Whole files.

    Examples
    --------
    >>> payload(Pair(Text("cat"), Text("dog")))[0]["parts"]
    [{'type': 'text', 'text': 'cat'}, {'type': 'text', 'text': 'dog'}]
    """
    if isinstance(shown, Pair):
        first, second = payload(shown.first), payload(shown.second)
        return {"type": "pair", "parts": [first[0], second[0]]}, [*first[1], *second[1]]
    if isinstance(shown, Text):
        return {"type": "text", "text": visible(shown.text)}, []
    if isinstance(shown, Row):
        return {"type": "row", "cells": _visible(shown.cells), "context": _visible(shown.context)}, []
    if isinstance(shown, Html):
        return {"type": "html", "page": page(shown.source)}, []
    return _media(shown)


def _media(shown: Image | Audio) -> tuple[dict[str, Any], list[bytes]]:
    kind = "audio" if isinstance(shown, Audio) else "image"
    mime = media_type(shown.data, kind)
    message: dict[str, Any] = {"type": kind, "mime": mime, "alt": visible(shown.alt)}
    if mime == "audio/wav":
        message |= form(shown.data)
    if isinstance(shown, Preview):
        message["size"] = list(shown.size)
    elif kind == "image" and is_damaged(shown.data, mime):
        message["note"] = "The file of this image is damaged; part of it may be missing."
    return message, [shown.data]


def _visible(cells: tuple[tuple[str, str], ...]) -> list[list[str]]:
    return [[visible(part) for part in cell] for cell in cells]
