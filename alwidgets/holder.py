"""Who may write to a journal: one kernel at a time, the others read.

``NAME.alw/holder/<epoch>.json`` says who holds the session. Whoever takes it makes the file of the next epoch, which
only one can, and removes the one before: a holder whose file is gone has been fenced off, and finds out before it
acknowledges anything.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from alwidgets import files

_MOST_BYTES = 2**16
_MOST_DIGITS = 15


@dataclass(frozen=True)
class Holder:
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
    """

    epoch: int
    host: str
    pid: int
    boot: str
    started: str
    since: float
    released: bool = False

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.since, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"process {self.pid} on {self.host or 'an unknown machine'}, since {when}"

    @property
    def is_here(self) -> bool:
        """Whether it is this process."""
        return self.pid == os.getpid() and self.host == socket.gethostname() and self.started == _started(self.pid)


def current(folder: Path) -> Holder | None:
    """Return who holds, or held last, the session kept in this folder; None when nobody ever did."""
    names = (file.stem for file in (folder / "holder").glob("*.json"))
    epochs = sorted(int(name) for name in names if name.isascii() and name.isdigit() and len(name) <= _MOST_DIGITS)
    while epochs:
        epoch = epochs.pop()
        try:
            content = json.loads(files.read(_file(folder, epoch), _MOST_BYTES))
            return _sound(Holder(**content | {"epoch": epoch}))
        except FileNotFoundError:
            continue  # taken over between the two looks
        except (ValueError, TypeError, OverflowError, RecursionError):
            return Holder(epoch, "", 0, "", "", time.time())
    return None


def _sound(holder: Holder) -> Holder:
    """Return a holder read from a file, if that says what it should."""
    texts = all(isinstance(text, str) for text in (holder.host, holder.boot, holder.started))
    if not texts or type(holder.pid) is not int or type(holder.released) is not bool or not str(holder):
        raise TypeError(f"{holder!r} is no holder.")
    return holder


def may_write(holder: Holder) -> bool:
    """Return whether a holder may still write: it has not given the session back, and is not known to be dead.

    What runs on another machine cannot be seen from here.
    """
    if holder.released or holder.host != socket.gethostname():
        return not holder.released
    return holder.boot == _boot() and _runs(holder.pid) and _started(holder.pid) == holder.started


def take(folder: Path, before: Holder | None, known: int = 0) -> Holder | None:
    """Take the session from `before`; None when another kernel was faster.

    `known` is the last epoch that the events tell of: the holders' own files may have been lost.
    """
    epoch = max(before.epoch if before else 0, known) + 1
    pid = os.getpid()
    holder = Holder(epoch, socket.gethostname(), pid, _boot(), _started(pid), time.time())
    file = _file(folder, epoch)
    file.parent.mkdir(parents=True, exist_ok=True)
    files.check_folder(file.parent)
    if not _create(file, json.dumps(asdict(holder)).encode()):
        return None
    newest = current(folder)
    if newest is not None and newest.epoch > epoch:
        # While this one was slow, another took it, gave it back, and a third has it.
        file.unlink(missing_ok=True)
        return None
    if before is not None:
        _file(folder, before.epoch).unlink(missing_ok=True)
    return holder


def holds(folder: Path, holder: Holder) -> bool:
    """Return whether nobody has taken the session since."""
    try:
        _file(folder, holder.epoch).stat()
    except FileNotFoundError:
        return False
    except OSError:
        # A share that does not answer for a moment has not been taken over.
        return True
    return True


def release(folder: Path, holder: Holder) -> None:
    """Give the session back, if it is still held."""
    file = _file(folder, holder.epoch)
    temporary = file.with_suffix(f".{uuid.uuid4().hex}.tmp")
    with contextlib.suppress(OSError):
        if not file.exists():
            return
        _write_new(temporary, json.dumps(asdict(holder) | {"released": True}).encode())
        temporary.replace(file)


def _create(file: Path, content: bytes) -> bool:
    """Make a file with all of its content at once: a crash leaves none that says nothing. False when there is one."""
    temporary = file.with_suffix(f".{uuid.uuid4().hex}.tmp")
    try:
        _write_new(temporary, content)
        try:
            os.link(temporary, file)
        except FileExistsError:
            return False
        except OSError:
            # A file system without links.
            _write_new(file, content)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _write_new(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@lru_cache(maxsize=64)
def _file(folder: Path, epoch: int) -> Path:
    return folder / "holder" / f"{epoch}.json"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _runs(pid: int) -> bool:
    if os.name == "nt":
        # There a signal of 0 would end the process; what runs a notebook's kernel brings psutil.
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
    """Return when a process started, so that a later one with its number is told from it; empty when it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The name of the program is in brackets, and may hold anything.
    state, *others = stat.rpartition(")")[2].split()
    # A zombie has ended, and only waits for its parent to be told.
    return "" if state in "ZX" else others[18]
