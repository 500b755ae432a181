"""A fresh clone to the first card in a browser, as the README says: python -m tests.benchmarks.first_card."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from lab import READY, Card, chromium  # noqa: E402 - it lies beside the tests in a browser

GOAL = 90


def main():
    with tempfile.TemporaryDirectory() as place:
        clone, home = Path(place) / "alwidgets", Path(place) / "home"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        start = time.monotonic()

        def say(what):
            print(f"{time.monotonic() - start:5.1f} s: {what}", flush=True)

        places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        environment = os.environ | {name: str(home / name.lower()) for name in places}
        command = [sys.executable, "notebooks/open.py", "--no-browser", "--LabApp.expose_app_in_browser=True"]
        lab = subprocess.Popen(
            command, cwd=clone, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            address = next(found[0] for line in lab.stdout if (found := re.search(r"http://127\S+", line)))
            say("everything is installed, and JupyterLab gives its address")
            with chromium() as browser:
                page = browser.new_page()
                page.goto(address)
                page.wait_for_function(READY, timeout=120_000)
                say("the quickstart is open, and its kernel waits")
                page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
                Card(page).wait()
                say(f"the first card is on the page; goal {GOAL} s")
        finally:
            lab.terminate()
            lab.wait()


if __name__ == "__main__":
    main()
