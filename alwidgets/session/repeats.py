"""Repeats: samples answered twice, to measure self-agreement."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from alwidgets.annotation.repeats import drawn, due
from alwidgets.journal.events import RepeatsRequested
from alwidgets.journal.log import new_id
from alwidgets.journal.resent import recorded_as
from alwidgets.session import validation
from alwidgets.session.core import Core
from alwidgets.types import IntArray
from alwidgets.utils.checks import check_share
from alwidgets.utils.streams import stream


def request_repeats(core: Core, items: Any, annotator: str | None, event_id: str | None) -> IntArray:
    """Ask labeled items, or a share of them, a second time."""
    event_id, name = validation.check_name("event_id", event_id), core.name_of(annotator)
    with core.log.lock:
        core.log.check_open()
        state = core.log.state
        before: Any = recorded_as(state, event_id, RepeatsRequested, annotator=name)
        if before is not None:
            return np.array(before.items, np.intp)
        if np.ndim(items) == 0:
            check_share("items", items)
            rows = drawn(state, max(1, round(items * state.n_labeled)), _rng(core))
        else:
            rows = np.array([core.check_item(item) for item in items], np.intp)
            unlabeled = [row for row in rows.tolist() if state.codes[row] < 0]
            if unlabeled:
                raise ValueError(f"items has {unlabeled[0]}, which has no label; expected labeled rows.")
        _record(core, rows, name, event_id)
    core.engine.changed()
    return rows


def draw_if_due(core: Core) -> None:
    """Draw repeats when the task's share of the answers calls for some."""
    if not core.task.repeats:
        return
    with core.log.lock:
        state = core.log.state
        n_due = due(state, core.task.repeats)
        if n_due and not core.log.closed:
            _record(core, drawn(state, n_due, _rng(core)))


def _record(core: Core, rows: IntArray, annotator: str | None = None, event_id: str | None = None) -> None:
    # What has an id is recorded even where there are none.
    if len(rows) or event_id is not None:
        items = tuple(rows.tolist())
        core.log.record(RepeatsRequested(id=event_id or new_id(), at=time.time(), items=items, annotator=annotator))


def _rng(core: Core) -> np.random.Generator:
    return stream("repeats", core.setup.random_state, core.log.state.n_events)
