"""Suggested labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alwidgets.data.label_kinds import MULTILABEL
from alwidgets.data.labels import in_words, label_of
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
        What the model predicts; in a multi-label task, all that it gives at least one half.
    confidence : float or None
        The probability it gives that label; None where it gives none. It is the model's own, not measured. In a task of
        many labels it is that of all classes together, present and absent, these taken as independent.
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
    if hasattr(alone.learner, "predict_proba"):
        proba = alone.proba[0]
        if alone.kind is MULTILABEL:
            label = label_of(proba >= 0.5, alone.classes)  # noqa: PLR2004
            return Suggestion(item, label, float(np.maximum(proba, 1 - proba).prod()), round)
        code = int(np.argmax(proba))
        return Suggestion(item, label_of(alone.classes[code], alone.classes), float(proba[code]), round)
    predicted = np.asarray(alone.learner.predict(alone.take(alone.candidates)))
    alone.kind.check_known(predicted, np.asarray(alone.classes).tolist())
    return Suggestion(item, label_of(predicted[0], alone.classes), None, round)
