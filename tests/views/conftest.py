"""A page without Jupyter: it keeps what a view sends, and what there is to show."""

import threading

import pytest

from alwidgets.session import view_of
from alwidgets.views.dispatch import receive


class Page:
    """The other end of a view."""

    def __init__(self, make, session, **options):
        self.sent, self.shown = [], {}
        self.view = make(session, lambda message, buffers: self.sent.append((message, buffers)), self.follow, **options)
        view_of(session).on_change(self.follow)
        self.follow()

    def follow(self):
        with self.view.lock:
            if not self.view.session.closed:
                self.shown = self.view.refresh()

    def say(self, message, *buffers):
        """Deliver a message, and return all that is sent until it is done."""
        before = len(self.sent)
        receive(self.view, message, buffers)
        for thread in threading.enumerate():
            if thread.name.startswith(("labeler ", "alwidgets-baseline")):
                thread.join()
        return [content for content, _ in self.sent[before:]]

    def reply(self, message):
        """Deliver a change, and return the one reply to it."""
        (reply,) = [each for each in self.say(message) if each["kind"] in ("ack", "refused", "problem")]
        return reply


@pytest.fixture
def open_page():
    return Page


@pytest.fixture
def make_labeled(make_session, blobs):
    """A function that makes a session with 40 labels, a flag and a model, whose annotator is Zoe."""

    def make(**changes):
        session = make_session(**{"audit": 0, "batch_size": 1000, "cold_start": "random", "annotator": "Zoe"} | changes)
        for item in range(40):
            session.teach(item, str(blobs[1][item]), event_id=f"label {item}")
        session.flag(5, "smudged")
        session.retrain()
        session.wait()
        return session

    return make


@pytest.fixture
def session(make_labeled):
    return make_labeled()
