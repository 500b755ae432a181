"""Where rules stop in a session, and what that costs against the best that could have been done."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from alwidgets.stopping import Budget
from tests.benchmarks.stopping_rules import RULES, TRIED

#: What all errors of a model that is always wrong would cost, in labels' worth: N m / l.
PRICES = (30, 100, 300, 1000, 3000, 10000)
BUDGETS = tuple(Budget(cost_per_label=1.0, n_predictions=price, cost_per_error=1.0) for price in PRICES)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Where each rule stopped a session.

    `stops` has for each rule the round it stopped at for each price, as a position in the rounds; None where it
    never fired. `impossible` are the rules that say they cannot fire with this model.
    """

    data: str
    learner: str
    seed: int
    n_labeled: np.ndarray
    accuracy: np.ndarray
    stops: dict
    impossible: set

    def costs(self, price):
        """Return n + price (1 - accuracy) at each round, (n_rounds,), in labels' worth."""
        return self.n_labeled + price * (1 - self.accuracy)

    @cached_property
    def regrets(self):
        """What stopping at each round costs more than at the cheapest, (n_prices, n_rounds)."""
        costs = np.array([self.costs(price) for price in PRICES])
        return costs - costs.min(axis=1, keepdims=True)


def outcome(run):
    """Read every rule on all that a session was, round by round."""
    stops = {name: [None] * len(PRICES) for name in RULES | TRIED}
    for stop in range(len(run.history)):
        seen = replace(run.history.before(stop + 1), budget=Budget())
        # All prices at once: they share the fit of the learning curve.
        priced = [replace(seen, budget=budget) for budget in BUDGETS]
        for name, (rule, knows_prices) in (RULES | TRIED).items():
            _stop(stops[name], rule, priced if knows_prices else [seen], stop)
    end = replace(run.history, budget=BUDGETS[-1])
    impossible = {name for name, (rule, _) in RULES.items() if not _possible(rule, end)}
    return Outcome(run.data, run.learner, run.seed, run.n_labeled, run.accuracy, stops, impossible)


def _stop(stops, rule, histories, stop):
    """Note the round at the prices at which the rule fires now and did not before; one history stands for all."""
    for i, history in enumerate(histories):
        if stops[i] is None and rule.fired(rule.read(history)):
            stops[i:] = [stop] * (len(stops) - i) if len(histories) == 1 else [stop, *stops[i + 1 :]]


def _possible(rule, history):
    return rule.fired(replace(reading, fired=reading.possible) for reading in rule.read(history))


def rule_stops(outcomes, rule):
    """Return where a rule stops, (n_outcomes, n_prices), as positions in the rounds; the last when it never fires."""
    return [[len(one.n_labeled) - 1 if stop is None else stop for stop in one.stops[rule]] for one in outcomes]


def never_stops(outcomes):
    """Return the last rounds, (n_outcomes, n_prices)."""
    return [[len(one.n_labeled) - 1] * len(PRICES) for one in outcomes]


def fixed_stops(outcomes, *, of_each_price):
    """Return the rounds with the number of labels that is best on the other data sets, (n_outcomes, n_prices).

    Best at each price, or at all prices together, where a regret counts relative to the least cost.
    """
    best = {}
    for data in {one.data for one in outcomes}:
        others = [one for one in outcomes if one.data != data]
        numbers = np.unique(np.concatenate([one.n_labeled for one in others]))
        found = np.array([regrets(others, _at_labels(others, [n] * len(PRICES))).mean(axis=0) for n in numbers])
        overall = np.full(len(PRICES), relative(found, least_costs(others)).argmin())
        best[data] = numbers[found.argmin(axis=0) if of_each_price else overall]
    return [_at_labels([one], best[one.data])[0] for one in outcomes]


def _at_labels(outcomes, numbers):
    """Return the first rounds with so many labels, a number a price; the last where there is none."""
    return [np.minimum(np.searchsorted(one.n_labeled, numbers), len(one.n_labeled) - 1) for one in outcomes]


def regrets(outcomes, stops):
    """Return what each stop costs more than the cheapest round of its session, (n_outcomes, n_prices)."""
    each = np.arange(len(PRICES))
    return np.array([one.regrets[each, stop] for one, stop in zip(outcomes, stops, strict=True)])


def least_costs(outcomes):
    """Return the mean cost of the cheapest rounds, (n_prices,)."""
    return np.mean([[one.costs(price).min() for price in PRICES] for one in outcomes], axis=0)


def relative(regret, least):
    """Return regrets as shares of the least cost, the mean over the prices: (n, n_prices) -> (n,)."""
    return (regret / least).mean(axis=1)
