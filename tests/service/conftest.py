"""A page that is served, and visitors who open it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError

from tests.service.served import Served
from tests.service.visitor import Caller, Visitor

ROOT = Path(__file__).parents[2]
# What takes long to import is imported once, and a server is a fork of that.
SERVERS = """
import json, os, signal, sys
sys.path.insert(0, {root!r})
import numpy as np
import alwidgets as alw
import alwidgets.service.server
from sklearn.naive_bayes import GaussianNB
X = np.random.default_rng(0).normal(size=(300, 4))
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        folder, home = json.loads(line)
        os.chdir(folder)
        os.environ.update(home)
        session = alw.Session(X, classes=["ham", "spam"], learner=GaussianNB(), journal="spam.alw", random_state=0,
                              audit=0)
        print(json.dumps([os.getpid(), session.serve(["ann", "bob"]).links]), flush=True)
        signal.pause()
    os.waitpid(pid, 0)
    print("dead", flush=True)
"""
HOME = ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA")


@pytest.fixture(scope="package")
def killable():
    """A function that starts a server of the journal in a folder, which can be killed."""
    servers = subprocess.Popen(
        [sys.executable, "-c", SERVERS.format(root=str(ROOT))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    class Killable:
        def __init__(self, folder):
            home = {name: os.environ[name] for name in HOME if name in os.environ}
            print(json.dumps([str(folder), home]), file=servers.stdin, flush=True)
            self.pid, self.links = json.loads(servers.stdout.readline())

        def kill(self):
            os.kill(self.pid, signal.SIGKILL)
            assert servers.stdout.readline() == "dead\n"

    yield Killable
    servers.communicate()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of one's own for the secrets of links."""
    home = tmp_path / "home"
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.setenv("LOCALAPPDATA", str(home))
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def serve():
    """A function that serves a session, until the test is over."""
    pages = []

    def start(session, *args, **options):
        pages.append(session.serve(*args, **options))
        return pages[-1]

    yield start
    for page in pages:
        page.close()


@pytest.fixture
def caller():
    """A function that makes a caller with the key of a link."""
    return lambda page, name: Caller(page.url, page.link(name).partition("?key=")[2])


@pytest.fixture
def visit():
    """A function that makes a visitor of a link."""
    visitors = []

    def make(link):
        visitors.append(Visitor(link))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def refused():
    """A function that opens a WebSocket which is refused, and returns the status."""

    def status(visitor, ticket, **headers):
        with pytest.raises(HTTPClientError) as error:
            visitor.connect(ticket, **headers)
        return error.value.code

    return status


@pytest.fixture
def run(tmp_path):
    """A function that starts a command in the folder of the test, which ends with it."""
    started = []

    def start(*arguments, tokens=""):
        started.append(Served(tmp_path, *map(str, arguments), tokens=tokens))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()
