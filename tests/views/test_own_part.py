"""The header of a card tells one of several people nothing of what the others said: it counts their own answers."""

import pytest

import alwidgets as alw
from alwidgets.session import view_of
from alwidgets.views.labeling import LabelingView

PEOPLE = ["a1", "a2", "a3"]
# What a fit changes, and what happens to be counted.
OF_THE_MODEL = {"n_events", "busy", "round", "n_learned"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.alw"


@pytest.fixture
def session(make_session):
    return make_session(team=alw.Team(PEOPLE, experts=["e1"], answers=2), audit=0, budget=50, retrain_every="manual")


@pytest.fixture
def pages(open_page, session):
    made = {name: open_page(LabelingView, session, annotator=name) for name in [*PEOPLE, "e1"]}
    session.wait()
    return made


def said(page):
    return {name: value for name, value in page.shown["status"].items() if name not in OF_THE_MODEL}


def counted(page):
    status = page.shown["status"]
    return status["n_labeled"], status["n_skipped"], status["counts"]


def test_what_others_say_of_an_item_changes_nothing_on_the_card_of_who_has_it_open(pages, session):
    before = said(pages["a3"])
    item = pages["a3"].shown["queue"][0]
    session.teach(item, "left", annotator="a1")
    session.teach(item, "left", annotator="a2")
    assert session.progress.class_counts == (1, 0)
    session.teach(50, "right", annotator="a1")
    session.skip(51, annotator="a2")
    assert said(pages["a3"]) == before
    # Experts know all.
    assert counted(pages["e1"]) == (2, 0, [1, 1])
    assert pages["e1"].shown["status"]["budget"] == 50


def test_the_card_counts_ones_own_last_answers(pages, session):
    session.teach(3, "left", annotator="a1")
    session.teach(4, "right", annotator="a1")
    session.skip(5, annotator="a1")
    session.teach(3, "right", annotator="a2")
    assert counted(pages["a1"]) == (2, 1, [1, 1])
    assert counted(pages["a2"]) == (1, 0, [0, 1])
    session.teach(3, "right", annotator="a1")
    assert counted(pages["a1"]) == (2, 1, [0, 2])
    session.undo(annotator="a1")
    session.undo(annotator="a1")
    assert counted(pages["a1"]) == (2, 0, [1, 1])
    session.add_class("middle")
    session.teach(6, "middle", annotator="a1")
    assert counted(pages["a1"]) == (3, 0, [1, 1, 1])


def test_they_are_counted_anew_after_a_rollback_and_in_a_journal_that_is_opened(make_session, open_page, blobs, path):
    team = alw.Team(PEOPLE, answers=1)
    session = make_session(team=team, audit=0, journal=path, retrain_every="manual")
    page = open_page(LabelingView, session, annotator="a1")
    for item in range(8):
        session.teach(item, str(blobs[1][item]), annotator="a1" if item % 2 else "a2")
    session.retrain()
    session.teach(30, "left", annotator="a1")
    assert counted(page)[0] == 5
    session.rollback(1)
    assert counted(page)[0] == 4
    session.rollback(None)
    assert counted(page)[0] == 5
    shown = counted(page)
    session.close()
    assert counted(open_page(LabelingView, make_session(team=team, audit=0, journal=path), annotator="a1")) == shown


def test_people_who_share_a_session_without_being_a_team_see_their_own_counts_too(make_session, open_page):
    session = make_session(audit=0, retrain_every="manual")
    ann, nobody = open_page(LabelingView, session, annotator="ann"), open_page(LabelingView, session)
    session.teach(3, "left", annotator="bob")
    # Who labels alone, under whatever name, sees the session.
    assert counted(ann) == counted(nobody) == (1, 0, [1, 0])
    eve = open_page(LabelingView, session, annotator="eve")
    end = view_of(session).share(3, {"eve"})
    session.teach(4, "right", annotator="ann")
    assert counted(ann) == (1, 0, [0, 1])
    assert counted(nobody) == counted(eve) == (2, 0, [1, 1])
    end()


def test_an_expert_of_a_class_s_search_alone_is_told_what_was_found(make_session, open_page):
    team = alw.Team(PEOPLE, experts=["e1"], answers=1)
    session = make_session(team=team, audit=0, find="left", test=None, scoring=None)
    pages = {name: open_page(LabelingView, session, annotator=name) for name in ("a2", "e1")}
    session.teach(3, "left", annotator="a1")
    assert "1" in pages["e1"].shown["status"]["advice"]
    assert pages["a2"].shown["status"]["advice"] == ""
