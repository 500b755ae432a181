"""The card of each person of a team: their own questions, and nothing that others said before they have answered."""

import pytest

import alwidgets as alw
from alwidgets.session import view_of
from alwidgets.views.labeling import LabelingView
from alwidgets.views.review import ReviewView

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


@pytest.mark.parametrize("view", [LabelingView, ReviewView])
def test_a_page_of_nobody_says_whose_it_could_be_and_offers_no_answers(open_page, session, view):
    page = open_page(view, session)
    status = page.shown["status"]
    words = status["waits"] if view is LabelingView else status["nobodys"]
    assert "this is the page of none of them, so it takes no answers. Pass annotator= with one of the team" in words
    assert "(a1, a2, a3, e1), or give each a link with session.serve()" in words
    assert not {"answer", "label", "skip", "undo"} & set(page.view.offered)
    assert set(open_page(view, session, annotator="e1").view.offered) == set(view.CHANGES)
    assert not open_page(view, session, annotator="e1").view.nobodys


def test_a_session_of_one_of_a_team_has_the_card_of_that_person(open_page, make_session):
    session = make_session(team=alw.Team(PEOPLE), annotator="a1", audit=0)
    page = open_page(LabelingView, session)
    session.wait()
    assert len(page.shown["queue"]) == 6
    assert (page.shown["status"]["waits"], page.view.offered) == ("", sorted(LabelingView.CHANGES))


def test_an_expert_is_told_that_nothing_is_disputed_until_something_is(pages, session):
    assert pages["e1"].shown["queue"] == []
    assert pages["e1"].shown["status"]["waits"].startswith("Nothing is disputed now. What the team cannot agree on")
    assert pages["a1"].shown["status"]["waits"] == ""
    for name, label in zip(PEOPLE, ["left", "right", None], strict=True):
        session.skip(7, unsure=True, annotator=name) if label is None else session.teach(7, label, annotator=name)
    assert pages["e1"].shown["queue"] == [7]


def test_a_card_of_nobody_shows_no_questions_and_its_answers_are_refused_with_a_reason(open_page, session):
    page = open_page(LabelingView, session)
    session.wait()
    assert page.shown["queue"] == []
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


def test_scripts_and_other_tools_are_told_no_more_than_the_card(pages, session, blobs):
    for item in range(10, 22):
        session.teach(item, str(blobs[1][item]), annotator="a1")
    session.retrain()
    # Item 12 is known to who answered it and to experts, gold to nobody.
    for item, names in ((12, ["a1", "e1"]), (5, []), (40, ["a1", "a2", "e1", None])):
        for name in ("a1", "a2", "e1", None):
            told = session.suggestion(item, annotator=name)
            assert (told is not None) == (name in names)
            if told is None:
                with pytest.raises(ValueError, match=f"item {item} is kept blind"):
                    session.explain(item, annotator=name)
            else:
                assert str(session.explain(item, annotator=name))
    assert [each.item for each in view_of(session).suggestions([12, 5, 40])] == [40]
    with pytest.raises(ValueError, match="annotator is 'zz'; expected one of the team"):
        session.suggestion(40, annotator="zz")


def test_who_has_answered_is_told_what_the_model_says_also_when_others_have_too(pages, session, blobs):
    for item in range(10, 22):
        for name in ("a1", "a2"):
            session.teach(item, str(blobs[1][item]), annotator=name)
    session.retrain()
    for name, blind in (("a2", False), ("a3", True)):
        (reply,) = pages[name].say({"kind": "suggest", "item": 12})
        assert ("scores stay honest" in reply["text"]) == blind
        assert (session.suggestion(12, annotator=name) is None) == blind


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
