"""Conversion of an item to one of the kinds, within limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from alwidgets.data import conversion
from alwidgets.renderers import cells, images, pictures, sounds
from alwidgets.renderers.files import check_bytes, file_bytes, media_type
from alwidgets.renderers.kinds import Audio, Html, Image, Pair, Preview, Rendered, Row, Text
from alwidgets.renderers.previews import preview_of_file, preview_of_pixels
from alwidgets.renderers.texts import cut
from alwidgets.types import Renderer
from alwidgets.utils.text import short_repr, type_name

#: () -> what is black and what is white.
Scale: TypeAlias = Callable[[], tuple[float, float] | None]

_PAIR = 2
_EXPECTED = (
    "expected a str, an image (array, PIL, bytes, path), a sound ((array, rate), bytes, path), a mapping or a row"
)


def render(
    item: Any,
    renderer: Renderer | None = None,
    *,
    media_root: Path | None = None,
    pair: bool = False,
    scale: Scale | None = None,
    side: int | None = None,
) -> Rendered:
    """Render an item for display.

    Parameters
    ----------
    item : object
        A str becomes text; a 2-D array (or one with 3 or 4 colors), a PIL image, the bytes or the path of
        an image file an image; (array, rate), the bytes or the path of an audio file audio; a mapping, a DataFrame row
        or a 1-D array a row. Of (image, label) and of a mapping that has an image it is the image alone.
    renderer : callable, optional
        The user's own: item -> Text, Image, Row, Audio, Html, Pair, or anything of the list above.
    media_root : Path, optional
        The folder in which the files of paths must lie, links followed; default the working directory.
    pair : bool
        Whether a sequence of two is two items, to be shown side by side.
    scale : callable, optional
        () -> the numbers that are black and white in images whose type leaves that open; default by each image.
    side : int, optional
        Pixels that the longer side of an image is shown with: a larger one becomes a `Preview`. Default as it is.

    Returns
    -------
    Text, Image, Row, Audio, Html or Pair
        Read from its file, and within limits: what is too long is cut with a line that says so.

    Raises
    ------
    TypeError, ValueError
        If there is no way to show it, it is too large, or a path leads elsewhere; the message says what it is.

    Examples
    --------
    >>> render({"age": 41, "income": 52000.0}).cells
    (('age', '41'), ('income', '52,000'))
    >>> render(("first", "second"), pair=True)
    Pair(first=Text(text='first'), second=Text(text='second'))
    """
    shown: Any = item if renderer is None else renderer(item)
    if shown is None:
        raise TypeError(f"{'the item is' if renderer is None else 'render returned'} None; {_EXPECTED}.")
    root = media_root or Path()
    if pair and _are_two(shown):
        shown = Pair(*shown)
    if isinstance(shown, Pair):
        return Pair(_one(shown.first, root, scale, side), _one(shown.second, root, scale, side))
    return _one(shown, root, scale, side)


def _are_two(item: Any) -> bool:
    several = isinstance(item, tuple | list) or (isinstance(item, np.ndarray) and item.ndim > 0)
    return several and len(item) == _PAIR and not _is_wave(item)


def _is_wave(item: Any) -> bool:
    return sounds.is_wave(item) and pictures.of_pair(item) is None


def _one(shown: Any, root: Path, scale: Scale | None, side: int | None) -> Rendered:
    if isinstance(shown, Pair):
        raise TypeError("a Pair holds a Pair; expected two of any other kind.")
    kind = shown if isinstance(shown, Text | Image | Row | Audio | Html) else _guess(shown, root)
    if isinstance(kind, Text):
        return _text(kind)
    if isinstance(kind, Row):
        return cells.within_limits(kind)
    if isinstance(kind, Image):
        return _image(kind, root, scale, side)
    if isinstance(kind, Audio):
        return _audio(kind, root)
    return kind


def _guess(item: Any, root: Path) -> Rendered:
    picture = pictures.of_pair(item)
    picture = pictures.of_mapping(item) if picture is None else picture
    if picture is not None:
        return _guess(picture, root)
    if isinstance(item, Image):
        return item
    for fits, made in _GUESSES:
        if fits(item):
            return made(item)
    if isinstance(item, Path):
        return _file(file_bytes(item, root), item.name)
    if _has_words(item):
        return Text(str(item))
    raise TypeError(
        f"cannot show an item of type {type(item).__name__}; {_EXPECTED}, or pass `render=`, which returns one."
    )


def _file(data: bytes, name: str = "sample") -> Rendered:
    return Audio(data, alt=name) if media_type(data).startswith("audio") else Image(data, alt=name)


def _array(values: Any) -> Rendered:
    if values.ndim == 0:
        return Text(cells.in_words(values[()]))
    if values.ndim == 1:
        shown = cells.row((f"feature {i}", value) for i, value in enumerate(values[: cells.MOST_CELLS]))
        left = len(values) - cells.MOST_CELLS
        return shown if left <= 0 else Row((*shown.cells, (f"{left:,} more", "not shown")))
    if images.is_pixels(values):
        return Image(values)
    raise TypeError(f"cannot show an array of shape {values.shape} and dtype {values.dtype}; pass `render=`.")


def _sparse(item: Any) -> Rendered:
    dense = np.asarray(item.toarray()).reshape(-1)
    return cells.row((f"feature {i}", dense[i]) for i in np.flatnonzero(dense))


def _text(shown: Text) -> Text:
    if not isinstance(shown.text, str):
        raise TypeError(f"Text got {short_repr(shown.text)}; expected a str.")
    return Text(cut(shown.text, before="\n"))


def _image(shown: Image, root: Path, scale: Scale | None, side: int | None) -> Image:
    data, alt = shown.data, shown.alt
    if isinstance(data, str | Path):
        path = Path(data)
        data, alt = file_bytes(path, root), path.name if alt == "sample" else alt
    values = _pixels(data)
    if values is not None:
        values = images.as_pixels(values, scale() if scale is not None and images.needs_scale(values) else None)
        small = None if side is None else preview_of_pixels(values, side)
        if small is not None:
            return Preview(small, alt, (values.shape[1], values.shape[0]))
        data = images.png(values)
    check_bytes(len(data), "image file")
    mime = media_type(data, "image")
    images.check_size(data, mime)
    made = None if side is None or values is not None else preview_of_file(bytes(data), mime, side)
    return Image(bytes(data), alt) if made is None else Preview(made[0], alt, made[1])


def _pixels(data: Any) -> Any:
    """Return the pixels of an image; None for a file that browsers show themselves."""
    if isinstance(data, bytes | bytearray):
        check_bytes(len(data), "image file")
        return images.decoded(bytes(data), media_type(bytes(data), "image"))
    if pictures.is_pillow(data):
        return images.pillow_pixels(data)
    values = np.asarray(conversion.plain(data))
    if not images.is_pixels(values):
        raise TypeError(f"Image got {type_name(data)}; expected an array, a PIL image, bytes or a path.")
    return values


def _audio(shown: Audio, root: Path) -> Audio:
    data, alt = shown.data, shown.alt
    if isinstance(data, str | Path):
        path = Path(data)
        data, alt = file_bytes(path, root), path.name if alt == "sample" else alt
    elif not isinstance(data, bytes | bytearray):
        return replace(shown, data=sounds.wav(data, shown.rate), rate=None)
    check_bytes(len(data), "audio file")
    if shown.rate is not None:
        raise ValueError(f"rate is {short_repr(shown.rate)} beside an audio file, which has its own; leave it out.")
    media_type(data, "audio")
    return Audio(bytes(data), None, alt)


def _has_words(item: Any) -> bool:
    """Return whether an object's text says more than its address."""
    return any("__str__" in vars(kind) or "__repr__" in vars(kind) for kind in type(item).__mro__[:-1])


# The first that fits.
_GUESSES: tuple[tuple[Callable[[Any], bool], Callable[[Any], Rendered]], ...] = (
    (lambda item: isinstance(item, str), Text),
    (lambda item: isinstance(item, bytes | bytearray), lambda item: _file(bytes(item))),
    (sounds.is_wave, lambda item: Audio(*item)),
    (cells.is_row, lambda item: cells.row(item.items())),
    (pictures.is_pillow, Image),
    (lambda item: hasattr(item, "detach"), lambda item: _array(conversion.plain(item))),
    (lambda item: hasattr(item, "toarray"), _sparse),
    (lambda item: hasattr(item, "__array__"), lambda item: _array(np.asarray(item))),
)
