import re
import shutil
import subprocess
from pathlib import Path

import pytest

from alwidgets.widgets.front_end import STATIC, script

FOLDER = Path(__file__).parent
MODULES = sorted(file.relative_to(STATIC).as_posix() for file in STATIC.glob("*/*.js"))
needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="node is not installed; only the front end's helpers need it"
)


@needs_node
def test_the_pure_helpers_of_the_front_end_pass_their_own_tests():
    files = sorted(map(str, FOLDER.glob("*.test.mjs")))
    result = subprocess.run(["node", "--test", *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:]


@needs_node
@pytest.mark.parametrize("name", MODULES)
def test_a_widgets_module_with_what_it_imports_is_one_module_that_imports_nothing(name, tmp_path):
    module = tmp_path / "module.mjs"
    module.write_text(script(name))
    assert not re.search(r"^\s*import\b", module.read_text(), re.MULTILINE)
    result = subprocess.run(["node", "--check", module], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_every_module_and_stylesheet_lies_in_a_folder_by_its_purpose():
    assert [path.name for path in STATIC.iterdir() if path.is_file()] == []


def test_what_is_common_is_used_in_more_than_one_folder():
    used = {name: set() for name in MODULES if name.startswith("common/")}
    for name in MODULES:
        for imported in re.findall(r'"(\.\.?/[\w/]+\.js)"', (STATIC / name).read_text()):
            path = ((STATIC / name).parent / imported).resolve().relative_to(STATIC.resolve()).as_posix()
            used.get(path, set()).add(name)
    folders = {name: {Path(user).parent.name for user in users} for name, users in used.items()}
    assert {name for name, found in folders.items() if len(found - {"common"}) < 2 and "common" not in found} == set()


def test_no_module_is_too_large_to_read():
    n_lines = {name: len((STATIC / name).read_text().splitlines()) for name in MODULES}
    assert {name: n for name, n in n_lines.items() if n > 320} == {}
