"""Sessions on known labels, whose model of each round is also measured on samples that no session sees."""

import itertools
import multiprocessing
import os
import pickle
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
    make_blobs,
    make_classification,
    make_moons,
)
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from alwidgets import Session
from alwidgets.stopping import History

N_PROCESSES = 2
# Of each set that is drawn, rather than read.
N_DRAWN = 5000


@dataclass(frozen=True)
class DataSet:
    """A data set and how a session goes through it: rows of the pool, of its test set, and all others unseen."""

    load: Callable
    said: str
    n_pool: int
    n_test: int
    n_labels: int
    batch_size: int


@dataclass(frozen=True, eq=False)
class Run:
    """A session: its rounds, and the accuracy of each round's model on the unseen samples."""

    data: str
    learner: str
    seed: int
    history: History
    accuracy: np.ndarray
    seconds: float

    @property
    def n_labeled(self):
        """Labels at each round, (n_rounds,)."""
        return np.array([item.n_labeled for item in self.history])


def odd_or_even():
    X, y = load_digits(return_X_y=True)
    return X, y % 2


def noisy():
    return make_classification(N_DRAWN, 20, n_informative=8, flip_y=0.2, class_sep=1.5, random_state=1)


def rare():
    return make_classification(N_DRAWN, 20, n_informative=6, weights=[0.9], flip_y=0, class_sep=1.0, random_state=2)


def blobs():
    return make_blobs(N_DRAWN, 10, centers=6, cluster_std=5.0, random_state=3)


def four_classes():
    return make_classification(N_DRAWN, 15, n_informative=8, n_classes=4, flip_y=0.02, random_state=4)


def wide_blobs():
    return make_blobs(N_DRAWN, 4, centers=4, cluster_std=4.0, random_state=5)


def moons():
    return make_moons(N_DRAWN, noise=0.25, random_state=6)


def iris():
    return load_iris(return_X_y=True)


def breast_cancer():
    return load_breast_cancer(return_X_y=True)


def digits():
    return load_digits(return_X_y=True)


def wine():
    return load_wine(return_X_y=True)


#: The page is about these.
SETS = {
    "breast cancer": DataSet(breast_cancer, "30 features, 2 classes", 280, 120, 250, 5),
    "digits": DataSet(digits, "64 features, 10 classes", 900, 250, 300, 10),
    "wine": DataSet(wine, "13 features, 3 classes", 90, 40, 80, 5),
    "noisy": DataSet(noisy, "drawn, 20 features, 2 classes, every fifth label drawn at random", 1500, 250, 300, 10),
    "rare": DataSet(rare, "drawn, 20 features, 2 classes of 90 % and 10 %", 1500, 250, 300, 10),
    "blobs": DataSet(blobs, "drawn, 10 features, 6 classes that overlap", 1500, 250, 250, 5),
}
#: Parameters and the default rule were chosen on these.
CHOICE_SETS = {
    "odd or even": DataSet(odd_or_even, "digits, 2 classes", 900, 250, 300, 10),
    "iris": DataSet(iris, "4 features, 3 classes", 80, 30, 70, 5),
    "four classes": DataSet(four_classes, "drawn, 15 features", 1500, 250, 300, 10),
    "wide blobs": DataSet(wide_blobs, "drawn, 4 features, 4 classes that overlap", 1500, 250, 250, 5),
    "moons": DataSet(moons, "drawn, 2 features, 2 classes that overlap", 1500, 250, 300, 10),
}
#: Name -> seed -> learner.
LEARNERS = {
    "logistic regression": lambda seed: make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=1000, random_state=seed)
    ),
    "random forest": lambda seed: RandomForestClassifier(50, random_state=seed),
    "naive Bayes": lambda _: GaussianNB(),
    "support vector machine": lambda seed: make_pipeline(StandardScaler(), SVC(random_state=seed)),
}


def session_of(data_set, learner, seed):
    """Return a session, the labels of its pool, and the samples it does not see with theirs."""
    X, y = data_set.load()
    rows = np.random.default_rng(seed).permutation(len(y))
    pool, test, unseen = np.split(rows, [data_set.n_pool, data_set.n_pool + data_set.n_test])
    session = Session(
        X[pool],
        classes=np.unique(y).tolist(),
        learner=LEARNERS[learner](seed),
        strategy="margin",
        batch_size=data_set.batch_size,
        test=(X[test], y[test]),
        random_state=seed,
    )
    return session, y[pool], (X[unseen], y[unseen])


def run(job):
    """Run a session to its end and measure the model of each round: (data set, learner, seed) -> Run."""
    data, learner, seed = job
    data_set, start = (SETS | CHOICE_SETS)[data], time.process_time()
    session, y, (X_unseen, y_unseen) = session_of(data_set, learner, seed)
    accuracy = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while len(session.labels) < data_set.n_labels:
            session.run(y, data_set.batch_size)
            # Without two classes there is no model yet.
            if len(session.rounds) > len(accuracy):
                accuracy.append(float(np.mean(session.learner.predict(X_unseen) == y_unseen)))
    return Run(data, learner, seed, session.rounds, np.array(accuracy), time.process_time() - start)


def run_all(jobs, work, keep=None):
    """Yield `work(Run)` of each job, in two processes; runs are read from the folder `keep` where they were before."""
    # One thread each: the models are small, and two processes share the cores.
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    jobs = [(job, work, keep) for job in jobs]
    # A second process takes longer to start than a few sessions.
    n_processes = N_PROCESSES if len(jobs) > 10 else 1
    with multiprocessing.get_context("spawn").Pool(n_processes) as processes:
        yield from processes.imap_unordered(_worked, jobs)


def all_jobs(sets, learners, n_seeds):
    """Return the jobs, the longest first."""
    jobs = itertools.product(sets, learners, range(n_seeds))
    return sorted(jobs, key=lambda job: job[1] != "random forest")


def _worked(given):
    job, work, keep = given
    return work(_kept(job, Path(keep)) if keep else run(job))


def _kept(job, folder):
    path = folder / f"{' '.join(map(str, job))}.pickle"
    if path.exists():
        return pickle.loads(path.read_bytes())  # noqa: S301 - written here
    folder.mkdir(parents=True, exist_ok=True)
    found = run(job)
    path.write_bytes(pickle.dumps(found))
    return found
