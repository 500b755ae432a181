"""Conversion of data of other libraries to NumPy, SciPy and pandas types, done once on entry.

Frames and columns of polars, pyarrow and all else that narwhals knows become pandas frames and arrays; tensors of torch
and whatever has ``__array__`` become arrays; columns of ``datasets`` and other sequences become lists.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from alwidgets.data.parts import LazyRows
from alwidgets.utils.text import type_name

_TABLES = ("polars", "pyarrow", "modin", "cudf", "duckdb", "pyspark", "dask", "ibis", "sqlframe")


def plain(values: Any) -> Any:
    """Return rows of another library as an array, a sparse matrix, a DataFrame or a list; anything else as it is.

    Parameters
    ----------
    values : object
        What a user gives as samples, items, labels or ids.

    Returns
    -------
    values : object
        The same object where it is of NumPy, SciPy, pandas or Python itself. A tensor shares its memory.

    Examples
    --------
    >>> plain(range(3)), plain("text")
    ([0, 1, 2], 'text')
    """
    if values is None or isinstance(values, np.ndarray | LazyRows | list | tuple | str | bytes | dict):
        return values
    if is_frame(values) or is_series(values) or is_sparse(values):
        return values
    if _library(values) == "torch":
        return _of_tensor(values)
    if _library(values) in _TABLES:
        values = _of_table(values)
        if is_frame(values):
            return values
    if hasattr(values, "__array__"):
        array = np.asarray(values)
        # One that NumPy did not look into is not an array.
        return array if array.ndim else values
    return list(values) if isinstance(values, Sequence) and not is_table(values) else values


def plain_items(items: Any) -> Any:
    """Convert items of another library like `plain`; a sequence is kept and read one item at a time."""
    return plain(items) if _library(items) in ("torch", *_TABLES) and not _is_dataset(items) else items


def like(before: Any, given: Any, name: str) -> Any:
    """Return items that can be put behind others, in what holds these.

    Raises
    ------
    TypeError, ValueError
        If they have other columns, or arrays another shape or type.
    """
    if is_frame(before):
        if not is_frame(given):
            raise TypeError(f"{name} is {type_name(given)}; expected a DataFrame, as items is.")
        if list(before.columns) != list(given.columns):
            raise ValueError(
                f"{name} has columns {list(given.columns)}; expected those of items: {list(before.columns)}."
            )
        return given
    if is_frame(given):
        raise TypeError(f"{name} is a DataFrame, and items {type_name(before)}; expected the same.")
    if getattr(before, "ndim", 1) > 1:
        return _like_array(before, given, name)
    if is_series(before):
        import pandas as pd

        return given if is_series(given) else pd.Series(list(given))
    if isinstance(before, np.ndarray):
        values = np.empty(len(given), object)
        values[:] = list(given)
        return values if before.dtype.kind == "O" else values.astype(before.dtype.kind)
    return list(given) if isinstance(before, list | tuple) else given


def _like_array(before: Any, given: Any, name: str) -> Any:
    is_array = isinstance(given, np.ndarray | LazyRows)
    if not is_array or (given.dtype, given.shape[1:]) != (before.dtype, before.shape[1:]):
        raise TypeError(
            f"{name} is {type_name(given)}; expected an array of items of shape {before.shape[1:]} and dtype "
            f"{before.dtype}, as in items."
        )
    return given


def column(values: Any) -> Any:
    """Return one column, whether of a frame, an array or a sparse matrix, as a sequence of its values.

    Examples
    --------
    >>> column(np.array([["a"], ["b"]])).tolist()
    ['a', 'b']
    """
    shape: Any = getattr(values, "shape", ())
    if is_sparse(values) and len(shape) == 1:
        return values.toarray()
    if len(shape) != 2 or shape[1] != 1:  # noqa: PLR2004
        return values
    if is_frame(values):
        return values.iloc[:, 0]
    return (values.toarray() if is_sparse(values) else np.asarray(values)).reshape(-1)


def dense(values: Any) -> Any:
    """Return a sparse matrix as an array; anything else as it is."""
    return values.toarray() if is_sparse(values) else values


def matrix(values: Any) -> Any:
    """Return a sparse matrix as it is, anything else as an array."""
    return values if is_sparse(values) else np.asarray(values)


def without_names(values: Any) -> Any:
    """Return a DataFrame as an array; anything else as it is."""
    return values.to_numpy() if is_frame(values) else values


def as_rows(X: Any) -> Any:
    """Return lists and Series as arrays: modAL's strategies ask for a shape."""
    if is_series(X):
        return X.to_numpy()
    if not isinstance(X, list):
        return X
    if X and isinstance(X[0], str):
        texts = np.empty(len(X), object)
        texts[:] = X
        return texts
    return np.asarray(X)


def one_row(sample: Any) -> Any:
    """Return a single sample as a set of one; a set as it is."""
    if is_series(sample):
        return sample.to_frame().T.infer_objects()
    if isinstance(sample, str):
        return [sample]
    if isinstance(sample, list):
        return [sample] if sample and np.isscalar(sample[0]) and not isinstance(sample[0], str) else sample
    return sample.reshape(1, -1) if sample.ndim == 1 and sample.dtype.kind not in "OU" else sample


def first_frame(*tables: Any) -> Any:
    """Return the first that is a DataFrame; None where none is."""
    return next((values for values in tables if is_frame(values)), None)


def check_frame(name: str, given: Any) -> Any:
    """Return a DataFrame, also of another library; None of None.

    Raises
    ------
    TypeError
        If it is not a DataFrame.
    """
    frame = plain(given)
    if frame is not None and not is_frame(frame):
        raise TypeError(f"{name} is {type_name(given)}; expected a DataFrame, one row a sample.{advice(given)}")
    return frame


def index_of(values: Any) -> Any:
    """Return the index of a DataFrame or Series; None of anything else."""
    return values.index if is_frame(values) or is_series(values) else None


def item_of(items: Any, row: int) -> Any:
    """Return the item at a row number, by position, whatever the index says."""
    return items.iloc[row] if hasattr(items, "iloc") else items[row]


def holds_rows(values: Any) -> bool:
    """Return whether something holds one thing a row, in an order, which can be taken by its number."""
    # Mappings are listed by key, sets in any order.
    listed = hasattr(values, "__len__") and hasattr(values, "__getitem__")
    return listed and not is_sparse(values) and not isinstance(values, Mapping | str | bytes)


def holds_values(values: Any) -> bool:
    """Return whether something holds rows, and these are not rows of columns with names."""
    return holds_rows(values) and not is_frame(values)


def cells_of(item: Any) -> Mapping[Any, Any]:
    """Return names and values of one row; none of what has no names."""
    return dict(item.items()) if isinstance(item, Mapping) or is_series(item) else {}


def rows_of(values: Any) -> Iterator[Any]:
    """Return the rows of what holds some; those of a DataFrame as dicts, which costs a tenth of Series."""
    if not is_frame(values):
        return iter(values)
    return (dict(zip(values.columns, row, strict=True)) for row in values.itertuples(index=False, name=None))


def is_missing(value: Any) -> bool:
    """Return whether a value is missing: None, NaN, or a missing value of pandas.

    Examples
    --------
    >>> [is_missing(value) for value in (None, float("nan"), 0, "", np.float32("nan"))]
    [True, True, False, False, True]
    """
    # pandas has missing values of its own, and is not loaded for them.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(value != value)  # noqa: PLR0124 - NaN is not itself


def advice(values: Any) -> str:
    """Return a hint on how to convert an unsupported container, to append to an error message.

    Examples
    --------
    >>> advice(iter([1, 2]))
    ' Make a list of it first.'
    """
    if hasattr(values, "collect"):
        return " Call its collect() first."
    if is_table(values):
        return " Give one column of it, as in data['text'], or data.to_pandas()."
    if is_sparse(values):
        return f" It is sparse, of shape {values.shape}; pass toarray() of it, one row a sample."
    if isinstance(values, Mapping):
        return " Make a list of its values first, in the order of the rows."
    if isinstance(values, Iterator) or hasattr(values, "__iter__"):
        return " Make a list of it first."
    return ""


def is_table(values: Any) -> bool:
    """Return whether an object has named columns without being a DataFrame, such as a Hugging Face Dataset."""
    return hasattr(values, "column_names")


def is_frame(values: Any) -> bool:
    """Return True for a pandas DataFrame, without importing pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(values, pandas.DataFrame)


def is_series(values: Any) -> bool:
    """Return True for a pandas Series, without importing pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(values, pandas.Series)


def is_sparse(values: Any) -> bool:
    """Return True for a SciPy sparse matrix or array, without importing SciPy."""
    sparse = sys.modules.get("scipy.sparse")
    return sparse is not None and bool(sparse.issparse(values))


def _library(values: Any) -> str:
    return type(values).__module__.partition(".")[0]


def _is_dataset(values: Any) -> bool:
    """Return whether something of torch is a set of samples rather than a tensor."""
    return _library(values) == "torch" and not hasattr(values, "detach")


def _of_tensor(values: Any) -> Any:
    if _is_dataset(values):
        return values
    tensor = values.detach().cpu()
    if tensor.layout != sys.modules["torch"].strided:
        tensor = tensor.to_dense()
    # NumPy has no numbers as short.
    return (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()


def _of_table(values: Any) -> Any:
    """Convert a frame to pandas and a column to an array; return lazy or unknown objects unchanged."""
    import narwhals as nw

    native = nw.from_native(values, eager_only=True, allow_series=True, pass_through=True)
    if isinstance(native, nw.Series):
        return native.to_numpy()
    if not isinstance(native, nw.DataFrame):
        return values
    import pandas as pd

    # Column by column: polars has a way of its own, which needs pyarrow.
    return pd.DataFrame({name: native[name].to_numpy() for name in native.columns})
