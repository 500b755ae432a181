"""What docs/tracking.md shows works as it stands, and says what tracking sends."""

from pathlib import Path

import pytest

import alwidgets as alw
from tests.documentation.examples import run_examples

PAGE = (Path(__file__).parents[2] / "docs" / "tracking.md").read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore")
def test_the_code_of_the_page_runs(make_session, blobs, tmp_path, monkeypatch):
    pytest.importorskip("mlflow", reason="MLflow is not installed: tests/tracking/README.md says how to try")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.chdir(tmp_path)
    X, y = blobs
    session = make_session(journal="spam.alw").run(y, 12)
    names = {"alw": alw, "session": session, "X": X}
    run_examples(PAGE, "tracking.md", names)
    assert names["tracking"].close()


def test_its_table_has_the_files_of_a_model(make_session, blobs, tmp_path):
    pytest.importorskip("skops")
    folder = make_session().run(blobs[1], 8).export_model(tmp_path / "model")
    for file in folder.iterdir():
        assert f"`{file.name}`" in PAGE or file.name == "requirements.txt"
