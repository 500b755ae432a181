"""The headless loop beside a bare loop that fits, scores and picks the same: python -m tests.benchmarks.headless.

breast_cancer, SVC, batch 1, 320 rounds, no journal. Both loops start from the session's own first questions, so
that they ask the same samples to the end. Prints the median of the paired ratios.
"""

import statistics
import time

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import alwidgets as alw

N_ROUNDS = 320
N_PAIRS = 7


def session_loop(X, y, test):
    session = alw.Session(
        X, classes=[0, 1], learner=SVC(), batch_size=1, test=test, random_state=0, stop="budget", budget=N_ROUNDS
    )
    session.run(oracle=y, n_labels=N_ROUNDS)
    return session


def bare_loop(X, y, test, first):
    """Ask `first`, then always the candidate nearest to the boundary; score after each fit."""
    labeled = list(first)
    scores = []
    while True:
        rows = np.sort(labeled)  # the order of the rows changes the last digits of a fit
        model = SVC().fit(X[rows], y[rows])
        scores.append(np.mean(model.predict(test[0]) == test[1]))
        if len(labeled) == N_ROUNDS:
            return labeled, scores
        distance = np.abs(model.decision_function(X))
        distance[labeled] = np.inf
        labeled.append(int(distance.argmin()))


def main():
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    X, y, test = X[:400], y[:400], (X[400:], y[400:])
    session = session_loop(X, y, test)
    answers = session.labels["item"].tolist()
    n_cold = int((session.labels["strategy"] == "cold start").sum())
    labeled, scores = bare_loop(X, y, test, answers[:n_cold])
    assert labeled == answers, "the two loops must ask the same samples"
    assert np.allclose(scores, session.history["score"].tail(len(scores)))
    ratios, ours, bare = [], [], []
    for _ in range(N_PAIRS):
        start = time.process_time()
        session_loop(X, y, test)
        middle = time.process_time()
        bare_loop(X, y, test, answers[:n_cold])
        ours.append(middle - start)
        bare.append(time.process_time() - middle)
        ratios.append(ours[-1] / bare[-1])
    print(
        f"session {statistics.median(ours):.3f} s, bare loop {statistics.median(bare):.3f} s (CPU, median of {N_PAIRS})"
    )
    print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); goal at most 1.3")


if __name__ == "__main__":
    main()
