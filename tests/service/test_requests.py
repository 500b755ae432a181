"""What a server answers to requests: to its own pages only, with nothing in reach but the page's own files."""

import re

import pytest

from alwidgets.service.site import assets
from tests.service.visitor import ask


@pytest.fixture
def page(make_session, serve):
    return serve(make_session(), ["ann"])


def test_the_page_has_nothing_of_the_session_in_it(page):
    with_key, without = ask(page.links["ann"]), ask(page.url)
    assert with_key.status == without.status == 200
    assert with_key.body == without.body
    assert ask(page.url + "?key=wrong").status == 403


def test_every_address_in_the_page_is_relative_and_there(page):
    names = re.findall(r'(?:src|href)="([^":]+)"', ask(page.url).body.decode())
    assert sorted(names) == ["boot.js", "page.css"]
    for name in [*names, "page.js", "labeler.js", "labeler.css", "review.js", "review.css", "stopping.js"]:
        reply = ask(page.url + name)
        assert reply.status == 200
        assert reply.body == assets()[name].content


def test_a_file_that_is_known_is_not_sent_again(page):
    reply = ask(page.url + "labeler.js")
    assert ask(page.url + "labeler.js", **{"If-None-Match": reply.headers["Etag"]}).status == 304


@pytest.mark.parametrize(
    "path", ["../page.py", "%2e%2e/page.py", "page.py", "page.html", "static/page.js", "talk/x", "enter/", "nothing.js"]
)
def test_no_address_leads_to_another_file(page, path):
    assert ask(page.url + path).status == 404


def test_every_reply_forbids_what_a_page_does_not_need(page):
    for path in ("", "?key=wrong", "page.js", "enter", "nothing"):
        headers = ask(page.url + path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; ")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in headers
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_there_is_nothing_to_do_but_to_get(page, method):
    assert ask(page.url + "enter", method).status == 405


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1.evil.example"]
)
def test_requests_from_other_pages_are_refused(page, visit, refused, origin):
    visitor = visit(page.links["ann"])
    assert visitor.enter(Origin=origin).status == 403
    ticket = visitor.enter().json()["ticket"]
    assert refused(visitor, ticket, Origin=origin) == 403
    # It is not used up by that.
    visitor.connect(ticket, Origin=page.url.rstrip("/"))


def test_a_proxy_says_under_which_name_it_is_reached(page, visit):
    visitor = visit(page.links["ann"])
    origin = {"Origin": "https://hub.example"}
    assert visitor.enter(**origin).status == 403
    assert visitor.enter(**origin, **{"X-Forwarded-Host": "hub.example"}).status == 200


def test_a_websocket_is_only_where_one_is_expected(page, visit):
    assert ask(page.url + "talk").status == 400
