"""Sessions in a real MLflow: what is there, that it is there once, and that labeling never waits for it."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.journal.reading import verify

# What MLflow says of itself, of SQLAlchemy or of the next Python is not what is tested.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module", autouse=True)
def mlflow():
    """MLflow, which tells nobody of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        # Once more, where a connection of before the server was killed was taken up again.
        patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        patch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
        yield pytest.importorskip("mlflow", reason="MLflow is not installed: tests/tracking/README.md says how to try")


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mlflow")
    before = Path.cwd()
    # Where MLflow puts artifacts that have no other place.
    os.chdir(folder)
    yield f"sqlite:///{folder / 'mlflow.db'}"
    os.chdir(before)


@pytest.fixture
def client(mlflow, uri):
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return mlflow.MlflowClient(uri, registry_uri=uri)


@pytest.fixture
def name(request):
    """A name of an experiment or model that no other test has."""
    return re.sub(r"\W+", "_", request.node.name)


def sent(tracking):
    assert tracking.wait(300), tracking.problem
    return tracking


def scores(client, tracking, metric="accuracy"):
    return [(each.step, each.value) for each in client.get_metric_history(tracking.run_id, metric)]


def test_every_round_is_there_by_its_number_of_labels(make_session, blobs, client, uri, name):
    session = make_session(scoring=["accuracy", "f1_macro"])
    tracking = alw.mlflow.track(session, experiment=name, uri=uri)
    session.run(blobs[1], 24)
    run = client.get_run(sent(tracking).run_id)
    assert scores(client, tracking) == [(each.n_labeled, each.score) for each in session.rounds]
    assert scores(client, tracking, "f1_macro") == [(each.n_labeled, each.scores[1].value) for each in session.rounds]
    assert run.data.metrics["accuracy.low"] == session.rounds[-1].score_low
    assert run.data.params["pool_fingerprint"] == session.identity["pool"]["content"]
    assert run.data.tags["alwidgets.session"] == session.session_id
    assert run.data.tags["alwidgets.model_spec"].startswith("LogisticRegression()")
    digests = {each.dataset.digest for each in run.inputs.dataset_inputs}
    assert digests == {session.identity["pool"]["content"], *session.versions["training_set"]}
    assert tracking.n_waiting == 0


def test_each_part_of_a_pool_that_grew_is_a_dataset_by_its_hash_also_when_it_is_tracked_again(
    make_session, blobs, client, uri, name, tmp_path
):
    X, y = blobs
    session = make_session(X=X[:60], test=None, journal=tmp_path / "a.alw").run(y[:60], 16)
    tracking = sent(alw.mlflow.track(session, experiment=name, register=name, uri=uri))
    session.extend(X[60:] + 4, source="monday")
    assert session.drift().moved
    session.retrain()
    sent(tracking).promote(1)
    session.close()
    tracking.close()
    again = make_session(X=np.concatenate([X[:60], X[60:] + 4]), test=None, journal=tmp_path / "a.alw")
    tracking = sent(alw.mlflow.track(again, experiment=name, register=name, uri=uri))
    run = client.get_run(tracking.run_id)
    (added,) = (event for event in again.events if event.kind == "extended")
    pools = [each.dataset for each in run.inputs.dataset_inputs if each.tags[0].value == "pool"]
    assert {each.digest for each in pools} == {again.identity["pool"]["content"], added.content}
    assert any('"part": "monday"' in each.profile for each in pools)
    assert (run.data.tags["alwidgets.n_samples"], run.data.tags["alwidgets.drifted"]) == ("120", "monday: samples")
    assert client.get_model_version_by_alias(name, "champion").tags["alwidgets.round"] == "1"
    tracking.close()


def test_what_happened_before_it_was_tracked_is_sent_too(make_session, blobs, client, uri, name):
    session = make_session().run(blobs[1], 16)
    tracking = sent(alw.mlflow.track(session, experiment=name, uri=uri))
    assert scores(client, tracking) == [(each.n_labeled, each.score) for each in session.rounds]


def test_the_alias_moves_by_a_decision_and_by_promoting_and_brings_the_predictions_of_its_round(
    make_session, blobs, mlflow, client, uri, name
):
    X, y = blobs
    session = make_session(learner=RandomForestClassifier(5))
    tracking = alw.mlflow.track(session, experiment=name, register=name, uri=uri)
    said = {}
    for _ in range(3):
        session.run(y, 4)
        said[session.rounds[-1].round] = session.learner.predict(X)
    sent(tracking)
    assert sorted(tracking.versions) == list(said)
    with pytest.raises(Exception, match="champion"):
        client.get_model_version_by_alias(name, "champion")
    session.decide("go on")
    session.decide("stop", "enough")
    sent(tracking)
    newest = max(said)
    version = client.get_model_version_by_alias(name, "champion")
    assert version.tags["alwidgets.round"] == str(newest)
    assert version.tags["alwidgets.training_set"] == session.versions["training_set"].iloc[-1]
    for number in (min(said), newest, min(said)):
        assert tracking.promote(number) == tracking.versions[number]
        model = mlflow.sklearn.load_model(f"models:/{name}@champion")
        np.testing.assert_array_equal(model.predict(X), said[number])
        folder = mlflow.artifacts.download_artifacts(f"models:/{name}@champion")
        loaded = alw.load_model(folder, trusted=["sklearn.tree._tree.Tree"])
        assert (loaded.round, loaded.predict_labels(X)) == (number, said[number].tolist())
    session.run(y, 4)
    sent(tracking)
    assert client.get_model_version_by_alias(name, "champion").tags["alwidgets.round"] == str(min(said))


def test_the_requirements_of_a_model_are_those_that_are_known(make_session, blobs, mlflow, client, uri, name):
    session = make_session().run(blobs[1], 8)
    tracking = sent(alw.mlflow.track(session, experiment=name, register=name, uri=uri))
    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{name}/{tracking.versions[1]}"))
    lines = (folder / "requirements.txt").read_text().split()
    assert f"numpy=={np.__version__}" in lines
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!-]+", line) for line in lines)
    assert not [line for line in lines if line.startswith(("alwidgets", "modAL"))]
    assert not [file for file in folder.rglob("*") if file.suffix in (".pkl", ".pickle", ".joblib")]


@pytest.mark.parametrize("kind", ["committee", "multilabel"])
def test_committees_and_multilabel_models_predict_what_they_did(
    make_session, blobs, rng, mlflow, client, uri, name, kind
):
    if kind == "committee":
        X, y = blobs
        session = make_session(learner=alw.committee(GaussianNB(), n_members=3))
    else:
        X = rng.normal(size=(60, 3))
        y = (X[:, :2] > 0).astype(int)
        learner = MultiOutputClassifier(LogisticRegression())
        session = make_session(X=X, classes=["a", "b"], learner=learner, task="multi", test=(X[:9], y[:9]))
    session.run(y, 12)
    tracking = sent(alw.mlflow.track(session, experiment=name, register=name, uri=uri))
    number = max(tracking.versions)
    tracking.promote(number)
    model = mlflow.pyfunc.load_model(f"models:/{name}@champion")
    np.testing.assert_array_equal(model.predict(X), session.learner.predict(X))


def test_a_session_that_is_reopened_goes_on_in_the_same_run_and_sends_nothing_twice(
    make_session, blobs, client, uri, name, tmp_path
):
    journal = tmp_path / "a.alw"
    first = make_session(journal=journal).run(blobs[1], 12)
    tracking = sent(alw.mlflow.track(first, experiment=name, register=name, uri=uri))
    first.decide("stop")
    sent(tracking)
    tracking.promote(1)
    first.close()
    run_id, versions = sent(tracking).run_id, dict(tracking.versions)
    assert client.get_run(run_id).info.status == "FINISHED"
    second = make_session(journal=journal)
    tracking = sent(alw.mlflow.track(second, experiment=name, register=name, uri=uri))
    assert (tracking.run_id, tracking.versions) == (run_id, versions)
    assert client.get_run(run_id).info.status == "RUNNING"
    assert client.get_model_version_by_alias(name, "champion").tags["alwidgets.round"] == "1"
    second.run(blobs[1], 12)
    assert scores(client, sent(tracking)) == [(each.n_labeled, each.score) for each in second.rounds]
    assert len(client.search_model_versions(f"name = '{name}'")) == len(second.versions)
    assert len(client.search_runs([client.get_experiment_by_name(name).experiment_id])) == 1


def test_a_session_opened_again_in_the_same_kernel_takes_over_from_its_tracking(
    make_session, blobs, client, uri, name, tmp_path
):
    first = make_session(journal=tmp_path / "a.alw").run(blobs[1], 12)
    before = alw.mlflow.track(first, experiment=name, uri=uri)
    second = make_session(journal=tmp_path / "a.alw")
    tracking = sent(alw.mlflow.track(second, experiment=name, uri=uri))
    assert before.closed
    assert scores(client, tracking) == [(each.n_labeled, each.score) for each in second.rounds]
    assert client.get_run(tracking.run_id).info.status == "RUNNING"
    assert len(client.search_runs([client.get_experiment_by_name(name).experiment_id])) == 1


def test_a_branch_has_a_run_of_its_own(make_session, blobs, client, uri, name, tmp_path):
    session = make_session(journal=tmp_path / "a.alw").run(blobs[1], 12)
    tracking = sent(alw.mlflow.track(session, experiment=name, uri=uri))
    with contextlib.closing(session.branch(tmp_path / "b.alw", round=1)) as branch:
        other = sent(alw.mlflow.track(branch, experiment=name, uri=uri))
        assert other.run_id != tracking.run_id
        other.close()


def test_rounds_that_were_rolled_back_stay_and_can_be_promoted(make_session, blobs, mlflow, client, uri, name):
    X, y = blobs
    session = make_session().run(y, 16)
    last, said = session.rounds[-1].round, session.learner.predict(X)
    session.rollback(1)
    tracking = sent(alw.mlflow.track(session, experiment=name, register=name, uri=uri))
    assert client.get_run(tracking.run_id).data.tags["alwidgets.rolled_back_to"] == "1"
    session.decide("stop")
    sent(tracking)
    assert client.get_model_version_by_alias(name, "champion").tags["alwidgets.round"] == "1"
    tracking.promote(last)
    np.testing.assert_array_equal(mlflow.sklearn.load_model(f"models:/{name}@champion").predict(X), said)


def kept_events(client, tracking, folder):
    """Return how many events the journal in MLflow has, which must be sound."""
    folder.mkdir()
    shutil.unpack_archive(client.download_artifacts(tracking.run_id, "session.alw.zip", str(folder)), folder)
    found = verify(folder / "session.alw")
    assert found.sound
    return found.n_events


def test_a_session_in_memory_that_is_tracked_twice_leaves_one_sound_journal(
    make_session, blobs, client, uri, name, tmp_path
):
    session = make_session().run(blobs[1], 8)
    assert alw.mlflow.track(session, experiment=name, uri=uri).close()
    session.run(blobs[1], 8)
    tracking = alw.mlflow.track(session, experiment=name, uri=uri)
    assert tracking.close()
    assert kept_events(client, tracking, tmp_path / "kept") == len(session.events)


@pytest.mark.parametrize("kept", [True, False], ids=["on disk", "in memory"])
def test_at_the_end_the_journal_is_an_artifact_and_sound(
    make_session, blobs, mlflow, client, uri, name, tmp_path, kept
):
    session = make_session(journal=tmp_path / "a.alw" if kept else None)
    tracking = alw.mlflow.track(session, experiment=name, uri=uri)
    session.run(blobs[1], 12)
    n_events = len(session.events)
    if kept:
        session.close()
        sent(tracking)
    else:
        assert tracking.close()
        session.teach(int(session.query()[0]), "left")
    assert kept_events(client, tracking, tmp_path / "kept") == n_events
    assert client.get_run(tracking.run_id).info.status == "FINISHED"
    assert tracking.closed


def test_no_text_of_a_sample_and_no_secret_leaves(make_session, blobs, client, uri, name, tmp_path):
    texts = [
        f"{'good' if label == 'left' else 'bad'} dear mister nobody number {row}" for row, label in enumerate(blobs[1])
    ]

    class WithKey(LogisticRegression):
        def __init__(self, api_key=None):
            super().__init__()
            self.api_key = api_key

    sessions = {
        "words": make_pipeline(TfidfVectorizer(), LogisticRegression()),
        "whole texts": make_pipeline(TfidfVectorizer(analyzer=str.splitlines), LogisticRegression()),
        "a key": make_pipeline(TfidfVectorizer(), WithKey(api_key="k-4711-pssst")),
    }
    not_sent = {}
    for kind, learner in sessions.items():
        session = make_session(X=texts, learner=learner, test=None, journal=tmp_path / f"{kind}.alw").run(blobs[1], 8)
        tracking = sent(alw.mlflow.track(session, experiment=name, register=name, uri=uri))
        not_sent[kind] = dict(tracking.not_sent)
        if not_sent[kind]:
            with pytest.raises(ValueError, match="the model of round 1 is not registered: "):
                tracking.promote(1)
        session.close()
        sent(tracking)
    assert not_sent["words"] == {}
    assert set(not_sent["a key"].values()) == {"the learner holds what looks like a secret"}
    assert len(not_sent["whole texts"]) > 0
    with pytest.raises(ValueError, match="this tracking is closed"):
        tracking.promote(1)
    database = Path(uri.removeprefix("sqlite:///"))
    everything = b"".join(file.read_bytes() for file in database.parent.rglob("*") if file.is_file())
    assert b"dear mister nobody number" not in everything
    assert b"k-4711" not in everything


def test_a_round_or_a_name_that_there_is_not_is_refused(make_session, blobs, uri, name):
    session = make_session().run(blobs[1], 8)
    tracking = alw.mlflow.track(session, experiment=name, uri=uri)
    with pytest.raises(ValueError, match="nothing is registered; track the session with register="):
        tracking.promote(1)
    with pytest.raises(ValueError, match="the session is tracked already"):
        alw.mlflow.track(session, experiment=name, uri=uri)
    tracking.close()
    tracking = alw.mlflow.track(session, experiment=name, uri=uri, register=name)
    with pytest.raises(ValueError, match=r"round is 99; expected one of session\.versions"):
        tracking.promote(99)
    tracking.close()
    for wrong in ({"experiment": ""}, {"register": 3}, {"alias": None}, {"uri": b"x"}):
        with pytest.raises(TypeError, match="expected a name"):
            alw.mlflow.track(session, **wrong)
    session.close()
    with pytest.raises(ValueError, match="the session is closed; track it where it is open"):
        alw.mlflow.track(session, uri=uri)


SCRIPT = """
import sys
import numpy as np
from sklearn.naive_bayes import GaussianNB
import alwidgets as alw

X = np.random.default_rng(0).normal(size=(200, 4))
session = alw.Session(X, classes=[False, True], learner=GaussianNB(), journal=sys.argv[1], random_state=0)
tracking = alw.mlflow.track(session, experiment="e", uri=sys.argv[2])
session.run(X[:, 0] > 0, 16)
"""


def test_scripts_that_end_without_a_word_leave_a_run_that_is_whole_in_the_end(mlflow, tmp_path):
    arguments = [str(tmp_path / "a.alw"), f"sqlite:///{tmp_path / 'new.db'}"]
    environment = {**os.environ, "PYTHONPATH": str(Path(alw.__file__).parents[1])}
    for last in ("", "assert tracking.wait(300) and tracking.n_waiting == 0"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT + last, *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    client = mlflow.MlflowClient(arguments[1])
    (run,) = client.search_runs([client.get_experiment_by_name("e").experiment_id])
    assert len(client.get_metric_history(run.info.run_id, "round")) == 4


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class RealServer:
    """MLflow's own server, in a process of its own, which can be killed and started again."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        command = [
            sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1",
            "--backend-store-uri", f"sqlite:///{self.folder / 'server.db'}", "--artifacts-destination",
            str(self.folder / "artifacts"),
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        # In which order it says so depends on how many workers there are.
        missing = ["Application startup complete", "Uvicorn running on"]
        for line in self.process.stdout:
            missing = [each for each in missing if each not in line]
            if not missing:
                return
        raise RuntimeError("the server did not start")

    def kill(self):
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, 9)
            self.process.stdout.close()
            self.process.wait()
            self.process = None


@pytest.fixture
def server(tmp_path):
    made = RealServer(tmp_path)
    yield made
    made.kill()


def test_a_server_that_is_away_stops_no_labeling_is_said_once_and_catches_up(
    make_session, blobs, mlflow, server, name, caplog
):
    X, y = blobs
    session = make_session()
    tracking = alw.mlflow.track(session, experiment=name, register=name, uri=server.uri)
    session.run(y, 12)
    assert not tracking.wait(300)
    assert "Sending to MLflow failed" in tracking.problem
    assert "labeling goes on" in repr(tracking)
    assert tracking.n_waiting == len(session.events)
    with pytest.raises(RuntimeError, match="MLflow could not move the alias, which is where it was"):
        tracking.promote(1)
    assert len([record for record in caplog.records if "Sending to MLflow failed" in record.message]) == 1
    server.start()
    sent(tracking)
    assert tracking.problem == ""
    server.kill()
    session.run(y, 12)
    assert not tracking.wait(300)
    session.decide("stop")
    server.start()
    sent(tracking)
    client = mlflow.MlflowClient(server.uri, registry_uri=server.uri)
    assert scores(client, tracking) == [(each.n_labeled, each.score) for each in session.rounds]
    version = client.get_model_version_by_alias(name, "champion")
    assert version.tags["alwidgets.round"] == str(session.rounds[-1].round)
    mlflow.set_tracking_uri(server.uri)
    mlflow.set_registry_uri(server.uri)
    folder = mlflow.artifacts.download_artifacts(f"models:/{name}/{version.version}")
    assert alw.load_model(folder).predict_labels(X) == session.learner.predict(X).tolist()


def test_what_was_never_sent_is_sent_when_the_session_is_reopened(make_session, blobs, mlflow, server, name, tmp_path):
    session = make_session(journal=tmp_path / "a.alw")
    tracking = alw.mlflow.track(session, experiment=name, register=name, uri=server.uri)
    session.run(blobs[1], 12)
    assert not tracking.close(300)
    session.close()
    server.start()
    session = make_session(journal=tmp_path / "a.alw")
    tracking = sent(alw.mlflow.track(session, experiment=name, register=name, uri=server.uri))
    client = mlflow.MlflowClient(server.uri, registry_uri=server.uri)
    assert scores(client, tracking) == [(each.n_labeled, each.score) for each in session.rounds]
    assert sorted(tracking.versions) == session.versions["round"].tolist()
    tracking.close(300)
