import json

import pandas as pd
import pytest

from alwidgets.io import write_labels


@pytest.fixture
def session(make_session):
    session = make_session(annotator="ann")
    session.teach(4, "left", seconds=2)
    session.teach(5, "right")
    session.teach(5, "left")
    session.flag(5, 'a "quoted", odd\nnote')
    session.skip(6)
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
