"""A common brightness scale for all images of a session."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.renderers.images import needs_scale, scale_of
from alwidgets.renderers.pictures import pixels_in
from alwidgets.types import Renderer
from alwidgets.utils.streams import ALIKE, stream

if TYPE_CHECKING:
    from alwidgets.session.session import Session

# A larger pool is measured by so many of its samples, and no longer than this.
_MOST_SAMPLES, _MOST_SECONDS = 1000, 1.0
_MOST_BYTES = 256 * 2**20

# By the renderer's address: a renderer itself may hold the session that is to be let go.
_known: weakref.WeakKeyDictionary[Session, dict[int, tuple[float, float] | None]] = weakref.WeakKeyDictionary()


def session_scale(session: Session, renderer: Renderer | None) -> tuple[float, float] | None:
    """Return the numbers that are shown as black and white in the images of a session; computed once.

    Parameters
    ----------
    session : Session
        Has the items.
    renderer : callable or None
        item -> what is shown of it.

    Returns
    -------
    scale : tuple of (float, float) or None
        For `png`; None where the samples looked at have no number. An array that holds all images is looked at whole,
        up to 256 MB; other pools by up to 1000 samples, as many as can be made in a second.
    """
    scales = _known.setdefault(session, {})
    if id(renderer) not in scales:
        scales[id(renderer)] = None
        with suppress(ValueError):
            scales[id(renderer)] = scale_of(_images(session, renderer))
    return scales[id(renderer)]


def _images(session: Session, renderer: Renderer | None) -> Iterator[Any]:
    items = session.items
    if renderer is None and isinstance(items, np.ndarray) and items.ndim > 2 and items.nbytes <= _MOST_BYTES:  # noqa: PLR2004
        yield from items
        return
    rows = stream("shown scale", ALIKE).permutation(session.n_samples)[:_MOST_SAMPLES]
    end = perf_counter() + _MOST_SECONDS
    for row in rows.tolist():
        found: list[Any] = []
        # A sample that cannot be shown says so when it is to be shown.
        with suppress(Exception):
            item = session.item(row)
            shown = item if renderer is None else renderer(item)
            found = [each for each in pixels_in(shown, session.media_root or Path()) if needs_scale(each)]
        yield from found
        if perf_counter() > end:
            return
