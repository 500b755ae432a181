"""Every notebook runs from top to bottom, and says what it said when it was written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.notebook
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_gives_the_outputs_it_was_saved_with(path, tmp_path):
    shutil.copy(path, tmp_path)
    settings = tmp_path / "pytest.ini"
    settings.write_text("[pytest]\n")
    environment = os.environ | {"IPYTHONDIR": str(tmp_path / "ipython")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(settings),
        "--nbval",
        path.name,
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_saved_notebook_shows_no_widget_of_a_kernel_that_is_gone(path):
    notebook = nbformat.read(path, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert outputs
    assert not any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)
    assert "widgets" not in notebook.metadata
