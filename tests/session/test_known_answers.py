"""Who labels is not shown the labels that there are already, in a column of what is shown."""

import warnings

import numpy as np
import pandas as pd
import pytest

from alwidgets.renderers import Columns, message_of
from alwidgets.session.known_answers import columns_of_answers

LEFT_OUT = r"The items say the labels given, in \['{}'\]: the annotator is not shown what says them"


@pytest.fixture
def frame(blobs):
    """Rows of text with their label, of which every third is known."""
    X, y = blobs
    return pd.DataFrame({"text": [f"note {row}" for row in range(len(X))], "label": y, "page": np.arange(len(X)) % 7})


def known(frame):
    return frame["label"].where(frame.index % 3 == 0, None)


def names_shown(session, row):
    message, _ = message_of(session, row, session.render)
    return [name for name, _ in message["cells"]]


def as_dicts(frame):
    return frame.to_dict("records")


CONTAINERS = {
    "DataFrame": lambda frame: frame,
    "dicts": as_dicts,
    "tuple of dicts": lambda frame: tuple(as_dicts(frame)),
}
GIVEN = {
    "Series": known,
    "list": lambda frame: known(frame).tolist(),
    "dict": lambda frame: known(frame).dropna().to_dict(),
    "frame of one column": lambda frame: known(frame).to_frame(),
}


@pytest.mark.parametrize("hold", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("give", GIVEN.values(), ids=GIVEN)
def test_a_column_that_says_the_labels_given_is_not_shown(make_session, frame, hold, give):
    with pytest.warns(RuntimeWarning, match=LEFT_OUT.format("label")):
        session = make_session(items=hold(frame), labels=give(frame))
    for row in (0, 1):  # one with a label, and one whose label only the column says
        assert names_shown(session, row) == ["text", "page"]
    assert session.item(1)["label"] == frame["label"][1]


def test_a_column_with_the_name_of_the_labels_is_not_shown_however_few_there_are(make_session, frame):
    labels = frame["label"].where(frame.index == 5, None)
    with pytest.warns(RuntimeWarning, match=LEFT_OUT.format("label")):
        session = make_session(items=frame, labels=labels)
    assert names_shown(session, 0) == ["text", "page"]


def test_a_table_with_its_labels_beside_it_can_be_labeled_further(make_session, frame):
    first = make_session(items=frame[["text", "page"]])
    for row in range(12):
        first.teach(row, frame["label"][row])
    table = first.to_frame(frame[["text", "page"]])
    # Filters of warnings are the whole process's, and a fit in the background sets its own meanwhile.
    assert first.wait(60)
    with pytest.warns(RuntimeWarning, match=LEFT_OUT.format("label")):
        session = make_session(items=table, labels=table["label"])
    assert "label" not in names_shown(session, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.rename(columns={"label": "side"}).assign(
            side=lambda f: f["side"].where(f.index != 9, "left" if f["side"][9] == "right" else "right")
        ),
        lambda frame: frame.drop(columns="label"),
    ],
    ids=["one row says otherwise", "no such column"],
)
def test_a_column_that_says_anything_else_is_shown(make_session, frame, change):
    items = change(frame)
    session = make_session(items=items, labels=known(frame))
    assert names_shown(session, 0) == list(items.columns)


def test_a_few_labels_may_be_like_a_column_by_chance(make_session, frame):
    few = {row: frame["label"][row] for row in range(9)}
    assert names_shown(make_session(items=frame, labels=few), 0) == ["text", "label", "page"]


def test_what_a_renderer_shows_is_for_who_wrote_it_to_say(make_session, frame):
    session = make_session(items=frame, labels=known(frame), render=Columns())
    assert names_shown(session, 0) == ["text", "label", "page"]


def test_without_labels_all_is_shown_and_nothing_said(make_session, frame):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session = make_session(items=frame, test=None)
    assert names_shown(session, 0) == ["text", "label", "page"]


def test_numbers_and_their_words_say_the_same():
    labels = {row: row % 2 for row in range(20)}
    items = [{"n": float(row % 2), "word": str(row % 2), "row": row} for row in range(20)]
    assert columns_of_answers(items, labels, labels) == ("n", "word")
    truths = {row: row % 2 == 0 for row in range(20)}
    items = [{"good": np.bool_(row % 2 == 0), "word": str(row % 2 == 0), "row": row} for row in range(20)]
    assert columns_of_answers(items, truths, truths) == ("good", "word")


@pytest.mark.parametrize(
    "items", [["text"] * 20, np.zeros((20, 3)), [[1, 2]] * 20, [{}] * 20, pd.Series(["text"] * 20)]
)
def test_items_without_names_have_no_such_column(items):
    labels = {row: row % 2 for row in range(20)}
    assert columns_of_answers(items, labels, labels) == ()
