"""Labels of a session that are not what most answers say: by a model of the annotators, or by a user's function."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.annotation.answer_table import AnswerTable
from alwidgets.annotation.consensus import verdicts_of
from alwidgets.annotation.team import Team
from alwidgets.data.votes import Verdict, label_key
from alwidgets.journal.state import LABELED, State
from alwidgets.types import IntArray


@dataclass(frozen=True, eq=False)
class Ballots:
    """Answers of a team that more is made of than counting them, taken under the lock and read without it.

    Parameters
    ----------
    table : AnswerTable
        All of them, as codes.
    method : str or callable
        As `Team.consensus`, other than "majority".
    majority : dict of int to int
        Code of each labeled row that nobody settled, by counting.
    n_classes : int
        Classes that counting finds among the labels.
    """

    table: AnswerTable
    method: Any
    majority: dict[int, int]
    n_classes: int


@dataclass(frozen=True, eq=False)
class Decisions:
    """Consensus of a team's answers, where it is more than counting them.

    Parameters
    ----------
    verdicts : dict of int to Verdict
        Of labeled rows that nobody settled; their labels are codes. Empty for the majority, which the state has.
    method : str
        "majority", "dawid_skene", or the name of a function; "majority" also where the one asked for cannot tell.
    settled_as : tuple of (int, int)
        Ascending rows, and codes, where the label is another than most answers say; -1 where there is none.
    """

    verdicts: dict[int, Verdict]
    method: str = "majority"
    settled_as: tuple[tuple[int, int], ...] = ()


def ballots_of(state: State, team: Team | None) -> Ballots | None:
    """Return the answers that a team's labels are worked out from; None where counting them is all."""
    if team is None or state.team is None or team.consensus == "majority":
        return None
    table = table_of(state, _answered(state))
    labeled = (row for row in table.items if state.status[row] == LABELED and state.settlement(row) is None)
    n_classes = int(np.count_nonzero(state.class_counts))
    return Ballots(table, team.consensus, {row: state.codes.item(row) for row in labeled}, n_classes)


def decisions(ballots: Ballots | None) -> Decisions:
    """Work out the labels of a team's items from all answers, by Dawid and Skene's model or a user's function.

    What has no label by the majority has none here either: it is asked again, or disputed. O(n_answers n_classes) an
    iteration of the model: not to be called under the lock.
    """
    if ballots is None:
        return Decisions({})
    table = ballots.table
    found, method, _ = verdicts_of(table, ballots.method)
    if method == "majority":
        return Decisions({})
    code_of = dict(zip(map(label_key, table.classes), range(len(table.classes)), strict=True))
    verdicts, codes = {}, {}
    for row, verdict in zip(table.items, found, strict=True):
        if row in ballots.majority:
            label = None if verdict.label is None else code_of[label_key(verdict.label)]
            verdicts[row] = Verdict(label, verdict.share, verdict.n_answers, verdict.how)
            codes[row] = -1 if label is None else label
    if len({code for code in codes.values() if code >= 0}) <= 1 < ballots.n_classes:
        # No model can learn of one class alone.
        return Decisions({})
    settled_as = ((row, code) for row, code in sorted(codes.items()) if code != ballots.majority[row])
    return Decisions(verdicts, method, tuple(settled_as))


def _answered(state: State) -> Iterable[int]:
    known = np.flatnonzero((state.answered > 0) & ~state.copied).tolist()
    return (row for row in known if row not in state.gold)


def table_of(state: State, rows: Iterable[int]) -> AnswerTable:
    """Return the answers that count of a task with one class an item, as codes."""
    votes = {row: given for row in rows if (given := state.votes(row))}
    names: dict[str | None, int] = {}
    for given in votes.values():
        for name in given:
            names.setdefault(name, len(names))
    codes: IntArray = np.full((len(votes), len(names)), -1, np.intp)
    for at, given in enumerate(votes.values()):
        for name, code in given.items():
            codes[at, names[name]] = code
    return AnswerTable(codes, tuple(votes), tuple(names), state.classes)


def with_settled(rows: IntArray, codes: IntArray, settled_as: Iterable[tuple[int, int]]) -> tuple[IntArray, IntArray]:
    """Return ascending rows and their codes, with other codes for some of them; those with -1 are left out."""
    known = dict(settled_as)
    if not known:
        return rows, codes
    codes = codes.copy()
    places = np.flatnonzero(np.isin(rows, list(known)))
    codes[places] = [known[row] for row in rows[places].tolist()]
    return rows[codes >= 0], codes[codes >= 0]
