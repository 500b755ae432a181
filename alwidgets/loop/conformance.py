"""Trial fits that check whether a learner suits the samples and classes of a session.

A clone is fitted on a few rows of the pool with labels made up, and asked for predictions; both are thrown away. What
can never work is refused with what to do. A model that takes no labels but 0, 1, 2, ... is wrapped. What may work with
more or other labels is let through, and said.
"""

from __future__ import annotations

import random
import re
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from alwidgets.data.kinds import pool_of
from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL, LabelKind, ShapeError
from alwidgets.data.labels import marginals
from alwidgets.data.pool import (
    as_samples,
    n_rows,
    take,
)
from alwidgets.kernels.arrays import proba_matrix
from alwidgets.models.encoded import bare
from alwidgets.models.spec import ModelSpec, same_message
from alwidgets.strategies import from_modal
from alwidgets.strategies.as_modal import AsModal, OwnStrategy
from alwidgets.strategies.choose import check_kind
from alwidgets.types import Class, IntArray
from alwidgets.utils.text import sanitize, words
from alwidgets.utils.threads import blas_threads

#: How a note begins that is said and refuses nothing: of who tells each failed fit himself it may be kept back.
NOTE = "A trial fit of "
#: A trial that takes more seconds is given up: whoever makes a session waits for it.
PATIENCE = 1.0
# Folds of five want as many of each class, and neighbors want some rows in all.
_ROWS_A_CLASS, _FEWEST_ROWS, _MOST_CLASSES = 6, 40, 10
_MOST_COLUMNS = 20
_TAKES = "OneVsRestClassifier(LogisticRegression())"


class MisfitError(ValueError):
    """A learner that does not fit the data, whatever the labels; the message tells how to fix it."""


@dataclass(frozen=True)
class _Found:
    """Results of a trial fit: whether and how the learner can be fitted, and the error if it failed."""

    how: Literal["as it is", "encoded", "failed", "given up"]
    error: BaseException | None = None


# Learner -> the kinds of pool and classes that it is known to suit, so that many sessions of one cost one trial.
_KNOWN: weakref.WeakKeyDictionary[Any, dict[Any, _Found]] = weakref.WeakKeyDictionary()


def conforming(
    made: ModelSpec,
    learner: Any,
    X: Any,
    classes: Sequence[Class],
    *,
    kind: LabelKind = MULTICLASS,
    missing: bool = False,
) -> tuple[ModelSpec, str]:
    """Return a spec whose learner suits samples and classes, and a notice for the user.

    Parameters
    ----------
    made : ModelSpec
        The learner's.
    learner : object
        What the user gave; the trial is made once for each.
    X : array-like of shape (n_samples, ...)
        The pool, checked.
    classes : sequence of str, int, float or bool
        The declared classes.
    kind : LabelKind
        Whether a label is one class or any number.
    missing : bool
        Whether `X` has missing or infinite values that the learner does not say it takes.

    Returns
    -------
    made : ModelSpec
        The same, or the one around classifiers that take 0, 1, 2, ...
    note : str
        Empty, or what the trial could not tell.

    Raises
    ------
    ValueError
        If no labels can mend what the learner does; the message says what to do.
    TypeError
        If it takes one class a sample, and the task is multilabel.
    """
    if kind is MULTILABEL:
        _check_multilabel(made, X)
    if n_rows(X) < 2:  # noqa: PLR2004 - nothing tells two classes apart
        as_samples(X, allow_nan=not missing)
        return made, ""
    key = (made.models, _kind(X), tuple(classes), kind, missing)
    found = _known(learner).get(key)
    if found is None:
        found = _tried(made, X, classes, kind=kind, missing=missing)
        if found.how in ("as it is", "encoded"):
            _known(learner)[key] = found
    if missing and found.how in ("failed", "given up"):
        # It says where they are.
        as_samples(X)
    if found.how == "given up":
        note = (
            f"{NOTE}{made.name} on a few rows of X takes more than a second and was given up: whether it "
            "suits X and the classes shows at the first fit."
        )
        return replace(made, untried=True), note
    if found.error is not None:
        note = _misfit(made, X, found.error, enough=n_rows(X) >= _wanted(len(classes)))
        return replace(made, untried=True), note
    return made.encoded if found.how == "encoded" else made, ""


def _check_multilabel(made: ModelSpec, X: Any) -> None:
    """Refuse a learner and strategies that are not for labels of any number of classes."""
    if hasattr(made.template, "learner_list"):
        raise TypeError(
            "learner is a Committee, whose votes are for one class; a multilabel task expects one model, such as "
            f"{_TAKES}."
        )
    if not _takes_sets(made, X):
        raise TypeError(
            f"{made.name} takes one class a sample, and a multilabel task any number; expected a model for an "
            f"indicator matrix, such as OneVsRestClassifier({made.name}()), a random forest or nearest neighbors."
        )
    own = made.template.query_strategy
    if isinstance(made.strategy, OwnStrategy):
        check_kind(own.strategy if isinstance(own, AsModal) else from_modal(own), MULTILABEL)


def _takes_sets(made: ModelSpec, X: Any) -> bool:
    """Return whether a model is for indicator matrices: it says so, or a fit on a few samples does not fail."""
    tags = get_tags(made.estimator)
    if tags.target_tags.multi_output or (tags.classifier_tags is not None and tags.classifier_tags.multi_label):
        return True
    rows = _spread(n_rows(X), _FEWEST_ROWS)
    y = (np.arange(len(rows))[:, None] + np.arange(2)) % 2
    return _bounded(lambda: made.fitted(take(X, rows), y, 0)).how != "failed"


def _known(learner: Any) -> dict[Any, _Found]:
    try:
        return _KNOWN.setdefault(learner, {})
    except TypeError:
        # A name, or what has no hash.
        return {}


def _kind(X: Any) -> tuple[Any, ...]:
    """Return the properties of samples other than their values that a fit may depend on."""
    return type(X), pool_of(X).dtypes, X.shape[1:]


def _tried(made: ModelSpec, X: Any, classes: Sequence[Class], *, kind: LabelKind, missing: bool) -> _Found:
    """Try a fit with the labels as they are, and if it fails with encoded ones."""
    n_classes = max(2, min(len(classes), _MOST_CLASSES, n_rows(X) // 2))
    asked = _spread(n_rows(X), _wanted(n_classes) + _MOST_COLUMNS)
    rows = _without_extremes(X, asked, _wanted(n_classes))
    if missing:
        rows = np.union1d(rows, _rows_with_gaps(X))
    X_trained, X_asked = take(X, rows), take(X, asked)
    codes = np.arange(len(rows)) % n_classes
    values = np.asarray(classes)
    if kind is MULTILABEL:
        sets = (codes[:, None] == np.arange(len(classes))).astype(np.intp)
        return _bounded(lambda: _check_sets(made.fitted(X_trained, sets, 0), X_asked, len(classes)))
    # scikit-learn's own take any numbers; where a parameter is by class, no others mean anything.
    numbered = values.dtype.kind in "iu" and not made.whole and not made.names_classes(classes)
    named = values[:n_classes]

    def fits(model_spec: ModelSpec) -> None:
        for y in [named[codes], *([_odd(named)[codes]] if numbered else [])]:
            _check(model_spec.fitted(X_trained, y, 0), X_asked, model_spec.training_set(X_trained, y)[1])

    return _bounded(lambda: _encoded(made, X, classes, fits))


def _encoded(made: ModelSpec, X: Any, classes: Sequence[Class], fits: Callable[[ModelSpec], None]) -> bool:
    """Return whether a spec fits encoded only; raise what is wrong where it fits neither way."""
    try:
        fits(made)
    except Exception as first:
        if made.names_classes(classes):
            raise
        try:
            fits(made.encoded)
        except Exception as error:
            if same_message(first, error) or isinstance(first, MisfitError) or remedy(made, X, first):
                raise first from None
            raise
        return True
    return False


def _odd(classes: Any) -> Any:
    """Return as many whole numbers with one left out."""
    made = np.sort(classes)
    made[-1] += 1
    return made


def _wanted(n_classes: int) -> int:
    return max(_FEWEST_ROWS, _ROWS_A_CLASS * min(n_classes, _MOST_CLASSES))


def _without_extremes(X: Any, rows: IntArray, n: int) -> IntArray:
    """Return at least `n` of the rows, without those of the largest values: a model meets what it has not learned."""
    values = take(X, rows)
    if not isinstance(values, np.ndarray) or values.ndim != 2:  # noqa: PLR2004
        return rows
    extremes = np.unique(values[:, :_MOST_COLUMNS].argmax(axis=0))
    return np.delete(rows, extremes) if len(rows) - len(extremes) >= n else rows


def _spread(n_samples: int, n: int) -> IntArray:
    return np.unique(np.linspace(0, n_samples - 1, min(n, n_samples)).astype(np.intp))


def _rows_with_gaps(X: Any) -> IntArray:
    """Return a row with a missing or infinite value of each column that has any, of the first twenty such columns."""
    rows, columns = pool_of(X).gaps()
    _, first = np.unique(columns, return_index=True)
    return np.unique(rows[first[:_MOST_COLUMNS]])


# How a trial is bounded -------------------------------------------------------------------------------------------


def _bounded(trial: Callable[[], Any]) -> _Found:
    """Do a trial in a thread of its own, as long as the patience lasts, without a warning and as if nothing was drawn.

    A fit cannot be stopped from outside: one that is given up ends by itself, and nobody waits.
    """
    found = _Found("given up")

    def go() -> None:
        nonlocal found
        try:
            found = _Found("encoded" if trial() is True else "as it is")
        except BaseException as error:  # noqa: BLE001 - whatever a user's estimator raises
            found = _Found("failed", error)

    thread = threading.Thread(target=go, name="alwidgets-trial", daemon=True)
    with _streams_kept(), _silence(), blas_threads(1):
        try:
            thread.start()
        except RuntimeError:
            # No threads here (a Python inside the browser).
            go()
        else:
            thread.join(PATIENCE)
    return found


@contextmanager
def _silence() -> Iterator[None]:
    # Not `catch_warnings`: a fit that outlives it, and uses it too, would bring back what was in force in between.
    filters: Any = warnings.filters
    entry = ("ignore", None, Warning, None, 0)
    filters.insert(0, entry)
    try:
        yield
    finally:
        filters.remove(entry)


@contextmanager
def _streams_kept() -> Iterator[None]:
    """Restore the global random generators afterwards."""
    python, numpy, torch = random.getstate(), np.random.get_state(), sys.modules.get("torch")  # noqa: NPY002
    drawn = None if torch is None else torch.random.get_rng_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        if torch is not None:
            torch.random.set_rng_state(drawn)


# What is looked at ------------------------------------------------------------------------------------------------


def _check(learner: Any, X: Any, y: Any) -> None:
    """Refuse what a fitted learner or a member of a committee says, if it is not of the shape it should be."""
    for member in getattr(learner, "learner_list", [learner]):
        name = type(bare(member.estimator)).__name__
        known, expected = _classes_of(member, name), np.unique(y).tolist()
        if known != expected:
            raise MisfitError(f"{name} knows the classes {known} after a fit on {expected}; expected the same.")
        n, k = n_rows(X), len(expected)
        try:
            predicted = MULTICLASS.as_predictions(member.predict(X), n, name)
        except ShapeError as error:
            raise MisfitError(str(error)) from error
        strange = [label for label in predicted.tolist() if label not in expected]
        if strange:
            raise MisfitError(
                f"{name} predicts {strange[0]!r} after a fit on {expected}; expected one of these classes."
            )
        _check_shape(member, name, "predict_proba", X, [(n, k)])
        _check_shape(member, name, "decision_function", X, [(n,)] if k == 2 else [(n, k), (n, k * (k - 1) // 2)])  # noqa: PLR2004


def _classes_of(member: Any, name: str) -> list[Any]:
    try:
        return list(np.asarray(member.classes_).tolist())
    except AttributeError:
        raise MisfitError(
            f"{name} has no classes_ after a fit; expected the classes it knows: set "
            "self.classes_ = np.unique(y) in its fit."
        ) from None


def _check_shape(member: Any, name: str, method: str, X: Any, expected: list[tuple[int, ...]]) -> None:
    if not hasattr(member, method):
        return
    shape = np.shape(getattr(member, method)(X))
    if shape not in expected:
        raise MisfitError(
            f"{name}.{method} returned shape {shape} for {n_rows(X)} samples; expected "
            f"{' or '.join(map(str, expected))}: one row a sample, one column a class."
        )


def _check_sets(learner: Any, X: Any, n_classes: int) -> None:
    name, expected = type(learner.estimator).__name__, (n_rows(X), n_classes)
    said = {"predict": np.shape(learner.predict(X))}
    if hasattr(learner, "predict_proba"):
        said["predict_proba"] = proba_matrix(marginals(learner.predict_proba(X), learner.classes_)).shape
    for method, shape in said.items():
        if shape != expected:
            raise MisfitError(
                f"{name}.{method} returned shape {shape} after a fit on an indicator matrix of {n_classes} classes; "
                f"expected {expected}: one row a sample, one column a class."
            )


# What is said -----------------------------------------------------------------------------------------------------


def _misfit(made: ModelSpec, X: Any, error: BaseException, *, enough: bool) -> str:
    """Raise errors that no labels can fix, and return a notice for others."""
    reason = sanitize(f"{type(error).__name__}: {words(error)}").rstrip(" .")
    if isinstance(error, MisfitError):
        raise MisfitError(str(error)) from error
    cure = remedy(made, X, error)
    if cure:
        raise ValueError(f"{cure} A trial fit of {made.name} failed: {reason}.") from error
    if isinstance(error, ValueError) and isinstance(error, TypeError):
        # scikit-learn's error for an unknown parameter, whatever the samples.
        raise MisfitError(f"learner is {made.name}, and its parameters are refused: {reason}.") from error
    if not enough:
        return ""
    return (
        f"{NOTE}{made.name} on a few rows of X with made-up labels failed: {reason}. It may go well with "
        "more or other labels; if the first fit fails too, the session says so and keeps the labels."
    )


def remedy(made: ModelSpec, X: Any, raised: BaseException) -> str:
    """Suggest how to fix a fit error that no labels can fix; empty for any other error."""
    name, error, kind = made.name, words(raised), pool_of(X).kind
    if kind == "texts" and (not _steps(made) or _NO_NUMBERS.search(error)):
        return (
            f"X has texts, and {name} takes numbers: texts need a vectorizer, such as "
            f"make_pipeline(TfidfVectorizer(), {_last_name(made)}())."
        )
    if kind == "DataFrame" and _NO_NUMBERS.search(error):
        texts = [str(name) for name, dtype in X.dtypes.items() if dtype.kind not in "iufb"]
        return (
            f"X has columns that are not numbers, {texts[:5]}, and {name} takes numbers: encode them, such as by "
            "make_pipeline(make_column_transformer((OneHotEncoder(handle_unknown='ignore'), "
            f"{texts[:5]}), remainder='passthrough'), {_last_name(made)}())."
        )
    if kind == "sparse" and _DENSE.search(error):
        return (
            f"X is a sparse matrix, and {name} takes a dense one: give X.toarray(), or begin the learner's Pipeline "
            "with TruncatedSVD."
        )
    return next((cure.format(name=name) for sign, cure in _REMEDIES if sign.search(error)), "")


def _steps(made: ModelSpec) -> bool:
    """Return whether samples are transformed before the model."""
    estimator = made.estimator
    while estimator is not None:
        if isinstance(estimator, Pipeline):
            return True
        estimator = getattr(estimator, "estimator", None)
    return False


def _last_name(made: ModelSpec) -> str:
    estimator = made.estimator
    return type(estimator[-1] if isinstance(estimator, Pipeline) else estimator).__name__


_NO_NUMBERS = re.compile(
    r"could not convert string|Expected 2D array, got 1D|must be int, float, bool|must be int, float or bool|"
    r"dtype='?object|numpy\.(?:object_|str_)|Cannot convert .* to float|bad pandas dtypes|1-dimensional|"
    r"unsupported .* type.*\bstr",
    re.IGNORECASE,
)
_DENSE = re.compile(r"[Ss]parse|dense", re.IGNORECASE)
_REMEDIES = [
    (
        re.compile(r"Float.*Double|Double.*Float|same dtype|scalar type", re.DOTALL),
        "{name} takes numbers of 32 bits, and X has others: give X.astype(np.float32).",
    ),
    (
        re.compile(r"Negative values"),
        "{name} takes no negative numbers, and X has some: begin a Pipeline with MinMaxScaler(clip=True).",
    ),
    (
        re.compile(r"at least two dimensions|tuple index out of range"),
        "{name} is for labels of any number of classes: give task='multi', or for one class a sample what it wraps.",
    ),
    (
        re.compile(r"[Oo]nly binary|binary classification|Multiclass classification is not supported"),
        "{name} tells two classes apart, and there are more: wrap it in OneVsRestClassifier.",
    ),
    (
        re.compile(r"Target \d+ is out of bounds"),
        "{name} has fewer outputs than there are classes: expected one for each.",
    ),
    (
        re.compile(r"index \d+ is out of bounds for axis 1"),
        "{name} meets values in X that it has not learned: if it is a CategoricalNB, give min_categories.",
    ),
    (
        re.compile(r"No neighbors found"),
        "{name} finds no neighbor within its radius: give a larger one, or outlier_label='most_frequent'.",
    ),
]
