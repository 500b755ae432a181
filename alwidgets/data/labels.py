"""Labels as arrays: training targets, predictions, and comparisons between them.

A label is one class, or, in a multilabel task, a tuple of classes in the order in which they were declared. A
learner is fitted on an array of classes in the one case, in the other on an indicator matrix: a row a sample, a column
a class, 1 where the sample has the class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np

from alwidgets.data.conversion import is_frame
from alwidgets.data.label_kinds import MULTICLASS, LabelKind, is_indicator, pad_columns
from alwidgets.types import BoolArray, Class, FloatArray, IntArray, Label
from alwidgets.utils.text import short_repr

# What a value of a class derived from one of these is without it.
_CONTENTS: tuple[tuple[type, Any], ...] = ((str, str.__str__), (int, int.__int__), (float, float.__float__))


@dataclass(frozen=True, eq=False)
class LabelEncoding:
    """Mapping from the label codes of a session to its labels.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        The declared classes.
    label_sets : tuple of tuple of int
        In a multilabel task, the positions of the classes in each distinct label.
    kind : LabelKind
        Whether a label is one class or any number.

    Examples
    --------
    >>> LabelEncoding(np.array(["ham", "spam"])).y(np.array([1, 0]))
    array(['spam', 'ham'], dtype='<U4')
    >>> from alwidgets.data.label_kinds import MULTILABEL
    >>> LabelEncoding(np.array(["cat", "dog", "cow"]), ((), (0, 2)), MULTILABEL).y(np.array([1, 0]))
    array([[1, 0, 1],
           [0, 0, 0]])
    """

    classes: Any
    label_sets: tuple[tuple[int, ...], ...] = ()
    kind: LabelKind = MULTICLASS

    def y(self, codes: IntArray) -> Any:
        """Return the training targets: labels of shape (n,), or an indicator matrix (n, n_classes) of int."""
        return self._table[codes]

    @cached_property
    def _table(self) -> Any:
        return self.kind.table(self.classes, self.label_sets)

    def to_y(self, predicted: Any) -> Any:
        """Return predictions in the form of `y`; classes that the model does not know are never predicted.

        Raises
        ------
        ValueError
            If something else than a class is predicted.
        """
        values = np.asarray(predicted)
        self.kind.check_known(values, self.classes.tolist())
        return self.kind.to_y(values, len(self.classes))

    def to_json(self, y: Any) -> list[Any]:
        """Convert labels or predictions to journal form: the position of the class, or the positions of all classes."""
        return self.kind.to_json(y, self.classes)

    def read(self, written: Sequence[Any]) -> Any:
        """Convert class positions, or sets of them, to the form of `y`."""
        return self.kind.read(written, self.classes)

    def keys(self, y: Any) -> IntArray:
        """Return a number for each label or prediction, the same for the same one, whatever the model.

        Of one class its position; of several a hash of their positions, which a class added later does not change.
        """
        return self.kind.keys(y, self.classes)


def plain(label: Any) -> Any:
    """Return the str, int, float or bool that a label is; anything else as it is.

    NumPy's scalars and members of an Enum are labels in another guise: equal to the plain value, or holding it, but of
    another type, and longer or shorter in an array, in a file and on screen.

    Examples
    --------
    >>> Answer = Enum("Answer", {"HAM": "ham"})
    >>> plain(Answer.HAM), plain(np.str_("ham")), plain(np.int64(1))
    ('ham', 'ham', 1)
    """
    if isinstance(label, np.generic):
        return label.item()
    if type(label) is bool:
        return label
    for kind, content in _CONTENTS:
        if isinstance(label, kind):
            return content(label)
    return plain(label.value) if isinstance(label, Enum) else label


def plain_labels(y: Any) -> Any:
    """Convert labels to an array of plain values, before NumPy converts values of different types to text."""
    if isinstance(y, list | tuple):
        return np.asarray([plain(label) for label in y])
    values = np.asarray(y)
    if values.dtype != object:
        return values
    labels = np.empty(values.size, object)
    labels[:] = [plain(label) for label in values.reshape(-1)]
    return labels.reshape(values.shape)


def equal_labels(a: Any, b: Any) -> BoolArray:
    """Return whether each pair of labels or predictions is equal; multilabel rows must match in all classes."""
    same: Any = np.asarray(a == b)
    whole: BoolArray = same.all(axis=1) if is_indicator(same) else same
    return whole


def counts_of(y: Any) -> IntArray:
    """Count the labels per class, and in a multilabel task also the samples without each class."""
    if is_indicator(y):
        n_with = np.asarray(y).sum(axis=0)
        return np.concatenate([n_with, len(y) - n_with])
    return np.unique(y, return_counts=True)[1]


def teaches(y: Any) -> bool:
    """Return whether a model can be fitted on labels: there are two classes, or samples with and without a class."""
    return len(y) > 0 and bool(np.any(y != y[0]))


def label_of(y: Any, classes: Any) -> Label:
    """Convert one label to a plain value: the class, or the tuple of classes of a row of an indicator matrix.

    Examples
    --------
    >>> label_of(np.array([1, 0, 1]), ["cat", "dog", "cow"])
    ('cat', 'cow')
    """
    if np.ndim(y):
        names = np.asarray(classes).tolist()
        return tuple(names[place] for place in np.flatnonzero(y).tolist())
    label: Label = plain(y)
    return label


def in_words(label: Label) -> str:
    """Return a label as it is shown.

    Examples
    --------
    >>> in_words(("cat", "cow")), in_words(()), in_words("cat")
    ('cat, cow', 'none of the classes', 'cat')
    """
    if isinstance(label, tuple):
        return ", ".join(map(str, label)) or "none of the classes"
    return str(label)


def concat_labels(first: Any, second: Any) -> Any:
    """Concatenate labels, with the classes of both."""
    if not is_indicator(first):
        return np.concatenate([first, second])
    n_columns = max(first.shape[1], second.shape[1])
    return np.concatenate([pad_columns(first, n_columns), pad_columns(second, n_columns)])


def marginals(proba: Any, classes: Any) -> FloatArray:
    """Return the probability that a sample has each class, shape (n_samples, n_classes).

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes), or list of ndarray of shape (n_samples, n_values)
        What `predict_proba` of a multilabel learner gives: the same, or for each class the probabilities of its
        absence and presence, of which only those are there that the learner has seen.
    classes : ndarray, or list of ndarray
        What the learner has as `classes_`: of a list, the values of each class that it has seen.

    Examples
    --------
    >>> marginals([np.array([[0.25, 0.75]]), np.array([[1.0]])], [np.array([0, 1]), np.array([0])])
    array([[0.75, 0.  ]])
    """
    if not isinstance(proba, list):
        return np.asarray(proba)
    columns = [
        np.asarray(each)[:, np.asarray(values) == 1].sum(axis=1) for each, values in zip(proba, classes, strict=True)
    ]
    return np.stack(columns, axis=1)


def by_class(name: str, labels: Any, classes: Sequence[Class]) -> Any:
    """Return the values of an indicator DataFrame, its columns in the order of the classes; anything else as it is.

    Raises
    ------
    ValueError
        If it has other columns than one for each class.
    """
    if not is_frame(labels):
        return labels
    columns = [str(column) for column in labels.columns]
    wanted = [str(label) for label in classes]
    if sorted(columns) != sorted(wanted):
        raise ValueError(
            f"{name} has the columns {short_repr(columns)}; expected one for each class, named as it is:"
            f" {short_repr(wanted)}. Rename them, or pass to_numpy() of columns in the order of the classes."
        )
    values = labels.iloc[:, [columns.index(label) for label in wanted]]
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
