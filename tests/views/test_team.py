"""The card of each person of a team: their own questions, and nothing that others said before they have answered."""

import pytest

import alwidgets as alw
from alwidgets.session import view_of
from alwidgets.views.labeling import LabelingView

PEOPLE = ["a1", "a2", "a3"]


@pytest.fixture
def session(make_session):
    team = alw.Team(PEOPLE, experts=["e1"], answers=1, gold={5: "left"}, gold_share=0.1)
    return make_session(team=team, audit=0, task=alw.Task(suggest="on demand"))


@pytest.fixture
def pages(open_page, session):
    made = {name: open_page(LabelingView, session, annotator=name) for name in [*PEOPLE, "e1"]}
    session.wait()
    return made


def answer(item, value, event_id, **more):
    return {
        "kind": "answer", "item": item, "value": value, "event_id": event_id, "annotator": None, "round": 0, **more
    }  # fmt: skip


def test_each_page_has_questions_of_its_own_and_fills_up_after_an_answer(pages):
    queues = [pages[name].shown["queue"] for name in PEOPLE]
    assert [len(queue) for queue in queues] == [6, 6, 6]
    assert len({item for queue in queues for item in queue}) == 18
    first = queues[0][0]
    assert pages["a1"].reply(answer(first, 0, "one"))["kind"] == "ack"
    assert pages["a1"].shown["queue"][:5] == queues[0][1:]
    assert len(pages["a1"].shown["queue"]) == 6
    assert pages["a2"].shown["queue"] == queues[1]


def test_a_grid_of_samples_has_questions_of_its_own_too(pages, session):
    held = pages["a2"].shown["queue"]
    pages["a1"].say({"kind": "ahead", "n": 20})
    session.wait()
    queue = pages["a1"].shown["queue"]
    assert len(set(queue)) == 20
    assert not set(queue) & set(held)
    assert pages["a2"].shown["queue"] == held


def test_a_card_of_nobody_shows_what_is_pending_and_its_answers_are_refused_with_a_reason(open_page, session):
    page = open_page(LabelingView, session)
    refused = page.reply(answer(3, 0, "one"))
    assert "annotator is None; expected who of the team answers: a1, a2, a3, e1" in refused["error"]
    assert session.answers.empty


def test_what_a_page_sends_is_its_own_and_a_message_that_names_another_is_refused(pages, session):
    item = pages["a1"].shown["queue"][0]
    refused = pages["a1"].reply(answer(item, 0, "one") | {"annotator": "a2"})
    assert refused["error"] == "annotator is 'a2'; expected 'a1', whose page it is, or no name."
    assert session.answers["annotator"].tolist() == []
    pages["a1"].reply(answer(item, 0, "one"))
    assert session.answers["annotator"].tolist() == ["a1"]
    refused = pages["a2"].reply({"kind": "undo", "target": "one", "event_id": "two", "annotator": "a2"})
    assert "the answer to item" in refused["error"]
    assert pages["a1"].reply({"kind": "undo", "target": None, "event_id": "three", "annotator": None})["items"] == [
        item
    ]


def test_the_strip_the_notes_and_the_flags_of_others_are_hidden_until_ones_own_answer(pages, session):
    session.teach(3, "left", annotator="a1")
    session.note(3, "clearly left", annotator="a1")
    session.flag(3, "ask", annotator="a1")
    assert [row[1] for row in pages["a1"].shown["recent"]] == [3]
    assert pages["a1"].shown["flagged"] == pages["e1"].shown["flagged"] == [3]
    assert pages["a2"].shown["recent"] == []
    assert pages["a2"].shown["flagged"] == []
    (sample,) = pages["a2"].say({"kind": "need", "items": [3]})
    assert sample["remark"] == ("", "")
    session.teach(3, "left", annotator="a2")
    assert pages["a2"].shown["flagged"] == [3]
    (sample,) = pages["a2"].say({"kind": "need", "items": [3]})
    assert sample["remark"] == ("clearly left", "ask")


def test_ones_own_note_is_seen_before_ones_own_answer(pages, session):
    session.note(4, "come back", annotator="a2")
    remarks = view_of(session).remarks
    assert remarks("a2") == remarks("e1") == remarks(None) == {4: ("come back", "")}
    assert remarks("a1") == {}


def test_gold_is_not_told_from_what_measures(pages, session, blobs):
    for item in range(10, 22):
        session.teach(item, str(blobs[1][item]), annotator="a1")
    session.retrain()
    (reply,) = pages["a1"].say({"kind": "suggest", "item": 5})
    assert reply["text"] == "No suggestion for this sample: some have none, so that scores stay honest."


def test_what_another_answered_is_asked_without_what_the_model_learned_of_it(pages, session, blobs):
    for item in range(10, 22):
        session.teach(item, str(blobs[1][item]), annotator="a1")
    session.retrain()
    for name, blind in (("a1", False), ("a2", True)):
        for kind in ("suggest", "why"):
            (reply,) = pages[name].say({"kind": kind, "item": 12})
            assert ("scores stay honest" in reply["text"]) == blind
        (reply,) = pages[name].say({"kind": "why", "item": 40})
        assert reply["text"].startswith("why: ")


def test_a_repeat_is_before_who_gave_the_first_answer(pages, session):
    session.teach(3, "left", annotator="a1")
    session.request_repeats([3])
    assert pages["a1"].shown["repeats"] == [3]
    assert pages["a2"].shown["repeats"] == []


def test_a_page_that_is_closed_frees_its_questions_and_one_that_lives_keeps_them(pages, session):
    held, model = pages["a1"].shown["queue"], view_of(session)
    assert model.renew("a1") == held
    model.release("a1")
    assert not [lease for lease in session.team.active if lease.annotator == "a1"]


def test_there_is_nothing_left_for_who_has_answered_all(make_session, open_page):
    session = make_session(team=alw.Team(["a1", "a2"], answers=2), audit=0, X=[[0.0], [1.0]], test=None)
    pages = {name: open_page(LabelingView, session, annotator=name) for name in ("a1", "a2")}
    for item, label in ((0, "left"), (1, "right")):
        session.teach(item, label, annotator="a1")
    assert pages["a1"].shown["status"]["exhausted"]
    assert not pages["a2"].shown["status"]["exhausted"]
    assert sorted(pages["a2"].shown["queue"]) == [0, 1]
