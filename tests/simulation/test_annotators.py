import numpy as np
import pytest
from sklearn.datasets import make_multilabel_classification
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

import alwidgets as alw

Y = np.array(["a", "b", "c"] * 2000)


def given(annotator, **how):
    answers = annotator.answers(Y, **how)
    return np.array([answers(item) for item in range(len(Y))], object)


def test_one_share_is_how_often_any_other_class_is_answered():
    labels = given(alw.SimulatedAnnotator(noise=0.3))
    for label in "abc":
        shares = {other: np.mean(labels[label == Y] == other) for other in "abc"}
        assert shares.pop(label) == pytest.approx(0.7, abs=0.035)
        assert list(shares.values()) == pytest.approx([0.15, 0.15], abs=0.03)


def test_each_class_may_have_its_own_share_of_errors():
    labels = given(alw.SimulatedAnnotator(noise={"a": 0.5, "c": 0.1}))
    assert [np.mean(labels[label == Y] != label) for label in "abc"] == pytest.approx([0.5, 0, 0.1], abs=0.04)


def test_a_confusion_matrix_says_what_is_answered_for_what():
    matrix = [[0.8, 0.2, 0.0], [0.0, 1.0, 0.0], [0.1, 0.3, 0.6]]
    labels = given(alw.SimulatedAnnotator(noise=matrix))
    found = [[np.mean(labels[row == Y] == column) for column in "abc"] for row in "abc"]
    np.testing.assert_allclose(found, matrix, atol=0.04)
    assert np.equal(found, 0).tolist() == np.equal(matrix, 0).tolist()


def test_a_skip_is_no_answer_and_comes_as_often_as_it_should():
    assert np.mean(np.equal(given(alw.SimulatedAnnotator(skip_rate=0.2)), None)) == pytest.approx(0.2, abs=0.02)


def test_half_of_the_answers_take_longer_than_the_median():
    seconds = np.array(alw.SimulatedAnnotator(seconds=4.0).answers(Y).seconds)
    assert np.median(seconds) == pytest.approx(4.0, rel=0.05)
    assert np.mean(seconds >= 6.0) == pytest.approx(1 / 6, abs=0.02)
    assert alw.SimulatedAnnotator().answers(Y).seconds_of(0) is None


def test_the_same_seed_gives_the_same_answers_and_another_one_others():
    annotator = alw.SimulatedAnnotator(noise=0.3, skip_rate=0.1)
    assert given(annotator, random_state=1).tolist() == given(annotator, random_state=1).tolist()
    assert given(annotator, random_state=1).tolist() != given(annotator, random_state=2).tolist()


def test_a_session_is_run_by_an_annotator_that_errs_skips_and_takes_its_time(make_session, blobs):
    _, y = blobs
    answers = alw.SimulatedAnnotator(noise=0.2, skip_rate=0.2, seconds=3.0).answers(y)
    session = make_session().run(answers, 40)
    labels = session.labels.set_index("item")
    given = labels[labels["label"].notna()]
    assert given["label"].tolist() == [answers(item) for item in given.index]
    assert given["seconds"].tolist() == pytest.approx([answers.seconds_of(item) for item in given.index])
    assert session.progress.n_labeled == 40
    assert session.progress.n_skipped > 0


def test_what_is_labeled_first_is_no_question_and_trains_one_model(make_session, blobs):
    session = make_session().run(blobs[1], 24, first=range(12))
    assert session.labels["item"].tolist()[:12] == list(range(12))
    assert session.history["n_labeled"].tolist() == [12, 16, 20, 24]
    with pytest.raises(ValueError, match="item is 120; expected a row number of X"):
        make_session().run(blobs[1], 24, first=[120])


def test_strategies_meet_the_same_errors(blobs):
    asked = {}

    def spy(name):
        def strategy(view):
            asked.setdefault(name, {}).update(zip(view.labeled.tolist(), view.labels.tolist(), strict=True))
            return view.rng.random(len(view.candidates)) + (name == "second") * view.X[view.candidates, 0]

        strategy.__name__ = name
        return strategy

    alw.simulate(
        *blobs, learner=GaussianNB(), strategies=[spy("first"), spy("second")], n_runs=1, n_labels=48,
        annotator=alw.SimulatedAnnotator(noise=0.4),
    )  # fmt: skip
    both = set(asked["first"]) & set(asked["second"])
    assert len(both) > 10
    assert [asked["first"][row] for row in both] == [asked["second"][row] for row in both]


def test_time_and_price_are_in_the_curves(blobs):
    result = alw.simulate(
        *blobs, learner=GaussianNB(), n_runs=1, n_labels=24, annotator=alw.SimulatedAnnotator(seconds=2.0, cost=0.5)
    )
    assert result.curves["cost"].tolist() == (result.curves["n_labeled"] * 0.5).tolist()
    assert (result.curves["seconds"] > result.curves["n_labeled"]).all()


def test_an_annotator_who_knows_all_labels_has_no_time_and_no_price(blobs):
    curves = alw.simulate(*blobs, learner=GaussianNB(), n_runs=1, n_labels=16).curves
    assert curves[["seconds", "cost"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("given", "error", "why"),
    [
        ({"noise": 1.5}, ValueError, "noise is 1.5; expected a share"),
        ({"noise": "much"}, TypeError, "noise is 'much'; expected a share"),
        ({"noise": {"a": -0.1}}, ValueError, "noise of 'a' is -0.1; expected a share"),
        ({"noise": [[0.5, 0.4], [0.0, 1.0]]}, ValueError, "expected shares from 0 to 1 whose rows sum to 1"),
        ({"noise": [0.5, 0.5]}, ValueError, r"noise has shape \(2,\); expected a share, a dict"),
        ({"skip_rate": 2}, ValueError, "skip_rate is 2; expected a share"),
        ({"seconds": -1}, ValueError, "seconds is -1; expected a number of at least 0"),
        ({"cost": float("inf")}, ValueError, "cost is inf; expected a number of at least 0"),
    ],
)
def test_what_no_annotator_does_is_refused(given, error, why):
    with pytest.raises(error, match=why):
        alw.SimulatedAnnotator(**given)


def test_noise_of_other_classes_is_refused():
    with pytest.raises(ValueError, match=r"noise has shape \(2, 2\) for 3 classes"):
        alw.SimulatedAnnotator(noise=np.eye(2)).answers(Y)
    with pytest.raises(ValueError, match="noise has the class 'd'; expected only the classes"):
        alw.SimulatedAnnotator(noise={"d": 0.1}).answers(Y)
    with pytest.raises(ValueError, match="y has the label 'c'; expected only the classes"):
        alw.SimulatedAnnotator().answers(Y, classes=["a", "b"])


def test_a_confusion_matrix_with_rows_of_different_lengths_is_refused():
    with pytest.raises(ValueError, match=r"noise is \[\[1, 0\], \[0\]\], whose rows differ in length; expected"):
        alw.SimulatedAnnotator(noise=[[1, 0], [0]])


def test_in_a_multilabel_task_each_class_is_told_wrong_as_often():
    truth = np.random.default_rng(0).integers(2, size=(4000, 3))
    answers = alw.SimulatedAnnotator(noise={"cat": 0.3, "cow": 0.1}, skip_rate=0.25, seconds=2.0).answers(
        truth, classes=["cat", "dog", "cow"]
    )
    given = [answers(item) for item in range(4000)]
    assert np.mean([label is None for label in given]) == pytest.approx(0.25, abs=0.03)
    for code, (label, share) in enumerate({"cat": 0.3, "dog": 0.0, "cow": 0.1}.items()):
        for has in (0, 1):
            told = [
                label in said for said, row in zip(given, truth, strict=True) if said is not None and row[code] == has
            ]
            assert np.mean(told) == pytest.approx(abs(has - share), abs=0.03 if share else 0)
    assert np.median(answers.seconds) == pytest.approx(2.0, rel=0.1)


def test_multilabel_are_simulated_with_an_annotator_who_errs():
    X, Y = make_multilabel_classification(120, 6, n_classes=3, random_state=0)
    given = {"learner": KNeighborsClassifier(3), "strategies": ["random"], "n_runs": 2, "n_labels": 48}
    knows, errs = (
        alw.simulate(X, Y, **given, annotator=alw.SimulatedAnnotator(noise=noise)).curves["score"]
        for noise in (0.0, 0.5)
    )
    assert knows.equals(alw.simulate(X, Y, **given).curves["score"])
    assert knows.iloc[-1] > errs.iloc[-1]


@pytest.mark.parametrize(
    ("noise", "y", "why"),
    [
        (np.eye(2), [[1, 0], [0, 1]], r"noise has shape \(2, 2\) in a multilabel task; expected a share, or"),
        ({"up": 0.1}, [[1, 0], [0, 1]], r"noise has the class 'up'; expected only the classes \['a', 'b'\]"),
        (0.1, [[1, 0, 0]], r"y has shape \(1, 3\); expected 0 and 1, a column for each of the classes \['a', 'b'\]"),
        (0.1, [[2, 0]], r"y has shape \(1, 2\); expected 0 and 1"),
    ],
)
def test_noise_that_multilabel_cannot_have_is_refused(noise, y, why):
    with pytest.raises(ValueError, match=why):
        alw.SimulatedAnnotator(noise=noise).answers(y, classes=["a", "b"])
