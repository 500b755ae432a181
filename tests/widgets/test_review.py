import json

import numpy as np
import pytest
from hostile import TEXTS
from sklearn.datasets import make_multilabel_classification
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from alwidgets.data.labels import label_of
from alwidgets.session import view_of

QUERY = {"show": "all", "label": None, "sort": "oldest", "search": ""}


@pytest.fixture
def review(make_session, blobs):
    """A review of 40 labels, row 3's wrong, and a skipped row 40; the model is that of round 1."""
    _, y = blobs
    session = make_session(audit=0, batch_size=1000)
    for item in range(40):
        other = "left" if y[item] == "right" else "right"
        session.teach(item, other if item == 3 else y[item], seconds=2.0)
    session.skip(40, unsure=True)
    session.retrain()
    return alw.Review(session)


def look(page, widget, items=None, **query):
    before = len(page.sent)
    page.say(widget, kind="look", request=1, query=QUERY | query, items=items)
    (reply, buffers) = next((content, data) for content, data in page.sent[before:] if content["kind"] == "seen")
    return reply, np.frombuffer(buffers[0], np.int32).tolist()


def test_a_look_gives_the_order_the_counts_and_the_first_rows(review, page):
    reply, order = look(page, review)
    assert order == list(range(41))
    assert len(reply["rows"]) == 41
    assert reply["counts"] | {"disagrees": 0} == {
        "all": 41, "disagrees": 0, "flagged": 0, "slow": 0, "skipped": 1, "unsure": 1, "changed": 0, "noted": 0,
    }  # fmt: skip
    row = reply["rows"][40]
    assert (row["item"], row["label"], row["skipped"], row["unsure"]) == (40, None, True, True)
    json.dumps(reply, allow_nan=False)


def test_the_labels_are_checked_in_the_background_when_somebody_looks(review, page):
    assert view_of(review.session).label_issues(wait=False) is None
    look(page, review)
    assert review.wait(60)
    assert review._status["checking"] is False
    assert "had not learned" in review._status["how"]
    reply, order = look(page, review, sort="suspicious")
    assert order[0] == 3
    row = reply["rows"][0]
    assert row["disagrees"]
    assert row["predicted"] == 1 - row["label"]
    assert look(page, review, show="disagrees")[1][0] == 3


def test_labels_are_checked_again_after_a_retrain(review, page):
    look(page, review)
    review.wait(60)
    review.session.retrain()
    look(page, review)
    review.wait(60)
    assert view_of(review.session).label_issues(wait=False).round == 2
    assert "round 2" in review._status["how"]


def test_a_check_that_fails_is_told_and_not_tried_again_in_the_round(review, page, monkeypatch):
    calls = []

    def fail(*args, **kwargs):
        calls.append(1)
        raise RuntimeError("no")

    monkeypatch.setattr("alwidgets.session.inspector.label_issues", fail)
    for _ in range(3):
        look(page, review)
        review.wait(60)
    assert review._status["how"].startswith("Checking the labels failed: RuntimeError: no")
    assert len(calls) == 1


def test_filters_sorting_class_and_search_are_those_of_the_session(review, page):
    session = review.session
    session.flag(5, "smudged")
    session.note(7, "ask Eva")
    for show in ("flagged", "noted", "skipped", "unsure", "slow", "changed", "disagrees"):
        assert look(page, review, show=show)[1] == session.review(sort="oldest", **{show: True})["item"].tolist()
    label = session.review(label="left", sort="newest")["item"].tolist()
    assert look(page, review, label=0, sort="newest")[1] == label
    assert look(page, review, search="eva")[1] == [7]


def test_rows_of_a_page_come_without_the_order(review, page):
    (reply,) = page.say(review, kind="look", request=1, items=[7, 3, 99])
    assert [row["item"] for row in reply["rows"]] == [7, 3]
    assert "counts" not in reply


def test_a_label_is_changed_in_place_and_undone(review, page):
    before = review.session.review(sort="oldest")["label"][3]
    value = 1 - review.session.classes.index(before)
    (reply,) = page.say(review, kind="label", event_id="a", item=3, value=value)
    assert reply == {"kind": "ack", "event_id": "a", "text": f"changed to {review.session.classes[value]}"}
    row = review.session.review().set_index("item").loc[3]
    assert (row["label"], row["via"]) == (review.session.classes[value], "review")
    page.say(review, kind="label", event_id="a", item=3, value=1 - value)
    assert review.session.review().set_index("item").loc[3, "label"] == row["label"]
    assert page.say(review, kind="undo", event_id="u", target="a")[0]["text"] == "undone"
    assert review.session.review().set_index("item").loc[3, "label"] == before


def test_skip_flag_unflag_and_note_are_messages_of_their_own(review, page):
    assert page.say(review, kind="skip", event_id="a", item=1, unsure=True)[0]["text"] == "skipped as unsure"
    assert page.say(review, kind="flag", event_id="b", item=2, note="<b>why</b>")[0]["text"] == "flagged"
    assert page.say(review, kind="note", event_id="c", item=2, note="x")[0]["text"] == "note kept"
    row = review.session.review().set_index("item").loc[2]
    assert (row["flagged"], row["flag"], row["note"]) == (True, "<b>why</b>", "x")
    assert page.say(review, kind="unflag", event_id="d", item=2)[0]["text"] == "flag removed"
    assert page.say(review, kind="note", event_id="e", item=2, note="")[0]["text"] == "note removed"
    assert sorted(review.session.review(skipped=True)["item"]) == [1, 40]


def test_a_repeat_is_drawn_answered_and_shown_where_it_differs(review, page):
    assert page.say(review, kind="request_repeats", event_id="a", share=0.1)[0]["text"] == "4 to answer again"
    items = review._status["repeats"]
    assert review._status["n_repeats"] == len(items) == 4
    for place, item in enumerate(items):
        label = review.session.labels.set_index("item").loc[item, "label"]
        value = review.session.classes.index(label)
        page.say(review, kind="repeat", event_id=f"s{item}", item=item, value=1 - value if place == 0 else value,
                 seconds=1.0, shown_at=5.0)  # fmt: skip
    assert review._status["n_repeats"] == 0
    reply, order = look(page, review, show="changed")
    assert order == [items[0]]
    assert reply["rows"][0]["second"] == 1 - reply["rows"][0]["label"]
    assert reply["agreement"].startswith("3 of 4 second answers agree with the first")
    page.say(review, kind="label", event_id="d", item=items[0], value=reply["rows"][0]["label"])
    assert look(page, review, show="changed")[1] == []
    page.say(review, kind="undo", event_id="u", target=f"s{items[1]}")
    assert review._status["repeats"] == [items[1]]


def test_samples_come_by_messages_and_no_trait_holds_one(page):
    private = "the patient's name"
    session = alw.Session(np.eye(4), [private] * 4, classes=["a", "b"], learner=LogisticRegression())
    session.teach(0, "a")
    session.note(0, private)
    review = alw.Review(session)
    (reply,) = page.say(review, kind="need", items=[0])
    assert reply["payload"] == {"type": "text", "text": private}
    reply, _ = look(page, review)
    assert reply["rows"][0]["note"] == private
    assert private not in json.dumps({name: review.get_state()[name] for name in ("_status", "layout")}, default=str)


def test_an_item_that_cannot_be_shown_says_why_and_stops_no_other(make_session, page):
    def broken(item):
        if item[0] > 0:
            raise RuntimeError("no picture")
        return "ok"

    review = alw.Review(make_session(), render=broken)
    replies = page.say(review, kind="need", items=list(range(20)))
    assert {reply["payload"]["type"] for reply in replies} == {"text", "error"}


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({}, "message field kind is None"),
        ({"kind": "delete"}, "message kind is 'delete'; expected one of"),
        ({"kind": "look", "request": 1, "query": []}, "show is None"),
        ({"kind": "look", "request": 1, "query": QUERY | {"show": "bad"}}, "show is 'bad'"),
        ({"kind": "look", "request": 1, "query": QUERY | {"sort": "bad"}}, "sort is 'bad'"),
        (
            {"kind": "look", "request": 1, "query": QUERY | {"label": 2}},
            "the class is 2; expected the number of a class",
        ),
        ({"kind": "look", "request": 1, "query": QUERY | {"search": "x" * 20_000}}, "search has 20000 characters"),
        ({"kind": "look", "request": 1, "items": "all"}, "items is 'all'; expected a list of at most 100 rows"),
        ({"kind": "look", "request": 1, "items": [0] * 101}, "expected a list of at most 100 rows"),
        ({"kind": "look", "request": 1, "items": [[1]]}, "expected a row number"),
        ({"kind": "look", "request": "1", "items": []}, "message field request is '1'"),
        ({"kind": "need", "items": [500]}, "item is 500; expected a row number of X, 0 to 119"),
        ({"kind": "need", "items": None}, "items is None; expected a list"),
        ({"kind": "label", "item": 1, "value": 0}, "message field event_id is None"),
        ({"kind": "label", "item": 1, "value": 0, "event_id": ""}, "event_id has 0 characters; expected 1 to 100"),
        ({"kind": "label", "item": 1, "value": 0, "event_id": "\ud800"}, "expected whole characters"),
        ({"kind": "label", "item": 1, "value": 2, "event_id": "a"}, "the class is 2; expected the number of a class"),
        ({"kind": "label", "item": 1, "value": True, "event_id": "a"}, "the class is True"),
        ({"kind": "label", "item": 1, "value": [0], "event_id": "a"}, "is unknown; expected one of"),
        ({"kind": "label", "item": 1, "value": [0, 5], "event_id": "a"}, "the class is 5"),
        ({"kind": "label", "item": 120, "value": 0, "event_id": "a"}, "120"),
        ({"kind": "label", "item": "1", "value": 0, "event_id": "a"}, "message field item is '1'"),
        ({"kind": "skip", "item": 1, "event_id": "a"}, "message field unsure is None"),
        ({"kind": "flag", "item": 1, "note": 5, "event_id": "a"}, "message field note is 5"),
        ({"kind": "note", "item": 1, "note": "x" * 20_000, "event_id": "a"}, "note has 20000 characters"),
        ({"kind": "undo", "event_id": "a"}, "message field target is None"),
        ({"kind": "request_repeats", "share": 2, "event_id": "a"}, "expected a number above 0 and at most 1"),
        ({"kind": "request_repeats", "share": 10**400, "event_id": "a"}, "expected a number above 0 and at most 1"),
        ({"kind": "request_repeats", "share": -(10**400), "event_id": "a"}, "expected a number above 0 and at most 1"),
        ({"kind": "request_repeats", "event_id": "a"}, "expected a number above 0 and at most 1"),
        ({"kind": "repeat", "item": 1, "value": 9, "event_id": "a"}, "the class is 9"),
        ({"kind": "repeat", "item": -1, "value": 0, "event_id": "a"}, "-1"),
    ],
)
def test_a_message_that_is_none_is_refused_and_the_session_stays(review, page, message, error):
    before = review.session.events
    replies = page.say(review, **message)
    assert replies[-1]["kind"] in ("problem", "refused")
    assert error in replies[-1]["error"]
    assert review.session.events == before


@pytest.mark.parametrize("content", [None, 5, "label", [], [[1]], {"kind": ["label"]}])
def test_what_is_no_message_is_refused(review, page, content):
    before = len(page.sent)
    review._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    assert page.sent[before][0]["kind"] == "problem"


def test_hostile_notes_and_classes_come_as_they_are(make_session, page):
    session = make_session()
    session.teach(0, "left")
    review = alw.Review(session)
    for text in TEXTS:
        page.say(review, kind="note", event_id=f"n{hash(text)}", item=0, note=text)
        reply, _ = look(page, review)
        assert reply["rows"][0]["note"] == session.notes.get(0, "")
        json.dumps(reply, allow_nan=False)


def test_an_answer_that_cannot_be_written_is_refused_and_nothing_has_changed(make_session, page, tmp_path, monkeypatch):
    session = make_session(journal=tmp_path / "s.alw")
    session.teach(0, "left")
    review, before = alw.Review(session), session.events

    def full(*records):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(session._core.log.journal, "append", full)
    (reply,) = page.say(review, kind="label", event_id="a", item=0, value=1)
    assert reply["kind"] == "refused"
    assert "No space left" in reply["error"]
    assert session.events == before


def test_the_review_follows_the_session_and_leaves_with_it(review):
    before = review._status["changes"]
    review.session.teach(50, "left")
    assert review._status["changes"] > before
    review.session.close()
    assert review.comm is None


def test_anything_but_a_session_is_refused():
    with pytest.raises(TypeError, match="session is an int; expected a Session"):
        alw.Review(3)


NAMES = ["cat", "dog", "cow"]


@pytest.fixture
def many(make_session):
    """A review of 30 sets of classes and a skipped row, with a model."""
    X, Y = make_multilabel_classification(60, 5, n_classes=3, n_labels=2, random_state=1)
    session = make_session(
        X=X, classes=NAMES, learner=OneVsRestClassifier(LogisticRegression()), task="multi", test=None, audit=0,
        batch_size=1000,
    )  # fmt: skip
    for item in range(30):
        session.teach(item, label_of(Y[item], NAMES))
    session.skip(30)
    session.retrain()
    return alw.Review(session)


def numbers(labels):
    return [None if label is None else [NAMES.index(name) for name in label] for label in labels]


def test_sets_of_classes_are_lists_of_numbers_on_the_page(many, page):
    look(page, many)
    many.wait(60)
    reply, _ = look(page, many)
    found = many.session.review(sort="oldest")
    assert many._status["multilabel"] is True
    for name in ("label", "predicted"):
        assert [row[name] for row in reply["rows"]] == numbers(found[name])
    assert [row["disagrees"] for row in reply["rows"]] == found["disagrees"].tolist()
    json.dumps(reply, allow_nan=False)


def test_a_set_is_changed_in_place_and_undone(many, page):
    (reply,) = page.say(many, kind="label", event_id="a", item=3, value=[0, 2])
    assert reply == {"kind": "ack", "event_id": "a", "text": "changed to cat, cow"}
    assert many.session.review().set_index("item").loc[3, "label"] == ("cat", "cow")
    (reply,) = page.say(many, kind="label", event_id="b", item=3, value=[])
    assert reply["text"] == "changed to none of the classes"
    assert look(page, many, items=[3])[0]["rows"][0]["label"] == []
    page.say(many, kind="undo", event_id="u", target="b")
    assert look(page, many, items=[3])[0]["rows"][0]["label"] == [0, 2]


def test_the_filter_by_class_lists_the_sets_that_contain_it(many, page):
    for place, name in enumerate(NAMES):
        expected = many.session.review(name, sort="oldest")["item"].tolist()
        assert look(page, many, label=place)[1] == expected
        assert expected


def test_a_repeat_of_sets_is_answered_with_sets(many, page):
    page.say(many, kind="request_repeats", event_id="a", share=0.2)
    first, second = many._status["repeats"][:2]
    given = many.session.review().set_index("item")["label"]
    same, other = numbers([given[first], [name for name in NAMES if name not in given[second]]])
    assert page.say(many, kind="repeat", event_id="s", item=first, value=same)[0]["kind"] == "ack"
    page.say(many, kind="repeat", event_id="t", item=second, value=other)
    reply, order = look(page, many, show="changed")
    assert order == [second]
    assert reply["rows"][0]["second"] == other
    assert reply["agreement"].startswith("1 of 2 second answers agree with the first")


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (0, "expected a list of classes"),
        ([0, 0], "more than once"),
        ([3], "the class is 3; expected the number of a class, 0 to 2"),
        ([True], "the class is True"),
        ([[0]], "the class is"),
        (None, "the class is None"),
    ],
)
def test_what_is_no_set_is_refused_and_the_session_stays(many, page, value, error):
    before = many.session.events
    (reply,) = page.say(many, kind="label", event_id="a", item=1, value=value)
    assert reply["kind"] == "refused"
    assert error in reply["error"]
    assert many.session.events == before


def test_what_was_carried_to_an_identical_sample_is_listed_with_its_row(make_session, page):
    X = np.repeat(np.eye(4), 2, axis=0)
    session = make_session(X=X, test=None, audit=0)
    session.teach(3, "left")
    reply, order = look(page, alw.Review(session))
    assert [(row["item"], row["via"], row["duplicate_of"]) for row in reply["rows"]] == [
        (3, "", None),
        (2, "duplicate", 3),
    ]
    assert order == [3, 2]
    json.dumps(reply, allow_nan=False)
