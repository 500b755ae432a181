"""BLAS threads of small fits: more than one spend their time waiting for each other."""

from typing import ClassVar

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info, threadpool_limits

import alwidgets as alw
from alwidgets.utils.threads import fit_threads


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


class Watched(LogisticRegression):
    seen: ClassVar[list] = []

    def fit(self, X, y):
        self.seen.append(blas_threads())
        return super().fit(X, y)


def test_models_and_the_folds_of_their_scores_are_fitted_with_one():
    X, y = load_iris(return_X_y=True)
    Watched.seen.clear()
    with threadpool_limits(2, user_api="blas"):
        alw.Session(X, classes=[0, 1, 2], learner=Watched(max_iter=500), audit=0, stop=None, random_state=0).run(y, 40)
        assert blas_threads() == {2}
    assert len(Watched.seen) > 10  # more than the models: the folds too
    assert all(threads == {1} for threads in Watched.seen)


def test_a_large_fit_keeps_its_threads():
    with threadpool_limits(2, user_api="blas"), fit_threads(np.broadcast_to(0.0, (100_000, 100))):
        assert blas_threads() == {2}
