"""Blocks scored in an executor: the picks of the kernel with their ties, files opened there, executors that fail."""

import multiprocessing
import pickle
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.data import blocks, kinds
from alwidgets.data.pool import as_samples
from alwidgets.kernels import screening
from alwidgets.strategies import NAMED, elsewhere, large_pools
from alwidgets.strategies.choose import choose
from alwidgets.strategies.elsewhere import Elsewhere
from tests.data.test_blocks import Own, stored
from tests.loop.test_fits_elsewhere import POOLS
from tests.strategies.test_large_pools import EXACT, X, learner_for, view, y

CLASSES = ["a", "b", "c"]


@pytest.fixture(scope="module", params=["threads", "loky", "dask"])
def pool(request):
    with POOLS[request.param]() as made:
        yield made


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(large_pools, "_LARGE_BYTES", 0)
    monkeypatch.setattr(kinds, "_BLOCK_BYTES", 100 * X.itemsize * X.shape[1])
    monkeypatch.setattr(blocks, "MOST_READ", 0)
    monkeypatch.setattr(screening, "_MOST_ROWS", 250)
    monkeypatch.setattr(screening, "_FEWEST_ROWS", 50)
    monkeypatch.setattr(screening, "_SPAN_NUMBERS", 1)


class Counting(Executor):
    """An executor that keeps what it is sent."""

    def __init__(self):
        self.inner, self.sent = ThreadPoolExecutor(2), []

    def submit(self, fn, /, *args):
        self.sent.append(pickle.dumps(args))
        return self.inner.submit(fn, *args)

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.inner.shutdown(wait)


@pytest.fixture
def counting():
    with Counting() as made:
        yield made


def mapped(folder):
    np.save(folder / "X.npy", X)
    return np.load(folder / "X.npy", mmap_mode="r")


HELD = {
    "an array": lambda _: X,
    "a memory map": mapped,
    "parts": lambda folder: alw.Parts(mapped(folder)[:530], X[530:]),
    "a pool of one's own": lambda _: as_samples(Own(X, 130)),
    "h5py": lambda folder: as_samples(stored("h5py", (40, 2), folder, X)),
    "zarr": lambda folder: as_samples(stored("zarr", (40, 2), folder, X)),
}
LINEAR = LogisticRegression().fit(X[:20], y[:20])


@pytest.mark.parametrize("held", HELD)
def test_the_picks_are_those_of_the_kernel_with_their_ties_whatever_holds_the_pool(pool, held, tmp_path):
    candidates, X_held = np.flatnonzero(np.arange(len(X)) % 7 > 0), HELD[held](tmp_path)
    for learner, rows in ((LINEAR, candidates), (LINEAR, candidates[::3]), (learner_for(NAMED["margin"]), candidates)):
        here = replace(view(learner, rows), X=X_held)
        there = replace(view(learner, rows), X=X_held, elsewhere=Elsewhere(pool))
        before, after = choose(NAMED["margin"], here, 200), choose(NAMED["margin"], there, 200)
        assert there.elsewhere.problem == ""
        np.testing.assert_array_equal(after.rows, before.rows)
        np.testing.assert_array_equal(after.utility, before.utility)


@pytest.mark.parametrize("strategy", EXACT, ids=lambda each: each.name)
def test_every_strategy_that_scores_one_sample_after_the_other_may_do_so_elsewhere(strategy, counting):
    learner = learner_for(strategy)
    there = replace(view(learner), elsewhere=Elsewhere(counting))
    np.testing.assert_array_equal(choose(strategy, there, 30).rows, choose(strategy, view(learner), 30).rows)
    assert there.elsewhere.problem == ""
    assert bool(counting.sent) == (strategy.name != "random")


@pytest.mark.parametrize("held", ["a memory map", "h5py", "zarr"])
def test_workers_open_files_themselves_and_what_lies_nowhere_is_sent(held, tmp_path, counting):
    row = X[700].tobytes()
    for X_held, is_sent in ((HELD[held](tmp_path), False), (X, True)):
        counting.sent.clear()
        choose(NAMED["margin"], replace(view(LINEAR), X=X_held, elsewhere=Elsewhere(counting)), 5)
        assert any(row in each for each in counting.sent) == is_sent
        assert sum(map(len, counting.sent)) < X.nbytes + 3_000 * len(counting.sent)


@pytest.mark.parametrize("change", ["gone", "other rows"])
def test_rows_that_a_worker_does_not_find_are_sent(change, tmp_path, counting):
    X_held = mapped(tmp_path)
    expected = choose(NAMED["margin"], replace(view(LINEAR), X=X_held), 5).rows
    (tmp_path / "X.npy").unlink()
    if change == "other rows":
        np.save(tmp_path / "X.npy", X[::-1])
    there = replace(view(LINEAR), X=X_held, elsewhere=Elsewhere(counting))
    np.testing.assert_array_equal(choose(NAMED["margin"], there, 5).rows, expected)
    assert there.elsewhere.problem == ""
    assert any(X[700].tobytes() in each for each in counting.sent)


class Silent(Executor):
    """An executor whose workers are gone."""

    def submit(self, fn, /, *args):
        return Future()


class Closed(Executor):
    def submit(self, fn, /, *args):
        raise RuntimeError("cannot schedule new futures after shutdown")


@pytest.mark.parametrize(
    ("executor", "said"),
    [(Silent(), "the Silent of score_in failed: TimeoutError: no block came back for 0 s"),
     (Closed(), "the Closed of score_in failed: RuntimeError: cannot schedule new futures after shutdown. Nothing")],
)  # fmt: skip
def test_what_fails_is_scored_in_the_kernel_and_said(executor, said, monkeypatch):
    monkeypatch.setattr(elsewhere, "_PATIENCE", 0.1)
    there = replace(view(LINEAR), elsewhere=Elsewhere(executor))
    chosen = choose(NAMED["margin"], there, 5)
    np.testing.assert_array_equal(chosen.rows, choose(NAMED["margin"], view(LINEAR), 5).rows)
    assert said in there.elsewhere.problem


def test_what_is_wrong_with_the_model_is_told_as_in_the_kernel(counting):
    class Bad(GaussianNB):
        def predict_proba(self, X):
            proba = super().predict_proba(X)
            proba[np.all(X == X_BAD, axis=1)] = 2
            return proba

    X_BAD = X[777]
    there = replace(view(Bad().fit(X[:20], y[:20]), np.arange(500, len(X))), elsewhere=Elsewhere(counting))
    with pytest.raises(ValueError, match="the model gives row 777 of X the probabilities"):
        choose(NAMED["entropy"], there, 5)


def test_a_block_that_cannot_be_read_is_not_the_executors_fault(counting):
    own = Own(X)
    there = replace(view(LINEAR), X=as_samples(own), elsewhere=Elsewhere(counting))
    own.fails = True
    with pytest.raises(OSError, match="of X cannot be read: a RuntimeError: no such device"):
        choose(NAMED["margin"], there, 5)
    assert there.elsewhere.problem == ""


def opened(**changes):
    given = {"classes": CLASSES, "learner": LogisticRegression(), "audit": 0, "random_state": 0, "cold_start": None}
    return alw.Session(X, **given | changes)


def test_a_session_asks_the_same_questions(pool):
    here, there = opened(), opened(score_in=pool)
    for session in (here, there):
        session.run(y, n_labels=32)
    assert there.labels["item"].tolist() == here.labels["item"].tolist()
    there.close()
    assert pool.submit(int).result(60) == 0


def test_a_broken_executor_is_said_once_and_labeling_goes_on():
    learner = RandomForestClassifier(5)
    here = opened(learner=learner)
    here.run(y, n_labels=32)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as broken:
        session = opened(learner=learner, score_in=broken)
        broken.submit(int).result(60)
        for process in broken._processes.values():
            process.kill()
        with pytest.warns(
            RuntimeWarning, match=r"scored in the kernel, since the ProcessPoolExecutor .*Nothing is lost"
        ):
            session.run(y, n_labels=32)
    assert session.labels["item"].tolist() == here.labels["item"].tolist()
    assert any("since the ProcessPoolExecutor of score_in failed" in each for each in session.progress.notices)


@pytest.mark.parametrize("given", ["threads", 3, threading.Thread()])
def test_what_is_no_executor_is_refused(given):
    with pytest.raises(TypeError, match=r"score_in is .*; expected None, or an executor as of concurrent.futures"):
        opened(score_in=given)
