"""Run every test. On a fresh machine this sets everything up first, Chromium included.

Needs Python 3.11 or newer, and root or sudo for Chromium unless one is installed: python3 tests/run.py
"""

import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETUP = runpy.run_path(str(ROOT / "notebooks" / "open.py"))
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


def run(title: str, *command: str) -> bool:
    """Run one step and say how it went."""
    print(f"\n== {title}", flush=True)
    start = time.monotonic()
    return _told(title, subprocess.run(command, cwd=ROOT, check=False).returncode, start)


def run_beside(title: str, *command: str) -> Callable[[], bool]:
    """Start a step that goes on beside others; what is returned waits for it, and prints what it printed."""
    start = time.monotonic()
    output = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
    process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)

    def finished() -> bool:
        process.wait()
        print(f"\n== {title}", flush=True)
        output.seek(0)
        print(output.read().decode(errors="replace"), end="", flush=True)
        return _told(title, process.returncode, start)

    return finished


def _told(title: str, code: int, start: float) -> bool:
    print(f"== {title}: {'FAILED' if code else 'passed'} in {time.monotonic() - start:.0f} s", flush=True)
    return code == 0


def main() -> None:
    """Set up, run everything, and end with 0 only if all of it passed."""
    os.environ.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    python = SETUP["environment"](".venv", "dev")
    oldest = SETUP["environment"](".venv-oldest", "test", "tests/oldest.txt")
    install_chromium(python)
    tool = str(python.parent) + os.sep
    results = [
        run("ruff", f"{tool}ruff", "check", "."),
        run("ruff format", f"{tool}ruff", "format", "--check", "."),
        run("mypy", f"{tool}mypy"),
        run("import-linter", f"{tool}lint-imports"),
    ]
    # Neither needs more than one core. The browser comes after both: it is to answer as it does for a user.
    oldest_passed = run_beside(
        "oldest dependencies", str(oldest), "-m", "pytest", "-q", "-m", "not browser and not notebook"
    )
    results.append(run("newest dependencies", str(python), "-m", "pytest", "-q", "-m", "not browser"))
    results.append(oldest_passed())
    results.append(run("browser", str(python), "-m", "pytest", "-q", "-m", "browser"))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
