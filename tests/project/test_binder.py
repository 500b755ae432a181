import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_binder_installs_the_package_with_an_extra_that_exists():
    lines = [line for line in (ROOT / "binder/requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    assert lines == [".[lab]"]
    assert "lab" in PROJECT["optional-dependencies"]


def test_binders_python_is_one_that_the_package_supports():
    version = re.fullmatch(r"python-(\d+\.\d+)\n", (ROOT / "binder/runtime.txt").read_text()).group(1)
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)


def test_repo2docker_accepts_the_folder(tmp_path):
    repo2docker = Path(sys.executable).with_name("jupyter-repo2docker")
    if not repo2docker.exists():
        pytest.skip("jupyter-repo2docker is not installed")
    for name in ("binder", "pyproject.toml", "README.md"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    command = [str(repo2docker), "--no-build", "--debug", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in result.stdout + result.stderr


def test_no_dependency_is_capped_but_the_linters_of_who_changes_the_code():
    extras = PROJECT["optional-dependencies"].items()
    for line in [*PROJECT["dependencies"], *(line for name, lines in extras if name != "dev" for line in lines)]:
        assert not any(part.operator in ("<", "<=", "==", "~=") for part in Requirement(line).specifier), line


def test_binder_opens_a_notebook_that_exists():
    start = (ROOT / "binder/start").read_text()
    notebook = re.search(r"page=/lab/tree/(\S+)", start).group(1)
    assert (ROOT / notebook).exists()
    assert os.access(ROOT / "binder/start", os.X_OK)


def test_the_addresses_that_the_readme_gives_for_binder_name_notebooks_that_exist():
    links = re.findall(r"urlpath=lab/tree/(\S+?\.ipynb)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert "notebooks/05_race.ipynb" in links
    assert all((ROOT / link).exists() for link in links)
