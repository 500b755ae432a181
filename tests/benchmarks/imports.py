"""What alwidgets takes: seconds of imports and of the first card, and MB: python -m tests.benchmarks.imports.

Each is taken in fresh interpreters. What the other libraries take is measured by importing, without alwidgets, those of
them that the first card imports; the rest is ours to save. Sizes are those of what is installed with alwidgets alone,
and with the extra `lab`, as pip recorded them: as downloaded, and with the bytecode (.pyc) that pip compiles.
"""

import marshal
import re
import statistics
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
N_PAIRS, N_CARDS = 15, 7
CARD = """
import os, sys, tempfile, time
os.chdir(tempfile.mkdtemp())
import alwidgets as alw
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
digits = load_digits()
session = alw.Session(digits.data / 16, digits.images, classes=range(10), learner=LogisticRegression(max_iter=1000),
                      random_state=0)
session._repr_mimebundle_()
alw.Workbench.of(session).labeler.get_state()
session.wait()
"""
# What the card loads of others; what that loads in turn need not be named.
LOADED = """
print(*(name for name in sys.modules if not name.startswith(("_", "alwidgets")) and name.count(".") < 3))
"""
BARE = """
import contextlib, importlib
for name in {!r}:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
"""


def run(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def seconds(code):
    """CPU seconds of an interpreter that does this, its start included."""
    return float(run(f"{code}\nimport time; print(time.process_time())").split()[-1])


def requirements(name, extra=""):
    """Names of all that is installed for a distribution."""
    found, todo = {}, [(name, extra)]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in found:
            continue
        try:
            found[name, extra] = there = distribution(name)
        except PackageNotFoundError:
            continue
        for line in there.requires or ():
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                todo += [(wanted.name, each) for each in ("", *wanted.extras)]
    return {re.sub(r"[-_.]+", "-", name).lower(): there for (name, _), there in found.items()}


def megabytes(there):
    """Return the MB of a distribution's files without bytecode, and of its bytecode, as arrays that add up."""
    if there.metadata["Name"] == "alwidgets":
        return ours()
    sizes = np.zeros(2)
    for file in there.files or ():
        path = Path(there.locate_file(file))
        if path.is_file():
            sizes[int(file.suffix == ".pyc")] += path.stat().st_size / 1e6
    return sizes


def ours():
    """Return the same of the package that lies here, which may be installed by a link."""
    files = [path for path in (ROOT / "alwidgets").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    code = [compile(path.read_bytes(), path, "exec", dont_inherit=True) for path in files if path.suffix == ".py"]
    return np.array([sum(path.stat().st_size for path in files), sum(len(marshal.dumps(each)) for each in code)]) / 1e6


def say_imports():
    pairs = [(seconds("import alwidgets"), seconds("import numpy")) for _ in range(N_PAIRS)]
    ours, numpy = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"import alwidgets {ours * 1000:.0f} ms of CPU, import numpy {numpy * 1000:.0f} ms, with the start of Python")
    print(f"ratio {statistics.median(a / b for a, b in pairs):.2f}; goal at most 1.5")


def say_first_card():
    bare = BARE.format(run(CARD + LOADED).split())
    pairs = [(seconds(CARD), seconds(bare)) for _ in range(N_CARDS)]
    card, libraries = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"first card {card:.2f} s of CPU, of which the import of the other libraries {libraries:.2f} s")
    print(f"ours {card - libraries:.2f} s, {1 - libraries / card:.0%}; goal at most half")


def say_sizes():
    alone, lab = requirements("alwidgets"), requirements("alwidgets", "lab")
    sizes = {name: megabytes(there) for name, there in lab.items()}
    without, bytecode = sum(sizes[name] for name in alone)
    largest = sorted(((sum(sizes[name]), name) for name in alone), reverse=True)[:6]
    print(f"alwidgets {sizes['alwidgets'][0]:.1f} MB and {sizes['alwidgets'][1]:.1f} MB of bytecode")
    print(f"with what it needs {without:.0f} MB, with bytecode {without + bytecode:.0f} MB: ", end="")
    print(", ".join(f"{name} {size:.0f}" for size, name in largest))
    without, bytecode = sum(sizes.values())
    print(f"with the extra lab {without:.0f} MB, with bytecode {without + bytecode:.0f} MB")


if __name__ == "__main__":
    say_imports()
    say_first_card()
    say_sizes()
