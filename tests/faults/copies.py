"""Copies of a journal that are taken while a kernel labels, closes it and opens it again."""

import random
import shutil
import subprocess
from contextlib import suppress

import alwidgets as alw
from alwidgets.journal.chain import read_chain
from tests.faults.processes import Labeling, relabel
from tests.faults.sample import Found, answer_next, ended, opened


def copies(folder, n):
    """Copy a journal that is being written; open the copy: what it has counts, what it lacks is told."""
    found, rng = Found("copies taken while writing"), random.Random(0)
    path, process = None, None
    for found.tried in range(1, n + 1):
        if process is None:
            path = folder / f"{found.tried}.alw"
            process = Labeling(relabel, path, rng.choice((2, 5)))
            process.heard()
        copy = folder / f"copy{found.tried}.alw"
        rng.choice((_file_by_file, _file_by_file, _tarred, _copied))(path, copy, process, rng)
        wrong = _wrong(copy)
        if wrong:
            found.wrong.append(f"{copy}: {wrong}")
        if found.tried % 6 == 0 or found.tried == n:
            process.killed()
            process = None
    return found


def _file_by_file(path, copy, process, rng):
    """Copy one file after the other, in any order, with a few answers in between."""
    copy.mkdir()
    for name in rng.sample(("events", "ends", "holder", "session.json"), 4):
        if name == "session.json":
            shutil.copy(path / name, copy)
            continue
        (copy / name).mkdir()
        there = sorted((path / name).iterdir())
        for file in rng.sample(there, len(there)):
            if rng.random() < 0.5:
                process.heard()
            # What an owner left behind goes when another takes its place.
            with suppress(FileNotFoundError):
                shutil.copy(file, copy / name)
        for _ in range(rng.randrange(8)):
            process.heard()


def _tarred(path, copy, process, rng):
    archive = copy.with_suffix(".tar")
    # It says that files changed while it read them.
    subprocess.run(["tar", "-cf", archive, "-C", path, "."], check=False, capture_output=True)
    copy.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", copy], check=True)


def _copied(path, copy, process, rng):
    # A file of an owner that was taken over meanwhile is gone.
    subprocess.run(["cp", "-r", path, copy], check=False, capture_output=True)


def _wrong(copy):
    chain = read_chain(copy / "events")
    there = [
        record["id"]
        for _, stretch, start, stop in chain.lines.where(chain.lines.event >= 0).runs()
        for record in stretch.records(start, stop)
    ]
    try:
        session = opened(copy)
    except (ValueError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    try:
        if [event.id for event in session.events] != there:
            return f"{len(session.events)} events count; {len(there)} are there"
        if bool(chain.missing) != ("lacks lines" in session.recovery_message):
            return f"missing: {chain.missing}; told: {session.recovery_message!r}"
        session.take_over()
        # Its questions may be those of answers that are not there.
        row = answer_next(session) if len(session.query()) else None
    finally:
        ended(session)
    again = opened(copy)
    ended(again)
    if [event.id for event in again.events] != [event.id for event in session.events]:
        return f"{len(again.events)} events after going on; expected {len(session.events)}"
    if row is not None and row not in again.labels["item"].tolist():
        return f"the answer to {row} is gone"
    found = alw.verify(copy)
    return "" if found.sound else str(found.problems)
