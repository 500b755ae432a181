"""Nobody who labels waits for a fit: not on the pages of several people, and not when a session is opened again."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.views.labeling import LabelingView

NAMES = ("Ada", "Ben", "Cleo", "Dan")
TAKING = threading.Lock()


class Gate:
    """Where fits stand still from `close` on; `reached` is set when one does."""

    def __init__(self):
        self.reached, self.open = threading.Event(), threading.Event()
        self.open.set()

    def close(self):
        self.reached.clear()
        self.open.clear()


GATE = Gate()


class Standing(GaussianNB):
    """A learner whose fits stand still while the gate is closed."""

    def fit(self, *args, **kwargs):
        if not GATE.open.is_set():
            GATE.reached.set()
            assert GATE.open.wait(120)
        return super().fit(*args, **kwargs)


@pytest.fixture
def open_session(tmp_path):
    """A function that opens a session on one journal; gates are open in the end, and sessions closed."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2)) + 3 * (np.arange(200) % 2)[:, None]
    opened = []

    def open_one():
        made = alw.Session(
            X, classes=[0, 1], learner=Standing(), batch_size=4, audit=0, random_state=0, journal=tmp_path / "a.alw"
        )
        opened.append(made)
        return made

    yield open_one
    GATE.open.set()
    for made in opened:
        made.wait(120)
        made.close()


def answer(page, n, taken=None):
    """Answer questions on a page as they are shown, which nobody else takes; return the replies."""
    name, replies, taken = page.view.annotator, [], [] if taken is None else taken
    for number in range(n):
        with page.view.lock, TAKING:
            item = next(row for row in page.shown["queue"] if row not in taken)
            taken.append(item)
        message = {"kind": "answer", "event_id": f"{name} {number}", "item": item, "value": item % 2, "round": 0}
        replies.append(page.reply(message)["kind"])
    return replies


def test_several_people_answer_while_a_fit_stands_still(open_session, open_page):
    session = open_session()
    pages = [open_page(LabelingView, session, annotator=name) for name in NAMES]
    for item in range(8):
        session.teach(item, item % 2, annotator="Ada")
    assert session.wait(120)
    GATE.close()
    for item in range(8, 12):
        session.teach(item, item % 2, annotator="Ada")
    assert GATE.reached.wait(120)
    with ThreadPoolExecutor(len(pages)) as threads:
        taken = []
        given = list(threads.map(lambda page: answer(page, 3, taken), pages, timeout=120))
    assert given == [["ack"] * 3] * len(pages)
    assert not GATE.open.is_set()
    assert session.progress.busy
    # The present model refills the queue meanwhile.
    assert all(len(page.shown["queue"]) >= 8 for page in pages)
    assert set(session.labels["annotator"].value_counts().to_dict()) == set(NAMES)


def test_a_script_beside_pages_is_given_questions_while_a_fit_stands_still(open_session, open_page):
    session = open_session()
    open_page(LabelingView, session, annotator="Ada")
    for item in range(8):
        session.teach(item, item % 2)
    assert session.wait(120)
    GATE.close()
    for item in range(8, 12):
        session.teach(item, item % 2)
    assert GATE.reached.wait(120)
    with ThreadPoolExecutor(len(NAMES)) as threads:
        asked = list(threads.map(lambda _: session.query(60).tolist(), NAMES, timeout=120))
    assert [len(rows) for rows in asked] == [60] * len(NAMES)
    assert not GATE.open.is_set()


def test_a_page_of_a_session_that_is_opened_again_has_questions_while_its_model_is_brought_back(
    open_session, open_page
):
    session = open_session()
    open_page(LabelingView, session, annotator="Ada")
    for item in range(8):
        session.teach(item, item % 2, annotator="Ada")
    assert session.wait(120)
    session.close()
    again = open_session()
    GATE.close()
    pages = [open_page(LabelingView, again, annotator=name) for name in NAMES]
    assert all(page.shown["queue"] for page in pages)
    # What is missing is asked by the model, which is brought back beside everything else.
    bringing_back = threading.Thread(target=lambda: again.learner)
    bringing_back.start()
    assert GATE.reached.wait(120)
    taken = []
    assert [answer(page, 2, taken) for page in pages] == [["ack"] * 2] * len(pages)
    assert len(again.query())
    assert not GATE.open.is_set()
    GATE.open.set()
    bringing_back.join(120)
    assert again.wait(120)
    assert again.progress.error == ""
