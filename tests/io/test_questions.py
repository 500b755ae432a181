"""Of several questions in a file one is read, the one that is named; none is taken for another."""

import json

import pytest

from alwidgets.data.pool import text_id
from alwidgets.io import read_answers, read_pool

OWN = {"annotator": "ann@x.org", "created_at": "2026-11-29T15:08:43Z", "updated_at": "2026-11-29T15:08:43Z"}


def choice(question, *classes):
    return {"from_name": question, "to_name": "text", "type": "choices", "value": {"choices": list(classes)}}


def tasks(*results):
    """Tasks of Label Studio, each with one answer."""
    return [
        {"data": {"text": f"t{n}"}, "annotations": [{"id": n, "completed_by": 5, "result": list(result)}]}
        for n, result in enumerate(results)
    ]


def small(number, data, **answers):
    """A row as Label Studio writes JSON_MIN: data, number, answers, and who gave them."""
    row = data | {"id": number} | answers
    return row | {name: OWN[name] for name in ("annotator",)} | {"annotation_id": 100 + number} | OWN | {"lead_time": 2}


@pytest.fixture
def json_of(tmp_path):
    def write(rows):
        path = tmp_path / "export.json"
        path.write_text(json.dumps(rows))
        return path

    return write


@pytest.fixture
def csv_of(tmp_path):
    """A function that writes rows as Label Studio does since 2023: columns by name, texts in quotes."""

    def write(rows, mark=","):
        columns = sorted({name for row in rows for name in row})
        cells = [[json.dumps(row.get(name, "")) for name in columns] for row in rows]
        path = tmp_path / "export.csv"
        path.write_text("\n".join(mark.join(row) for row in [[f'"{name}"' for name in columns], *cells]) + "\n")
        return path

    return write


def answers(*args, **options):
    return [(record.content, record.answer) for record in read_answers(*args, **options)]


def given(*classes):
    return [(text_id(f"t{n}"), tuple(each)) for n, each in enumerate(classes)]


def test_the_answers_are_read_and_not_old_labels_in_the_data(json_of, csv_of):
    rows = [small(n, {"text": f"t{n}", "label": "old"}, sentiment="pos") for n in range(3)]
    assert answers(json_of(rows)) == given(["pos"], ["pos"], ["pos"])
    table = csv_of(rows)
    with pytest.raises(ValueError, match=r"csv: it does not say which .*label=, one of \['label', 'sentiment'\]"):
        read_answers(table)
    assert answers(table, label="sentiment") == given(["pos"], ["pos"], ["pos"])
    with pytest.raises(ValueError, match=r"label is 'tone'; expected the column of the answers, one of \['label',"):
        read_answers(table, label="tone")


@pytest.mark.parametrize("mark", [",", "\t"])
def test_a_table_that_is_sorted_by_name_has_its_only_answers_beside_the_text(csv_of, mark):
    rows = [small(n, {"text": f"t{n}", "alw_id": str(n)}, category="pos") for n in range(2)]
    records = read_answers(csv_of(rows, mark))
    assert [(record.sample, record.answer, record.annotator) for record in records] == [
        ("0", ("pos",), "ann@x.org"),
        ("1", ("pos",), "ann@x.org"),
    ]


def test_several_classes_in_a_table_that_is_sorted_by_name(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(
        '"annotation_id","annotator","created_at","id","lead_time","sentiment","text","updated_at"\n'
        '100,"5","",1,2.5,"neg","t0",""\n'
        '101,"5","",2,2.5,"{""choices"":[""pos"",""neg""]}","t1",""\n'
    )
    assert answers(path) == given(["neg"], ["pos", "neg"])


def test_a_table_with_two_columns_that_may_be_answers_is_refused(csv_of):
    table = csv_of([small(0, {"body": "t0", "source": "mail"}, category="pos")])
    with pytest.raises(ValueError, match=r"which of its columns has the answers; .*'body', 'category', 'source'"):
        read_answers(table)
    assert [record.answer for record in read_answers(table, label="category")] == [("pos",)]


def test_data_that_has_the_name_of_the_question_is_told_from_it(csv_of, json_of):
    # Label Studio calls the data so in a table; in JSON_MIN the answer stands in its place.
    table = csv_of([small(0, {"text": "t0", "_data_label": "old"}, label="pos")])
    assert answers(table) == given(["pos"])
    rows = json_of([{"text": "t0", "label": "pos"} | small(0, {})])
    with pytest.raises(ValueError, match=r"none of its columns \['label', 'text'\] is known .*the name of data"):
        read_answers(rows)
    assert answers(rows, label="label") == given(["pos"])


def test_a_number_in_the_data_is_not_the_end_of_the_data(json_of):
    row = {"id": 7, "text": "t0", "label": "old"} | small(7, {}, sentiment="pos")
    with pytest.raises(ValueError, match=r"one of \['label', 'sentiment'\]"):
        read_answers(json_of([row]))


def test_tasks_that_nobody_answered_have_no_answer_in_a_table(csv_of):
    rows = [small(n, {"text": f"t{n}", "label": "old"}) | {"annotation_id": "", "annotator": ""} for n in range(2)]
    assert read_answers(csv_of(rows)) == []
    assert answers(csv_of([*rows, small(0, {"text": "t0"}, label="pos")])) == given(["pos"])


def test_a_note_of_the_data_is_not_the_note_of_an_answer(json_of):
    (record,) = read_answers(json_of([small(0, {"text": "t0", "note": "of the data"}, sentiment="pos")]))
    assert (record.answer, record.note) == (("pos",), "")
    (record,) = read_answers(json_of([small(0, {"text": "t0"}, sentiment="pos", note="why")]))
    assert (record.answer, record.note) == (("pos",), "why")


def test_two_questions_of_a_project_are_not_one_answer(json_of):
    first, second = choice("sentiment", "pos"), choice("stance", "neg")
    path = json_of(tasks([first], [second], [first, second]))
    with pytest.raises(ValueError, match=r"several questions; name .* label=, one of \['sentiment', 'stance'\]"):
        read_answers(path)
    with pytest.raises(ValueError, match=r"label is 'tone'; expected one of .*\['sentiment', 'stance'\]"):
        read_answers(path, label="tone")
    # Who answered only the other question did not answer this one.
    assert answers(path, label="sentiment") == [(text_id("t0"), ("pos",)), (text_id("t2"), ("pos",))]
    assert answers(path, label="stance") == [(text_id("t1"), ("neg",)), (text_id("t2"), ("neg",))]


def test_what_was_suggested_is_of_the_question_that_is_read(json_of):
    (task,) = tasks([choice("sentiment", "pos"), choice("stance", "neg") | {"origin": "prediction"}])
    task["annotations"][0] |= {
        "parent_prediction": 3,
        "prediction": {"result": [choice("stance", "neg"), choice("sentiment", "neg")]},
    }
    (record,) = read_answers(json_of([task]), label="sentiment")
    assert (record.answer, record.suggested) == (("pos",), ("neg",))


def test_a_pool_of_tasks_has_the_answers_to_the_question_that_is_named(json_of):
    path = json_of(tasks([choice("sentiment", "pos"), choice("stance", "neg")]))
    pool = read_pool(path, label="stance")
    assert ([record.answer for record in pool.records], pool.classes) == ([("neg",)], ("neg",))
    with pytest.raises(ValueError, match="answers to several questions"):
        read_pool(path)


def test_a_column_of_a_table_is_named(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("text,label,tone\nt0,old,pos\nt1,old,\n")
    assert answers(path, label="tone") == [(text_id("t0"), ("pos",))]
    path.write_text("text,tone\nt0,pos\n")
    assert answers(path, label="tone") == given(["pos"])
    with pytest.raises(ValueError, match=r"label is 'stance'; expected one of its columns: \['text', 'tone'\]"):
        read_answers(path, format="hugging_face", label="stance")


def test_no_question_is_named_where_a_row_has_one_answer(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"text": "t0", "label": "spam", "answer": "accept"}\n')
    with pytest.raises(
        ValueError, match="is a file of Prodigy, which has one answer a row, and label is 'tone'; leave"
    ):
        read_answers(path, label="tone")
    with pytest.raises(TypeError, match="label is 3; expected the name of a question or a column, or None"):
        read_answers(path, label=3)
