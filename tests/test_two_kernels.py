"""Two kernels on one journal: one holds it, the other reads, and may take it over."""

import json
import os
import shutil
import socket
import subprocess
import sys
import textwrap

import pytest

import alwidgets as alw
from alwidgets import holder as holders
from alwidgets.journal import HeldError, Journal

IDENTITY = {"pool": {"kind": "array", "shape": [9, 2], "content": "c"}, "classes": ["a", "b"], "random_state": 0}


def flagged(name):
    return {"kind": "flagged", "id": name, "at": 0.0, "item": 0, "note": "", "annotator": None}


KERNEL = """
import sys, json, warnings
warnings.simplefilter("ignore")
import numpy as np
from sklearn.linear_model import LogisticRegression
import alwidgets as alw
X = np.random.default_rng(0).normal(size=(60, 3))
session = alw.Session(X, classes=["a", "b"], learner=LogisticRegression(), batch_size=4, random_state=0,
                      journal=sys.argv[1], audit=0.1)
print(json.dumps({"read_only": session.read_only, "held_by": session.held_by}), flush=True)
for line in sys.stdin:
    row, label = line.split()
    try:
        session.teach(int(row), label)
        print("saved", flush=True)
    except OSError as error:
        print("refused", error, flush=True)
"""


class Kernel:
    """Another kernel, which labels what it is told to."""

    def __init__(self, path):
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(KERNEL), str(path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.opened = json.loads(self.process.stdout.readline())

    def label(self, row, label):
        self.process.stdin.write(f"{row} {label}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.process.wait(30)
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.alw"


@pytest.fixture
def other(path):
    kernel = Kernel(path)
    yield kernel
    kernel.kill()


@pytest.fixture
def here(path):
    """A function that opens the same session in this process."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    made = []

    def opened():
        X = np.random.default_rng(0).normal(size=(60, 3))
        given = {"classes": ["a", "b"], "learner": LogisticRegression(), "batch_size": 4, "random_state": 0}
        made.append(alw.Session(X, journal=path, audit=0.1, **given))
        return made[-1]

    yield opened
    for session in made:
        session.close()
        session.wait()


def test_the_second_kernel_only_reads_and_is_told_who_holds_the_session(other, here):
    assert other.opened == {"read_only": False, "held_by": ""}
    assert other.label(3, "a") == "saved"
    with pytest.warns(RuntimeWarning, match=rf"held by process {other.process.pid} on .*, since .*Call take_over"):
        session = here()
    assert session.read_only
    assert session.labels["item"].tolist() == [3]
    before = session.events
    with pytest.raises(HeldError, match=f"held by process {other.process.pid} on "):
        session.teach(4, "b")
    assert session.query().tolist() == []
    assert session.events == before
    assert other.label(5, "b") == "saved"


def test_after_a_take_over_the_first_kernel_can_write_no_more_and_nothing_is_lost(other, here):
    other.label(3, "a")
    with pytest.warns(RuntimeWarning, match="only reads"):
        session = here()
    assert other.label(5, "b") == "saved"
    session.take_over()
    assert not session.read_only
    assert session.held_by == ""
    assert session.labels["item"].tolist() == [3, 5]
    session.teach(6, "a")
    assert other.label(7, "b").startswith("refused [Errno 16] the session is held by process")
    assert session.labels["item"].tolist() == [3, 5, 6]
    session.close()
    again = here()
    assert again.labels["item"].tolist() == [3, 5, 6]
    assert alw.verify(again._log.path).fenced == 0


def test_a_labeler_of_a_session_that_only_reads_says_so_and_can_take_it_over(other, here):
    with pytest.warns(RuntimeWarning, match="only reads"):
        session = here()
    labeler = alw.Labeler(session)
    sent = []
    labeler.send = lambda content, buffers=None: sent.append(content)
    assert str(other.process.pid) in labeler._status["held_by"]
    answer = {"kind": "answer", "event_id": "e", "item": 3, "value": 0, "round": 0, "seconds": 1.0, "shown_at": 1.0}
    labeler._receive(labeler, answer, [])
    # The browser keeps it, and sends it again.
    assert (sent[-1]["kind"], sent[-1]["retry"]) == ("refused", True)
    labeler._receive(labeler, {"kind": "take_over", "event_id": "t"}, [])
    assert sent[-1] == {"kind": "ack", "event_id": "t"}
    assert labeler._status["held_by"] == ""
    labeler._receive(labeler, answer, [])
    assert session.labels["item"].tolist() == [3]


@pytest.mark.filterwarnings("error")
def test_a_holder_that_died_is_recognised_and_followed_without_a_question(other, here):
    other.label(3, "a")
    other.kill()
    session = here()
    assert not session.read_only
    assert session.labels["item"].tolist() == [3]


@pytest.mark.filterwarnings("error")
def test_a_session_that_was_closed_is_free(here, path):
    here().close()
    kernel = Kernel(path)
    assert not kernel.opened["read_only"]
    kernel.kill()
    assert not here().read_only


def test_what_an_earlier_holder_wrote_too_late_is_kept_and_does_not_count(path, monkeypatch):
    first = Journal(path, IDENTITY)
    first.append(flagged("seen"))
    # This process may take its own session at any time; the first goes on as a kernel would that did not notice.
    second = Journal(path, IDENTITY)
    second.append(flagged("new"))
    monkeypatch.setattr(first, "_check_held", lambda: None)
    first.append(flagged("late"))
    third = Journal(path, IDENTITY)
    assert [record["id"] for record in third.records] == ["seen", "new"]
    assert [record["id"] for record in third.fenced] == ["late"]
    assert "1 events of an earlier kernel came after the session was taken over" in third.report
    found = alw.verify(path)
    assert (found.sound, found.n_events, found.fenced) == (True, 2, 1)


def test_a_write_that_the_take_over_overtook_is_not_acknowledged(path, monkeypatch):
    first = Journal(path, IDENTITY)
    first.append(flagged("seen"))
    looks = iter([True, False])
    monkeypatch.setattr(holders, "holds", lambda *_: next(looks))
    with pytest.raises(HeldError):
        first.append(flagged("late"))
    assert first.read_only


def test_of_two_that_take_over_at_once_one_gets_it(path):
    Journal(path, IDENTITY)
    held = holders.current(path)
    assert holders.take(path, held) is not None
    assert holders.take(path, held) is None


def test_a_holder_file_that_says_nothing_is_an_unknown_holder(path):
    journal = Journal(path, IDENTITY)
    (path / "holder" / f"{journal.holder.epoch}.json").write_bytes(b"")
    assert holders.may_write(holders.current(path))
    assert "an unknown machine" in str(holders.current(path))
    reader = Journal(path, IDENTITY)
    assert reader.read_only
    reader.take_over()
    assert not reader.read_only


def test_a_process_with_the_number_of_a_dead_holder_is_not_taken_for_it(path):
    from dataclasses import replace

    journal = Journal(path, IDENTITY)
    assert holders.may_write(journal.holder)
    assert not holders.may_write(replace(journal.holder, started="1"))
    assert not holders.may_write(replace(journal.holder, boot="another"))
    assert holders.may_write(replace(journal.holder, host="elsewhere", started="1"))


def test_what_another_wrote_and_gave_back_while_this_one_opened_counts(path, monkeypatch):
    Journal(path, IDENTITY).close()
    real, others = holders.take, []

    def slow_take(folder, before, known=0):
        if not others:
            others.append(None)
            others.append(Journal(path, IDENTITY))
            others[-1].append(flagged("between"))
            others[-1].close()
        return real(folder, before, known)

    monkeypatch.setattr(holders, "take", slow_take)
    journal = Journal(path, IDENTITY)
    assert not journal.read_only
    assert [record["id"] for record in journal.records] == ["between"]
    journal.append(flagged("after"))
    found = alw.verify(path)
    assert (found.n_events, found.fenced) == (2, 0)


def test_one_that_was_too_slow_does_not_get_what_a_third_has(path):
    Journal(path, IDENTITY).close()
    seen = holders.current(path)
    for _ in range(2):
        journal = Journal(path, IDENTITY)
    assert holders.take(path, seen) is None
    assert holders.current(path).epoch == journal.holder.epoch


def test_labels_count_after_the_files_of_the_holders_were_lost(path):
    for name in "ab":
        journal = Journal(path, IDENTITY)
        journal.append(flagged(name))
    shutil.rmtree(path / "holder")
    Journal(path, IDENTITY).append(flagged("c"))
    again = Journal(path, IDENTITY)
    assert [record["id"] for record in again.records] == ["a", "b", "c"]
    assert again.fenced == []


def test_a_crash_while_a_session_is_taken_leaves_it_free(path, monkeypatch):
    Journal(path, IDENTITY).close()

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            holders.take(path, holders.current(path))
    assert holders.current(path).released


def test_a_file_system_without_links_holds_sessions_too(path, monkeypatch):
    def refused(*_, **__):
        raise PermissionError

    monkeypatch.setattr(os, "link", refused)
    journal = Journal(path, IDENTITY)
    assert not journal.read_only
    assert holders.take(path, None) is None


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="needs processes that are waited for")
def test_a_holder_that_ended_and_was_not_waited_for_is_dead(path):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = holders._started(child.pid)
    holder = holders.Holder(1, socket.gethostname(), child.pid, holders._boot(), started, 0.0)
    assert holders.may_write(holder)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not holders.may_write(holder)
    child.communicate()


def test_one_that_only_reads_reads_what_was_written_since(other, here):
    with pytest.warns(RuntimeWarning, match="only reads"):
        session = here()
    assert other.label(3, "a") == "saved"
    assert session.labels.empty
    session.refresh()
    assert session.labels["item"].tolist() == [3]
    assert session.read_only


def test_an_idle_holder_says_at_once_that_it_was_taken_over(path):
    idle = Journal(path, IDENTITY)
    idle.append({"kind": "noted"})
    assert not idle.read_only
    assert holders.take(path, idle.holder) is not None
    assert idle.read_only
    assert idle.holder.epoch == 2


@pytest.mark.parametrize("wrong", [{"since": "x"}, {"since": 1e300}, {"pid": "7"}, {"host": 3}, {"released": "no"}])
def test_a_holder_file_with_wrong_types_is_an_unknown_holder(path, wrong):
    Journal(path, IDENTITY)
    [file] = (path / "holder").iterdir()
    file.write_text(json.dumps(json.loads(file.read_text()) | wrong))
    assert str(holders.current(path)).startswith("process 0 on an unknown machine")
