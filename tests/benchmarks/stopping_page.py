"""docs/stopping.md: how rules were compared, what came of it, and what was chosen."""

from pathlib import Path

import numpy as np

from tests.benchmarks.page import machine
from tests.benchmarks.stopping_costs import (
    PRICES,
    fixed_stops,
    least_costs,
    never_stops,
    regrets,
    relative,
    rule_stops,
)
from tests.benchmarks.stopping_rules import DEFAULT, DEFAULT_WITHOUT, RULES, TRIED
from tests.benchmarks.stopping_sessions import CHOICE_SETS, LEARNERS, SETS

PATH = Path(__file__).parent.parent.parent / "docs" / "stopping.md"
#: The price at which the table of the criteria shows rules that know it.
SHOWN = PRICES.index(1000)
FIXED_EACH, FIXED_ALL, NEVER = "best fixed number at each price", "best fixed number at all prices", "never"
TEXT = """\
<!-- Written by `python -m tests.benchmarks.stopping`: change it there. -->

# When to stop

Where each stopping criterion stops, and what that costs, in {n_runs} sessions with known labels:

    python -m tests.benchmarks.stopping

The command writes this page. It takes some ten minutes in two processes.

## How it was measured

* Sessions are real ones, `alwidgets.Session(...).run(y)`: margin sampling, cold start by k-means, {n_seeds} seeds for
  each data set and each of {n_learners} models:
  {learners}.
* The score that a session sees is that of its test set. What a stop is worth is measured on other samples, which no
  session sees.
* Each session runs to its end once. Every rule is then read on all that the session was after each round, and stops
  where it fires first. A rule that never fires stops at the end of the run. Runs are short: a rule that fires late is
  cut off there, which flatters it.
* The cost of a stop after n labels is n + P (1 - accuracy), in labels' worth: P = N m / l, where N is the number of
  predictions in production, m the cost of an error and l what a label costs. The **regret** of a stop is its cost less
  that of the cheapest round of the same session, known in hindsight. That round is the luckiest on the unseen samples
  too, so even the best rule has some regret. Where regret is *relative*, it is divided by the mean cost of the
  cheapest rounds at that price, and then averaged over the prices.
* `marginal_gain`, and rules with it, are told the prices. The others are the same at every price.
* A fixed number of labels is the one with the least regret on the *other* data sets, for all models and seeds
  together. The one for each price knows the prices, as `marginal_gain` does, and what other labels have brought, which
  nobody knows who has not labeled such data before.
* Parameters and the default rule were chosen on data sets of their own ({n_choice_seeds} seeds), at the end of this
  page. The tables before that are of the other sets.

{sets}

Those for choosing:

{choice_sets}

## Criteria

Median labels, mean accuracy there and how much of the accuracy at the end of the run it lacks; in how many of the
sessions the criterion never fired; mean regret over all prices. Labels and accuracy of `marginal_gain` and of the
default rule depend on the price: they are those at P = 1,000.

{criteria}

## Rules and baselines, by price

Mean regret at each P, in labels' worth; the mean over the prices, in which the dearest count most; the relative one;
and what the accuracy lacks of that at the end of the run, at P = 10,000.

{prices}

Relative regret of the default rule less that of the best fixed number at each price: {difference:+.2f}, with a 95 %
interval of {low:+.2f} to {high:+.2f} over the {n_cells} pairs of data set and model, which are few and share data. The
mean regret of the default rule is

{verdict}

The default rule at each price, and the cheapest round in hindsight:

{default}

## By data set

Relative regret:

{by_set}

## Which never fired, by model

Sessions in which a criterion never fired, of {n_of_model} each; and in how many it says at the end that it cannot.

{never}

## What was chosen, and why

On the sets for choosing ({n_choice} sessions):

{tried}

{chosen}

## What is bad

{bad}

## Speed

CPU time, one thread, median of {n_timed}:

{speed}

A model is asked once a round, for the 2,000 rows of the stop set and the next questions together.
Reading the criteria takes {reading:.1f} ms, most of it the fit of the learning curve.

## Machine

{machine}
"""
CHOSEN = """\
* `marginal_gain`, `confidence` 0.6: the least mean and relative regret of those tried. The law that is fitted to few
  rounds promises too little more often than too much, and 0.6 leans a little the other way. Higher ones are seldom
  reached where errors are dear, and then do no better than never stopping.
* Before there is a curve, `marginal_gain` fires where the next labels cost more than all errors that are left. Nothing
  is fitted for that, and without it five rounds are labeled even where the first was one too many.
* It need not fire for several rounds running: where errors are cheap, waiting costs more than all else.
* `plateau` and `stabilizing_predictions` are in the default rule for sessions whose prices are not known, where
  `marginal_gain` cannot fire. Either one stops: together they stop earlier than each alone, and in more sessions.
  Where prices are known they fire later than `marginal_gain` as a rule, and change little: for the better on the sets
  for choosing, for the worse on the others, at P = 10,000 above all.
* Their own parameters stay. `plateau` of 8 rounds and `stabilizing_predictions` at 0.97 regret less on the sets for
  choosing, but the latter lacks more accuracy, and who does not tell the prices has not said that it may be lost. The
  right ones depend on the batch, and on the price that is not known: lower them where labels are dear.
"""
BAD = """\
* The default rule at P = 10,000: what a curve gains by a tenth of a point there pays for ten labels, and a test set of
  some hundred samples does not show it. Never stopping costs little more there, and `stabilizing_predictions` can be
  better.
* Wine: a test set of 40 samples, and few labels in all. The default rule has its largest relative regret there.
* `overall_uncertainty`, `max_uncertainty`, `batch_uncertainty` and `expected_error` mostly never fire, or fire much too
  early: naive Bayes is sure of itself after a few labels, wrong or not. They measure how sure the model is, and are not
  better than that is calibrated.
* `confidence_peak`, `contradictory_information` and `variance_model` have little to do with the accuracy: they lack
  much of it where they fire, and often never do.
* `stabilizing_predictions` never fires in many sessions with forests and naive Bayes, whose predictions of a few rows
  keep changing.
* `target` is reached for sure in few sessions: its 0.95 has no meaning for data on which no model gets there. Set it.
* `classification_change`, `gradient`, `margin_exhausted` and `support_saturated` often do not fire in runs of this
  length. `committee_agreement` needs a committee, which none of these models is.
* Where prices are not known, no rule can weigh accuracy against labels. All go on for long where errors are cheap.
"""


def page(outcomes, chosen_on, speed):
    """Return the page: of the outcomes on the sets it is about, and of those on the sets for choosing."""
    seeds = [len({one.seed for one in part}) for part in (outcomes, chosen_on)]
    stops, difference = stops_of(outcomes, RULES), beside_fixed(outcomes)
    return TEXT.format(
        n_runs=len(outcomes),
        n_seeds=seeds[0],
        n_learners=len(LEARNERS),
        learners=", ".join(LEARNERS),
        choice_sets=sets_table(unique(chosen_on)),
        n_choice_seeds=seeds[1],
        sets=sets_table(unique(outcomes)),
        criteria=criteria_table(outcomes, stops),
        prices=prices_table(outcomes, stops),
        **difference,
        verdict=verdict(outcomes, stops),
        default=default_table(outcomes, stops),
        by_set=by_set_table(outcomes, stops),
        n_of_model=len(outcomes) // len(LEARNERS),
        never=never_table(outcomes),
        n_choice=len(chosen_on),
        tried=prices_table(chosen_on, stops_of(chosen_on, tried_rules())),
        chosen=CHOSEN.strip(),
        bad=BAD.strip(),
        n_timed=speed.n_rounds,
        speed=speed_table(speed.rows),
        reading=speed.reading,
        machine=machine(),
    )


def tried_rules():
    return ["marginal_gain", "plateau", "stabilizing_predictions", DEFAULT, DEFAULT_WITHOUT, *TRIED]


def unique(outcomes):
    return list(dict.fromkeys(one.data for one in outcomes))


def stops_of(outcomes, rules):
    """Return where rules and baselines stop: name -> (n_outcomes, n_prices)."""
    stops = {name: rule_stops(outcomes, name) for name in rules}
    if len(unique(outcomes)) > 1:
        stops[FIXED_EACH] = fixed_stops(outcomes, of_each_price=True)
        stops[FIXED_ALL] = fixed_stops(outcomes, of_each_price=False)
    return stops | {NEVER: never_stops(outcomes)}


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def sets_table(names):
    head = ["data", "what", "pool", "test", "most labels", "batch"]
    kinds = SETS | CHOICE_SETS
    parts = [(name, kinds[name]) for name in names]
    return table(head, [(name, one.said, one.n_pool, one.n_test, one.n_labels, one.batch_size) for name, one in parts])


def criteria_table(outcomes, stops):
    head = ["rule", "labels", "accuracy", "lacks", "never fired", "regret", "relative regret"]
    rows, least = [], least_costs(outcomes)
    for name in [*RULES, NEVER]:
        at = [stop[SHOWN] for stop in stops[name]]
        labels = np.median([one.n_labeled[stop] for one, stop in zip(outcomes, at, strict=True)])
        accuracy = np.mean([one.accuracy[stop] for one, stop in zip(outcomes, at, strict=True)])
        end = np.mean([one.accuracy[-1] for one in outcomes])
        never = len(outcomes) if name == NEVER else sum(one.stops[name][SHOWN] is None for one in outcomes)
        found = regrets(outcomes, stops[name])
        share = f"{relative(found, least).mean():.2f}"
        lacks = f"{100 * (end - accuracy):.1f} points"
        fired = f"{never} of {len(outcomes)}"
        rows.append((said(name), f"{labels:.0f}", f"{accuracy:.1%}", lacks, fired, f"{found.mean():.0f}", share))
    return table(head, rows)


def prices_table(outcomes, stops):
    head = ["rule", *(f"P = {price:,}" for price in PRICES), "mean", "relative", "lacks"]
    least, rows = least_costs(outcomes), []
    for name, stop in stops.items():
        found = regrets(outcomes, stop)
        means = [f"{regret:.1f}" for regret in found.mean(axis=0)]
        lacks = np.mean([one.accuracy[-1] - one.accuracy[at[-1]] for one, at in zip(outcomes, stop, strict=True)])
        share = f"{relative(found, least).mean():.3f}"
        rows.append((said(name), *means, f"{found.mean():.1f}", share, f"{100 * lacks:.1f} points"))
    rows.append(("*least cost*", *(f"{cost:.1f}" for cost in least), f"{least.mean():.1f}", "", ""))
    return table(head, rows)


def default_table(outcomes, stops):
    head = ["P", "labels, default", "labels, cheapest", "accuracy, default", "accuracy, cheapest"]
    rows = []
    for i, price in enumerate(PRICES):
        found = [(one, stop[i], one.costs(price).argmin()) for one, stop in zip(outcomes, stops[DEFAULT], strict=True)]
        labels = np.median([(one.n_labeled[ours], one.n_labeled[best]) for one, ours, best in found], axis=0)
        accuracy = np.mean([(one.accuracy[ours], one.accuracy[best]) for one, ours, best in found], axis=0)
        rows.append((f"{price:,}", *(f"{n:.0f}" for n in labels), *(f"{share:.1%}" for share in accuracy)))
    return table(head, rows)


def by_set_table(outcomes, stops):
    shown = [DEFAULT, "marginal_gain", DEFAULT_WITHOUT, "plateau", "stabilizing_predictions", FIXED_EACH, NEVER]
    shown = [name for name in shown if name in stops]
    rows = []
    for data in unique(outcomes):
        places = [i for i, one in enumerate(outcomes) if one.data == data]
        part = [outcomes[i] for i in places]
        found = [relative(regrets(part, [stops[name][i] for i in places]), least_costs(part)).mean() for name in shown]
        rows.append((data, *(f"{share:.2f}" for share in found)))
    return table(["data", *map(said, shown)], rows)


def never_table(outcomes):
    rows = []
    for name, (rule, _) in RULES.items():
        if len(rule.criteria) > 1:
            continue
        cells = []
        for learner in LEARNERS:
            part = [one for one in outcomes if one.learner == learner]
            never = sum(one.stops[name][SHOWN] is None for one in part)
            cannot = sum(name in one.impossible for one in part)
            cells.append(f"{never} ({cannot} cannot)" if cannot else str(never))
        rows.append((said(name), *cells))
    return table(["criterion", *LEARNERS], rows)


def beside_fixed(outcomes):
    """Return by how much the default's relative regret is above that of the best fixed number of labels."""
    least = least_costs(outcomes)
    ours, fixed = (
        relative(regrets(outcomes, stops), least)
        for stops in (rule_stops(outcomes, DEFAULT), fixed_stops(outcomes, of_each_price=True))
    )
    cells = {}
    for one, difference in zip(outcomes, ours - fixed, strict=True):
        cells.setdefault((one.data, one.learner), []).append(difference)
    means = [np.mean(values) for values in cells.values()]
    error = 1.96 * np.std(means, ddof=1) / np.sqrt(len(means))
    mean = np.mean(means)
    return {"difference": mean, "low": mean - error, "high": mean + error, "n_cells": len(cells)}


def verdict(outcomes, stops):
    """Return in words at which prices the default regrets less than what it is held against."""
    ours = regrets(outcomes, stops[DEFAULT]).mean(axis=0)
    parts = []
    for name in ("stabilizing_predictions", FIXED_EACH, FIXED_ALL):
        others = regrets(outcomes, stops[name]).mean(axis=0)
        worse = [f"{price:,}" for price, our, other in zip(PRICES, ours, others, strict=True) if our > other]
        where = f"at every price but {' and '.join(worse)}" if worse else "at every price"
        less = "less" if ours.mean() < others.mean() else "not less"
        than = f"{said(name)} alone" if name in RULES else f"the {name}"
        parts.append(f"* {less} than that of {than} in the mean over the prices, and {where};")
    return "\n".join(parts).removesuffix(";") + "."


def speed_table(rows):
    head = ["work", "CPU time", "goal", "reached"]
    return table(head, [(work, f"{found:.1f} ms", *goal_cells(found, goal)) for work, found, goal in rows])


def goal_cells(found, goal):
    return ("", "") if goal is None else (f"{goal} ms", "yes" if found < goal else "no")


def said(name):
    """Return the name of a rule as the page has it."""
    return f"`{name}`" if name in RULES and len(RULES[name][0].criteria) == 1 else name
