"""A pool held against the parts that its journal knows."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from typing import Any

from alwidgets.data.kinds import pool_of
from alwidgets.journal.errors import JournalError
from alwidgets.journal.parts import parts_of
from alwidgets.journal.state import State


def check_parts(X: Any, path: Path, state: State) -> None:
    """Refuse a pool that has not the samples a journal knows, in their order; the error names the part.

    Raises
    ------
    JournalError
        If it has fewer rows, or more, or others.
    """
    held, parts = pool_of(X), parts_of(state)
    if held.n_rows == state.n_samples == parts[0].n_rows:
        return
    known = f"{path} knows {state.n_samples:,}: " + ", ".join(
        f"{part.n_rows:,} of part {part.name!r}" for part in parts
    )
    if held.n_rows > state.n_samples:
        raise JournalError(
            f"X has {held.n_rows:,} rows, and {known}. Pass the samples that it knows, in their order, and add the "
            f"other {held.n_rows - state.n_samples:,} with extend."
        )
    ends = list(accumulate(part.n_rows for part in parts))
    lacking = [part.name for part, end in zip(parts, ends, strict=True) if end > held.n_rows]
    if lacking:
        raise JournalError(
            f"X has {held.n_rows:,} rows, and {known}. Rows of {', '.join(map(repr, lacking))} are missing: pass the "
            "whole pool, what it began with and then each part that was added, in this order."
        )
    for each in state.added.values():
        stop = each.first + each.n_rows
        if content_of(held.section(slice(each.first, stop))) != each.content:
            raise JournalError(
                f"rows {each.first:,} to {stop - 1:,} of X are not the samples of part {each.source!r}, or not in "
                f"their order, as {path} knows them. Pass the samples that were added, in the order in which they were."
            )


def content_of(samples: object) -> str:
    """Return the hash of the content of samples, as the journal has it."""
    return str(pool_of(samples).fingerprint()["content"])
