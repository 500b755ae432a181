"""Self-agreement of an annotator, measured on samples that were answered twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.journal.events import SCRIPT, Labeled
from alwidgets.journal.state import State
from alwidgets.kernels import cohen_kappa
from alwidgets.types import IntArray, Label

if TYPE_CHECKING:
    import pandas as pd


# What has just been answered is remembered, not judged anew.
_FRESH = 20


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of second answers with the first.

    Parameters
    ----------
    n : int
        Samples answered twice.
    n_agreeing : int
        Of which both answers are the same.
    kappa : float
        Cohen's: 1 for equal answers, 0 for as many equal ones as chance would give; NaN without any.
    n_waiting : int
        Samples that are still to be answered again.
    """

    n: int
    n_agreeing: int
    kappa: float
    n_waiting: int

    def __str__(self) -> str:
        if not self.n:
            return f"no second answers yet, {self.n_waiting} waiting"
        return f"{self.n_agreeing} of {self.n} second answers agree with the first (kappa {self.kappa:.2f})"


def pairs(state: State) -> list[tuple[int, Label, Label | None, str]]:
    """Return (row, first label, second label, event id) of each second answer of the same annotator, oldest first.

    The first label is their last one when the second was given. What somebody else says of the item is not a second
    answer of theirs: it tells of the agreement between annotators. A script, and who gives no name, may be anybody.
    """
    found = []
    for second in state.repeat_answers.values():
        number = state.seen[second.id]
        before = (each for each in reversed(state.history(second.item)) if each < number)
        # Of most answers no more than this is read: there may be as many as people times samples.
        own = (each for each in before if _may_be_one(state.past.value(each, "annotator"), second.annotator))
        answers: Iterator[Any] = map(state.past.event, own)
        first = next((answer.label for answer in answers if isinstance(answer, Labeled)), None)
        if first is not None:
            found.append((second.item, first, second.label, second.id))
    return found


def _may_be_one(first: str | None, second: str | None) -> bool:
    return first == second or not {None, SCRIPT}.isdisjoint((first, second))


def agreement(state: State) -> Agreement:
    """Compute the agreement of the second answers with the first; samples that were skipped do not count."""
    answered = [(first, second) for _, first, second, _ in pairs(state) if second is not None]
    if not answered:
        return Agreement(0, 0, float("nan"), len(state.pending_repeats))
    names = {label: place for place, label in enumerate(dict.fromkeys(label for pair in answered for label in pair))}
    first, second = np.array([[names[label] for label in pair] for pair in answered]).T
    n_agreeing = int(np.count_nonzero(first == second))
    return Agreement(len(answered), n_agreeing, cohen_kappa(first, second, len(names)), len(state.pending_repeats))


def repeats_frame(state: State) -> pd.DataFrame:
    """Return one row a second answer: item, first, second, whether they agree, seconds, annotator."""
    import pandas as pd

    rows = []
    for item, first, second, event_id in pairs(state):
        event = state.repeat_answers[event_id]
        rows.append((item, first, second, first == second, event.seconds, event.annotator))
    return pd.DataFrame(rows, columns=["item", "first", "second", "agrees", "seconds", "annotator"])


def due(state: State, share: float) -> int:
    """Return the number of repeats still to be asked for a share of the answers."""
    return max(0, int(share * state.n_labeled) - len(state.repeat_answers) - len(state.pending_repeats))


def drawn(state: State, n: int, rng: np.random.Generator) -> IntArray:
    """Return rows to be looked at again, drawn from the labels of persons that are neither fresh nor doubled."""
    doubled = {answer.item for answer in state.repeat_answers.values()} | set(state.pending_repeats)
    given = state.past.columns(state.answer_numbers(), kind="", item=0)
    answered = given["item"][given["kind"] == Labeled.kind].tolist()
    rows = _unique(answered[: max(0, len(answered) - _FRESH)])
    free = np.array([row for row in rows if row not in doubled and state.codes[row] >= 0], np.intp)
    return rng.choice(free, min(n, len(free)), replace=False)


def _unique(rows: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(rows))
