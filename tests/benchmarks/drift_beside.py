"""An answer and the next question while drift is checked, and while not: python -m tests.benchmarks.drift_beside.

A pool of 1,000 samples of 64 columns that grew by as many. Answers come 20 a second; every other 40 of them, another
thread checks the new samples for drift, one check after the other. Prints medians and 95th percentiles of both.
"""

import threading
import time

import numpy as np
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.session import view_of

N, WIDTH, N_TURNS, N_ANSWERS, PAUSE = 1000, 64, 3, 40, 0.05


def session():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2 * N, WIDTH))
    y = np.where(X[:, 0] > 0, "yes", "no")
    made = alw.Session(X[:N], classes=["no", "yes"], learner=LogisticRegression(), audit=0.3, random_state=0)
    made.run(y[:N], n_labels=100)
    made.extend(X[N:], source="new")
    view_of(made).set_prefetch(8)
    return made, y


def answered(session, y, times):
    """Give answers, and keep the milliseconds from each to the next question."""
    for _ in range(N_ANSWERS):
        row = int(session.query(1)[0])
        due = time.perf_counter() + PAUSE
        time.sleep(PAUSE)
        session.teach(row, y[row])
        session.query(1)
        times.append(1000 * (time.perf_counter() - due))


def main():
    made, y = session()
    X, over, checks = made.X, threading.Event(), []
    times = {"without": [], "beside a check": []}

    def check():
        while not over.is_set():
            since = time.thread_time()
            alw.drift(X[:N], X[N:], random_state=0)
            checks.append(time.thread_time() - since)

    for _ in range(N_TURNS):
        answered(made, y, times["without"])
        over.clear()
        thread = threading.Thread(target=check)
        thread.start()
        answered(made, y, times["beside a check"])
        over.set()
        thread.join()
    for name, each in times.items():
        print(f"{name}: {np.median(each):.1f} ms median, {np.percentile(each, 95):.1f} at most in 95 % of {len(each)}")
    print(f"a check took {np.median(checks):.2f} s of CPU")


if __name__ == "__main__":
    main()
