"""Random numbers by purpose, and the bits behind each, which journals count on."""

import ast
from pathlib import Path

import numpy as np
import pytest

import alwidgets
from alwidgets.utils.streams import stream

PACKAGE = Path(alwidgets.__file__).parent
# The keys by which journals were written so far.
KEYS = {
    "fit": (7, 40),
    "questions": (7, 40),
    "audit": (7, 40, 1),
    "stop set": (7, 2),
    "repeats": (7, 40, 3),
    "baseline": (7, 40),
    "split": (7, 40),
}


@pytest.mark.parametrize("purpose", KEYS)
def test_a_purpose_draws_what_it_has_always_drawn(purpose):
    made = stream(purpose, 7, None if purpose == "stop set" else 40)
    assert (
        made.integers(2**62, size=8).tolist() == np.random.default_rng(KEYS[purpose]).integers(2**62, size=8).tolist()
    )


def test_audit_questions_depend_on_no_other_draw():
    drawn = {purpose: stream(purpose, 7, 40).integers(2**62) for purpose in ("questions", "audit", "repeats")}
    assert len(set(drawn.values())) == 3


def test_no_other_module_puts_together_a_key_of_its_own():
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name == "streams.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("default_rng", "RandomState"):
                assert not any(isinstance(each, ast.Tuple) for each in node.args), f"{path}:{node.lineno}"
                assert node.args, f"{path}:{node.lineno} draws what nobody can repeat"
