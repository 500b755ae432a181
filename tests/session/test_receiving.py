"""A session takes in the answers of other tools: each once, corrected and deleted as over there, or refused whole."""

import json
import time
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.bridges.labeling_config import Control
from alwidgets.bridges.tasks import read, result_of
from alwidgets.data import pool
from alwidgets.data.pool import text_id
from alwidgets.io import AnswerRecord, read_answers
from alwidgets.journal.events import Noted, Repeated, Unflagged

EXPORTS = Path(__file__).parents[1] / "io" / "exports"
# Of the past, and to the microsecond, as tools write it.
NOW = round(time.time(), 3) - 1000
EXPECTED_TIME = "expected seconds since 1970, not milliseconds, in UTC."


@pytest.fixture
def session(make_session, blobs):
    return make_session(ids=[f"m{row}" for row in range(len(blobs[0]))], annotator="me")


def record(row=3, *answer, **more):
    given = {
        "sample": f"m{row}",
        "answer": answer or ("left",),
        "annotator": "ann",
        "source": "label_studio",
        "id": "7",
    }
    return AnswerRecord(**given | more)


def outcome(received):
    return received.n_taken, received.n_known, [refused.reason for refused in received.refused]


def labels(session):
    return dict(zip(session.labels["item"], session.labels["label"], strict=True))


def test_an_answer_is_taken_with_everything_that_is_known_of_it(session):
    given = record(3, "right", when=NOW - 50, seconds=2.5, note="hm", flag="look", suggested=("left",))
    assert outcome(session.receive([given])) == (1, 0, [])
    (row,) = session.labels.to_dict("records")
    assert (row["item"], row["label"], row["annotator"], row["seconds"], row["via"], row["suggested"]) == (
        3, "right", "ann", 2.5, "label_studio", "left",
    )  # fmt: skip
    assert (row["note"], row["flag"]) == ("hm", "look")
    (back,) = session.records()
    assert replace(back, id="7", item=None) == given


def test_the_same_records_count_once_however_often_they_come(session):
    given = [record(row, note="n", flag="", id=str(row)) for row in range(5)] + [record(9, cancelled=True, id="9")]
    assert outcome(session.receive(given + given)) == (6, 6, [])
    before = list(session.events)
    assert outcome(session.receive(given)) == (0, 6, [])
    assert list(session.events) == before


def test_a_correction_replaces_and_comes_back(session):
    for place, answer in enumerate(("left", "right", "left")):
        assert session.receive([record(3, answer, when=NOW + place)]).n_taken == 1
        assert labels(session) == {3: answer}
    assert session.receive([record(3, "right", when=NOW + 1)]).n_known == 1
    assert labels(session) == {3: "left"}


def test_a_correction_without_a_time_replaces(session):
    session.receive([record(3, "left"), record(3, "right")])
    assert labels(session) == {3: "right"}


def test_a_deleted_answer_is_undone_with_all_that_it_was(session):
    session.receive([record(3, "left", when=NOW), record(3, "right", when=NOW + 1)])
    gone = AnswerRecord(sample="m3", answer=None, source="label_studio", id="7")
    assert outcome(session.receive([gone])) == (1, 0, [])
    assert labels(session) == {}
    assert outcome(session.receive([gone])) == (0, 1, [])
    # An old export does not bring it back; a new answer does.
    assert session.receive([record(3, "left", when=NOW), record(3, "right", when=NOW + 1)]).n_taken == 0
    assert session.receive([record(3, "left", when=NOW + 5000)]).n_taken == 1
    assert labels(session) == {3: "left"}


def test_a_flag_without_words_leaves_the_words_of_the_flag_that_is_there(session):
    session.flag(3, "is this mail?", annotator="ann")
    session.receive([record(3, flag="")])
    assert session.flags == {3: "is this mail?"}
    session.receive([record(4, flag="", id="b"), record(3, flag="no mail", id="c")])
    assert session.flags == {3: "no mail", 4: ""}


def test_a_sample_without_an_id_is_told_apart_from_an_id_that_is_not_in_the_pool(session):
    name = text_id("another text")
    unknown = record(3, sample=name, content=name)
    (refused,) = session.receive([unknown]).refused
    assert refused.reason.startswith(
        f"it has no id, and its text or fields (of hash '{text_id('another text')}') are not"
    )
    assert "as 'alw_id'" in refused.reason


def test_what_was_undone_here_stays_undone(session):
    session.receive([record(3)])
    session.undo(annotator="ann")
    assert session.receive([record(3)]).n_known == 1
    assert labels(session) == {}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answer": ("NOPE",)}, "label 'NOPE' is unknown; expected one of ['left', 'right']."),
        ({"sample": "x9"}, "sample 'x9' is not in the pool; expected the id of one that is."),
        ({"answer": ("left", "right")}, "the answer is ['left', 'right']; expected one class."),
        ({"answer": ()}, "the answer is []; expected one class."),
        ({"suggested": ("NOPE",)}, "label 'NOPE' is unknown; expected one of ['left', 'right']."),
        ({"seconds": -1}, "seconds is -1; expected a number of seconds of at least 0, or None."),
        ({"note": 3}, "noted is 3; expected a str."),
        ({"annotator": "a" * 300}, "annotator has 300 characters; expected at most 200."),
        ({"sample": ["m3"]}, "sample is ['m3']; expected a str."),
        ({"id": 5}, "id is 5; expected a str."),
        ({"answer": (["left"],)}, "answer has ['left']; expected classes."),
        ({"answer": (None,)}, "answer has None; expected classes."),
        ({"when": "2026"}, "when is '2026'; expected a number of seconds, or None."),
        (
            {"when": -1.0},
            f"when is -1, which is before 1970; {EXPECTED_TIME}",
        ),
        (
            {"when": 1796029110682.0},
            f"when is 1796029110682, which is more than a day ahead; {EXPECTED_TIME}",
        ),
        (
            {"when": -1.0, "answer": None},
            f"when is -1, which is before 1970; {EXPECTED_TIME}",
        ),
    ],
)
def test_what_does_not_fit_is_refused_whole(session, changes, reason):
    before = list(session.events)
    wrong = replace(record(3, note="n", flag="f"), **changes)
    received = session.receive([wrong])
    assert outcome(received) == (0, 0, [reason])
    assert received.refused[0].record is wrong
    assert list(session.events) == before


def test_the_others_are_taken_beside_one_that_is_refused(session):
    assert outcome(session.receive([record(1, "NOPE", id="1"), record(2, id="2")]))[0] == 1
    assert labels(session) == {2: "left"}


def test_what_is_no_record_is_refused_and_nothing_is_taken(session):
    with pytest.raises(TypeError, match="records has 'm1'; expected a list of AnswerRecord"):
        session.receive([record(3), "m1"])
    with pytest.raises(TypeError, match="expected a list of AnswerRecord"):
        session.receive(record(3))
    assert labels(session) == {}


def test_a_name_of_a_file_is_no_record(session):
    with pytest.raises(TypeError, match=r"records is 'export.json'; .*read_answers\('export.json'\)"):
        session.receive("export.json")
    with pytest.raises(TypeError, match=r"records is \{\}; expected a list of AnswerRecord"):
        session.receive({})


def test_a_record_that_is_twisted_keeps_no_other_from_being_taken(session):
    given = [record(1, id="1", when="2026"), record(2, id="2", when=NOW), record(4, id="4", when=float("nan"))]
    assert session.receive(given).n_taken == 2
    assert labels(session) == {2: "left", 4: "left"}


def test_a_deletion_without_a_time_comes_after_the_answer_before_it(session):
    gone = AnswerRecord(sample="m3", answer=None, source="label_studio", id="7", annotator="ann")
    session.receive([record(3, when=NOW), gone, record(4, id="8", when=NOW - 1)])
    assert labels(session) == {4: "left"}


def test_rows_of_another_pool_are_refused_where_their_ids_are_those_of_this_one(make_session):
    here = make_session(items=[f"text {row}" for row in range(120)], ids=[f"m{row}" for row in range(120)])
    same, other = (record(row, id="", content=text_id(text)) for row, text in ((1, "text 1"), (2, "TEXT 2")))
    (refused,) = (received := here.receive([same, other])).refused
    assert (received.n_taken, refused.record) == (1, other)
    assert refused.reason.startswith("sample 'm2' has another text here than the one that was answered")
    assert here.receive([replace(other, content="")]).n_taken == 1


def test_the_newest_of_several_annotators_stands_in_any_order(make_session):
    given = [
        record(3, "left", annotator="a", id="1", when=NOW),
        record(3, "right", annotator="b", id="2", when=NOW + 5),
        record(3, "left", annotator="c", id="3", when=NOW + 9, cancelled=True),
    ]
    for order in permutations(given):
        for together in (True, False):
            session = make_session(ids=[f"m{row}" for row in range(120)])
            for part in [order] if together else [[each] for each in order]:
                session.receive(part)
            assert labels(session) == {3: "right"}, order
            before = list(session.events)
            assert session.receive(given).n_known == 3
            assert list(session.events) == before


def test_an_older_answer_is_kept_beside_the_one_given_here(session):
    session.teach(3, "right")
    session.receive([record(3, "left", when=NOW - 1000)])
    assert labels(session) == {3: "right"}
    assert [event.label for event in session.events if isinstance(event, Repeated)] == ["left"]


def test_notes_of_two_annotators_are_written_once(session):
    given = [record(3, note="one", id="1", annotator="a"), record(3, note="two", id="2", annotator="b")]
    session.receive(given)
    before = list(session.events)
    session.receive(given)
    assert list(session.events) == before


def test_a_note_and_a_flag_that_are_gone_over_there_are_gone_here_and_may_come_again(session):
    with_both, without = record(3, note="hm", flag="look", when=NOW), record(3, when=NOW + 1)
    for turn in range(3):
        assert outcome(session.receive([replace(with_both, when=NOW + 10 * turn)], complete=True)) == (1, 0, [])
        assert (dict(session.notes), dict(session.flags)) == ({3: "hm"}, {3: "look"})
        gone = replace(without, when=NOW + 10 * turn + 1)
        assert outcome(session.receive([gone], complete=True)) == (1, 0, [])
        assert (dict(session.notes), dict(session.flags)) == ({}, {})
        assert outcome(session.receive([gone], complete=True)) == (0, 1, [])
    assert labels(session) == {3: "left"}
    assert {event.annotator for event in session.events if isinstance(event, Noted | Unflagged)} == {"ann"}


def test_a_note_stays_that_did_not_come_with_the_answer_that_has_none(session):
    session.receive([record(3, note="hm", when=NOW)])
    # Not all that the tool has, and an answer from before the note.
    session.receive([record(3, when=NOW + 1)])
    session.receive([record(3, when=NOW - 10)], complete=True)
    assert dict(session.notes) == {3: "hm"}
    session.note(3, "mine")
    session.receive([record(3, when=NOW + 2)], complete=True)
    assert dict(session.notes) == {3: "mine"}
    session.receive([record(4, id="8", annotator="bob", note="two"), record(4, id="9")], complete=True)
    assert session.notes[4] == "two"


def test_a_note_that_was_taken_out_of_an_annotation_is_gone_with_the_next_look(session):
    question = Control("label", "Choices", ("left", "right"), False, {"text": "Text"}, "text")
    chosen = result_of(question, ["left", "right"], ["left"])
    written = {"from_name": "note", "to_name": "text", "type": "textarea", "value": {"text": ["sure"]}}

    def looked(result, minute):
        given = {"id": 7, "completed_by": 1, "result": result, "updated_at": f"2026-01-01T10:{minute}:00Z"}
        task = {"id": 1, "data": {"alw_id": "m3"}, "annotations": [given], "overlap": 1, "is_labeled": True}
        return session.receive(read(task, question, "studio", {1: "ann"})["records"], complete=True)

    assert looked([*chosen, written], "00").n_taken == 1
    assert dict(session.notes) == {3: "sure"}
    assert looked(chosen, "01").n_taken == 1
    assert dict(session.notes) == {}
    assert labels(session) == {3: "left"}


def test_an_export_of_the_session_changes_nothing_in_it(session):
    session.teach(1, "left", seconds=2)
    session.teach(1, "right")
    session.skip(2)
    session.note(1, "n")
    before = list(session.events)
    assert outcome(session.receive(session.records())) == (0, 2, [])
    assert list(session.events) == before


def test_a_copy_of_an_answer_that_was_edited_over_there_is_a_correction(session):
    session.teach(1, "left")
    (own,) = session.records()
    assert session.receive([replace(own, answer=("right",), when=own.when + 60)]).n_taken == 1
    assert labels(session) == {1: "right"}


def test_another_session_on_the_same_pool_receives_what_this_one_has(session, make_session):
    session.teach(1, "left", seconds=2)
    session.skip(2)
    session.flag(1, "f")
    other = make_session(ids=[f"m{row}" for row in range(120)])
    assert other.receive(session.records()).n_taken == 2
    keep = ["item", "label", "annotator", "seconds", "flag"]
    pd.testing.assert_frame_equal(other.labels[keep], session.labels[keep])
    assert other.progress.n_skipped == 1


def test_identical_samples_each_keep_their_own_answer(make_session):
    X = np.repeat(np.arange(10.0), 2).reshape(-1, 1)
    session = make_session(X=X, test=(X[::5], ["left", "right"] * 2), ids=[f"m{row}" for row in range(20)])
    session.receive([record(0, "left", id="1"), record(1, "right", id="2"), record(2, "left", id="3")])
    assert labels(session) == {0: "left", 1: "right", 2: "left", 3: "left"}


def test_classes_are_known_by_their_text(make_session, blobs):
    X, y = blobs
    ids = [f"m{row}" for row in range(120)]
    session = make_session(classes=[0, 1], test=(X, (y == "left").astype(int)), ids=ids)
    session.receive([record(1, "1", id="1"), record(2, 0, id="2")])
    assert labels(session) == {1: 1, 2: 0}


@pytest.mark.parametrize("classes", [["no", "yes"], ["yes", "no"], ["other", "new-dataset"]])
def test_a_class_that_was_accepted_or_rejected(make_session, classes):
    yes = "new-dataset" if "other" in classes else "yes"
    no = next(name for name in classes if name != yes)
    X = np.eye(6)
    session = make_session(X=X, classes=classes, test=(np.eye(6), classes * 3), task="yes_no", ids=range(6))
    asked = AnswerRecord(sample="1", answer=("new-dataset",), accepted=True)
    session.receive([asked, replace(asked, sample="2", accepted=False)])
    assert labels(session) == {1: yes, 2: no}


def test_only_one_unknown_label_is_what_yes_and_no_are_about(make_session):
    session = make_session(classes=["no", "yes"], test=None, task="yes_no", ids=range(120))
    asked = AnswerRecord(sample="1", answer=("spam",), accepted=True)
    received = session.receive([asked, replace(asked, sample="2"), replace(asked, sample="3", answer=("toxic",))])
    assert labels(session) == {1: "yes", 2: "yes"}
    assert received.refused[0].reason.startswith("label 'toxic' is unknown, and 'yes' was said of 'spam' already")


def test_a_rejected_class_of_three_says_too_little(make_session):
    session = make_session(classes=["a", "b", "c"], test=None, ids=range(120))
    (refused,) = session.receive([AnswerRecord(sample="1", answer=("a",), accepted=False)]).refused
    assert refused.reason == "'a' was rejected, which leaves ['b', 'c']; expected a task of two classes."


def test_several_classes_and_none_in_a_multilabel_task(make_session):
    learner = OneVsRestClassifier(LogisticRegression())
    session = make_session(task="multi", classes=["a", "b"], learner=learner, test=None, ids=range(120))
    given = [AnswerRecord(sample="1", answer=("b", "a")), AnswerRecord(sample="2", answer=())]
    session.receive(given)
    assert labels(session) == {1: ("a", "b"), 2: ()}


def test_sides_of_a_pair(make_session):
    session = make_session(task="pair", classes=["A", "B", "tie"], test=None, ids=range(120))
    session.receive(
        [AnswerRecord(sample=str(row), answer=(side,)) for row, side in enumerate(("left", "right", "tie"))]
    )
    assert labels(session) == {0: "A", 1: "B", 2: "tie"}


def test_sides_of_a_pair_whose_classes_are_called_so_the_other_way_round(make_session, tmp_path):
    items = [(f"l{row}", f"r{row}") for row in range(120)]
    session = make_session(task="pair", classes=["right", "left"], test=None, items=items)
    session.teach(0, "right", annotator="ann")
    session.teach(1, "left", annotator="ann")
    back = [
        replace(r, id="", annotator="bob")
        for r in read_answers(alw.io.write_labels(session, tmp_path / "a.json", format="label_studio"))
    ]
    session.receive(back)
    assert labels(session) == {0: "right", 1: "left"}
    # As other tools, and sessions, have it.
    session.receive([record(2, "right", sample=session.sample_id(2))])
    assert labels(session)[2] == "right"


def test_a_pool_of_texts_knows_its_texts_in_any_export():
    records = read_answers(EXPORTS / "prodigy.jsonl")
    rows = [json.loads(line) for line in (EXPORTS / "prodigy.jsonl").read_text().splitlines()]
    texts = [*dict.fromkeys(row["text"] for row in rows), "another text"]
    learner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    for X, items, ids in ((texts, None, None), (texts, None, range(4)), (np.eye(4), texts, None)):
        session = alw.Session(
            X, items, classes=["no", "yes"], learner=learner if items is None else LogisticRegression(), task="yes_no",
            ids=ids, random_state=0,
        )  # fmt: skip
        received = session.receive(records)
        assert (received.refused, set(labels(session))) == ((), {0, 1, 2})
        newest = {
            row["text"]: row["answer"]
            for row in sorted(rows, key=lambda row: row["_timestamp"])
            if row["answer"] != "ignore"
        }
        said = {"accept": "yes", "reject": "no"}
        assert labels(session) == {place: said[newest[text]] for place, text in enumerate(texts[:3])}
        session.close()


@pytest.mark.parametrize(
    "X",
    [
        np.arange(12.0).reshape(4, 3),
        pd.DataFrame({"a": [1.5, 2, 3, 4], "b": ["x", "y", None, "x"], "c": pd.Categorical(["u", "v", "u", "u"])}),
        np.array(["x", "y", "z", "\u00e9"]),
    ],
)
def test_ids_of_all_samples_are_the_ids_of_each(X):
    assert pool.sample_ids(X) == [pool.sample_id(X, row) for row in range(4)]


def test_what_was_received_is_in_the_journal(blobs, make_session, tmp_path):
    given = {"ids": [f"m{row}" for row in range(120)], "journal": tmp_path / "a.alw"}
    session = make_session(**given)
    session.receive([record(3, "right", when=NOW, seconds=2.0), record(4, cancelled=True, id="8")])
    before = (labels(session), session.records())
    session.close()
    again = make_session(**given)
    assert (labels(again), again.records()) == before
    assert again.receive([record(3, "right", when=NOW, seconds=2.0)]).n_known == 1


def test_nothing_is_taken_when_it_cannot_be_written(make_session, tmp_path, monkeypatch):
    session = make_session(ids=[f"m{row}" for row in range(120)], journal=tmp_path / "a.alw")
    before = list(session.events)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(session._core.log.journal, "append", full)
    with pytest.raises(OSError, match="No space"):
        session.receive([record(1, id="1"), record(2, id="2", note="n")])
    assert list(session.events) == before
    assert labels(session) == {}


def test_what_a_tool_says_no_more_is_undone_where_the_records_are_all_it_has(session):
    session.teach(4, "right")
    session.receive([
        record(3, "left", when=NOW, id="1"), record(3, "right", when=NOW + 5, annotator="bob", id="2"),
        record(5, "left", when=NOW, id="3"), record(5, "right", when=NOW + 1, id="3"),
        record(6, "left", id="4"), record(6, "left", source="prodigy", id="4"),
    ])  # fmt: skip
    assert labels(session) == {3: "right", 4: "right", 5: "right", 6: "left"}
    # Bob's answer is gone, the corrected one too; of sample 6 nothing is said.
    none = AnswerRecord(sample="m5", answer=None, source="label_studio")
    received = session.receive([record(3, "left", when=NOW, id="1"), none], complete=True)
    assert (received.n_taken, received.refused) == (2, ())
    assert labels(session) == {3: "left", 4: "right", 6: "left"}
    before = list(session.events)
    assert session.receive([record(3, "left", when=NOW, id="1"), none], complete=True).n_taken == 0
    assert list(session.events) == before
    # Another tool said it as well.
    gone = AnswerRecord(sample="m6", answer=None, source="label_studio")
    session.receive([gone], complete=True)
    assert labels(session)[6] == "left"
    assert session.labels.set_index("item").loc[6, "via"] == "prodigy"


def test_a_second_answer_that_is_said_no_more_is_undone_too(session):
    older = record(3, "left", when=NOW, annotator="bob", id="2")
    session.receive([record(3, "right", when=NOW + 5, id="1")])
    session.receive([older])
    assert session.answers["annotator"].tolist() == ["ann", "bob"]
    session.receive([record(3, "right", when=NOW + 5, id="1")], complete=True)
    assert session.answers["annotator"].tolist() == ["ann"]
    assert labels(session) == {3: "right"}


def test_an_answer_that_became_one_that_does_not_fit_is_undone(session):
    session.receive([record(3, "left", when=NOW)])
    received = session.receive([record(3, "NOPE", when=NOW + 5)], complete=True)
    assert (received.n_taken, len(received.refused)) == (1, 1)
    assert labels(session) == {}
    assert session.receive([record(3, "right", when=NOW + 9)], complete=True).n_taken == 1
    assert labels(session) == {3: "right"}


def test_an_answer_that_was_carried_from_an_identical_sample_goes_with_it_alone(make_session):
    session = make_session(X=np.repeat(np.eye(3), 2, axis=0), ids=list("abcdef"), test=None)
    session.receive([AnswerRecord(sample="a", answer=("left",), source="tool", id="1")])
    assert labels(session) == {0: "left", 1: "left"}
    session.receive([AnswerRecord(sample="b", answer=None, source="tool")], complete=True)
    assert labels(session) == {0: "left", 1: "left"}
    session.receive([AnswerRecord(sample="a", answer=None, source="tool")], complete=True)
    assert labels(session) == {}


def exports(steps, *, late):
    """Yield what two people say after each step: name -> (label or None for a skip, when), oldest step first."""
    said = {}
    for place, (name, label) in enumerate(steps):
        said = {**said, name: (label, NOW + 10 * place - (15 if late and name == "ann" else 0))}
        if label == "deleted":
            del said[name]
        if not said:
            return
        yield said


def as_records(said):
    return [
        replace(
            record(3, annotator=name, id=name, when=when),
            answer=() if label is None else (label,),
            cancelled=label is None,
        )
        for name, (label, when) in said.items()
    ]


HISTORIES = list(product(product(["ann", "bob"], ["left", "right", None, "deleted"]), repeat=2))
# A third step where two changed the outcome of the one before them.
HISTORIES += [
    (("ann", "left"), ("bob", "right"), (name, label)) for name in ("ann", "bob") for label in ("left", None, "deleted")
]
HISTORIES += [(("bob", "right"), ("ann", "left"), ("bob", label)) for label in ("left", None, "deleted")]


@pytest.mark.parametrize("late", [False, True])
def test_an_export_after_each_change_leaves_the_newest_label_as_the_last_export_alone_does(make_session, late):
    for steps in HISTORIES:
        session = make_session(ids=[f"m{row}" for row in range(120)])
        for said in exports(steps, late=late):
            session.receive(as_records(said), complete=True)
            stands = [(when, label) for label, when in said.values() if label]
            assert labels(session) == ({3: max(stands)[1]} if stands else {}), steps
            n_before = len(session.answers)
            assert session.receive(as_records(said), complete=True).n_taken == 0, steps
            assert len(session.answers) == n_before


@pytest.mark.parametrize("late", [False, True])
def test_in_a_team_the_last_thing_that_each_said_stands_whenever_it_was_exported(make_session, late):
    people = alw.Team(["ann", "bob", "cy"], answers=2)
    for steps in HISTORIES:
        session = make_session(ids=[f"m{row}" for row in range(120)], team=people, audit=0.0)
        for said in exports(steps, late=late):
            session.receive(as_records(said), complete=True)
            answers = session.answers[session.answers["standing"]]
            stands = dict(zip(answers["annotator"], answers["label"], strict=True))
            assert stands == {name: label for name, (label, _) in said.items()}, steps
            assert session.receive(as_records(said), complete=True).n_taken == 0, steps
