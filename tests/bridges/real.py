"""The real Label Studio, in an environment of its own: python -m tests.bridges.real installs it and runs its tests."""

import contextlib
import http.cookiejar
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Where it is, or is to be: 1 GB, two minutes.
HOME = Path(os.environ.get("LABEL_STUDIO_VENV", ROOT / ".venv-label-studio"))
PROGRAM = HOME / "bin" / "label-studio"
RELEASE = "label-studio==1.23.*"
# A folder after its first start, which takes half a minute.
PREPARED = HOME / "prepared"
MISSING = "Label Studio is not installed: python -m tests.bridges.real"
OWNER, PASSWORD, LEGACY = "owner@example.com", "of-the-tests", "0123456789abcdef0123456789abcdef01234567"
# Nothing leaves the machine. Legacy tokens have to be on at the first start.
QUIET = {
    "DJANGO_DB": "sqlite",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "COLLECT_ANALYTICS": "false",
    "LATEST_VERSION_CHECK": "false",
    "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
    # Webhooks and models may be on this machine.
    "SSRF_PROTECTION_ENABLED": "false",
    "ML_BLOCK_LOCAL_IP": "false",
}
_PATIENCE = 180


def send(method, url, data, authorization):
    """Return status and content of the answer to a call."""
    headers = {"Content-Type": "application/json", "Authorization": authorization}
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - of these tests
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


class RealServer:
    """Label Studio on this machine, on a folder that is a copy of the prepared one."""

    def __init__(self, folder):
        self.folder = Path(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(PROGRAM), "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(self.port),
                 "--data-dir", str(self.folder), "--username", OWNER, "--password", PASSWORD, "--user-token", LEGACY],
                env=os.environ | QUIET, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                send("GET", f"{self.url}/health", None, "")
                return self
            assert self.process.poll() is None, (self.folder / "server.log").read_text()[-3000:]
            time.sleep(0.1)
        raise AssertionError((self.folder / "server.log").read_text()[-3000:])

    def end(self, how=signal.SIGTERM):
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, how)
            self.process.wait()
            self.process = None

    def kill(self):
        """Kill it at once, in the middle of whatever it does."""
        self.end(signal.SIGKILL)

    def call(self, method, path, body=None, *, token=LEGACY):
        """Return status and answer of a call, made beside the bridge, as the page of an annotator makes them."""
        status, content = send(
            method, self.url + path, None if body is None else json.dumps(body).encode(), f"Token {token}"
        )
        try:
            return status, json.loads(content) if content else None
        except ValueError:
            return status, content


def annotator(server, email):
    """Sign somebody up, as the page does, and return the token of the account."""
    status, invite = server.call("GET", "/api/invite")
    assert status == 200, invite
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    place = f"{server.url}{invite['invite_url']}"
    opener.open(place).close()
    fields = {
        "email": email,
        "password": PASSWORD,
        "csrfmiddlewaretoken": next(c.value for c in jar if "csrf" in c.name),
    }
    opener.open(place, urllib.parse.urlencode(fields).encode()).close()
    with opener.open(f"{server.url}/api/current-user/token") as answer:
        return json.loads(answer.read())["token"]


def install():
    """Make the environment and the prepared folder, unless they are there."""
    if not PROGRAM.exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
        subprocess.run([str(HOME / "bin" / "python"), "-m", "pip", "install", "-q", RELEASE], check=True)
    if not PREPARED.exists():
        made = HOME / "preparing"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        server = RealServer(made)
        try:
            server.start()
        finally:
            server.end()
        made.rename(PREPARED)


@contextlib.contextmanager
def started(folder):
    """Run Label Studio on a copy of the prepared folder."""
    install()
    data = Path(folder) / "label-studio"
    shutil.copytree(PREPARED, data)
    server = RealServer(data)
    try:
        yield server.start()
    finally:
        server.kill()


if __name__ == "__main__":
    install()
    command = [sys.executable, "-m", "pytest", "-q", "-m", "label_studio", "tests/bridges", *sys.argv[1:]]
    raise SystemExit(subprocess.run(command, cwd=ROOT, check=False).returncode)
