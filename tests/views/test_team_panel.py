"""The panel of a team without a widget: who does what, how well, what they dispute, and what can be decided."""

import json

import numpy as np
import pytest

import alwidgets as alw
from alwidgets.session import view_of
from alwidgets.views import sent, states
from alwidgets.views.team import TeamView
from tests.views.test_sent import fault

PEOPLE = ["ann", "bob", "cy"]


@pytest.fixture
def make_team_session(make_session):
    def make(rules=None, **changes):
        given = {"annotators": PEOPLE, "experts": ["eve"], "answers": 2, "at_most": 2} | (rules or {})
        return make_session(**{"team": alw.Team(**given), "audit": 0, "batch_size": 30, "test": None} | changes)

    return make


@pytest.fixture
def session(make_team_session):
    """Ann and bob agree on four items of five, cy answers none, and two are disputed."""
    session = make_team_session()
    for item, labels in enumerate(["ll", "rr", "lr", "ll", "rl", "rr", "ll", "rr", "ll", "rr"]):
        for name, letter in zip(PEOPLE, labels, strict=False):
            session.teach(item, {"l": "left", "r": "right"}[letter], annotator=name, seconds=3.0)
    session.note(2, "it is blurred", annotator="ann")
    return session


def look(page):
    """Ask how the team stands, and return the figures."""
    before = len(page.sent)
    page.say({"kind": "look"})
    assert page.view.wait(60)
    return page.sent[before:][-1][0]


def person(figures, name):
    return next(each for each in figures["people"] if each["name"] == name)


def reply(page, **message):
    return page.reply({"event_id": "one", "reason": "", **message})


# What is shown


def test_the_figures_are_those_of_the_sessions_own_methods(open_page, session):
    figures = look(open_page(TeamView, session))
    assert fault(figures, sent.TeamShown) is None
    json.dumps(figures, allow_nan=False)
    frame, found = session.team.annotators, session.team.agreement
    assert [each["name"] for each in figures["people"]] == frame.index.tolist()
    assert [each["n_answers"] for each in figures["people"]] == frame["n_answers"].tolist() == [10, 10, 0, 0]
    assert person(figures, "ann")["percent"] == frame.loc["ann", "percent"] == 0.8
    assert figures["second_answers"].endswith("not measured, it takes 20 items with two.")
    low, high = found.alpha_interval
    assert dict(figures["agreement"]["measures"])["Krippendorff's alpha"] == (
        f"{found.alpha:.2f} (95 % interval {low:.2f} to {high:.2f})"
    )
    assert figures["agreement"]["pairs"] == [
        {"names": ("ann", "bob"), "n_shared": 10, "percent": 0.8, "kappa": pytest.approx(found.pairs["kappa"][0])}
    ]
    assert [each["item"] for each in figures["disputes"]] == session.disputed()["item"].tolist() == [2, 4]
    assert figures["disputes"][0] == {
        "item": 2, "answers": [("ann", 0, 3.0), ("bob", 1, 3.0)], "note": "it is blurred", "flag": "",
    }  # fmt: skip


def test_what_was_not_measured_is_none_and_in_words_never_0(open_page, make_team_session):
    figures = look(open_page(TeamView, make_team_session()))
    for each in figures["people"]:
        measured = ("seconds", "pace", "percent", "quality", "quality_interval", "gold", "gold_interval", "last_active")
        assert {each[name] for name in measured} == {None}
    texts = [text for _, text in figures["agreement"]["measures"]]
    assert texts == ["not measured: no item was answered by two"] * 3
    assert figures["disputes"] == []


def test_a_session_without_a_team_says_so_and_what_makes_one(open_page, make_session):
    page = open_page(TeamView, make_session())
    figures = look(page)
    assert fault(figures, sent.TeamShown) is None
    assert figures["without"].startswith("This session has no team: one person's last answer is the label.")
    assert figures["people"] == []
    for message in ({"kind": "weigh", "of": "ann", "weight": 0.5}, {"kind": "ask_again", "of": "ann"}):
        assert "This session has no team" in reply(page, **message)["error"]
    assert "has no team" in reply(page, kind="settle", item=3, value=0)["error"]


def test_who_works_on_what_is_before_them_and_who_has_a_page_open_is_there(open_page, session):
    page, model = open_page(TeamView, session), view_of(session)
    held = session.query(3, annotator="cy").tolist()
    leave, watches = model.enter("cy"), model.enter("vic")
    figures = look(page)
    assert person(figures, "cy")["items"] == held
    assert person(figures, "cy")["n_pages"] == 1
    assert person(figures, "cy")["since"] == session.team.present[0].since
    assert figures["others"] == ["vic"]
    leave()
    watches()
    session.team.release("cy")
    figures = look(page)
    assert (person(figures, "cy")["items"], person(figures, "cy")["n_pages"], figures["others"]) == ([], 0, [])


def test_a_page_is_told_when_somebody_comes_or_goes(open_page, session):
    page = open_page(TeamView, session)
    before = page.shown["changes"]
    leave = view_of(session).enter("ann")
    assert page.shown["changes"] == before + 1
    leave()
    leave()
    assert page.shown["changes"] == before + 2
    assert not [event for event in session.events if event.kind in ("joined", "left")]


def test_many_who_ask_while_figures_are_worked_out_are_told_once_more(open_page, session, monkeypatch):
    page = open_page(TeamView, session)
    made = TeamView.figures

    def asked_meanwhile(view):
        if len(page.sent) == n_before:
            for _ in range(5):
                view._look({"kind": "look", "annotator": None})
        return made(view)

    n_before = len(page.sent)
    monkeypatch.setattr(TeamView, "figures", asked_meanwhile)
    look(page)
    assert len(page.sent) == n_before + 2


def test_that_a_function_makes_no_labels_is_told_beside_the_figures_with_the_reason(open_page, make_team_session):
    def broken(given):
        raise ArithmeticError("no majority")

    session = make_team_session({"consensus": broken})
    page = open_page(TeamView, session)
    for name in ("ann", "bob"):
        session.teach(3, "left", annotator=name)
    told = look(page)
    assert told["kind"] == "team"
    assert "by the majority, not by the function broken: " in told["consensus"]
    assert "ArithmeticError: no majority" in told["consensus"]


def test_no_name_no_label_and_no_figure_is_in_what_a_notebook_saves(open_page, session):
    page = open_page(TeamView, session)
    look(page)
    assert list(page.shown) == ["changes"]


# Below what is good enough


@pytest.fixture
def careless(make_team_session):
    """Cy is wrong on gold, ann right; nobody else was asked any."""
    session = make_team_session({"gold": dict.fromkeys(range(20), "left")})
    for item in range(20):
        session.teach(item, "left", annotator="ann")
        session.teach(item, "right" if item < 15 else "left", annotator="cy")
    return session


def test_who_is_surely_below_is_named_in_words_and_still_asked(open_page, careless):
    figures = look(open_page(TeamView, careless))
    assert [each["name"] for each in figures["people"] if each["warning"]] == ["cy"]
    assert person(figures, "cy")["warning"] == (
        "Surely below 80 %: 5 of 20 gold answers right (95 % interval 11 to 47 %). Nobody is blocked; what follows is "
        "for you to decide."
    )
    assert len(careless.query(2, annotator="cy")) == 2


@pytest.mark.parametrize("threshold", [None, 0.3])
def test_the_threshold_is_the_users(open_page, careless, threshold):
    figures = look(open_page(TeamView, careless, threshold=threshold))
    assert not any(each["warning"] for each in figures["people"])


@pytest.mark.parametrize(("threshold", "error"), [(0, ValueError), (1.5, ValueError), ("much", TypeError)])
def test_a_threshold_that_is_none_is_refused(open_page, session, threshold, error):
    with pytest.raises(error, match="threshold is"):
        open_page(TeamView, session, threshold=threshold)


def test_without_gold_it_is_the_others_that_tell(open_page, make_team_session):
    session = make_team_session({"answers": 3, "at_most": 3})
    for item in range(20):
        for name in PEOPLE:
            session.teach(item, "right" if name == "cy" else "left", annotator=name)
    warning = person(look(open_page(TeamView, session)), "cy")["warning"]
    assert warning.startswith("Surely below 80 %: 0 % of the answers are what the others amount to (95 % interval 0 to")


# What can be decided


def test_answers_are_weighed_down_and_count_again_as_before(open_page, session):
    page, before = open_page(TeamView, session), session.labels
    assert reply(page, kind="weigh", of="bob", weight=0.5, reason="hasty") == {
        "kind": "ack", "event_id": "one", "text": "answers of bob count 0.5",
    }  # fmt: skip
    assert session.labels["item"].tolist() != before["item"].tolist()
    assert person(look(page), "bob")["weight"] == 0.5
    assert reply(page, kind="weigh", of="bob", weight=1, event_id="two")["text"] == "answers of bob count as usual"
    assert session.labels.equals(before)
    assert [(each.of, each.weight, each.reason) for each in session.events if each.kind == "weight_set"] == [
        ("bob", 0.5, "hasty"), ("bob", 1.0, ""),
    ]  # fmt: skip


def test_a_weight_that_changes_no_label_is_said_to(open_page, make_team_session):
    page = open_page(TeamView, make_team_session({"consensus": max}))
    assert reply(page, kind="weigh", of="bob", weight=0.5)["text"] == (
        "answers of bob count 0.5, which changes no label by the function max: it is for the majority. "
        "0 leaves the answers out"
    )
    assert reply(page, kind="weigh", of="bob", weight=0, event_id="two")["text"] == "answers of bob count 0"


def test_what_somebody_answered_is_asked_of_one_more_person_and_as_usual_again(open_page, session):
    page, state = open_page(TeamView, session), session._core.log.state
    before = session.labels
    reply(page, kind="ask_again", of="bob", reason="hasty")
    assert state.missing == dict.fromkeys(range(10), 1)
    assert set(session.query(10, annotator="cy").tolist()) == set(range(10))
    assert person(look(page), "bob")["n_asked_again"] == 10
    reply(page, kind="ask_again", of="bob", on=False, event_id="two")
    assert session._core.log.state.missing == {}
    assert person(look(page), "bob")["n_asked_again"] == 0
    assert session.labels.equals(before)


def test_what_is_settled_or_answered_by_all_is_not_asked_again(open_page, session):
    session.settle(2, "left", annotator="eve")
    session.teach(4, "left", annotator="cy")
    assert sorted(session.team.ask_again("bob")) == [0, 1, 3, 5, 6, 7, 8, 9]
    page = open_page(TeamView, session)
    assert reply(page, kind="ask_again", of="cy")["text"].startswith("nothing is asked again: ")


def test_a_dispute_is_settled_by_an_expert_for_a_reason(open_page, session):
    page = open_page(TeamView, session)
    assert look(page)["experts"] == ["eve"]
    refused = reply(page, kind="settle", item=2, value=1, annotator="ann")
    assert "expected an expert of the team to settle: eve" in refused["error"]
    done = reply(page, kind="settle", item=2, value=1, reason="seen in color", annotator="eve")
    assert done["text"] == "row 2 settled: right"
    assert session.labels.set_index("item").loc[2, ["label", "how"]].tolist() == ["right", "settled"]
    (event,) = [each for each in session.events if each.kind == "settled"]
    assert (event.id, event.annotator, event.reason) == ("one", "eve", "seen in color")
    assert [each["item"] for each in look(page)["disputes"]] == [4]
    assert reply(page, kind="settle", item=4, value=None, annotator="eve", event_id="two")["text"] == (
        "row 4 settled: no label"
    )


def test_what_was_settled_is_opened_again_as_it_was(open_page, session):
    page, before = open_page(TeamView, session), session.labels
    reply(page, kind="settle", item=2, value=1, annotator="eve")
    done = reply(page, kind="reopen", item=2, annotator="eve", event_id="two")
    assert done["text"] == "row 2 is not settled any more"
    assert [each["item"] for each in look(page)["disputes"]] == [2, 4]
    assert session.labels.equals(before)
    known = session.events
    assert reply(page, kind="reopen", item=4, annotator="eve", event_id="three")["kind"] == "ack"
    assert session.events == known


def test_what_is_opened_again_is_so_once_however_often_it_is_sent(open_page, session):
    page = open_page(TeamView, session)
    for value, name in ((1, "one"), (0, "two")):
        reply(page, kind="settle", item=2, value=value, annotator="eve", event_id=name)
    again = {"kind": "reopen", "item": 2, "annotator": "eve", "event_id": "three"}
    done = reply(page, **again)
    assert session.labels.set_index("item").loc[2, ["label", "how"]].tolist() == ["right", "settled"]
    known = session.events
    assert reply(page, **again) == done
    assert "is of something else that happened" in reply(page, **again | {"item": 4})["error"]
    assert session.events == known


def test_on_somebodys_own_page_only_that_expert_settles(open_page, session):
    assert look(open_page(TeamView, session, annotator="eve"))["experts"] == ["eve"]
    assert look(open_page(TeamView, session, annotator="ann"))["experts"] == []


CHANGES = {
    "weigh": {"kind": "weigh", "of": "bob", "weight": 0.5},
    "ask again": {"kind": "ask_again", "of": "bob"},
    "settle": {"kind": "settle", "item": 2, "value": 0, "annotator": "eve"},
    "reopen": {"kind": "reopen", "item": 3, "annotator": "eve"},
}


@pytest.fixture
def settled(session):
    session.settle(3, "left", annotator="eve")
    return session


def test_all_changes_are_tried():
    assert {message["kind"] for message in CHANGES.values()} == set(TeamView.CHANGES)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_comes_twice_acts_once_and_is_acknowledged_alike(open_page, settled, change):
    page = open_page(TeamView, settled)
    first, known = reply(page, **CHANGES[change]), settled.events
    assert first["kind"] == "ack"
    assert reply(page, **CHANGES[change]) == first
    assert settled.events == known


@pytest.mark.parametrize(
    ("change", "other"),
    [
        ("weigh", {"kind": "weigh", "of": "bob", "weight": 1}),
        ("ask again", {"kind": "ask_again", "of": "bob", "on": False}),
        ("settle", {"kind": "reopen", "item": 2, "annotator": "eve"}),
        ("reopen", {"kind": "settle", "item": 3, "value": 1, "annotator": "eve"}),
    ],
)
def test_a_change_that_comes_again_after_another_does_not_undo_that(open_page, settled, change, other):
    page = open_page(TeamView, settled)
    reply(page, **CHANGES[change])
    assert reply(page, **other, event_id="two")["kind"] == "ack"
    known = settled.events
    assert reply(page, **CHANGES[change])["kind"] == "ack"
    assert settled.events == known


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_signed_by_whoever_makes_it(open_page, settled, change):
    page, known = open_page(TeamView, settled, annotator="eve"), len(settled.events)
    assert reply(page, **CHANGES[change])["kind"] == "ack"
    assert {event.annotator for event in settled.events[known:]} == {"eve"}
    refused = reply(page, **CHANGES[change] | {"annotator": "ann", "event_id": "two"})
    assert "whose page it is" in refused["error"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_cannot_be_written_is_to_be_sent_again(
    open_page, make_team_session, monkeypatch, tmp_path, change
):
    session = make_team_session(journal=tmp_path / "full.alw")
    for name, label in (("ann", "left"), ("bob", "right")):
        session.teach(2, label, annotator=name)
    session.settle(3, "left", annotator="eve")
    page, known = open_page(TeamView, session), len(session.events)

    def full(*records):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(session._core.log.journal, "append", full)
        assert reply(page, **CHANGES[change])["retry"] is True
    assert len(session.events) == known
    assert reply(page, **CHANGES[change])["kind"] == "ack"


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"kind": "weigh", "of": "dan", "weight": 0.5}, "annotator is 'dan'; expected one of the team"),
        ({"kind": "weigh", "of": "bob", "weight": "half"}, "weight is None; expected a number"),
        ({"kind": "weigh", "of": "bob", "weight": -1}, "weight is -1"),
        ({"kind": "weigh", "of": 3, "weight": 1}, "message field of is 3"),
        ({"kind": "weigh", "of": "bob", "weight": 1, "reason": 5}, "reason is 5"),
        ({"kind": "ask_again", "of": "dan"}, "annotator is 'dan'"),
        ({"kind": "ask_again", "of": "bob", "on": "yes"}, "message field on is 'yes'"),
        ({"kind": "settle", "item": 500, "value": 0}, "item is 500"),
        ({"kind": "settle", "item": 2, "value": 7}, "the class is 7"),
        ({"kind": "settle", "item": 2, "value": 0}, "annotator is None; expected who of the team answers"),
    ],
)
def test_a_field_that_cannot_be_is_refused_with_the_reason(open_page, session, message, error):
    page, known = open_page(TeamView, session), session.events
    refused = reply(page, **message)
    assert (refused["kind"], refused["retry"]) == ("refused", False)
    assert error in refused["error"]
    assert session.events == known


def test_the_sample_of_a_dispute_is_sent_when_it_is_wanted(open_page, session):
    (sample,) = open_page(TeamView, session).say({"kind": "need", "items": [2]})
    assert (sample["kind"], sample["item"]) == ("payload", 2)


def test_every_message_to_the_page_is_of_a_type(open_page, session):
    page = open_page(TeamView, session)
    for message in [*CHANGES.values(), {"kind": "look"}, {"kind": "need", "items": [2]}, {"kind": "nothing"}]:
        page.say({"event_id": message["kind"], **message})
    page.view.wait(60)
    assert [fault(message, sent.Sent) for message, _ in page.sent] == [None] * len(page.sent)
    assert fault(page.shown, states.FiguresState) is None


def test_labels_of_several_classes_are_shown_side_by_side_too(open_page, make_session, rng):
    session = make_session(
        team=alw.Team(["ann", "bob"], experts=["eve"]), task=alw.Task("multi"), learner=_several(), audit=0, test=None
    )
    session.teach(3, ["left"], annotator="ann")
    session.teach(3, ["left", "right"], annotator="bob")
    page = open_page(TeamView, session)
    (dispute,) = look(page)["disputes"]
    assert [value for _, value, _ in dispute["answers"]] == [[0], [0, 1]]
    assert reply(page, kind="settle", item=3, value=[0], annotator="eve")["kind"] == "ack"


def _several():
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    return OneVsRestClassifier(LogisticRegression())


def test_answers_that_a_script_gave_at_once_have_no_pace(open_page, session):
    assert person(look(open_page(TeamView, session)), "ann")["pace"] is None
    assert session.team.annotators.loc["ann", "pace"] > 300
    assert np.isnan(session.team.annotators.loc["cy", "pace"])


def test_the_worth_of_a_second_answer_is_that_of_the_session(open_page, make_team_session, blobs):
    session = make_team_session()
    for item in range(20):
        for name in PEOPLE[:2]:
            session.teach(item, str(blobs[1][item]), annotator=name)
    words = look(open_page(TeamView, session))["second_answers"]
    assert words == f"Worth of a second answer beside a new sample: {session.team.second_answers}."
    alone = make_team_session({"annotators": ["ann"], "answers": 1, "at_most": 1})
    assert look(open_page(TeamView, alone))["second_answers"] == ""
