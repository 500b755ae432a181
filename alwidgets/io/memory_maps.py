"""Samples written to disk block by block, to be read as a memory map: what no memory holds need not."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from alwidgets.data.conversion import first_frame
from alwidgets.utils.text import type_name

_BATCH_ROWS = 131_072


def to_memory_map(source: Any, path: str | Path) -> Any:
    """Write samples to a file, block by block, and open it as a memory map, which a session takes as `X`.

    Parameters
    ----------
    source : dask array or DataFrame, dataset of h5py or zarr, str, Path or iterable
        The path of a parquet file, or of a folder of them, takes pyarrow; an iterable gives arrays or DataFrames, each
        a block of rows.
    path : str or Path
        The file, in NumPy's format; one that is there is replaced once all is written.

    Returns
    -------
    X : memmap of shape (n_samples, n_features)
        Float32 where the first block is, as then all must be, else float64; read-only. A block is in memory at a time.
        Files of a folder are read in the order of the numbers in their names.

    Raises
    ------
    ValueError, TypeError
        If a block is not a matrix of numbers, has other columns than the first, or there is none; no file is left.
    ImportError
        If it is parquet and pyarrow is not installed.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> X = to_memory_map((np.full((2, 3), number) for number in range(4)), f"{mkdtemp()}/X.npy")
    >>> X.shape, float(X[5, 0])
    ((8, 3), 2.0)
    """
    path = Path(path)
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            _write(file, _blocks(source))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return np.load(path, mmap_mode="r")


def _write(file: BinaryIO, blocks: Iterable[Any]) -> None:
    dtype: Any = None
    columns: tuple[Any, int] = (None, 0)
    n_rows, begin = 0, 0
    for number, block in enumerate(blocks):
        names = list(block.columns) if first_frame(block) is not None else None
        values = _numbers(block, number)
        if dtype is None:
            dtype = np.dtype(np.float32 if values.dtype == np.float32 else np.float64)
            columns = names, values.shape[1]
            _write_header(file, dtype, 0, values.shape[1])
            begin = file.tell()
        if columns != (names, values.shape[1]):
            raise ValueError(
                f"block {number} has {values.shape[1]} columns {names or ''}; expected {columns[1]} "
                f"{columns[0] or ''}, as in the first."
            )
        if not np.can_cast(values.dtype, dtype):
            raise ValueError(
                f"block {number} has dtype {values.dtype}, which {dtype} of the first does not hold; expected the same "
                "in all: use astype."
            )
        file.write(np.ascontiguousarray(values, dtype).tobytes())
        n_rows += len(values)
    if not n_rows:
        raise ValueError("source has no rows; expected at least one block with at least one.")
    file.seek(0)
    _write_header(file, dtype, n_rows, columns[1])
    if file.tell() != begin:
        raise OSError(f"the head of the file has {file.tell()} bytes; expected {begin}.")
    file.flush()
    os.fsync(file.fileno())


def _write_header(file: BinaryIO, dtype: Any, n_rows: int, n_columns: int) -> None:
    # It has room for a larger first number.
    head = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (n_rows, n_columns)}
    np.lib.format.write_array_header_1_0(file, head)


def _numbers(block: Any, number: int) -> Any:
    if first_frame(block) is not None:
        for column, dtype in zip(block.columns, block.dtypes, strict=True):
            if dtype.kind not in "iufb":
                raise ValueError(f"column {column!r} of block {number} has dtype {dtype}; expected numbers.")
        plain = all(isinstance(dtype, np.dtype) for dtype in block.dtypes)
        return block.to_numpy() if plain else block.to_numpy(np.float64, na_value=np.nan)
    values = np.asarray(block)
    if values.ndim != 2 or values.dtype.kind not in "iufb":  # noqa: PLR2004
        raise ValueError(
            f"block {number} has shape {values.shape} and dtype {values.dtype}; expected numbers, (n_rows, n_features)."
        )
    return values


def _blocks(source: Any) -> Iterator[Any]:
    if isinstance(source, str | Path):
        return _of_parquet(Path(source))
    if hasattr(source, "get_partition"):
        return (source.get_partition(place).compute() for place in range(source.npartitions))
    if hasattr(source, "numblocks"):
        return (source.blocks[place].compute() for place in range(source.numblocks[0]))
    if hasattr(source, "chunks") and hasattr(source, "shape"):
        return (source[start : start + _BATCH_ROWS] for start in range(0, source.shape[0], _BATCH_ROWS))
    if isinstance(source, np.ndarray) or first_frame(source) is not None:
        return iter([source])
    if not hasattr(source, "__iter__"):
        raise TypeError(f"source is {type_name(source)}; expected arrays or DataFrames, each a block of rows.")
    return iter(source)


def _of_parquet(path: Path) -> Iterator[Any]:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise ImportError('parquet files need pyarrow; install "alwidgets[parquet]".') from None
    if not path.exists():
        raise FileNotFoundError(f"there is no {path}; expected a parquet file, or a folder of them.")
    files = [path] if path.is_file() else [each for each in path.rglob("*.parquet") if not each.name.startswith("_")]
    names = [file.relative_to(path).as_posix() for file in files]
    if not files or any("=" in name for name in names):
        has = "no file whose name ends in .parquet" if not files else f"{names[0]!r}, with a column in its name"
        raise ValueError(f"{path} has {has}; expected parquet files with all of their columns.")
    # In the order of their numbers, as they were written; and each with all of its columns.
    for _, file in sorted(zip(map(_by_numbers, names), files, strict=True)):
        with ParquetFile(file) as opened:
            for batch in opened.iter_batches(batch_size=_BATCH_ROWS):
                yield batch.to_pandas()


def _by_numbers(name: str) -> list[tuple[int, str]]:
    """Return a key by which "part.2" comes before "part.10"."""
    return [(int(piece) if piece.isdecimal() else -1, piece) for piece in re.split(r"(\d+)", name)]
