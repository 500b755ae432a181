"""What is said on a page: in whose name, each thing once, in order, and as far as the role goes."""

import json
import threading

import pytest

from alwidgets.session import view_of


@pytest.fixture
def page(make_session, serve):
    return serve(make_session(batch_size=1000, audit=0), ["ann", "bob"], experts=["eve"], viewers=["vic"])


def decided(page):
    """Return what people have done."""
    return [event.kind for event in page.session.events if event.kind != "asked"]


def labels(page):
    return page.session.labels[["item", "label", "annotator"]].values.tolist()


def test_an_answer_is_labeled_in_the_name_of_whose_page_it_is(page, visit):
    ann, bob = visit(page.links["ann"]).open(), visit(page.links["bob"]).open()
    assert ann.label(3, 0) == {"kind": "ack", "event_id": "answer 0"} or ann.heard
    assert bob.label(4, 1)["kind"] == "ack"
    assert labels(page) == [[3, "left", "ann"], [4, "right", "bob"]]


def test_nobody_labels_in_the_name_of_another(page, visit):
    ann = visit(page.links["ann"]).open()
    assert ann.label(3, annotator="bob")["kind"] == "refused"
    assert labels(page) == []


def test_what_is_said_again_counts_once_also_on_another_page_and_after_a_restart(make_session, serve, visit, tmp_path):
    page = serve(make_session(journal=tmp_path / "spam.alw"), ["ann"])
    first = visit(page.links["ann"]).open()
    for visitor in (first, first, visit(page.links["ann"]).open()):
        assert visitor.label(3, event_id="one")["kind"] == "ack"
    page.session.close()
    page = serve(make_session(journal=tmp_path / "spam.alw"), ["ann"])
    assert visit(page.links["ann"]).open().label(3, event_id="one")["kind"] == "ack"
    assert labels(page) == [[3, "left", "ann"]]


def test_an_id_that_somebody_else_has_used_is_refused_in_words(page, visit):
    ann, bob = visit(page.links["ann"]).open(), visit(page.links["bob"]).open()
    assert ann.label(3, event_id="one")["kind"] == "ack"
    for visitor, item in ((bob, 3), (bob, 4), (ann, 4)):
        refused = visitor.label(item, event_id="one")
        assert refused["kind"] == "refused"
        assert not refused["retry"]
        assert refused["error"] == "event_id 'one' is of something else that happened; draw another one."
    assert ann.reply({"kind": "flag", "event_id": "one", "item": 3, "note": ""})["kind"] == "refused"
    assert ann.reply({"kind": "undo", "event_id": "one", "target": None})["kind"] == "refused"
    assert ann.label(3, event_id="one")["kind"] == "ack"
    assert page.session.answers[["item", "annotator"]].to_numpy().tolist() == [[3, "ann"]]


def test_samples_are_shown_when_they_are_needed(page, visit):
    ann = visit(page.links["ann"]).open()
    ann.hear_until(lambda: len(ann.states["labeler"]["_queue"]) > 1)
    items = ann.states["labeler"]["_queue"][:2]
    ann.say({"kind": "need", "items": items})
    ann.hear_until(lambda: len(ann.heard) == 2)
    assert [message["item"] for message, _ in ann.heard] == items


def test_a_picture_comes_as_bytes(make_session, serve, visit):
    import numpy as np

    page = serve(make_session(render=lambda _item: np.zeros((8, 8), np.uint8)), ["ann"])
    ann = visit(page.links["ann"]).open()
    ann.say({"kind": "need", "items": [3]})
    ann.hear_until(lambda: ann.heard)
    ((message, (picture,)),) = ann.heard
    assert message["payload"]["mime"] == "image/png"
    assert picture.startswith(b"\x89PNG")


def test_what_changes_is_told_to_everybody_and_only_that(page, visit):
    ann, bob = visit(page.links["ann"]).open(), visit(page.links["bob"]).open()
    before = dict(bob.states["labeler"])
    ann.label(3)
    known = page.session.progress.n_events
    bob.hear_until(lambda: bob.states["labeler"]["_status"]["n_events"] >= known)
    assert bob.states["labeler"]["_task"] is before["_task"]
    ann.hear_until(lambda: ann.states["labeler"]["_status"]["n_labeled"] == 1)


def test_two_pages_of_a_session_without_a_team_show_each_sample_to_one_of_them_and_it_is_answered_once(
    make_session, serve, visit
):
    page = serve(make_session(audit=0, retrain_every="manual"), ["ann", "bob"])
    people, answered = [visit(page.links[name]).open() for name in ("ann", "bob")], []

    def questions(who):
        return {*who.states["labeler"]["_queue"]} - {*answered}

    for turn in range(20):
        one, other = people[turn % 2], people[1 - turn % 2]
        # Both have something before them at once.
        one.hear_until(lambda one=one: questions(one))
        other.hear_until(lambda other=other: questions(other))
        assert not questions(one) & questions(other)
        answered.append(min(questions(one)))
        assert one.label(answered[-1])["kind"] == "ack"
    assert len(set(answered)) == 20
    assert sorted(page.session.labels["annotator"]) == ["ann"] * 10 + ["bob"] * 10
    assert len(page.session.answers) == 20
    assert not len(page.session.repeats)


def test_each_one_undoes_ones_own_answer(page, visit):
    ann, bob = visit(page.links["ann"]).open(), visit(page.links["bob"]).open()
    ann.label(3)
    bob.label(4)
    assert ann.reply({"kind": "undo", "event_id": "u", "target": None})["items"] == [3]
    assert labels(page) == [[4, "left", "bob"]]


@pytest.mark.parametrize(
    ("name", "part", "message"),
    [
        ("ann", "labeler", {"kind": "add_class", "name": "middle"}),
        ("ann", "labeler", {"kind": "remap", "what": "action", "name": "skip", "key": "x"}),
        ("ann", "labeler", {"kind": "take_over"}),
        ("ann", "labeler", {"kind": "abandon_fit"}),
        ("ann", "labeler", {"kind": "end_cold_start"}),
        ("eve", "labeler", {"kind": "take_over"}),
        ("eve", "review", {"kind": "take_over"}),
        ("vic", "stopping", {"kind": "decide", "decision": "stop", "reason": "enough"}),
        ("vic", "stopping", {"kind": "adjust", "settings": {"labels": 3}}),
        ("vic", "map", {"kind": "label", "value": 0, "rows": [3]}),
        ("vic", "map", {"kind": "enqueue", "rows": [3]}),
    ],
)
def test_what_a_role_may_not_do_is_refused_in_words(page, visit, name, part, message):
    visitor = visit(page.links[name]).open()
    before = decided(page)
    reply = visitor.reply(message | {"event_id": "one"}, part)
    assert reply["kind"] == "refused"
    assert reply["retry"] is False
    assert "This link is for a" in reply["error"]
    assert decided(page) == before


def test_a_viewer_has_no_models_fitted(page, visit):
    reply = visit(page.links["vic"]).open().reply({"kind": "baseline"}, "curve")
    assert reply["kind"] == "problem"
    assert "This link is for a viewer of the session" in reply["error"]
    assert page.session.baseline is None


def test_an_expert_adds_a_class_and_changes_what_another_answered(page, visit):
    ann, eve = visit(page.links["ann"]).open(), visit(page.links["eve"]).open()
    ann.label(3)
    assert eve.reply({"kind": "add_class", "event_id": "c", "name": "middle"})["kind"] == "ack"
    assert eve.reply({"kind": "label", "event_id": "l", "item": 3, "value": 2}, "review")["kind"] == "ack"
    assert page.session.labels.iloc[-1][["item", "label", "annotator"]].tolist() == [3, "middle", "eve"]


def test_nobody_reaches_a_part_that_is_not_theirs(page, visit):
    ann = visit(page.links["ann"]).open()
    ann.say({"kind": "label", "event_id": "l", "item": 3, "value": 0}, "review")
    assert ann.label(4)["kind"] == "ack"
    assert labels(page) == [[4, "left", "ann"]]


@pytest.mark.parametrize(
    "data",
    [
        "", "{", "null", "[]", "3", '"x"', "{}", '{"part": "labeler"}', '{"part": 3, "message": {}}', "[" * 100_000,
        b"", b"\xff", b"\xff\xff\xff\xff", b"\x02\x00\x00\x00{}", b"\x00\x00\x00\x00",
        b'\x22\x00\x00\x00{"message": null, "lengths": [-9]}',
    ],
)  # fmt: skip
def test_what_is_no_message_harms_nothing(page, visit, data):
    ann = visit(page.links["ann"]).open()
    ann.send(data)
    assert ann.label(3)["kind"] == "ack"


@pytest.mark.parametrize("message", [None, 3, "x", [], {}, {"kind": []}, {"kind": "answer"}, {"kind": "nothing"}])
def test_a_message_of_no_known_kind_is_a_problem_in_words(page, visit, message):
    ann = visit(page.links["ann"]).open()
    assert ann.reply(message)["kind"] == "problem"
    assert ann.label(3)["kind"] == "ack"


def test_messages_of_a_page_are_done_in_their_order(page, visit):
    ann = visit(page.links["ann"]).open()
    for i in range(60):
        ann.say({"kind": "answer", "event_id": f"e{i}", "item": i, "value": 0, "round": 0})
    ann.hear_until(lambda: sum(said["kind"] == "ack" for said, _ in ann.heard) == 60)
    assert [said["event_id"] for said, _ in ann.heard if said["kind"] == "ack"] == [f"e{i}" for i in range(60)]
    assert [item for item, *_ in labels(page)] == [*range(60)]


def test_a_page_that_waits_keeps_no_other_waiting(make_session, serve, visit):
    held, slow = threading.Event(), threading.Event()

    def render(item):
        if item == 3:
            slow.set()
            assert held.wait(30)
        return str(item)

    page = serve(make_session(items=range(120), render=render), ["ann", "bob"])
    ann, bob = visit(page.links["ann"]).open(), visit(page.links["bob"]).open()
    ann.say({"kind": "need", "items": [3]})
    assert slow.wait(30)
    assert bob.label(5)["kind"] == "ack"
    held.set()
    ann.hear_until(lambda: ann.heard)


def test_two_people_in_one_browser_keep_their_answers_apart(page, visit):
    ids = [visit(page.links[name]).open().states["labeler"]["_session"]["id"] for name in ("ann", "bob")]
    assert ids == [f"{page.session.session_id}/{name}" for name in ("ann", "bob")]


def test_names_of_any_letters_are_taken(make_session, serve, visit):
    name = 'Zoë: "the <b>"/\\%'
    page = serve(make_session(), [name])
    visitor = visit(page.links[name]).open()
    assert visitor.label(3)["kind"] == "ack"
    assert ":" not in visitor.states["labeler"]["_session"]["id"]
    assert labels(page)[0][2] == name


def test_a_closed_page_leaves_nothing_behind_in_the_session(page, visit):
    n_listeners = len(page.session._core.listeners._of_changes)
    for _ in range(3):
        visitor = visit(page.links["ann"]).open()
        visitor.label(3)
        visitor.close_socket()
    for thread in threading.enumerate():
        if thread.name.startswith("alwidgets-page"):
            thread.join(30)
    assert len(page.session._core.listeners._of_changes) == n_listeners
    assert page.open_pages["ann"] == 0


def test_a_state_that_cannot_be_made_is_told_and_labels_are_taken(page, visit, monkeypatch):
    ann = visit(page.links["ann"]).open()

    def broken(_view):
        raise RuntimeError("no state today")

    monkeypatch.setattr("alwidgets.views.labeling.LabelingView.refresh", broken)
    assert ann.label(3)["kind"] == "ack"
    ann.hear_until(lambda: ann.states["labeler"]["_stale"])
    assert "no state today" in ann.states["labeler"]["_stale"]
    monkeypatch.undo()
    view_of(page.session)  # what is next to change brings it up to date
    ann.label(4)
    ann.hear_until(lambda: not ann.states["labeler"]["_stale"])
    assert json.dumps(labels(page)) == '[[3, "left", "ann"], [4, "left", "ann"]]'
