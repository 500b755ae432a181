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
    "gold": (7, 40, 4),
    "drift": (7, 40, 5),
    "published split": 7,
    "resamples": 7,
    "feature sample": 0,
    "cover radius": 0,
    "row hashes": 0,
    "shown scale": 0,
    "curve fit": 0,
}
# Where a generator is made of a seed that the user gave, as scikit-learn does.
OF_THE_USER = {
    "annotation/agreement.py",
    "inspection/drift.py",
    "strategies/as_modal.py",
    "models/modal.py",
    "simulation/annotators.py",
    "simulation/race.py",
}


@pytest.mark.parametrize("purpose", KEYS)
def test_a_purpose_draws_what_it_has_always_drawn(purpose):
    key = KEYS[purpose]
    seed, *moment = key if isinstance(key, tuple) else (key,)
    made = stream(purpose, seed, *moment[: purpose != "stop set"])
    assert made.integers(2**62, size=8).tolist() == np.random.default_rng(key).integers(2**62, size=8).tolist()


def test_audit_questions_depend_on_no_other_draw():
    drawn = {purpose: stream(purpose, 7, 40).integers(2**62) for purpose in ("questions", "audit", "repeats")}
    assert len(set(drawn.values())) == 3


def test_no_other_module_makes_a_generator():
    makers = {"default_rng", "RandomState", "SeedSequence", "PCG64", "Generator"}
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in makers
    }
    assert found == {"utils/streams.py", *OF_THE_USER}


def test_every_purpose_is_drawn_for_somewhere():
    drawn = {
        node.args[0].value
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "stream" and node.args
    }
    assert drawn == set(KEYS)
