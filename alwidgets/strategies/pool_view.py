"""Input and output of a query strategy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from alwidgets.data.kinds import pool_of
from alwidgets.data.label_kinds import MULTILABEL, LabelKind, kind_of_y, pad_columns
from alwidgets.data.labels import marginals
from alwidgets.data.lending import is_copied, lent, own, read_only
from alwidgets.data.pool import (
    n_rows,
    take,
)
from alwidgets.kernels.arrays import PROBA_TOLERANCE, proba_matrix, quiet, tiles
from alwidgets.kernels.multilabel import check_marginals
from alwidgets.models.introspection import classes_of
from alwidgets.strategies.elsewhere import Elsewhere
from alwidgets.strategies.features import Features
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.text import type_name

# Above this share of the pool it is cheaper to predict every row than to copy the candidates out.
_DENSE = 0.5
# What a model says of a pool is kept for who asks it again, where it takes no more than so many bytes.
_MOST_KEPT = 32 * 2**20
# What a strategy is given to read.
_LENT = ("X", "labeled", "labels", "classes", "seconds", "source_proba")


@dataclass(frozen=True, eq=False)
class _Predicted:
    """Cache of a model's outputs, shared by views of different candidates, since predicting is expensive."""

    X: Any
    # Method -> where the value of each sample is, -1 where it was not asked for, and the values.
    known: dict[str, tuple[IntArray, Any]] = field(default_factory=dict)

    def of(self, method: str, rows: IntArray, ask: Callable[[Any], Any]) -> Any:
        """Return the model's values for these rows, having asked it, samples -> values, for those not known."""
        total = n_rows(self.X)
        if method not in self.known:
            whole = len(rows) >= _DENSE * total
            values = _of_all(self.X, ask) if whole else ask(take(self.X, rows))
            # What is of another length is refused elsewhere.
            if values.nbytes <= _MOST_KEPT and np.shape(values)[:1] == (total if whole else len(rows),):
                place: IntArray = np.full(total, -1, np.intp)
                place[... if whole else rows] = np.arange(len(values))
                self.known[method] = place, read_only(values)
            return values[rows] if whole and not _are_all(rows, total) else lent(values)
        place, values = self.known[method]
        missing = np.unique(rows[place[rows] < 0])
        if len(missing):
            place, values = place.copy(), np.concatenate([values, ask(take(self.X, missing))])
            place[missing] = np.arange(len(values) - len(missing), len(values))
            self.known[method] = place, read_only(values)
        return values[place[rows]]

    def of_another(self) -> _Predicted:
        """Return the outputs of another model."""
        return _Predicted(self.X)


@dataclass(frozen=True, eq=False)
class _OfBlock:
    """Outputs for samples that follow each other, which are read once, and asked for once."""

    start: int
    samples: Any

    def of(self, _method: str, rows: IntArray, ask: Callable[[Any], Any]) -> Any:
        """Return the model's values for these rows, having asked it, samples -> values."""
        whole = len(rows) == n_rows(self.samples)
        return ask(self.samples if whole else take(self.samples, rows - self.start))

    def of_another(self) -> _OfBlock:
        """Return the outputs of another model."""
        return self


@dataclass(frozen=True, eq=False)
class PoolView:
    """The pool at the moment of a query. Nothing in it may be changed.

    Parameters
    ----------
    X : ndarray, CSR matrix, DataFrame or array of str, of shape (n_samples, ...)
        All samples; ``view.take(view.candidates)`` are those that may be asked, and of an array
        ``view.X[view.candidates]`` are the same.
    candidates : ndarray of shape (n_candidates,)
        Row numbers of the samples that may be asked, ascending.
    labeled : ndarray of shape (n_labeled,)
        Row numbers of the training set, ascending.
    labels : ndarray of shape (n_labeled,) or (n_labeled, n_classes)
        Their labels; in a multilabel task an indicator matrix.
    classes : ndarray of shape (n_classes,)
        The declared classes; the columns of `proba` follow this order.
    learner : estimator or None
        The fitted modAL learner; None before the first fit.
    rng : numpy.random.Generator
        The only randomness to use, so that a session can be repeated.
    embedding : Features, optional
        Where samples are compared; by default found from `X` and the learner.
    seconds : ndarray of shape (n_labeled,), optional
        How long each label took; NaN where it was not measured.
    source_proba : ndarray of shape (n_samples, n_classes), optional
        Probabilities that another model gives; `proba` are these when they are there.
    elsewhere : Elsewhere, optional
        Where blocks of a large pool are scored, if not in the kernel.
    """

    X: Any
    candidates: IntArray
    labeled: IntArray
    labels: Any
    classes: Any
    learner: Any
    rng: np.random.Generator
    embedding: Features | None = None
    seconds: FloatArray | None = None
    source_proba: FloatArray | None = None
    elsewhere: Elsewhere | None = None

    def __post_init__(self) -> None:
        # Rows that the session goes on to ask from: not even what is behind them is lent.
        object.__setattr__(self, "candidates", lent(own(self.candidates)))
        for name in _LENT:
            values = getattr(self, name)
            # A DataFrame is as it was lent: to look whether it is takes longer than many a strategy.
            if values is not None and not is_copied(values):
                object.__setattr__(self, name, lent(read_only(values)))

    def take(self, rows: IntArray) -> Any:
        """Return the samples at these row numbers, by position also of a DataFrame."""
        return take(self.X, rows)

    def with_candidates(self, rows: IntArray) -> PoolView:
        """Make the same view of other candidates, for whom the model is not asked again what it has said."""
        made = replace(self, candidates=rows)
        vars(made)["_predictions"] = self._predictions
        return made

    def of_block(self, samples: Any, start: int = 0) -> PoolView:
        """Make the same view of candidates that are among samples that follow each other, which are read once."""
        made = replace(self)
        vars(made)["_predictions"] = _OfBlock(start, samples)
        return made

    def in_blocks(self) -> Iterator[tuple[int, PoolView]]:
        """Yield the candidates block by block: the position of the first, and the view of those in the block."""
        held = pool_of(self.X)
        for rows in held.blocks():
            first, last = np.searchsorted(self.candidates, (rows.start, rows.stop)).tolist()
            if last > first:
                yield first, self.with_candidates(self.candidates[first:last]).of_block(held.part(rows), rows.start)

    @cached_property
    def _predictions(self) -> _Predicted | _OfBlock:
        return _Predicted(self.X)

    @cached_property
    def features(self) -> Features:
        """Feature space for comparing samples: distances between rows of ``view.features.at(rows)`` are meaningful."""
        return Features(self.X, self.learner) if self.embedding is None else self.embedding

    @property
    def kind(self) -> LabelKind:
        """Kind of the labels: one class or any number; a row of `proba` then need not sum to 1."""
        return kind_of_y(self.labels)

    @cached_property
    def proba(self) -> FloatArray:
        """Class probabilities of the candidates, shape (n_candidates, n_classes).

        A class that the model has not seen has probability 0. In a multilabel task each is the probability that
        the sample has the class.

        Raises
        ------
        ValueError
            If what the model gives are not probabilities; the message names the row of `X`.
        """
        if self.source_proba is not None:
            return read_only(self.source_proba[self.candidates])  # type: ignore[no-any-return]
        return self._proba_by(self.learner)

    def proba_of(self, rows: IntArray) -> FloatArray:
        """Return the class probabilities of any samples, columns as in `proba`."""
        if self.source_proba is not None:
            return self.source_proba[rows]
        distinct, position = np.unique(rows, return_inverse=True)
        proba: FloatArray = self.with_candidates(distinct).proba[position]
        return proba

    @cached_property
    def member_probas(self) -> list[FloatArray]:
        """Class probabilities of the candidates by each member of the committee, columns as in `proba`."""
        return [self._proba_by(member) for member in self._members("predict_proba")]

    @cached_property
    def votes(self) -> IntArray:
        """Positions in `classes` that the members of the committee predict, shape (n_candidates, n_members)."""
        code_of = {label: code for code, label in enumerate(np.asarray(self.classes).tolist())}
        votes = []
        for member in self._members("predict"):
            labels, codes = np.unique(self._predict("predict", member), return_inverse=True)
            votes.append(np.array([code_of[label] for label in labels.tolist()], np.intp)[codes])
        return read_only(np.stack(votes, axis=1))  # type: ignore[no-any-return]

    @cached_property
    def decision(self) -> FloatArray:
        """Values of the decision function at the candidates, as scikit-learn returns them."""
        return read_only(self._predict("decision_function"))  # type: ignore[no-any-return]

    @cached_property
    def n_classes_seen(self) -> int:
        """Number of the declared classes that have a label."""
        return self.kind.n_classes_seen(self.labels)

    def _members(self, method: str) -> list[Any]:
        members = getattr(self.learner, "learner_list", None)
        if members is None:
            raise ValueError(f"the learner is {type_name(self.learner)}; expected a committee to {method} with.")
        return list(members)

    def aligned(self, proba: FloatArray, learner: Any) -> FloatArray:
        """Return probabilities with a column for each declared class, in their order."""
        known, declared = np.asarray(classes_of(learner)).tolist(), np.asarray(self.classes).tolist()
        if known == declared:
            return proba
        column_of = {label: column for column, label in enumerate(declared)}
        for label in known:
            if label not in column_of:
                raise ValueError(f"the model knows the class {label!r}; expected only {declared}.")
        aligned = np.zeros((len(proba), len(declared)), proba.dtype)
        aligned[:, [column_of[label] for label in known]] = proba
        return aligned

    def _proba_by(self, learner: Any) -> FloatArray:
        if self.kind is MULTILABEL:
            return self._marginals_by(learner)
        proba = proba_matrix(self._predict("predict_proba", learner))
        expected = (len(self.candidates), len(classes_of(learner)))
        if proba.shape != expected:
            raise ValueError(
                f"predict_proba returned shape {proba.shape} for {expected[0]} samples and {expected[1]} classes; "
                "expected one row a sample, one column a class."
            )
        self._check_sums(proba)
        return read_only(self.aligned(proba, learner))  # type: ignore[no-any-return]

    def _marginals_by(self, learner: Any) -> FloatArray:
        proba = proba_matrix(self._predict("predict_proba", learner))
        if len(proba) != len(self.candidates) or proba.shape[1] > len(self.classes):
            raise ValueError(
                f"predict_proba returned shape {proba.shape} for {len(self.candidates)} samples and "
                f"{len(self.classes)} classes; expected one row a sample, one column a class."
            )
        return read_only(pad_columns(check_marginals(proba), len(self.classes)))  # type: ignore[no-any-return]

    @quiet
    def _check_sums(self, proba: FloatArray) -> None:
        ones = np.ones(proba.shape[1], proba.dtype)
        for rows in tiles(*proba.shape):
            tile = proba[rows]
            off = np.abs(tile @ ones - 1)
            # Written so that NaN fails the comparisons too.
            if off.max() <= PROBA_TOLERANCE and tile.min() >= -PROBA_TOLERANCE:
                continue
            place = int(np.flatnonzero(~(off <= PROBA_TOLERANCE) | ~(tile.min(axis=1) >= -PROBA_TOLERANCE))[0])
            raise ValueError(
                f"the model gives row {self.candidates[rows.start + place]} of X the probabilities "
                f"{np.array2string(tile[place], precision=4, threshold=6)}; expected numbers that sum to 1. Look at "
                "the model that gave them."
            )

    def _predict(self, method: str, learner: Any = None) -> Any:
        learner = self.learner if learner is None else learner
        if learner is None:
            raise ValueError(f"There is no fitted model yet, so no {method}; label at least one sample of two classes.")
        known = self._predictions if learner is self.learner else self._predictions.of_another()
        return known.of(method, self.candidates, lambda X: self._predicted(method, learner, X))

    def _predicted(self, method: str, learner: Any, X: Any) -> Any:
        values = getattr(learner, method)(X)
        if self.kind is MULTILABEL and method == "predict_proba":
            return marginals(values, classes_of(learner))
        return np.asarray(values)


@dataclass(frozen=True, eq=False)
class Choice:
    """Rows to ask, best first.

    Parameters
    ----------
    rows : ndarray of shape (n,)
        Row numbers in the pool.
    utility : ndarray of shape (n,)
        Their utilities; NaN from a batch strategy, which gives none.
    probability : ndarray of shape (n,), optional
        How likely each was to be drawn among those left then, of a strategy that draws one after the other.
    """

    rows: IntArray
    utility: FloatArray
    probability: FloatArray | None = None


def _of_all(X: Any, ask: Callable[[Any], Any]) -> Any:
    total = n_rows(X)
    held = pool_of(X)
    # Of an array all of its rows are a view, and of several arrays they are one.
    of_arrays = held.kind == "array"
    parts = [ask(held.part(rows) if of_arrays or not _whole(rows, total) else X) for rows in held.blocks()]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _are_all(rows: IntArray, total: int) -> bool:
    return len(rows) == total and bool(np.all(np.diff(rows) == 1))


def _whole(rows: slice, total: int) -> bool:
    return bool(rows.start == 0 and rows.stop == total)
