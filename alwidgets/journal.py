"""Where events are kept: a folder with one append-only, hash-chained JSONL file a writer.

Layout of ``NAME.alw``::

    session.json            format version, fingerprint of the pool, classes, seed
    events/<writer>.jsonl   one JSON line an event: its number, the hash of the line before, its own hash

A line is on disk before `append` returns. A short write is taken back, and a line cut off by a crash is cut
away when the folder is next opened, and reported. Each kernel writes a file of its own, so that two of them
can never tear each other's lines, on any file system and without a lock.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT = 1
_HASH_CHARACTERS = 32
_GENESIS = "0" * _HASH_CHARACTERS


class JournalError(ValueError):
    """A journal that cannot be used as it is; the message says which line and why."""


@dataclass(frozen=True)
class _Line:
    number: int
    writer: str
    hash: str
    record: dict[str, Any]


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
        self._head = lines[-1].hash if lines else _GENESIS
        self._next = lines[-1].number + 1 if lines else 1
        self._descriptor: int | None = None
        _check_writable(self._events)

    def append(self, record: dict[str, Any]) -> None:
        """Write one event and return when it is on disk; on any error the file is as it was before.

        Raises
        ------
        OSError
            If it cannot be written (the disk is full, the folder is gone, ...).
        """
        descriptor = self._open()
        line, digest = _sealed({"number": self._next, "prev": self._head, **record})
        end = os.fstat(descriptor).st_size
        try:
            _write(descriptor, line)
        except BaseException:
            os.ftruncate(descriptor, end)
            raise
        self._head = digest
        self._next += 1

    def close(self) -> None:
        """Close the file; a later `append` opens a new one."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            name = self._events / f"{uuid.uuid4().hex}.jsonl"
            self._descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            _sync_folder(self._events)
        return self._descriptor

    def _identity(self, identity: dict[str, Any]) -> dict[str, Any]:
        file = self.path / "session.json"
        if not file.exists():
            if _is_something_else(self.path):
                raise JournalError(
                    f"{self.path} exists and is not a session; expected a folder that alwidgets made, or a new name."
                )
            stored = {"format": FORMAT, "session": uuid.uuid4().hex, "created": time.time(), **identity}
            _check_writable(self._events)
            _write_whole(file, json.dumps(stored, indent=1).encode())
            return stored
        try:
            stored = json.loads(file.read_bytes())
            newer = stored["format"] > FORMAT
        except (ValueError, KeyError, TypeError) as error:
            raise JournalError(f"{file} is damaged ({error}); restore it from a copy of the folder.") from None
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
        # Two kernels that wrote at once have the same numbers: the writer's name decides, the same way always.
        return sorted(lines, key=lambda line: (line.number, line.writer))

    def _read_file(self, file: Path) -> list[_Line]:
        content = file.read_bytes()
        whole, _, torn = content.rpartition(b"\n")
        if torn:
            self._cut(file, len(content) - len(torn), torn)
        lines: list[_Line] = []
        for i, raw in enumerate(whole.split(b"\n") if whole else [], start=1):
            before = lines[-1].hash if lines else None
            lines.append(_checked(raw, before, f"{file}, line {i}", file.stem))
        return lines

    def _cut(self, file: Path, size: int, torn: bytes) -> None:
        try:
            os.truncate(file, size)
        except OSError as error:
            raise JournalError(
                f"{file} ends in the middle of a line and cannot be mended ({error}); make the folder writable."
            ) from None
        self.report = (
            f"The last write of an earlier kernel was cut off ({len(torn)} bytes in {file.name}); it had not been "
            "acknowledged, and was removed."
        )


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


def _checked(raw: bytes, before: str | None, place: str, writer: str) -> _Line:
    tail = len(',"hash":""}') + _HASH_CHARACTERS
    body = raw[:-tail] + b"}"
    digest = hashlib.sha256(body).hexdigest()[:_HASH_CHARACTERS]
    advice = "The lines before it are sound; restore the file from a copy, or move it out of the folder."
    if raw[-tail:] != b',"hash":"' + digest.encode() + b'"}':
        raise JournalError(f"{place}: the line does not match its hash, so something changed it. {advice}")
    record = json.loads(body)
    if before is not None and record["prev"] != before:
        raise JournalError(f"{place}: the line does not follow the one before it, so one is missing. {advice}")
    return _Line(record.pop("number"), writer, digest, {k: v for k, v in record.items() if k != "prev"})


def _check_same(path: Path, stored: dict[str, Any], identity: dict[str, Any]) -> None:
    for key, value in identity.items():
        if stored.get(key) == value:
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
