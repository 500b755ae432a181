"""Arrays, labels, what is taken for them, and the value a criterion reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.floating[Any]]
IntArray: TypeAlias = NDArray[np.integer[Any]]
BoolArray: TypeAlias = NDArray[np.bool_]
Class: TypeAlias = str | int | float | bool
#: A class; in a multi-label task a tuple of classes, in the order in which they were declared.
Label: TypeAlias = Class | tuple[Class, ...]

_Kind_co = TypeVar("_Kind_co", bound=np.generic, covariant=True)


class SupportsArray(Protocol[_Kind_co]):
    """An array, or what NumPy makes one of: a Series, a tensor."""

    def __array__(self) -> NDArray[_Kind_co]:
        """Return it as an array."""


#: One number each.
Numbers: TypeAlias = SupportsArray[np.number[Any] | np.bool_] | Sequence[float]
#: Row numbers.
Rows: TypeAlias = SupportsArray[np.integer[Any]] | Sequence[int]
#: What is taken for a class: a member of an Enum, or a value of NumPy's, is the plain value behind it.
AnyClass: TypeAlias = Class | Enum | np.generic
#: What is taken for a label; in a multi-label task any sequence of classes.
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


#: Item -> what to show: one of the kinds in `alwidgets.renderers`, or what is shown by itself.
Renderer: TypeAlias = Callable[[Any], object]
