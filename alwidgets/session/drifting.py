"""Drift of the parts of a session's pool, and audit questions about one of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.data import pool
from alwidgets.data.label_kinds import MULTICLASS
from alwidgets.inspection.drift import drift as drift_of
from alwidgets.inspection.part_drift import ENOUGH, Looks, PartDrift, class_shares, looks_at
from alwidgets.journal.events import Drifted
from alwidgets.journal.log import id_of
from alwidgets.journal.parts import parts_of
from alwidgets.loop import growing
from alwidgets.session import validation
from alwidgets.session.core import Core
from alwidgets.types import IntArray
from alwidgets.utils.checks import check_count, check_share
from alwidgets.utils.streams import stream
from alwidgets.utils.text import short_repr

if TYPE_CHECKING:
    from alwidgets.session.session import Session

# As many of each are compared, and fewer say nothing.
_MOST, _FEWEST = 2000, 20


def drift(self: Session, part: str | None = None, *, level: float = 0.05) -> PartDrift:
    """Compare a part of the pool with the parts before it: its samples, predictions for them, and audit errors.

    Samples are compared with those before, labeled or not, since labeled ones were chosen. An alarm is recorded, once a
    part, with `parts` and `audit_log` telling of it.

    Parameters
    ----------
    part : str, optional
        One that was added by `extend`; default the newest.
    level : float
        How often the samples, and how often the errors, may be an alarm when nothing moved; above 0 and below 1.

    Returns
    -------
    found : PartDrift
        Print it for the advice. As `alwidgets.drift` costs, and a prediction of up to 4,000 samples.

    Raises
    ------
    ValueError
        If there is no such part, or one of both has fewer than 20 samples.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from alwidgets import Session
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> session = Session(X, classes=["a", "b"], learner=GaussianNB(), random_state=0)
    >>> _ = session.extend(X + 1, source="monday")
    >>> found = session.drift()
    >>> found.moved, found.n_to_ask, session.parts["drifted"].tolist()
    (True, 20, ['', 'samples'])
    """
    core: Core = self._core
    core.check_ready("drift")
    core.check_pool()
    check_share("level", level)
    with core.log.lock:
        name, rows = _part(core, part)
        setup, errors = core.setup, _errors(core, rows, level)
        n_free = int(np.count_nonzero(core.engine.queue.candidates()[rows]))
        has_model = bool(core.log.state.rounds)
    rng = stream("drift", setup.random_state, rows.start)
    before, now = (pool.take(setup.X, _drawn(rng, some)) for some in (slice(0, rows.start), rows))
    samples = drift_of(before, now, level=level, random_state=int(rng.integers(2**31)))
    classes = None
    if has_model and core.kind is MULTICLASS:
        learner = core.engine.learner
        classes = class_shares(learner.predict(before), learner.predict(now), core.classes)
    found = PartDrift(name, samples, errors, classes, n_free, level)
    _record(core, found)
    return found


def ask_audit(
    self: Session,
    n: int = ENOUGH,
    *,
    part: str | None = None,
    annotator: str | None = None,
    event_id: str | None = None,
) -> IntArray:
    """Draw samples of a part uniformly at random, and make them the next questions, to measure.

    Scores stay unbiased, since each part counts as much as it has rows.

    Parameters
    ----------
    n : int
        How many; fewer if no more are free.
    part : str, optional
        A part of the pool; default the newest.
    annotator : str, optional
        Who wants them; default the session's.
    event_id : str, optional
        The same id twice counts once.

    Returns
    -------
    rows : ndarray of int
        The samples.

    Raises
    ------
    ValueError
        If there is no such part, or the session has no audit.
    """
    core: Core = self._core
    n, name, event_id = check_count("n", n), core.name_of(annotator), validation.check_name("event_id", event_id)
    with core.log.lock:
        core.log.check_open()
        if not core.setup.audit or core.log.state.audit_mode == "ended":
            why = "was ended" if core.setup.audit else "is 0"
            raise ValueError(f"the audit {why}; expected a session made with audit above 0.")
        chosen = growing.ask_audit(core.engine, _rows_of(core, part)[1], n, name, event_id)
    core.engine.changed()
    return np.array(chosen, np.intp)


def _rows_of(core: Core, part: str | None) -> tuple[str, slice]:
    """Return the name and the rows of a part. Under the lock."""
    start, known = 0, []
    for each in parts_of(core.log.state):
        known.append((each.name, slice(start, start + each.n_rows)))
        start += each.n_rows
    found = [each for each in known if part in (None, each[0])]
    if not found:
        raise ValueError(f"part is {short_repr(part)}; expected one of {[name for name, _ in known]}.")
    return found[-1]


def _part(core: Core, part: str | None) -> tuple[str, slice]:
    """Return a part that has others before it, and enough samples. Under the lock."""
    name, rows = _rows_of(core, part)
    if rows.start == 0:
        raise ValueError(
            f"part {name!r} is what the pool began with; expected a part that was added by extend. Other samples are "
            "compared by alwidgets.drift."
        )
    for what, n in ((f"part {name!r}", rows.stop - rows.start), ("what was there before", rows.start)):
        if n < _FEWEST:
            raise ValueError(f"{what} has {n} samples; expected {_FEWEST} or more to compare.")
    return name, rows


def _drawn(rng: np.random.Generator, rows: slice) -> IntArray:
    first, n = int(rows.start), rows.stop - rows.start
    drawn: IntArray = np.arange(n) if n <= _MOST else np.sort(rng.choice(n, _MOST, replace=False))
    return drawn + first


def _errors(core: Core, rows: slice, level: float) -> Looks:
    """Compare the errors on the audit answers of a part, in the order in which they came. Under the lock."""
    state = core.log.state
    audit = state.audit_rows()
    known = audit[state.tested[audit] >= 0]
    known = known[np.argsort(state.answered[known], kind="stable")]
    wrong: Any = state.tested[known] != state.codes[known]
    return looks_at(wrong[known < rows.start], wrong[(known >= rows.start) & (known < rows.stop)], level=level)


def _record(core: Core, found: PartDrift) -> None:
    """Record an alarm that was not recorded before."""
    alarms = {"samples": (found.samples.moved, found.samples.p_value)}
    alarms["errors"] = found.errs_otherwise, found.errors.p_value
    with core.log.lock:
        if core.log.read_only or core.log.closed:
            return
        for of, (moved, p_value) in alarms.items():
            name = id_of(f"drifted {found.part} {of}")
            if moved and core.log.state.recorded(name) is None:
                core.log.record(
                    Drifted(id=name, at=time.time(), part=found.part, of=of, p_value=p_value, sentence=found.sentence)
                )
    core.engine.changed()
