"""The parts of a pool that grew: what it began with, and what was added, each with a name."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from alwidgets.data.kinds import pool_of
from alwidgets.journal.errors import JournalError
from alwidgets.journal.state import State
from alwidgets.session.core import Core

#: What the samples are called that a pool began with.
FIRST = "first"


class Part(NamedTuple):
    """Samples that came together: their name, and the rows they have."""

    name: str
    rows: slice

    @property
    def n_rows(self) -> int:
        """Number of samples."""
        return self.rows.stop - self.rows.start  # type: ignore[no-any-return]


def parts_of(core: Core, state: State) -> tuple[int, ...]:
    """Return how many rows the pool began with, and how many each part has that was added."""
    return (core.setup.parts[0], *(part.n_rows for part in state.added.values()))


def named_parts(core: Core, state: State) -> list[Part]:
    """Return the parts of a pool, in the order of their rows."""
    added = [Part(each.source, slice(each.first, each.first + each.n_rows)) for each in state.added.values()]
    return [Part(FIRST, slice(0, core.setup.parts[0])), *added]


def check_parts(core: Core, path: Path, state: State) -> None:
    """Refuse a pool that has not the samples a journal knows, in their order; the error names the part.

    Raises
    ------
    JournalError
        If it has fewer rows, or more, or others.
    """
    held, parts = pool_of(core.setup.X), named_parts(core, state)
    known = f"{path} knows {state.n_samples:,}: " + ", ".join(
        f"{part.n_rows:,} of part {part.name!r}" for part in parts
    )
    if held.n_rows > state.n_samples:
        raise JournalError(
            f"X has {held.n_rows:,} rows, and {known}. Pass the samples that it knows, in their order, and add the "
            f"other {held.n_rows - state.n_samples:,} with extend."
        )
    lacking = [part.name for part in parts if part.rows.stop > held.n_rows]
    if lacking:
        raise JournalError(
            f"X has {held.n_rows:,} rows, and {known}. Rows of {', '.join(map(repr, lacking))} are missing: pass the "
            "whole pool, what it began with and then each part that was added, in this order."
        )
    for part, event in zip(parts[1:], state.added.values(), strict=True):
        if content_of(held.part(part.rows)) != event.content:
            raise JournalError(
                f"rows {part.rows.start:,} to {part.rows.stop - 1:,} of X are not the samples of part {part.name!r}, "
                f"or not in their order, as {path} knows them. Pass the samples that were added, in the order in "
                "which they were."
            )


def content_of(samples: object) -> str:
    """Return the hash of the content of samples, as the journal has it."""
    return str(pool_of(samples).fingerprint()["content"])
