import csv
import json
import sys
from io import BytesIO, StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import alwidgets as alw
from alwidgets.io import read_answers, read_labels, write_labels
from alwidgets.io.cells import from_csv, to_csv
from alwidgets.io.tables import csv_of


@pytest.fixture
def session(make_session):
    session = make_session(annotator="ann")
    session.teach(4, "left", seconds=2)
    session.teach(5, "right")
    session.teach(5, "left")
    session.flag(5, 'a "quoted", odd\nnote')
    return session


def test_csv_holds_the_labels_frame(session, tmp_path):
    assert write_labels(session, tmp_path / "labels.CSV") == tmp_path / "labels.CSV"
    read = pd.read_csv(tmp_path / "labels.CSV")
    assert list(read.columns) == list(session.labels.columns)
    assert read["label"].tolist() == ["left", "left"]
    assert read["flag"].tolist()[1] == 'a "quoted", odd\nnote'
    assert pd.to_datetime(read["at"]).tolist() == session.labels["at"].tolist()


def test_jsonl_holds_one_object_a_label(session, tmp_path):
    write_labels(session, str(tmp_path / "labels.jsonl"))
    rows = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert [(row["item"], row["label"], row["seconds"], row["annotator"]) for row in rows] == [
        (4, "left", 2.0, "ann"),
        (5, "left", None, "ann"),
    ]
    assert rows[1]["flag"] == 'a "quoted", odd\nnote'


def test_no_labels_make_a_file_without_rows(make_session, tmp_path):
    session = make_session()
    assert pd.read_csv(write_labels(session, tmp_path / "none.csv")).empty
    assert write_labels(session, tmp_path / "none.jsonl").read_text().strip() == ""


@pytest.mark.parametrize("name", ["labels.xlsx", "labels", ".csv"])
def test_an_unknown_ending_is_refused_and_writes_nothing(session, tmp_path, name):
    with pytest.raises(ValueError, match=r"expected a name that ends in .csv, .jsonl or .parquet"):
        write_labels(session, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


FORMULAS = ["=1+1", "+1+1", "-1-1", "@SUM(A1)", "\tx", "\rx", "\nx", " =1+1", "\ufeff=1", "-", "+A1", "-inf"]
# The same signs, full-width and small.
WIDE = [f"{sign}1+1" for sign in "\uff1d\uff0b\uff0d\uff20\ufe66"]
HOSTILE = FORMULAS + WIDE
PLAIN = [
    "0",
    "-1",
    "+1",
    "-1.5e3",
    "007",
    "1e5",
    "True",
    "False",
    "inf",
    "nan",
    "'tis",
    "'-1",
    "'",
    "''",
    "[",
    "ham",
    "",
]
SEPARATORS = ["a;b", "a;;b\tc", "\t", ";"]
CELLS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters())
    | st.sampled_from([*HOSTILE, *PLAIN, "''=1", "[1]", "'[1]", "''[1]", "\ud800", 'a,b\r\n"c"', "\0", *SEPARATORS])
)  # fmt: skip


@given(st.lists(CELLS, min_size=1, max_size=3), st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=4))
def test_every_cell_comes_back_from_csv_as_what_it_was(names, rows):
    columns, read = from_csv(to_csv(names * 3, [row * len(names) for row in rows]))
    assert columns == [str(name) for name in names * 3]
    assert [list(map(repr, row)) for row in read] == [list(map(repr, row * len(names))) for row in rows]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_run_by_a_spreadsheet(text):
    content = to_csv([text], [[text]]).decode()
    assert [row[0] for row in csv.reader(StringIO(content, newline=""))] == [f"'{text}"] * 2


def test_text_that_no_spreadsheet_runs_is_the_same_for_every_reader():
    content = to_csv(["text", "n"], [[text, 1] for text in PLAIN])
    assert [row[0] for row in csv.reader(StringIO(content.decode(), newline=""))] == ["text", *PLAIN]
    assert pd.read_csv(BytesIO(content), dtype=str, keep_default_na=False)["text"].tolist() == PLAIN
    polars = pytest.importorskip("polars")
    assert polars.read_csv(content, infer_schema=False)["text"].fill_null("").to_list() == PLAIN


@pytest.mark.parametrize("classes", [["0", "-1"], ["+1", "-1"], ["True", "False"], ["'tis", "1.0"]])
def test_labels_and_places_are_the_same_for_every_reader(make_session, tmp_path, classes):
    y = np.array(classes)[np.arange(24) % 2]
    session = make_session(classes=classes, test=(np.eye(24, 4), y))
    session.teach(0, classes[0])
    session.teach(1, classes[1], via="grid")
    read = pd.read_csv(write_labels(session, tmp_path / "labels.csv"), dtype=str, keep_default_na=False)
    assert read["label"].tolist() == classes
    assert read["via"].tolist() == ["", "grid"]


def test_a_file_in_which_all_text_like_numbers_has_an_apostrophe_is_read_too():
    assert from_csv(b"a,b\r\n'-1,'\r\n\"'=1,2\",True\r\n") == (["a", "b"], [["-1", ""], ["=1,2", True]])


def test_numbers_stay_numbers_for_every_reader():
    frame = pd.DataFrame({"a": [-1, 2], "b": [-0.5, np.nan], "c": [True, False], "d": ["x", np.nan]})
    pd.testing.assert_frame_equal(pd.read_csv(BytesIO(csv_of(frame))), frame)


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl", "labels.parquet"])
@pytest.mark.parametrize("classes", [["=left", "'right"], ["1", "02"], [-1, 1], [1.0, 2.0], [False, True]])
def test_labels_are_read_back_exactly(make_session, tmp_path, name, classes):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    y = np.array(classes)[np.arange(24) % 2]
    session = make_session(classes=classes, test=(np.eye(24, 4), y), audit=0.3)
    session.run(np.resize(y, session.n_samples), 12)
    session.teach(100, classes[0], seconds=0.1 + 0.2, annotator="-1")
    session.flag(100, "")
    session.flag(int(session.labels["item"][0]), '=HYPERLINK("http://x")')
    pd.testing.assert_frame_equal(read_labels(write_labels(session, tmp_path / name)), session.labels, check_exact=True)


@pytest.mark.filterwarnings("ignore:The file has one label a sample")
@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl", "labels.parquet"])
def test_labels_of_a_team_are_read_back_exactly_and_as_answers(make_session, tmp_path, name):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    session = make_session(team=alw.Team(["ann", "bob"]))
    for row, label in enumerate(("left", "right", "left")):
        session.teach(row, label, annotator="ann")
        session.teach(row, label, annotator="bob")
    session.wait()
    path = write_labels(session, tmp_path / name)
    assert session.labels["n_answers"].tolist() == [2, 2, 2]
    pd.testing.assert_frame_equal(read_labels(path), session.labels, check_exact=True)
    received = make_session(team=alw.Team(["ann", "bob"])).receive(read_answers(path))
    assert (received.n_taken, received.refused) == (3, ())


def test_a_table_of_labels_that_a_spreadsheet_saved_with_semicolons_is_read(session, tmp_path):
    path = write_labels(session, tmp_path / "labels.csv")
    rows = csv.reader(StringIO(path.read_text(), newline=""))
    with (tmp_path / "saved.csv").open("w", newline="") as saved:
        csv.writer(saved, delimiter=";").writerows(rows)
    assert read_labels(tmp_path / "saved.csv")["label"].tolist() == session.labels["label"].tolist()
    assert [record.answer for record in read_answers(tmp_path / "saved.csv")] == [("left",), ("left",)]


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl"])
def test_no_labels_are_read_back_as_none(make_session, tmp_path, name):
    session = make_session()
    pd.testing.assert_frame_equal(read_labels(write_labels(session, tmp_path / name)), session.labels)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", "item,label\n1,x\n", r"its columns are \['item', 'label'\]; expected \['item', 'sample'"),
        ("a.csv", "item,label\n1\n", "line 2 has 1 cells; expected 2"),
        ("a.csv", 'item\n"x', "line 2"),
        ("a.jsonl", '{"item": 1}\n', "not a table of labels: 'sample'"),
        ("a.jsonl", "[1]\n", "not a table of labels"),
        ("a.jsonl", "{", "not a table of labels"),
    ],
)
def test_a_file_that_holds_no_labels_is_refused(tmp_path, name, content, why):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=why):
        read_labels(tmp_path / name)


def test_a_folder_that_is_missing_and_one_in_place_of_the_file_are_named(session, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^there is no folder .*nowhere to write a\.csv into; make it first"):
        write_labels(session, tmp_path / "nowhere" / "a.csv")
    (tmp_path / "a.csv").mkdir()
    for name in (None, "label_studio"):
        with pytest.raises(IsADirectoryError, match=r"^.*a\.csv is a folder; expected the name of a file to write"):
            write_labels(session, tmp_path / "a.csv", format=name)


def test_parquet_without_its_library_is_told_how_to_get_it(session, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1 PAR1")
    for call in (lambda: write_labels(session, tmp_path / "b.parquet"), lambda: read_labels(tmp_path / "a.parquet")):
        with pytest.raises(ImportError, match=r'parquet needs pyarrow: pip install "alwidgets\[parquet\]"'):
            call()
    assert not (tmp_path / "b.parquet").exists()
