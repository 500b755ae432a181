"""Where events are kept: a folder with one append-only, hash-chained JSONL file a writer.

Layout of ``NAME.alw``::

    session.json            format version, fingerprint of the pool, classes, seed
    events/<writer>.jsonl   one JSON line an event: its number, the hash of the line before, its own hash

A line is on disk before `append` returns. A short write is taken back, and a line cut off by a crash is cut
away when the folder is next opened, and reported. Each kernel writes a file of its own, so that two of them
can never tear each other's lines, on any file system and without a lock.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

FORMAT = 1
_HASH_CHARACTERS = 32
_GENESIS = "0" * _HASH_CHARACTERS
_ADVICE = "The lines before it are sound; restore the file from a copy, or move it out of the folder."


class JournalError(ValueError):
    """A journal that cannot be used as it is; the message says which line and why."""


@dataclass(frozen=True)
class _Line:
    number: int
    writer: str
    hash: str
    before: str
    place: str
    record: dict[str, Any]


@dataclass(frozen=True)
class _End:
    """Where the next line goes: behind how many lines, after which hash, at which byte of the file."""

    number: int
    hash: str
    size: int


class Journal:
    """The events of one session on disk.

    Parameters
    ----------
    path : str or Path
        The folder, created when it does not exist.
    identity : dict
        What makes the session this one: fingerprint of the pool, classes, seed.

    Attributes
    ----------
    records : list of dict
        What was there when it was opened, oldest first.
    report : str
        What opening it had to mend; empty when nothing.
    identity : dict
        As stored, with `session` (a unique id) and `created` besides.

    Raises
    ------
    JournalError
        If it was made for another pool, other classes or another seed, or a line is damaged.
    OSError
        If the folder cannot be written.
    """

    def __init__(self, path: str | Path, identity: dict[str, Any]) -> None:
        self.path = Path(path).expanduser().resolve()
        self.report = ""
        self._events = self.path / "events"
        self.identity = self._identity(identity)
        lines = self._read()
        self.records = [line.record for line in lines]
        self._end = _End(lines[-1].number, lines[-1].hash, 0) if lines else _End(0, _GENESIS, 0)
        self._descriptor: int | None = None
        _check_writable(self._events)

    @property
    def n_lines(self) -> int:
        """Number of the last line that is surely on disk."""
        return self._end.number

    def append(self, *records: dict[str, Any]) -> None:
        """Write events and return when they are on disk; on any error the file is as it was before.

        Raises
        ------
        OSError
            If it cannot be written (the disk is full, the folder is gone, ...).
        """
        descriptor, end = self._open(), self._end
        number, digest, content = end.number, end.hash, b""
        for record in records:
            number += 1
            line, digest = _sealed({"number": number, "prev": digest, **record})
            content += line
        try:
            if _size(descriptor, self.path) != end.size:
                # What an earlier failure wrote could not be taken back then.
                os.ftruncate(descriptor, end.size)
            _write(descriptor, content)
            self._end = _End(number, digest, end.size + len(content))
        except BaseException:
            self._end = end
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, end.size)
            raise

    def __del__(self) -> None:
        if getattr(self, "_descriptor", None) is not None:
            self.close()

    def close(self) -> None:
        """Close the file; a later `append` opens a new one."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            self._end = replace(self._end, size=0)

    def _open(self) -> int:
        if self._descriptor is None:
            name = self._events / f"{uuid.uuid4().hex}.jsonl"
            descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            try:
                _sync_folder(self._events)
            except BaseException:
                os.close(descriptor)
                raise
            self._descriptor = descriptor
        return self._descriptor

    def _identity(self, identity: dict[str, Any]) -> dict[str, Any]:
        file = self.path / "session.json"
        if not file.exists():
            if _is_something_else(self.path):
                raise JournalError(
                    f"{self.path} exists and is not a session; expected a folder that alwidgets made, or a new name."
                )
            if any(self._events.glob("*.jsonl")):
                raise JournalError(f"{file} is missing, but there are events; restore it from a copy of the folder.")
            stored = {"format": FORMAT, "session": uuid.uuid4().hex, "created": time.time(), **identity}
            _check_writable(self._events)
            _write_whole(file, json.dumps(stored, indent=1).encode())
            return stored
        try:
            stored = json.loads(file.read_bytes())
            newer = stored["format"] > FORMAT
            whole = newer or (isinstance(stored["session"], str) and isinstance(stored["pool"], dict))
        except (ValueError, LookupError, TypeError) as error:
            what = f"{type(error).__name__}: {error}"
            raise JournalError(f"{file} is damaged ({what}); restore it from a copy of the folder.") from None
        if not whole:
            raise JournalError(f"{file} is damaged (session or pool); restore it from a copy of the folder.")
        if newer:
            raise JournalError(
                f"{self.path} has format {stored['format']}; this alwidgets reads up to {FORMAT}. Upgrade alwidgets."
            )
        _check_same(self.path, stored, identity)
        return dict(stored)

    def _read(self) -> list[_Line]:
        lines: list[_Line] = []
        for file in sorted(self._events.glob("*.jsonl")):
            lines.extend(self._read_file(file))
        _check_links(lines)
        # Two kernels that wrote at once have the same numbers: the writer's name decides, the same way always.
        return sorted(lines, key=lambda line: (line.number, line.writer))

    def _read_file(self, file: Path) -> list[_Line]:
        content = file.read_bytes()
        whole, _, torn = content.rpartition(b"\n")
        if torn and not _is_sealed(torn[:-1]):
            self._cut(file, len(content) - len(torn), torn)
        elif torn:
            # All of a line and one byte more: not cut off by a crash, but changed where the line ended.
            whole = content
        rows = whole.split(b"\n") if whole else []
        return [_checked(raw, f"{file}, line {i}", file.stem) for i, raw in enumerate(rows, start=1)]

    def _cut(self, file: Path, size: int, torn: bytes) -> None:
        try:
            os.truncate(file, size)
        except OSError as error:
            raise JournalError(
                f"{file} ends in the middle of a line and cannot be mended ({error}); make the folder writable."
            ) from None
        mended = (
            f"The last write of an earlier kernel was cut off ({len(torn)} bytes in {file.name}); it had not been "
            "acknowledged, and was removed."
        )
        self.report = f"{self.report} {mended}".strip()


def stored_seed(path: str | Path | None) -> int:
    """Return the seed of the session kept in this folder; a fresh one when there is none."""
    try:
        content = (Path(path).expanduser() / "session.json").read_bytes() if path is not None else b""
        return int(json.loads(content)["random_state"])
    except (OSError, ValueError, KeyError, TypeError):
        return secrets.randbelow(2**31)


def _sealed(record: dict[str, Any]) -> tuple[bytes, str]:
    """Return the line of a record, ending with the hash of all before it, and that hash."""
    body = json.dumps(record, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()
    digest = hashlib.sha256(body).hexdigest()[:_HASH_CHARACTERS]
    return body[:-1] + b',"hash":"' + digest.encode() + b'"}\n', digest


def _unsealed(raw: bytes) -> tuple[bytes, str, bytes]:
    """Return what a line's hash covers, that hash, and how the line ends."""
    tail = len(',"hash":""}') + _HASH_CHARACTERS
    body = raw[:-tail] + b"}"
    return body, hashlib.sha256(body).hexdigest()[:_HASH_CHARACTERS], raw[-tail:]


def _is_sealed(raw: bytes) -> bool:
    _, digest, ending = _unsealed(raw)
    return ending == b',"hash":"' + digest.encode() + b'"}'


def _checked(raw: bytes, place: str, writer: str) -> _Line:
    if not _is_sealed(raw):
        raise JournalError(f"{place}: the line does not match its hash, so something changed it. {_ADVICE}")
    body, digest, _ = _unsealed(raw)
    record = json.loads(body)
    return _Line(record.pop("number"), writer, digest, record.pop("prev"), place, record)


def _check_links(lines: list[_Line]) -> None:
    """Refuse lines that do not follow each other: in their own file, or, the first of a file, in another."""
    writer_of = {line.hash: line.writer for line in lines}
    for i, line in enumerate(lines):
        if i == 0 or lines[i - 1].writer != line.writer:
            follows = line.before == _GENESIS or writer_of.get(line.before, line.writer) != line.writer
        else:
            follows = line.before == lines[i - 1].hash
        if not follows:
            what = "the line does not follow the one before it, so one is missing"
            raise JournalError(f"{line.place}: {what}. {_ADVICE}")


def _check_same(path: Path, stored: dict[str, Any], identity: dict[str, Any]) -> None:
    for key, value in identity.items():
        # As text, because in Python 1, 1.0 and True are equal.
        if json.dumps(stored.get(key), sort_keys=True) == json.dumps(value, sort_keys=True):
            continue
        if key == "pool":
            was, now = stored[key], value
            differs = [part for part in value if was.get(part) != now[part]]
            detail = "; ".join(f"{part} {was.get(part)!r} then, {now[part]!r} now" for part in differs)
        else:
            detail = f"{stored.get(key)!r} then, {value!r} now"
        raise JournalError(
            f"{path} was made for another session: {key} differs ({detail}). Pass what it was made with, or another "
            "journal name."
        )


def _is_something_else(path: Path) -> bool:
    """Return whether the path holds anything but what a crash while creating a journal leaves."""
    if not path.is_dir():
        return path.exists()
    return any(child.name not in ("events", "session.tmp") for child in path.iterdir())


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{uuid.uuid4().hex}.probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OSError(
            error.errno,
            f"the journal cannot be written ({error.strerror}); choose a folder you may write to",
            str(folder),
        ) from None


def _write_whole(file: Path, content: bytes) -> None:
    """Write a small file so that a crash leaves either nothing or all of it."""
    temporary = file.with_suffix(".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write(descriptor, content)
    finally:
        os.close(descriptor)
    temporary.replace(file)
    _sync_folder(file.parent)


def _size(descriptor: int, path: Path) -> int:
    """Return the size of an open file in bytes, if it still has a name."""
    file = os.fstat(descriptor)
    if file.st_nlink == 0:
        raise OSError(errno.ENOENT, "the journal was deleted; make a new session, which writes a new one", str(path))
    return file.st_size


def _write(descriptor: int, content: bytes) -> None:
    """Write all of it and wait until it is on disk."""
    written = os.write(descriptor, content)
    if written != len(content):
        raise OSError(errno.ENOSPC, f"only {written} of {len(content)} bytes could be written")
    _sync(descriptor)


def _sync(descriptor: int) -> None:
    # fdatasync is enough for a file that only grows, and does not exist everywhere.
    getattr(os, "fdatasync", os.fsync)(descriptor)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        # Some network file systems have no fsync for folders; the file itself was synced.
        pass
    finally:
        os.close(descriptor)
