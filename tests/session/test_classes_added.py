"""A class that nobody had declared, found while labeling."""

import numpy as np
import pytest

import alwidgets as alw


@pytest.fixture
def three():
    """Samples of three kinds, of which two were known beforehand."""
    rng = np.random.default_rng(0)
    y = np.repeat(["left", "right", "middle"], 60)
    X = rng.normal(size=(180, 3)) + 4 * np.eye(3)[np.repeat([0, 1, 2], 60)]
    order = rng.permutation(180)
    return X[order], y[order]


def test_a_class_can_be_added_answered_learned_and_resumed(make_session, three, tmp_path):
    X, y = three
    given = {"X": X, "test": None, "audit": 0, "journal": tmp_path / "a.alw"}
    session = make_session(**given)
    session.run(lambda row: None if y[row] == "middle" else y[row], 24)
    session.add_class("middle", annotator="anna")
    assert session.classes == ("left", "right", "middle")
    assert session.progress.class_counts[2] == 0
    session.run(y, 40)
    assert session.learner.score(X, y) > 0.9
    assert session.audit_log.query("what == 'class_added'")["annotator"].tolist() == ["anna"]
    for classes in (["left", "right"], ["left", "right", "middle"]):
        again = make_session(**given, classes=classes)
        assert again.classes == session.classes
        assert again.labels.equals(session.labels)
    more = make_session(**given, classes=["left", "right", "middle", "none"])
    assert more.classes == ("left", "right", "middle", "none")
    # A rollback to before removes labels, and no class.
    assert more.rollback(1).same_predictions
    assert more.classes == ("left", "right", "middle", "none")


@pytest.mark.parametrize(
    ("label", "error", "message"),
    [
        ("left", ValueError, "'left' more than once"),
        (3, ValueError, "expected one kind"),
        (" ", ValueError, "one is blank"),
        (None, TypeError, "classes has None"),
    ],
)
def test_what_is_no_new_class_is_refused(make_session, label, error, message):
    session = make_session()
    with pytest.raises(error, match=message):
        session.add_class(label)
    assert session.classes == ("left", "right")
    assert session.events == ()


def test_the_labeler_shows_an_added_class_and_takes_answers_of_it(make_session, blobs):
    session = make_session()
    labeler = alw.Labeler(session)
    session.wait()
    session.add_class("both")
    assert labeler._classes == ["left", "right", "both"]
    item = labeler._queue[0]
    message = {"kind": "answer", "event_id": "e", "item": item, "value": 2, "round": 0, "seconds": 1.0, "shown_at": 1.0}
    labeler._receive(labeler, message, [])
    assert session.labels[["item", "label"]].values.tolist() == [[item, "both"]]
