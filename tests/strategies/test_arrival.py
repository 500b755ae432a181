"""What a rule asks on arrival: as another library does, within its budget, and more where the model is unsure."""

import numpy as np
import pytest

from alwidgets.strategies import VariableUncertainty
from alwidgets.strategies.arrival import Arrivals


@pytest.mark.parametrize("budget", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("low", [0.0, 0.5, 0.97])
def test_it_asks_what_scikit_activeml_asks(rng, budget, low):
    peer = pytest.importorskip("skactiveml.stream.budgetmanager")
    utility = rng.uniform(0, 1 - low, 400)
    theirs = peer.VariableUncertaintyBudgetManager(budget=budget, w=100, theta=1.0, s=0.01)
    expected = np.zeros(400, bool)
    # All at once: told of parts, it counts the budget of a part from before it.
    expected[theirs.query_by_utility(utility)] = True
    state, asked = Arrivals(), []
    for part in np.split(1 - utility, [7, 120, 121]):
        mask, state = VariableUncertainty(budget).decide(part, state)
        asked.append(mask)
    assert np.array_equal(np.concatenate(asked), expected)


def test_no_more_is_asked_than_the_budget_in_the_long_run(rng):
    asked, _ = VariableUncertainty(0.1).decide(rng.uniform(0.3, 1, 5000), Arrivals())
    assert 0.08 < asked[500:].mean() <= 0.11


def test_what_the_model_is_unsure_of_is_asked_first(rng):
    confidence = np.where(np.arange(2000) % 4, 0.99, 0.6)
    asked, _ = VariableUncertainty(0.2, step=0.05).decide(confidence, Arrivals())
    assert asked[confidence < 0.9].mean() > 3 * asked[confidence > 0.9].mean()


@pytest.mark.parametrize("bad", [{"budget": 0}, {"budget": 1.5}, {"step": 0}, {"window": 0}])
def test_a_rule_that_makes_no_sense_is_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        VariableUncertainty(**bad)
