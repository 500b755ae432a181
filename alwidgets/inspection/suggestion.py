"""Suggested labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alwidgets.data.labels import in_words
from alwidgets.strategies import PoolView
from alwidgets.types import Label


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The model's label of a sample.

    Parameters
    ----------
    item : int
        Row number in `X`.
    label : str, int, float, bool, or tuple of these
        What the model predicts; in a multilabel task, all that it gives at least one half.
    confidence : float or None
        The probability it gives that label; None where it gives none. It is the model's own, not measured. In a
        multilabel task it is that of all classes together, present and absent, these taken as independent.
    round : int
        Which model.
    """

    item: int
    label: Label
    confidence: float | None
    round: int

    def __str__(self) -> str:
        sure = "" if self.confidence is None else f", {self.confidence:.0%} sure"
        return f"model: {in_words(self.label)}{sure}"


def suggested(item: int, alone: PoolView, round: int) -> Suggestion:  # noqa: A002 - the glossary's word
    """Return the label that a view's learner suggests for its only candidate."""
    classes, confidence = np.asarray(alone.classes).tolist(), None
    if hasattr(alone.learner, "predict_proba"):
        codes, probability = alone.kind.most_probable(alone.proba)
        confidence = float(probability[0])
    else:
        codes = alone.kind.codes_of(np.asarray(alone.learner.predict(alone.take(alone.candidates))), classes)
    return Suggestion(item, alone.kind.labels_of(codes, classes)[0], confidence, round)
