import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import alwidgets as alw
from alwidgets.stopping import Budget, any_of
from alwidgets.widgets.stopping_panel import StoppingPanel


@pytest.fixture
def panel(make_session, blobs):
    return StoppingPanel(make_session(budget=20).run(blobs[1], 12))


def change(page, panel, event_id, **message):
    """Deliver a change as the page does, and return the reply."""
    (reply,) = page.say(panel, **message, event_id=event_id)
    return reply


def done(event_id):
    return {"kind": "ack", "event_id": event_id}


def test_the_panel_shows_the_advice_every_criterion_and_the_prices(panel):
    shown = panel._advice
    assert (shown["stop"], shown["sentence"]) == (False, panel.session.advice.sentence)
    assert shown["rule"] == "any of: budget, marginal_gain, plateau, stabilizing_predictions"
    assert (shown["needs"], shown["n_criteria"]) == ("any", 4)
    budget, _, plateau, _ = shown["rows"]
    assert (budget["name"], budget["value"], budget["threshold"], budget["fired"]) == ("budget", 0.6, 1.0, False)
    assert len(budget["values"]) == 4
    assert budget["limits"] == [{"setting": "labels", "spent": 12, "limit": 20, "unit": "labels"}]
    assert plateau["limits"] is None
    assert plateau["value"] is None
    assert shown["prices"] == {
        "cost_per_label": 0.0, "cost_per_hour": 0.0, "currency": "", "n_predictions": None, "cost_per_error": 0.0,
        "labels": 20, "cost": None, "minutes": None,
    }  # fmt: skip
    assert shown["decided"] == ""
    json.dumps(shown, allow_nan=False)


def test_the_panel_follows_every_answer(panel, blobs):
    item = int(panel.session.query()[0])
    panel.session.teach(item, blobs[1][item])
    assert panel._advice["rows"][0]["value"] == 0.65


def test_a_criterion_without_a_threshold_cannot_be_edited(make_session):
    def mine(history):
        return alw.Reading("mine", 1.0, None, fired=True, why="because")

    (row,) = StoppingPanel(make_session(stop=mine))._advice["rows"]
    assert (row["editable"], row["fired"], row["why"], row["to_go"]) == (False, True, "because", None)


def test_prices_thresholds_and_needs_are_set_by_messages(panel, page):
    session = panel.session
    prices = {"cost_per_label": 0.15, "currency": "EUR"}
    for name, changes in (("a", prices), ("b", {"thresholds": {"budget": 0.5}}), ("c", {"needs": "all"})):
        assert change(page, panel, name, kind="adjust", settings=changes) == done(name)
    assert (session.budget.cost_per_label, session.budget.currency, session.rule.needs) == (0.15, "EUR", "all")
    assert panel._advice["rows"][0]["fired"]
    assert panel._advice["prices"]["cost_per_label"] == 0.15
    assert panel._advice["rule"] == "all of: budget, marginal_gain, plateau, stabilizing_predictions"
    assert change(page, panel, "d", kind="adjust", settings={"labels": None}) == done("d")
    assert session.budget.labels is None


def test_a_decision_is_recorded_and_shown(panel, page):
    assert change(page, panel, "a", kind="decide", decision="stop", reason="good <b>enough</b>") == done("a")
    assert panel._advice["decided"] == "Decided at 12 labels: stop. good <b>enough</b>"
    assert change(page, panel, "b", kind="decide", decision="go on") == done("b")
    assert panel._advice["decided"] == "Decided at 12 labels: go on."
    assert panel.session.decisions["reason"].tolist() == ["good <b>enough</b>", ""]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({}, "message field kind is None; expected a text."),
        ({"kind": "stop"}, "message kind is 'stop'; expected one of ['adjust', 'decide', 'save_labels', 'there']."),
        ({"kind": "adjust", "event_id": 5}, "message field event_id is 5; expected a text."),
        ({"kind": "adjust"}, "message field settings is None; expected an object."),
        ({"kind": "adjust", "settings": ["labels"]}, "message field settings is ['labels']; expected an object."),
        ({"kind": "adjust", "settings": {"labels": [5]}}, "settings is {'labels': [5]}; expected names with a value"),
        ({"kind": "adjust", "settings": {"password": 1}}, "there is no setting 'password'"),
        ({"kind": "adjust", "settings": {"labels": -1}}, "budget labels is -1; expected a number above 0"),
        ({"kind": "adjust", "settings": {"labels": 1.5}}, "budget labels is 1.5; expected a whole number"),
        ({"kind": "adjust", "settings": {"labels": "many"}}, "budget labels is 'many'"),
        ({"kind": "adjust", "settings": {"cost_per_label": None}}, "cost_per_label is None"),
        ({"kind": "adjust", "settings": {"cost_per_label": math.inf}}, "cost_per_label is inf"),
        ({"kind": "adjust", "settings": {"cost_per_label": 10**400}}, "cost_per_label is 1000"),
        ({"kind": "adjust", "settings": {"cost_per_error": True}}, "cost_per_error is True"),
        ({"kind": "adjust", "settings": {"currency": 5}}, "currency is 5; expected a str"),
        (
            {"kind": "adjust", "settings": {"currency": "E" * 1000}},
            "message has",
        ),
        (
            {"kind": "adjust", "settings": {"thresholds": {"plateau": None}}},
            "threshold of plateau is None; expected a number",
        ),
        ({"kind": "adjust", "settings": {"thresholds": {"plateau": math.nan}}}, "threshold of plateau is nan"),
        ({"kind": "adjust", "settings": {"thresholds": {"target": 0.5}}}, "there is no setting 'target'"),
        ({"kind": "adjust", "settings": {"thresholds": 5}}, "settings is {'thresholds': 5}; expected names"),
        ({"kind": "adjust", "settings": {"needs": 9}}, "needs is 9; expected 'any', 'all' or a number of criteria"),
        ({"kind": "decide", "decision": "perhaps"}, "decision is 'perhaps'; expected one of ['stop', 'go on']."),
        ({"kind": "decide"}, "decision is None"),
        ({"kind": "decide", "decision": "stop", "reason": 5}, "reason is 5; expected a str."),
        ({"kind": "decide", "decision": "stop", "reason": "x" * 1000}, "message has 1069 characters"),
    ],
)
def test_a_wrong_message_is_refused_with_the_reason_and_changes_nothing(panel, page, message, error):
    session = panel.session
    before = session.events, session.budget, session.rule, panel._advice
    (reply,) = page.say(panel, **{"event_id": "a"} | message)
    assert reply["kind"] in ("refused", "problem")
    assert reply["error"].startswith(error)
    assert (session.events, session.budget, session.rule, panel._advice) == before


def test_a_setting_that_cannot_be_written_is_refused(make_session, page, monkeypatch, tmp_path):
    session = make_session(journal=tmp_path / "full.alw")
    panel = StoppingPanel(session)

    def full(record):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(session._core.log.journal, "append", full)
        reply = change(page, panel, "a", kind="adjust", settings={"labels": 5})
    assert (reply["kind"], reply["retry"]) == ("refused", True)
    assert "No space left" in reply["error"]
    assert session.budget.labels is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=anything
    | st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["adjust", "decide", "x"]),
            "event_id": st.uuids().map(str) | anything,
            "decision": anything,
            "settings": anything
            | st.dictionaries(
                st.sampled_from(["cost_per_label", "labels", "currency", "needs", "thresholds"]), anything
            ),
        }
    )
)
def test_no_message_can_break_a_panel(panel, content):
    panel._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    json.dumps(panel._advice, allow_nan=False)
    assert panel.session.advice.sentence


def test_the_labels_to_go_and_the_round_since_which_it_would_have_fired_are_shown(make_session, blobs, page):
    session = make_session(budget=Budget(labels=40), stop=any_of("budget", "target"), batch_size=4)
    panel = StoppingPanel(session.run(blobs[1], 24))
    budget, target = panel._advice["rows"]
    assert budget["to_go"] == pytest.approx([16, 16, 16])
    change(page, panel, "a", kind="adjust", settings={"thresholds": {"target": 0.01}})
    target = panel._advice["rows"][1]
    assert (target["fired"], target["to_go"], target["since"]) == (True, None, 1)


def test_the_panel_of_a_closed_session_is_closed_with_it(panel):
    panel.session.close()
    assert panel.comm is None
