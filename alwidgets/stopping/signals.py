"""From what models say of some rows to the signals of a round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.kernels.agreement import cohen_kappa, expected_f, f_change
from alwidgets.kernels.arrays import checked_proba
from alwidgets.kernels.disagreement import vote_entropy
from alwidgets.kernels.uncertainty import entropy
from alwidgets.stopping.history import Signals
from alwidgets.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Sight:
    """What one model says of some rows; None is what it cannot say.

    Parameters
    ----------
    codes : ndarray of int, shape (n_rows,)
        Predictions, as positions in the classes.
    proba : ndarray of shape (n_rows, n_classes) or None
        Class probabilities.
    decision : ndarray of shape (n_rows,) or (n_rows, n_machines), or None
        Decision values of one support vector machine or several, 1 and -1 at the edges of the margin. Leave it out
        where they are no such distances, as those of a logistic regression or of several machines made into one
        value a class.
    votes : ndarray of int, shape (n_rows, n_members), or None
        Predictions of the members of a committee.
    """

    codes: IntArray
    proba: FloatArray | None = None
    decision: FloatArray | None = None
    votes: IntArray | None = None

    def __len__(self) -> int:
        return len(self.codes)


def signals(
    *,
    watched: Sight,
    unlabelled: BoolArray,
    before: IntArray | None,
    batch: Sight | None,
    answered: Sight | None,
    answered_codes: IntArray | None,
    n_classes: int,
    n_support: int | None = None,
) -> Signals:
    """Return what a round tells apart from its score.

    Nothing that a model says is refused: where it is not finite, no class, or of another shape, the signals made of it
    are None.

    Parameters
    ----------
    watched : Sight
        The new model on the stop set, n_watched rows.
    unlabelled : ndarray of bool, shape (n_watched,)
        Which of them are unlabelled.
    before : ndarray of int, shape (n_watched,), or None
        Predictions of the model before on the same rows; None for the first model.
    batch : Sight or None
        The new model on the questions that it asks first.
    answered : Sight or None
        The model before on the rows answered since, which it had not seen.
    answered_codes : ndarray of int, shape (n_answered,), or None
        Their answers.
    n_classes : int
        How many classes there are. With a single one there is nothing to tell.
    n_support : int or None
        Support vectors of the new model.

    Returns
    -------
    signals : Signals
        O(n_rows * n_classes).

    Examples
    --------
    >>> sight = Sight(np.array([0, 1]), np.array([[1.0, 0.0], [0.5, 0.5]]))
    >>> told = signals(watched=sight, unlabelled=np.array([True, True]), before=np.array([0, 0]), batch=None,
    ...                answered=None, answered_codes=None, n_classes=2)
    >>> told.changed, told.entropy, told.expected_error
    (0.5, 0.5, 0.25)
    """
    counts = {"n_watched": len(watched), "n_unlabelled": int(np.count_nonzero(unlabelled))}
    n_predicted = len(np.unique(watched.codes))
    if n_classes < 2:  # noqa: PLR2004 - a single class leaves nothing to tell
        return Signals(**counts, n_support=n_support, n_predicted=n_predicted)
    rest = _part(watched, unlabelled)
    return Signals(
        **counts,
        **_of_change(before, watched.codes, n_classes),
        **_of_probabilities(rest, batch, n_classes),
        **_of_answers(answered, answered_codes, n_classes),
        agreement=_agreement(rest, n_classes),
        batch_agreement=_agreement(batch, n_classes),
        inside_margin=_inside_margin(rest, batch),
        n_support=n_support,
        n_predicted=n_predicted,
    )


def _part(sight: Sight, rows: BoolArray) -> Sight:
    def part(values: Any) -> Any:
        return values[rows] if values is not None and np.shape(values)[:1] == rows.shape else None

    return Sight(sight.codes[rows], part(sight.proba), part(sight.decision), part(sight.votes))


def _of_change(before: IntArray | None, now: IntArray, n_classes: int) -> dict[str, Any]:
    if before is None or len(now) == 0:
        return {}
    try:
        return {
            "kappa": cohen_kappa(before, now, n_classes),
            "changed": float(np.mean(before != now)),
            "f_change": f_change(before, now, n_classes),
        }
    except ValueError:
        return {}


def _of_probabilities(rest: Sight, batch: Sight | None, n_classes: int) -> dict[str, Any]:
    told: dict[str, Any] = {}
    proba, of_batch = _proba(rest, n_classes), _proba(batch, n_classes)
    entropies = [entropy(known) for known in (proba, of_batch) if known is not None]
    if entropies:
        told["max_entropy"] = float(max(values.max() for values in entropies))
    if proba is not None:
        largest = np.minimum(proba.max(axis=1), 1)
        told["entropy"] = float(entropies[0].mean())
        told["confidence"] = float(largest.mean())
        told["confidence_variance"] = float(largest.var())
        told["expected_error"] = float(1 - largest.mean())
        told["expected_f"] = expected_f(proba)
    if of_batch is not None:
        told["batch_entropy"] = float(entropies[-1].mean())
        told["batch_variance"] = float(of_batch.max(axis=1).var())
    return told


def _of_answers(answered: Sight | None, given: IntArray | None, n_classes: int) -> dict[str, Any]:
    if answered is None or given is None or len(given) == 0 or np.shape(answered.codes) != np.shape(given):
        return {}
    wrong = answered.codes != given
    told: dict[str, Any] = {"n_answered": len(given), "answered_right": float(1 - wrong.mean())}
    proba = _proba(answered, n_classes)
    if proba is not None:
        unsure = entropy(proba)
        # Certain of all of them, a model has no scale to measure a contradiction by; but none is none.
        told["contradiction"] = float(unsure[wrong].sum() / unsure.mean()) if unsure.any() else None
        if not wrong.any():
            told["contradiction"] = 0.0
    return told


def _proba(sight: Sight | None, n_classes: int) -> FloatArray | None:
    """Return the probabilities if they are such, one row a prediction and one column a class."""
    proba = None if sight is None or len(sight) == 0 else sight.proba
    if sight is None or proba is None or np.shape(proba) != (len(sight), n_classes):
        return None
    try:
        return checked_proba(proba).astype(np.float64, copy=False)
    except ValueError:
        return None


def _agreement(sight: Sight | None, n_classes: int) -> float | None:
    if sight is None or len(sight) == 0 or sight.votes is None or len(sight.votes) != len(sight):
        return None
    try:
        return float(1 - vote_entropy(sight.votes, n_classes).mean())
    except ValueError:
        return None


def _inside_margin(rest: Sight, batch: Sight | None) -> int | None:
    """Return how many rows are inside the margin of any machine."""
    parts = [sight for sight in (rest, batch) if sight is not None and len(sight)]
    if not parts:
        return None
    n_inside = 0
    for sight in parts:
        decision = sight.decision
        if decision is None or len(decision) != len(sight) or not np.isfinite(decision).all():
            return None
        n_inside += int(np.count_nonzero((np.abs(decision) < 1).reshape(len(sight), -1).any(axis=1)))
    return n_inside
