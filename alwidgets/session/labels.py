"""Labels of a session as a table; of a team also from how many answers, and how sure that makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.annotation.decisions import decide, votes_to_decide
from alwidgets.data.votes import how_of
from alwidgets.io import frames
from alwidgets.journal.state import State
from alwidgets.session.core import Core

if TYPE_CHECKING:
    import pandas as pd

# Where label, annotator and via are beside the data.
_BESIDE = (-3, -2, -1)


def labels_of(core: Core) -> pd.DataFrame:
    """Return the current labels, one row an item; see `Session.labels`."""
    with core.log.lock:
        state = core.log.state
        frame, team = frames.labels_frame(state), core.engine.team
        if team is None:
            return frame
        votes, classes = votes_to_decide(state, team), state.classes
        pairs = list(zip(frame["item"].tolist(), frame["label"].tolist(), strict=True))
        found = [_counted(state, row, label) for row, label in pairs]
    # Without the lock: a model of the annotators may take long.
    decided = decide(votes, team).verdicts
    for at, (row, _) in enumerate(pairs):
        if row in decided:
            verdict: Any = decided[row]
            label = None if verdict.label is None else classes[verdict.label]
            found[at] = (label, found[at][1], verdict.share, verdict.how)
    labels, n_each, shares, hows = zip(*found, strict=True) if found else ((), (), (), ())
    made = frames.with_team(frame, n_each, shares, hows)
    made["label"] = list(labels)
    # What a model of the annotators, or a user's function, finds no label for has none.
    return made[np.array([label is not None for label in labels], bool)].reset_index(drop=True)


def labels_beside(core: Core, data: Any) -> pd.DataFrame:
    """Return data with the current labels beside it; see `Session.to_frame`."""
    import pandas as pd

    with core.log.lock:
        state, team = core.log.state, core.engine.team
        frame, votes, classes = frames.labels_beside(data, state), votes_to_decide(state, team), state.classes
    decided = decide(votes, team).verdicts
    if decided:
        columns = [frame.iloc[:, at].to_numpy(object, copy=True) for at in _BESIDE]
        for row, verdict in decided.items():
            code: Any = verdict.label
            if code is None:
                for values in columns:
                    values[row] = None
            else:
                columns[0][row] = classes[code]
        for at, values in zip(_BESIDE, columns, strict=True):
            column: Any = pd.Series(values, index=frame.index, dtype=object)
            frame.isetitem(frame.shape[1] + at, column)
    return frame


def _counted(state: State, row: int, label: Any) -> tuple[Any, int, float, str]:
    """Return a label, the number of answers it is from, their share and how it came about, by counting."""
    verdict = state.verdict(row)
    if state.settlement(row) is not None:
        return label, verdict.n_answers, 1.0, "settled"
    return label, verdict.n_answers, verdict.share, how_of(label, verdict.n_answers)
