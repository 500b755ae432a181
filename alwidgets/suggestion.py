"""What the model would answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.strategies import PoolView
from alwidgets.types import Label


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The model's label of a sample.

    Parameters
    ----------
    item : int
        Row number in `X`.
    label : str, int, float, bool, or list of these
        What the model predicts; in a task of many labels, all that it gives at least one half.
    confidence : float or None
        The probability it gives that label; None where it gives none. It is the model's own, not measured.
    round : int
        Which model.
    """

    item: int
    label: Label
    confidence: float | None
    round: int

    def __str__(self) -> str:
        sure = "" if self.confidence is None else f", {self.confidence:.0%} sure"
        return f"model: {self.label}{sure}"


def suggested(item: int, alone: PoolView, round: int) -> Suggestion:  # noqa: A002 - the glossary's word
    """Return what the learner of a view makes of its only candidate."""
    labels: list[Any] = np.asarray(alone.classes).tolist()
    if hasattr(alone.learner, "predict_proba"):
        proba = alone.proba[0]
        code = int(np.argmax(proba))
        return Suggestion(item, labels[code], float(proba[code]), round)
    predicted = np.asarray(alone.learner.predict(alone.take(alone.candidates)))[0]
    return Suggestion(item, predicted.item() if isinstance(predicted, np.generic) else predicted, None, round)
