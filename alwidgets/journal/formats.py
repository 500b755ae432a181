"""Formats of the journal, and how events of an older one are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: What this alwidgets writes.
FORMAT = 1

#: What makes a record of format n + 1 of one of format n, by n. A new field with a default needs no new format.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def upgraded(record: dict[str, Any], written_in: int) -> dict[str, Any]:
    """Return an event's record as the present format has it."""
    for number in range(written_in, FORMAT):
        record = UPGRADES[number](record)
    return record
