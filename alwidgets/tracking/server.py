"""The calls to MLflow: a run a session, which is found by the session's id; versions and aliases of a model."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alwidgets.tracking.facts import described

_SESSION, _ROUND, _SENT = "alwidgets.session", "alwidgets.round", "alwidgets.sent"
_DECIDED = "alwidgets.decided"
_MOST_SPEC = 4000


def prepare(uri: str | None) -> None:
    """Have MLflow make the tables of a SQLite file: if its process ended halfway, nobody could ever open the file."""
    from mlflow import MlflowClient, get_tracking_uri

    if (uri or get_tracking_uri()).startswith("sqlite:"):
        # What is wrong with it is said where it is written to.
        with contextlib.suppress(Exception):
            MlflowClient(uri).search_experiments(max_results=1)


class Server:
    """A session's run, and the registered model that its rounds are versions of.

    Parameters
    ----------
    uri : str or None
        Where; None for what MLflow is set to.
    experiment : str
        Made if it is not there.
    session_id : str
        By which the run is found.
    model : str or None
        Name of the registered model.
    """

    def __init__(self, uri: str | None, experiment: str, session_id: str, model: str | None) -> None:
        from mlflow import MlflowClient

        self._client = MlflowClient(uri, registry_uri=uri)
        self._experiment = experiment
        self._session_id = session_id
        self._model = model
        self.run: Any = None

    def open_run(self, name: str, params: dict[str, str], pool: dict[str, Any]) -> None:
        """Find the session's run and go on in it, or make it."""
        from mlflow.entities import Param

        experiment = self._experiment_id()
        wanted = f"tags.`{_SESSION}` = '{self._session_id}'"
        found = self._client.search_runs([experiment], wanted, order_by=["attributes.start_time ASC"], max_results=1)
        if found:
            run = found[0]
            self._client.update_run(run.info.run_id, status="RUNNING")
        else:
            run = self._client.create_run(
                experiment, start_time=_milliseconds(time.time()), tags={_SESSION: self._session_id}, run_name=name
            )
        if not run.data.params:
            # It may have been cut off between the two.
            self._client.log_batch(run.info.run_id, params=[Param(*each) for each in params.items()])
            self._log_data(run.info.run_id, "pool", pool["content"], "pool", {"n": pool["shape"][0], **pool})
        self.run = run

    @property
    def sent(self) -> str:
        """The id of the last event that an earlier process sent; empty in a new run."""
        return str(self.run.data.tags.get(_SENT, ""))

    @property
    def decided(self) -> str:
        """The id of the last decision by which the alias was moved."""
        return str(self.run.data.tags.get(_DECIDED, ""))

    def log_round(self, event: Any, metrics: dict[str, float]) -> None:
        """Log the numbers of a round, which cost nothing when they are there already, and what it learned from."""
        from mlflow.entities import Metric, RunTag

        at, step = _milliseconds(event.at), event.record.n_labeled
        tags = [RunTag("alwidgets.training_set", event.training_set), RunTag(_ROUND, str(event.record.round))]
        if event.model_spec:
            tags.append(RunTag("alwidgets.model_spec", event.model_spec[:_MOST_SPEC]))
        self._client.log_batch(
            self.run.info.run_id, metrics=[Metric(*pair, at, step) for pair in metrics.items()], tags=tags
        )
        profile = {"round": event.record.round, "n": event.record.n_learned}
        self._log_data(self.run.info.run_id, "training set", event.training_set, "training", profile)

    def log_part(self, part: str, content: str, first: int, n_rows: int) -> None:
        """Log the samples that were added to the pool, by the hash of their content, and how many there are now."""
        profile = {"part": part, "n": n_rows, "first": first}
        self._log_data(self.run.info.run_id, "part of the pool", content, "pool", profile)
        self.tag(n_samples=str(first + n_rows))

    def tag(self, **tags: str) -> None:
        """Set tags of the run, whose names begin with "alwidgets."."""
        for name, value in tags.items():
            self._client.set_tag(self.run.info.run_id, f"alwidgets.{name}", value)

    def versions(self) -> dict[int, str]:
        """Return round -> version, of the rounds of this session that are registered."""
        found, token = {}, None
        while True:
            page = self._client.search_model_versions(f"name = '{self._model}'", max_results=100, page_token=token)
            for version in page:
                if version.tags.get(_SESSION) == self._session_id:
                    found[int(version.tags[_ROUND])] = str(version.version)
            token = page.token
            if not token:
                return found

    def register(self, folder: Path, number: int, training_set: str) -> str:
        """Upload the folder of a round's model, and make it a version; return the version."""
        with _unless_there():
            self._client.create_registered_model(self._model)
        run, place = self.run.info, f"models/round_{number}"
        self._client.log_artifacts(run.run_id, str(folder), place)
        made = self._client.create_model_version(
            self._model, f"{run.artifact_uri}/{place}", run.run_id,
            tags={_SESSION: self._session_id, _ROUND: str(number), "alwidgets.training_set": training_set},
            await_creation_for=0,
        )  # fmt: skip
        return str(made.version)

    def point(self, alias: str, version: str) -> None:
        """Move an alias of the registered model to a version."""
        self._client.set_registered_model_alias(self._model, alias, version)

    def keep(self, file: str) -> None:
        """Upload a file, in the place of one of its name."""
        self._client.log_artifact(self.run.info.run_id, file)

    def end(self) -> None:
        """Say that the run is over, as long as nobody goes on in it."""
        self._client.set_terminated(self.run.info.run_id, "FINISHED")

    def _experiment_id(self) -> str:
        if self._client.get_experiment_by_name(self._experiment) is None:
            with _unless_there():
                self._client.create_experiment(self._experiment)
        return str(self._client.get_experiment_by_name(self._experiment).experiment_id)

    def _log_data(self, run_id: str, name: str, digest: str, context: str, profile: dict[str, Any]) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        data = Dataset(name, digest, "alwidgets", described({"session": self._session_id}), profile=described(profile))
        self._client.log_inputs(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", context)])])


@contextlib.contextmanager
def _unless_there() -> Iterator[None]:
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
