"""Answers are read from the files of other tools, and a file that is not right is named by line or task."""

import json
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import alwidgets as alw
from alwidgets.data.pool import sample_id, text_id
from alwidgets.io import AnswerRecord, read_answers, read_labels, read_pool
from alwidgets.io.formats.prodigy import hashes

EXPORTS = Path(__file__).parent / "exports"


@pytest.fixture
def file(tmp_path):
    """A function that writes a file and returns its path."""

    def write(name, content, encoding="utf-8"):
        path = tmp_path / name
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def annotation(*classes, **more):
    result = {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": list(classes)}}
    return {"id": 7, "completed_by": 1, "result": [result], "was_cancelled": False, "lead_time": 2.5} | more


def task(*annotations, **data):
    return {"id": 1, "data": {"text": "win a prize"} | data, "annotations": list(annotations)}


def test_a_real_export_of_label_studio():
    skipped, unknown, empty = read_answers(EXPORTS / "label_studio.json")
    assert (skipped.sample, skipped.cancelled, skipped.seconds, skipped.annotator) == ("id1", True, 1.0, "1")
    assert (unknown.sample, unknown.answer, unknown.id) == ("id2", ("NOPE",), "3")
    assert (empty.sample, empty.answer, empty.cancelled) == ("id3", (), False)
    assert skipped.when == 1795964922.52745
    assert {record.source for record in (skipped, unknown, empty)} == {"label_studio"}


def test_the_small_export_of_label_studio_has_the_same_answers():
    whole = {record.id: record for record in read_answers(EXPORTS / "label_studio.json") if not record.cancelled}
    small = {record.id: record for record in read_answers(EXPORTS / "label_studio_min.json")}
    assert small == whole


def test_a_real_export_of_prodigy():
    records = read_answers(EXPORTS / "prodigy.jsonl")
    rows = [json.loads(line) for line in (EXPORTS / "prodigy.jsonl").read_text().splitlines()]
    said = {True: "accept", False: "reject", None: "ignore"}
    assert [said[record.accepted] for record in records] == [row["answer"] for row in rows]
    assert [record.cancelled for record in records] == [row["answer"] == "ignore" for row in rows]
    assert [record.annotator for record in records] == [row["_annotator_id"] for row in rows]
    assert [record.when for record in records] == [row["_timestamp"] for row in rows]
    assert {record.answer for record in records} == {("new-dataset",)}


def test_hashes_are_those_that_prodigy_made():
    for line in (EXPORTS / "prodigy.jsonl").read_text().splitlines():
        row = json.loads(line)
        assert hashes(row["text"], row["label"]) == {name: row[name] for name in ("_input_hash", "_task_hash")}


def test_a_text_has_the_id_that_a_pool_of_texts_gives_it(file):
    (record,) = read_answers(file("a.jsonl", [{"text": "h\u00e9llo, #1", "label": "a", "answer": "accept"}]))
    assert record.sample == sample_id(np.array(["h\u00e9llo, #1"]), 0)


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ({"type": "choices", "value": {"choices": ["cat", "dog"]}}, ("cat", "dog")),
        ({"type": "rating", "value": {"rating": 4}}, (4,)),
        ({"type": "pairwise", "value": {"selected": "left"}}, ("left",)),
    ],
)
def test_every_kind_of_answer_of_label_studio(file, result, answer):
    note = {"type": "textarea", "value": {"text": ["why", "not"]}}
    path = file("a.json", json.dumps([task(annotation(result=[result, note]))]))
    (record,) = read_answers(path)
    assert (record.answer, record.note) == (answer, "why\nnot")


def test_every_annotator_of_a_task_is_read(file):
    path = file("a.json", json.dumps([task(annotation("a"), annotation("b", completed_by={"email": "b@x.org"}))]))
    assert [(record.annotator, record.answer) for record in read_answers(path)] == [("1", ("a",)), ("b@x.org", ("b",))]


def test_a_prediction_that_was_taken_is_what_was_suggested(file):
    made = annotation("a", parent_prediction=3)
    made["result"][0]["origin"] = "prediction"
    changed = annotation("b", parent_prediction=3, prediction={"result": annotation("a")["result"]})
    path = file("a.json", json.dumps([task(made, changed, annotation("a"))]))
    assert [record.suggested for record in read_answers(path)] == [("a",), ("a",), None]


def test_answers_of_label_studio_before_its_first_release_are_read(file):
    row = {"id": 1, "data": {"text": "x"}, "completions": [annotation("a", lead_time=float("nan"))]}
    (record,) = read_answers(file("a.json", json.dumps([row])))
    assert (record.answer, record.annotator, record.seconds) == (("a",), "1", None)


def test_boxes_are_no_answer_and_not_an_empty_one(file):
    box = {"type": "rectanglelabels", "value": {"x": 1}}
    with pytest.raises(ValueError, match=r"task 1: the result is of type 'rectanglelabels'; expected choices"):
        read_answers(file("a.json", json.dumps([task(annotation(result=[box]))])))


def test_csv_of_label_studio(file):
    head = "text,alw_id,id,label,annotator,annotation_id,created_at,updated_at,lead_time\r\n"
    rows = '"a, ""b""\nc",m1,1,spam,2,9,2026-11-29T15:08:43Z,2026-11-29T15:08:44Z,1.5\r\n'
    rows += 'x,m2,2,"{""choices"": [""cat"", ""d,og""]}",2,10,2026-11-29T15:08:43Z,2026-11-29T15:08:44Z,\r\n'
    rows += 'y,m3,3,"[{""rating"": 1}]",2,11,2026-11-29T15:08:43Z,2026-11-29T15:08:44Z,\r\n'
    first, second, third = read_answers(file("a.csv", "\ufeff" + head + rows))
    assert (first.sample, first.answer, first.annotator, first.seconds, first.id) == ("m1", ("spam",), "2", 1.5, "9")
    assert (second.answer, second.seconds) == (("cat", "d,og"), None)
    assert third.answer == (1,)


def test_sides_of_a_pair_are_told_from_classes(file):
    row = {"id": 1, "left": "x", "right": "y", "annotator": 1, "annotation_id": 2}
    for value, sides in (({"selected": "left"}, True), ('{"selected": "left"}', True), ("left", False)):
        (record,) = read_answers(file("a.json", json.dumps([row | {"label": value}])))
        assert (record.answer, record.sides) == (("left",), sides)


def test_choices_of_prodigy(file):
    options = [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]
    rows = [
        {"text": "x", "options": options, "accept": ["b"], "answer": "accept", "_timestamp": 5, "flagged": True},
        {"text": "y", "options": options, "accept": [], "answer": "ignore"},
        {"text": "z", "options": options},
    ]
    chosen, skipped = read_answers(file("a.jsonl", rows))
    assert (chosen.answer, chosen.accepted, chosen.when, chosen.flag) == (("b",), None, 5.0, "")
    assert skipped.cancelled


def test_argilla(file):
    row = {
        "id": "r1",
        "fields": {"text": "x"},
        "metadata": {},
        "suggestions": {"label": {"value": "b", "score": 0.7, "agent": "m"}},
        "responses": {
            "label": [{"value": "a", "user_id": "u1"}, {"value": "b", "user_id": "u2"}],
            "comment": [{"value": "unclear", "user_id": "u2"}],
        },
        "status": "completed",
    }
    first, second = read_answers(file("a.json", json.dumps([row])))
    assert (first.sample, first.answer, first.annotator, first.suggested, first.note) == (
        "r1",
        ("a",),
        "u1",
        ("b",),
        "",
    )
    assert (second.answer, second.annotator, second.note) == (("b",), "u2", "unclear")


def argilla(**more):
    return {"id": "r1", "fields": {"text": "x"}, "metadata": {}, "suggestions": {}, "responses": {}} | more


def test_drafts_of_argilla_are_no_answers_and_what_was_discarded_is_a_skip(file):
    responses = [
        {"value": "a", "user_id": "u1", "status": "draft"},
        {"value": "b", "user_id": "u2", "status": "discarded"},
        {"value": "c", "user_id": "u3", "status": "submitted"},
    ]
    records = read_answers(file("a.json", json.dumps([argilla(responses={"label": responses})])))
    assert [(r.answer, r.annotator, r.cancelled) for r in records] == [(("b",), "u2", True), (("c",), "u3", False)]


def test_records_of_argilla_1(file):
    row = {
        "id": "r1",
        "fields": {"text": "x"},
        "responses": [
            {"values": {"tone": {"value": "a"}, "comment": {"value": "hm"}}, "user_id": "u1", "status": "submitted"},
            {"values": {"tone": {"value": "b"}}, "user_id": "u2", "status": "draft"},
            {"values": None, "user_id": "u3", "status": "discarded"},
        ],
        "suggestions": [{"question_name": "tone", "value": "c"}],
    }
    records = read_answers(file("a.json", json.dumps([row])))
    assert [(r.sample, r.answer, r.annotator, r.cancelled, r.note, r.suggested) for r in records] == [
        ("r1", ("a",), "u1", False, "hm", ("c",)),
        ("r1", (), "u3", True, "", ("c",)),
    ]


def test_records_of_argilla_that_are_flat(file):
    row = {
        "id": "r1",
        "status": "completed",
        "_server_id": "s",
        "text": "x",
        "alw_id": "m7",
        "label.responses": [["a", "b"], ["c"], ["d"]],
        "label.responses.users": ["u1", "u2", "u3"],
        "label.responses.status": ["submitted", "discarded", "draft"],
        "label.suggestion": ["a"],
        "label.suggestion.score": 0.7,
        "label.suggestion.agent": "m",
    }
    unanswered = {"id": "r2", "status": "pending", "text": "y"} | {
        f"label.responses{end}": None for end in ("", ".users")
    }
    path = file("a.json", json.dumps([row, unanswered]))
    assert [(r.sample, r.content, r.answer, r.annotator, r.cancelled, r.suggested) for r in read_answers(path)] == [
        ("m7", text_id("x"), ("a", "b"), "u1", False, ("a",)),
        ("m7", text_id("x"), ("c",), "u2", True, ("a",)),
    ]
    assert (read_pool(path).items, read_pool(path).ids) == (["x", "y"], ["m7", "r2"])


def test_two_questions_of_argilla_are_not_one_answer(file):
    tone, label = ({name: [{"value": name[0], "user_id": "u1"}]} for name in ("tone", "label"))
    path = file("a.json", json.dumps([argilla(responses=tone | label), argilla(id="r2", responses=tone)]))
    with pytest.raises(ValueError, match=r"several questions; name .* label=, one of \['label', 'tone'\]"):
        read_answers(path)
    assert [(r.sample, r.answer) for r in read_answers(path, label="tone")] == [("r1", ("t",)), ("r2", ("t",))]
    assert [(r.sample, r.answer) for r in read_answers(path, label="label")] == [("r1", ("l",))]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"responses": {"label": "a"}}, "responses to 'label' is 'a'; expected a list of objects"),
        ({"responses": 3}, "responses is 3; expected a list a question"),
        ({"responses": [{"values": 3}]}, "the values of a response are 3; expected an object a question"),
        ({"responses": ["a"]}, r"responses is \['a'\]; expected a list of objects"),
    ],
)
def test_what_is_no_record_of_argilla_is_named(file, changes, message):
    with pytest.raises(ValueError, match=rf"task 2: {message}. Expected a row of Argilla"):
        read_answers(file("a.json", json.dumps([argilla(), argilla(**changes)])))


def test_flat_records_of_argilla_without_a_user_for_each_answer_are_named(file):
    row = {"id": "r1", "text": "x", "label.responses": ["a"], "label.responses.users": ["u1", "u2"]}
    with pytest.raises(
        ValueError, match=r"task 1: label.responses is \['a'\]; expected a list, with a user and a status"
    ):
        read_answers(file("a.json", json.dumps([row])))


def test_numbers_of_labels_of_doccano_are_no_classes(file):
    rows = [
        {"id": 1, "text": "x", "annotations": [], "meta": {}},
        {"id": 2, "text": "y", "annotations": [{"label": 1, "user": 2}]},
    ]
    assert read_answers(file("a.jsonl", rows[:1])) == []
    with pytest.raises(
        ValueError, match=r"line 2: annotations is .*the numbers of labels, .*not have their names. Export"
    ):
        read_answers(file("a.jsonl", rows))


def test_accounts_have_the_names_that_are_given_to_them(file):
    answers = [annotation("a"), annotation("b", id=8, completed_by={"email": "Bob@x.org"}), annotation("c", id=9)]
    answers[2]["completed_by"] = 3
    path = file("a.json", json.dumps([task(*answers)]))
    records = read_answers(path, annotators={1: "ann", "bob@X.org": "bob"})
    assert [record.annotator for record in records] == ["ann", "bob", "3"]
    line = file("a.jsonl", [{"text": "x", "label": "a", "answer": "accept", "_session_id": "db-ann"}])
    assert [record.annotator for record in read_answers(line, annotators={"db-ann": "ann"})] == ["ann"]
    with pytest.raises(TypeError, match=r"annotators is \['ann'\]; expected a dict of e-mail address, or another id"):
        read_answers(path, annotators=["ann"])
    with pytest.raises(ValueError, match="annotators has '1' twice; expected each account once"):
        read_answers(path, annotators={1: "ann", "1": "bob"})


def test_a_team_takes_the_answers_of_accounts_that_are_named(file, make_session):
    session = make_session(items=[f"text {row}" for row in range(120)], team=alw.Team(["ann", "bob"]))
    path = file("a.json", json.dumps([task(annotation("left"), text="text 3")]))
    assert session.receive(read_answers(path)).n_taken == 0
    received = session.receive(read_answers(path, annotators={1: "ann"}))
    assert (received.n_taken, received.refused) == (1, ())
    assert session.answers["annotator"].tolist() == ["ann"]


@pytest.mark.parametrize(
    "content",
    [
        '{"data": [{"text": "a"}, {"text": "b"}]}',
        '{"version": "1.0", "data": [{"text": "a"}]}',
        '{"text": ["a", "b"], "label": ["x", "y"]}',
        '{"text": {"0": "a"}, "label": {"0": "x"}}',
    ],
)
def test_rows_within_one_object_are_not_one_sample(file, content):
    path = file("a.json", content)
    for read in (read_pool, read_answers):
        with pytest.raises(
            ValueError, match=r"is one object, with lists or objects in \[.*\]; expected a list of rows"
        ):
            read(path)


def test_a_file_that_is_missing_and_a_folder_are_named(tmp_path):
    for read in (read_pool, read_answers, read_labels):
        with pytest.raises(FileNotFoundError, match=r"^there is no file .*nowhere\.csv; expected the name of one"):
            read(tmp_path / "nowhere.csv")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_answers(tmp_path / "nowhere.jsonl", format="prodigy")
    (tmp_path / "folder.csv").mkdir()
    for read in (read_answers, read_labels):
        with pytest.raises(IsADirectoryError, match=r"folder\.csv is a folder; expected the name of a file"):
            read(tmp_path / "folder.csv")


def test_doccano_and_a_file_a_user_in_a_zip(file, tmp_path):
    rows = [{"id": 1, "text": "x", "label": ["a", "c#"], "Comments": ["hm"]}, {"id": 2, "text": "y", "label": []}]
    (record,) = read_answers(file("a.jsonl", rows))
    assert (record.answer, record.note, record.annotator) == (("a", "c#"), "hm", None)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for name in ("ann", "bob"):
            packed.writestr(f"{name}.jsonl", json.dumps({"id": 1, "text": "x", "label": [name[0]]}))
    found = {record.annotator: record.answer for record in read_answers(tmp_path / "a.zip")}
    assert found == {"ann": ("a",), "bob": ("b",)}


def test_doccano_csv_is_split_where_the_format_is_named(file):
    path = file("a.csv", "id,text,label\n1,x,a#b\n2,y,\n")
    assert [record.answer for record in read_answers(path, format="doccano")] == [("a", "b")]


def test_rows_of_a_dataset_without_a_label_are_no_answers(file):
    path = file("a.jsonl", [{"text": "x", "label": 1}, {"text": "y", "label": None}, {"text": "z", "label": -1}])
    # What says that -1 is none is a ClassLabel.
    assert [record.answer for record in read_answers(path)] == [(1,), (-1,)]


def test_class_labels_in_parquet_are_read_by_name(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    names = {"names": ["ham", "spam"], "_type": "ClassLabel"}
    for feature, values, answers in (
        (names, [1, 0, -1], [("spam",), ("ham",)]),
        ({"feature": names, "_type": "List"}, [[1, 0], [], None], [("spam", "ham"), ()]),
        ([names], [[1], [0], None], [("spam",), ("ham",)]),
    ):
        told = {"huggingface": json.dumps({"info": {"features": {"label": feature}}})}
        table = pa.table({"text": ["x", "y", "z"], "label": values}).replace_schema_metadata(told)
        parquet.write_table(table, tmp_path / "a.parquet")
        assert [record.answer for record in read_answers(tmp_path / "a.parquet")] == answers


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_byte_order_marks(file, encoding):
    content = json.dumps([task(annotation("\u00e9"))], ensure_ascii=False)
    mark = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}.get(encoding, "")
    assert read_answers(file("a.json", mark + content, encoding))[0].answer == ("\u00e9",)


def test_another_encoding_is_named_by_line(file):
    with pytest.raises(
        ValueError, match=r"a\.csv: line 2 has the byte 0xE9, which is not UTF-8; save the file in UTF-8"
    ):
        read_answers(file("a.csv", "text,label\ncaf\u00e9,a\n", "latin-1"))


@pytest.mark.parametrize("share", [0.35, 0.6, 0.9, 0.999])
def test_no_half_of_a_list_is_read(file, share):
    whole = json.dumps([task(annotation("a")) for _ in range(50)], indent=1)
    with pytest.raises(ValueError, match=r"ends in the middle \(line \d+, behind task \d+\): it is half written"):
        read_answers(file("a.json", whole[: int(len(whole) * share)]))


def test_no_half_of_the_lines_is_read(file):
    whole = "".join(json.dumps({"text": str(n), "label": "a", "answer": "accept"}) + "\n" for n in range(9))
    with pytest.raises(ValueError, match="line 9: the file ends in the middle: it is half written"):
        read_answers(file("a.jsonl", whole[:-15]))


def test_a_damaged_line_in_the_middle_is_named(file):
    good = json.dumps({"text": "x", "label": "a", "answer": "accept"})
    with pytest.raises(ValueError, match="line 2: it is not JSON"):
        read_answers(file("a.jsonl", f"{good}\n{{oops\n{good}\n"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it is empty"),
        ("{}", "is the file of no tool that is known"),
        ('{"text": "win a pri', "line 1: the file ends in the middle: it is half written. Export it again"),
        ('{"text": "win"}}\n{"text": "a"}', "line 1: it is not JSON"),
        ("[1]", r"task 1 is 1; expected an object"),
        ("hello", r"is the file of no tool that is known: its first row has \['hello'\]"),
        ("a,b,a", "line 1 is .*; expected JSON, JSON Lines, parquet, or CSV with a name for each column"),
        ("[" * 100_000, "nested too deeply|half written"),
        ('text,label\n"x,a\n', "line 2: .*half written"),
        ("text,label\nx\n", "line 2 has 1 cells; expected 2. It may be half written"),
        ('[{"data": {"text": "x"}, "annotations": [{"id": 1}]}]', "task 1: it lacks 'result'"),
        ('[{"data": {"text": "x"}, "annotations": [{"result": "x"}]}]', "task 1: result is 'x'; expected a list"),
        ('[{"data": {"text": "x"}, "annotations": 3}]', "task 1: annotations is 3; expected a list"),
        ('[{"data": {"text": "x"}, "annotations": [12]}]', "task 1: an annotation is 12; expected .*the format JSON"),
        ('[{"data": 3, "annotations": []}, {"data": {}}]', "is the file of no tool"),
        ('[{"data": {}}, {"data": 3}]', "task 2: it has .*in the place of another. Expected a row of Label Studio"),
        ('{"text": "x", "answer": "accept"}', "line 1: it has .*; expected a label, or options"),
        ('{"text": "x", "_task_hash": 1, "answer": "yes"}', "line 1: answer is 'yes'; expected one of"),
        ('{"id": 1, "text": "x", "label": [[0, 3, "PER"]]}', "line 1: label is .*, which are spans"),
        ('{"text": "x", "label": {"a": 1}}', "line 1: the label is .*; expected a class"),
    ],
)
def test_what_is_no_export_is_refused(file, content, message):
    with pytest.raises(ValueError, match=message):
        read_answers(file("a.file", content))


def test_a_file_of_another_tool_than_format_says(file):
    with pytest.raises(ValueError, match="is a file of Prodigy, and format is 'label_studio'; leave format out"):
        read_answers(EXPORTS / "prodigy.jsonl", format="label_studio")
    with pytest.raises(ValueError, match="is not a file of Prodigy: no row has any of"):
        read_answers(file("a.csv", "body,kind\nx,ham\n"), format="prodigy")
    with pytest.raises(ValueError, match="format is 'labelstudio'; expected one of"):
        read_answers(EXPORTS / "prodigy.jsonl", format="labelstudio")
    with pytest.raises(TypeError, match="path is 3; expected the name of a file"):
        read_answers(3)


def packed(path, **members):
    with zipfile.ZipFile(path, "w") as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "."), content)
    return path


def test_tables_in_a_zip_are_read(tmp_path):
    path = packed(tmp_path / "a.zip", a__csv="text,label\nx,ham\n", b__csv="text,label\ny,spam\n", c__csv="")
    assert [(r.answer, r.content) for r in read_answers(path)] == [
        (("ham",), text_id("x")),
        (("spam",), text_id("y")),
    ]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"a__npy": "x"}, r"a\.zip: it is a zip of \['a\.npy'\]; expected files in it that end in one of"),
        ({"xl/workbook__xml": "x"}, r"a workbook of Excel; save its sheet as CSV"),
        ({"ann__jsonl": '{"id": 1}\n{oops}\n{"id": 2}'}, r"a\.zip: ann\.jsonl: line 2: it is not JSON"),
        (
            {"ann__jsonl": '{"id": 1, "text": "x", "label": ["a"]}\n', "bob__jsonl": '\n{"id": 1, "text": "x"}\n'},
            r"a\.zip, bob\.jsonl, line 2: it has .*; expected a label",
        ),
    ],
)
def test_what_is_wrong_in_a_zip_is_named(tmp_path, members, message):
    with pytest.raises(ValueError, match=message):
        read_answers(packed(tmp_path / "a.zip", **members))


def test_a_last_line_that_does_not_end_as_the_others_is_told(file):
    with pytest.warns(UserWarning, match=r"a\.csv, line 3: the last line does not end as the others do"):
        records = read_answers(file("a.csv", "text,label\naa,spam\nbb,ha"))
    assert len(records) == 2


def test_tasks_of_label_studio_that_nobody_answered_have_no_answers(file):
    path = file("a.json", json.dumps([{"data": {"text": "x"}}, {"data": {"text": "y"}, "annotations": None}]))
    assert read_answers(path) == []
    assert read_pool(path).items == ["x", "y"]


def test_a_damaged_zip_is_refused(file, tmp_path):
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as packed:
        packed.writestr("ann.jsonl", '{"id": 1, "text": "x", "label": ["a"]}')
    content = (tmp_path / "whole.zip").read_bytes()
    with pytest.raises(ValueError, match="damaged or half-written zip"):
        read_answers(file("half.zip", content[: len(content) // 2]))


def test_an_answer_is_a_tuple():
    with pytest.raises(TypeError, match=r"answer is 'spam'; expected a tuple of classes, such as \('spam',\)"):
        AnswerRecord(sample="a", answer="spam")


def test_an_annotator_has_one_id_for_all_answers_to_a_question_of_prodigy():
    ids = Counter(record.id for record in read_answers(EXPORTS / "prodigy.jsonl"))
    rows = [json.loads(line) for line in (EXPORTS / "prodigy.jsonl").read_text().splitlines()]
    assert sorted(ids.values()) == sorted(Counter((row["_annotator_id"], row["text"]) for row in rows).values())
