"""Two kernels on one journal: one holds it, the other reads, and may take it over."""

import gc
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from alwidgets.journal import files as journals
from alwidgets.journal import lock as locks
from alwidgets.journal import reading
from alwidgets.journal.errors import HeldError, JournalError
from alwidgets.journal.files import Journal
from alwidgets.journal.reading import read
from alwidgets.session import view_of
from tests.faults.processes import IDENTITY, Labeling, flagged, look, open_at
from tests.faults.sample import answer_next, ended, opened

KERNEL = """
import sys, json, warnings
warnings.simplefilter("ignore")
import numpy as np
from sklearn.linear_model import LogisticRegression
import alwidgets as alw
from alwidgets.session import view_of
X = np.random.default_rng(0).normal(size=(60, 3))
session = alw.Session(X, classes=["a", "b"], learner=LogisticRegression(), batch_size=4, random_state=0,
                      journal=sys.argv[1], audit=0.1)
print(json.dumps({"read_only": session.read_only, "lock_owner": view_of(session).lock_owner}), flush=True)
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
    assert other.opened == {"read_only": False, "lock_owner": ""}
    assert other.label(3, "a") == "saved"
    with pytest.warns(
        RuntimeWarning,
        match=rf"held by process {other.process.pid} on .*, since .*Call take_over.*If this folder is a copy, the",
    ):
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
    assert view_of(session).lock_owner == ""
    assert session.labels["item"].tolist() == [3, 5]
    session.teach(6, "a")
    assert other.label(7, "b").startswith("refused [Errno 16] the session is held by process")
    assert session.labels["item"].tolist() == [3, 5, 6]
    session.close()
    again = here()
    assert again.labels["item"].tolist() == [3, 5, 6]
    assert alw.verify(again._core.log.path).fenced == 0


def test_a_labeler_of_a_session_that_only_reads_says_so_and_can_take_it_over(other, here):
    with pytest.warns(RuntimeWarning, match="only reads"):
        session = here()
    labeler = alw.Labeler(session)
    sent = []
    labeler.send = lambda content, buffers=None: sent.append(content)
    assert str(other.process.pid) in labeler._session["lock_owner"]
    answer = {"kind": "answer", "event_id": "e", "item": 3, "value": 0, "round": 0, "seconds": 1.0, "shown_at": 1.0}
    labeler._receive(labeler, answer, [])
    # The browser keeps it, and sends it again.
    assert (sent[-1]["kind"], sent[-1]["retry"]) == ("refused", True)
    labeler._receive(labeler, {"kind": "take_over", "event_id": "t"}, [])
    assert sent[-1] == {"kind": "ack", "event_id": "t"}
    assert labeler._session["lock_owner"] == ""
    labeler._receive(labeler, answer, [])
    assert session.labels["item"].tolist() == [3]


@pytest.mark.filterwarnings("error")
def test_a_holder_that_died_is_recognized_and_followed_without_a_question(other, here):
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
    assert "1 events of an earlier kernel came after the session was taken over" in third.recovery_message
    found = alw.verify(path)
    assert (found.sound, found.n_events, found.fenced) == (True, 2, 1)


def test_a_write_that_the_take_over_overtook_is_not_acknowledged(path, monkeypatch):
    first = Journal(path, IDENTITY)
    first.append(flagged("seen"))
    looks = iter([True, False])
    monkeypatch.setattr(locks, "holds", lambda *_: next(looks))
    with pytest.raises(HeldError):
        first.append(flagged("late"))
    assert first.read_only


def test_of_two_that_take_over_at_once_one_gets_it(path):
    Journal(path, IDENTITY)
    held = locks.current(path)
    assert locks.take(path, held) is not None
    assert locks.take(path, held) is None


def test_a_holder_file_that_says_nothing_is_an_unknown_holder(path):
    journal = Journal(path, IDENTITY)
    (path / "holder" / f"{journal.owner.epoch}.json").write_bytes(b"")
    assert locks.may_write(locks.current(path))
    assert "an unknown machine" in str(locks.current(path))
    reader = Journal(path, IDENTITY)
    assert reader.read_only
    reader.take_over()
    assert not reader.read_only


@pytest.fixture
def no_container(monkeypatch):
    """Have this process be in no container, on a machine with a number of its own."""
    monkeypatch.setattr(locks, "_namespace", lambda: locks._OUTERMOST)
    monkeypatch.setattr(locks, "_machine", lambda: "this one")


def test_a_name_that_no_kernel_gives_is_no_epoch(path):
    Journal(path, IDENTITY).close()
    (path / "holder" / "007.json").write_text("{}")
    assert locks.current(path).epoch == 1
    assert locks.take(path, locks.current(path)).epoch == 2


def test_an_epoch_of_which_only_the_name_is_left_is_followed_and_not_waited_for(path):
    Journal(path, IDENTITY).close()
    (path / "holder" / "9.json").mkdir()
    assert locks.current(path).epoch == 9
    assert locks.take(path, locks.current(path)).epoch == 10


def test_a_process_with_the_number_of_a_dead_holder_is_not_taken_for_it(path, no_container):
    journal = Journal(path, IDENTITY)
    assert locks.may_write(journal.owner)
    assert not locks.may_write(replace(journal.owner, started="1"))
    assert not locks.may_write(replace(journal.owner, boot="another"))
    assert locks.may_write(replace(journal.owner, host="elsewhere", started="1"))


@pytest.mark.parametrize(
    "other",
    [
        {"namespace": "pid:[4026532000]"},
        {"namespace": "pid:[4026532000]", "boot": "another"},
        {"machine": "another", "boot": "another"},
        {"machine": "", "boot": "another"},
    ],
)
def test_a_container_or_machine_of_the_same_name_is_not_seen_from_here_and_may_write(path, no_container, other):
    [file] = holder_files(Journal(path, IDENTITY))
    # Numbered as nothing is that runs here.
    file.write_text(json.dumps(json.loads(file.read_text()) | {"pid": 2**22 + 1, "started": "1"} | other))
    reader = Journal(path, IDENTITY)
    assert reader.read_only
    reader.take_over()
    assert not reader.read_only


def test_a_holder_file_of_before_machines_were_told_apart_is_read(path):
    [file] = holder_files(Journal(path, IDENTITY))
    content = json.loads(file.read_text())
    old = {name: value for name, value in content.items() if name not in ("machine", "namespace")}
    file.write_text(json.dumps(old))
    found = locks.current(path)
    assert (found.pid, found.is_here, locks.may_write(found)) == (os.getpid(), True, True)
    assert not locks.may_write(replace(found, started="1"))
    # And one with more than is known yet.
    file.write_text(json.dumps(content | {"something": "new"}))
    assert locks.current(path).is_here


def holder_files(journal):
    return sorted((journal.path / "holder").iterdir())


def test_what_another_wrote_and_gave_back_while_this_one_opened_counts(path, monkeypatch):
    Journal(path, IDENTITY).close()
    real, others = locks.take, []

    def slow_take(folder, before, known=0):
        if not others:
            others.append(None)
            others.append(Journal(path, IDENTITY))
            others[-1].append(flagged("between"))
            others[-1].close()
        return real(folder, before, known)

    monkeypatch.setattr(locks, "take", slow_take)
    journal = Journal(path, IDENTITY)
    assert not journal.read_only
    assert [record["id"] for record in journal.records] == ["between"]
    journal.append(flagged("after"))
    found = alw.verify(path)
    assert (found.n_events, found.fenced) == (2, 0)


def test_one_that_was_too_slow_does_not_get_what_a_third_has(path):
    Journal(path, IDENTITY).close()
    seen = locks.current(path)
    for _ in range(2):
        journal = Journal(path, IDENTITY)
    assert locks.take(path, seen) is None
    assert locks.current(path).epoch == journal.owner.epoch


def test_labels_count_after_the_files_of_the_holders_were_lost(path):
    for name in "ab":
        journal = Journal(path, IDENTITY)
        journal.append(flagged(name))
    shutil.rmtree(path / "holder")
    Journal(path, IDENTITY).append(flagged("c"))
    again = Journal(path, IDENTITY)
    assert [record["id"] for record in again.records] == ["a", "b", "c"]
    assert again.fenced == []


def no_links(*_, **__):
    raise PermissionError("no links here")


@pytest.fixture(params=["links", "no links"])
def links(request, monkeypatch):
    """File systems on which a file may have two names, and on which none may."""
    if request.param == "no links":
        monkeypatch.setattr(os, "link", no_links)


@pytest.mark.parametrize("place", ["fsync", "write", "mkdir", "rename", "link", "unlink"])
def test_a_crash_while_a_session_is_taken_leaves_it_free(path, monkeypatch, links, place):
    Journal(path, IDENTITY).close()
    before = locks.current(path)

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, place, killed)
        try:
            locks.take(path, before)
        except KeyboardInterrupt:
            # Whole, or not at all.
            assert locks.current(path).is_here
            assert locks.current(path).released or place == "unlink"
    journal = Journal(path, IDENTITY)
    journal.append(flagged("a"))
    assert [record["id"] for record in read(path)[1]] == ["a"]


def test_a_session_is_held_given_back_and_taken_over_with_and_without_links(path, links):
    journal = Journal(path, IDENTITY)
    assert not journal.read_only
    assert locks.take(path, None) is None
    journal.append(flagged("a"))
    journal.close()
    assert locks.current(path).released
    second, third = Journal(path, IDENTITY), Journal(path, IDENTITY)
    third.append(flagged("b"))
    with pytest.raises(HeldError):
        second.append(flagged("c"))
    assert [file.name for file in holder_files(third)] == ["3.json"]
    assert [record["id"] for record in read(path)[1]] == ["a", "b"]


def test_what_a_crashed_take_over_left_is_removed_and_its_holder_fenced_off(path):
    first = Journal(path, IDENTITY)
    # Created, and then nothing more.
    locks._create(path / "holder" / "2.json", locks._content(replace(first.owner, epoch=2, started="dead")))
    third = Journal(path, IDENTITY)
    assert [file.name for file in holder_files(third)] == ["3.json"]
    with pytest.raises(HeldError):
        first.append(flagged("a"))


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="needs processes that are waited for")
def test_a_holder_that_ended_and_was_not_waited_for_is_dead(path):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = locks._started(child.pid)
    owner = locks.WriterLock(1, socket.gethostname(), child.pid, locks._boot(), started, 0.0)
    assert locks.may_write(owner)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not locks.may_write(owner)
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
    idle.append(flagged("a"))
    assert not idle.read_only
    assert locks.take(path, idle.owner) is not None
    assert idle.read_only
    assert idle.owner.epoch == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "x"}, {"since": 1e300}, {"pid": "7"}, {"pid": 2**70}, {"pid": -1}, {"host": 3}, {"released": "no"},
        {"host": "\x1b[2J"}, {"host": "\ud800"}, {"host": "h" * 10_000},
    ],
)  # fmt: skip
def test_a_holder_file_with_wrong_values_is_an_unknown_holder(path, wrong):
    Journal(path, IDENTITY)
    [file] = (path / "holder").iterdir()
    file.write_text(json.dumps(json.loads(file.read_text()) | wrong))
    assert str(locks.current(path)).startswith("process 0 on an unknown machine")
    assert locks.may_write(locks.current(path))


def test_a_holder_that_writes_and_dies_while_another_reads_loses_nothing(other, path, monkeypatch):
    assert other.label(3, "a") == "saved"
    real = reading.read_chain

    def slow(folder):
        chain = real(folder)
        if other.process.poll() is None:
            assert other.label(5, "b") == "saved"
            other.kill()
        return chain

    monkeypatch.setattr(reading, "read_chain", slow)
    journal = Journal(path, {})
    assert not journal.read_only
    journal.append(flagged("f"))
    assert [record["item"] for record in read(path)[1] if record["kind"] == "labeled"] == [3, 5]


@pytest.mark.parametrize("wrong", ["ids", "task"])
def test_opening_it_again_in_a_way_that_does_not_fit_leaves_the_open_session_as_it_is(make_session, path, wrong):
    session = make_session(journal=path, test=None)
    session.teach(3, "left")
    many = {"task": "multi", "learner": OneVsRestClassifier(LogisticRegression())}
    with pytest.raises(JournalError):
        make_session(journal=path, test=None, **{"ids": {"ids": range(120)}, "task": many}[wrong])
    assert not session.read_only
    session.teach(4, "right")
    assert alw.Session.find_open(path) is session
    session.close()
    assert make_session(journal=path, test=None).labels["item"].tolist() == [3, 4]


def test_a_take_over_of_what_cannot_be_read_leaves_the_holder_as_it_is(path, other):
    assert other.label(3, "a") == "saved"
    reader = Journal(path, {})
    [file] = (path / "events").iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"a"', b'"b"'))
    with pytest.raises(JournalError):
        reader.take_over()
    file.write_bytes(whole)
    assert other.label(5, "b") == "saved"


def test_a_folder_that_another_kernel_makes_between_two_looks_is_that_of_a_journal(tmp_path, monkeypatch):
    path, look, check_new = tmp_path / "a.alw", Path.stat, Journal._check_new

    def missed(self, **how):
        try:
            return look(self, **how)
        except FileNotFoundError:
            if self == path:
                path.mkdir()
            raise

    def checked(journal, file):
        with monkeypatch.context() as patch:
            patch.setattr(Path, "stat", missed)
            check_new(journal, file)
        assert path.is_dir()

    monkeypatch.setattr(Journal, "_check_new", checked)
    Journal(path, IDENTITY).close()
    assert alw.verify(path).sound


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_of_three_that_make_one_journal_at_once_one_writes_and_the_others_read(tmp_path):
    kernels = [Labeling(open_at, tmp_path) for _ in range(3)]
    for number in range(20):
        for kernel in kernels:
            kernel.say(f"{tmp_path / str(number)}.alw|0")
        told = sorted(kernel.words()[0] for kernel in kernels)
        # One may have given it back before another looked.
        assert told.count("writes") >= 1
        assert set(told) <= {"reads", "writes"}
    for kernel in kernels:
        kernel.killed_words()


def test_one_that_makes_a_journal_which_another_just_made_goes_on_with_that_one(make_session, path, monkeypatch):
    real = locks.create

    def slow(file, content):
        monkeypatch.setattr(locks, "create", real)
        make_session(journal=path, random_state=5).close()
        return real(file, content)

    monkeypatch.setattr(locks, "create", slow)
    assert make_session(journal=path, random_state=None).random_state == 5


@pytest.fixture
def shared():
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def everything(folder):
    return {file: (file.stat().st_mtime_ns, file.is_file() and file.read_bytes()) for file in folder.rglob("*")}


@pytest.mark.skipif(sys.platform != "linux", reason="another user")
def test_somebody_without_the_right_to_write_opens_a_session_to_look(shared):
    path = shared / "a.alw"
    session = opened(path)
    rows = [answer_next(session) for _ in range(6)]
    ended(session)
    for file in (path, *path.rglob("*")):
        file.chmod(0o555 if file.is_dir() else 0o444)
    before = everything(path)
    denied = (
        "may not be written to (Permission denied): this session only reads. To label, copy the folder to where you "
        "may write, and open the copy."
    )
    reader = Labeling(look, path)
    told = reader.words()
    reader.killed_words()
    assert everything(path) == before
    for folder in (path, *path.iterdir()):
        folder.chmod(0o755)
    assert told == [
        str(rows),
        "1",
        "True",
        "whoever may write to its folder (here: Permission denied)",
        f"{path} {denied}",
        f"[Errno 13] the journal may only be read (Permission denied); copy its folder to go on: '{path}'",
        "PermissionError",
    ]


def test_a_read_only_file_system_is_looked_at_too(make_session, path, tmp_path):
    make_session(journal=path).teach(3, "left")
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    if (
        os.name == "nt"
        or subprocess.run(["mount", "--bind", path, mounted], check=False, capture_output=True).returncode
    ):
        pytest.skip("needs the right to mount")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", mounted], check=True)
        shutil.rmtree(path / "holder")
        with pytest.warns(
            RuntimeWarning, match="may not be written to .Read-only file system.: this session only reads"
        ):
            session = make_session(journal=mounted)
        assert session.labels["item"].tolist() == [3]
        assert session.read_only
        with pytest.raises(OSError, match="may only be read"):
            session.teach(4, "left")
        assert session.query().tolist() == []
        session.close()
    finally:
        subprocess.run(["umount", mounted], check=True)


def test_a_folder_that_was_moved_is_not_written_to_until_it_is_back(make_session, path, tmp_path):
    session = make_session(journal=path)
    session.teach(3, "left")
    away = tmp_path / "away.alw"
    path.rename(away)
    with pytest.raises(OSError, match="moved or replaced by another; open the session where the folder is now"):
        session.teach(4, "left")
    # Another in its place is not the same one.
    shutil.copytree(away, path)
    with pytest.raises(OSError, match="moved or replaced"):
        session.teach(4, "left")
    assert session.labels["item"].tolist() == [3]
    shutil.rmtree(path)
    away.rename(path)
    session.teach(5, "left")
    path.rename(away)
    assert make_session(journal=away).labels["item"].tolist() == [3, 5]


def test_a_whole_line_that_failed_stays_in_its_file_and_does_not_count(path, monkeypatch):
    journal = Journal(path, IDENTITY)
    journal.append(flagged("a"))
    [file] = (path / "events").iterdir()

    def interrupted(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            journal.append(flagged("b"))
    # Another may have read it, and follow it.
    assert b'"id":"b"' in file.read_bytes()
    journal.append(flagged("c"))
    assert [record["id"] for record in read(path)[1]] == ["a", "c"]
    found = alw.verify(path)
    assert (found.sound, found.n_events, found.fenced) == (True, 2, 0)


def test_a_line_that_the_one_taken_over_is_writing_is_not_cut(path, other):
    assert other.label(3, "a") == "saved"
    reader = Journal(path, {})
    [file] = (path / "events").iterdir()
    with file.open("ab") as half:
        half.write(b'{"number":')
    reader.take_over()
    assert file.read_bytes().endswith(b'{"number":')
    reader.append(flagged("f"))
    reader.close()
    assert "was cut off (10 bytes" in Journal(path, {}).recovery_message


def test_what_a_kernel_had_read_stays_counted_whatever_comes_late(path, monkeypatch):
    first = Journal(path, IDENTITY)
    first.append(flagged("a"))
    slow = Journal(path, IDENTITY)
    with monkeypatch.context() as patch:
        # Neither notices that it was taken over.
        patch.setattr(journals.Journal, "_check_held", lambda _: None)
        first.append(flagged("late"))
        last = Journal(path, IDENTITY)
        last.append(flagged("b"))
        slow.append(flagged("later"))
    # It had read the late one, as nobody said then that it does not count.
    assert [record["id"] for record in last.records] == ["a", "late"]
    assert [record["id"] for record in read(path)[1]] == ["a", "late", "b"]


@pytest.mark.parametrize("place", ["line", "close"])
def test_an_interrupt_anywhere_in_close_closes_no_file_of_somebody_else(path, monkeypatch, place):
    for n in itertools.count(1):
        journal = Journal(path, IDENTITY)
        journal.append(flagged(str(n)))
        if not interrupted_at(n, journal.close, monkeypatch, place):
            break
        others = [os.open(os.devnull, os.O_RDONLY) for _ in range(4)]
        journal.close()
        del journal
        gc.collect()
        for descriptor in others:
            os.fstat(descriptor)
            os.close(descriptor)
    assert n > 3
    assert len(read(path)[1]) == n


def interrupted_at(n, call, monkeypatch, place):
    """Call with an interrupt before the n-th line of the journal's code, or behind the n-th file that is closed."""
    left = itertools.count(n, -1)

    def interrupt():
        if next(left) == 1:
            raise KeyboardInterrupt

    def trace(frame, event, _):
        if event == "line" and frame.f_code.co_filename == journals.__file__:
            interrupt()
        return trace

    def close(descriptor, real=os.close):
        real(descriptor)
        interrupt()

    with monkeypatch.context() as patch:
        if place == "close":
            patch.setattr(os, "close", close)
        sys.settrace(trace if place == "line" else None)
        try:
            call()
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(None)
    return False


def test_a_session_that_was_interrupted_while_it_closed_is_given_back_by_closing_it_again(
    make_session, path, monkeypatch
):
    session = make_session(journal=path)
    session.teach(3, "left")
    session.wait()
    assert interrupted_at(1, session.close, monkeypatch, "line")
    session.close()
    assert locks.current(path).released
