"""MLflow forgets after each test where it was told to look."""

import sys

import pytest


@pytest.fixture(autouse=True)
def _nowhere():
    yield
    if "mlflow" in sys.modules:
        sys.modules["mlflow"].set_tracking_uri("")
        sys.modules["mlflow"].set_registry_uri("")
