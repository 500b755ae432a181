"""What tracking in MLflow costs the annotator's turn: python -m tests.benchmarks.tracking, where MLflow is installed.

digits, LogisticRegression, batches of 8 answered one after the other by `teach`, with a journal and 0.1 s of thought
an answer. Sessions with and without tracking (a new sqlite database, the model of each round registered) take turns.
Prints the time that the listeners themselves take in the turn, that of `teach` with and without tracking while MLflow
is being written to, and what is sent of a round.
"""

import os
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.session.export import about_model
from alwidgets.tracking.mlflow import Tracking
from alwidgets.tracking.model_files import write_folder

N_ANSWERS, N_PAIRS, THOUGHT = 120, 3, 0.1
METHODS = {name: getattr(Tracking, name) for name in ("_hear", "_look")}


def answered(folder, *, tracked):
    """Return the seconds of each `teach`, and of each call of a listener."""
    X, y = load_digits(return_X_y=True)
    X, heard = X / 16, []
    session = alw.Session(
        X[:1000], classes=range(10), learner=LogisticRegression(max_iter=200), test=(X[1000:], y[1000:]),
        random_state=0, journal=folder / "session.alw",
    )  # fmt: skip
    if tracked:
        for name, method in METHODS.items():
            setattr(Tracking, name, spied(method, heard))
        uri = f"sqlite:///{folder / 'mlflow.db'}"
        tracking = alw.mlflow.track(session, experiment="digits", register="digits", uri=uri)
        # A database that is new takes seconds, once.
        assert tracking.wait(300), tracking.problem
    seconds = []
    for _ in range(N_ANSWERS):
        row = int(session.query()[0])
        time.sleep(THOUGHT)
        start = time.perf_counter()
        session.teach(row, int(y[row]))
        seconds.append(time.perf_counter() - start)
    session.wait(60)
    start = time.perf_counter()
    if tracked:
        assert tracking.wait(300), tracking.problem
        assert sorted(tracking.versions) == session.versions["round"].tolist()
        print(f"{len(tracking.versions)} rounds were there {time.perf_counter() - start:.1f} s after the last answer")
    session.close()
    if tracked:
        assert tracking.wait(300), tracking.problem
    return np.array(seconds), np.array(heard)


def spied(method, times):
    def call(self, *args):
        start = time.perf_counter()
        method(self, *args)
        times.append(time.perf_counter() - start)

    return call


def seconds_of_a_model():
    """Return how long it takes to write the folder of a model with the requirements that are known."""
    X, y = load_digits(return_X_y=True)
    session = alw.Session(X, classes=range(10), learner=LogisticRegression(max_iter=200), random_state=0).run(y, 40)
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(5):
            start = time.perf_counter()
            about = about_model(session, session.learner, 1, "0")
            write_folder(Path(folder) / str(number), session.learner, about)
            times.append(time.perf_counter() - start)
    return float(np.median(times))


def in_words(seconds):
    median, p95, most = 1000 * np.quantile(seconds, [0.5, 0.95, 1])
    return f"{median:.2f} ms median, {p95:.2f} p95, {most:.2f} at most ({len(seconds)} times)"


def main():
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    found = {True: [], False: []}
    listeners = []
    for _ in range(N_PAIRS):
        for tracked in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                before = Path.cwd()
                os.chdir(folder)
                seconds, heard = answered(Path(folder), tracked=tracked)
                os.chdir(before)
            found[tracked].append(seconds)
            listeners.append(heard)
    print(f"the listeners in the turn: {in_words(np.concatenate(listeners))}; goal at most 2 ms")
    print(f"teach, tracked:   {in_words(np.concatenate(found[True]))}")
    print(f"teach, untracked: {in_words(np.concatenate(found[False]))}")
    print(f"the folder of a model: {seconds_of_a_model():.2f} s")


if __name__ == "__main__":
    main()
