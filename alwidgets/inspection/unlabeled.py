"""Samples without a label that are like something: that a model takes to be of a class, that say some words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from alwidgets.data.conversion import first_frame, item_of
from alwidgets.inspection.predictions import predicted
from alwidgets.strategies import PoolView
from alwidgets.types import BoolArray, IntArray


def says(items: Any, rows: IntArray, words: str) -> BoolArray:
    """Find the samples that have these words in them, ignoring case; all where there are no words.

    Searched are texts, values of mappings and of rows of a DataFrame, and names of files; not numbers of an array.
    """
    needle = words.strip().casefold()
    if not needle:
        return np.ones(len(rows), bool)
    if (table := first_frame(items)) is not None:
        some, found = table.iloc[rows], np.zeros(len(rows), bool)
        for place in range(some.shape[1]):
            found |= np.array([needle in str(value).casefold() for value in some.iloc[:, place].tolist()], bool)
        return found
    return np.array([needle in _words_of(item_of(items, row)).casefold() for row in rows.tolist()], bool)


def taken_for(view: PoolView, code: int) -> IntArray:
    """Return the candidates of a view that its model takes to be of a class, the surest first."""
    known = predicted(view)
    of_class = known.codes == code if known.codes.ndim == 1 else known.codes[:, code] == 1
    places = np.flatnonzero(of_class)
    if known.confidence is not None:
        places = places[np.argsort(-known.confidence[places], kind="stable")]
    rows: IntArray = view.candidates[places]
    return rows


def _words_of(item: Any) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping):
        return "\n".join(map(str, item.values()))
    return str(item.name) if hasattr(item, "name") and hasattr(item, "suffix") else ""
