"""Pages of a team: everybody has their own questions, as long as their page lives."""

import threading

import pytest

import alwidgets as alw
from alwidgets.service import server
from alwidgets.session import view_of


@pytest.fixture
def page(make_session, serve):
    team = alw.Team(["ann", "bob"], experts=["eve"], answers=1)
    return serve(make_session(team=team, batch_size=30, test=None, audit=0), viewers=["vic"])


def questions(visitor):
    visitor.hear_until(lambda: visitor.states["labeler"]["_queue"])
    return visitor.states["labeler"]["_queue"]


def test_the_team_has_links_in_its_roles(page):
    assert [(person.name, person.role) for person in page.people] == [
        ("ann", "annotator"), ("bob", "annotator"), ("eve", "expert"), ("vic", "viewer"),
    ]  # fmt: skip


def test_an_item_is_before_one_person_at_a_time(page, visit):
    ann, bob = visit(page.links["ann"]).open(), visit(page.links["bob"]).open()
    assert not set(questions(ann)) & set(questions(bob))
    for visitor in (ann, bob):
        for item in list(questions(visitor)):
            assert visitor.label(item) == {"kind": "ack", "event_id": visitor.heard[-1][0]["event_id"]}
    assert page.session.answers["late"].sum() == 0


def test_people_who_are_no_team_have_questions_of_their_own_too_and_see_their_own_last_answers(
    make_session, serve, visit, caller
):
    session = make_session(batch_size=40, test=None, audit=0)
    page = serve(session, ["ann", "bob"], experts=["eve"])
    ann, bob, eve = (visit(page.links[name]).open() for name in ("ann", "bob", "eve"))
    asked = [set(questions(each)) for each in (ann, bob, eve)]
    assert len(set.union(*asked)) == sum(map(len, asked))
    through_api = caller(page, "bob").next(3)
    assert set(through_api) <= asked[1]
    for visitor in (ann, bob):
        for item in list(questions(visitor))[:3]:
            assert visitor.label(item)["kind"] == "ack"
    assert session.progress.n_labeled == 6
    assert session.agreement.n == 0
    assert {answer[1] for answer in bob.states["labeler"]["_recent"]} <= asked[1]
    for visitor, n in ((ann, 3), (bob, 3), (eve, 6)):
        visitor.hear_until(lambda: visitor.states["labeler"]["_status"]["counts"] == [n, 0])  # noqa: B023 - called at once
    # A card in the notebook asks what is before nobody, and has all once the page is closed.
    assert not set(view_of(session).questions(None, 6)) & set.union(*(set(questions(each)) for each in (ann, bob, eve)))
    page.close()
    assert view_of(session).questions("ann", 6) == view_of(session).queue


def test_what_is_before_somebody_who_is_no_team_is_free_when_they_leave(make_session, serve, visit):
    page = serve(make_session(batch_size=40, test=None, audit=0), ["ann", "bob"])
    ann = visit(page.links["ann"]).open()
    before = set(questions(ann))
    ann.close_socket()
    while page.open_pages["ann"]:
        pass
    assert set(questions(visit(page.links["bob"]).open())) & before


def test_whoever_closes_the_page_leaves_the_questions_to_others(page, visit):
    ann = visit(page.links["ann"]).open()
    before = questions(ann)
    assert {lease.item for lease in page.session.team.active} == set(before)
    ann.close_socket()
    while page.session.team.active:
        pass
    assert set(questions(visit(page.links["bob"]).open())) & set(before)


def test_one_of_two_pages_that_is_closed_keeps_the_questions_of_the_other(page, visit):
    ann, again = visit(page.links["ann"]).open(), visit(page.links["ann"]).open()
    before = set(questions(ann))
    again.close_socket()
    ann.label(questions(ann)[0])
    assert {lease.item for lease in page.session.team.active} & before


def test_questions_stay_before_whoever_loses_the_connection(page, visit):
    ann = visit(page.links["ann"]).open()
    before = set(questions(ann))
    page.close()
    ann.hear_all()
    assert {lease.item for lease in page.session.team.active} == before


def test_a_page_that_lives_keeps_its_questions_and_one_that_is_silent_does_not(make_session, serve, visit):
    team = alw.Team(["ann", "bob"], answers=1, lease_seconds=0.5)
    page = serve(make_session(team=team, batch_size=30, test=None, audit=0))
    ann = visit(page.links["ann"]).open()
    assert questions(ann)
    before = {(lease.item, lease.attempt) for lease in page.session.team.active}
    for _ in range(20):
        # A beat of the page, and what comes of it, a turn of the session later.
        ann.send("")
        ann.reply({"kind": "nothing"})
        page.session.team.active  # noqa: B018 - lets go of what is over
        threading.Event().wait(0.05)
    assert {(lease.item, lease.attempt) for lease in page.session.team.active} == before
    while page.session.team.active:
        pass


def test_the_session_tells_who_has_a_page_open_since_when_and_its_listeners_hear_of_it(page, visit):
    told = threading.Event()
    view_of(page.session).on_change(told.set)
    ann, vic = visit(page.links["ann"]).open(), visit(page.links["vic"]).open()
    again = visit(page.links["ann"]).open()
    there = page.session.team.present
    assert [(each.name, each.n_pages) for each in there] == [("ann", 2), ("vic", 1)]
    assert there[0].since <= there[1].since
    assert page.session.team.annotators["n_pages"].tolist() == [1 + 1, 0, 0]
    for visitor in (ann, again, vic):
        told.clear()
        visitor.close_socket()
        assert told.wait(30)
    while page.session.team.present:
        pass
    assert not {event.kind for event in page.session.events} & {"joined", "left"}


def test_a_page_offers_what_its_role_may_change_and_nothing_else(page, visit):
    ann, eve, vic = (visit(page.links[name]).open() for name in ("ann", "eve", "vic"))
    assert ann.states["labeler"]["_may"] == ["answer", "flag", "note", "undo"]
    assert vic.states["stopping"]["_may"] == []
    assert {"add_class", "end_cold_start", "abandon_fit", "remap"} <= set(eve.states["labeler"]["_may"])
    assert "take_over" not in eve.states["labeler"]["_may"] + eve.look_at("review")["_may"]
    assert eve.look_at("team")["_may"] == ["ask_again", "reopen", "settle", "weigh"]
    # The last word is not the page's.
    refused = ann.reply({"kind": "end_cold_start", "event_id": "one"})
    assert "This link is for an annotator" in refused["error"]


def test_an_expert_sees_the_team_and_settles_what_it_disputes_on_a_page_of_ones_own(page, visit):
    for name, label in (("ann", "left"), ("bob", "right")):
        page.session.teach(3, label, annotator=name)
    eve = visit(page.links["eve"]).open()
    eve.say({"kind": "look"}, "team")
    eve.hear_until(lambda: any(said["kind"] == "team" for said, _ in eve.heard))
    (figures,) = [said for said, _ in eve.heard if said["kind"] == "team"]
    assert [each["name"] for each in figures["people"]] == ["ann", "bob", "eve"]
    assert figures["experts"] == ["eve"]
    assert (
        eve.reply({"kind": "settle", "item": 3, "value": 0, "reason": "", "event_id": "one"}, "team")["kind"] == "ack"
    )
    assert page.session.labels["how"].tolist() == ["settled"]


def test_without_a_team_there_is_no_part_for_one(make_session, serve, visit):
    page = serve(make_session(), experts=["eve"])
    parts = [part["name"] for part in visit(page.links["eve"]).enter().json()["parts"]]
    assert parts == ["labeler", "review", "curve", "map", "stopping"]


def test_somebody_outside_the_team_gets_no_link_to_label(page):
    with pytest.raises(ValueError, match="annotator is 'dan'; expected one of the team"):
        page.session.serve(["ann", "dan"])
    with pytest.raises(ValueError, match="in the team 'eve' is an expert"):
        page.session.serve(["ann", "eve"])
    assert not page.closed


def test_a_server_beats_as_often_as_a_lease_needs():
    assert alw.Team(["ann"], answers=1).lease_seconds / 5 > server._BEAT_SECONDS
