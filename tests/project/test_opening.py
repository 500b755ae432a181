"""The command of the README: what it starts says little, and says where the quickstart is."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node, which JupyterLab asks for where there is one")
def test_a_script_of_node_that_an_environment_of_the_project_brings_runs(tmp_path):
    shutil.copy(ROOT / "package.json", tmp_path)
    # As the yarn.js of JupyterLab, which asks it for its settings at each start, and prints what it says.
    script = tmp_path / ".venv" / "yarn.js"
    script.parent.mkdir()
    script.write_text('console.log(require("util").format("%s", "ran"));')
    done = subprocess.run(["node", str(script)], check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("ran\n", "")


def test_it_prints_a_few_lines_and_the_address_of_the_quickstart(tmp_path):
    opening = runpy.run_path(str(ROOT / "notebooks" / "open.py"))
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR")
    environment = os.environ | dict.fromkeys(places, str(tmp_path))
    command = [sys.executable, *opening["lab"]("--no-browser", "--ServerApp.ip=127.0.0.1")]
    said_to = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=ROOT / "notebooks", env=environment, **said_to) as lab:
        try:
            said = []
            while not re.search(r"http://127\S+/lab/tree/01_quickstart\.ipynb\?token=", (said or [""])[-1]):
                said.append(next(lab.stdout))
        finally:
            lab.kill()
    assert len(said) < 10
