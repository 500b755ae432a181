"""A curve without a score says what the first one waits for, and on what it will be measured."""

import pytest
from modAL.models import ActiveLearner, Committee
from sklearn.linear_model import LogisticRegression

from alwidgets.session import view_of


@pytest.fixture
def waits(make_session, blobs):
    """A function that tells what a session with so many labels waits for."""

    def waits(n, **changes):
        session = make_session(**{"batch_size": 8} | changes)
        for item in range(n):
            session.teach(item, blobs[1][item])
        return view_of(session).first_score

    return waits


@pytest.mark.parametrize(
    ("n", "after"),
    [(0, "after 8 more labels of two classes at least"), (7, "after 1 more label")],
)
def test_held_out_samples_measure_the_first_model(waits, n, after):
    on = "It is measured on 24 held-out samples."
    assert waits(n) == f"The first score comes with the first model, {after}. {on}"


def test_labels_of_one_class_make_no_model(make_session):
    session = make_session(batch_size=2)
    for item in range(3):
        session.teach(item, "left")
    assert "after labels of two classes at least" in view_of(session).first_score


def test_where_only_a_call_fits_it_says_so(waits):
    assert "when retrain() is called" in waits(9, retrain_every="manual")


def test_an_audit_measures_from_ten_questions_on(make_session, blobs):
    session = make_session(test=None, audit=0.25, batch_size=4)
    asks = "since 25 % of the questions are drawn at random to measure."
    begins = "The first score comes with 10 audit questions"
    assert view_of(session).first_score == f"{begins}: after about 40 more labels, {asks}"
    session.run(blobs[1], 16)
    assert session.progress.round
    assert view_of(session).first_score == f"{begins}, 4 of which have an answer: after about 24 more labels, {asks}"
    session.run(blobs[1], 24)
    assert view_of(session).first_score == ""


def test_without_either_the_labels_measure(make_session):
    session = make_session(test=None, audit=0)
    assert view_of(session).first_score.endswith("It is cross-validated on the labels, once every class has two.")


def test_what_nothing_measures_is_said_with_what_would(make_session, blobs):
    X, y = blobs
    members = [ActiveLearner(LogisticRegression(), X_training=X[:4], y_training=y[:4]) for _ in range(2)]
    session = make_session(test=None, learner=Committee(members)).run(y, 8)
    session.end_audit()
    session.retrain()
    assert "nothing measures this model. Give the session test=(X, y)" in view_of(session).first_score


def test_why_the_score_is_missing_comes_before_all_else(make_session, blobs):
    def broken(estimator, X, y):
        raise RuntimeError("no license")

    session = make_session(scoring=broken).run(blobs[1], 8)
    assert view_of(session).first_score == "broken failed: RuntimeError: no license"


def test_of_what_is_measured_nothing_is_said(make_session, blobs):
    assert view_of(make_session().run(blobs[1], 8)).first_score == ""
