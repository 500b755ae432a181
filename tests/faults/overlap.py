"""Kernels that overlap on one journal: that open it at once, take it from each other, stop, go on, and are killed."""

import random
import shutil
import tempfile
import time
from itertools import count
from pathlib import Path

from alwidgets.journal.copying import build
from alwidgets.journal.errors import JournalError
from alwidgets.journal.files import Journal
from alwidgets.journal.reading import read, verify
from tests.faults.processes import IDENTITY, Labeling, fight, flagged, hold_on, open_at
from tests.faults.sample import Found

_N_KERNELS = 4
#: A journal of its own for so long, so that opening it stays quick.
_SECONDS = 2.0
_N_LABELS = 20_000
_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of one's own are made in it


def storms_on_a_disk(folder, seconds):
    return _storms(folder, seconds, "on a disk")


def storms_in_memory(folder, seconds):
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else folder) as memory:
        return _storms(Path(memory), seconds, "on a tmpfs")


def storms_without_links(folder, seconds):
    return _storms(folder, seconds, "where files have no second name", links=False)


def _storms(folder, seconds, where, *, links=True):
    """Have four kernels open, take over, write, close, and some of them stopped or killed; nothing saved is missing."""
    found, rng = (
        Found(f"{_N_KERNELS} kernels take over, close, reopen, are stopped and killed, {where}"),
        random.Random(0),
    )
    numbers, end = count(), time.monotonic() + seconds
    while time.monotonic() < end:
        path = folder / f"{next(numbers)}.alw"
        n_saved, wrong = _storm(path, min(_SECONDS, end - time.monotonic()), rng, links=links)
        found.tried += n_saved
        found.wrong.extend(wrong)
    return found


def _storm(path, seconds, rng, *, links):
    said = path.with_suffix(".said")
    said.mkdir()

    names = count()

    def kernel():
        return Labeling(fight, path, said / str(next(names)), links)

    kernels = [kernel() for _ in range(_N_KERNELS)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        chosen = rng.randrange(_N_KERNELS)
        kernels[chosen].run(rng.uniform(0, 0.1))
        if rng.random() < 1 / 2:
            kernels[chosen].pause(rng.uniform(0, 0.1))
        else:
            kernels[chosen].killed()
            kernels[chosen] = kernel()
    for each in kernels:
        each.killed()
    lines = [line for file in said.iterdir() for line in file.read_text().splitlines()]
    wrong = [line for line in lines if line.startswith("!")]
    saved = {line for line in lines if not line.startswith("!")}
    return len(saved), [*wrong, *missing(path, saved)]


def missing(path, saved):
    """Return what is wrong with a journal, of which these events were acknowledged."""
    try:
        _, records = read(path)
    except JournalError as error:
        return [str(error)]
    lost = saved - {record["id"] for record in records}
    return [f"{path}: lost {sorted(lost)}"] * bool(lost) + [f"{path}: {problem}" for problem in verify(path).problems]


def opened_at_once(folder, n):
    """Open a closed journal in three kernels within 100 ms and answer in all that can; all that is saved counts."""
    found, rng = Found("3 kernels open one closed journal within 100 ms"), random.Random(0)
    whole = _built(folder / "whole.alw", 2000)
    kernels = [Labeling(open_at, folder) for _ in range(3)]
    for found.tried in range(1, n + 1):
        path = folder / f"{found.tried}.alw"
        shutil.copytree(whole, path)
        start, within = time.time() + 0.02, rng.choice((0.01, 0.03, 0.1))
        for kernel in kernels:
            kernel.say(f"{path}|{start + rng.uniform(0, within)}")
        heard = [kernel.words() for kernel in kernels]
        saved = {word for words in heard for word in words[1:]}
        n_writers = sum(words[0] == "writes" for words in heard)
        wrong = missing(path, saved) + [word for word in saved if word.startswith("!")]
        if n_writers == 0:
            wrong.append(f"{path}: none of the three may write")
        found.wrong.extend(wrong)
        shutil.rmtree(path)
    for kernel in kernels:
        kernel.killed()
    return found


def holder_dies_while_another_opens(folder, n, n_labels=_N_LABELS):
    """Kill a owner that writes while another kernel reads what is there; what it saved counts for the other."""
    found, rng = Found(f"an owner killed while another opens ({n_labels:,} labels)"), random.Random(0)
    whole = _built(folder / "whole.alw", n_labels)
    start = time.perf_counter()
    read(whole)
    longest = 1.5 * (time.perf_counter() - start)
    for found.tried in range(1, n + 1):
        path = folder / "a.alw"
        shutil.copytree(whole, path)
        owner = Labeling(hold_on, path)
        saved = {owner.word()}
        opener = Labeling(open_at, folder)
        opener.say(f"{path}|{time.time()}")
        owner.run(rng.uniform(0, longest))
        saved |= set(owner.killed_words())
        writes, *more = opener.words()
        opener.killed()
        saved |= set(more)
        if writes != "writes":
            # It looked while the owner was alive.
            journal = Journal(path, IDENTITY)
            journal.append(flagged("after"))
            journal.close()
        found.wrong.extend(missing(path, saved))
        shutil.rmtree(path)
    return found


def _built(path, n_labels):
    """Make a journal that nobody holds."""
    build(path, IDENTITY, [flagged(f"{number:032}", note="x" * 80) for number in range(n_labels)])
    return path
