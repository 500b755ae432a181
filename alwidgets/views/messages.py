"""What a message from the page holds, checked; there a class is its number, and a label of many a list of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alwidgets.types import Class, Label
from alwidgets.utils.text import brief, is_writable

_LONGEST_ID = 100


def field(content: Any, name: str, kind: type) -> Any:
    """Return a field of a message.

    Raises
    ------
    TypeError
        If it is missing or of another kind; True and False are no whole numbers.
    """
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"message field {name} is {brief(value)}; expected a {kind.__name__}.")
    return value


def id_of(content: Any, name: str) -> str:
    """Return a field that names an event.

    Raises
    ------
    ValueError, TypeError
        If it is none.
    """
    value: str = field(content, name, str)
    if not 0 < len(value) <= _LONGEST_ID:
        raise ValueError(f"{name} has {len(value)} characters; expected 1 to {_LONGEST_ID}.")
    if not is_writable(value):
        # The reply would hold it, and could not be sent.
        raise ValueError(f"{name} is {brief(value)}, which has half of a surrogate pair; expected whole characters.")
    return value


def number(content: dict[str, Any], name: str) -> float | None:
    """Return a field that is a number, None when it is not."""
    value = content.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def class_of(value: Any, classes: Sequence[Class]) -> Class:
    """Return the class of a number.

    Raises
    ------
    ValueError
        If there is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(classes):
        raise ValueError(f"the class is {brief(value)}; expected the number of a class, 0 to {len(classes) - 1}.")
    return classes[value]


def label_of(value: Any, classes: Sequence[Class]) -> Any:
    """Return the class of a number, or the classes of a list of numbers.

    Raises
    ------
    ValueError
        If one is none.
    """
    return [class_of(each, classes) for each in value] if isinstance(value, list) else class_of(value, classes)


def value_of(label: Label | Sequence[Class], classes: Sequence[Class]) -> int | list[int]:
    """Return the number of a class, or the numbers of several."""
    return [classes.index(each) for each in label] if isinstance(label, list | tuple) else classes.index(label)
