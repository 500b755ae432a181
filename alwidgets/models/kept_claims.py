"""Claims on texts: which of them a process computes at this moment, so that another one waits for what they give.

``features/<name>.<id>.claim`` is a file that its process has locked. The system lets go of the lock when the process
ends, however it ends, and whoever finds the file then removes it. As in Lamport's bakery, who claims takes a number
above all that it sees, and waits for those that are about to choose theirs: of two that want the same text, the one
with the lower number has it.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.types import BoolArray
from alwidgets.utils import files

_MOST_BYTES = 2**31
_ENDING = "claim"
# Number of the claim and number of texts, before the texts.
_HEAD = 2
# A claim is written within milliseconds of being made; whoever has not done so is stopped, and has nothing.
_CHOOSING, _LOOK = 5.0, 0.02
# Those of this process, which would lose its locks if it closed one of the files: number of the process, since one that
# was forked from it has its own, and content.
_OURS: dict[Path, tuple[int, Any]] = {}


@dataclass(frozen=True, eq=False)
class Claim:
    """Texts that were claimed, and those that others have.

    Parameters
    ----------
    free : ndarray of bool
        Which of the texts nobody else computes.
    others : tuple of Path
        Claims of those who compute the others.
    file : Path or None
        Its own; None where none could be made.
    """

    free: BoolArray
    others: tuple[Path, ...]
    file: Path | None

    def renew(self) -> None:
        """Show that the work goes on."""
        with contextlib.suppress(OSError):
            if self.file is not None:
                os.utime(self.file)

    @property
    def signs(self) -> tuple[int, ...]:
        """Times at which others last showed that their work goes on; empty when all of them have ended."""
        return tuple(_renewed(file) for file in self.others if _is_held(file))


@contextmanager
def claimed(
    folder: Path | None, name: str | None, keys: Any, *, may_write: bool, ignored: Collection[Path] = ()
) -> Iterator[Claim]:
    """Claim texts as long as they are computed.

    Parameters
    ----------
    folder : Path or None
        Where what is computed is kept; None claims nothing, and finds all free.
    name : str or None
        Of what is computed; None as above.
    keys : ndarray of uint64
        The texts, by a hash.
    may_write : bool
        Whether to make a claim in the folder, or only to look at those of others.
    ignored : collection of Path
        Claims that do not count.
    """
    if folder is None or name is None or not len(keys):
        yield Claim(np.ones(len(keys), bool), (), None)
        return
    place = folder / "features"
    made = _made(place, f"{name}.{uuid.uuid4().hex}.{_ENDING}") if may_write else None
    try:
        own = None if made is None else made[0]
        before = [each for file in _files(place, name) if file != own and (each := _read(file)) is not None]
        number = 1 + max((each for each, _ in before), default=0)
        if made is not None and not _written(*made[:2], number, keys):
            own = None
        free, others = np.ones(len(keys), bool), []
        for file in _files(place, name):
            if file == own or file in ignored or (found := _chosen(file)) is None:
                continue
            # Without a claim of one's own, all that others have goes before.
            if own is not None and (found[0], file.name) > (number, own.name):
                continue
            theirs = np.isin(keys, found[1])
            if theirs.any():
                free &= ~theirs
                others.append(file)
        yield Claim(free, tuple(others), own)
    finally:
        if made is not None:
            _let_go(*made)


def _made(place: Path, name: str) -> tuple[Path, int, bool] | None:
    """Make an empty claim; return its file, the descriptor that holds the lock, and whether the folder is new."""
    file, is_new = place / name, False
    with contextlib.suppress(OSError, files.UnsafeFileError):
        is_new = not place.exists()
        place.mkdir(exist_ok=True, parents=True)
        _OURS[file] = os.getpid(), None
        descriptor = files.open_file(file, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        with contextlib.suppress(OSError):
            if files.lock(descriptor):
                return file, descriptor, is_new
        _let_go(file, descriptor, is_new)
    _OURS.pop(file, None)
    return None


def _written(file: Path, descriptor: int, number: int, keys: Any) -> bool:
    content = np.concatenate([np.array([number, len(keys)], "<u8"), keys.astype("<u8")])
    with contextlib.suppress(OSError):
        files.write(descriptor, content.tobytes())
        _OURS[file] = os.getpid(), content
        return True
    return False


def _let_go(file: Path, descriptor: int, is_new: bool) -> None:
    os.close(descriptor)
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)
        if is_new:
            # Unless something was kept in it meanwhile.
            file.parent.rmdir()
    _OURS.pop(file, None)


def _files(place: Path, name: str) -> list[Path]:
    with contextlib.suppress(OSError):
        return sorted(place.glob(f"{name}.*.{_ENDING}"))
    return []


def _chosen(file: Path) -> tuple[int, Any] | None:
    """Return number and texts of a claim, once it is written; None where its process has ended."""
    until = time.monotonic() + _CHOOSING
    while _is_held(file) and time.monotonic() < until:
        if (found := _read(file)) is not None:
            return found
        time.sleep(_LOOK)
    return None


def _read(file: Path) -> tuple[int, Any] | None:
    """Return number and texts of a claim; None where they are not all written yet, or it has gone."""
    with contextlib.suppress(OSError, ValueError):
        pid, content = _OURS.get(file, (0, None))
        if pid != os.getpid():
            content = np.frombuffer(files.read(file, _MOST_BYTES), "<u8")
        if content is not None and len(content) >= _HEAD and len(content) == _HEAD + int(content[1]):
            return int(content[0]), content[_HEAD:]
    return None


def _is_held(file: Path) -> bool:
    """Return whether the process of a claim is at work; the claim of one that has ended is removed."""
    if _OURS.get(file, (0, None))[0] == os.getpid():
        return True
    with contextlib.suppress(OSError, files.UnsafeFileError):
        descriptor = files.open_file(file, os.O_RDONLY)
        try:
            if not files.lock(descriptor, shared=True):
                return True
        finally:
            os.close(descriptor)
        file.unlink(missing_ok=True)
    return False


def _renewed(file: Path) -> int:
    with contextlib.suppress(OSError):
        return file.stat().st_mtime_ns
    return 0
