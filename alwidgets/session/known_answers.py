"""Detection of displayed columns that reveal the known labels to the annotator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.data import conversion
from alwidgets.data.labels import plain
from alwidgets.types import Label, Renderer
from alwidgets.utils.text import short_repr

# Fewer labels may be like a column by chance, if it is not called like them.
_FEWEST = 10


@dataclass(frozen=True)
class Without:
    """Show rows without some columns: a function item -> mapping.

    Parameters
    ----------
    columns : tuple
        Names.

    Examples
    --------
    >>> Without(("label",))({"text": "win a prize", "label": "spam"})
    {'text': 'win a prize'}
    """

    columns: tuple[Any, ...]

    def __call__(self, item: Any) -> Any:
        """Return an item without the columns; what has none as it is."""
        if not hasattr(item, "items"):
            return item
        return {name: value for name, value in item.items() if name not in self.columns}


def columns_of_answers(items: Any, labels: Any, known: Mapping[int, Label]) -> tuple[Any, ...]:
    """Return the names of item columns that equal the given labels in every labeled row.

    Parameters
    ----------
    items : DataFrame, or sequence of mappings
        What the annotator sees; anything else has no columns.
    labels : object
        The labels as they were given: a Series, or a DataFrame of one column, may have a name.
    known : dict of int to label
        Row -> label.

    Returns
    -------
    names : tuple
        Of columns with at least two different labels among ten or more, or with the name of `labels`. Costs one look
        at the rows with a label, until no column is left.
    """
    name = _name(labels)
    enough = len(known) >= _FEWEST and len(set(known.values())) > 1
    if not (enough or (known and name is not None)):
        return ()
    left: list[Any] | None = None
    for row, label in known.items():
        cells = _cells(items, row)
        wanted = [column for column in cells if enough or column == name] if left is None else left
        left = [column for column in wanted if column in cells and _says(cells[column], label)]
        if not left:
            break
    return tuple(left or ())


def without_answers(
    render: Renderer | None, items: Any, labels: Any, known: Mapping[int, Label]
) -> tuple[Renderer | None, str]:
    """Return a renderer that leaves out the columns that say the labels given, and the warning that tells of it.

    A renderer of the user's stays as it is; the warning is empty where nothing is left out.
    """
    columns = columns_of_answers(items, labels, known) if render is None else ()
    if not columns:
        return render, ""
    return Without(columns), (
        f"The items say the labels given, in {short_repr(list(columns))}: the annotator is not shown what says them. "
        "To show them all the same, pass render=alwidgets.Columns()."
    )


def _name(labels: Any) -> Any:
    columns = getattr(labels, "columns", None)
    if columns is not None:
        return columns[0] if len(columns) == 1 else None
    return getattr(labels, "name", None)


def _cells(items: Any, row: int) -> Mapping[Any, Any]:
    """Return names and values of a row; empty if the items have no names."""
    if isinstance(items, np.ndarray) or not hasattr(items, "__getitem__"):
        return {}
    return conversion.cells_of(conversion.item_of(items, row))


def _says(value: Any, label: Label) -> bool:
    """Return whether a value is a label, or the same in words: True and "True" are, 1 and 1.0 are."""
    if isinstance(label, tuple) or conversion.is_missing(value):
        return False
    value = plain(value)
    return isinstance(value, str | int | float) and (value == label or str(value) == str(label))
