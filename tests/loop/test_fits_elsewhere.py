"""Fits leave the kernel: the same questions, scores and journal; killed workers, giving up, closing; what may leave."""

import contextlib
import dataclasses
import importlib.util
import multiprocessing
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import warnings
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import cloudpickle
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.loop.process_executor import ProcessExecutor
from tests.conftest import on_trial

# As a notebook's own, classes of this file travel by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def spawned():
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def loky_pool():
    return pytest.importorskip("joblib.externals.loky").ProcessPoolExecutor(1)


@contextlib.contextmanager
def dask_pool():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as pool,
    ):
        yield pool


POOLS = {
    "threads": lambda: ThreadPoolExecutor(1),
    "process": ProcessExecutor,
    "spawn": spawned,
    "loky": loky_pool,
    "dask": dask_pool,
}


@pytest.fixture(scope="module", params=POOLS)
def pool(request):
    with POOLS[request.param]() as made:
        yield made


# The same as in the kernel -----------------------------------------------------------------------------------------


class Failing(LogisticRegression):
    def fit(self, X, y):
        if len(y) > 6 and not on_trial():
            raise LookupError(f"{len(y)} are too many")
        return super().fit(X, y)


def numbers(seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat(["left", "right"], 60)
    X = rng.normal(size=(120, 4)) + np.where(y == "left", -0.5, 0.5)[:, None]
    rows = rng.permutation(120)
    return X[rows], y[rows]


def texts():
    _, y = numbers()
    rng = np.random.default_rng(1)
    words = {"left": ["tide", "boat", "sail", "sea"], "right": ["peak", "rope", "snow", "sea"]}
    return [" ".join([*rng.choice(words[label], 3), f"sample{row}."]) for row, label in enumerate(y)], y


def sets():
    X, _ = numbers()
    return X, [[name for name, value in zip("abc", row, strict=False) if value > 0] for row in X]


CASES = {
    "a linear model, audited": (numbers, {"learner": LogisticRegression(), "audit": 0.3}),
    "test then train": (
        numbers,
        {"learner": LogisticRegression(), "audit": 0.3, "audit_mode": "test_then_train", "strategy": "contrastive"},
    ),
    "texts, cross-validated": (
        texts,
        {
            "learner": make_pipeline(TfidfVectorizer(), LogisticRegression()),
            "audit": 0,
            "strategy": "information_density",
        },
    ),
    "a committee": (
        numbers, {"learner": alw.committee(GaussianNB(), n_members=3), "strategy": "vote_entropy", "audit": 0.3},
    ),
    "multilabel": (
        sets,
        {"learner": OneVsRestClassifier(LogisticRegression()), "task": "multi", "classes": list("abc"), "audit": 0.3},
    ),
    "a forest, held out": (
        numbers,
        {"learner": RandomForestClassifier(10), "strategy": "entropy", "test": numbers(2), "scoring": ["f1_macro"]},
    ),
    "drawn with known probabilities": (numbers, {"learner": GaussianNB(), "strategy": "random", "audit": 0}),
    "a learner that fails": (numbers, {"learner": Failing(), "audit": 0}),
}  # fmt: skip


def told(session):
    """Return the events without what no two sessions share."""
    found = []
    for event in session.events:
        fields = dataclasses.asdict(event)
        where = fields.pop("fitted_in", "")
        assert where == "" or event.kind == "trained"
        for name in ("id", "at", "snapshot"):
            fields.pop(name, None)
        if event.kind == "trained":
            del fields["record"]["fit_seconds"]
        found.append((event.kind, repr(fields)))
    return found


def labeled(case, fit_in):
    (X, y), changes = CASES[case][0](), CASES[case][1]
    given = {"classes": ["left", "right"], "batch_size": 6, "random_state": 3} | changes
    session = alw.Session(X, **given, fit_in=fit_in)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Fitting Failing", RuntimeWarning)
        session.run(y, n_labels=40)
    return session


@pytest.fixture(scope="module")
def in_the_kernel():
    return {case: told(labeled(case, None)) for case in CASES}


@pytest.mark.parametrize("case", CASES)
def test_events_are_those_of_fits_in_the_kernel(pool, case, in_the_kernel):
    session = labeled(case, pool)
    assert told(session) == in_the_kernel[case]
    places = {event.fitted_in for event in session.events if event.kind == "trained"}
    assert places == {type(pool).__name__}
    session.close()


def test_fits_of_process_are_those_of_the_kernel_and_say_where_they_were(in_the_kernel):
    case = "a linear model, audited"
    session = labeled(case, "process")
    assert told(session) == in_the_kernel[case]
    assert {event.fitted_in for event in session.events if event.kind == "trained"} == {"process"}
    session.close()


def test_steps_fitted_on_the_pool_are_sent_fitted(pool):
    X, y = texts()
    given = {"classes": ["left", "right"], "random_state": 3, "audit": 0.3, "features": "pool"}
    found = []
    for fit_in in (None, pool):
        learner = make_pipeline(TfidfVectorizer(), LogisticRegression())
        session = alw.Session(X, **given, learner=learner, fit_in=fit_in)
        session.run(y, n_labels=24)
        found.append((session.labels["item"].tolist(), session.learner.predict_proba(X)))
    assert found[0][0] == found[1][0]
    # The pool's vectors, made when the steps were fitted, have their terms in another order than those made anew.
    assert np.allclose(found[0][1], found[1][1], rtol=0, atol=1e-12)


def test_the_model_is_the_whole_learner_with_its_labeled_set(make_session, blobs, pool):
    X, y = blobs
    here, there = make_session(), make_session(fit_in=pool)
    here.run(y, n_labels=12)
    there.run(y, n_labels=12)
    assert np.array_equal(here.learner.X_training, there.learner.X_training)
    assert np.array_equal(here.learner.predict_proba(X), there.learner.predict_proba(X))
    assert there.learner.query_strategy is there._core.setup.model_spec.template.query_strategy


def test_a_journal_goes_on_with_a_model_brought_back_elsewhere(make_session, blobs, tmp_path, pool):
    session = make_session(journal=tmp_path / "a.alw")
    session.run(blobs[1], n_labels=12)
    expected = session.query().tolist()
    session.close()
    again = make_session(journal=tmp_path / "a.alw", fit_in=pool)
    assert again.query().tolist() == expected
    assert again.rollback(2).same_predictions


class Steep(LogisticRegression):
    def fit(self, X, y):
        if not on_trial():
            warnings.warn("steep", UserWarning, stacklevel=1)
        return super().fit(X, y)


def test_warnings_of_a_fit_are_told_in_the_kernel(make_session, blobs, pool):
    session = make_session(learner=Steep(), fit_in=pool)
    with pytest.warns(UserWarning, match="steep"):
        session.run(blobs[1], n_labels=8)


class Writing(LogisticRegression):
    """A learner that insists on writing into what it is given."""

    def fit(self, X, y):
        X[:] = X + 0.0
        return super().fit(X, y)


def test_copies_that_were_lent_are_counted(make_session, blobs, pool):
    told = []
    for fit_in in (None, pool):
        with pytest.warns(RuntimeWarning, match=r"It is lent copies, .*: \d+ until now") as warned:
            make_session(learner=Writing(), fit_in=fit_in).run(blobs[1], n_labels=12)
        told.append([str(each.message) for each in warned])
    assert told[0] == told[1]


# What leaves ------------------------------------------------------------------------------------------------------


class Watched(Executor):
    """An executor that keeps what it is sent."""

    def __init__(self):
        self.inner, self.sent = ThreadPoolExecutor(1), []

    def submit(self, fn, /, *args):
        self.sent.append(pickle.dumps((fn, args)))
        return self.inner.submit(fn, *args)

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.inner.shutdown(wait)


def test_nothing_of_the_pool_leaves_but_the_rows_that_train_and_measure():
    X, y = texts()
    lock = threading.Lock()

    def first(view):
        # It cannot be pickled, and stays here, as all strategies do.
        with lock:
            return -view.candidates.astype(float)

    learner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    with Watched() as watched:
        session = alw.Session(
            X, classes=["left", "right"], learner=learner, audit=0.3, strategy=first, random_state=0, fit_in=watched
        )
        session.run(y, n_labels=24)
    known = set(session.labels["item"])
    sent = [{row for row in range(len(X)) if f"sample{row}.".encode() in each} for each in watched.sent]
    assert len(sent) == 3
    assert sent[-1] == known


def opened(**changes):
    X, _ = numbers()
    return alw.Session(X, **{"classes": ["left", "right"], "learner": LogisticRegression()} | changes)


class Holding(LogisticRegression):
    def __init__(self, held=None):
        super().__init__()
        self.held = held


def test_what_cannot_be_pickled_is_refused_by_its_name_when_the_session_is_made():
    lock = threading.Lock()

    def careful(estimator, X, y):
        with lock:
            return 1.0

    expected = r"cannot be sent to another process \(TypeError: cannot pickle .*lock.*fit_in=None"
    with pytest.raises(TypeError, match=f"the metric 'careful' of scoring {expected}"):
        opened(scoring=careful, audit=0.1, fit_in="process")

    class Locked(LogisticRegression):
        def fit(self, X, y):
            with lock:
                return super().fit(X, y)

    with pytest.raises(TypeError, match=f"the learner Locked {expected}"):
        opened(learner=Locked(), fit_in="process")


class Keeping(LogisticRegression):
    def fit(self, X, y):
        self.lock_ = threading.Lock()
        return super().fit(X, y)


def test_a_fitted_model_that_cannot_come_back_is_a_failed_round_that_says_so(make_session, blobs, pool):
    session = make_session(learner=Keeping(), fit_in=pool)
    with pytest.warns(RuntimeWarning, match="the fitted Keeping cannot be sent to another process"):
        session.run(blobs[1], n_labels=4)
    assert session.progress.n_labeled == 4


@pytest.mark.parametrize(
    ("fit_in", "error"), [("threads", ValueError), (3, TypeError), (["process"], TypeError), (lambda: 3, None)]
)
def test_what_is_no_executor_is_refused(make_session, blobs, fit_in, error):
    if error is not None:
        with pytest.raises(error, match="expected None, 'process', an executor"):
            make_session(fit_in=fit_in)
        return
    session = make_session(fit_in=fit_in)
    with pytest.warns(RuntimeWarning, match="fit_in made 3; expected an executor"):
        session.run(blobs[1], n_labels=4)


# Workers that end -------------------------------------------------------------------------------------------------


class Told(LogisticRegression):
    """A learner whose fit tells its process through a pipe, and hangs or dies if a file says so."""

    def __init__(self, folder=""):
        super().__init__()
        self.folder = folder

    def fit(self, X, y):
        folder = Path(self.folder)
        todo = (folder / "todo").read_text() if not on_trial() and (folder / "todo").exists() else ""
        if todo == "leave a child and die" and os.fork() == 0:
            # It has all pipes of its parent.
            threading.Event().wait()
        if "die" in todo:
            os.kill(os.getpid(), signal.SIGKILL)
        if todo == "hang":
            (folder / "pipe").write_text(str(os.getpid()))
            threading.Event().wait()
        return super().fit(X, y)


@pytest.fixture
def folder(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def label(session, y, n):
    """Answer n more samples of each class."""
    known = set(session.labels["item"])
    for name in ("left", "right"):
        rows = [int(row) for row in np.flatnonzero(y == name) if row not in known]
        for row in rows[:n]:
            session.teach(row, name)


def is_gone(pid):
    """Wait until a process has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 60)[0])
    finally:
        os.close(handle)


@pytest.mark.parametrize("fit_in", ["process", spawned, loky_pool], ids=["process", "spawn", "loky"])
def test_a_killed_worker_is_a_failed_round_and_the_next_batch_has_a_new_one(make_session, blobs, folder, fit_in):
    session = make_session(learner=Told(str(folder)), fit_in=fit_in)
    (folder / "todo").write_text("die")
    label(session, blobs[1], 2)
    assert session.wait(60)
    error = session.progress.error
    assert "Fitting Told on 4 labels failed: FitWorkerError: the process that fitted was killed" in error
    assert "The labels are kept; the next batch tries again." in error
    assert session.progress.n_labeled == 4
    (folder / "todo").unlink()
    label(session, blobs[1], 2)
    assert session.wait(60)
    assert session.progress.error == ""
    assert session.history["n_learned"].tolist() == [8]


def test_a_killed_worker_is_noticed_though_a_child_of_it_goes_on(make_session, blobs, folder):
    session = make_session(learner=Told(str(folder)), fit_in="process")
    (folder / "todo").write_text("leave a child and die")
    label(session, blobs[1], 2)
    assert session.wait(60)
    assert "the process that fitted was killed (by SIGKILL" in session.progress.error


def test_a_worker_that_was_killed_between_two_fits_is_not_missed(make_session, blobs):
    made = []

    def factory():
        made.append(spawned())
        return made[-1]

    session = make_session(fit_in=factory)
    session.run(blobs[1], n_labels=4)
    (pid,) = made[0]._processes
    os.kill(pid, signal.SIGKILL)
    assert is_gone(pid)
    with pytest.raises(Exception, match="abruptly"):
        made[0].submit(int).result(60)
    session.run(blobs[1], n_labels=4)
    assert session.progress.round == 2
    assert len(made) == 2


def test_an_executor_that_was_given_and_broke_is_said_to_need_a_factory(make_session, blobs, folder):
    with spawned() as given:
        session = make_session(learner=Told(str(folder)), fit_in=given)
        (folder / "todo").write_text("die")
        with pytest.warns(RuntimeWarning, match="was killed.*give a function that makes one instead"):
            session.run(blobs[1], n_labels=4)
        (folder / "todo").unlink()
        with pytest.warns(RuntimeWarning, match="killed before.*give a function that makes one instead"):
            session.run(blobs[1], n_labels=4)
        assert session.progress.n_labeled == 8


def hung(make_session, blobs, folder):
    """Return a session whose first fit hangs in its process, and the number of that."""
    session = make_session(learner=Told(str(folder)), fit_in="process")
    (folder / "todo").write_text("hang")
    label(session, blobs[1], 2)
    pid = int((folder / "pipe").read_text())
    assert pid != os.getpid()
    return session, pid


def test_giving_up_ends_the_process_and_the_next_batch_has_another(make_session, blobs, folder):
    session, pid = hung(make_session, blobs, folder)
    assert session.abandon_fit()
    assert is_gone(pid)
    assert "was given up after" in session.progress.error
    (folder / "todo").unlink()
    label(session, blobs[1], 2)
    assert session.wait(60)
    assert session.history["n_learned"].tolist() == [8]
    assert session.progress.error == ""


def test_closing_ends_the_process(make_session, blobs, folder):
    session, pid = hung(make_session, blobs, folder)
    session.close()
    assert is_gone(pid)
    assert session.wait(60)
    assert session.progress.n_labeled == 4


def test_closing_leaves_an_executor_that_was_given_to_its_owner(make_session, blobs, pool):
    session = make_session(fit_in=pool)
    session.run(blobs[1], n_labels=4)
    session.close()
    assert pool.submit(int).result(60) == 0


def test_an_interrupt_leaves_nothing_running(make_session, blobs, folder):
    session = make_session(learner=Told(str(folder)), fit_in="process", batch_size=50)
    label(session, blobs[1], 2)
    (folder / "todo").write_text("hang")
    pids = []

    def interrupt():
        pids.append(int((folder / "pipe").read_text()))
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        session.retrain()
    thread.join()
    assert is_gone(pids[0])
    (folder / "todo").unlink()
    assert session.retrain().n_learned == 4


# Scripts ----------------------------------------------------------------------------------------------------------

SCRIPT = """
import multiprocessing, os, sys, threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
import numpy as np
from sklearn.linear_model import LogisticRegression
import alwidgets as alw

folder = Path({folder!r})
with (folder / "runs").open("a") as file:
    file.write("run\\n")

class Own(LogisticRegression):
    def fit(self, X, y):
        if {hang} and threading.current_thread().name != "alwidgets-trial":
            (folder / "pipe").write_text(str(os.getpid()))
            threading.Event().wait()
        return super().fit(X, y)

def factory():
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))

def main():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    y = (X[:, 0] > 0).astype(int)
    session = alw.Session(X, classes=[0, 1], learner=Own(), random_state=0, fit_in={fit_in},
                          journal=folder / "a.alw", audit=0)
    if {hang}:
        for row in [*np.flatnonzero(y)[:4], *np.flatnonzero(1 - y)[:4]]:
            session.teach(int(row), int(y[row]))
        sys.stdin.read()
    else:
        session.run(y, n_labels=16)
        print(session.progress.round, session.progress.error)

{guard}main()
"""


def script(folder, fit_in, *, guard=True, hang=False):
    path = folder / "script.py"
    guarded = 'if __name__ == "__main__": ' if guard else ""
    path.write_text(SCRIPT.format(folder=str(folder), fit_in=fit_in, guard=guarded, hang=hang))
    return subprocess.Popen(
        [sys.executable, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=folder, env=os.environ | {"PYTHONPATH": str(Path(alw.__file__).parents[1])},
    )  # fmt: skip


def test_classes_of_a_script_work_in_a_process_which_never_runs_it(folder):
    out, errors = script(folder, "'process'", guard=False).communicate()
    assert out.split() == ["2"], errors
    assert (folder / "runs").read_text() == "run\n"


def test_classes_of_a_guarded_script_work_in_a_spawned_pool(folder):
    out, errors = script(folder, "factory").communicate()
    assert out.split() == ["2"], errors


def test_a_worker_that_runs_an_unguarded_script_opens_no_session(folder):
    out, errors = script(folder, "factory", guard=False).communicate()
    assert "must not open a session" in errors
    assert out.startswith("0 Fitting Own on 16 labels failed: FitWorkerError: the process that fitted was killed.")
    assert 'if __name__ == "__main__"' in out
    assert alw.verify(folder / "a.alw").sound


def test_a_module_that_a_worker_imports_opens_no_session(make_session, blobs, tmp_path, monkeypatch):
    (tmp_path / "opens_a_session.py").write_text(
        "import alwidgets as alw, numpy as np\n"
        "from sklearn.naive_bayes import GaussianNB\n"
        "class Own(GaussianNB): pass\n"
        "session = alw.Session(np.eye(4), classes=[0, 1], learner=GaussianNB())\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("opens_a_session")
    session = make_session(learner=module.Own(), fit_in="process")
    with pytest.warns(RuntimeWarning, match="must not open a session"):
        session.run(blobs[1], n_labels=4)
    module.session.close()


@pytest.mark.parametrize("ends", ["killed", "by itself"])
def test_no_process_outlives_the_kernel(folder, ends):
    process = script(folder, "'process'", hang=True)
    pid = int((folder / "pipe").read_text())
    if ends == "killed":
        process.kill()
    process.communicate()
    assert is_gone(pid)
