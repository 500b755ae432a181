"""The advice in about ten words, and beside it the same few facts from the first round to the last."""

from dataclasses import replace

from alwidgets.session.progress import advise
from alwidgets.stopping import Budget, History, Round, any_of
from alwidgets.views.advice_words import facts, headline

PRICES = Budget(labels=500, cost_per_label=0.1, n_predictions=100_000, cost_per_error=1.0, currency="EUR")


def history_of(n_rounds, budget=PRICES):
    rounds = tuple(
        Round(i, 10 * i, 10 * i, score, score - 0.02, min(1.0, score + 0.02), "held out", 100, 0.1, 0.0, 0.0, "margin")
        for score, i in ((1 - 0.8 / i, i) for i in range(1, n_rounds + 1))
    )  # fmt: skip
    return History(rounds, budget, n_labeled=10 * n_rounds, seconds=60.0 * n_rounds, n_samples=1000)


def in_short(history, *, exhausted=False):
    advice = advise(any_of("budget"), history, exhausted=exhausted)
    return headline(advice, history, exhausted=exhausted), dict(facts(advice, history))


def test_before_there_is_a_model_there_are_no_numbers():
    said, told = in_short(history_of(0))
    assert said == "Keep going: the first model has yet to be trained."
    assert told == {
        "score": "not measured yet",
        "more labels bring": "too early to tell",
        "they cost": "too early to tell",
    }


def test_a_gain_is_said_in_points_with_its_price_and_its_worth():
    said, told = in_short(history_of(20))
    assert said.startswith("Keep going: the next 50 labels should bring +")
    assert said.endswith(" points.")
    assert len(said.split()) <= 11
    assert told["accuracy"] == "0.96 (95 %: 0.94 to 0.98)"
    assert told["next 50 labels bring"].startswith("+")
    assert told["they cost"].startswith("5.00 EUR, ")
    assert told["they are worth"].startswith("about ")


def test_a_gain_that_is_hardly_known_is_too_early_to_tell_and_has_no_worth():
    history = history_of(20)
    advice = advise(any_of("budget"), history)
    unclear = replace(advice, forecast=replace(advice.forecast, clear=False))
    assert headline(unclear, history, exhausted=False) == "Keep going: too early to tell what more labels bring."
    told = dict(facts(unclear, history))
    assert told["next 50 labels bring"] == told["they are worth"] == "too early to tell"


def test_labels_that_no_longer_pay_are_not_also_too_early_to_tell(monkeypatch):
    monkeypatch.setattr("alwidgets.stopping.next_labels.is_clear", lambda curve, gain: False)
    history = history_of(20, replace(PRICES, n_predictions=200))
    advice = advise(any_of("marginal_gain"), history)
    worth = advice.readings[0].value * advice.forecast.cost
    assert 0 < worth < advice.forecast.cost
    told = dict(facts(advice, history))
    assert told["they are worth"] == f"probably at most {worth:.2f} EUR"
    assert told["next 50 labels bring"] == f"probably at most {100 * worth / 200:.1f} points"
    assert advice.sentence.startswith("You may stop: marginal_gain (the next 50 labels cost 5.00 EUR and save at most ")
    assert "too early" not in advice.sentence


def test_what_has_fired_is_named_and_an_empty_pool_is_said():
    assert in_short(history_of(20, replace(PRICES, labels=100)))[0] == "You may stop: budget."
    assert in_short(history_of(20), exhausted=True)[0] == "Every sample has an answer."
