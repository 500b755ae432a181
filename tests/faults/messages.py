"""A connection that loses, repeats and reorders messages, pages that reload, and a second tab."""

import random
from unittest import mock

import comm

import alwidgets as alw
from alwidgets.journal.events import Answer
from alwidgets.session import view_of
from tests.faults.sample import N_SAMPLES, Found, ended, opened

_ANSWERS_A_SESSION = 150


class Tab:
    """The page's side: it keeps what is not acknowledged, over a reload too, and sends it again."""

    def __init__(self, name, storage):
        self.name = name
        self.storage = storage  # shared by the tabs of a browser
        self.waiting = dict(storage)
        self.given, self.undone, self._past = set(), set(), []

    def say(self, **message):
        self.waiting[message["event_id"]] = self.storage[message["event_id"]] = message
        return message

    def answer(self, number, item, value):
        event_id = f"{self.name}{number}"
        self.given.add(event_id)
        self._past.append(event_id)
        return self.say(kind="answer", event_id=event_id, item=item, value=value, round=0)

    def undo(self, number):
        target = self._past.pop()
        self.undone.add(target)
        # Never sent again by this page.
        self.forget(target)
        return self.say(kind="undo", event_id=f"{self.name}{number}", target=target)

    def may_undo(self):
        return bool(self._past)

    def forget(self, event_id):
        self.waiting.pop(event_id, None)
        self.storage.pop(event_id, None)

    def reload(self):
        self.waiting = dict(self.storage)
        self._past = []


class Connection:
    """Between two tabs of a browser and a labeler: what is said may wait, come twice, or never."""

    def __init__(self, labeler, replies, rng):
        self.labeler, self.replies, self.rng = labeler, replies, rng
        self.storage = {}
        self.tabs = [Tab("first", self.storage), Tab("second", self.storage)]
        self.waiting, self.problems, self.n_delivered = [], [], 0

    def go_on(self, number):
        """Have a tab say something, and deliver some of what waits, in any order."""
        rng, tab = self.rng, self.rng.choice(self.tabs)
        if tab.may_undo() and rng.random() < 0.1:
            self.waiting.append(tab.undo(number))
        else:
            self.waiting.append(tab.answer(number, rng.randrange(N_SAMPLES), rng.choice((0, 1, None))))
        if rng.random() < 0.1:
            tab.reload()
        self.waiting += [message for message in tab.waiting.values() if rng.random() < 0.1]
        rng.shuffle(self.waiting)
        while self.waiting and rng.random() < 0.6:
            message = self.waiting.pop()
            if rng.random() < 0.8:
                self.deliver(message)

    def settle(self):
        """Let all come through, and the pages send what they still have, until all is acknowledged."""
        while self.waiting or self.storage:
            for message in [*self.waiting, *self.storage.values()]:
                self.deliver(message)
            self.waiting.clear()

    def deliver(self, message):
        self.replies.clear()
        self.n_delivered += 1
        self.labeler._receive(self.labeler, message, [])
        for reply in self.replies:
            if reply["kind"] != "ack":
                self.problems.append(str(reply))
            elif self.rng.random() < 0.7:
                for tab in self.tabs:
                    tab.forget(reply["event_id"])

    def what_is_wrong(self):
        """Return what the session has that it should not have, or lacks."""
        given, undone = (
            {*one, *other} for one, other in zip(*((tab.given, tab.undone) for tab in self.tabs), strict=True)
        )
        session = self.labeler.session
        recorded = [event.id for event in session.events if isinstance(event, Answer)]
        standing = {answer.id for answer in view_of(session).recent(len(recorded))}
        doubled = len(recorded) - len(set(recorded))
        if doubled or standing != given - undone:
            lost, more = given - undone - standing, standing - (given - undone)
            self.problems.append(f"{doubled} doubled, lost {lost}, more {more}")
        return self.problems


def messages(_folder, n):
    """Deliver that many messages, some twice, late or never; then every answer given stands once."""
    found, rng = Found("message lost, repeated, out of order; reload; second tab"), random.Random(0)
    replies = []

    def publish(_self, _type, data=None, **_):
        if (data or {}).get("method") == "custom":
            replies.append(data["content"])

    with mock.patch.object(comm.DummyComm, "publish_msg", publish):
        while found.tried < n:
            session = opened(None, batch_size=10**6)
            connection = Connection(alw.Labeler(session), replies, rng)
            for number in range(_ANSWERS_A_SESSION):
                connection.go_on(number)
            connection.settle()
            found.tried += connection.n_delivered
            found.wrong += connection.what_is_wrong()
            ended(session)
    return found
