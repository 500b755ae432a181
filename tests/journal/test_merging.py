"""Two copies of a session that went their own ways become one, and no answer is lost."""

import json
import shutil
import warnings

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.journal.errors import JournalError
from alwidgets.journal.reading import read
from tests.faults.sample import Y, ended, opened


def contents(path):
    return {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}


@pytest.fixture
def copies(tmp_path):
    """Two copies of a session with eight labels, on each of which somebody went on."""
    a, b = tmp_path / "a.alw", tmp_path / "b.alw"
    session = opened(a, audit=0.3).run(Y, 8)
    session.close()
    shutil.copytree(a, b)
    return a, b


def go_on(path, work):
    session = opened(path, audit=0.3)
    work(session)
    ended(session)
    return session


def merged_by_git(a, b):
    """Put the files of `b` into `a`, as a merge of two clones does without a conflict."""
    for name in ("events", "ends"):
        shutil.copytree(b / name, a / name, dirs_exist_ok=True)


def test_every_answer_of_both_counts_and_neither_is_changed(copies, tmp_path):
    a, b = copies
    first = go_on(a, lambda session: session.run(Y, 12))
    rows = sorted(set(range(len(Y))) - set(first.labels["item"]))[-20:]
    second = go_on(b, lambda session: [session.teach(row, Y[row], annotator="bea") for row in rows])
    before = contents(a), contents(b)
    merge = alw.merge(a, b, tmp_path / "both.alw")
    assert (contents(a), contents(b)) == before
    assert (merge.n_common, merge.n_first, merge.n_second) == (8, 12, 20)
    assert (merge.agreeing, merge.conflicts, merge.undone) == ((), (), ())
    assert alw.verify(tmp_path / "both.alw").sound
    session = opened(tmp_path / "both.alw", audit=0.3)
    assert set(session.labels["item"]) == set(first.labels["item"]) | set(second.labels["item"])
    assert session.session_id == first.session_id
    question = session.query().tolist()
    session.run(Y, 4)
    assert session.rounds[-1].n_labeled >= 40
    ended(session)
    shutil.rmtree(tmp_path / "both.alw")
    alw.merge(a, b, tmp_path / "both.alw")
    session = opened(tmp_path / "both.alw", audit=0.3)
    assert session.query().tolist() == question
    ended(session)


def test_what_both_answered_is_listed_and_the_other_answer_is_kept_as_a_second(copies, tmp_path):
    a, b = copies
    go_on(a, lambda session: [session.teach(150, "a", annotator="ann"), session.teach(151, "b"), session.skip(152)])
    go_on(
        b, lambda session: [session.teach(150, "b", annotator="bea"), session.teach(151, "b"), session.teach(152, "a")]
    )
    merge = alw.merge(a, b, tmp_path / "both.alw")
    assert merge.agreeing == (151,)
    assert [(found.item, found.kept, found.second, found.annotators) for found in merge.conflicts] == [
        (150, "a", "b", ("ann", "bea")),
        (152, "a", None, (None, None)),
    ]
    session = opened(tmp_path / "both.alw", audit=0.3)
    labels = session.labels.set_index("item")["label"]
    assert labels[[150, 151, 152]].tolist() == ["a", "b", "a"]
    # Somebody else's answer is not a second one of the same annotator.
    assert session.repeats[["item", "first", "second"]].to_numpy().tolist() == [[151, "b", "b"]]
    of_both = session.answers.query("item == 150 and standing")
    assert of_both[["annotator", "label"]].to_numpy().tolist() == [["ann", "a"], ["bea", "b"]]
    ended(session)


def test_notes_classes_decisions_and_what_was_undone_come_along(copies, tmp_path):
    a, b = copies
    go_on(a, lambda session: session.flag(3, "ours"))

    def theirs(session):
        session.undo()
        session.flag(4, "theirs")
        session.add_class("c")
        session.teach(150, "c")
        session.teach(151, "c")
        session.undo()
        session.decide("go on", "why not")

    taken = opened(a, audit=0.3)
    last = int(taken.labels["item"].iloc[-1])
    ended(taken)
    go_on(b, theirs)
    merge = alw.merge(a, b, tmp_path / "both.alw")
    assert set(merge.undone) == {last, 151}
    session = opened(tmp_path / "both.alw", audit=0.3)
    assert session.flags == {3: "ours", 4: "theirs"}
    assert session.classes == ("a", "b", "c")
    assert 150 in session.labels["item"].tolist()
    assert not {151, last} & set(session.labels["item"])
    assert session.decisions["reason"].tolist() == ["why not"]
    ended(session)


def test_answers_that_only_measure_still_do(copies, tmp_path):
    a, b = copies
    go_on(a, lambda session: session.run(Y, 8))
    theirs = go_on(b, lambda session: session.run(Y, 30))
    audited = set(theirs.labels.query("audit")["item"])
    assert audited
    alw.merge(a, b, tmp_path / "both.alw")
    session = opened(tmp_path / "both.alw", audit=0.3)
    # Where both answered, the question is that of the answer that stands.
    both = {record["item"] for record in read(a)[1] if record["kind"] == "labeled"}
    assert audited - both
    assert audited - both <= set(session.labels.query("audit")["item"])
    ended(session)


@pytest.mark.parametrize("n_openings", [1, 3])
def test_a_merge_file_by_file_is_recognized_and_what_it_holds_can_be_joined(copies, tmp_path, n_openings):
    a, b = copies
    for row in range(150, 153):
        if row < 150 + n_openings:
            go_on(a, lambda session, row=row: [session.teach(row, "a"), session.flag(row)])
    go_on(b, lambda session: [session.teach(row, "b") for row in (160, 161)])
    merged_by_git(a, b)
    before = contents(a)
    for looked in (lambda: opened(a, audit=0.3), lambda: read(a)):
        with pytest.raises(JournalError, match=r"without knowing of each other.*Nothing is lost: alw.merge\('.*a.alw'"):
            looked()
    assert "alw.merge" in alw.verify(a).problems[0]
    assert contents(a) == before
    merge = alw.merge(a, a, tmp_path / "joined.alw")
    assert (merge.n_first, merge.n_second) in {(n_openings, 2), (2, n_openings)}
    session = opened(tmp_path / "joined.alw", audit=0.3)
    assert {*range(150, 150 + n_openings), 160, 161} <= set(session.labels["item"])
    ended(session)


def test_merging_again_what_went_on_meanwhile_counts_only_what_is_new(copies, tmp_path):
    a, b = copies
    go_on(b, lambda session: session.teach(150, "b"))
    alw.merge(a, b, tmp_path / "once.alw")
    go_on(b, lambda session: session.teach(151, "b"))
    merge = alw.merge(tmp_path / "once.alw", b, tmp_path / "twice.alw")
    assert (merge.n_common, merge.n_second, merge.conflicts) == (9, 1, ())
    session = opened(tmp_path / "twice.alw", audit=0.3)
    assert session.labels["item"].is_unique
    ended(session)


def test_what_is_not_of_one_session_is_not_joined(copies, tmp_path):
    other = tmp_path / "other.alw"
    go_on(other, lambda session: session.teach(1, "a"))
    with pytest.raises(JournalError, match="not of one session: session differs; expected two copies of one"):
        alw.merge(copies[0], other, tmp_path / "both.alw")
    with pytest.raises(ValueError, match="which exists; expected the name of a new folder"):
        alw.merge(*copies, copies[0])
    assert not (tmp_path / "both.alw").exists()


def test_undo_undoes_the_last_answer_though_the_clock_went_back(monkeypatch):
    import time

    session = opened(None)
    session.teach(150, "a")
    monkeypatch.setattr(time, "time", lambda: 1e9)
    session.teach(151, "a")
    session.answer_repeat(150, "b")
    assert session.undo() == [150]
    assert session.undo() == [151]
    assert session.labels["item"].tolist() == [150]


def small(path):
    """Return a session of 20 samples, of which the first and the last are the same."""
    X = np.random.default_rng(0).normal(size=(20, 2))
    X[19] = X[0]
    given = {"classes": ["x", "y"], "learner": GaussianNB(), "random_state": 0, "batch_size": 30}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return alw.Session(X, journal=path, **given)


def went_apart(tmp_path, common, *works):
    """Return a folder for each work, with a copy of one session in which that was done."""
    folders = []
    for name, work in zip("ab", works, strict=True):
        folders.append(tmp_path / f"{name}.alw")
        if folders[:-1]:
            shutil.copytree(tmp_path / "common.alw", folders[-1])
        else:
            session = small(tmp_path / "common.alw")
            common(session)
            ended(session)
            shutil.copytree(tmp_path / "common.alw", folders[-1])
        session = small(folders[-1])
        work(session)
        ended(session)
    return folders


def labels_of(path):
    session = small(path)
    labels = session.labels.set_index("item")["label"].to_dict()
    ended(session)
    return labels


def five(session):
    session.teach(5, "x")


@pytest.mark.parametrize("second", ["x", "y"])
@pytest.mark.parametrize("turned", [False, True])
def test_an_answer_is_not_replaced_by_that_of_the_other_side_to_an_identical_sample(tmp_path, second, turned):
    works = [
        lambda session: session.teach(0, "x", annotator="anna"),
        lambda session: session.teach(19, second, annotator="bob"),
    ]
    a, b = went_apart(tmp_path, five, *works)[:: -1 if turned else 1]
    merge = alw.merge(a, b, tmp_path / "both.alw")
    assert labels_of(tmp_path / "both.alw") == {5: "x", 0: "x", 19: second}
    row, kept, other, names = (19, second, "x", ("bob", "anna")) if turned else (0, "x", second, ("anna", "bob"))
    found = [(each.item, each.kept, each.second, each.annotators) for each in merge.conflicts]
    assert (merge.agreeing, found) == (((row,), []) if second == "x" else ((), [(row, kept, other, names)]))
    assert alw.verify(tmp_path / "both.alw").sound


def test_a_skip_is_not_replaced_by_an_answer_to_an_identical_sample(tmp_path):
    a, b = went_apart(tmp_path, five, lambda session: session.skip(0), lambda session: session.teach(19, "y"))
    merge = alw.merge(a, b, tmp_path / "both.alw")
    assert labels_of(tmp_path / "both.alw") == {5: "x", 19: "y"}
    assert [(each.item, each.kept, each.second) for each in merge.conflicts] == [(0, None, "y")]


def corrected(session):
    session.undo()
    session.teach(5, "y")


@pytest.mark.parametrize("turned", [False, True])
def test_what_either_side_took_back_is_listed(tmp_path, turned):
    a, b = went_apart(tmp_path, five, corrected, lambda session: session.teach(7, "x"))[:: -1 if turned else 1]
    merge = alw.merge(a, b, tmp_path / "both.alw")
    assert merge.undone == (5,)
    assert labels_of(tmp_path / "both.alw") == {5: "y", 7: "x"}


def test_what_a_rollback_of_the_first_side_took_back_is_listed(tmp_path):
    def common(session):
        for row, label in ((1, "x"), (2, "y")):
            session.teach(row, label)
        session.retrain()
        session.wait()
        for row in (3, 4, 5):
            session.teach(row, "x")

    a, b = went_apart(tmp_path, common, lambda session: session.rollback(1), lambda session: session.teach(7, "x"))
    merge = alw.merge(a, b, tmp_path / "both.alw")
    assert merge.undone == (3, 4, 5)
    assert labels_of(tmp_path / "both.alw").keys() == {1, 2, 7}


@pytest.mark.parametrize("turned", [False, True])
def test_a_second_answer_is_the_label_where_the_other_side_took_the_first_back(tmp_path, turned):
    def again(session):
        session.answer_repeat(5, "y", annotator="bea")

    a, b = went_apart(tmp_path, five, lambda session: session.undo(), again)[:: -1 if turned else 1]
    merge = alw.merge(a, b, tmp_path / "both.alw")
    assert merge.undone == (5,)
    assert labels_of(tmp_path / "both.alw") == {5: "y"}


def test_an_answer_that_came_too_late_is_joined_also_after_the_session_went_on(tmp_path):
    def common(session):
        session.teach(0, "x")
        session.teach(1, "y")

    a, b = went_apart(tmp_path, common, lambda _: None, lambda session: session.teach(6, "y"))
    session = small(a)
    for row in (5, 8):
        session.teach(row, "x")
    ended(session)
    merged_by_git(a, b)
    session = small(a)
    assert "alw.merge" in session.recovery_message
    session.teach(17, "x")
    ended(session)
    session = small(a)
    session.teach(18, "x")
    ended(session)
    merge = alw.merge(a, a, tmp_path / "joined.alw")
    assert (merge.n_common, merge.n_first, merge.n_second) == (2, 4, 1)
    assert sorted(labels_of(tmp_path / "joined.alw")) == [0, 1, 5, 6, 8, 17, 18, 19]


def test_a_pool_that_nobody_can_have_is_refused(tmp_path):
    a, b = went_apart(tmp_path, five, lambda _: None, lambda _: None)
    for path in (a, b):
        identity = json.loads((path / "session.json").read_text())
        del identity["hash"]
        identity["pool"]["shape"] = [2**52, 2]
        (path / "session.json").write_text(json.dumps(identity))
    with pytest.raises(JournalError, match="a pool of 4,503,599,627,370,496 samples; expected 16,777,216 at most"):
        alw.merge(a, b, tmp_path / "both.alw")
