"""A cluster of Dask that dies: a fit, or a choice of questions, goes on without it, and nothing is lost."""

import os
import signal
import sys
import threading
import warnings
from pathlib import Path

import cloudpickle
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.strategies import elsewhere, large_pools

distributed = pytest.importorskip("distributed")
# As a notebook's own, classes of this file travel by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class Dying(LogisticRegression):
    """A learner whose fit ends the process that it runs in, as long as a file is there."""

    def __init__(self, file=""):
        super().__init__()
        self.file = file

    def fit(self, X, y):
        if threading.current_thread().name != "alwidgets-trial" and Path(self.file).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(X, y)


@pytest.fixture
def cluster():
    with (
        pytest.importorskip("dask").config.set({"distributed.scheduler.allowed-failures": 1}),
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as made,
        distributed.Client(made) as client,
    ):
        yield made, client


def test_workers_that_are_killed_in_a_fit_are_a_failed_round_and_labeling_goes_on(cluster, blobs, tmp_path):
    X, y = blobs
    file = tmp_path / "die"
    file.touch()
    session = alw.Session(
        X, classes=["left", "right"], learner=Dying(str(file)), audit=0, random_state=0, batch_size=8,
        journal=tmp_path / "a.alw", fit_in=cluster[1].get_executor(pure=False),
    )  # fmt: skip
    with pytest.warns(RuntimeWarning, match="FitWorkerError: the process that fitted was killed"):
        session.run(y, n_labels=8)
    assert (session.progress.n_labeled, len(session.query(1))) == (8, 1)
    file.unlink()
    session.run(y, n_labels=8)
    assert session.history["n_learned"].tolist() == [16]
    session.close()
    assert alw.verify(tmp_path / "a.alw").sound


def test_a_cluster_that_is_closed_while_it_scores_is_said_and_the_kernel_goes_on(cluster, blobs, monkeypatch):
    monkeypatch.setattr(large_pools, "_LARGE_BYTES", 0)
    X, y = blobs
    given = {"classes": ["left", "right"], "learner": LogisticRegression(), "audit": 0, "random_state": 0}
    made, client = cluster
    here, there = alw.Session(X, **given), alw.Session(X, **given, score_in=client.get_executor(pure=False))
    for session in (here, there):
        session.run(y, n_labels=48)
    assert there.progress.notices == ()
    made.close()
    monkeypatch.setattr(elsewhere, "_PATIENCE", 1.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        there.run(y, n_labels=16)
    here.run(y, n_labels=16)
    assert any("of score_in failed" in str(each.message) for each in caught)
    assert there.labels["item"].tolist() == here.labels["item"].tolist()
    assert np.isfinite(there.history["score"]).all()
