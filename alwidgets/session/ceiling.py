"""Ceiling of a session's score: how far the labels that measure its models can be relied on."""

from __future__ import annotations

import numpy as np

from alwidgets.annotation.ceiling import Ceiling, score_ceiling
from alwidgets.annotation.decisions import table_of
from alwidgets.data.label_kinds import MULTILABEL
from alwidgets.session.core import Core


def ceiling_of(core: Core) -> Ceiling | None:
    """Estimate how many labels of the audit are right; None without a team, or where too few tell."""
    with core.log.lock:
        state = core.log.state
        if state.team is None or core.kind is MULTILABEL:
            return None
        drawn = np.flatnonzero(state.audit & (state.answered > 0) & ~state.copied).tolist()
        table = table_of(state, drawn, settled=False)
        labels = state.codes[np.array(table.items, np.intp)]
    return score_ceiling(table.codes, labels, len(table.classes))
