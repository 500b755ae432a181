"""The session that faults are tried on: small, and always asking the same questions."""

import warnings
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw

N_SAMPLES = 200
Y = np.repeat(["a", "b"], N_SAMPLES // 2)
X = np.random.default_rng(7).normal(size=(N_SAMPLES, 3)) + np.where(Y == "a", -1.0, 1.0)[:, None]
Y_TEST = Y[::5]
X_TEST = np.random.default_rng(8).normal(size=(len(Y_TEST), 3)) + np.where(Y_TEST == "a", -1.0, 1.0)[:, None]
GIVEN = {
    "X": X, "classes": ["a", "b"], "learner": GaussianNB(), "batch_size": 4, "random_state": 0,
    "test": (X_TEST, Y_TEST),
}  # fmt: skip


@dataclass
class Found:
    """How often a fault was tried, and what was lost or wrong."""

    fault: str
    tried: int = 0
    wrong: list = field(default_factory=list)


def opened(path, **changes):
    """Return the session kept in this folder; what opening it mended or cannot do is not reported here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return alw.Session(**GIVEN | {"journal": path} | changes)


def ended(session):
    session.close()
    session.wait()


def answer_next(session):
    """Answer the first question, and return its row."""
    row = int(session.query()[0])
    session.teach(row, Y[row])
    return row


@cache
def questions(n=120):
    """Return the rows that a session without faults asks, in order."""
    session = opened(None)
    rows = [answer_next(session) for _ in range(n)]
    session.wait()
    return rows


def what_is_wrong(path, n_acknowledged, n_most):
    """Open the session anew; return what is wrong with its labels or its next question, and how many labels it has."""
    session = opened(path)
    try:
        rows = session.labels["item"].tolist()
        if not n_acknowledged <= len(rows) <= n_most:
            return f"{len(rows)} labels, {n_acknowledged} acknowledged", len(rows)
        if session.read_only or rows != questions()[: len(rows)]:
            return f"rows {rows}, read only: {session.read_only}", len(rows)
        if int(session.query()[0]) != questions()[len(rows)]:
            return f"the next question after {len(rows)} labels is another", len(rows)
        return "", len(rows)
    finally:
        ended(session)
