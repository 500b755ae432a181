"""What several tests share: real data, and sessions on it."""

import signal
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

import alwidgets as alw

sys.path.insert(0, str(Path(__file__).parent / "browser"))
# For what hostile content is; last, so that no module of the tests hides one of a library.
sys.path.append(str(Path(__file__).parent))


# Who was started in the background of a shell ignores interrupts, and the tests of interrupts would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


# How long an example takes depends on what else the machine does.
settings.register_profile("alwidgets", deadline=None)
settings.load_profile("alwidgets")


def pytest_addoption(parser):
    parser.addoption("--backwards", action="store_true", help="run the tests in the opposite order")


def pytest_collection_modifyitems(config, items):
    if config.getoption("backwards"):
        items.reverse()


DIGITS = load_digits()
X_DIGITS, Y_DIGITS = DIGITS.data / 16, DIGITS.target


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    # On a machine that does other things a trial fit takes longer: here it is looked at what it finds.
    monkeypatch.setattr("alwidgets.loop.conformance.PATIENCE", 60)


def on_trial():
    """Return whether this is the trial fit that a session makes of its learner, and no fit of its own."""
    return threading.current_thread().name == "alwidgets-trial"


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def blobs():
    """Two clouds that a linear model separates: X of shape (120, 4), y in {"left", "right"}."""
    generator = np.random.default_rng(7)
    y = np.repeat(["left", "right"], 60)
    X = generator.normal(size=(120, 4)) + np.where(y == "left", -1.0, 1.0)[:, None]
    rows = generator.permutation(120)
    return X[rows], y[rows]


@pytest.fixture
def make_session(blobs):
    """A function that makes a small, fast session; keywords replace the defaults."""
    X, y = blobs
    sessions = []

    def make(**changes):
        given = {
            "X": X,
            "classes": ["left", "right"],
            "learner": LogisticRegression(),
            "batch_size": 4,
            "random_state": 0,
            "test": (X[::5], y[::5]),
        } | changes
        sessions.append(alw.Session(**given))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()
        session.wait()


@pytest.fixture
def digits():
    return X_DIGITS, Y_DIGITS
