"""Drift in a session: a part beside the parts before it, an alarm that is recorded, and audit questions about it."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from alwidgets.journal.events import Drifted


@pytest.fixture
def grown(make_session, blobs, tmp_path):
    """A session whose second part has its classes the other way round, and lies elsewhere."""
    X, y = blobs
    moved = X[60:] + np.array([0, 0, 0, 4])
    session = make_session(X=X[:60], test=None, audit=0.5, journal=tmp_path / "a.alw")
    session.run(y[:60], 24)
    session.extend(moved, source="monday")
    return (
        session,
        np.concatenate([X[:60], moved]),
        np.where(np.arange(120) < 60, y, np.where(y == "left", "right", "left")),
    )


def test_samples_that_moved_are_an_alarm_which_is_recorded_once(grown, make_session, tmp_path):
    session, X, _ = grown
    found = session.drift()
    assert found.samples.moved
    assert found.samples.columns["column"].iloc[0] == 3
    assert found.classes["before"].sum() == pytest.approx(1)
    assert found.n_to_ask == 20
    assert session.drift("monday").sentence == found.sentence
    (event,) = (event for event in session.events if isinstance(event, Drifted))
    assert (event.part, event.of, event.sentence) == ("monday", "samples", found.sentence)
    assert session.parts["drifted"].tolist() == ["", "samples"]
    session.close()
    again = make_session(X=X, test=None, audit=0.5, journal=tmp_path / "a.alw")
    assert again.parts["drifted"].tolist() == ["", "samples"]
    assert again.drift().samples.p_value == found.samples.p_value


def test_parts_are_compared_together_also_after_the_first_of_them_alone(make_session, blobs):
    X, _ = blobs
    session = make_session(X=X[:60], test=None)
    session.extend(X[60:90], source="monday")
    session.extend(X[90:] + 4, source="tuesday")
    assert not session.drift("monday").moved
    both = session.drift("monday to tuesday")
    assert both.moved
    assert both.samples.n_now == 60
    assert session.parts["drifted"].tolist() == ["", "samples", "samples"]
    alone = make_session(X=X[:60], test=None)
    alone.extend(X[60:90], source="monday")
    alone.extend(X[90:] + 4, source="tuesday")
    assert alone.drift("monday to tuesday").samples.p_value == both.samples.p_value


def test_the_advice_names_what_tells_a_part_from_those_before(make_session, blobs):
    X = np.arange(20.0)[:, None]
    session = make_session(X=X, test=None)
    session.extend(X + 11, source="monday")
    found = session.drift()
    assert found.samples.p_classifier > 0.05
    assert found.sentence.startswith(
        f"The samples of 'monday' are others than before (column 0 moved, p = {found.samples.p_value:.2g}): ask "
    )


def test_errors_that_became_many_are_an_alarm_after_the_audit_questions_that_it_advised(grown):
    session, _, y = grown
    score = session.history["score"].iloc[-1]
    rows = session.ask_audit(session.drift().n_to_ask, event_id="asked")
    assert len(rows) == 20
    assert ((rows >= 60) & (rows < 120)).all()
    assert session.ask_audit(5, event_id="asked").tolist() == rows.tolist()
    assert session.query(20).tolist() == rows.tolist()
    for row in rows.tolist():
        session.teach(row, y[row])
    session.retrain()
    found = session.drift()
    assert found.errs_otherwise
    assert "The model errs more on 'monday'" in found.sentence
    assert session.parts["drifted"].tolist() == ["", "samples, errors"]
    assert session.parts["n_audit"].iloc[1] >= 20
    last = session.rounds[-1]
    wrong = found.errors.now.n_wrong / found.errors.now.n
    assert last.score_kind == "audit"
    assert last.score < score - wrong / 4


def test_the_score_waits_for_answers_of_a_part_that_is_large(grown):
    session, _, y = grown
    session.run(y, 4)
    answered = session.parts["n_audit"].iloc[1]
    assert answered < 5
    said = "has" if answered == 1 else "have"
    problem = f"accuracy is measured once 5 random questions of part 'monday' have an answer; {answered} {said}"
    assert session.rounds[-1].problem == problem
    assert np.isnan(session.rounds[-1].score)


def test_nothing_that_moved_is_no_alarm(make_session, blobs):
    X, _ = blobs
    session = make_session(X=X[:60], test=None)
    session.extend(X[60:])
    found = session.drift()
    assert not found.moved
    assert found.classes is None
    assert session.parts["drifted"].tolist() == ["", ""]


def test_what_cannot_be_compared_is_refused(make_session, blobs):
    X, y = blobs
    session = make_session(X=X[:60], test=None)
    with pytest.raises(ValueError, match="part 'first' is what the pool began with"):
        session.drift()
    session.extend(X[60:70], source="monday")
    with pytest.raises(ValueError, match="part 'monday' has 10 samples; expected 20 or more"):
        session.drift()
    with pytest.raises(ValueError, match=r"part is 'tuesday'; expected one of \['first', 'monday'\]"):
        session.ask_audit(part="tuesday")
    session.end_audit()
    with pytest.raises(ValueError, match="the audit was ended"):
        session.ask_audit()
    with pytest.raises(ValueError, match="the audit is 0"):
        make_session(X=X[:60], test=(X[100:], y[100:])).ask_audit()


def test_fewer_are_asked_where_no_more_are_free(make_session, blobs):
    X, y = blobs
    session = make_session(X=X[:60], test=None)
    session.extend(X[60:70], source="monday")
    session.teach(65, y[65])
    assert sorted(session.ask_audit(20)) == [row for row in range(60, 70) if row != 65]
    assert session.ask_audit(20).tolist() == []


def test_texts_are_compared_by_the_features_that_the_learner_sees(make_session, rng):
    learner = make_pipeline(CountVectorizer(analyzer="char"), LogisticRegression())
    texts = ["".join(rng.choice(list("!?."), 6, p=p)) for p in ([0.6, 0.2, 0.2], [0.2, 0.2, 0.6]) for _ in range(40)]
    session = make_session(X=texts[:40], learner=learner, test=None, cold_start="random", features="pool")
    session.extend(texts[40:])
    assert session.drift().samples.columns["before"].tolist()[0] > 2
    assert session.drift().samples.moved
