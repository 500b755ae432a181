"""More than counting made of answers: without the lock, so that nobody waits for it, and the same when repeated."""

import threading

import numpy as np
import pytest

import alwidgets as alw
from alwidgets.journal.events import Trained

PEOPLE = ["a1", "a2", "a3"]


class Slow:
    """The majority, which waits until it is let go on."""

    def __init__(self):
        self.inside, self.released = threading.Event(), threading.Event()
        self.in_vain = False

    def __call__(self, given):
        self.inside.set()
        self.in_vain |= not self.released.wait(20)
        labels = list(given.values())
        return max(labels, key=labels.count)


@pytest.fixture
def slow():
    made = Slow()
    yield made
    made.released.set()


def labeled(make_session, blobs, **changes):
    """A session of which a fit is due with the next answer."""
    session = make_session(audit=0, batch_size=4, stop=None, **changes)
    for item in range(3):
        session.teach(item, str(blobs[1][item]), annotator="a1")
    return session


def test_an_answer_does_not_wait_for_what_is_made_of_the_others_before_a_fit(make_session, blobs, slow):
    session = labeled(make_session, blobs, team=alw.Team(PEOPLE, consensus=slow))
    other = next(item for item in range(3, 60) if blobs[1][item] != blobs[1][0])
    session.teach(other, str(blobs[1][other]), annotator="a1")
    assert slow.inside.wait(20)
    session.teach(60, "left", annotator="a2")
    assert not slow.released.is_set()
    assert session.progress.n_labeled == 5
    slow.released.set()
    session.wait()
    assert not slow.in_vain
    assert session.rounds[-1].n_labeled == 4


def test_nor_for_a_table_of_labels_or_the_training_set(make_session, blobs, slow):
    session = labeled(make_session, blobs, team=alw.Team(PEOPLE, consensus=slow))
    for read in (lambda: session.labels, session.training_set):
        slow.inside.clear()
        slow.released.clear()
        found = []
        thread = threading.Thread(target=lambda read=read, found=found: found.append(read()))
        thread.start()
        assert slow.inside.wait(20)
        n_events = session.progress.n_events
        session.note(0, f"after {n_events}", annotator="a2")
        slow.released.set()
        thread.join()
        assert len(found) == 1
    assert not slow.in_vain


def test_what_was_made_of_the_answers_is_recorded_and_repeated_exactly(make_session, blobs, tmp_path):
    team = alw.Team(PEOPLE, answers=3, at_most=3, consensus="dawid_skene")
    noise = {"a1": 0.02, "a2": 0.35, "a3": 0.45}
    people = {
        name: alw.SimulatedAnnotator(share).answers(blobs[1], random_state=place)
        for place, (name, share) in enumerate(noise.items())
    }
    made = {"team": team, "audit": 0, "stop": None, "batch_size": 8, "journal": tmp_path / "a.alw"}
    session = make_session(**made)
    session.run(people, 180)
    trained = [event for event in session.events if isinstance(event, Trained)]
    assert trained[-1].consensus == "dawid_skene"
    assert trained[-1].settled_as
    X, y = session.training_set()
    assert session.labels.sort_values("item")["label"].tolist() == y.tolist()
    proba = session.learner.predict_proba(blobs[0])
    assert (y == "left").any()
    session.close()
    again = make_session(**made)
    assert np.array_equal(again.learner.predict_proba(blobs[0]), proba)
    assert np.array_equal(again.training_set()[0], X)
    assert (
        again.query(3, annotator="a1").tolist()
        == make_session(**made | {"journal": None}).run(people, 180).query(3, annotator="a1").tolist()
    )


def trusting(given):
    return given.get("a1")


@pytest.fixture
def trusted(make_session, blobs, tmp_path):
    """A session in which the one who is believed is right, and the two others are wrong."""

    def make(**changes):
        team = alw.Team(PEOPLE, answers=3, at_most=3, audit_answers=3, consensus=trusting)
        made = {"test": None, "audit": 0.5, "stop": None, "batch_size": 8, "journal": tmp_path / "a.alw"}
        return make_session(**made | {"team": team} | changes)

    return make


def wrong(labels):
    return np.where(labels == "left", "right", "left")


def test_scores_are_on_the_labels_that_the_consensus_makes_also_once_some_were_corrected(trusted, blobs):
    session = trusted()
    session.run({"a1": blobs[1], "a2": wrong(blobs[1]), "a3": wrong(blobs[1])}, 90)
    rounds = list(session.rounds)
    assert rounds[-1].score_kind == "audit"
    assert rounds[-1].score > 0.8
    session.close()
    again = trusted()
    assert str([each.score for each in again.rounds]) == str([each.score for each in rounds])
    item = int(again.labels.query("audit")["item"].iloc[0])
    again.teach(item, str(blobs[1][item]), annotator="a2")
    assert again._core.log.state.corrected_at
    assert again.rounds[-1].score == pytest.approx(rounds[-1].score)


def test_data_with_its_labels_has_those_that_the_consensus_makes(trusted, blobs):
    session = trusted(audit=0, journal=None)
    session.run({"a1": blobs[1], "a2": wrong(blobs[1]), "a3": wrong(blobs[1])}, 24)
    session.teach(99, "left", annotator="a2")
    session.teach(99, "left", annotator="a3")
    labels = session.labels.set_index("item")["label"]
    frame = session.to_frame()
    assert frame["label"].dropna().to_dict() == labels.to_dict()
    assert labels.to_dict() == {item: blobs[1][item] for item in labels.index}
    assert frame.loc[99].tolist() == [None, None, None]


def test_the_review_and_the_counts_of_classes_go_by_the_consensus(trusted, blobs):
    session = trusted(audit=0, journal=None)
    session.run({"a1": blobs[1], "a2": wrong(blobs[1]), "a3": wrong(blobs[1])}, 24)
    session.retrain()
    # What the majority says, and the function says nothing of.
    session.teach(99, "left", annotator="a2")
    session.teach(99, "left", annotator="a3")
    labels = session.labels.set_index("item")["label"]
    assert session.review().set_index("item")["label"].to_dict() == labels.to_dict()
    known = session.review(wait=False).set_index("item")["label"].drop(99)
    assert known.to_dict() == labels.to_dict()
    # What no model has learned counts by the majority.
    counts = [int((labels == label).sum()) for label in session.classes]
    counts[session.classes.index("left")] += 1
    assert list(session.progress.class_counts) == counts
    # The models that judge them learned what the consensus makes of the answers.
    assert session.review()["disagrees"].mean() < 0.5


def test_a_random_baseline_is_scored_on_the_labels_of_the_consensus(trusted, blobs):
    # Two of three take half of one class for the other.
    others = np.where((blobs[1] == "right") & (np.arange(len(blobs[1])) % 2 == 0), "left", blobs[1])
    session = trusted(journal=None)
    session.run({"a1": blobs[1], "a2": others, "a3": others}, 120)
    labels = session.labels.query("audit")["label"]
    baseline = session.random_baseline("audit", n_runs=2)
    assert baseline.n_scored == len(labels)
    assert baseline.score[-1] > 0.8
    assert baseline.majority == pytest.approx(labels.value_counts(normalize=True).max())
