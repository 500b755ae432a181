"""From an item to what the annotator sees: text, an image or the cells of a row. Text is never HTML."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.redaction import writable
from alwidgets.types import Renderer

_MOST_TEXT = 200_000
_MOST_CELLS = 400
_MOST_CELL_TEXT = 2_000
_MOST_IMAGE_BYTES = 20 * 2**20
_MOST_PIXELS = 50_000_000
_MAGIC = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


@dataclass(frozen=True)
class Text:
    """Show as text, line breaks kept.

    Parameters
    ----------
    text : str
        Shown as it is; never read as HTML.
    """

    text: str


@dataclass(frozen=True)
class Image:
    """Show as an image.

    Parameters
    ----------
    data : bytes
        A PNG, JPEG, GIF or WebP file.
    alt : str
        What a screen reader says; without it, "sample".
    """

    data: bytes
    alt: str = "sample"


@dataclass(frozen=True)
class Row:
    """Show as a table of names and values.

    Parameters
    ----------
    cells : tuple of (str, str)
        Name and value, top to bottom.
    """

    cells: tuple[tuple[str, str], ...]


Rendered = Text | Image | Row


def render(item: Any, renderer: Renderer | None = None, *, media_root: Path | None = None) -> Rendered:
    """Return what to show of an item.

    Parameters
    ----------
    item : object
        A str becomes text; a 2-D array (or one with 3 or 4 colours), a PIL image, the bytes or the path of
        an image file an image; a mapping, a DataFrame row or a 1-D array a row.
    renderer : callable, optional
        The user's own: item -> Text, Image, Row, or anything of the list above.
    media_root : Path, optional
        The folder in which the files of paths must lie, links followed; default the working directory.

    Raises
    ------
    TypeError, ValueError
        If there is no way to show it, or a path leads elsewhere; the message says what it is.

    Examples
    --------
    >>> render({"age": 41, "income": 52000.0})
    Row(cells=(('age', '41'), ('income', '52,000')))
    """
    shown = item if renderer is None else renderer(item)
    if isinstance(shown, Text | Image | Row):
        return _within_limits(shown)
    if isinstance(shown, str):
        return _within_limits(Text(shown))
    if isinstance(shown, Path):
        return _within_limits(Image(_file_bytes(_inside(shown, media_root or Path())), alt=shown.name))
    return _within_limits(_guess(shown))


def payload(shown: Rendered) -> tuple[dict[str, Any], bytes | None]:
    """Return a rendered item as a message for the browser, and its binary part."""
    if isinstance(shown, Text):
        return {"type": "text", "text": writable(shown.text)}, None
    if isinstance(shown, Row):
        return {"type": "row", "cells": [[writable(part) for part in cell] for cell in shown.cells]}, None
    return {"type": "image", "mime": _mime(shown.data), "alt": writable(shown.alt)}, shown.data


def png(pixels: Any) -> bytes:
    """Return an array as a PNG file.

    Parameters
    ----------
    pixels : ndarray of shape (height, width), (height, width, 3) or (height, width, 4)
        uint8 is taken as it is; True is white; any other numbers are stretched from their smallest (black)
        to their largest (white).

    Returns
    -------
    bytes
        A file that any viewer opens.
    """
    values = np.asarray(pixels)
    _check_pixels(values.shape[1], values.shape[0])
    if values.dtype == bool:
        values = values.astype(np.uint8) * 255
    if values.dtype != np.uint8:
        values = values.astype(np.float64)
        low, high = np.nanmin(values), np.nanmax(values)
        values = np.nan_to_num((values - low) * (255 / (high - low if high > low else 1))).astype(np.uint8)
    height, width = values.shape[:2]
    colour_type = 0 if values.ndim == 2 else {3: 2, 4: 6}[values.shape[2]]  # noqa: PLR2004
    # Each line starts with 0: no filter.
    lines = np.zeros((height, 1 + values[0].size), np.uint8)
    lines[:, 1:] = values.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, data) for name, data in parts)


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _guess(item: Any) -> Rendered:
    if isinstance(item, bytes | bytearray):
        return Image(bytes(item))
    if isinstance(item, Mapping) or (hasattr(item, "items") and hasattr(item, "index")):
        return Row(tuple((str(name), _number(value)) for name, value in item.items()))
    if hasattr(item, "save") and hasattr(item, "mode") and hasattr(item, "size"):
        # Pillow decodes when it is first asked for pixels.
        _check_pixels(*item.size)
        mode = item.mode if item.mode in ("L", "RGB", "RGBA") else "RGB"
        return Image(png(np.asarray(item.convert(mode))))
    if isinstance(item, np.ndarray | np.generic):
        return _array(np.asarray(item))
    if hasattr(item, "toarray"):
        dense = np.asarray(item.toarray()).reshape(-1)
        return Row(tuple((f"feature {i}", _number(dense[i])) for i in np.flatnonzero(dense)[:_MOST_CELLS]))
    if _has_words(item):
        return Text(str(item))
    raise TypeError(
        f"cannot show a {type(item).__name__}; expected a str, an image (array, PIL, bytes, path), a mapping or a "
        "row, or pass `render=`, a function that returns one."
    )


def _inside(path: Path, root: Path) -> Path:
    """Return where a path leads, if that is in a folder: a list of samples may come from anywhere."""
    folder = root.resolve()
    # A relative path is meant from the folder, or from the working directory in it.
    for start in (Path(), folder):
        found = (start / path).resolve()
        if found.is_relative_to(folder) and found.exists():
            return found
    if (folder / path).resolve().is_relative_to(folder):
        raise FileNotFoundError(f"there is no file {path.name!r} in the folder of the samples.")
    raise ValueError(
        f"{path.name!r} does not lie in the folder of the samples; pass media_root=, the folder that holds them all."
    )


def _file_bytes(path: Path) -> bytes:
    """Return what is in a file, if it is one and has the size of an image: a pipe or a device never ends."""
    size = path.stat().st_size
    if not path.is_file():
        raise ValueError(f"{path.name!r} is no file; expected a PNG, JPEG, GIF or WebP file.")
    _check_bytes(size)
    return path.read_bytes()


def _has_words(item: Any) -> bool:
    """Return whether an object says more of itself than its address."""
    return any("__str__" in vars(kind) or "__repr__" in vars(kind) for kind in type(item).__mro__[:-1])


def _array(values: Any) -> Rendered:
    if values.ndim == 0:
        return Text(_number(values[()]))
    if values.ndim == 1:
        return Row(tuple((f"feature {i}", _number(value)) for i, value in enumerate(values[:_MOST_CELLS])))
    if values.dtype.kind in "buif" and values.size and (values.ndim == 2 or values.shape[2:] in ((3,), (4,))):  # noqa: PLR2004
        return Image(png(values))
    raise TypeError(f"cannot show an array of shape {values.shape} and dtype {values.dtype}; pass `render=`.")


def _number(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        # No separators: it may be a year or a number of an account.
        return str(int(value))
    if isinstance(value, float | np.floating):
        return f"{float(value):,.6g}"
    return str(value)


def _within_limits(shown: Rendered) -> Rendered:
    if isinstance(shown, Text) and len(shown.text) > _MOST_TEXT:
        left = len(shown.text) - _MOST_TEXT
        return Text(f"{shown.text[:_MOST_TEXT]}\n[{left:,} more characters are not shown]")
    if isinstance(shown, Row) and len(shown.cells) > _MOST_CELLS:
        left = len(shown.cells) - _MOST_CELLS
        shown = Row((*shown.cells[:_MOST_CELLS], (f"{left:,} more", "not shown")))
    if isinstance(shown, Row):
        return Row(tuple((_cut(name), _cut(value)) for name, value in shown.cells))
    if isinstance(shown, Image):
        _check_bytes(len(shown.data))
        _check_pixels(*_size(shown.data, _mime(shown.data)))
    return shown


def _cut(text: str) -> str:
    left = len(text) - _MOST_CELL_TEXT
    return text if left <= 0 else f"{text[:_MOST_CELL_TEXT]} [{left:,} more characters are not shown]"


def _check_bytes(n_bytes: int) -> None:
    if n_bytes > _MOST_IMAGE_BYTES:
        size = f"{n_bytes / 2**20:.0f} MB"
        raise ValueError(f"the image file has {size}; expected at most 20 MB. Show a smaller copy.")


def _check_pixels(width: int, height: int) -> None:
    if width * height > _MOST_PIXELS:
        raise ValueError(
            f"the image has {width:,} x {height:,} pixels; expected at most {_MOST_PIXELS:,}. Show a smaller copy."
        )


def _size(data: bytes, mime: str) -> tuple[int, int]:
    """Return width and height as the head of the file declares them, before anything decodes it."""
    try:
        return _SIZES[mime](data)
    except (struct.error, KeyError):
        raise ValueError(f"the {mime} file of {len(data)} bytes is cut off or damaged before its size.") from None


def _png_size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif_size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    place = 2
    while True:
        fill, marker, length = struct.unpack_from(">BBH", data, place)
        if fill != 0xFF:  # noqa: PLR2004 - every segment begins with it
            raise struct.error
        if marker == 0xFF:  # noqa: PLR2004 - any number of them may fill the gap
            place += 1
        elif marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        else:
            place += 2 + length


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        parts = struct.unpack_from("<HBHB", data, 24)
        return parts[0] + (parts[1] << 16) + 1, parts[2] + (parts[3] << 16) + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise KeyError(kind)


# Markers of a JPEG's frames; C4, C8 and CC are tables and extensions.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SIZES: dict[str, Callable[[bytes], tuple[int, int]]] = {
    "image/png": _png_size, "image/jpeg": _jpeg_size, "image/gif": _gif_size, "image/webp": _webp_size,
}  # fmt: skip


def _mime(data: bytes) -> str:
    for start, mime in _MAGIC.items():
        if data.startswith(start):
            return mime
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise ValueError(f"the bytes {data[:8]!r}... are no image; expected a PNG, JPEG, GIF or WebP file.")
