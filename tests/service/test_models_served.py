"""Models of folders served without their session: predictions alone, and the way back to one of before."""

import json
import os
import signal
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
from tests.service.test_command import Served
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
    choose(place, "round-1")
    assert models.current().round == 3
    assert "The model before is served on: " in caplog.text
    choose(place, "round-2")
    assert models.current().round == 2
    (place / "served").write_text("../elsewhere")
    assert models.current().round == 2
    with pytest.raises(ModelError, match="is not a model there"):
        FolderModels(place)


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


@pytest.fixture
def serve_model(tmp_path):
    started = []

    def start(*arguments, tokens):
        started.append(Served(tmp_path, "serve-model", *map(str, arguments), "--port", "0", tokens=tokens))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to end a process by")
def test_the_command_serves_predictions_alone(folder, serve_model, capsys):
    place, expected = folder
    token, line = new_token("bot", "viewer")
    served = serve_model(place, tokens=line)
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
    assert 'install "alwidgets[page]"' in capsys.readouterr().err
    del sys.modules["mails"]
