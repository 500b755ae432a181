"""Features of texts, kept on disk, so that an encoder that takes minutes is not called again.

Files of NumPy arrays, never a pickle, each with a checksum over all of it. Each row says of which text it is, by a
hash: a file serves any pool that has some of its texts, and what is added to a pool is added in a file of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.data.kinds import pool_of, text_content
from alwidgets.types import IntArray
from alwidgets.utils import files

_MOST_BYTES = 2**31
_CHECKSUM = 32
_PARTS = ("data", "indices", "indptr")


def write(folder: Path, name: str, texts: Any, values: Any) -> list[Path]:
    """Keep rows of numbers beside those that are there, and return in which files; none if the disk does not let it."""
    buffer = io.BytesIO()
    # A CSR matrix is its three arrays.
    sparse = pool_of(values).kind == "sparse"
    arrays = {part: getattr(values, part) for part in _PARTS} if sparse else {"values": np.asarray(values)}
    np.savez(buffer, texts=digests(texts), shape=np.array(values.shape, np.int64), **arrays)
    content = buffer.getvalue()
    checksum = hashlib.sha256(content).digest()
    if len(content) + _CHECKSUM > _MOST_BYTES:
        # What is too much for one file may be enough for two.
        half = len(texts) // 2
        halves = (slice(half), slice(half, None)) if half else ()
        made = [write(folder, name, texts[rows], values[rows]) for rows in halves]
        return [file for each in made for file in each] if all(made) else []
    with contextlib.suppress(OSError, ValueError):
        file = folder / "features" / f"{name}-{checksum.hex()[:16]}.npz"
        file.parent.mkdir(exist_ok=True, parents=True)
        files.replace(file, checksum + content)
        return [file]
    return []


def read(folder: Path, name: str, texts: Any, but: AbstractSet[Path] = frozenset()) -> tuple[IntArray, Any] | None:
    """Return the rows of texts that were kept, but for some files, and their numbers; None where there are none."""
    found = [each for file in sorted(files_of(folder, name) - but) if (each := _read(file)) is not None]
    # As many columns as the first has, should somebody have put others there.
    found = [each for each in found if each[1].shape[1] == found[0][1].shape[1]]
    if not found:
        return None
    place_of = {digest: place for place, digest in enumerate(each for known, _ in found for each in known)}
    places = np.array([place_of.get(digest.tobytes(), -1) for digest in digests(texts)], np.intp)
    rows = np.flatnonzero(places >= 0)
    return (rows, joined([values for _, values in found])[places[rows]]) if len(rows) else None


def joined(parts: list[Any]) -> Any:
    """Return the rows of all parts: arrays, or sparse matrices if one is."""
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts)
    from scipy.sparse import vstack

    return vstack(parts, format="csr")


def files_of(folder: Path, name: str) -> set[Path]:
    """Return the files that are kept in a folder under a name."""
    with contextlib.suppress(OSError):
        return set((folder / "features").glob(f"{name}*.npz"))
    return set()


def _read(file: Path) -> tuple[list[bytes], Any] | None:
    """Return the hashes of the texts of a file, and their numbers; None if it is damaged."""
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        content = files.read(file, _MOST_BYTES)
        checksum, content = content[:_CHECKSUM], content[_CHECKSUM:]
        if hashlib.sha256(content).digest() != checksum:
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            # Unpacked, a small file may be of any size; ours are not packed.
            if any(part.compress_type != zipfile.ZIP_STORED for part in arrays.zip.infolist()):
                return None
            known, values = [digest.tobytes() for digest in arrays["texts"]], _values(arrays)
        return (known, values) if len(known) == values.shape[0] else None
    return None


def _values(arrays: Any) -> Any:
    """Return the numbers of a file; ValueError if they are not numbers."""
    if "values" in arrays:
        values = arrays["values"]
    else:
        from scipy.sparse import csr_matrix

        values = csr_matrix(tuple(arrays[part] for part in _PARTS), shape=tuple(arrays["shape"].tolist()))
        values.check_format(full_check=True)
    if values.ndim != 2 or values.dtype.kind not in "iufb":  # noqa: PLR2004
        raise ValueError(f"the file has values of shape {values.shape} and dtype {values.dtype}; expected numbers.")
    return values


def digests(texts: Any) -> Any:
    """Return a hash of each text, a row of 32 bytes."""
    found = b"".join(hashlib.sha256(text_content(text)).digest() for text in texts)
    return np.frombuffer(found, np.uint8).reshape(-1, 32)
