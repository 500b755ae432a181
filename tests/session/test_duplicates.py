"""Identical samples are asked once, and their answer counts for all of them, honestly."""

import contextlib
import json

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.data.copies import copies_of
from alwidgets.data.pool import as_samples
from alwidgets.journal.state import LABELED, fold
from alwidgets.session import view_of
from tests.session.test_session import assert_consistent, observables

TEXTS = [f"{word} number {row % 20}" for row in range(600) for word in [("good", "bad")[row % 2]]]
SENTIMENT = np.array(["yes", "no"])[np.arange(600) % 2]
# Rows 0 to 3 are the same, so are 4 and 5; the others are alone.
X = np.array([[0.0, 1], [0, 1], [0, 1], [0, 1], [2, 2], [2, 2], [3, 1], [1, 3], [5, 0], [0, 5], [4, 4], [6, 6]])


def made(X=X, **given):
    return alw.Session(X, **{"classes": ["no", "yes"], "learner": GaussianNB(), "random_state": 0, "audit": 0} | given)


def of_texts(**given):
    learner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    return made(TEXTS, learner=learner, **given)


def labels_by_row(session):
    return session.labels.set_index("item")[["label", "via"]].apply(tuple, axis=1).to_dict()


CONTAINERS = {
    "array": np.asarray,
    "float32": lambda X: X.astype(np.float32),
    "int8": lambda X: X.astype(np.int8),
    "csr": sp.csr_matrix,
    "csc": sp.csc_array,
    "DataFrame": lambda X: pd.DataFrame(X, index=range(len(X), 0, -1)),
    "mixed": lambda X: pd.DataFrame({"a": X[:, 0], "b": X[:, 1].astype(str), "c": X[:, 2]}),
    "texts": lambda X: [str(row) for row in X.tolist()],
}


@pytest.mark.parametrize("hold", CONTAINERS.values(), ids=CONTAINERS)
@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 12), st.just(3)), elements=st.sampled_from([0.0, 1.0, -2.0])))
def test_copies_are_the_rows_with_the_same_values_in_every_kind_of_pool(hold, values):
    found = copies_of(as_samples(hold(values)))
    expected = [next(other for other in range(len(values)) if (values[other] == row).all()) for row in values]
    assert found.first.tolist() == expected
    for row, first in enumerate(expected):
        assert found.of(row).tolist() == [
            other for other, each in enumerate(expected) if each == first and other != row
        ]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (["a", "a", "b"], [0, 0, 2]),
        (np.array([[[1]], [[1]], [[2]]]), [0, 0, 2]),
        (pd.Series(["a", "a", "b"]), [0, 0, 2]),
        (pd.DataFrame({"a": [1, 1, 2], "b": [["x"], ["x"], ["x"]]}), [0, 0, 2]),
        ([{"a": 1}, {"a": 1}, {"a": 1}], [0, 1, 2]),
    ],
)
def test_samples_are_the_same_only_where_they_look_the_same(items, expected):
    assert copies_of(np.zeros((3, 2)), items).first.tolist() == expected


@pytest.mark.parametrize("hold", [np.asarray, sp.csr_matrix, pd.DataFrame], ids=["array", "csr", "DataFrame"])
def test_a_session_carries_labels_in_every_kind_of_pool(hold):
    session = made(hold(X), learner=LogisticRegression())
    session.teach(1, "yes")
    assert session.to_frame()["via"].tolist()[:4] == ["duplicate", "", "duplicate", "duplicate"]


def test_of_600_texts_of_which_20_differ_each_is_asked_once():
    session = of_texts(strategy="margin").run(SENTIMENT, 100)
    assert session.progress.n_labeled == 20
    assert len({TEXTS[row] for row in session._core.log.state.questions}) == 20
    assert session.labels["label"].tolist() == SENTIMENT[session.labels["item"]].tolist()
    assert len(session.labels) == 600
    assert session.progress.n_copies == 580
    assert session.query().size == 0


def test_no_batch_has_the_same_sample_twice():
    session = of_texts()
    assert len({TEXTS[row] for row in session.query(20)}) == 20
    assert len({TEXTS[row] for row in session.query(50)}) == 20


def test_when_copies_are_asked_all_of_them_are():
    session = of_texts(duplicates="ask").run(SENTIMENT, 40)
    assert session.progress.n_labeled == 40
    assert (session.labels["via"] == "").all()


def test_a_carried_label_says_so_and_is_undone_with_its_answer():
    session = made()
    session.teach(1, "yes", seconds=3, annotator="ann")
    assert labels_by_row(session) == {
        1: ("yes", ""), 0: ("yes", "duplicate"), 2: ("yes", "duplicate"), 3: ("yes", "duplicate"),
    }  # fmt: skip
    assert session.labels["seconds"].isna().sum() == 3
    assert (session.labels["annotator"] == "ann").all()
    assert session.undo() == [1]
    assert session.labels.empty
    assert session.query(1).tolist() == [1]
    assert_consistent(session)


def test_the_review_lists_what_was_carried_and_from_where():
    session = made()
    session.teach(1, "yes", seconds=3, annotator="ann")
    session.skip(4, unsure=True)
    session.teach(6, "no")
    session.retrain()
    review = session.review(sort="oldest").set_index("item")
    assert review["duplicate_of"].to_dict() == {1: None, 0: 1, 2: 1, 3: 1, 4: None, 5: 4, 6: None}
    assert review.index[review["via"] == "duplicate"].tolist() == review.index[review["duplicate_of"].notna()].tolist()
    assert session.review(label="yes")["item"].tolist() == [3, 2, 0, 1]
    assert session.review(unsure=True)["item"].tolist() == [5, 4]
    assert review["seconds"].notna().sum() == 1
    assert (review.loc[[0, 1, 2, 3], "annotator"] == "ann").all()
    assert review.loc[[0, 2, 3, 5], "predicted"].isna().all()
    assert view_of(session).answers([5, 1])["item"].tolist() == [5, 1]


def test_the_review_no_longer_calls_a_duplicate_what_got_an_answer_of_its_own():
    session = made()
    session.teach(0, "yes")
    session.teach(2, "no", via="review")
    review = session.review().set_index("item")
    assert review[["label", "duplicate_of"]].T.to_dict("list") == {
        0: ["yes", None], 1: ["no", 2], 2: ["no", None], 3: ["no", 2],
    }  # fmt: skip
    session.undo()
    assert session.review().set_index("item")["duplicate_of"].to_dict() == {0: None, 1: 0, 2: 0, 3: 0}
    session.undo()
    assert session.review().empty


def test_one_line_of_the_journal_says_it_all_and_is_read_again(tmp_path):
    session = made(journal=tmp_path / "a.alw", ids=[f"id {row}" for row in range(12)])
    session.teach(1, "yes")
    session.skip(4)
    before = observables(session)
    (file,) = (tmp_path / "a.alw" / "events").glob("*.jsonl")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["opened", "duplicates_set", "labeled", "skipped"]
    assert (lines[2]["copies"], lines[2]["copy_samples"]) == ([0, 2, 3], ["id 0", "id 2", "id 3"])
    session = made(journal=tmp_path / "a.alw", ids=[f"id {row}" for row in range(12)])
    assert observables(session) == before
    assert session.labels["sample"].tolist() == [f"id {row}" for row in session.labels["item"]]
    assert session.progress.n_skipped == 1


def test_a_correction_reaches_the_copies_and_an_answer_of_their_own_stays():
    session = made()
    session.teach(0, "yes")
    session.teach(2, "no")  # this annotator sees it otherwise
    assert labels_by_row(session) == {
        0: ("yes", ""), 2: ("no", ""), 1: ("no", "duplicate"), 3: ("no", "duplicate"),
    }  # fmt: skip
    session.teach(0, "no")
    session.teach(0, "yes")
    assert session.labels.set_index("item")["label"].to_dict() == {0: "yes", 2: "no", 1: "yes", 3: "yes"}
    assert session.undo(3) == [0, 0, 2]
    assert labels_by_row(session) == {row: ("yes", "" if row == 0 else "duplicate") for row in range(4)}


def test_copies_do_not_train_and_count_neither_as_labels_nor_as_cost():
    session = made(budget=alw.Budget(labels=10, cost_per_label=1.0), batch_size=2)
    session.teach(0, "yes")
    session.teach(4, "no")
    session.wait()
    assert session.training_set()[0].tolist() == X[[0, 4]].tolist()
    assert (session.progress.n_labeled, session.progress.n_copies) == (2, 4)
    assert session.progress.class_counts == (1, 1)
    assert session.rounds[-1].cost == 2.0


def test_a_skip_counts_for_the_copies_too():
    session = made()
    session.skip(0)
    assert (session.progress.n_skipped, session.progress.n_copies) == (1, 3)
    assert not set(session.query(12).tolist()) & {0, 1, 2, 3}
    session.enqueue([2])
    session.teach(2, "yes")
    assert labels_by_row(session) == {2: ("yes", ""), 1: ("yes", "duplicate"), 3: ("yes", "duplicate")}


def with_a_copy_to_measure(seed):
    """A session that asks one of rows 0 to 3 to measure, and that row; None where the seed leads elsewhere."""
    session = made(audit=0.5, batch_size=8, random_state=seed)
    rows = [row for row in session.query() if row < 4 and session._core.log.state.audit[row]]
    return (session, rows[0]) if rows else None


def test_what_is_the_same_as_an_audit_sample_neither_trains_nor_measures():
    session, row = next(filter(None, map(with_a_copy_to_measure, range(50))))
    state = session._core.log.state
    session.teach(row, "yes")
    assert {item for item, (label, _) in labels_by_row(session).items() if label == "yes"} == {0, 1, 2, 3}
    assert not set(state.training_rows().tolist()) & {0, 1, 2, 3}
    assert set(state.audit_rows().tolist()) & {0, 1, 2, 3} == {row}
    other = next(item for item in range(4) if item != row)
    session.teach(other, "no")  # also manually: the model would learn what it is measured by
    assert not set(state.training_rows().tolist()) & {0, 1, 2, 3}
    session.end_audit()
    assert set(state.training_rows().tolist()) & {0, 1, 2, 3} == {row, other}


def test_a_question_that_was_to_measure_is_none_once_its_copy_trains():
    session, row = next(filter(None, map(with_a_copy_to_measure, range(50))))
    state = session._core.log.state
    other = next(item for item in range(4) if item != row)
    session.teach(other, "yes")
    assert row not in view_of(session).queue
    assert not state.audit[row]
    assert state.training_rows().tolist() == [other]
    assert state.audit_rows().tolist() == []


def test_a_score_on_an_audit_is_that_of_samples_that_differ_from_those_learned():
    y = np.array(["no", "yes"])[np.random.default_rng(0).integers(2, size=200)]  # nothing can be learned
    rows = np.random.default_rng(1).normal(size=(40, 5))
    session = made(np.repeat(rows, 5, axis=0), audit=0.5, learner=GaussianNB()).run(np.repeat(y[:40], 5), 40)
    trained = {tuple(row) for row in session.training_set()[0]}
    audited = {tuple(row) for row in session.X[session._core.log.state.audit_rows()]}
    assert len(trained) + len(audited) == 40
    assert not trained & audited


def test_a_journal_made_without_carrying_goes_on_without_it(tmp_path):
    session = made(journal=tmp_path / "a.alw", duplicates="ask")
    session.teach(0, "yes")
    asked = session.query(4).tolist()
    session.close()
    session = made(journal=tmp_path / "a.alw")
    session.teach(4, "no")
    assert session.query(4).tolist()[: len(asked) - 1] == [row for row in asked if row != 4][: len(asked) - 1]
    assert session.labels["item"].tolist() == [0, 4]
    session.close()
    session = made(journal=tmp_path / "a.alw", duplicates="carry")
    session.teach(4, "yes")
    assert labels_by_row(session)[5] == ("yes", "duplicate")
    session.close()
    session = made(journal=tmp_path / "a.alw")
    session.undo()
    session.teach(4, "yes")
    assert 5 in labels_by_row(session)


def test_a_pool_without_copies_has_nothing_of_it_in_its_journal(make_session):
    session = make_session(duplicates="carry")
    session.teach(0, "left")
    assert [event.kind for event in session.events] == ["labeled"]
    with pytest.raises(ValueError, match="duplicates is 'skip'; expected 'carry'"):
        make_session(duplicates="skip")


def test_a_rollback_brings_the_copies_of_then_back():
    session = made(batch_size=2)
    session.teach(0, "yes")
    session.teach(6, "no")
    session.retrain()
    session.teach(4, "no")
    before = labels_by_row(session)
    session.rollback(1)
    assert set(labels_by_row(session)) == {0, 1, 2, 3, 6}
    session.rollback()
    assert labels_by_row(session) == before


def test_a_copy_that_was_labeled_meanwhile_keeps_the_label_it_got():
    session = made()
    seen = session.progress.n_events
    session.teach(0, "yes")
    session.teach(1, "no", as_of=seen, event_id="late")
    assert view_of(session).is_repeat("late")
    assert labels_by_row(session)[1] == ("yes", "duplicate")
    assert session.repeats[["item", "first", "second"]].to_numpy().tolist() == [[1, "yes", "no"]]


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["teach", "teach", "skip", "undo", "undo first", "query", "ask", "retrain", "resume"]),
        st.integers(0, 11),
        st.sampled_from(["no", "yes"]),
    ),
    max_size=25,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=OPERATIONS, audit=st.sampled_from([0, 0.4]))
def test_whatever_is_done_identical_samples_have_the_same_answer_unless_they_have_their_own(
    tmp_path_factory, operations, audit
):
    def opened():
        # One that can learn from two identical samples of different classes.
        return made(
            learner=LogisticRegression(), journal=path, audit=audit, batch_size=3, test=(X, np.array(["no", "yes"] * 6))
        )

    path = tmp_path_factory.mktemp("copies") / "a.alw"
    session = opened()
    for what, item, label in operations:
        if what == "resume":
            before = observables(session)
            session = opened()
            assert observables(session) == before
        else:
            operate(session, what, item, label)
        session.wait()
        check(session)
    session.close()


def test_what_was_to_be_asked_again_is_so_once_the_answer_that_was_carried_to_it_is_undone():
    session = made(test=(X, np.array(["no", "yes"] * 6)))
    session.teach(0, "yes")
    session.teach(1, "no")
    session.undo(target=next(event.id for event in session.events if event.kind == "labeled"))
    assert view_of(session).queue[0] == 0
    session.teach(1, "yes")
    assert labels_by_row(session)[0] == ("yes", "duplicate")
    session.undo()
    session.wait()
    assert labels_by_row(session) == {1: ("no", ""), 2: ("no", "duplicate"), 3: ("no", "duplicate")}
    assert view_of(session).queue[0] == 0
    check(session)


def operate(session, what, item, label):
    if what == "teach":
        session.teach(item, label)
    elif what == "skip":
        session.skip(item)
    elif what == "undo":
        session.undo()
    elif what == "undo first":
        session.undo(target=next(iter(session._core.log.state.answers), "none"))
    elif what == "ask":
        session.enqueue(item)
    elif what == "query":
        session.query(item + 1)
    else:
        with contextlib.suppress(ValueError):
            session.retrain()


def check(session):
    """What always holds of copies."""
    state = session._core.log.state
    assert fold(session.events, 12, state.classes).copied.tolist() == state.copied.tolist()
    assert_consistent(session)
    copies = session._core.setup.copies
    own = {answer.item for answer in state.answers.values()}
    assert not own & set(np.flatnonzero(state.copied).tolist())
    for row in own:
        unanswered = [other for other in copies.of(row) if other not in own]
        # What is asked again, because its answer was undone or manually, waits for an answer of its own.
        asked = {*state.pending, *state.questions}
        assert all(state.copied[other] or other in asked for other in unanswered)
    assert not state.copied[state.training_rows()].any()
    assert not state.copied[state.audit_rows()].any()
    # An own answer to what is the same as an audit sample waits until the audit is ended.
    waits = state.beside_audit & (state.status == LABELED) & ~state.copied & ~state.audit
    n_used = len(state.training_rows()) + len(state.audit_rows())
    assert sum(state.class_counts) == state.n_labeled == n_used + np.count_nonzero(waits)
