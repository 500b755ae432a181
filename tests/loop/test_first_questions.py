"""Until the samples of a large pool can be compared, a page has questions drawn at random: nobody waits for numbers."""

import threading

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.session import view_of

SAMPLES = np.random.default_rng(0).normal(size=(1500, 4))
TRUTH = np.where(SAMPLES[:, 0] > 0, "spam", "ham")


class Numbers:
    """Numbers of the samples, which come when they are let go."""

    def __init__(self):
        self.go, self.asked = threading.Event(), threading.Event()

    def __call__(self, X):
        self.asked.set()
        assert self.go.wait(60)
        return X


@pytest.fixture
def start():
    made = []

    def start(n=1500, numbers=None, **settings):
        given = {"audit": 0, "random_state": 0, "classes": ["ham", "spam"], "learner": LogisticRegression()} | settings
        made.append((alw.Session(SAMPLES[:n], embed=numbers, **given), numbers))
        return made[-1][0], view_of(made[-1][0])

    yield start
    for session, numbers in made:
        if numbers is not None:
            numbers.go.set()
        session.close()


def asked_by(session):
    """The strategy of each question, in the order of asking."""
    return [event.strategy for event in session.events if event.kind == "asked" for _ in event.items]


def test_a_page_has_questions_while_the_samples_are_still_turned_into_numbers(start):
    numbers = Numbers()
    session, view = start(numbers=numbers)
    view.set_prefetch(24)
    assert numbers.asked.wait(60)
    first = list(view.queue)
    assert len(first) == 3
    # Whoever is faster than the numbers goes on at random.
    for row in first:
        session.teach(row, TRUTH[row])
    second = list(view.queue)
    assert len(second) == 3
    assert not set(first) & set(second)
    numbers.go.set()
    assert session.wait(60)
    assert len(view.queue) == 24
    # What was before a person stays there.
    assert view.queue[:3] == second
    assert asked_by(session)[:7] == ["random"] * 6 + ["cold start"]
    assert set(asked_by(session)[6:]) == {"cold start"}


def test_a_journal_that_was_closed_on_them_opens_with_the_same(start, tmp_path):
    numbers = Numbers()
    session, view = start(numbers=numbers, journal=tmp_path / "a.alw")
    view.set_prefetch(24)
    first = list(view.queue)
    session.close()
    numbers.go.set()
    _, again = start(numbers=numbers, journal=tmp_path / "a.alw")
    assert again.queue[:3] == first


@pytest.mark.parametrize(
    ("n", "settings"),
    [(900, {"numbers": Numbers()}), (1500, {}), (1500, {"numbers": Numbers(), "cold_start": "random"})],
    ids=["few samples", "numbers at once", "at random anyway"],
)
def test_where_the_cold_start_needs_no_time_it_asks_from_the_first_question_on(start, n, settings):
    if "numbers" in settings:
        settings["numbers"].go.set()
    session, view = start(n, **settings)
    view.set_prefetch(24)
    assert session.wait(60)
    assert set(asked_by(session)) == {"cold start"}


def test_a_script_is_asked_nothing_at_random(start):
    numbers = Numbers()
    numbers.go.set()
    session, _ = start(numbers=numbers)
    session.query(4)
    assert set(asked_by(session)) == {"cold start"}


def test_some_of_them_are_drawn_to_measure_as_of_other_questions(start):
    numbers = Numbers()
    session, view = start(numbers=numbers, audit=0.5)
    view.set_prefetch(24)
    assert [bool(session._core.log.state.audit[row]) for row in view.queue] == [False, True, False, True, False]
