"""Fits by workers of a real queue: killed workers, a queue that is gone and back, fits done twice; each counts once."""

import contextlib
import itertools
import os
import shutil
import sys
import threading
import time
from pathlib import Path

import cloudpickle
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.loop import celery_executor, fit_folder
from alwidgets.loop.celery_app import do
from alwidgets.loop.fit_folder import FitName
from alwidgets.loop.shipping import Parcel
from tests.conftest import on_trial
from tests.loop.queue_servers import Worker, heard, redis_or_skip, tell

# As a notebook's own, classes of this file travel by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
NAME = FitName("a" * 32, 7, 3, "b" * 32)


class Gated(LogisticRegression):
    """A learner that says when its fit begins, and goes on when it is told."""

    def __init__(self, folder=""):
        super().__init__()
        self.folder = folder

    def fit(self, X, y):
        if not on_trial():
            tell(Path(self.folder) / "begins")
            (Path(self.folder) / "goes_on").read_bytes()
        return super().fit(X, y)


@pytest.fixture(autouse=True)
def _here():
    pytest.importorskip("celery")
    pytest.importorskip("fcntl")


@pytest.fixture
def gates(tmp_path):
    for name in ("begins", "goes_on"):
        os.mkfifo(tmp_path / name)
    return tmp_path


@pytest.fixture
def redis():
    server = redis_or_skip()
    yield server
    with contextlib.suppress(ValueError):
        server.kill()


@pytest.fixture
def work(tmp_path, redis):
    """A function that starts a worker, which ends with the test."""
    (tmp_path / "fits").mkdir()
    workers = []

    def start(**options):
        workers.append(Worker(tmp_path / "fits", redis, **options))
        return workers[-1]

    yield start
    for each in workers:
        with contextlib.suppress(ProcessLookupError):
            each.kill()


def n_trained(session):
    return sum(event.kind == "trained" for event in session.events)


def test_killed_workers_and_a_queue_that_loses_all_lose_no_round_and_double_none(
    make_session, gates, redis, work, monkeypatch
):
    monkeypatch.setattr(celery_executor, "_SEND_AGAIN_SECONDS", 0.2)
    executor = alw.CeleryExecutor(gates / "fits", redis.url)
    session = make_session(learner=Gated(str(gates)), fit_in=executor, journal=gates / "a.alw", audit=0)
    workers = {each.group: each for each in (work(), work())}
    for row, label in enumerate(("left", "right", "left", "right")):
        session.teach(row, label)
    [first] = heard(gates / "begins")
    workers[first].kill()
    # The other one takes it up, and the queue goes with all that it held.
    assert heard(gates / "begins") == [group for group in workers if group != first]
    redis.kill()
    (gates / "goes_on").write_bytes(b".")
    assert session.wait(60)
    assert n_trained(session) == 1
    # Asked while nobody is there to take it, a fit is done once somebody is.
    for row, label in enumerate(("left", "right", "left", "right"), 4):
        session.teach(row, label)
    redis.start()
    heard(gates / "begins")
    (gates / "goes_on").write_bytes(b".")
    assert session.wait(60)
    assert n_trained(session) == 2
    assert {event.fitted_in for event in session.events if event.kind == "trained"} == {"CeleryExecutor"}
    session.close()
    executor.shutdown()
    assert list((gates / "fits").iterdir()) == []
    assert alw.verify(gates / "a.alw").sound


IMPATIENT = """
import sys, threading
from pathlib import Path
from alwidgets.loop import celery_app
from tests.loop.queue_servers import tell
folder, url = Path(sys.argv[1]), sys.argv[2]
make, do = celery_app.celery_app, celery_app.do

def impatient(*args):
    app = make(*args)
    app.conf.broker_transport_options |= {"visibility_timeout": 1}
    return app

def told(*args):
    threading.Thread(target=tell, args=(folder.parent / "called",), daemon=True).start()
    do(*args)

celery_app.celery_app, celery_app.do = impatient, told
celery_app.worker(folder, url, 60, ["--concurrency", "2"])
"""


def test_a_fit_longer_than_the_queue_waits_is_done_and_recorded_once(make_session, gates, redis, work, monkeypatch):
    # The queue alone is to send it again.
    monkeypatch.setattr(celery_executor, "_SEND_AGAIN_SECONDS", 1000.0)
    os.mkfifo(gates / "called")
    executor = alw.CeleryExecutor(gates / "fits", redis.url)
    session = make_session(learner=Gated(str(gates)), fit_in=executor, audit=0)
    work(code=IMPATIENT)
    for row, label in enumerate(("left", "right", "left", "right")):
        session.teach(row, label)
    heard(gates / "begins")
    # The queue gives to another process what the first one still has.
    heard(gates / "called", 2)
    assert [file.read_bytes() for file in (gates / "fits").glob("*.tries")] == [b"."]
    (gates / "goes_on").write_bytes(b".")
    assert session.wait(60)
    assert n_trained(session) == 1
    session.close()
    executor.shutdown()


class Endless(LogisticRegression):
    """A learner that never ends; a stubborn one keeps whatever it is told to itself."""

    def __init__(self, folder="", stubborn=False):
        super().__init__()
        self.folder, self.stubborn = folder, stubborn

    def fit(self, X, y):
        if on_trial():
            return super().fit(X, y)
        with (Path(self.folder) / "fits_begun").open("a") as file:
            file.write(".")
        while True:
            try:
                time.sleep(0.05)
            except BaseException:
                if not self.stubborn:
                    raise


# A worker that is busy takes a while until the fit itself begins.
HASTY = """
import sys
from pathlib import Path
from alwidgets.loop import celery_app
celery_app._GRACE_SECONDS = 1
celery_app.worker(Path(sys.argv[1]), sys.argv[2], 5)
"""


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_fit_that_is_too_long_is_ended_once_and_is_a_failed_round(make_session, tmp_path, redis, work, stubborn):
    executor = alw.CeleryExecutor(tmp_path / "fits", redis.url)
    session = make_session(learner=Endless(str(tmp_path), stubborn), fit_in=executor, audit=0)
    work(code=HASTY)
    for row, label in enumerate(("left", "right", "left", "right")):
        session.teach(row, label)
    assert session.wait(60)
    said = session.progress.error
    assert "TimeoutError: it took longer than the 5 seconds of the worker's --longest-fit, and was ended" in said
    assert "The labels are kept; the next batch tries again." in said
    assert (tmp_path / "fits_begun").read_text() == "."
    session.close()
    executor.shutdown()


def test_a_fit_whose_files_were_deleted_is_laid_down_again(make_session, tmp_path, monkeypatch):
    monkeypatch.setattr(celery_executor, "_SEND_AGAIN_SECONDS", 0.05)
    executor, n_sent = alw.CeleryExecutor(tmp_path / "fits", "memory://"), itertools.count()

    def deleted(name):
        if next(n_sent):
            do(tmp_path / "fits", name)
        else:
            shutil.rmtree(tmp_path / "fits")

    monkeypatch.setattr(executor, "_send", deleted)
    session = make_session(fit_in=executor, audit=0)
    for row, label in enumerate(("left", "right", "left", "right")):
        session.teach(row, label)
    assert session.wait(60)
    assert (n_trained(session), session.progress.error) == (1, "")


class Leaving(LogisticRegression):
    """A learner that ends its process."""

    def fit(self, X, y):
        if not on_trial():
            raise SystemExit(3)
        return super().fit(X, y)


def test_a_learner_that_ends_its_process_is_a_failed_round_in_words(make_session, tmp_path, monkeypatch):
    executor = alw.CeleryExecutor(tmp_path, "memory://")
    monkeypatch.setattr(executor, "_send", lambda name: do(tmp_path, name))
    session = make_session(learner=Leaving(), fit_in=executor, audit=0)
    for row, label in enumerate(("left", "right", "left", "right")):
        session.teach(row, label)
    assert session.wait(60)
    assert "the learner was about to end the process that fits, by SystemExit(3); expected" in session.progress.error
    assert "The labels are kept" in session.progress.error


@pytest.mark.parametrize("broker", ["foo://me:secret@x", "nothing", ""])
def test_an_address_that_is_none_of_a_queue_is_refused_without_its_password(tmp_path, broker):
    with pytest.raises(ValueError, match="which Celery does not know; expected one such as redis://") as refused:
        alw.CeleryExecutor(tmp_path, broker)
    assert "secret" not in str(refused.value)


# Without a queue ---------------------------------------------------------------------------------------------------


def squared(parcel, home):
    return cloudpickle.dumps(parcel.upto**2)


def test_a_fit_is_done_once_whoever_is_told_of_it(tmp_path):
    content = cloudpickle.dumps((squared, (Parcel("a" * 32, 7, 3, b""), ""), {}))
    fit_folder.put(tmp_path, NAME, content)
    with fit_folder.claimed(tmp_path, NAME) as todo:
        assert todo == (content, 1)
        do(tmp_path, NAME)
        assert fit_folder.result(tmp_path, NAME) is None
    do(tmp_path, NAME)
    assert cloudpickle.loads(fit_folder.result(tmp_path, NAME)) == 49
    with fit_folder.claimed(tmp_path, NAME) as todo:
        assert todo is None


def test_what_is_found_of_a_fit_that_was_given_up_is_dropped(tmp_path):
    fit_folder.put(tmp_path, NAME, b"x")
    with fit_folder.claimed(tmp_path, NAME):
        fit_folder.forget(tmp_path, NAME)
        fit_folder.finish(tmp_path, NAME, b"y")
    do(tmp_path, NAME)
    assert list(tmp_path.iterdir()) == []


def test_what_a_session_left_is_cleared_away_by_its_next_fit_and_nothing_of_others(tmp_path):
    other = FitName("c" * 32, 7, 3, "b" * 32)
    later = FitName("a" * 32, 9, 3, "b" * 32)
    for name in (NAME, other, later):
        fit_folder.put(tmp_path, name, b"x")
    assert {file.name for file in tmp_path.iterdir()} == {f"{other}.call", f"{later}.call"}


def test_a_fit_that_kills_its_worker_again_and_again_is_a_failed_round(make_session, tmp_path, monkeypatch):
    executor = alw.CeleryExecutor(tmp_path, "memory://")

    def killed(name):
        for _ in range(5):
            with fit_folder.claimed(tmp_path, name):
                pass
        do(tmp_path, name)

    monkeypatch.setattr(executor, "_send", killed)
    session = make_session(fit_in=executor, audit=0)
    for row, label in enumerate(("left", "right", "left", "right")):
        session.teach(row, label)
    assert session.wait(60)
    assert "RuntimeError: the workers were killed 5 times while they fitted" in session.progress.error
    assert session.progress.n_labeled == 4


def test_closing_gives_up_the_fit_that_is_out_and_clears_it_away(make_session, tmp_path, monkeypatch):
    executor, sent = alw.CeleryExecutor(tmp_path, "memory://"), threading.Event()
    monkeypatch.setattr(executor, "_send", lambda name: sent.set())
    session = make_session(fit_in=executor, audit=0)
    for row, label in enumerate(("left", "right", "left", "right")):
        session.teach(row, label)
    assert sent.wait(60)
    assert [file.suffix for file in tmp_path.iterdir()] == [".call"]
    session.close()
    executor.shutdown()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changes", [{"session": "../../etc"}, {"upto": -1}, {"seed": "3"}, {"digest": "b" * 32 + "/x"}, {"upto": True}]
)
def test_a_message_names_no_file_of_another_place(changes):
    with pytest.raises(ValueError, match="is not the name of a fit"):
        FitName(**NAME.message | changes)


def test_an_executor_of_celery_takes_fits_and_nothing_else(tmp_path):
    executor = alw.CeleryExecutor(tmp_path, "memory://")
    with pytest.raises(TypeError, match="expected a fit of a session"):
        executor.submit(pow, 2, 10)
    executor.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit(np.mean, Parcel("a" * 32, 7, 3, b""), "")


def test_without_celery_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "celery", None)
    with pytest.raises(ImportError, match=r'install "alwidgets\[celery\]"'):
        alw.CeleryExecutor(tmp_path, "memory://")
