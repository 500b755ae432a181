"""From labeling functions to probabilities, and to questions where they conflict."""

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.annotation.weak_labels import (
    conflicting,
    label_matrix,
    probabilities,
    report,
)
from alwidgets.strategies import ColdStart, transfer

CLASSES = ["ham", "spam"]


def shouts(text):
    return "spam" if text.isupper() else None


def greets(text):
    return "ham" if text.lower().startswith("hello") else None


def sells(text):
    return "spam" if "win" in text.lower() else "ham"


FUNCTIONS = [shouts, greets, sells]
TEXTS = ["WIN", "hello", "HELLO WIN", "lunch"] * 10


def test_every_function_votes_or_abstains_on_every_item():
    expected = [[1, -1, 1], [-1, 0, 0], [1, 0, 1], [-1, -1, 0]]
    assert label_matrix(FUNCTIONS, TEXTS, CLASSES).tolist() == expected * 10


def test_a_function_gets_a_row_of_a_table_and_may_answer_with_a_numpy_label():
    frame = pd.DataFrame({"size": [1, 9]}, index=["a", "b"])
    assert label_matrix([lambda row: np.int64(row["size"] > 5)], frame, [0, 1]).tolist() == [[0], [1]]


class LabelingFunction:
    """What Snorkel's is: a callable with a name that answers with a class number, -1 for none."""

    def __init__(self, name, f):
        self.name, self._f = name, f

    def __call__(self, x):
        return self._f(x)


LabelingFunction.__module__ = "snorkel.labeling.lf.core"


def kinds():
    try:
        from snorkel import labeling
    except ImportError:
        return [LabelingFunction]
    return [LabelingFunction, labeling.LabelingFunction]


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("classes", [CLASSES, [0, 1]])
def test_the_labeling_functions_of_snorkel_are_taken_as_they_are(kind, classes):
    functions = [
        kind("shouts", lambda row: 1 if row["text"].isupper() else -1),
        kind("greets", lambda row: np.int64(0 if row["text"].startswith("hello") else -1)),
    ]
    L = label_matrix(functions, pd.DataFrame({"text": TEXTS[:3]}), classes)
    assert L.tolist() == [[1, -1], [-1, 0], [1, -1]]
    with pytest.raises(ValueError, match="greets too says 2 of item 0"):
        label_matrix([kind("greets too", lambda row: 2)], pd.DataFrame({"text": TEXTS}), classes)


def test_minus_1_of_another_function_is_no_class():
    with pytest.raises(ValueError, match="<lambda> says -1 of item 0; expected one of"):
        label_matrix([lambda text: -1], TEXTS, CLASSES)


@pytest.mark.parametrize("answer", ["eggs", 1, True])
def test_an_answer_that_is_no_class_is_named(answer):
    with pytest.raises(ValueError, match=rf"<lambda> says {answer!r} of item 0; expected one of \['ham', 'spam'\]"):
        label_matrix([lambda text: answer], TEXTS, CLASSES)


@pytest.mark.parametrize("model", ["majority", "dawid_skene", "triplet"])
def test_every_label_model_finds_what_most_good_functions_say(model):
    generator = np.random.default_rng(0)
    y = generator.integers(0, 2, 3000)
    L = np.where(generator.random((3000, 4)) < [0.9, 0.85, 0.8, 0.75], y[:, None], 1 - y[:, None])
    L[generator.random(L.shape) < 0.2] = -1
    proba = probabilities(L, 2, model)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert np.mean(proba.argmax(axis=1) == y) > 0.9


def test_an_unknown_label_model_is_refused():
    with pytest.raises(
        ValueError, match=r"model is 'snorkel'; expected one of \['dawid_skene', 'majority', 'triplet'\]"
    ):
        probabilities(np.zeros((2, 3), int), 2, "snorkel")


def test_the_report_counts_coverage_overlaps_conflicts_and_accuracy():
    L = label_matrix(FUNCTIONS, TEXTS[:4], CLASSES)
    table = report(L, [function.__name__ for function in FUNCTIONS], y=np.array([1, 0, 0, -1]))
    assert table.index.tolist() == ["shouts", "greets", "sells"]
    assert table["coverage"].tolist() == [0.5, 0.5, 1]
    assert table["overlaps"].tolist() == [0.5, 0.5, 0.75]
    assert table["conflicts"].tolist() == [0.25, 0.25, 0.25]
    assert table["accuracy"].tolist() == pytest.approx([1 / 2, 1, 2 / 3])
    with pytest.raises(ValueError, match="3 functions but names has 1"):
        report(L, ["one"])


def model():
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


def test_a_session_asks_first_where_functions_conflict_and_then_where_most_abstain():
    L = label_matrix(FUNCTIONS, TEXTS, CLASSES)
    session = alw.Session(
        TEXTS, classes=CLASSES, learner=model(), strategy=conflicting(L), cold_start=conflicting(L), audit=0,
        duplicates="ask",
    )  # fmt: skip
    asked = [TEXTS[item] for item in session.query(20)]
    assert asked[:10] == ["HELLO WIN"] * 10
    assert asked[10:] == ["lunch"] * 10


def test_weak_probabilities_start_a_session_and_the_model_takes_over():
    L = label_matrix(FUNCTIONS, TEXTS, CLASSES)
    y = np.array(["spam", "ham", "spam", "ham"] * 10)
    start = ColdStart(transfer(probabilities(L, 2, "majority"), "entropy"))
    given = {"classes": CLASSES, "learner": model(), "audit": 0, "random_state": 0, "duplicates": "ask"}
    session = alw.Session(TEXTS, cold_start=start, **given)
    assert TEXTS[session.query(1)[0]] == "HELLO WIN"
    session.run(oracle=y, n_labels=24)
    assert session.labels["strategy"].tolist()[0] == "cold start"
    assert session.labels["strategy"].tolist()[-1] == "margin"


def test_a_matrix_of_another_pool_is_refused_before_anything_is_asked():
    with pytest.raises(ValueError, match="L has 3 rows but X has 40; give one row per sample"):
        alw.Session(TEXTS, classes=CLASSES, learner=model(), cold_start=conflicting(np.zeros((3, 2), int)))
