"""Sessions in which a label is any number of classes."""

import numpy as np
import pytest
from modAL.models import ActiveLearner
from modAL.multilabel import avg_confidence
from modAL.uncertainty import entropy_sampling
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import alwidgets as alw
from alwidgets.data.label_kinds import MULTILABEL
from alwidgets.data.labels import LabelEncoding, label_of
from alwidgets.io import read_labels, write_labels
from alwidgets.journal.errors import JournalError
from alwidgets.journal.events import Trained
from alwidgets.strategies import NAMED, distinct

NAMES = ["cat", "dog", "cow"]
X, Y = make_multilabel_classification(200, 6, n_classes=3, n_labels=2, random_state=1)
X = (X - X.mean(axis=0)) / X.std(axis=0)
MANY = [name for name, strategy in NAMED.items() if MULTILABEL in strategy.kinds]
LEARNERS = {
    "one vs rest": OneVsRestClassifier(LogisticRegression()),
    "machines": OneVsRestClassifier(LinearSVC()),
    "pipeline": make_pipeline(StandardScaler(), OneVsRestClassifier(GaussianNB())),
    "several outputs": MultiOutputClassifier(LogisticRegression()),
    "neighbors": KNeighborsClassifier(3),
    "forest": RandomForestClassifier(5),
    "network": MLPClassifier((4,), solver="lbfgs", max_iter=2000, alpha=1.0),
}


@pytest.fixture
def make():
    """A function that makes a small multilabel session; keywords replace the defaults."""
    sessions = []

    def made(**changes):
        given = {
            "X": X[:120], "classes": NAMES, "learner": LEARNERS["one vs rest"], "task": "multi", "random_state": 0,
            "batch_size": 6, "test": (X[120:], Y[120:]),
        } | changes  # fmt: skip
        sessions.append(alw.Session(**given))
        return sessions[-1]

    yield made
    for session in sessions:
        session.close()
        session.wait()


@pytest.mark.parametrize("name", LEARNERS)
def test_a_session_learns_with_any_model_that_takes_an_indicator_matrix(make, name):
    session = make(learner=LEARNERS[name], audit=0.2)
    session.run(Y[:120], 30)
    assert session.progress.error == ""
    predicted = session.learner.predict(X[120:])
    assert predicted.shape == Y[120:].shape
    last = session.rounds[-1]
    exact = (predicted == Y[120:]).all(axis=1).mean()
    assert (last.metric, last.score, last.strategy) == ("accuracy", pytest.approx(exact), "margin")
    for place, seen in enumerate(last.per_class):
        right = (predicted[:, place] == 1) & (Y[120:, place] == 1)
        assert seen.recall == pytest.approx(right.sum() / Y[120:, place].sum())
        assert seen.n == Y[120:, place].sum()


@pytest.mark.parametrize("name", LEARNERS)
def test_the_predictions_of_the_pool_are_an_indicator_matrix(make, name):
    session = make(learner=LEARNERS[name]).run(Y[:120], 30)
    found = session.predictions()
    if hasattr(session.learner, "predict_proba"):
        assert ((found.confidence > 0) & (found.confidence <= 1)).all()
        assert (found.codes == (session.learner.predict(X[:120]) == 1)).mean() > 0.95
    else:
        assert found.confidence is None
        np.testing.assert_array_equal(found.codes, session.learner.predict(X[:120]))


def test_a_label_is_a_tuple_in_the_order_of_the_declared_classes(make):
    session = make()
    session.teach(3, ["cow", "cat"])
    session.teach(4, [])
    session.teach(5, {"dog"})
    assert session.labels["label"].tolist() == [("cat", "cow"), (), ("dog",)]
    X_train, y_train = session.training_set()
    assert y_train.tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert y_train.dtype.kind == "i"
    np.testing.assert_array_equal(X_train, X[[3, 4, 5]])
    progress = session.progress
    assert (progress.n_labeled, progress.class_counts) == (3, (1, 1, 1))


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("cat", "label is 'cat'; expected a list of classes, such as ['cat'], or [] for none of them."),
        (None, "expected a list of classes"),
        (0, "expected a list of classes"),
        ({"cat": 1}, "expected a list of classes"),
        (["cat", "bird"], "label 'bird' is unknown; expected one of ['cat', 'dog', 'cow']."),
        (["cat", ["dog"]], "is unknown"),
        (["cat", "dog", "cat"], "label has 'cat' more than once; expected each class once."),
    ],
)
def test_what_is_no_list_of_classes_is_refused_and_changes_nothing(make, label, expected):
    session = make()
    with pytest.raises((ValueError, TypeError)) as caught:
        session.teach(3, label)
    assert expected in str(caught.value)
    assert session.events == ()


@pytest.mark.parametrize("strategy", MANY)
def test_every_multilabel_strategy_asks_for_distinct_rows(make, strategy):
    session = make(strategy=strategy, learner=LEARNERS["pipeline"]).run(Y[:120], 18)
    assert session.progress.phase == strategy
    assert session.labels["item"].nunique() == 18
    assert len(session.query()) == 6


@pytest.mark.parametrize("strategy", ["margin", "max_loss", "ranked_batch", avg_confidence])
def test_a_model_without_probabilities_is_asked_by_its_decisions(make, strategy):
    learner = LEARNERS["one vs rest" if callable(strategy) else "machines"]
    assert make(strategy=strategy, learner=learner).run(Y[:120], 18).progress.n_labeled == 18


def test_the_margin_asks_for_the_class_nearest_to_one_half(make):
    session = make().run(Y[:120], 18)
    open_rows = np.setdiff1d(np.arange(120), session.labels["item"])
    nearest = open_rows[np.argsort(abs(session.learner.predict_proba(X[open_rows]) - 0.5).min(axis=1))]
    assert set(session.query(6).tolist()) == set(nearest[:6].tolist())


@pytest.mark.parametrize("strategy", ["badge", "contrastive", "expected_error", entropy_sampling, distinct("badge")])
def test_a_multiclass_strategy_is_refused_with_the_multilabel_ones_named(make, strategy):
    with pytest.raises(ValueError, match=r"makes no sense where a label is any number of classes") as caught:
        make(strategy=strategy)
    assert all(repr(name) in str(caught.value) for name in MANY)


@pytest.mark.parametrize("strategy", ["avg_score", avg_confidence])
def test_a_multilabel_strategy_is_refused_where_a_label_is_one_class(blobs, strategy):
    with pytest.raises(ValueError, match="makes no sense where a label is one class"):
        alw.Session(blobs[0], classes=["left", "right"], learner=LogisticRegression(), strategy=strategy)


@pytest.mark.parametrize(
    ("learner", "expected"),
    [
        (LogisticRegression(), r"LogisticRegression takes one class a sample.* OneVsRestClassifier\("),
        (make_pipeline(StandardScaler(), GaussianNB()), "Pipeline takes one class a sample"),
        (alw.committee(GaussianNB(), n_members=2), "learner is a Committee"),
    ],
)
def test_a_learner_that_takes_no_indicator_matrix_is_refused_with_what_to_give(make, learner, expected):
    with pytest.raises(TypeError, match=expected):
        make(learner=learner)


def test_a_modal_learner_keeps_its_own_labels_and_query_strategy(make):
    learner = ActiveLearner(LEARNERS["one vs rest"], avg_confidence, X_training=X[150:160], y_training=Y[150:160])
    session = make(learner=learner).run(Y[:120], 12)
    assert len(session.learner.y_training) == 10 + session.rounds[-1].n_learned
    with pytest.raises(ValueError, match="makes no sense"):
        make(learner=ActiveLearner(LEARNERS["one vs rest"], X_training=X[150:160], y_training=Y[150:160]))


def test_the_cold_start_lasts_until_each_class_was_there_and_was_not(make):
    session = make(batch_size=2)
    for row, label in enumerate([["cat", "dog"], ["cat"], ["cat", "cow"], ["cat"]]):
        session.teach(row, label)
    session.retrain()
    assert session.progress.phase == "cold start"
    session.teach(4, ["dog"])
    session.retrain()
    assert session.progress.phase == "margin"


def test_labels_that_tell_no_class_from_its_absence_are_not_learned_from(make):
    session = make()
    session.teach(0, ["cat"])
    session.teach(1, ["cat"])
    with pytest.raises(ValueError, match=r"\{'cat': 2, 'dog': 0, 'cow': 0\}; expected labels of a class that some"):
        session.retrain()


def test_a_resumed_session_asks_the_same_next(make, tmp_path):
    whole = make().run(Y[:120], 30)
    make(journal=tmp_path / "s.alw").run(Y[:120], 20).close()
    resumed = make(journal=tmp_path / "s.alw")
    assert resumed.labels["label"].map(type).eq(tuple).all()
    resumed.run(Y[:120], 10)
    assert resumed.labels["item"].tolist() == whole.labels["item"].tolist()
    assert resumed.versions["training_set"].tolist() == whole.versions["training_set"].tolist()
    np.testing.assert_array_equal(resumed.query(), whole.query())


def test_a_journal_of_another_kind_of_label_is_refused(make, tmp_path):
    make(journal=tmp_path / "s.alw").run(Y[:120], 3).close()
    with pytest.raises(JournalError, match="task of another kind; expected one class"):
        make(journal=tmp_path / "s.alw", task="single", learner=GaussianNB(), test=None)


def test_undo_and_rollback_bring_labels_and_counts_back(make):
    session = make().run(Y[:120], 12)
    before = session.labels["label"].tolist(), session.progress.class_counts
    session.teach(int(session.query()[0]), ["cow"])
    session.undo()
    assert (session.labels["label"].tolist(), session.progress.class_counts) == before
    session.run(Y[:120], 12)
    after = session.training_set()[1]
    found = session.rollback(1)
    assert (found.same_training_set, found.same_predictions) == (True, True)
    assert session.progress.n_labeled == 6
    session.rollback()
    np.testing.assert_array_equal(session.training_set()[1], after)


def test_the_difference_of_two_rounds_is_told_by_their_labels(make):
    session = make(batch_size=3)
    for row, label in enumerate([["cat"], ["dog"], []]):
        session.teach(row, label)
    session.retrain()
    session.rollback(session.retrain().round - 1)
    session.teach(3, ["cow", "dog"])
    session.teach(0, ["cat", "cow"])
    session.retrain()
    found = session.diff(1, session.rounds[-1].round)
    assert found.to_numpy().tolist() == [[0, ("cat",), ("cat", "cow"), "changed"], [3, None, ("dog", "cow"), "added"]]


def test_a_class_that_is_found_midway_is_a_new_column(make, tmp_path):
    session = make(journal=tmp_path / "s.alw", audit=0.2).run(Y[:120], 18)
    session.add_class("hen")
    assert session.training_set()[1].shape == (18 - session.labels["audit"].sum(), 4)
    assert session.suggestion(0) is not None
    pending = session.query()
    session.close()
    resumed = make(journal=tmp_path / "s.alw", audit=0.2)
    np.testing.assert_array_equal(resumed.query(), pending)
    for place, row in enumerate(resumed.query(6).tolist()):
        resumed.teach(row, [*label_of(Y[row], NAMES), *["hen"] * (place % 2)])
    resumed.retrain()
    assert resumed.learner.predict(X[:5]).shape == (5, 4)
    assert [seen.label for seen in resumed.rounds[-1].per_class] == [*NAMES, "hen"]
    assert resumed.rounds[-1].score >= 0


@pytest.mark.parametrize("mode", ["hold_back", "test_then_train"])
def test_an_audit_counts_what_is_right_in_all_classes_and_follows_corrections(make, mode):
    session = make(audit=0.3, audit_mode=mode, test=None).run(Y[:120], 42)
    said = {row: places for event in session.events if isinstance(event, Trained) for row, places in event.tested}
    wrong = [row for row, places in said.items() if label_of(Y[row], NAMES) != tuple(NAMES[i] for i in places)]
    last = session.rounds[-1]
    assert last.score_n == len(said)
    assert last.score == pytest.approx(1 - len(wrong) / len(said))
    session.teach(wrong[0], [NAMES[i] for i in said[wrong[0]]])
    assert session.rounds[-1].score == pytest.approx(1 - (len(wrong) - 1) / len(said))


def test_any_multilabel_scorer_measures_a_round(make):
    names = ["f1_macro", "roc_auc"]
    session = make(scoring=names, audit=0, batch_size=12).run(Y[:120], 12)
    values = {score.metric: score.value for score in session.rounds[-1].scores}
    predicted = session.learner.predict(X[120:])
    assert values["f1_macro"] == pytest.approx(f1_score(Y[120:], predicted, average="macro"))
    assert values["roc_auc"] == pytest.approx(roc_auc_score(Y[120:], session.learner.predict_proba(X[120:])))
    assert set(values) == {*names, "accuracy"}


def test_without_a_test_set_the_labels_are_cross_validated(make):
    last = make(test=None, audit=0).run(Y[:120], 24).rounds[-1]
    assert (last.score_kind, last.score_n) == ("cross-validated", 24)
    assert 0 <= last.score_low <= last.score <= last.score_high <= 1


def test_the_stopping_criteria_compare_whole_predictions(make):
    session = make(learner=LEARNERS["one vs rest"], stop=alw.any_of(*alw.stopping.CRITERIA)).run(Y[:120], 36)
    readings = {reading.name: reading for reading in session.rounds[-1].readings}
    told = session.rounds[-1].signals
    predicted = session.learner.predict_proba(X[:120]) >= 0.5
    assert told.n_predicted == len(np.unique(predicted, axis=0))
    assert 0 <= readings["stabilizing_predictions"].value <= 1
    assert readings["oracle_accuracy"].possible
    for name in ("overall_uncertainty", "max_uncertainty", "expected_error"):
        assert 0 <= readings[name].value <= 1
    assert all(reading.why for reading in readings.values())
    assert not readings["committee_agreement"].possible


def test_equal_predictions_have_equal_numbers_whatever_the_classes_since():
    narrow, wide = (
        LabelEncoding(np.array(NAMES), (), MULTILABEL),
        LabelEncoding(np.array([*NAMES, "hen"]), (), MULTILABEL),
    )
    np.testing.assert_array_equal(narrow.keys(Y), wide.keys(wide.to_y(Y)))
    alike = (Y[:, None] == Y[None]).all(axis=2)
    np.testing.assert_array_equal(narrow.keys(Y)[:, None] == narrow.keys(Y)[None], alike)


def test_the_model_suggests_all_classes_of_one_half_or_more(make):
    session = make()
    assert session.suggestion(5) is None
    session.run(Y[:120], 24)
    proba = session.learner.predict_proba(X[[5]])[0]
    suggestion = session.suggestion(5)
    assert suggestion.label == tuple(name for name, p in zip(NAMES, proba, strict=True) if p >= 0.5)
    assert suggestion.confidence == pytest.approx(np.maximum(proba, 1 - proba).prod())
    assert str(suggestion).startswith("model: ")


def test_an_explanation_has_the_probability_of_each_class_and_the_neighbors_labels(make):
    session = make().run(Y[:120], 24)
    explained = session.explain(int(session.query()[0]))
    proba = session.learner.predict_proba(X[[explained.item]])[0]
    assert explained.probabilities == pytest.approx(dict(zip(NAMES, proba, strict=True)))
    assert explained.rank == 1
    assert all(near.label == label_of(Y[near.item], NAMES) for near in explained.neighbors)
    assert "least certain of" in str(explained)


def test_second_answers_are_alike_when_all_classes_are(make):
    session = make(task=alw.Task("multi"))
    for row, label in enumerate([["cat", "cow"], ["dog"], []]):
        session.teach(row, label)
    session.request_repeats([0, 1, 2])
    session.answer_repeat(0, ["cow", "cat"])
    session.answer_repeat(1, ["dog", "cat"])
    assert (session.agreement.n, session.agreement.n_agreeing) == (2, 1)
    assert session.repeats["second"].tolist() == [("cat", "cow"), ("cat", "dog")]


@pytest.mark.parametrize("oracle", [Y[:120], [list(label_of(row, NAMES)) for row in Y[:120]]], ids=["array", "lists"])
def test_an_oracle_is_an_indicator_matrix_or_lists_of_classes(make, oracle):
    session = make().run(oracle, 8)
    rows = session.labels["item"]
    assert session.labels["label"].tolist() == [label_of(Y[row], NAMES) for row in rows]


def test_a_sample_that_the_oracle_cannot_tell_is_skipped(make):
    known = [None if row % 2 else label_of(Y[row], NAMES) for row in range(120)]
    session = make().run(known, 8)
    assert not (session.labels["item"] % 2).any()
    assert session.progress.n_skipped > 0


@pytest.mark.parametrize(
    ("oracle", "expected"),
    [
        (Y[:100], "oracle has 100 labels for 120 samples"),
        (Y[:120, :2], r"oracle has shape \(120, 2\)"),
        (Y[:120] * 2, "expected an indicator matrix of 0 and 1"),
        (Y[:120, 0], "expected an indicator matrix"),
        ([["bird"]] * 120, "label 'bird' is unknown"),
        (["cat"] * 120, "label is 'cat'; expected a list of classes"),
        (5, "oracle is 5; expected an indicator matrix"),
    ],
)
def test_what_is_no_multilabel_oracle_is_refused(make, oracle, expected):
    with pytest.raises((ValueError, TypeError), match=expected):
        make().run(oracle, 8)


def test_a_held_out_set_may_have_lists_of_classes(make):
    listed = [label_of(row, NAMES) for row in Y[120:]]
    first, second = make(test=(X[120:], listed)).run(Y[:120], 12), make().run(Y[:120], 12)
    assert [item.score for item in first.rounds] == [item.score for item in second.rounds]
    with pytest.raises(ValueError, match="y_test has 10 labels for 80 samples"):
        make(test=(X[120:], Y[:10]))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_labels_come_back_from_a_file(make, tmp_path, ending):
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    session = make(classes=["=cat", "1", 'a "b", [c]'])
    session.teach(0, [], suggested=["=cat"])
    session.teach(1, ["1", "=cat", 'a "b", [c]'], suggested=[])
    session.teach(2, ["1"])
    session.flag(2, '["not", "a label"]')
    back = read_labels(write_labels(session, tmp_path / f"labels.{ending}"))
    assert back["label"].tolist() == session.labels["label"].tolist()
    assert back["suggested"].tolist() == session.labels["suggested"].tolist()
    assert back["flag"].tolist()[2] == '["not", "a label"]'


def test_an_export_has_a_journal_that_is_gone_on_from(make, tmp_path):
    session = make().run(Y[:120], 12)
    folder = session.export(tmp_path / "out", model=False)
    again = make(journal=folder / "session.alw")
    assert again.labels["label"].tolist() == session.labels["label"].tolist()
    assert "dog: " in (folder / "card.md").read_text()


@pytest.mark.parametrize("closed", [False, True])
def test_a_session_is_replayed_with_other_strategies(make, tmp_path, closed):
    session = make(journal=tmp_path / "s.alw").run(Y[:120], 24)
    given = {"strategies": ["entropy", "random"]}
    if closed:
        session.close()
        past, given = tmp_path / "s.alw", given | {
            "X": X[:120], "learner": LEARNERS["one vs rest"], "test": (X[120:], Y[120:]),
        }  # fmt: skip
    else:
        past = session
    curves = alw.replay(past, **given).curves
    last = curves.groupby("strategy")["score"].last()
    assert sorted(last.index) == ["as it was", "entropy", "random"]
    assert last.nunique() == 1


def test_the_random_baseline_is_of_whole_labels(make):
    session = make(audit=0.4).run(Y[:120], 40)
    for source in ("audit", "simulated"):
        baseline = session.random_baseline(source, n_runs=2)
        assert np.isfinite(baseline.score).all()


def test_margin_is_no_worse_than_random_over_a_few_seeds():
    X_all, Y_all = make_multilabel_classification(500, 10, n_classes=3, n_labels=1, random_state=0)
    X_all = (X_all - X_all.mean(axis=0)) / X_all.std(axis=0)
    compared = alw.simulate(
        X_all, Y_all, learner=LEARNERS["one vs rest"], strategies=["margin", "random"], n_runs=5, n_labels=64,
        batch_size=16,
    )  # fmt: skip
    area = compared.summary().set_index("strategy")["area_under_curve"]
    assert area["margin"] > area["random"] - 0.02
