"""Errors in one sentence."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from pathlib import Path

from alwidgets.utils.text import sanitize, words

_PACKAGE = str(Path(__file__).parents[1])


class ElsewhereError(Exception):
    """The cause of an error that was raised in another process, where its traceback stayed.

    Parameters
    ----------
    text : str
        The traceback as it is printed.
    frames : list of FrameSummary
        The traceback.
    """

    def __init__(self, text: str, frames: list[traceback.FrameSummary]) -> None:
        super().__init__(text)
        self.frames = frames

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, and those that it was raised from or in the handling of."""
    met: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        # Anybody can set a cause, also in a circle.
        if each is not None and not any(each is other for other in met):
            met.append(each)
            todo += [each.__context__, each.__cause__]
            yield each


def format_error(error: BaseException, what: str, file: str = "") -> str:
    """Return a failure as a sentence: what failed, why, and where in the user's own code; without secrets.

    Parameters
    ----------
    error : BaseException
        The failure.
    what : str
        What failed.
    file : str
        Path of a file that `what` names: a place in another one is told with the name of that.
    """
    reason = _reason(error)
    said = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
    return f"{what} failed: {said}{_place(error, file)}"


def _place(error: BaseException, file: str) -> str:
    """Return where in the user's own code it was raised; of code that could not be read the error itself says it."""
    if isinstance(error, SyntaxError):
        return ""
    cause = error.__cause__
    frames = cause.frames if isinstance(cause, ElsewhereError) else traceback.extract_tb(error.__traceback__)
    # Of Python's own modules some have no file.
    outside = [frame for frame in frames if not frame.filename.startswith((_PACKAGE, "<frozen "))]
    inside = [frame for frame in outside if "site-packages" not in frame.filename] or outside
    if not inside:
        return ""
    where = f", {Path(inside[-1].filename).name}" if file and inside[-1].filename != file else ""
    return f" (line {inside[-1].lineno} of {inside[-1].name}{where})"


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and isinstance(error.filename, str | os.PathLike):
        # Where a file lies is nobody's business but its owner's.
        return sanitize(f"{error.strerror}: {Path(error.filename).name!r}")
    return sanitize(words(error)).rstrip(" .")
