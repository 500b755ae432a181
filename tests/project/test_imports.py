import ast
import inspect
import itertools
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest

import alwidgets as alw

ROOT = Path(alw.__file__).parents[1]
HEAVY = ["sklearn", "scipy", "pandas", "modAL", "plotly", "ipywidgets", "anywidget"]


def python(code):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    ).stdout.split()


def test_importing_the_package_loads_nothing_heavy():
    assert python(f"import sys, alwidgets; print(*(name for name in {HEAVY} if name in sys.modules))") == []


def test_every_public_name_resolves_and_is_listed():
    for name in alw.__all__:
        assert getattr(alw, name) is getattr(alw, name)
        assert name in dir(alw)
    assert sorted(alw.__all__) == alw.__all__


def test_only_public_names_are_offered_whatever_was_used_before():
    code = "import alwidgets as alw; alw.Session; print(*sorted(set(dir(alw)) - set(alw.__all__)))"
    assert python(code) == ["__version__"]


MODULES = [name for name in alw.__all__ if inspect.ismodule(getattr(alw, name))]


@pytest.mark.parametrize("name", MODULES)
def test_a_public_module_offers_its_public_names_alone(name):
    module = getattr(alw, name)
    assert sorted(module.__all__) == dir(module)
    assert all(hasattr(module, each) for each in dir(module))


def test_labels_can_be_read_and_written_in_a_fresh_kernel():
    assert python("import alwidgets; print(alwidgets.io.write_labels.__name__)") == ["write_labels"]


def test_a_session_is_shown_as_widgets_wherever_its_class_was_imported_from():
    code = (
        "import numpy as np; from sklearn.naive_bayes import GaussianNB; from alwidgets.session import Session; "
        "shown = Session(np.eye(4), classes=['a', 'b'], learner=GaussianNB())._repr_mimebundle_(); "
        "print('application/vnd.jupyter.widget-view+json' in (shown[0] if isinstance(shown, tuple) else shown))"
    )
    assert python(code) == ["True"]


# Packages whose module has another name.
PACKAGE_OF = {"sklearn": "scikit-learn", "modAL": "modal-python", "skactiveml": "scikit-activeml", "PIL": "pillow"}
# What a user's own objects come from: looked for only where one is given.
OF_USERS = {"torch", "skorch", "ipykernel", "datasets"}
# Packages that another one brings, which is declared and has no use without them.
BROUGHT = {"IPython": "ipywidgets"}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def test_every_package_that_is_imported_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    names = {re.match(r"[\w-]+", each)[0].lower() for each in declared}
    modules = {
        name.partition(".")[0]
        for path in (ROOT / "alwidgets").rglob("*.py")
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
    }
    needed = {
        PACKAGE_OF.get(module, module.replace("_", "-"))
        for module in modules - OF_USERS - BROUGHT.keys() - sys.stdlib_module_names
    }
    assert needed - names == set()
    for module, bringer in BROUGHT.items():
        assert bringer in names
        assert any(re.match(r"[\w-]+", each)[0].lower() == module.lower() for each in requires(bringer))


def test_simulate_is_the_function_whatever_was_imported_before():
    code = "from alwidgets.simulation import Comparison; import alwidgets; print(callable(alwidgets.simulate))"
    assert python(code) == ["True"]


def test_an_unknown_name_is_told_the_one_that_is_like_it():
    with pytest.raises(AttributeError, match=r"no attribute 'Sesion'; did you mean 'Session'\?$"):
        alw.Sesion  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute 'qqq'; dir\(alwidgets\) lists what it has\.$"):
        alw.qqq  # noqa: B018


def test_imports_run_downward():
    pytest.importorskip("importlinter")
    command = [Path(sys.executable).with_name("lint-imports"), "--config", ROOT / "pyproject.toml", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
