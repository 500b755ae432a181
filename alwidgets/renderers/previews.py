"""Images at about the size at which they are shown; the whole of one is sent when it is looked at closely."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np

from alwidgets.renderers.images import decoded_pixels, file_size, is_damaged, pillow_of, png

# What is smaller goes as it is: nothing is gained, and nothing of it is lost.
_LIGHT_FILE, _LIGHT_PIXELS = 200_000, 500_000
_QUALITY = 90
_SHRINKABLE = ("image/jpeg", "image/png", "image/webp")


def preview_of_pixels(values: Any, side: int) -> bytes | None:
    """Return a smaller file of an image, None where it is small enough.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width), (height, width, 3) or (height, width, 4)
        Its pixels, as `as_pixels` gives them.
    side : int
        Pixels that its longer side is shown with.

    Returns
    -------
    bytes or None
        A JPEG file with Pillow, a PNG file where it has transparency or Pillow is not there.
    """
    longest = max(values.shape[:2])
    if longest <= side and values.size <= _LIGHT_PIXELS:
        return None
    image = pillow_of(values)
    if image is not None:
        return _small(image, side)
    step = longest // side
    return png(_block_means(values, step)) if step > 1 else None


def preview_of_file(data: bytes, mime: str, side: int) -> tuple[bytes, tuple[int, int]] | None:
    """Return a smaller file of an image file, and the size of the whole as it stands.

    None where it is small enough, moves, is damaged, or cannot be read by Pillow.
    """
    if len(data) <= _LIGHT_FILE or mime not in _SHRINKABLE or max(file_size(data, mime)) <= side:
        return None
    if is_damaged(data, mime):
        return None
    width, height = file_size(data, mime)
    with warnings.catch_warnings():
        # The browser shows what Pillow only warns of.
        warnings.simplefilter("ignore")
        image = decoded_pixels(data, side)
        if image is None:
            return None
        small = _small(image, side)
    # A photo that was turned.
    turned = (width > height) != (image.width > image.height)
    return small, (height, width) if turned else (width, height)


def _small(image: Any, side: int) -> bytes:
    image.thumbnail((side, side))
    file = io.BytesIO()
    if image.mode in ("L", "RGB"):
        # Colors at their full number: thin lines and letters stay readable.
        image.save(file, "JPEG", quality=_QUALITY, subsampling=0, icc_profile=image.info.get("icc_profile"))
    else:
        image.save(file, "PNG")
    return file.getvalue()


def _block_means(values: Any, step: int) -> Any:
    """Return an image of the means of its squares of so many pixels; what is left over at the edges goes."""
    height, width = (length // step * step for length in values.shape[:2])
    blocks = values[:height, :width].reshape(height // step, step, width // step, step, -1)
    means = blocks.mean(axis=(1, 3)).astype(np.uint8)
    return means if values.ndim > 2 else means[..., 0]  # noqa: PLR2004
