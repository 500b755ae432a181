"""A stream in a session: a rule decides on arrival what is asked, and goes on from where it was."""

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from alwidgets.strategies import VariableUncertainty
from alwidgets.strategies.arrival import Arrivals


@pytest.fixture
def begun(make_session, blobs, tmp_path):
    X, y = blobs
    session = make_session(X=X[:30], test=None, audit=0.0, journal=tmp_path / "a.alw")
    for row in range(30):
        session.teach(row, y[row])
    session.retrain()
    return session


def test_a_rule_asks_on_arrival_and_goes_on_from_its_state_when_the_session_is_opened_again(
    begun, make_session, blobs, tmp_path
):
    X, y = blobs
    rule = VariableUncertainty(budget=0.3, window=20)
    state, expected, session = Arrivals(), [], begun
    for first in range(30, 120, 15):
        confidence = session.learner.predict_proba(X[first : first + 15]).max(axis=1)
        mask, state = rule.decide(confidence, state)
        expected.append((first + np.flatnonzero(mask)).tolist())
        rows = session.extend(X[first : first + 15], ask_if=rule)
        assert rows.tolist() == expected[-1]
        assert session.query(len(rows) or None)[: len(rows)].tolist() == rows.tolist()
        for row in rows.tolist():
            session.teach(row, y[row])
        if first == 60:
            session.close()
            session = make_session(X=X[:75], test=None, audit=0.0, journal=tmp_path / "a.alw")
    rows = np.concatenate(expected)
    assert 5 < len(rows) < 60
    asked = session.labels.set_index("item").loc[rows]
    assert set(asked["strategy"]) == {"variable_uncertainty"}
    assert ((asked["utility"] >= 0) & (asked["utility"] <= 0.5)).all()


def test_before_there_is_a_model_everything_is_asked_as_the_budget_allows(make_session, blobs):
    X, _ = blobs
    session = make_session(X=X[:4], test=None)
    assert session.extend(X[4:24], ask_if=VariableUncertainty(0.1, window=20)).tolist() == [4, 5, 6, 14, 23]


def test_a_function_of_the_view_may_be_the_rule(begun, blobs):
    X, _ = blobs
    before = begun.extend(X[30:40])
    assert before.tolist() == []

    def near(view):
        assert view.X.shape == (60, 4)
        assert view.candidates.tolist() == list(range(40, 60))
        return view.proba.max(axis=1) < 0.9

    rows = begun.extend(X[40:60], ask_if=near)
    assert rows.tolist() == (40 + np.flatnonzero(begun.learner.predict_proba(X[40:60]).max(axis=1) < 0.9)).tolist()
    assert begun.extend(X[60:80], ask_if=lambda view: np.zeros(20, bool)).tolist() == []


@pytest.mark.parametrize(
    ("rule", "error", "match"),
    [
        ("variable", TypeError, "ask_if is 'variable'"),
        (lambda view: np.ones(3, bool), ValueError, r"shape \(3,\) and dtype bool; expected .* each of the 10"),
        (lambda view: np.ones(10), ValueError, "dtype float64"),
        (lambda view: 1 / 0, ZeroDivisionError, "division"),
    ],
)
def test_a_rule_that_is_none_adds_nothing(begun, blobs, rule, error, match):
    n_events = len(begun.events)
    with pytest.raises(error, match=match):
        begun.extend(blobs[0][30:40], ask_if=rule)
    assert (begun.n_samples, len(begun.events)) == (30, n_events)


def test_a_learner_without_probabilities_is_named(make_session, blobs):
    X, y = blobs
    session = make_session(X=X[:60], test=None, learner=LinearSVC()).run(y[:60], 8)
    with pytest.raises(ValueError, match="gives no probabilities; expected a learner that does"):
        session.extend(X[60:], ask_if=VariableUncertainty())
    assert session.n_samples == 60
