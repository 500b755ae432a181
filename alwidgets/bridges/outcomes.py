"""Outcomes of calls to another tool, as users read them."""

from __future__ import annotations

from dataclasses import dataclass

from alwidgets.bridges.tasks import Quarantined


@dataclass(frozen=True, slots=True)
class Pushed:
    """Outcome of `LabelStudio.push`.

    Parameters
    ----------
    n_new : int
        Tasks that were brought.
    n_open : int
        Tasks that wait for an answer, those brought before among them.
    n_withdrawn : int
        Tasks that are asked of nobody any more, since a newer model would rather know others.
    n_deleted : int
        Tasks withdrawn long enough ago that nobody answered, and that were deleted.
    """

    n_new: int
    n_open: int
    n_withdrawn: int
    n_deleted: int


@dataclass(frozen=True, slots=True)
class Status:
    """State of a project over there, as far as was looked at.

    Parameters
    ----------
    n_open : int
        Tasks that wait for an answer.
    n_answers : int
        Answers and skips in the project.
    quarantined : tuple of Quarantined
        Those that do not fit and were not taken in, each with the reason.
    problem : str
        Why the last call failed; empty when it did not.
    """

    n_open: int = 0
    n_answers: int = 0
    quarantined: tuple[Quarantined, ...] = ()
    problem: str = ""
