"""What the page on several annotators shows works as it stands there."""

from pathlib import Path

from tests.documentation.examples import run_examples

PAGE = (Path(__file__).parents[2] / "docs" / "team.md").read_text(encoding="utf-8")


def test_the_code_of_the_page_runs(capsys):
    assert run_examples(PAGE, "team.md", {}) > 7
    assert "Krippendorff's alpha (nominal):" in capsys.readouterr().out


def test_the_table_of_the_benchmark_has_its_six_settings():
    written = PAGE.partition("<!-- written by tests.benchmarks.consensus -->\n")[2].partition("<!-- until here -->")[0]
    rows = [row.split("|")[1].strip() for row in written.splitlines()[2:]]
    noise = ("0.95", "0.6 to 0.95", "0.65")
    assert rows == [f"{data}, {each}" for data in ("digits", "two classes") for each in noise]
