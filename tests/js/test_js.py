import shutil
import subprocess
from pathlib import Path

import pytest

from alwidgets.widgets.session_view import STATIC, script

FOLDER = Path(__file__).parent


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed; only the front end's helpers need it")
def test_the_pure_helpers_of_the_front_end_pass_their_own_tests():
    files = sorted(map(str, FOLDER.glob("*.test.mjs")))
    result = subprocess.run(["node", "--test", *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed; only the front end's helpers need it")
@pytest.mark.parametrize("name", sorted(file.name for file in STATIC.glob("*.js")))
def test_a_widgets_module_with_what_it_imports_is_one_module_that_imports_nothing(name, tmp_path):
    module = tmp_path / "module.mjs"
    module.write_text(script(name))
    assert "import {" not in module.read_text()
    result = subprocess.run(["node", "--check", module], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
