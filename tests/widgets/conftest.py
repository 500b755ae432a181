"""A comm without a kernel, that keeps what a widget sends."""

import comm
import pytest


class Page:
    """The other end of a widget's comm."""

    def __init__(self):
        self.sent = []

    def say(self, widget, **message):
        """Deliver a custom message and return the replies."""
        before = len(self.sent)
        widget._handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": []})
        return [content for content, _ in self.sent[before:]]


@pytest.fixture
def page(monkeypatch):
    recorded = Page()

    def publish(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        if (data or {}).get("method") == "custom":
            recorded.sent.append((data["content"], buffers))

    monkeypatch.setattr(comm.DummyComm, "publish_msg", publish)
    return recorded
