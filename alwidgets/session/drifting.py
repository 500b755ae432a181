"""Drift of the parts of a session's pool, and audit questions about one of them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.data import pool
from alwidgets.data.kinds import pool_of
from alwidgets.data.label_kinds import MULTICLASS
from alwidgets.inspection.drift import drift as drift_of
from alwidgets.inspection.part_drift import ENOUGH, Looks, PartDrift, class_shares, looks_at
from alwidgets.journal.events import Drifted
from alwidgets.journal.log import id_of
from alwidgets.journal.parts import asked_on_arrival, rows_of, stratum_of
from alwidgets.loop import growing
from alwidgets.loop.setup import Setup
from alwidgets.session import validation
from alwidgets.session.core import Core
from alwidgets.types import IntArray
from alwidgets.utils.checks import check_count, check_share
from alwidgets.utils.streams import stream

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
        One that was added by `extend`, or several as "monday to friday"; default the newest. Of parts of fewer than 20
        samples, as in a stream, those that come to 50 together are compared.
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
        n_free = int(np.count_nonzero(core.engine.queue.candidates()[rows])) if _is_audited(core) else 0
        has_model = bool(core.log.state.rounds)
    rng = stream("drift", setup.random_state, rows.start)
    drawn = [_drawn(rng, some) for some in (slice(0, rows.start), rows)]
    before, now = (pool.take(setup.X, each) for each in drawn)
    # Samples are as they were: this is worked out once.
    compared = rows.start, rows.stop
    known = core.sample_drifts.get(compared)
    seed = int(rng.integers(2**31))
    samples = known or drift_of(*_compared(setup, drawn, (before, now)), random_state=seed)
    core.sample_drifts[compared] = samples
    samples = replace(samples, level=level)
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

    Scores stay unbiased: each part counts as much as it has rows, and of a part what `ask_if` asked as it came, which
    has questions of its own that measure, counts by itself.

    Parameters
    ----------
    n : int
        How many; fewer if no more are free.
    part : str, optional
        A part of the pool, or several as "monday to friday"; default the newest, or as of `drift` where it is small.
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
        if not _is_audited(core):
            why = (
                "was ended by end_audit, and its answers train now; expected a session whose audit goes on"
                if core.setup.audit
                else "is 0; expected a session made with audit above 0"
            )
            raise ValueError(f"the audit {why}.")
        rows = rows_of(core.log.state, part)[1]
        if rows.stop - rows.start < _FEWEST:
            _, rows = stratum_of(core.log.state, rows) or (part, rows)
        chosen = growing.ask_audit(core.engine, rows, n, name, event_id)
    core.engine.changed()
    return np.array(chosen, np.intp)


def _is_audited(core: Core) -> bool:
    return bool(core.setup.audit) and core.log.state.audit_mode != "ended"


def _part(core: Core, part: str | None) -> tuple[str, slice]:
    """Return a part that has others before it, and enough samples. Under the lock."""
    name, rows = rows_of(core.log.state, part)
    if rows.start == 0:
        raise ValueError(
            f"part {name!r} is what the pool began with; expected a part that was added by extend. Other samples are "
            "compared by alwidgets.drift."
        )
    if rows.stop - rows.start < _FEWEST:
        # Of a stream several are compared together, and once: as many looks would be as many false alarms.
        name, rows = stratum_of(core.log.state, rows) or (name, rows)
    for what, n in ((f"part {name!r}", rows.stop - rows.start), ("what was there before", rows.start)):
        if n < _FEWEST:
            raise ValueError(f"{what} has {n} samples; expected {_FEWEST} or more to compare.")
    return name, rows


def _drawn(rng: np.random.Generator, rows: slice) -> IntArray:
    first, n = int(rows.start), rows.stop - rows.start
    drawn: IntArray = np.arange(n) if n <= _MOST else np.sort(rng.choice(n, _MOST, replace=False))
    return drawn + first


def _compared(setup: Setup, drawn: list[IntArray], samples: tuple[Any, Any]) -> tuple[Any, Any]:
    """Return the samples as they are compared: texts by the features that the learner or `embed` makes of them."""
    if pool_of(setup.X).kind != "texts" or setup.features.raw is None:
        return samples
    before, now = (pool.take(setup.features.raw, rows) for rows in drawn)
    return before, now


def _errors(core: Core, rows: slice, level: float) -> Looks:
    """Compare the errors on the audit answers of a part, in the order in which they came. Under the lock."""
    state = core.log.state
    audit = np.setdiff1d(state.audit_rows(), asked_on_arrival(state))
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
