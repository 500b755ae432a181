"""Events as records of plain values."""

from __future__ import annotations

import math
from dataclasses import MISSING, fields
from functools import cache
from typing import Any

from alwidgets.journal.events import Event

_SCALARS = (str, int, bool)
#: Fields that are not written where they have their default: most lines would have them otherwise.
LEFT_OUT = (
    "via", "suggested", "unsure", "chosen", "copies", "copy_samples", "annotator", "consensus", "settled_as",
    "adaptive", "carried", "carried_samples", "identical", "identical_samples", "asked",
)  # fmt: skip


def to_record(event: Event) -> dict[str, Any]:
    """Convert an event to plain values for a line of JSON; NaN becomes None, and default values are left out."""
    kind: Any = type(event)
    usual = _usual(kind)
    values = ((name, getattr(event, name)) for name, _ in _fields(kind))
    plain = {name: _plain(value) for name, value in values if name not in usual or value != usual[name]}
    return {"kind": event.kind, **plain}


def _plain(value: Any) -> Any:
    if value is None or type(value) in _SCALARS:
        return value
    cls: Any = type(value)
    if hasattr(cls, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name, _ in _fields(cls)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


@cache
def _fields(cls: Any) -> tuple[tuple[str, bool], ...]:
    """Return the names of a class's fields, and whether each has a default."""
    return tuple((item.name, {item.default, item.default_factory} != {MISSING}) for item in fields(cls))


@cache
def _usual(cls: Any) -> dict[str, Any]:
    """Return the fields of an event that need not be written when they have these values."""
    return {item.name: item.default for item in fields(cls) if item.name in LEFT_OUT and item.default is not MISSING}
