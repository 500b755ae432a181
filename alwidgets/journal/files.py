"""Event storage: a folder with one append-only, hash-chained JSONL file per writer.

Layout of ``NAME.alw``::

    session.json            format, fingerprint of the pool, classes, seed
    events/<writer>.jsonl   one JSON line an event: its number, the hash of the line before, its own hash
    ends/<writer>           how many lines that file has
    holder/<epoch>.json     who may write: host, process, since when
    models/<hash>.skops     models that took long to fit, if skops is installed; a copy, never the truth
    features/<hash>-*.npz   what took long to compute of texts; a copy, never the truth

A line is on disk before `append` returns. What a short write or a crash left of a line is cut away; a whole line never
is, since another kernel may have read it. Each kernel writes a file of its own, so that two of them can never tear each
other's lines, on any file system and without a lock; and one at a time holds the session: it takes it, then reads, and
what an earlier owner writes after that is kept, and does not count. ``docs/journal.md`` has the argument.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from alwidgets.journal import formats
from alwidgets.journal import lock as locks
from alwidgets.journal.chain import Torn, end_file, end_of, read_chain, sealed
from alwidgets.journal.columns import Stretch
from alwidgets.journal.counting import (
    check_one_line,
    counted_of,
    joining,
    records_of,
    stretches_of,
)
from alwidgets.journal.errors import HeldError, JournalError
from alwidgets.journal.identity import (
    DEFAULTS,
    check_same,
    create_identity,
    stored_identity,
    write_identity,
)
from alwidgets.journal.lines import GENESIS, OPENED
from alwidgets.journal.lock import WriterLock
from alwidgets.journal.reading import FOREIGN, check_files, place, sound_chain
from alwidgets.utils import files
from alwidgets.utils.files import UnsafeFileError
from alwidgets.utils.libraries import libraries

_SHORTENED = "the file lost lines that were acknowledged; restore it from a copy"
_DELETED = (
    "the journal was deleted; make a new session, which writes a new one, and keep this one until `write_labels` has "
    "written its labels"
)
_MOVED = "the folder of the journal was moved or replaced by another; open the session where the folder is now"
# A folder that one may only look into.
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True)
class _End:
    """Position of the next line: the number of lines before it, the last hash, and the file with its size and lines."""

    number: int
    hash: str
    file: Path | None = None
    size: int = 0
    n_lines: int = 0
    n_written: int = 0


class Journal:
    """The events of one session on disk.

    Parameters
    ----------
    path : str or Path
        The folder, created when it does not exist.
    identity : dict
        What makes the session this one: fingerprint of the pool, classes, seed.
    accept : callable, optional
        Called with the journal once it is read and before the session is taken, again if more was written meanwhile;
        what it raises leaves all as it was.
    beginning : dict, optional
        How a new one begins, kept in its identity; that of an old one may be another.

    Attributes
    ----------
    fenced : list of dict
        Events of an earlier owner that came after the session was taken over from it: kept, and not counted.
    recovery_message : str
        What opening it had to mend; empty when nothing.
    identity : dict
        As stored, with `session` (a unique id) and `created` besides.
    owner : WriterLock or None
        Who holds the session: this process, or the one that keeps it from writing.
    forbidden : str
        Why this process may only look into the folder; empty where it may write.

    Raises
    ------
    JournalError
        If it was made for another pool, other classes or another seed, or a line is damaged.
    OSError
        If the folder cannot be written; one that may only be looked into is opened to read.
    """

    def __init__(
        self,
        path: str | Path,
        identity: dict[str, Any],
        accept: Callable[[Journal], object] = lambda _: None,
        beginning: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.path = Path(path).expanduser().resolve()
        self.recovery_message = self.forbidden = ""
        self.owner: WriterLock | None = None
        self._events = self.path / "events"
        check_files(self.path)
        self._descriptor: int | None = None
        self._end_descriptor: int | None = None
        self._ours: WriterLock | None = None
        self._end = _End(0, GENESIS)
        self._torn: tuple[Torn, ...] = ()
        self._kept: list[Stretch] = []
        self.identity = self._identity(identity, beginning)
        while not self._entered(accept):
            pass

    @property
    def read_only(self) -> bool:
        """True if another kernel holds the session, or the folder may only be looked into."""
        ours = self._ours
        # A share that does not answer for a moment has not been taken over.
        with contextlib.suppress(OSError):
            if ours is not None and not locks.holds(self.path, ours):
                who = locks.current(self.path)
                if who is not None:
                    self._ours, self.owner = None, who
        # A fork of the process that took it has its files, and must not write to them.
        return self._ours is None or self._ours.pid != os.getpid()

    @property
    def lock_owner(self) -> str:
        """Description of the owner that prevents this process from writing; empty if there is none."""
        if not self.read_only:
            return ""
        return f"whoever may write to its folder (here: {self.forbidden})" if self.forbidden else str(self.owner)

    @property
    def n_written(self) -> int:
        """Number of events written since the journal was read, and synced to disk."""
        return self._end.n_written

    @property
    def records(self) -> list[dict[str, Any]]:
        """Records read at opening and not taken yet, oldest first."""
        return [record for stretch in self._kept for record in stretch.records()]

    def taken(self) -> Iterator[Stretch]:
        """Yield the records read at opening, and drop them."""
        self._kept.reverse()
        while self._kept:
            yield self._kept.pop()

    def place_of(self, number: int) -> str:
        """Return file and line of an event, by its position in what was there; reads the journal again."""
        counted, _ = counted_of(read_chain(self._events))
        return place(counted, number) if number < len(counted) else f"{self.path}, event {number + 1}"

    def append(self, *records: dict[str, Any]) -> None:
        """Write events and return when they are on disk; on any error the file is as it was before.

        Raises
        ------
        HeldError
            If another kernel holds the session, or took it over.
        OSError
            If it cannot be written (the disk is full, the folder is gone, ...).
        """
        self._check_held()
        descriptor, size = self._opened()
        end, lines = self._end, list[bytes]()
        opening = [self._opening()] if end.n_lines == 0 else []
        number, digest = end.number, end.hash
        for record in (*opening, *records):
            number += 1
            line, digest = sealed({"number": number, "prev": digest, **record})
            lines.append(line)
        # Joined at once: bytes that grow line by line are copied for each of 100,000 answers.
        content = b"".join(lines)
        try:
            files.write(descriptor, content)
            n_lines = end.n_lines + len(opening) + len(records)
            n_written = end.n_written + len(records)
            self._end = _End(number, digest, end.file, size + len(content), n_lines, n_written)
        except BaseException:
            self._end = end
            self._undo_write(descriptor, again=bool(records))
            raise
        self._note_end()
        # Taken over while it was written: it may come too late to count, so it is not acknowledged.
        self._check_held()

    def take_over(self, accept: Callable[[Journal], object] = lambda _: None) -> None:
        """Take the session from whoever holds it, and read what was written until now.

        Parameters
        ----------
        accept : callable, optional
            Called with the journal once it is read, as when it is opened.

        Raises
        ------
        HeldError
            If a third kernel was faster.
        OSError
            If the folder cannot be written.
        """
        self.close()
        while not self._entered(accept, by_force=True):
            who = locks.current(self.path)
            if who is not None and not who.is_here:
                self.owner = who
                raise HeldError(errno.EBUSY, f"the session was taken by {who} at the same moment", str(self.path))

    def refresh(self) -> None:
        """Read what the owner has written since; for one that only reads."""
        self._close_files()
        self._load()
        self.owner = locks.current(self.path) or self.owner

    def __del__(self) -> None:
        if getattr(self, "_descriptor", None) is not None:
            self._close_files()

    def close(self) -> None:
        """Close the file and give the session back."""
        self._close_files()
        ours = self._ours
        if ours is not None and not self.read_only:
            locks.release(self.path, ours)

    def _close_files(self) -> None:
        descriptors = self._descriptor, self._end_descriptor
        # Forgotten first: after an interrupt none may be closed twice, when its number may be that of another file.
        self._descriptor = self._end_descriptor = None
        for descriptor in descriptors:
            if descriptor is not None:
                os.close(descriptor)

    def _entered(self, accept: Callable[[Journal], object], *, by_force: bool = False) -> bool:
        """Read the session, and take it if it is free; False when it is to be tried again.

        The order is what keeps everything acknowledged: taken first, then read. What was read before that is only kept
        if nothing was written since.
        """
        before = locks.current(self.path)
        gone = before is None or before.is_here or not locks.may_write(before)
        extent = self._read(accept)
        if not (gone or by_force):
            self.owner = locks.current(self.path)
            # One that died while this one read is followed.
            return self.owner is not None and locks.may_write(self.owner)
        try:
            _check_writable(self._events)
            ours = locks.take(self.path, before, self._known_epoch)
        except OSError as error:
            if by_force or error.errno not in _FORBIDDEN:
                raise
            self.owner, self.forbidden = before, os.strerror(error.errno)
            return True
        return ours is not None and self._settled(ours, accept, extent, cut=gone)

    def _settled(
        self, ours: WriterLock, accept: Callable[[Journal], object], extent: dict[str, int], *, cut: bool
    ) -> bool:
        """Read what was written until the session was taken, and begin to hold it; False when to begin again."""
        try:
            if self._torn or self._extent() != extent:
                self._read(accept)
            if self._known_epoch >= ours.epoch or not locks.holds(self.path, ours):
                # The files of the owners had been lost, so that the epoch is an old one; or another took it since.
                return False
            self._mend(cut=cut)
        except BaseException:
            locks.release(self.path, ours)
            raise
        self._ours = self.owner = ours
        self.forbidden = ""
        return True

    def _read(self, accept: Callable[[Journal], object]) -> dict[str, int]:
        """Load the events, and return how many bytes there were at least."""
        extent = self._extent()
        self._load()
        accept(self)
        return extent

    def _extent(self) -> dict[str, int]:
        """Return the size of each events file in bytes; equal sizes mean unchanged content."""
        found = {}
        for file in self._events.glob("*.jsonl"):
            if file.name.startswith("."):
                continue
            # Opened, since network file systems remember sizes for some seconds.
            try:
                descriptor = files.open_file(file, os.O_RDONLY)
            except UnsafeFileError as error:
                raise JournalError(f"{error} {FOREIGN}") from None
            try:
                found[file.name] = os.fstat(descriptor).st_size
            finally:
                os.close(descriptor)
        return found

    def _check_held(self) -> None:
        ours = self._ours
        if ours is not None and ours.pid == os.getpid() and locks.holds(self.path, ours):
            return
        if ours is None and self.forbidden:
            what = f"the journal may only be read ({self.forbidden}); copy its folder to go on"
            raise PermissionError(errno.EACCES, what, str(self.path))
        who = locks.current(self.path) if ours is not None else self.owner
        if who is None:
            raise OSError(errno.ENOENT, _gone(self._descriptor), str(self.path))
        if ours is not None:
            self._ours, self.owner = None, who
        how = "call take_over() on the session, or go on there"
        raise HeldError(errno.EBUSY, f"the session is held by {who}; {how}", str(self.path))

    def _load(self) -> None:
        chain = sound_chain(self._events)
        check_one_line(self.path, chain)
        self._torn = chain.torn
        self._missing = {part.file.stem: part.n_known for part in chain.missing}
        counted, fenced = counted_of(chain)
        self._kept, self.fenced = list(stretches_of(counted, chain)), records_of(fenced, chain)
        self.recovery_message = ""
        if fenced:
            self.recovery_message = (
                f"{len(fenced)} events of an earlier kernel came after the session was taken over from it; they are "
                f"kept in the journal and do not count. {joining(self.path)} counts them."
            )
        lost = [part for part in chain.missing if not part.acknowledged]
        if lost:
            self.recovery_message = (
                f"{self.recovery_message} The journal lacks lines that were written, as a copy does that was made "
                "meanwhile: "
                f"{' '.join(map(str, lost))} What is there counts; where the whole files are, alw.merge brings the two "
                "together."
            ).strip()
        # By number, and of equal numbers by the writer's name.
        newest = max(chain.lines.files, key=lambda each: (each.newest[0], each.file.stem), default=None)
        self._last_file = newest.file if newest and newest.n_lines else None
        self._known_epoch = max(
            (int(opening["epoch"]) for each in chain.lines.files for opening in each.openings.values()), default=0
        )
        self._seen = chain.n_lines
        self._end = _End(*newest.newest) if newest else _End(0, GENESIS)

    def _mend(self, *, cut: bool) -> None:
        """Cut what a crash left of a line; only the owner may, and not while the one before may be writing it."""
        if self.identity["format"] < formats.FORMAT:
            # An alwidgets that cannot read what is written from now on says so.
            self.identity["format"] = formats.FORMAT
            write_identity(self.path / "session.json", self.identity)
        for torn in self._torn if cut else ():
            self._cut(torn.file, torn.n_bytes)
        self._torn = ()
        if self._last_file is not None:
            # The line that ours follow; a kernel that was killed may not have waited until it was on disk.
            files.sync_file(self._last_file)

    def _opening(self) -> dict[str, Any]:
        """Return the first line of a file: who writes it, with what, and what it had read of the others."""
        ours = self._ours
        return {
            "kind": OPENED,
            "format": formats.FORMAT,
            "epoch": ours.epoch if ours else 0,
            "at": time.time(),
            "host": ours.host if ours else "",
            "pid": ours.pid if ours else 0,
            "libraries": libraries(),
            "seen": self._seen,
            **({"missing": self._missing} if self._missing else {}),
        }

    def _opened(self) -> tuple[int, int]:
        """Return the open file, and its size: that of the lines that were acknowledged."""
        if self._descriptor is not None and self._end.file is not None:
            size = _size(self._descriptor, self._end.file)
            if size < self._end.size:
                raise OSError(errno.EIO, _SHORTENED, str(self.path))
            if size == self._end.size or not self._has_more(self._descriptor):
                return self._descriptor, self._end.size
            self._close_files()
        return self._open(), 0

    def _open(self) -> int:
        left = self._end.file
        if left is not None:
            self._seen[left.stem] = self._end.n_lines
        file = self._events / f"{uuid.uuid4().hex}.jsonl"
        try:
            self._descriptor = files.open_file(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND)
            noted = end_file(file)
            noted.parent.mkdir(exist_ok=True)
            self._end_descriptor = files.open_file(noted, os.O_WRONLY | os.O_CREAT)
            files.sync_folder(self._events)
        except BaseException:
            self._close_files()
            raise
        # All of it at once, so that an interrupt leaves no half of it.
        self._end = replace(self._end, file=file, size=0, n_lines=0)
        return self._descriptor

    def _undo_write(self, descriptor: int, *, again: bool) -> None:
        """Undo a write that failed: part of a line is cut, and a whole one, which others may have read, is disowned."""
        with contextlib.suppress(OSError):
            if self._has_more(descriptor) and again:
                # The next file says that it does not count: now and not with the next event, since there may be none.
                self.append()

    def _has_more(self, descriptor: int) -> bool:
        """Remove incomplete lines after the acknowledged ones; return whether there are complete ones."""
        acknowledged = self._end.size
        os.lseek(descriptor, acknowledged, os.SEEK_SET)
        more = os.read(descriptor, max(0, os.fstat(descriptor).st_size - acknowledged))
        whole = more.rfind(b"\n") + 1
        if whole < len(more):
            os.ftruncate(descriptor, acknowledged + whole)
        return whole > 0

    def _note_end(self) -> None:
        """Note how long the file is. Not synced: it may lag behind the file, and is never ahead of it."""
        if self._end_descriptor is not None:
            with contextlib.suppress(OSError):
                os.lseek(self._end_descriptor, 0, os.SEEK_SET)
                os.write(self._end_descriptor, end_of(self._end.n_lines, self._end.hash))

    def _identity(self, identity: dict[str, Any], beginning: Mapping[str, Any]) -> dict[str, Any]:
        """Read ``session.json``; create it if missing, where only one of several concurrent processes succeeds."""
        file = self.path / "session.json"
        if not file.exists():
            self._check_new(file)
            new = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
            _check_writable(self._events)
            random_state = secrets.randbelow(2**31)
            made = {"format": formats.FORMAT, "session": uuid.uuid4().hex, "created": time.time(), "defaults": DEFAULTS}
            create_identity(file, {**made, **beginning, "random_state": random_state, **identity})
            for folder in new:
                files.sync_folder(folder.parent)
        stored = stored_identity(self.path)
        check_same(self.path, stored, identity)
        return stored

    def _check_new(self, file: Path) -> None:
        """Raise if the path for a new journal is already in use."""
        wrong = ""
        if _is_something_else(self.path):
            wrong = f"{self.path} exists and is not a session; expected a folder that alwidgets made, or a new name."
        elif any(self._events.glob("*.jsonl")):
            wrong = f"{file} is missing, but there are events; restore it from a copy of the folder."
        # Another may have made it between the looks.
        if wrong and not file.exists():
            raise JournalError(wrong)

    def _cut(self, file: Path, n_bytes: int) -> None:
        try:
            files.cut(file, n_bytes)
        except (OSError, UnsafeFileError) as error:
            raise JournalError(
                f"{file} ends in the middle of a line and cannot be mended ({error}); make the folder writable."
            ) from None
        mended = (
            f"The last write of an earlier kernel was cut off ({n_bytes} bytes in {file.name}); it had not been "
            "acknowledged, and was removed."
        )
        self.recovery_message = f"{self.recovery_message} {mended}".strip()


def _is_something_else(path: Path) -> bool:
    """Return whether the path holds anything other than the remains of a crash while creating a journal."""
    try:
        # One look: another kernel may make the folder between two.
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    if not stat.S_ISDIR(mode):
        return True
    return any(
        child.name not in ("events", "ends", "holder", "models", "features") and not child.name.endswith(".tmp")
        for child in path.iterdir()
    )


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.check_folder(folder)
        probe = folder / f".{uuid.uuid4().hex}.probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OSError(
            error.errno,
            f"the journal cannot be written ({error.strerror}); choose a folder you may write to",
            str(folder),
        ) from None


def _size(descriptor: int, file: Path) -> int:
    """Return the size of an open file in bytes, if it is still the one of that name."""
    opened = os.fstat(descriptor)
    try:
        same = os.path.samestat(opened, file.stat())
    except FileNotFoundError:
        same = False
    if not same:
        raise OSError(errno.ENOENT, _gone(descriptor), str(file.parent.parent))
    return opened.st_size


def _gone(descriptor: int | None) -> str:
    """Describe why an open file is no longer at its path."""
    return _MOVED if descriptor is not None and os.fstat(descriptor).st_nlink else _DELETED
