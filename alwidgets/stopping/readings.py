"""Shared helpers of the criteria: read a signal from the last rounds, and explain missing values."""

from __future__ import annotations

import math
from typing import Any

from alwidgets.scoring.scores import OF_AUDITS
from alwidgets.stopping.history import History, Round
from alwidgets.stopping.performance import WIDEST_INTERVAL
from alwidgets.types import Reading

_NO_PROBA = "the model gives no probabilities"
_NO_COMMITTEE = "the model is not a committee"
#: Signal -> what a model lacks that cannot tell it.
_LACKING = {
    "entropy": _NO_PROBA,
    "max_entropy": _NO_PROBA,
    "confidence": _NO_PROBA,
    "confidence_variance": _NO_PROBA,
    "expected_error": _NO_PROBA,
    "expected_f": _NO_PROBA,
    "batch_entropy": _NO_PROBA,
    "contradiction": _NO_PROBA,
    "agreement": _NO_COMMITTEE,
    "batch_agreement": _NO_COMMITTEE,
    "inside_margin": "the model has no decision function with a margin",
    "n_support": "the model has no support vectors",
}
# Signals of the batch or of answers: a round without one may have had no batch, or no answers.
_OF_SOME_ROUNDS = {"batch_entropy": "entropy", "contradiction": "entropy", "batch_agreement": "agreement"}
# What a model is sure of that predicts one class only, or misses one that it never meets, whatever it knows.
_OF_PREDICTIONS = frozenset({
    "kappa", "changed", "f_change", "entropy", "max_entropy", "batch_entropy", "confidence", "confidence_variance",
    "expected_error", "expected_f", "contradiction", "agreement", "batch_agreement", "inside_margin",
})  # fmt: skip
# A model that told something so few rounds ago is able to, and failed once.
_LATELY = 5


def tail(history: History, signal: str, n: int) -> list[float]:
    """Return a signal of the last `n` rounds, oldest first, as far back as every round has it."""
    if n < 1:
        raise ValueError(f"window is {n!r}; expected 1 or more rounds.")
    values: list[float] = []
    if blind(history) and signal in _OF_PREDICTIONS:
        return values
    for item in reversed(history.rounds[-n:]):
        value = number(getattr(item.signals, signal))
        if value is None:
            break
        values.append(value)
    return values[::-1]


def number(value: Any) -> float | None:
    """Return a finite number, or None."""
    return float(value) if value is not None and math.isfinite(value) else None


def unread(
    name: str, threshold: float | None, history: History, signal: str, window: int = 1, *, below: bool = True
) -> Reading:
    """Return the reading of a criterion for whose signal it is too early, or which the model cannot tell."""
    cannot = _cannot(history, signal)
    rounds = "a measured round" if window == 1 else f"{window} measured rounds in a row"
    why = cannot or f"needs {rounds}, has {len(tail(history, signal, window))}"
    if not cannot and signal in _OF_PREDICTIONS:
        why = blind(history) or why
    return Reading(name, None, threshold, fired=False, why=why, possible=not cannot, below=below)


def blind(history: History) -> str:
    """Return the reason why the outputs of the newest model are uninformative; empty if they are not.

    Of a pool that grew the model may be sure, and stay so, though it knows nothing of what came: only random questions
    tell, and where there are none, at least some questions.
    """
    last = history.rounds[-1] if history.rounds else None
    if last is None or last.blind:
        return last.blind if last else ""
    if last.score_kind not in OF_AUDITS:
        unasked = last.signals.unasked
        return "" if unasked is None else f"the pool grew, and its outputs tell once {unasked}"
    known = last.score_high - last.score_low <= WIDEST_INTERVAL
    return "" if known or not history.earlier else "the pool grew, and the score is not known to 10 points yet"


def _cannot(history: History, signal: str) -> str:
    """Return why this model or this data cannot tell the signal; empty where it can or nothing was measured."""
    if not history.rounds or _tells(history.rounds[-1], signal) or signal not in _LACKING:
        return ""
    last = history.rounds[-1].signals
    twin = _OF_SOME_ROUNDS.get(signal)
    if last.n_watched == 0 or (twin and _tells(history.rounds[-1], twin)):
        return ""
    if last.n_unlabeled == 0 and signal != "n_support":
        return "no row of the stop set is unlabeled"
    return "" if any(_tells(item, signal) for item in history.rounds[-_LATELY:]) else _LACKING[signal]


def _tells(item: Round, signal: str) -> bool:
    return number(getattr(item.signals, signal)) is not None
