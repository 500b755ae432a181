"""What can be set, and what is refused, without a session."""

from functools import partial

import numpy as np
import pytest

from alwidgets.stopping import Budget, History, all_of, any_of, patience, plateau, target
from alwidgets.stopping.settings import named_changes, settings_of, with_settings
from alwidgets.types import Reading

EMPTY = History((), Budget(), 0, 0.0)


def test_the_settings_are_the_budget_the_needs_and_every_threshold_by_name():
    rule = any_of(
        "budget", all_of(partial(target, threshold=0.9), "plateau"), patience("plateau"), lambda history: None
    )
    settings = settings_of(Budget(labels=300, currency="EUR"), rule)
    assert settings == {
        "labels": 300, "cost": None, "minutes": None, "cost_per_label": 0.0, "currency": "EUR", "cost_per_hour": 0.0,
        "n_predictions": None, "cost_per_error": 0.0, "needs": "any",
        "threshold of budget": 1.0, "threshold of target": 0.9, "threshold of plateau": 0.005,
    }  # fmt: skip


def test_a_criterion_whose_threshold_is_no_number_has_none_to_set():
    def without_default(history, threshold):
        raise NotImplementedError

    def undecided(history, threshold=None):
        raise NotImplementedError

    names = settings_of(Budget(), any_of(without_default, undecided, min))
    assert not [name for name in names if name.startswith("threshold")]


def test_numbers_of_numpy_are_set_as_plain_ones():
    settings = settings_of(Budget(labels=np.int64(5)), any_of(partial(plateau, threshold=np.float32(0.5))))
    assert (type(settings["labels"]), type(settings["threshold of plateau"])) == (int, float)
    changes = named_changes({"n_predictions": np.int64(7), "thresholds": {"plateau": np.float64(0.25)}})
    assert changes == {"n_predictions": 7, "threshold of plateau": 0.25}
    assert [type(value) for value in changes.values()] == [int, float]


def test_a_threshold_is_what_the_criterion_reads_from_then_on_wherever_it_stands():
    rule = any_of("budget", all_of("target", "plateau"))
    _, changed = with_settings(Budget(), rule, {"threshold of target": 0.5})
    assert [reading.threshold for reading in changed.read(EMPTY)] == [1.0, 0.5, 0.005]
    assert changed.sentence == rule.sentence
    _, again = with_settings(Budget(), changed, {"threshold of target": 0.75})
    assert [reading.threshold for reading in again.read(EMPTY)] == [1.0, 0.75, 0.005]
    assert [reading.threshold for reading in rule.read(EMPTY)] == [1.0, 0.95, 0.005]


def test_other_parameters_of_a_criterion_stay():
    seen = []

    def mine(history, threshold=0.5, window=3):
        seen.append((threshold, window))
        return Reading("mine", 0.0, threshold, fired=False, why="")

    _, rule = with_settings(Budget(), any_of(partial(mine, window=7)), {"threshold of mine": 2})
    rule.read(EMPTY)
    assert seen == [(2.0, 7)]


def test_how_many_must_fire_can_be_set():
    rule = any_of("budget", "plateau", "target")
    for needs in ("all", 1, 2, 3, "any"):
        assert with_settings(Budget(), rule, {"needs": needs})[1].needs == needs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"needs": 0}, r"needs is 0; expected 'any', 'all' or a number of criteria, 1 to 2"),
        ({"needs": 3}, "needs is 3"),
        ({"needs": True}, "needs is True"),
        ({"needs": "most"}, "needs is 'most'"),
        ({"needs": [1]}, r"needs is \[1\]"),
        ({"threshold of plateau": None}, "plateau is None; expected a number"),
        ({"threshold of plateau": True}, "plateau is True"),
        ({"threshold of plateau": "0.1"}, "plateau is '0.1'"),
        ({"threshold of plateau": float("nan")}, "plateau is nan"),
        ({"threshold of plateau": 10**400}, "plateau is 1000"),
        ({"threshold of target": 0.1}, "there is no setting 'target'; expected one of .*'needs', 'budget', 'plateau'"),
        ({"price": 1}, "there is no setting 'price'"),
        ({"cost_per_label": -1}, "cost_per_label is -1"),
        ({"cost_per_label": 10**400}, "expected a number"),
        ({"n_predictions": 10**400}, "budget n_predictions is 1000"),
        ({"labels": 2.5}, "labels is 2.5; expected a whole number"),
        ({"cost": 5}, "budget cost is given but cost_per_label is 0"),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_reason(changes, message):
    with pytest.raises(ValueError, match=message):
        with_settings(Budget(), any_of("budget", "plateau"), changes)


def test_thresholds_that_are_no_dict_and_a_currency_that_is_no_text_are_refused():
    with pytest.raises(TypeError, match=r"thresholds is 0\.1; expected a dict such as"):
        named_changes({"thresholds": 0.1})
    with pytest.raises(TypeError, match="currency is 5; expected a str"):
        with_settings(Budget(), any_of("budget"), {"currency": 5})
