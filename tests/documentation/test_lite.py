"""The site without a server: the notebooks that are in it, the package, and the widgets' front ends."""

import importlib.util
import json
import re

import nbformat
import pytest

from tests.documentation import lite


def test_its_notebooks_are_ours_with_a_cell_before_that_installs_the_package(tmp_path):
    lite.write_contents(tmp_path / "contents")
    for name in lite.NOTEBOOKS:
        ours = nbformat.read(lite.ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        theirs = nbformat.read(tmp_path / "contents" / f"{name}.ipynb", as_version=4)
        nbformat.validate(theirs)
        sources = [cell.source for cell in theirs.cells]
        assert sources.pop(1).startswith("%pip install -q alwidgets\n")
        assert sources == [cell.source for cell in ours.cells]
        links = {link for source in sources for link in re.findall(r"\]\((\w+)\.ipynb\)", source)}
        assert links <= set(lite.NOTEBOOKS)
        assert all(cell.outputs == [] for cell in theirs.cells if cell.cell_type == "code")


@pytest.mark.skipif(importlib.util.find_spec("jupyterlite_core") is None, reason="needs the extra lite")
def test_the_site_has_the_package_and_what_draws_its_widgets(tmp_path):
    lite.build(tmp_path / "lite")
    (index,) = (tmp_path / "lite").glob("pypi/all.json")
    assert "alwidgets" in json.loads(index.read_text(encoding="utf-8"))
    assert {path.name for path in (tmp_path / "lite" / "extensions").iterdir()} >= {"anywidget", "@jupyter-widgets"}
    assert (tmp_path / "lite" / "files" / "01_quickstart.ipynb").exists()
