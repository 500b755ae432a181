"""Messages that no page of ours sends: none breaks a widget, and none changes a session that is not an answer."""

import json
import os

import numpy as np
import pytest
from hostile import TEXTS, UNWRITABLE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import alwidgets as alw
from alwidgets.session import view_of

#: Messages in all; FUZZ_MESSAGES=10000 for the large dose.
MESSAGES = int(os.environ.get("FUZZ_MESSAGES", "1500"))
LONGEST_ERROR = 600

texts = st.text(max_size=12) | st.sampled_from([*TEXTS, *UNWRITABLE, "\0", "a" * 101, "x" * 100_000])
numbers = st.integers() | st.floats() | st.sampled_from([2**31, 2**63, -(2**64), 10**400, 1e308, True, False])
single = st.none() | numbers | texts | st.binary(max_size=8)
nested = st.lists(single, max_size=4) | st.dictionaries(texts, single, max_size=3)
deep = st.sampled_from([5, 900]).map(lambda depth: json.loads("[" * depth + "]" * depth))
anything = single | nested | deep | st.sampled_from([[0] * 100_000, [None] * 65, {"x" * 100: [[]]}])


def near(**fields):
    """Return messages with the right names, and now and then a value that fits."""
    return st.fixed_dictionaries({}, optional={name: fits | anything for name, fits in fields.items()})


ids = st.sampled_from(["a", "b", "c", "no such answer"])
labeler_messages = near(
    kind=st.sampled_from(
        ["answer", "answer", "answer", "undo", "flag", "need", "Answer", "note", "add_class", "remap", "suggest", "why"]
    ),
    note=texts,
    name=texts,
    what=st.sampled_from(["class", "action"]),
    key=texts,
    via=st.sampled_from(["", "grid", "moon"]),
    again=st.booleans(),
    on=st.booleans(),
    suggested=st.integers(-1, 3),
    event_id=ids,
    item=st.integers(-2, 130),
    items=st.lists(st.integers(-2, 130), max_size=70),
    value=st.none() | st.integers(-1, 3),
    round=st.integers(0, 3),
    seconds=numbers,
    shown_at=numbers,
    target=ids,
)
names = st.sampled_from(["cost_per_label", "currency", "labels", "cost", "needs", "thresholds", "minutes", "self"])
panel_messages = near(
    event_id=ids | st.uuids().map(str),
    kind=st.sampled_from(["adjust", "adjust", "decide", "decide ", "need"]),
    settings=st.dictionaries(
        names | texts, anything | st.dictionaries(st.sampled_from(["plateau"]), anything), max_size=3
    ),
    decision=st.sampled_from(["stop", "go on", "Stop"]),
    reason=texts,
)
curve_messages = near(
    kind=st.sampled_from(["need_plotly", "against", "save", "baseline"]),
    against=st.sampled_from(["labels", "cost", "minutes", "money"]),
    what=st.sampled_from(["table", "pages"]),
)

fuzzed = settings(
    max_examples=MESSAGES // 3,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def said(page, widget, content):
    """Deliver a message as Jupyter does and return the replies; none holds more of it than a few lines."""
    before = len(page.sent)
    widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    replies = [reply for reply, _ in page.sent[before:]]
    for reply in replies:
        assert len(reply.get("error", "")) <= LONGEST_ERROR
        # As Jupyter writes it.
        json.dumps(reply, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return replies


def state_of(session):
    return session.events, view_of(session).queue, session.budget, session.rule.sentence, session.flags


@fuzzed
@given(content=labeler_messages | anything)
def test_the_labeler_takes_answers_and_nothing_else(fuzzed_labeler, page, content):
    labeler, n_samples = fuzzed_labeler, fuzzed_labeler.session.n_samples
    session = labeler.session
    before, known = state_of(session), len(session.events)
    replies = said(page, labeler, content)
    assert session.wait(60)
    happened = [event for event in session.events[known:] if event.kind not in ("asked", "trained", "failed")]
    if not happened:
        assert session.flags == before[-1]
        return
    for event in happened:
        # Pages are told what was written down.
        assert [reply["kind"] for reply in replies if reply["kind"] != "remarks"] == ["ack"]
        assert event.id == content["event_id"] or event.kind == "undone"
        if event.kind in ("labeled", "skipped", "flagged"):
            assert event.item == content["item"]
            assert 0 <= event.item < n_samples
            assert not isinstance(content["item"], bool)
        if event.kind == "labeled":
            assert event.label == session.classes[content["value"]]
            assert not isinstance(content["value"], bool)
    assert len(session.audit_log) >= len(session.labels)
    assert session.history is not None
    json.dumps(labeler.get_state(), default=str, ensure_ascii=False).encode("utf-8")


@pytest.fixture
def fuzzed_labeler(make_session):
    labeler = alw.Labeler(make_session(batch_size=50))
    labeler.session.wait()
    return labeler


@pytest.fixture
def fuzzed_panel(make_session):
    return alw.StoppingPanel(make_session(budget=alw.Budget(labels=50, cost_per_label=0.1)))


@fuzzed
@given(content=panel_messages | anything)
def test_the_panel_takes_settings_and_decisions_and_nothing_else(fuzzed_panel, page, content):
    session = fuzzed_panel.session
    before, known = state_of(session), len(session.events)
    (reply,) = said(page, fuzzed_panel, content)
    happened = session.events[known:]
    assert {event.kind for event in happened} <= {"adjusted", "decided"}
    if reply["kind"] != "ack":
        assert state_of(session) == before
    else:
        assert content["kind"] in ("adjust", "decide")
    budget = session.budget
    assert len(budget.currency) <= 40
    assert all(np.isfinite(value) for value in (budget.cost_per_label, budget.labels or 0, budget.cost or 0))
    json.dumps(fuzzed_panel.get_state(), default=str, ensure_ascii=False).encode("utf-8")


@pytest.fixture
def fuzzed_curve(make_session, monkeypatch):
    curve = alw.LearningCurve(make_session())
    # The figure is drawn in other tests; here it would be drawn a thousand times.
    monkeypatch.setattr(curve.view, "find_baseline", lambda: None)
    return curve


@fuzzed
@given(content=curve_messages | anything)
def test_the_curve_changes_nothing_whatever_it_is_told(fuzzed_curve, page, content):
    before = state_of(fuzzed_curve.session)
    said(page, fuzzed_curve, content)
    assert state_of(fuzzed_curve.session) == before
    assert fuzzed_curve._against in ("labels", "cost", "minutes")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"kind": "need", "items": [0] * 65}, "items has 65 rows; expected a list of at most 64 rows at once."),
        ({"kind": "undo", "event_id": "a", "target": "x" * 101}, "target has 101 characters; expected 1 to 100."),
        ({"kind": "answer", "event_id": "x" * 101}, "event_id has 101 characters; expected 1 to 100."),
        ({"kind": "flag", "event_id": ""}, "event_id has 0 characters; expected 1 to 100."),
        (
            {"kind": "answer", "event_id": "a", "item": "x" * 10_000, "round": 0},
            "message field item is 'xxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxx'; expected an integer.",
        ),
        (
            {"kind": "answer", "event_id": "\ud800", "item": 0, "round": 0, "value": 0},
            "event_id is '\\ud800', which has half of a surrogate pair; expected whole characters.",
        ),
    ],
)
def test_what_is_too_large_is_refused_and_echoed_shortened(make_session, page, message, expected):
    labeler = alw.Labeler(make_session())
    (reply,) = said(page, labeler, message)
    assert reply["error"] == expected


def test_a_secret_in_an_item_that_cannot_be_shown_is_not_in_its_error(make_session, page):
    def show(item):
        raise OSError(f"GET https://anna:hunter2@images/{item} failed")

    labeler = alw.Labeler(make_session(items=range(120)), render=show)
    (reply,) = page.say(labeler, kind="need", items=[3])
    assert reply["payload"]["text"] == "Row 3 cannot be shown: OSError: GET https://***@images/3 failed"
