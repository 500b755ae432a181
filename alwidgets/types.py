"""Arrays, labels, what is taken for them, and the value a criterion reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.floating[Any]]
IntArray: TypeAlias = NDArray[np.integer[Any]]
BoolArray: TypeAlias = NDArray[np.bool_]
Class: TypeAlias = str | int | float | bool
#: A class; in a multilabel task a tuple of classes, in the order in which they were declared.
Label: TypeAlias = Class | tuple[Class, ...]

_Kind_co = TypeVar("_Kind_co", bound=np.generic, covariant=True)


class SupportsArray(Protocol[_Kind_co]):
    """An array, or what NumPy makes one of: a Series, a tensor."""

    def __array__(self) -> NDArray[_Kind_co]:
        """Return it as an array."""


class SupportsShape(Protocol):
    """An array, a sparse matrix, a table or a tensor, of whatever package: what it has along each axis."""

    @property
    def shape(self) -> Any:
        """Its length along each axis."""


class SupportsRows(Protocol):
    """A data set of whatever package: how many rows it has, and each by its number."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def __getitem__(self, row: Any, /) -> Any:
        """Return a row."""


@runtime_checkable
class Pool(Protocol):
    """Samples of one's own that lie in blocks: a session takes such an object as `X`, and reads it a block at a time.

    `n_rows` is how many there are. A block is read anew whenever it is scored.
    """

    n_rows: int

    def take(self, rows: IntArray, /) -> Any:
        """Return the samples at these row numbers, an array of shape (len(rows), n_features)."""

    def blocks(self) -> Iterable[slice]:
        """Return slices that cover all rows, one after the other, each of what is best read at once."""

    def fingerprint(self) -> object:
        """Return a value that differs for other samples, by which a journal knows its pool; None: their numbers."""


class Classifier(Protocol):
    """A classifier, a Pipeline that ends in one, or a modAL learner: what is fitted, and then predicts."""

    def fit(self, X: Any, y: Any, /) -> Any:
        """Learn labels of samples."""

    def predict(self, X: Any, /) -> Any:
        """Return a label for each sample."""


#: Samples, a row each: an array, a sparse matrix, a DataFrame, a memory map, a pool in blocks; or a sequence of rows,
#: such as texts.
Samples: TypeAlias = SupportsShape | Sequence[Any] | Pool
#: What is shown of each sample.
Items: TypeAlias = SupportsShape | SupportsRows
#: The classifiers that go by a name, as in `Race`.
LearnerName: TypeAlias = Literal["logistic regression", "SVC rbf", "k-NN", "forest"]
#: A classifier, or the name of one.
Learner: TypeAlias = Classifier | LearnerName
#: One number each.
Numbers: TypeAlias = SupportsArray[np.number[Any] | np.bool_] | Sequence[float]
#: Row numbers.
Rows: TypeAlias = SupportsArray[np.integer[Any]] | Sequence[int]
#: What is taken for a class: a member of an Enum, or a value of NumPy's, is the plain value behind it.
AnyClass: TypeAlias = Class | Enum | np.generic
#: What is taken for a label; in a multilabel task any sequence of classes.
AnyLabel: TypeAlias = AnyClass | Sequence[AnyClass]


@dataclass(frozen=True, slots=True)
class Reading:
    """State of a stopping criterion.

    Parameters
    ----------
    name : str
        The criterion.
    value : float or None
        Its statistic now; None while there is too little to tell.
    threshold : float or None
        What the value is held against.
    fired : bool
        True when the criterion advises to stop.
    why : str
        One sentence for the annotator.
    possible : bool
        False when the criterion cannot fire with this model or this data; `why` says why.
    below : bool
        True when it fires once the value has come down to the threshold, False when it must rise to it.
    """

    name: str
    value: float | None
    threshold: float | None
    fired: bool
    why: str
    possible: bool = True
    below: bool = True


class Labels(Protocol):
    """Owner of labels to write: a session."""

    @property
    def labels(self) -> Any:
        """One row an answer that stands."""


#: Score of a fitted model: (estimator, X, y) -> float, larger is better.
Scorer: TypeAlias = Callable[[Any, Any, Any], float]
#: What to measure: names of scikit-learn's scorers, or functions.
Scoring: TypeAlias = str | Scorer | Sequence[str | Scorer] | Mapping[str, str | Scorer]
#: Item -> what to show: one of the kinds in `alwidgets.renderers`, or what is shown by itself.
Renderer: TypeAlias = Callable[[Any], object]
