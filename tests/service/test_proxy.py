"""A page behind jupyter-server-proxy: all of it works below another path, for whoever is logged in to that Jupyter."""

import os
import socket
import subprocess
import sys
import threading
import urllib.parse

import pytest

import alwidgets as alw
from tests.service.visitor import ask

TOKEN = "let-me-in"  # noqa: S105 - of the test
LOGIN = {"Authorization": f"token {TOKEN}"}


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """A Jupyter server that proxies, and its log."""
    tmp_path = tmp_path_factory.mktemp("jupyter")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folders = {
        f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")
    }  # fmt: skip
    log = (tmp_path / "server.log").open("w")
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
            f"--IdentityProvider.token={TOKEN}", "--ServerApp.jpserver_extensions=jupyter_server_proxy=True",
            "--debug",
        ],
        cwd=tmp_path, env=os.environ | folders | {"PYTHONWARNINGS": ""}, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    while server.poll() is None:
        try:
            ask(f"http://127.0.0.1:{port}/api")
            break
        except OSError:
            threading.Event().wait(0.1)  # nothing to wait on but the port itself
    yield f"http://127.0.0.1:{port}/", tmp_path / "server.log"
    server.terminate()
    server.wait(60)
    log.close()


def test_people_label_through_it_and_outsiders_do_not(jupyter, make_session, serve, visit):
    address, log = jupyter
    page = serve(make_session(), ["ann"])
    behind = f"{address}proxy/{page.port}/"
    link = f"{behind}?{urllib.parse.urlsplit(page.links['ann']).query}"
    assert "login" in ask(link).body.decode().lower()
    assert ask(behind + "enter", **{"X-Alwidgets-Key": "wrong"} | LOGIN).status == 403
    assert ask(link, **LOGIN).body == ask(page.url).body
    assert ask(behind + "page.js", **LOGIN).body == ask(page.url + "page.js").body
    ann = visit(link)
    origin = {"Origin": address.rstrip("/")} | LOGIN
    entry = ann.enter(**origin)
    assert entry.status == 200, entry.body
    ann.connect(entry.json()["ticket"], **origin)
    ann.hear_until(lambda: ann.states.get("labeler"))
    ann.say({"kind": "need", "items": [3]}, "labeler")
    assert ann.label(3)["kind"] == "ack"
    assert page.session.labels["annotator"].tolist() == ["ann"]
    ann.close_socket()
    # Jupyter logs the address that was opened; of the connection, only a ticket that was used.
    later = [line for line in log.read_text().splitlines() if "?key=" not in line and "%3Fkey%3D" not in line]
    assert any("/talk" in line for line in later)
    assert ann.key not in "\n".join(later)


def test_another_kernel_labels_through_it_with_the_token_of_that_jupyter(jupyter, make_session, serve):
    address, _ = jupyter
    page = serve(make_session(), ["ann"])
    link = f"{address}proxy/{page.port}/?{urllib.parse.urlsplit(page.links['ann']).query}"
    with pytest.raises(ValueError, match=r"not a page of a session \(status \d+\).*add '&token='"):
        alw.connect(link)
    ann = alw.connect(f"{link}&token={TOKEN}")
    ann._connection.say({"kind": "answer", "event_id": "e", "item": 3, "value": 0, "round": 0}, [])
    assert ann.wait(60)
    assert page.session.labels["annotator"].tolist() == ["ann"]
    ann.close()
