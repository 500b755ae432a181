"""Read-only access to the user's own memory, without copying it.

Nothing is copied, except for those who insist on writing: scikit-learn copies what it may not write to by itself, and
what raises because of it is called again with a copy.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.data.conversion import is_frame, is_series, is_sparse
from alwidgets.data.parts import Parts
from alwidgets.utils.errors import chain_of
from alwidgets.utils.leaving import rest_if_leaving

_SPARSE_PARTS = ("data", "indices", "indptr")


def read_only(X: Any) -> Any:
    """Return a read-only view of `X` that shares its memory.

    Parameters
    ----------
    X : array-like
        An array, memory map, sparse matrix, DataFrame or Series; anything else is returned as it is.

    Returns
    -------
    X : array-like
        Of the same kind. A sparse matrix whose indices are unsorted is copied once, sorted: many estimators sort in
        place. Columns of a DataFrame that are not NumPy arrays, and numbers that do not lie together in memory, are
        copied once.

    Examples
    --------
    >>> X = np.eye(2)
    >>> read_only(X)[0, 0] = 5.0
    Traceback (most recent call last):
    ...
    ValueError: assignment destination is read-only
    """
    if isinstance(X, np.ndarray):
        return _array(X)
    if is_sparse(X):
        return _sparse(X)
    if is_frame(X):
        return _frame(X)
    if is_series(X):
        return X.copy()
    return Parts(*map(read_only, X.arrays)) if isinstance(X, Parts) else X


def lent(X: Any) -> Any:
    """Wrap read-only samples anew for a borrower: what it sets or resizes is its own, and the memory is shared."""
    if isinstance(X, np.ndarray):
        return _sealed(X)
    if is_sparse(X):
        return _rewrapped(X)
    if isinstance(X, Parts):
        return Parts(*map(lent, X.arrays))
    return _own_frame(X) if is_copied(X) else X


def is_copied(X: Any) -> bool:
    """Return whether `lent` makes a copy for each borrower, who can write into it."""
    return is_frame(X)


def private(X: Any) -> Any:
    """Copy samples, in the same layout, for a consumer that writes to them."""
    if isinstance(X, np.ndarray):
        return np.array(X, order="K")
    return X.copy() if hasattr(X, "copy") else X


def own(values: Any) -> Any:
    """Return a read-only copy of an array, or the array itself if it is already read-only."""
    return values if _is_beyond_writing(values) else _sealed(np.array(values))


@dataclass(eq=False)
class Loans:
    """Read-only access to samples for one estimator.

    Parameters
    ----------
    n_copies : int
        Calls that were given a copy, since it writes into what it is given.
    """

    n_copies: int = 0

    def to(self, method: Callable[..., Any], X: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a method of the estimator with samples that it cannot change; with a copy where it insists."""
        rest_if_leaving()
        if not self.n_copies:
            try:
                return method(_loan(X), *map(_loan, args), **kwargs)
            except Exception as error:
                if not any(map(_insists, chain_of(error))):
                    raise
        self.n_copies += 1
        return method(private(X), *map(private, args), **kwargs)


def lend(method: Callable[..., Any], X: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a method of an estimator with read-only samples, without counting copies."""
    return Loans().to(method, X, *args, **kwargs)


def _loan(X: Any) -> Any:
    # Columns of several kinds take longer to seal than to copy; a list cannot be sealed.
    if isinstance(X, list) or (is_frame(X) and _kind(X) is None):
        return X.copy()
    return lent(read_only(X))


def _insists(error: BaseException) -> bool:
    """Return whether an error was raised because samples are read-only.

    NumPy, Cython and SciPy say "read-only", or that the flag cannot be set; pandas says that a value, which it could
    not write, does not fit. A learner may have put a sentence of its own in front.
    """
    said = str(error)
    return any(sign in said for sign in ("read-only", "read only", "WRITEABLE")) or said.startswith("Invalid value")


def _array(X: Any) -> Any:
    return X if _is_beyond_writing(X) else _sealed(X)


def _rewrapped(X: Any) -> Any:
    """Return a sparse matrix on the same parts, which knows what the other knows of their order."""
    made = copy.copy(X)
    for part in _SPARSE_PARTS:
        setattr(made, part, _sealed(getattr(X, part)))
    return made


def _own_frame(X: Any) -> Any:
    # Of columns that are not NumPy arrays older releases of pandas let the copy write into the original.
    made = X.copy(deep=not all(isinstance(dtype, np.dtype) for dtype in X.dtypes))
    # A copy shares its labels, which have names that can be set, and values that older releases let one write to.
    made.index, made.columns = X.index.copy(deep=True), X.columns.copy(deep=True)
    return made


def _sparse(X: Any) -> Any:
    if not all(hasattr(X, part) for part in _SPARSE_PARTS):
        # It has other parts; none of them is one that a session keeps.
        return X.copy()
    if all(_is_beyond_writing(getattr(X, part)) for part in _SPARSE_PARTS):
        return X
    whole = X if X.has_sorted_indices else X.sorted_indices()
    made = type(X)(tuple(map(_array, (whole.data, whole.indices, whole.indptr))), shape=X.shape, copy=False)
    made.has_sorted_indices = True
    return made


def _frame(X: Any) -> Any:
    import pandas as pd

    if _is_sealed(X):
        return X
    if _kind(X) is not None:
        made = pd.DataFrame(_sealed(X.to_numpy()), index=X.index, columns=X.columns, copy=False)
    else:
        # By position: two columns may share a name.
        parts = {
            place: pd.Series(_sealed(column.to_numpy()), index=X.index, copy=False)
            if isinstance(column.dtype, np.dtype)
            else column.copy()
            for place, (_, column) in enumerate(X.items())
        }
        made = pd.DataFrame(parts, index=X.index, copy=False)
        made.columns = X.columns
    made.attrs = dict(X.attrs)
    return made


def _kind(X: Any) -> Any:
    """Return the type of the numbers in a DataFrame; None where they are of several, or no numbers."""
    kinds = set(X.dtypes)
    kind = kinds.pop()
    return kind if not kinds and isinstance(kind, np.dtype) and kind.kind in "iufb" else None


def _is_sealed(X: Any) -> bool:
    place = next(
        (i for i, dtype in enumerate(X.dtypes) if isinstance(dtype, np.dtype) and dtype.kind not in "mM"), None
    )
    if place is None:
        return False
    return _is_beyond_writing(X.iloc[:, place].to_numpy())


def _is_beyond_writing(values: Any) -> bool:
    """Return whether an array is read-only and cannot be made writable."""
    look = values[:]
    try:
        look.flags.writeable = True
    except ValueError:
        return True
    return False


def _sealed(values: Any) -> Any:
    """Return a permanently read-only array that shares the memory and the layout of another."""
    try:
        made = np.asarray(memoryview(values).toreadonly())
        if made.dtype == values.dtype and made.strides == values.strides:
            return made
    except (ValueError, TypeError, NotImplementedError):
        # Times have no buffer.
        pass
    view = values.view()
    view.flags.writeable = False
    return view
