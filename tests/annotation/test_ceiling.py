"""The ceiling of a score on a team's labels: the share of them that is right, told from how far people agree."""

import numpy as np
import pytest

import alwidgets as alw
from alwidgets.annotation.ceiling import score_ceiling
from alwidgets.views.figures import learning_curve
from alwidgets.views.learning_curve import LearningCurveView, caption
from tests.benchmarks.ceiling import answered

PEOPLE = ["a1", "a2", "a3"]


def labeled(right, n_items, n_classes=2, answers=3, at_most=3, seed=0):
    """Draw answers of people who are right so often, more on a tie; return codes, labels and the true classes."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_classes, n_items)
    return *answered(rng, truth, right, n_classes, answers, at_most), truth


@pytest.mark.parametrize(
    ("right", "rules"),
    [
        ((0.95, 0.95, 0.6), {}),
        ((0.8, 0.8, 0.8, 0.8), {"at_most": 4}),
        ((0.9, 0.9), {"answers": 2, "at_most": 2}),
        ((0.95, 0.9, 0.9, 0.5), {"n_classes": 10, "answers": 2}),
    ],
)
def test_it_is_the_share_of_labels_that_are_right_and_its_interval_holds_it(right, rules):
    found, share = [], []
    for seed in range(25):
        codes, labels, truth = labeled(right, 60, seed=seed, **rules)
        found.append(score_ceiling(codes, labels, rules.get("n_classes", 2)))
        share.append(np.mean((labels == truth)[labels >= 0]))
    assert np.mean([each.value for each in found]) == pytest.approx(np.mean(share), abs=0.02)
    assert np.mean([each.low <= np.mean(share) <= each.high for each in found]) > 0.9


def test_of_full_agreement_it_is_1_and_less_the_more_they_differ():
    alike = np.repeat(np.arange(40) % 2, 3).reshape(40, 3)
    values = [1.0]
    assert score_ceiling(alike, alike[:, 0], 2).value == pytest.approx(1.0, abs=1e-3)
    for n in (3, 8, 14):
        codes = alike.copy()
        codes[:n, 2] = 1 - codes[:n, 2]
        codes[n : 2 * n, 1] = 1 - codes[n : 2 * n, 1]
        values.append(score_ceiling(codes, alike[:, 0], 2).value)
    assert values == sorted(values, reverse=True)


def test_what_has_no_label_tells_of_the_people_and_is_not_counted():
    codes = np.array([[0, 0], [1, 1]] * 10 + [[0, 1]] * 6)
    labels = np.array([0, 1] * 10 + [-1] * 6)
    whole, agreed = score_ceiling(codes, labels, 2), score_ceiling(codes[:20], labels[:20], 2)
    assert whole.n_items == agreed.n_items == 20
    assert whole.value < agreed.value


def test_with_less_than_ten_doubled_items_it_is_not_measured():
    codes = np.array([[0, 0], [1, 1]] * 5)
    assert score_ceiling(codes, codes[:, 0], 2) is not None
    assert score_ceiling(codes[:9], codes[:9, 0], 2) is None
    assert score_ceiling(codes[:, :1], codes[:, 0], 2) is None
    assert score_ceiling(codes, np.full(10, -1), 2) is None


@pytest.fixture
def labeled_session(make_session, blobs):
    """A session whose audit three people answered, and one of them is often wrong."""

    def make(n=150, **changes):
        noise = dict(zip(PEOPLE, (0.05, 0.1, 0.3), strict=True))
        given = {
            "test": None, "audit": 0.4, "batch_size": 10, "stop": None,
            "team": alw.Team(PEOPLE, answers=1, at_most=3, audit_answers=3),
        }  # fmt: skip
        session = make_session(**given | changes)
        people = enumerate(noise.items())
        answers = {
            name: alw.SimulatedAnnotator(each).answers(blobs[1], random_state=place) for place, (name, each) in people
        }
        return session.run(answers, n)

    return make


def test_a_session_says_it_draws_it_and_writes_it_under_the_curve(labeled_session):
    session = labeled_session()
    ceiling, rounds = session.team.ceiling, session.rounds
    assert 0.8 < ceiling.low < ceiling.value < ceiling.high <= 1
    assert ceiling.n_items == session.labels["audit"].sum()
    assert f"would score about {ceiling.value:.2f} (95 %: {ceiling.low:.2f} to" in caption(session)
    figure = LearningCurveView(session, lambda *_: None, lambda: None).figure
    line = next(trace for trace in figure.data if trace.name == "ceiling")
    assert list(line.y) == [ceiling.value] * 2
    assert line.x[1] >= rounds[-1].n_labeled
    assert not any(trace.name == "ceiling" for trace in learning_curve(rounds).data)


@pytest.mark.parametrize(
    "changes",
    [{"audit": 0.0}, {"n": 12}, {"team": alw.Team(PEOPLE, answers=1, at_most=3)}],
    ids=["no audit", "too few", "one answer each"],
)
def test_what_is_not_measured_is_not_shown(labeled_session, changes):
    session = labeled_session(**changes)
    assert session.team.ceiling is None
    assert "without an error" not in caption(session)


def test_held_out_labels_are_not_the_teams_and_have_no_ceiling(labeled_session, blobs):
    session = labeled_session(test=(blobs[0][::5], blobs[1][::5]))
    assert session.team.ceiling is not None
    assert "without an error" not in caption(session)
