"""What is lost when things go wrong, and what durability costs: python -m tests.benchmarks.reliability [--large]."""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.page import machine
from tests.faults.connections import connections
from tests.faults.copies import copies
from tests.faults.damage import damages
from tests.faults.disk import full_disks
from tests.faults.foreign import foreign_folders
from tests.faults.in_place import in_place
from tests.faults.kills import kills, take_overs
from tests.faults.messages import messages
from tests.faults.overlap import (
    holder_dies_while_another_opens,
    opened_at_once,
    storms_in_memory,
    storms_on_a_disk,
    storms_without_links,
)
from tests.faults.power import power_cuts
from tests.faults.rollbacks import rollbacks
from tests.faults.speed import acknowledged_label, corrected_answer, million, replay

PATH = Path(__file__).parent.parent.parent / "docs" / "reliability.md"
TEXT = """\
# Reliability

What is lost or wrong after faults, each tried many times on real sessions, and what durability costs:

    pip install -e ".[bench,test]"
    python -m tests.benchmarks.reliability{dose}

The command needs Chromium, as the tests do, and writes this page; with `--large` each fault is tried up to ten times as
often. A small dose of the same faults is part of the tests (`tests/faults/test_faults.py`,
`tests/browser/test_connection.py`).

## Faults

{faults}

* kill -9: a process labels and says each answer that `teach` has acknowledged; it is killed within 0.3 s of its start,
  opening included. When the session is opened again, every acknowledged label must be there, at most one more, and the
  next question must be the one that would have been asked without the kill.
* Power cut: the writes, syncs, truncations and changes of names of a session that is labeled, closed, killed and
  opened again are recorded, and played into a fresh folder up to a random moment. Of what was not synced by then, each
  write is there, dropped, or torn at 512 bytes with zeros in the gaps, and names made since their folder was synced may
  be gone.
* Disk full: answers are given until they are refused, then there is room again and labeling goes on. The labels in
  memory and on disk must be those that were acknowledged.
* Messages: a page sends what is not acknowledged again, as the labeling card does. A fifth of the messages and a third
  of the replies are lost, others come twice or late or before earlier ones, also an undo before its answer.
* Damage at rest: one bit, one line or two lines of a journal are changed, and `alw.verify` must name the first line
  that is wrong. A file that lacks its last line is also named where the next one goes on from it.
* Two kernels: three processes take the session from each other while they label, and are killed at a random moment.
  What any of them acknowledged must count, and nothing else but the answer that each had just saved.
* Kernels that overlap: for 3 s (60 s with `--large`) four processes open a journal, take it over from each other,
  write, close and open it again, as fast as they can; now and then one is stopped and goes on, or is killed anywhere.
  Every event that any of them was told is saved must count in the end, and no error but that of being taken over may
  come. Tried is the number of these events. Where files have no second name, `os.link` refuses.
* Opened at once: three processes open one closed journal within 10, 30 or 100 ms, and those that may write do.
* An owner that dies: it writes as fast as it can, and is killed while another process reads 20,000 labels; what it
  saved by then counts.
* Rollback: the training set and the predictions of a random round must be those recorded when it was fitted.
* Foreign folders: files and folders of a journal are links, pipes, folders or holes of 10 GB, or its lines and its
  identity are changed, dropped, doubled or swapped and sealed anew with the right hashes. `alw.verify`, reading and
  opening must end, with `JournalError` or an open session and no other error, agree with each other, and leave what
  lies outside as it was.
* Copies: a journal is copied file by file in any order, with `tar` and with `cp -r`, while a process labels, closes it
  and opens it again. The copy must open, every answer that is in it must count, what it lacks must be told, and the
  session must go on.
* Pipelines that write: the questions, scores, intervals and predictions of a session, and the curves of a simulation,
  are those of the same Pipeline with `copy=True` to the last bit, with a test set and with an audit, and the samples
  are as they were. There are nineteen Pipelines, with scikit-learn's transformers and with one of a user's own.
* Connections: a script answers in a real JupyterLab in Chromium, while the connection between the page and its kernel
  is held, cut, reset or refused, and recovers. Every answer given must be in the session once, without a reload, and
  none may wait for long without a word.

## Cost

{costs}

An acknowledged label is `Session.teach` beside one `write` and `fdatasync` of a line as long on the same disk, taking
turns, medians. Opening a journal checks every hash and rebuilds the state, without the fingerprint of the pool; it is
given in CPU seconds, the least of three, beside hashing the lines and reading each as JSON, and nothing else: answers
are read many at a time, which takes less. Of a million events the memory is the most that the process had beyond what
it had before. A corrected audit answer is given in CPU seconds beside those of a round of the same session, with the
metrics f1_macro and balanced_accuracy.

## Machine

{machine}
"""


@dataclass(frozen=True)
class Fault:
    """A fault, and how often it is tried: by the command, at large, and in the tests where that is less often."""

    run: Callable
    small: int
    large: int
    tests: int = 0

    @property
    def in_tests(self):
        return self.tests or self.small


FAULTS = (
    Fault(kills, 100, 1000),
    Fault(power_cuts, 200, 1000),
    Fault(full_disks, 20, 100),
    Fault(messages, 10_000, 100_000),
    Fault(damages, 300, 3000),
    Fault(take_overs, 50, 500),
    Fault(storms_in_memory, 3, 60),
    Fault(storms_on_a_disk, 3, 60),
    Fault(storms_without_links, 3, 60),
    Fault(opened_at_once, 10, 300),
    Fault(holder_dies_while_another_opens, 2, 100),
    Fault(rollbacks, 50, 500),
    Fault(foreign_folders, 500, 5000, tests=150),
    Fault(copies, 60, 600, tests=20),
    Fault(in_place, 60, 600, tests=20),
)
#: What needs a browser; the tests of the browser try some of it.
IN_A_BROWSER = (Fault(connections, 20, 200),)


def rows_of_faults(*, large):
    for fault in (*FAULTS, *IN_A_BROWSER):
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            found = fault.run(Path(folder), fault.large if large else fault.small)
        for wrong in found.wrong[:5]:
            print("!", wrong)
        print(f"{found.fault}: {found.tried}, {len(found.wrong)}; {time.perf_counter() - start:.0f} s", flush=True)
        yield found.fault, f"{found.tried:,}", f"{len(found.wrong):,}"


def rows_of_costs(*, n_labels=100_000, n_pairs=500):
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        taught, written = acknowledged_label(Path(folder), n_pairs)
        yield "an acknowledged label", f"{taught * 1e3:.2f} ms", f"{written * 1e3:.2f} ms", f"{taught / written:.2f}"
        for title, every in (("", None), (", a round every 8", 8)):
            opening, least = replay(Path(folder), n_labels, every)
            what = f"opening a journal of {n_labels:,} labels{title}"
            yield what, f"{opening:.2f} s", f"{least:.2f} s", f"{opening / least:.2f}"
        for what, cost in million(Path(folder)):
            yield what, cost, "", ""
        again, once = corrected_answer()
        yield "one audit answer corrected after 100 rounds", f"{again:.2f} s", f"{once:.2f} s a round", ""


def table(columns, rows):
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="try every fault up to ten times as often")
    large = parser.parse_args().large
    costs = table(("what", "ours", "at least", "ratio"), list(rows_of_costs()))
    print(costs, flush=True)
    faults = table(("fault", "tried", "lost or wrong"), list(rows_of_faults(large=large)))
    PATH.write_text(TEXT.format(faults=faults, costs=costs, machine=machine(), dose=" --large" if large else ""))
    print(faults)


if __name__ == "__main__":
    main()
