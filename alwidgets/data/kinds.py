"""The kinds of pool, one class each: whatever depends on what holds the samples is asked of these."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from alwidgets.data.conversion import is_frame, is_sparse
from alwidgets.types import BoolArray, FloatArray, IntArray

Kind: TypeAlias = Literal["array", "sparse", "DataFrame", "texts"]

# Rows are read in blocks of this many bytes where the whole would not fit beside a memory map.
_BLOCK_BYTES = 32 * 2**20
# A pool larger than this is recognised by its shape and this many rows, evenly spread.
_FINGERPRINT_BYTES = 64 * 2**20
_FINGERPRINT_ROWS = 4096
# Every round it is looked whether all of a pool of so many bytes, or so many rows of a larger one, are as they were.
_SKETCH_ROWS, _SKETCH_BYTES = 64, 2**20


class Pool(Protocol):
    """Samples, whatever holds them."""

    @property
    def kind(self) -> Kind:
        """What holds them."""

    @property
    def n_rows(self) -> int:
        """How many there are."""

    @property
    def n_features(self) -> int:
        """Values of each; 1 of a text."""

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The types of the values, one for all or one a column."""

    @property
    def numeric(self) -> bool:
        """Whether all values are numbers; costs nothing."""

    def take(self, rows: IntArray) -> Any:
        """Return the samples at these row numbers, by position, as what holds them."""

    def part(self, rows: slice) -> Any:
        """Return samples that follow each other, without a copy where there is a way."""

    def blocks(self) -> Iterator[slice]:
        """Yield slices that cover the rows, each of about 32 MB."""

    def fingerprint(self, *, whole: bool = False) -> dict[str, Any]:
        """Return kind, shape, and a hash of the content: of all of it, or of some rows of a pool above 64 MB."""

    def sketch(self) -> int:
        """Return a number that changes when samples are written to."""

    def content(self, rows: IntArray) -> bytes:
        """Return the bytes that tell these samples from others."""

    def hashes(self) -> Any:
        """Return a number of 64 bits for each sample, the same for the same content."""

    def same(self, rows: IntArray, others: IntArray) -> BoolArray:
        """Return which samples have the content of others, of those with equal `hashes`."""

    def values(self, rows: IntArray) -> Iterator[Any]:
        """Yield what is equal for equal samples, also of a sparse matrix and an array."""

    def numbers(self) -> Any:
        """Return an array of numbers or a CSR matrix; None where there are other things among them."""

    def column(self, name: Any) -> FloatArray | None:
        """Return a column of this name as numbers; None where there is none."""

    def lengths(self, rows: IntArray) -> IntArray | None:
        """Return how many characters texts have; None of what has no length."""

    def gaps(self) -> tuple[IntArray, IntArray]:
        """Return rows and columns of the values that are missing or infinite."""


@dataclass(frozen=True, eq=False)
class _Held:
    """What all kinds have in common.

    Parameters
    ----------
    X : ndarray, memmap, CSR matrix, DataFrame or array of str
        What holds the samples.
    """

    X: Any

    @property
    def n_rows(self) -> int:
        return int(self.X.shape[0])

    @property
    def n_features(self) -> int:
        return int(self.X.shape[1])

    @property
    def dtypes(self) -> tuple[str, ...]:
        return (str(self.X.dtype),)

    @property
    def numeric(self) -> bool:
        return True

    def take(self, rows: IntArray) -> Any:
        return self.X[rows]

    def part(self, rows: slice) -> Any:
        return self.take(np.arange(rows.start, rows.stop))

    def column(self, name: Any) -> FloatArray | None:  # noqa: ARG002 - only a DataFrame has names
        return None

    def lengths(self, rows: IntArray) -> IntArray | None:  # noqa: ARG002 - only texts have lengths
        return None


@dataclass(frozen=True, eq=False)
class _Recognised(_Held):
    """How a pool of any kind is read and recognised, by the bytes of its rows."""

    @property
    def row_bytes(self) -> float:
        raise NotImplementedError

