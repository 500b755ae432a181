"""Ownership of a journal by sessions and kernels: open, take over, refresh, close."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from alwidgets.data import pool
from alwidgets.journal.decode import gc_paused
from alwidgets.journal.errors import JournalError
from alwidgets.journal.events import Labeled
from alwidgets.journal.files import Journal
from alwidgets.journal.log import EventLog
from alwidgets.journal.state import State
from alwidgets.session.core import Core
from alwidgets.session.parts import check_parts
from alwidgets.session.team_changes import check_new_names
from alwidgets.types import Class
from alwidgets.utils.text import short_repr

_OPEN: weakref.WeakValueDictionary[Path, Core] = weakref.WeakValueDictionary()
_OPENING = threading.RLock()


def open_log(core: Core, journal: Path | None, classes: tuple[Class, ...], *, seeded: bool) -> None:
    """Open the journal, and end the session of this kernel that has it open already; then start.

    Parameters
    ----------
    core : Core
        The session, which has no log yet.
    journal : Path or None
        Its folder; None keeps everything in memory.
    classes : tuple of class
        Those that the session is made with.
    seeded : bool
        Whether a seed was given: it must then be that of the journal.
    """
    if journal is None:
        core.start(EventLog(pool.n_rows(core.setup.X), classes, None, core.kind))
        return
    with _OPENING:
        before = _OPEN.get(journal)
        # The other session writes nothing while its file is read, and goes on if this one does not fit.
        with contextlib.nullcontext() if before is None else before.log.lock:
            identity = core.identity(classes)
            if not seeded:
                del identity["random_state"]
            opened: list[EventLog] = []
            with gc_paused():
                stored = Journal(
                    journal, identity, lambda found: opened.append(_accepted(core, found)),
                    {"features": core.init_params["features"]},
                )  # fmt: skip
            seed = int(stored.identity.get("random_state", core.setup.random_state))
            core.setup = replace(core.setup, random_state=seed)
            core.start(opened[-1])
            _OPEN[journal] = core
            if before is not None:
                before.log.close()
    if before is not None:
        before.let_go()


def find_open(journal: Path | None) -> Any:
    """Return the open session of this kernel that keeps its journal in a folder, None when there is none."""
    core = None if journal is None else _OPEN.get(journal)
    return None if core is None or core.log.closed else core.owner


def warnings_of(core: Core) -> Iterator[str]:
    """Yield warnings about the journal, for the user who opens the session."""
    if message := recovery_message(core):
        yield message
    if message := _other_features(core):
        yield message
    if core.log.forbidden:
        yield (
            f"{core.log.path} may not be written to ({core.log.forbidden}): this session only reads. To label, copy "
            "the folder to where you may write, and open the copy."
        )
    elif core.log.lock_owner:
        yield (
            f"{core.log.path} is held by {core.log.lock_owner}: this session only reads. Call take_over() to go on"
            " here; the other kernel can then write no more to this folder. If this folder is a copy, the other kernel"
            " has the original open and goes on there: what both write then, alw.merge joins."
        )


def _other_features(core: Core) -> str:
    """Return a warning that the session began with other features; empty where it did not, or does not say."""
    given = core.init_params["features"]
    begun = core.log.journal.identity.get("features", given) if core.log.journal else given
    if begun == given:
        return ""
    return (
        f'{core.log.path} began with features="{begun}" and is opened with features="{given}": from here on its models '
        f'are fitted on other features, and its questions are others. Pass features="{begun}" to go on as it began; '
        f'to keep features="{given}", open it as it began and call branch(journal, features="{given}").'
    )


def recovery_message(core: Core) -> str:
    """Return a report of the repairs made when the journal was opened; empty if there were none."""
    return core.log.journal.recovery_message if core.log.journal else ""


def take_over(core: Core) -> None:
    """Take the session from the kernel that holds it."""
    if not core.log.read_only:
        return
    core.engine.callbacks.check_outside("take_over")
    with core.engine.paused(), core.log.lock:
        core.log.take_over()
    core.engine.changed()


def refresh(core: Core) -> None:
    """Read what the owner of the session has written since."""
    if not core.log.read_only:
        return
    core.engine.callbacks.check_outside("refresh")
    with core.engine.paused(), core.log.lock:
        core.log.refresh()
    core.engine.changed()


def close(core: Core) -> None:
    """Stop listening and writing, and release the pool."""
    with core.log.lock:
        news = not core.log.closed
        # Once more after an interrupt, which may have come before the session was given back.
        core.log.close()
    if news:
        core.let_go()


def _check_pool(core: Core, path: Path, state: State) -> None:
    check_parts(core.setup.X, path, state)


def _accepted(core: Core, journal: Journal) -> EventLog:
    """Know what a journal says, or refuse it, before the session is taken."""
    # Of the pool as it is whenever the journal is read.
    check = partial(_check_pool, core, journal.path)
    log = EventLog(core.setup.n_first, tuple(journal.identity["classes"]), journal, core.kind, check)
    # Ids that are others than those that were answered are refused.
    for event in log.state.past.of(Labeled) if core.ids is not None else ():
        if event.sample != core.sample_id(event.item):
            raise JournalError(
                f"{journal.path}: the sample of row {event.item} had the id {short_repr(event.sample)}, and ids has "
                f"{short_repr(core.sample_id(event.item))}; pass the ids that it was made with."
            )
    if core.init_params["team"] is not None:
        check_new_names(log.state, core.init_params["team"])
    return log
