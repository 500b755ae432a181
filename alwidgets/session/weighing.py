"""Weights of the answers of a team's people."""

from __future__ import annotations

import numpy as np

from alwidgets.annotation.consensus import name_of
from alwidgets.journal.events import WeightSet
from alwidgets.session import validation
from alwidgets.session.answers import record_once
from alwidgets.session.consensus import in_words
from alwidgets.session.core import Core
from alwidgets.utils.text import short_repr

# How often somebody's answer counts at most: no team has so many others to outvote.
_MOST = 1000


def weigh(core: Core, of: str, weight: float, *, reason: str, annotator: str | None, event_id: str | None) -> str:
    """Record how much somebody's answers count, and return what is to be said where that changes no label.

    See `SessionTeam.weigh`.
    """
    team = core.engine.team
    if team is None:
        raise ValueError("the session has no team; expected one with `team=alwidgets.Team([...])`.")
    team.role(of)
    if isinstance(weight, bool) or not isinstance(weight, int | float | np.number):
        raise TypeError(f"weight is {short_repr(weight)}; expected a number from 0 to {_MOST}.")
    if not 0 <= weight <= _MOST:
        raise ValueError(f"weight is {short_repr(weight)}; expected a number from 0 to {_MOST}.")
    name, reason = core.name_of(annotator), validation.check_words("reason", reason)
    record_once(core, WeightSet, event_id, of=of, weight=float(weight), reason=reason, annotator=name)
    if team.consensus == "majority" or weight in (0, 1):
        return ""
    by = in_words(name_of(team.consensus))
    return f"changes no label by {by}: it is for the majority. 0 leaves the answers out"
