"""A page that is served, and visitors who open it."""

import pytest
from tornado.httpclient import HTTPClientError

from tests.service.visitor import Caller, Visitor


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of one's own for the secrets of links."""
    home = tmp_path / "home"
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.setenv("LOCALAPPDATA", str(home))
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def serve():
    """A function that serves a session, until the test is over."""
    pages = []

    def start(session, *args, **options):
        pages.append(session.serve(*args, **options))
        return pages[-1]

    yield start
    for page in pages:
        page.close()


@pytest.fixture
def caller():
    """A function that makes a caller with the key of a link."""
    return lambda page, name: Caller(page.url, page.link(name).partition("?key=")[2])


@pytest.fixture
def visit():
    """A function that makes a visitor of a link."""
    visitors = []

    def make(link):
        visitors.append(Visitor(link))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def refused():
    """A function that opens a WebSocket which is refused, and returns the status."""

    def status(visitor, ticket, **headers):
        with pytest.raises(HTTPClientError) as error:
            visitor.connect(ticket, **headers)
        return error.value.code

    return status
