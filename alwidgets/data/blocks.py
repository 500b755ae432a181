"""Rows that lie in blocks elsewhere, in a file or with a user's own object, and are read when they are asked for."""

from __future__ import annotations

import sys
import threading
import zlib
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from alwidgets.data.parts import LazyRows
from alwidgets.types import IntArray, Pool
from alwidgets.utils.text import short_repr, type_name

# A dataset in a file is read at once up to so many bytes, and stays where it is above.
MOST_READ = 2**28
# What asks for all rows as one array gets them up to so many bytes.
MOST_WHOLE = 2**31
# Chunks of a file are read together up to so many bytes.
_BLOCK_BYTES = 32 * 2**20


class Blocks(LazyRows):
    """Rows of a pool that is read block by block.

    Parameters
    ----------
    source : Pool
        What has them.

    Raises
    ------
    TypeError, ValueError
        If it does not give rows of numbers, or its blocks do not cover them, one after the other.
    """

    def __init__(self, source: Pool) -> None:
        self.source = source
        self._near = threading.local()
        self._n_rows = source.n_rows
        if isinstance(self._n_rows, bool) or not isinstance(self._n_rows, int | np.integer) or self._n_rows < 0:
            raise TypeError(f"n_rows of X is {short_repr(self._n_rows)}; expected a whole number of rows.")
        self._ends = _ends(source.blocks(), int(self._n_rows))
        first = self._read(np.arange(min(1, int(self._n_rows))))
        self._width, self._dtype = first.shape[1:], first.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of rows, and the shape of one."""
        return int(self._n_rows), *self._width

    @property
    def dtype(self) -> Any:
        """Type of the values."""
        return self._dtype

    def spans(self) -> Iterator[slice]:
        """Yield the blocks, as slices of rows."""
        begin = 0
        for end in self._ends.tolist():
            yield slice(begin, end)
            begin = end

    def __iter__(self) -> Iterator[Any]:
        return (row for span in self.spans() for row in self._block(span.start, span.stop))

    def _between(self, start: int, stop: int, rest: tuple[Any, ...]) -> Any:
        pieces = []
        first, last = np.searchsorted(self._ends, [start, stop - 1], "right").tolist()
        for place in range(first, last + 1):
            begin, end = int(self._ends[place - 1]) if place else 0, int(self._ends[place])
            block = self._block(begin, end)
            pieces.append(block[(slice(max(start, begin) - begin, min(stop, end) - begin), *rest)])
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def _at(self, rows: IntArray) -> Any:
        # Files are read in the order of their rows, each once.
        distinct, place = np.unique(rows, return_inverse=True)
        span = int(distinct[-1]) - int(distinct[0]) + 1 if len(distinct) > 1 else 0
        if 0 < span <= 2 * len(distinct):
            # Most of what lies between is wanted, as of a block in which few are labeled.
            taken = self._between(int(distinct[0]), int(distinct[-1]) + 1, ())
            taken = taken if span == len(distinct) else taken[distinct - distinct[0]]
        else:
            taken = self._read(distinct)
        return taken[place.reshape(-1)]

    def _block(self, start: int, stop: int) -> Any:
        """Return a block; each thread keeps the one that it read last, since it is gone through in small steps."""
        known = getattr(self._near, "block", None)
        if known is None or known[0] != start:
            known = start, self._read(np.arange(start, stop))
            known[1].flags.writeable = False
            self._near.block = known
        return known[1]

    def _read(self, rows: IntArray) -> Any:
        where = "none of X" if not len(rows) else f"rows {rows[0]:,} to {rows[-1]:,} of X"
        try:
            values = np.asarray(self.source.take(rows))
        except Exception as error:
            raise OSError(
                f"{where} cannot be read: {type_name(error)}: {error}. Nothing is lost; once they can be read again, "
                "go on."
            ) from error
        known = getattr(self, "_width", values.shape[1:]), getattr(self, "_dtype", values.dtype)
        if values.ndim != 2 or len(values) != len(rows) or (values.shape[1:], values.dtype) != known:  # noqa: PLR2004
            raise ValueError(
                f"take gave {where} as shape {values.shape} and dtype {values.dtype}; expected {len(rows)} rows of "
                f"numbers{f' of shape {known[0]} and dtype {known[1]}' if hasattr(self, '_width') else ''}."
            )
        # What an object gives may be its own memory.
        return values if values.base is None and values.flags.owndata else values.copy()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if copy is False:
            raise ValueError("rows in blocks become an array by a copy only.")
        if self.nbytes > MOST_WHOLE:
            raise ValueError(
                f"all {len(self):,} rows of X were asked for at once, {self.nbytes / 1e9:.1f} GB, and they lie in "
                "blocks that are read one after the other. Choose a strategy that docs/strategies.md says is exact or "
                "on a sample of a pool in blocks, and a learner without a step that is fitted on the pool."
            )
        out = np.empty(self.shape, self.dtype)
        for span in self.spans():
            out[span] = self._read(np.arange(span.start, span.stop))
        return out if dtype is None else out.astype(dtype, copy=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return Blocks, (self.source,)

    def __repr__(self) -> str:
        return f"Blocks({type_name(self.source)}, shape {self.shape}, {self.dtype}, {len(self._ends)} blocks)"


class Stored:
    """A dataset of h5py or zarr as a pool."""

    def __init__(self, stored: Any) -> None:
        self.stored = stored
        self.n_rows = int(stored.shape[0])

    def take(self, rows: IntArray) -> Any:
        """Return rows by their numbers, ascending."""
        if len(rows) and int(rows[-1]) - int(rows[0]) + 1 == len(rows):
            return self.stored[int(rows[0]) : int(rows[-1]) + 1]
        return self.stored.oindex[rows] if hasattr(self.stored, "oindex") else self.stored[rows]

    def blocks(self) -> Iterator[slice]:
        """Yield whole chunks, which are read as a whole anyway."""
        row_bytes = max(1, self.stored.dtype.itemsize * int(np.prod(self.stored.shape[1:])))
        chunk = int((getattr(self.stored, "chunks", None) or (1,))[0])
        step = chunk * max(1, _BLOCK_BYTES // (chunk * row_bytes))
        for start in range(0, self.n_rows, step):
            yield slice(start, min(start + step, self.n_rows))

    @cached_property
    def ends(self) -> int:
        """A checksum of the first and the last row, which may each cost a chunk."""
        return ends_of(self.stored)

    def fingerprint(self) -> object:
        """Return None: it is that of the numbers, wherever the file lies."""
        return None


def ends_of(stored: Any) -> int:
    """Return a checksum of the first and the last row of a dataset."""
    first, last = (np.ascontiguousarray(stored[row]).tobytes() for row in (0, stored.shape[0] - 1))
    return zlib.crc32(last, zlib.crc32(first))


def in_blocks(X: Any) -> Any:
    """Return a large dataset of a file, or a user's own pool, as rows that are read when asked for; others as they are.

    Raises
    ------
    TypeError
        If it is a graph of work that is still to be done, or a folder: both become a memory map first.
    """
    library = type(X).__module__.partition(".")[0]
    if library.startswith("dask"):
        raise TypeError(
            f"X is {type_name(X)} of dask, which would be computed anew in every round: alwidgets.io.to_memory_map(X, "
            "'X.npy') writes it to disk once, block by block, and what that returns is X."
        )
    if library in ("h5py", "zarr") and len(getattr(X, "shape", ())) == 2:  # noqa: PLR2004
        numeric = getattr(X.dtype, "kind", "") in "iufb"
        size = X.dtype.itemsize * int(np.prod(X.shape))
        return Blocks(Stored(X)) if numeric and size > MOST_READ else X[:]
    if "pathlib" in sys.modules and isinstance(X, sys.modules["pathlib"].PurePath):
        raise TypeError(
            f"X is the path {X}; expected samples. Of parquet files alwidgets.io.to_memory_map({str(X)!r}, 'X.npy') "
            "makes a memory map, block by block; numpy.load(path, mmap_mode='r') opens an array."
        )
    return Blocks(X) if isinstance(X, Pool) and not isinstance(X, type) else X


def _ends(blocks: Any, n_rows: int) -> IntArray:
    ends, at = [], 0
    for block in blocks:
        if not isinstance(block, slice) or (block.start or 0) != at or block.stop is None or block.stop <= at:
            raise ValueError(
                f"blocks of X gave {short_repr(block)} after row {at}; expected slices that cover all rows, one after "
                "the other."
            )
        at = int(block.stop)
        ends.append(at)
    if at != n_rows:
        raise ValueError(f"blocks of X end at row {at}, and n_rows is {n_rows}; expected slices that cover all rows.")
    return np.array(ends, np.intp)
