"""Checks of the fields of a page's message; there a class is its number, and a multilabel label a list of numbers.

Each check takes a message as it came and the name of a field, and returns what the field says. What it raises is told
to whoever sent the message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol, TypeVar, get_type_hints

import numpy as np

from alwidgets.session.validation import check_annotator, check_words
from alwidgets.types import Class, IntArray, Label
from alwidgets.utils.checks import check_count
from alwidgets.utils.text import is_writable, short_repr

_T = TypeVar("_T")
_LONGEST_ID = 100
# A reason, and what goes with it; nothing that a person types into a field is longer.
_LONGEST_MESSAGE = 1000
_MOST_SETTINGS = 50
_IN_WORDS: dict[type, str] = {str: "a text", int: "an integer", bool: "true or false", dict: "an object"}


class Subject(Protocol):
    """Subject of a page's messages: its samples go by row numbers, its classes by their numbers."""

    @property
    def n_samples(self) -> int:
        """Number of samples."""

    @property
    def classes(self) -> tuple[Class, ...]:
        """The classes, each at its number."""


@dataclass(frozen=True)
class RawMessage:
    """A message as it came from a page, and what it is about.

    Parameters
    ----------
    content : object
        What JSON held; whatever that is.
    buffers : sequence of bytes-like
        The binary parts.
    subject : Subject
        Has the samples and the classes: a session, or what is drawn for a race.
    annotator : str or None
        Whose page it came from; None where that is not known.
    """

    content: Any
    buffers: Sequence[Any]
    subject: Subject
    annotator: str | None = None

    def get(self, name: str) -> Any:
        """Return a field, None where there is none."""
        return self.content.get(name) if isinstance(self.content, dict) else None


Check = Callable[[RawMessage, str], Any]


def check_message(kind: type, received: RawMessage) -> Any:
    """Return a message with every field of its kind: what is not sent is what its check makes of None.

    Parameters
    ----------
    kind : type
        A TypedDict, each field of which is Annotated with its check.
    received : RawMessage
        As it came; fields that the kind does not have are left out.

    Raises
    ------
    ValueError, TypeError
        If a field is not what it should be.
    """
    return {name: check(received, name) for name, check in _checks(kind).items()}


@cache
def _checks(kind: type) -> dict[str, Check]:
    return {name: hint.__metadata__[0] for name, hint in get_type_hints(kind, include_extras=True).items()}


# Checks made of others


def optional(check: Check, default: Any = None) -> Check:
    """Return a check that takes a default for what is not there, or None."""
    return lambda received, name: default if received.get(name) is None else check(received, name)


def choice(*names: str) -> Check:
    """Return a check of a text that is one of these."""

    def check(received: RawMessage, name: str) -> str:
        value = received.get(name)
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"{name} is {short_repr(value)}; expected one of {list(names)}.")
        return value

    return check


def nested(kind: type) -> Check:
    """Return a check of a field that holds fields itself."""
    return lambda received, name: check_message(kind, replace(received, content=received.get(name)))


def items(most: int) -> Check:
    """Return a check of a list of at most so many row numbers of the pool."""

    def check(received: RawMessage, name: str) -> list[int]:
        value = received.get(name)
        if not isinstance(value, list) or len(value) > most:
            what = f"has {len(value)} rows" if isinstance(value, list) else f"is {short_repr(value)}"
            raise ValueError(f"{name} {what}; expected a list of at most {most} rows at once.")
        return [check_row(each, received.subject.n_samples) for each in value]

    return check


# Plain values


def text(received: RawMessage, name: str) -> str:
    """Return a text."""
    return _of_type(received, name, str)


def whole(received: RawMessage, name: str) -> int:
    """Return a whole number; True and False are refused."""
    return _of_type(received, name, int)


def count(received: RawMessage, name: str) -> int:
    """Return a count: a whole number of at least 1."""
    return check_count(name, received.get(name))


def yes_no(received: RawMessage, name: str) -> bool:
    """Return whether something is so."""
    return _of_type(received, name, bool)


def number(received: RawMessage, name: str) -> float | None:
    """Return a number, None for anything else."""
    value = received.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def duration(received: RawMessage, name: str) -> float | None:
    """Return the time a sample was on screen, in seconds; None where the page's clock was set back meanwhile."""
    seconds = number(received, name)
    return None if seconds is None or seconds < 0 else seconds


def _of_type(received: RawMessage, name: str, kind: type[_T]) -> _T:
    value = received.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"message field {name} is {short_repr(value)}; expected {_IN_WORDS[kind]}.")
    return value


# Who, and which


def annotator(received: RawMessage, name: str) -> str | None:
    """Return the sender of the message: whose page it is, else whom it names; None leaves it to the session.

    Raises
    ------
    ValueError, TypeError
        If it names another than the one whose page it is, or no name at all.
    """
    named = check_annotator(received.get(name))
    if received.annotator is not None and named not in (None, received.annotator):
        raise ValueError(
            f"{name} is {short_repr(named)}; expected {short_repr(received.annotator)}, whose page it is, or no name."
        )
    return received.annotator or named


def event_id(received: RawMessage, name: str) -> str:
    """Return the name of an event."""
    value = text(received, name)
    if not 0 < len(value) <= _LONGEST_ID:
        raise ValueError(f"{name} has {len(value)} characters; expected 1 to {_LONGEST_ID}.")
    if not is_writable(value):
        # The reply would hold it, and could not be sent.
        raise ValueError(
            f"{name} is {short_repr(value)}, which has half of a surrogate pair; expected whole characters."
        )
    return value


# Samples


def item(received: RawMessage, name: str) -> int:
    """Return a row number of the pool."""
    return check_row(whole(received, name), received.subject.n_samples)


def rows(received: RawMessage, name: str) -> IntArray:
    """Return row numbers of the pool, each once."""
    return check_rows(received.get(name), received.subject.n_samples)


def sent_rows(received: RawMessage, _name: str) -> IntArray:
    """Return the row numbers of the pool in a message's binary part, each once."""
    buffers = received.buffers
    if len(buffers) != 1 or memoryview(buffers[0]).nbytes % 4:
        raise ValueError(f"message has {len(buffers)} binary parts; expected one, row numbers of four bytes each.")
    return check_rows(np.frombuffer(buffers[0], "<u4").astype(np.intp), received.subject.n_samples)


def check_row(row: Any, n_samples: int) -> int:
    """Return one row number of the pool."""
    if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < n_samples:
        raise ValueError(f"item is {short_repr(row)}; expected a row number of X, 0 to {n_samples - 1}.")
    return row


def check_rows(rows: Any, n_samples: int) -> IntArray:
    """Return row numbers of the pool, each once, in their order."""
    try:
        given = np.atleast_1d(np.asarray(rows))
    except ValueError:
        given = np.empty((0, 0))
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise TypeError(f"rows is {short_repr(rows)}; expected row numbers of X, 0 to {n_samples - 1}.")
    outside = given[(given < 0) | (given >= n_samples)]
    if len(outside):
        raise ValueError(f"rows has {outside[0]}; expected row numbers of X, 0 to {n_samples - 1}.")
    return np.array(list(dict.fromkeys(given.tolist())), np.intp)


def points(received: RawMessage, name: str) -> list[list[float]]:
    """Return points of a plane, a pair of numbers each."""
    value = received.get(name)
    if not isinstance(value, list) or not all(isinstance(each, list) and _are_numbers(each) for each in value):
        raise ValueError(f"{name} is {short_repr(value)}; expected a list of points, two numbers each.")
    return value


def _are_numbers(values: list[Any]) -> bool:
    return len(values) == 2 and all(isinstance(each, int | float) and not isinstance(each, bool) for each in values)  # noqa: PLR2004


# Classes


def one_class(received: RawMessage, name: str) -> Class:
    """Return the class of a number."""
    return _class_of(received.get(name), received.subject.classes)


def label(received: RawMessage, name: str) -> Class | list[Class]:
    """Return the class of a number, or the classes of a list of numbers."""
    value, classes = received.get(name), received.subject.classes
    return [_class_of(each, classes) for each in value] if isinstance(value, list) else _class_of(value, classes)


def _class_of(value: Any, classes: Sequence[Class]) -> Class:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(classes):
        raise ValueError(f"the class is {short_repr(value)}; expected the number of a class, 0 to {len(classes) - 1}.")
    return classes[value]


def value_of(label: Label | Sequence[Class], classes: Sequence[Class]) -> int | list[int]:
    """Return the number of a class, or the numbers of several, as a page knows them."""
    return [classes.index(each) for each in label] if isinstance(label, list | tuple) else classes.index(label)


# Settings


def settings(received: RawMessage, name: str) -> dict[str, Any]:
    """Return single values and thresholds, each with its name; what they may be is for the session to say."""
    _check_length(received)
    value: dict[Any, Any] = _of_type(received, name, dict)
    thresholds = value.get("thresholds", {})
    others = {each: value[each] for each in value if each != "thresholds"}
    if not (isinstance(thresholds, dict) and _are_single(thresholds) and _are_single(others)):
        raise ValueError(f"{name} is {short_repr(value)}; expected names with a value each, and thresholds.")
    return value


def reason(received: RawMessage, name: str) -> str:
    """Return a person's words, which may be none."""
    _check_length(received)
    return check_words(name, "" if received.get(name) is None else received.get(name))


def _check_length(received: RawMessage) -> None:
    if (length := len(str(received.content))) > _LONGEST_MESSAGE:
        raise ValueError(f"message has {length} characters; expected at most {_LONGEST_MESSAGE}.")


def _are_single(values: dict[Any, Any]) -> bool:
    return len(values) <= _MOST_SETTINGS and all(
        isinstance(name, str) and (value is None or isinstance(value, str | int | float))
        for name, value in values.items()
    )
