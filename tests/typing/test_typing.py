"""What a type checker tells users of the package: nothing where they are right, and each of their mistakes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import alwidgets as alw
from alwidgets.stopping.settings import Settings
from tests.documentation.examples import examples_of

pytest.importorskip("mypy")

HERE = Path(__file__).parent
ROOT = Path(alw.__file__).parents[1]
MARK = "  # error: "
# scikit-learn has no types, and the plug-ins of the overview none either, as few functions in a notebook have.
SETTINGS = """[mypy]
strict = true
[mypy-sklearn.*]
ignore_missing_imports = true
[mypy-readme]
disallow_untyped_defs = false
"""


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """(File, line) -> what mypy says of it, with the package installed: as users see it, not as its own checks do."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "mypy.ini").write_text(SETTINGS)
    blocks = examples_of((ROOT / "docs" / "overview.md").read_text(encoding="utf-8"))
    (folder / "readme.py").write_text("\n".join(blocks), encoding="utf-8")
    for name in ("right.py", "wrong.py"):
        shutil.copy(HERE / name, folder)
    command = [sys.executable, "-m", "mypy", "--no-pretty", "--hide-error-context", "right.py", "wrong.py", "readme.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert re.search(r"^Found \d+ errors in \d+ files? \(checked 3 source files\)$", done.stdout, re.MULTILINE), done
    found = {}
    for file, line, message in re.findall(r"^(.+?):(\d+): error: (.*)$", done.stdout, re.MULTILINE):
        found.setdefault((file, int(line)), []).append(message)
    return found


def said_of(name, reported):
    return {line: messages for (file, line), messages in reported.items() if file == name}


def test_plug_ins_and_calls_that_are_right_pass(reported):
    assert said_of("right.py", reported) == {}


def test_the_code_of_the_readme_passes(reported):
    assert said_of("readme.py", reported) == {}


def test_every_mistake_is_reported_and_nothing_else(reported):
    lines = (HERE / "wrong.py").read_text().splitlines()
    wanted = {number: line.split(MARK)[1] for number, line in enumerate(lines, 1) if MARK in line}
    found = said_of("wrong.py", reported)
    assert len(wanted) > 20
    assert found.keys() == wanted.keys(), {number: found.get(number) for number in found.keys() ^ wanted.keys()}
    for number, words in wanted.items():
        assert any(words in message for message in found[number]), (number, found[number])


def test_what_can_be_adjusted_has_the_types_of_the_budget():
    kinds = {name: kind.__forward_arg__ for name, kind in Settings.__annotations__.items()}
    assert kinds == {**alw.Budget.__annotations__, "needs": "Needs", "thresholds": "Mapping[str, float]"}
