"""Consensus that stands: the method by which a team's answers become labels, and why it is another one."""

from __future__ import annotations

from dataclasses import dataclass

from alwidgets.annotation.consensus import name_of
from alwidgets.annotation.decisions import decide, votes_to_decide
from alwidgets.annotation.team import Team
from alwidgets.session.core import Core

_IN_WORDS = {"majority": "the majority", "dawid_skene": "Dawid and Skene's model"}


@dataclass(frozen=True)
class ConsensusInUse:
    """Method by which the answers of a team become labels now.

    Parameters
    ----------
    wanted : str
        What the team asks for: "majority", "dawid_skene", or the name of a function.
    method : str
        What makes the labels now: that, or "majority" where it cannot.
    reason : str
        Why it is the majority instead; empty where it is what was asked for.
    trained : str or None
        What made the labels of the newest model; None before there is one.
    n_differing : int
        Labels that are other than the majority's.
    """

    wanted: str
    method: str
    reason: str
    trained: str | None
    n_differing: int

    def __str__(self) -> str:
        by = f"Labels are by {in_words(self.method)}"
        if self.reason:
            by += f", not by {in_words(self.wanted)}: {self.reason.removeprefix('majority, since ')}"
        elif self.method != "majority":
            by += f"; {self.n_differing} {'is' if self.n_differing == 1 else 'are'} other than the majority's"
        other = self.trained not in (None, self.method)
        return f"{by}." + (f" The newest model learned those by {in_words(self.trained)}." if other else "")


def in_words(method: str | None) -> str:
    """Name a way to make labels of answers, in a sentence."""
    return _IN_WORDS.get(method or "", f"the function {method}")


def consensus_in_use(core: Core, team: Team) -> ConsensusInUse:
    """Find the method that makes labels of a team's answers; O(n_answers n_classes) an iteration of a model of them."""
    with core.log.lock:
        state = core.log.state
        trained = state.rounds[-1].consensus if state.rounds else ""
        votes = votes_to_decide(state, team)
    # Nobody waits for a model of the annotators.
    decided = decide(votes, team)
    n_differing = 0 if votes is None else len(decided.differing(votes.majority))
    return ConsensusInUse(name_of(team.consensus), decided.method, decided.reason, trained or None, n_differing)
