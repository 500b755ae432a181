"""The links of a page in a notebook: copied on demand, and saved nowhere."""

import json
import sys
from xml.etree import ElementTree as ET

import pytest
import segno

from alwidgets.views.sent import Sent
from alwidgets.views.states import LinksState
from alwidgets.widgets.page_links import PageLinks
from tests.views.test_sent import fault


@pytest.fixture
def page(make_session):
    page = make_session().serve(["ann", "bob"])
    yield page
    page.close()


@pytest.fixture
def links(page):
    widget = PageLinks(page)
    yield widget
    widget.close()


def test_a_link_is_sent_when_it_is_copied(page, links):
    sent = []
    links.send = lambda message, _buffers: sent.append(message)
    links._receive(links, {"kind": "copy", "name": "bob"}, [])
    assert sent == [{"kind": "link", "name": "bob", "link": page.links["bob"]}]
    assert fault(sent[0], Sent) is None
    assert fault({"page": links._page}, LinksState) is None


def test_a_link_is_drawn_as_a_qr_code_of_shapes_when_it_is_wanted(page, links):
    sent = []
    links.send = lambda message, _buffers: sent.append(message)
    links._receive(links, {"kind": "qr", "name": "bob"}, [])
    (code,) = sent
    assert (code["kind"], code["name"], code["why"]) == ("qr", "bob", "")
    drawn = ET.fromstring(code["svg"])  # noqa: S314 - our own
    # A page draws what is of SVG's own namespace only.
    assert {each.tag for each in drawn.iter()} <= {f"{{http://www.w3.org/2000/svg}}{name}" for name in ("svg", "path")}
    # It is the link, and says it in no text.
    expected = segno.make_qr(page.links["bob"], error="m").svg_inline(omitsize=True)
    assert expected.split(' d="')[1].split('"')[0] in code["svg"]
    assert page.links["bob"].split("key=")[1] not in code["svg"]


def test_without_the_library_the_extra_is_named_and_links_are_copied_all_the_same(links, monkeypatch):
    monkeypatch.setitem(sys.modules, "segno", None)
    sent = []
    links.send = lambda message, _buffers: sent.append(message)
    for kind in ("qr", "copy"):
        links._receive(links, {"kind": kind, "name": "bob"}, [])
    assert [each["kind"] for each in sent] == ["qr", "link"]
    assert sent[0]["svg"] == ""
    assert 'install "alwidgets[page]"' in sent[0]["why"]


@pytest.mark.parametrize("message", [None, 3, {}, {"name": 3}, {"name": "bob"}, {"kind": "qr", "name": "eve"}])
def test_no_link_is_sent_to_whoever_asks_for_something_else(links, message):
    sent = []
    links.send = lambda message, _buffers: sent.append(message)
    links._receive(links, message, [])
    assert [each["kind"] for each in sent] == ["problem"]


def test_no_key_is_in_what_is_saved_with_a_notebook(page, links):
    saved = json.dumps([links.get_state(), page._repr_mimebundle_(), repr(page), repr(links)], default=str)
    for link in page.links.values():
        assert link.split("key=")[1] not in saved
    assert "ann" in saved


def test_a_page_in_a_notebook_is_shown_by_that_widget(page):
    shown = page._repr_mimebundle_()
    bundle = shown[0] if isinstance(shown, tuple) else shown
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_it_says_when_the_page_is_closed(page, links):
    page.close()
    assert links._page["closed"] is True
