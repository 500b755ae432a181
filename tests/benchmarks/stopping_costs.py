"""Where rules stop in a session, and what that costs against the best that could have been done."""

from dataclasses import dataclass, replace

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
    n_labelled: np.ndarray
    accuracy: np.ndarray
    stops: dict
    impossible: set

    def costs(self, price):
        """Return n + price (1 - accuracy) at each round, (n_rounds,), in labels' worth."""
        return self.n_labelled + price * (1 - self.accuracy)

    def at(self, rule, price):
        """Return the round a rule stops at; the last when it never fires."""
        stop = self.stops[rule][PRICES.index(price)]
        return len(self.n_labelled) - 1 if stop is None else stop

    def at_labels(self, n):
        """Return the first round with so many labels; the last when there is none."""
        return min(int(np.searchsorted(self.n_labelled, n)), len(self.n_labelled) - 1)

    def regret(self, stop, price):
        """Return what stopping at a round costs more than the cheapest of all rounds."""
        costs = self.costs(price)
        return float(costs[stop] - costs.min())


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
    return Outcome(run.data, run.learner, run.seed, run.n_labelled, run.accuracy, stops, impossible)


def _stop(stops, rule, histories, stop):
    """Note the round at the prices at which the rule fires now and did not before; one history stands for all."""
    for i, history in enumerate(histories):
        if stops[i] is None and rule.fired(rule.read(history)):
            stops[i :] = [stop] * (len(stops) - i) if len(histories) == 1 else [stop, *stops[i + 1 :]]


def _possible(rule, history):
    return rule.fired(replace(reading, fired=reading.possible) for reading in rule.read(history))


def mean_regret(outcomes, rule, price):
    """Return the mean regret of a rule."""
    return float(np.mean([one.regret(one.at(rule, price), price) for one in outcomes]))


def least_cost(outcomes, price):
    """Return the mean cost of the cheapest rounds."""
    return float(np.mean([one.costs(price).min() for one in outcomes]))


def fixed_regrets(outcomes, *, of_each_price):
    """Return the mean regret at each price of the number of labels that is best on the other data sets.

    Best at that price, or over all prices together, where each counts relative to its least cost.
    """
    regrets = {price: [] for price in PRICES}
    for data in sorted({one.data for one in outcomes}):
        others = [one for one in outcomes if one.data != data]
        numbers = np.unique(np.concatenate([one.n_labelled for one in others]))
        found = np.array([[_fixed(others, n, price) for price in PRICES] for n in numbers])
        best = numbers[found.argmin(axis=0)] if of_each_price else [numbers[_relative(found, others).argmin()]] * len(PRICES)
        for price, n in zip(PRICES, best, strict=True):
            regrets[price] += [one.regret(one.at_labels(n), price) for one in outcomes if one.data == data]
    return [float(np.mean(regrets[price])) for price in PRICES]


def _fixed(outcomes, n, price):
    return float(np.mean([one.regret(one.at_labels(n), price) for one in outcomes]))


def _relative(regrets, outcomes):
    return (regrets / [least_cost(outcomes, price) for price in PRICES]).mean(axis=1)
