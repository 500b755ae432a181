"""People of a team as a table: what each of them did, and how good it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.annotation.agreement import equal_answers
from alwidgets.annotation.answer_table import as_answer_table
from alwidgets.annotation.consensus import consensus
from alwidgets.annotation.gold import gold_accuracy
from alwidgets.annotation.leases import Lease
from alwidgets.annotation.team import Team
from alwidgets.data.label_kinds import MULTILABEL
from alwidgets.io.answers import all_answers, without_settlements
from alwidgets.journal.standing import LONGEST_SECONDS
from alwidgets.journal.state import State
from alwidgets.session.core import Core
from alwidgets.session.more_answers import asked_again
from alwidgets.types import Label

if TYPE_CHECKING:
    import pandas as pd

# As many answers, and at least so many, tell a pace.
_PACED, _FEWEST_PACED = 20, 3


def gold_of(state: State) -> dict[int, Label]:
    """Return the known labels of gold items."""
    labels = state.targets
    return {row: label_of(state, code) for row, code in state.gold.items()} if labels else {}


def label_of(state: State, code: int) -> Label:
    """Return the label of a code."""
    return state.kind.label(tuple(state.classes[place] for place in state.kind.places(code, state.label_sets)))


def people_frame(core: Core, team: Team, active: Sequence[Lease]) -> pd.DataFrame:
    """Return one row for each person of a team; see `SessionTeam.annotators`."""
    with core.log.lock:
        state = core.log.state
        every = all_answers(state)
        weights, gold = dict(state.weights), gold_of(state)
        names = (*team.annotators, *team.experts)
        n_again = [len(asked_again(state, name)) for name in names]
        classes = None if core.kind is MULTILABEL else core.classes
    answers = every[every["standing"] & every["label"].notna() & every["annotator"].notna()]
    frame = _of_people(team, every)
    known = gold_accuracy(answers, gold, classes=classes).rename(
        columns={"accuracy": "gold", "low": "gold_low", "high": "gold_high"}
    )
    method = team.consensus if classes is not None else "majority"
    judged = _judged(answers[~answers["item"].isin(list(gold))], method, classes)
    agreed = equal_answers(as_answer_table(without_settlements(answers), classes))["percent"]
    frame = frame.join(known).join(judged[["quality", "low", "high"]]).join(agreed)
    frame[["n_gold", "n_right"]] = frame[["n_gold", "n_right"]].fillna(0).astype(int)
    frame["weight"] = [weights.get(name, 1.0) for name in frame.index]
    frame["n_asked_again"] = n_again
    before = Counter(lease.annotator for lease in active)
    frame["n_before_them"] = [before[name] for name in frame.index]
    n_pages = {each.name: each.n_pages for each in core.presences.all()}
    frame["n_pages"] = [n_pages.get(name, 0) for name in frame.index]
    return frame


def _judged(answers: pd.DataFrame, method: Any, classes: Sequence[Label] | None) -> pd.DataFrame:
    """Measure everybody's quality; by the majority where a user's function cannot tell, which the consensus says."""
    try:
        return consensus(answers, method, classes=classes).annotators
    except Exception:
        if not callable(method):
            raise
        return consensus(answers, classes=classes).annotators


def _of_people(team: Team, every: pd.DataFrame) -> pd.DataFrame:
    """Return role, answers, seconds, pace and last activity of each person."""
    import pandas as pd

    rows = []
    for name in (*team.annotators, *team.experts):
        own = every[every["annotator"] == name]
        stands = own[own["standing"]]
        skipped, seconds = stands["label"].isna(), stands["seconds"].clip(upper=LONGEST_SECONDS)
        rows.append({
            "annotator": name, "role": team.role(name), "n_answers": int((~skipped).sum()),
            "n_skipped": int(skipped.sum()), "seconds": _median(seconds), "pace": _pace(own["when"]),
            "last_active": own["when"].max() if len(own) else pd.NaT,
        })  # fmt: skip
    return pd.DataFrame(rows).set_index("annotator")


def _median(values: Any) -> float:
    """Return the median; NaN of none, which older versions of pandas warn of."""
    return float(values.median()) if values.notna().any() else np.nan


def _pace(when: Any) -> float:
    """Return the answers a minute, of the last ones; NaN of too few, or of those that came at once."""
    last = when.iloc[-_PACED:]
    seconds = (last.iloc[-1] - last.iloc[0]).total_seconds() if len(last) >= _FEWEST_PACED else 0.0
    return 60 * (len(last) - 1) / seconds if seconds > 0 else np.nan
