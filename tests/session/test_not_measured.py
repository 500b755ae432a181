"""A number that was not measured is never shown: not as 0, not on the curve, not as a reason to stop."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.loop.plan import model_spec
from alwidgets.scoring.baseline import Baseline, efficiency, from_audit
from alwidgets.scoring.outputs import KnownOutputs
from alwidgets.scoring.overlap import share_in_pool
from alwidgets.scoring.scores import (
    ClassScore,
    Score,
    as_metrics,
    measure,
)
from alwidgets.session import view_of
from alwidgets.session.progress import advise
from alwidgets.stopping import Budget, History, Round, Signals, any_of
from alwidgets.stopping.next_labels import forecast
from alwidgets.views import figures
from alwidgets.views.learning_curve import caption

OF_POSITIVES = ["average_precision", "recall", "f1", "roc_auc", "balanced_accuracy", "matthews_corrcoef", "f1_macro"]


@pytest.fixture(scope="module")
def rare():
    """A pool in which almost nothing is positive."""
    generator = np.random.default_rng(0)
    y = np.zeros(2000, int)
    y[generator.choice(2000, 10, replace=False)] = 1
    return generator.normal(size=(2000, 3)) + y[:, None], y


@pytest.fixture
def unseen(rare):
    """A session whose audit has no positive, though the model has seen some."""
    X, y = rare
    session = alw.Session(
        X, classes=[0, 1], learner=LogisticRegression(class_weight="balanced"), scoring="average_precision",
        audit=0.3, batch_size=8, random_state=1,
    )  # fmt: skip
    for item in np.flatnonzero(y)[:4].tolist():
        session.teach(item, 1)
    session.run(np.where(np.arange(len(y)) < 0, 1, 0), 90)
    assert not session.labels.query("audit")["label"].any()
    yield session
    session.close()


@pytest.mark.parametrize("scoring", OF_POSITIVES)
def test_samples_of_one_class_measure_nothing_of_a_metric_that_needs_two(scoring):
    y = np.zeros(40, int)
    outputs = KnownOutputs(np.arange(40) % 2)
    for kind, where in (("audit", "the audit has"), ("held out", "the test set has")):
        [score] = measure(outputs, y, kind, metrics=as_metrics(scoring), classes=[0, 1])
        assert not score.measured
        assert np.isnan([score.value, score.low, score.high]).all()
        assert (score.n, score.problem) == (40, f"{scoring} is not measured yet: {where} no 1")


def test_the_accuracy_is_measured_on_one_class_too_where_that_is_what_is_tested():
    [score] = measure(KnownOutputs(np.arange(40) % 2), np.zeros(40, int), "held out", classes=[0, 1])
    assert (score.value, score.problem) == (0.5, "")


@pytest.mark.parametrize("kind", ["audit", "test then train"])
def test_random_questions_that_met_one_class_only_are_no_accuracy(kind):
    [score] = measure(KnownOutputs(np.zeros(40, int)), np.zeros(40, int), kind, classes=[0, 1])
    assert (score.measured, score.later) == (False, True)
    assert score.problem == "accuracy is not measured yet: the audit has no 1"


def test_no_interval_counts_resamples_in_which_the_positives_are_missing():
    y = np.array([1] + [0] * 29)
    [score] = measure(KnownOutputs(y), y, "audit", metrics=as_metrics("recall"))
    assert (score.value, score.high) == (1, 1)
    # Every resample that has the positive finds it.
    assert score.low > 0.8


def test_a_precision_without_a_predicted_positive_is_not_0():
    y = np.arange(40) % 2
    [score] = measure(KnownOutputs(np.zeros(40, int)), y, "audit", metrics=as_metrics("precision"))
    assert (score.measured, score.problem) == (False, "precision is not measured yet: the model predicts no positive")
    assert measure(KnownOutputs(np.zeros(40, int)), y, "audit", metrics=as_metrics("recall"))[0].value == 0


@pytest.mark.parametrize("kind", ["audit", "test then train"])
def test_fewer_than_ten_random_questions_measure_nothing(kind):
    y = np.arange(10) % 2
    [score] = measure(KnownOutputs(y[:9]), y[:9], kind)
    assert (score.measured, score.problem) == (
        False,
        "accuracy is measured from 10 random questions on; 9 have an answer",
    )
    assert measure(KnownOutputs(y), y, kind)[0].value == 1
    assert measure(KnownOutputs(y[:9]), y[:9], "held out")[0].value == 1


def test_an_audit_without_a_positive_is_told_everywhere_and_advises_nothing(unseen, tmp_path):
    problem = "average_precision is not measured yet: the audit has no 1"
    last = unseen.rounds[-1]
    assert (last.measured, last.problem) == (False, problem)
    assert unseen.history["score"].isna().all()
    assert not unseen.advice.stop
    assert unseen.advice.sentence == f"Keep going: {problem}."
    assert not any(reading.fired for reading in unseen.advice.readings)
    assert repr(unseen).endswith(f", {problem})")
    assert caption(unseen) == problem
    assert all(len(trace.x) == 0 for trace in figures.learning_curve(unseen.rounds).data if trace.mode != "lines")
    card = (unseen.export(tmp_path / "folder", model=False) / "card.md").read_text(encoding="utf-8")
    assert "is not measured yet" in card
    assert "0.00" not in card
    unseen._baseline = from_audit(
        unseen.X[:60], np.arange(60) % 2, model_spec(LogisticRegression(), "margin"), test=None, n_runs=2
    )
    assert unseen.efficiency is None


def rounds_of(curve, **changes):
    made = [
        Round(i + 1, 10 * (i + 1), 10 * (i + 1), s, s - 0.01, s + 0.01, "held out", 500, 0.1, 0.0, 0.0, "margin")
        for i, s in enumerate(curve)
    ]
    return [replace(item, **changes) for item in made]


def history_of(rounds, budget=None):
    return History(tuple(rounds), budget or Budget(), rounds[-1].n_labeled, 0.0, n_samples=100_000)


SURE = Signals(
    n_watched=500, n_unlabeled=400, kappa=1.0, changed=0.0, f_change=0.0, entropy=0.0, max_entropy=0.0,
    batch_entropy=0.0, confidence=1.0, confidence_variance=0.0, expected_error=0.0, expected_f=1.0, n_answered=10,
    answered_right=1.0, contradiction=0.0, agreement=1.0, batch_agreement=1.0, inside_margin=0, n_predicted=2,
)  # fmt: skip
OF_THE_MODEL = [
    "plateau", "stabilizing_predictions", "predicted_f_change", "classification_change", "overall_uncertainty",
    "max_uncertainty", "batch_uncertainty", "oracle_accuracy", "expected_error", "committee_agreement",
    "margin_exhausted",
]  # fmt: skip


@pytest.mark.parametrize("criterion", OF_THE_MODEL)
def test_no_criterion_fires_on_a_model_that_predicts_one_class_only(criterion):
    flat = [0.995] * 12
    (fires,) = any_of(criterion).read(history_of(rounds_of(flat, signals=SURE)))
    assert fires.fired
    (reading,) = any_of(criterion).read(history_of(rounds_of(flat, signals=replace(SURE, n_predicted=1))))
    assert (reading.fired, reading.why) == (False, "the model predicts one class only")


@pytest.mark.parametrize("criterion", OF_THE_MODEL)
def test_no_criterion_fires_while_the_class_in_question_was_never_met(criterion):
    why = "recall is not measured yet: the audit has no 'yes'"
    lost = Score(np.nan, np.nan, np.nan, "audit", 40, "recall", why, later=True)
    seen = (ClassScore("no", 1.0, 1.0, 40), ClassScore("yes", np.nan, np.nan, 0))
    rounds = rounds_of([np.nan] * 12, signals=SURE, metric="recall", score_kind="audit", scores=(lost,), per_class=seen)
    history = history_of(rounds)
    (reading,) = any_of(criterion).read(history)
    assert (reading.fired, reading.why, reading.possible) == (False, why, True)
    assert forecast(history) is None
    assert advise(any_of(criterion), history).sentence == f"Keep going: {why}."


def test_labels_are_not_said_to_cost_too_much_on_a_model_that_predicts_one_class_only():
    prices = Budget(cost_per_label=1.0, n_predictions=1000, cost_per_error=10.0)
    rounds = rounds_of([0.5] * 12, signals=replace(SURE, n_predicted=1))
    (reading,) = any_of("marginal_gain").read(history_of(rounds, prices))
    assert (reading.fired, reading.why) == (False, "the model predicts one class only")


def test_what_the_next_labels_bring_is_told_only_when_it_is_known():
    noisy = np.clip(0.6 + np.random.default_rng(0).normal(0, 0.12, 8), 0, 1)
    early = advise(any_of("budget"), history_of(rounds_of(noisy), Budget(labels=1000)))
    assert not early.forecast.clear
    assert early.sentence == "Keep going: it is too early to tell what the next 50 labels bring."
    late = advise(any_of("budget"), history_of(rounds_of(0.9 - 1 / np.arange(10, 22)), Budget(labels=1000)))
    assert late.forecast.clear
    assert "points (95 %: " in late.sentence


def test_the_projection_starts_at_the_last_measured_point_and_never_below_it():
    scores = np.append(0.9 - 1 / np.arange(10, 22), 0.87)
    history = history_of(rounds_of(scores))
    figure = figures.learning_curve(history)
    line = next(trace for trace in figure.data if trace.name == "projection")
    assert (line.x[0], line.y[0]) == (history[-1].n_labeled, 0.87)
    assert min(line.y) == 0.87
    noisy = history_of(rounds_of(np.clip(0.6 + np.random.default_rng(0).normal(0, 0.12, 8), 0, 1)))
    assert "projection" not in [trace.name for trace in figures.learning_curve(noisy).data]


@pytest.mark.parametrize("n_runs", [3, 5])
def test_no_saving_is_told_at_a_score_that_the_most_frequent_class_reaches(n_runs, rng):
    y = (rng.random(300) < 0.132).astype(int)
    X = rng.normal(size=(300, 2)) + 3 * y[:, None]
    # Random draws find nothing but the most frequent class.
    baseline = from_audit(X, y, model_spec(DummyClassifier(), "margin"), test=(X, y), n_runs=n_runs)
    assert baseline.majority == pytest.approx(max(y.mean(), 1 - y.mean()))
    found = efficiency(np.arange(10, 310, 50), np.linspace(0.8, 0.972, 6), baseline)
    assert np.isnan([found.savings, found.data_utilization_rate]).all()
    assert found.sentence == (
        f"No saving can be told yet: the curves meet at a score of {found.target:.3f}, and always answering the most "
        f"frequent class reaches {baseline.majority:.3f}."
    )
    good = from_audit(X, y, model_spec(LogisticRegression(), "margin"), test=(X, y), n_runs=n_runs)
    assert "labels than random sampling" in efficiency(np.arange(10, 310, 50), np.linspace(0.8, 0.99, 6), good).sentence


def baseline_on(n_scored, score, majority):
    score = np.array(score)
    return Baseline(
        np.array([10, 100, 200, 300]),
        score,
        score - 0.001,
        score + 0.001,
        "simulated",
        "accuracy",
        10,
        majority,
        n_scored,
    )


@pytest.mark.parametrize(("n_scored", "told"), [(297, False), (None, True), (20_000, True)])
def test_no_saving_is_told_at_a_score_that_the_samples_cannot_tell_from_the_most_frequent_class(n_scored, told):
    baseline = baseline_on(n_scored, [0.86, 0.87, 0.883, 0.883], 0.8687)
    found = efficiency(np.array([10, 100, 200, 300]), np.array([0.86, 0.883, 0.89, 0.9]), baseline)
    assert found.target == pytest.approx(0.883)
    assert np.isfinite([found.savings, found.data_utilization_rate]).all() == told
    if not told:
        assert found.sentence == (
            "No saving can be told yet: the curves meet at a score of 0.883, and always answering the most frequent "
            "class reaches 0.869, which is too near to be told apart."
        )


def test_a_score_that_the_samples_tell_from_the_most_frequent_class_is_a_target():
    found = efficiency(
        np.array([10, 100, 200, 300]), np.array([0.86, 0.93, 0.95, 0.96]),
        baseline_on(297, [0.86, 0.9, 0.93, 0.94], 0.8687),
    )  # fmt: skip
    assert "fewer labels than random sampling" in found.sentence


def test_a_baseline_knows_how_many_samples_it_was_scored_on(rng):
    X, y = rng.normal(size=(60, 2)), np.arange(60) % 2
    how = model_spec(LogisticRegression(), "margin")
    assert from_audit(X, y, how, test=(X[:25], y[:25]), n_runs=1).n_scored == 25
    assert from_audit(X[:40], y[:40], how, test=None, n_runs=1).n_scored == 40


def test_with_every_sample_answered_nothing_says_to_keep_going_and_all_are_learned(make_session, blobs):
    session = make_session(stop=None, batch_size=50).run(blobs[1])
    assert session.progress.n_labeled == 120
    assert session.rounds[-1].n_learned == 120
    assert session.advice.sentence.startswith("Every sample has an answer: accuracy is ")
    # Labels changed afterwards are learned by the batch again.
    session.teach(0, "left")
    session.wait()
    assert len(session.rounds) == 3


def test_with_every_sample_answered_a_rule_that_fires_says_so_too(make_session, blobs):
    session = make_session(stop="budget", budget=20).run(blobs[1], 120)
    sentence = session.advice.sentence
    assert sentence.startswith("Every sample has an answer. You may stop: budget (120 of 20 labels spent).")
    assert "the next" not in sentence.lower()
    assert session.advice.stop
    assert view_of(session).advice.sentence == sentence


def test_what_waits_for_nothing_says_that_every_sample_has_an_answer(make_session, blobs):
    session = make_session(stop=None).run(blobs[1])
    assert view_of(session).advice.sentence == session.advice.sentence
    assert view_of(session).advice.sentence.startswith("Every sample has an answer: ")


@pytest.mark.parametrize("n_skipped", [0, 20, 120])
def test_with_every_sample_answered_by_one_class_no_model_is_waited_for(make_session, n_skipped):
    session = make_session()
    for item in range(120):
        if item < n_skipped:
            session.skip(item)
        else:
            session.teach(item, "left")
    for advice in (session.advice, view_of(session).advice):
        assert advice.sentence == (
            "Every sample has an answer: no model can be trained, as the labels to train on do not tell two classes "
            "apart."
        )
    session.teach(0, "right")
    session.wait()
    if n_skipped < 120:
        assert session.advice.sentence.startswith("Every sample has an answer: accuracy is ")


def test_an_export_has_learned_every_label(make_session, blobs, tmp_path):
    session = make_session(batch_size=50).run(blobs[1], 99)
    assert session.rounds[-1].n_learned == 50
    card = (session.export(tmp_path / "folder", model=False) / "card.md").read_text(encoding="utf-8")
    assert "trained on 99 labels" in card
    assert "the model learns from 99 of the labels" in card
    assert "is behind" not in card


def test_an_export_whose_last_labels_cannot_be_learned_says_so(make_session, blobs, tmp_path):
    class Full(LogisticRegression):
        def fit(self, X, y):
            if len(y) > 60:
                raise MemoryError("full")
            return super().fit(X, y)

    session = make_session(batch_size=50, learner=Full()).run(blobs[1], 99)
    card = (session.export(tmp_path / "folder", model=False) / "card.md").read_text(encoding="utf-8")
    assert "**the model is behind**: 49 labels came after it" in card


POOLS = {
    "array": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "sparse": csr_matrix,
    "texts": lambda X: np.array([f"text {row[0]}" for row in X], object),
}


@pytest.mark.parametrize("kind", [*POOLS, "frame"])
def test_test_samples_that_lie_in_the_pool_are_found(kind, rng):
    X = rng.normal(size=(300, 4))
    make = POOLS.get(kind) or (lambda X: __import__("pandas").DataFrame(X, columns=list("abcd")))
    assert share_in_pool(make(X[::3]), make(X)) == 1
    assert share_in_pool(make(X[:100]), make(X[50:])) == 0.5
    assert share_in_pool(make(X[:100]), make(X[100:])) == 0


@pytest.mark.parametrize(("of_pool", "of_test"), [(csr_matrix, np.asarray), (np.asarray, csr_matrix)])
def test_test_samples_are_found_in_the_pool_whether_they_or_it_are_sparse(of_pool, of_test, rng):
    X = rng.poisson(1.0, size=(300, 12)).astype(float)
    X[0] = 0
    X[1] = -X[0]
    assert share_in_pool(of_test(X[:100]), of_pool(X[50:])) >= 0.5
    assert share_in_pool(of_test(X[:50]), of_pool(X)) == 1
    assert share_in_pool(of_test(X[:50] + 0.5), of_pool(X)) == 0


def test_a_test_set_that_lies_in_the_pool_is_warned_of(blobs):
    X, y = blobs
    given = {"classes": ["left", "right"], "learner": LogisticRegression()}
    with pytest.warns(
        UserWarning, match="100% of the samples of test are in X as well: .* Leave them out of X"
    ) as told:
        alw.Session(X, test=(X[::3], y[::3]), **given)
    assert told[0].filename == __file__
    alw.Session(X[20:], test=(X[:20], y[:20]), **given)
