"""Validation of row numbers, and of the order of what has a row a sample."""

from __future__ import annotations

from typing import Any

from alwidgets.data import conversion
from alwidgets.utils.checks import as_whole_number
from alwidgets.utils.text import short_repr


def check_item(item: Any, n_samples: int) -> int:
    """Return a row number of the pool as an int."""
    row = as_whole_number(item)
    expected = f"expected a row number of X, 0 to {n_samples - 1}."
    if row is None:
        raise TypeError(f"item is {short_repr(item)}; {expected}")
    if not 0 <= row < n_samples:
        raise ValueError(f"item is {short_repr(row)}; {expected}")
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
