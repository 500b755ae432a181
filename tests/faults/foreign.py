"""Folders that somebody else made: links, pipes, holes, and lines that are sealed but say what none should."""

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
from pathlib import Path

import alwidgets as alw
from alwidgets.journal.chain import end_of, sealed
from alwidgets.journal.errors import JournalError
from alwidgets.journal.lines import GENESIS
from alwidgets.journal.reading import read
from tests.faults.sample import Found, Y, answer_next, ended, opened

# Long for any folder tried here.
_HANGS = 60
# What JSON text may hold in the place of a value, whether or not `json` writes it.
_RAW = {
    "@digits@": "9" * 5000,
    "@inf@": "1e999",
    "@nan@": "NaN",
    "@deep@": "[" * 100_000 + "]" * 100_000,
    "@rather deep@": '{"a":' * 400 + "1" + "}" * 400,
}
_VALUES = (
    *_RAW, None, True, False, 0, -1, 1, 10**9, 10**30, -(10**30), 1.5, -0.0, 1e300, "", "x", "a", "../../../x",
    "\ud800", "x" * 5000, [], {}, [[]], [None], [-1], [10**9], ["a"], [[0, 10**6]], [[0, -1]], {"a": 1},
    {"labels": 3}, {"labels": [None, {}]},
)  # fmt: skip


def foreign_folders(folder, n):
    """Verify, read and open foreign folders: JournalError or an open session, nothing touched outside, no hang."""
    found, rng = Found("foreign folders (links, pipes, holes, deep, mutated)"), random.Random(0)
    whole, outside = folder / "whole.alw", folder / "outside"
    made(whole)
    outside.mkdir()
    for found.tried in range(1, n + 1):
        with hangs_told():
            shutil.rmtree(outside)
            for name in ("events", "holder", "models", "ends"):
                (outside / name).mkdir(parents=True)
                (outside / name / "1.json").write_text("one line")
            path = folder / "foreign.alw"
            shutil.copytree(whole, path)
            kind = rng.choice(KINDS)
            kind(path, outside, rng)
            before = contents(outside)
            wrong = what_happens(path)
            if contents(outside) != before:
                wrong = "something outside was touched"
            if wrong:
                found.wrong.append(f"{found.tried}, {kind.__name__}: {wrong}")
            shutil.rmtree(path)
    return found


def made(path):
    """Make a journal with every kind of event, in three files."""
    session = opened(path, audit=0.2)
    session.run(Y, 16)
    session.close()
    session = opened(path, audit=0.2)
    for _ in range(9):
        answer_next(session)
    session.skip(int(session.query()[0]), unsure=True)
    session.flag(3, "odd")
    session.flag(4, "odd")
    session.unflag(4)
    session.note(5, "well")
    session.ask_only(range(30))
    session.undo(2)
    row = int(session.labels["item"].iloc[0])
    session.request_repeats([row])
    session.answer_repeat(row, "b")
    session.add_class("c")
    session.adjust(labels=100)
    session.decide("go on", "why not")
    session.wait()
    session.rollback(1)
    session.run(Y, 12)
    session.end_audit()
    ended(session)
    session = opened(path, audit=0.2)
    answer_next(session)
    ended(session)


def what_happens(path):
    """Return what went wrong when a folder was verified, read and opened; empty when nothing did."""
    try:
        problems = _tried(lambda: alw.verify(path).problems)
        readable = _tried(lambda: read(path)) is not None
        if problems == () and not readable:
            return "verify calls sound what cannot be read"
        session = _tried(lambda: opened(path, audit=0.2))
        if session is not None:
            _look(session)
            if not readable:
                return "a session was opened on what cannot be read"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is one too many
        return f"{type(error).__name__}: {error}"[:300]
    return ""


def _tried(what):
    try:
        return what()
    except JournalError:
        return None


def _look(session):
    try:
        assert all(each is not None for each in (session.labels, session.history, session.versions, session.audit_log))
        assert session.decisions is not None
        session.review(wait=False)
        if not session.read_only and len(session.query()):
            answer_next(session)
    finally:
        ended(session)


@contextlib.contextmanager
def hangs_told():
    """Raise TimeoutError where something waits for ever."""

    def rings(*_):
        raise TimeoutError("hangs")

    before = signal.signal(signal.SIGALRM, rings)
    signal.setitimer(signal.ITIMER_REAL, _HANGS, _HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def contents(folder):
    """Return every path below a folder, with what it holds."""
    return {file: file.read_bytes() if file.is_file() else None for file in sorted(folder.rglob("*"))}


def _files(path):
    return sorted((path / "events").glob("*.jsonl"))


def _file(path, rng):
    return rng.choice(_files(path))


def linked_file(path, outside, rng):
    """A file of the journal is a link to one elsewhere, which has its content, or another."""
    places = ["session.json", "session.tmp", "holder/9.json", "models/a.skops"]
    places += [f"events/{_file(path, rng).name}", "events/0.jsonl", f"ends/{_file(path, rng).stem}", "ends/0"]
    file = path / rng.choice(places)
    target = outside / "file"
    target.write_bytes(file.read_bytes() if file.exists() and rng.random() < 0.5 else b"one line")
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    file.symlink_to(target if rng.random() < 0.8 else outside / "nothing")


def linked_folder(path, outside, rng):
    """A folder of the journal is a link to one elsewhere."""
    name = rng.choice(("events", "ends", "holder", "models"))
    shutil.rmtree(path / name, ignore_errors=True)
    (path / name).symlink_to(outside / name, target_is_directory=True)


def special_file(path, outside, rng):
    """A file of the journal is a pipe, a folder, or a file of 10 GB that is one hole."""
    places = ("session.json", "holder/9.json", "events/0.jsonl", "ends/0", f"events/{_file(path, rng).name}")
    file = path / rng.choice(places)
    if file.exists():
        file.unlink()
    kind = rng.choice((os.mkfifo, os.mkdir, _hole))
    kind(file)


def _hole(file):
    Path(file).touch()
    os.truncate(file, 10 * 2**30)


def hole_at_the_end(path, outside, rng):
    """A file goes on with 10 GB of nothing."""
    file = _file(path, rng)
    os.truncate(file, file.stat().st_size + 10 * 2**30)


def no_text(path, outside, rng):
    """A file is not a text, or one endless line."""
    file = rng.choice([_file(path, rng), path / "session.json", *sorted((path / "ends").iterdir())])
    content = rng.choice((b"", b"\xff\xfe" * 100, b"x" * 2**20, b"[" * 10**6, bytes(100), rng.randbytes(1000)))
    file.write_bytes(content if rng.random() < 0.5 else file.read_bytes() + content)


def strange_names(path, outside, rng):
    """Names that look like numbers, and are none; and numbers without end."""
    for name in ("holder/\u00b2.json", f"holder/{'9' * 200}.json", "holder/-1.json", "ends/.x", "events/.x.jsonl"):
        (path / name).write_text(rng.choice(("", "{}", "[1]", '{"epoch": {}}')))


def changed_identity(path, outside, rng):
    """What makes the session this one says something else, with the right hash."""
    file = path / "session.json"
    stored = json.loads(file.read_bytes())
    del stored["hash"]
    _change(stored, rng)
    body = _raw(json.dumps(stored, sort_keys=True, separators=(",", ":")))
    with contextlib.suppress(ValueError, RecursionError):
        body = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(body.encode()).hexdigest()[:32]
    file.write_text(body[:-1] + f',"hash":"{digest}"}}' if rng.random() < 0.9 else body)


def changed_lines(path, outside, rng):
    """Lines say something else, are gone, doubled or swapped, and all hashes and ends are right."""
    files = {file: [json.loads(line) for line in file.read_bytes().splitlines()] for file in _files(path)}
    # What each line is called by those that follow it, in the order in which the files were begun.
    named = [
        (file, [(record.pop("hash"), record) for record in records])
        for file, records in sorted(files.items(), key=lambda pair: pair[1][0]["number"])
    ]
    _, lines = rng.choice(named)
    for _ in range(rng.choice((1, 1, 1, 3))):
        place, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        kind = rng.choice(("change",) * 7 + ("double", "drop", "swap"))
        if kind == "change":
            _change(lines[place][1], rng)
        elif kind == "double":
            lines.insert(other, (lines[place][0], dict(lines[place][1])))
        elif kind == "swap":
            lines[place], lines[other] = lines[other], lines[place]
        elif len(lines) > 1:
            del lines[place]
    _write_sealed(named)


def _write_sealed(named):
    """Write records as the lines of files, each following the line that it followed, and note the ends."""
    hashes = {}
    for file, lines in named:
        digest = hashes.get(str(lines[0][1].get("prev")), GENESIS)
        content = b""
        for old, record in lines:
            if "prev" in record:
                record["prev"] = digest
            line, hashes[old] = _sealed(record)
            digest, content = hashes[old], content + line
        file.write_bytes(content)
        (file.parent.parent / "ends" / file.stem).write_bytes(end_of(len(lines), digest))


def _sealed(record):
    body = _raw(json.dumps(record, separators=(",", ":"))).encode()
    if body == json.dumps(record, separators=(",", ":")).encode():
        return sealed(record)
    digest = hashlib.sha256(body).hexdigest()[:32]
    return body[:-1] + f',"hash":"{digest}"}}'.encode() + b"\n", digest


def _raw(text):
    for name, raw in _RAW.items():
        text = text.replace(f'"{name}"', raw)
    return text


def _change(record, rng):
    """Change, drop or add a field of a record, or of what is in it."""
    values = record if isinstance(record, list) else record.values()
    inside = [value for value in values if isinstance(value, dict | list) and value]
    if inside and rng.random() < 0.4:
        return _change(rng.choice(inside), rng)
    if isinstance(record, list):
        record[rng.randrange(len(record))] = rng.choice(_VALUES)
        return None
    name = rng.choice(sorted(record))
    if rng.random() < 0.15:
        del record[name]
    elif rng.random() < 0.1:
        record[rng.choice(("kind", "seen", "epoch", "format", "new", "missing"))] = rng.choice(_VALUES)
    else:
        record[name] = rng.choice(_VALUES)
    return None


KINDS = (
    linked_file, linked_folder, special_file, hole_at_the_end, no_text, strange_names, changed_identity,
    *[changed_lines] * 13,
)  # fmt: skip
