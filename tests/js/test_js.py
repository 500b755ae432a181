import re
import shutil
import subprocess
from pathlib import Path

import pytest

from alwidgets.views.front_end import STATIC, script

FOLDER = Path(__file__).parent
PAGE = STATIC.parents[1] / "service" / "static"
MODULES = sorted(file.relative_to(STATIC).as_posix() for file in STATIC.glob("*/*.js"))
# A line that begins a function: `function name(`, `name(argument) {` or an arrow, and a brace that is left open.
BEGINS = re.compile(r"(\s*)(?=\S)(?!(?:if|for|while|switch)\b)(?:.*\bfunction\b.*|(?:async )?\w+\(.*\) |.*=> )\{")
MOST_LINES = {"module": 320, "function": 60}
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


def functions(text):
    """Yield the name and the lines of each function, empty ones left out.

    It ends where a brace closes under the beginning of its first line; `}) {` only ends what it takes.
    """
    lines = text.splitlines()
    for first, line in enumerate(lines):
        if begins := BEGINS.fullmatch(line):
            ends = re.compile(begins[1] + r"\}(?!.*\{$)")
            last = next(number for number in range(first + 1, len(lines)) if ends.match(lines[number]))
            named = re.search(r"function\*? (\w+)|(\w+)(?= = .*=> \{|\()", line)
            yield (
                named[0].split()[-1] if named else line.strip(),
                sum(map(bool, map(str.strip, lines[first : last + 1]))),
            )


def test_functions_are_measured_with_what_is_in_them():
    text = """
export function outer({
  first, second,
}) {
  const arrow = (value) => {
    if (value) {
      first();

    }
  };
  return {
    /** What it does. */
    method(value) {
      second();
    },
    close: () => arrow(1),
  };
}
async function short() {
}
"""
    assert list(functions(text)) == [("outer", 16), ("arrow", 5), ("method", 3), ("short", 2)]


def test_no_module_and_no_function_is_too_large_to_read():
    files = [*(STATIC / name for name in MODULES), *PAGE.glob("*.js")]
    texts = {file.relative_to(STATIC.parents[1]).as_posix(): file.read_text() for file in files}
    n_lines = {name: len(text.splitlines()) for name, text in texts.items()}
    assert {name: n for name, n in n_lines.items() if n > MOST_LINES["module"]} == {}
    long = [
        (name, function, n)
        for name, text in texts.items()
        for function, n in functions(text)
        if n > MOST_LINES["function"]
    ]
    assert long == []
