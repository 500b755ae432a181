import errno
import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.journal import chain, formats
from alwidgets.journal.chain import end_file, end_of
from alwidgets.journal.errors import JournalError
from alwidgets.journal.files import Journal
from alwidgets.journal.reading import read
from alwidgets.session import view_of
from alwidgets.utils import files

IDENTITY = {"pool": {"kind": "array", "shape": [9, 2], "content": "c"}, "classes": ["a", "b"], "random_state": 0}


def flagged(name):
    return {"kind": "flagged", "id": name, "at": 0.0, "item": 0, "note": "", "annotator": None}


def no_start(_thread):
    raise RuntimeError("can't start new thread")


def refuse(patch, kind, error):
    """Have the disk refuse events of one kind, and take all others."""
    real = os.write

    def write(descriptor, content):
        if f'"kind":"{kind}"'.encode() in content:
            raise error
        return real(descriptor, content)

    patch.setattr(os, "write", write)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.alw"


def event_files(path):
    return sorted((path / "events").iterdir())


def snapshot(path):
    return {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}


def labeled(make_session, path, n=5):
    """Make a journal with n labels in one file, and return that file."""
    session = make_session(journal=path)
    for row in range(n):
        session.teach(row, "left")
    session.close()
    return event_files(path)[0]


def test_every_append_is_on_disk_before_it_returns(make_session, path, monkeypatch):
    synced = []
    real = os.fdatasync

    def stop_set(descriptor):
        synced.append(os.fstat(descriptor).st_size)
        real(descriptor)

    session = make_session(journal=path)
    monkeypatch.setattr(os, "fdatasync", stop_set)
    for row in range(3):
        session.teach(row, "left")
        assert len(synced) == row + 1
        assert synced[-1] == event_files(path)[0].stat().st_size


def short_write(real):
    return lambda descriptor, content: real(descriptor, content[: len(content) // 2])


def full_disk(real):
    def fails(descriptor, *content):
        if content:
            real(descriptor, content[0][:7])
        raise OSError(errno.ENOSPC, "No space left on device")

    return fails


def interrupted(real):
    def fails(descriptor):
        real(descriptor)
        raise KeyboardInterrupt

    return fails


@pytest.mark.parametrize(
    ("name", "broken", "error"),
    [
        ("write", short_write, OSError),
        ("write", full_disk, OSError),
        ("fdatasync", full_disk, OSError),
        ("fdatasync", interrupted, KeyboardInterrupt),
    ],
)
@pytest.mark.parametrize("cut", [True, False])
def test_what_could_not_be_written_never_happened(make_session, path, monkeypatch, name, broken, error, cut):
    session = make_session(journal=path)
    session.query()
    session.teach(1, "left")
    session.teach(2, "left")
    before = session.events, view_of(session).queue, session.labels.to_csv(), session.progress
    for call in (lambda: session.teach(3, "left", event_id="x"), lambda: session.undo(2), lambda: session.skip(1)):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, broken(getattr(os, name)))
            if not cut:
                patch.setattr(os, "ftruncate", lambda *_: full_disk(None)(0))
            with pytest.raises((error, OSError)):
                call()
        assert (session.events, view_of(session).queue, session.labels.to_csv(), session.progress) == before
    session.teach(3, "right", event_id="x")
    assert session.undo(2) == [3, 2]
    resumed = make_session(journal=path)
    assert resumed.events == session.events
    assert resumed.recovery_message == ""


@pytest.mark.parametrize("threads", [True, False], ids=["threads", "no threads"])
def test_an_answer_stands_when_only_the_next_question_cannot_be_written(make_session, path, monkeypatch, threads):
    if not threads:
        monkeypatch.setattr(threading.Thread, "start", no_start)
    session = make_session(journal=path)
    view_of(session).set_prefetch(6)
    assert session.wait(30)
    queue = view_of(session).queue
    with monkeypatch.context() as patch:
        refuse(patch, "asked", OSError(errno.ENOSPC, "No space left on device"))
        session.teach(queue[0], "left")
        assert "No space left" in session.progress.error
        assert view_of(session).queue == queue[1:]
        # Also what the loop itself could not write is over with the next answer that is saved.
        assert session.wait(30)
        assert "No space left" in session.progress.error
    session.teach(queue[1], "left")
    assert session.progress.error == ""
    assert view_of(session).queue[:4] == queue[2:]
    assert len(view_of(session).queue) == 6


def test_a_round_that_cannot_be_written_is_tried_again_after_the_next_answer(make_session, blobs, path, monkeypatch):
    session = make_session(journal=path, batch_size=2)
    rows = [int(np.flatnonzero(blobs[1] == label)[0]) for label in ("left", "right")]
    with monkeypatch.context() as patch:
        refuse(patch, "trained", OSError(errno.EIO, "Input/output error"))
        for row in rows:
            session.teach(row, blobs[1][row])
        assert session.wait(30)
        assert "Input/output error" in session.progress.error
        assert session.progress.round == 0
    session.teach(100, blobs[1][100])
    assert session.wait(30)
    assert (session.progress.round, session.progress.error) == (1, "")
    assert make_session(journal=path).progress.round == 1


CHILD = """
import os, sys
import numpy as np
from sklearn.naive_bayes import GaussianNB
import alwidgets as alw
X = np.arange(20_000.0).reshape(10_000, 2)
given = {"classes": ["a", "b"], "learner": GaussianNB(), "batch_size": 10**6, "random_state": 0, "journal": sys.argv[1]}

def label():
    session = alw.Session(X, **given)
    for row in range(session.progress.n_labeled, 10_000):
        session.teach(row, "ab"[row % 2], event_id=str(row))
        os.write(1, f"{row}\\n".encode())

for _ in sys.stdin:
    pid = os.fork()
    if pid == 0:
        label()
    os.write(1, f"pid {pid}\\n".encode())
    os.waitpid(pid, 0)
    os.write(1, b"dead\\n")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_kill_9_loses_no_acknowledged_label(path):
    environment = {**os.environ, "PYTHONPATH": str(Path(alw.__file__).parents[1])}
    command = [sys.executable, "-c", CHILD, str(path)]
    acknowledged = -1
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True) as child:
        for kill in range(10):
            print("go", file=child.stdin, flush=True)
            pid, n_answers, killed = None, 0, False
            while (line := child.stdout.readline().strip()) != "dead":
                assert line, "the child ended"
                if line.startswith("pid"):
                    pid = int(line.split()[1])
                else:
                    acknowledged, n_answers = int(line), n_answers + 1
                if pid is not None and n_answers > 2 * kill and not killed:
                    os.kill(pid, signal.SIGKILL)
                    killed = True
            rows = [record["item"] for record in _records(path)]
            assert rows[: acknowledged + 1] == list(range(acknowledged + 1))
            # At most one that was on its way comes on top.
            assert len(rows) <= acknowledged + 2
        child.stdin.close()


def _records(path):
    return Journal(path, {}).records


@pytest.mark.parametrize(
    "bodies",
    [
        ['{"number":1,"prev":"","a":[{}', '{"number":2,"prev":""}]}'],
        ['{"number":1,"prev":""},{"number":2,"prev":""}', '{"number":3,"prev":""}'],
        ['{"number":1,"prev":""},{"number":2,"prev":"","a":[{}', '{"number":2,"prev":""}]}'],
        ['{"number":1,"prev":""},0,{"number":2,"prev":"","a":[{}', '{"number":2,"prev":""}]}'],
        ['{"number":1,"prev":"","a":NaN}', '{"number":2,"prev":"","a":}'],
        ['["number","prev",{}', '{"number":2,"prev":""}'],
    ],
)
def test_lines_that_are_json_only_together_are_none_of_a_journal(tmp_path, bodies):
    lines = [body[:-1] + chain._seal(body.encode()).decode() + "\n" for body in bodies]
    (tmp_path / "events").mkdir()
    file = tmp_path / "events" / "a.jsonl"
    file.write_text("".join(lines))
    found = chain.read_chain(tmp_path / "events")
    wrong = [n for n, body in enumerate(bodies, 1) if not is_json(body)]
    none = (f"{file}, line {n}: the line does not belong to a journal, whoever wrote it." for n in wrong)
    assert found.problems == tuple(none)
    assert found.lines.place.tolist() == [n for n in (1, 2) if n not in wrong]


def is_json(body):
    try:
        return type(json.loads(body, parse_constant=lambda _: 1 / 0)) is dict
    except (ValueError, ZeroDivisionError):
        return False


@pytest.mark.parametrize("n_bytes", [1, 10, -1])
def test_a_torn_last_line_is_cut_and_reported(make_session, path, n_bytes):
    file = labeled(make_session, path)
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    file.write_bytes(whole + lines[-1][:n_bytes])
    with pytest.warns(RuntimeWarning, match=rf"cut off \({len(lines[-1][:n_bytes])} bytes in {file.name}\)") as caught:
        session = make_session(journal=path)
    assert Path(caught[0].filename).name == "conftest.py"  # where the session was made
    assert "had not been acknowledged, and was removed" in session.recovery_message
    assert file.read_bytes() == whole
    session.teach(7, "right")
    assert len(make_session(journal=path).labels) == len(lines)  # the first says who wrote them


@pytest.mark.parametrize("n_noted", [None, 3])
def test_a_last_write_of_which_a_power_cut_left_only_some_blocks_is_cut(make_session, path, n_noted):
    file = labeled(make_session, path)
    lines = file.read_bytes().splitlines(keepends=True)
    if n_noted is None:
        end_file(file).unlink()
    else:
        end_file(file).write_bytes(end_of(n_noted, "0" * 32))
    file.write_bytes(b"".join(lines[:-1]) + bytes(100) + lines[-1][100:])
    with pytest.warns(RuntimeWarning, match="cut off"):
        session = make_session(journal=path)
    assert session.labels["item"].tolist() == [0, 1, 2, 3]
    assert file.read_bytes() == b"".join(lines[:-1])


def test_a_hole_in_a_line_that_was_there_is_damage(make_session, path):
    file = labeled(make_session, path)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]) + bytes(100) + lines[-1][100:])
    with pytest.raises(JournalError, match=rf"{file.name}, line {len(lines)}: the line does not match its hash"):
        make_session(journal=path)


def test_what_a_killed_kernel_had_not_synced_is_synced_before_anything_follows_it(make_session, path, monkeypatch):
    file = labeled(make_session, path)
    synced = []
    real = os.fsync

    def stop_set(descriptor):
        synced.append(Path(f"/proc/self/fd/{descriptor}").resolve())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", stop_set)
    make_session(journal=path)
    assert file.resolve() in synced


def test_the_folders_that_a_new_journal_is_in_are_synced(make_session, tmp_path, monkeypatch):
    synced = []
    real = os.fsync

    def stop_set(descriptor):
        synced.append(Path(f"/proc/self/fd/{descriptor}").resolve())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", stop_set)
    make_session(journal=tmp_path / "new" / "a.alw")
    assert {tmp_path.resolve(), (tmp_path / "new").resolve()} <= set(synced)


def test_a_line_written_while_the_journal_is_read_is_no_missing_end(make_session, path, monkeypatch):
    session = make_session(journal=path)
    session.teach(0, "left")
    chunks = files.chunks
    file = event_files(path)[0]

    def grows_behind_the_reader(which):
        yield from chunks(which)
        if which == file:
            session.teach(1, "left")

    with monkeypatch.context() as patch:
        patch.setattr(files, "chunks", grows_behind_the_reader)
        assert alw.verify(path).problems == ()


def test_a_file_that_follows_a_line_which_was_written_meanwhile_is_read_again(tmp_path, path, monkeypatch):
    first = Journal(path, IDENTITY)
    first.append(flagged("1"))
    [file] = event_files(path)
    chunks, later = files.chunks, []

    def taken_over_behind_the_reader(which):
        yield from chunks(which)
        if which == file and not later:
            later.append(None)
            first.append(flagged("2"))
            later.append(Journal(path, IDENTITY))
            later[-1].append(flagged("3"))

    with monkeypatch.context() as patch:
        patch.setattr(files, "chunks", taken_over_behind_the_reader)
        assert alw.verify(path).problems == ()


def test_a_file_of_which_only_a_torn_line_is_left_is_empty(make_session, path):
    file = labeled(make_session, path, 1)
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0][:-9])
    end_file(file).unlink()  # never synced: a crash may take it
    with pytest.warns(RuntimeWarning, match="cut off"):
        assert make_session(journal=path).events == ()


def flip(content, place):
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


def test_a_flipped_byte_anywhere_is_found_and_its_line_named(make_session, path):
    file = labeled(make_session, path)
    whole = file.read_bytes()
    ends = np.cumsum([len(line) for line in whole.splitlines(keepends=True)])
    for place in [*range(0, len(whole), 29), *(ends - 1)]:
        file.write_bytes(flip(whole, int(place)))
        line = int(np.searchsorted(ends, place, side="right")) + 1
        with pytest.raises(JournalError, match=rf"{file.name}, line {line}: .*restore the file from a copy"):
            make_session(journal=path)
        assert file.read_bytes() == flip(whole, int(place))


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ([1, 2, 3, 4, 5], 1),
        ([0, 2, 3, 4, 5], 2),
        ([0, 1, 2, 3, 5], 5),
        ([0, 2, 1, 3, 4, 5], 2),
        ([1, 0, 2, 3, 4, 5], 1),
        ([0, 1, 1, 2, 3, 4, 5], 3),
    ],
)
def test_dropped_doubled_and_swapped_lines_are_found_and_named(make_session, path, order, named):
    file = labeled(make_session, path)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[i] for i in order))
    with pytest.raises(JournalError, match=rf"{file.name}, line {named}: .*(one is missing|the file ends before it)"):
        make_session(journal=path)
    assert f"{file.name}, line {named}: " in alw.verify(path).problems[0]


def test_lines_missing_at_the_end_are_told_once_and_the_session_goes_on(make_session, path):
    file = labeled(make_session, path)
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-2]))
    message = rf"{file.name}, line 5: the file ends before it, but had 2 more lines"
    assert re.search(message, alw.verify(path).problems[0])
    with pytest.warns(RuntimeWarning, match=message):
        session = make_session(journal=path)
    assert session.labels["item"].tolist() == [0, 1, 2]
    session.teach(9, "right")
    session.close()
    # The file of the kernel that went on says how many there were.
    assert alw.verify(path).sound
    again = make_session(journal=path)
    assert (again.recovery_message, again.labels["item"].tolist()) == ("", [0, 1, 2, 9])


def test_a_line_missing_at_the_end_of_an_older_file_is_told(make_session, path):
    first = labeled(make_session, path)
    session = make_session(journal=path)
    session.teach(8, "right")
    session.close()
    first.write_bytes(b"".join(first.read_bytes().splitlines(keepends=True)[:-1]))
    message = rf"{first.name}, line 6: the file ends before it, but had 1 more lines"
    assert re.search(message, alw.verify(path).problems[0])
    with pytest.warns(RuntimeWarning, match=message):
        session = make_session(journal=path)
    assert session.labels["item"].tolist() == [0, 1, 2, 3, 8]


def test_a_damaged_or_missing_session_json_is_named(make_session, path):
    labeled(make_session, path)
    file = path / "session.json"
    whole = file.read_bytes()
    stored = json.loads(whole)
    for content in (b"", whole[:40], whole[:-1], b"[1]", b'{"format": 1}', json.dumps({**stored, "pool": 3}).encode()):
        file.write_bytes(content)
        with pytest.raises(JournalError, match=r"session.json is damaged .*restore it from a copy"):
            make_session(journal=path)
        assert file.read_bytes() == content
    file.unlink()
    with pytest.raises(JournalError, match=r"session.json is missing, but there are events"):
        make_session(journal=path)
    assert not file.exists()


def test_a_crash_while_the_journal_was_made_is_no_hindrance(make_session, path):
    (path / "events").mkdir(parents=True)
    (path / ".session.json.7.tmp").write_bytes(b'{"form')
    make_session(journal=path).teach(1, "left")
    assert len(make_session(journal=path).events) == 1


def test_a_newer_format_is_refused(make_session, path):
    labeled(make_session, path)
    file = path / "session.json"
    file.write_bytes(json.dumps({**json.loads(file.read_bytes()), "format": formats.FORMAT + 1}).encode())
    with pytest.raises(
        JournalError, match=rf"has format {formats.FORMAT + 1}; this alwidgets reads up to {formats.FORMAT}. Upgrade"
    ):
        make_session(journal=path)


@pytest.mark.parametrize("changes", [{"random_state": 1}, {"created": 0.0}, {"session": "another"}, {"format": 0}])
def test_a_session_json_that_something_changed_is_refused_and_found(make_session, path, changes):
    labeled(make_session, path)
    file = path / "session.json"
    stored = json.loads(file.read_bytes())
    file.write_bytes(json.dumps(stored | changes).encode())
    with pytest.raises(JournalError, match=r"session.json is damaged .*restore it from a copy"):
        make_session(journal=path, random_state=changes.get("random_state", 0))
    assert "session.json is damaged" in alw.verify(path).problems[0]


def test_a_session_json_of_before_there_was_a_hash_is_read(make_session, path):
    labeled(make_session, path)
    file = path / "session.json"
    stored = json.loads(file.read_bytes())
    del stored["hash"]
    file.write_bytes(json.dumps(stored).encode())
    assert re.search("session.json has no hash", alw.verify(path).problems[0])
    assert len(make_session(journal=path).labels) == 5


def test_nothing_is_acknowledged_into_a_file_that_something_shortened(make_session, path):
    session = make_session(journal=path)
    session.teach(0, "left")
    session.teach(1, "left")
    [file] = event_files(path)
    shortened = file.read_bytes()[:-10]
    file.write_bytes(shortened)
    with pytest.raises(OSError, match="lost lines that were acknowledged; restore it from a copy"):
        session.teach(2, "left")
    assert file.read_bytes() == shortened
    assert session.labels["item"].tolist() == [0, 1]


@pytest.mark.parametrize("n_files", [1, 2])
def test_a_file_that_is_gone_is_found_and_named(make_session, path, n_files):
    for _ in range(n_files):
        labeled(make_session, path, 2)
    gone = max(event_files(path), key=lambda file: json.loads(file.read_bytes().splitlines()[0])["number"])
    gone.unlink()
    message = f"{gone.name}, line 1: the file is missing, but had 3 lines"
    assert message in alw.verify(path).problems[0]
    with pytest.warns(RuntimeWarning, match=message):
        assert len(make_session(journal=path).labels) == 2 * (n_files - 1)


def test_a_last_line_other_than_the_one_that_was_noted_is_found(make_session, path):
    file = labeled(make_session, path)
    end_file(file).write_bytes(end_of(6, "0" * 32))
    with pytest.raises(JournalError, match=f"{file.name}, line 6: the line is not the one that was noted"):
        make_session(journal=path)


def test_an_event_of_a_newer_kind_is_named(make_session, path):
    labeled(make_session, path, 1)
    stored = json.loads((path / "session.json").read_bytes())
    identity = {name: stored[name] for name in IDENTITY}
    Journal(path, identity).append({"kind": "guessed", "id": "1", "at": 0.0})
    with pytest.raises(JournalError, match=r"jsonl, line 2: event kind is 'guessed'; expected one of"):
        make_session(journal=path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"X": np.zeros((120, 5)), "test": None}, r"pool differs \(shape \[120, 4\] then, \[120, 5\] now; content"),
        ({"X": np.zeros((120, 4))}, "pool differs .*content '"),
        ({"classes": ["right", "left"]}, r"classes differs \(\['left', 'right'\] then"),
        ({"random_state": 1}, r"random_state differs \(0 then, 1 now\)"),
    ],
)
def test_a_journal_of_another_session_is_refused_and_left_alone(make_session, path, changes, message):
    file = labeled(make_session, path)
    file.write_bytes(file.read_bytes()[:-4])
    before = snapshot(path)
    with pytest.raises(JournalError, match=message + ".*Pass what it was made with"):
        make_session(journal=path, **changes)
    assert snapshot(path) == before


def test_numbers_and_booleans_are_different_classes(make_session, path):
    make_session(journal=path, classes=[0, 1], test=None).close()
    with pytest.raises(JournalError, match="classes differs"):
        make_session(journal=path, classes=[False, True], test=None)


def test_what_is_not_a_journal_is_left_alone(make_session, path):
    path.mkdir()
    (path / "thesis.txt").write_text("ten years")
    with pytest.raises(JournalError, match="exists and is not a session; expected a folder that alwidgets made"):
        make_session(journal=path)
    with pytest.raises(JournalError, match="exists and is not a session"):
        make_session(journal=path / "thesis.txt")
    assert snapshot(path) == {path / "thesis.txt": b"ten years"}


def test_an_unwritable_folder_is_refused_before_anything_is_answered(make_session, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"the journal cannot be written .*choose a folder you may write to"):
        make_session(journal=tmp_path / "file" / "a.alw")


def test_a_full_disk_while_the_journal_is_made_leaves_nothing_in_the_way(make_session, path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full_disk(os.write))
        with pytest.raises(OSError, match="No space left"):
            make_session(journal=path)
    assert make_session(journal=path).events == ()


def test_a_second_session_continues_the_chain_in_a_file_of_its_own(make_session, path):
    for row in range(3):
        session = make_session(journal=path)
        session.teach(row, "left")
        session.close()
        session.close()
    assert len(event_files(path)) == 3
    assert make_session(journal=path).labels["item"].tolist() == [0, 1, 2]
    make_session(journal=path).close()
    assert len(event_files(path)) == 3
    assert all(file.stat().st_mode & 0o077 == 0 for file in event_files(path))


def test_answers_to_a_journal_that_was_deleted_are_refused(make_session, path):
    session = make_session(journal=path)
    session.teach(0, "left")
    shutil.rmtree(path)
    with pytest.raises(OSError, match="the journal was deleted; make a new session"):
        session.teach(1, "left")
    assert session.labels["item"].tolist() == [0]


def test_a_session_that_is_forgotten_closes_its_file(make_session, path, blobs):
    X, _ = blobs
    session = alw.Session(X, classes=["left", "right"], learner=LogisticRegression(), journal=path)
    session.teach(0, "left")
    session.wait()
    descriptor = session._core.log.journal._descriptor
    os.fstat(descriptor)
    del session
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def newer_format(monkeypatch):
    """Have the package write a format in which notes are in capitals, so that what was written before is older."""

    def in_capitals(record):
        return record | {"note": record["note"].upper()} if record["kind"] == "flagged" else record

    monkeypatch.setattr(formats, "FORMAT", formats.FORMAT + 1)
    monkeypatch.setitem(formats.UPGRADES, formats.FORMAT - 1, in_capitals)


def test_a_journal_of_an_older_format_is_read_as_the_present_one_and_goes_on_in_it(make_session, path, monkeypatch):
    first = make_session(journal=path)
    first.teach(0, "left")
    first.flag(1, "then")
    first.close()
    older = {file: file.read_bytes() for file in event_files(path)}
    newer_format(monkeypatch)
    second = make_session(journal=path)
    assert second.flags == {1: "THEN"}
    second.flag(2, "now")
    second.close()
    assert alw.verify(path).sound
    assert {file: file.read_bytes() for file in older} == older
    assert make_session(journal=path).flags == {1: "THEN", 2: "now"}
    assert [record.get("note") for record in read(path)[1]][-2:] == ["THEN", "now"]


def test_an_alwidgets_that_is_too_old_for_a_journal_says_so_and_changes_nothing(make_session, path, monkeypatch):
    with monkeypatch.context() as patch:
        newer_format(patch)
        labeled(make_session, path)
    before = snapshot(path)
    for opened in (lambda: make_session(journal=path), lambda: read(path)):
        with pytest.raises(
            JournalError,
            match=rf"a.alw has format {formats.FORMAT + 1}; this alwidgets reads up to {formats.FORMAT}. Upgrade",
        ):
            opened()
    assert snapshot(path) == before


def test_a_single_file_of_a_newer_format_is_refused_too(make_session, path, monkeypatch):
    labeled(make_session, path)
    stored = (path / "session.json").read_bytes()
    with monkeypatch.context() as patch:
        newer_format(patch)
        labeled(make_session, path)
    (path / "session.json").write_bytes(stored)
    with pytest.raises(
        JournalError, match=rf"\.jsonl has format {formats.FORMAT + 1}; this alwidgets reads up to {formats.FORMAT}"
    ):
        make_session(journal=path)


def test_reading_a_journal_neither_holds_nor_changes_it(make_session, path):
    session = make_session(journal=path)
    session.teach(0, "left")
    before = snapshot(path)
    identity, records = read(path)
    assert (identity["classes"], [record["kind"] for record in records]) == (["left", "right"], ["labeled"])
    assert snapshot(path) == before
    session.teach(1, "left")


def test_a_folder_that_is_no_journal_cannot_be_read(tmp_path):
    with pytest.raises(JournalError, match=r"session.json is missing; expected a folder that alwidgets made"):
        read(tmp_path)
