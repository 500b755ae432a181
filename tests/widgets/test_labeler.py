import gc
import json
import sys
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import alwidgets as alw
from alwidgets.session import view_of
from alwidgets.widgets.workbench import Workbench


@pytest.fixture
def labeler(make_session):
    session = make_session()
    labeler = alw.Labeler(session)
    session.wait()
    return labeler


def answer(item, value, event_id="a", **more):
    return {"kind": "answer", "event_id": event_id, "item": item, "value": value, "round": 0} | more


def test_an_answer_is_recorded_and_acknowledged(labeler, page):
    item = labeler._queue[0]
    assert page.say(labeler, **answer(item, 1, seconds=1.5, shown_at=12.0)) == [{"kind": "ack", "event_id": "a"}]
    row = labeler.session.labels.iloc[0]
    assert (row["item"], row["label"], row["seconds"]) == (item, "right", 1.5)
    assert item not in labeler._queue
    assert labeler._recent[0] == ("a", item, 1, False)


def test_the_same_answer_twice_is_acknowledged_twice_and_counts_once(labeler, page):
    item = labeler._queue[0]
    assert page.say(labeler, **answer(item, 0)) == page.say(labeler, **answer(item, 0))
    assert len(labeler.session.labels) == 1


def test_the_queue_is_long_enough_for_answers_during_a_fit(labeler):
    assert len(labeler._queue) >= 24


def test_skip_undo_and_flag_are_messages_of_their_own(labeler, page):
    item = labeler._queue[0]
    page.say(labeler, **answer(item, None, "skip"))
    assert labeler._status["n_skipped"] == 1
    assert page.say(labeler, kind="undo", event_id="u", target="skip") == [
        {"kind": "ack", "event_id": "u", "items": [item]}
    ]
    assert labeler._queue[0] == item
    page.say(labeler, kind="flag", event_id="f", item=item)
    page.say(labeler, **answer(item, 0, "b"))
    assert labeler.session.labels["flag"].tolist() == [""]


def test_an_answer_that_was_undone_before_it_came_does_not_count(labeler, page):
    item = labeler._queue[0]
    assert page.say(labeler, kind="undo", event_id="u", target="a")[0]["items"] == []
    assert page.say(labeler, **answer(item, 0, "a")) == [{"kind": "ack", "event_id": "a"}]
    assert len(labeler.session.labels) == 0
    assert item in labeler._queue
    page.say(labeler, **answer(item, 1, "b"))
    assert labeler.session.labels["label"].tolist() == ["right"]


def test_undo_without_a_target_undoes_the_last_answer(labeler, page):
    first, second = labeler._queue[:2]
    page.say(labeler, **answer(first, 0, "a"))
    page.say(labeler, **answer(second, 0, "b"))
    assert page.say(labeler, kind="undo", event_id="u", target=None)[0]["items"] == [second]


def test_payloads_come_when_they_are_needed(labeler, page):
    item = labeler._queue[0]
    (reply,) = page.say(labeler, kind="need", items=[item])
    assert reply["item"] == item
    assert reply["payload"]["type"] == "row"


def test_an_image_travels_as_a_binary_buffer(make_session, page):
    session = make_session(items=np.zeros((120, 8, 8)))
    labeler = alw.Labeler(session)
    page.say(labeler, kind="need", items=[3])
    message, buffers = page.sent[-1]
    assert message["payload"]["mime"] == "image/png"
    assert bytes(buffers[0]).startswith(b"\x89PNG")


def test_a_broken_item_shows_its_error_and_the_others_come(make_session, page):
    def show(item):
        if item == 0:
            raise KeyError("photo")
        return str(item)

    labeler = alw.Labeler(make_session(items=range(120)), render=show)
    broken, fine = page.say(labeler, kind="need", items=[0, 1])
    assert broken["payload"] == {"type": "error", "text": "Row 0 cannot be shown: KeyError: 'photo'"}
    assert fine["payload"] == {"type": "text", "text": "1"}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (answer(10_000, 0), "item is 10000; expected a row number of X, 0 to 119."),
        (answer(0, 2), "the class is 2; expected the number of a class, 0 to 1."),
        (answer(0, "right"), "the class is 'right'; expected the number of a class, 0 to 1."),
        (answer("0", 0), "message field item is '0'; expected an integer."),
        (answer(True, 0), "message field item is True; expected an integer."),
    ],
)
def test_an_impossible_answer_is_refused_with_the_reason(labeler, page, message, expected):
    events = labeler.session.events
    assert page.say(labeler, **message) == [{"kind": "refused", "event_id": "a", "retry": False, "error": expected}]
    assert labeler.session.events == events


def test_an_answer_that_cannot_be_written_is_to_be_sent_again(make_session, page, monkeypatch, tmp_path):
    session = make_session(journal=tmp_path / "full.alw")
    labeler = alw.Labeler(session)
    session.wait()
    item = labeler._queue[0]
    with monkeypatch.context() as patch:

        def full(record):
            raise OSError(28, "No space left on device")

        patch.setattr(session._core.log.journal, "append", full)
        (reply,) = page.say(labeler, **answer(item, 0))
        assert reply["retry"]
        assert "No space left" in reply["error"]
        assert len(session.labels) == 0
    assert page.say(labeler, **answer(item, 0)) == [{"kind": "ack", "event_id": "a"}]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=anything
    | st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["answer", "undo", "flag", "need", "x"]),
            "event_id": anything,
            "item": st.integers(-3, -1) | st.text(),
            "items": anything,
        }
    )
)
def test_no_message_can_break_a_session(labeler, page, content):
    labels = len(labeler.session.labels)
    labeler._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    assert len(labeler.session.labels) == labels
    json.dumps(labeler._status)


def test_no_trait_holds_what_a_sample_says(make_session, page):
    labeler = alw.Labeler(make_session(items=[f"secret {i}" for i in range(120)]))
    page.say(labeler, kind="need", items=labeler._queue)
    assert "secret" not in json.dumps(labeler.get_state(), default=str)


def test_the_header_shows_money_only_where_there_is_a_price(make_session):
    priced = alw.Labeler(make_session(budget=alw.Budget(labels=10, cost_per_label=0.5, currency="EUR")))
    assert priced._status["cost"] == "0.00 EUR"
    assert alw.Labeler(make_session())._status["cost"] == ""


def test_the_budget_is_said_to_be_spent_and_labeling_goes_on(make_session, page):
    session = make_session(budget=2)
    labeler = alw.Labeler(session)
    session.wait()
    for k in range(3):
        page.say(labeler, **answer(view_of(session).queue[0], 0, str(k)))
    assert labeler._status["advice"] == "You may stop: budget (3 of 2 labels spent)."


def test_closing_the_session_closes_its_widgets(make_session):
    session = make_session()
    workbench = Workbench(session)
    session.close()
    assert workbench.labeler.comm is None
    assert workbench.comm is None


def test_the_curve_is_redrawn_after_each_round_and_only_then(make_session, blobs):
    session = make_session()
    curve = alw.LearningCurve(session)
    assert (curve._measured, curve._figure) == (False, {})
    assert "4 more labels of two classes" in curve._caption
    changes = []
    curve.observe(lambda change: changes.append(len(change["new"]["data"][1]["x"])), "_figure")
    session.run(blobs[1], 4)
    session.run(blobs[1], 2)
    session.run(blobs[1], 2)
    assert changes == [1, 2]
    assert "measured on 24 held-out samples" in curve._caption


def test_plotly_is_sent_when_the_page_asks_for_it(make_session, page):
    curve = alw.LearningCurve(make_session())
    page.say(curve, kind="need_plotly")
    assert b"plotly.js" in bytes(page.sent[-1][1][0])[:100]


def test_the_panel_shows_the_verdict_and_every_criterion(make_session, blobs):
    session = make_session(budget=4)
    panel = alw.StoppingPanel(session)
    assert panel._advice["stop"] is False
    session.run(blobs[1], 4)
    assert panel._advice["sentence"] == "You may stop: budget (4 of 4 labels spent)."
    assert [row["name"] for row in panel._advice["rows"]] == [
        "budget",
        "marginal_gain",
        "plateau",
        "stabilizing_predictions",
    ]


def test_a_session_shows_as_one_workbench_with_a_summary_for_dead_kernels(make_session):
    session = make_session(classes=["left", "right", "<b>odd</b>"])
    data, metadata = session._repr_mimebundle_()
    assert metadata == {}
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "&lt;b&gt;odd" in data["text/html"]
    assert alw.Workbench.of(session) is alw.Workbench.of(session)


def test_in_colab_a_session_names_the_manager_that_draws_it(make_session, monkeypatch):
    session = make_session()
    url = "https://example.com/manager.js"
    output = SimpleNamespace(enable_custom_widget_manager=lambda: None, _widgets=SimpleNamespace(_installed_url=url))
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    data, metadata = session._repr_mimebundle_()
    (mime,) = metadata
    assert mime in data
    assert metadata[mime]["colab"]["custom_widget_manager"]["url"] == url


def test_the_page_is_told_which_questions_were_chosen_to_be_asked_alone_and_since_when(labeler, page, blobs):
    session = labeler.session.run(blobs[1], 8)
    session.wait()
    assert labeler._only == {"since": 0, "items": []}
    page.say(labeler, kind="ask_only", event_id="o", rows=list(range(60, 90)))
    session.wait()
    told = labeler._only
    assert session.events[told["since"] - 1].id == "o"
    assert len(told["items"]) > 20
    assert told["items"] == [row for row in labeler._queue if 60 <= row < 90]
    page.say(labeler, kind="ask_only", event_id="all", rows=None)
    assert labeler._only["items"] == []
    assert labeler._only["since"] > told["since"]


def test_questions_that_a_new_model_ranks_lower_are_told_from_those_answered(make_session, blobs):
    session = make_session()
    labeler = alw.Labeler(session)
    session.wait()
    asked = labeler._queue
    session.run(blobs[1], 8)
    gone = set(asked) - set(labeler._queue)
    answered = set(session.labels["item"])
    assert set(labeler._withdrawn) & gone == gone - answered
    assert not set(labeler._withdrawn) & answered


@pytest.mark.parametrize("kind", [alw.Labeler, alw.LearningCurve, alw.StoppingPanel, alw.Review, alw.PoolMap])
def test_a_refresh_that_fails_is_told_and_the_next_change_tries_again(make_session, monkeypatch, kind):
    session = make_session()
    widget = kind(session)

    def broken():
        raise RuntimeError("no such column")

    with monkeypatch.context() as patch:
        patch.setattr(widget, "refresh", broken)
        session.teach(0, "left")
        assert widget._stale.startswith("Bringing this up to date failed: RuntimeError: no such column")
        assert widget._stale.endswith("Answers are kept, and the next change tries again.")
    session.teach(1, "left")
    assert widget._stale == ""


def test_a_curve_that_could_not_be_drawn_is_drawn_with_the_next_change(make_session, blobs, monkeypatch):
    session = make_session()
    curve = alw.LearningCurve(session)

    def broken(*args, **kwargs):
        raise RuntimeError("no figure")

    with monkeypatch.context() as patch:
        patch.setattr("alwidgets.views.learning_curve.learning_curve", broken)
        session.run(blobs[1], 4)
    assert curve._figure == {}
    assert "no figure" in curve._stale
    session.teach(0, "left")
    assert len(curve._figure["data"][1]["x"]) == 1
    assert curve._stale == ""


@pytest.mark.parametrize("kind", [alw.Labeler, alw.LearningCurve, alw.StoppingPanel, alw.Workbench])
def test_a_widget_on_anything_but_a_session_is_refused(kind):
    with pytest.raises(TypeError, match="session is an int; expected a Session"):
        kind(3)


def test_a_workbench_is_freed_with_its_session(make_session):
    session = make_session()
    workbench = alw.Workbench.of(session)
    forgotten = weakref.ref(workbench)
    workbench.close()
    del workbench
    gc.collect()
    assert forgotten() is None
    assert alw.Workbench.of(session).comm is not None


def test_an_answer_to_an_item_that_was_labeled_elsewhere_is_kept_as_a_second_one_and_said(labeler, page):
    item, known = labeler._queue[0], labeler._status["n_events"]
    assert page.say(labeler, **answer(item, 0, "tab 1", as_of=known)) == [{"kind": "ack", "event_id": "tab 1"}]
    (reply,) = page.say(labeler, **answer(item, 1, "tab 2", as_of=known))
    assert reply["kind"] == "ack"
    assert reply["notice"].startswith(f"Row {item} had been labeled elsewhere; that label stays")
    assert labeler.session.labels["label"].tolist() == ["left"]
    assert labeler.session.repeats[["item", "second"]].values.tolist() == [[item, "right"]]
    # What the page learned since, it may change.
    page.say(labeler, **answer(item, 1, "changed", as_of=labeler._status["n_events"]))
    assert labeler.session.labels["label"].tolist() == ["right"]


def test_repeats_come_between_questions_however_slowly_they_are_answered(make_session):
    session = make_session(audit=0, task=alw.Task(repeats=0.2))
    labeler, seen = alw.Labeler(session), []
    for i in range(60):
        session.query()
        item = labeler._queue[0]
        seen.append(item in labeler._repeats)
        if seen[-1]:
            session.answer_repeat(item, session.labels.set_index("item").loc[item, "label"])
        else:
            session.teach(item, "left" if i % 2 else "right")
    assert sum(seen) >= 5
    places = np.flatnonzero(seen)
    assert set(np.diff(places).tolist()) <= {4, 8, 12}
