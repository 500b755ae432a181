"""Samples that somebody writes to after the session was made are noticed in the next round, and said."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from alwidgets.data.kinds import pool_of
from alwidgets.journal.errors import JournalError


def negate(X):
    if isinstance(X, pd.DataFrame):
        X.iloc[:, :] *= -3
    elif isinstance(X, np.ndarray):
        X *= -3
    else:
        X.data *= -3


@pytest.mark.parametrize("kind", [np.array, csr_matrix])
def test_a_pool_written_to_is_told_once_and_until_it_is_as_it_was(blobs, kind):
    X, y = kind(blobs[0]), blobs[1]
    session = alw.Session(X, classes=["left", "right"], learner=LogisticRegression(), random_state=0).run(y, 16)
    before = X.copy()
    negate(X)
    with pytest.warns(RuntimeWarning, match="X was written to since the session was made") as caught:
        session.run(y, 8)
    assert [each.filename for each in caught] == [__file__]
    assert "X was written to" in session.progress.error
    session.run(y, 8)  # warns no more
    assert "X was written to" in session.progress.error
    X[:] = before
    assert session.run(y, 8).progress.error == ""


def test_the_test_set_is_looked_at_too(blobs):
    X, y = blobs
    held_out = X[80:].copy()
    session = alw.Session(
        X[:80], classes=["left", "right"], learner=LogisticRegression(), test=(held_out, y[80:]), random_state=0
    ).run(y[:80], 16)
    held_out += 1
    with pytest.warns(RuntimeWarning, match="X_test was written to") as caught:
        session.retrain()
    assert "journal" not in str(caught[0].message)


@pytest.mark.parametrize("many", [False, True])
def test_the_labels_of_the_test_set_are_the_sessions_own(blobs, many):
    X, y = blobs
    learner = LogisticRegression()
    if many:
        y, learner = np.stack([y == "left", y == "right"], axis=1).astype(np.intp), OneVsRestClassifier(learner)
    y_test = y[80:].copy()
    session = alw.Session(
        X[:80], classes=["left", "right"], learner=learner, test=(X[80:], y_test), random_state=0,
        task="multi" if many else "single",
    ).run(y[:80], 16)  # fmt: skip
    score = session.retrain().score
    y_test[:] = y_test[0]
    assert session.retrain().score == score


def test_all_of_a_small_pool_is_looked_at(rng):
    X = rng.random((1000, 5))
    at_first = pool_of(X).sketch()
    X[1, 3] += 1
    assert pool_of(X).sketch() != at_first


def test_a_background_round_says_it_in_the_progress(blobs):
    X, y = blobs
    session = alw.Session(X, classes=["left", "right"], learner=LogisticRegression(), batch_size=4, random_state=0)
    X *= -3
    for row in (*np.flatnonzero(y == "left")[:2], *np.flatnonzero(y == "right")[:2]):
        session.teach(int(row), y[row])
    assert session.wait(30)
    assert "X was written to" in session.progress.error


def test_a_frame_is_as_it_was_or_is_told(blobs):
    X, y = pd.DataFrame(blobs[0]), blobs[1]
    before = X.copy()
    session = alw.Session(X, classes=["left", "right"], learner=LogisticRegression(), random_state=0).run(y, 16)
    negate(X)
    if not session.X.equals(before):
        with pytest.warns(RuntimeWarning, match="X was written to"):
            session.retrain()


def test_its_journal_is_of_the_pool_as_it_was_and_says_what_may_have_happened(blobs, tmp_path):
    X, y = blobs
    given = {"classes": ["left", "right"], "learner": LogisticRegression(), "journal": tmp_path / "a.alw"}
    session = alw.Session(X, **given, random_state=0).run(y, 16)
    identity = session.identity
    X *= -3
    with pytest.warns(RuntimeWarning, match="X was written to"):
        session.run(y, 8)
    assert session.identity == identity
    session.close()
    with pytest.raises(JournalError, match=r"written to since, as by X \*= 2"):
        alw.Session(X, **given)
    X /= -3
    assert alw.Session(X.round(12), **given | {"journal": None}).progress.n_labeled == 0


def test_a_glance_reads_few_rows_of_a_large_pool(rng):
    X = rng.random((1000, 500))
    at_first = pool_of(X).sketch()
    X[1] += 1
    assert pool_of(X).sketch() == at_first
    X[999] += 1
    assert pool_of(X).sketch() != at_first
