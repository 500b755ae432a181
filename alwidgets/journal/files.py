"""Where events are kept: a folder with one append-only, hash-chained JSONL file a writer.

Layout of ``NAME.alw``::

    session.json            format, fingerprint of the pool, classes, seed
    events/<writer>.jsonl   one JSON line an event: its number, the hash of the line before, its own hash
    ends/<writer>           how many lines that file has
    holder/<epoch>.json     who may write: host, process, since when
    models/<hash>.skops     models that took long to fit, if skops is installed; a copy, never the truth

A line is on disk before `append` returns. What a short write or a crash left of a line is cut away; a whole line never
is, since another kernel may have read it. Each kernel writes a file of its own, so that two of them can never tear each
other's lines, on any file system and without a lock; and one at a time holds the session: it takes it, then reads, and
what an earlier holder writes after that is kept, and does not count. ``docs/journal.md`` has the argument.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import platform
import secrets
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from alwidgets.journal import formats
from alwidgets.journal import lock as holders
from alwidgets.journal.chain import (
    HASH_CHARACTERS,
    Chain,
    Torn,
    end_file,
    end_of,
    read_chain,
    sealed,
)
from alwidgets.journal.columns import Stretch, stretches
from alwidgets.journal.decode import RecordError, is_shallow, many_objects
from alwidgets.journal.fold import fold_stretches
from alwidgets.journal.lines import GENESIS, MOST, OPENED, Lines
from alwidgets.journal.lock import Holder
from alwidgets.journal.state import State
from alwidgets.utils import files
from alwidgets.utils.files import UnsafeFileError
from alwidgets.utils.text import brief

_ADVICE = (
    "The lines before it are sound; restore the file from a copy, and keep this one until then: its sound lines hold "
    "labels."
)
_SHORTENED = "the file lost lines that were acknowledged; restore it from a copy"
_DELETED = (
    "the journal was deleted; make a new session, which writes a new one, and keep this one until `write_labels` has "
    "written its labels"
)
_FOREIGN = "A journal has none; take the folder from where it was made with `cp -r`, links and all left out."
# Where they may be in a journal; what else lies in it is nobody's business.
_FOLDERS = (("events", "*.jsonl"), ("ends", "*"), ("models", "*.skops"))
# Of `session.json`, which may name many classes.
_MOST_BYTES = 2**26
# Beyond that the state of a session takes gigabytes, whether or not there is such a pool.
MOST_FOLDED = 2**24
_MOVED = "the folder of the journal was moved or replaced by another; open the session where the folder is now"
# A folder that one may only look into.
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_LIBRARIES = ("alwidgets", "numpy", "scikit-learn", "modAL-python", "scipy", "pandas")


class JournalError(ValueError):
    """A journal that cannot be used as it is; the message says which line and why."""


class HeldError(OSError):
    """Another kernel holds the session, so nothing can be written; the message says which."""


@dataclass(frozen=True)
class _End:
    """Where the next line goes: behind how many lines, after which hash, at which byte and line of which file."""

    number: int
    hash: str
    file: Path | None = None
    size: int = 0
    n_lines: int = 0
    n_written: int = 0


@dataclass(frozen=True)
class Verification:
    """What `verify` found.

    Parameters
    ----------
    n_events : int
        Sound events.
    problems : tuple of str
        What was changed, dropped or swapped, with file and line; empty when all is sound.
    torn : tuple of str
        Writes that a crash cut off, which were never acknowledged; opening the session removes them.
    fenced : int
        Events that a kernel wrote after the session was taken over from it: kept, and not counted.
    """

    n_events: int
    problems: tuple[str, ...]
    torn: tuple[str, ...]
    fenced: int

    @property
    def sound(self) -> bool:
        """Whether nothing was changed."""
        return not self.problems


def verify(path: str | Path) -> Verification:
    """Check a journal without changing it: every line's hash, that each follows the one before, and the ends.

    Parameters
    ----------
    path : str or Path
        The folder of a session.

    Returns
    -------
    verification : Verification
        O(bytes of the journal).

    Raises
    ------
    JournalError
        If the folder is none of a session.
    """
    folder = _folder(path)
    problems = []
    try:
        check_files(folder)
        identity = _whole_identity(folder)
        if identity["format"] > formats.FORMAT:
            problems.append(_newer(folder, identity["format"]))
        elif "hash" not in identity:
            problems.append(f"{folder / 'session.json'} has no hash, so nothing tells whether something changed it.")
    except JournalError as error:
        problems.append(str(error))
    with many_objects():
        chain = read_chain(folder / "events")
        problems.extend((*chain.problems, *(str(part) for part in chain.missing if not part.told)))
        counted, fenced = _counted(chain)
        if not problems:
            try:
                _check_one_line(folder, chain)
                _check_events(identity, counted, chain)
            except JournalError as error:
                problems.append(str(error))
    torn = tuple(f"{cut.file}: {cut.n_bytes} bytes after its last line" for cut in chain.torn)
    return Verification(len(counted), tuple(problems), torn, len(fenced))


def read(path: str | Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read a journal without holding or changing it.

    Parameters
    ----------
    path : str or Path
        The folder of a session.

    Returns
    -------
    identity : dict
        What makes the session this one: fingerprint of the pool, classes, seed.
    records : list of dict
        The events that count, oldest first.

    Raises
    ------
    JournalError
        If the folder is none of a session, is damaged, or was written by a newer alwidgets.
    """
    folder = _folder(path)
    check_files(folder)
    identity = _stored(folder)
    chain = _sound(folder / "events")
    _check_one_line(folder, chain)
    counted = _counted(chain)[0]
    _check_events(identity, counted, chain)
    return identity, _records(counted, chain)


def branches(path: str | Path) -> tuple[dict[str, Any], list[list[dict[str, Any]]]]:
    """Read a journal in which kernels may have gone on from the same lines without knowing of each other.

    Parameters
    ----------
    path : str or Path
        The folder of a session.

    Returns
    -------
    identity : dict
        What makes the session this one.
    records : list of list of dict
        The events as each of these kernels knows them, oldest first; the kernel of the latest epoch comes first.

    Raises
    ------
    JournalError
        As `read`.
    """
    folder = _folder(path)
    check_files(folder)
    identity, chain = _stored(folder), _sound(folder / "events")
    heads = heads_of(chain)
    lines = [branch_of(chain, head) for head in heads] if heads else [_counted(chain)[0]]
    return identity, [_records(each, chain) for each in lines]


def check_files(folder: Path) -> None:
    """Look at what lies where a journal has its files: regular files only, in folders of their own.

    Raises
    ------
    JournalError
        If something else does, such as a link, which may lead anywhere, or a pipe, which may never end.
    """
    if not folder.is_dir():
        return
    try:
        files.check_file(folder / "session.json")
        for name, pattern in _FOLDERS:
            files.check_folder(folder / name)
            for file in (folder / name).glob(pattern):
                if not file.name.startswith("."):
                    files.check_file(file)
        files.check_folder(folder / "holder")
        for file in (folder / "holder").glob("*.json"):
            holders.check(file)
    except UnsafeFileError as error:
        raise JournalError(f"{error} {_FOREIGN}") from None


def _folder(path: str | Path) -> Path:
    folder = Path(path).expanduser().resolve()
    if not os.path.lexists(folder / "session.json"):
        raise JournalError(_no_journal(folder))
    return folder


def _check_events(identity: dict[str, Any], counted: Lines, chain: Chain) -> None:
    """Fold the events, as a session does that is opened; raise JournalError with file and line of one that is none."""
    found = list(_stretches(counted, chain))
    n_samples = n_samples_of(identity)
    if n_samples > MOST_FOLDED:
        return
    # The kind of task is not kept: a list of classes tells.
    many = any(type(label) is list for stretch in found for label in stretch.values("label"))
    try:
        fold_stretches(found, State(n_samples, tuple(identity["classes"]), many))
    except RecordError as error:
        raise JournalError(f"{_place(counted, error.place)}: {error}") from None


def n_samples_of(identity: dict[str, Any]) -> int:
    """Return how many rows the pool of a session has."""
    shape: list[int] = identity["pool"]["shape"]
    return shape[0]


def _place(lines: Lines, number: int) -> str:
    file, place = lines.place_of(number)
    return f"{file}, line {place}"


def build(path: Path, identity: dict[str, Any], records: list[dict[str, Any]]) -> None:
    """Make a journal that holds these events and that nobody holds; whole or not at all."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        made = Journal(part, identity)
        try:
            if records:
                made.append(*records)
        finally:
            made.close()
        shutil.rmtree(part / "holder")
        part.rename(path)
        files.sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def copy_journal(path: Path, target: Path) -> None:
    """Copy a journal's identity and events, and nothing else that lies in its folder, to one that does not exist.

    Raises
    ------
    JournalError
        If there are links, pipes or the like among its files.
    """
    check_files(path)
    target.mkdir()
    # Another kernel may write meanwhile: a file may have more lines than are noted, never fewer.
    for name, pattern in (("ends", "*"), ("events", "*.jsonl")):
        if (path / name).is_dir():
            (target / name).mkdir()
            for file in (path / name).glob(pattern):
                if not file.name.startswith("."):
                    files.copy(file, target / name / file.name)
    files.copy(path / "session.json", target / "session.json")


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

    Attributes
    ----------
    fenced : list of dict
        Events of an earlier holder that came after the session was taken over from it: kept, and not counted.
    report : str
        What opening it had to mend; empty when nothing.
    identity : dict
        As stored, with `session` (a unique id) and `created` besides.
    holder : Holder or None
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
        self, path: str | Path, identity: dict[str, Any], accept: Callable[[Journal], object] = lambda _: None
    ) -> None:
        self.path = Path(path).expanduser().resolve()
        self.report = self.forbidden = ""
        self.holder: Holder | None = None
        self._events = self.path / "events"
        check_files(self.path)
        self._descriptor: int | None = None
        self._end_descriptor: int | None = None
        self._ours: Holder | None = None
        self._end = _End(0, GENESIS)
        self._torn: tuple[Torn, ...] = ()
        self._kept: list[Stretch] = []
        self.identity = self._identity(identity)
        while not self._entered(accept):
            pass

    @property
    def read_only(self) -> bool:
        """Whether another kernel holds the session, or the folder may only be looked into."""
        ours = self._ours
        # A share that does not answer for a moment has not been taken over.
        with contextlib.suppress(OSError):
            if ours is not None and not holders.holds(self.path, ours):
                who = holders.current(self.path)
                if who is not None:
                    self._ours, self.holder = None, who
        # A fork of the process that took it has its files, and must not write to them.
        return self._ours is None or self._ours.pid != os.getpid()

    @property
    def held_by(self) -> str:
        """Who keeps this process from writing, in words; empty when nobody does."""
        if not self.read_only:
            return ""
        return f"whoever may write to its folder (here: {self.forbidden})" if self.forbidden else str(self.holder)

    @property
    def n_written(self) -> int:
        """How many events were written since the journal was read, and are surely on disk."""
        return self._end.n_written

    @property
    def records(self) -> list[dict[str, Any]]:
        """What was there when it was opened and was not taken yet, oldest first."""
        return [record for stretch in self._kept for record in stretch.records()]

    def taken(self) -> Iterator[Stretch]:
        """Yield what was there when it was opened, and keep none of it."""
        self._kept.reverse()
        while self._kept:
            yield self._kept.pop()

    def place_of(self, number: int) -> str:
        """Return file and line of an event, by its position in what was there; reads the journal again."""
        counted, _ = _counted(read_chain(self._events))
        return _place(counted, number) if number < len(counted) else f"{self.path}, event {number + 1}"

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
        end, content = self._end, b""
        opening = [self._opening()] if end.n_lines == 0 else []
        number, digest = end.number, end.hash
        for record in (*opening, *records):
            number += 1
            line, digest = sealed({"number": number, "prev": digest, **record})
            content += line
        try:
            files.write(descriptor, content)
            n_lines = end.n_lines + len(opening) + len(records)
            n_written = end.n_written + len(records)
            self._end = _End(number, digest, end.file, size + len(content), n_lines, n_written)
        except BaseException:
            self._end = end
            self._take_back(descriptor, again=bool(records))
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
            who = holders.current(self.path)
            if who is not None and not who.is_here:
                self.holder = who
                raise HeldError(errno.EBUSY, f"the session was taken by {who} at the same moment", str(self.path))

    def refresh(self) -> None:
        """Read what the holder has written since; for one that only reads."""
        self._close_files()
        self._load()
        self.holder = holders.current(self.path) or self.holder

    def __del__(self) -> None:
        if getattr(self, "_descriptor", None) is not None:
            self._close_files()

    def close(self) -> None:
        """Close the file and give the session back."""
        self._close_files()
        ours = self._ours
        if ours is not None and not self.read_only:
            holders.release(self.path, ours)

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
        before = holders.current(self.path)
        gone = before is None or before.is_here or not holders.may_write(before)
        extent = self._read(accept)
        if not (gone or by_force):
            self.holder = holders.current(self.path)
            # One that died while this one read is followed.
            return self.holder is not None and holders.may_write(self.holder)
        try:
            _check_writable(self._events)
            ours = holders.take(self.path, before, self._known_epoch)
        except OSError as error:
            if by_force or error.errno not in _FORBIDDEN:
                raise
            self.holder, self.forbidden = before, os.strerror(error.errno)
            return True
        return ours is not None and self._settled(ours, accept, extent, cut=gone)

    def _settled(self, ours: Holder, accept: Callable[[Journal], object], extent: dict[str, int], *, cut: bool) -> bool:
        """Read what was written until the session was taken, and begin to hold it; False when to begin again."""
        try:
            if self._torn or self._extent() != extent:
                self._read(accept)
            if self._known_epoch >= ours.epoch or not holders.holds(self.path, ours):
                # The files of the holders had been lost, so that the epoch is an old one; or another took it since.
                return False
            self._mend(cut=cut)
        except BaseException:
            holders.release(self.path, ours)
            raise
        self._ours = self.holder = ours
        self.forbidden = ""
        return True

    def _read(self, accept: Callable[[Journal], object]) -> dict[str, int]:
        """Load the events, and return how many bytes there were at least."""
        extent = self._extent()
        self._load()
        accept(self)
        return extent

    def _extent(self) -> dict[str, int]:
        """Return how many bytes each file of events has: while that is the same, so is what they say."""
        found = {}
        for file in self._events.glob("*.jsonl"):
            if file.name.startswith("."):
                continue
            # Opened, since network file systems remember sizes for some seconds.
            try:
                descriptor = files.open_file(file, os.O_RDONLY)
            except UnsafeFileError as error:
                raise JournalError(f"{error} {_FOREIGN}") from None
            try:
                found[file.name] = os.fstat(descriptor).st_size
            finally:
                os.close(descriptor)
        return found

    def _check_held(self) -> None:
        ours = self._ours
        if ours is not None and ours.pid == os.getpid() and holders.holds(self.path, ours):
            return
        if ours is None and self.forbidden:
            what = f"the journal may only be read ({self.forbidden}); copy its folder to go on"
            raise PermissionError(errno.EACCES, what, str(self.path))
        who = holders.current(self.path) if ours is not None else self.holder
        if who is None:
            raise OSError(errno.ENOENT, _gone(self._descriptor), str(self.path))
        if ours is not None:
            self._ours, self.holder = None, who
        how = "call take_over() on the session, or go on there"
        raise HeldError(errno.EBUSY, f"the session is held by {who}; {how}", str(self.path))

    def _load(self) -> None:
        chain = _sound(self._events)
        _check_one_line(self.path, chain)
        self._torn = chain.torn
        self._missing = {part.file.stem: part.n_known for part in chain.missing}
        counted, fenced = _counted(chain)
        self._kept, self.fenced = list(_stretches(counted, chain)), _records(fenced, chain)
        self.report = ""
        if fenced:
            self.report = (
                f"{len(fenced)} events of an earlier kernel came after the session was taken over from it; they are "
                f"kept in the journal and do not count. {_joining(self.path)} counts them."
            )
        lost = [part for part in chain.missing if not part.told]
        if lost:
            self.report = (
                f"{self.report} The journal lacks lines that were written, as a copy does that was made meanwhile: "
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
        """Cut what a crash left of a line; only the holder may, and not while the one before may be writing it."""
        if self.identity["format"] < formats.FORMAT:
            # An alwidgets that cannot read what is written from now on says so.
            self.identity["format"] = formats.FORMAT
            _write_identity(self.path / "session.json", self.identity)
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

    def _take_back(self, descriptor: int, *, again: bool) -> None:
        """Undo a write that failed: part of a line is cut, and a whole one, which others may have read, is disowned."""
        with contextlib.suppress(OSError):
            if self._has_more(descriptor) and again:
                # The next file says that it does not count: now and not with the next event, since there may be none.
                self.append()

    def _has_more(self, descriptor: int) -> bool:
        """Cut what is no whole line behind the acknowledged ones; return whether there are whole ones."""
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

    def _identity(self, identity: dict[str, Any]) -> dict[str, Any]:
        """Return what ``session.json`` says, which is made when there is none, by one of all that try at once."""
        file = self.path / "session.json"
        if not file.exists():
            self._check_new(file)
            new = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
            _check_writable(self._events)
            random_state = secrets.randbelow(2**31)
            made = {"format": formats.FORMAT, "session": uuid.uuid4().hex, "created": time.time()}
            _create_identity(file, {**made, "random_state": random_state, **identity})
            for folder in new:
                files.sync_folder(folder.parent)
        stored = _stored(self.path)
        _check_same(self.path, stored, identity)
        return stored

    def _check_new(self, file: Path) -> None:
        """Refuse to make a journal where there is something else."""
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
        self.report = f"{self.report} {mended}".strip()


def libraries() -> dict[str, str]:
    """Return the versions that a model depends on."""
    return dict(_libraries())


@cache
def _libraries() -> dict[str, str]:
    # Reading the packages' metadata takes longer than a small fit.
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _no_journal(folder: Path) -> str:
    return f"{folder} is no journal: session.json is missing; expected a folder that alwidgets made."


def _stored(folder: Path) -> dict[str, Any]:
    """Return what ``session.json`` says, if this alwidgets can read it."""
    stored = _whole_identity(folder)
    stored.pop("hash", None)
    if stored["format"] > formats.FORMAT:
        raise JournalError(_newer(folder, stored["format"]))
    return stored


def _whole_identity(folder: Path) -> dict[str, Any]:
    """Return what ``session.json`` says, if nothing changed it since it was written; with its hash, if it has one."""
    file = folder / "session.json"
    try:
        stored = _parsed(file)
        newer = stored["format"] > formats.FORMAT
        why = "" if newer else _wrong(stored)
    except (ValueError, LookupError, TypeError) as error:
        raise JournalError(_damaged(file, f"{type(error).__name__}: {error}")) from None
    if why:
        raise JournalError(_damaged(file, why))
    seal = stored.get("hash")
    # Files of the first versions have no hash, and those of a later format may have another.
    if seal is not None and not newer and seal != _seal({name: stored[name] for name in stored if name != "hash"}):
        raise JournalError(_damaged(file, "it does not match its hash, so something changed it"))
    return stored


def _parsed(file: Path) -> dict[str, Any]:
    """Return the object that a small file holds, if it is one that may have been written here."""
    try:
        stored = json.loads(files.read(file, _MOST_BYTES))
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(stored, dict) or not is_shallow(stored):
        raise TypeError(f"expected an object, nested a few levels, and found {brief(stored)}")
    return stored


def _wrong(stored: dict[str, Any]) -> str:
    """Return what in ``session.json`` is none of a session."""
    pool, classes = stored["pool"], stored["classes"]
    shape = pool.get("shape") if isinstance(pool, dict) else None
    sound = {
        "format": type(stored["format"]) is int and stored["format"] > 0,
        "session": isinstance(stored["session"], str),
        "random_state": type(stored["random_state"]) is int and stored["random_state"] >= 0,
        "pool": isinstance(shape, list) and bool(shape) and all(type(n) is int and 0 <= n < MOST for n in shape),
        "classes": isinstance(classes, list) and all(type(label) in (str, int, float, bool) for label in classes),
    }
    return ", ".join(name for name, is_sound in sound.items() if not is_sound)


def _write_identity(file: Path, identity: dict[str, Any]) -> None:
    files.replace(file, _sealed_identity(identity))


def _create_identity(file: Path, identity: dict[str, Any]) -> None:
    """Make ``session.json`` unless another just did."""
    try:
        holders.create(file, _sealed_identity(identity))
    except OSError:
        # Files have no second name here: of two that make it at once, the second replaces that of the first.
        if not file.exists():
            _write_identity(file, identity)
    files.sync_folder(file.parent)


def _sealed_identity(identity: dict[str, Any]) -> bytes:
    return json.dumps({**identity, "hash": _seal(identity)}, indent=1).encode()


def _seal(identity: dict[str, Any]) -> str:
    """Return the hash of what ``session.json`` says."""
    content = json.dumps(identity, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(content).hexdigest()[:HASH_CHARACTERS]


def _damaged(file: Path, what: str) -> str:
    return f"{file} is damaged ({what}); restore it from a copy of the folder."


def _newer(what: Path | str, written_in: int) -> str:
    return f"{what} has format {written_in}; this alwidgets reads up to {formats.FORMAT}. Upgrade alwidgets."


def _sound(events: Path) -> Chain:
    chain = read_chain(events)
    if chain.problems:
        raise JournalError(f"{chain.problems[0]} {_ADVICE}")
    return chain


def _joining(folder: Path) -> str:
    """Return the call that brings together what went two ways in one folder."""
    name = str(folder)
    return f"alw.merge({name!r}, {name!r}, {name.removesuffix('.alw') + '-joined.alw'!r})"


def _check_one_line(folder: Path, chain: Chain) -> None:
    """Raise JournalError where two kernels went on from the same lines, as after a merge of two copies."""
    heads = heads_of(chain)
    apart = [head for head in heads[1:] if _is_apart(chain, heads[0], head)]
    if apart:
        names = " and ".join(f"{name}.jsonl" for name in (heads[0], *apart))
        raise JournalError(
            f"{folder}: {names} in events went on from the same lines without knowing of each other, as when two "
            "copies of a session are put together file by file (`git merge` does). Nothing is lost: "
            f"{_joining(folder)} makes one session of them, and leaves these files as they are."
        )


def heads_of(chain: Chain) -> list[str]:
    """Return the files of which no other has read all, or not while it counted, that of the latest epoch first.

    Files that do not say who wrote them are of one kernel after the other, and of none of these.
    """
    openings, n_lines = chain.openings, chain.n_lines
    seen: dict[str, int] = {}
    for opening in openings.values():
        for writer, n in opening["seen"].items():
            seen[writer] = max(seen.get(writer, 0), n)
    newest_first = sorted(openings, key=lambda writer: (-int(openings[writer]["epoch"]), writer))
    heads = [writer for writer in newest_first if seen.get(writer, 0) < n_lines[writer]]
    counted = dict.fromkeys(openings, 0)
    for head in heads:
        _count_in(counted, chain, head, n_lines)
    # A kernel also writes down that it read what came too late for it to count.
    for writer in newest_first:
        if counted[writer] < n_lines[writer] and writer not in heads and n_lines[writer] > 1:
            heads.append(writer)
            _count_in(counted, chain, writer, n_lines)
    return sorted(heads, key=newest_first.index)


def _count_in(counted: dict[str, int], chain: Chain, head: str, n_lines: dict[str, int]) -> None:
    """Raise the numbers of lines that count somewhere by those that do for the kernel of a file."""
    openings = chain.openings
    seen = openings[head]["seen"] | {head: MOST}
    read = {writer: min(n, seen.get(writer, 0 if writer in openings else MOST)) for writer, n in n_lines.items()}
    allowed = _known_lines(openings, read)[1]
    counted.update({writer: max(n, allowed[writer]) for writer, n in counted.items()})


def branch_of(chain: Chain, head: str) -> Lines:
    """Return the events that count for the kernel that wrote a file: its own, and what it had read of the others."""
    openings = chain.openings
    known = dict.fromkeys(openings, 0) | openings[head]["seen"] | {head: MOST}
    return _counted(replace(chain, lines=chain.lines.where(chain.lines.within(known, MOST))))[0]


def _is_apart(chain: Chain, newest: str, head: str) -> bool:
    """Return whether a file goes on beside the newest one, with more than what its kernel can have written too late."""
    openings = chain.openings
    if openings[newest]["epoch"] == openings[head]["epoch"]:
        # Unless the kernel of both left one for the other, which says how much of it stands.
        return head not in openings[newest]["seen"] and newest not in openings[head]["seen"]
    lines, known = chain.lines, openings[newest]["seen"].get(head, 0)
    late = _raw_records(lines.where(lines.of(head) & (lines.place > known) & (lines.event >= 0)))
    # A kernel that is taken over finds out after its next write, of one event or of several steps undone at once.
    return len({str(record.get("id")) if record.get("kind") != "undone" else "" for record in late}) > 1


def _records(lines: Lines, chain: Chain) -> list[dict[str, Any]]:
    """Return the records of events in the present format."""
    return [record for stretch in _stretches(lines, chain) for record in stretch.records()]


def _raw_records(lines: Lines) -> Iterator[dict[str, Any]]:
    """Yield the records of events as they were written."""
    for _, stretch, start, stop in lines.runs():
        yield from stretch.records(start, stop)


def _stretches(lines: Lines, chain: Chain) -> Iterator[Stretch]:
    """Yield the records of events in the present format, each from that of its file; the first did not say."""
    written_in = {writer: int(opening.get("format", 1)) for writer, opening in chain.openings.items()}
    for writer, number in written_in.items():
        if number > formats.FORMAT:
            raise JournalError(_newer(f"{writer}.jsonl", number))
    n_before = 0
    for written, stretch, start, stop in lines.runs():
        number = written_in.get(written.file.stem, 1)
        if number == formats.FORMAT and not chain.missing and stop - start == len(stretch):
            yield stretch
        else:
            records = (formats.upgraded(record, number) for record in stretch.records(start, stop))
            yield from stretches(_clipped(records, n_before) if chain.missing else records)
        n_before += stop - start


def _clipped(records: Iterator[dict[str, Any]], n_before: int) -> Iterator[dict[str, Any]]:
    """Yield records of which the models know no more events than there are: one after a gap knew of others."""
    for number, record in enumerate(records, n_before):
        is_model = record.get("kind") == "trained" and type(record.get("upto")) is int
        yield record | {"upto": min(record["upto"], number)} if is_model else record


def _counted(chain: Chain) -> tuple[Lines, Lines]:
    """Return the events that count, and those that came after the session had been taken over from their writer."""
    known, allowed = _known_lines(chain.openings, chain.n_lines)
    events = chain.lines.where(chain.lines.event >= 0)
    counted = events.where(events.within(known))
    fenced = events.where(~events.within(allowed) & (len(counted) < len(events)))
    return counted, fenced


def _known_lines(openings: dict[str, dict[str, Any]], n_lines: dict[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many lines of each file count, and how many did before its own writer took some back.

    The newest holder's lines count, and those of others that it had read, as far as they counted when it read them.
    """
    epochs = {writer: int(openings[writer]["epoch"]) if writer in openings else 0 for writer in n_lines}
    seen = {writer: openings[writer]["seen"] if writer in openings else {} for writer in n_lines}
    known, left = dict.fromkeys(n_lines, 0), dict(n_lines)
    allowed = dict(known)
    for epoch in sorted(set(epochs.values()), reverse=True):
        files = [writer for writer, each in epochs.items() if each == epoch and left[writer]]
        for writer in files:
            # A holder leaves a file that it could not take back from, and its next one says how much of it stands.
            stand = [seen[other][writer] for other in files if other != writer and writer in seen[other]]
            allowed[writer] = left[writer]
            known[writer] = min((left[writer], *stand))
        for writer, each in epochs.items():
            if files and each < epoch:
                left[writer] = min(left[writer], max(seen[file].get(writer, 0) for file in files))
    return known, allowed


def _check_same(path: Path, stored: dict[str, Any], identity: dict[str, Any]) -> None:
    for key, value in identity.items():
        # As text, because in Python 1, 1.0 and True are equal.
        if json.dumps(stored.get(key), sort_keys=True) == json.dumps(value, sort_keys=True):
            continue
        if key == "classes" and begins_with(value, stored.get(key)):
            continue
        if key == "pool":
            was, now = stored[key], value
            differs = [part for part in value if was.get(part) != now[part]]
            detail = "; ".join(f"{part} {was.get(part)!r} then, {now[part]!r} now" for part in differs)
            if differs == ["content"]:
                detail += "; other samples, or the same ones written to since, as by X *= 2"
        else:
            detail = f"{stored.get(key)!r} then, {value!r} now"
        raise JournalError(
            f"{path} was made for another session: {key} differs ({detail}). Pass what it was made with, or another "
            "journal name."
        )


def begins_with(classes: Any, known: Any) -> bool:
    """Return whether classes are the known ones and more, which were added."""
    return isinstance(known, list) and json.dumps(classes[: len(known)]) == json.dumps(known)


def _is_something_else(path: Path) -> bool:
    """Return whether the path holds anything but what a crash while creating a journal leaves."""
    if not path.is_dir():
        return path.exists()
    return any(
        child.name not in ("events", "ends", "holder", "models") and not child.name.endswith(".tmp")
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
    """Return why an open file is not where it was."""
    return _MOVED if descriptor is not None and os.fstat(descriptor).st_nlink else _DELETED
