import math
from fractions import Fraction

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import cohen_kappa_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.session import view_of


@pytest.fixture
def labeled(make_session):
    """A session with 60 labels, left or right in turn."""
    session = make_session(audit=0, batch_size=100)
    for item in range(60):
        session.teach(item, ("left", "right")[item % 2])
    return session


def test_a_share_of_the_labels_is_drawn_but_none_of_the_last_twenty(labeled):
    rows = labeled.request_repeats(0.5)
    assert len(rows) == 30
    assert len(set(rows.tolist())) == 30
    assert max(rows) < 40
    assert labeled.pending_repeats == rows.tolist()


def test_second_answers_measure_and_change_no_label(labeled):
    before = labeled.labels
    rows = labeled.request_repeats(0.5)
    first = ["left", "right"]
    second = [first[row % 2] if place % 3 else first[(row + 1) % 2] for place, row in enumerate(rows.tolist())]
    for row, label in zip(rows.tolist(), second, strict=True):
        labeled.answer_repeat(row, label)
    assert labeled.labels.equals(before)
    found = labeled.agreement
    assert (found.n, found.n_agreeing, found.n_waiting) == (30, 20, 0)
    assert math.isclose(found.kappa, cohen_kappa_score([first[row % 2] for row in rows], second))
    frame = labeled.repeats
    assert frame["item"].tolist() == rows.tolist()
    assert frame["agrees"].sum() == 20


def test_cannot_tell_the_second_time_counts_neither_way(labeled):
    (row,) = labeled.request_repeats([3])
    labeled.answer_repeat(row, None)
    assert str(labeled.agreement) == "no second answers yet, 0 waiting"


def test_a_second_answer_that_is_undone_is_asked_again(labeled):
    labeled.request_repeats([3, 4])
    labeled.answer_repeat(3, "left", event_id="second")
    assert labeled.pending_repeats == [4]
    labeled.undo(target="second")
    assert labeled.pending_repeats == [3, 4]
    assert labeled.agreement.n == 0
    assert labeled.labels["item"].tolist() == list(range(60))


def test_undo_undoes_what_was_answered_last_a_second_answer_too(labeled):
    labeled.request_repeats([3])
    labeled.answer_repeat(3, "left")
    assert labeled.undo() == [3]
    assert (labeled.agreement.n, len(labeled.labels)) == (0, 60)
    assert labeled.undo() == [59]


def test_a_second_answer_to_what_was_undone_meanwhile_is_the_first(labeled):
    labeled.undo()
    labeled.answer_repeat(59, "left")
    assert labeled.labels.set_index("item").loc[59, "label"] == "left"
    assert labeled.agreement.n == 0


def test_a_label_that_is_changed_need_not_be_given_again(labeled):
    labeled.request_repeats([3, 4])
    labeled.teach(3, "left")
    assert labeled.pending_repeats == [4]


def test_a_second_answer_is_held_against_the_label_that_stood_then(labeled):
    labeled.request_repeats([3])
    labeled.answer_repeat(3, "right")
    labeled.teach(3, "left")
    assert labeled.agreement.n_agreeing == 1


def test_a_task_with_repeats_draws_its_share_as_labels_come(make_session):
    session = make_session(audit=0, batch_size=1000, task=alw.Task(repeats=0.1))
    for item in range(100):
        session.teach(item, "left")
        for row in session.pending_repeats:
            session.answer_repeat(row, "left")
    assert session.agreement.n == 10
    assert session.repeats["item"].is_unique


def test_repeats_survive_a_restart(make_session, tmp_path):
    session = make_session(audit=0, batch_size=1000, journal=tmp_path / "s.alw")
    for item in range(30):
        session.teach(item, "left")
    session.request_repeats([1, 2])
    session.answer_repeat(2, "right")
    session.close()
    again = make_session(audit=0, batch_size=1000, journal=tmp_path / "s.alw")
    assert again.pending_repeats == [1]
    assert again.agreement.n == 1


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (1.5, "items is 1.5; expected a number above 0 and at most 1."),
        (3, "items is 3; expected a number above 0 and at most 1."),
        pytest.param(10**400, "items is 10000000.*; expected a number above 0", id="too-large-a-float"),
        pytest.param(10**5000, "items is a whole number of 16610 bits; expected a number", id="too-long-a-text"),
        pytest.param(Fraction(10**400, 3), "expected a number above 0 and at most 1.", id="too-large-a-fraction"),
        ([99], "items has 99, which has no label"),
    ],
)
def test_what_cannot_be_looked_at_again_is_refused(labeled, items, expected):
    events = labeled.events
    with pytest.raises(ValueError, match=expected):
        labeled.request_repeats(items)
    assert labeled.events == events


def test_items_of_ones_own_choice_are_asked_first_and_stay_until_they_are_answered(make_session):
    session = make_session(audit=0, batch_size=4, random_state=0)
    view_of(session).set_prefetch(24)
    session.wait()
    wanted = [row for row in range(120) if row not in view_of(session).queue][:3]
    assert session.enqueue(wanted).tolist() == wanted
    assert view_of(session).queue[:3] == wanted
    asked = view_of(session).queue[3]
    assert session.enqueue([asked]).tolist() == [asked]
    assert view_of(session).queue[:4] == [asked, *wanted]
    others = [row for row in view_of(session).queue if row not in (asked, *wanted)][:8]
    for place, row in enumerate(others):
        session.teach(row, ("left", "right")[place % 2])
    session.wait()
    assert session.progress.round >= 1
    assert view_of(session).queue[:4] == [asked, *wanted]
    session.close()


def test_an_item_that_was_skipped_can_be_asked_again_and_a_labeled_one_stays(make_session):
    session = make_session(audit=0)
    session.skip(5)
    session.teach(6, "left")
    assert session.enqueue([5, 6]).tolist() == [5]
    assert view_of(session).queue[0] == 5
    assert session.labels["item"].tolist() == [6]


def test_an_audit_question_measures_wherever_it_stands(make_session):
    session = make_session(audit=0.5, batch_size=20)
    session.query(20)
    audits = [row for row in view_of(session).queue if session._core.log.state.audit[row]]
    session.enqueue([audits[-1]])
    session.teach(audits[-1], "left")
    assert session.labels["audit"].tolist() == [True]


def test_unsure_notes_and_where_an_answer_came_from_are_kept(make_session, tmp_path):
    session = make_session(journal=tmp_path / "s.alw")
    session.skip(3, unsure=True)
    session.note(4, "smudged")
    session.teach(4, "left", via="grid", suggested="right")
    row = session.labels.iloc[0]
    assert (row["note"], row["via"], row["suggested"]) == ("smudged", "grid", "right")
    session.note(4, "")
    assert session.notes == {}
    assert session.audit_log["what"].tolist()[-1] == "noted"
    session.close()
    again = make_session(journal=tmp_path / "s.alw")
    assert [event.unsure for event in again.events if event.kind == "skipped"] == [True]


def test_the_model_is_said_to_know_an_answer_that_was_changed_until_it_is_trained_anew(make_session):
    session = make_session(audit=0, batch_size=1000)
    for item in range(10):
        session.teach(item, ("left", "right")[item % 2])
    session.retrain()
    session.undo()
    session.teach(0, "right")
    assert session.progress.n_changed == 2
    session.retrain()
    assert session.progress.n_changed == 0


def test_the_model_suggests_what_it_predicts(make_session):
    session = make_session(audit=0, batch_size=1000)
    assert session.suggestion(3) is None
    for item in range(30):
        session.teach(item, ("left", "right")[int(session.X[item, 0] > 0)])
    session.retrain()
    found = session.suggestion(50)
    proba = session.learner.predict_proba(session.X[[50]])[0]
    assert found.label == ("left", "right")[int(np.argmax(proba))]
    assert math.isclose(found.confidence, proba.max())
    assert str(found).startswith("model: ")


def test_near_duplicates_are_the_unanswered_rows_that_point_the_same_way(make_session):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 8))
    X[[7, 20, 33]] = X[5] + rng.normal(scale=1e-3, size=(3, 8))
    session = make_session(X=X, audit=0, test=None)
    session.teach(20, "left")
    assert sorted(session.near_duplicates(5).tolist()) == [7, 33]
    assert session.near_duplicates(0).tolist() == []


def test_texts_are_compared_as_the_learner_sees_them(make_session):
    texts = [f"word{i} here{i % 7}" for i in range(118)] + ["a parcel waits"] * 2
    learner = make_pipeline(CountVectorizer(), MultinomialNB())
    session = make_session(X=texts, learner=learner, audit=0, test=None)
    assert session.near_duplicates(118).tolist() == [119]


def test_samples_that_cannot_be_compared_have_no_near_duplicates(make_session):
    class OfWords(DummyClassifier):
        """A model of texts that makes no numbers of them."""

    session = make_session(X=["some text"] * 120, learner=OfWords(), audit=0, test=None, cold_start="random")
    assert session.near_duplicates(0).tolist() == []


def test_an_answer_to_what_was_labeled_meanwhile_is_a_second_one_and_overwrites_nothing(make_session):
    session = make_session()
    known = session.progress.n_events
    session.teach(3, "left", as_of=known, event_id="one")
    session.teach(3, "right", as_of=known, event_id="other")
    session.skip(3, as_of=known, event_id="third")
    assert session.labels[["item", "label"]].values.tolist() == [[3, "left"]]
    assert session.repeats[["item", "first"]].values.tolist() == [[3, "left"], [3, "left"]]
    assert session.repeats["second"].fillna("cannot tell").tolist() == ["right", "cannot tell"]
    assert [view_of(session).is_repeat(name) for name in ("one", "other", "third")] == [False, True, True]
    assert str(session.agreement) == "0 of 1 second answers agree with the first (kappa 0.00)"


def test_an_answer_to_what_was_labeled_skipped_or_undone_before_counts(make_session):
    session = make_session()
    session.teach(3, "left", event_id="first")
    session.teach(3, "right", as_of=session.progress.n_events)
    known = session.progress.n_events
    session.skip(4)
    session.teach(4, "left", as_of=known)
    session.teach(5, "left", event_id="wrong")
    session.undo(target="wrong")
    session.teach(5, "right", as_of=known)
    assert dict(session.labels[["item", "label"]].values.tolist()) == {3: "right", 4: "left", 5: "right"}
    assert session.repeats.empty


def test_a_bad_number_of_known_events_is_refused(make_session):
    session = make_session()
    for bad in (-1, 1.5, True, "3"):
        with pytest.raises((ValueError, TypeError), match="as_of"):
            session.teach(3, "left", as_of=bad)
    assert session.labels.empty


@pytest.mark.parametrize(
    ("first", "second", "n"), [("oracle", None, 1), (None, "a1", 1), ("a1", "a1", 1), ("a1", "a2", 0), ("a1", None, 1)]
)
def test_a_second_answer_is_of_the_same_person_unless_two_names_say_otherwise(make_session, first, second, n):
    session = make_session(audit=0, batch_size=1000)
    session.teach(3, "left", annotator=first)
    session.request_repeats([3])
    session.answer_repeat(3, "left", annotator=second)
    assert session.agreement.n == len(session.repeats) == n
