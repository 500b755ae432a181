"""Errors in one sentence."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from alwidgets.utils.text import sanitize, words

_PACKAGE = str(Path(__file__).parents[1])


def format_error(error: BaseException, what: str) -> str:
    """Return a failure as a sentence: what failed, why, and where in the user's own code; without secrets."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [frame for frame in frames if not frame.filename.startswith(_PACKAGE)]
    inside = [frame for frame in outside if "site-packages" not in frame.filename] or outside
    place = f" (line {inside[-1].lineno} of {inside[-1].name})" if inside else ""
    return f"{what} failed: {type(error).__name__}: {_reason(error)}{place}"


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and isinstance(error.filename, str | os.PathLike):
        # Where a file lies is nobody's business but its owner's.
        return sanitize(f"{error.strerror}: {Path(error.filename).name!r}")
    return sanitize(words(error)).rstrip(" .")
