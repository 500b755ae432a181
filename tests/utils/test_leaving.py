"""A script may end while a thread is at work: it comes to rest at the next call of an estimator, and nothing aborts."""

import subprocess
import sys

import pytest

SCRIPT = """
import threading
import warnings
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
import alwidgets as alw
from alwidgets.utils import leaving

X, y = load_digits(return_X_y=True)
X = X / 16
# On a busy machine the trial of a learner takes long, which is said.
warnings.filterwarnings("ignore", "A trial fit")
started = threading.Event()
watching = False

class Watched(LogisticRegression):
    def fit(self, X, y):
        if watching:
            print("begun", flush=True)
            started.set()
            leaving._leaving.wait(30)
        super().fit(X, y)
        if watching:
            print("done", flush=True)
        return self

session = alw.Session(
    X[:1000], classes=range(10), learner=Watched(max_iter=500), test=(X[1000:], y[1000:]), random_state=0, batch_size=40
).run(y[:1000], 40)
watching = True
"""
IN_A_THREAD = "threading.Thread(target=session.random_baseline, args=('simulated',), daemon=True).start()\n"
IN_THE_BACKGROUND = "for row in session.query(40): session.teach(int(row), y[row])\n"


@pytest.mark.parametrize("work", [IN_A_THREAD, IN_THE_BACKGROUND])
def test_the_fit_that_runs_is_the_last(work):
    done = subprocess.run(
        [sys.executable, "-c", f"{SCRIPT}{work}assert started.wait(60)"],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["begun", "done"]


def test_a_fit_that_hangs_does_not_keep_a_script_from_ending():
    script = SCRIPT.replace("leaving._leaving.wait(30)", "threading.Event().wait()")
    script = script.replace("watching = True", "watching = True; leaving._MOST_SECONDS = 0.1")
    done = subprocess.run(
        [sys.executable, "-c", f"{script}{IN_A_THREAD}assert started.wait(60)"],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["begun"]


def test_real_fits_abort_nothing():
    script = SCRIPT.replace("leaving._leaving.wait(30)", "pass").replace('print("begun", flush=True)', "pass")
    script = script.replace('print("done", flush=True)', "pass")
    for delay in (0.05, 0.1, 0.2):
        done = subprocess.run(
            [sys.executable, "-c", f"{script}{IN_A_THREAD}started.wait(60); __import__('time').sleep({delay})"],
            capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
