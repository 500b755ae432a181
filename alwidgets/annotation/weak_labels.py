"""Weak labels: many cheap, fallible labeling functions, and one guess made of them.

A labeling function looks at an item and returns a class, or None when it cannot tell. Their votes make a matrix of
integers, one column a function, -1 where it abstains; a label model turns the matrix into probabilities. These start
a session (`alwidgets.strategies.transfer`), and where the functions conflict a human is asked (`conflicting`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets import kernels
from alwidgets.data.conversion import item_of
from alwidgets.data.labels import plain
from alwidgets.data.lending import read_only
from alwidgets.data.pool import n_rows
from alwidgets.strategies import PoolView
from alwidgets.types import FloatArray, IntArray, Label

if TYPE_CHECKING:
    import pandas as pd


__all__ = ["conflicting", "label_matrix", "probabilities", "report"]

_MODELS = {"majority": kernels.majority_vote, "dawid_skene": kernels.dawid_skene, "triplet": kernels.triplet}


def __dir__() -> list[str]:
    return __all__


def label_matrix(functions: Sequence[Callable[[Any], Label | None]], items: Any, classes: Sequence[Label]) -> IntArray:
    """Apply labeling functions to all items.

    Parameters
    ----------
    functions : sequence of callables
        item -> one of the classes, or None to abstain. Snorkel's labeling functions are taken as they are: -1 abstains,
        and a number that is not one of the classes is a position among them.
    items : sequence or DataFrame of length n_samples
        What a session shows of each row; a function gets a row of a DataFrame as a Series.
    classes : sequence of str, int, float or bool
        The classes of the session, in its order.

    Returns
    -------
    L : ndarray of shape (n_samples, n_functions), int
        Positions in `classes`; -1 where a function abstains.

    Raises
    ------
    ValueError
        If a function returns something else; the message names function, row and answer.

    Examples
    --------
    >>> def shouts(text):
    ...     return "spam" if text.isupper() else None
    >>> label_matrix([shouts], ["WIN", "hello"], ["ham", "spam"]).tolist()
    [[1], [-1]]
    """
    code_of = {(type(label), label): code for code, label in enumerate(map(plain, classes))}
    L = np.full((len(items), len(functions)), -1, np.intp)
    for j, function in enumerate(functions):
        of_snorkel = _is_of_snorkel(function)
        for i in range(len(items)):
            answer = plain(function(read_only(item_of(items, i))))
            if of_snorkel:
                answer = _class_of_snorkel(answer, classes)
            if answer is None:
                continue
            if (type(answer), answer) not in code_of:
                raise ValueError(
                    f"{_name(function)} says {answer!r} of item {i}; expected one of {list(classes)}, or None."
                )
            L[i, j] = code_of[type(answer), answer]
    return L


def probabilities(L: IntArray, n_classes: int, model: str = "dawid_skene") -> FloatArray:
    """Return class probabilities from a label matrix.

    Parameters
    ----------
    L : ndarray of shape (n_samples, n_functions)
        As from `label_matrix`, or Snorkel's appliers.
    n_classes : int
        How many classes there are.
    model : {"dawid_skene", "majority", "triplet"}
        Dawid and Skene's model learns each function's confusions by EM, and what the silence of one tells that speaks
        of some classes only; the majority takes all for equally good; the triplet method finds accuracies in closed
        form and needs three functions or more that speak of every class.

    Returns
    -------
    proba : ndarray of shape (n_samples, n_classes)
        Rows sum to 1; a row where all abstain has the shares of the classes, as far as their silence tells
        nothing (of the majority, uniform).

    Raises
    ------
    ValueError
        If the model is unknown, or `L` is not a matrix of integers from -1 to n_classes - 1.

    Examples
    --------
    >>> probabilities(np.array([[0, 0, 1], [-1, -1, 1]]), 2, "majority").round(2)
    array([[0.67, 0.33],
           [0.  , 1.  ]])
    """
    if model not in _MODELS:
        raise ValueError(f"model is {model!r}; expected one of {sorted(_MODELS)}.")
    proba: FloatArray = _MODELS[model](np.asarray(L), n_classes)
    return proba


def report(L: IntArray, names: Sequence[str] | None = None, y: IntArray | None = None) -> pd.DataFrame:
    """Return one row per function: its coverage, overlaps, conflicts and accuracy.

    Parameters
    ----------
    L : ndarray of shape (n_samples, n_functions)
        As from `label_matrix`.
    names : sequence of str, optional
        What to call the functions; default their numbers.
    y : ndarray of shape (n_samples,), optional
        Positions of the true classes where known, -1 elsewhere.

    Returns
    -------
    frame : DataFrame
        Columns coverage, overlaps, conflicts and accuracy: shares in [0, 1], NaN where unknown.

    Examples
    --------
    >>> report(np.array([[0, 1], [1, -1]]), ["long", "loud"])["coverage"].tolist()
    [1.0, 0.5]
    """
    import pandas as pd

    L = np.asarray(L)
    table = kernels.function_report(L, y)
    index = list(range(L.shape[1])) if names is None else list(names)
    if len(index) != L.shape[1]:
        raise ValueError(f"L has {L.shape[1]} functions but names has {len(index)}; give one name per function.")
    return pd.DataFrame(table, index=pd.Index(index, name="function"))


def conflicting(L: IntArray) -> Conflicting:
    """Return a strategy that asks where labeling functions disagree most, and then where most abstain.

    It needs no model, so that it can be the cold start too.

    Examples
    --------
    >>> conflicting(np.array([[0, 1], [1, 1]])).__name__
    'conflicting'
    """
    L = np.asarray(L)
    return Conflicting(kernels.conflict(L), kernels.abstained(L), int(L.max(initial=-1)))


@dataclass(frozen=True, eq=False)
class Conflicting:
    """See `conflicting`."""

    conflict: FloatArray
    abstained: FloatArray
    largest: int

    @property
    def __name__(self) -> str:
        return "conflicting"

    def __call__(self, view: PoolView) -> FloatArray:
        """Return the entropy of the votes; samples without conflict rank last, by the share of abstentions."""
        self.check_pool(n_rows(view.X), len(view.classes))
        conflict, abstained = self.conflict[view.candidates], self.abstained[view.candidates]
        return np.where(conflict > 0, 1 + conflict, abstained)

    def check_pool(self, n_samples: int, n_classes: int) -> None:
        """Raise ValueError unless there is one row of votes per sample, with votes for known classes only."""
        if self.largest >= n_classes:
            raise ValueError(f"L votes for class number {self.largest}; expected -1 to {n_classes - 1}.")
        if len(self.conflict) != n_samples:
            raise ValueError(f"L has {len(self.conflict)} rows but X has {n_samples}; give one row per sample.")


def _is_of_snorkel(function: Any) -> bool:
    return any(kind.__module__.partition(".")[0] == "snorkel" for kind in type(function).__mro__)


def _class_of_snorkel(answer: Any, classes: Sequence[Label]) -> Any:
    """Return the class that a number of Snorkel stands for; None for its -1."""
    if type(answer) is not int or answer in classes:
        return answer
    if answer == -1:
        return None
    return classes[answer] if 0 <= answer < len(classes) else answer


def _name(function: Any) -> str:
    names = (getattr(function, attribute, None) for attribute in ("__name__", "name"))
    return str(next(filter(None, names), None) or type(function).__name__)
