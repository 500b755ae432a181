"""Images: pixels made a PNG file, and what the head of a file says before anything decodes it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

_MAGIC = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_MOST_PIXELS = 50_000_000
_COLOURS = (3, 4)


def png(pixels: Any) -> bytes:
    """Return an array as a PNG file.

    Parameters
    ----------
    pixels : ndarray of shape (height, width), (height, width, 3) or (height, width, 4)
        uint8 is taken as it is; True is white; colours as floats are taken as 0 to 1; any other numbers are
        stretched from their smallest (black) to their largest (white). Colours may come first, as in PyTorch.

    Returns
    -------
    bytes
        A file that any viewer opens.

    Raises
    ------
    ValueError
        If it has too many pixels, or no finite value.
    """
    values = _colours_last(np.asarray(pixels))
    check_pixels(values.shape[1], values.shape[0])
    if values.dtype != np.uint8:
        values = _as_bytes(values)
    height, width = values.shape[:2]
    colour_type = 0 if values.ndim == 2 else {3: 2, 4: 6}[values.shape[2]]  # noqa: PLR2004
    # Each line starts with 0: no filter.
    lines = np.zeros((height, 1 + values[0].size), np.uint8)
    lines[:, 1:] = values.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, data) for name, data in parts)


def is_pixels(values: Any) -> bool:
    """Return whether an array has the shape and the kind of numbers of an image."""
    if values.dtype.kind not in "buif" or not values.size:
        return False
    shape = _colours_last(values).shape
    return len(shape) == 2 or shape[2:] in ((3,), (4,))  # noqa: PLR2004


def image_type(data: bytes) -> str | None:
    """Return the media type of an image file by its first bytes, None when they are no image's."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for start, mime in _MAGIC.items() if data.startswith(start)), None)


def check_size(data: bytes, mime: str) -> None:
    """Refuse an image file that declares too many pixels, or ends before it declares any.

    Raises
    ------
    ValueError
        If it does.
    """
    try:
        width, height = _SIZES[mime](data)
    except (struct.error, KeyError):
        raise ValueError(f"the {mime} file of {len(data)} bytes is cut off or damaged before its size.") from None
    check_pixels(width, height)


def is_damaged(data: bytes, mime: str) -> bool:
    """Return whether bytes of an image file are certainly wrong or missing: browsers draw the rest, and say nothing.

    Cost: reads the file once; about 1 ms a megabyte.
    """
    if mime == "image/png":
        return not _is_whole_png(data)
    if mime == "image/jpeg":
        return b"\xff\xd9" not in data
    return mime == "image/webp" and len(data) < struct.unpack_from("<I", data, 4)[0] + 8


def check_pixels(width: int, height: int) -> None:
    """Refuse an image of more pixels than a page can hold.

    Raises
    ------
    ValueError
        If it has.
    """
    if width * height > _MOST_PIXELS:
        raise ValueError(
            f"the image has {width:,} x {height:,} pixels; expected at most {_MOST_PIXELS:,}. Show a smaller copy."
        )


def _is_whole_png(data: bytes) -> bool:
    place, name = 8, b""
    while name != b"IEND" and place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        name, end = data[place + 4 : place + 8], place + 8 + length
        if zlib.crc32(memoryview(data)[place + 4 : end]).to_bytes(4) != data[end : end + 4]:
            return False
        place = end + 4
    return name == b"IEND"


def _colours_last(values: Any) -> Any:
    if values.ndim != 3 or values.shape[2] in _COLOURS:  # noqa: PLR2004
        return values
    if values.shape[0] in (1, *_COLOURS):
        values = np.moveaxis(values, 0, 2)
    return values[:, :, 0] if values.shape[2] == 1 else values


def _as_bytes(values: Any) -> Any:
    if values.dtype == bool:
        return values.astype(np.uint8) * 255
    values = values.astype(np.float64)
    finite = np.isfinite(values)
    if not finite.any():
        raise ValueError("the image has no finite value: there is nothing to see in it.")
    low, high = values.min(where=finite, initial=np.inf), values.max(where=finite, initial=-np.inf)
    if values.ndim == 3 and low >= 0 and high <= 1:  # noqa: PLR2004
        low, high = 0.0, 1.0
    values[~finite] = low
    return ((values - low) * (255 / (high - low if high > low else 1))).astype(np.uint8)


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


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
