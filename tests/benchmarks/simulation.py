"""What a simulation costs beside what it cannot do without: python -m tests.benchmarks.simulation [--quick].

breast_cancer by the protocol "lu2023", in CPU seconds but for the processes; each pair takes turns, and the median of
its ratios is printed beside its goal.
"""

import contextlib
import statistics
import sys
import time

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

import alwidgets as alw
from alwidgets.simulation.protocols import PROTOCOLS
from tests.benchmarks.published import STRATEGIES

FITTED = (SVC, LogisticRegression, LinearDiscriminantAnalysis)


def simulated(X, y, strategies, n_runs, **how):
    return alw.simulate(X, y, protocol="lu2023", strategies=strategies, n_runs=n_runs, **how)


def bare_loop(X, y):
    """Clone, fit, score, and ask what is nearest to the boundary, until nothing is left; return the scores."""
    split = PROTOCOLS["lu2023"].split(y, 0, 0)
    scaler = StandardScaler().fit(X[split.pool])
    X_pool, X_test = scaler.transform(X[split.pool]), scaler.transform(X[split.test])
    y_pool, y_test, svc = y[split.pool], y[split.test], SVC(gamma="auto")
    labelled, scores = list(split.start), []
    while True:
        rows = np.sort(labelled)  # the order of the rows changes the last digits of a fit
        model = clone(svc).fit(X_pool[rows], y_pool[rows])
        scores.append(model.score(X_test, y_test))
        if len(labelled) == len(X_pool):
            return scores
        distance = np.abs(model.decision_function(X_pool))
        distance[labelled] = np.inf
        labelled.append(int(distance.argmin()))


@contextlib.contextmanager
def timed(names):
    """Add up the CPU seconds of methods, (class, name) -> seconds, of calls with the samples that a test wants."""
    spent, before = [0.0], {}

    def counted(method, wanted):
        def call(self, X, *args, **kwargs):
            start = time.process_time()
            try:
                return method(self, X, *args, **kwargs)
            finally:
                spent[0] += (time.process_time() - start) * wanted(X)

        return call

    for kind, name, wanted in names:
        before[kind, name] = getattr(kind, name)
        setattr(kind, name, counted(before[kind, name], wanted))
    try:
        yield spent
    finally:
        for (kind, name), method in before.items():
            setattr(kind, name, method)


def cpu_seconds(work):
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def beside_a_bare_loop(X, y):
    ours, result = cpu_seconds(lambda: simulated(X, y, ["US-C"], 1))
    bare, scores = cpu_seconds(lambda: bare_loop(X, y))
    assert np.allclose(result.curves["score"], scores), "the two loops must ask the same samples"
    return ours / bare


def beside_fits_and_scores(X, y, n_runs):
    n_test = len(y) - int(0.6 * len(y))
    names = [(kind, "fit", lambda _: True) for kind in FITTED]
    # Only the session's own model is asked for the held-out set.
    names.append((SVC, "predict", lambda rows: len(rows) == n_test))
    with timed(names) as spent:
        ours, _ = cpu_seconds(lambda: simulated(X, y, STRATEGIES, n_runs))
    return ours / spent[0]


def beside_one_process(X, y, n_runs):
    walls = []
    for n_jobs in (1, 2):
        start = time.perf_counter()
        simulated(X, y, ["US-C"], n_runs, n_jobs=n_jobs)
        walls.append(time.perf_counter() - start)
    return walls[0] / walls[1]


def main():
    quick = "--quick" in sys.argv
    X, y = load_breast_cancer(return_X_y=True)
    n_turns = 1 if quick else 5
    cases = (
        ("simulate / bare loop", lambda: beside_a_bare_loop(X, y), n_turns, "at most 1.2"),
        (
            "five strategies / their fits and test scores",
            lambda: beside_fits_and_scores(X, y, 1),
            n_turns,
            "at most 1.3",
        ),
        ("one process / two", lambda: beside_one_process(X, y, 4 if quick else 20), 1 if quick else 3, "at least 1.7"),
    )
    with threadpool_limits(1):
        simulated(X, y, STRATEGIES[:1], 1)  # imports
        for name, measure, turns, goal in cases:
            ratios = [measure() for _ in range(turns)]
            print(f"{name}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); goal {goal}")


if __name__ == "__main__":
    main()
