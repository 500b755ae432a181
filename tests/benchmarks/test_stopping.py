import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from alwidgets.stopping import CRITERIA, Budget
from tests.benchmarks.stopping_costs import (
    PRICES,
    Outcome,
    fixed_stops,
    least_costs,
    outcome,
    regrets,
    relative,
    rule_stops,
)
from tests.benchmarks.stopping_rules import DEFAULT, OTHERS, RULES, TRIED
from tests.benchmarks.stopping_sessions import CHOICE_SETS, run, session_of

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "stopping.md"
JOB = ("iris", "naive Bayes", 0)


def outcome_of(data, accuracy, **stops):
    n_labeled = 10 * np.arange(1, len(accuracy) + 1)
    return Outcome(data, "any", 0, n_labeled, np.array(accuracy), stops, set())


@cache
def a_run():
    return run(JOB)


def test_the_regret_is_what_a_stop_costs_more_than_the_cheapest_round():
    # At P = 100 the rounds cost 10 + 50, 20 + 10 and 30 + 8.
    one = outcome_of("a", [0.5, 0.9, 0.92], late=[2] * 6, never=[None] * 6)
    assert one.costs(100).tolist() == pytest.approx([60, 30, 38])
    at = PRICES.index(100)
    assert regrets([one], rule_stops([one], "late"))[0][at] == pytest.approx(8)
    assert rule_stops([one], "never") == [[2] * 6]
    assert least_costs([one])[at] == pytest.approx(30)
    assert relative(np.array([[15.0, 10.0]]), np.array([30.0, 40.0])).tolist() == [0.375]


def test_a_fixed_number_is_the_best_of_the_other_data_sets():
    steep, slow = [0.5, 1.0, 1.0, 1.0], [0.5, 0.5, 0.5, 1.0]
    both = [outcome_of("steep", steep), outcome_of("slow", slow)]
    at = PRICES.index(1000)
    assert [stops[at] for stops in fixed_stops(both, of_each_price=True)] == [3, 1]


def test_a_fixed_number_for_all_prices_is_the_same_at_each():
    both = [outcome_of("a", [0.5, 0.9, 0.95]), outcome_of("b", [0.5, 0.8, 0.95])]
    assert all(len(set(stops)) == 1 for stops in fixed_stops(both, of_each_price=False))


def test_a_session_run_in_batches_is_the_one_run_at_once():
    data, learner, seed = JOB
    session, y, _ = session_of(CHOICE_SETS[data], learner, seed)
    session.run(y, CHOICE_SETS[data].n_labels)
    in_batches = a_run()
    said = [(item.n_labeled, item.score, item.signals, item.strategy) for item in in_batches.history]
    assert said == [(item.n_labeled, item.score, item.signals, item.strategy) for item in session.rounds]


def test_accuracies_are_those_of_each_rounds_model_on_samples_that_are_in_no_other_part():
    data, learner, seed = JOB
    session, y, (X_unseen, y_unseen) = session_of(CHOICE_SETS[data], learner, seed)
    assert len(y) + len(session._core.setup.test[1]) + len(y_unseen) == 150
    session.run(y, 30)
    accuracy = np.mean(session.learner.predict(X_unseen) == y_unseen)
    assert a_run().accuracy[len(session.rounds) - 1] == accuracy


@pytest.mark.parametrize("name", [DEFAULT, "plateau", "variance_model"])
def test_a_rule_stops_in_the_first_round_after_which_it_advises_to(name):
    found = outcome(a_run())
    rule, knows_prices = (RULES | TRIED)[name]
    for price, stop in zip(PRICES, found.stops[name], strict=True):
        prices = Budget(cost_per_label=1.0, n_predictions=price, cost_per_error=1.0) if knows_prices else Budget()
        history = replace(a_run().history, budget=prices)
        fires = [rule.fired(rule.read(history.before(n))) for n in range(1, len(history) + 1)]
        assert stop == (fires.index(True) if any(fires) else None)


def test_what_the_model_cannot_tell_is_no_mere_silence():
    assert {"committee_agreement", "support_saturated"} <= outcome(a_run()).impossible
    assert "overall_uncertainty" not in outcome(a_run()).impossible


def test_a_quick_run_has_every_criterion_in_its_tables_and_leaves_the_page_alone():
    before = PAGE.read_bytes() if PAGE.exists() else None
    command = [sys.executable, "-m", "tests.benchmarks.stopping", "--quick"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [name for name in CRITERIA if name not in OTHERS and f"| `{name}` |" not in printed] == []
    assert (PAGE.read_bytes() if PAGE.exists() else None) == before
