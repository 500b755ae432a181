"""A stream in a session: a rule decides on arrival what is asked, and goes on from where it was."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

import alwidgets as alw
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
        session.wait()  # so that no fit ends between the two
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


@pytest.mark.parametrize("rule", [VariableUncertainty(budget=1.0), lambda view: np.ones(len(view.candidates), bool)])
def test_of_identical_samples_one_is_asked_and_none_that_has_an_answer(make_session, blobs, rule):
    X, y = blobs
    session = make_session(X=X[:30], test=None, audit=0.0)
    session.teach(0, y[0])
    pending = int(session.query()[0])
    came = X[[0, pending, 50, 51, 50, 52, 51]]
    assert session.extend(came, ask_if=rule).tolist() == [32, 33, 35]
    asking = make_session(X=X[:30], test=None, audit=0.0, duplicates="ask")
    asking.teach(0, y[0])
    assert asking.extend(came, ask_if=rule).tolist() == list(range(30, 37))


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


@pytest.fixture(scope="module")
def single():
    """A session to which 130 samples came one by one, some of which a rule asked."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(160, 3))
    y = np.where(X[:, 0] > 0, "yes", "no")
    X[30:, 2] += 3
    session = alw.Session(X[:30], classes=["no", "yes"], learner=LogisticRegression(), audit=0.5, random_state=0)
    session.run(y[:30], 24)
    for row in range(30, 160):
        for asked in session.extend(X[row : row + 1], source=f"s{row}", ask_if=VariableUncertainty(0.2)).tolist():
            session.teach(asked, y[asked])
    return session, y


def test_samples_that_come_one_by_one_are_measured_together(single):
    session, y = single
    session.run(y, 4)
    session.retrain()
    named = []
    while problem := session.rounds[-1].problem:
        named.append(problem.split("'")[1])
        for row in session.ask_audit(5, part=named[-1]).tolist():
            session.teach(row, y[row])
        session.retrain()
    assert named
    assert all(" to s" in each for each in named)
    assert session.rounds[-1].measured


def test_of_what_a_rule_asks_a_share_measures_and_is_a_stratum_of_its_own(make_session):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    y = np.where(rng.random(300) < 1 / (1 + np.exp(-3 * X[:, 0])), "left", "right")
    session = make_session(X=X[:60], test=None, audit=0.4).run(y[:60], 40)
    rows = session.extend(X[60:], source="monday", ask_if=lambda view: view.proba.max(axis=1) < 0.8)
    for row in rows.tolist():
        session.teach(row, y[row])
    measuring = session.labels.set_index("item")["audit"].loc[rows]
    assert 0.35 < measuring.mean() < 0.45
    for row in session.ask_audit(30, part="monday").tolist():
        session.teach(row, y[row])
    session.retrain()
    labels = session.labels.query("audit").set_index("item")["label"]
    right = labels.eq(session.learner.predict(X[labels.index]))
    strata = [labels.index < 60, labels.index.isin(rows), (labels.index >= 60) & ~labels.index.isin(rows)]
    shares = np.array([60, len(rows), 240 - len(rows)]) / 300
    assert session.rounds[-1].score == pytest.approx(sum(shares * [right[each].mean() for each in strata]))
    # Errors of the part are those of what was drawn of it, not of what the rule was unsure of.
    assert session.drift().errors.now.n == 30
    before, row = session.rounds[-1].score, rows[measuring.to_numpy()][0]
    session.teach(row, "left" if y[row] == "right" else "right")
    assert session.rounds[-1].score == pytest.approx(
        before + shares[1] / measuring.sum() * (1 if right[row] == 0 else -1)
    )


def test_samples_that_come_one_by_one_are_compared_together_and_once(single):
    session, _ = single
    found = session.drift()
    assert found.part == "s80 to s129"
    assert found.samples.n_now == 50
    assert found.moved
    assert session.drift("s85").part == "s80 to s129"
    with pytest.raises(ValueError, match="part 's150' has 1 samples; expected 20 or more"):
        session.drift("s150")
    parts = session.parts.set_index("part")["drifted"]
    assert parts["s80":"s129"].eq("samples").all()
    assert parts["s130":].eq("").all()
