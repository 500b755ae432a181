"""The commands: a session of a file served without a notebook, and every way in which that cannot be, in a sentence."""

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import alwidgets as alw
from alwidgets.service import command
from alwidgets.service.tokens import BearerTokens, new_token
from tests.service.visitor import Caller, ask

ROOT = Path(__file__).parents[2]
SPAM = """
import alwidgets as alw
import numpy as np
from sklearn.naive_bayes import GaussianNB

class Own(GaussianNB):
    pass

def session():
    X = np.random.default_rng(0).normal(size=(60, 3))
    items = [f"SAMPLE {i}" for i in range(60)]
    return alw.Session(X, items, classes=["ham", "spam"], learner=Own(), journal="spam.alw", random_state=0, audit=0,
                       batch_size=4, fit_in="process")
"""


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


@pytest.fixture
def run():
    """A function that starts a command, which ends with the test."""
    started = []

    def start(*arguments, **options):
        started.append(Served(*arguments, **options))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to end a process by")
def test_a_session_of_a_file_is_served_and_ended_with_nothing_lost(run, tmp_path):
    (tmp_path / "mails.py").write_text(SPAM)
    token, line = new_token("ann", "expert")
    served = run(tmp_path, "serve", "mails.py:session", "--port", "0", tokens=line)
    ann = Caller(served.line("Serving.")["url"], token)
    given = {}
    while len(given) < 10:
        item = ann.next()[0]
        label = ("ham", "spam")[len(given) % 2]
        assert ann.answer(item, label).status == 200
        given[item] = label
    assert ann.call("POST", "/v1/answers", b'{"SAMPLE').status == 400
    # A second one finds who has it.
    second = run(tmp_path, "serve", "mails.py", "--port", "0")
    status, _, said = second.process.wait(60), *second.process.communicate()
    assert (status, said.count("\n")) == (1, 1)
    assert f"spam.alw is held by process {served.process.pid} on " in said
    status, out, log = served.end()
    assert (status, out) == (0, "")
    rows = [json.loads(each) for each in log.splitlines()]
    assert [row["message"] for row in rows if row["logger"] == "alwidgets.service.command"] == [
        "Serving.", "SIGTERM came: what is being answered will be, and nothing more.", "Stopped.",
    ]  # fmt: skip
    requests = [row for row in rows if row["logger"] == "alwidgets.requests"]
    assert {(row["method"], row["path"], row["status"], row["person"]) for row in requests} == {
        ("GET", "/v1/next", 200, "ann"), ("POST", "/v1/answers", 200, "ann"), ("POST", "/v1/answers", 400, "ann"),
    }  # fmt: skip
    assert "SAMPLE" not in log
    assert token not in log
    # What was acknowledged is there when it starts again, and answered by another one with the same model.
    again = run(tmp_path, "serve", "mails.py:session", "--port", "0", tokens=line)
    ann = Caller(again.line("Serving.")["url"], token)
    assert {row["item"]: row["label"] for row in ann.get("/v1/labels")["labels"]} == given
    assert ann.call("POST", "/v1/predict", {"samples": [[0, 0, 0]]}).json()["model"]["round"] >= 1
    assert again.end(signal.SIGINT)[0] == 0
    assert alw.verify(tmp_path / "spam.alw").sound


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to end a process by")
def test_a_strategy_that_never_ends_does_not_keep_the_service_from_ending(run, tmp_path):
    hanging = (
        SPAM.replace("cold_start", "").replace('fit_in="process"', "cold_start=hang").replace('"spam.alw"', "None")
    )
    (tmp_path / "mails.py").write_text(f"import time\n{hanging}\ndef hang(view):\n    time.sleep(1000)\n")
    token, line = new_token("ann", "expert")
    served = run(tmp_path, "serve", "mails.py", "--port", "0", tokens=line)
    url = served.line("Serving.")["url"]
    assert served.line("The session has no journal: its labels are gone when the process ends.")["level"] == "warning"
    reply = Caller(url, token).call("GET", "/v1/next")
    assert (reply.json()["questions"], reply.json()["done"], reply.headers["Retry-After"]) == ([], False, "1")
    status, _, log = served.end()
    assert status == 0
    assert json.loads(log.splitlines()[-1])["message"] == "Stopped."


@pytest.fixture
def tried(tmp_path, monkeypatch, capsys):
    """A function that does a command in here which cannot be, and returns its status and what it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("alwidgets.service.logs.begin", lambda: None)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delenv(command.VARIABLE, raising=False)
    before = set(sys.modules)

    def do(*arguments):
        status = command.main(list(map(str, arguments)))
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("alwidgets: ")
        assert said.err.count("\n") == 1
        assert "Traceback" not in said.err
        return status, said.err

    yield do
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 2, "the following arguments are required: COMMAND; see alwidgets --help."),
        (["label"], 2, "invalid choice: 'label'"),
        (["serve"], 2, "required: FILE:NAME"),
        (["serve", "good.py", "--port", "x"], 2, "argument --port: invalid int value: 'x'"),
        (["serve", "good.py", "--port", "70000"], 2, "port is 70000; expected 0 to 65535."),
        (["serve", "good.py", "--host", "no.such.host.example"], 1, "cannot listen on no.such.host.example"),
        (["serve", "good.py", "--address", "x"], 2, "address is 'x'; expected one such as"),
        (["serve", "nothing.py"], 2, "nothing.py is not a file; expected one that defines a session."),
        (["serve", "good"], 2, "session is 'good'; expected a file and a name, as digits.py:session."),
        (["serve", "good.py:a b"], 2, "expected a file and a name"),
        (["serve", "good.py:other"], 2, "good.py has no 'other'; expected one of its names, such as ['alw', "),
        (["serve", "good.py:number"], 2, "number of good.py is an int; expected a Session, or a function"),
        (["serve", "good.py:raises"], 1, "raises() of good.py failed: KeyError: 'x' (line 8 of raises)."),
        (["serve", "good.py:leaves"], 1, "leaves() of good.py failed: SystemExit: 3"),
        (["serve", "good.py:closed"], 1, "The session of good.py is closed; expected an open one."),
        (["serve", "broken.py"], 1, "broken.py failed: ValueError: no such data (line 2 of <module>)."),
        (["serve", "wrong.py"], 1, "wrong.py failed: SyntaxError: "),
        (["serve", "json.py"], 2, "json.py has the name of another module"),
        (["serve", "good.py", "--tokens", "nothing"], 2, "No such file"),
        (["serve", "good.py", "--tokens", "good.py"], 2, "line 2 of good.py is not a token"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_told_in_a_sentence(tried, tmp_path, arguments, status, words):
    (tmp_path / "good.py").write_text(
        "\nimport alwidgets as alw\nimport numpy as np\nfrom sklearn.naive_bayes import GaussianNB\n"
        "session = alw.Session(np.eye(4), classes=['a', 'b'], learner=GaussianNB())\nnumber = 3\n"
        "def raises():\n    raise KeyError('x')\ndef leaves():\n    raise SystemExit(3)\n"
        "closed = alw.Session(np.eye(4), classes=['a', 'b'], learner=GaussianNB())\nclosed.close()\n"
    )
    (tmp_path / "broken.py").write_text("import numpy\nraise ValueError('no such data')\n")
    (tmp_path / "wrong.py").write_text("session = (\n")
    (tmp_path / "json.py").write_text("session = 3\n")
    found, said = tried(*arguments)
    assert found == status
    assert words in said


def test_a_port_that_another_program_has_is_told_and_the_journal_is_free(tried, tmp_path):
    (tmp_path / "mails.py").write_text(SPAM)
    with socket.create_server(("127.0.0.1", 0)) as other:
        status, said = tried("serve", "mails.py", "--port", other.getsockname()[1])
    assert status == 1
    assert "in use" in said
    assert said.endswith("; pass another port, or 0.\n")
    assert alw.Session.find_open(tmp_path / "spam.alw") is None


def test_a_token_is_drawn_and_its_line_kept(tmp_path, capsys):
    file = tmp_path / "tokens"
    for name, role in (("Ann Lee", "annotator"), ("bot", "viewer")):
        assert command.main(["token", name, "--role", role, "--file", str(file)]) == 0
        assert BearerTokens(file).person(capsys.readouterr().out.strip()).name == name
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert command.main(["token", "eve", "--role", "expert"]) == 0
    token, line = capsys.readouterr().out.splitlines()
    assert BearerTokens(text=line).person(token).role == "expert"
    file.write_text("something else")
    assert command.main(["token", "zoe", "--file", str(file)]) == 1
    assert file.read_text() == "something else"
    assert command.main(["token", " "]) == 2
    assert "name is ' '" in capsys.readouterr().err


def test_links_are_printed_where_somebody_wants_them(run, tmp_path):
    (tmp_path / "mails.py").write_text(SPAM.replace('journal="spam.alw", ', ""))
    served = run(tmp_path, "serve", "mails.py", "--port", "0", "--links")
    url = served.line("Serving.")["url"]
    name, link = served.process.stdout.readline().strip().split(": ", 1)
    assert (name, link.startswith(f"{url}?key=")) == ("annotator", True)
    assert ask(link).status == 200
    assert served.end()[0] == 0
