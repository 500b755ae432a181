"""What random sampling would have reached, against manual fits."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.loop.plan import model_spec
from alwidgets.scoring.baseline import (
    Baseline,
    efficiency,
    from_audit,
    simulated,
)
from alwidgets.scoring.efficiency import area, deficiency, label_savings
from alwidgets.scoring.scores import as_metrics
from alwidgets.session import view_of


@pytest.fixture
def learner():
    return model_spec(LogisticRegression(), "margin")


def test_the_audit_baseline_scores_fits_on_random_draws_of_the_audit(learner, blobs):
    X, y = blobs
    found = from_audit(X[:40], y[:40], learner, test=(X[40:], y[40:]), n_runs=3, seed=5)
    assert found.n_labeled.tolist() == np.unique(np.geomspace(5, 40, 8).round()).tolist()
    assert (found.source, found.metric, found.n_runs) == ("audit", "accuracy", 3)
    by_hand = []
    for run in range(3):
        rows = np.sort(np.random.default_rng((5, run)).permutation(40)[:5])
        by_hand.append(learner.fit(X[rows], y[rows], 5 + run).score(X[40:], y[40:]))
    assert found.score[0] == pytest.approx(np.mean(by_hand))
    half = 1.96 * np.std(by_hand) / np.sqrt(3)
    assert (found.low[0], found.high[0]) == pytest.approx((np.mean(by_hand) - half, np.mean(by_hand) + half))
    # All of the audit is the same draw in every run.
    whole = learner.fit(X[:40], y[:40], 5).score(X[40:], y[40:])
    assert [found.score[-1], found.low[-1], found.high[-1]] == pytest.approx([whole] * 3)


def test_without_a_test_set_no_model_is_scored_on_what_it_was_trained_on(learner):
    # The nearest neighbor knows what it was trained on, and nothing else of labels without a pattern.
    from sklearn.neighbors import KNeighborsClassifier

    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(60, 3)), np.repeat(["a", "b"], 30)
    found = from_audit(X, y, model_spec(KNeighborsClassifier(1), "random"), test=None, n_runs=4)
    assert found.n_labeled[-1] == 48
    assert np.all(np.abs(found.score - 0.5) < 0.2)


def test_the_audit_baseline_rises_where_there_is_something_to_learn(learner, blobs):
    X, y = blobs
    found = from_audit(X, y, learner, test=None, n_runs=5)
    assert found.score[-1] > 0.9
    assert found.score[-1] >= found.score[0]
    assert np.all((found.low <= found.score) & (found.score <= found.high))


def test_the_simulated_baseline_draws_from_the_whole_pool(learner, blobs):
    X, y = blobs
    found = simulated(X[:100], y[:100], 30, learner, test=(X[100:], y[100:]), n_runs=3)
    assert (found.source, found.name, found.n_labeled[-1]) == ("simulated", "random, simulated", 30)
    rows = [np.sort(np.random.default_rng((0, run)).permutation(100)[:30]) for run in range(3)]
    by_hand = [learner.fit(X[drawn], y[drawn], run).score(X[100:], y[100:]) for run, drawn in enumerate(rows)]
    assert found.score[-1] == pytest.approx(np.mean(by_hand))


def test_a_baseline_measures_the_metric_it_is_given(learner, blobs):
    X, y = blobs
    metric = as_metrics("neg_log_loss")[0]
    found = from_audit(X[:40], y[:40], learner, test=(X[40:], y[40:]), metric=metric, n_runs=2)
    assert found.metric == "neg_log_loss"
    assert np.all(found.score < 0)


def test_the_same_seed_gives_the_same_baseline_and_another_one_another(learner, blobs):
    X, y = blobs
    first, second, other = (from_audit(X, y, learner, test=None, n_runs=2, seed=seed) for seed in (1, 1, 2))
    assert first.score.tolist() == second.score.tolist()
    assert first.score.tolist() != other.score.tolist()


def test_one_class_alone_is_refused_with_the_reason(learner, blobs):
    X, _ = blobs
    y = np.repeat("left", 120)
    with pytest.raises(
        ValueError, match="no model could be fitted on up to 120 labels drawn at random; expected labels"
    ):
        from_audit(X, y, learner, test=(X, y))
    with pytest.raises(ValueError, match="no model could be fitted on up to 96"):
        from_audit(X, y, learner, test=None)
    with pytest.raises(ValueError, match="no model could be fitted on up to 30"):
        simulated(X, y, 30, learner, test=(X, y))


def test_numbers_of_labels_that_most_draws_cannot_be_fitted_on_are_left_out(learner, blobs):
    X, _ = blobs
    y = np.repeat(["left", "right"], [117, 3])
    found = from_audit(X, y, learner, test=(X, y))
    assert found.n_labeled[0] > 5
    assert np.isfinite(found.score).all()


def test_draws_that_a_learner_needs_more_labels_for_are_left_out(blobs):
    from sklearn.neighbors import KNeighborsClassifier

    X, y = blobs
    found = from_audit(X[:40], y[:40], model_spec(KNeighborsClassifier(12), "random"), test=(X[40:], y[40:]), n_runs=2)
    assert found.n_labeled[0] >= 12


def test_a_session_draws_from_its_audit_or_says_what_is_missing(make_session, blobs):
    y = blobs[1]
    session = make_session(test=None, audit=0.25)
    with pytest.raises(ValueError, match="there is no model yet; a simulated baseline expects a model"):
        session.random_baseline()
    session.run(y, 24)
    with pytest.raises(ValueError, match="there are 6 audit labels; expected at least 10"):
        session.random_baseline("audit")
    with pytest.raises(ValueError, match="there is no test set, and 6 audit labels; a simulated"):
        session.random_baseline("simulated")
    with pytest.raises(ValueError, match="source is 'guess'; expected 'audit', 'simulated'"):
        session.random_baseline("guess")
    with pytest.raises(ValueError, match="n_runs is 0"):
        session.random_baseline(n_runs=0)
    assert (session.baseline, session.efficiency) == (None, None)
    session.run(y, 24)
    assert session.random_baseline(n_runs=2).source == "audit"
    assert session.random_baseline("simulated", n_runs=2).source == "simulated"
    assert session.baseline.source == "simulated"
    assert session.efficiency.simulated


def test_a_session_with_a_test_set_simulates_with_its_models_predictions(make_session, blobs):
    told = []
    session = make_session().run(blobs[1], 32)
    view_of(session).on_change(lambda: told.append(session.baseline))
    found = session.random_baseline(n_runs=2)
    assert found.source == "simulated"
    assert found.n_labeled[-1] == 32
    assert told == [found]
    again = make_session().run(blobs[1], 32).random_baseline(n_runs=2)
    assert again.score.tolist() == found.score.tolist()


def baseline_of(n, score, source="audit"):
    score = np.array(score)
    return Baseline(np.array(n), score, score - 0.1, score + 0.1, source, "accuracy", 3)


def test_efficiency_is_that_of_both_curves_over_the_labels_they_share():
    n, score = np.array([10, 20, 30, 40]), np.array([0.5, 0.75, 0.9, 0.9])
    random = baseline_of([5, 20, 30, 40, 60], [0.4, 0.5, 0.6, 0.75, 0.8])
    found = efficiency(n, score, random)
    shared = [10, 20, 30, 40]
    usual = [0.4 + 0.1 / 3, 0.5, 0.6, 0.75]
    assert found.area == pytest.approx(area(shared, score))
    assert found.baseline_area == pytest.approx(area(shared, usual))
    assert found.target == pytest.approx(0.775)
    assert found.savings == pytest.approx(label_savings((n, score), (random.n_labeled, random.score), 0.775))
    assert found.data_utilization_rate == pytest.approx(1 - found.savings)
    assert found.deficiency == pytest.approx(deficiency((shared, score), (shared, usual)))
    assert found.sentence == f"{found.savings:.0%} fewer labels than random sampling to a score of 0.775."


def test_efficiency_does_not_mind_the_order_of_rounds_or_labels_undone():
    random = baseline_of([5, 20, 60], [0.4, 0.5, 0.8])
    ordered = efficiency(np.array([10, 20, 30]), np.array([0.5, 0.7, 0.9]), random)
    assert efficiency(np.array([10, 30, 20]), np.array([0.5, 0.9, 0.7]), random) == ordered


def test_curves_with_no_labels_in_common_are_not_compared():
    assert efficiency(np.array([10, 20]), np.array([0.5, 0.7]), baseline_of([20, 40], [0.5, 0.6])) is None
    assert efficiency(np.array([10]), np.array([0.5]), baseline_of([5, 40], [0.5, 0.6])) is None
    assert efficiency(np.array([10, 20]), np.full(2, np.nan), baseline_of([5, 40], [0.5, 0.6])) is None


def test_what_was_lost_is_said_as_plainly_as_what_was_saved():
    n = np.array([10, 20, 30, 40])
    random = baseline_of(n, [0.4, 0.6, 0.8, 0.8], "simulated")
    found = efficiency(n, np.array([0.2, 0.4, 0.6, 0.8]), random)
    # Smoothed, it is at 0.7 with 40 labels, and random sampling between 0.6 with 20 and 0.733 with 30.
    assert found.data_utilization_rate == pytest.approx(40 / 27.5)
    assert found.sentence == "45% more labels than random sampling, simulated, to a score of 0.700."


def test_a_baseline_is_found_for_a_committee(blobs):
    X, y = blobs
    session = alw.Session(
        X, classes=["left", "right"], learner=alw.committee(LogisticRegression(), 3), test=(X, y), random_state=0
    )
    session.run(y, 16)
    assert session.random_baseline(n_runs=2).score[-1] > 0.8
    session.close()
