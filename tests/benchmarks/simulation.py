"""What a simulation costs beside what it cannot do without: python -m tests.benchmarks.simulation [--quick].

breast_cancer by the protocol "lu2023", in CPU seconds but for the processes; each pair takes turns, and the median of
its ratios is printed beside its goal. Of each strategy there is also the ratio to fits, test scores and what the models
say of the pool, which the strategy needs as well.
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
ASKED = (
    (SVC, "decision_function"), (LogisticRegression, "predict"), (LogisticRegression, "predict_proba"),
    (LinearDiscriminantAnalysis, "predict"),
)  # fmt: skip


def simulated(X, y, strategies, n_runs, **how):
    return alw.simulate(X, y, protocol="lu2023", strategies=strategies, n_runs=n_runs, **how)


def bare_loop(X, y):
    """Clone, fit, score, and ask what is nearest to the boundary, until nothing is left; return the scores."""
    split = PROTOCOLS["lu2023"].split(y, 0, 0)
    scaler = StandardScaler().fit(X[split.pool])
    X_pool, X_test = scaler.transform(X[split.pool]), scaler.transform(X[split.test])
    y_pool, y_test, svc = y[split.pool], y[split.test], SVC(gamma="auto")
    labeled, scores = list(split.start), []
    while True:
        rows = np.sort(labeled)  # the order of the rows changes the last digits of a fit
        model = clone(svc).fit(X_pool[rows], y_pool[rows])
        scores.append(model.score(X_test, y_test))
        if len(labeled) == len(X_pool):
            return scores
        distance = np.abs(model.decision_function(X_pool))
        distance[labeled] = np.inf
        labeled.append(int(distance.argmin()))


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


def beside_fits_and_scores(X, y):
    """Return the seconds of each strategy: all, those of fits and test scores, those of predicting the pool."""
    n_test = len(y) - int(0.6 * len(y))
    # Only the session's own model is asked for the held-out set.
    needed = [*((kind, "fit", always) for kind in FITTED), (SVC, "predict", lambda rows: len(rows) == n_test)]
    asked = [*((*method, always) for method in ASKED), (SVC, "predict", lambda rows: len(rows) != n_test)]
    found = []
    for strategy in STRATEGIES:
        with timed(needed) as fits, timed(asked) as pool:
            ours, _ = cpu_seconds(lambda strategy=strategy: simulated(X, y, [strategy], 1))
        found.append((ours, fits[0], pool[0]))
    return np.array(found)


def always(_rows):
    return True


def beside_one_process(X, y, n_runs):
    walls = []
    for n_jobs in (1, 2):
        start = time.perf_counter()
        simulated(X, y, ["US-C"], n_runs, n_jobs=n_jobs)
        walls.append(time.perf_counter() - start)
    return walls[0] / walls[1]


def tell(name, ratios, goal=None):
    said = f"{name}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    print(f"{said}; goal {goal}" if goal else said, flush=True)


def main():
    quick = "--quick" in sys.argv
    X, y = load_breast_cancer(return_X_y=True)
    n_turns = 1 if quick else 5
    with threadpool_limits(1):
        simulated(X, y, STRATEGIES[:1], 1)  # imports
        tell("simulate / bare loop", [beside_a_bare_loop(X, y) for _ in range(n_turns)], "at most 1.2")
        seconds = np.array([beside_fits_and_scores(X, y) for _ in range(n_turns)])
        ours, fits, pool = seconds.sum(axis=1).T
        tell("five strategies / their fits and test scores", ours / fits, "at most 1.3")
        tell("five strategies / these and predicting the pool", ours / (fits + pool))
        for strategy, (ours, fits, pool) in zip(STRATEGIES, seconds.transpose(1, 2, 0), strict=True):
            tell(f"  {strategy}", ours / fits)
            tell(f"  {strategy}, with predicting the pool", ours / (fits + pool))
        turns = [beside_one_process(X, y, 4 if quick else 20) for _ in range(1 if quick else 3)]
        tell("one process / two", turns, "at least 1.7")


if __name__ == "__main__":
    main()
