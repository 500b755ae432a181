"""Samples of a session, whatever their container: validated once, taken by row number, identified by a hash.

A sample is a row of `X`. Arrays, memory maps, CSR matrices and DataFrames stay what they are and are never
copied whole; a list of texts becomes an object array, so that rows can be taken from it.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from alwidgets.data import conversion
from alwidgets.data.blocks import Blocks, in_blocks
from alwidgets.data.conversion import is_frame, is_series, is_sparse
from alwidgets.data.kinds import pool_of, text_content
from alwidgets.data.parts import Joined, LazyRows, Parts
from alwidgets.kernels.arrays import file_of, quiet
from alwidgets.types import IntArray
from alwidgets.utils.text import type_name

# What comes in arrays of up to so many bytes is copied together: a row of thousands of arrays takes long to find.
_SMALL_PART = 2**20


def as_samples(
    X: Any, *, name: str = "X", allow_nan: bool = False, allow_inf: bool = False, texts: bool = False
) -> Any:
    """Convert `X` to a form whose rows can be taken; raise if it is not possible.

    Parameters
    ----------
    X : ndarray, memmap, sparse matrix or DataFrame of shape (n_samples, n_features), or list or Series of str
        The samples; what other libraries hold as such is taken as `alwidgets.data.conversion.plain` gives it.
    name : str
        What to call it in an error.
    allow_nan : bool
        True when the estimator accepts missing values; infinities are refused all the same.
    allow_inf : bool
        True when a trial of the estimator is to tell whether it accepts any values at all.
    texts : bool
        True when the estimator reads texts: a DataFrame of one column is that column then.

    Returns
    -------
    X : ndarray, memmap, CSR matrix or DataFrame
        The same object wherever it could be used as it is.

    Raises
    ------
    ValueError
        If it is empty, has the wrong number of dimensions, or holds NaN or infinity.
    TypeError
        If it is not one of the above.
    """
    given = conversion.plain(in_blocks(X))
    samples = _with_rows(conversion.column(given) if texts and is_frame(given) else given, name)
    if 0 in samples.shape:
        what = "rows" if n_rows(samples) == 0 else "columns"
        raise ValueError(f"{name} has no {what}; expected at least one sample with at least one feature.")
    if samples.ndim != 2 and pool_of(samples).kind != "texts":  # noqa: PLR2004
        raise ValueError(
            f"{name} has shape {samples.shape}; expected (n_samples, n_features). Flatten each sample into a "
            "row, and pass what the annotator shall see as `items`."
        )
    _check_numbers(samples, name)
    if not allow_inf:
        _check_finite(samples, name, allow_nan=allow_nan)
    return samples


def as_samples_like(X: Any, given: Any, *, name: str, allow_nan: bool, allow_inf: bool) -> Any:
    """Return further samples as `as_samples` does, if they are of the kind and have the features of `X`.

    Raises
    ------
    ValueError, TypeError
        If they are not.
    """
    pool = pool_of(X)
    samples = as_samples(given, name=name, allow_nan=allow_nan, allow_inf=allow_inf, texts=pool.kind == "texts")
    kind = pool_of(samples).kind
    # A sparse matrix has the rows of an array.
    if kind != pool.kind and not {kind, pool.kind} <= {"array", "sparse"}:
        raise TypeError(f"X and {name} are of different kinds; give both as arrays, as DataFrames or as texts.")
    if samples.shape[1:] != X.shape[1:]:
        raise ValueError(f"X has {X.shape[1]} features but {name} has {samples.shape[1]}; expected the same.")
    if kind == "DataFrame" and list(X.columns) != list(samples.columns):
        raise ValueError(f"X has columns {list(X.columns)} but {name} has {list(samples.columns)}; expected the same.")
    return samples


def check_same_types(X: Any, X_new: Any, name: str) -> None:
    """Refuse samples, of the kind and with the columns of `X`, whose values have other types.

    Raises
    ------
    TypeError
        If they have; of a DataFrame it names the column.
    """
    pool, new = pool_of(X), pool_of(X_new)
    if pool.kind != new.kind:
        raise TypeError(f"X is held as {pool.kind} and {name} as {new.kind}; expected the same, as of csr_matrix.")
    if pool.kind == "texts":
        return
    for place, (before, now) in enumerate(zip(pool.dtypes, new.dtypes, strict=True)):
        if is_frame(X):
            same = X.dtypes.iloc[place] == X_new.dtypes.iloc[place]
            where, which = f"column {X.columns[place]!r} of {name}", f"column {X.columns[place]!r} of X"
        else:
            same, where, which = before == now, name, "X"
        if not same:
            hint = " with other categories" if before == now else ""
            raise TypeError(f"{where} has dtype {now}{hint} and {which} {before}; expected the same: use astype.")


def n_rows(X: Any) -> int:
    """Return the number of samples."""
    return int(X.shape[0])


def take(X: Any, rows: IntArray) -> Any:
    """Return the samples at these row numbers, by position also for a DataFrame."""
    return pool_of(X).take(rows)


def between(X: Any, start: int, stop: int) -> Any:
    """Return samples that follow each other, without a copy also of a CSR matrix."""
    if not is_sparse(X):
        return X[start:stop]
    ends = X.indptr[start : stop + 1]
    within = slice(ends[0], ends[-1])
    made = type(X)((X.data[within], X.indices[within], ends - ends[0]), shape=(stop - start, X.shape[1]), copy=False)
    made.has_sorted_indices = X.has_sorted_indices
    return made


def stack(first: Any, second: Any) -> Any:
    """Return the rows of both: sparse or a DataFrame if one is, else in the type of the first.

    Raises
    ------
    ValueError
        If they differ in their number of features.
    """
    widths = [X.shape[1:] for X in (first, second) if hasattr(X, "shape")]
    if len(set(widths)) > 1:
        raise ValueError(
            f"the learner was taught samples of shape {widths[0]} but the new ones have {widths[1]}; expected the same "
            "features."
        )
    if is_sparse(first) or is_sparse(second):
        from scipy.sparse import vstack

        return vstack([first, second], format="csr")
    if is_frame(first) or is_frame(second):
        import pandas as pd

        columns = first.columns if is_frame(first) else second.columns
        frames = [X if is_frame(X) else pd.DataFrame(X, columns=columns) for X in (first, second)]
        return pd.concat(frames, ignore_index=True)
    if isinstance(first, list):
        return [*first, *second]
    return np.concatenate([first, np.asarray(second)])


def joined(first: Any, second: Any) -> Any:
    """Return rows of both, those of the second behind those of the first, which are as `as_samples_like` wants them.

    Arrays are not copied, but become `Parts`; those of a stream are copied together as long as they are small. Sparse
    matrices, DataFrames and texts are copied.
    """
    if is_sparse(first):
        return stack(first, second)
    if is_frame(first) or is_series(first):
        import pandas as pd

        return pd.concat([first, second])
    if isinstance(first, LazyRows) or (isinstance(first, np.ndarray) and first.ndim > 1):
        *others, last, new = Parts(first, second).arrays
        together = bool(others) and _is_small(last) and _is_small(new)
        return Parts(*others, *([np.concatenate([last, new])] if together else (last, new)))
    if isinstance(first, np.ndarray):
        return np.concatenate([first, second])
    if isinstance(first, list | tuple):
        return [*first, *second]
    return Joined(first, second)


def _is_small(array: Any) -> bool:
    return isinstance(array, np.ndarray) and array.nbytes <= _SMALL_PART and file_of(array) is None


def beside(parts: list[Any]) -> Any:
    """Return the columns of all parts; sparse if one is."""
    if len(parts) == 1:
        return parts[0]
    if any(map(is_sparse, parts)):
        from scipy.sparse import hstack

        return hstack(parts, format="csr")
    return np.hstack(parts)


def narrowed(X: Any) -> Any:
    """Return one column in which rows have the lengths that they have in a sparse matrix; anything else as it is."""
    return np.sqrt(np.asarray(X.multiply(X).sum(axis=1), np.float64)).reshape(-1, 1) if is_sparse(X) else X


def sample_id(X: Any, row: int) -> str:
    """Return a short id of a sample's content: the same row gives the same id in every session."""
    return hashlib.sha256(pool_of(X).content(np.array([row]))).hexdigest()[:16]


def sample_ids(X: Any) -> list[str]:
    """Return the id of every sample, as `sample_id` does of one."""
    return [hashlib.sha256(content).hexdigest()[:16] for content in pool_of(X).contents()]


def text_id(text: str) -> str:
    """Return the `sample_id` of a text.

    Examples
    --------
    >>> text_id("win a prize") == sample_id(np.array(["win a prize"]), 0)
    True
    """
    return hashlib.sha256(text_content(text)).hexdigest()[:16]


def _with_rows(X: Any, name: str) -> Any:
    """Return `X` as something whose rows can be taken and that has a shape."""
    if is_frame(X):
        return X
    if is_sparse(X):
        return X.tocsr()
    X = X.to_numpy() if is_series(X) else X
    if isinstance(X, list | tuple):
        return _from_list(list(X), name)
    if isinstance(X, Blocks):
        return X
    if isinstance(X, Parts):
        return X if len(X.arrays) > 1 else X.arrays[0]
    if not isinstance(X, np.ndarray) or X.ndim == 0:
        raise TypeError(
            f"{name} is {type_name(X)}; expected an array, a sparse matrix, a DataFrame or a list of str."
            f"{conversion.advice(X)}"
        )
    if isinstance(X, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, which estimators read as if nothing were masked; fill it first.")
    # One column of texts is texts, and a matrix is an array.
    rows = conversion.column(X) if X.dtype.kind in "UT" else np.asarray(X) if isinstance(X, np.matrix) else X
    return _as_texts(rows, name) if rows.ndim == 1 else rows


def _as_texts(X: Any, name: str) -> Any:
    if X.dtype.kind == "T":
        return X.astype(object)
    if X.dtype.kind == "U":
        return X
    if X.dtype.kind != "O":
        raise ValueError(
            f"{name} has shape {X.shape} and dtype {X.dtype}; expected (n_samples, n_features), or str for texts."
        )
    for row, value in enumerate(X):
        if not isinstance(value, str):
            raise TypeError(f"{name} row {row} is {value!r}; expected a str, as in the other rows.")
    return X


def _from_list(values: list[Any], name: str) -> Any:
    if not values:
        raise ValueError(f"{name} has no rows; expected at least one sample.")
    # NumPy would turn numbers among texts into texts.
    if any(isinstance(value, str) for value in values):
        texts = np.empty(len(values), object)
        texts[:] = values
        return _as_texts(texts, name)
    try:
        rows = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} is a list of rows of different lengths; expected the same for each.") from None
    return _as_texts(rows, name) if rows.ndim == 1 else rows


def _check_numbers(X: Any, name: str) -> None:
    if (held := pool_of(X)).kind == "array" and not held.numeric:
        raise ValueError(
            f"{name} has dtype {X.dtype}; expected numbers. Pass mixed columns as a DataFrame, with a Pipeline "
            "that encodes them, and texts as a list of str."
        )


def _check_finite(X: Any, name: str, *, allow_nan: bool) -> None:
    if is_frame(X):
        # By position: two columns may share a name.
        for position, column in enumerate(X.columns):
            _check_column(X.iloc[:, position], name, column, allow_nan=allow_nan)
    elif is_sparse(X):

        def place(i: int) -> str:
            return f"{name} row {int(np.searchsorted(X.indptr, i, 'right')) - 1}, column {X.indices[i]}"

        _check_values(X.data, place, allow_nan)
    elif X.dtype.kind == "f":
        _check_array(X, name, allow_nan=allow_nan)


def _check_array(X: Any, name: str, *, allow_nan: bool) -> None:
    n_columns = X.shape[1]
    for rows in pool_of(X).blocks():

        def place(i: int, first: int = rows.start) -> str:
            return f"{name} row {first + i // n_columns}, column {i % n_columns}"

        _check_values(np.asarray(X[rows]).reshape(-1), place, allow_nan)


def _check_column(values: Any, name: str, column: Any, *, allow_nan: bool) -> None:
    if not allow_nan and values.isna().any():
        row = int(np.flatnonzero(values.isna().to_numpy())[0])
        raise ValueError(_not_finite(f"{name} row {row}, column {column!r}", values.iloc[row]))
    if values.dtype.kind == "f":
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        _check_values(numbers, lambda i: f"{name} row {i}, column {column!r}", allow_nan)


@quiet
def _check_values(values: Any, place: Any, allow_nan: bool) -> None:
    # A sum is finite only if every value is (or it overflowed): one cheap pass for the usual case.
    if np.isfinite(values.sum(dtype=np.float64)):
        return
    bad = np.isinf(values) if allow_nan else ~np.isfinite(values)
    if bad.any():
        i = int(np.flatnonzero(bad)[0])
        raise ValueError(_not_finite(place(i), values[i]))


def _not_finite(place: str, value: Any) -> str:
    return (
        f"{place} is {value}; expected a finite number. Drop or impute such rows before the session, or use an "
        "estimator that accepts missing values (a Pipeline with an imputer, or HistGradientBoostingClassifier)."
    )
