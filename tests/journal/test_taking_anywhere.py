"""The real steps of `tests/journal/test_taking_model.py`: one kernel stands still at any line while others go on."""

import contextlib
import os
import random
import sys
import tempfile
import threading
from itertools import count
from pathlib import Path

import pytest

from alwidgets.journal import counting, files, identity, lock, reading
from alwidgets.journal.copying import build
from alwidgets.journal.errors import HeldError
from alwidgets.journal.files import Journal
from alwidgets.journal.reading import read, verify
from tests.faults.processes import IDENTITY, flagged

_CODE = {module.__file__ for module in (counting, files, identity, lock, reading)}
_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of one's own are made in it, where nothing waits for a disk


class Slow:
    """A thread that stands still before the n-th line that it comes to of the code that takes, reads and writes."""

    def __init__(self, work, n):
        self._n, self._lines = n, set()
        self._stands, self._may_go_on = threading.Event(), threading.Event()
        self.ended, self._raised = False, None
        self._thread = threading.Thread(target=self._run, args=(work,))
        self._thread.start()
        self._stands.wait()

    def _run(self, work):
        sys.settrace(self._trace)
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised by who waits for it
            self._raised = error
        finally:
            sys.settrace(None)
            self.ended = not self._stands.is_set()
            self._stands.set()

    def _trace(self, frame, event, _):
        if frame.f_code.co_filename not in _CODE:
            return None
        line = frame.f_code.co_filename, frame.f_lineno
        if event == "line" and line not in self._lines:
            self._lines.add(line)
            if len(self._lines) == self._n:
                self._stands.set()
                self._may_go_on.wait()
        return self._trace

    def go_on(self):
        self._may_go_on.set()
        self._thread.join()
        if self._raised is not None:
            raise self._raised


class Story:
    """A journal, and what those that write to it were told is saved."""

    def __init__(self, path):
        self.path, self.saved = path, {"before"}
        build(path, IDENTITY, [flagged("before")])

    def opened(self):
        return Journal(self.path, IDENTITY)

    def write(self, kernel, name):
        with contextlib.suppress(HeldError):
            kernel.append(flagged(name))
            self.saved.add(name)

    def open_and_write(self, name):
        kernel = self.opened()
        self.write(kernel, name)
        return kernel

    def check(self, where):
        counted = {record["id"] for record in read(self.path)[1]}
        assert self.saved <= counted, where
        assert verify(self.path).sound, where


def goes_on(story, slow):
    """The other opens, writes, and writes again once the slow one is done."""
    kernel = story.open_and_write("other")
    slow.go_on()
    story.write(kernel, "other again")


def closes(story, slow):
    story.open_and_write("other").close()
    slow.go_on()


def is_followed(story, slow):
    """The other opens, writes and closes, and a third goes on from there."""
    story.open_and_write("other").close()
    third = story.open_and_write("third")
    slow.go_on()
    story.write(third, "third again")


def takes_over(story, slow):
    """Two others take it from each other."""
    kernel = story.open_and_write("other")
    third = story.open_and_write("third")
    kernel.take_over()
    story.write(kernel, "other again")
    slow.go_on()
    story.write(third, "third again")
    story.write(kernel, "other once more")


@pytest.fixture
def folder(tmp_path):
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else tmp_path) as memory:
        yield Path(memory)


@pytest.fixture(params=[True, False], ids=["with second names", "without second names"])
def links(request, monkeypatch):
    """Whether files can have a second name where the journal lies."""
    if not request.param:
        monkeypatch.setattr(os, "link", _refused)


def _refused(*_):
    raise PermissionError("no second names here")


@pytest.mark.usefixtures("links")
@pytest.mark.parametrize("other", [goes_on, closes, is_followed, takes_over])
def test_wherever_one_that_opens_stands_still_what_was_saved_counts(folder, other):
    for n in count(1):
        story = Story(folder / f"{n}.alw")
        # So that there is a owner's file to remove.
        story.opened().close()
        slow = Slow(lambda story=story: story.open_and_write("slow"), n)
        if slow.ended:
            break
        other(story, slow)
        story.check(n)
    assert n > 100


@pytest.mark.parametrize("other", [goes_on, is_followed, takes_over])
def test_wherever_one_that_writes_and_closes_stands_still_what_was_saved_counts(folder, other):
    for n in count(1):
        story = Story(folder / f"{n}.alw")
        kernel = story.open_and_write("first")

        def write_and_close(story=story, kernel=kernel):
            story.write(kernel, "slow")
            kernel.close()

        slow = Slow(write_and_close, n)
        if slow.ended:
            break
        other(story, slow)
        story.check(n)
    assert n > 30


@pytest.mark.usefixtures("links")
def test_wherever_two_that_open_stand_still_what_was_saved_counts(folder):
    rng = random.Random(0)
    for n in range(200):
        story = Story(folder / f"{n}.alw")
        slow = [
            Slow(lambda story=story, name=name: story.open_and_write(name), rng.randint(1, 150))
            for name in ("one", "two")
        ]
        kernel = story.open_and_write("three")
        for each in rng.sample(slow, 2):
            each.go_on()
            story.write(kernel, "three again")
        story.check(n)


@pytest.mark.parametrize("other", [goes_on, takes_over])
def test_wherever_one_stands_still_that_cannot_write_what_others_saved_counts(folder, other, monkeypatch):
    real = os.fdatasync

    def fails(descriptor):
        if threading.current_thread() is not threading.main_thread():
            raise KeyboardInterrupt
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", fails)
    for n in count(1):
        story = Story(folder / f"{n}.alw")
        kernel = story.open_and_write("first")

        def interrupted(story=story, kernel=kernel):
            with contextlib.suppress(KeyboardInterrupt):
                story.write(kernel, "never saved")

        slow = Slow(interrupted, n)
        if slow.ended:
            break
        other(story, slow)
        story.check(n)
    assert n > 30
