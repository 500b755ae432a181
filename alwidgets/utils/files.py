"""Files in a folder that somebody else may have made: regular files only, no link followed, nothing half written.

What is read from such a folder, or written into it, goes through here. A link may lead out of the folder, a pipe may
never end, a device may do something when it is opened: all of them are refused before they are opened.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

# Where the system has no such flag, the look before the opening is all there is.
_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_CHUNK = 2**22
# Where a byte is locked that no file has: what is locked may not be read on Windows.
_BEYOND = 2**40
_KINDS = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class UnsafeFileError(ValueError):
    """A path that holds no regular file or folder of its own; the message says what it holds."""


def check_folder(folder: Path) -> None:
    """Raise UnsafeFileError if a path exists and is not a real folder; links to folders are refused."""
    with contextlib.suppress(FileNotFoundError):
        mode = folder.lstat().st_mode
        if not stat.S_ISDIR(mode):
            raise UnsafeFileError(_unsafe(folder, mode, "a folder"))


def check_file(file: Path) -> None:
    """Raise UnsafeFileError if a path exists and is not a regular file, or if its folder is not a real one."""
    check_folder(file.parent)
    with contextlib.suppress(FileNotFoundError):
        mode = file.lstat().st_mode
        if not stat.S_ISREG(mode):
            raise UnsafeFileError(_unsafe(file, mode, "a regular file"))


def open_file(file: Path, flags: int, mode: int = 0o600) -> int:
    """Return the descriptor of a regular file of its own; never waits for the other end of a pipe.

    Parameters
    ----------
    file : Path
        Where; neither it nor the folder it lies in may be a link.
    flags : int
        Of `os.open`.
    mode : int
        Of a file that is made.

    Raises
    ------
    UnsafeFileError
        If it is not a regular file, or the folder is not a folder.
    OSError
        If it cannot be opened.
    """
    check_file(file)
    try:
        descriptor = os.open(file, flags | _SAFE | _BINARY, mode)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnsafeFileError(f"{file} is a link; expected a regular file.") from None
        raise
    # What was put there since the look is no matter: it is open, and nothing was done to it.
    if not stat.S_ISREG(opened := os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnsafeFileError(_unsafe(file, opened, "a regular file"))
    return descriptor


def read(file: Path, most: int) -> bytes:
    """Return the content of a small file.

    Raises
    ------
    UnsafeFileError
        If it is not a regular file of its own, or has more than so many bytes.
    OSError
        If it cannot be read.
    """
    content = bytearray()
    for chunk in chunks(file):
        content += chunk
        if len(content) > most:
            raise UnsafeFileError(f"{file} has more than {most:,} bytes; expected less.")
    return bytes(content)


def chunks(file: Path) -> Iterator[bytes]:
    """Yield the content of a file of any size, part by part; raises as `read`."""
    descriptor = open_file(file, os.O_RDONLY)
    try:
        while chunk := os.read(descriptor, _CHUNK):
            yield chunk
    finally:
        os.close(descriptor)


def lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file until it is closed or the process ends, however it ends.

    Parameters
    ----------
    descriptor : int
        Of the file. A process is not kept out by its own locks, and loses them when it closes any descriptor of a file.
    shared : bool
        Whether others may have such a lock too; it needs no permission to write.

    Returns
    -------
    locked : bool
        False where another process has it.

    Raises
    ------
    OSError
        Where files cannot be locked.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _BEYOND, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            finally:
                os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.lockf(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except ImportError:
        raise OSError(errno.ENOTSUP, "files cannot be locked here") from None
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


def replace(file: Path, content: bytes | Iterable[bytes], mode: int = 0o600) -> None:
    """Write a file whole or not at all: on any error, also that the disk is full, the old one is as it was.

    Parameters
    ----------
    file : Path
        What is there is replaced; a link is, not what it leads to.
    content : bytes or iterable of bytes
        All of it is on disk when this returns.
    mode : int
        Permissions of a file that is new.

    Raises
    ------
    UnsafeFileError
        If the folder it lies in is a link.
    OSError
        If it cannot be written.
    """
    check_folder(file.parent)
    beside = file.with_name(f".{file.name[:100]}.{uuid.uuid4().hex}.tmp")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE | _BINARY, mode)
    try:
        try:
            for part in [content] if isinstance(content, bytes) else content:
                write(descriptor, part)
            with contextlib.suppress(OSError):
                beside.chmod(stat.S_IMODE(file.lstat().st_mode))
        finally:
            os.close(descriptor)
        beside.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    sync_folder(file.parent)


def read_own(path: Path) -> bytes:
    """Return the content of a file that a user named, whatever a link leads to.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If there is none, or it is a folder; the message says so.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; expected the name of a file.")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {path}; expected the name of one that is there.") from None


def replace_own(path: Path, content: bytes) -> None:
    """Write a file that a user named, whole or not at all; of a link, what it leads to is replaced.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If its folder is missing, or it is a folder itself; the message says so.
    OSError
        If it cannot be written.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; expected the name of a file to write.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} into; make it first.")
    try:
        replace(Path(os.path.realpath(path)), content, mode=0o666)
    except OSError as error:
        # The name that was given, not the one it is written under first.
        raise type(error)(error.errno, error.strerror, str(path)) from None


def copy(source: Path, target: Path) -> None:
    """Copy a file to a path that does not exist, and wait until it is on disk."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE | _BINARY, 0o600)
    try:
        for chunk in chunks(source):
            write(descriptor, chunk)
    finally:
        os.close(descriptor)


def cut(file: Path, n_bytes: int) -> None:
    """Cut so many bytes off the end of a file; of one that has a second name only what is here is another then."""
    descriptor = open_file(file, os.O_WRONLY)
    try:
        found = os.fstat(descriptor)
        n_left = max(0, found.st_size - n_bytes)
        if found.st_nlink == 1:
            os.ftruncate(descriptor, n_left)
    finally:
        os.close(descriptor)
    if found.st_nlink > 1:
        replace(file, _start(file, n_left))


def _start(file: Path, n_bytes: int) -> Iterator[bytes]:
    """Yield the first bytes of a file."""
    for chunk in chunks(file):
        yield chunk[:n_bytes]
        n_bytes -= len(chunk)
        if n_bytes <= 0:
            return


def write(descriptor: int, content: bytes) -> None:
    """Write all of it and wait until it is on disk."""
    written = os.write(descriptor, content)
    if written != len(content):
        raise OSError(errno.ENOSPC, f"only {written} of {len(content)} bytes could be written")
    # fdatasync is enough for a file that only grows, and does not exist everywhere.
    getattr(os, "fdatasync", os.fsync)(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk, where that can be waited for."""
    if os.name != "nt":
        # Some network file systems have no fsync for folders, and not every folder may be read.
        with contextlib.suppress(OSError):
            sync_file(folder)


def sync_file(path: Path) -> None:
    """Wait until what others wrote is on disk."""
    descriptor = os.open(path, (os.O_RDWR if os.name == "nt" else os.O_RDONLY) | _SAFE)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unsafe(path: Path, mode: int, expected: str) -> str:
    what = next((word for is_one, word in _KINDS if is_one(mode)), "a file" if stat.S_ISREG(mode) else "a device")
    return f"{path} is {what}; expected {expected}."
