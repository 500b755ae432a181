"""Every message of the page of a race, through the one dispatcher, without a widget; a race stands on no session."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from alwidgets.simulation.race import Terms
from alwidgets.simulation.sketch import Drawing
from alwidgets.views import messages
from alwidgets.views.dispatch import receive
from alwidgets.views.race import RaceView

# A good message, and how many points, labels and strokes there are then; there are 40 of one stroke, and 4 labels.
REQUESTS = {
    "draw": ({"kind": "draw", "points": [[0, 1], [1, 1]], "code": 1}, (42, 0, 2)),
    "shape": ({"kind": "shape", "shape": "moons", "n": 20}, (60, 0, 2)),
    "shape with a seed": ({"kind": "shape", "shape": "moons", "n": 20, "seed": 5}, (60, 0, 2)),
    "undo": ({"kind": "undo"}, (0, 0, 0)),
    "clear": ({"kind": "clear"}, (0, 0, 0)),
    "choose": ({"kind": "choose", "settings": {"strategy": "entropy", "batch_size": 2}}, (40, 0, 1)),
    "step": ({"kind": "step"}, (40, 8, 1)),
    "reset": ({"kind": "reset"}, (40, 0, 1)),
    "ask": ({"kind": "ask"}, (40, 4, 1)),
    "answer": ({"kind": "answer", "code": 0}, (40, 5, 1)),
}


class RacePage:
    """The other end of a race: it keeps what is sent, and what there is to show."""

    def __init__(self, learner):
        self.sent, self.shown = [], {}
        terms = Terms("margin", learner, 4, "random", 0)
        self.view = RaceView(Drawing(("a", "b")), terms, lambda message, _: self.sent.append(message), self.follow)
        self.view.add_shape("blobs", 40)

    def follow(self):
        self.shown = self.view.refresh()

    def say(self, message):
        """Deliver a message, and return all that is sent until it is done."""
        before = len(self.sent)
        receive(self.view, message)
        return self.sent[before:]

    @property
    def state(self):
        n_labeled = self.shown["race"].get("n_labeled", 0)
        return len(self.shown["points"]), n_labeled, len(self.view.drawing.strokes)


@pytest.fixture
def page():
    made = RacePage(GaussianNB())
    made.view.step()
    yield made
    made.view.close()


def test_all_messages_are_tried_each_checked_as_its_method_takes_it():
    assert {message["kind"] for message, _ in REQUESTS.values()} == set(RaceView.REQUESTS)
    assert RaceView.CHANGES == {}
    for kind, (checked_as, act) in RaceView.REQUESTS.items():
        assert act.__annotations__["message"] == f"messages.{checked_as.__name__}", kind
        assert getattr(messages, checked_as.__name__) is checked_as


@pytest.mark.parametrize("annotator", [None, "Ada"])
@pytest.mark.parametrize("request_", REQUESTS)
def test_a_message_is_done_shown_and_answered_with_its_number(page, request_, annotator):
    message, state = REQUESTS[request_]
    assert page.say({**message, "id": 7, "annotator": annotator}) == [{"kind": "done", "id": 7}]
    assert page.state == state


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize(
    ("field", "error"),
    [
        ({"id": "7"}, "message field id is '7'; expected an integer."),
        ({"id": True}, "message field id is True; expected an integer."),
        ({"annotator": 5}, "annotator"),
    ],
)
def test_a_number_or_a_name_that_is_none_is_a_problem_and_changes_nothing(page, request_, field, error):
    (reply,) = page.say({**REQUESTS[request_][0], **field})
    assert reply["kind"] == "problem"
    assert error in reply["error"]
    assert page.state == (40, 4, 1)


@pytest.mark.parametrize("code", [2, -1, True, "a", None, 0.5, [0]])
@pytest.mark.parametrize("request_", ["draw", "answer"])
def test_what_is_no_class_is_a_problem_and_changes_nothing(page, request_, code):
    (reply,) = page.say({**REQUESTS[request_][0], "code": code})
    assert reply["kind"] == "problem"
    assert "expected the number of a class, 0 to 1." in reply["error"]
    assert page.state == (40, 4, 1)


@pytest.mark.parametrize(
    "settings", [None, [1], {"speed": 3}, {"batch_size": [4]}, {"strategy": "guess"}, {"learner": "x" * 2000}]
)
def test_settings_that_cannot_be_are_a_problem_and_change_nothing(page, settings):
    (reply,) = page.say({"kind": "choose", "settings": settings})
    assert reply["kind"] == "problem"
    assert (page.state, page.view.terms.strategy) == ((40, 4, 1), "margin")


@pytest.mark.parametrize("kind", ["delete", "close", "refresh", "play", "Step", "", None, 5, ["step"]])
def test_an_unknown_kind_is_a_problem(page, kind):
    (reply,) = page.say({"kind": kind})
    assert reply["kind"] == "problem"
    assert "kind is" in reply["error"]
    assert page.state == (40, 4, 1)


def test_a_page_may_ask_whether_there_is_a_kernel(page):
    assert page.say({"kind": "there"}) == []


def test_whatever_a_learner_of_ones_own_raises_is_told_and_the_next_message_is_taken():
    class Moody(GaussianNB):
        happy = False

        def predict_proba(self, X):
            if not Moody.happy:
                raise RuntimeError("out of memory")
            return super().predict_proba(X)

    page = RacePage(Moody())
    page.view.choose(strategy="random")
    assert page.say({"kind": "step"}) == [{"kind": "problem", "error": "out of memory"}]
    Moody.happy = True
    assert page.say({"kind": "reset", "id": 2}) == [{"kind": "done", "id": 2}]
    assert page.say({"kind": "step", "id": 3}) == [{"kind": "done", "id": 3}]
    assert np.frombuffer(page.shown["active_map"], np.int8).any()
    page.view.close()
