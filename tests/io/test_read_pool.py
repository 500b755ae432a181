"""A pool is read from what there is: images, tables, tasks of other tools; ready for a session."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.data.pool import text_id
from alwidgets.io import read_pool

EXPORTS = Path(__file__).parent / "exports"
ROWS = [
    {"text": "win a prize", "size": 1, "label": "spam"},
    {"text": "see you, at #5", "size": 2, "label": None},
    {"text": "h\u00e9llo", "size": 3, "label": "ham"},
]
TEXTS = [row["text"] for row in ROWS]
LABELS = [row["label"] for row in ROWS]


def check(pool):
    assert (pool.items, pool.labels, pool.classes) == (TEXTS, LABELS, ("ham", "spam"))
    assert pool.ids == [text_id(text) for text in TEXTS]
    assert (pool.n_labeled, pool.records) == (2, [])


def test_a_folder_of_images(tmp_path):
    hidden = ("cat/._a.jpg", ".ipynb_checkpoints/a-checkpoint.jpg", "__MACOSX/a.jpg")
    for name in ("cat/b.PNG", "cat/a.jpg", "dog/deep/c.webp", "d.gif", "notes.txt", *hidden):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    pool = read_pool(tmp_path)
    assert pool.ids == ["cat/a.jpg", "cat/b.PNG", "d.gif", "dog/deep/c.webp"]
    assert pool.items == [tmp_path / name for name in pool.ids]
    assert (pool.labels, pool.classes) == ([None] * 4, ())
    known = read_pool(str(tmp_path), labels_of_folders=True)
    assert (known.labels, known.classes) == (["cat", "cat", None, "dog"], ("cat", "dog"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="has no images; expected files that end in one of"):
        read_pool(tmp_path / "empty")


def test_tables_in_files(tmp_path):
    pd.DataFrame(ROWS).to_csv(tmp_path / "a.csv", index=False)
    check(read_pool(tmp_path / "a.csv"))
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    check(read_pool(tmp_path / "a.jsonl"))
    (tmp_path / "a.json").write_text(json.dumps(ROWS))
    check(read_pool(tmp_path / "a.json"))


@pytest.mark.parametrize(
    "content",
    [
        "text;label\nhello, you;ham\nbye;spam\n",
        "text\tlabel\nhello, you\tham\nbye\tspam\n",
        '"text";"label"\n"hello, you";"ham"\n"bye";"spam"\n',
        '"text"\t"label"\n"hello, you"\t"ham"\n"bye"\t"spam"\n',
        'text,label\n"hello, you",ham\nbye,spam\n',
    ],
)
def test_tables_as_spreadsheets_separate_them(tmp_path, content):
    (tmp_path / "mails.csv").write_text(content)
    pool = read_pool(tmp_path / "mails.csv")
    assert (pool.items, pool.labels) == (["hello, you", "bye"], ["ham", "spam"])


def test_a_table_whose_lines_have_other_columns_than_the_first_is_refused(tmp_path):
    (tmp_path / "mails.csv").write_text("text;label\nhello; you;ham\n")
    with pytest.raises(ValueError, match="line 2 has 3 cells; expected 2, separated by ';' as in line 1"):
        read_pool(tmp_path / "mails.csv")


def test_semicolons_in_a_table_with_commas_are_text(tmp_path):
    (tmp_path / "mails.csv").write_text("text;of mail,label\na;b;c,ham\nd,spam\n")
    pool = read_pool(tmp_path / "mails.csv", text="text;of mail")
    assert (pool.items, pool.labels) == (["a;b;c", "d"], ["ham", "spam"])


def test_a_file_with_one_column(tmp_path):
    (tmp_path / "a.csv").write_text('text\r\n"see you, at #5"\r\nx\r\n')
    assert read_pool(tmp_path / "a.csv").items == ["see you, at #5", "x"]


def test_tables_in_memory():
    check(read_pool(ROWS))
    check(read_pool(pd.DataFrame(ROWS)))
    polars = pytest.importorskip("polars")
    check(read_pool(polars.DataFrame(ROWS)))


def test_arrow_tables_and_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    check(read_pool(pa.Table.from_pylist(ROWS)))
    feature = {"names": ["ham", "spam", "eggs"], "_type": "ClassLabel"}
    told = {"huggingface": json.dumps({"info": {"features": {"label": feature}}})}
    table = pa.table({"text": TEXTS, "label": [1, -1, 0]}).replace_schema_metadata(told)
    parquet.write_table(table, tmp_path / "a.parquet")
    for source in (table, tmp_path / "a.parquet"):
        pool = read_pool(source)
        assert (pool.labels, pool.classes) == (LABELS, ("ham", "spam", "eggs"))


def test_a_dataset():
    datasets = pytest.importorskip("datasets")
    names = datasets.ClassLabel(names=["ham", "spam"])
    features = datasets.Features({"text": datasets.Value("string"), "label": names})
    check(read_pool(datasets.Dataset.from_dict({"text": TEXTS, "label": [1, -1, 0]}, features=features)))


def test_columns_that_are_named():
    rows = [{"title": "a", "body": "b", "kind": 1}, {"title": "c", "body": "d", "kind": 0}]
    pool = read_pool(rows, text="body", label="kind")
    assert (pool.items, pool.labels, pool.classes) == (["b", "d"], [1, 0], (0, 1))
    assert read_pool(rows).items == rows
    with pytest.raises(ValueError, match=r"has the columns \['body', 'kind', 'title'\]; expected 'words' among them"):
        read_pool(rows, text="words")


def test_columns_that_the_first_row_lacks(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b", "label": "spam"}\n')
    for pool in (
        read_pool(path),
        read_pool(path, label="label"),
        read_pool([{"text": "a"}, {"text": "b", "label": "spam"}]),
    ):
        assert (pool.items, pool.labels, pool.classes) == (["a", "b"], [None, "spam"], ("spam",))
    path.write_text('{"body": "a"}\n\n{"label": "spam"}\n')
    with pytest.raises(ValueError, match=r"a\.jsonl, line 3: it has no 'body'; expected a text to show"):
        read_pool(path, text="body")


def test_a_class_that_is_called_minus_one_in_numbers():
    assert read_pool([{"text": "a", "label": -1}, {"text": "b", "label": 1}]).labels == [-1, 1]


def test_several_classes_a_sample():
    pool = read_pool([{"text": "a", "label": ["x", "y"]}, {"text": "b", "label": []}, {"text": "c", "label": None}])
    assert (pool.labels, pool.classes) == ([("x", "y"), (), None], ("x", "y"))


def test_one_class_and_a_list_of_several_are_all_lists(tmp_path):
    (tmp_path / "a.jsonl").write_text(
        '{"text": "a", "label": ["x", "y"]}\n{"text": "b", "label": "x"}\n{"text": "c"}\n'
    )
    pool = read_pool(tmp_path / "a.jsonl")
    assert (pool.labels, pool.classes) == ([("x", "y"), ("x",), None], ("x", "y"))


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        (pd.array([1, None, 0], dtype="Int64"), [1, None, 0]),
        (pd.array([True, None, False], dtype="boolean"), [True, None, False]),
        (pd.array([0.5, None, 1.5], dtype="Float64"), [0.5, None, 1.5]),
        (pd.Series([np.int64(1), None, np.int64(0)], dtype=object), [1, None, 0]),
        (pd.Series([np.str_("x"), None, np.str_("y")], dtype=object), ["x", None, "y"]),
        (pd.Series([np.array([1, 0]), None, [np.int64(0)]], dtype=object), [(1, 0), None, (0,)]),
    ],
)
def test_labels_that_numpy_and_pandas_keep_in_types_of_their_own(labels, known):
    pool = read_pool(pd.DataFrame({"text": ["a", "b", "c"], "label": labels}))
    assert pool.labels == known
    flat = [each for label in pool.labels for each in (label if isinstance(label, tuple) else (label,))]
    assert {type(each) for each in flat} <= {int, bool, float, str, type(None)}


def test_a_number_has_one_id_whatever_type_pandas_keeps_it_in():
    numbers = {"kind": ["a", "a"], "n": [1, 2], "word": ["b", "c"]}
    usual = read_pool(pd.DataFrame(numbers))
    assert read_pool(pd.DataFrame(numbers | {"n": pd.array([1, 2], dtype="Int64")})).ids == usual.ids
    assert read_pool(pd.DataFrame(numbers).to_dict("records")).ids == usual.ids


def test_a_sample_that_comes_twice_is_told():
    with pytest.warns(UserWarning, match="has 1 of 3 samples more than once; the first of each is kept"):
        pool = read_pool([{"text": "a", "label": "x"}, {"text": "b", "label": "y"}, {"text": "a", "label": "y"}])
    assert (pool.items, pool.labels) == (["a", "b"], ["x", "y"])


def test_tasks_of_label_studio_with_the_answers_that_they_have():
    pool = read_pool(EXPORTS / "label_studio.json")
    assert (pool.ids, pool.items) == (["id1", "id2", "id3"], ["sample 1", "sample 2", "sample 3"])
    assert [record.sample for record in pool.records] == pool.ids
    assert pool.classes == ("NOPE",)


def test_tasks_of_prodigy(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "x", "_input_hash": 1}\n{"text": "y", "_input_hash": 2}\n')
    assert read_pool(tmp_path / "a.jsonl").items == ["x", "y"]
    pool = read_pool(EXPORTS / "prodigy.jsonl")
    assert (len(pool.items), len(pool.records), pool.classes) == (3, 132, ("new-dataset",))


def test_a_session_takes_a_pool_and_the_answers_in_it():
    learner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    pool = read_pool(ROWS)
    session = alw.Session(
        pool.items, ids=pool.ids, classes=pool.classes, labels=pool.labels, learner=learner, random_state=0
    )
    assert dict(zip(session.labels["item"], session.labels["label"], strict=True)) == {0: "spam", 2: "ham"}
    session.close()
    pool = read_pool(EXPORTS / "prodigy.jsonl")
    session = alw.Session(
        np.eye(3), pool.items, ids=pool.ids, classes=["no", "yes"], learner=LogisticRegression(), task="yes_no"
    )
    assert session.receive(pool.records).refused == ()
    assert set(session.labels["via"]) == {"prodigy"}
    session.close()


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ([], ValueError, "has no samples"),
        ([1], TypeError, "row 0 of source is 1; expected names and values"),
        (3, TypeError, "source is an int; expected a folder"),
        ([{"text": "a", "label": {"x": 1}}], ValueError, "row 1: the label is .*; expected a class"),
    ],
)
def test_what_is_no_pool_is_refused(source, error, message):
    with pytest.raises(error, match=message):
        read_pool(source)
