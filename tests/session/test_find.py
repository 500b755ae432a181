"""A session whose goal is all samples of a class."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

import alwidgets as alw
from alwidgets.journal.identity import stored_identity, write_identity
from alwidgets.views.advice_words import headline

N, N_RARE = 300, 15
rng = np.random.default_rng(0)
Y = np.repeat(["spam", "ham"], [N_RARE, N - N_RARE])
X = rng.normal(size=(N, 3)) + np.where(Y == "spam", 2.5, 0)[:, None]


def session(**given):
    params = {"learner": LogisticRegression(), "find": "spam", "batch_size": 10, "random_state": 0}
    return alw.Session(X, classes=["ham", "spam"], **params | given)


@pytest.fixture(scope="module")
def read():
    """A session that has read a fifth of the pool."""
    return session().run(oracle=Y, n_labels=60)


def test_it_finds_most_of_a_rare_class_in_a_fifth_of_the_pool(read):
    assert (read.labels["label"] == "spam").sum() >= 12


def test_the_advice_says_what_is_found_and_gives_a_bound(read):
    n = int((read.labels["label"] == "spam").sum())
    assert f"{n} of 'spam' are found among 60 read of 300." in read.advice.sentence
    assert "of all are found, by what was read since" in read.advice.sentence
    assert not read.advice.stop


def test_its_defaults_suit_the_goal(read):
    assert read.rule.sentence == "any of: budget, recall_test"
    assert read.rounds[-1].metric == "average_precision"
    assert read.rounds[-1].strategy == "certainty('spam')"
    assert read.labels["audit"].sum() == 3


def test_a_session_that_began_with_a_tenth_of_uncertain_questions_keeps_them(tmp_path):
    journal = tmp_path / "old"
    session(journal=journal).close()
    write_identity(journal / "session.json", stored_identity(journal) | {"defaults": 2})
    old = session(journal=journal).run(oracle=Y, n_labels=60)
    asked = session(strategy=alw.strategies.relevance("spam")).run(oracle=Y, n_labels=60).labels
    assert old.rounds[-1].strategy == "mix(certainty('spam') 0.9, margin 0.1)"
    assert old.labels["item"].tolist() == asked["item"].tolist()


def test_a_linear_machine_without_probabilities_asks_the_largest_of_its_decision_values():
    made = session(learner=LinearSVC(C=0.01, class_weight="balanced"), audit=0).run(oracle=Y, n_labels=40)
    unread = np.setdiff1d(np.arange(N), made.labels["item"])
    towards_spam = made.learner.decision_function(X[unread]) * (1 if made.learner.classes_[1] == "spam" else -1)
    assert set(made.query(10)) == set(unread[np.argsort(-towards_spam)[:10]])


def test_what_is_given_is_as_given():
    made = session(strategy="entropy", stop="plateau", scoring="f1_macro", audit=0.2, cold_start="random")
    assert made.rule.sentence == "plateau"
    assert made.init_params["strategy"] == "entropy"


def test_the_rounds_know_what_was_found_and_what_may_be_missed(read):
    told = read.rounds[-1].signals
    assert (told.n_read, told.n_unread) == (60, 240)
    assert N_RARE <= told.n_at_most <= N
    assert told.expected_unread >= 0


def test_it_advises_to_stop_when_nothing_can_be_missing():
    made = session(batch_size=60)
    made.run(oracle=Y, n_labels=N)
    assert made.advice.sentence.startswith("Every sample has an answer. 15 of 'spam' are found among 300 read of 300.")
    assert made.advice.stop


def test_samples_that_come_take_the_advice_to_stop_back():
    made = session()
    made.run(oracle=Y, n_labels=290)
    assert made.advice.stop
    more, truth = X[:200] + 0.01, Y[:200]
    made.extend(more, source="monday")
    assert not made.advice.stop
    assert made.advice.sentence.startswith("Keep going. 15 of 'spam' are found among 290 read of 500.")
    assert made.advice.sentence.endswith("Nothing is known yet of the 200 samples that came since the last round.")
    made.run(oracle=np.concatenate([Y, truth]), n_labels=20)
    assert not made.advice.stop


def test_before_anything_is_found_the_advice_says_so_and_how_many_there_can_be():
    made = session(audit=0.5)
    made.teach(20, "ham")
    assert made.advice.sentence == (
        "Keep going. 0 of 'spam' are found among 1 read of 300. The first model has yet to be trained: it takes "
        "answers of two classes."
    )
    made.run(oracle=np.full(N, "ham"), n_labels=200)
    most = made.advice.sentence.rpartition("By random questions at most ")[2]
    assert most in {f"{n} are left, 95 % sure." for n in range(2, 20)}


@pytest.mark.parametrize("only", ["ham", "spam"])
def test_a_pool_of_one_class_is_read_to_its_end_and_then_done(only):
    made = session()
    made.run(oracle=np.full(N, only), n_labels=N)
    assert made.advice.stop
    n_found = N if only == "spam" else 0
    assert made.advice.sentence == f"Every sample has an answer. {n_found} of 'spam' are found among 300 read of 300."
    assert headline(made.advice, made.rounds, exhausted=True) == "Every sample has an answer."


def test_identical_samples_count_once_in_whatever_is_told():
    once, often = session(), alw.Session(
        np.repeat(X, 4, axis=0), classes=["ham", "spam"], learner=LogisticRegression(), find="spam", batch_size=10,
        random_state=0,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    for row in rng.permutation(N)[:100].tolist():
        once.teach(row, Y[row])
        often.teach(4 * row + int(rng.integers(4)), Y[row])
    for made in (once, often):
        made.retrain()
    told, of_copies = (made.rounds[-1].signals for made in (once, often))
    assert (told.n_found, told.n_read, told.n_unread) == (of_copies.n_found, of_copies.n_read, of_copies.n_unread)
    counts = once.advice.sentence.partition(" read of 300.")[0]
    assert often.advice.sentence.startswith(f"{counts} read of 300, identical samples counted once.")
    ends = [[(line.x[-1], line.y[-1]) for line in alw.found_curve(made).data] for made in (once, often)]
    assert ends[0] == ends[1]


def test_a_learner_by_name_weighs_the_classes_alike():
    assert session(learner="logistic regression").learner.estimator.class_weight == "balanced"
    assert session().learner.estimator.class_weight is None


@pytest.mark.parametrize(("given", "says"), [
    ({"find": "eggs"}, "find is 'eggs'; expected one of the classes"),
    ({"find": "spam", "task": "multi"}, "find is given in a multilabel task"),
])  # fmt: skip
def test_a_class_that_cannot_be_sought_is_refused(given, says):
    with pytest.raises(ValueError, match=says):
        session(**given)


def test_examples_find_the_first_one_at_once():
    made = session(cold_start=alw.strategies.like(X[[0]]), audit=0)
    assert "spam" in set(Y[made.query(3)])


def test_a_session_is_resumed_with_its_goal_and_its_next_question(tmp_path):
    first = session(journal=tmp_path / "journal")
    first.run(oracle=Y, n_labels=30)
    asked = first.query(5).tolist()
    told = first.rounds[-1].signals
    first.close()
    again = session(journal=tmp_path / "journal")
    assert again.query(5).tolist() == asked
    assert again.rounds[-1].signals == told


def test_the_curve_has_found_ideal_and_random(read):
    found, ideal, random = alw.found_curve(read).data
    n = int((read.labels["label"] == "spam").sum())
    assert (found.y[-1], ideal.y[1], random.y[-1]) == (n, n, pytest.approx(n * 60 / 300))
    with pytest.raises(ValueError, match="the session seeks no class"):
        alw.found_curve(session(find=None))
