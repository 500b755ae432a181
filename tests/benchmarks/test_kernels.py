import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "speed.md"


def run(*arguments):
    command = [sys.executable, "-m", "tests.benchmarks.kernels", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def works(printed):
    """Return the first cell of each row of the printed table."""
    rows = [line for line in printed.splitlines() if line.startswith("| ")]
    return [row.split("|")[1].strip() for row in rows[2:]]


def test_a_quick_run_has_every_case_in_its_table_and_leaves_the_page_alone():
    pytest.importorskip("skactiveml")
    pytest.importorskip("small_text")
    from tests.benchmarks.kernels import CASES

    before = PAGE.read_bytes() if PAGE.exists() else None
    measured = works(run("--quick"))
    assert [name for name in CASES if not any(work.startswith(name) for work in measured)] == []
    assert (PAGE.read_bytes() if PAGE.exists() else None) == before


def test_only_the_named_cases_are_run():
    assert all(work.startswith("ranked batch") for work in works(run("--quick", "--only", "ranked batch")))
