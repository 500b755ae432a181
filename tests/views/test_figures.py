import json
import math
from dataclasses import replace

import numpy as np
import pytest

from alwidgets.journal.parts import Growth, PoolPart
from alwidgets.scoring.baseline import Baseline
from alwidgets.stopping import Budget, History, Round
from alwidgets.views.figures import learning_curve, plotly_text

ROUND = Round(1, 8, 8, 0.5, 0.4, 0.6, "held out", 100, 0.1, 9.0, 0.0, "margin")


def history(*rounds):
    return History(rounds, Budget(), n_labeled=0, seconds=0.0)


def test_the_curve_is_the_score_against_the_labels_with_its_interval():
    figure = learning_curve(history(ROUND, replace(ROUND, round=2, n_labeled=16, score=0.7, score_high=0.8)))
    band, line = figure.data
    assert (list(line.x), list(line.y)) == ([8, 16], [0.5, 0.7])
    assert (list(band.x), list(band.y)) == ([8, 16, 16, 8], [0.6, 0.8, 0.4, 0.4])


def test_rounds_without_a_score_are_left_out_and_none_is_no_error():
    assert list(learning_curve(history(replace(ROUND, score=math.nan))).data[1].x) == []


def test_a_biased_score_is_dashed():
    assert learning_curve(history(ROUND)).data[1].line.dash == "solid"
    assert learning_curve(history(replace(ROUND, score_kind="cross-validated"))).data[1].line.dash == "dash"


def test_a_users_text_reaches_plotly_as_text():
    assert plotly_text("<a href='x'>&%{x}") == "&lt;a href='x'&gt;&amp;%&#123;x}"
    figure = learning_curve(history(replace(ROUND, strategy="<b>mine</b>")))
    assert "&lt;b&gt;mine" in figure.data[1].customdata[0]


def of_law(n_rounds=8, budget=None, **given):
    """A history that follows 0.95 - 1 / sqrt(n), with 10 labels a round and 6 s a label."""
    rounds = tuple(
        replace(
            ROUND, round=i, n_labeled=10 * i, score=(score := 0.95 - (10 * i) ** -0.5), score_low=score - 0.05,
            score_high=score + 0.05, seconds=60.0 * i, cost=7.0,
        )
        for i in range(1, n_rounds + 1)
    )  # fmt: skip
    given = {"n_labeled": 10 * n_rounds, "seconds": 60.0 * n_rounds} | given
    return History(rounds, budget or Budget(), **given)


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_against_money_and_minutes_each_round_lies_at_what_was_spent_by_the_prices_of_now():
    budget = Budget(cost_per_label=0.1, cost_per_hour=36, currency="EUR")
    for against, places, title in [
        ("labels", [10, 80], "labels"),
        # 0.1 the answer and 0.01 a second.
        ("cost", [1.6, 12.8], "cost in EUR"),
        ("minutes", [1, 8], "minutes of labeling"),
    ]:
        figure = learning_curve(of_law(budget=budget), against=against)
        x = figure.data[1].x
        assert [x[0], x[-1]] == pytest.approx(places)
        assert figure.layout.xaxis.title.text == title
    assert learning_curve(of_law(), against="cost").layout.xaxis.title.text == "cost"


@pytest.mark.parametrize(
    ("budget", "n_samples", "end"),
    [(Budget(labels=120), None, 120), (Budget(), None, 160), (Budget(), 90, 90), (Budget(labels=120), 100, 100)],
)
def test_the_projection_goes_from_the_last_label_to_the_end_of_the_budget_or_the_pool(budget, n_samples, end):
    figure = learning_curve(of_law(budget=budget, n_samples=n_samples))
    line, band = named(figure, "projection"), named(figure, "95 % band of the projection")
    assert (line.x[0], line.x[-1]) == (80, end)
    assert line.line.dash == "dot"
    n = len(line.x)
    assert list(band.x[:n]) == list(line.x)
    high, low = band.y[:n], band.y[n:][::-1]
    assert all(low <= y <= high for low, y, high in zip(low, line.y, high, strict=True))
    assert line.y[-1] == pytest.approx(0.95 - end**-0.5, abs=0.005)


def test_the_projection_costs_what_labels_cost_so_far():
    budget = Budget(labels=120, cost_per_label=0.1, cost_per_hour=36)
    line = named(learning_curve(of_law(budget=budget), against="cost"), "projection")
    assert (line.x[0], line.x[-1]) == pytest.approx((12.8, 19.2))
    line = named(learning_curve(of_law(budget=budget), against="minutes"), "projection")
    assert (line.x[0], line.x[-1]) == pytest.approx((8, 12))


@pytest.mark.parametrize(
    "given",
    [
        {"n_rounds": 4},
        {"budget": Budget(labels=80)},
        {"budget": Budget(labels=40)},
        {"n_samples": 80},
        {"n_labeled": 0, "seconds": 0.0},
    ],
    ids=["too few rounds", "spent", "overspent", "pool labeled", "all undone"],
)
def test_nothing_is_projected_where_nothing_lies_ahead(given):
    assert [trace.name for trace in learning_curve(of_law(**given)).data] == ["95 % interval", "accuracy"]


def baseline_of(score, source="audit"):
    n = np.arange(1, len(score) + 1) * 10
    return Baseline(n, np.array(score), np.array(score) - 0.1, np.array(score) + 0.1, source, "accuracy", 3)


@pytest.mark.parametrize(
    ("source", "name", "dash"), [("audit", "random", "solid"), ("simulated", "random, simulated", "dash")]
)
def test_the_baseline_says_in_the_legend_and_by_its_dashes_whether_it_is_simulated(source, name, dash):
    figure = learning_curve(of_law(2), baseline=baseline_of([0.4, 0.5], source))
    line, band = named(figure, name), named(figure, "95 % interval of the baseline")
    assert (list(line.x), list(line.y), line.line.dash) == ([10, 20], [0.4, 0.5], dash)
    assert list(band.y) == pytest.approx([0.5, 0.6, 0.4, 0.3])
    assert figure.layout.showlegend
    assert not learning_curve(of_law(2)).layout.showlegend


def test_the_baseline_lies_at_what_its_labels_would_have_cost_and_within_the_picture():
    budget = Budget(cost_per_label=0.5)
    figure = learning_curve(of_law(2, budget), baseline=baseline_of([0.05, 0.5]), against="cost")
    assert list(named(figure, "random").x) == [5, 10]
    assert figure.layout.yaxis.range[0] <= 0.05


def test_another_axis_is_another_picture_and_the_same_one_keeps_its_zoom():
    kept = {
        against: learning_curve(of_law(), against=against).layout.uirevision
        for against in ("labels", "cost", "minutes")
    }
    assert len(set(kept.values())) == 3
    assert learning_curve(of_law(9), baseline=baseline_of([0.5])).layout.uirevision == kept["labels"]


def test_names_of_strategy_currency_and_metric_reach_plotly_as_text():
    hostile = "<b>%{y}</b>&amp;"
    told = replace(ROUND, strategy=hostile, metric=hostile)
    budget = Budget(currency=hostile, cost_per_label=1)
    figure = learning_curve(History((told,), budget, 8, 0.0), against="cost")
    texts = [figure.data[1].name, figure.data[1].customdata[0], figure.layout.xaxis.title.text]
    for text in texts:
        assert "&lt;b&gt;%&#123;y}&lt;/b&gt;&amp;amp;" in text
        assert "%{" not in text
        assert "<b>" not in text
    assert hostile not in figure.to_json()


def test_before_the_first_round_there_are_axes_and_no_line():
    for against in ("labels", "cost", "minutes"):
        figure = learning_curve(history(), against=against)
        assert [list(trace.x) for trace in figure.data] == [[], []]
        assert list(figure.layout.yaxis.range) == [0, 1]
        json.loads(figure.to_json())


def test_a_baseline_is_shown_before_the_first_scored_round():
    figure = learning_curve(history(replace(ROUND, score=math.nan)), baseline=baseline_of([0.4, 0.5]))
    assert list(named(figure, "random").y) == [0.4, 0.5]


def test_a_score_that_is_no_share_is_no_percentage_and_has_a_free_axis():
    rounds = tuple(
        replace(
            ROUND, round=i, n_labeled=10 * i, score=-2 / i, score_low=-3 / i, score_high=-1 / i, metric="neg_log_loss"
        )
        for i in range(1, 9)
    )
    figure = learning_curve(History(rounds, Budget(), 80, 0.0), baseline=baseline_of([-2, -1]))
    assert figure.layout.yaxis.range is None
    assert not figure.layout.yaxis.tickformat
    assert figure.data[1].customdata[0].startswith("round 1: -2 (-3 to -1)<br>")
    for name in ("projection", "random"):
        assert "%{y:.3g}" in named(figure, name).hovertemplate
    assert "%{y:.1%}" in named(learning_curve(of_law()), "projection").hovertemplate


def test_a_score_without_an_interval_is_drawn_all_the_same():
    figure = learning_curve(history(replace(ROUND, score_low=math.nan, score_high=math.nan)))
    assert list(figure.data[1].y) == [0.5]
    assert json.loads(figure.to_json())["data"][0]["y"] == [None, None]


def test_the_legend_lies_below_a_curve_that_has_risen_and_above_one_that_has_not():
    risen = learning_curve(of_law()).layout
    assert (risen.legend.yanchor, risen.legend.y) == ("bottom", 0)
    flat = tuple(replace(ROUND, round=i, n_labeled=10 * i, score=0.5) for i in range(1, 9))
    assert learning_curve(History(flat, Budget(), 80, 0.0)).layout.legend.yanchor == "top"
    for layout in (risen, learning_curve(history()).layout):
        assert layout.legend.bgcolor == "rgba(0,0,0,0)"
        assert (layout.legend.xanchor, layout.legend.x) == ("right", 1)


def test_the_curve_says_when_the_pool_grew_and_by_what():
    growth = [Growth(PoolPart("monday", 3000), 8), Growth(PoolPart("<i>tuesday</i>", 500), 16)]
    figure = learning_curve(of_law(), growth=growth)
    assert [line.x0 for line in figure.layout.shapes] == [8, 16]
    assert [said.text for said in figure.layout.annotations] == ["+500 &lt;i&gt;tuesday&lt;/i&gt;"]
    assert not learning_curve(of_law()).layout.shapes
