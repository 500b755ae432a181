"""Rows that lie in several arrays, one below the other, and are never copied as a whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, overload

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from alwidgets.types import IntArray
from alwidgets.utils.text import type_name


class LazyRows(NDArrayOperatorsMixin, ABC):
    """Rows of numbers that are not one array: they are taken as of one, and never copied as a whole unless asked for.

    Whatever else is asked of it than rows is asked of an array of all of them, which is made for it.
    """

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Number of rows, and the shape of one."""

    @property
    @abstractmethod
    def dtype(self) -> Any:
        """Type of the values."""

    @abstractmethod
    def _between(self, start: int, stop: int, rest: tuple[Any, ...]) -> Any:
        """Return rows that follow each other, of which there is at least one, without a copy where there is a way."""

    @abstractmethod
    def _at(self, rows: IntArray) -> Any:
        """Return rows by their numbers, from 0 up and all of them there."""

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of values."""
        return int(np.prod(self.shape))

    @property
    def nbytes(self) -> int:
        """Number of bytes."""
        return self.size * int(self.dtype.itemsize)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        """Return rows: a view where they lie in one part and follow each other, else a copy of them."""
        rows, rest = (key[0], key[1:]) if isinstance(key, tuple) and key else (key, ())
        if any(each is None or each is Ellipsis for each in (rows, *rest)):
            return np.asarray(self)[key]
        if isinstance(rows, slice):
            return self._slice(rows, rest)
        if isinstance(rows, int | np.integer):
            return self._taken(np.array([rows]))[0][rest] if rest else self._taken(np.array([rows]))[0]
        taken = self._rows(np.asarray(rows))
        if not rest:
            return taken
        # Two lists of numbers are pairs.
        pairs = not isinstance(rest[0], slice | int | np.integer)
        return taken[(np.arange(len(taken)) if pairs else slice(None), *rest)]

    def _slice(self, rows: slice, rest: tuple[Any, ...]) -> Any:
        start, stop, step = rows.indices(len(self))
        if step != 1:
            return self._taken(np.arange(start, stop, step))[(slice(None), *rest)]
        if stop <= start:
            return np.empty((0, *self.shape[1:]), self.dtype)[(slice(None), *rest)]
        return self._between(start, stop, rest)

    def _rows(self, rows: Any) -> Any:
        if rows.dtype == bool:
            if rows.shape != (len(self),):
                raise IndexError(f"the mask has shape {rows.shape}; expected ({len(self)},).")
            rows = np.flatnonzero(rows)
        rows = rows.astype(np.intp) if not rows.size else rows
        if rows.dtype.kind not in "iu":
            raise IndexError(f"rows have dtype {rows.dtype}; expected whole numbers, a slice or a mask.")
        taken = self._taken(rows.reshape(-1))
        return taken.reshape(*rows.shape, *self.shape[1:])

    def _taken(self, rows: IntArray) -> Any:
        total = len(self)
        if len(rows) and not (-total <= rows.min() and rows.max() < total):
            raise IndexError(f"row {rows[(rows < -total) | (rows >= total)][0]} is not there; there are {total}.")
        return self._at(np.where(rows < 0, rows + total, rows))

    @abstractmethod
    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Return an array of all rows."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, method)(*map(whole, inputs), **kwargs)

    def __getattr__(self, name: str) -> Any:
        # What an array has beside its rows is that of an array of all of them.
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(np.asarray(self), name)


class Parts(LazyRows):
    """Rows of several arrays or memory maps, one below the other, without a copy.

    A pool that grew, or that lies in several files: ``Session(X=Parts(monday, tuesday), ...)``. Rows are taken as of
    an array, ``X[rows]`` and ``X[first:last]``; whatever else is asked of it is asked of an array of all rows, which
    is made for it.

    Parameters
    ----------
    *arrays : ndarray, memmap, dataset of h5py or zarr, or Pool, of shape (n_rows, ...)
        At least one, with the same dtype and the same columns; one of them may itself be of several parts.

    Raises
    ------
    TypeError, ValueError
        If one is not an array, or has another dtype or other columns than the first.

    Examples
    --------
    >>> X = Parts(np.eye(2), np.full((1, 2), 5.0))
    >>> X.shape, X[[2, 0]].tolist(), float(X.sum())
    ((3, 2), [[5.0, 5.0], [1.0, 0.0]], 12.0)
    """

    def __init__(self, *arrays: Any) -> None:
        if not arrays:
            raise ValueError("Parts has no array; expected at least one.")
        self.arrays: tuple[Any, ...] = tuple(_flat(arrays))
        first = self.arrays[0]
        for number, array in enumerate(self.arrays):
            if not isinstance(array, np.ndarray | LazyRows) or array.ndim < 2:  # noqa: PLR2004 - rows with columns
                shape = f" of shape {array.shape}" if isinstance(array, np.ndarray | LazyRows) else ""
                raise TypeError(f"part {number} is {type_name(array)}{shape}; expected an array of rows with columns.")
            if array.dtype != first.dtype or array.shape[1:] != first.shape[1:]:
                raise ValueError(
                    f"part {number} has dtype {array.dtype} and rows of shape {array.shape[1:]}; expected "
                    f"{first.dtype} and {first.shape[1:]}, as in the first."
                )
        self._ends = np.cumsum([len(array) for array in self.arrays])

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of rows, and the shape of one."""
        return int(self._ends[-1]), *self.arrays[0].shape[1:]

    @property
    def dtype(self) -> Any:
        """Type of the values."""
        return self.arrays[0].dtype

    def section(self, rows: slice) -> Any:
        """Return rows as the part, or the parts, that they are; of others a view or a copy."""
        ends = self._ends.tolist()
        begins = [0, *ends[:-1]]
        if rows.start not in begins or rows.stop not in ends or rows.stop <= rows.start:
            return self[rows]
        arrays = self.arrays[begins.index(rows.start) : ends.index(rows.stop) + 1]
        return arrays[0] if len(arrays) == 1 else Parts(*arrays)

    def __iter__(self) -> Iterator[Any]:
        return (row for array in self.arrays for row in array)

    def _between(self, start: int, stop: int, rest: tuple[Any, ...]) -> Any:
        pieces, begin = [], 0
        for array, end in zip(self.arrays, self._ends.tolist(), strict=True):
            first, last = max(start, begin), min(stop, end)
            if last > first:
                pieces.append(array[(slice(first - begin, last - begin), *rest)])
            begin = end
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def _at(self, rows: IntArray) -> Any:
        out = np.empty((len(rows), *self.shape[1:]), self.dtype)
        ascending = bool(np.all(rows[1:] >= rows[:-1]))
        begin, place = 0, 0
        for array, end in zip(self.arrays, self._ends.tolist(), strict=True):
            if ascending:
                last = int(np.searchsorted(rows, end))
                if last > place:
                    here = rows[place:last] - begin
                    if isinstance(array, np.ndarray):
                        np.take(array, here, axis=0, out=out[place:last], mode="clip")
                    else:
                        out[place:last] = array[here]
                place = last
            else:
                here = np.flatnonzero((rows >= begin) & (rows < end))
                out[here] = array[rows[here] - begin]
            begin = end
        return out

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if copy is False:
            raise ValueError("rows in several parts become an array by a copy only.")
        whole = np.asarray(self.arrays[0]) if len(self.arrays) == 1 else np.concatenate(self.arrays)
        return np.array(whole, dtype) if copy or dtype not in (None, whole.dtype) else whole

    def __repr__(self) -> str:
        rows = " + ".join(f"{len(array):,}" for array in self.arrays)
        return f"Parts({rows} rows, shape {self.shape}, {self.dtype})"


class Joined(Sequence[Any]):
    """Items of two sequences, one behind the other, each read from where it is when it is asked for.

    Examples
    --------
    >>> list(Joined(range(2), "ab"))
    [0, 1, 'a', 'b']
    """

    def __init__(self, first: Any, second: Any) -> None:
        # As many as a stream has parts, side by side: one within the other they would be too deep to be read.
        self.parts: list[Any] = [*(first.parts if isinstance(first, Joined) else [first]), second]
        self._ends = list(accumulate(map(len, self.parts)))

    def __len__(self) -> int:
        return self._ends[-1]

    @overload
    def __getitem__(self, at: int) -> Any: ...

    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...

    def __getitem__(self, at: int | slice) -> Any:
        """Return an item, or a list of some."""
        places = range(len(self))[at]
        if not isinstance(places, int):
            return [self[place] for place in places]
        part = bisect_right(self._ends, places)
        return self.parts[part][places - (self._ends[part - 1] if part else 0)]


def whole(X: Any) -> Any:
    """Return rows as one array, for what must see all of them at once; anything else than parts as it is."""
    return np.asarray(X) if isinstance(X, LazyRows) else X


def _flat(arrays: Any) -> Iterator[Any]:
    # Such rows are made of these.
    from alwidgets.data.blocks import in_blocks

    for array in arrays:
        yield from array.arrays if isinstance(array, Parts) else (in_blocks(array),)
