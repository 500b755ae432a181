import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def scores():
    """Run the benchmark with one seed; return head and rows of its table."""
    command = [sys.executable, "-m", "tests.benchmarks.weak_labels", "--quick"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    head, _, *rows = (
        [cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if line[0] == "|"
    )
    return head, rows


def test_each_way_to_draw_votes_is_told_about_as_well_as_can_be():
    head, rows = scores()
    assert len(rows) == 20
    for row in rows:
        ours, best = float(row[2]), float(row[-1])
        assert ours > best - (0.1 if "85 %" in row[0] else 0.06)
    assert head[2] == "`dawid_skene`"


def test_nothing_is_told_worse_than_by_snorkel():
    pytest.importorskip("snorkel")
    pytest.importorskip("torch")
    head, rows = scores()
    for row in rows:
        assert float(row[2]) > float(row[head.index("Snorkel")]) - 0.02
