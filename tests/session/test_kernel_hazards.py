"""What a notebook's kernel does to a session: threads, cells run again, forks, and an end in the middle of a fit."""

import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.session import view_of

ROUNDS = 6
# scikit-learn copies the warning filters of the process while other threads change them.
others_warnings = pytest.mark.filterwarnings("ignore:.*sklearn.utils.parallel.delayed")


class Beside:
    """Runs others in threads, over and over, until the block is left; what they raise is raised."""

    def __init__(self, *works):
        self.done, self.errors, self.counts = threading.Event(), [], [0] * len(works)
        # Each has run once before the block begins.
        self.began = threading.Barrier(len(works) + 1, timeout=60)
        self.threads = [threading.Thread(target=self.run, args=(k, work)) for k, work in enumerate(works)]

    def run(self, k, work):
        try:
            work()
            self.began.wait()
            while not self.done.is_set():
                work()
                self.counts[k] += 1
        except Exception as error:  # noqa: BLE001
            self.errors.append(error)
            self.began.abort()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.began.wait()
        return self

    def __exit__(self, *failure):
        self.done.set()
        for thread in self.threads:
            thread.join(60)
        if self.errors:
            raise self.errors[0]


def check_predictions(session):
    learner = session.learner
    proba = learner.predict_proba(session.X)
    assert proba.shape == (session.n_samples, len(learner.classes_))
    assert np.allclose(proba.sum(axis=1), 1)
    assert set(learner.predict(session.X)) <= set(session.classes)


@others_warnings
def test_predicting_while_forests_are_swapped_and_rounds_rolled_back_is_always_sound(make_session, blobs):
    y = blobs[1]
    session = make_session(learner=RandomForestClassifier(5), batch_size=2).run(y, 8)
    with Beside(*[lambda: check_predictions(session)] * 2):
        for k in range(ROUNDS):
            for row in session.query():
                session.teach(row, y[row])
            session.wait()
            if k % 2:
                session.rollback(session.progress.round - 1)
    assert session.versions["round"].max() > ROUNDS


@others_warnings
def test_a_class_that_appears_between_two_rounds_never_splits_a_model_from_its_classes(make_session, digits):
    X, y = digits
    order = np.concatenate([np.flatnonzero(y == label)[:8] for label in range(6)])
    session = make_session(
        X=X[:600], classes=range(10), learner=RandomForestClassifier(5), test=None, audit=0, batch_size=4
    )
    order = order[order < 600]
    for row in order[:16]:
        session.teach(row, y[row])
    session.wait()
    with Beside(lambda: check_predictions(session)):
        for row in order[16:]:
            session.teach(row, y[row])
            session.wait()
    assert session.learner.classes_.tolist() == sorted(set(y[order].tolist()))


def test_what_is_read_during_teach_undo_and_rollback_is_always_one_moment(make_session, blobs):
    y = blobs[1]
    session = make_session(learner=GaussianNB(), batch_size=3, audit=0.2).run(y, 12)
    view_of(session).set_prefetch(6)

    def read():
        progress = session.progress
        assert progress.n_labeled == sum(progress.class_counts)
        labels = session.labels
        assert labels["item"].is_unique
        assert set(labels["label"]) <= set(session.classes)
        history = session.history
        assert (history["n_learned"] <= history["n_labeled"]).all()
        rounds = session.rounds
        assert [item.round for item in rounds] == sorted(item.round for item in rounds)
        assert session.advice.sentence
        queue = view_of(session).queue
        assert len(set(queue)) == len(queue)
        assert len(view_of(session).recent(5)) <= 5
        session.versions, session.audit_log, session.per_class, view_of(session).withdrawn, session.flags
        assert repr(session)

    def annotate():
        for row in session.query(2):
            session.teach(int(row), y[row], seconds=1.0)
        session.undo()
        session.flag(0, "look")

    with Beside(read, read) as readers:
        for k in range(ROUNDS * 2):
            annotate()
            if k % 4 == 3:
                session.wait()
                session.rollback(session.progress.round - 1)
    session.wait()
    assert min(readers.counts) > 0
    read()


def test_running_the_cell_five_times_leaves_one_session_that_writes_and_one_story(make_session, blobs, tmp_path):
    y = blobs[1]
    sessions = []
    for k in range(5):
        session = make_session(journal=tmp_path / "a.alw", learner=GaussianNB())
        for row in session.query(3):
            session.teach(int(row), y[row], event_id=f"cell {k} row {row}")
        sessions.append(session)
    *before, newest = sessions
    for session in before:
        assert session.closed
        with pytest.raises(ValueError, match="this session is closed"):
            session.teach(0, "left")
        assert session.wait(60)
    assert newest.wait(60)
    assert newest.progress.n_labeled == 15
    assert newest.labels["item"].is_unique
    assert alw.verify(tmp_path / "a.alw").sound
    again = make_session(journal=tmp_path / "a.alw", learner=GaussianNB())
    assert again.events == newest.events


LEAVING = """
import sys, threading, time
import numpy as np
import alwidgets as alw
from sklearn.naive_bayes import GaussianNB

began = threading.Event()

class Slow(GaussianNB):
    def fit(self, X, y):
        # Not of the few rows on which it is tried when the session is made.
        if threading.current_thread().name != "alwidgets-trial":
            began.set()
            {fit}
        return super().fit(X, y)

X = np.random.default_rng(0).normal(size=(40, 2))
session = alw.Session(X, classes=["a", "b"], learner=Slow(), test=(X + 9, ["a", "b"] * 20), batch_size=2,
                      journal=sys.argv[1], random_state=0)
alw.session.view_of(session).set_prefetch(8)
session.teach(0, "a")
session.teach(1, "b")
assert began.wait(60)
print("leaving", flush=True)
"""


@pytest.mark.parametrize(
    "fit",
    ["time.sleep(600)", "while True: pass", "[np.linalg.svd(np.ones((300, 300))) for _ in range(10**6)]", "pass"],
    ids=["waiting", "computing", "in a library", "quick"],
)
def test_the_interpreter_leaves_at_once_and_silently_in_the_middle_of_a_fit(tmp_path, fit):
    code = LEAVING.format(fit=fit)
    # A fit that was waited for would take ten minutes.
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.alw")], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "leaving\n", "")
    assert alw.verify(tmp_path / "a.alw").sound


FORKED = """
import os, sys, json
import numpy as np
import alwidgets as alw
from sklearn.naive_bayes import GaussianNB

X = np.random.default_rng(0).normal(size=(40, 2))
made = dict(X=X, classes=["a", "b"], learner=GaussianNB(), test=(X, ["a", "b"] * 20), batch_size=2, random_state=0)
session = alw.Session(**made, journal=sys.argv[1])
session.teach(0, "a")
session.teach(1, "b")
session.wait()
before = len(session.events)
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    told = {}
    told["read_only"] = session.read_only
    told["labels"] = len(session.labels)
    told["predicts"] = len(session.learner.predict(X))
    try:
        session.teach(2, "a")
    except OSError as error:
        told["error"] = str(error)
    told["events"] = len(session.events)
    session.close()
    del session
    os.write(writing, json.dumps(told).encode())
    os._exit(0)
os.close(writing)
told = json.loads(os.read(reading, 10_000))
os.waitpid(child, 0)
session.teach(2, "b")
session.teach(3, "a")
session.wait()
told["n_events_before"], told["n_labeled"] = before, session.progress.n_labeled
told["read_only_after"], told["pid"] = session.read_only, os.getpid()
print(json.dumps(told))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_a_fork_of_the_kernel_reads_and_cannot_write_or_give_the_session_away(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED, str(tmp_path / "a.alw")],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    told = json.loads(ended.stdout)
    assert (told["read_only"], told["labels"], told["predicts"]) == (True, 2, 40)
    assert f"the session is held by process {told['pid']}" in told["error"]
    assert told["events"] == told["n_events_before"]
    assert (told["read_only_after"], told["n_labeled"]) == (False, 4)
    found = alw.verify(tmp_path / "a.alw")
    assert (found.sound, found.fenced) == (True, 0)
