"""What a second answer is worth: labels that so many answers make, and how right they are."""

import numpy as np
import pytest

import alwidgets as alw
from alwidgets.annotation.second_answers import second_answers
from alwidgets.data.votes import vote


def simulated(right, n_classes, answers, at_most, n=40_000):
    """Share of right labels, and answers for each, of people who are right so often; the first class is true."""
    rng, n_right, n_labels, n_answers = np.random.default_rng(0), 0, 0, 0
    said = np.where(rng.random((n, at_most)) < right, 0, rng.integers(1, n_classes, (n, at_most)))
    for row in said.tolist():
        given = {}
        for person, label in enumerate(row):
            if len(given) >= answers and vote(given).label is not None:
                break
            given[person] = label
        verdict = vote(given).label
        n_answers += len(given)
        n_labels += verdict is not None
        n_right += verdict == 0
    return n_right / n_labels, n_answers / n_labels


@pytest.mark.parametrize(
    ("right", "n_classes", "answers", "at_most"), [(0.9, 2, 2, 3), (0.75, 4, 2, 5), (0.6, 10, 3, 5), (0.8, 3, 2, 2)]
)
def test_shares_and_costs_are_those_of_people_who_err_alike(right, n_classes, answers, at_most):
    agreement = right**2 + (1 - right) ** 2 / (n_classes - 1)
    n = 1_000_000
    found = second_answers(n, round(n * agreement), n_classes=n_classes, answers=answers, at_most=at_most)
    share, each = simulated(right, n_classes, answers, at_most)
    assert found.right_of_one == pytest.approx(right, abs=1e-4)
    assert found.right_of_several == pytest.approx(share, abs=0.01)
    assert found.answers_each == pytest.approx(each, rel=0.01)


def test_it_is_worth_it_where_people_differ_and_says_so_with_its_numbers():
    careful, careless = (second_answers(100, n, n_classes=2, at_most=3) for n in (95, 70))
    assert (careful.worth_it, careless.worth_it) == (False, True)
    assert str(careful).startswith(
        "the first two answers are equal in 95% of 100 items (95 %: 89% to 98%): 100 answers make 100 labels with one "
        "answer each, 97% of them right, or 49 with 2 answers each, and more where these tie, "
    )
    assert str(careful).endswith("Where people agree so often, a new sample is worth more than a second answer")
    assert str(careless).endswith("Where people differ so often, a second answer is worth more than a new sample")


def test_what_is_not_known_or_worse_than_chance_is_no_number():
    assert second_answers(19, 19, n_classes=2) is None
    assert second_answers(40, 0, n_classes=2).right_of_one == 0.5
    assert second_answers(40, 40, n_classes=2).right_of_one == 1.0


def test_a_session_counts_the_first_two_answers_to_an_item(make_session, blobs):
    session = make_session(team=alw.Team(["a1", "a2", "a3"], answers=2), audit=0, stop=None)
    assert session.team.second_answers is None
    people = {"a1": blobs[1], "a2": blobs[1], "a3": np.where(blobs[1] == "left", "right", "left")}
    session.run(people, 120)
    found, answers = session.team.second_answers, session.answers
    first = answers.groupby("item")["label"].agg(list)
    pairs = [labels[:2] for labels in first if len(labels) > 1]
    assert found.n_items == len(pairs)
    assert found.agreement == pytest.approx(np.mean([a == b for a, b in pairs]))
    assert found.worth_it
    assert make_session(team=alw.Team(["a1"]), audit=0).team.second_answers is None
