"""The pages on strategies and on the journal say what the code says."""

import json
import re

import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.journal.events import EVENTS
from alwidgets.strategies import NAMED
from tests.documentation import pages
from tests.documentation.examples import examples_of

PAGE = pages.PAGE.read_text(encoding="utf-8")
JOURNAL = pages.JOURNAL_PAGE.read_text(encoding="utf-8")
CHECK = examples_of(JOURNAL)[0]


def test_the_pages_are_what_their_generators_give():
    for file, text in pages.pages():
        assert file.read_text(encoding="utf-8") == text, f"{file.name} is old: run python -m tests.documentation"


def test_the_reference_has_every_public_name_and_result_and_no_address_of_this_run():
    api = (pages.DOCS / "api.md").read_text(encoding="utf-8")
    names = [*sorted(alw.__all__, key=str.lower), "Comparison", "Ranks"]
    assert re.findall(r"^## (\w+)$", api, flags=re.MULTILINE) == names
    assert " at 0x" not in api
    assert not re.findall(r"^- `\w+\.(?:Any|Callable|dataclass)\b", api, flags=re.MULTILINE)


def test_the_page_on_criteria_has_each_of_them():
    criteria = (pages.DOCS / "criteria.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)$", criteria, flags=re.MULTILINE) == list(alw.stopping.CRITERIA)


def texts():
    """Every page and notebook that names things, and its name."""
    for page in [*pages.DOCS.rglob("*.md"), *pages.DOCS.parent.glob("*.md")]:
        yield page.name, page.read_text(encoding="utf-8")
    for notebook in (pages.DOCS.parent / "notebooks").glob("*.ipynb"):
        yield (
            notebook.name,
            "\n".join("".join(cell["source"]) for cell in json.loads(notebook.read_text("utf-8"))["cells"]),
        )


def is_there(kind, path):
    first, _, rest = path.partition(".")
    return first in dir(kind) and (not rest or is_there(getattr(kind, first), rest))


# Names of files, and Prodigy's name of a command.
NOT_NAMES = {"session.json", "session.py", "session.alw", "alw.label", "alw.zip"}


def test_every_name_that_a_page_or_a_notebook_has_is_there(make_session):
    roots = {"alw": alw, "session": make_session()}
    named = {
        (where, root, path)
        for where, text in texts()
        for root, path in re.findall(r"(?<![\w./])(alw|session)\.([A-Za-z_]\w*(?:\.[a-zA-Z_]\w*)?)", text)
    }
    # What follows a property of a session is not known here.
    paths = {(where, root, path if root == "alw" else path.split(".")[0]) for where, root, path in named}
    gone = {
        (where, f"{root}.{path}")
        for where, root, path in paths
        if f"{root}.{path}" not in NOT_NAMES and not is_there(roots[root], path)
    }
    assert {"alw.Session", "session.query"} <= {f"{root}.{path}" for _, root, path in paths}
    assert gone == set()


def test_the_table_names_every_strategy():
    table = PAGE.partition("## Named strategies")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == list(NAMED)


def test_every_row_of_a_table_has_the_cells_of_its_head():
    for table in re.findall(r"(?:^\|.*\n)+", PAGE + JOURNAL, flags=re.MULTILINE):
        assert len({row.count("|") for row in table.splitlines()}) == 1, table


def test_the_second_table_names_everything_that_takes_a_strategy_or_stands_for_one():
    table = PAGE.partition("## Strategies made of strategies")[2].partition("\n## ")[0]
    made = set(re.findall(r"^\| `(\w+)\(", table, flags=re.MULTILINE))
    assert made == {
        "distinct", "mix", "per_cost", "phases", "power", "stratified", "transfer", "weighted_k_means",
        "certainty", "relevance", "like",
    }  # fmt: skip
    assert made <= set(alw.strategies.__all__)


def test_the_code_of_the_page_runs(blobs):
    X, y = blobs
    names = {"alw": alw, "X": X, "classes": ["left", "right"], "model": LogisticRegression()}
    chosen_by = {}
    for block in examples_of(PAGE):
        exec(compile(block, "strategies.md", "exec"), names)  # noqa: S102
        session = names["session"]
        if session not in chosen_by:
            chosen_by[session] = session.run(y, 24).history["strategy"].tolist()[-1]
    assert list(chosen_by.values()) == ["margin", "entropy", "near_even"]
    assert names["proba"].argmax(axis=1).tolist()[1:3] == [0, 1]
    assert names["start"].labels_per_class == 1


def test_the_table_names_every_kind_of_event_that_a_journal_can_hold():
    table = JOURNAL.partition("## The events")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == [event.kind for event in EVENTS]


@pytest.fixture
def spam(make_session, tmp_path, monkeypatch):
    """A journal of two files, which two kernels wrote one after the other."""
    monkeypatch.chdir(tmp_path)
    for row in (0, 3):
        session = make_session(journal="spam.alw")
        for item in range(row, row + 3):
            session.teach(item, "left", annotator="ann")
        session.close()
    return sorted(
        (tmp_path / "spam.alw" / "events").iterdir(), key=lambda file: b'"number":1,' not in file.read_bytes()
    )


def check():
    exec(compile(CHECK, "journal.md", "exec"), {})  # noqa: S102


def test_a_journal_can_be_checked_without_the_package_as_the_page_says(spam):
    check()
    assert len(CHECK.partition("\n\n")[2].splitlines()) <= 10


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda lines: [*lines[:2], lines[2].replace(b"left", b"lift"), *lines[3:]], "changed"),
        (lambda lines: [*lines[:2], *lines[3:]], "missing before"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "missing before"),
        (lambda lines: lines[:-1], "a file is missing, or lines at the end of one"),
        (lambda lines: [], "a file is missing, or lines at the end of one"),
    ],
)
def test_what_is_wrong_with_a_journal_is_found_by_these_lines_and_by_verify(spam, harm, why):
    spam[0].write_bytes(b"".join(harm(spam[0].read_bytes().splitlines(keepends=True))))
    with pytest.raises(AssertionError, match=why):
        check()
    assert not alw.verify("spam.alw").sound


def test_the_lines_of_a_journal_have_the_fields_that_the_page_names(spam):
    fields = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", JOURNAL, flags=re.MULTILINE))
    for line in b"".join(file.read_bytes() for file in spam).splitlines():
        record = json.loads(line)
        if record["kind"] != "opened":
            written = {*re.findall(r"`(\w+)` (?!\(where)", fields[record["kind"]])}
            named = {*re.findall(r"`(\w+)`", fields[record["kind"]])}
            assert {"number", "prev", "kind", "id", "at", *written, "hash"} <= set(record)
            assert set(record) <= {"number", "prev", "kind", "id", "at", *named, "hash"}
