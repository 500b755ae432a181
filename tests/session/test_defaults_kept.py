"""The default cold start has changed: a session that began with the old one goes on with it."""

import json

import numpy as np
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.journal.identity import stored_identity, write_identity

X = np.random.default_rng(0).normal(size=(200, 3))


def session(journal, **given):
    return alw.Session(X, classes=[0, 1], learner=GaussianNB(), journal=journal, random_state=0, audit=0, **given)


def after_a_batch(made):
    """The questions after eight answers of one class."""
    for row in made.query(8).tolist():
        made.teach(row, 0)
    asked = made.query(8).tolist()
    made.close()
    return asked


def aged(journal):
    """Make a journal as they were before its defaults had a number."""
    identity = stored_identity(journal)
    del identity["defaults"]
    write_identity(journal / "session.json", identity)
    return journal


def test_a_new_session_has_the_new_default(tmp_path):
    journal = tmp_path / "new"
    assert after_a_batch(session(journal)) == after_a_batch(session(None, cold_start="mixed"))
    assert json.loads((journal / "session.json").read_text())["defaults"] == 3


def test_an_old_session_keeps_the_old_default(tmp_path):
    journal = tmp_path / "old"
    session(journal).close()
    assert after_a_batch(session(aged(journal))) == after_a_batch(session(None, cold_start="k_means"))


def test_what_is_given_is_taken_in_an_old_session_too(tmp_path):
    journal = tmp_path / "old"
    session(journal).close()
    asked = after_a_batch(session(aged(journal), cold_start="random"))
    assert asked == after_a_batch(session(None, cold_start="random"))


def test_a_branch_of_an_old_session_keeps_its_default(tmp_path):
    journal = tmp_path / "old"
    session(journal).close()
    old = session(aged(journal))
    branch = old.branch(tmp_path / "branch")
    old.close()
    assert after_a_batch(branch) == after_a_batch(session(None, cold_start="k_means"))
