"""Advice after a pool grew: nothing that was read, scored or predicted before says anything of what came."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.stopping import History, any_of

RULES = ("recall_test", "drawn_recall", "knee", "knee_budget", "quant_ci")


@pytest.fixture(scope="module")
def sought():
    """A session that has read all of a pool with some of a class, before and after half as much came, full of it."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    y = np.where(X[:, 0] > 1.3, "spam", "ham")
    y[200:] = np.where(X[200:, 1] > 0, "spam", "ham")
    session = alw.Session(
        X[:200], classes=["ham", "spam"], learner=LogisticRegression(), find="spam", stop=any_of(*RULES), audit=0.2,
        batch_size=60, random_state=0,
    ).run(y[:200], 180)  # fmt: skip
    before = session.advice
    session.extend(X[200:], source="monday")
    return session, y, before


def test_what_was_read_before_a_part_came_is_no_look_at_it(sought):
    session, y, before = sought
    assert before.stop
    assert not session.advice.stop
    assert session.advice.sentence.endswith("Nothing is known yet of the 100 samples that came since the last round.")
    assert {each.why for each in session.advice.readings} == {
        "not known of the 100 samples that came since the last round"
    }
    session.run(y, 60)
    found = {each.name: each for each in session.advice.readings}
    recall = (session.labels["label"] == "spam").sum() / (y == "spam").sum()
    assert found["recall_test"].value <= recall < 0.7
    assert "of each part since it came" in found["recall_test"].why
    assert not found["knee"].fired
    assert not found["knee_budget"].fired
    session.run(y, 60)
    assert session.advice.readings[0].value == 1


@pytest.fixture(scope="module")
def stable():
    """A session that may stop, to which much came that its model knows nothing of."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(360, 3))
    X[60:] += 3
    y = np.where(X[:, 0] > 0, "yes", "no")
    y[60:] = np.where(X[60:, 1] > 3, "yes", "no")
    rule = any_of("plateau", "stabilizing_predictions", "classification_change")
    session = alw.Session(
        X[:60], classes=["no", "yes"], learner=LogisticRegression(), audit=0.3, stop=rule, batch_size=4, random_state=0
    ).run(y[:60], 56)  # fmt: skip
    before = session.advice
    session.extend(X[60:], source="monday")
    return session, X, y, before


def test_a_stop_that_was_advised_before_is_withdrawn_until_the_score_of_what_came_is_known(stable):
    session, _, y, before = stable
    assert before.stop
    assert not session.advice.stop
    assert "no round knows the 300 new samples yet" in session.advice.sentence
    assert "rounds were before the pool grew, and left out" in session.advice.sentence
    assert session.advice.forecast is None
    session.run(y, 8)
    why = {each.name: each.why for each in session.advice.readings}
    assert not session.advice.stop
    assert why["plateau"] == "accuracy is measured once 5 random questions of part 'monday' have an answer; 1 has"
    assert why["stabilizing_predictions"] == "the pool grew, and the score is not known to 10 points yet"


def test_models_are_compared_on_what_came_too(stable):
    session, *_ = stable
    first, *_, last = (each.signals for each in session.rounds)
    assert (first.n_watched, last.n_watched) == (60, 360)
    assert last.kappa is not None
    # The first model that knows the part is compared on it with the one before.
    assert [each.signals.kappa is None for each in session.rounds] == [True] + [False] * (len(session.rounds) - 1)


def test_a_pool_that_grew_by_a_tenth_is_advised_on_as_it_was():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(66, 3))
    y = np.where(X[:, 0] > 0, "yes", "no")
    session = alw.Session(
        X[:60], classes=["no", "yes"], learner=LogisticRegression(), audit=0.3, stop="stabilizing_predictions",
        batch_size=4, random_state=0,
    ).run(y[:60], 56)  # fmt: skip
    before = session.advice
    session.extend(X[60:])
    assert before.stop
    assert session.advice.stop
    assert "No round knows the 6 samples that came since, 9% of the pool." in session.advice.sentence
    assert "No round knows" not in before.sentence


@pytest.fixture
def unaudited():
    """A session without an audit that may stop, with more samples than it has, and a function that labels old ones."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    y = np.where(X[:, 0] > 0, "yes", "no")
    session = alw.Session(
        X[:100], classes=["no", "yes"], learner=LogisticRegression(), audit=0, stop="stabilizing_predictions",
        batch_size=4, random_state=0,
    ).run(y[:100], 40)  # fmt: skip

    def label_old(n_rounds):
        for _ in range(n_rounds):
            for row in np.setdiff1d(np.arange(100), session.labels["item"])[:4].tolist():
                session.teach(row, y[row])
            session.retrain()

    label_old(3)
    assert session.advice.stop
    return session, X, y, label_old


@pytest.mark.parametrize("ends", [[200], list(range(109, 200, 9))], ids=["one part", "parts of 9 %"])
def test_without_an_audit_a_model_that_is_stable_tells_nothing_of_what_was_never_asked(unaudited, ends):
    session, X, y, label_old = unaudited
    for first, end in zip([100, *ends], ends, strict=False):
        session.extend(X[first:end])
        # Rounds know the part, of which nobody was asked.
        label_old(1)
    label_old(12 - len(ends) if len(ends) < 11 else 1)
    assert not session.advice.stop
    (why,) = (each.why for each in session.advice.readings)
    assert why.startswith("the pool grew, and its outputs tell once 5 questions of part ")
    assert why.endswith("have an answer; 0 have")
    for row in range(101, ends[-1], 4):
        session.teach(row, y[row])
    session.retrain()
    (reading,) = session.advice.readings
    assert reading.value is not None
    assert "tell once" not in reading.why


def test_rounds_of_an_older_journal_do_not_say_what_was_asked_and_are_read_as_ever(unaudited):
    session, X, _, label_old = unaudited
    session.extend(X[100:200])
    label_old(3)
    old = [replace(each, signals=replace(each.signals, unasked=None)) for each in session.rounds]
    history = History(tuple(old), alw.Budget(), 52, 0.0, n_samples=200, growths=((len(old) - 3, 100),))
    assert alw.stopping.stabilizing_predictions(history.since_growth()).value is not None
