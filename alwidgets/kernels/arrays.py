"""Argument checks and cache-sized tiling shared by all kernels."""

from __future__ import annotations

import math
import mmap
import operator
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, Protocol, TypeVar

import numpy as np

from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.text import type_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

# Not on Windows.
_CAN_ADVISE = hasattr(mmap, "MADV_DONTNEED")
# How far ahead a memory map is fetched: some hundredths of a second of a fast disk.
_AHEAD_BYTES = 32 * 2**20
# 128k numbers are 1 MB of float64: a tile and its temporaries fit the second-level cache of one core.
TILE_NUMBERS = 131_072
# Between these the squares of the largest numbers, and sums of many, stay within range, in float32 and float64.
_SAFE = {32: (1e-12, 1e15), 64: (1e-100, 1e140)}
# How far a row of probabilities may be from a sum of 1, or below 0.
PROBA_TOLERANCE = 1e-3
# Nearer than this a sum in float32 leaves no doubt.
_SURELY_PROBA = 0.99 * PROBA_TOLERANCE
# Every BLAS takes so many rows of a matrix in the same way.
_ROWS_ALIKE = 16


def quiet(kernel: Callable[P, R]) -> Callable[P, R]:
    """Let no floating-point warning out of a kernel: every function that is called from outside has it.

    Which operations raise the flags behind such warnings depends on the processor: the matrix products of a BLAS do
    for numbers that are all finite on one machine, and not for infinite ones on another. A kernel therefore looks at
    its numbers: at what it is given, or at what it returns.
    """

    @wraps(kernel)
    def quietly(*args: P.args, **kwargs: P.kwargs) -> R:
        with np.errstate(all="ignore"):
            return kernel(*args, **kwargs)

    return quietly


class Workspace:
    """Memory that a loop over tiles uses again: fresh pages cost more than the arithmetic on them.

    Each name has a block, which grows to the largest array that was asked for. Who asks again gets the same memory, and
    what stood in it is overwritten.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, NDArray[Any]] = {}
        self._blocks: dict[str, NDArray[np.uint8]] = {}

    def __call__(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """Return an array of this shape and type, its values anything."""
        array = self._arrays.get(name)
        if array is not None and array.shape == shape and array.dtype == dtype:
            return array
        n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
        block = self._blocks.get(name)
        if block is None or len(block) < n_bytes:
            block = self._blocks[name] = np.empty(n_bytes, np.uint8)
        made: NDArray[Any] = block[:n_bytes].view(dtype).reshape(shape)
        self._arrays[name] = made
        return made


@lru_cache(maxsize=16)
def ones(n: int, dtype: Any) -> FloatArray:
    """Return so many ones, which are not to be changed."""
    values: FloatArray = np.ones(n, dtype)
    values.setflags(write=False)
    return values


def tiles(n_rows: int, n_columns: int, n_numbers: int = TILE_NUMBERS) -> Iterator[slice]:
    """Yield slices that cover the rows in order, each of about `n_numbers` numbers."""
    step = max(1, n_numbers // max(1, n_columns))
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))


def check_nonnegative(n: Any, name: str = "n") -> int:
    """Return a number of rows as an int; raise TypeError if it is not a whole number, ValueError below 0."""
    try:
        count = operator.index(n)
    except TypeError:
        raise TypeError(f"{name} is {n!r}; expected a whole number.") from None
    if count < 0:
        raise ValueError(f"{name} is {n}; expected 0 or more.")
    return count


@quiet
def check_matrix(X: Any, name: str) -> FloatArray:
    """Return a matrix of finite numbers as it is, or as float64 when it holds no float32 or float64.

    Raises
    ------
    ValueError
        If it is not a dense matrix, or holds NaN or infinity; the message names the row.
    """
    if not isinstance(X, np.ndarray) or X.ndim != 2 or X.dtype.kind not in "fiub":  # noqa: PLR2004
        shape, dtype = getattr(X, "shape", None), getattr(X, "dtype", None)
        raise ValueError(
            f"{name} is {type_name(X)} of shape {shape} and dtype {dtype}; expected an array of "
            "numbers, shape (n, n_features). Reduce a sparse matrix first, with TruncatedSVD."
        )
    floats = _as_floats(X)
    for rows in tiles(len(floats), floats.shape[1]):
        # A sum is finite only if every number is, or it overflowed: one cheap look for the usual case.
        total = floats[rows].sum()
        if not np.isfinite(total) and not (finite := np.isfinite(floats[rows]).all(axis=1)).all():
            row = rows.start + int(np.flatnonzero(~finite)[0])
            raise ValueError(f"{name} row {row} is not finite; expected numbers to measure distances between.")
    return floats


def check_pair(X: Any, X_labeled: Any, name: str = "X_labeled") -> tuple[FloatArray, FloatArray]:
    """Return two matrices with the same number of columns, in the precision of the first."""
    X, X_labeled = check_matrix(X, "X"), check_matrix(X_labeled, name)
    if X.shape[1] != X_labeled.shape[1]:
        raise ValueError(
            f"X has shape {X.shape} and {name} {X_labeled.shape}; expected two matrices with the same number of "
            "columns."
        )
    return X, X_labeled.astype(X.dtype, copy=False)


class LazyPoints(Protocol):
    """Rows that are read when they are asked for, and gone through in blocks, in any order."""

    largest: float
    """The largest size of a number that was read."""
    unit: float
    """What numbers are divided by."""

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""

    @property
    def dtype(self) -> Any:
        """Float32 or float64."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def __getitem__(self, rows: IntArray) -> FloatArray:
        """Return rows by their numbers."""

    def blocks(self) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield the numbers of rows, and them, until all were read."""


def tiled(X: FloatArray | LazyPoints, n_columns: int) -> Iterator[tuple[slice | IntArray, FloatArray]]:
    """Yield row numbers and rows in tiles that have room for so many columns."""
    if isinstance(X, np.ndarray):
        for rows in tiles(len(X), n_columns):
            yield rows, X[rows]
        return
    for numbers, block in X.blocks():
        for rows in tiles(len(block), n_columns):
            yield numbers[rows], block[rows]


def unit_of(largest: float, *, single: bool) -> float:
    """Return the power of two to divide by, so that no square of numbers up to this size overflows or is lost.

    Raises
    ------
    ValueError
        If it is not finite.
    """
    if not np.isfinite(largest):
        raise ValueError("X has a row that is not finite; expected numbers to measure distances between.")
    low, high = _SAFE[32 if single else 64]
    if not largest or low < largest < high:
        return 1.0
    return min(power_of_two(largest), 2.0 ** (127 if single else 1023))


def in_units(*parts: FloatArray) -> tuple[float, list[FloatArray]]:
    """Return a power of two, and arrays divided by it, so that no square of their numbers overflows or is lost.

    The same order and the same digits: distances are then in this unit. Arrays whose squares are safe stay as they are,
    with a unit of 1.
    """
    sizes = [max(float(part.max()), -float(part.min())) for part in parts if part.size]
    largest = max(sizes, default=0.0)
    single = any(part.dtype == np.float32 for part in parts)
    unit = unit_of(largest, single=single)
    return unit, list(parts) if unit == 1 else [(part / unit).astype(part.dtype, copy=False) for part in parts]


def power_of_two(size: float) -> float:
    """Return the power of two next above a number, as far as there is one; 1 for 0."""
    exponent = int(np.frexp(size)[1])
    # Beyond the largest number there is none; one digit more does no harm.
    return float(np.exp2(min(exponent, 1023)))


@quiet
def check_proba(proba: Any, name: str = "proba", n_rows: int | None = None) -> FloatArray:
    """Return class probabilities as they are, or as float64 when they are neither float32 nor float64.

    Raises
    ------
    ValueError
        If they are not a matrix, not one row for each of `n_rows` samples, hold NaN, or a row is negative or does not
        sum to 1 (within 1e-3).
    """
    floats = proba_matrix(proba, name)
    if n_rows is not None and len(floats) != n_rows:
        raise ValueError(f"{name} has {len(floats)} rows; expected {n_rows}, one for each sample.")
    ones = np.ones(floats.shape[1], floats.dtype)
    for rows in tiles(len(floats), floats.shape[1]):
        tile = floats[rows]
        total = tile @ ones
        check_proba_tile(floats, rows.start, total, tile.min(axis=1), name)
    return floats


def proba_matrix(proba: Any, name: str = "proba") -> FloatArray:
    """Return probabilities as a matrix of float32 or float64, its values not looked at."""
    if not isinstance(proba, np.ndarray) or proba.ndim != 2 or proba.shape[1] == 0 or proba.dtype.kind not in "fiub":  # noqa: PLR2004
        shape = getattr(proba, "shape", type(proba).__name__)
        raise ValueError(f"{name} has shape {shape}; expected (n_candidates, n_classes).")
    return _as_floats(proba)


@quiet
def check_proba_tile(
    proba: FloatArray, first: int, total: FloatArray, smallest: FloatArray, name: str = "proba"
) -> None:
    """Refuse rows whose sums or smallest values are not those of probabilities; `first` is the row of the first."""
    # Written so that NaN fails the comparisons too.
    good = (np.abs(total - 1) <= PROBA_TOLERANCE) & (smallest >= -PROBA_TOLERANCE)
    if not good.all():
        row = first + int(np.flatnonzero(~good)[0])
        raise ValueError(
            f"{name} row {row} is {np.array2string(proba[row], precision=4, threshold=6)}; expected "
            "probabilities that sum to 1. Look at the model that gave it."
        )


def checked_rows(
    proba: FloatArray, first: int, total: FloatArray, tile: FloatArray, name: str = "proba"
) -> tuple[float, float]:
    """Raise unless a tile, of rows from the first on, holds distributions, whose sums are given.

    Returns how far a sum may be from 1, and the smallest number.
    """
    # Smallest and largest of all are the cheap question, and NaN fails it; which row it is matters for the message.
    off, smallest = max(float(total.max()) - 1, 1 - float(total.min())), float(tile.min())
    if not (off <= _SURELY_PROBA and smallest >= -_SURELY_PROBA):
        rows = proba[first : first + len(total)]
        check_proba_tile(proba, first, rows.sum(axis=1), rows.min(axis=1), name)
    return off, smallest


def column_sums(values: FloatArray, work: Workspace) -> FloatArray:
    """Return the sum of each column, in the workspace: a product with ones is the quickest one."""
    total: FloatArray = work("sums", values.shape[1:], values.dtype)
    np.matmul(ones(len(values), values.dtype), values, out=total)
    return total


def row_sums(values: FloatArray, work: Workspace) -> FloatArray:
    """Return the sum of each row, in the workspace: of equal rows the same to the last bit.

    A product with ones is the quickest sum along a short axis, and adds up the last few rows in another order.
    """
    n_rows, n_columns = values.shape
    total = work("sums", (n_rows,), values.dtype)
    weights, n_first = ones(n_columns, values.dtype), n_rows - n_rows % _ROWS_ALIKE
    np.matmul(values[:n_first], weights, out=total[:n_first])
    if n_first < n_rows:
        last = work("last rows", (_ROWS_ALIKE, n_columns), values.dtype)
        last.fill(0)
        last[: n_rows - n_first] = values[n_first:]
        total[n_first:] = (last @ weights)[: n_rows - n_first]
    return total


def streamed(X: NDArray[Any], step: int, start: int = 0, stop: int | None = None) -> Iterator[slice]:
    """Yield slices of `step` rows that cover a pool once, or its rows from `start` to `stop`.

    Of a memory map, what comes next is fetched ahead and what is behind is given back, so that a file larger than
    the memory can be gone through at the speed of the disk. A map that keeps changes to itself stays where it is.
    """
    on_file = file_of(X)
    mapped, offset = on_file.mapped if on_file else None, on_file.start if on_file else 0
    stop = len(X) if stop is None else stop
    for first in range(start, stop, step):
        check_there(X, on_file)
        yield slice(first, min(first + step, stop))
        if on_file and _CAN_ADVISE:
            here, size = offset + first * X.strides[0], step * X.strides[0]
            _advise(mapped, mmap.MADV_WILLNEED, here + _AHEAD_BYTES, size)
            _advise(mapped, mmap.MADV_DONTNEED, here, size)


class OnFile(NamedTuple):
    """Place of the rows of a memory map that is on its file."""

    mapped: Any
    """The `mmap`."""
    start: int
    """Bytes in it before the first row."""
    path: Any
    """The file; None where it has no name."""
    offset: int
    """Bytes in the file before the first row."""


def file_of(X: Any) -> OnFile | None:
    """Return where the rows of an array lie in a file, also of a view of a memory map; None where they do not.

    Of a map that keeps changes to itself they do not, nor of one whose rows do not follow each other.
    """
    found: Any = X if isinstance(X, np.ndarray) else None
    # A view that cannot be written to is one of a buffer.
    while found is not None and not isinstance(getattr(found, "base", None), mmap.mmap):
        found = found.obj if isinstance(found, memoryview) else getattr(found, "base", None)
    if not isinstance(found, np.memmap) or found.mode not in ("r", "r+") or not X.flags.c_contiguous:
        return None
    mapped: Any = found.base
    start = X.ctypes.data - np.frombuffer(mapped, np.uint8).ctypes.data
    # The map begins at a page.
    begins = found.offset - found.offset % mmap.ALLOCATIONGRANULARITY
    return OnFile(mapped, start, found.filename, begins + start)


def check_there(X: Any, on_file: OnFile | None) -> None:
    """Raise OSError if the file of a memory map was cut: to read what is gone ends the process.

    Parameters
    ----------
    X : ndarray
        Its rows.
    on_file : OnFile or None
        What `file_of` says of them.
    """
    if on_file is None:
        return
    size, needed = on_file.mapped.size(), on_file.offset + X.nbytes
    if size < needed:
        raise OSError(
            f"the file of X, {on_file.path}, has {size:,} bytes, and had {needed:,} when it was opened: rows are gone. "
            "Nothing is lost; put the file back, and open the session again."
        )


def _advise(mapped: Any, advice: int, start: int, size: int) -> None:
    """Give advice on the whole pages within a range of a map, as far as there are any."""
    first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
    last = min(start + size, len(mapped)) // mmap.PAGESIZE * mmap.PAGESIZE
    if last > first:
        mapped.madvise(advice, first, last - first)


def _as_floats(values: Any) -> FloatArray:
    floats: FloatArray = values if values.dtype in (np.float32, np.float64) else values.astype(np.float64)
    return floats


def softmax(logits: FloatArray) -> FloatArray:
    """Return the probabilities of logits, along the first axis."""
    powers: FloatArray = np.exp(logits - logits.max(axis=0))
    powers /= powers.sum(axis=0)
    return powers
