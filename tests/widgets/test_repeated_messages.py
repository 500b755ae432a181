"""A page sends a change until it is acknowledged: whatever comes twice acts once, and is acknowledged alike."""

import comm
import numpy as np
import pytest

import alwidgets as alw
from alwidgets.session import view_of
from alwidgets.widgets.session_control import SessionControl

ID = "an id of the page"


@pytest.fixture
def session(make_session, blobs):
    """A session with 40 labels, a flag, a class that has no label, and a model."""
    made = make_session(audit=0, batch_size=1000, cold_start="random")
    for item in range(40):
        made.teach(item, str(blobs[1][item]), event_id=f"label {item}")
    made.flag(5, "smudged")
    made.retrain()
    return made


# Widget, message, and what may happen between its two arrivals: the second is not to undo that.
CHANGES = {
    "an answer": (alw.Labeler, {"kind": "answer", "item": 60, "value": 1, "round": 1}),
    "an answer that is then undone": (
        alw.Labeler,
        {"kind": "answer", "item": 60, "value": 1, "round": 1},
        {"kind": "undo", "target": ID},
    ),
    "a skip": (alw.Labeler, {"kind": "answer", "item": 60, "value": None, "unsure": True, "round": 1}),
    "an undo of the card": (alw.Labeler, {"kind": "undo", "target": None}),
    "a flag": (
        alw.Labeler,
        {"kind": "flag", "item": 7, "on": True, "note": "odd"},
        {"kind": "flag", "item": 7, "on": False},
    ),
    "a flag removed": (alw.Labeler, {"kind": "flag", "item": 5, "on": False}, {"kind": "flag", "item": 5}),
    "a note": (
        alw.Labeler,
        {"kind": "note", "item": 7, "note": "first"},
        {"kind": "note", "item": 7, "note": "second"},
    ),
    "a class": (alw.Labeler, {"kind": "add_class", "name": "middle"}),
    "the end of the cold start": (alw.Labeler, {"kind": "end_cold_start"}),
    "only these questions": (alw.Labeler, {"kind": "ask_only", "rows": [62, 60]}),
    "another label": (
        alw.Review,
        {"kind": "label", "item": 7, "value": 0},
        {"kind": "label", "item": 7, "value": 1},
    ),
    "a skip in the review": (
        alw.Review,
        {"kind": "skip", "item": 7, "unsure": True},
        {"kind": "label", "item": 7, "value": 1},
    ),
    "a flag in the review": (alw.Review, {"kind": "flag", "item": 7, "note": "odd"}, {"kind": "unflag", "item": 7}),
    "an unflag": (alw.Review, {"kind": "unflag", "item": 5}, {"kind": "flag", "item": 5, "note": "again"}),
    "an unflag of what is not flagged": (
        alw.Review,
        {"kind": "unflag", "item": 9},
        {"kind": "flag", "item": 9, "note": "since"},
    ),
    "a note in the review": (
        alw.Review,
        {"kind": "note", "item": 7, "note": "first"},
        {"kind": "note", "item": 7, "note": ""},
    ),
    "an undo in the review": (
        alw.Review,
        {"kind": "undo", "target": "label 7"},
        {"kind": "label", "item": 7, "value": 1},
    ),
    "a draw of repeats": (alw.Review, {"kind": "request_repeats", "share": 0.1}),
    "a second answer": (alw.Review, {"kind": "repeat", "item": 7, "value": 0}, {"kind": "undo", "target": ID}),
    "labels on the map": (alw.PoolMap, {"kind": "label", "value": 1, "relabel": False, "rows": [7, 60, 61]}),
    "labels on the map that are then undone": (
        alw.PoolMap,
        {"kind": "label", "value": 1, "relabel": True, "rows": [7, 60, 61]},
        {"kind": "undo", "target": ID},
    ),
    "labels on the map, of which one was undone before": (
        alw.PoolMap,
        {"kind": "label", "value": 1, "relabel": False, "rows": [7, 60]},
        "undone elsewhere",
    ),
    "questions from the map": (alw.PoolMap, {"kind": "enqueue", "rows": [62, 60]}, {"kind": "enqueue", "rows": [63]}),
    "only questions from the map": (
        alw.PoolMap,
        {"kind": "ask_only", "rows": [62]},
        {"kind": "ask_only", "rows": None},
    ),
    "a question that has a label": (alw.PoolMap, {"kind": "enqueue", "rows": [7]}, "undone elsewhere"),
    "a price": (
        alw.StoppingPanel,
        {"kind": "adjust", "settings": {"cost_per_label": 0.5}},
        {"kind": "adjust", "settings": {"cost_per_label": 0.25}},
    ),
    "a price that was so before": (
        alw.StoppingPanel,
        {"kind": "adjust", "settings": {"cost_per_label": 0}},
        {"kind": "adjust", "settings": {"cost_per_label": 0.25}},
    ),
    "a threshold": (
        alw.StoppingPanel,
        {"kind": "adjust", "settings": {"thresholds": {"plateau": 0.5}}},
        {"kind": "adjust", "settings": {"thresholds": {"plateau": 0.25}}},
    ),
    "the rule": (
        alw.StoppingPanel,
        {"kind": "adjust", "settings": {"needs": "all"}},
        {"kind": "adjust", "settings": {"needs": "any"}},
    ),
    "a decision": (alw.StoppingPanel, {"kind": "decide", "decision": "stop", "reason": "enough"}),
}


def observed(session):
    """Return what stands."""
    return {
        "labels": session.labels[["item", "label", "via"]].values.tolist(),
        "skipped": session.review(skipped=True, wait=False)["item"].tolist(),
        "second": session.repeats[["item", "second"]].values.tolist(),
        "pending_repeats": session.pending_repeats,
        "queue": view_of(session).queue,
        "notes": session.notes,
        "flags": session.flags,
        "classes": session.classes,
        "budget": session.budget,
        "rule": session.rule.sentence,
        "decisions": session.decisions[["decision", "reason"]].values.tolist(),
    }


def said(page, widget, message, event_id):
    """Deliver a change, and return the acknowledgement."""
    return [reply for reply in page.say(widget, **message, event_id=event_id) if reply["kind"] in ("ack", "refused")]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_comes_twice_acts_once(session, page, change):
    make, message, *between = CHANGES[change]
    widget = make(session)
    first = said(page, widget, message, ID)
    assert [reply["kind"] for reply in first] == ["ack"]
    session.wait()
    for number, other in enumerate(between):
        if other == "undone elsewhere":
            assert session.undo(target="label 7") == [7]
        else:
            assert said(page, widget, other, f"other {number}")[0]["kind"] == "ack"
        session.wait()
    before, n_events = observed(session), len(session.events)
    assert said(page, widget, message, ID) == first
    session.wait()
    assert observed(session) == before
    assert len(session.events) == n_events


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_comes_again_to_another_kernel_acts_once(make_session, blobs, page, tmp_path, change):
    make, message, *_ = CHANGES[change]
    options = {"audit": 0, "batch_size": 1000, "cold_start": "random", "journal": tmp_path / "again.alw"}
    session = make_session(**options)
    for item in range(40):
        session.teach(item, str(blobs[1][item]), event_id=f"label {item}")
    session.flag(5, "smudged")
    session.retrain()
    assert said(page, make(session), message, ID)[0]["kind"] == "ack"
    session.wait()
    session.close()
    again = make_session(**options)
    before, n_events = observed(again), len(again.events)
    assert said(page, make(again), message, ID)[0]["kind"] in ("ack", "refused")
    again.wait()
    assert observed(again) == before
    assert [event.kind for event in again.events[n_events:] if event.kind not in ("asked", "trained")] == []


def test_all_changes_of_all_widgets_are_tried(session):
    tried = {(make, message["kind"]) for make, message, *_ in CHANGES.values()} | {(alw.PoolMap, "undo")}
    # Those of a team and of a pool that grew are tried on one, in tests of their own.
    widgets = [make for make in SessionControl.__subclasses__() if make not in (alw.TeamPanel, alw.DriftPanel)]
    missing = {(make, kind) for make in widgets for kind in make(session).view.CHANGES} - tried
    # The moment's own: neither changes what stands, nor is sent again.
    assert missing == {
        (alw.Labeler, "remap"),
        (alw.Labeler, "take_over"),
        (alw.Labeler, "abandon_fit"),
        (alw.Review, "take_over"),
        (alw.Review, "settle"),
        (alw.Review, "reopen"),
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (alw.Labeler, {"kind": "answer", "item": 60, "value": 1, "round": 1}),
        (alw.Review, {"kind": "label", "item": 7, "value": 0}),
        (alw.PoolMap, {"kind": "label", "value": 1, "relabel": True, "rows": [7]}),
        (alw.StoppingPanel, {"kind": "decide", "decision": "stop"}),
    ],
)
def test_a_change_that_cannot_be_written_is_to_be_sent_again_and_counts_once_it_can(
    make_session, blobs, page, monkeypatch, tmp_path, make, message
):
    session = make_session(journal=tmp_path / "full.alw")
    for item in range(40):
        session.teach(item, str(blobs[1][item]))
    session.wait()
    widget = make(session)
    session.wait()
    before = observed(session)

    def full(*records):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(session._core.log.journal, "append", full)
        (reply,) = said(page, widget, message, ID)
        assert (reply["kind"], reply["retry"]) == ("refused", True)
        assert "No space left on device" in reply["error"]
        assert observed(session) == before
    assert [said(page, widget, message, ID)[0]["kind"] for _ in range(2)] == ["ack", "ack"]
    new = [event for event in session.events if event.id.startswith(ID)]
    assert len(new) == 1


def test_labels_of_a_map_that_came_half_go_on_where_they_stopped(session, page, monkeypatch):
    widget, teach = alw.PoolMap(session), session.teach
    full = [61]

    def taught(row, *rest, **more):
        if row in full:
            raise OSError(28, "No space left on device")
        teach(row, *rest, **more)

    monkeypatch.setattr(session, "teach", taught)
    message = {"kind": "label", "value": 1, "relabel": False, "rows": [60, 61, 62]}
    (reply,) = said(page, widget, message, ID)
    assert reply["retry"]
    assert reply["error"].endswith("1 of 3 were labeled before.")
    full.clear()
    (reply,) = said(page, widget, message, ID)
    assert reply == {"kind": "ack", "event_id": ID, "text": "3 labeled as right"}
    assert view_of(session).codes[[60, 61, 62]].tolist() == [1, 1, 1]
    assert widget._undoable == {"group": ID, "n": 3}
    assert widget.undo() == [62, 61, 60]


def test_other_labels_on_a_map_under_an_id_that_is_taken_are_refused(session, page):
    widget = alw.PoolMap(session)
    message = {"kind": "label", "value": 1, "relabel": False, "rows": [60, 61]}
    said(page, widget, message, ID)
    for change in ({"rows": [60, 62]}, {"value": 0}):
        (reply,) = said(page, widget, message | change, ID)
        assert "is of something else that happened" in reply["error"]
    assert view_of(session).codes[[60, 61, 62]].tolist() == [1, 1, -1]


def test_an_undo_on_the_map_that_comes_twice_does_not_undo_what_was_given_before(session, page):
    widget = alw.PoolMap(session)
    for name, rows in (("a", [60, 61]), ("b", [62])):
        said(page, widget, {"kind": "label", "value": 1, "relabel": False, "rows": rows}, name)
    undo = {"kind": "undo", "target": widget._undoable["group"]}
    first = said(page, widget, undo, ID)
    assert first == [{"kind": "ack", "event_id": ID, "text": "1 label undone"}]
    assert said(page, widget, undo, ID) == first
    assert view_of(session).codes[[60, 61, 62]].tolist() == [1, 1, -1]
    assert widget._undoable == {"group": "a", "n": 2}


def test_an_id_that_comes_again_returns_what_it_returned(session):
    assert (
        session.enqueue([62, 7, 60], event_id="a").tolist()
        == session.enqueue([62, 7, 60], event_id="a").tolist()
        == [62, 60]
    )
    repeats = session.request_repeats(0.1, event_id="b")
    assert np.array_equal(repeats, session.request_repeats(0.1, event_id="b"))
    assert session.undo(event_id="c") == session.undo(event_id="c") == [39]


def test_a_page_knows_from_the_start_whose_changes_it_keeps(session, monkeypatch):
    opened = []

    def publish(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        if msg_type == "comm_open":
            opened.append(data["state"])

    monkeypatch.setattr(comm.DummyComm, "publish_msg", publish)
    for make in SessionControl.__subclasses__():
        opened.clear()
        make(session)
        (state,) = [state for state in opened if "_session" in state]
        assert state["_session"] == {"id": session.session_id, "saved": False, "lock_owner": ""}


def test_a_page_that_asks_whether_there_is_a_kernel_is_not_answered(session, page):
    for make in SessionControl.__subclasses__():
        # What the model says of the pool comes to a map when it is worked out.
        assert [each for each in page.say(make(session), kind="there") if each["kind"] != "predictions"] == []
