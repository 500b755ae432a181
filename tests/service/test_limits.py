"""Limits: how large a message may be, how many come at once, how many pages one link opens; each said in words."""

import threading
import time

import pytest

from alwidgets.service import server, site


@pytest.fixture
def page(make_session, serve):
    return serve(make_session(batch_size=1000), ["ann", "bob"])


def test_a_message_that_is_too_large_ends_the_connection_with_the_number_for_that(page, visit):
    ann = visit(page.links["ann"]).open()
    assert ann.enter().json()["most_bytes"] == site.MOST_BYTES
    ann.send("x" * (site.MOST_BYTES + 1))
    ann.hear_all()
    assert ann.socket.close_code == 1009
    assert visit(page.links["ann"]).open().label(3)["kind"] == "ack"


def test_messages_that_come_too_fast_are_taken_more_slowly_and_none_is_lost(page, visit, monkeypatch):
    monkeypatch.setattr(server, "BURST", 10)
    monkeypatch.setattr(server, "A_SECOND", 100)
    ann = visit(page.links["ann"]).open()
    begin = time.monotonic()
    for i in range(40):
        ann.say({"kind": "answer", "event_id": f"e{i}", "item": i, "value": 0, "round": 0})
    ann.hear_until(lambda: sum(said["kind"] == "ack" for said, _ in ann.heard) == 40)
    assert time.monotonic() - begin >= 0.25
    assert len(ann.notices) == 1
    assert "is taken more slowly" in ann.notices[0]
    assert len(page.session.labels) == 40


def test_one_link_is_open_in_so_many_pages_and_another_in_others(page, visit, refused):
    visitors = [visit(page.links["ann"]) for _ in range(site.MOST_PAGES + 1)]
    tickets = [visitor.enter().json()["ticket"] for visitor in visitors]
    for visitor, ticket in zip(visitors[:-1], tickets, strict=False):
        visitor.connect(ticket)
        visitor.states = {"labeler": {}}
        visitor.hear_until(lambda seen=visitor: seen.states["labeler"])
    assert page.open_pages == {"ann": site.MOST_PAGES, "bob": 0}
    assert refused(visitors[-1], tickets[-1]) == 429
    reply = visitors[-1].enter()
    assert reply.status == 429
    assert f"open in {site.MOST_PAGES} pages already" in reply.json()["error"]
    visit(page.links["bob"]).open()
    visitors[0].close_socket()
    while page.open_pages["ann"] == site.MOST_PAGES:
        threading.Event().wait(0.01)
    visitors[-1].open()


def test_connections_that_are_silent_make_room_for_new_ones(make_session, serve, visit, monkeypatch):
    page = serve(make_session(), ["ann"])
    lost = [visit(page.links["ann"]).open() for _ in range(site.MOST_PAGES)]
    visitor = visit(page.links["ann"])
    assert visitor.enter().status == 429
    monkeypatch.setattr(server, "_BEAT_SECONDS", 0)
    visitor.open()
    for each in lost:
        each.hear_all()
    assert visitor.label(3)["kind"] == "ack"


def test_a_page_of_which_nothing_is_heard_is_closed_and_one_that_beats_is_not(make_session, serve, visit, monkeypatch):
    monkeypatch.setattr(server, "_BEAT_SECONDS", 0.05)
    monkeypatch.setattr(server, "_SILENT_SECONDS", 0.5)
    page = serve(make_session(), ["ann", "bob"])
    ann, bob = visit(page.links["ann"]).open(), visit(page.links["bob"]).open()
    while bob.hear() is not None:
        ann.send("")
    assert bob.socket.close_code == 1001
    assert ann.label(3)["kind"] == "ack"
