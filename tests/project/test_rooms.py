"""The package is laid out as CONTRIBUTING says: rooms that import downward, no circles, nothing too large to read."""

import ast
import re
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "alwidgets"
MOST = {ast.ClassDef: 450, ast.FunctionDef: 60, ast.AsyncFunctionDef: 60, ast.Module: 500}
# What may be larger, and why.
LARGER: dict[str, str] = {}


def layers():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return [room.strip() for layer in contracts[0]["layers"] for room in layer.split("|")]


# What shows or serves itself is of a room below: it reaches up by the public names, when it is asked to.
BY_PUBLIC_NAME = {
    "bridges/label_studio.py:_repr_mimebundle_",
    "service/page.py:_repr_mimebundle_",
    "session/serving.py:serve",
    "session/serving.py:to_jupyter",
    "session/serving.py:to_marimo",
}


def reaches_the_package(node):
    """Whether a statement imports the package itself, or a module of it by its name in a text."""
    if isinstance(node, ast.Import):
        return any(alias.name == "alwidgets" for alias in node.names)
    return (
        isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "import_module"
        and str(getattr(node.args[0], "value", "")).startswith("alwidgets")
    )


def test_only_what_shows_or_serves_itself_reaches_up_and_by_public_names():
    reaching = {
        f"{path.relative_to(PACKAGE).as_posix()}:{function.name}"
        for path in PACKAGE.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and any(map(reaches_the_package, ast.walk(function)))
    }
    assert reaching == BY_PUBLIC_NAME


def test_the_table_of_rooms_is_that_of_the_contract():
    table = (ROOT / "CONTRIBUTING.md").read_text().split("## Rooms")[1].split("## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == layers()


def test_every_module_lies_in_a_room():
    inside = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert inside - {"__init__"} == set(layers())


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), ast.parse(path.read_text())


def imported(tree, known):
    """Yield what a module imports when it is loaded."""
    todo = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef) or (
            isinstance(node, ast.If) and "TYPE_CH" in ast.dump(node)
        ):
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in known else node.module
        todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]


def test_no_modules_import_each_other_in_a_circle():
    trees = dict(modules())
    graph = {
        name: {other for other in imported(tree, trees) if other in trees} - {name} for name, tree in trees.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def n_lines(node, n_all):
    """Count the lines, those of docstrings left out."""
    first, last = (1, n_all) if isinstance(node, ast.Module) else (node.lineno, node.end_lineno)
    out = set()
    for inner in ast.walk(node):
        if isinstance(inner, tuple(MOST)) and ast.get_docstring(inner) is not None:
            out |= set(range(inner.body[0].lineno, inner.body[0].end_lineno + 1))
    return sum(number not in out for number in range(first, last + 1))


def test_nothing_is_too_large_to_read():
    large = {}
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            if type(node) in MOST and (n := n_lines(node, len(source.splitlines()))) > MOST[type(node)]:
                large[f"{path.relative_to(PACKAGE)}:{getattr(node, 'name', '')}"] = n
    assert large.keys() == LARGER.keys(), large


def looks_at_type(node):
    """Whether an expression is `hasattr(values, "iloc")`, or the like of a sparse matrix."""
    return (
        isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "hasattr"
        and isinstance(node.args[1], ast.Constant)
        and node.args[1].value in ("iloc", "loc", "dtypes", "columns", "tocsr", "indptr")
    )


def test_only_data_asks_what_holds_the_samples():
    kinds = {"is_frame", "is_series", "is_sparse", "is_text", "issparse"}
    # The rooms below it know of no pool.
    outside = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name not in {"data", "kernels", "utils"}]
    asking = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in outside
        for node in ast.walk(ast.parse(path.read_text()))
        if kinds & {getattr(node, "attr", ""), getattr(node, "id", "")} or looks_at_type(node)
    ]
    assert asking == []


def test_every_folder_of_tests_is_named_as_a_room_or_says_what_it_is():
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    table = (ROOT / "tests" / "README.md").read_text().partition("|---|---|\n")[2]
    rows = [row.split("|")[1] for row in table.splitlines()]
    rooms, *others = [set(re.findall(r"`(\w+)`", row)) for row in rows]
    assert rooms <= set(layers())
    assert folders == rooms.union(*others)
    assert [path.name for path in (ROOT / "tests").glob("test_*.py")] == []


def test_the_contract_on_modal_names_every_other_module():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = set(next(each for each in contracts if each.get("forbidden_modules") == ["modAL"])["source_modules"])
    rooms = {f"alwidgets.{room}" for room in layers() if room != "models"}
    inside = {f"alwidgets.models.{path.stem}" for path in (PACKAGE / "models").glob("*.py") if path.stem != "__init__"}
    assert named == rooms | inside - {"alwidgets.models.modal", "alwidgets.models.modal_fallback"}
