"""Every message of every page, through the one dispatcher, without a widget."""

import json
from typing import get_type_hints

import numpy as np
import pytest

from alwidgets.session import view_of
from alwidgets.views.labeling import LabelingView
from alwidgets.views.learning_curve import LearningCurveView
from alwidgets.views.pool_map import PoolMapView
from alwidgets.views.review import ReviewView
from alwidgets.views.stopping import StoppingView

VIEWS = [LabelingView, ReviewView, PoolMapView, StoppingView, LearningCurveView]
QUERY = {"show": "all", "sort": "newest", "search": "", "label": None}

# View, a good message, and the kinds of events that it records.
CHANGES = {
    "label": (LabelingView, {"kind": "answer", "item": 60, "value": 1, "round": 1}, ["labeled"]),
    "skip": (LabelingView, {"kind": "answer", "item": 60, "value": None, "unsure": True, "round": 1}, ["skipped"]),
    "second answer": (
        LabelingView,
        {"kind": "answer", "item": 7, "value": 1, "again": True, "round": 1},
        ["repeated"],
    ),
    "undo": (LabelingView, {"kind": "undo", "target": "label 7"}, ["undone"]),
    "flag": (LabelingView, {"kind": "flag", "item": 7, "on": True, "note": "odd"}, ["flagged"]),
    "no flag": (LabelingView, {"kind": "flag", "item": 5, "on": False}, ["unflagged"]),
    "note": (LabelingView, {"kind": "note", "item": 7, "note": "odd"}, ["noted"]),
    "class": (LabelingView, {"kind": "add_class", "name": "middle"}, ["class_added"]),
    "end of the cold start": (LabelingView, {"kind": "end_cold_start"}, ["cold_start_ended"]),
    "key": (LabelingView, {"kind": "remap", "what": "action", "name": "skip", "key": "x"}, []),
    "only some": (LabelingView, {"kind": "ask_only", "rows": [62, 60]}, ["asked_only"]),
    "take over": (LabelingView, {"kind": "take_over"}, []),
    "abandon the fit": (LabelingView, {"kind": "abandon_fit"}, []),
    "review: label": (ReviewView, {"kind": "label", "item": 7, "value": 0}, ["labeled"]),
    "review: skip": (ReviewView, {"kind": "skip", "item": 7, "unsure": True}, ["skipped"]),
    "review: flag": (ReviewView, {"kind": "flag", "item": 7, "note": "odd"}, ["flagged"]),
    "review: no flag": (ReviewView, {"kind": "unflag", "item": 5}, ["unflagged"]),
    "review: note": (ReviewView, {"kind": "note", "item": 7, "note": "odd"}, ["noted"]),
    "review: undo": (ReviewView, {"kind": "undo", "target": "label 7"}, ["undone"]),
    "review: look again": (ReviewView, {"kind": "request_repeats", "share": 0.1}, ["repeats_requested"]),
    "review: repeat": (ReviewView, {"kind": "repeat", "item": 7, "value": 0}, ["repeated"]),
    "review: take over": (ReviewView, {"kind": "take_over"}, []),
    "map: label": (
        PoolMapView,
        {"kind": "label", "value": 1, "relabel": False, "rows": [7, 60, 61]},
        ["labeled", "labeled"],
    ),
    "map: enqueue": (PoolMapView, {"kind": "enqueue", "rows": [62, 60]}, ["asked"]),
    "map: ask only": (PoolMapView, {"kind": "ask_only", "rows": [62, 60]}, ["asked_only"]),
    "price": (StoppingView, {"kind": "adjust", "settings": {"cost_per_label": 0.5}}, ["adjusted"]),
    "decision": (StoppingView, {"kind": "decide", "decision": "stop", "reason": "enough"}, ["decided"]),
}
REQUESTS = {
    "samples": (LabelingView, {"kind": "need", "items": [3, 4]}, ["payload", "payload"]),
    "suggestion": (LabelingView, {"kind": "suggest", "item": 60}, ["suggest"]),
    "why": (LabelingView, {"kind": "why", "item": 60}, ["why"]),
    "near_duplicates": (LabelingView, {"kind": "near_duplicates", "item": 60}, ["near_duplicates"]),
    "only these": (LabelingView, {"kind": "only", "value": 1, "words": ""}, ["only"]),
    "ahead": (LabelingView, {"kind": "ahead", "n": 30}, []),
    "review: samples": (ReviewView, {"kind": "need", "items": [3]}, ["payload"]),
    "review: answers": (ReviewView, {"kind": "look", "request": 1, "query": QUERY}, ["seen"]),
    "review: some answers": (ReviewView, {"kind": "look", "request": 1, "items": [3, 4]}, ["seen"]),
    "review: the model's word": (ReviewView, {"kind": "suggest", "item": 60}, ["suggest"]),
    "map: samples": (PoolMapView, {"kind": "need", "items": [3]}, ["payload"]),
    "map: points": (PoolMapView, {"kind": "need_points"}, ["points", "labels", "predictions", "selected"]),
    "map: plotly.js": (PoolMapView, {"kind": "need_plotly"}, ["plotly"]),
    "map: color": (PoolMapView, {"kind": "color", "color": "label"}, []),
    "map: color by part": (PoolMapView, {"kind": "color", "color": "part"}, []),
    "map: selection": (PoolMapView, {"kind": "select"}, ["selected"]),
    "map: look at": (PoolMapView, {"kind": "inspect"}, []),
    "map: uncertain": (PoolMapView, {"kind": "uncertain"}, []),
    "labels": (StoppingView, {"kind": "save_labels"}, ["file"]),
    "curve: plotly.js": (LearningCurveView, {"kind": "need_plotly"}, ["plotly"]),
    "curve: axis": (LearningCurveView, {"kind": "against", "against": "minutes"}, []),
    "curve: baseline": (LearningCurveView, {"kind": "baseline"}, []),
    "curve: page": (LearningCurveView, {"kind": "save", "what": "page"}, ["file"]),
    "curve: table": (LearningCurveView, {"kind": "save", "what": "table"}, ["file"]),
    **{f"there, {make.__name__}": (make, {"kind": "there"}, []) for make in VIEWS},
}


def new_events(session, known):
    # Questions drawn ahead, and fits, are the model's own doing, unless a message asks for them.
    return [each for each in session.events[known:] if each.kind not in ("trained", "failed")]


def binary(message):
    return [np.array([62, 60], "<u4").tobytes()] if message["kind"] in ("select", "inspect") else []


@pytest.fixture
def page_of(open_page):
    """A function that opens a page of a view, its map once it is colored."""

    def make(view, session):
        page = open_page(view, session)
        assert not hasattr(page.view, "wait") or page.view.wait(60)
        return page

    return make


def test_all_messages_of_all_views_are_tried():
    for table, tried in (("CHANGES", CHANGES), ("REQUESTS", REQUESTS)):
        known = {(make, kind) for make in VIEWS for kind in getattr(make, table)}
        assert known - {(make, message["kind"]) for make, message, _ in tried.values()} == (
            # They have tests of their own: there must be a group first, or a team.
            {(PoolMapView, "undo"), (ReviewView, "settle"), (ReviewView, "reopen")} if tried is CHANGES else set()
        )


def test_what_a_method_takes_is_what_its_kind_of_message_is_checked_as():
    import alwidgets.views.messages as known

    for make in VIEWS:
        for kind, (checked_as, act) in {**make.CHANGES, **make.REQUESTS}.items():
            if act.__name__ == "<lambda>":
                continue
            name = next(name for name in act.__annotations__ if name not in ("view", "return"))
            assert act.__annotations__[name] == f"messages.{checked_as.__name__}", (make, kind)
            assert get_type_hints(checked_as)
            assert getattr(known, checked_as.__name__) is checked_as


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_made_acknowledged_and_signed_by_the_sessions_annotator(session, page_of, change):
    make, message, kinds = CHANGES[change]
    page, known = page_of(make, session), len(session.events)
    reply = page.reply({**message, "event_id": "one"})
    assert (reply["kind"], reply["event_id"]) == ("ack", "one")
    new = new_events(session, known)[: len(kinds)]
    assert [event.kind for event in new] == kinds
    assert {event.annotator for event in new} <= {"Zoe"}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_says_who_made_it(session, page_of, change):
    make, message, kinds = CHANGES[change]
    page, known = page_of(make, session), len(session.events)
    assert page.reply({**message, "event_id": "one", "annotator": "Ada"})["kind"] == "ack"
    new = new_events(session, known)[: len(kinds)]
    assert [event.kind for event in new] == kinds
    assert {event.annotator for event in new} <= {"Ada"}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_comes_twice_is_acknowledged_alike_and_acts_once(session, page_of, change):
    make, message, _ = CHANGES[change]
    page = page_of(make, session)
    first = page.reply({**message, "event_id": "one"})
    session.wait()
    known = len(session.events)
    assert page.reply({**message, "event_id": "one"}) == first
    session.wait()
    assert session.events[known:] == ()


@pytest.mark.parametrize("change", [name for name, (_, _, kinds) in CHANGES.items() if kinds])
def test_a_change_that_cannot_be_written_is_to_be_sent_again(make_labeled, page_of, monkeypatch, tmp_path, change):
    make, message, kinds = CHANGES[change]
    session = make_labeled(journal=tmp_path / "full.alw")
    page, known = page_of(make, session), len(session.events)
    session.wait()

    def full(*records):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(session._core.log.journal, "append", full)
        reply = page.reply({**message, "event_id": "one"})
    assert (reply["kind"], reply["event_id"], reply["retry"]) == ("refused", "one", True)
    assert "No space left on device" in reply["error"]
    assert [event for event in session.events[known:] if event.id.startswith("one")] == []
    assert page.reply({**message, "event_id": "one"})["kind"] == "ack"
    assert [event.kind for event in new_events(session, known)][: len(kinds)] == kinds


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("event_id", [None, "", 5, "x" * 101, "\ud800"])
def test_a_change_without_an_id_is_a_problem(session, page_of, change, event_id):
    make, message, _ = CHANGES[change]
    page, known = page_of(make, session), session.events
    reply = page.reply({**message, "event_id": event_id})
    assert reply["kind"] == "problem"
    assert "event_id" in reply["error"]
    assert session.events == known


@pytest.mark.parametrize("annotator", ["", 5, ["Ada"], "x" * 10_000, "\ud800"])
@pytest.mark.parametrize("said", [*CHANGES, *REQUESTS])
def test_a_name_that_is_none_is_refused(session, page_of, said, annotator):
    make, message, _ = (CHANGES | REQUESTS)[said]
    page, known = page_of(make, session), session.events
    reply = page.reply({**message, "event_id": "one", "annotator": annotator})
    assert reply["kind"] == ("refused" if said in CHANGES else "problem")
    assert reply.get("retry", False) is False
    assert "annotator" in reply["error"]
    assert session.events == known


@pytest.mark.parametrize("item", [120, -1, "7", True, None, 7.0, [7], 2**64])
@pytest.mark.parametrize("said", [name for name, (_, message, _) in (CHANGES | REQUESTS).items() if "item" in message])
def test_what_is_no_sample_is_refused(session, page_of, said, item):
    make, message, _ = (CHANGES | REQUESTS)[said]
    page, known = page_of(make, session), session.events
    reply = page.reply({**message, "event_id": "one", "item": item})
    assert reply["kind"] == ("refused" if said in CHANGES else "problem")
    assert "item is" in reply["error"]
    assert session.events == known


@pytest.mark.parametrize("rows", [[120], [-1], ["7"], [True], [None], [[7]], "all", None])
@pytest.mark.parametrize(
    "said", [name for name, (_, message, _) in (CHANGES | REQUESTS).items() if {"items", "rows"} & {*message}]
)
def test_what_are_no_samples_is_refused(session, page_of, said, rows):
    make, message, _ = (CHANGES | REQUESTS)[said]
    if rows is None and message["kind"] == "ask_only":
        pytest.skip("it means that all may be asked again")
    page, known = page_of(make, session), session.events
    field = "rows" if "rows" in message else "items"
    reply = page.reply({**message, "event_id": "one", field: rows})
    assert reply["kind"] == ("refused" if said in CHANGES else "problem")
    assert "row" in reply["error"] or "items" in reply["error"]
    assert session.events == known


@pytest.mark.parametrize("value", [2, -1, True, "right", 0.5, [0], [5], {}])
@pytest.mark.parametrize("change", [name for name, (_, message, _) in CHANGES.items() if "value" in message])
def test_what_is_no_class_is_refused(session, page_of, change, value):
    make, message, _ = CHANGES[change]
    page, known = page_of(make, session), session.events
    reply = page.reply({**message, "event_id": "one", "value": value})
    assert (reply["kind"], reply["retry"]) == ("refused", False)
    assert session.events == known


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("annotator", [None, "Ada"])
def test_a_request_is_answered_and_changes_nothing(session, page_of, request_, annotator):
    make, message, kinds = REQUESTS[request_]
    page, known = page_of(make, session), session.events
    replies = page.say({**message, "annotator": annotator}, *binary(message))
    assert [reply["kind"] for reply in replies] == kinds
    json.dumps(replies, allow_nan=False)
    assert page.view.session.labels.shape[0] == 40
    assert [event for event in session.events[len(known) :] if event.kind != "asked"] == []


@pytest.mark.parametrize("make", VIEWS)
@pytest.mark.parametrize("kind", ["delete", "Answer", "", None, 5, ["answer"], "refresh", "x" * 100_000])
def test_an_unknown_kind_is_a_problem(session, page_of, make, kind):
    page, known = page_of(make, session), session.events
    (reply,) = page.say({"kind": kind, "event_id": "one"})
    assert reply["kind"] == "problem"
    assert "kind is" in reply["error"]
    assert len(reply["error"]) < 600
    assert session.events == known


@pytest.mark.parametrize("make", VIEWS)
@pytest.mark.parametrize("content", [None, 5, "answer", [], [["kind", "answer"]], {}])
def test_what_is_no_message_is_a_problem(session, page_of, make, content):
    (reply,) = page_of(make, session).say(content)
    assert reply == {"kind": "problem", "error": "message field kind is None; expected a text."}


@pytest.mark.parametrize("make", VIEWS)
def test_what_a_page_shows_is_json_and_names_nobody(session, page_of, make):
    page = page_of(make, session)
    assert "Zoe" not in json.dumps(page.shown, allow_nan=False)


@pytest.mark.parametrize(
    ("make", "message", "error"),
    [
        (LabelingView, {"kind": "answer", "item": 60, "value": 1}, "message field round is None"),
        (LabelingView, {"kind": "answer", "item": 60, "value": 1, "round": 1, "again": "yes"}, "message field again"),
        (LabelingView, {"kind": "answer", "item": 60, "value": 1, "round": 1, "via": "moon"}, "via is 'moon'"),
        (LabelingView, {"kind": "answer", "item": 60, "value": 1, "round": 1, "suggested": 9}, "the class is 9"),
        (LabelingView, {"kind": "answer", "item": 60, "value": 1, "round": 1, "as_of": "now"}, "message field as_of"),
        (LabelingView, {"kind": "undo", "target": 5}, "message field target is 5"),
        (LabelingView, {"kind": "flag", "item": 7, "on": 1}, "message field on is 1"),
        (LabelingView, {"kind": "note", "item": 7}, "message field note is None"),
        (LabelingView, {"kind": "add_class", "name": "  "}, "one is blank"),
        (LabelingView, {"kind": "remap", "what": "class", "name": "eggs", "key": "e"}, "keys has 'eggs'"),
        (ReviewView, {"kind": "skip", "item": 7}, "message field unsure is None"),
        (ReviewView, {"kind": "undo", "target": None}, "message field target is None"),
        (ReviewView, {"kind": "request_repeats", "share": 2}, "expected a number above 0 and at most 1"),
        (PoolMapView, {"kind": "label", "rows": [60], "value": 1}, "message field relabel is None"),
        (PoolMapView, {"kind": "undo", "target": "nothing"}, "the labels 'nothing' were not given on this map"),
        (StoppingView, {"kind": "adjust", "settings": {"labels": -1}}, "budget labels is -1"),
        (StoppingView, {"kind": "adjust", "settings": [1]}, "message field settings is [1]"),
        (StoppingView, {"kind": "adjust", "settings": {"annotator": "Ada"}}, "there is no setting 'annotator'"),
        (StoppingView, {"kind": "decide", "decision": "perhaps"}, "decision is 'perhaps'"),
        (StoppingView, {"kind": "decide", "decision": "stop", "reason": 5}, "reason is 5; expected a str."),
    ],
)
def test_a_field_that_cannot_be_is_refused_with_the_reason(session, page_of, make, message, error):
    page, known = page_of(make, session), session.events
    reply = page.reply({**message, "event_id": "one"})
    assert (reply["kind"], reply["retry"]) == ("refused", False)
    assert error in reply["error"]
    assert session.events == known


@pytest.mark.parametrize(
    ("make", "message", "error"),
    [
        (LabelingView, {"kind": "need", "items": [0] * 65}, "items has 65 rows; expected a list of at most 64"),
        (LabelingView, {"kind": "ahead", "n": 0}, "n is 0"),
        (ReviewView, {"kind": "look", "request": 1}, "message has neither items nor a query"),
        (ReviewView, {"kind": "look", "request": None, "items": []}, "message field request is None"),
        (ReviewView, {"kind": "look", "request": 1, "query": QUERY | {"show": "x"}}, "show is 'x'; expected one of"),
        (ReviewView, {"kind": "look", "request": 1, "query": QUERY | {"sort": "x"}}, "sort is 'x'; expected one of"),
        (ReviewView, {"kind": "look", "request": 1, "query": QUERY | {"label": 2}}, "the class is 2"),
        (ReviewView, {"kind": "look", "request": 1, "query": QUERY | {"part": "x"}}, "part is 'x'; expected one of"),
        (PoolMapView, {"kind": "color", "color": ["label"]}, "color is ['label']; expected one of"),
        (PoolMapView, {"kind": "select"}, "message has 0 binary parts; expected one"),
        (LearningCurveView, {"kind": "against", "against": "euros"}, "against is 'euros'; expected one of"),
        (LearningCurveView, {"kind": "save", "what": "pages"}, "what is 'pages'; expected one of ['page', 'table']"),
    ],
)
def test_a_request_that_asks_for_nothing_there_is_is_a_problem(session, page_of, make, message, error):
    reply = page_of(make, session).reply(message)
    assert reply["kind"] == "problem"
    assert error in reply["error"]


def test_a_review_of_a_pool_that_has_grown_can_be_of_one_part(session, page_of, blobs):
    assert page_of(ReviewView, session).shown["status"]["parts"] == ["first"]
    session.extend(blobs[0] + 9, source="monday")
    session.teach(125, "left")
    page = page_of(ReviewView, session)
    assert page.shown["status"]["parts"] == ["first", "monday"]
    for part, rows in (("monday", {125}), ("first", set(range(40))), (None, {*range(40), 125})):
        (seen,) = page.say({"kind": "look", "request": 1, "query": QUERY | {"part": part}})
        assert {row["item"] for row in seen["rows"]} == rows
        assert seen["counts"]["all"] == len(rows)


def test_each_annotator_undoes_an_answer_of_ones_own(session, page_of):
    page = page_of(LabelingView, session)
    for item, name in ((60, "Ada"), (61, "Ben")):
        page.reply({"kind": "answer", "event_id": name, "annotator": name, "item": item, "value": 1, "round": 1})
    assert page.reply({"kind": "undo", "event_id": "u", "annotator": "Ada"})["items"] == [60]
    assert page.reply({"kind": "undo", "event_id": "v", "annotator": "Ada"})["items"] == []
    assert page.reply({"kind": "undo", "event_id": "w"})["items"] == [39]
    assert session.labels.set_index("item").loc[61, "annotator"] == "Ben"


def test_labels_that_were_given_together_are_undone_together_by_whoever_says_so(session, page_of):
    page = page_of(PoolMapView, session)
    page.reply({"kind": "label", "event_id": "a", "annotator": "Ada", "value": 1, "relabel": True, "rows": [7, 60]})
    assert page.shown["undoable"] == {"group": "a", "n": 2}
    undo = {"kind": "undo", "event_id": "u", "annotator": "Ben", "target": "a"}
    assert page.reply(undo) == page.reply(undo) == {"kind": "ack", "event_id": "u", "text": "2 labels undone"}
    assert [event.annotator for event in session.events if event.kind == "undone"] == ["Ben", "Ben"]
    assert view_of(session).codes[60] == -1


def test_two_pages_of_one_session_each_see_what_the_other_did(session, page_of):
    first, second = page_of(LabelingView, session), page_of(LabelingView, session)
    item = first.shown["queue"][0]
    first.reply({"kind": "answer", "event_id": "one", "item": item, "value": 1, "round": 1})
    second.reply({"kind": "note", "event_id": "two", "item": item, "note": "odd"})
    assert first.shown == second.shown
    assert first.shown["recent"][0] == ("one", item, 1, False)
    assert item not in second.shown["queue"]
    told = [message for message, _ in first.sent if message["kind"] == "remarks"]
    assert told == [{"kind": "remarks", "remarks": [(item, "odd", "")]}]


def test_an_answer_to_what_was_labeled_meanwhile_is_kept_as_a_second_one(session, page_of):
    page = page_of(LabelingView, session)
    known = page.shown["status"]["n_events"]
    answer = {"kind": "answer", "item": 60, "round": 1, "as_of": known}
    assert "notice" not in page.reply({**answer, "event_id": "a", "annotator": "Ada", "value": 0})
    assert (
        "kept as a second answer" in page.reply({**answer, "event_id": "b", "annotator": "Ben", "value": 1})["notice"]
    )
    # It tells of the agreement of two annotators, not of one with oneself.
    assert session.repeats.empty
    of_both = session.answers.query("item == 60 and standing")
    assert of_both[["annotator", "label"]].values.tolist() == [["Ada", session.classes[0]], ["Ben", session.classes[1]]]


@pytest.mark.parametrize("seconds", [-5, None, "soon", True])
def test_a_time_that_is_none_does_not_cost_the_answer(session, page_of, seconds):
    for make, message in (
        (LabelingView, {"kind": "answer", "item": 60, "value": 1, "round": 1}),
        (ReviewView, {"kind": "repeat", "item": 7, "value": 1}),
    ):
        page = page_of(make, session)
        reply = page.reply({**message, "event_id": make.__name__, "seconds": seconds, "shown_at": "now"})
        assert reply["kind"] == "ack"
        (event,) = [event for event in session.events if event.id == make.__name__]
        assert (event.seconds, event.shown_at) == (None, None)


@pytest.mark.parametrize("change", [name for name, (_, _, kinds) in CHANGES.items() if kinds])
def test_a_change_to_a_session_that_is_closed_is_refused_with_what_to_do(session, page_of, change):
    make, message, _ = CHANGES[change]
    page, known = page_of(make, session), session.events
    session.close()
    reply = page.reply({**message, "event_id": "one"})
    assert (reply["kind"], reply["retry"]) == ("refused", False)
    assert "Use the newer session" in reply["error"]
    assert session.events == known
