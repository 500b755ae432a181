"""Where a session stands, and what to advise, for a person to read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alwidgets.stopping import History, Rule
from alwidgets.types import Reading


@dataclass(frozen=True)
class Progress:
    """Where a session stands, for a person to read.

    Parameters
    ----------
    n_samples, n_labelled, n_skipped, n_pending : int
        Rows of the pool, and how many of them are labelled, skipped and asked but not answered.
    class_counts : tuple of int
        Labels of each class.
    round : int
        The newest model; 0 before the first.
    n_learnt, n_behind : int
        Answers the model knows, and answers given since.
    phase : str
        What chooses the next questions: "cold start" or the strategy.
    labels_per_minute : float or None
        Over the last 20 answers; None before there are enough.
    busy : bool
        Whether a fit or a selection is running.
    error : str
        What went wrong last and has not been put right; empty when nothing.
    saved_as : str or None
        Name of the journal; None when answers are kept in memory only.
    """

    n_samples: int
    n_labelled: int
    n_skipped: int
    n_pending: int
    class_counts: tuple[int, ...]
    round: int
    n_learnt: int
    n_behind: int
    phase: str
    labels_per_minute: float | None
    busy: bool
    error: str
    saved_as: str | None


@dataclass(frozen=True)
class Advice:
    """What the stopping rule says now.

    Parameters
    ----------
    stop : bool
        Whether the rule fired.
    sentence : str
        For the annotator.
    readings : tuple of Reading
        Every criterion.
    """

    stop: bool
    sentence: str
    readings: tuple[Reading, ...]


def advise(rule: Rule, history: History) -> Advice:
    """Return what a stopping rule says of a history."""
    readings = rule.read(history)
    if rule.fired(readings):
        fired = [f"{reading.name} ({reading.why})" for reading in readings if reading.fired]
        return Advice(stop=True, sentence=f"You may stop: {', '.join(fired)}.", readings=readings)
    outlook = _outlook(history) if history else "the first model has yet to be trained."
    return Advice(stop=False, sentence=f"Keep going: {outlook}", readings=readings)


def _outlook(history: History) -> str:
    last = history[-1]
    if np.isnan(last.score):
        return "there is nothing to measure on yet."
    text = f"accuracy is {last.score:.2f} ({last.score_low:.2f} to {last.score_high:.2f}, {last.score_kind})"
    earlier = [item for item in history[:-1] if not np.isnan(item.score)]
    if not earlier:
        return f"{text}."
    gain = (last.score - earlier[-1].score) * 100
    return f"{text}, {gain:+.1f} points since the round before."
