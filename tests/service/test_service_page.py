"""What the page on the service says is so: its code runs, and it has every address, role and limit."""

import re
from pathlib import Path

from alwidgets.service import api, connections, model_api
from alwidgets.service.operations import ERRORS, Operation
from alwidgets.service.session_api import OPERATIONS
from tests.documentation.examples import run_examples

PAGE = (Path(__file__).parents[2] / "docs" / "service.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## What there is to call")[2].partition("### ")[0]


def test_the_code_of_the_page_runs():
    assert run_examples(PAGE, "service.md", {}) == 4


def test_the_page_has_every_address_and_who_may_call_it():
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in TABLE.splitlines() if row.startswith("| `")]
    named = {path.partition("?")[0]: who for where, who, _ in rows for path in re.findall(r"/[\w/.?=&-]+", where)}
    assert set(named) == {operation.path for operation in OPERATIONS}
    for operation in OPERATIONS:
        who = "annotator, expert, viewer" if named[operation.path].startswith("everybody") else named[operation.path]
        assert who == (", ".join(operation.roles) or "anybody"), operation.path


def test_the_page_has_every_status():
    refused = PAGE.partition("## What is refused")[2].partition("\n## ")[0]
    listed = re.findall(r"\d{3}", " ".join(row.split("|")[1] for row in refused.splitlines() if row.startswith("| ")))
    assert {int(status) for status in listed} == {*ERRORS, 405}


def test_the_limits_are_those_of_the_server():
    limits = PAGE.partition("## Limits")[2].partition("\n## ")[0]
    assert Operation.__dataclass_fields__["most_bytes"].default == 2**20
    assert model_api._MOST_BYTES == 32 * 2**20
    assert "| a body | 1 MiB; of samples 32 MiB |" in limits
    assert f"{api.BURST} at once, then {api.A_SECOND} a second; predictions {api.HEAVY_A_SECOND:,} a second" in limits
    assert f"two run and {api._MOST_HEAVY - api._HEAVY_THREADS} wait" in limits
    assert f"| open connections | {connections._MOST_CONNECTIONS:,}, or half of the files" in limits
    seconds = connections._SECONDS
    assert f"| the header of a new connection | {seconds['first']:.0f} s |" in limits
    assert seconds["body"] == seconds["header"]
    assert f"| a body, a connection that stays open between two requests | {seconds['body']:.0f} s |" in limits
    assert f"| reading a reply | {seconds['reply']:.0f} s |" in limits
