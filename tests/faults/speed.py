"""What durability costs: an acknowledged label beside a bare synced line, and reading a journal back."""

import contextlib
import gc
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.data.kinds import pool_of
from alwidgets.journal.encode import to_record
from alwidgets.journal.events import Asked, Labeled, Trained
from alwidgets.journal.files import Journal
from alwidgets.stopping import Round
from tests.faults.sample import N_SAMPLES, ended, opened

_AT_ONCE = 4000
_CLASSES = ["a", "b"]


def acknowledged_label(folder, n_pairs):
    """Return the medians, in seconds, of `teach` and of appending and syncing a line as long, taking turns."""
    session = opened(folder / "speed.alw", batch_size=10**6)
    session.teach(0, "a")
    [file] = (folder / "speed.alw" / "events").iterdir()
    line = file.read_bytes().splitlines(keepends=True)[-1]
    bare = os.open(folder / "bare.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    taught, written = [], []
    try:
        for i in range(n_pairs):
            start = time.perf_counter()
            os.write(bare, line)
            os.fdatasync(bare)
            middle = time.perf_counter()
            session.teach(i % N_SAMPLES, "ab"[i % 2])
            written.append(middle - start)
            taught.append(time.perf_counter() - middle)
    finally:
        os.close(bare)
        ended(session)
    return statistics.median(taught), statistics.median(written)


def made_journal(path, X, trained_every=None, asked_every=None):
    """Write a journal in which every row has a label, and return how many events it has.

    Parameters
    ----------
    path : Path
        Where.
    X : ndarray
        The pool.
    trained_every, asked_every : int, optional
        After how many labels a model is trained, and how many questions are asked at once; none without.
    """
    journal = Journal(path, {"pool": pool_of(X).fingerprint(), "classes": _CLASSES, "random_state": 0})
    events, n_events = [], 0
    for row in range(len(X)):
        if asked_every and row % asked_every == 0:
            events.append(_asked(range(row, min(row + asked_every, len(X)))))
        events.append(_labeled(row))
        if trained_every and row % trained_every == trained_every - 1:
            events.append(_trained(row, n_events + len(events)))
        if len(events) >= _AT_ONCE:
            journal.append(*map(to_record, events))
            n_events, events = n_events + len(events), []
    if events:
        journal.append(*map(to_record, events))
    journal.close()
    return n_events + len(events)


def _asked(rows):
    return Asked(
        id=f"q{rows[0]:031x}", at=1.7e9 + rows[0], items=tuple(rows), utility=tuple(-1 / (row + 3) for row in rows),
        audit=tuple(row % 10 == 9 for row in rows), withdrawn=(), round=rows[0] // 8, strategy="margin",
    )  # fmt: skip


def _labeled(row):
    return Labeled(
        id=f"{row:032x}", at=1.7e9 + row, item=row, annotator="anna", seconds=1.5, shown_at=1.7e9 + row, round=0,
        label=_CLASSES[row % 2], sample=f"{row:032x}",
    )  # fmt: skip


def _trained(row, n_events):
    record = Round(
        round=row // 8 + 1, n_labeled=row + 1, n_learned=row + 1, score=0.5, score_low=0.4, score_high=0.6,
        score_kind="held out", score_n=40, fit_seconds=0.01, seconds=1.5 * row, cost=0.1 * row, strategy="margin",
    )  # fmt: skip
    return Trained(id=f"t{row}", at=1.7e9 + row, upto=n_events, seed=1, training_set="0" * 32, record=record)


def million(folder, n_events=1_000_000):
    """Yield what a journal of so many events costs, of answers alone and with rounds: name and CPU seconds or MB."""
    for title, n_labels, every in (("", n_events * 8 // 9, None), (", a round every 8", n_events * 8 // 10, 8)):
        path = folder / f"million{every or ''}.alw"
        X = np.random.default_rng(0).normal(size=(n_labels, 2))
        made_journal(path, X, every, asked_every=8)
        asked = [sys.executable, "-c", _OPENING, str(path), str(n_labels)]
        opening, mb, labels, verifying = map(
            float, subprocess.run(asked, check=True, capture_output=True).stdout.split()
        )
        what = f"of {n_events:,} events{title}"
        yield f"opening a journal {what}", f"{opening:.1f} s, {mb:.0f} MB"
        yield f"`session.labels` {what}", f"{labels:.2f} s"
        yield f"`alw.verify` {what}", f"{verifying:.1f} s"
        shutil.rmtree(path)


# In a process of its own, whose memory nothing else has used.
_OPENING = """
import resource, sys, time
import numpy as np, pandas
from sklearn.naive_bayes import GaussianNB
import alwidgets as alw
from alwidgets.data.kinds import pool_of
path, n = sys.argv[1], int(sys.argv[2])
X = np.random.default_rng(0).normal(size=(n, 2))
given = {"classes": ["a", "b"], "learner": GaussianNB(), "random_state": 0, "batch_size": 10**9}
alw.Session(X[:2], **given)
mb = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
times = [time.process_time()]
pool_of(X).fingerprint()
times.append(time.process_time())
before = mb()
session = alw.Session(X, **given, journal=path)
times.append(time.process_time())
more = mb() - before
assert session.progress.n_labeled == n
session.labels
times.append(time.process_time())
session.close()
assert alw.verify(path).sound
times.append(time.process_time())
fingerprint, opening, labels, verifying = np.diff(times)
print(opening - fingerprint, more, labels, verifying)
"""


def corrected_answer(n_rounds=100):
    """Return the CPU seconds that one corrected audit answer costs after so many rounds, all in all, and of a round."""
    X, y = load_digits(return_X_y=True)
    session = alw.Session(
        X, classes=list(range(10)), learner=GaussianNB(), random_state=0, batch_size=4, audit=0.25,
        scoring=["f1_macro", "balanced_accuracy"],
    )  # fmt: skip
    start = time.process_time()
    session.run(y, 4 * n_rounds)
    middle = time.process_time()
    row = int(session.labels.query("audit")["item"].iloc[0])
    session.teach(row, (int(y[row]) + 1) % 10)
    session.wait()
    session.history  # noqa: B018 - it waits until all is scored again
    return time.process_time() - middle, (middle - start) / n_rounds


def replay(folder, n, trained_every=None, n_rounds=3):
    """Return the least CPU seconds of opening a journal of n labels, and of hashing and parsing its lines alone."""
    X = np.random.default_rng(0).normal(size=(n, 2))
    path = folder / f"replay{trained_every or ''}.alw"
    made_journal(path, X, trained_every)
    [file] = (path / "events").iterdir()
    opening, least = [], []
    for _ in range(n_rounds):
        start = time.process_time()
        pool_of(X).fingerprint()
        middle = time.process_time()
        session = alw.Session(X, classes=_CLASSES, learner=GaussianNB(), random_state=0, batch_size=10**9, journal=path)
        opening.append(time.process_time() - middle - (middle - start))
        if session.progress.n_labeled != n:
            raise ValueError(f"{session.progress.n_labeled} labels came back; expected {n}.")
        ended(session)
        del session
        gc.collect()
        with _no_collection():
            start = time.process_time()
            parsed = [(hashlib.sha256(line).digest(), json.loads(line)) for line in file.read_bytes().splitlines()]
            least.append(time.process_time() - start)
        del parsed
    return min(opening), min(least)


@contextlib.contextmanager
def _no_collection():
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
