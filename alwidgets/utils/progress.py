"""Progress bars of tqdm, which is an extra."""

from __future__ import annotations

from typing import Any


def tqdm() -> Any:
    """Return tqdm's progress bar.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    try:
        from tqdm.auto import tqdm as bar
    except ImportError as error:
        raise ImportError("progress=True needs tqdm: pip install alwidgets[progress]") from error
    return bar
