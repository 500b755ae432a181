"""Run every test. On a fresh machine this sets everything up first, Chromium included.

Needs Python 3.11 or newer, and root or sudo for Chromium unless one is installed: python3 tests/run.py
"""

import os
import runpy
import shutil
import subprocess
import sys
import time
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
    passed = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    print(f"== {title}: {'passed' if passed else 'FAILED'} in {time.monotonic() - start:.0f} s", flush=True)
    return passed


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
        run("oldest dependencies", str(oldest), "-m", "pytest", "-q", "-m", "not browser and not notebook"),
        run("newest dependencies", str(python), "-m", "pytest", "-q"),
    ]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
