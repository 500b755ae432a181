"""Places of rows in files: other processes open them there, so that the rows themselves need not be sent."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.data.blocks import Blocks, Stored, ends_of
from alwidgets.data.parts import Parts
from alwidgets.kernels.arrays import file_of

# Checksums of datasets by path, name and time of change: each costs chunks of the file, and is found once a process.
_known_ends: dict[tuple[str, str, int], int] = {}


@dataclass(frozen=True)
class FilePlace:
    """Rows in a file, and what tells whether another process finds the same file there.

    Parameters
    ----------
    library : {"numpy", "h5py", "zarr"}
        What opens it.
    path : str
        The file; of zarr the folder of the store.
    name : str
        The dataset within; empty of a memory map.
    shape : tuple of int
        Of the dataset; of a memory map, of the rows.
    dtype : str
        Type of the values.
    start : int
        The first of the rows; of a memory map the byte where it begins.
    n_rows : int
        How many.
    ends : int
        A checksum of the first and the last row of the dataset, or of a memory map of these rows.
    """

    library: str
    path: str
    name: str
    shape: tuple[int, ...]
    dtype: str
    start: int
    n_rows: int
    ends: int

    def open(self) -> Any:
        """Return the rows.

        Raises
        ------
        ValueError
            If other rows are there; whatever the library raises if there are none.
        """
        if self.library == "numpy":
            rows = np.memmap(self.path, self.dtype, "r", self.start, self.shape)
            return self._checked(rows, ends_of(rows))
        if self.library == "h5py":
            with import_module("h5py").File(self.path, "r") as file:
                return self._read(file[self.name])
        return self._read(import_module("zarr").open_array(self.path, path=self.name, mode="r"))

    def _read(self, stored: Any) -> Any:
        file = self.path, self.name, Path(self.path).stat().st_mtime_ns
        if file not in _known_ends:
            _known_ends[file] = ends_of(stored)
        return np.asarray(self._checked(stored, _known_ends[file])[self.start : self.start + self.n_rows])

    def _checked(self, stored: Any, ends: int) -> Any:
        if (tuple(stored.shape), str(stored.dtype), ends) != (self.shape, self.dtype, self.ends):
            raise ValueError(f"other rows are in {self.path} than in the session's X.")
        return stored


def place_of(X: Any, rows: slice) -> FilePlace | None:
    """Return where rows of a pool lie in a file that another process can open; None where they do not."""
    if isinstance(X, Parts):
        begin = 0
        for array in X.arrays:
            if begin <= rows.start and rows.stop <= begin + len(array):
                return place_of(array, slice(rows.start - begin, rows.stop - begin))
            begin += len(array)
        return None
    if isinstance(X, Blocks):
        return _of_stored(X.source, rows) if isinstance(X.source, Stored) else None
    part = X[rows] if isinstance(X, np.ndarray) else None
    on_file = file_of(part)
    if part is None or on_file is None or on_file.path is None:
        return None
    path = str(on_file.path)
    return FilePlace("numpy", path, "", part.shape, str(part.dtype), on_file.offset, len(part), ends_of(part))


def _of_stored(source: Stored, rows: slice) -> FilePlace | None:
    """Return the place of rows of a dataset of h5py or zarr."""
    stored, library = source.stored, type(source.stored).__module__.partition(".")[0]
    if library == "h5py":
        path, name = stored.file.filename, stored.name
    else:
        # Only a store in a folder has one.
        path, name = str(getattr(stored.store, "root", "")), stored.path
    if not path:
        return None
    shape, dtype = tuple(stored.shape), str(stored.dtype)
    return FilePlace(library, path, name, shape, dtype, rows.start, rows.stop - rows.start, source.ends)
