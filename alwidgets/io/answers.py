"""All answers of a session as a DataFrame, whoever gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.annotation.answer_table import plain_label
from alwidgets.io.frames import times
from alwidgets.journal.events import Repeated
from alwidgets.journal.state import State
from alwidgets.types import BoolArray, IntArray

if TYPE_CHECKING:
    import pandas as pd

_READ = {
    "kind": "", "item": 0, "annotator": None, "label": None, "unsure": False, "seconds": None, "at": 0.0, "round": 0,
    "via": "", "id": "",
}  # fmt: skip


def all_answers(state: State) -> pd.DataFrame:
    """Return one row an answer that was not undone, in the order in which they came; see `Session.answers`."""
    import pandas as pd

    second = np.array([state.seen[name] for name in state.repeat_answers], np.int64)
    numbers = np.union1d(state.answer_numbers(), second)
    given = state.past.columns(numbers, **_READ)
    stands, again = _standing(given)
    columns: dict[str, Any] = {
        "item": given["item"].astype(np.int64),
        "annotator": pd.Series(given["annotator"], dtype=object),
        "label": pd.Series(list(map(plain_label, given["label"])), dtype=object),
        "unsure": given["unsure"].astype(bool),
        "seconds": np.array([np.nan if each is None else each for each in given["seconds"]], np.float64),
        "when": times(given["at"]),
        "round": given["round"].astype(np.int64),
        "source": pd.Series([via or "alwidgets" for via in given["via"]], dtype=object),
        "second": again,
        "late": np.isin(numbers, list(state.late)),
        "standing": stands,
        "id": pd.Series(given["id"], dtype=object),
    }
    return pd.DataFrame(columns)


def standing_answers(state: State) -> pd.DataFrame:
    """Return the labels that stand, one row each (item, annotator), of those with a name."""
    every = all_answers(state)
    return every[every["standing"] & every["label"].notna() & every["annotator"].notna()]


def without_settlements(answers: pd.DataFrame) -> pd.DataFrame:
    """Return answers that were given without seeing the others: agreement with them would be none."""
    return answers[answers["source"] != "settled"]


def _standing(given: dict[str, Any]) -> tuple[BoolArray, BoolArray]:
    """Find the answers that stand, one for each item and annotator, and which are second ones of the same annotator."""
    last: dict[tuple[int, Any], int] = {}
    pairs = list(zip(given["item"].tolist(), given["annotator"].tolist(), strict=True))
    is_second: BoolArray = given["kind"] == Repeated.kind
    for place in np.flatnonzero(~is_second).tolist():
        last[pairs[place]] = place
    again = is_second & np.array([pair in last for pair in pairs], bool)
    # What somebody says of an item that they had not answered before is their answer, however it was asked.
    for place in np.flatnonzero(is_second & ~again).tolist():
        last[pairs[place]] = place
    stands = np.zeros(len(pairs), bool)
    places: IntArray = np.array(list(last.values()), np.int64)
    stands[places] = True
    return stands, again
