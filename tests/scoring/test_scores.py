import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer, recall_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from alwidgets.scoring.intervals import accuracy_interval
from alwidgets.scoring.lure import lure_weights
from alwidgets.scoring.outputs import KnownOutputs, Outputs
from alwidgets.scoring.scores import (
    ACCURACY,
    as_metrics,
    cross_validated,
    measure,
    per_class,
    unmeasured,
)


@pytest.fixture
def fitted(blobs):
    X, y = blobs
    X = X + np.random.default_rng(0).normal(0, 2.5, X.shape)
    return LogisticRegression().fit(X[:20], y[:20]), X[20:], y[20:]


@pytest.mark.parametrize("n", [1, 7, 40, 1000])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_the_interval_is_scipys_exact_one(n, confidence):
    for k in {0, 1, n // 3, n - 1, n}:
        exact = binomtest(k, n).proportion_ci(confidence, method="exact")
        assert accuracy_interval(k, n, confidence=confidence) == pytest.approx((exact.low, exact.high), abs=1e-12)


def test_accuracy_counts_what_is_right_and_is_nan_on_nothing(fitted):
    learner, X, y = fitted
    [score] = measure(Outputs(learner, X), y, "held out")
    assert score.value == pytest.approx(learner.score(X, y))
    assert (score.low, score.high) == accuracy_interval(round(score.value * 100), 100)
    [nothing] = measure(Outputs(learner, X[:0]), y[:0], "audit")
    assert (nothing.kind, nothing.n) == ("audit", 0)
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()


def test_any_scorer_of_scikit_learn_is_measured_with_an_interval_around_its_value(fitted):
    learner, X, y = fitted
    metrics = as_metrics(
        ["f1_macro", "roc_auc", "neg_log_loss", "balanced_accuracy", make_scorer(f1_score, pos_label="left")]
    )
    scores = measure(Outputs(learner, X), y, "held out", metrics=metrics)
    expected = [metric.scorer(learner, X, y) for metric in metrics]
    assert [score.value for score in scores] == pytest.approx(expected)
    assert [score.metric for score in scores] == [
        "f1_macro",
        "roc_auc",
        "neg_log_loss",
        "balanced_accuracy",
        "f1_score",
    ]
    for score in scores:
        assert score.low < score.value < score.high
        assert score.problem == ""
    assert scores == measure(Outputs(learner, X), y, "held out", metrics=metrics)


def test_a_function_of_the_samples_cannot_score_predictions_alone():
    y = np.array(["a", "b"] * 10)
    [score] = measure(KnownOutputs(y), y, "test then train", metrics=as_metrics(lambda *_: 1.0))
    assert score.problem.endswith("cannot score predictions alone; give a scorer made by make_scorer")


def test_the_bootstrap_interval_is_as_wide_as_the_metric_varies_between_test_sets(fitted):
    learner, X, y = fitted
    generator = np.random.default_rng(1)
    [score] = measure(Outputs(learner, X), y, "held out", metrics=as_metrics("f1_macro"))
    draws = [generator.integers(len(y), size=len(y)) for _ in range(400)]
    spread = np.std([f1_score(y[rows], learner.predict(X[rows]), average="macro") for rows in draws])
    assert (score.high - score.low) / (2 * 1.96 * spread) == pytest.approx(1, abs=0.2)


def test_a_metric_without_an_error_has_the_exact_interval_of_the_accuracy():
    y = np.repeat(["a", "b"], 10)
    [score] = measure(KnownOutputs(y), y, "held out", metrics=as_metrics("f1_macro"))
    assert (score.value, score.high) == (1, 1)
    assert score.low == pytest.approx(accuracy_interval(20, 20)[0])


def test_a_users_function_is_given_the_samples_if_it_wants_them(fitted):
    learner, X, y = fitted
    asked = []

    def by_column(estimator, samples, labels):
        asked.append(samples.shape)
        near = samples[:, 0] > np.median(X[:, 0])
        return float(np.mean(estimator.predict(samples)[near] == labels[near]))

    def by_prediction(estimator, samples, labels):
        return float(np.mean(estimator.predict(samples) == labels))

    column, prediction = measure(Outputs(learner, X), y, "held out", metrics=as_metrics([by_column, by_prediction]))
    assert column.value == by_column(learner, X, y)
    assert column.low < column.value < column.high
    assert {len(shape) for shape in asked} == {1, 2}  # row numbers were tried first, and did not do
    assert prediction.value == pytest.approx(learner.score(X, y))
    assert (prediction.metric, column.metric) == ("by_prediction", "by_column")


@pytest.mark.parametrize(
    ("scorer", "problem"),
    [
        (lambda *_: 1 / 0, "<lambda> failed: ZeroDivisionError: division by zero"),
        (lambda *_: float("nan"), "<lambda> gave nan"),
        ("roc_auc_ovr", "roc_auc_ovr failed: "),
    ],
)
def test_a_scorer_that_fails_says_so_and_measures_nothing(scorer, problem):
    X, y = np.eye(4), np.array(["a", "b", "c", "a"])
    learner = KNeighborsClassifier(1).fit(X, y)
    outputs = KnownOutputs(y) if isinstance(scorer, str) else Outputs(learner, X)
    [score] = measure(outputs, y, "held out", metrics=as_metrics(scorer))
    assert np.isnan([score.value, score.low, score.high]).all()
    assert score.problem.startswith(problem)


@pytest.mark.parametrize(
    ("scoring", "error", "message"),
    [
        ("acc", ValueError, r"Unknown metric 'acc'; expected a scorer of scikit-learn, such as \['accuracy'"),
        ("f1_makro", ValueError, "Unknown metric 'f1_makro'; expected a scorer of scikit-learn, such as .*f1_macro"),
        ([], ValueError, r"scoring is \[\]; expected at least one metric"),
        (["accuracy", "accuracy"], ValueError, "scoring has 'accuracy' more than once"),
        (5, TypeError, "scoring is 5; expected the name of a scorer or a function"),
        (["accuracy", None], TypeError, "scoring is None; expected"),
    ],
)
def test_what_is_no_metric_is_refused(scoring, error, message):
    with pytest.raises(error, match=message):
        as_metrics(scoring)


def test_metrics_have_the_names_a_dict_gives_them():
    assert [metric.name for metric in as_metrics({"right": "accuracy", "f": "f1_macro"})] == ["right", "f"]
    assert as_metrics("accuracy") == (ACCURACY,)
    assert [score.metric for score in unmeasured("audit", as_metrics(["accuracy", "f1_macro"]))] == [
        "accuracy",
        "f1_macro",
    ]


def test_cross_validation_is_scikit_learns_on_stratified_folds(blobs):
    X, y = blobs
    folds = StratifiedKFold(5, shuffle=True, random_state=3)
    expected = cross_val_score(LogisticRegression(), X, y, cv=folds).mean()
    [score] = cross_validated(LogisticRegression(), X, y, seed=3)
    assert (score.value, score.kind, score.n) == (pytest.approx(expected), "cross-validated", 120)


def test_metrics_of_probabilities_are_cross_validated_on_those_of_the_folds(fitted):
    _, X, y = fitted
    folds = StratifiedKFold(5, shuffle=True, random_state=3)
    proba = cross_val_predict(LogisticRegression(), X, y, cv=folds, method="predict_proba")
    [score] = cross_validated(LogisticRegression(), X, y, seed=3, metrics=as_metrics("roc_auc"))
    assert score.value == pytest.approx(roc_auc_score(y, proba[:, 1]))


def test_a_class_with_one_label_leaves_nothing_to_cross_validate(blobs):
    X, y = blobs
    rows = np.r_[np.flatnonzero(y == "left")[:5], np.flatnonzero(y == "right")[:1]]
    assert np.isnan(cross_validated(LogisticRegression(), X[rows], y[rows], seed=0)[0].value)


def test_a_model_that_fails_on_the_smaller_folds_opens_its_round_all_the_same(make_session, blobs):
    session = make_session(learner=KNeighborsClassifier(4), test=None, audit=0, batch_size=4).run(blobs[1], 4)
    assert session.progress.error == ""
    assert session.history["score"].isna().tolist() == [True]


def test_recall_and_precision_of_each_class_are_scikit_learns(fitted):
    learner, X, y = fitted
    said = learner.predict(X)
    scores = per_class(y, said, ["left", "right", "neither"])
    expected = recall_score(y, said, average=None, labels=["left", "right"])
    assert [score.recall for score in scores[:2]] == pytest.approx(expected)
    assert np.isnan([scores[2].recall, scores[2].precision]).all()
    assert [score.n for score in scores] == [*np.unique(y, return_counts=True)[1].tolist(), 0]


def test_lure_weights_make_the_mean_loss_of_chosen_samples_unbiased():
    # 40 samples, those with a large loss are asked three times as readily: the plain mean is far too high.
    generator = np.random.default_rng(0)
    loss = np.where(generator.random(40) < 0.3, 0.9, 0.1)
    readiness = np.where(loss > 0.5, 3.0, 1.0)
    plain, weighted = [], []
    for _ in range(4000):
        left, chances, drawn = np.arange(40), [], []
        for _ in range(15):
            p = readiness[left] / readiness[left].sum()
            place = generator.choice(len(left), p=p)
            chances.append(p[place])
            drawn.append(left[place])
            left = np.delete(left, place)
        plain.append(loss[drawn].mean())
        weighted.append((lure_weights(np.array(chances), 40) * loss[drawn]).mean())
    error = np.std(weighted) / np.sqrt(len(weighted))
    assert abs(np.mean(weighted) - loss.mean()) < 4 * error
    assert np.mean(plain) - loss.mean() > 0.1


# How often each of three classes comes and is predicted as each: what a model of known quality says.
JOINT = np.array([[0.42, 0.05, 0.03], [0.04, 0.23, 0.03], [0.03, 0.05, 0.12]])


class Echo:
    """A model whose predictions are its samples."""

    def predict(self, X):
        return X


def f1_macro(estimator, X, y):
    """Scikit-learn's f1_macro, a hundred times faster."""
    told = estimator.predict(X)
    counts = np.bincount(3 * y + told, minlength=9).reshape(3, 3)
    total = counts.sum(axis=0) + counts.sum(axis=1)
    return float(np.mean(2 * np.diag(counts)[total > 0] / total[total > 0]))


def test_the_interval_of_a_score_holds_the_true_one_of_a_known_model_as_often_as_it_says():
    truth = {
        "accuracy": np.trace(JOINT),
        "f1_macro": np.mean(2 * np.diag(JOINT) / (JOINT.sum(axis=0) + JOINT.sum(axis=1))),
    }
    generator = np.random.default_rng(0)
    held = dict.fromkeys(truth, 0)
    for seed in range(200):
        y, told = np.divmod(generator.choice(9, size=150, p=JOINT.ravel()), 3)
        metrics = as_metrics(["accuracy", f1_macro])
        for score in measure(Outputs(Echo(), told), y, "audit", metrics=metrics, seed=seed):
            held[score.metric] += score.low <= truth[score.metric] <= score.high
    assert f1_macro(Echo(), told, y) == pytest.approx(f1_score(y, told, average="macro"))
    assert all(180 <= count <= 198 for count in held.values()), held


@pytest.mark.parametrize(
    ("probability", "n_samples", "message"),
    [
        ([0.5, 0.0], 10, "outside"),
        ([0.5, np.nan], 10, "outside"),
        ([1.1], 10, "outside"),
        ([0.5] * 3, 2, "3 samples were drawn of 2"),
    ],
)
def test_impossible_draws_are_refused(probability, n_samples, message):
    with pytest.raises(ValueError, match=message):
        lure_weights(np.array(probability), n_samples)


def test_when_all_were_drawn_all_count_the_same():
    assert lure_weights(np.array([0.5, 0.2, 1.0]), 3) == pytest.approx([1, 1, 1])
