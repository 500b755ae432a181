"""Samples as plain values, as JSON has them: made into what an estimator takes, and items made into such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.data import conversion
from alwidgets.data.labels import plain

# Numbers of an item that are told; nobody reads more.
_MOST_NUMBERS = 100_000


def samples_of(values: Sequence[Any], columns: Sequence[Any] | None = None) -> Any:
    """Return samples as an estimator takes them.

    Parameters
    ----------
    values : sequence of str, sequence of (list of float or None), or sequence of dict
        One a sample, all of one kind.
    columns : sequence, optional
        Of objects: their names in the order in which they were learned.

    Returns
    -------
    X : ndarray of shape (n_samples,) or (n_samples, n_features), or DataFrame
        Texts; numbers, with None as NaN; or rows of columns.

    Raises
    ------
    ValueError
        If they are of several kinds, differ in length, have other columns, or a number is too large.

    Examples
    --------
    >>> samples_of([[1, 2.5], [3, None]])
    array([[1. , 2.5],
           [3. , nan]])
    """
    kinds = {type(value) for value in values}
    if len(kinds) > 1:
        raise ValueError("samples are of several kinds; expected texts only, lists of numbers only, or objects only.")
    if kinds == {str}:
        return conversion.as_rows(list(values))
    if kinds == {dict}:
        return _frame_of(values, columns)
    lengths = {len(value) for value in values}
    if len(lengths) > 1:
        raise ValueError(f"samples have {min(lengths)} to {max(lengths)} numbers; expected equally many in each.")
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        raise ValueError("samples have a number that no float can hold; expected smaller ones.") from None


def _frame_of(values: Sequence[Mapping[str, Any]], columns: Sequence[Any] | None) -> Any:
    import pandas as pd

    names = list(map(str, values[0] if columns is None else columns))
    for place, value in enumerate(values):
        if value.keys() != set(names):
            raise ValueError(f"samples[{place}] has other columns; expected {names}.")
    return pd.DataFrame(
        [[value[name] for name in names] for value in values], columns=names if columns is None else list(columns)
    )


def content_of(item: Any) -> Any:
    """Return an item as JSON can have it: a text, a list of numbers, an object with values; None where it is none.

    Examples
    --------
    >>> content_of("win a prize"), content_of(np.array([1.0, np.nan])), content_of({"size": np.int64(3)})
    ('win a prize', [1.0, None], {'size': 3})
    """
    if isinstance(item, str | Path):
        return str(item)
    if isinstance(item, tuple | list):
        return [content_of(each) for each in item]
    if isinstance(item, np.ndarray):
        return _numbers(item) if item.dtype.kind in "biuf" and item.size <= _MOST_NUMBERS else None
    cells = conversion.cells_of(item)
    if cells:
        return {str(name): content_of(value) for name, value in cells.items()}
    value = plain(item)
    if conversion.is_missing(value) or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value if isinstance(value, str | int | float | bool) else None


def _numbers(values: Any) -> Any:
    if values.dtype.kind != "f" or np.isfinite(values).all():
        return values.tolist()
    known = values.astype(object)
    known[~np.isfinite(values)] = None
    return known.tolist()
