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
class Decisions:
    """Consensus of a team's answers, where it is more than counting them.

    Parameters
    ----------
    verdicts : dict of int to Verdict
        Of labeled rows that nobody settled; their labels are codes. Empty for the majority, which the state has.
    method : str
        "majority", "dawid_skene", or the name of a function; "majority" also where the one asked for cannot tell.
    reason : str
        Why it is the majority though another one was asked for; empty where it is not.
    failed : bool
        Whether that is because a user's function raised, or returned what is not a label.
    """

    verdicts: dict[int, Verdict]
    method: str = "majority"
    reason: str = ""
    failed: bool = False

    def differing(self, majority: IntArray) -> tuple[tuple[int, int], ...]:
        """Return rows and codes that are other than some codes of all rows; -1 where there is no label."""
        codes: dict[int, Any] = {row: each.label for row, each in self.verdicts.items()}
        known = ((row, -1 if code is None else int(code)) for row, code in sorted(codes.items()))
        return tuple((row, code) for row, code in known if code != majority[row])


@dataclass(frozen=True, eq=False)
class Votes:
    """Votes of a team, which can be counted without the session's lock.

    Parameters
    ----------
    table : AnswerTable
        The answers that count.
    open_rows : frozenset of int
        Rows whose label is for the consensus to say.
    majority : ndarray of shape (n_samples,), int
        The label that most answers say, as codes; -1 where there is none.
    n_classes : int
        How many classes it has labels of.
    """

    table: AnswerTable
    open_rows: frozenset[int]
    majority: IntArray
    n_classes: int


def votes_of(state: State) -> Votes:
    """Return the votes of a team; under the lock."""
    table = table_of(state, _answered(state))
    rows = (row for row in table.items if state.status[row] == LABELED and state.settlement(row) is None)
    return Votes(table, frozenset(rows), state.codes.copy(), int(np.count_nonzero(state.class_counts)))


def votes_to_decide(state: State, team: Team | None) -> Votes | None:
    """Return the votes of a team where more is made of them than counting, None otherwise; under the lock."""
    return None if team is None or state.team is None or team.consensus == "majority" else votes_of(state)


def decide(votes: Votes | None, team: Team | None) -> Decisions:
    """Work out the labels of a team's items from its votes; not under the lock.

    What has no label by the majority has none here either: it is asked again, or disputed. O(n_answers n_classes) an
    iteration of Dawid and Skene's model.
    """
    if votes is None or team is None:
        return Decisions({})
    table = votes.table
    found, method, reason = verdicts_of(table, team.consensus)
    if reason or team.consensus == "majority":
        return Decisions({}, reason=reason, failed=callable(team.consensus))
    code_of = dict(zip(map(label_key, table.classes), range(len(table.classes)), strict=True))
    verdicts = {}
    for row, verdict in zip(table.items, found, strict=True):
        if row in votes.open_rows:
            label = None if verdict.label is None else code_of[label_key(verdict.label)]
            verdicts[row] = Verdict(label, verdict.share, verdict.n_answers, verdict.how)
    if not verdicts:
        # Experts settled all that has a label.
        return Decisions(verdicts, method)
    n_classes = len({each.label for each in verdicts.values() if each.label is not None})
    if n_classes <= 1 < votes.n_classes:
        # No model can learn of one class alone.
        found_alone = "one class alone, of which no model can learn" if n_classes else "no label of any item"
        return Decisions({}, reason=f"majority, since {method} finds {found_alone}")
    return Decisions(verdicts, method)


def _answered(state: State) -> Iterable[int]:
    known = np.flatnonzero((state.answered > 0) & ~state.copied).tolist()
    return (row for row in known if row not in state.gold)


def table_of(state: State, rows: Iterable[int], *, settled: bool = True) -> AnswerTable:
    """Return the answers that count of a task with one class an item, as codes; with settlements, or without."""
    votes_on = state.votes if settled else state.independent
    votes = {row: given for row in rows if (given := votes_on(row))}
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


def codes_as(codes: IntArray, settled_as: Iterable[tuple[int, int]]) -> IntArray:
    """Return codes of all rows, with other codes for some of them."""
    known = dict(settled_as)
    if not known:
        return codes
    codes = codes.copy()
    codes[list(known)] = list(known.values())
    return codes


def settled_as_of(state: State) -> tuple[tuple[int, int], ...]:
    """Return rows and codes that the newest model learned where these are not the majority's; -1 for none.

    Left out is what got another label by the majority since.
    """
    newest = state.rounds[-1] if state.rounds else None
    if newest is None or not newest.settled_as:
        return ()
    return tuple((row, code) for row, code in newest.settled_as if state.changed_at[row] <= newest.upto)
