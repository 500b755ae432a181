"""Array aliases, the value a criterion reads, and the few Protocols a user's own plug-in meets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.floating[Any]]
IntArray: TypeAlias = NDArray[np.integer[Any]]
BoolArray: TypeAlias = NDArray[np.bool_]
Class: TypeAlias = str | int | float | bool
#: A class; in a task of many labels a tuple of classes, in the order in which they were declared.
Label: TypeAlias = Class | tuple[Class, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stopping criterion sees at one moment.

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


@runtime_checkable
class BatchStrategy(Protocol):
    """A query strategy that must see the batch whole."""

    def select(self, view: Any, n: int) -> Any:
        """Return `n` row numbers into ``view.candidates``, best first."""


class Labels(Protocol):
    """Whatever has labels to write: a session."""

    @property
    def labels(self) -> Any:
        """One row an answer that stands."""


#: One utility per candidate, larger = ask sooner.
UtilityFunction: TypeAlias = Callable[[Any], Any]
Strategy: TypeAlias = UtilityFunction | BatchStrategy

#: History of a session -> Reading, or None when it cannot tell.
Criterion: TypeAlias = Callable[[Any], Reading | None]

#: Item -> what to show.
Renderer: TypeAlias = Callable[[Any], Any]
