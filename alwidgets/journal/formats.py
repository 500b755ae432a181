"""Formats of the journal, and how events of an older one are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: What this alwidgets writes.
FORMAT = 2

# What format 1 called otherwise.
_KINDS = {"labelled": "labeled", "look_again": "repeats_requested", "looked_again": "repeated"}
_FIELDS = {"n_labelled": "n_labeled", "n_learnt": "n_learned", "n_unlabelled": "n_unlabeled", "recipe": "model_spec"}


def upgraded(record: dict[str, Any], written_in: int) -> dict[str, Any]:
    """Return an event's record as the present format has it."""
    for number in range(written_in, FORMAT):
        record = UPGRADES[number](record)
    return record


def _with_names_of_2(record: dict[str, Any]) -> dict[str, Any]:
    renamed = _renamed(record)
    kind = renamed.get("kind")
    renamed["kind"] = _KINDS.get(kind, kind) if isinstance(kind, str) else kind
    if renamed.get("strategy") == "by hand":
        renamed["strategy"] = "manual"
    return renamed


def _renamed(record: dict[str, Any]) -> dict[str, Any]:
    # Fields lie no deeper than the signals of a round's record.
    return {
        _FIELDS.get(name, name): _renamed(value) if name in ("record", "signals") and isinstance(value, dict) else value
        for name, value in record.items()
    }


#: What makes a record of format n + 1 of one of format n, by n. A new field with a default needs no new format.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _with_names_of_2}
