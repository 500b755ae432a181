"""Open the quickstart in JupyterLab. On a fresh machine this sets everything up first.

Needs Python 3.11 or newer and nothing else: python3 notebooks/open.py
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUICKSTART = Path(__file__).with_name("01_quickstart.ipynb").resolve()


def environment(name: str, extra: str, constraints: str | None = None) -> Path:
    """Return the Python of a virtual environment in which the project is installed with an extra.

    Parameters
    ----------
    name : str
        Folder, in the root of the project.
    extra : str
        Extra of ``pyproject.toml``.
    constraints : str, optional
        A pip constraints file, in the root of the project.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs this may have an older one
        sys.exit(f"This is Python {sys.version.split()[0]}; alwidgets needs 3.11 or newer.")
    folder = ROOT / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        _create(folder)
    wanted = [(ROOT / file).read_bytes() for file in ("pyproject.toml", constraints) if file]
    digest = hashlib.sha256(b"".join([extra.encode(), *wanted])).hexdigest()
    installed = folder / "installed.txt"
    if not installed.exists() or installed.read_text() != digest:
        limit = ["--constraint", constraints] if constraints else []
        command = [str(python), "-m", "pip", "install", "-qq", "--editable", f".[{extra}]", *limit]
        subprocess.run(command, cwd=ROOT, check=True)
        installed.write_text(digest)
    return python


def install_system_package(*names: str) -> bool:
    """Install Debian packages as root or with sudo; return False where that is not possible."""
    if not shutil.which("apt-get"):
        return False
    prefix = [] if os.geteuid() == 0 else ["sudo"] if shutil.which("sudo") else None
    if prefix is None:
        return False
    steps = (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names])
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return all(subprocess.run([*prefix, *step], check=False, env=quiet).returncode == 0 for step in steps)


def _create(folder: Path) -> None:
    command = [sys.executable, "-m", "venv", str(folder)]
    if subprocess.run(command, check=False).returncode == 0:
        return
    # Debian's Python comes without what `venv` needs.
    shutil.rmtree(folder, ignore_errors=True)
    print("Installing python3-venv, which this Python lacks ...", flush=True)
    if not install_system_package("python3-venv"):
        sys.exit("No virtual environment could be made. Install your system's venv package (Debian: python3-venv).")
    subprocess.run(command, check=True)


def lab(*arguments: str) -> list[str]:
    """Return what to give Python for a JupyterLab that opens the quickstart, also where no browser is opened for it."""
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    address = f"--LabApp.default_url=/lab/tree/{QUICKSTART.name}"
    # What is left is its address.
    quiet = ["--ServerApp.log_level=WARN", "--LabApp.log_level=WARN"]
    return ["-m", "jupyterlab", *root, *quiet, address, *arguments]


def main() -> None:
    """Set up, and become JupyterLab; further arguments are passed on to it."""
    print(
        "Setting up .venv (once; about a minute) ..." if not (ROOT / ".venv").exists() else "Starting ...", flush=True
    )
    python = environment(".venv", "lab")
    command = [str(python), *lab(*sys.argv[1:])]
    os.chdir(QUICKSTART.parent)
    if os.name == "nt":
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
