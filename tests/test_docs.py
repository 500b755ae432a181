"""The page on strategies says what the code says."""

import re
import runpy
from pathlib import Path

from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.strategies import NAMED

DOCS = runpy.run_path(str(Path(__file__).with_name("docs.py")))
PAGE = DOCS["PAGE"].read_text(encoding="utf-8")


def test_the_page_is_what_its_generator_gives():
    assert DOCS["page"]() == PAGE


def test_the_table_names_every_strategy():
    table = PAGE.partition("## Named strategies")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == list(NAMED)


def test_every_row_of_a_table_has_the_cells_of_its_head():
    for table in re.findall(r"(?:^\|.*\n)+", PAGE, flags=re.MULTILINE):
        assert len({row.count("|") for row in table.splitlines()}) == 1, table


def test_the_second_table_names_everything_that_takes_a_strategy_or_stands_for_one():
    table = PAGE.partition("## Strategies made of strategies")[2].partition("\n## ")[0]
    made = set(re.findall(r"^\| `(\w+)\(", table, flags=re.MULTILINE))
    assert made == {
        "distinct", "mix", "per_cost", "phases", "power", "stratified", "transfer", "weighted_k_means",
    }  # fmt: skip
    assert made <= set(alw.strategies.__all__)


def test_the_code_of_the_page_runs(blobs):
    X, y = blobs
    names = {"alw": alw, "X": X, "classes": ["left", "right"], "model": LogisticRegression()}
    chosen_by = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        exec(compile(block, "strategies.md", "exec"), names)  # noqa: S102
        session = names["session"]
        if session not in chosen_by:
            chosen_by[session] = session.run(y, 24).history["strategy"].tolist()[-1]
    assert list(chosen_by.values()) == ["margin", "near_even"]
    assert names["proba"].argmax(axis=1).tolist()[1:3] == [0, 1]
    assert names["start"].labels_per_class == 1
