"""Models brought back after a rollback or a restart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from alwidgets.types import IntArray


@dataclass(frozen=True, slots=True)
class Rollback:
    """Whether a model that was brought back is the one it was.

    Parameters
    ----------
    round : int
        Its round.
    same_training_set, same_predictions : bool
        Whether labels and predictions for the stop set are what they were; other libraries may predict otherwise.
    """

    round: int
    same_training_set: bool
    same_predictions: bool


def training_hash(rows: IntArray, codes: IntArray) -> str:
    """Return the hash of a training set: 32 hexadecimal digits."""
    content = rows.astype("<i8").tobytes() + codes.astype("<i8").tobytes()
    return hashlib.sha256(content).hexdigest()[:32]
