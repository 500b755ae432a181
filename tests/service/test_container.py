"""The image and the services beside it: their commands are there, and what is built labels, is killed, and goes on."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from alwidgets.service import command
from alwidgets.service.tokens import new_token
from tests.service.visitor import Caller, ask

yaml = pytest.importorskip("yaml")
ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SESSION = """
import alwidgets as alw
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

X, _ = load_digits(return_X_y=True)
session = alw.Session(X, classes=range(10), learner=LogisticRegression(max_iter=50), journal="digits.alw",
                      fit_in="process", retrain_every=20, random_state=0)
"""


def said(name):
    """Return the words of an instruction of the image."""
    return json.loads(re.findall(rf"^\s*{name} (\[.*\])$", DOCKERFILE, re.MULTILINE)[-1])


@pytest.mark.parametrize("words", [said("CMD"), COMPOSE["services"]["worker"]["command"]], ids=" ".join)
def test_what_a_container_runs_is_a_command(words):
    given = command._parser().parse_args(words)
    assert callable(given.act)


def test_the_services_are_those_of_the_documentation_and_have_no_rights():
    services = COMPOSE["services"]
    assert set(services) == {"session", "worker", "queue", "label-studio"}
    for name in ("session", "worker"):
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True
        assert services[name]["environment"]["ALWIDGETS_BROKER"].startswith("redis://queue:")
    assert "ports" not in services["queue"]
    assert not [service["image"] for service in services.values() if service.get("image", "").endswith(":latest")]
    # The folder of fits is made by whoever starts first.
    assert services["worker"]["depends_on"] == ["queue"]


def test_the_image_is_healthy_when_the_service_says_so_and_runs_as_nobody_special():
    assert re.search(r"^USER alwidgets$", DOCKERFILE, re.MULTILINE)
    check = re.search(r"CMD (\[\"python\", \"-c\".*\])", DOCKERFILE)
    compile(json.loads(check[1])[2], "HEALTHCHECK", "exec")
    assert "/healthz" in check[1]
    assert "STOPSIGNAL SIGTERM" in DOCKERFILE


# Built -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def buildah(tmp_path_factory):
    """A function that calls buildah with an image that was built on a root folder of Debian with Python."""
    base = os.environ.get("ALWIDGETS_BASE_IMAGE")
    if base is None or shutil.which("buildah") is None:
        pytest.skip("building takes minutes: it is tried with buildah where ALWIDGETS_BASE_IMAGE names a base folder")
    place = tmp_path_factory.mktemp("images")
    options = ["--root", str(place / "storage"), "--runroot", str(place / "run"), "--storage-driver", "vfs"]

    def call(*words):
        return subprocess.run(["buildah", *options, *words], check=True, capture_output=True, text=True).stdout.strip()

    call.options = options
    fresh = call("from", "scratch")
    call("copy", "-q", fresh, base, "/")
    call("commit", "-q", fresh, re.findall(r"^FROM (.*)$", DOCKERFILE, re.MULTILINE)[-1])
    call("build", "-q", "--isolation", "chroot", "--pull-never", "--format", "docker", "-t", "alwidgets", str(ROOT))
    return call


class Container:
    """A container that runs what the image runs, at a port of its own."""

    def __init__(self, buildah, work, port):
        container = buildah("from", "--pull-never", "alwidgets")
        # Else it has an empty one of its own there, whatever is mounted.
        buildah("config", "--volume", "/data-", container)
        words = [*said("ENTRYPOINT"), *(str(port) if word == "8000" else word for word in said("CMD"))]
        run = ["run", "--isolation", "chroot", "--volume", f"{work}:/data", container, "--", *words]
        self.process = subprocess.Popen(
            ["buildah", *buildah.options, *run], start_new_session=True, stderr=subprocess.PIPE
        )
        self.address = f"http://127.0.0.1:{port}"
        for line in self.process.stderr:
            if b'"Serving."' in line:
                return
        raise AssertionError("it does not serve")

    def kill(self):
        """Kill all of it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        for pid in self.inside():
            os.kill(pid, signal.SIGKILL)
        self.process.communicate()

    def end(self):
        """End it as a container is stopped; return its status."""
        os.kill(next(self.inside()), signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def inside(self):
        """Processes of the service, which are of the user of the image."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if b"python" in words[0] and b"serve" in words and folder.stat().st_uid == 1000:
                    yield int(folder.name)


@pytest.mark.timeout(900)
def test_what_is_built_labels_is_killed_and_goes_on_with_nothing_lost(buildah, tmp_path):
    token, line = new_token("ann", "expert")
    (tmp_path / "session.py").write_text(SESSION)
    (tmp_path / "tokens").write_text(f"{line}\n")
    for path in (tmp_path, *tmp_path.iterdir()):
        os.chown(path, 1000, 1000)
    for folder in tmp_path.parents:
        with contextlib.suppress(OSError):
            folder.chmod(folder.stat().st_mode | 0o055)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    given = {}
    for ends in ("kill", "end", "kill"):
        container = Container(buildah, tmp_path, port)
        ann = Caller(container.address, token)
        assert {row["item"]: row["label"] for row in ann.get("/v1/labels")["labels"]} == given
        assert ask(f"{container.address}/healthz").status == 200
        while len(given) % 30 or not given:
            for item in ann.next(5):
                assert ann.answer(item, item % 10).status == 200
                given[item] = item % 10
        (asked,) = ann.next(1)
        assert ann.answer(asked, 3).status == 200
        given[asked] = 3
        assert getattr(container, ends)() in (None, 0)
        with pytest.raises(OSError, match="onnection"):
            ask(f"{container.address}/healthz")
    assert len(given) > 30
