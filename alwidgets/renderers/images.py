"""Images: conversion of pixels to PNG, and checks of file headers before decoding."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

_MAGIC = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif",
          b"II*\0": "image/tiff", b"MM\0*": "image/tiff"}  # fmt: skip
_MOST_PIXELS = 50_000_000
_COLORS = (3, 4)
# White in images of 8, 12 and 16 bits. What goes beyond half of the first is taken to have 8 bits.
_BYTE, _SHORT = 255, 65_535
_WHITES = (_BYTE, 4_095, _SHORT)
_NEEDS_PILLOW = ("image/bmp", "image/tiff")


def png(pixels: Any, scale: tuple[float, float] | None = None) -> bytes:
    """Return an array as a PNG file.

    Parameters
    ----------
    pixels : ndarray of shape (height, width), (height, width, 3) or (height, width, 4)
        uint8 is taken as it is, and True is white. Colors may come first, as in PyTorch.
    scale : tuple of (float, float), optional
        The numbers of any other type that are black and white; beyond them all is black or white. Default what
        `scale_of` makes of the image by itself. Of uint16 white is 255, 4095 or 65535: no less than the largest number.

    Returns
    -------
    bytes
        A file that any viewer opens.

    Raises
    ------
    ValueError
        If it has too many pixels, or no finite value.
    """
    values = as_pixels(pixels, scale)
    height, width = values.shape[:2]
    color_type = 0 if values.ndim == 2 else {3: 2, 4: 6}[values.shape[2]]  # noqa: PLR2004
    # Each line starts with 0: no filter.
    lines = np.zeros((height, 1 + values[0].size), np.uint8)
    lines[:, 1:] = values.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, data) for name, data in parts)


def as_pixels(pixels: Any, scale: tuple[float, float] | None = None) -> Any:
    """Return the pixels of an array as bytes, colors last; parameters and errors as of `png`."""
    values = _colors_last(np.asarray(pixels))
    check_pixels(values.shape[1], values.shape[0])
    return values if values.dtype == np.uint8 else _as_bytes(values, scale)


def pillow_of(values: Any) -> Any:
    """Return an array of bytes as an image of Pillow, None where Pillow is not there."""
    try:
        from PIL import Image
    except ImportError:
        return None
    return Image.fromarray(np.ascontiguousarray(values))


def decoded_pixels(data: bytes, side: int) -> Any:
    """Decode an image file with Pillow, turned as its EXIF tag says and in colors that JPEG has or with transparency.

    Parameters
    ----------
    data : bytes
        The file.
    side : int
        Pixels that will do for the longer side: a JPEG file is decoded to no more than are needed for them.

    Returns
    -------
    PIL image or None
        None without Pillow, and of a file that moves or that it cannot read.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError:
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            if getattr(image, "n_frames", 1) > 1 or image.mode[0] in "FI":
                return None
            image.draft("RGB", (side, side))
            profile, turned = image.info.get("icc_profile"), ImageOps.exif_transpose(image)
            if turned.mode not in ("L", "RGB", "RGBA"):
                has_alpha = turned.mode in ("LA", "PA") or "transparency" in turned.info
                # A profile of four inks says nothing of three colors.
                profile = None if turned.mode == "CMYK" else profile
                turned = turned.convert("RGBA" if has_alpha else "RGB")
            turned.info["icc_profile"] = profile
            return turned
    except Exception:  # noqa: BLE001 - Pillow raises whatever the bytes of a damaged file lead to
        return None


def file_size(data: bytes, mime: str) -> tuple[int, int]:
    """Return the width and height that an image file declares, which was checked by `check_size`."""
    width, height = _SIZES[mime](data)
    return width, height


def needs_scale(values: Any) -> bool:
    """Return whether the value of white is ambiguous for the dtype of an array."""
    return values.dtype not in (np.uint8, bool)


def scale_of(images: Iterable[Any]) -> tuple[float, float]:
    """Return the numbers that are shown as black and white in a set of images.

    Zero is black, or the smallest number where there are negative ones. White is 1 where no number is larger, 255 where
    the numbers need 8 bits, and else the largest number. Of uint16, it is what is white in the fewest bits, 8, 12 or
    16, that they need; they count only where there are no others.

    Parameters
    ----------
    images : iterable of ndarray
        One or more, as many as are to be compared by eye.

    Raises
    ------
    ValueError
        If they have no finite value.

    Examples
    --------
    >>> scale_of([np.array([[0.0, 16.0]]), np.array([[3.0, 4.0]])]), scale_of([np.full((2, 2), 0.5)])
    ((0.0, 16.0), (0.0, 1.0))
    """
    low, high, n_finite, short = 0.0, 0.0, 0, None
    for values in images:
        if values.dtype == np.uint16:
            short = max(short or 0, int(values.max(initial=0)))
            continue
        finite = values[np.isfinite(values)]
        if finite.size:
            low, high, n_finite = min(low, float(finite.min())), max(high, float(finite.max())), n_finite + 1
    if not n_finite and short is not None:
        return 0.0, float(_white(short))
    if not n_finite:
        raise ValueError("the image has no finite value: there is nothing to see in it.")
    if low < 0:
        return low, high
    return low, 1.0 if high <= 1 else float(_BYTE) if _BYTE / 2 < high <= _BYTE else high


def pillow_pixels(image: Any) -> Any:
    """Return the pixels of a Pillow image as an array that `png` takes, turned as its EXIF tag says."""
    from PIL import ImageOps

    # Pillow decodes when it is first asked for pixels.
    check_pixels(*image.size)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        return np.clip(np.asarray(image), 0, _SHORT).astype(np.uint16)
    if image.mode not in ("1", "L", "RGB", "RGBA", "F"):
        image = image.convert("RGBA" if image.mode in ("LA", "PA") or "transparency" in image.info else "RGB")
    return np.asarray(image)


def decoded(data: bytes, mime: str) -> Any:
    """Decode a file that browsers show not at all or too dark; None for a file that they show correctly.

    Browsers take the white of a PNG of 16 bits to be 65535, though cameras and scanners of 12 bits write such files.
    Where they cannot be decoded, without Pillow or because they are damaged, they are left to the browser.

    Raises
    ------
    ImportError
        If Pillow is not there, and browsers do not show the file.
    ValueError
        If such a file is damaged.
    """
    deep = mime == "image/png" and _is_deep(data)
    if mime not in _NEEDS_PILLOW and not deep:
        return None
    try:
        from PIL import Image
    except ImportError:
        if deep:
            return None
        raise ImportError(f'{mime} needs Pillow to be shown; install "alwidgets[images]".') from None
    with warnings.catch_warnings():
        # What is too large is refused by its size, and what is damaged once it cannot be read.
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data)) as image:
                pixels = pillow_pixels(image)
            return _with_low_bytes(pixels, data) if deep and pixels.ndim > 2 else pixels  # noqa: PLR2004
        except Exception as error:  # noqa: BLE001 - Pillow raises whatever the bytes of a damaged file lead to
            if deep:
                return None
            raise ValueError(f"the {mime} file of {len(data)} bytes is damaged or too large: {error}") from None


def is_pixels(values: Any) -> bool:
    """Return whether an array has the shape and the kind of numbers of an image."""
    if values.dtype.kind not in "buif" or not values.size:
        return False
    shape = _colors_last(values).shape
    return len(shape) == 2 or shape[2:] in ((3,), (4,))  # noqa: PLR2004


def image_type(data: bytes) -> str | None:
    """Detect the media type of an image file from its first bytes; None if it is not an image."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    # Two letters alone may begin anything.
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "image/bmp"
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


def _is_deep(png_file: bytes) -> bool:
    """Return whether a PNG file has 16 bits a number: gray, or colors with or without an alpha channel."""
    return png_file[24:25] == b"\x10" and png_file[25:26] in (b"\x00", b"\x02", b"\x06")


def _with_low_bytes(high: Any, data: bytes) -> Any:
    """Return the numbers of 16 bits of a PNG file in color, of which Pillow keeps the high bytes only."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        # Read as if the low byte came first, the low bytes are those that are kept.
        tiles: Any = [(*tile[:3], f"{image.mode};16L") for tile in image.tile]
        image.tile = tiles
        return high.astype(np.uint16) << 8 | np.asarray(image)


def _colors_last(values: Any) -> Any:
    if values.ndim != 3 or values.shape[2] in _COLORS:  # noqa: PLR2004
        return values
    if values.shape[0] in (1, *_COLORS):
        values = np.moveaxis(values, 0, 2)
    return values[:, :, 0] if values.shape[2] == 1 else values


def _as_bytes(values: Any, scale: tuple[float, float] | None) -> Any:
    if values.dtype == bool:
        return values.astype(np.uint8) * _BYTE
    if values.dtype == np.uint16:
        own = _white(int(values.max(initial=0)))
        white = max(own, int(scale[1])) if scale is not None and scale[1] in _WHITES else own
        return (values.astype(np.uint32) * _BYTE // white).astype(np.uint8)
    low, high = scale or _scale_alone(values)
    shown = np.clip(values.astype(np.float64), low, high)
    # What is not a number is black.
    shown[np.isnan(shown)] = low
    return ((shown - low) * (_BYTE / (high - low))).astype(np.uint8)


def _scale_alone(values: Any) -> tuple[float, float]:
    """Return the scale of an image that is compared with no other: whole numbers are those of 8, 12 or 16 bits."""
    low, high = scale_of([values])
    if values.dtype.kind == "f" or low < 0 or high > _SHORT:
        return low, high
    return 0.0, float(_white(high))


def _white(largest: float) -> int:
    return next(white for white in _WHITES if largest <= white)


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
