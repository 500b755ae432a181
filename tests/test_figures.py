import math
from dataclasses import replace

from alwidgets.figures import learning_curve, plotly_text
from alwidgets.stopping import Budget, History, Round

ROUND = Round(1, 8, 8, 0.5, 0.4, 0.6, "held out", 100, 0.1, 9.0, 0.0, "margin")


def history(*rounds):
    return History(rounds, Budget(), n_labelled=0, seconds=0.0)


def test_the_curve_is_the_score_against_the_labels_with_its_interval():
    figure = learning_curve(history(ROUND, replace(ROUND, round=2, n_labelled=16, score=0.7, score_high=0.8)))
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
