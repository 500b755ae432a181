"""The folder of a model as MLflow keeps it: skops, never pickle, with the requirements that are known."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.models.saved import MODEL, describe, write_model
from alwidgets.models.spec import estimators_of
from alwidgets.session.export import has_secret

# What a model of scikit-learn does not need.
_OURS = ("alwidgets", "modAL-python")


class NotSentError(ValueError):
    """A model that is not sent; the message says why."""


def write_folder(folder: Path, learner: Any, about: dict[str, Any], texts: Any = None) -> None:
    """Write the model of a round as a folder of MLflow's.

    Parameters
    ----------
    folder : Path
        Which does not exist.
    learner : ActiveLearner or Committee
        The fitted model.
    about : dict
        What `model.json` says of it.
    texts : ndarray of str, optional
        Of a pool of texts its samples, none of which is sent.

    Raises
    ------
    NotSentError
        If it holds a secret or the text of a sample, or skops cannot write it; what is written then is not to be sent.
    """
    if has_secret(learner):
        raise NotSentError("the learner holds what looks like a secret")
    estimators = estimators_of(learner)
    try:
        single = len(estimators) == 1
        content = _write_one(folder, estimators[0], about) if single else _write_many(folder, estimators, about)
    except Exception as error:
        raise NotSentError(f"it cannot be written: {type(error).__name__}: {error}") from error
    if texts is not None and _holds_one(content, texts):
        raise NotSentError("it holds the text of a sample")


def _write_one(folder: Path, estimator: Any, about: dict[str, Any]) -> bytes:
    from mlflow.sklearn import save_model
    from skops import io

    types = io.get_untrusted_types(data=io.dumps(estimator))
    ours = any(type(part).__module__.startswith("alwidgets") for part in estimator.get_params(deep=True).values())
    ours = ours or type(estimator).__module__.startswith("alwidgets")
    left_out = () if ours else _OURS
    save_model(
        estimator, folder, serialization_format="skops", skops_trusted_types=types,
        pip_requirements=_requirements(about, left_out),
    )  # fmt: skip
    content = (folder / MODEL).read_bytes()
    describe(folder, content, {**about, "n_members": 1})
    return content


def _write_many(folder: Path, estimators: list[Any], about: dict[str, Any]) -> bytes:
    """Write a committee, which votes as alwidgets has it: whoever opens it needs alwidgets."""
    from mlflow.pyfunc import save_model

    data = folder.with_name(f"{folder.name}-members")
    data.mkdir()
    write_model(data, estimators, about)
    save_model(
        folder, loader_module="alwidgets.tracking.loading", data_path=str(data),
        pip_requirements=_requirements(about, ()),
    )  # fmt: skip
    return (data / MODEL).read_bytes()


def _requirements(about: dict[str, Any], left_out: tuple[str, ...]) -> list[str]:
    from mlflow.version import VERSION

    packages = {**about["libraries"], "mlflow": VERSION}
    return [f"{name}=={number}" for name, number in sorted(packages.items()) if name not in ("python", *left_out)]


def _holds_one(content: bytes, texts: Any) -> bool:
    """Return whether a model holds one of these texts whole; single words are what vectorizers keep."""
    held = _texts_of(content)
    return any(text in held and len(text.split()) > 1 for text in map(str, texts))


def _texts_of(content: bytes) -> set[str]:
    """Return all texts in a file of skops: those of its schema, and of its arrays."""
    found: set[str] = set()
    with zipfile.ZipFile(BytesIO(content)) as archive:
        todo: list[Any] = [json.loads(archive.read("schema.json"))]
        for name in archive.namelist():
            if name.endswith(".npy"):
                values = np.load(BytesIO(archive.read(name)), allow_pickle=False)
                found |= set(values.ravel().tolist()) if values.dtype.kind == "U" else set()
    while todo:
        part = todo.pop()
        if isinstance(part, str):
            found.add(part)
            # Plain values are JSON within JSON.
            if part.startswith('"'):
                found.add(json.loads(part))
        elif isinstance(part, dict | list):
            todo += part.values() if isinstance(part, dict) else part
            todo += part if isinstance(part, dict) else ()
    return found
