"""Known labels that answer for an annotator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from alwidgets.data.label_kinds import MULTICLASS, LabelKind
from alwidgets.session.label_validation import check_known_labels, known_labels_of_rows
from alwidgets.types import AnyLabel, Class, Label, SupportsArray

#: Known labels, those of a dict row -> label, or a function item -> label; None where nobody can tell.
Oracle: TypeAlias = (
    SupportsArray[Any]
    | Sequence[AnyLabel | None]
    | Mapping[int, AnyLabel | None]
    | Callable[[int], AnyLabel | SupportsArray[Any] | None]
)
#: One of these, or with a team one of each who answers, by name.
Oracles: TypeAlias = Oracle | Mapping[str, Oracle]


@dataclass(frozen=True, eq=False)
class SimulatedAnswers:
    """Answers of a simulated annotator, fixed in advance: item -> label, or None to skip.

    Parameters
    ----------
    labels : tuple of (label or None)
        One a sample; None for those that are skipped.
    seconds : tuple of float, optional
        How long each answer takes.
    """

    labels: tuple[Label | None, ...]
    seconds: tuple[float, ...] | None = None

    def __call__(self, item: int) -> Label | None:
        """Return the answer for a sample."""
        return self.labels[item]

    def seconds_of(self, item: int) -> float | None:
        """Return the duration of the answer; None if not measured."""
        return None if self.seconds is None else self.seconds[item]


def oracle_function(
    oracle: Oracle,
    X: Any,
    classes: Sequence[Class],
    code_of: Callable[[Any], int | None],
    *,
    kind: LabelKind = MULTICLASS,
    order: tuple[str, Any] | None = None,
) -> Callable[[int], Any]:
    """Return item -> label for known labels or a function; a label of None or NaN means "cannot tell".

    So does a row that a dict row -> label does not have.
    Of any number of classes an array is an indicator matrix and a list has a list of classes, or None, for each item.
    """
    if callable(oracle):
        return oracle
    if isinstance(oracle, Mapping):
        return known_labels_of_rows(oracle, X, classes, code_of, kind=kind).get
    values = check_known_labels("oracle", oracle, X, classes, code_of, kind=kind, order=order)
    return lambda item: values[item]
