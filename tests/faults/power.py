"""A power cut: the writes of a real session, played into a fresh folder without some of those not yet synced.

The model is stricter than most file systems. Of what a file got since it was last synced, every write is there, not
there, or there in some of its blocks of 512 bytes, the others reading as zeros; of the names made or removed in a
folder since that was synced, some of the last are not.
"""

import contextlib
import itertools
import os
import random
from pathlib import Path
from unittest import mock

from tests.faults.sample import Found, answer_next, ended, opened, what_is_wrong

_SECTOR = 512


class _KilledError(BaseException):
    """The process ends here."""


class Recorder:
    """Notes what is done to files below a folder, in order, while it is done."""

    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        self.done = []
        self.killed = False
        self._names, self._n_files = {}, 0
        self._real = {name: getattr(os, name) for name in _RECORDED}

    @contextlib.contextmanager
    def running(self):
        with contextlib.ExitStack() as stack:
            for name in _RECORDED:
                stack.enter_context(mock.patch.object(os, name, getattr(self, f"_{name}")))
            yield self

    def _path(self, what):
        path = (
            str(Path(f"/proc/self/fd/{what}").readlink())
            if isinstance(what, int)
            else os.path.realpath(os.fspath(what))
        )
        return path if path.startswith(self.folder) else None

    def _note(self, kind, path, *more):
        self.done.append((kind, path, *more))

    def _named(self, path, file=None):
        if file is None:
            self._n_files += 1
            file = self._n_files
        self._names[path] = file
        self._note("name", path, file)

    def _open(self, path, flags, *more, **keys):
        there = os.path.lexists(path)
        descriptor = self._real["open"](path, flags, *more, **keys)
        if (inside := self._path(path)) and not there:
            self._named(inside)
        return descriptor

    def _write(self, descriptor, content):
        n = self._real["write"](descriptor, content)
        with contextlib.suppress(OSError):  # a pipe
            if path := self._path(descriptor):
                start = os.lseek(descriptor, 0, os.SEEK_CUR) - n
                self._note("write", path, self._names[path], start, bytes(content[:n]))
        return n

    def _fsync(self, descriptor):
        self._synced("fsync", descriptor)

    def _fdatasync(self, descriptor):
        self._synced("fdatasync", descriptor)

    def _synced(self, how, descriptor):
        if self.killed:
            raise _KilledError
        self._real[how](descriptor)
        if path := self._path(descriptor):
            self._note("sync", path, self._names.get(path))

    def _ftruncate(self, descriptor, size):
        if self.killed:
            raise _KilledError
        self._truncate(descriptor, size)

    def _truncate(self, what, size):
        self._real["truncate"](what, size)
        if path := self._path(what):
            self._note("truncate", path, self._names[path], size)

    def _mkdir(self, path, *more, **keys):
        self._real["mkdir"](path, *more, **keys)
        if inside := self._path(path):
            self._named(inside, "folder")

    def _link(self, source, target, **keys):
        self._real["link"](source, target, **keys)
        if inside := self._path(target):
            self._named(inside, self._names[self._path(source)])

    def _replace(self, source, target, **keys):
        old = self._path(source)
        self._real["replace"](source, target, **keys)
        if old is None:
            return
        if old not in self._names:
            # Written by what does not go through `os.write`, and not synced.
            self._named(old)
            self._note("write", old, self._names[old], 0, Path(target).read_bytes())
        self._named(self._path(target), self._names.pop(old))
        self._note("unname", old)

    _rename = _replace

    def _unlink(self, path, **keys):
        inside = self._path(path)
        self._real["unlink"](path, **keys)
        if inside:
            self._names.pop(inside, None)
            self._note("unname", inside)


_RECORDED = (
    "open", "write", "fsync", "fdatasync", "ftruncate", "truncate", "mkdir", "link", "replace", "rename", "unlink",
)  # fmt: skip


def power_cuts(folder, n):
    """Cut the power at random moments: every acknowledged label is there, at most one more, and the next question."""
    found, rng = Found("power cut, unsynced writes dropped or torn"), random.Random(0)
    (folder / "real").mkdir()
    recorder, saved = recorded(folder / "real")
    for found.tried in range(1, n + 1):
        moment = rng.randrange(len(recorder.done) + 1)
        fresh = folder / f"cut{found.tried}"
        fresh.mkdir()
        play(recorder, moment, fresh, rng)
        acknowledged = max((n_labels for at, n_labels in saved if at <= moment), default=0)
        try:
            wrong, _ = what_is_wrong(fresh / "a.alw", acknowledged, acknowledged + 1)
        except (ValueError, OSError) as error:
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            found.wrong.append(f"after {moment} of {len(recorder.done)}: {wrong}")
    return found


def recorded(folder):
    """Label through a restart and a kill; return what was done to files, and after how much of it what was saved."""
    recorder, saved = Recorder(folder), []

    def answers(session, n):
        for _ in range(n):
            answer_next(session)
            session.wait()
            saved.append((len(recorder.done), session.progress.n_labeled))

    with recorder.running():
        session = opened(folder / "a.alw")
        answers(session, 9)
        ended(session)
        session = opened(folder / "a.alw")
        answers(session, 5)
        # Killed with a line written and not synced: the next kernel reads it, and goes on from there.
        recorder.killed = True
        with contextlib.suppress(_KilledError):
            answer_next(session)
        recorder.killed = False
        session = opened(folder / "a.alw")
        # What it has read it builds on, so that it is on disk by now.
        saved.append((len(recorder.done), session.progress.n_labeled))
        answers(session, 6)
        ended(session)
    return recorder, saved


def play(recorder, moment, fresh, rng):
    """Do the first so many things again in a fresh folder, as they might be after the power is back."""
    files, names, waiting = {}, {recorder.folder: "folder"}, {}
    for kind, path, *more in recorder.done[:moment]:
        if kind == "sync" and more[0] in (None, "folder"):
            _rename_all(names, waiting.pop(path, []))
        elif kind == "sync":
            files[more[0]] = [("synced", 0, _after(files.get(more[0], [])))]
        elif kind in ("write", "truncate"):
            files.setdefault(more[0], []).append((kind, *more[1:]))
        else:
            waiting.setdefault(str(Path(path).parent), []).append((path, *more))
    for changes in waiting.values():
        _rename_all(names, changes[: rng.randrange(len(changes) + 1)])
    _make(fresh, {Path(path).relative_to(recorder.folder): file for path, file in names.items()}, files, rng)


def _make(fresh, names, files, rng):
    for path, file in sorted(names.items()):
        target = fresh / path
        if file == "folder" and target.parent.is_dir():
            target.mkdir(exist_ok=True)
        elif target.parent.is_dir():
            target.write_bytes(_after(files.get(file, []), rng))


def _rename_all(names, changes):
    for path, *file in changes:
        if file:
            names[path] = file[0]
        else:
            names.pop(path, None)


def _after(writes, rng=None):
    """Return a file after these writes, or after what a power cut leaves of those that were not synced."""
    content = bytearray()
    for kind, *what in writes:
        fate = rng.choice(("there", "dropped", "torn")) if rng and kind != "synced" else "there"
        if kind == "truncate":
            del content[what[0] if fate == "there" else len(content) :]
        else:
            chance = {"there": 1.0, "torn": 0.5, "dropped": 0.0}[fate]
            _write(content, *what, lambda chance=chance: chance == 1 or rng.random() < chance)
    return bytes(content)


def _write(content, start, written, is_there):
    for first, last in _blocks(start, start + len(written)):
        if is_there():
            content.extend(bytes(max(0, last - len(content))))
            content[first:last] = written[first - start : last - start]


def _blocks(start, end):
    edges = [start, *range((start // _SECTOR + 1) * _SECTOR, end, _SECTOR), end]
    return itertools.pairwise(edges)
