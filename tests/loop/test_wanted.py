"""What another tool is given to ask: gold, what wants more answers, what is fresh, and of how many people each."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.session import view_of

PEOPLE = ["ann", "bob", "cy"]


@pytest.fixture
def start():
    made = []

    def start(team=None, **changes):
        X = np.column_stack([np.arange(40) % 3 == 0, np.linspace(0, 1, 40)]).astype(float)
        made.append(
            alw.Session(
                X, classes=["ham", "spam"], learner=LogisticRegression(), team=team, batch_size=20, audit=0,
                random_state=0, **changes,
            )
        )  # fmt: skip
        return made[-1], view_of(made[-1])

    yield start
    for session in made:
        session.close()


def test_alone_each_question_wants_one_answer(start):
    session, view = start()
    assert view.wanted(6) == dict.fromkeys(session.query(6).tolist(), 1)


def test_what_has_answers_and_wants_more_comes_before_what_is_fresh(start):
    session, view = start(alw.Team(PEOPLE, answers=2, at_most=3))
    first, second, third, fourth = list(view.wanted(6))[:4]
    session.teach(second, "ham", annotator="ann")
    session.skip(third, annotator="ann")
    for name, label in (("ann", "ham"), ("bob", "spam")):
        session.teach(fourth, label, annotator=name)
    for name in ("ann", "bob"):
        session.teach(first, "ham", annotator=name)
    wanted = view.wanted(6)
    # First what somebody could not tell; the tie wants one more; where two agree nothing is wanted.
    assert list(wanted.items())[:3] == [(third, 2), (second, 1), (fourth, 1)]
    assert first not in wanted
    assert set(list(wanted.values())[3:]) == {2}
    assert len(wanted) >= 6


def test_gold_is_wanted_of_everybody_as_often_as_the_team_says(start):
    gold = dict.fromkeys(range(10), "ham")
    session, view = start(alw.Team(PEOPLE, answers=3, gold=gold, gold_share=0.25))
    # Of 9 that all three are to answer, 3 are 25 % of 12.
    wanted = view.wanted(9)
    golden = [row for row in wanted if row in gold]
    assert golden == list(wanted)[:3]
    assert [wanted[row] for row in golden] == [3, 3, 3]
    session.teach(golden[0], "ham", annotator="bob")
    assert view.wanted(9)[golden[0]] == 2
    for name in ("ann", "cy"):
        session.teach(golden[0], "ham", annotator=name)
    assert golden[0] not in view.wanted(9)
    # Where each item is answered by one of three people only, each of them is asked a third as much.
    assert sum(row in gold for row in start(alw.Team(PEOPLE, answers=1, gold=gold, gold_share=0.25))[1].wanted(9)) == 1


def test_more_answers_are_wanted_where_the_team_asked_for_more(start):
    session, view = start(alw.Team(PEOPLE, answers=1))
    row = next(iter(view.wanted(6)))
    session.team.ask_more([row], 3)
    assert view.wanted(6)[row] == 3
