"""Simulated teams: who answers what, what that costs, and how right the labels are that it amounts to."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import auc
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.simulation import Comparison

PEOPLE = ["a1", "a2", "a3"]


def team(**changes):
    return alw.Team(**{"annotators": PEOPLE, "answers": 2} | changes)


def simulated(blobs, **changes):
    given = {
        "learner": GaussianNB(), "n_runs": 2, "n_labels": 60, "team": team(),
        "annotator": {name: alw.SimulatedAnnotator(noise) for name, noise in zip(PEOPLE, (0.0, 0.1, 0.4), strict=True)},
    }  # fmt: skip
    return alw.simulate(*blobs, **(given | changes))


@pytest.fixture
def noisy(blobs):
    """Answers that are wrong at known rows, another third of them for each person."""
    X, y = blobs
    other = np.where(y == "left", "right", "left")
    said = {name: np.where(np.arange(len(y)) % 3 == place, other, y) for place, name in enumerate(PEOPLE)}
    return X, y, said


def test_the_people_of_a_script_answer_in_turn_and_their_answers_are_counted(make_session, noisy):
    _, y, said = noisy
    session = make_session(team=team(), batch_size=8, stop=None)
    session.run(said, 60)
    answers, labels = session.answers, session.labels
    assert len(answers) == session.rounds.n_answers == 60
    assert answers["annotator"].tolist() == PEOPLE * 20
    # No two of them err at the same item, so that what two agree on is right.
    agreed = labels[labels["n_answers"] > 1]
    assert len(agreed) > 20
    assert agreed["label"].tolist() == y[agreed["item"]].tolist()
    assert len(session.rounds) > 2


def test_experts_of_a_script_settle_what_is_disputed(make_session, noisy):
    _, y, said = noisy
    pair = team(annotators=["a1", "a2"], experts=["e1"])
    people = {"a1": said["a1"], "a2": said["a2"], "e1": alw.SimulatedAnnotator(seconds=9.0).answers(y)}
    session = make_session(team=pair, stop=None).run(people, 80)
    settled = session.labels.query("how == 'settled'")
    assert len(settled) > 5
    assert settled["label"].tolist() == y[settled["item"]].tolist()
    assert session.answers.query("annotator == 'e1'")["seconds"].notna().all()


def test_a_script_of_a_team_skips_ends_with_the_pool_and_with_the_budget(make_session, blobs):
    X, y = (part[:20] for part in blobs)
    rules = team(at_most=3)
    session = make_session(X=X, team=rules, test=None, audit=0, stop=None)
    session.run({"a1": y, "a2": y, "a3": {}}, 1000)
    assert session.progress.n_labeled == 20
    assert set(session.answers.query("annotator == 'a3'")["label"]) == {None}
    session = make_session(team=rules, budget=alw.Budget(labels=30), stop="budget")
    assert session.run(dict.fromkeys(PEOPLE, blobs[1])).rounds.n_answers == 30


def test_the_first_items_have_all_their_answers_before_anything_is_asked(make_session, noisy):
    _, _, said = noisy
    session = make_session(team=team(), stop=None).run(said, 12, first=[7, 8])
    assert session.answers["item"].tolist()[:5] == [7, 7, 7, 8, 8]


def test_what_is_no_script_of_a_team_is_refused_and_nothing_happens(make_session, blobs):
    session = make_session(team=team())
    for oracle in (blobs[1], {3: "left"}, {}):
        with pytest.raises(ValueError, match=r"this session has a team; expected a dict .*: \{'a1': \.\.\.\}"):
            session.run(oracle, 4)
    with pytest.raises(ValueError, match="annotator is 'zoe'; expected one of the team"):
        session.run({"zoe": blobs[1]}, 4)
    assert session.answers.empty


def test_curves_count_answers_and_say_how_right_the_labels_are(blobs):
    curves = simulated(blobs).curves
    assert list(curves.columns) == [
        "strategy", "learner", "batch_size", "run", "n_labeled", "score", "seconds", "cost", "n_answers",
        "consensus_accuracy",
    ]  # fmt: skip
    assert curves["n_answers"].max() == 60
    assert (curves["n_labeled"] < curves["n_answers"]).all()
    assert curves["consensus_accuracy"].between(0, 1).all()
    assert curves[["seconds", "cost"]].isna().to_numpy().all()
    assert curves.equals(simulated(blobs).curves)
    assert curves.equals(simulated(blobs, n_jobs=2).curves)


def test_two_answers_and_more_where_they_differ_are_right_more_often_than_one(blobs):
    people = alw.SimulatedAnnotator(0.3)
    right = {
        n: simulated(blobs, annotator=people, n_labels=100, n_runs=4, team=team(answers=n, at_most=max(n, n * 3 // 2)))
        .summary()["consensus_accuracy"]
        .mean()
        for n in (1, 2)
    }
    assert right[2] > right[1] + 0.05
    assert right[1] == pytest.approx(0.7, abs=0.08)


def test_strategies_are_compared_at_equal_answers(blobs):
    result = simulated(blobs)
    summary, last = result.summary(), result.curves.groupby(["strategy", "run"]).last()
    for row in summary.itertuples():
        assert row.consensus_accuracy == pytest.approx(last.loc[row.strategy, "consensus_accuracy"].mean())
    assert "n_answers" in result.regret()
    assert result.plot().layout.xaxis.title.text == "answers"
    one = result.curves.query("strategy == 'margin' and run == 0")
    alone = Comparison(one)
    area = auc(one["n_answers"], one["score"]) / np.ptp(one["n_answers"])
    assert alone.summary()["area_under_curve"].iloc[0] == pytest.approx(area)


def test_each_persons_answers_have_their_price_and_time(blobs):
    people = {
        "a1": alw.SimulatedAnnotator(seconds=2.0, cost=0.1), "a2": alw.SimulatedAnnotator(seconds=4.0, cost=0.5),
        "a3": alw.SimulatedAnnotator(seconds=4.0),
    }  # fmt: skip
    last = simulated(blobs, annotator=people).curves.groupby(["strategy", "run"]).last()
    assert last["cost"].to_numpy() == pytest.approx(20 * 0.6)
    assert last["seconds"].between(100, 400).all()


def test_a_journal_of_a_simulated_team_opens_with_what_it_came_to(blobs, tmp_path):
    X, y = blobs
    curves = simulated(blobs, strategies=["margin"], n_runs=1, journal=tmp_path / "runs").curves
    pool = np.load(tmp_path / "runs" / "run 0.npy")
    path = tmp_path / "runs" / "margin, GaussianNB, batches of 8, run 0.alw"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        session = alw.Session(X[pool], classes=np.unique(y), learner=GaussianNB(), journal=path, random_state=0)
    assert session.rounds.n_answers == curves["n_answers"].iloc[-1] == 60
    right = session.labels["label"].to_numpy() == y[pool][session.labels["item"]]
    assert right.mean() == pytest.approx(curves["consensus_accuracy"].iloc[-1], abs=0.05)
    session.close()


def test_finished_runs_of_a_team_are_kept_and_another_team_is_run_anew(blobs, tmp_path):
    first = simulated(blobs, cache=tmp_path)
    n_kept = len(list(tmp_path.iterdir()))
    assert simulated(blobs, cache=tmp_path).curves.equals(first.curves)
    assert len(list(tmp_path.iterdir())) == n_kept
    simulated(blobs, cache=tmp_path, team=team(answers=1))
    assert len(list(tmp_path.iterdir())) == 2 * n_kept


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"team": PEOPLE}, TypeError, "with the names of the annotators"),
        ({"team": None}, TypeError, "annotator is a dict; expected one such as .*; several need team="),
        ({"annotator": {"a1": alw.SimulatedAnnotator()}}, ValueError, "annotator has no 'a2', who is in the team"),
        ({"annotator": {"zoe": alw.SimulatedAnnotator()}}, ValueError, "annotator is 'zoe'; expected one of the team"),
        ({"annotator": dict.fromkeys(PEOPLE, 0.1)}, TypeError, "annotator of 'a1' is a float"),
        ({"team": team(gold={3: "left"})}, ValueError, "team has gold, whose items are rows of one pool"),
        (
            {"team": team(), "protocol": "lu2023", "learner": None, "n_labels": None},
            ValueError,
            "protocol 'lu2023' is of one person; leave out team",
        ),
    ],
)
def test_what_is_no_team_to_simulate_is_refused(blobs, changes, error, message):
    with pytest.raises(error, match=message):
        simulated(blobs, **changes)
