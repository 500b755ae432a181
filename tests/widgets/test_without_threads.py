"""A kernel that can start no thread, as a Python inside the browser: what is asked for is done at once."""

import threading

import pytest

import alwidgets as alw


@pytest.fixture
def no_threads(monkeypatch):
    def start(_self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)


@pytest.fixture
def labeled(no_threads, make_session, blobs):
    """A session with 40 labels and a model."""
    _, y = blobs
    session = make_session(task=alw.Task(suggest="on demand"), audit=0, batch_size=20)
    for item in range(40):
        session.teach(item, str(y[item]))
    return session


@pytest.mark.parametrize("kind", ["why", "suggest", "near_duplicates"])
def test_what_a_card_is_asked_to_tell_is_told(labeled, page, kind):
    labeler = alw.Labeler(labeled)
    (reply,) = page.say(labeler, kind=kind, item=60)
    assert reply["kind"] == kind
    assert "Error" not in str(reply)


def test_the_button_of_the_curve_finds_the_baseline(labeled, page):
    curve = alw.LearningCurve(labeled)
    assert page.say(curve, kind="baseline") == []
    assert labeled.baseline is not None
    assert not curve._busy


def test_a_review_has_its_labels_checked(labeled, page):
    review = alw.Review(labeled)
    page.say(review, kind="look", request=1, query=None, items=[0])
    assert review._status["how"].startswith("Checked in round 2")


def test_a_map_is_colored_by_the_prediction(labeled):
    pool_map = alw.PoolMap(labeled, color="prediction")
    assert pool_map.wait(0)
