"""The wait for the first score of a session, in words."""

from __future__ import annotations

from math import ceil

from alwidgets.data.pool import n_rows
from alwidgets.loop.training import can_fit
from alwidgets.scoring.scores import FEWEST_AUDITED
from alwidgets.session.core import Core
from alwidgets.session.standing import known_rounds_of


def first_score(core: Core) -> str:
    """Describe the wait for the first score, and the measure that it will be taken on; empty once there is one."""
    rounds = known_rounds_of(core).rounds
    if any(each.measured for each in rounds):
        return ""
    with core.log.lock:
        setup, state = core.setup, core.log.state
        audited = setup.test is None and bool(setup.audit) and state.audit_mode != "ended"
        if audited and len(state.audit_rows()) < FEWEST_AUDITED:
            return _of_the_audit(setup.audit, len(state.audit_rows()))
        if rounds:
            return rounds[-1].problem or _NOTHING_MEASURES
        n_new, every = len(state.unlearned), setup.retrain_every
        if not can_fit(setup.model_spec, state):
            of = "of two classes at least"
            after = f"after labels {of}" if every is None or n_new >= every else f"after {_more(every - n_new)} {of}"
        elif every is None:
            after = "when retrain() is called"
        else:
            after = f"after {_more(every - n_new)}" if n_new < every else "as soon as that is trained"
        if setup.test is not None:
            on = f"It is measured on {n_rows(setup.test[0]):,} held-out samples."
        elif audited:
            on = f"It is measured on {len(state.audit_rows())} audit questions."
        else:
            on = "It is cross-validated on the labels, once every class has two."
    return f"The first score comes with the first model, {after}. {on}"


_NOTHING_MEASURES = (
    "There is no score: nothing measures this model. Give the session test=(X, y), or an audit, as audit=0.1."
)


def _of_the_audit(share: float, n: int) -> str:
    left = ceil((FEWEST_AUDITED - n) / share)
    given = f", {n} of which have an answer" if n else ""
    return (
        f"The first score comes with {FEWEST_AUDITED} audit questions{given}: after about {left} more labels, since "
        f"{100 * share:g} % of the questions are drawn at random to measure."
    )


def _more(n: int) -> str:
    return f"{n} more label{'' if n == 1 else 's'}"
