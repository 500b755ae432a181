"""Loader of registered committees for MLflow: `mlflow.pyfunc` calls `_load_pyfunc`."""

from __future__ import annotations

import json
from pathlib import Path

from alwidgets.models.saved import ABOUT, LoadedModel, load_model


def _load_pyfunc(path: str) -> LoadedModel:
    """Return the model in a folder, trusting what scikit-learn's own models are made of, as MLflow does."""
    types = json.loads((Path(path) / ABOUT).read_text(encoding="utf-8")).get("types", [])
    return load_model(path, trusted=[name for name in types if str(name).startswith("sklearn.")])
