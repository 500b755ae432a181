"""Changes that a team makes to a journal that is there: what is refused of them, and what its user must know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from alwidgets.annotation.team import Team
from alwidgets.journal.state import State
from alwidgets.types import Label
from alwidgets.utils.text import counted, name_key, short_repr


def check_new_names(state: State, team: Team) -> None:
    """Raise ValueError if a name new to the team reads like that of somebody who answered: it is one person.

    A journal whose team has them already goes on. Under the lock.
    """
    before = () if state.team is None else (*state.team.annotators, *state.team.experts)
    answered = _who_answered(state)
    like = {name_key(name): name for name in answered}
    for name in (*team.annotators, *team.experts):
        other = like.get(name_key(name), name)
        if name not in answered and name not in before and other != name:
            raise ValueError(
                f"team has {short_repr(name)}, and {short_repr(other)} has answered in this journal; expected "
                "that name for the same person, and for somebody else one that differs in more than large and small "
                "letters, spaces and ways to write a character."
            )


def of_before(state: State, gold: Iterable[int]) -> list[str]:
    """Tell that labels stay in a journal that had no team. Under the lock."""
    rows = np.flatnonzero((state.codes >= 0) & ~state.copied)
    rows = np.setdiff1d(rows, np.fromiter(gold, np.intp))
    given = sum(getattr(state.past.event(state.answered.item(row)), "via", "") == "given" for row in rows.tolist())
    notes = []
    if n := len(rows) - given:
        how = "was labeled" if n == 1 else "were labeled"
        notes.append(f"{counted(n, 'sample')} {how} before there was a team: {_kept(n)}")
    if given:
        how = "has a label that was" if given == 1 else "have labels that were"
        notes.append(f"{counted(given, 'sample')} {how} given as known: {_kept(given)}")
    return notes


def _kept(n: int) -> str:
    kept = "it keeps its label, one answer, and is" if n == 1 else "they keep their labels, one answer each, and are"
    return f"{kept} not asked again. session.team.ask_more(items, 2) has others answer too."


def labels_of(state: State, rows: Iterable[int]) -> dict[int, int]:
    """Return the labels, as codes, of those of some rows that have one. Under the lock."""
    return {row: state.codes.item(row) for row in rows if state.codes[row] >= 0}


def of_gold(before: Mapping[int, int], after: Mapping[int, int]) -> list[str]:
    """Tell of labels that left, as their rows are gold now, and of those that came, as theirs are so no longer."""
    left, come = before.keys() - after.keys(), after.keys() - before.keys()
    notes = []
    if left:
        notes.append(
            f"{counted(len(left), 'label')} left the training set, since {_these(left)} gold now: what was answered "
            "there measures people, and trains nothing. Leave them out of Team(gold=...) to have them back."
        )
    if come:
        notes.append(
            f"{counted(len(come), 'label')} came into the training set, since {_these(come)} gold no longer: what was "
            "answered there as gold is their label. Name them in Team(gold=...) to keep them apart."
        )
    return notes


def other_gold(old: Mapping[int, Label], new: Mapping[int, Label]) -> Sequence[int]:
    """Return the rows that are gold in one of two, and not in the other."""
    return sorted(old.keys() ^ new.keys())


def _these(rows: Iterable[int]) -> str:
    first, *more = sorted(rows)
    return f"item {first} is" if not more else f"item {first} and {len(more)} more are"


def _who_answered(state: State) -> set[str]:
    names = state.past.columns(state.answer_numbers(), annotator=None)["annotator"].tolist()
    return {name for name in names if name}
