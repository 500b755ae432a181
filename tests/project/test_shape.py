"""What is state is a property; what computes, acts or takes an argument is a method: in every public class."""

import inspect
from functools import cached_property

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.simulation.comparison import Comparison
from alwidgets.simulation.statistics import Ranks

# Every method that takes no argument, and why it is not a property.
ACTS = {
    "Session.close": "releases the pool and the journal",
    "Session.end_audit": "records an event",
    "Session.refresh": "reads the journal",
    "Session.retrain": "fits",
    "Session.take_over": "takes the journal",
    "PoolMap.inspect_uncertain": "predicts the pool, and shows a sample on the page",
    "PoolMap.undo": "takes labels back",
    "Page.close": "ends the server",
    "Race.ask": "selects, and fits where that is due",
    "LabelStudio.pull": "fetches answers",
    "LabelStudio.step": "fetches answers and brings tasks",
    "LabelStudioPanel.close": "takes it off the page",
    "LabelStudioPanel.refresh": "sends to the page",
    "Race.clear": "removes the points",
    "Race.close": "ends its sessions",
    "Race.reset": "starts over",
    "Race.undo": "removes points",
    "Workbench.close": "takes it off the page",
    **{f"{name}.close": "takes it off the page" for name in ("Labeler", "LearningCurve", "PoolMap", "Review")},
    **{f"{name}.refresh": "sends to the page" for name in ("Labeler", "LearningCurve", "PoolMap", "Review")},
    "StoppingPanel.close": "takes it off the page",
    "StoppingPanel.refresh": "sends to the page",
    "DriftPanel.close": "takes it off the page",
    "DriftPanel.refresh": "sends to the page",
    "TeamPanel.close": "takes it off the page",
    "TeamPanel.refresh": "sends to the page",
}
COMPUTES = {
    "Session.disputed": "reaches the consensus of every item",
    "Session.predictions": "predicts the pool",
    "Session.records": "hashes the samples",
    "Session.training_set": "copies rows of the pool",
    "Comparison.ranks": "tests the strategies against each other",
    "Comparison.regret": "finds the best strategy of every run",
    "Comparison.wins": "tests the strategies against each other",
    "LearningCurve.to_frame": "makes a table, and has the name that pandas users expect",
}


def public_classes():
    found = [value for name in alw.__all__ if inspect.isclass(value := getattr(alw, name))]
    return [*found, Comparison, Ranks]


def members(made):
    """(Class.name, member) of what a class has in public, from us and not from a library."""
    for cls in made.__mro__:
        if cls.__module__.startswith("alwidgets."):
            for name, value in vars(cls).items():
                if not name.startswith("_"):
                    yield f"{made.__name__}.{name}", value


def test_a_method_without_arguments_acts_or_computes():
    found = {
        name
        for made in public_classes()
        for name, value in members(made)
        if inspect.isfunction(value) and len(inspect.signature(value).parameters) == 1
    }
    assert found == {*ACTS, *COMPUTES}


def test_a_property_has_a_value_that_its_docstring_names():
    for made in public_classes():
        for name, value in members(made):
            if isinstance(value, property | cached_property):
                get = value.fget if isinstance(value, property) else value.func
                assert len(inspect.signature(get).parameters) == 1, name
                assert inspect.signature(get).return_annotation not in (None, "None"), name
                assert not inspect.getdoc(value).startswith(("Return ", "Compute ", "Find ")), name


class Counting(GaussianNB):
    calls = 0

    def fit(self, *args, **kwargs):
        Counting.calls += 1
        return super().fit(*args, **kwargs)

    def _joint_log_likelihood(self, X):
        Counting.calls += 1  # All its predictions come from here.
        return super()._joint_log_likelihood(X)


PROPERTIES = [name.split(".")[1] for name, value in members(alw.Session) if isinstance(value, property)]


@pytest.fixture(scope="module")
def session():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), np.arange(60) % 2
    made = alw.Session(X + 3 * y[:, None], classes=[0, 1], learner=Counting(), audit=0.5, random_state=0)
    made.run(y, n_labels=24)
    assert Counting.calls
    made.random_baseline(n_runs=1)
    return made


@pytest.mark.parametrize("name", PROPERTIES)
def test_reading_a_property_fits_nothing_predicts_nothing_and_records_nothing(session, name):
    before = (Counting.calls, len(session.events))
    first, second = getattr(session, name), getattr(session, name)
    assert (Counting.calls, len(session.events)) == before
    assert type(first) is type(second)
    if isinstance(first, pd.DataFrame):
        pd.testing.assert_frame_equal(first, second)
