"""The real Label Studio for the tests that want it, one for all of them."""

import pytest

from tests.bridges import real


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Label Studio, running; tests that want it are skipped where it is not installed."""
    if not real.PROGRAM.exists():
        pytest.skip(real.MISSING)
    with real.started(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def fresh(server):
    """Label Studio, running again should the test before have killed it."""
    if server.process is None:
        server.start()
    return server
