"""Answers of several annotators: from a table with a row an answer to one code for each item and annotator."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.data.conversion import first_frame, is_missing
from alwidgets.data.labels import plain
from alwidgets.data.votes import label_key
from alwidgets.types import IntArray, Label
from alwidgets.utils.text import short_repr, type_name

_COLUMNS = ("item", "annotator", "label")


@dataclass(frozen=True, eq=False)
class AnswerTable:
    """Answers of several annotators as codes.

    Parameters
    ----------
    codes : ndarray of shape (n_items, n_annotators), int
        Positions in `classes`; -1 where there is no answer.
    items, annotators : tuple
        What the rows and columns are, in the order in which they come first.
    classes : tuple
        The labels.
    """

    codes: IntArray
    items: tuple[Any, ...]
    annotators: tuple[Any, ...]
    classes: tuple[Label, ...]

    @property
    def n_answers(self) -> IntArray:
        """Answers to each item, shape (n_items,)."""
        counts: IntArray = np.count_nonzero(self.codes >= 0, axis=1)
        return counts


def as_answer_table(answers: Any, classes: Sequence[Label] | None = None) -> AnswerTable:
    """Convert a table of answers to codes.

    Parameters
    ----------
    answers : DataFrame
        One row an answer, with the columns item, annotator and label. Of several rows of one annotator and item the
        last one stands; where its label is missing, None or NaN, there is no answer.
    classes : sequence of labels, optional
        All labels there are, in their order; default those that occur, sorted, or as they come where they cannot be.

    Returns
    -------
    answers : AnswerTable
        O(n_answers) time.

    Raises
    ------
    TypeError
        If it is not a DataFrame.
    ValueError
        If a column is missing, an item or an annotator is, or a label is not one of the classes; the message names the
        row.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"item": [7, 7, 9], "annotator": ["a1", "a2", "a2"], "label": ["spam", "ham", None]})
    >>> as_answer_table(table).codes
    array([[ 1,  0],
           [-1, -1]])
    """
    item, annotator, label = _columns(answers)
    items, rows = _numbered(item, "item")
    annotators, columns = _numbered(annotator, "annotator")
    given = [None if is_missing(each) else plain_label(each) for each in label]
    known = _classes(given) if classes is None else tuple(map(plain_label, classes))
    code_of: dict[Any, int] = {label_key(each): code for code, each in enumerate(known)}
    if len(code_of) != len(known):
        raise ValueError(f"classes is {short_repr(list(known))}; expected each of them once.")
    codes = np.full((len(items), len(annotators)), -1, np.intp)
    for place, (row, column, each) in enumerate(zip(rows, columns, given, strict=True)):
        code = -1 if each is None else code_of.get(label_key(each))
        if code is None:
            raise ValueError(
                f"row {place} of answers has the label {short_repr(each)}; expected one of {short_repr(list(known))}."
            )
        codes[row, column] = code
    return AnswerTable(codes, items, annotators, known)


def _columns(answers: Any) -> tuple[list[Any], ...]:
    if first_frame(answers) is None:
        raise TypeError(
            f"answers is {type_name(answers)}; expected a DataFrame with the columns item, annotator and label, "
            "one row an answer."
        )
    missing = [name for name in _COLUMNS if name not in answers.columns]
    if missing:
        raise ValueError(
            f"answers has no column {', '.join(missing)}, but {short_repr(list(answers.columns))}; expected item, "
            "annotator and label. Rename what is called otherwise."
        )
    return tuple(answers[name].tolist() for name in _COLUMNS)


def _numbered(values: Iterable[Any], name: str) -> tuple[tuple[Any, ...], list[int]]:
    """Return the distinct values in the order in which they come, and the number of each value."""
    numbers: dict[Any, int] = {}
    places = []
    for place, value in enumerate(values):
        if is_missing(value) or not isinstance(value, Hashable):
            raise ValueError(f"row {place} of answers has the {name} {short_repr(value)}; expected who or what it is.")
        places.append(numbers.setdefault(value, len(numbers)))
    return tuple(numbers), places


def _classes(given: Iterable[Any]) -> tuple[Label, ...]:
    distinct = list({label_key(each): each for each in given if each is not None}.values())
    try:
        return tuple(sorted(distinct))
    except TypeError:
        return tuple(distinct)


def plain_label(label: Any) -> Any:
    """Return a label as a plain value; one of several classes, also in a list, as a tuple of these."""
    return tuple(map(plain, label)) if isinstance(label, list | tuple) else plain(label)
