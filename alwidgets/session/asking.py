"""Questions of a session, and the models that choose them, when a script or a person wants them."""

from __future__ import annotations

import numpy as np

from alwidgets.journal.state import CANDIDATE, PENDING
from alwidgets.session import validation
from alwidgets.session.core import Core
from alwidgets.types import IntArray, Rows
from alwidgets.utils.checks import check_count


def query(core: Core, n: int | None, annotator: str | None) -> IntArray:
    """Return the pending rows, best first; with a team those that are before one of it."""
    core.check_ready("query")
    n, name = None if n is None else check_count("n", n), core.answering(annotator)
    if core.dealing is None:
        rows = core.engine.query(n)
    else:
        rows = np.array(core.dealing.pull(name, n or core.setup.batch_size), np.intp)
    core.engine.warn(stacklevel=3)
    return rows


def enqueue(core: Core, items: int | Rows, annotator: str | None, event_id: str | None) -> IntArray:
    """Ask some samples next, those with a label left out."""
    rows = list(dict.fromkeys(core.check_item(item) for item in np.atleast_1d(np.asarray(items))))
    return core.engine.enqueue(rows, core.name_of(annotator), validation.check_name("event_id", event_id))


def ask_only(core: Core, items: Rows | None, annotator: str | None, event_id: str | None) -> IntArray:
    """Ask some samples alone from now on, None for all; return those of them that can be asked."""
    rows = [] if items is None else sorted({core.check_item(item) for item in np.atleast_1d(np.asarray(items))})
    name, event_id = core.name_of(annotator), validation.check_name("event_id", event_id)
    with core.log.lock:
        core.log.check_open()
        state = core.log.state
        left = [row for row in rows if state.status[row] in (CANDIDATE, PENDING)]
        is_new = state.recorded(event_id) is None
        if items is not None and not left and is_new:
            n = "there are none" if not rows else f"each of the {len(rows)} has one"
            raise ValueError(f"items are samples of which {n}; expected some without an answer, or None to ask all.")
        if rows or len(state.only) or event_id is not None:
            leases = core.dealing or core.sharing
            active = [] if leases is None else leases.active()
            core.engine.queue.ask_only(rows, {each.item for each in active if each.annotator != name}, name, event_id)
            if leases is not None and name is not None and is_new:
                # Whoever wants others is given them at once.
                leases.release(name)
    core.engine.changed()
    return np.array(left, np.intp)


def retrain(core: Core) -> None:
    """Fit now, score, and select anew."""
    core.check_ready("retrain")
    core.engine.retrain()
    core.log.check_open()
    core.engine.warn(stacklevel=3)
