"""Strategies that find a rare class: the most probable first, and what is like examples."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from alwidgets.strategies import PoolView, certainty, like, mix, relevance, transfer
from alwidgets.strategies.choose import choose, named

X = np.arange(20.0)[:, None]
LABELS = np.array(["ham", "spam", "spam"])
LABELED = np.array([0, 18, 19])
TEXTS = ["win a prize", "lunch at noon", "claim the prize", "see you", "meeting at noon", "free prize to win"]


def view_of(learner, classes=("ham", "spam"), labels=LABELS):
    fitted = learner.fit(X[LABELED], labels)
    rows = np.setdiff1d(np.arange(20), LABELED)
    return PoolView(X, rows, LABELED, labels, np.array(classes), fitted, np.random.default_rng(0))


def texts_view():
    texts = np.array(TEXTS)
    return PoolView(texts, np.arange(6), np.empty(0, int), texts[:0], np.array(["a", "b"]), None,
                    np.random.default_rng(0))  # fmt: skip


@pytest.mark.parametrize("learner", [LogisticRegression(), LinearSVC()], ids=["probabilities", "decision values"])
@pytest.mark.parametrize(("label", "first"), [("spam", [17, 16, 15]), ("ham", [1, 2, 3])])
def test_certainty_asks_what_is_most_probably_of_the_class(learner, label, first):
    assert choose(named(certainty(label)), view_of(learner), 3).rows.tolist() == first


def test_certainty_of_one_of_three_classes_by_decision_values():
    view = view_of(LinearSVC(), ("ham", "news", "spam"), np.array(["ham", "news", "spam"]))
    utility = certainty("ham")(view)
    assert choose(named(certainty("ham")), view, 1).rows[0] == view.candidates[utility.argmax()] == 1


def test_a_class_that_the_model_never_met_is_asked_at_random():
    view = view_of(LogisticRegression(), ("ham", "news", "spam"))
    assert len({int(choose(named(certainty("news")), view, 1).rows[0]) for _ in range(20)}) > 5


def test_a_class_that_is_none_of_the_classes_is_refused():
    with pytest.raises(ValueError, match="the class sought is 'eggs'; expected one of"):
        choose(named(certainty("eggs")), view_of(LogisticRegression()), 1)


def test_relevance_asks_a_share_of_uncertain_ones():
    rows = choose(relevance("spam", uncertain=0.25), view_of(LogisticRegression()), 8).rows
    assert {17, 16, 15, 14, 13, 12} <= set(rows.tolist())
    # Where the two classes meet.
    assert set(rows.tolist()) & {8, 9, 10}
    assert relevance("spam", uncertain=0).__name__ == "certainty('spam')"


@pytest.mark.parametrize("share", [-0.1, 1, "some", True])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="expected a share of the questions"):
        relevance("spam", uncertain=share)


def test_texts_like_the_examples_come_first():
    assert set(choose(named(like(["win a prize"])), texts_view(), 3).rows.tolist()) == {0, 2, 5}
    assert choose(named(like("noon")), texts_view(), 2).rows.tolist() in ([1, 4], [4, 1])


def test_rows_of_numbers_like_any_of_the_examples_come_first():
    rows = choose(named(like([[4.0], [12.0]])), view_of(LogisticRegression()), 2).rows
    assert set(rows.tolist()) == {4, 12}


def test_examples_of_another_width_are_refused():
    with pytest.raises(ValueError, match="expected rows of 1 numbers"):
        choose(named(like([[1.0, 2.0]])), view_of(LogisticRegression()), 1)
    with pytest.raises(ValueError, match="examples is empty"):
        like([])


def test_probabilities_of_weak_labels_find_the_first_ones():
    proba = np.tile([0.9, 0.1], (6, 1))
    proba[4] = 0.1, 0.9
    assert choose(transfer(proba, certainty("b")), texts_view(), 1).rows.tolist() == [4]


def test_examples_mix_with_other_beginnings():
    assert len(choose(mix({like(["prize"]): 0.5, "random": 0.5}), texts_view(), 4).rows) == 4
