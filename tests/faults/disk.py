"""A disk that is full, and has room again."""

import contextlib
import errno
import os
import random
import shutil
import subprocess
from unittest import mock

from tests.faults.sample import N_SAMPLES, Found, answer_next, ended, opened

_MEGABYTE = 2**20


class Mounted:
    """A small disk of its own: a tmpfs, which only root may mount."""

    name = "a tmpfs of 1 MB"

    def __init__(self, folder):
        self.folder = folder
        self._ballast = folder / "ballast"

    def leave(self, n_bytes):
        """Fill it up to so many bytes."""
        self._ballast.write_bytes(b"")
        free = shutil.disk_usage(self.folder).free
        self._ballast.write_bytes(bytes(max(0, free - n_bytes)))

    def free(self):
        self._ballast.unlink()


class Pretended:
    """A disk whose `write` runs out of room, short at first."""

    name = "`os.write` that runs out of room"

    def __init__(self, folder):
        self.folder = folder
        self._left, self._real = None, os.write

    def leave(self, n_bytes):
        self._left = n_bytes

    def free(self):
        self._left = None

    def write(self, descriptor, content):
        if self._left is None:
            return self._real(descriptor, content)
        if self._left == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        n = self._real(descriptor, content[: self._left])
        self._left -= n
        return n


@contextlib.contextmanager
def small_disk(folder):
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    mounted = shutil.which("mount") and not subprocess.run(mount, check=False, capture_output=True).returncode
    if mounted:
        try:
            yield Mounted(folder)
        finally:
            subprocess.run(["umount", str(folder)], check=True)
        return
    disk = Pretended(folder)
    with mock.patch.object(os, "write", disk.write):
        yield disk


def full_disks(folder, n):
    """Label until the disk is full, then with room again: what was acknowledged, and nothing else, is there."""
    folder = folder / "disk"
    folder.mkdir()
    with small_disk(folder) as disk:
        found, rng = Found(f"disk full, then freed ({disk.name})"), random.Random(0)
        for found.tried in range(1, n + 1):
            wrong = _wrong(disk, rng)
            if wrong:
                found.wrong.append(wrong)
    return found


def _wrong(disk, rng):
    path = disk.folder / "a.alw"
    session = opened(path)
    saved = [answer_next(session) for _ in range(rng.randrange(6))]
    # What a fit writes meanwhile would be in the way of filling the disk up.
    session.wait()
    # A tmpfs gives pages: a little less than one is none.
    disk.leave(rng.randrange(5 * 4096))
    n_refused = 0
    while n_refused < 1 + rng.randrange(3) and len(saved) < N_SAMPLES // 2:
        try:
            saved.append(answer_next(session))
        except OSError:
            n_refused += 1
    disk.free()
    rounds = session.progress.round
    saved += [answer_next(session) for _ in range(8)]
    ended(session)
    here = session.labels["item"].tolist()
    again = opened(path)
    there, went_on = again.labels["item"].tolist(), again.progress.round > rounds
    ended(again)
    shutil.rmtree(path)
    if not n_refused:
        return "the disk was never full"
    return "" if here == there == saved and went_on else f"saved {saved}, here {here}, there {there}, {went_on}"
