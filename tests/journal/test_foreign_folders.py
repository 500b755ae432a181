"""A journal that somebody else made is hostile until it is read: nothing outside is touched, and errors say where."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

import alwidgets as alw
from alwidgets.io import write_labels
from alwidgets.journal.chain import end_file, end_of, sealed
from alwidgets.journal.errors import JournalError
from alwidgets.journal.files import Journal
from alwidgets.journal.reading import read
from alwidgets.models import snapshots
from alwidgets.utils import files
from tests.faults.disk import small_disk
from tests.faults.foreign import contents, made
from tests.faults.sample import ended, opened

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("made") / "a.alw"
    made(path)
    return path


@pytest.fixture
def path(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "a.alw"))


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "1.json").write_text("one line")
    (folder / "file").write_text("one line")
    return folder


def event_file(path):
    return min((path / "events").iterdir())


def link_events_file(path, outside):
    (path / "events" / "0.jsonl").symlink_to(outside / "file")


def link_own_file(path, outside):
    file = event_file(path)
    shutil.move(file, outside / "file")
    file.symlink_to(outside / "file")


def link_identity(path, outside):
    shutil.move(path / "session.json", outside / "file")
    (path / "session.json").symlink_to(outside / "file")


def link_holder(path, outside):
    shutil.rmtree(path / "holder")
    (path / "holder").symlink_to(outside)


def link_events(path, outside):
    shutil.rmtree(path / "events")
    (path / "events").symlink_to(outside)


def pipe(path, outside):
    os.mkfifo(path / "events" / "0.jsonl")


def pipe_as_end(path, outside):
    os.mkfifo(path / "ends" / "0")


def pipe_as_identity(path, outside):
    (path / "session.json").unlink()
    os.mkfifo(path / "session.json")


def pipe_as_holder(path, outside):
    os.mkfifo(path / "holder" / "99.json")


def empty_folder_as_holder(path, outside):
    (path / "holder" / "99.json").mkdir()


def other_folder_as_holder(path, outside):
    (path / "holder" / "99.json").mkdir()
    (path / "holder" / "99.json" / "other").touch()


def folder_as_file(path, outside):
    (path / "events" / "0.jsonl").mkdir()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (link_events_file, r"0.jsonl is a link; expected a regular file"),
        (link_own_file, r"jsonl is a link; expected a regular file"),
        (link_identity, r"session.json is a link; expected a regular file"),
        (link_holder, r"holder is a link; expected a folder"),
        (link_events, r"events is a link; expected a folder"),
        (pipe, r"0.jsonl is a pipe; expected a regular file"),
        (pipe_as_end, r"ends/0 is a pipe; expected a regular file"),
        (pipe_as_identity, r"session.json is a pipe; expected a regular file"),
        (pipe_as_holder, r"99.json is a pipe; expected a regular file"),
        (empty_folder_as_holder, r"99.json is an empty folder; expected a regular file"),
        (other_folder_as_holder, r"99.json is a folder without holder.json; expected a regular file"),
        (folder_as_file, r"0.jsonl is a folder; expected a regular file"),
    ],
)
def test_what_is_no_regular_file_is_refused_and_what_it_leads_to_is_left_alone(path, outside, change, what):
    change(path, outside)
    before = contents(outside)
    for looked in (lambda: opened(path), lambda: read(path)):
        with pytest.raises(JournalError, match=what):
            looked()
    assert re.search(what, alw.verify(path).problems[0])
    assert contents(outside) == before


def test_a_link_where_the_identity_was_once_written_first_is_not_written_through(tmp_path, outside):
    path = tmp_path / "new.alw"
    path.mkdir()
    (path / "session.tmp").symlink_to(outside / "file")
    ended(opened(path))
    assert (outside / "file").read_text() == "one line"


def test_models_are_not_written_or_read_through_a_link_or_by_a_path(tmp_path, outside):
    pytest.importorskip("skops")
    from sklearn.naive_bayes import GaussianNB

    (tmp_path / "models").symlink_to(outside)
    assert snapshots.write(tmp_path, "name", [GaussianNB()]) == ""
    before = contents(outside)
    for name in ("../outside/file", "..", ""):
        assert snapshots.write(tmp_path / "other", name, [GaussianNB()]) == ""
        assert snapshots.read(tmp_path, name, "0" * 64) is None
    assert contents(outside) == before


def test_a_hole_of_10_gb_behind_a_file_is_a_write_that_was_cut_off(path):
    file = event_file(path)
    size = file.stat().st_size
    os.truncate(file, size + 10 * 2**30)
    assert alw.verify(path).torn
    session = opened(path)
    ended(session)
    assert file.stat().st_size == size


def test_a_file_of_10_gb_that_is_small_by_nature_is_not_read(path):
    os.truncate(path / "session.json", 10 * 2**30)
    with pytest.raises(JournalError, match=r"session.json has more than 67,108,864 bytes"):
        opened(path)


def test_what_a_journal_does_not_use_may_be_anything(path, outside):
    (path / "notes").symlink_to(outside)
    (path / "events" / ".ipynb_checkpoints").mkdir()
    ended(opened(path))
    assert alw.verify(path).sound


def test_a_hidden_link_among_the_events_is_not_followed(path):
    (path / "events" / ".x.jsonl").symlink_to("nowhere")
    session = opened(path)
    assert not session.read_only
    ended(session)


def test_of_a_file_with_a_second_name_only_what_lies_here_is_cut(path, outside):
    file = event_file(path)
    whole = file.read_bytes()
    with file.open("ab") as end:
        end.write(b'{"kind"')
    os.link(file, outside / "own")
    before = contents(outside)
    assert alw.verify(path).sound
    session = opened(path)
    assert "was cut off (7 bytes" in session.recovery_message
    ended(session)
    assert contents(outside) == before
    assert file.read_bytes() == whole


@pytest.mark.parametrize("junk", [b"junk", b"12", b"-3 " + b"0" * 32, b"9" * 20, b"\xff" * 46, b" 7 x\n"])
def test_an_end_that_was_overwritten_is_told_before_lines_are_missed(path, junk):
    file = event_file(path)
    (path / "ends" / file.stem).write_bytes(junk)
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-3]))
    message = rf"ends/{file.stem} says .*; expected the number of lines of events/{file.name} and a hash"
    for looked in (lambda: opened(path), lambda: read(path)):
        with pytest.raises(JournalError, match=message):
            looked()
    assert re.search(message, alw.verify(path).problems[0])


@pytest.mark.parametrize("written_in", [0, -1, 1.5, True, "2"])
def test_a_file_of_no_format_is_damage(path, written_in):
    file = event_file(path)
    first, *others = (json.loads(line) for line in file.read_bytes().splitlines())
    content, digest = b"", ""
    for record in (first | {"format": written_in}, *others):
        record.pop("hash")
        line, digest = sealed(record | ({"prev": digest} if digest else {}))
        content += line
    file.write_bytes(content)
    end_file(file).write_bytes(end_of(len(others) + 1, digest))
    message = rf"{file.name}, line 1: "
    for looked in (lambda: opened(path), lambda: read(path), lambda: alw.merge(path, path, path.with_name("m.alw"))):
        with pytest.raises(JournalError, match=message):
            looked()
    assert re.search(message, alw.verify(path).problems[0])


@pytest.mark.parametrize("left", [b"", bytes(46)])
def test_an_end_of_which_a_crash_left_nothing_is_no_damage(path, left):
    (path / "ends" / event_file(path).stem).write_bytes(left)
    assert alw.verify(path).sound
    ended(opened(path))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("created", "yesterday"), ("created", -1), ("created", float("inf")), ("branched_from", "here"),
        ("branched_from", {"session": 3, "round": 1}), ("branched_from", {"session": "x", "round": -1}),
        ("classes", ["left", "right", "left"]), ("pool", {"kind": 2**63, "shape": [200, 4], "content": "x"}),
        ("pool", {"kind": "array", "shape": [200, 4], "content": [True]}), ("pool", {"shape": [200, 4]}),
    ],
)  # fmt: skip
def test_every_field_of_the_identity_is_what_it_should_be(path, field, value):
    file = path / "session.json"
    stored = json.loads(file.read_text()) | {field: value}
    stored.pop("hash")
    file.write_text(json.dumps(stored))
    message = rf"session.json is damaged \({field}\)"
    for looked in (lambda: opened(path), lambda: read(path)):
        with pytest.raises(JournalError, match=message):
            looked()
    assert re.search(message, alw.verify(path).problems[0])


def test_no_field_is_taken_for_what_it_is_not(path):
    journal = Journal(path, {})
    journal.append({"kind": "flagged", "id": "x", "at": 0.0, "item": -1, "note": "", "annotator": None})
    journal.close()
    message = r"\.jsonl, line 2: flagged event: item is -1; expected a row of the pool, which has 200"
    for looked in (lambda: opened(path), lambda: read(path)):
        with pytest.raises(JournalError, match=message):
            looked()
    assert "flagged event: item is -1" in alw.verify(path).problems[0]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_bytes(b"old")

    def full(descriptor, content):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left on device"):
            files.replace(file, b"new")
    assert {found.name: found.read_bytes() for found in tmp_path.iterdir()} == {"file": b"old"}
    file.chmod(0o640)
    files.replace(file, b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)


def test_a_link_that_a_user_made_to_a_file_of_labels_stays_one(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    session = opened(None)
    write_labels(session, tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("item,")


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl"])
def test_a_full_disk_leaves_the_labels_that_were_written_before(tmp_path, name):
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder) as disk:
        session = opened(None)
        for row in range(40):
            session.teach(row, "a")
        write_labels(session, folder / name)
        before = (folder / name).read_bytes()
        for row in range(40, 80):
            session.teach(row, "b")
        disk.leave(0)
        with pytest.raises(OSError, match=r"o space left|could be written"):
            write_labels(session, folder / name)
        assert (folder / name).read_bytes() == before
        disk.free()
        write_labels(session, folder / name)
        assert len((folder / name).read_bytes()) > len(before)
        assert not [file for file in folder.iterdir() if file.name.endswith(".tmp")]
