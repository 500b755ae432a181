"""Extraction of the image from an item that may also hold its label, which is not shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.data import conversion
from alwidgets.renderers.cells import is_row
from alwidgets.renderers.files import file_bytes
from alwidgets.renderers.images import decoded, image_type, is_pixels, pillow_pixels
from alwidgets.renderers.kinds import Image, Pair

_PAIR = 2
# So many bytes tell the type of a file.
_HEAD = 32
# More columns than a wave has channels, and what no rate is.
_MOST_CHANNELS, _LOWEST_RATE = 8, 3_000


def is_pillow(item: Any) -> bool:
    """Return whether an item is an image of Pillow."""
    return hasattr(item, "save") and hasattr(item, "mode") and hasattr(item, "size")


def as_array(item: Any) -> Any:
    """Return an array or a tensor as an array, None for anything else."""
    if hasattr(item, "detach"):
        item = conversion.plain(item)
    return item if isinstance(item, np.ndarray) else None


def of_pair(item: Any) -> Any:
    """Return the image or text of an (item, label) pair as in torch datasets; None for anything else.

    Examples
    --------
    >>> of_pair((np.zeros((28, 28)), 7)).shape
    (28, 28)
    >>> of_pair(("some text", 1))
    'some text'
    >>> of_pair((np.zeros(8000), 8000)) is None
    True
    """
    if not isinstance(item, tuple | list) or len(item) != _PAIR:
        return None
    image, label = item
    plain = conversion.plain(label) if hasattr(label, "detach") else label
    is_label = plain is None or (np.ndim(plain) == 0 and isinstance(plain, str | int | float | np.generic | np.ndarray))
    if not is_label:
        return None
    if is_pillow(image) or isinstance(image, Path | bytes | bytearray):
        return image
    if isinstance(image, str):
        # Two texts are not a text and its label.
        return None if isinstance(plain, str) else image
    values = as_array(image)
    return image if values is not None and _is_image(values, plain) else None


def of_mapping(item: Any) -> Any:
    """Return the first image among the values of a mapping or a row, as in rows of Hugging Face; None without one."""
    if not is_row(item):
        return None
    return next((found for _, value in item.items() if (found := _picture(value)) is not None), None)


def pixels_in(shown: Any, root: Path) -> Iterator[Any]:
    """Yield the images of what is shown that are arrays, floats and 16 bits of Pillow, or files to be decoded."""
    if isinstance(shown, Image):
        shown = Path(shown.data) if isinstance(shown.data, str) else shown.data
    for found in (of_pair(shown), of_mapping(shown)):
        if found is not None:
            shown = found.data if isinstance(found, Image) else found
    if isinstance(shown, Pair):
        shown = (shown.first, shown.second)
    if isinstance(shown, tuple | list) and len(shown) == _PAIR:
        for each in shown:
            yield from pixels_in(each, root)
        return
    values = _numbers_of(file_bytes(shown, root) if isinstance(shown, Path) else shown)
    if values is not None and values.ndim > 1 and is_pixels(values):
        yield values


def _numbers_of(image: Any) -> Any:
    """Return an image as an array where its numbers are scaled to be shown, None where they are not."""
    if isinstance(image, bytes | bytearray):
        mime = image_type(bytes(image[:_HEAD]))
        return None if mime is None else decoded(bytes(image), mime)
    if is_pillow(image):
        return pillow_pixels(image) if image.mode[0] in "FI" else None
    return as_array(image)


def _picture(value: Any) -> Any:
    """Return a value that is an image, or the file that Hugging Face has not decoded; None for anything else."""
    if isinstance(value, Mapping) and set(value) == {"bytes", "path"}:
        value = value["bytes"]
    if isinstance(value, bytes | bytearray):
        return value if image_type(bytes(value[:_HEAD])) else None
    if isinstance(value, Image) or is_pillow(value):
        return value
    values = as_array(value)
    return value if values is not None and values.ndim > 1 and is_pixels(values) else None


def _is_image(values: Any, label: Any) -> bool:
    """Return whether an array beside a label is an image rather than a wave beside its rate."""
    if values.ndim < 2 or not is_pixels(values):  # noqa: PLR2004 - a wave
        return False
    is_rate = isinstance(label, int | float | np.number) and label >= _LOWEST_RATE
    return not (is_rate and values.ndim == 2 and values.shape[1] <= _MOST_CHANNELS)  # noqa: PLR2004
