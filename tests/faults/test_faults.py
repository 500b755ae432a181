"""A small dose of `python -m tests.benchmarks.reliability`: nothing acknowledged is lost, nothing is silently wrong."""

import sys

import pytest

from tests.benchmarks.reliability import FAULTS


@pytest.mark.skipif(sys.platform != "linux", reason="kills by number, and reads /proc")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.run.__name__)
def test_nothing_is_lost_or_wrong(fault, tmp_path):
    found = fault.run(tmp_path, fault.in_tests)
    assert found.wrong == []
    assert found.tried >= fault.in_tests
