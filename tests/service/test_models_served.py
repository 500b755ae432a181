"""Models of folders served without their session: predictions alone, and the way back to one of before."""

import json
import os
import shutil
import signal
import socket
import sys

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.models.saved import ModelError
from alwidgets.service import command
from alwidgets.service.model_folder import FolderModels, choose
from alwidgets.service.tokens import new_token
from tests.service.visitor import Caller, ask

X = np.random.default_rng(0).normal(size=(40, 3))


@pytest.fixture
def folder(tmp_path):
    """A folder with the models of three rounds, and what each predicts of X."""
    session = alw.Session(X, classes=["ham", "spam"], learner=LogisticRegression(), audit=0, random_state=0)
    (tmp_path / "models").mkdir()
    expected = {}
    for number in (1, 2, 3):
        for row in range(4 * number - 4, 4 * number):
            session.teach(row, ("ham", "spam")[row % 2])
        session.retrain()
        expected[number] = session.learner.predict_proba(X).tolist()
        session.export_model(tmp_path / "models" / f"round-{number}")
    session.close()
    return tmp_path / "models", expected


def test_the_model_of_the_highest_round_is_served_and_another_one_when_it_is_chosen(folder):
    place, expected = folder
    models = FolderModels(place)
    assert models.current().round == 3
    assert models.current().predict_proba(X).tolist() == expected[3]
    assert choose(place, "1").name == "round-1"
    assert models.current().predict_proba(X).tolist() == expected[1]
    assert choose(place, "round-2").name == "round-2"
    assert (models.current().round, FolderModels(place).current().round) == (2, 2)
    (place / "served").unlink()
    assert models.current().round == 3


def test_one_that_cannot_be_opened_leaves_the_one_before(folder, caplog):
    place, _ = folder
    models = FolderModels(place)
    (place / "round-1" / "model.skops").write_bytes(b"x")
    (place / "served").write_text("round-1")
    assert models.current().round == 3
    assert "The model before is served on: " in caplog.text
    choose(place, "round-2")
    assert models.current().round == 2
    (place / "served").write_text("../elsewhere")
    assert models.current().round == 2
    with pytest.raises(ModelError, match="is not a model there"):
        FolderModels(place)


def test_one_that_was_mended_is_served_when_it_is_chosen_again_or_is_whole(folder):
    place, _ = folder
    models = FolderModels(place)
    whole = (place / "round-1" / "model.skops").read_bytes()
    (place / "round-1" / "model.skops").write_bytes(b"x")
    (place / "served").write_text("round-1")
    assert models.current().round == 3
    (place / "round-1" / "model.skops").write_bytes(whole)
    assert models.current().round == 1


def test_one_that_is_copied_in_while_it_serves_is_served_once_it_is_whole(folder, caplog):
    place, expected = folder
    (place / "round-3").rename(place.parent / "round-3")
    models = FolderModels(place)
    (place / "copy").mkdir()
    assert models.current().round == 2
    for name in ("model.json", "model.skops"):
        assert models.current().round == 2
        (place / "copy" / name).write_bytes((place.parent / "round-3" / name).read_bytes())
    assert models.current().predict_proba(X).tolist() == expected[3]
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1


def test_another_model_under_the_name_of_the_one_that_is_served_takes_its_place(folder):
    place, expected = folder
    choose(place, "round-2")
    models = FolderModels(place)
    assert models.current().round == 2
    shutil.rmtree(place / "round-2")
    assert models.current().round == 2
    shutil.copytree(place / "round-1", place / "round-2")
    assert models.current().predict_proba(X).tolist() == expected[1]


def test_a_model_that_cannot_be_opened_is_not_chosen(folder, capsys):
    place, _ = folder
    (place / "round-1" / "model.skops").write_bytes(b"x")
    assert command.main(["choose-model", str(place), "1"]) == 1
    assert "it does not match the checksum in model.json" in capsys.readouterr().err
    assert FolderModels(place).current().round == 3


def test_a_model_that_is_none_is_told(folder, tmp_path, capsys):
    place, _ = folder
    with pytest.raises(ModelError, match="nothing has no model; expected a folder that export_model wrote"):
        FolderModels(tmp_path / "nothing")
    assert command.main(["choose-model", str(place), "9"]) == 1
    said = capsys.readouterr().err
    assert "'9' is none of the models in" in said
    assert "expected the name of one: round-1 (round 1), round-2 (round 2), round-3 (round 3)." in said
    (place / "round-2").rename(place / "spare")
    (place / "spare").joinpath("model.json").write_bytes((place / "round-1" / "model.json").read_bytes())
    with pytest.raises(ModelError, match="'1' is the round of several of the models"):
        choose(place, "1")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to end a process by")
def test_the_command_serves_predictions_alone(folder, run, capsys):
    place, expected = folder
    token, line = new_token("bot", "viewer")
    served = run("serve-model", place, "--port", "0", tokens=line)
    said = served.line("Serving.")
    assert (said["round"], said["folder"]) == (3, str(place))
    bot = Caller(f"http://127.0.0.1:{said['port']}", token)
    found = bot.call("POST", "/v1/predict", {"samples": X.tolist()}).json()
    assert (found["model"]["round"], found["probabilities"]) == (3, expected[3])
    assert command.main(["choose-model", str(place), "2"]) == 0
    assert capsys.readouterr().out.strip() == str(place / "round-2")
    assert bot.call("POST", "/v1/predict", {"samples": X.tolist()}).json()["probabilities"] == expected[2]
    paths = set(bot.get("/openapi.json")["paths"])
    assert paths == {"/v1/predict", "/v1/predict-array", "/healthz", "/readyz", "/metrics", "/openapi.json"}
    assert bot.get("/readyz") == {"ready": True}
    assert bot.call("GET", "/v1/next").status == 404
    assert bot.call("GET", "/").status == 404
    assert ask(f"{bot.address}/v1/predict", "POST", b"{}").status == 401
    for path, body in (
        ("/v1/predict", {"samples": [[0, 0, 0]], "round": 9}),
        ("/v1/predict?round=9", {"samples": [[0, 0, 0]]}),
    ):
        unknown = bot.call("POST", path, body)
        assert (unknown.status, "'round'" in unknown.json()["error"]) == (422, True)
    status, _, log = served.end(signal.SIGINT)
    assert status == 0
    assert [json.loads(each)["message"] for each in log.splitlines()][-1] == "Stopped."


def test_types_that_are_not_trusted_are_named_and_nothing_is_served(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("alwidgets.service.logs.begin", lambda: None)
    labels = {0: "ham", 1: "spam"}
    forest = RandomForestClassifier(5, random_state=0)
    session = alw.Session(X, classes=["ham", "spam"], learner=forest, labels=labels, audit=0)
    session.retrain()
    session.export_model(tmp_path / "forest")
    monkeypatch.delenv(command.VARIABLE, raising=False)
    assert command.main(["serve-model", str(tmp_path / "forest")]) == 2
    assert "nobody has a token; draw one by alwidgets token" in capsys.readouterr().err
    monkeypatch.setenv(command.VARIABLE, new_token("bot", "viewer")[1])
    assert command.main(["serve-model", str(tmp_path / "forest")]) == 1
    assert "sklearn.tree._tree.Tree" in capsys.readouterr().err
    assert FolderModels(tmp_path / "forest", ["sklearn.tree._tree.Tree"]).current().round == 1


def test_a_port_that_another_program_has_is_told(folder, monkeypatch, capsys):
    monkeypatch.setattr("alwidgets.service.logs.begin", lambda: None)
    monkeypatch.setenv(command.VARIABLE, new_token("bot", "viewer")[1])
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert command.main(["serve-model", str(folder[0]), "--port", str(port)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"alwidgets: cannot listen on 127.0.0.1, port {port} (")
    assert said.endswith("); pass another port, or 0.\n")


def test_without_tornado_it_is_said_what_to_install(tmp_path, monkeypatch, capsys):
    (tmp_path / "mails.py").write_text(
        "import alwidgets as alw, numpy as np\nfrom sklearn.naive_bayes import GaussianNB\n"
        "session = alw.Session(np.eye(4), classes=['a', 'b'], learner=GaussianNB())\n"
    )
    monkeypatch.setattr("alwidgets.service.logs.begin", lambda: None)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setitem(sys.modules, "tornado.websocket", None)
    monkeypatch.delitem(sys.modules, "alwidgets.service.server", raising=False)
    assert command.main(["serve", str(tmp_path / "mails.py")]) == 1
    assert 'install "alwidgets[serve]"' in capsys.readouterr().err
    del sys.modules["mails"]
