"""Fits in a folder that a session and workers share: what is to be done, who does it, and what came of it.

A message of a queue has a fit's name only. What it stands for lies here, and so does its model, until the session has
taken it; who finds the name of a fit that is done, taken or in another's hands has nothing to do.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from alwidgets.utils import files

_MOST_BYTES = 2**33
_WORD = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True)
class FitName:
    """A fit by name: the same journal, events, seed and samples are the same fit.

    Parameters
    ----------
    session : str
        Id of the session, which its journal has.
    upto : int
        Events of it that the fit knows.
    seed : int
        Where its randomness starts.
    digest : str
        Of what is sent: a learner that was changed since is another fit.

    Raises
    ------
    ValueError
        If it cannot be the name of a file.
    """

    session: str
    upto: int
    seed: int
    digest: str

    def __post_init__(self) -> None:
        numbers, words = (self.upto, self.seed), (self.session, self.digest)
        if not all(type(each) is int and each >= 0 for each in numbers) or not all(map(_is_word, words)):
            raise ValueError(f"{self} is not the name of a fit.")

    def __str__(self) -> str:
        return f"{self.session}-{self.upto}-{self.seed}-{self.digest}"

    @property
    def message(self) -> dict[str, Any]:
        """All that a queue is told."""
        return asdict(self)


def _is_word(given: Any) -> bool:
    return isinstance(given, str) and _WORD.fullmatch(given) is not None


def digest_of(content: bytes) -> str:
    """Return the digest that tells one fit from another of the same name."""
    return hashlib.sha256(content).hexdigest()[:32]


def put(folder: Path, name: FitName, content: bytes) -> None:
    """Lay down what is to be done, and clear away what an earlier process of this session has left."""
    for file in folder.glob(f"{name.session}-*"):
        if not file.name.startswith(f"{name}."):
            _remove(file)
    files.replace(_call(folder, name), content)


def lies(folder: Path, name: FitName) -> bool:
    """Return whether a fit lies there to be done."""
    return _call(folder, name).exists()


def result(folder: Path, name: FitName) -> bytes | None:
    """Return the outcome of a fit; None while there is none."""
    try:
        return files.read(_done(folder, name), _MOST_BYTES)
    except FileNotFoundError:
        return None


def forget(folder: Path, name: FitName) -> None:
    """Clear a fit away: whoever still works on it drops what it finds."""
    for file in (_call(folder, name), _done(folder, name), _tries(folder, name)):
        _remove(file)


@contextlib.contextmanager
def claimed(folder: Path, name: FitName) -> Iterator[tuple[bytes, int] | None]:
    """Claim a fit as long as the block and this process last.

    Yields
    ------
    todo : (bytes, int) or None
        What is to be done, and the how-manieth try this is; None where nothing is, or another process does it.
    """
    import fcntl

    try:
        descriptor = files.open_file(_call(folder, name), os.O_RDWR)
    except FileNotFoundError:
        yield None
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        if _done(folder, name).exists() or not _call(folder, name).exists():
            yield None
            return
        yield files.read(_call(folder, name), _MOST_BYTES), _tried(folder, name)
    finally:
        os.close(descriptor)


def finish(folder: Path, name: FitName, content: bytes) -> None:
    """Lay down what came of a fit, unless nobody waits for it any more. Under the claim."""
    if _call(folder, name).exists():
        files.replace(_done(folder, name), content)


def _tried(folder: Path, name: FitName) -> int:
    with _tries(folder, name).open("ab") as file:
        file.write(b".")
        return file.tell()


def _call(folder: Path, name: FitName) -> Path:
    return folder / f"{name}.call"


def _done(folder: Path, name: FitName) -> Path:
    return folder / f"{name}.done"


def _tries(folder: Path, name: FitName) -> Path:
    return folder / f"{name}.tries"


def _remove(file: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        file.unlink()
