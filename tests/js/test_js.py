import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed; only the front end's helpers need it")
def test_the_pure_helpers_of_the_front_end_pass_their_own_tests():
    files = sorted(map(str, FOLDER.glob("*.test.mjs")))
    result = subprocess.run(["node", "--test", *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:]
