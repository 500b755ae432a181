"""A pool that grows: samples are added to a session, which goes on as if they had come with it from there on."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from shutil import copytree

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import alwidgets as alw
from alwidgets import strategies
from alwidgets.journal import read
from alwidgets.journal.errors import JournalError
from alwidgets.journal.events import Extended
from alwidgets.session import view_of

FIRST, MONDAY = 60, 90
WORDS = np.array(["ham", "pay", "now", "hello", "win", "prize", "meeting", "lunch", "free", "report"])


def texts(X):
    return [" ".join(WORDS[np.argsort(row)[-2:]]) + f" {i}" for i, row in enumerate(np.hstack([X, -X]))]


def mapped(X, folder):
    np.save(folder / "X.npy", X.astype(np.float32))
    return np.load(folder / "X.npy", mmap_mode="r")


VECTORIZED = {"learner": make_pipeline(TfidfVectorizer(), LogisticRegression()), "cold_start": "random"}
KINDS = {
    "an array": (lambda X, _: X, {}),
    "a memory map": (mapped, {}),
    "a sparse matrix": (lambda X, _: csr_matrix(np.where(X > 0.3, X, 0)), {}),
    "a DataFrame": (lambda X, _: pd.DataFrame(X, columns=list("abcd")), {}),
    "texts": (lambda X, _: texts(X), VECTORIZED),
    "texts by steps fitted on the pool": (lambda X, _: texts(X), {**VECTORIZED, "features": "pool"}),
    "steps fitted on the pool": (
        lambda X, _: X, {"learner": make_pipeline(StandardScaler(), LogisticRegression()), "features": "pool"},
    ),
    "samples compared by embed": (
        lambda X, _: X, {"embed": lambda X: np.tanh(X - X.mean(axis=0)), "strategy": "k_center"},
    ),
}  # fmt: skip


def some(X, start, stop):
    return X.iloc[start:stop] if hasattr(X, "iloc") else X[start:stop]


@pytest.fixture
def grows(make_session, tmp_path):
    """A function that makes a session without a test set, on samples as they are given."""

    def make(X, name="a.alw", **changes):
        return make_session(**({"X": X, "test": None, "journal": tmp_path / name} | changes))

    return make


def answer(session, y, n):
    for _ in range(n):
        row = int(session.query()[0])
        session.teach(row, y[row])
        # What is asked next may depend on whether a fit has ended.
        session.wait()


@pytest.mark.parametrize("kind", KINDS)
def test_a_session_that_is_reopened_before_between_and_after_extensions_asks_the_same(grows, blobs, tmp_path, kind):
    X, y = blobs
    convert, given = KINDS[kind]
    X = convert(X, tmp_path)
    parts = [some(X, FIRST, MONDAY), some(X, MONDAY, len(y))]

    def questions(name, *, reopened):
        session, known, asked = grows(some(X, 0, FIRST), name, **given), FIRST, []
        for part in [*parts, None]:
            answer(session, y, 10)
            asked.append(session.query().tolist())
            if reopened:
                session = grows(some(X, 0, known), name, **given)
                answer(session, y, 1)
            else:
                answer(session, y, 1)
            if part is not None:
                session.extend(part, source=f"from {known}")
                known += MONDAY - FIRST
        answer(session, y, 6)
        asked.append(session.query().tolist())
        return asked, session

    without, one = questions("a.alw", reopened=False)
    with_, other = questions("b.alw", reopened=True)
    assert without == with_
    assert one.labels["item"].tolist() == other.labels["item"].tolist()
    assert one.labels["item"].max() >= FIRST
    assert one.history["score"].tolist() == pytest.approx(other.history["score"].tolist(), nan_ok=True)
    assert one.parts[["part", "first", "n_rows"]].to_numpy().tolist() == [
        ["first", 0, FIRST], [f"from {FIRST}", FIRST, 30], [f"from {MONDAY}", MONDAY, 30],
    ]  # fmt: skip
    # A rollback across an extension brings the same model, and takes no samples away.
    found = one.rollback(1)
    assert (found.same_training_set, found.same_predictions) == (True, True)
    assert one.n_samples == len(y)


def test_the_model_predicts_what_it_would_of_a_pool_given_whole(make_session, blobs):
    X, y = blobs
    grown = make_session(X=X[:FIRST], test=None)
    grown.extend(X[FIRST:])
    whole = make_session(X=X, test=None)
    rows = np.arange(0, 120, 5)
    for session in (grown, whole):
        for row in rows.tolist():
            session.teach(row, y[row])
        session.retrain()
    assert isinstance(grown.X, alw.Parts)
    assert np.array_equal(np.asarray(grown.X), X)
    assert np.array_equal(grown.predictions().uncertainty, whole.predictions().uncertainty)
    assert np.array_equal(grown.predictions().codes, whole.predictions().codes)


def test_a_branch_across_an_extension_has_the_whole_pool(grows, blobs, tmp_path):
    X, y = blobs
    session = grows(X[:FIRST])
    answer(session, y, 8)
    session.extend(X[FIRST:], source="monday")
    answer(session, y, 8)
    branch = session.branch(tmp_path / "b.alw", round=1)
    assert (branch.n_samples, branch.progress.n_labeled) == (120, 4)
    branch.close()
    assert grows(X, "b.alw").parts["part"].tolist() == ["first", "monday"]


def test_arrays_are_not_copied_and_a_session_is_resumed_with_parts(grows, blobs):
    X, y = blobs
    first, second = X[:FIRST].copy(), X[FIRST:].copy()
    session = grows(first)
    answer(session, y, 8)
    session.extend(second)
    assert [np.shares_memory(*pair) for pair in zip(session.X.arrays, (first, second), strict=True)] == [True, True]
    asked = session.query().tolist()
    session.close()
    assert grows(alw.Parts(first, second)).query().tolist() == asked


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        (lambda X: X[:MONDAY], "Rows of 'tuesday' are missing"),
        (lambda X: X[: FIRST + 5], "Rows of 'monday', 'tuesday' are missing"),
        (lambda X: X[:-1], "Rows of 'tuesday' are missing"),
        (lambda X: np.concatenate([X, X[:7]]), "other 7 with extend"),
        (lambda X: np.concatenate([X[:FIRST], X[MONDAY:], X[FIRST:MONDAY]]), "not the samples of part 'monday'"),
        (lambda X: np.concatenate([X[:MONDAY], X[:MONDAY:-1], X[MONDAY : MONDAY + 1]]), "not the samples of part 'tue"),
        (lambda X: X[::-1], "pool differs"),
        (lambda X: X[: FIRST - 1], "pool differs"),
    ],
)
def test_other_rows_are_refused_by_the_name_of_the_part(grows, blobs, changed, match):
    X, y = blobs
    session = grows(X[:FIRST])
    session.extend(X[FIRST:MONDAY], source="monday")
    session.extend(X[MONDAY:], source="tuesday")
    answer(session, y, 2)
    session.close()
    with pytest.raises(JournalError, match=match):
        grows(changed(X))
    assert grows(X).progress.n_labeled == 2


BAD = {
    "other columns": (lambda X: X[:, :3], ValueError, "4 features but X_new has 3"),
    "another type": (lambda X: X.astype(np.float32), TypeError, "X_new has dtype float32 and X float64"),
    "whole numbers": (lambda X: X.astype(int), TypeError, "X_new has dtype int64 and X float64"),
    "another kind": (csr_matrix, TypeError, "X is held as array and X_new as sparse"),
    "a DataFrame": (pd.DataFrame, TypeError, "different kinds"),
    "texts": (texts, TypeError, "different kinds"),
    "NaN": (lambda X: np.where(X[3, 1] == X, np.nan, X), ValueError, "X_new row 3, column 1 is nan"),
    "infinity": (lambda X: np.where(X[3, 1] == X, np.inf, X), ValueError, "X_new row 3, column 1 is inf"),
    "no rows": (lambda X: X[:0], ValueError, "X_new has no rows"),
    "one dimension": (lambda X: X[0], ValueError, "X_new has shape"),
    "nothing": (lambda _: None, TypeError, "X_new is None"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_added_is_refused_and_nothing_changes(grows, blobs, bad):
    X, y = blobs
    change, error, match = BAD[bad]
    session = grows(X[:FIRST])
    answer(session, y, 2)
    before, asked = len(session.events), session.query().tolist()
    with pytest.raises(error, match=match):
        session.extend(change(X[FIRST:]))
    assert (session.n_samples, len(session.events), session.query().tolist()) == (FIRST, before, asked)
    assert session.X.shape == (FIRST, 4)
    session.extend(X[FIRST:])
    assert session.n_samples == 120


def test_columns_of_a_DataFrame_are_refused_by_their_names(grows, blobs):
    X = pd.DataFrame(blobs[0], columns=list("abcd"))
    learner = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=2)
    X["d"] = pd.Categorical(np.where(X["d"] > 0, "high", "low"))
    session = grows(X[:FIRST], learner=learner, cold_start="random")
    with pytest.raises(ValueError, match=r"columns \['a', 'b', 'c', 'd'\] but X_new has \['d', 'c', 'b', 'a'\]"):
        session.extend(X[FIRST:][list("dcba")])
    with pytest.raises(TypeError, match="column 'a' of X_new has dtype int64 and column 'a' of X float64"):
        session.extend(X[FIRST:].astype({"a": int}))
    other = X[FIRST:].assign(d=pd.Categorical(["low"] * 60))
    with pytest.raises(TypeError, match="column 'd' of X_new has dtype category with other categories"):
        session.extend(other)
    session.extend(X[FIRST:])
    assert session.X.equals(X)
    assert session.to_frame().index.tolist() == list(range(120))


def test_missing_values_may_come_where_the_learner_takes_them(grows, blobs):
    X = blobs[0].copy()
    session = grows(X[:FIRST], learner=HistGradientBoostingClassifier(max_iter=2))
    X[FIRST + 3, 0] = np.nan
    session.extend(X[FIRST:])
    assert np.isnan(session.X[FIRST + 3, 0])


def test_a_part_is_added_once(grows, blobs):
    X, _ = blobs
    session = grows(X[:FIRST])
    session.extend(X[FIRST:MONDAY], source="monday")
    with pytest.raises(ValueError, match="X_new has the samples of part 'monday'"):
        session.extend(X[FIRST:MONDAY], source="tuesday")
    with pytest.raises(ValueError, match="X_new has the samples of part 'first'"):
        session.extend(X[:FIRST], source="tuesday")
    for name in ("monday", "first"):
        with pytest.raises(ValueError, match=f"source is '{name}', the name of a part that is there"):
            session.extend(X[MONDAY:], source=name)
    session.extend(X[MONDAY:])
    assert session.parts["part"].tolist() == ["first", "monday", "part 3"]


def test_items_come_with_their_samples(grows, blobs):
    X, y = blobs
    items = [f"sample {i}" for i in range(120)]
    session = grows(X[:FIRST], items=items[:FIRST], ids=range(FIRST))
    for given, error, match in [
        ({"ids": range(60, 120)}, ValueError, "items_new is None"),
        ({"items_new": items[FIRST:]}, ValueError, "ids is None"),
        ({"items_new": items[61:], "ids": range(60, 120)}, ValueError, "X_new has 60 rows but items_new has 59"),
        ({"items_new": items[FIRST:], "ids": range(30, 90)}, ValueError, "ids has '30', which is row 30 of the pool"),
    ]:
        with pytest.raises(error, match=match):
            session.extend(X[FIRST:], **given)
    session.extend(X[FIRST:], items[FIRST:], ids=range(FIRST, 120))
    assert (session.item(119), session.sample_id(119)) == ("sample 119", "119")
    session.teach(119, y[119])
    again = grows(X, items=items, ids=range(120))
    assert again.labels["sample"].tolist() == ["119"]
    plain = grows(X[:FIRST], "b.alw")
    for given, match in [({"items_new": items[FIRST:]}, "it shows X"), ({"ids": range(60)}, "leave them out")]:
        with pytest.raises(ValueError, match=match):
            plain.extend(X[FIRST:], **given)


def told(session):
    return session.labels.set_index("item")[["label", "via"]].apply(tuple, axis=1).to_dict()


@pytest.mark.parametrize("duplicates", [None, "carry"])
def test_copies_in_a_new_part_have_the_answer_that_there_is(grows, blobs, duplicates):
    X, y = blobs
    more = np.concatenate([X[:3], X[FIRST:]])
    given = {} if duplicates is None else {"duplicates": duplicates}
    session = grows(X[:FIRST], **given)
    session.teach(0, y[0])
    session.teach(1, "left")
    session.teach(1, "right")
    session.skip(2)
    before = session.progress
    session.extend(more, source="monday")
    assert told(session) == {
        0: (y[0], ""), 1: ("right", ""), FIRST: (y[0], "duplicate"), FIRST + 1: ("right", "duplicate")
    }  # fmt: skip
    now = session.progress
    assert (now.n_labeled, now.n_skipped, now.n_changed) == (before.n_labeled, before.n_skipped, before.n_changed)
    assert now.n_copies == 3
    labels = session.labels
    session = grows(np.concatenate([X[:FIRST], more]), **given)
    assert session.labels.equals(labels)
    session.teach(0, "left" if y[0] == "right" else "right")
    assert told(session)[0] == (told(session)[FIRST][0], "")
    assert told(session)[FIRST][0] != y[0]
    assert session.undo() == [0]
    assert told(session)[FIRST] == (y[0], "duplicate")
    assert session.undo() == [2]
    assert session.undo() == [1]
    assert told(session)[FIRST + 1] == ("left", "duplicate")
    assert session.undo() == [1]
    assert set(told(session)) == {0, FIRST}
    answer(session, y[[*range(FIRST), *range(3), *range(FIRST, 120)]], 60)
    assert not {FIRST, FIRST + 1, FIRST + 2} & set(session.labels.query("via == ''")["item"])


def test_copies_in_a_new_part_are_asked_where_that_was_said(grows, blobs):
    X, y = blobs
    session = grows(X[:FIRST], duplicates="ask")
    session.teach(0, y[0])
    session.extend(X[[0, *range(FIRST, 120)]])
    assert set(told(session)) == {0}


def test_copies_in_a_new_part_have_their_own_ids_and_what_a_team_answered(grows, blobs):
    X, y = blobs
    session = grows(X[:FIRST], ids=range(FIRST), team=alw.Team(["ann", "bob"], answers=2))
    for annotator in ("ann", "bob"):
        session.teach(0, y[0], annotator=annotator)
    session.teach(1, y[1], annotator="ann")
    session.extend(X[[0, 1, 1, *range(FIRST, 120)]], ids=[f"m{i}" for i in range(63)])
    assert set(told(session)) == {0, 1, FIRST, FIRST + 1, FIRST + 2}
    assert session.labels["sample"].tolist() == ["0", "m0", "1", "m1", "m2"]
    # They do not agree on row 1, and so on none of its copies.
    session.teach(1, "left" if y[1] == "right" else "right", annotator="bob")
    assert set(told(session)) == {0, FIRST}


def test_a_rollback_to_before_a_part_came_leaves_its_copies_the_answers_of_then(grows, blobs):
    X, y = blobs
    session = grows(X[:FIRST])
    answer(session, y, 8)
    row = session.labels["item"].iloc[0]
    session.extend(X[[row, *range(FIRST, 120)]])
    assert session.labels["via"].tolist().count("duplicate") == 1
    session.rollback(1)
    assert told(session)[FIRST] == (y[row], "duplicate")
    session.rollback()
    assert told(session)[FIRST] == (y[row], "duplicate")


def test_identical_samples_of_another_part_have_the_answer_too(grows, blobs):
    X, y = blobs
    more = np.concatenate([X[:3], X[FIRST:]])
    session = grows(X[:FIRST])
    session.teach(1, y[1])
    session.extend(more, source="monday")
    session.teach(2, y[2])
    assert session.labels.set_index("item")["via"].to_dict() == {
        1: "", FIRST + 1: "duplicate", 2: "", FIRST + 2: "duplicate"
    }  # fmt: skip
    assert grows(np.concatenate([X[:FIRST], more])).labels.equals(session.labels)


def test_a_rule_for_a_stream_asks_no_sample_twice(grows, blobs):
    X, y = blobs
    session = grows(X[:FIRST])
    answer(session, y, 12)
    known = session.labels["item"].tolist()[0]
    came = np.concatenate([X[[known]], X[[100, 101, 100]], X[[101]]])
    rows = session.extend(came, source="monday", ask_if=lambda view: np.ones(len(view.candidates), bool))
    assert rows.tolist() == [FIRST + 1, FIRST + 2]
    session.teach(FIRST + 1, "left")
    assert session.labels.set_index("item").loc[FIRST + 3, "via"] == "duplicate"


def test_samples_that_come_one_by_one_are_kept_together_and_the_session_is_opened_again(grows, blobs):
    X, y = blobs
    session = grows(X[:FIRST])
    answer(session, y, 6)
    for row in range(FIRST, 80):
        session.extend(X[row : row + 1], source=f"s{row}")
    assert [len(array) for array in session.X.arrays] == [60, 20]
    asked = session.query().tolist()
    session.close()
    assert grows(X[:80]).query().tolist() == asked


def test_several_threads_may_add_samples_at_once(grows, blobs):
    X, y = blobs
    session = grows(X[:FIRST])
    answer(session, y, 12)
    inside = threading.Barrier(3, timeout=60)

    def rule(view):
        return view.proba.max(axis=1) < 0.6

    def add(number):
        inside.wait()
        for place in range(8):
            session.extend(X[FIRST:] + number + 0.01 * place, source=f"{number}-{place}", ask_if=rule)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(add, range(3)))
    assert session.n_samples == FIRST + 3 * 8 * 60
    assert len(session.parts) == 25


@pytest.mark.parametrize("role", ["strategy", "cold_start"])
def test_a_strategy_with_something_for_each_row_is_given_anew_or_refused_by_name(grows, blobs, role):
    X, y = blobs
    groups = np.arange(120) % 3
    session = grows(X[:FIRST], **{role: strategies.stratified(groups[:FIRST])})
    with pytest.raises(ValueError, match="groups has 60 values but X has 120 rows"):
        session.extend(X[FIRST:])
    assert session.n_samples == FIRST
    session.extend(X[FIRST:], **{role: strategies.stratified(groups)})
    answer(session, y, 12)
    asked = session.query().tolist()
    session.close()
    assert grows(X, **{role: strategies.stratified(groups)}).query().tolist() == asked


def test_probabilities_of_another_model_come_with_their_rows(grows, blobs):
    X, y = blobs
    proba = np.random.default_rng(1).dirichlet([1, 1], 120)
    session = grows(X[:FIRST], strategy=strategies.transfer(proba[:FIRST]), cold_start=None)
    with pytest.raises(ValueError, match="proba has shape"):
        session.extend(X[FIRST:])
    session.extend(X[FIRST:], strategy=strategies.transfer(proba))
    answer(session, y, 8)
    assert session.labels["item"].max() >= FIRST


def test_advice_begins_anew_with_what_came(grows, blobs):
    X, y = blobs
    session = grows(X[:FIRST], stop=alw.any_of("plateau", "stabilizing_predictions"), audit=0.3)
    session.run(oracle=y[:FIRST], n_labels=56)
    assert session.advice.stop
    session.extend(X[FIRST:] + 3, source="monday")
    assert not session.advice.stop
    assert "no round knows the 60 new samples yet" in session.advice.sentence
    session.run(oracle=y, n_labels=8)
    assert not session.advice.stop


def test_a_session_that_has_asked_everything_goes_on(grows, blobs):
    X, y = blobs
    session = grows(X[:6])
    answer(session, y, 6)
    assert session.query().tolist() == []
    session.extend(X[6:12])
    assert len(session.query()) == 4


def test_reading_alone_adds_nothing_and_learns_of_parts_by_opening_anew(grows, blobs, tmp_path):
    X, y = blobs
    session = grows(X[:FIRST])
    answer(session, y, 4)
    log = session._core.log
    reader = read(tmp_path / "a.alw")
    assert len(reader[1]) == log.state.n_events
    session.extend(X[FIRST:], source="monday", annotator="ann")
    (event,) = (event for event in session.events if isinstance(event, Extended))
    assert (event.first, event.n_rows, event.source, event.annotator) == (FIRST, 60, "monday", "ann")
    assert session.audit_log["what"].tolist()[-1] == "extended"
    assert alw.verify(tmp_path / "a.alw").problems == ()


def test_labels_on_another_clone_are_joined_with_the_part_they_are_of(grows, blobs, tmp_path):
    X, y = blobs
    session = grows(X[:FIRST])
    answer(session, y, 2)
    session.close()
    copytree(tmp_path / "a.alw", tmp_path / "b.alw")
    session = grows(X[:FIRST])
    session.extend(X[FIRST:], source="monday")
    session.teach(100, y[100])
    session.close()
    other = grows(X[:FIRST], "b.alw")
    other.teach(50, y[50])
    other.close()
    for name, pair in (("ab.alw", ("a.alw", "b.alw")), ("ba.alw", ("b.alw", "a.alw"))):
        alw.merge(*(tmp_path / each for each in pair), tmp_path / name)
        assert {50, 100} < set(grows(X, name).labels["item"])
    other = grows(X[:FIRST], "b.alw")
    other.extend(X[MONDAY:], source="monday")
    other.close()
    with pytest.raises(JournalError, match="other samples were added to each"):
        alw.merge(tmp_path / "a.alw", tmp_path / "b.alw", tmp_path / "c.alw")


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize("pair", [("a.alw", "b.alw"), ("b.alw", "a.alw")])
def test_copies_in_a_part_of_one_clone_have_the_answers_of_the_other(grows, blobs, tmp_path, pair, ids):
    X, _ = blobs
    X = np.concatenate([X[:FIRST], X[[0, 1, 2, 3]], X[FIRST + 4 :]])
    names = np.array([f"s{i}" for i in range(len(X))]) if ids else None

    def made(rows, name):
        return grows(X[:rows], name, **({"ids": names[:rows]} if ids else {}))

    session = made(FIRST, "a.alw")
    session.teach(0, "left")
    session.close()
    copytree(tmp_path / "a.alw", tmp_path / "b.alw")
    session = made(FIRST, "a.alw")
    session.extend(X[FIRST:], **({"ids": names[FIRST:]} if ids else {}))
    session.teach(FIRST + 2, "left")
    session.close()
    other = made(FIRST, "b.alw")
    other.teach(1, "right", event_id="of the other")
    other.teach(2, "right")
    other.skip(3)
    other.close()
    alw.merge(*(tmp_path / each for each in pair), tmp_path / "both.alw")
    both = made(len(X), "both.alw")
    assert {row: told(both)[row] for row in (0, 1, 2, FIRST, FIRST + 1, FIRST + 2)} == {
        0: ("left", ""), 1: ("right", ""), 2: ("right", ""),
        # What somebody said of a copy itself stays.
        FIRST: ("left", "duplicate"), FIRST + 1: ("right", "duplicate"), FIRST + 2: ("left", ""),
    }  # fmt: skip
    assert FIRST + 3 not in both.query(len(X))
    both.undo(target="of the other")
    assert not {1, FIRST + 1} & set(both.labels["item"])
    both.teach(FIRST + 1, "left")
    assert told(both)[1] == ("left", "duplicate")
    both.close()
    assert alw.verify(tmp_path / "both.alw").sound


def test_copies_that_are_asked_each_have_no_answers_of_another_clone(grows, blobs, tmp_path):
    X, _ = blobs
    X = np.concatenate([X[:FIRST], X[[0, 1]]])
    grows(X[:FIRST], duplicates="ask").close()
    copytree(tmp_path / "a.alw", tmp_path / "b.alw")
    session = grows(X[:FIRST], duplicates="ask")
    session.extend(X[FIRST:])
    session.close()
    other = grows(X[:FIRST], "b.alw", duplicates="ask")
    other.teach(0, "left")
    other.close()
    alw.merge(tmp_path / "a.alw", tmp_path / "b.alw", tmp_path / "both.alw")
    assert grows(X, "both.alw", duplicates="ask").labels["item"].tolist() == [0]


def test_samples_may_be_added_while_a_fit_runs(grows, blobs):
    X, y = blobs
    inside, go_on = threading.Event(), threading.Event()
    go_on.set()

    class Waiting(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            inside.set()
            assert go_on.wait(60)
            return super().fit(X, y, sample_weight)

    session = grows(X[:FIRST], learner=Waiting())
    view_of(session).set_prefetch(8)
    answer(session, y, 7)
    inside.clear()
    go_on.clear()
    row = int(session.query()[0])
    session.teach(row, y[row])
    assert inside.wait(60)
    session.extend(X[FIRST:], source="monday")
    assert session.n_samples == 120
    assert len(session.query()) >= 1
    go_on.set()
    session.wait()
    answer(session, y, 40)
    assert session.labels["item"].max() >= FIRST
    assert session.progress.error == ""
    session.close()
    assert grows(X).labels.equals(session.labels)


def test_the_card_of_an_export_names_the_parts(grows, blobs, tmp_path):
    X, _ = blobs
    session = grows(X[:FIRST])
    session.extend(X[FIRST:], source="<monday>")
    card = (session.export(tmp_path / "out", model=False) / "card.md").read_text()
    assert "shape [60, 4]" in card
    assert "\n- added: 60 samples, " in card
    assert "monday" in card.partition("added:")[2]
    assert alw.verify(tmp_path / "out" / "session.alw").sound


def test_labels_that_came_with_the_first_samples_stay_on_a_branch(grows, blobs, tmp_path):
    X, y = blobs
    labels = pd.Series(y[:FIRST]).where(np.arange(FIRST) < 10)
    session = grows(X[:FIRST], labels=labels)
    session.extend(X[FIRST:MONDAY])
    session.extend(X[MONDAY:])
    session.teach(100, y[100])
    branch = session.branch(tmp_path / "b.alw")
    assert branch.labels["item"].tolist() == [*range(10), 100]


def test_what_steps_fitted_on_the_pool_cannot_take_is_not_added(grows):
    X = pd.DataFrame({"size": np.arange(40.0), "shop": ["a", "b"] * 20})
    learner = make_pipeline(make_column_transformer((OneHotEncoder(), ["shop"]), remainder="passthrough"), GaussianNB())
    session = grows(X[:30], learner=learner, features="pool", classes=["x", "y"])
    answer(session, np.array(["x", "y"] * 20), 8)
    n_events = len(session.events)
    with pytest.raises(ValueError, match="unknown categories"):
        session.extend(X[30:].assign(shop="c"))
    assert (session.n_samples, len(session.events)) == (30, n_events)
    session.extend(X[30:])
    answer(session, np.array(["x", "y"] * 20), 8)
    assert session.n_samples == 40


READER = """
import sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from sklearn.linear_model import LogisticRegression
import alwidgets as alw
from alwidgets.journal.errors import JournalError
X, classes = np.load(sys.argv[2]), ["left", "right"]
session = alw.Session(X, classes=classes, learner=LogisticRegression(), journal=sys.argv[1])
print(session.read_only, flush=True)
sys.stdin.readline()
try:
    session.refresh()
except JournalError as error:
    print(error)
print(session.n_samples, session.read_only)
"""


def test_who_reads_is_told_of_a_part_that_the_other_kernel_added(grows, blobs, tmp_path):
    X, y = blobs
    np.save(tmp_path / "X.npy", X[:FIRST])
    session = grows(X[:FIRST])
    answer(session, y, 2)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path / "a.alw"), str(tmp_path / "X.npy")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reader.stdout.readline() == "True\n"
    session.extend(X[FIRST:], source="monday")
    session.teach(100, y[100])
    told, state = reader.communicate("\n")[0].splitlines()
    assert "Rows of 'monday' are missing: pass the whole pool" in told
    assert state == f"{FIRST} True"
