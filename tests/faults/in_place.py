"""Pipelines that write into what they are given, beside the same ones that copy it."""

import random
import warnings

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC

import alwidgets as alw
from tests.faults.sample import Found, ended

COLUMNS = ["a", "b", "c", "d"]


class Halved(TransformerMixin, BaseEstimator):
    """A transformer of a user's own that writes into its input, or does not."""

    def __init__(self, *, copy=True):
        self.copy = copy

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        X = X.copy() if self.copy else X
        if isinstance(X, pd.DataFrame):
            X["a"] *= 0.5
            X.iloc[:, 1] *= 0.5
        elif isinstance(X, np.ndarray):
            X *= 0.5
        else:
            X.data *= 0.5
        return X


def linear():
    return LogisticRegression(max_iter=200)


LEARNERS = {
    "min-max": lambda copy: make_pipeline(MinMaxScaler(copy=copy), linear()),
    "standard": lambda copy: make_pipeline(StandardScaler(copy=copy), linear()),
    "no mean": lambda copy: make_pipeline(StandardScaler(copy=copy, with_mean=False), linear()),
    "largest": lambda copy: make_pipeline(MaxAbsScaler(copy=copy), linear()),
    "robust": lambda copy: make_pipeline(RobustScaler(copy=copy, with_centering=False), linear()),
    "length": lambda copy: make_pipeline(Normalizer(copy=copy), linear()),
    "signs": lambda copy: make_pipeline(Binarizer(copy=copy), linear()),
    "power": lambda copy: make_pipeline(PowerTransformer(copy=copy), linear()),
    "quantiles": lambda copy: make_pipeline(QuantileTransformer(copy=copy, n_quantiles=4, random_state=0), linear()),
    "imputer": lambda copy: make_pipeline(SimpleImputer(copy=copy), Normalizer(copy=copy), linear()),
    "components": lambda copy: make_pipeline(PCA(2, copy=copy, random_state=0), linear()),
    "weights": lambda copy: make_pipeline(TfidfTransformer(), MaxAbsScaler(copy=copy), linear()),
    "own": lambda copy: make_pipeline(Halved(copy=copy), linear()),
    "own, later": lambda copy: make_pipeline(MaxAbsScaler(copy=copy), Halved(copy=copy), linear()),
    "machine": lambda copy: make_pipeline(MaxAbsScaler(copy=copy), LinearSVC(random_state=0)),
    "neighbors": lambda copy: make_pipeline(MaxAbsScaler(copy=copy), KNeighborsClassifier(1)),
    "kernel": lambda copy: make_pipeline(MaxAbsScaler(copy=copy), SVC()),
    "union": lambda copy: make_pipeline(make_union(MaxAbsScaler(copy=copy), Normalizer(copy=copy)), linear()),
    "votes": lambda copy: VotingClassifier(
        [(str(i), make_pipeline(scaler, linear())) for i, scaler in enumerate((MaxAbsScaler(copy=copy), Normalizer()))],
        voting="soft",
    ),
}
DENSE_ONLY = ("min-max", "standard", "power", "quantiles")


def unsorted(X):
    """A CSR matrix whose columns come last to first."""
    made = csr_matrix(X)
    for row in range(len(X)):
        part = slice(made.indptr[row], made.indptr[row + 1])
        made.indices[part], made.data[part] = made.indices[part][::-1].copy(), made.data[part][::-1].copy()
    made.has_sorted_indices = False
    return made


def memory_map(X, folder):
    path = folder / f"{abs(hash(X.tobytes()))}.npy"
    np.save(path, X)
    return np.load(path, mmap_mode="r+")


KINDS = {
    "array": lambda X, _: X.copy(),
    "columns": lambda X, _: np.asfortranarray(X),
    "memory map": memory_map,
    "csr": lambda X, _: csr_matrix(X),
    "csr array": lambda X, _: csr_array(X),
    "unsorted": lambda X, _: unsorted(X),
    "frame": lambda X, _: pd.DataFrame(X, columns=COLUMNS),
    "frame of columns": lambda X, _: pd.DataFrame({name: X[:, i].copy() for i, name in enumerate(COLUMNS)}),
}


def dense(X):
    if isinstance(X, pd.DataFrame):
        return X.to_numpy()
    return np.asarray(X) if isinstance(X, np.ndarray) else X.toarray()


def sparse_like(X):
    """Zeros where a number is small."""
    return np.where(np.abs(X) < 0.4, 0.0, X)


def in_place(folder, n):
    """Compare sessions and simulations of pipelines that write and that copy, of any kind of samples: bit for bit."""
    found, rng = Found("a Pipeline that writes into array, CSR or DataFrame: test, audit, simulate"), random.Random(0)
    tries = [
        (name, kind, measured)
        for name in LEARNERS
        for kind in ("array", "csr", "frame")
        for measured in ("test", "audit", "simulate")
        if not (name in DENSE_ONLY and kind == "csr")
    ]
    order = []
    for found.tried in range(1, n + 1):
        order = order or rng.sample(tries, len(tries))
        name, kind, measured = order.pop()
        wrong = _differs(folder, name, kind, measured, seed=found.tried)
        if wrong:
            found.wrong.append(f"{name} of {kind}, {measured}: {wrong}")
    return found


def _differs(folder, name, kind, measured, seed):
    """Return what is another where a Pipeline writes than where it copies; empty where nothing is."""
    generator = np.random.default_rng(seed)
    y = np.array(["left", "right"])[np.arange(90) % 2]
    X = sparse_like(generator.normal(size=(90, len(COLUMNS))) + np.where(y == "left", -1.0, 1.0)[:, None])
    X, y, X_test, y_test = X[:60], y[:60], X[60:], y[60:]
    kept = []
    for copy in (True, False):
        pool, test = KINDS[kind](X, folder), KINDS[kind](X_test, folder)
        with warnings.catch_warnings():
            # That it is lent copies, where it insists, is told.
            warnings.simplefilter("ignore", RuntimeWarning)
            try:
                kept.append(_MEASURED[measured](pool, y, (test, y_test), LEARNERS[name](copy)))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is one
                return repr(error)
        if not (np.array_equal(dense(pool), X) and np.array_equal(dense(test), X_test)):
            return "it wrote into the samples"
    return "" if kept[0] == kept[1] else "other numbers"


def _session(pool, y, learner, **settings):
    session = alw.Session(
        pool, classes=["left", "right"], learner=learner, batch_size=8, random_state=0, stop=None, **settings
    ).run(y, 24)
    scores = session.history[["score", "score_low", "score_high"]].to_numpy().tobytes()
    found = session.labels["item"].tolist(), scores, session.learner.predict(pool).tolist()
    ended(session)
    return found


def _simulated(pool, y, learner):
    run = alw.simulate(pool, y, learner=learner, n_labels=24, batch_size=8, n_runs=1, strategies=["margin"])
    return repr(run.curves.drop(columns="learner", errors="ignore").to_dict("list"))


_MEASURED = {
    "test": lambda pool, y, test, learner: _session(pool, y, learner, test=test),
    "audit": lambda pool, y, _test, learner: _session(pool, y, learner, audit=0.4),
    "simulate": lambda pool, y, _test, learner: _simulated(pool, y, learner),
}
