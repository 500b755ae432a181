"""From what models say of some rows to the signals of a round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL, LabelKind
from alwidgets.kernels.agreement import cohen_kappa, expected_f, f_change
from alwidgets.kernels.arrays import check_proba
from alwidgets.kernels.disagreement import vote_entropy
from alwidgets.kernels.multilabel import check_marginals, set_entropy, set_least_confidence
from alwidgets.kernels.uncertainty import entropy
from alwidgets.stopping.history import Signals
from alwidgets.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ModelOutputs:
    """Outputs of one model for some rows; None for those it does not provide.

    Parameters
    ----------
    codes : ndarray of int, shape (n_rows,)
        Predictions, as positions in the classes; in multilabel tasks numbers that are equal for equal predictions.
    proba : ndarray of shape (n_rows, n_classes) or None
        Class probabilities; in multilabel tasks how likely each class is, whatever the others.
    decision : ndarray of shape (n_rows,) or (n_rows, n_machines), or None
        Decision values of one support vector machine or several, 1 and -1 at the edges of the margin. Leave it out
        where they are not such distances, as those of a logistic regression or of several machines made into one
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


@dataclass(frozen=True)
class _Measures:
    """Functions of the class probabilities: validation, entropy, confidence and expected F score."""

    checked: Callable[[Any], FloatArray]
    entropy: Callable[[FloatArray], FloatArray]
    confidence: Callable[[FloatArray], FloatArray]
    expected_f: Callable[[FloatArray], float]


def _expected_f_of_sets(proba: FloatArray) -> float:
    """Return the F that a model expects, the mean over the classes, of which it predicts those of one half or more."""
    given = proba >= 0.5  # noqa: PLR2004
    either = given.sum(axis=0) + proba.sum(axis=0)
    present = either > 0
    return float(np.mean(2 * (proba * given).sum(axis=0)[present] / either[present])) if present.any() else 1.0


_MEASURES = {
    MULTICLASS: _Measures(check_proba, entropy, lambda proba: np.minimum(proba.max(axis=1), 1), expected_f),
    MULTILABEL: _Measures(
        check_marginals, set_entropy, lambda proba: 1 - set_least_confidence(proba), _expected_f_of_sets
    ),
}


def signals(  # noqa: PLR0913 - one keyword each for what a round is described by
    *,
    stop_set: ModelOutputs,
    unlabeled: BoolArray,
    before: IntArray | None,
    batch: ModelOutputs | None,
    answered: ModelOutputs | None,
    answered_codes: IntArray | None,
    n_classes: int,
    n_support: int | None = None,
    kind: LabelKind = MULTICLASS,
) -> Signals:
    """Compute the signals of a round.

    Nothing that a model says is refused: where it is not finite, no class, or of another shape, the signals made of it
    are None.

    Parameters
    ----------
    stop_set : ModelOutputs
        The new model on the stop set, n_watched rows.
    unlabeled : ndarray of bool, shape (n_watched,)
        Which of them are unlabeled.
    before : ndarray of int, shape (n_watched,), or None
        Predictions of the model before on the same rows; None for the first model.
    batch : ModelOutputs or None
        The new model on the questions that it asks first.
    answered : ModelOutputs or None
        The model before on the rows answered since, which it had not seen.
    answered_codes : ndarray of int, shape (n_answered,), or None
        Their answers.
    n_classes : int
        How many classes there are. With a single one there is nothing to tell.
    n_support : int or None
        Support vectors of the new model.
    kind : LabelKind
        Whether a label is one class or any number. In the latter case predictions are compared whole, each distinct one
        as a class of its own; entropies are means over the classes, and a prediction is as likely as all its classes
        together, these taken as independent.

    Returns
    -------
    signals : Signals
        O(n_rows * n_classes).

    Examples
    --------
    >>> outputs = ModelOutputs(np.array([0, 1]), np.array([[1.0, 0.0], [0.5, 0.5]]))
    >>> found = signals(stop_set=outputs, unlabeled=np.array([True, True]), before=np.array([0, 0]), batch=None,
    ...                answered=None, answered_codes=None, n_classes=2)
    >>> found.changed, found.entropy, found.expected_error
    (0.5, 0.5, 0.25)
    """
    counts: dict[str, Any] = {"n_watched": len(stop_set), "n_unlabeled": int(np.count_nonzero(unlabeled))}
    n_predicted = len(np.unique(stop_set.codes))
    if n_classes < 2:  # noqa: PLR2004 - a single class leaves nothing to tell
        return Signals(**counts, n_support=n_support, n_predicted=n_predicted)
    n_labels, rest, measures = n_classes, _part(stop_set, unlabeled), _MEASURES[kind]
    if kind is MULTILABEL:
        n_labels, stop_set, before, answered, answered_codes = _numbered(stop_set, before, answered, answered_codes)
    return Signals(
        **counts,
        **_of_change(before, stop_set.codes, n_labels),
        **_of_probabilities(_proba(rest, n_classes, measures), _proba(batch, n_classes, measures), measures),
        **_of_answers(answered, answered_codes, _proba(answered, n_classes, measures), measures),
        agreement=_agreement(rest, n_classes),
        batch_agreement=_agreement(batch, n_classes),
        inside_margin=_inside_margin(rest, batch),
        n_support=n_support,
        n_predicted=n_predicted,
    )


def _numbered(
    stop_set: ModelOutputs, before: IntArray | None, answered: ModelOutputs | None, given: IntArray | None
) -> tuple[int, ModelOutputs, IntArray | None, ModelOutputs | None, IntArray | None]:
    """Renumber all distinct predictions and answers from 0, and count them."""
    parts = [stop_set.codes, before, None if answered is None else answered.codes, given]
    distinct = np.unique(np.concatenate([part for part in parts if part is not None]))
    now, then, predicted, labels = (None if part is None else np.searchsorted(distinct, part) for part in parts)
    # Two are the fewest that predictions can be compared among.
    n_labels = max(2, len(distinct))
    seen = None if answered is None or predicted is None else replace(answered, codes=predicted)
    return n_labels, replace(stop_set, codes=now if now is not None else stop_set.codes), then, seen, labels


def _part(outputs: ModelOutputs, rows: BoolArray) -> ModelOutputs:
    def part(values: Any) -> Any:
        return values[rows] if values is not None and np.shape(values)[:1] == rows.shape else None

    return ModelOutputs(outputs.codes[rows], part(outputs.proba), part(outputs.decision), part(outputs.votes))


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


def _of_probabilities(proba: FloatArray | None, of_batch: FloatArray | None, measures: _Measures) -> dict[str, Any]:
    found: dict[str, Any] = {}
    entropies = [measures.entropy(known) for known in (proba, of_batch) if known is not None]
    if entropies:
        found["max_entropy"] = float(max(values.max() for values in entropies))
    if proba is not None:
        largest = measures.confidence(proba)
        found["entropy"] = float(entropies[0].mean())
        found["confidence"] = float(largest.mean())
        found["confidence_variance"] = float(largest.var())
        found["expected_error"] = float(1 - largest.mean())
        found["expected_f"] = measures.expected_f(proba)
    if of_batch is not None:
        found["batch_entropy"] = float(entropies[-1].mean())
        found["batch_variance"] = float(measures.confidence(of_batch).var())
    return found


def _of_answers(
    answered: ModelOutputs | None, given: IntArray | None, proba: FloatArray | None, measures: _Measures
) -> dict[str, Any]:
    if answered is None or given is None or len(given) == 0 or np.shape(answered.codes) != np.shape(given):
        return {}
    wrong = answered.codes != given
    found: dict[str, Any] = {"n_answered": len(given), "answered_right": float(1 - wrong.mean())}
    if proba is not None:
        unsure = measures.entropy(proba)
        # A model that is certain of all of them has no scale for a contradiction; but without an error there is none.
        found["contradiction"] = float(unsure[wrong].sum() / unsure.mean()) if unsure.any() else None
        if not wrong.any():
            found["contradiction"] = 0.0
    return found


def _proba(outputs: ModelOutputs | None, n_classes: int, measures: _Measures) -> FloatArray | None:
    """Return the probabilities if they are such, one row a prediction and one column a class."""
    proba = None if outputs is None or len(outputs) == 0 else outputs.proba
    if outputs is None or proba is None or np.shape(proba) != (len(outputs), n_classes):
        return None
    try:
        return measures.checked(proba).astype(np.float64, copy=False)
    except ValueError:
        return None


def _agreement(outputs: ModelOutputs | None, n_classes: int) -> float | None:
    if outputs is None or len(outputs) == 0 or outputs.votes is None or len(outputs.votes) != len(outputs):
        return None
    try:
        return float(1 - vote_entropy(outputs.votes, n_classes).mean())
    except ValueError:
        return None


def _inside_margin(rest: ModelOutputs, batch: ModelOutputs | None) -> int | None:
    """Count the rows inside the margin of at least one machine."""
    parts = [outputs for outputs in (rest, batch) if outputs is not None and len(outputs)]
    if not parts:
        return None
    n_inside = 0
    for outputs in parts:
        decision = outputs.decision
        if decision is None or len(decision) != len(outputs) or not np.isfinite(decision).all():
            return None
        n_inside += int(np.count_nonzero((np.abs(decision) < 1).reshape(len(outputs), -1).any(axis=1)))
    return n_inside
