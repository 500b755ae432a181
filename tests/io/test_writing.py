"""What is written for another tool is read back as it was, whatever labels and texts there are."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from alwidgets.io import AnswerRecord, read_answers, read_labels, read_pool, write_labels
from alwidgets.io.fields import fields_of
from alwidgets.io.formats.catalog import FORMATS
from alwidgets.io.formats.format import Export, Prediction
from alwidgets.io.reading import READ
from alwidgets.io.records import main_text
from alwidgets.io.writing import WRITTEN

READABLE = [name for name in WRITTEN if FORMATS[name].read is not None]
KINDS = ["single", "multi", "ordinal", "yes_no", "pair"]

_characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(_characters, max_size=20) | st.sampled_from(
    ["a#b", "a,b", "line\nbreak", '"', "[1]", "=1+1", "", "\ufeff"]
)
names = texts.filter(str.strip)
# Also under names that formats have for something else.
columns = texts | st.sampled_from(["id", "data_id", "label", "text", "alw_id", "_x", "meta", "fields", "data"])
tables = st.dictionaries(columns, texts | st.none() | st.booleans() | st.integers(-9, 9) | st.floats(), max_size=3)


@st.composite
def exports(draw):
    kind = draw(st.sampled_from(KINDS))
    n = {"yes_no": 2, "pair": draw(st.sampled_from([2, 3]))}.get(kind, draw(st.integers(2, 5)))
    classes = tuple(draw(st.lists(names, min_size=n, max_size=n, unique=True)))
    one = st.sampled_from(classes).map(lambda name: (name,))
    some = st.lists(st.sampled_from(classes), unique=True).map(lambda found: tuple(sorted(found, key=classes.index)))
    answers = some if kind == "multi" else one
    seconds = st.none() | st.floats(0, 1e6)
    records, fields, predictions = [], [], []
    for place in range(draw(st.integers(1, 4))):
        cancelled = draw(st.booleans())
        records.append(
            AnswerRecord(
                sample=f"{place} {draw(texts)}",
                answer=() if cancelled else draw(answers),
                annotator=draw(st.none() | names),
                when=draw(st.none() | st.integers(0, 10**15).map(lambda n: n / 10**6)),
                seconds=draw(seconds),
                note=draw(texts.filter(str.strip) | st.just("")),
                flag=draw(st.none() | texts),
                cancelled=cancelled,
                suggested=draw(st.none() | answers),
                id=draw(st.sampled_from(["", f"e{place}"])),
            )
        )
        fields.append(draw(st.just({}) | (texts | st.tuples(texts, texts) | tables).map(fields_of)))
        predictions.append(draw(st.none() | st.builds(Prediction, answers, st.none() | st.floats(0, 1))))
    return Export(kind, classes, records, fields, predictions, "round-3")


def side(export, name):
    """Return what Label Studio calls a class of a pair."""
    place = export.classes.index(name)
    return ("left", "right")[place] if export.kind == "pair" and place < 2 else name


def expected(name, export, record):
    """Return a record as far as a format holds it."""
    holds = FORMATS[name].holds
    blank = {"annotator": None, "when": None, "seconds": None, "note": "", "flag": None, "suggested": None}
    changes = {part: value for part, value in blank.items() if part not in holds} | {"source": name}
    answer, suggested = record.answer, changes.get("suggested", record.suggested)
    if name == "label_studio":
        answer = tuple(side(export, each) for each in answer)
        # An empty prediction shows nothing there.
        suggested = tuple(side(export, each) for each in suggested) if suggested else None
        changes["sides"] = export.kind == "pair" and record.answer != () and record.answer[0] in export.classes[:2]
    if name == "prodigy":
        changes["when"] = None if record.when is None else float(int(record.when))
        changes["flag"] = None if record.flag is None else ""
        if export.kind == "yes_no":
            yes = export.classes[export.classes[0].lower() != "yes"]
            changes["accepted"] = None if record.cancelled else record.answer[0] == yes
            answer = (yes,)
    return replace(record, **{**changes, "answer": answer, "suggested": suggested})


@pytest.mark.parametrize("name", READABLE)
@settings(max_examples=60)
@given(export=exports())
def test_what_is_written_is_read_back(name, export, tmp_path_factory):
    if name == "hugging_face":
        pytest.importorskip("pyarrow")
    form = FORMATS[name]
    kept = [
        place
        for place, record in enumerate(export.records)
        if ("cancelled" in form.holds or not record.cancelled)
        and ("none" in form.holds or record.answer or record.cancelled)
    ]
    whole = replace(
        export,
        records=[export.records[place] for place in kept],
        fields=[export.fields[place] for place in kept],
        predictions=[export.predictions[place] for place in kept],
    )
    path = tmp_path_factory.mktemp("written") / "file"
    path.write_bytes(form.write(whole))
    if not kept and name in ("prodigy", "doccano"):
        return
    found = read_answers(path, format=name)
    # A tool has ids of its own where we have none.
    told = [
        replace(record, content="", id=record.id if own.id else "")
        for record, own in zip(found, whole.records, strict=True)
    ]
    assert told == [expected(name, export, r) for r in whole.records]
    if kept and name != "hugging_face":
        assert read_answers(path) == found


def sessions(kind):
    """Make two sessions on the same texts."""
    classes = {"yes_no": ["no", "yes"], "pair": ["A", "B", "tie"], "multi": ["cat", "d,o#g"]}.get(
        kind, ["1", "2", "3\u00e9"]
    )
    learner = OneVsRestClassifier(LogisticRegression()) if kind == "multi" else LogisticRegression()
    items = [f"text, {row} #\n\u00fc" for row in range(12)]
    X = np.random.default_rng(0).normal(size=(12, 2))
    return [
        alw.Session(X, items, classes=classes, learner=learner, task=kind, random_state=0, cold_start=None, audit=0)
        for _ in range(2)
    ]


@pytest.mark.filterwarnings("ignore:doccano holds no annotators")
@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("kind", KINDS)
def test_labels_go_through_every_tool_into_another_session(name, kind, tmp_path):
    if name == "hugging_face":
        pytest.importorskip("pyarrow")
    first, second = sessions(kind)
    for row in range(6):
        label = first.classes[row % len(first.classes)]
        first.teach(row, [label] if kind == "multi" else label, annotator="ann")
    first.retrain()
    assert first.predictions() is not None
    write_labels(first, tmp_path / "file", format=name)
    received = second.receive(read_answers(tmp_path / "file"))
    assert (received.n_taken, received.refused) == (6, ())
    columns = ["item", "sample", "label"]
    assert second.labels[columns].to_dict("list") == first.labels[columns].to_dict("list")
    # And back: the answers are known by their ids.
    assert first.receive(read_answers(tmp_path / "file")).n_known == 6
    for session in (first, second):
        session.close()


def test_label_studio_imports_tasks_with_predictions_that_it_understands(tmp_path):
    session, _ = sessions("single")
    session.teach(0, "1", seconds=2, annotator="ann@example.com")
    session.teach(1, "2", annotator="ann")
    session.note(0, "why")
    session.retrain()
    tasks = json.loads(write_labels(session, tmp_path / "a.json", format="label_studio").read_text())
    first = tasks[0]
    assert first["data"] == {"text": session.items[0], "alw_id": session.records()[0].sample}
    (annotation,), (prediction,) = first["annotations"], first["predictions"]
    assert annotation["result"] == [
        {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["1"]}},
        {"from_name": "note", "to_name": "text", "type": "textarea", "value": {"text": ["why"]}},
    ]
    assert (annotation["completed_by"], annotation["lead_time"]) == ({"email": "ann@example.com"}, 2.0)
    assert (prediction["model_version"], prediction["result"][0]["type"]) == ("round-1", "choices")
    assert 0 <= prediction["score"] <= 1
    # Only who has an account can be imported.
    assert "completed_by" not in tasks[1]["annotations"][0]


def test_class_labels_are_written_as_datasets_reads_them(tmp_path):
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    for kind, label in (("single", "2"), ("multi", ["d,o#g"])):
        session, _ = sessions(kind)
        session.teach(0, label)
        table = parquet.read_table(write_labels(session, tmp_path / "a.parquet", format="hugging_face"))
        names = {"names": list(session.classes), "_type": "ClassLabel"}
        told = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
        assert told["label"] == (names if kind == "single" else {"feature": names, "_type": "List"})
        assert table["label"].to_pylist() == ([1] if kind == "single" else [[1]])


@settings(max_examples=20)
@given(export=exports())
def test_a_doc_bin_has_every_text_with_its_classes_and_all_that_is_known_of_them(export):
    spacy = pytest.importorskip("spacy")
    # spaCy counts characters, and has a text without any.
    whole = replace(
        export,
        fields=[fields | {"text": f"text {place}, {fields.get('text')}"} for place, fields in enumerate(export.fields)],
    )
    written = FORMATS["spacy"].write(whole)
    docs = list(spacy.tokens.DocBin(store_user_data=True).from_bytes(written).get_docs(spacy.blank("xx").vocab))
    for doc, record, fields in zip(docs, whole.records, whole.fields, strict=True):
        assert doc.text == main_text(fields)
        assert {name for name, held in doc.cats.items() if held} == set(record.answer)
        assert list(doc.cats) == list(export.classes)
        told = (record.sample, record.id, record.annotator, record.when, record.seconds, record.note, record.flag)
        assert tuple(doc.user_data.values()) == told


def test_a_doc_bin_has_the_categories(tmp_path):
    spacy = pytest.importorskip("spacy")
    session, _ = sessions("single")
    session.teach(0, "2", annotator="ann")
    path = write_labels(session, tmp_path / "a.spacy", format="spacy")
    (doc,) = spacy.tokens.DocBin(store_user_data=True).from_disk(path).get_docs(spacy.blank("xx").vocab)
    assert (doc.text, doc.cats) == (session.items[0], {"1": 0.0, "2": 1.0, "3\u00e9": 0.0})
    assert (doc.user_data["alw_id"], doc.user_data["annotator"]) == (session.records()[0].sample, "ann")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("prodigy", "Prodigy holds no times taken, no flags, no suggestions: the file lacks them"),
        (
            "doccano",
            "doccano holds no annotators, no times taken, no flags, no suggestions, no skips: the file lacks them",
        ),
    ],
)
def test_what_a_format_cannot_hold_is_told_once(tmp_path, name, message):
    session, _ = sessions("single")
    session.teach(0, "1", seconds=2, annotator="ann", suggested="2")
    session.flag(0, "f")
    session.skip(1)
    with pytest.warns(UserWarning, match=message) as told:
        write_labels(session, tmp_path / "a", format=name)
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_labels(session, tmp_path / "a", format="label_studio")


def with_two_annotators():
    session, other = sessions("single")
    for name, label in (("bob", "2"), ("ann", "1")):
        session.teach(0, label, seconds=2, annotator=name)
    session.teach(1, "3\u00e9", annotator="bob")
    session.note(0, "why")
    return session, other


def said(session):
    each = session.answers[session.answers["standing"]]
    return sorted(zip(each["item"], each["annotator"], each["label"], strict=True))


@pytest.mark.parametrize("name", ["label_studio", "argilla"])
def test_the_answers_of_all_annotators_are_written_where_a_file_holds_them(tmp_path, name):
    session, other = with_two_annotators()
    records = read_answers(write_labels(session, tmp_path / "a.json", format=name))
    assert session.receive(records).n_known == 3
    assert (other.receive(records).n_taken, said(other)) == (3, said(session))
    assert other.labels["label"].tolist() == session.labels["label"].tolist()
    assert [(record.annotator, record.note) for record in records] == [("ann", "why"), ("bob", ""), ("bob", "")]


@pytest.mark.parametrize("name", [None, "prodigy", "doccano"])
def test_answers_of_other_annotators_that_a_file_lacks_are_told(tmp_path, name):
    session, _ = with_two_annotators()
    session.skip(2)
    with pytest.warns(
        UserWarning, match=r"no skips.*no answers of other annotators" if name != "prodigy" else "no answers of other"
    ) as told:
        write_labels(session, tmp_path / "a.csv", format=name)
    assert len(told) == 1


def test_what_is_known_of_an_answer_in_argilla_is_not_said_of_another_user(tmp_path):
    session, other = sessions("single")
    session.teach(0, "1", annotator="ann")
    path = write_labels(session, tmp_path / "a.json", format="argilla")
    rows = json.loads(path.read_text())
    rows[0]["responses"]["label"].append({"value": "2", "user_id": "bob-uuid"})
    path.write_text(json.dumps(rows))
    first, second = read_answers(path)
    assert (first.annotator, first.answer, first.id != "") == ("ann", ("1",), True)
    assert (second.annotator, second.answer, second.id, second.when) == ("bob-uuid", ("2",), "", None)
    other.receive([first, second])
    assert said(other) == [(0, "ann", "1"), (0, "bob-uuid", "2")]


def test_numbers_without_an_end_and_names_that_collide_are_written(make_session, tmp_path):
    items = pd.DataFrame({"id": range(120), "data_id": "x", "size": [np.inf, *range(119)]})
    session = make_session(items=items)
    session.teach(0, "left")
    for name in ("label_studio", "prodigy", "argilla", "doccano"):
        path = write_labels(session, tmp_path / "a", format=name)
        assert "Infinity" not in path.read_text()
    assert fields_of(items.iloc[0]) == {"data_data_id": 0, "data_id": "x", "size": "inf"}


@pytest.mark.parametrize("name", ["label_studio", "prodigy"])
def test_of_samples_that_are_arrays_a_file_shows_which_they_are(make_session, tmp_path, name):
    session = make_session()
    session.teach(0, "left")
    path = write_labels(session, tmp_path / "a", format=name)
    assert read_pool(path).items == [session.sample_id(0)]
    assert session.receive(read_answers(path)).n_known == 1


def test_a_sample_that_cannot_be_written_is_named(tmp_path):
    pytest.importorskip("pyarrow")
    items, learner = ["a", "b\ud800"], LogisticRegression()
    session = alw.Session(np.eye(2), items, classes=["1", "2"], learner=learner, ids=["m1", "m2"])
    session.teach(0, "1")
    session.teach(1, "2")
    with pytest.raises(ValueError, match="sample 'm2' cannot be written for Hugging Face"):
        write_labels(session, tmp_path / "a.parquet", format="hugging_face")


@pytest.mark.parametrize("name", [None, "label_studio", "prodigy"])
def test_that_a_file_has_one_label_for_all_answers_of_a_team_is_told_once(tmp_path, name):
    team = alw.Team(["ann", "bob"], answers=2)
    session = alw.Session(np.eye(4), list("abcd"), classes=["1", "2"], learner=LogisticRegression(), team=team)
    session.teach(0, "1", annotator="ann")
    session.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_labels(session, tmp_path / "a.csv", format=name)
    session.teach(0, "1", annotator="bob")
    session.wait()
    with pytest.warns(UserWarning, match="one label a sample, what the team's answers amount to") as told:
        write_labels(session, tmp_path / "a.csv", format=name)
    assert len(told) == 1


@pytest.mark.parametrize("name", ["label_studio", "prodigy", "argilla"])
@pytest.mark.filterwarnings("ignore:.*one label a sample")
def test_the_label_of_a_team_is_written_where_who_said_it_last_took_it_back(tmp_path, name):
    team = alw.Team(["ann", "bob", "cy"], answers=1)
    session = alw.Session(np.eye(4), list("abcd"), classes=["1", "2"], learner=LogisticRegression(), team=team)
    session.teach(3, "1", annotator="bob")
    session.teach(3, "1", annotator="ann")
    session.skip(3, unsure=True, annotator="ann")
    session.wait()
    assert session.labels[["label", "annotator"]].to_numpy().tolist() == [["1", "bob"]]
    path = write_labels(session, tmp_path / "a.json", format=name)
    assert [(each.answer, each.annotator) for each in read_answers(path, format=name)] == [(("1",), "bob")]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_our_own_table_read_back_is_known(tmp_path, ending):
    session, _ = with_two_annotators()
    session.teach(0, "2", annotator="ann")
    session.skip(5)
    with pytest.warns(UserWarning, match="A table of labels holds no skips, no answers of other annotators"):
        path = write_labels(session, tmp_path / f"a.{ending}")
    before = len(session.answers)
    assert session.receive(read_answers(path)).n_known == 2
    assert len(session.answers) == before


def test_what_is_refused_is_found_in_its_file(tmp_path):
    session, _ = sessions("single")
    path = tmp_path / "a.jsonl"
    path.write_text('\n{"text": "elsewhere", "label": "1", "answer": "accept"}\n')
    received = session.receive(read_answers(path))
    assert "1 refused, the first, line 2, since it has no id, and its text" in str(received)
    assert received.refused[0].record.place == "line 2"


def test_a_byte_order_mark_before_our_own_table(tmp_path):
    session, _ = sessions("single")
    session.teach(0, "1")
    for ending in ("csv", "jsonl"):
        path = write_labels(session, tmp_path / f"a.{ending}")
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        assert read_labels(path)["label"].tolist() == ["1"]
        assert len(read_answers(path)) == 1


def test_wrong_formats_and_names(tmp_path):
    session, _ = sessions("single")
    with pytest.raises(ValueError, match=r"format is 'labelstudio'; expected one of \['label_studio', 'prodigy'"):
        write_labels(session, tmp_path / "a.json", format="labelstudio")
    with pytest.raises(TypeError, match="path is 3; expected the name of a file"):
        write_labels(session, 3, format="prodigy")
    with pytest.raises(TypeError, match="session is an int; expected a Session"):
        write_labels(3, tmp_path / "a.json", format="prodigy")
    assert list(tmp_path.iterdir()) == []


def test_the_table_of_formats_names_all_of_them():
    starts = [line.split()[0].strip('"') for line in write_labels.__doc__.splitlines() if line.startswith('    "')]
    assert starts == list(WRITTEN)


def test_no_labels_make_a_file_without_answers(tmp_path):
    session, _ = sessions("single")
    assert read_answers(write_labels(session, tmp_path / "a.json", format="label_studio")) == []
    assert read_answers(write_labels(session, tmp_path / "a.csv")) == []
    for name in ("prodigy", "doccano"):
        assert read_answers(write_labels(session, tmp_path / "a.jsonl", format=name), format=name) == []


def test_our_own_table_is_read_as_answers(tmp_path):
    session, other = sessions("multi")
    session.teach(0, ["cat", "d,o#g"], seconds=2, annotator="ann")
    session.teach(1, [])
    for ending in ("csv", "jsonl"):
        records = read_answers(write_labels(session, tmp_path / f"a.{ending}"))
        assert [(r.answer, r.annotator, r.seconds) for r in records] == [
            (("cat", "d,o#g"), "ann", 2.0),
            ((), None, None),
        ]
    assert other.receive(records).n_taken == 2


def test_a_model_that_cannot_predict_keeps_labels_from_no_tool_without_predictions(make_session, tmp_path):
    session = make_session(items=[f"text {row}" for row in range(120)])
    for row, label in enumerate(("left", "right")):
        session.teach(row, label, annotator="ann")
    session.retrain()

    def broken():
        raise ValueError("no")

    session.predictions = broken
    write_labels(session, tmp_path / "a.jsonl", format="prodigy")
    with pytest.raises(ValueError, match="no"):
        write_labels(session, tmp_path / "a.json", format="label_studio")
    assert not (tmp_path / "a.json").exists()


def test_each_format_is_named_where_a_checker_looks_for_it():
    assert set(READ) == {name for name, each in FORMATS.items() if each.read is not None}
    assert set(WRITTEN) == {name for name, each in FORMATS.items() if each.write is not None}
