"""Binder's environment, built for real: what a visitor finds there runs."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

# A notebook's mark: once is enough, whatever the dependencies of the tests are.
pytestmark = [pytest.mark.notebook, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
RACE = "/lab/tree/notebooks/05_race.ipynb"
WANTED = (ROOT / "binder" / "runtime.txt").read_text().strip().replace("-", "")


def run(*command, **options):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


def the_python_of_binder():
    """Return the Python that `binder/runtime.txt` names, None where there is none."""
    if f"python{sys.version_info.major}.{sys.version_info.minor}" == WANTED:
        return sys.executable
    found = shutil.which(WANTED)
    # One that is only announced (by pyenv) does not run.
    return found if found and subprocess.run([found, "-c", ""], check=False).returncode == 0 else None


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The Python of a fresh environment in which was installed what Binder installs."""
    base = the_python_of_binder()
    if base is None:
        pytest.skip(f"there is no {WANTED}, which binder/runtime.txt names")
    folder = tmp_path_factory.mktemp("binder") / "environment"
    run(base, "-m", "venv", folder)
    made = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    installer = [uv, "pip", "install", "--python", made] if uv else [made, "-m", "pip", "install"]
    run(*installer, "--quiet", "-r", "binder/requirements.txt", cwd=ROOT)
    return made


@pytest.fixture
def home(tmp_path):
    """What a visitor gets: the notebooks, and settings of nobody else."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns("*.alw", ".*"))
    shutil.copytree(ROOT / "binder", tmp_path / "binder")
    return tmp_path


def surroundings(home):
    """Return an environment that knows no other installation."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "JUPYTER_PATH")
    own = {"IPYTHONDIR": "ipython", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return kept | {name: str(home / folder) for name, folder in own.items()}


@pytest.mark.parametrize("name", ["01_quickstart", "05_race"])
def test_a_notebook_runs_in_binders_environment(python, home, name):
    command = [
        python,
        "-m",
        "nbconvert",
        "--to",
        "notebook",
        "--execute",
        "--output",
        "done",
        f"notebooks/{name}.ipynb",
    ]
    run(*command, cwd=home, env=surroundings(home))
    cells = json.loads((home / "notebooks" / "done.ipynb").read_text())["cells"]
    counts = [cell["execution_count"] for cell in cells if cell["cell_type"] == "code"]
    assert counts == [*range(1, len(counts) + 1)]


def _wait_for(url):
    """Wait until a server answers: it says where it is before it listens there."""
    end = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(url, timeout=30).close()  # noqa: S310
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)  # nothing to wait on but the port itself


@pytest.fixture
def address(python, home):
    """Where JupyterLab answers, started as Binder starts it: it takes a port that is free, and says which."""
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    flags = ["--no-browser", "--ip=127.0.0.1", "--IdentityProvider.token=", *root]
    command = ["binder/start", str(python), "-m", "jupyterlab", *flags]
    server = subprocess.Popen(command, cwd=home, env=surroundings(home), stderr=subprocess.PIPE, text=True)
    try:
        said = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in server.stderr)
        found = next(filter(None, said), None)
        assert found, "JupyterLab ended while starting"
        _wait_for(found.group() + "/api")
        yield found.group()
    finally:
        server.terminate()
        server.communicate()


@pytest.mark.skipif(os.name == "nt", reason="Binder runs Linux")
def test_a_visitor_sees_the_notebook_that_was_asked_for_else_the_quickstart(address, home):
    for asked, opened in (("/", "/lab/tree/notebooks/01_quickstart.ipynb"), (RACE, RACE)):
        with urllib.request.urlopen(address + asked) as page:  # noqa: S310
            assert urllib.parse.urlsplit(page.url).path == opened
        assert (home / opened.removeprefix("/lab/tree/")).exists()


def test_the_package_is_installed_and_not_read_from_the_repository(python, home):
    where = run(python, "-c", "import alwidgets; print(alwidgets.__file__)", cwd=home, env=surroundings(home))
    assert Path(where).is_relative_to(python.parents[1])
