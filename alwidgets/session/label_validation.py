"""Validation of classes and labels: those of an answer, and those that are given for a pool."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from alwidgets.data import conversion
from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL, LabelKind, indicator
from alwidgets.data.labels import by_class, label_of, plain, plain_labels
from alwidgets.data.pool import n_rows
from alwidgets.session.row_validation import check_item, check_order
from alwidgets.types import Class, IntArray, Label
from alwidgets.utils.checks import named, repeated
from alwidgets.utils.text import is_writable, short_repr

#: Characters of a name.
LONGEST_NAME = 200
_MOST_CLASSES_SHOWN = 20


def check_class_names(classes: Any) -> tuple[Class, ...]:
    """Return the classes as plain Python values, in order.

    Raises
    ------
    ValueError
        If there are fewer than two, or one comes twice, also as text: 1 and "1" look the same on screen. Or as a
        number: 1 and 1.0 look different, and are the same to every learner.
    TypeError
        If one is not a str, int, float or bool.
    """
    if isinstance(classes, str | set | frozenset) or not hasattr(classes, "__iter__"):
        raise TypeError(f"classes is {classes!r}; expected a list, such as ['ham', 'spam'].")
    values = tuple(_plain_label(value, "classes has") for value in classes)
    if len(values) < 2:  # noqa: PLR2004 - with one class there is nothing to ask
        raise ValueError(f"classes is {list(values)}; expected at least two classes to tell apart.")
    shown = [str(value) for value in values]
    if (twice := repeated(shown)) is not None:
        raise ValueError(f"classes has {values[twice[0]]!r} more than once; expected distinct names, also as text.")
    if (equal := repeated(values)) is not None:
        first, second = (values[place] for place in equal)
        raise ValueError(f"classes has {first!r} and {second!r}, which are equal; expected distinct values.")
    _check_readable(shown)
    if any(not text.strip() for text in shown):
        raise ValueError(f"classes is {list(values)}; expected names that can be read, one is blank.")
    kinds = {"text" if isinstance(value, str) else type(value).__name__ for value in values}
    if len(kinds) > 1 and kinds != {"int", "float"}:
        raise ValueError(f"classes is {list(values)}; expected one kind, all text, all numbers or all booleans.")
    if any(isinstance(value, float) and not value.is_integer() for value in values):
        raise ValueError(
            f"classes is {list(values)}; expected whole numbers, since scikit-learn takes others for measurements. "
            "Give such classes as text."
        )
    return values


def check_class(label: Any, classes: Sequence[Class], code_of: Callable[[Any], int | None]) -> Class:
    """Return the label as a plain Python value, if it is one of the classes."""
    value = plain(label)
    if isinstance(value, float) and value.is_integer() and code_of(int(value)) is not None:
        # Known labels often come as floats: 1.0 is class 1.
        value = int(value)
    if not isinstance(value, str | int | float) or code_of(value) is None:
        names = list(classes[:_MOST_CLASSES_SHOWN])
        more = "" if len(classes) <= _MOST_CLASSES_SHOWN else f" and {len(classes) - len(names)} more"
        alike = [name for name in classes if str(name) == str(label)]
        hint = f" Did you mean {alike[0]!r}, of type {type(alike[0]).__name__}?" if alike else ""
        raise ValueError(f"label {label!r} is unknown; expected one of {names}{more}.{hint}")
    return value


def check_label(label: Any, classes: Sequence[Class], code_of: Callable[[Any], int | None], kind: LabelKind) -> Label:
    """Return a label of a kind, if it is one of the classes or a set of them."""
    return _LABEL[kind](label, classes, code_of)


def check_label_set(label: Any, classes: Sequence[Class], code_of: Callable[[Any], int | None]) -> tuple[Class, ...]:
    """Return a label of any number of classes as a tuple, in the order in which the classes were declared."""
    if not isinstance(label, list | tuple | set | frozenset):
        raise TypeError(
            f"label is {short_repr(label)}; expected a list of classes, such as {list(classes[:1])}, or [] for none of"
            " them."
        )
    names = [check_class(name, classes, code_of) for name in label]
    if (twice := repeated(names)) is not None:
        raise ValueError(f"label has {names[twice[0]]!r} more than once; expected each class once.")
    return tuple(sorted(names, key=lambda name: code_of(name) or 0))


_LABEL: dict[LabelKind, Callable[..., Label]] = {MULTICLASS: check_class, MULTILABEL: check_label_set}


def check_y(name: str, labels: Any, n_samples: int, classes: Sequence[Class], kind: LabelKind) -> Any:
    """Return the labels of some samples, one each, all of declared classes: an array, or an indicator matrix."""
    if kind is MULTILABEL:
        return as_indicator(name, labels, n_samples, classes)
    y = plain_labels(conversion.dense(conversion.column(conversion.plain(labels))))
    X = name.replace("y", "X")
    if y.ndim != 1:
        raise ValueError(f"{name} has shape {y.shape}; expected one label per row of {X}, (n_samples,).")
    if len(y) != n_samples:
        raise ValueError(f"{X} has {n_samples} rows but {name} has {len(y)}; give one label per row.")
    for label in unknown_labels(y.tolist(), classes):
        raise ValueError(f"{name} has the label {label!r}; expected only the classes {list(classes)}.")
    return y


def as_indicator(name: str, labels: Any, n_samples: int, classes: Sequence[Class]) -> IntArray:
    """Return labels of any number of classes, an indicator matrix or lists of classes, as an indicator matrix.

    The columns of a DataFrame are matched to the classes by their names.

    Raises
    ------
    ValueError, TypeError
        If there is not one a sample, or it has others than the classes.
    """
    labels = conversion.dense(conversion.plain(labels))
    if not hasattr(labels, "__len__") or isinstance(labels, str | bytes | Mapping):
        raise TypeError(
            f"{name} is {short_repr(labels)}; expected an indicator matrix, or a list of classes a sample."
            f"{conversion.advice(labels)}"
        )
    if len(labels) != n_samples:
        raise ValueError(f"{name} has {len(labels)} labels for {n_samples} samples; give one per sample.")
    matrix = by_class(name, labels, classes)
    if not isinstance(matrix, np.ndarray) or (matrix.dtype == object and matrix.ndim == 1):
        place = {(type(label), label): code for code, label in enumerate(classes)}
        sets = [check_label_set(each, classes, lambda value: place.get((type(value), value))) for each in matrix]
        return indicator([[place[type(label), label] for label in each] for each in sets], len(classes))
    if matrix.shape != (n_samples, len(classes)) or not np.isin(matrix, (0, 1)).all():
        raise ValueError(
            f"{name} has shape {matrix.shape} and values such as {short_repr(matrix.reshape(-1)[:3].tolist())};"
            f" expected an indicator matrix of 0 and 1, one column for each of the {len(classes)} classes."
        )
    return matrix.astype(np.intp)


def check_labels(
    labels: Any, X: Any, classes: Sequence[Class], *, kind: LabelKind = MULTICLASS, order: tuple[str, Any] | None = None
) -> dict[int, Label]:
    """Return the labels that there are already, row -> label, ascending; None or NaN means "not yet"."""
    if labels is None:
        return {}
    place = {(type(label), label): code for code, label in enumerate(classes)}

    def code_of(label: Any) -> int | None:
        return place.get((type(label), label))

    if isinstance(labels, Mapping):
        return known_labels_of_rows(labels, X, classes, code_of, kind=kind)
    values = check_known_labels("labels", labels, X, classes, code_of, kind=kind, order=order)
    return {row: label for row, label in enumerate(values) if label is not None}


def known_labels_of_rows(
    labels: Mapping[Any, Any],
    X: Any,
    classes: Sequence[Class],
    code_of: Callable[[Any], int | None],
    *,
    kind: LabelKind,
) -> dict[int, Label]:
    """Return row -> label, ascending, without those that are missing."""
    of_row = {check_item(row, n_rows(X)): label for row, label in labels.items() if not conversion.is_missing(label)}
    return {row: check_label(of_row[row], classes, code_of, kind) for row in sorted(of_row)}


def check_known_labels(
    name: str,
    labels: Any,
    X: Any,
    classes: Sequence[Class],
    code_of: Callable[[Any], int | None],
    *,
    kind: LabelKind,
    order: tuple[str, Any] | None,
) -> list[Label | None]:
    """Return one label a row of `X`, None where there is none."""
    given, n_samples = conversion.plain(labels), n_rows(X)
    check_order(name, given, order)
    if kind is MULTILABEL:
        return _known_sets(name, given, n_samples, classes)
    given = conversion.column(given)
    if not conversion.holds_values(given):
        raise TypeError(
            f"{name} is {named(given)}; expected the labels of all rows, "
            + ("a dict row -> label, or a function item -> label." if name == "oracle" else "or a dict row -> label.")
            + conversion.advice(given)
        )
    if isinstance(given, np.ndarray) and given.ndim > 1:
        raise ValueError(
            f"{name} has shape {given.shape}; expected one label a row. For an indicator matrix, pass task='multi'."
        )
    if len(given) != n_samples:
        raise ValueError(f"X has {n_samples} rows but {name} has {len(given)} labels; give one per row.")
    values = [None if conversion.is_missing(label) else label for label in list(given)]
    plain = {
        (type(label), repr(label)): check_class(label, classes, code_of)
        for label in _distinct(values)
        if label is not None
    }
    return [None if label is None else plain[type(label), repr(label)] for label in values]


def _known_sets(name: str, labels: Any, n_samples: int, classes: Sequence[Class]) -> list[Label | None]:
    given, known = by_class(name, conversion.dense(labels), classes), labels
    if isinstance(given, np.ndarray) and given.ndim == 2 and given.dtype.kind == "f":  # noqa: PLR2004
        missing: Any = np.isnan(given).all(axis=1)
        known = np.where(missing[:, None], 0, given)
    elif hasattr(given, "__iter__") and not isinstance(given, str | bytes | Mapping):
        missing = np.array([conversion.is_missing(each) for each in given], bool)
        known = [() if skip else each for each, skip in zip(given, missing, strict=True)] if missing.any() else given
    else:
        missing, known = np.zeros(n_samples, bool), given
    y = as_indicator(name, known, n_samples, classes)
    return [None if skip else label_of(row, classes) for row, skip in zip(y, missing, strict=True)]


def _check_readable(names: Sequence[str]) -> None:
    """Refuse names that NumPy would cut short, and such that no file or page can hold."""
    longest = max(map(len, names))
    if longest > LONGEST_NAME:
        raise ValueError(f"classes has a name of {longest} characters; expected at most {LONGEST_NAME}.")
    for name in names:
        if "\0" in name or not is_writable(name):
            raise ValueError(
                f"classes has {short_repr(name)}; expected names without NUL characters and without halves of surrogate"
                " pairs."
            )


def _distinct(labels: list[Any]) -> list[Any]:
    """Return each label once, whatever its type; 1, 1.0 and True are three."""
    return list({(type(label), repr(label)): label for label in labels}.values())


def unknown_labels(labels: list[Any], classes: Sequence[Class]) -> list[Any]:
    """Return the labels that are not among the classes."""
    known = set(classes)
    return [label for label in _distinct(labels) if not isinstance(label, Hashable) or label not in known]


def _plain_label(value: Any, where: str) -> Class:
    label = plain(value)
    if not isinstance(label, str | int | float | bool):
        raise TypeError(f"{where} {value!r}; expected str, int, float or bool.")
    if isinstance(label, float) and not math.isfinite(label):
        raise ValueError(f"{where} {value!r}; expected names, finite numbers or booleans.")
    return label
