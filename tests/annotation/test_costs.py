"""What a team costs: answers, the time of all together, and how long that lasts when they label side by side."""

import pytest

import alwidgets as alw
from alwidgets.annotation.pace import team_pace
from alwidgets.journal.events import Labeled, TeamSet
from alwidgets.journal.state import fold
from alwidgets.session.progress import next_labels_in_words
from alwidgets.stopping import Budget
from alwidgets.stopping.next_labels import Forecast, Range
from alwidgets.views.stopping import StoppingView

PEOPLE = ["a1", "a2", "a3"]
TEAM = TeamSet(
    id="team", at=0.0, annotators=tuple(PEOPLE), experts=(), answers=2, at_most=3, audit_answers=2,
    consensus="majority", gold_share=0.0, lease_seconds=120.0,
)  # fmt: skip


def state_of(*answers):
    """State after answers (annotator, seconds, at)."""
    events = [
        Labeled(
            id=str(place),
            at=at,
            item=place,
            label="left",
            annotator=name,
            seconds=seconds,
            shown_at=None,
            round=0,
            sample="",
        )
        for place, (name, seconds, at) in enumerate(answers)
    ]
    return fold([TEAM, *events], 100, ("left", "right"))


def test_the_pace_is_that_of_all_who_label_now_together():
    assert team_pace(state_of(("a1", 6.0, 0), ("a2", 3.0, 1), ("a1", 6.0, 7))) == pytest.approx(10 + 20)
    assert team_pace(state_of(("a1", None, 0))) is None
    assert team_pace(state_of()) is None


def test_who_has_left_and_a_break_change_nothing():
    gone = [("a2", 1.0, 0.0)]
    later = [("a1", 6.0, 5000.0), ("a1", 6.0, 5006.0)]
    assert team_pace(state_of(*gone, *later)) == pytest.approx(10)
    many = [("a3", 6.0, 6000.0 + i) for i in range(30)]
    assert team_pace(state_of(("a2", 1.0, 5999.0), *many)) == pytest.approx(10)


@pytest.fixture
def labeled(make_session, blobs):
    team = alw.Team(PEOPLE, answers=2)
    prices = Budget(labels=200, cost_per_label=0.1, currency="EUR")
    session = make_session(team=team, budget=prices, stop="budget", batch_size=8)
    people = dict.fromkeys(PEOPLE, alw.SimulatedAnnotator(seconds=6.0).answers(blobs[1]))
    return session.run(people, 100)


def test_the_forecast_counts_the_answers_that_labels_take_and_how_long_they_last_side_by_side(labeled):
    rounds, ahead = labeled.rounds, labeled.advice.forecast
    per_label = 100 / rounds.n_labeled
    assert ahead.n_answers == round(ahead.n_labels * per_label)
    assert ahead.cost == pytest.approx(0.1 * ahead.n_labels * per_label)
    assert ahead.seconds == pytest.approx(ahead.n_labels * per_label * labeled.answers["seconds"].mean())
    # Three people label at once.
    assert ahead.elapsed == pytest.approx(ahead.seconds / 3, rel=0.15)
    assert rounds.answers_per_minute == pytest.approx(30, rel=0.15)


def test_a_journal_that_is_opened_again_knows_the_pace(make_session, blobs, tmp_path):
    team = alw.Team(PEOPLE)
    session = make_session(team=team, journal=tmp_path / "a.alw")
    session.run(dict.fromkeys(PEOPLE, alw.SimulatedAnnotator(seconds=6.0).answers(blobs[1])), 30)
    pace = session.rounds.answers_per_minute
    session.close()
    assert make_session(team=team, journal=tmp_path / "a.alw").rounds.answers_per_minute == pace > 10


def test_in_words_labels_of_a_team_are_so_many_answers_and_the_time_is_that_of_all_and_of_the_clock():
    known = Forecast(50, 11.0, 660.0, Range(0.08, 0.02, 0.15), None, None, "accuracy", n_answers=110, elapsed=220.0)
    assert next_labels_in_words(known, "EUR").startswith(
        "the next 50 labels, about 110 answers, cost about 11.00 EUR and 11 min of labeling (4 min at the team's pace),"
    )


def test_the_history_has_the_answers_of_each_round(labeled, make_session):
    history = labeled.history
    assert history["n_answers"].tolist() == [each.n_answers for each in labeled.rounds]
    assert history["n_answers"].is_monotonic_increasing
    assert (history["n_answers"] > history["n_labeled"]).all()
    assert "n_answers" not in make_session().history


def test_the_criterion_and_its_panel_say_answers(labeled):
    (reading,) = labeled.advice.readings
    assert reading.why == "100 of 200 answers spent"
    (row,) = StoppingView(labeled, lambda *_: None, lambda: None).refresh()["advice"]["rows"]
    assert row["limits"] == [{"setting": "labels", "spent": 100, "limit": 200, "unit": "answers"}]
