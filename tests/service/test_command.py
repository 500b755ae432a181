"""The commands: a session of a file served without a notebook, and every way in which that cannot be, in a sentence."""

import json
import os
import signal
import socket
import stat
import sys

import pytest

import alwidgets as alw
from alwidgets.service import command
from alwidgets.service.session_file import open_session, policy_of
from alwidgets.service.tokens import BearerTokens, new_token
from tests.service.visitor import Caller, ask

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


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to end a process by")
def test_a_session_of_a_file_is_served_and_ended_with_nothing_lost(run, tried, tmp_path):
    (tmp_path / "mails.py").write_text(SPAM)
    token, line = new_token("ann", "expert")
    served = run("serve", "mails.py:session", "--port", "0", tokens=line)
    ann = Caller(served.line("Serving.")["url"], token)
    given = {}
    while len(given) < 10:
        item = ann.next()[0]
        label = ("ham", "spam")[len(given) % 2]
        assert ann.answer(item, label).status == 200
        given[item] = label
    assert ann.call("POST", "/v1/answers", b'{"SAMPLE').status == 400
    # A second one finds who has it.
    status, said = tried("serve", "mails.py", "--port", "0")
    assert status == 1
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
    again = run("serve", "mails.py:session", "--port", "0", tokens=line)
    ann = Caller(again.line("Serving.")["url"], token)
    assert {row["item"]: row["label"] for row in ann.get("/v1/labels")["labels"]} == given
    # Each call waits for the fit, for some seconds.
    while not ann.call("POST", "/v1/retrain").json()["done"]:
        pass
    assert ann.call("POST", "/v1/predict", {"samples": [[0, 0, 0]]}).json()["model"]["round"] >= 1
    assert again.end(signal.SIGINT)[0] == 0
    assert alw.verify(tmp_path / "spam.alw").sound


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to end a process by")
def test_links_are_printed_where_wanted_and_a_strategy_that_never_ends_keeps_nothing_from_ending(run, tmp_path):
    hanging = (
        SPAM.replace("cold_start", "").replace('fit_in="process"', "cold_start=hang").replace('"spam.alw"', "None")
    )
    (tmp_path / "mails.py").write_text(f"import time\n{hanging}\ndef hang(view):\n    time.sleep(1000)\n")
    token, line = new_token("ann", "expert")
    served = run("serve", "mails.py", "--port", "0", "--links", tokens=line)
    url = served.line("Serving.")["url"]
    name, link = served.process.stdout.readline().strip().split(": ", 1)
    assert (name, link.startswith(f"{url}?key=")) == ("annotator", True)
    assert ask(link).status == 200
    assert served.line("The session has no journal: its labels are gone when the process ends.")["level"] == "warning"
    reply = Caller(url, token).call("GET", "/v1/next")
    assert (reply.json()["questions"], reply.json()["done"], reply.headers["Retry-After"]) == ([], False, "1")
    status, _, log = served.end()
    assert status == 0
    assert json.loads(log.splitlines()[-1])["message"] == "Stopped."


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 2, "the following arguments are required: COMMAND; see alwidgets --help."),
        (["label"], 2, "invalid choice: 'label'"),
        (["serve"], 2, "required: FILE:NAME"),
        (["serve", "good.py", "--port", "x"], 2, "argument --port: invalid int value: 'x'"),
        (["serve", "good.py", "--port", "70000"], 2, "port is 70000; expected 0 to 65535."),
        (["serve", "good.py", "--host", "no.such.host.example"], 1, "expected an address of this machine, as 127."),
        (["serve", "good.py", "--host", "192.0.2.1"], 1, "); expected an address of this machine, as 127.0.0.1, or 0"),
        (["serve", "good.py:waits"], 2, "waits of good.py is an async function; expected one without async.\n"),
        (["serve", "good.py", "--policy", "waits_too"], 2, "waits_too of good.py is an async function; expected one"),
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
        (["serve", "wrong.py"], 1, "wrong.py failed: SyntaxError: '(' was never closed (wrong.py, line 2).\n"),
        (["serve", "indented.py"], 1, "IndentationError: unexpected indent (indented.py, line 3).\n"),
        (["serve", "bytes.py"], 1, "source code string cannot contain null bytes"),
        (["serve", "latin.py"], 1, "latin.py failed: SyntaxError: "),
        (["serve", "importing.py"], 1, "importing.py failed: SyntaxError: '(' was never closed (wrong.py, line 2).\n"),
        (["serve", "missing.py"], 1, "ModuleNotFoundError: No module named 'no_such' (line 1 of <module>)."),
        (["serve", "calling.py"], 1, "ZeroDivisionError: division by zero (line 2 of divided, divided.py).\n"),
        (["serve", "good.py:asserts"], 1, "asserts() of good.py failed: AssertionError (line 16 of asserts).\n"),
        (["serve", "good.py:speaks"], 1, "ValueError: no data in two lines (line 18 of speaks).\n"),
        (["serve", "good.py:needs"], 1, "needs() of good.py failed: TypeError: needs() missing 1 required positional"),
        (["serve", "folder.py"], 2, "folder.py is not a file; expected one that defines a session."),
        (["serve", "json.py"], 2, "json.py has the name of another module"),
        (["serve", "good.py", "--tokens", "nothing"], 2, "nothing cannot be read: No such file or directory; expected"),
        (["serve", "good.py", "--tokens", "good.py"], 2, "line 2 of good.py is not a token"),
        (["serve", "good.py", "--dry-run"], 2, "--dry-run is for a policy; expected --policy NAME beside it."),
        (["serve", "good.py", "--policy", "number"], 2, "number of good.py is an int; expected a Policy, "),
        (["serve", "good.py", "--policy", "nothing"], 2, "good.py has no 'nothing'; expected one of its names"),
        (["serve", "good.py", "--policy", "failing"], 1, "failing(session) of good.py failed: OSError: no server"),
        (["worker", "."], 2, "no queue is given; expected --broker redis://..., or ALWIDGETS_BROKER."),
        (["worker", "good.py", "--broker", "redis://x"], 1, "good.py cannot be the folder of fits: File exists."),
        (["worker", ".", "--broker", "redis://x", "--fits", "0"], 2, "one fit at once or more."),
        (["worker", ".", "--broker", "redis://x", "--longest-fit", "nan"], 2, "the longest fit is nan seconds; expec"),
        (["worker", ".", "--broker", "redis://x", "--longest-fit", "inf"], 2, "the longest fit is inf seconds; expec"),
        (["worker", ".", "--broker", "foo://me:secret@x"], 2, "begins with 'foo', which Celery does not know; expect"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_told_in_a_sentence(tried, tmp_path, arguments, status, words):
    (tmp_path / "good.py").write_text(
        "\nimport alwidgets as alw\nimport numpy as np\nfrom sklearn.naive_bayes import GaussianNB\n"
        "session = alw.Session(np.eye(4), classes=['a', 'b'], learner=GaussianNB())\nnumber = 3\n"
        "def raises():\n    raise KeyError('x')\ndef leaves():\n    raise SystemExit(3)\n"
        "def failing(session):\n    raise OSError('no server')\n"
        "closed = alw.Session(np.eye(4), classes=['a', 'b'], learner=GaussianNB())\nclosed.close()\n"
    )
    (tmp_path / "broken.py").write_text("import numpy\nraise ValueError('no such data')\n")
    with (tmp_path / "good.py").open("a") as file:
        file.write("def asserts():\n    assert False\ndef speaks():\n    raise ValueError('no data\\nin two lines')\n")
        file.write("def needs(x):\n    pass\nasync def waits():\n    pass\nasync def waits_too(session):\n    pass\n")
    (tmp_path / "wrong.py").write_text("\nsession = (\n")
    (tmp_path / "indented.py").write_text("def session():\n  x = 1\n    y = 2\n")
    (tmp_path / "bytes.py").write_bytes(b"session = 1\0\n")
    (tmp_path / "latin.py").write_bytes(b"session = '\xe9t\xe9'\n")
    (tmp_path / "importing.py").write_text("import wrong\n")
    (tmp_path / "missing.py").write_text("import no_such\n")
    (tmp_path / "divided.py").write_text("def divided():\n    return 1 / 0\n")
    (tmp_path / "calling.py").write_text("import divided\ndef session():\n    return divided.divided()\n")
    (tmp_path / "folder.py").mkdir()
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
    assert command.main(["token", " "]) == 2
    assert "name is ' '" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "name", "words"),
    [
        ("something else\n", "zoe", "no token was drawn: line 1 of tokens is not a token; expected"),
        (f"sha256:{'0' * 64} annotator ann", "Ann", "line 2 of tokens has 'Ann' as expert, and line 1 of tokens 'ann'"),
        ("#" * (2**20 - 9), "zoe", "tokens would have more than 1,048,576 bytes; expected less: take lines out."),
    ],
)
def test_a_token_that_would_end_all_others_is_not_drawn(tried, tmp_path, before, name, words):
    (tmp_path / "tokens").write_text(before)
    status, said = tried("token", name, "--role", "expert", "--file", "tokens")
    assert status == 1
    assert words in said
    assert (tmp_path / "tokens").read_text() == before
    assert [each.name for each in tmp_path.iterdir() if "tokens" in each.name] == ["tokens"]


def test_a_token_for_a_folder_that_is_not_there_is_told_by_the_name_that_was_given(tried):
    status, said = tried("token", "ann", "--file", "no/such/t")
    assert status == 1
    assert said == (
        "alwidgets: no/such/t cannot be written: No such file or directory; expected a file in a folder that is "
        "there.\n"
    )


def test_a_policy_is_one_or_what_a_function_makes_of_the_session(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "ruled.py").write_text(
        "import alwidgets as alw, numpy as np\nfrom sklearn.naive_bayes import GaussianNB\n"
        "session = alw.Session(np.eye(4), classes=['a', 'b'], learner=GaussianNB())\n"
        "policy = alw.Policy(retrain_minutes=3)\n"
        "def made(session):\n    return alw.Policy(retrain_minutes=session.n_samples)\n"
    )
    where = str(tmp_path / "ruled.py")
    session = open_session(where)
    assert [policy_of(where, name, session).retrain_minutes for name in ("policy", "made")] == [3, 4]
    session.close()
    del sys.modules["ruled"]
