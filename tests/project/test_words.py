"""One word for each thing, in the package, its documents and its notebooks: what was renamed does not come back."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "alwidgets"
CODE = [path for suffix in ("py", "pyi", "js", "css") for path in sorted(PACKAGE.rglob(f"*.{suffix}"))]
PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")),
]
TESTS = [path for path in sorted((ROOT / "tests").rglob("*.py")) if path != Path(__file__).resolve()]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Retired -> what is said instead. Patterns, in any case.
INSTEAD = {
    r"labelled|labelling|unlabelled|colours?\b|neighbours?\b|centres?\b": "US spelling",
    r"learnt|utilisation|standardis|misspelt": "US spelling",
    r"what_if": "replay",
    r"\bsights?\b": "model outputs, predict_stop_set",
    r"second looks?\b|look_again|looked_again": "repeats",
    r"taken back|\btak(e|es|ing) back\b|taken_back": "undone, undo",
    r"\bby hand\b|given unasked": "manual, manually",
    r"of many labels|many_labels|multi[-_]label": "multilabel",
    r"\bn_looks\b|\b_looks\b|\bis_?look\b": "repeats",
    r"\brecipes?\b": "model spec",
    r"\bgiven_id\b": "label_id",
    r"data_utili[sz]ation\b(?!_rate)": "data_utilization_rate",
    r"look_ahead|between_turns|many_objects": "set_prefetch, paused, gc_paused",
    # Its folder and files on disk keep their name.
    r"\bheld_by\b|(?<![\"/`])\bholders?\b(?![\"/`.])": "owner, lock_owner, WriterLock",
    r"flag taken away|on record\b": "flag removed, record",
    r"asking by\b|varied samples": "strategy: ..., diverse samples",
    r"a wrong one costs|an hour costs|predictions in use": "cost per error, cost per hour, predictions in production",
    r"No answer is like that|look at them\b|draw round": "No answers match these filters., inspect, lasso points",
    r"\ba int\b|is no share|is none of the classes": "an integer, not",
    r"nobody's way|speak for": "plain words",
    r"(?<!there\s)\b(?:is|are) no (?!longer|more|farther|matter|faster)": "is not",
}
# Where a retired word is meant as it is.
MEANT = {
    ("journal/formats.py", "labelled"): "what format 1 called it",
    ("journal/formats.py", "learnt"): "what format 1 called it",
    ("journal/formats.py", "unlabelled"): "what format 1 called it",
    ("journal/formats.py", "recipe"): "what format 1 called it",
    ("journal/formats.py", "look_again"): "what format 1 called it",
    ("journal/formats.py", "looked_again"): "what format 1 called it",
    ("journal/formats.py", "by hand"): "what format 1 called it",
    ("loop/conformance.py", "multi_label"): "scikit-learn's tag",
    ("kernels/multilabel.py", "multi-label"): "the titles of papers",
    ("session/prodigy.py", "recipe"): "Prodigy's own word",
    ("io/formats/prodigy.py", "recipe"): "Prodigy's own word",
    ("docs/bridges.md", "recipe"): "Prodigy's own word",
    ("docs/api.md", "recipe"): "Prodigy's own word",
    ("notebooks/10_bridges.ipynb", "recipe"): "Prodigy's own word",
    ("tests/session/test_prodigy_stream.py", "recipe"): "Prodigy's own word",
    ("tests/annotation/test_agreement.py", "recipe"): "the name of Prodigy's repository",
    ("tests/typing/wrong.py", "centre"): "a name that there is not",
    ("tests/typing/wrong.py", "labelled"): "a name that there is not",
}


def texts():
    for path in [*CODE, *PAGES, *TESTS]:
        yield path, path.read_text(encoding="utf-8")
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield path, "\n".join("".join(cell["source"]) for cell in cells)


TEXTS = list(texts())


def name_of(path):
    return path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT).as_posix()


@pytest.mark.parametrize("pattern", INSTEAD)
def test_a_retired_word_is_nowhere(pattern):
    found = {
        f"{name_of(path)}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for path, text in TEXTS
        # Words that a line ends between are the same words.
        for match in re.finditer(pattern.replace(" ", r"\s+"), text, flags=re.IGNORECASE)
        if not any(name_of(path) == where and word in match.group().lower() for where, word in MEANT)
    }
    assert found == set(), f"say {INSTEAD[pattern]}"


def test_what_is_meant_as_it_is_is_there():
    texts = {name_of(path): text.lower() for path, text in TEXTS}
    assert all(word in texts[where] for where, word in MEANT)


def documented():
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                summary = (ast.get_docstring(node) or "").partition("\n")[0]
                yield f"{path.relative_to(PACKAGE)}:{getattr(node, 'name', '')}", summary


def test_a_docstring_begins_by_naming_the_thing_or_the_act():
    riddle = re.compile(
        r"(what|how|why|who|when|where|which|whether)\b|(return|yield) (what|who|whose|which|how)\b", re.IGNORECASE
    )
    assert [f"{where}: {summary}" for where, summary in documented() if riddle.match(summary)] == []


def places_of(wanted):
    """Where the package defines each name of this kind, for those that it defines twice."""
    places = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if wanted(node):
                places.setdefault(node.name, []).append(path.relative_to(PACKAGE).as_posix())
    return {name: where for name, where in places.items() if len(where) > 1}


def test_no_two_classes_have_one_name():
    assert places_of(lambda node: isinstance(node, ast.ClassDef) and node.name[0] != "_") == {}


def test_a_check_is_in_one_place():
    assert places_of(lambda node: isinstance(node, ast.FunctionDef) and node.name.startswith("check_")) == {}
