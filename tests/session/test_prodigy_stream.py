"""A recipe of Prodigy asks what a session asks, and the session learns from its answers."""

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import alwidgets as alw

EXPORT = Path(__file__).parents[1] / "io" / "exports" / "prodigy.jsonl"


@pytest.fixture
def rows():
    return [json.loads(line) for line in EXPORT.read_text().splitlines()]


@pytest.fixture
def session(rows):
    texts = list(dict.fromkeys(row["text"] for row in rows))
    learner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    session = alw.Session(
        texts, classes=["other", "new-dataset"], learner=learner, task="yes_no", random_state=0, cold_start=None
    )
    yield session
    session.close()


def test_tasks_are_those_that_prodigy_made_itself(session, rows):
    stream = alw.prodigy_stream(session)
    tasks = list(stream)
    assert (stream.view_id, len(tasks)) == ("classification", 3)
    made = {row["text"]: row for row in rows}
    for task in tasks:
        for name in ("text", "label", "_input_hash", "_task_hash", "_view_id"):
            assert task[name] == made[task["text"]][name]


def test_answers_of_prodigy_become_labels(session, rows):
    stream = alw.prodigy_stream(session)
    tasks = {task["text"]: task for task in stream}
    answered = [tasks[row["text"]] | row for row in rows]
    received = stream.update(answered)
    assert received.refused == ()
    newest = {
        row["text"]: row["answer"] for row in sorted(rows, key=lambda r: r["_timestamp"]) if row["answer"] != "ignore"
    }
    said = {"accept": "new-dataset", "reject": "other"}
    found = dict(zip(session.labels["item"], session.labels["label"], strict=True))
    assert found == {row: said[newest[text]] for row, text in enumerate(session.X.tolist())}
    # Prodigy sends again what was not acknowledged.
    assert stream.update(answered).n_taken == 0


def test_a_stream_asks_the_best_first_and_nothing_twice(make_session):
    session = make_session(items=[f"text {row}" for row in range(120)])
    stream = alw.prodigy_stream(session)
    tasks = iter(stream)
    first = list(islice(tasks, 6))
    wanted = [f"text {row}" for row in session.query()]
    assert [task["text"] for task in first][: len(wanted)] == wanted[:6]
    asked = {task["text"] for task in first}
    for place, task in enumerate(first):
        assert stream.update([task | {"accept": [["left", "right"][place % 2]], "answer": "accept"}]).n_taken == 1
    session.retrain()
    more = [task["text"] for task in islice(tasks, 20)]
    assert len({*more, *asked}) == 26


def test_the_stream_ends_with_the_pool(make_session):
    session = make_session(X=np.eye(5), items=list("abcde"), test=None, audit=0)
    assert sorted(task["text"] for task in alw.prodigy_stream(session)) == list("abcde")


def test_an_answer_that_does_not_fit_is_told_and_the_others_are_taken(make_session):
    session = make_session(items=[f"text {row}" for row in range(120)])
    stream = alw.prodigy_stream(session)
    first, second = islice(stream, 2)
    wrong, right = first | {"accept": ["up"], "answer": "accept"}, second | {"accept": ["left"], "answer": "accept"}
    with pytest.warns(UserWarning, match="Prodigy: 1 taken, 0 known, 1 refused, the first since label 'up' is unknown"):
        stream.update([wrong, right])
    # It is asked again.
    assert first["text"] in {task["text"] for task in stream}
    with pytest.raises(ValueError, match="the answers, task 1: answer is 'maybe'; expected one of"):
        stream.update([first | {"accept": ["left"], "answer": "maybe"}])


def test_several_classes_are_chosen_in_a_multilabel_task(make_session):
    from sklearn.multiclass import OneVsRestClassifier

    learner = OneVsRestClassifier(LogisticRegression())
    session = make_session(items=[f"text {row}" for row in range(120)], task="multi", learner=learner, test=None)
    stream = alw.prodigy_stream(session)
    assert (stream.view_id, stream.config) == ("choice", {"choice_style": "multiple"})
    task = next(iter(stream))
    stream.update([task | {"accept": ["right", "left"], "answer": "accept"}])
    assert session.labels["label"].tolist() == [("left", "right")]
