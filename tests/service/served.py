"""A command of the service that runs in a process of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Served:
    """A command that runs in a folder."""

    def __init__(self, folder, *arguments, tokens=""):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "alwidgets.service.command", *arguments], cwd=folder, text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT), "ALWIDGETS_TOKENS": tokens}, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        self.lines = []

    def line(self, message):
        """Wait for a line of the log."""
        while True:
            text = self.process.stderr.readline()
            assert text, "".join(self.lines)
            self.lines.append(text)
            if json.loads(text)["message"] == message:
                return json.loads(text)

    def end(self, number=signal.SIGTERM):
        """End it, and return its status, its output and its log."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, "".join(self.lines) + err
