"""Kinds of content that an item can be shown as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Text:
    """Show as text, line breaks kept.

    Parameters
    ----------
    text : str
        Shown as it is; never read as HTML. Control characters, and those that turn the direction of writing, are
        written as Python writes them.
    """

    text: str


@dataclass(frozen=True)
class Image:
    """Show as an image, with zoom.

    Parameters
    ----------
    data : bytes, Path, ndarray or PIL image
        A PNG, JPEG, GIF or WebP file, with Pillow also a BMP or TIFF file, the path of one, or pixels; see `png`.
    alt : str
        What a screen reader says; without it, "sample".
    """

    data: Any
    alt: str = "sample"


@dataclass(frozen=True)
class Preview(Image):
    """Image at the size at which it is shown, which stands for a larger one.

    Parameters
    ----------
    size : tuple of (int, int)
        Width and height of the whole image.
    """

    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Row:
    """Show as a table of names and values.

    Parameters
    ----------
    cells : tuple of (str, str)
        Name and value, top to bottom.
    context : tuple of (str, str)
        The same, for what only helps: shown below, smaller.
    """

    cells: tuple[tuple[str, str], ...]
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Audio:
    """Play audio on demand, with its waveform.

    Parameters
    ----------
    data : bytes, str, Path or ndarray of shape (n_frames,) or (n_frames, n_channels)
        A WAV, MP3, OGG or FLAC file, the path of one, or the wave: int16, or floats from -1 to 1. Floats that go
        beyond are made quieter as a whole.
    rate : int, optional
        Frames a second; of an array only, a file says it itself.
    alt : str
        What a screen reader says; without it, "sample".
    """

    data: Any
    rate: int | None = None
    alt: str = "sample"


@dataclass(frozen=True)
class Html:
    """Show as HTML: cleaned, in a frame in which nothing runs and nothing is loaded from elsewhere.

    Needs nh3: ``pip install "alwidgets[html]"``.

    Parameters
    ----------
    source : str
        HTML of any origin. Scripts, forms, styles and frames are taken out, links lead nowhere; images are shown
        when they are in it (``data:``).
    """

    source: str


@dataclass(frozen=True)
class Pair:
    """Show two items side by side.

    Parameters
    ----------
    first, second : object
        Any of the others, or what is shown by itself.
    """

    first: Any
    second: Any


Rendered: TypeAlias = Text | Image | Row | Audio | Html | Pair
