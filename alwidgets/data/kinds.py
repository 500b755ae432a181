"""The kinds of pool, one class each: whatever depends on what holds the samples is asked of these."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

import numpy as np

from alwidgets.data.blocks import Blocks
from alwidgets.data.conversion import is_frame, is_sparse
from alwidgets.data.parts import Parts
from alwidgets.kernels.arrays import check_there, file_of
from alwidgets.types import BoolArray, FloatArray, IntArray
from alwidgets.utils.streams import ALIKE, stream

Kind: TypeAlias = Literal["array", "sparse", "DataFrame", "texts"]

# Rows are read in blocks of this many bytes where the whole would not fit beside a memory map.
_BLOCK_BYTES = 32 * 2**20
# A pool larger than this is recognized by its shape and this many rows, evenly spread.
_FINGERPRINT_BYTES = 64 * 2**20
_FINGERPRINT_ROWS = 4096
# Every round it is looked whether all of a pool of so many bytes, or so many rows of a larger one, are as they were.
_SKETCH_ROWS, _SKETCH_BYTES = 64, 2**20


class HeldPool(Protocol):
    """Samples, whatever holds them: `X` as it was given, which nobody copies whole."""

    X: Any
    kind: ClassVar[Kind]

    @property
    def n_rows(self) -> int:
        """Number of samples."""
        return int(self.X.shape[0])

    @property
    def n_features(self) -> int:
        """Number of values of a sample; 1 of a text."""
        return int(self.X.shape[1])

    @property
    def row_bytes(self) -> float:
        """Bytes of a sample, about."""

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The types of the values, one for all or one a column."""
        return (str(self.X.dtype),)

    @property
    def numeric(self) -> bool:
        """True if all values are numbers, as far as their types tell."""
        return True

    def take(self, rows: IntArray) -> Any:
        """Return the samples at these row numbers, by position, in what holds them."""
        return self.X[rows]

    def part(self, rows: slice) -> Any:
        """Return samples that follow each other, without a copy where there is a way."""
        return self.take(np.arange(rows.start, rows.stop))

    def blocks(self) -> Iterator[slice]:
        """Yield slices that cover the rows, each of about 32 MB."""
        step = max(1, int(_BLOCK_BYTES // max(1, self.row_bytes)))
        for start in range(0, self.n_rows, step):
            yield slice(start, min(start + step, self.n_rows))

    def first(self, n: int) -> Any:
        """Return the first samples, without a copy where these are all."""
        return self.X if n == self.n_rows else self.section(slice(0, n))

    def section(self, rows: slice) -> Any:
        """Return samples that came together, as what they came in where there is a way."""
        return self.part(rows)

    def fingerprint(self, *, whole: bool = False) -> dict[str, Any]:
        """Return the fingerprint of the pool: its kind, its shape, and a hash of its content.

        The hash covers every row of a pool up to 64 MB, and 4,096 evenly spread rows of a larger one unless it is to
        cover the whole.
        """
        if whole or self.row_bytes * self.n_rows <= _FINGERPRINT_BYTES:
            picks = np.arange(self.n_rows)
        else:
            picks = np.unique(np.linspace(0, self.n_rows - 1, _FINGERPRINT_ROWS).astype(np.intp))
        digest = hashlib.sha256()
        for start in range(0, len(picks), _FINGERPRINT_ROWS):
            digest.update(self.content(picks[start : start + _FINGERPRINT_ROWS]))
        return {"kind": self.kind, "shape": [int(n) for n in self.X.shape], "content": digest.hexdigest()[:32]}

    def sketch(self) -> int:
        """Return a number that changes when samples are written to; of a pool above 1 MB of 64 rows, evenly spread.

        A glance, for every round: at most about 1 MB is read, and a change of few numbers of a larger pool is not seen.
        """
        n_affordable = max(1, int(_SKETCH_BYTES // max(1, self.row_bytes)))
        n_picked = self.n_rows if self.n_rows <= n_affordable else min(_SKETCH_ROWS, n_affordable)
        return zlib.crc32(self.content(np.linspace(0, self.n_rows - 1, n_picked).astype(np.intp)))

    def content(self, rows: IntArray) -> bytes:
        """Return the bytes that tell these samples from others."""

    def contents(self) -> Iterator[bytes]:
        """Yield the content of each sample."""
        return (self.content(np.array([row])) for row in range(self.n_rows))

    def keys(self, rows: IntArray) -> Iterator[Any]:
        """Yield keys that are equal for equal samples, also of a sparse matrix and an array."""

    def hashes(self) -> Any:
        """Return a number of 64 bits for each sample, the same for the same content."""

    def same(self, rows: IntArray, others: IntArray) -> BoolArray:
        """Return the samples that have the content of others, among those with the same hash."""

    def numbers(self) -> Any:
        """Return an array of numbers or a CSR matrix; None where there are other things among them."""

    def gaps(self) -> tuple[IntArray, IntArray]:
        """Return rows and columns of the values that are missing or infinite."""

    def column(self, name: Any) -> FloatArray | None:  # noqa: ARG002 - only a DataFrame has names
        """Return a column of this name as numbers; None where there is none."""
        return None

    def lengths(self, rows: IntArray) -> IntArray | None:  # noqa: ARG002 - only texts have lengths
        """Count the characters of texts; None for other samples."""
        return None


@dataclass(frozen=True, eq=False)
class _Array(HeldPool):
    X: Any
    kind: ClassVar[Kind] = "array"

    @property
    def row_bytes(self) -> float:
        return float(self.X.dtype.itemsize * self.X.shape[1])

    @property
    def numeric(self) -> bool:
        return self.X.dtype.kind in "iufb"

    def part(self, rows: slice) -> Any:
        return self.X[rows]

    def section(self, rows: slice) -> Any:
        return self.X.section(rows) if isinstance(self.X, Parts) else self.part(rows)

    def content(self, rows: IntArray) -> bytes:
        for array in self.X.arrays if isinstance(self.X, Parts) else (self.X,):
            check_there(array, file_of(array))
        return np.ascontiguousarray(self.X[rows]).tobytes()

    def keys(self, rows: IntArray) -> Iterator[Any]:
        part = np.asarray(self.X[rows])
        n, width = part.shape
        return _keys_of_rows(np.arange(n + 1) * width, np.tile(np.arange(width), n), part.reshape(-1))

    def hashes(self) -> Any:
        n_words = -(-self.X.dtype.itemsize * self.X.shape[1] // 8)
        hashes, factors = np.empty(self.n_rows, np.uint64), _odd(np.uint64(n_words))
        for rows in self.blocks():
            values = self._bytes(rows)
            padded = np.pad(values, ((0, 0), (0, 8 * n_words - values.shape[1]))).view(np.uint64)
            hashes[rows] = (_mixed(padded) * factors).sum(axis=1, dtype=np.uint64)
        return hashes

    def same(self, rows: IntArray, others: IntArray) -> BoolArray:
        return np.asarray((self._bytes(rows) == self._bytes(others)).all(axis=1))

    def _bytes(self, rows: IntArray | slice) -> Any:
        part = np.ascontiguousarray(self.X[rows])
        return part.view(np.uint8).reshape(len(part), -1)

    def numbers(self) -> Any:
        return self.X if self.numeric else None

    def gaps(self) -> tuple[IntArray, IntArray]:
        found = [(rows.start, *np.nonzero(~np.isfinite(self.X[rows]))) for rows in self.blocks()]
        return np.concatenate([first + rows for first, rows, _ in found]), np.concatenate([each[2] for each in found])


@dataclass(frozen=True, eq=False)
class _Blocks(_Array):
    """Samples that are read a block at a time."""

    def blocks(self) -> Iterator[slice]:
        return iter(self.X.spans())

    def fingerprint(self, *, whole: bool = False) -> dict[str, Any]:
        said = self.X.source.fingerprint()
        if said is None:
            return super().fingerprint(whole=whole)
        content = hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return {"kind": self.kind, "shape": [int(n) for n in self.X.shape], "content": content}


@dataclass(frozen=True, eq=False)
class _Texts(HeldPool):
    X: Any
    kind: ClassVar[Kind] = "texts"

    @property
    def n_features(self) -> int:
        return 1

    @property
    def row_bytes(self) -> float:
        sample = self.X[:1000]
        return float(sum(len(text) for text in sample) / max(1, len(sample)) + 8)

    @property
    def numeric(self) -> bool:
        return False

    def part(self, rows: slice) -> Any:
        return self.X[rows]

    def content(self, rows: IntArray) -> bytes:
        return b"".join(map(text_content, self.X[rows]))

    def keys(self, rows: IntArray) -> Iterator[Any]:
        return map(str, self.X[rows])

    def hashes(self) -> Any:
        return np.fromiter((hash(str(text)) for text in self.X), np.int64, self.n_rows)

    def same(self, rows: IntArray, others: IntArray) -> BoolArray:
        return np.array(self.X[rows] == self.X[others], bool)

    def numbers(self) -> Any:
        return None

    def gaps(self) -> tuple[IntArray, IntArray]:
        return np.empty(0, np.intp), np.empty(0, np.intp)

    def lengths(self, rows: IntArray) -> IntArray | None:
        return np.array([len(text) for text in self.X[rows]], np.intp)


@dataclass(frozen=True, eq=False)
class _Sparse(HeldPool):
    X: Any
    kind: ClassVar[Kind] = "sparse"

    @property
    def row_bytes(self) -> float:
        return float(12 * self.X.nnz / max(1, self.X.shape[0]) + 8)

    def content(self, rows: IntArray) -> bytes:
        part = self.X[rows]
        # The same numbers may be stored in several ways.
        part.sum_duplicates()
        part.eliminate_zeros()
        return b"".join(
            values.tobytes() for values in (part.indptr.astype("<i8"), part.indices.astype("<i8"), part.data)
        )

    def keys(self, rows: IntArray) -> Iterator[Any]:
        part = self.X[rows].tocsr()
        part.sum_duplicates()
        return _keys_of_rows(part.indptr, part.indices, part.data)

    def hashes(self) -> Any:
        X = self.X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
        words = X.data.astype(np.float64).view(np.uint64) ^ _odd(np.uint64(X.shape[1]))[X.indices]
        ends = np.concatenate([[np.uint64(0)], np.cumsum(_mixed(words), dtype=np.uint64)])
        return ends[X.indptr[1:]] - ends[X.indptr[:-1]]

    def same(self, rows: IntArray, others: IntArray) -> BoolArray:
        differs: Any = (self.X[rows] != self.X[others]).tocsr()
        return np.asarray(np.diff(differs.indptr) == 0)

    def numbers(self) -> Any:
        return self.X.tocsr()

    def gaps(self) -> tuple[IntArray, IntArray]:
        gaps = ~np.isfinite(self.X.data)
        return np.repeat(np.arange(self.n_rows), np.diff(self.X.indptr))[gaps], self.X.indices[gaps]


@dataclass(frozen=True, eq=False)
class _Frame(HeldPool):
    X: Any
    kind: ClassVar[Kind] = "DataFrame"

    @property
    def row_bytes(self) -> float:
        return float(8 * self.X.shape[1])

    @property
    def dtypes(self) -> tuple[str, ...]:
        return tuple(map(str, self.X.dtypes))

    @property
    def numeric(self) -> bool:
        return all(dtype.kind in "iufb" for dtype in self.X.dtypes)

    def take(self, rows: IntArray) -> Any:
        return self.X.iloc[rows]

    def content(self, rows: IntArray) -> bytes:
        part = self.X.iloc[rows]
        hashes: bytes = _row_hashes(part).astype("<u8").tobytes()
        return self._names() + hashes

    def contents(self) -> Iterator[bytes]:
        # A row by itself costs a thousand times as much.
        names = self._names()
        return (names + content.tobytes() for content in _row_hashes(self.X).astype("<u8"))

    def _names(self) -> bytes:
        return "\0".join(map(str, self.X.columns)).encode("utf-8", "surrogatepass")

    def keys(self, rows: IntArray) -> Iterator[Any]:
        # Values of any type, also such as have no hash.
        return map(repr, self.X.iloc[rows].itertuples(index=False, name=None))

    def hashes(self) -> Any:
        return _row_hashes(self.X)

    def same(self, rows: IntArray, others: IntArray) -> BoolArray:  # noqa: ARG002 - all that cells of any kind have
        return np.ones(len(rows), bool)

    def numbers(self) -> Any:
        return self.X.to_numpy(dtype=np.float64, na_value=np.nan) if self.numeric else None

    def gaps(self) -> tuple[IntArray, IntArray]:
        rows, columns = np.nonzero(np.asarray(self.X.isna() | self.X.isin([np.inf, -np.inf])))
        return rows, columns

    def column(self, name: Any) -> FloatArray | None:
        if name not in self.X.columns:
            return None
        values: FloatArray = self.X[name].to_numpy(dtype=np.float64, na_value=np.nan)
        return values


def text_content(text: str) -> bytes:
    """Return the bytes that tell a text from others."""
    written = text.encode("utf-8", "surrogatepass")
    return b"%d:%b" % (len(written), written)


def pool_of(X: Any) -> HeldPool:
    """Return the samples as a pool of their kind.

    Examples
    --------
    >>> pool_of(np.eye(3)).kind, pool_of(np.array(["a", "b"])).kind
    ('array', 'texts')
    """
    if isinstance(X, np.ndarray):
        return _Texts(X) if X.ndim == 1 else _Array(X)
    if is_frame(X):
        return _Frame(X)
    if isinstance(X, Blocks):
        return _Blocks(X)
    return _Sparse(X) if is_sparse(X) else _Array(X)


def _row_hashes(frame: Any) -> Any:
    """Return a hash of 64 bits of each row of a DataFrame, whatever its index."""
    from pandas.util import hash_pandas_object

    try:
        hashes = hash_pandas_object(frame, index=False)
    except TypeError:
        # Cells such as lists have no hash; their text has.
        hashes = hash_pandas_object(frame.astype(str), index=False)
    return hashes.to_numpy()


def _odd(n: np.uint64) -> Any:
    """Return so many fixed odd numbers of 64 bits."""
    return stream("row hashes", ALIKE).integers(2**63, size=int(n), dtype=np.uint64) * np.uint64(2) + np.uint64(1)


def _mixed(words: Any) -> Any:
    """Return words of 64 bits with every bit of each spread over all of it."""
    words = (words ^ (words >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return words ^ (words >> np.uint64(29))


def _keys_of_rows(ends: IntArray, columns: IntArray, values: Any) -> Iterator[tuple[bytes, bytes]]:
    """Yield the places of the numbers that are not zero, and those numbers."""
    columns, values = columns.astype(np.int64), values.astype(np.float64)
    for start, end in pairwise(ends.tolist()):
        kept = np.flatnonzero(values[start:end])
        yield columns[start:end][kept].tobytes(), values[start:end][kept].tobytes()
