"""Labels that there are already come in with the pool, and go out beside one's own data."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from alwidgets.session import view_of


@pytest.fixture
def half(blobs):
    """The labels of every third row, None for the others."""
    return [label if row % 3 == 0 else None for row, label in enumerate(blobs[1].tolist())]


@pytest.mark.parametrize(
    "hold",
    [
        list, pd.Series, lambda labels: np.array(labels, object), lambda labels: pd.DataFrame({"label": labels}),
        lambda labels: {row: label for row, label in enumerate(labels) if label},
        lambda labels: dict(enumerate(labels)),
        lambda labels: [np.nan if label is None else label for label in labels],
    ],
)  # fmt: skip
def test_labels_that_there_are_count_at_once_and_say_where_they_are_from(make_session, half, blobs, hold):
    session = make_session(labels=hold(half))
    session.wait()
    frame = session.labels
    assert frame["item"].tolist() == list(range(0, 120, 3))
    assert frame["label"].tolist() == blobs[1][::3].tolist()
    assert set(frame["via"]) == {"given"}
    assert frame["annotator"].isna().all()
    assert not frame["audit"].any()
    assert session.progress.n_labeled == 40
    assert len(session.training_set()[1]) == 40


def test_one_model_learns_them_all(make_session, half):
    session = make_session(labels=half)
    session.query()
    assert session.history["n_labeled"].tolist() == [40]
    assert session.progress.phase == "margin"
    assert not {event.kind for event in session.events} - {"labeled", "trained", "asked"}


def test_opening_the_session_again_gives_them_once_and_leaves_what_was_done_since(make_session, half, tmp_path):
    session = make_session(labels=half, journal=tmp_path / "a.alw")
    session.teach(3, "left" if half[3] == "right" else "right")
    session.undo(target=view_of(session).recent(99)[-1].id)  # the first that was given
    before = session.labels
    for _ in range(2):
        session = make_session(labels=half, journal=tmp_path / "a.alw")
        pd.testing.assert_frame_equal(session.labels, before)
    assert sum(event.kind == "labeled" for event in session.events) == 41


def test_labels_that_came_since_are_added_and_none_replaces_an_answer(make_session, half, tmp_path):
    first = make_session(labels=half, journal=tmp_path / "a.alw")
    first.teach(1, "left")
    # What a fit in the background does to the filters of warnings is done for all threads.
    first.wait()
    other = ["right", "right", "left", *half[3:]]
    other[0] = "left" if half[0] == "right" else "right"
    with pytest.warns(RuntimeWarning, match="labels has 2 rows that were answered otherwise; those answers stand"):
        session = make_session(labels=other, journal=tmp_path / "a.alw")
    assert session.to_frame()["label"].tolist()[:4] == [half[0], "left", "left", half[3]]


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (["left"] * 119, ValueError, "X has 120 rows but labels has 119 labels; give one per row"),
        (["up"] * 120, ValueError, "label 'up' is unknown; expected one of"),
        ({120: "left"}, ValueError, "item is 120; expected a row number of X, 0 to 119"),
        ({"a": "left"}, TypeError, "item is 'a'; expected a row number"),
        ({0: "up"}, ValueError, "label 'up' is unknown"),
        ("left", TypeError, "labels is 'left'; expected the labels of all rows, or a dict row -> label"),
        (5, TypeError, "labels is 5; expected the labels of all rows"),
    ],
)
def test_labels_that_cannot_be_are_refused_and_nothing_is_written(make_session, tmp_path, labels, error, message):
    with pytest.raises(error, match=message):
        make_session(labels=labels, journal=tmp_path / "a.alw")
    assert not (tmp_path / "a.alw").exists()


def test_multilabel_answers_come_as_an_indicator_or_as_lists(blobs):
    X = blobs[0][:6]
    matrix = np.array([[1, 0], [0, 1], [np.nan, np.nan], [1, 1], [0, 0], [np.nan, np.nan]])
    lists = [["a"], ["b"], None, ["a", "b"], [], None]
    of_row = {row: label for row, label in enumerate(lists) if label is not None}
    frame = pd.DataFrame(matrix, columns=["a", "b"])[["b", "a"]]
    for labels in (matrix, lists, frame, of_row, pd.Series(lists)):
        session = alw.Session(
            X, classes=["a", "b"], task="multi", learner=OneVsRestClassifier(LogisticRegression()), labels=labels
        )
        assert session.to_frame()["label"].tolist() == [("a",), ("b",), None, ("a", "b"), (), None]
        session.close()


def test_given_labels_are_carried_to_identical_samples_that_have_none(make_session, blobs):
    X = np.repeat(blobs[0][:4], 3, axis=0)
    session = make_session(X=X, test=None, labels={0: "left", 1: "right", 6: "left"})
    assert session.to_frame()[["label", "via"]].to_numpy().tolist()[:9] == [
        ["left", "given"], ["right", "given"], ["right", "duplicate"],
        [None, None], [None, None], [None, None],
        ["left", "given"], ["left", "duplicate"], ["left", "duplicate"],
    ]  # fmt: skip


def test_a_frame_has_the_labels_beside_ones_own_columns_and_in_its_order(make_session, blobs):
    own = pd.DataFrame(blobs[0], columns=list("abcd"), index=range(500, 620))
    session = make_session(X=own, test=None)
    session.teach(7, "left", annotator="ann", via="map")
    frame = session.to_frame()
    assert list(frame.columns) == ["a", "b", "c", "d", "label", "annotator", "via"]
    assert frame.loc[507, ["label", "annotator", "via"]].tolist() == ["left", "ann", "map"]
    assert frame["label"].notna().sum() == 1
    pd.testing.assert_frame_equal(frame[list("abcd")], own)
    assert "label" not in own


def test_a_column_of_the_same_name_keeps_it(make_session, blobs):
    own = pd.DataFrame({"label": blobs[1]})
    session = make_session()
    session.teach(0, "left")
    frame = session.to_frame(own)
    assert list(frame.columns) == ["label", "label (session)", "annotator", "via"]
    assert frame["label"].tolist() == blobs[1].tolist()


def test_what_came_out_goes_in_again(make_session, half):
    session = make_session(labels=half)
    again = make_session(labels=session.to_frame()["label"])
    assert again.labels["label"].tolist() == session.labels["label"].tolist()


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (pd.DataFrame({"a": [1]}), ValueError, "X has 120 rows but data has 1; give one row per sample"),
        ([1] * 120, TypeError, "data is a list; expected a DataFrame, one row a sample"),
    ],
)
def test_data_that_labels_cannot_be_put_beside_is_refused(make_session, data, error, message):
    with pytest.raises(error, match=message):
        make_session().to_frame(data)


def test_a_thousand_labels_cost_one_write_and_one_fit(make_session, tmp_path, monkeypatch):
    from alwidgets.journal.files import Journal

    written, append = [], Journal.append
    monkeypatch.setattr(
        Journal, "append", lambda self, *records: (written.append(len(records)), append(self, *records))
    )
    X = np.random.default_rng(0).normal(size=(1000, 3))
    session = make_session(X=X, test=None, labels=np.where(X[:, 0] > 0, "left", "right"), journal=tmp_path / "a.alw")
    session.wait()
    assert written[0] == 1000
    assert len(session.rounds) == 1


@pytest.mark.parametrize("labels", [[("left", "right"), ("left",)], [["left", "right"], ["left"]]])
def test_several_classes_a_row_are_named_in_a_task_of_one(make_session, blobs, labels):
    given = labels + [None] * (len(blobs[0]) - len(labels))
    with pytest.raises(ValueError, match=r"label .'left', 'right'. is unknown; expected one of \['left', 'right'\]"):
        make_session(labels=given)
