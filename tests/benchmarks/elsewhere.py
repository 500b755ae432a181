"""From an answer to the next question while a fit in pure Python runs: python -m tests.benchmarks.elsewhere.

A fit takes 4 s and holds the interpreter, in the kernel, in a process of the session's, or nowhere (it sleeps). Answers
come 20 a second, so that a fit runs nearly always; only those that were given while one ran are counted. Then ten
rounds of a small fit, to see what the way costs, and what is sent.
"""

import statistics
import tempfile
import time
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from tests.conftest import on_trial

N_ANSWERS, PAUSE, SECONDS = 200, 0.05, 4.0


class PurePython(GaussianNB):
    """A learner whose fit counts for 4 s, as one written in Python does."""

    def fit(self, X, y):
        end = time.perf_counter() + (0 if on_trial() else SECONDS)
        n = 0
        while time.perf_counter() < end:
            n += 1
        return super().fit(X, y)


class Sleeping(GaussianNB):
    """A learner whose fit takes as long and does nothing."""

    def fit(self, X, y):
        time.sleep(0 if on_trial() else SECONDS)
        return super().fit(X, y)


def latencies(learner, fit_in, folder):
    """Return the milliseconds from an answer that is due to the next question, of answers given while a fit ran."""
    X, y = load_digits(return_X_y=True)
    times = []
    session = alw.Session(
        X[300:], classes=range(10), learner=learner, random_state=0, test=(X[:300], y[:300]), fit_in=fit_in,
        journal=folder,
    )  # fmt: skip
    y, engine = y[300:], session._core.engine
    engine.set_prefetch(16)
    session.wait()
    item = int(session.query(1)[0])
    for _ in range(10 * N_ANSWERS):
        # Whoever answers is woken by it, and then needs the interpreter: that it is not free is part of the time.
        due = time.perf_counter() + PAUSE
        time.sleep(PAUSE)
        busy = engine.busy_since
        session.teach(item, int(y[item]))
        item = int(session.query(1)[0])
        if busy is not None and time.time() - busy > 0.2 * SECONDS:
            times.append(1000 * (time.perf_counter() - due))
        if len(times) == N_ANSWERS:
            break
    session.close()
    session.wait()
    return times


class Weighing(Executor):
    """An executor that weighs what it is sent and what comes back."""

    def __init__(self):
        self.inner, self.out, self.back = ThreadPoolExecutor(1), 0, 0

    def submit(self, fn, /, *args):
        future = self.inner.submit(fn, *args)
        self.out, self.back = len(args[0]), len(future.result())
        return future


def rounds(fit_in):
    """Return the seconds of ten rounds; those of a worker's start among them the first time."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(101_000, 64))
    y = (X[:, 0] > 0).astype(int)
    session = alw.Session(
        X[1000:], classes=[0, 1], learner=LogisticRegression(), random_state=0, test=(X[:1000], y[:1000]), stop=None,
        fit_in=fit_in, batch_size=8, strategy="random",
    )  # fmt: skip
    times = []
    for _ in range(2):
        start = time.perf_counter()
        session.run(y[1000:], n_labels=80)
        times.append(time.perf_counter() - start)
    session.close()
    return times


def main():
    print("An answer and the next question, ms, while a fit of 4 s runs:")
    for name, learner, fit_in in (
        ("in the kernel, asleep", Sleeping(), None),
        ("in the kernel", PurePython(), None),
        ('fit_in="process"', PurePython(), "process"),
    ):
        with tempfile.TemporaryDirectory() as folder:
            times = sorted(latencies(learner, fit_in, f"{folder}/a.alw"))
        p95 = times[int(0.95 * len(times))]
        print(f"{name:24} median {statistics.median(times):6.1f}  p95 {p95:6.1f}  max {times[-1]:6.1f}  n {len(times)}")
    print("Ten rounds of LogisticRegression on 100,000 x 64, s: first, then warm:")
    for name, fit_in in (("in the kernel", None), ('fit_in="process"', "process")):
        print(f"{name:24} {' '.join(f'{seconds:.2f}' for seconds in rounds(fit_in))}")
    weighing = Weighing()
    rounds(weighing)
    print(f"Sent for the last of them {weighing.out / 1000:.0f} kB, back {weighing.back / 1000:.1f} kB; pool 51,200 kB")


if __name__ == "__main__":
    main()
