"""Write lock of a journal: one kernel writes at a time, the others read.

``NAME.alw/holder/<epoch>.json`` says who holds the session: the newest epoch, and nobody else. Whoever takes the
session makes the file of a new epoch, which only one can, and so fences off all earlier ones at that moment: they look
before they acknowledge anything. It then removes their files, and only then reads what they wrote.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import socket
import time
import uuid
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from stat import S_ISDIR
from typing import Any

from alwidgets.utils import files

# The namespace of process numbers that Linux starts with: a process in it is in no container.
_OUTERMOST = "pid:[4026531836]"
_ENDING = ".json"
# Where files have no second name, the file of an epoch is a folder, which holds it under this name.
_INSIDE = "holder.json"
_MOST_BYTES = 2**16
_MOST_DIGITS = 15
_LONGEST_TEXT = 1000
# More than a system can number: the call that asks for a process takes no more.
_MOST_PROCESSES = 2**31


@dataclass(frozen=True)
class WriterLock:
    """A kernel that holds a session.

    Parameters
    ----------
    epoch : int
        How often the session was taken, counted from 1.
    host : str
        Name of the machine.
    pid : int
        Number of the process.
    boot : str
        Id of the machine's boot; empty where there is none.
    started : str
        When the process started, in the machine's own units; empty where it is not told.
    since : float
        When it took the session, seconds since 1970.
    released : bool
        Whether it has given the session back.
    machine : str
        Hash of the machine's own id, since names repeat; empty where there is none.
    namespace : str
        In which namespace the process has its number, since containers count anew; empty where there are none.
    """

    epoch: int
    host: str
    pid: int
    boot: str
    started: str
    since: float
    released: bool = False
    machine: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.since, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"process {self.pid} on {self.host or 'an unknown machine'}, since {when}"

    @property
    def is_here(self) -> bool:
        """True if it is this process."""
        return self.pid == os.getpid() and _sees(self) and self.boot == _boot() and self.started == _started(self.pid)


def current(folder: Path) -> WriterLock | None:
    """Return the current or last owner of the session in this folder; None if it was never held."""
    epochs = _epochs(folder)
    while epochs:
        epoch = epochs[-1]
        try:
            return _read(folder, epoch)
        except FileNotFoundError:
            epochs = _epochs(folder)
            if epochs[-1:] == [epoch]:
                # Not taken over between the two looks: a name that stays is an epoch, since `take` counts it as one.
                return _unknown(epoch)
    return None


def may_write(owner: WriterLock) -> bool:
    """Return whether an owner may still write: it has not given the session back, and is not known to be dead.

    What runs on another machine or in another container cannot be seen from here, and is taken to be alive.
    """
    if owner.released or not _sees(owner):
        return not owner.released
    return owner.boot == _boot() and _runs(owner.pid) and _started(owner.pid) == owner.started


def take(folder: Path, before: WriterLock | None, known: int = 0) -> WriterLock | None:
    """Take the session from `before`; None when another kernel was faster.

    From the return on no earlier owner acknowledges anything, so what is read then is all that they ever will have.
    `known` is the last epoch that the events tell of: the owners' own files may have been lost.
    """
    epoch = max(before.epoch if before else 0, known) + 1
    pid = os.getpid()
    owner = WriterLock(
        epoch, socket.gethostname(), pid, _boot(), _started(pid), time.time(),
        machine=_machine(), namespace=_namespace(),
    )  # fmt: skip
    file = _file(folder, epoch)
    file.parent.mkdir(parents=True, exist_ok=True)
    files.check_folder(file.parent)
    if not _create(file, _content(owner)):
        return None
    *earlier, newest = _epochs(folder) or [0]
    if newest != epoch:
        # While this one was slow, another took it; its file is newer, so that this one has fenced nobody off.
        _remove(file)
        return None
    # Whatever a crash left of those between `before` and this one goes too.
    for lower in earlier:
        _remove(_file(folder, lower))
    return owner


def holds(folder: Path, owner: WriterLock) -> bool:
    """Return whether the session has not been taken over since.

    Raises
    ------
    OSError
        If that cannot be told, as when a share does not answer.
    """
    if _epochs(folder)[-1:] != [owner.epoch]:
        return False
    try:
        # Opened and not only looked for, since network file systems remember names for some seconds.
        os.close(os.open(_inside(_file(folder, owner.epoch)), os.O_RDONLY))
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def release(folder: Path, owner: WriterLock) -> None:
    """Give the session back, if it is still held."""
    with contextlib.suppress(OSError):
        if holds(folder, owner):
            file = _inside(_file(folder, owner.epoch))
            temporary = _beside(file)
            _write_new(temporary, _content(replace(owner, released=True)))
            temporary.replace(file)


def create(file: Path, content: bytes) -> bool:
    """Make a file with all of its content at once: a crash leaves none that says less. False when there is one.

    Raises
    ------
    OSError
        If it cannot be made, as where files have no second name.
    """
    temporary = _beside(file)
    try:
        _write_new(temporary, content)
        # Not everywhere is there such a call.
        getattr(os, "link", _no_link)(temporary, file)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _create(file: Path, content: bytes) -> bool:
    """Make the file of an epoch; where files have no second name, as a folder, since no name of one is taken twice."""
    try:
        return create(file, content)
    except OSError:
        temporary = _beside(file)
        try:
            temporary.mkdir(mode=0o700)
            _write_new(temporary / _INSIDE, content)
            if file.exists():
                return False
            # Fails where there is another that is not empty.
            temporary.rename(file)
        except OSError:
            if file.exists():
                return False
            raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return True


def _no_link(*_: Any) -> None:
    raise OSError("files have no second name here")


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        # Where another has removed the folder since, there is nothing left to do.
        if file.is_file():
            raise
        away = _beside(file)
        with contextlib.suppress(FileNotFoundError):
            file.rename(away)
        shutil.rmtree(away, ignore_errors=True)


def _beside(file: Path) -> Path:
    return file.with_suffix(f".{uuid.uuid4().hex}.tmp")


def _write_new(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        written = os.write(descriptor, content)
        if written != len(content):
            raise OSError(errno.ENOSPC, f"only {written} of {len(content)} bytes could be written", str(file))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _content(owner: WriterLock) -> bytes:
    return json.dumps(asdict(owner)).encode()


def _read(folder: Path, epoch: int) -> WriterLock:
    """Read the file of an epoch; if it is invalid, return an unknown owner that is assumed to be alive."""
    try:
        content = dict(json.loads(_bytes(_file(folder, epoch))))
        known = {field.name: content[field.name] for field in fields(WriterLock) if field.name in content}
        return _sound(WriterLock(**known | {"epoch": epoch}))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return _unknown(epoch)


def _bytes(file: Path) -> bytes:
    """Read the file of an epoch, or the one within it; FileNotFoundError when it went while it was looked for."""
    try:
        return files.read(_inside(file), _MOST_BYTES)
    except (OSError, files.UnsafeFileError):
        # Where files have no second name, one that is slow may make a folder between the look and the reading.
        if not file.is_dir():
            raise
    try:
        return files.read(file / _INSIDE, _MOST_BYTES)
    except NotADirectoryError as error:
        raise FileNotFoundError(errno.ENOENT, "taken over meanwhile", str(file)) from error


def _unknown(epoch: int) -> WriterLock:
    return WriterLock(epoch, "", 0, "", "", time.time())


def _sound(owner: WriterLock) -> WriterLock:
    """Return an owner read from a file, if that says what it should."""
    texts = (owner.host, owner.boot, owner.started, owner.machine, owner.namespace)
    # They are shown in a terminal.
    sound = all(isinstance(text, str) and text.isprintable() and len(text) <= _LONGEST_TEXT for text in texts)
    sound = sound and type(owner.released) is bool
    sound = sound and type(owner.pid) is int and 0 <= owner.pid < _MOST_PROCESSES
    if not sound or not str(owner):
        raise TypeError(f"{owner!r} is not an owner.")
    return owner


def _epochs(folder: Path) -> list[int]:
    """Return the epochs of which there are files, ascending."""
    try:
        names = os.listdir(_holder(folder))  # noqa: PTH208 - asked at each answer
    except (FileNotFoundError, NotADirectoryError):
        return []
    numbers = [name[: -len(_ENDING)] for name in names if name.endswith(_ENDING) and name.isascii()]
    # Only names that are given here: the file of epoch 7 is not 007.json.
    return sorted(int(name) for name in numbers if len(name) <= _MOST_DIGITS and name.isdigit() and _is_given(name))


def _is_given(name: str) -> bool:
    return name == "0" or name[0] != "0"


@lru_cache(maxsize=64)
def _holder(folder: Path) -> str:
    return os.fspath(folder / "holder")


@lru_cache(maxsize=64)
def _file(folder: Path, epoch: int) -> Path:
    return folder / "holder" / f"{epoch}{_ENDING}"


def _inside(file: Path) -> Path:
    """Return the path of an epoch's content: the file itself, or a file in it if it is a folder."""
    try:
        is_folder = S_ISDIR(os.stat(file).st_mode)  # noqa: PTH116 - asked at each answer
    except (FileNotFoundError, NotADirectoryError):
        is_folder = False
    return file / _INSIDE if is_folder else file


def check(file: Path) -> None:
    """Raise UnsafeFileError if the file of an epoch is nothing that a kernel makes: a link, a pipe, an empty folder."""
    files.check_file(_inside(file))
    # Taken over between the two looks, it is gone.
    with contextlib.suppress(OSError):
        if file.is_dir() and _INSIDE not in (names := os.listdir(file)):  # noqa: PTH208 - as in `_epochs`
            what = f"a folder without {_INSIDE}" if names else "an empty folder"
            raise files.UnsafeFileError(f"{file} is {what}; expected a regular file.")


def _sees(owner: WriterLock) -> bool:
    """Return whether an owner's process, while it runs, is seen from here: machines and containers may share a name."""
    if owner.host != socket.gethostname():
        return False
    if not owner.namespace:
        # Written where there are no namespaces, or by an alwidgets that did not say.
        return True
    if owner.boot == _boot():
        return owner.namespace == _namespace()
    # Started anew since, so that nothing of then runs; a container might as well be another one.
    return bool(owner.machine) and owner.machine == _machine() and owner.namespace == _namespace() == _OUTERMOST


@cache
def _machine() -> str:
    try:
        own = Path("/etc/machine-id").read_bytes().strip()
    except OSError:
        return ""
    # Journals are passed on, and the id itself is not to be.
    return hashlib.sha256(b"alwidgets" + own).hexdigest()[:16] if own else ""


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - it is not a file
    except OSError:
        return ""


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _runs(pid: int) -> bool:
    if os.name == "nt":
        # There a signal of 0 would end the process; psutil is installed along.
        import psutil  # type: ignore[import-untyped]

        return bool(psutil.pid_exists(pid))
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _started(pid: int) -> str:
    """Return the start of a process, so that a later one with its number is told from it; empty when it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The name of the program is in brackets, and may hold anything.
    state, *others = stat.rpartition(")")[2].split()
    # A zombie has ended, and only waits for its parent to be told.
    return "" if state in "ZX" else others[18]
