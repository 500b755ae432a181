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


def suggested(view: PoolView, round: int) -> list[Suggestion]:  # noqa: A002 - the glossary's word
    """Return the labels that a view's learner suggests for its candidates."""
    classes, rows = np.asarray(view.classes).tolist(), view.candidates
    sure: list[float | None] = [None] * len(rows)
    if hasattr(view.learner, "predict_proba"):
        codes, probability = view.kind.most_probable(view.proba)
        sure = [float(each) for each in probability]
    else:
        codes = view.kind.codes_of(np.asarray(view.learner.predict(view.take(rows))), classes)
    labels = view.kind.labels_of(codes, classes)
    return [Suggestion(int(row), label, each, round) for row, label, each in zip(rows, labels, sure, strict=True)]
