"""Features of texts, kept on disk, so that an encoder that takes minutes is not called again.

A file of NumPy arrays, never a pickle, with a checksum over all of it. Each row says of which text it is, by a hash:
a file serves any pool that has some of its texts.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import types
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.data.kinds import pool_of, text_content
from alwidgets.types import IntArray
from alwidgets.utils import files

_MOST_BYTES = 2**31
_CHECKSUM = 32
_PARTS = ("data", "indices", "indptr")


def name_of(steps: Iterable[Any]) -> str | None:
    """Return a hash of steps: of their classes, the code of these, and all that is in them; None if there is none.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import HashingVectorizer
    >>> name_of([HashingVectorizer()]) == name_of([HashingVectorizer(norm="l1")])
    False
    """
    import joblib

    steps = list(steps)
    try:
        content: str = joblib.hash([[step, *_code_of(type(step))] for step in steps])
        code = joblib.hash([sorted(_code_of_values(step)) for step in steps])
    except Exception:  # noqa: BLE001 - whatever cannot be pickled has no hash
        return None
    return hashlib.sha256(f"{content} {code}".encode()).hexdigest()[:32]


def write(folder: Path, name: str, texts: Any, values: Any) -> None:
    """Keep rows of numbers; where the disk does not let it they are computed again."""
    buffer = io.BytesIO()
    # A CSR matrix is its three arrays.
    sparse = pool_of(values).kind == "sparse"
    arrays = {part: getattr(values, part) for part in _PARTS} if sparse else {"values": np.asarray(values)}
    np.savez(buffer, texts=_digests(texts), shape=np.array(values.shape, np.int64), **arrays)
    content = buffer.getvalue()
    if len(content) + _CHECKSUM > _MOST_BYTES:
        return
    with contextlib.suppress(OSError, ValueError):
        file = _file(folder, name)
        file.parent.mkdir(exist_ok=True)
        files.replace(file, hashlib.sha256(content).digest() + content)


def read(folder: Path, name: str, texts: Any) -> tuple[IntArray, Any] | None:
    """Return the rows of texts that were kept, and their numbers; None where there are none, or they are damaged."""
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        content = files.read(_file(folder, name), _MOST_BYTES)
        checksum, content = content[:_CHECKSUM], content[_CHECKSUM:]
        if hashlib.sha256(content).digest() != checksum:
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            # Unpacked, a small file may be of any size; ours are not packed.
            if any(part.compress_type != zipfile.ZIP_STORED for part in arrays.zip.infolist()):
                return None
            found, values = arrays["texts"], _values(arrays)
        place_of = {digest.tobytes(): place for place, digest in enumerate(found)}
        places = np.array([place_of.get(digest.tobytes(), -1) for digest in _digests(texts)], np.intp)
        rows = np.flatnonzero(places >= 0)
        return (rows, values[places[rows]]) if len(rows) and len(found) == values.shape[0] else None
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


def _digests(texts: Any) -> Any:
    digests = b"".join(hashlib.sha256(text_content(text)).digest() for text in texts)
    return np.frombuffer(digests, np.uint8).reshape(-1, 32)


def _file(folder: Path, name: str) -> Path:
    return folder / "features" / f"{name}.npz"


def _code_of_values(step: Any) -> Iterator[str]:
    """Yield the code of the functions among a step's attributes."""
    for name, value in vars(step).items():
        if isinstance(value, types.FunctionType):
            yield f"{name} {_text_of(value.__code__)}"


def _code_of(kind: type) -> list[str]:
    """Return the code of a class, and of those it is derived from, which somebody may change between two sessions."""
    own = [each for each in kind.__mro__ if not each.__module__.startswith(("builtins", "abc"))]
    return [
        f"{each.__qualname__}.{name} {_text_of(value.__code__)}"
        for each in own
        for name, value in sorted(vars(each).items())
        if isinstance(value, types.FunctionType)
    ]


def _text_of(code: types.CodeType) -> str:
    return f"{code.co_code.hex()} {code.co_names} {[_text_of_constant(part) for part in code.co_consts]}"


def _text_of_constant(value: Any) -> str:
    if isinstance(value, types.CodeType):
        return _text_of(value)
    # The order of a set is another in every process.
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)
