"""One folder for the code of all pages, as a reader has it who tries one page after the other."""

import pytest


@pytest.fixture(scope="session")
def readers_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("reader")


@pytest.fixture
def in_readers_folder(readers_folder, monkeypatch):
    monkeypatch.chdir(readers_folder)
