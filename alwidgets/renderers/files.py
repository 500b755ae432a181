"""Files of samples, read only from the samples' folder and up to a maximum size."""

from __future__ import annotations

from pathlib import Path

from alwidgets.renderers.images import image_type
from alwidgets.renderers.sounds import MOST_BYTES, audio_type

_IMAGE, _AUDIO = "a PNG, JPEG, GIF or WebP file (with Pillow also BMP and TIFF)", "a WAV, MP3, OGG or FLAC file"


def file_bytes(path: Path, root: Path) -> bytes:
    """Read a file inside a folder; paths that lead outside it are refused.

    Raises
    ------
    ValueError, FileNotFoundError
        If it leads elsewhere, is missing, too large, or endless as a pipe or a device is.
    """
    found = _inside(path, root)
    size = found.stat().st_size
    if not found.is_file():
        raise ValueError(f"{path.name!r} is not a file; expected {_IMAGE}, or {_AUDIO}.")
    check_bytes(size, "file")
    return found.read_bytes()


def media_type(data: bytes, kind: str = "") -> str:
    """Return the media type of a file by its first bytes, whatever its name says.

    Parameters
    ----------
    data : bytes
        The file.
    kind : {"", "image", "audio"}
        What it has to be.

    Raises
    ------
    ValueError
        If it is nothing that browsers show or play, or of another kind.
    """
    mime = image_type(data) or audio_type(data) or ""
    if mime and mime.startswith(kind):
        return mime
    if kind == "audio":
        raise ValueError(f"the bytes {data[:8]!r}... are not audio; expected {_AUDIO}.")
    wanted = _IMAGE if kind else f"{_IMAGE}, or {_AUDIO}"
    raise ValueError(f"the bytes {data[:8]!r}... are not an image; expected {wanted}.")


def check_bytes(n_bytes: int, kind: str) -> None:
    """Raise if the data is too large to be sent.

    Raises
    ------
    ValueError
        If it is.
    """
    if n_bytes > MOST_BYTES:
        raise ValueError(
            f"the {kind} has {n_bytes / 2**20:.0f} MB; expected at most {MOST_BYTES // 2**20} MB. Show a smaller copy."
        )


def _inside(path: Path, root: Path) -> Path:
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
