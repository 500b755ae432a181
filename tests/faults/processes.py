"""Processes that label, forked from one that has loaded everything, to be killed at any moment."""

import contextlib
import multiprocessing
import os
import random
import signal
import tempfile
import time
import warnings
from itertools import count
from pathlib import Path

import alwidgets as alw
from alwidgets.journal.errors import HeldError
from alwidgets.journal.files import Journal
from alwidgets.session import view_of
from tests.faults.sample import GIVEN, N_SAMPLES, answer_next, ended, opened

IDENTITY = {"pool": {"kind": "array", "shape": [9, 2], "content": "c"}, "classes": ["a", "b"], "random_state": 0}


def flagged(name, note=""):
    """Return an event with this id."""
    return {"kind": "flagged", "id": name, "at": 0.0, "item": 0, "note": note, "annotator": None}


def context():
    made = multiprocessing.get_context("forkserver")
    # Each imports what the command that was run imports, the parts of scikit-learn that `in_place` tries among it:
    # with these left to load they would be killed loading them.
    made.set_forkserver_preload(["tests.faults.processes", "tests.faults.in_place"])
    return made


class Labeling:
    """A process that runs `work(path, told, *args)`, and what it told of what was acknowledged."""

    def __init__(self, work, path, *args):
        self._told, theirs = multiprocessing.Pipe()
        self._process = context().Process(target=work, args=(path, theirs, *args), daemon=True)
        self._process.start()
        theirs.close()

    def run(self, seconds):
        """Let it go on for so long, or to its end."""
        self._process.join(seconds)

    def pause(self, seconds):
        """Stop it wherever it is, and let it go on."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGSTOP)
            time.sleep(seconds)
            os.kill(self._process.pid, signal.SIGCONT)

    def say(self, word):
        """Tell it something."""
        self._told.send_bytes(word.encode())

    def word(self):
        """Return what it tells next; None when it ended."""
        try:
            return self._told.recv_bytes().decode()
        except (EOFError, ConnectionResetError):
            return None

    def words(self):
        """Return what it tells until it says no more."""
        found = []
        while (word := self.word()) not in ("", None):
            found.append(word)
        return found

    def heard(self):
        """Return the next row it acknowledged; None when it ended."""
        word = self.word()
        return None if word is None else int(word)

    def killed(self):
        """Kill it where it is, and return the rows it acknowledged and did not tell yet."""
        return [int(word) for word in self.killed_words()]

    def killed_words(self):
        """Kill it where it is, and return what it told and was not heard yet."""
        self._process.kill()
        self._process.join()
        words = self.words()
        self._told.close()
        return words


def label(path, told, n_most):
    """Answer questions, telling each once it is acknowledged; then wait to be killed."""
    session = opened(path)
    while session.progress.n_labeled < n_most:
        told.send_bytes(str(answer_next(session)).encode())
    signal.pause()


def hold(path, told, rows):
    """Take the session, whoever holds it, and label rows until another takes it."""
    session = opened(path, batch_size=10**6)
    with contextlib.suppress(OSError):
        session.take_over()
        for row in rows:
            session.teach(row, "a")
            told.send_bytes(str(row).encode())
    told.close()
    signal.pause()


def fight(path, told, said, links):
    """Open, take over, write and close as fast as it goes, and say in a file what was acknowledged."""
    if not links:
        os.link = _refused
    rng, numbers = random.Random(str(said)), count()
    file = os.open(said, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        while True:
            with contextlib.suppress(HeldError):
                journal = Journal(path, IDENTITY)
                for _ in range(rng.randrange(1, 5)):
                    _fight_on(journal, file, rng, (f"{said.name}-{number}" for number in numbers))
                if rng.random() < 2 / 3:
                    journal.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, it should not have come
        os.write(file, f"! {type(error).__name__}: {error}\n".encode())


def _fight_on(journal, file, rng, names):
    if journal.read_only and rng.random() < 1 / 2:
        journal.take_over()
    for _ in range(rng.randrange(6)):
        name = next(names)
        journal.append(flagged(name))
        os.write(file, f"{name}\n".encode())


def _refused(*_, **__):
    raise PermissionError("no links here")


def open_at(_, told):
    """Open a journal when told to, answer if that may be, and say what was acknowledged; then wait for the next."""
    journal = None
    while True:
        path, _, at = told.recv_bytes().decode().partition("|")
        if journal is not None:
            journal.close()
        time.sleep(max(0.0, float(at) - time.time()))
        journal = Journal(path, IDENTITY)
        told.send_bytes(b"reads" if journal.read_only else b"writes")
        with contextlib.suppress(HeldError):
            for number in range(20):
                event = f"{os.getpid()}-{number}"
                journal.append(flagged(event))
                told.send_bytes(event.encode())
        told.send_bytes(b"")


def hold_on(path, told):
    """Write until it is killed, telling what was acknowledged."""
    journal, n = Journal(path, IDENTITY), 0
    while True:
        n += 1
        journal.append(flagged(f"held-{n}"))
        told.send_bytes(f"held-{n}".encode())


def look(path, told):
    """Open a session as somebody who may read its files only, and tell what is found."""
    # All modules are loaded first: they may lie where only this user may read.
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            warm = opened(Path(folder) / "a.alw")
            for _ in range(6):
                answer_next(warm)
            found = [warm.labels, warm.history]
            ended(warm)
    if os.getuid() == 0:
        os.setuid(65534)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        session = alw.Session(**GIVEN, journal=path)
    found = [session.labels["item"].tolist(), len(session.history), session.read_only, view_of(session).lock_owner]
    found += [warning.message for warning in caught]
    try:
        session.teach(0, "a")
    except OSError as error:
        found.append(error)
    try:
        session.take_over()
    except OSError as error:
        found.append(type(error).__name__)
    for each in found:
        told.send_bytes(str(each).encode())
    told.send_bytes(b"")


def relabel(path, told, n_at_once):
    """Open the session, answer some questions, telling each, close it, and again; undo many when none are left."""
    while True:
        session = opened(path)
        for _ in range(n_at_once):
            if not len(session.query()):
                session.undo(N_SAMPLES // 2)
            told.send_bytes(str(answer_next(session)).encode())
        session.close()
        session.wait()
