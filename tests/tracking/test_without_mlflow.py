"""Where MLflow is not installed, only who asks for it is told, and what to install."""

import importlib.util

import pytest

import alwidgets as alw


def test_the_error_names_the_extra(make_session, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr("alwidgets.tracking.mlflow.find_spec", lambda name: None if name == "mlflow" else found(name))
    with pytest.raises(ImportError, match=r'pip install "alwidgets\[mlflow\]"'):
        alw.mlflow.track(make_session())
