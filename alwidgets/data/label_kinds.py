"""The two kinds of labels: one class a sample, or any number of classes.

Whatever depends on the kind asks `MULTICLASS` or `MULTILABEL`. In arrays a multilabel label is a row of an indicator
matrix: a column a class, 1 where the sample has the class.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal

import numpy as np

from alwidgets.types import BoolArray, Class, FloatArray, IntArray, Label
from alwidgets.utils.text import short_repr

# Any 63 bits of a hash: two of a million sets are mistaken for each other once in ten million sessions.
_KEY_BYTES = 8
_TWO_DIMENSIONS = 2


class ShapeError(ValueError):
    """Predictions of the wrong shape: not one per sample."""


class LabelKind(ABC):
    """A kind of label, of which there are `MULTICLASS` and `MULTILABEL`.

    Attributes
    ----------
    task : str
        The usual task with such labels.
    described : str
        What a label is, in words.
    expected : str
        What a label is, for an error.
    separable : str
        What labels have to be of before a model can be fitted, for an error.
    """

    task: Literal["single", "multi"]
    described: str
    expected: str
    separable: str

    @abstractmethod
    def __reduce__(self) -> str:
        """Return the name that there is one object of, in other processes too."""

    def __repr__(self) -> str:
        return self.__reduce__()

    # A label, and its code in a session

    @abstractmethod
    def is_label(self, value: Any) -> bool:
        """Return whether a value, or the positions that stand for one, has the form of a label."""

    @abstractmethod
    def parts(self, label: Any) -> tuple[Any, ...]:
        """Return the classes of a label, or their positions."""

    @abstractmethod
    def label(self, parts: tuple[Class, ...]) -> Label:
        """Return the label of these classes."""

    @abstractmethod
    def code(self, places: Sequence[int], code_of_set: Callable[[tuple[int, ...]], int]) -> int:
        """Return the code of a label whose classes have these positions."""

    @abstractmethod
    def places(self, code: int, label_sets: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
        """Return the positions of the classes of a label that has this code."""

    @abstractmethod
    def from_json(self, labels: Any) -> Any:
        """Return an array of labels as they are in a journal as one of labels."""

    # Labels as arrays

    @abstractmethod
    def table(self, classes: Any, label_sets: Sequence[tuple[int, ...]]) -> Any:
        """Return the training target of each code."""

    @abstractmethod
    def to_json(self, y: Any, classes: Any) -> list[Any]:
        """Return the positions that stand for labels or predictions in a journal."""

    @abstractmethod
    def read(self, written: Sequence[Any], classes: Any) -> Any:
        """Return labels or predictions of which a journal has the positions."""

    @abstractmethod
    def keys(self, y: Any, classes: Any) -> IntArray:
        """Return a number for each label or prediction, the same for the same one."""

    @abstractmethod
    def to_y(self, predicted: Any, n_classes: int) -> Any:
        """Return predictions in the form of training targets."""

    @abstractmethod
    def first_classes(self, y: Any, n_classes: int) -> Any:
        """Return labels without the columns of classes that were added behind the first ones."""

    @abstractmethod
    def n_classes(self, y: Any, codes: IntArray) -> int:
        """Return the number of classes up to the last one that some label has."""

    @abstractmethod
    def n_classes_seen(self, y: Any) -> int:
        """Return the number of classes that some label has."""

    @abstractmethod
    def of_classes(self, y: Any, classes: Any) -> Iterable[BoolArray]:
        """Return, of each class, which labels have it."""

    # What a model says

    @abstractmethod
    def as_predictions(self, values: Any, n_samples: int, name: str = "the model") -> Any:
        """Bring predictions into an array with one row a sample.

        Parameters
        ----------
        values : array-like of shape (n_samples,), (n_samples, 1) or (n_samples, n_classes)
            What `predict` returned. Of one class a sample a single column is flattened; a sparse matrix is made dense.
        n_samples : int
            The samples that were predicted.
        name : str
            What to call the model in an error.

        Raises
        ------
        ShapeError
            If they are of another shape.
        """

    @abstractmethod
    def most_probable(self, proba: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return the most probable label of each row, and its probability.

        Parameters
        ----------
        proba : ndarray of shape (n_samples, n_classes)
            Of each class. Where a label is any number of classes, they are taken as independent.

        Returns
        -------
        codes : ndarray of shape (n_samples,), or (n_samples, n_classes)
            The class by its position, or an indicator matrix of all that have at least one half.
        confidence : ndarray of shape (n_samples,)
            From 0 to 1.
        """

    @abstractmethod
    def codes_of(self, predicted: Any, classes: Sequence[Any]) -> IntArray:
        """Return predictions as `most_probable` has them; raise ValueError if one is not one of the classes."""

    @abstractmethod
    def labels_of(self, codes: IntArray, classes: Sequence[Any]) -> list[Label]:
        """Return the labels that `most_probable` and `codes_of` have as numbers."""

    @abstractmethod
    def check_known(self, predicted: Any, classes: Sequence[Any]) -> None:
        """Raise ValueError unless each prediction is one of the classes, or 0 or 1 for each class."""


class _Multiclass(LabelKind):
    task: Literal["single", "multi"] = "single"
    described = "one class"
    expected = "one class"
    separable = "at least two classes"

    def __reduce__(self) -> str:
        return "MULTICLASS"

    def is_label(self, value: Any) -> bool:
        return not isinstance(value, tuple)

    def parts(self, label: Any) -> tuple[Any, ...]:
        return (label,)

    def label(self, parts: tuple[Class, ...]) -> Label:
        return parts[0]

    def code(self, places: Sequence[int], code_of_set: Callable[[tuple[int, ...]], int]) -> int:  # noqa: ARG002
        return int(places[0])

    def places(self, code: int, label_sets: Sequence[tuple[int, ...]]) -> tuple[int, ...]:  # noqa: ARG002
        return (code,)

    def from_json(self, labels: Any) -> Any:
        return labels

    def table(self, classes: Any, label_sets: Sequence[tuple[int, ...]]) -> Any:  # noqa: ARG002
        return classes

    def to_json(self, y: Any, classes: Any) -> list[Any]:
        found: list[Any] = self.keys(y, classes).tolist()
        return found

    def read(self, written: Sequence[Any], classes: Any) -> Any:
        return classes[list(written)]

    def keys(self, y: Any, classes: Any) -> IntArray:
        position = {label: code for code, label in enumerate(classes.tolist())}
        labels, places = np.unique(np.asarray(y), return_inverse=True)
        return np.array([position[label] for label in labels.tolist()], np.int32)[places]

    def to_y(self, predicted: Any, n_classes: int) -> Any:  # noqa: ARG002
        return predicted

    def first_classes(self, y: Any, n_classes: int) -> Any:  # noqa: ARG002
        return y

    def n_classes(self, y: Any, codes: IntArray) -> int:  # noqa: ARG002
        return int(codes.max(initial=-1)) + 1

    def n_classes_seen(self, y: Any) -> int:
        return len(set(y.tolist()))

    def of_classes(self, y: Any, classes: Any) -> Iterable[BoolArray]:
        return [y == label for label in classes]

    def as_predictions(self, values: Any, n_samples: int, name: str = "the model") -> Any:
        found = _dense(values)
        if found.ndim == _TWO_DIMENSIONS and found.shape[1] == 1:
            found = found[:, 0]
        _check_shape(found, values, n_samples, 1, f"predict of {name}", "one class a sample")
        return found

    def most_probable(self, proba: FloatArray) -> tuple[IntArray, FloatArray]:
        return proba.argmax(axis=1), proba.max(axis=1)

    def codes_of(self, predicted: Any, classes: Sequence[Any]) -> IntArray:
        self.check_known(predicted, classes)
        return self.keys(predicted, np.asarray(classes)).astype(np.intp)

    def labels_of(self, codes: IntArray, classes: Sequence[Any]) -> list[Label]:
        return [classes[code] for code in codes.tolist()]

    def check_known(self, predicted: Any, classes: Sequence[Any]) -> None:
        _check_known(predicted, set(classes), lambda: f"one of the classes {short_repr(list(classes))}")


class _Multilabel(LabelKind):
    task: Literal["single", "multi"] = "multi"
    described = "any number of classes"
    expected = "a list of classes"
    separable = "a class that some samples have and others have not"

    def __reduce__(self) -> str:
        return "MULTILABEL"

    def is_label(self, value: Any) -> bool:
        return isinstance(value, tuple)

    def parts(self, label: Any) -> tuple[Any, ...]:
        return tuple(label)

    def label(self, parts: tuple[Class, ...]) -> Label:
        return parts

    def code(self, places: Sequence[int], code_of_set: Callable[[tuple[int, ...]], int]) -> int:
        return code_of_set(tuple(sorted(places)))

    def places(self, code: int, label_sets: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
        return label_sets[code]

    def from_json(self, labels: Any) -> Any:
        made = np.empty(len(labels), object)
        made[:] = list(map(tuple, labels))
        return made

    def table(self, classes: Any, label_sets: Sequence[tuple[int, ...]]) -> Any:
        return indicator(label_sets, len(classes))

    def to_json(self, y: Any, classes: Any) -> list[Any]:  # noqa: ARG002
        return [tuple(np.flatnonzero(row).tolist()) for row in y]

    def read(self, written: Sequence[Any], classes: Any) -> Any:
        return indicator(written, len(classes))

    def keys(self, y: Any, classes: Any) -> IntArray:  # noqa: ARG002
        # A hash of the positions, which a class added later does not change.
        rows, places = np.unique(np.asarray(y), axis=0, return_inverse=True)
        return np.array([_key(row) for row in rows], np.int64)[places.reshape(-1)]

    def to_y(self, predicted: Any, n_classes: int) -> Any:
        return pad_columns(predicted, n_classes).astype(np.intp)

    def first_classes(self, y: Any, n_classes: int) -> Any:
        return y[:, :n_classes]

    def n_classes(self, y: Any, codes: IntArray) -> int:  # noqa: ARG002
        return int(np.flatnonzero(y.any(axis=0)).max(initial=-1)) + 1

    def n_classes_seen(self, y: Any) -> int:
        return int(y.any(axis=0).sum())

    def of_classes(self, y: Any, classes: Any) -> Iterable[BoolArray]:  # noqa: ARG002
        columns: BoolArray = y.T == 1
        return columns

    def as_predictions(self, values: Any, n_samples: int, name: str = "the model") -> Any:
        found, expected = _dense(values), "an indicator matrix with one row a sample"
        _check_shape(found, values, n_samples, _TWO_DIMENSIONS, f"predict of {name}", expected)
        return found

    def most_probable(self, proba: FloatArray) -> tuple[IntArray, FloatArray]:
        return (proba >= 0.5).astype(np.intp), np.maximum(proba, 1 - proba).prod(axis=1)  # noqa: PLR2004

    def codes_of(self, predicted: Any, classes: Sequence[Any]) -> IntArray:
        self.check_known(predicted, classes)
        codes: IntArray = self.to_y(predicted, len(classes))
        return codes

    def labels_of(self, codes: IntArray, classes: Sequence[Any]) -> list[Label]:
        return [tuple(classes[place] for place in np.flatnonzero(row).tolist()) for row in codes]

    def check_known(self, predicted: Any, classes: Sequence[Any]) -> None:  # noqa: ARG002
        if predicted.dtype != bool:
            _check_known(predicted, {0, 1}, lambda: "0 or 1 for each class")


#: A label is one class.
MULTICLASS: Final[LabelKind] = _Multiclass()
#: A label is a tuple of any number of classes, in the order in which they were declared.
MULTILABEL: Final[LabelKind] = _Multilabel()
BOTH_KINDS: Final = (MULTICLASS, MULTILABEL)


def kind_of_y(y: Any) -> LabelKind:
    """Return the kind of labels in an array: `MULTILABEL` for an indicator matrix."""
    return MULTILABEL if is_indicator(y) else MULTICLASS


def kind_of_labels(labels: Iterable[Any]) -> LabelKind:
    """Return the kind of labels, as a journal or a session has them: a list or tuple has any number of classes."""
    return MULTILABEL if any(isinstance(label, list | tuple) for label in labels) else MULTICLASS


def is_indicator(y: Any) -> bool:
    """Return whether labels are an indicator matrix."""
    return np.ndim(y) == _TWO_DIMENSIONS


def indicator(label_sets: Sequence[Sequence[int]], n_classes: int) -> IntArray:
    """Return the indicator matrix of sets of positions, shape (n_sets, n_classes)."""
    table = np.zeros((len(label_sets), n_classes), np.intp)
    for row, positions in zip(table, label_sets, strict=True):
        row[list(positions)] = 1
    return table


def pad_columns(values: Any, n_columns: int) -> Any:
    """Return a matrix with columns of zeros for the classes that were added since; labels of one class as they are."""
    values = np.asarray(values)
    if not is_indicator(values) or values.shape[1] >= n_columns:
        return values
    return np.pad(values, ((0, 0), (0, n_columns - values.shape[1])))


def _key(row: Any) -> int:
    content = np.flatnonzero(row).astype("<i4").tobytes()
    return int.from_bytes(hashlib.blake2b(content, digest_size=_KEY_BYTES).digest(), "little") >> 1


def _dense(values: Any) -> Any:
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values)


def _check_shape(found: Any, values: Any, n_samples: int, n_dimensions: int, what: str, expected: str) -> None:
    if found.ndim != n_dimensions or len(found) != n_samples:
        got = f"shape {found.shape}" if found.ndim else short_repr(values)
        raise ShapeError(f"{what} returned {got} for {n_samples} samples; expected {expected}.")


def _check_known(predicted: Any, known: set[Any], expected: Callable[[], str]) -> None:
    values = predicted.ravel().tolist()
    # One cheap look for the usual case.
    if predicted.dtype != object and known.issuperset(values):
        return
    # What has no hash is not a class.
    unknown = [value for value in values if type(value).__hash__ is None or value not in known]
    if unknown:
        raise ValueError(
            f"the model predicts {short_repr(unknown[0])} for {len(unknown)} of {len(values)} samples; expected"
            f" {expected()}."
        )
