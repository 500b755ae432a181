"""The neutral record of an answer, whatever tool it was given in."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alwidgets.data.pool import text_id
from alwidgets.types import Class
from alwidgets.utils.text import short_repr

#: Fields that say what is asked, best first; of others the only text is.
TEXTS = ("text", "content", "sentence", "html", "image", "audio", "filename", "file_name")
#: Names of ours in the data of other tools.
OURS = ("alw_id", "alw_event", "alw_row", "alw_session")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRecord:
    """An answer to a sample, as any labeling tool has it.

    Parameters
    ----------
    sample : str
        Id of the sample.
    answer : tuple of str, int, float or bool, or None
        The classes chosen, none for none of them; in a task of one class a tuple of one. None says that there is no
        answer any more: it was deleted. What was chosen before a skip may stand beside `cancelled`.
    content : str
        Hash of what was asked, by which the sample is found where the session has other ids; "" if unknown.
    accepted : bool or None
        Whether the class in `answer` is right, in a tool that asks for one class at a time; None where it was chosen.
    annotator : str or None
        The person who answered; None where that is not known.
    when : float or None
        When it was given or last changed, in seconds since 1970, UTC.
    seconds : float or None
        How long it took.
    source : str
        The tool.
    note : str
        What was written beside it.
    flag : str or None
        The note of a flag, "" for a flag without one; None for none.
    cancelled : bool
        Whether the sample was skipped.
    suggested : tuple of class, or None
        What the annotator had been shown as an answer; None for nothing.
    id : str
        The answer's own id over there, by which corrections of it are known; "" where it has none, and an annotator
        has one answer to a sample.
    item : int or None
        Row of the pool in the session it comes from.
    sides : bool
        Whether "left" and "right" in `answer` are the sides of a pair, and not classes that are called so.
    place : str
        The line, task or row of a file that it was read from, as in "line 3"; "" where there is none. Records are the
        same wherever they stand.

    Examples
    --------
    >>> AnswerRecord(sample="m17", answer=("spam",), annotator="ann@example.com").answer
    ('spam',)
    """

    sample: str
    answer: tuple[Class, ...] | None
    content: str = ""
    accepted: bool | None = None
    annotator: str | None = None
    when: float | None = None
    seconds: float | None = None
    source: str = ""
    note: str = ""
    flag: str | None = None
    cancelled: bool = False
    suggested: tuple[Class, ...] | None = None
    id: str = ""
    item: int | None = None
    sides: bool = False
    place: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("answer", "suggested"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, tuple):
                raise TypeError(f"{name} is {short_repr(value)}; expected a tuple of classes, such as ('spam',).")


def identified(fields: Mapping[str, Any], own: Any = None) -> dict[str, Any]:
    """Return the id of a sample and the hash of its content, from what a tool shows of it.

    Parameters
    ----------
    fields : mapping of str to object
        Its data; an "alw_id" in it is its id.
    own : str or int, optional
        Its id otherwise; default the hash.

    Examples
    --------
    >>> identified({"text": "win a prize", "alw_id": "m17"})["sample"]
    'm17'
    """
    data = {name: value for name, value in fields.items() if name not in OURS}
    content = text_id(
        shown if (shown := main_text(data)) is not None else json.dumps(data, sort_keys=True, default=str)
    )
    given = fields.get("alw_id", own)
    return {"sample": content if given is None or given == "" else str(given), "content": content}


def main_text(fields: Mapping[str, Any]) -> str | None:
    """Return the text, or the path of the file, that is asked about; None where there are several."""
    for name in TEXTS:
        value = fields.get(name)
        if isinstance(value, str):
            return value
    texts = [value for value in fields.values() if isinstance(value, str)]
    return texts[0] if len(texts) == 1 else None


def moment(value: Any) -> float | None:
    """Return a time, ISO 8601 or seconds since 1970, as seconds since 1970; without a zone it is UTC.

    Raises
    ------
    ValueError
        If it is not a time.
    """
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValueError(f"the time is {short_repr(value)}; expected ISO 8601, as '2026-11-29T15:08:41Z'.") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def iso(when: float) -> str:
    """Return seconds since 1970 as ISO 8601, to the microsecond.

    Raises
    ------
    OverflowError
        If it is in no year from 1 to 9999.
    """
    try:
        found = datetime.fromtimestamp(when, UTC)
    except (ValueError, OverflowError, OSError):
        raise OverflowError(f"{when:.15g} seconds since 1970 are in no year from 1 to 9999") from None
    return found.isoformat(timespec="microseconds").replace("+00:00", "Z")


def classes_in(value: Any) -> tuple[Class, ...]:
    """Return one class, or a list of them, as a tuple.

    Raises
    ------
    ValueError
        If there is anything in it that is not a class.
    """
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    for each in values:
        if not isinstance(each, str | int | float | bool):
            raise ValueError(  # noqa: TRY004 - what is wrong is a file
                f"the label is {short_repr(value)}; expected a class, or a list of classes."
            )
    return values


def seconds_in(value: Any) -> float | None:
    """Return a duration, None for none or an empty cell.

    Raises
    ------
    ValueError
        If it is not a number.
    """
    if value is None or value == "":
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"the time taken is {short_repr(value)}; expected seconds.") from None
    return None if math.isnan(found) else found
