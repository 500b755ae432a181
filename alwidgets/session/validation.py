"""Validation of the arguments of a session."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from alwidgets.data import conversion
from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL, LabelKind, indicator
from alwidgets.data.labels import by_class, label_of, plain, plain_labels
from alwidgets.data.lending import own, read_only
from alwidgets.data.pool import (
    as_samples,
    as_samples_like,
    n_rows,
)
from alwidgets.models.keeping import check_fits_on_pool
from alwidgets.models.spec import ModelSpec
from alwidgets.scoring.overlap import share_in_pool
from alwidgets.scoring.scores import ACCURACY, Metric, as_metrics
from alwidgets.stopping import Budget
from alwidgets.strategies import ColdStart, check_kind, check_pool, may_have_features, needs_features, strategy_name
from alwidgets.types import Class, IntArray, Label
from alwidgets.utils.checks import as_whole_number, check_count
from alwidgets.utils.text import is_writable, redacted, short_repr

AuditMode: TypeAlias = Literal["hold_back", "test_then_train"]
Duplicates: TypeAlias = Literal["carry", "ask"]
FeaturesOf: TypeAlias = Literal["labels", "pool"]

_MOST_CLASSES_SHOWN = 20
# Real data hold a few samples twice.
_MOST_OVERLAP = 0.05
_MOST_ROUNDS = 10**9
_LONGEST_NAME = 200
_MOST_WORDS = 10_000
_VIA = ("", "grid", "alike", "map", "review")


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
    if (twice := _repeated(shown)) is not None:
        raise ValueError(f"classes has {values[twice[0]]!r} more than once; expected distinct names, also as text.")
    if (equal := _repeated(values)) is not None:
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
    return (check_label_set if kind is MULTILABEL else check_class)(label, classes, code_of)


def check_label_set(label: Any, classes: Sequence[Class], code_of: Callable[[Any], int | None]) -> tuple[Class, ...]:
    """Return a label of any number of classes as a tuple, in the order in which the classes were declared."""
    if not isinstance(label, list | tuple | set | frozenset):
        raise TypeError(
            f"label is {short_repr(label)}; expected a list of classes, such as {list(classes[:1])}, or [] for none of"
            " them."
        )
    names = [check_class(name, classes, code_of) for name in label]
    if (twice := _repeated(names)) is not None:
        raise ValueError(f"label has {names[twice[0]]!r} more than once; expected each class once.")
    return tuple(sorted(names, key=lambda name: code_of(name) or 0))


def check_samples(X: Any, *, allow_nan: bool, texts: bool) -> tuple[Any, bool]:
    """Return the pool, and whether it has missing or infinite values that the learner does not say it takes."""
    try:
        return as_samples(X, allow_nan=allow_nan, texts=texts), False
    except ValueError:
        if allow_nan:
            raise
        # A column that a Pipeline drops may have some: a trial tells.
        return as_samples(X, allow_nan=True, allow_inf=True, texts=texts), True


def check_item(item: Any, n_samples: int) -> int:
    """Return a row number of the pool as an int."""
    row = as_whole_number(item)
    if row is None:
        raise TypeError(f"item is {item!r}; expected a row number of X, 0 to {n_samples - 1}.")
    if not 0 <= row < n_samples:
        raise ValueError(f"item is {item!r}; expected a row number of X, 0 to {n_samples - 1}.")
    return row


def order_of(**tables: Any) -> tuple[str, Any] | None:
    """Return the name and the index of the first of what holds rows in pandas: rows are taken by position.

    As they were given, since texts and arrays made of them have no index. None where none has one.
    """
    for name, values in tables.items():
        if (index := conversion.index_of(values)) is not None:
            return name, index
    return None


def check_order(name: str, values: Any, order: tuple[str, Any] | None) -> None:
    """Refuse what has the index of `order_of` in another order.

    Raises
    ------
    ValueError
        If it has.
    """
    other = conversion.index_of(values)
    if order is None or other is None:
        return
    of, index = order
    if len(other) != len(index) or other.equals(index) or not (index.is_unique and other.is_unique):
        return
    if len(index.intersection(other)) == len(index):
        raise ValueError(
            f"{name} has the index of {of} in another order; expected the order of its rows. Pass "
            f"{name}.loc[{of}.index]."
        )


def check_items(items: Any, X: Any, order: tuple[str, Any] | None = None) -> Any:
    """Validate the items shown to the annotator, one per row; the rows of `X` by default."""
    if items is None:
        return X
    items = conversion.plain_items(items)
    if not conversion.holds_rows(items):
        raise TypeError(
            f"items is a {type(items).__name__}; expected a sequence or a DataFrame, one item a row of X."
            f"{conversion.advice(items)}"
        )
    check_order("items", items, order)
    n_samples = n_rows(X)
    if len(items) != n_samples:
        raise ValueError(f"X has {n_samples} rows but items has {len(items)}; give one item per row.")
    return items


def check_ids(ids: Any, n_samples: int, order: tuple[str, Any] | None = None) -> tuple[str, ...] | None:
    """Return the stable ids of the samples, or None when they are to be hashes of the rows."""
    if ids is None:
        return None
    ids = conversion.plain(ids)
    check_order("ids", ids, order)
    ids = conversion.column(ids)
    if isinstance(ids, str) or not hasattr(ids, "__iter__") or len(getattr(ids, "shape", (0,))) != 1:
        raise TypeError(f"ids is {_named(ids)}; expected one id per row of X.{conversion.advice(ids)}")
    values = tuple(str(value) for value in ids)
    if len(values) != n_samples:
        raise ValueError(f"X has {n_samples} rows but ids has {len(values)}; give one id per row.")
    cut = next((value for value in values if not is_writable(value)), None)
    if cut is not None:
        raise ValueError(f"ids has {short_repr(cut)}, which has half of a surrogate pair; expected whole characters.")
    if (twice := _repeated(values)) is not None:
        raise ValueError(
            f"ids has {values[twice[0]]!r} more than once, in rows {twice[0]} and {twice[1]}; expected a different id "
            "for each row."
        )
    return values


def check_test(
    test: Any,
    X: Any,
    classes: Sequence[Class],
    *,
    allow_nan: bool,
    allow_inf: bool = False,
    kind: LabelKind = MULTICLASS,
) -> tuple[Any, Any] | None:
    """Return the held-out set, if it has the features of `X` and only declared classes.

    Of any number of classes, labels may be an indicator matrix or lists of classes, and are the former. Warns where its
    samples are in `X` as well.
    """
    if test is None:
        return None
    if not (isinstance(test, tuple | list) and len(test) == 2):  # noqa: PLR2004
        raise TypeError(f"test is a {type(test).__name__}; expected a pair (X_test, y_test).")
    X_test = as_samples_like(X, test[0], name="X_test", allow_nan=allow_nan, allow_inf=allow_inf)
    check_order("y_test", test[1], order_of(X_test=test[0]))
    _warn_of_overlap(X, X_test)
    if kind is MULTILABEL:
        return read_only(X_test), own(as_indicator("y_test", test[1], n_rows(X_test), classes))
    y_test = plain_labels(conversion.dense(conversion.column(conversion.plain(test[1]))))
    if y_test.ndim != 1:
        raise ValueError(f"y_test has shape {y_test.shape}; expected one label per row of X_test, (n_samples,).")
    if len(y_test) != n_rows(X_test):
        raise ValueError(f"X_test has {n_rows(X_test)} rows but y_test has {len(y_test)}; give one label per row.")
    for label in _unknown(y_test.tolist(), classes):
        raise ValueError(f"y_test has the label {label!r}; expected only the classes {list(classes)}.")
    return read_only(X_test), own(y_test)


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


def _warn_of_overlap(X: Any, X_test: Any) -> None:
    share = share_in_pool(X_test, X)
    if share > _MOST_OVERLAP:
        warnings.warn(
            f"{share:.0%} of the samples of test are in X as well: once they are labeled the model is scored on what "
            "it was trained on, and its score is too high. Leave them out of X.",
            UserWarning,
            stacklevel=5,
        )


def check_audit(audit: Any, *, has_test: bool) -> float:
    """Return the share of questions that only measure."""
    if audit is None:
        return 0.0 if has_test else 0.1
    if not isinstance(audit, Real) or not 0 <= audit < 1:  # type: ignore[operator]  # a Real has an order
        raise ValueError(f"audit is {short_repr(audit)}; expected a share of the questions, from 0 to less than 1.")
    return float(audit)


def check_audit_mode(mode: Any) -> str:
    """Validate the use of audit answers."""
    if mode not in ("hold_back", "test_then_train"):
        raise ValueError(
            f"audit_mode is {mode!r}; expected 'hold_back' (they only measure) or 'test_then_train' (each is predicted "
            "first, and trains then)."
        )
    return str(mode)


def check_scoring(scoring: Any) -> tuple[Metric, ...]:
    """Return the metrics; the accuracy is always among them, since errors in use are priced by it."""
    metrics = as_metrics(scoring)
    return metrics if ACCURACY in metrics else (*metrics, ACCURACY)


def check_scored(*, committee: bool, has_test: bool, audit: float) -> None:
    """Raise if no round of the session could ever have a score."""
    if committee and not has_test and audit == 0:
        raise ValueError(
            "audit is 0 and there is no test set, but a Committee cannot be cross-validated; expected test=(X, y) or "
            "an audit above 0."
        )


def check_budget(budget: Any) -> Budget:
    """Return the budget; a whole number is a number of labels."""
    if budget is None:
        return Budget()
    if isinstance(budget, Budget):
        return budget
    if not isinstance(budget, bool) and isinstance(budget, Integral):
        return Budget(labels=int(budget))
    raise TypeError(f"budget is {budget!r}; expected a Budget, or a number of labels.")


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
            f"{name} is {_named(given)}; expected the labels of all rows, "
            + ("a dict row -> label, or a function item -> label." if name == "oracle" else "or a dict row -> label.")
            + conversion.advice(given)
        )
    if np.ndim(given) > 1 and isinstance(given, np.ndarray):
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


def _named(values: Any) -> str:
    """Describe an invalid container in a few words."""
    return (
        short_repr(values) if isinstance(values, str | bytes | Mapping | int | float) else f"a {type(values).__name__}"
    )


def check_render(render: Any, items: Any) -> Any:
    """Return the function that shows an item; one that reads columns of a DataFrame has to find them."""
    if render is not None and not callable(render):
        raise TypeError(f"render is {render!r}; expected a function item -> what to show, or None.")
    if hasattr(render, "check") and hasattr(items, "columns"):
        render.check(items.columns)
    return render


def check_media_root(root: Any) -> Path | None:
    """Return the folder in which the files of samples lie."""
    if root is None:
        return None
    if not isinstance(root, str | Path) or not Path(root).expanduser().is_dir():
        raise ValueError(f"media_root is {root!r}; expected an existing folder.")
    return Path(root).expanduser().resolve()


def check_cold_start(cold_start: Any) -> ColdStart:
    """Validate the cold start; with None it lasts until there is a model."""
    if cold_start is None:
        return ColdStart(most_labels=0)
    return cold_start if isinstance(cold_start, ColdStart) else ColdStart(cold_start)


def check_features(features: str, made: ModelSpec) -> bool:
    """Return whether the steps of the learner's Pipeline before the last one are to be fitted on the pool."""
    if features not in get_args(FeaturesOf):
        raise ValueError(f"features is {features!r}; expected one of {list(get_args(FeaturesOf))}.")
    if features == "labels":
        return False
    check_fits_on_pool(made)
    return True


def check_embed(embed: Any) -> Any:
    """Return the function that turns samples into numbers."""
    if embed is not None and not callable(embed):
        raise TypeError(f"embed is {embed!r}; expected a function X -> (n_samples, n_features), or None.")
    return embed


def check_strategies(
    X: Any,
    classes: Sequence[Class],
    estimator: Any,
    strategies: Sequence[Any],
    embed: Any,
    *,
    kind: LabelKind = MULTICLASS,
) -> None:
    """Refuse strategies for another pool or kind of label, and such that compare samples which cannot be compared."""
    comparable = embed is not None or may_have_features(X, estimator)
    for each in strategies:
        check_kind(each, kind)
        check_pool(each, n_rows(X), len(classes))
        if needs_features(each) and not comparable:
            raise ValueError(
                f"{strategy_name(each)!r} compares samples, and these are not numbers; expected `embed=`, a function "
                "X -> (n_samples, n_features), or a Pipeline that turns them into numbers before its last step."
            )


def check_duplicates(duplicates: Any) -> str | None:
    """Validate the treatment of identical samples; None keeps it as it was."""
    if duplicates not in (None, "carry", "ask"):
        raise ValueError(
            f"duplicates is {short_repr(duplicates)}; expected 'carry' (one answer counts for all that are identical), "
            "'ask' (each is asked), or None."
        )
    return None if duplicates is None else str(duplicates)


def check_beside(data: Any, n_samples: int, order: tuple[str, Any] | None = None) -> Any:
    """Return the DataFrame that labels are put beside, None when there is none."""
    frame = conversion.check_frame("data", data)
    if frame is None:
        return None
    if len(frame) != n_samples:
        raise ValueError(f"X has {n_samples} rows but data has {len(frame)}; give one row per sample.")
    check_order("data", frame, order)
    return frame


def check_name(name: str, value: Any) -> str | None:
    """Return a text that is not empty, or None."""
    if value is not None and not (isinstance(value, str) and value):
        raise TypeError(f"{name} is {short_repr(value)}; expected a str that is not empty, or None.")
    return None if value is None else _check_text(name, value, _LONGEST_NAME)


def check_annotator(value: Any) -> str | None:
    """Validate the annotator's name, or None; credentials in it, as in a URL, are hidden."""
    name = check_name("annotator", value)
    return None if name is None else redacted(name)


def check_words(name: str, value: Any) -> str:
    """Validate a free text; it may be empty, and blanks alone count as empty."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {short_repr(value)}; expected a str.")
    words = _check_text(name, value, _MOST_WORDS)
    return words if words.strip() else ""


def _check_text(name: str, value: str, most: int) -> str:
    if len(value) > most:
        raise ValueError(f"{name} has {len(value)} characters; expected at most {most}.")
    if not is_writable(value):
        raise ValueError(
            f"{name} is {short_repr(value)}, which has half of a surrogate pair; expected whole characters."
        )
    return str(value)


def _check_readable(names: Sequence[str]) -> None:
    longest = max(map(len, names))
    if longest > _LONGEST_NAME:
        raise ValueError(f"classes has a name of {longest} characters; expected at most {_LONGEST_NAME}.")
    """Refuse names that NumPy would cut short, and such that no file or page can hold."""
    for name in names:
        if "\0" in name or not is_writable(name):
            raise ValueError(
                f"classes has {short_repr(name)}; expected names without NUL characters and without halves of surrogate"
                " pairs."
            )


def check_seconds(name: str, value: Any) -> float | None:
    """Return a time in seconds; None when there is none, also for NaN and infinity, which JSON does not have."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}; expected a number of seconds, or None.")
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def check_duration(name: str, value: Any) -> float | None:
    """Validate a duration in seconds; None if it is unknown or NaN."""
    seconds = check_seconds(name, value)
    endless = seconds is None and not conversion.is_missing(value)
    if endless or (seconds is not None and seconds < 0):
        raise ValueError(f"{name} is {short_repr(value)}; expected a number of seconds of at least 0, or None.")
    return seconds


def check_via(via: Any) -> str:
    """Validate the origin of an answer."""
    if via not in _VIA:
        raise ValueError(f"via is {short_repr(via)}; expected one of {list(_VIA)}.")
    return str(via)


def check_round(value: Any) -> int:
    """Return the number of a round, 0 before the first."""
    number = 0 if isinstance(value, Integral) and value == 0 else check_count("round", value)
    if number > _MOST_ROUNDS:
        raise ValueError(f"round is {short_repr(value)}; expected a whole number of at most {_MOST_ROUNDS}.")
    return number


def check_events(value: Any) -> int | None:
    """Return a number of events, None when none is given."""
    if value is None:
        return None
    return 0 if isinstance(value, Integral) and value == 0 else check_count("as_of", value)


def check_seeds(
    seeds: Sequence[tuple[Any, Any]], X: Any, classes: Sequence[Class], *, kind: LabelKind = MULTICLASS
) -> None:
    """Refuse a modAL learner that was taught other features than those of `X`, or a class that is not declared."""
    for X_seed, y_seed in seeds:
        if X_seed is None:
            continue
        if X_seed.shape[1:] != X.shape[1:]:
            raise ValueError(
                f"the learner was taught samples of shape {X_seed.shape} but X has shape {X.shape}; expected the same "
                "features."
            )
        if kind is MULTILABEL:
            as_indicator("what the learner was taught", y_seed, len(y_seed), classes)
            continue
        for label in _unknown(y_seed.tolist(), classes):
            raise ValueError(
                f"the learner was taught {label!r}, which is not one of the classes; declare it in `classes`."
            )


def _distinct(labels: list[Any]) -> list[Any]:
    """Return each label once, whatever its type; 1, 1.0 and True are three."""
    return list({(type(label), repr(label)): label for label in labels}.values())


def _unknown(labels: list[Any], classes: Sequence[Class]) -> list[Any]:
    """Return the labels that are not among the classes."""
    known = set(classes)
    return [label for label in _distinct(labels) if not isinstance(label, Hashable) or label not in known]


def _repeated(values: Iterable[Hashable]) -> tuple[int, int] | None:
    """Return the first place at which a value comes again, behind the place where it came first; None if none does."""
    first: dict[Hashable, int] = {}
    for place, value in enumerate(values):
        if first.setdefault(value, place) != place:
            return first[value], place
    return None


def _plain_label(value: Any, where: str) -> Class:
    label = plain(value)
    if not isinstance(label, str | int | float | bool):
        raise TypeError(f"{where} {value!r}; expected str, int, float or bool.")
    if isinstance(label, float) and not math.isfinite(label):
        raise ValueError(f"{where} {value!r}; expected names, finite numbers or booleans.")
    return label
