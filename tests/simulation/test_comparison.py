from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from scipy.stats import friedmanchisquare, ttest_rel, wilcoxon
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.simulation import Comparison
from alwidgets.simulation.statistics import paired, ranked
from alwidgets.utils.plotly_style import HUES, INK
from tests.conftest import on_trial

#: A strategy that needs half of random's labels for every score, in five splits.
N_LABELED = np.array([10, 20, 30, 40])


def halved():
    parts = []
    for shift in (-0.02, -0.01, 0.0, 0.01, 0.02):
        random = 0.5 + shift + N_LABELED / 100
        parts += [("random", shift, n, y) for n, y in zip(N_LABELED, random, strict=True)]
        parts += [("half", shift, n / 2, y) for n, y in zip(N_LABELED, random, strict=True)]
    return Comparison(pd.DataFrame(parts, columns=["strategy", "run", "n_labeled", "score"]))


def test_half_the_labels_are_saved_where_half_are_needed():
    result = halved()
    saved = result.savings([0.7])
    assert saved["strategy"].tolist() == ["half"]
    row = saved.iloc[0]
    assert (row["labels_needed"], row["baseline_needed"]) == pytest.approx((10, 20))
    assert (row["data_utilization_rate"], row["label_savings"]) == pytest.approx((0.5, 0.5))
    # Shifted alike, the two curves keep their ratio in every resample.
    assert (row["savings_low"], row["savings_high"]) == pytest.approx((0.5, 0.5))
    summary = result.summary().set_index("strategy")
    assert summary["speed_up"]["half"] == pytest.approx(2)
    assert summary["data_utilization_rate"]["half"] == pytest.approx(0.5)
    assert np.isnan(summary["speed_up"]["random"])


def test_a_score_that_is_not_reached_saves_nothing():
    saved = halved().savings([0.99])
    assert saved[["labels_needed", "label_savings", "savings_low"]].isna().all(axis=None)


def test_the_interval_of_the_savings_is_as_wide_as_the_runs_are_apart():
    rng = np.random.default_rng(0)
    rows = []
    for run in range(8):
        for strategy, pace in (("quick", 2.0), ("random", 1.0)):
            pace_here = pace * rng.uniform(0.7, 1.3)
            rows += [(strategy, run, n, 1 - np.exp(-n * pace_here / 20)) for n in range(2, 60, 2)]
    result = Comparison(pd.DataFrame(rows, columns=["strategy", "run", "n_labeled", "score"]))
    row = result.savings([0.8]).iloc[0]
    assert row["savings_low"] < row["label_savings"] < row["savings_high"]
    assert row["savings_high"] - row["savings_low"] < 0.4
    assert row.equals(result.savings([0.8]).iloc[0])


def test_fewer_than_five_splits_have_no_interval_of_savings():
    for n_runs, known in ((2, False), (4, False), (5, True)):
        result = compared(straight({"a": 4, "random": 4}, range(n_runs)))
        assert result.savings([0.2])["label_savings"].tolist() == [0]
        assert result.savings([0.2])[["savings_low", "savings_high"]].notna().all(axis=None) == known
        assert result.plot("savings").data


@pytest.mark.parametrize(
    ("target", "error", "why"),
    [
        ("x", TypeError, "target is 'x'; expected a score, such as 0.9"),
        (True, TypeError, "target is True; expected a score"),
        (np.True_, TypeError, "expected a score"),
        (float("nan"), ValueError, "target is nan; expected a finite score"),
        (float("inf"), ValueError, "target is inf; expected a finite score"),
    ],
)
@pytest.mark.parametrize("others", [["random"], []], ids=["with a baseline", "without"])
def test_a_target_that_is_no_score_is_refused(target, error, why, others):
    result = compared(straight(dict.fromkeys(["a", *others], 4)))
    with pytest.raises(error, match=why):
        result.summary(target=target)
    for targets in (target, [0.2, target]):
        with pytest.raises(error, match=why):
            result.savings(targets, baseline="a")


def test_whole_numbers_and_those_of_numpy_are_scores():
    saved = halved().savings(np.array([0.7], np.float32))
    assert saved["target"].tolist() == pytest.approx([0.7])
    assert halved().savings(1)["target"].tolist() == [1]
    assert halved().summary(target=np.float64(0.7)).set_index("strategy")["target"]["half"] == 0.7


def test_a_missing_baseline_that_nobody_named_is_said_to_be_missing():
    result = compared(straight({"entropy": 4, "margin": 4}))
    for found in (result.savings, lambda: result.plot("savings")):
        with pytest.raises(
            ValueError, match=r"no 'random' here .* give baseline=\.\.\., one of \['entropy', 'margin'\]"
        ):
            found()
    assert result.plot("savings", baseline="margin").layout.yaxis.title.text == "labels saved against margin"


def test_deficiency_and_alc_are_what_their_formulas_say():
    rows = [("random", 0, n, y) for n, y in ((1, 0.5), (2, 0.6), (4, 0.8))]
    rows += [("better", 0, n, y) for n, y in ((1, 0.5), (2, 0.75), (4, 0.8))]
    result = Comparison(pd.DataFrame(rows, columns=["strategy", "run", "n_labeled", "score"]))
    summary = result.summary().set_index("strategy")
    assert summary["deficiency"]["better"] == pytest.approx((0.3 + 0.05) / (0.3 + 0.2))
    assert summary["alc"]["random"] == pytest.approx((0.55 + 0.7) / 2)
    assert summary["area_under_curve"]["random"] == pytest.approx((0.55 + 2 * 0.7) / 3)


def test_the_paired_tests_are_those_of_scipy(rng):
    first, second = rng.normal(0.9, 0.02, 12), rng.normal(0.89, 0.02, 12)
    found = paired(first, second)
    assert found.p_t == pytest.approx(ttest_rel(first, second).pvalue)
    assert found.p_wilcoxon == pytest.approx(wilcoxon(first, second).pvalue)
    assert (found.wins, found.ties, found.losses) == (np.sum(first > second), 0, np.sum(first < second))


def test_what_never_differs_is_no_difference_and_one_split_tells_nothing():
    same = paired([0.5, 0.6], [0.5, 0.6])
    assert (same.p_t, same.p_wilcoxon, same.ties) == (1.0, 1.0, 2)
    assert np.isnan([paired([0.5], [0.6]).p_t, paired([], []).difference]).all()


def test_differences_that_are_all_alike_have_no_spread_for_a_t_test():
    alike = paired([0.3, 0.4, 0.7], [0.2, 0.3, 0.6])
    assert np.isnan(alike.p_t)
    assert alike.p_wilcoxon == pytest.approx(0.25)


def straight(starts, runs=(0, 1, 2)):
    """Strategies on one and the same rising line, each from its own number of labels on."""
    return [(name, run, n, n / 100) for name, first in starts.items() for run in runs for n in range(first, 41, 4)]


def compared(rows, **about):
    return Comparison(pd.DataFrame(rows, columns=["strategy", "run", "n_labeled", "score"]), **about)


def test_a_curve_that_begins_later_gains_nothing_by_it():
    result = compared(straight({"early": 4, "late": 20}))
    assert result.wins()["ties"].tolist() == [3, 3]
    assert result.ranks().mean_rank.tolist() == [1.5, 1.5]
    summary = result.summary()
    assert summary["area_under_curve"].tolist() == pytest.approx([0.3, 0.3])
    assert summary["alc"].tolist() == pytest.approx([summary["alc"][0]] * 2)


def test_curves_that_share_no_labels_are_not_compared():
    result = compared([("early", 0, 4, 0.5), ("early", 0, 8, 0.6), ("late", 0, 12, 0.7), ("late", 0, 16, 0.8)])
    assert result.summary()["area_under_curve"].isna().all()
    assert result.wins()["n_runs"].tolist() == [0, 0]
    with pytest.raises(ValueError, match="at numbers of labels that they share"):
        result.ranks()


def test_a_lost_run_takes_its_split_from_the_means_of_all():
    hard = [("random", 3, n, 0.1) for n in (4, 40)]
    result = compared([*straight({"better": 4, "random": 4}), *hard])
    summary = result.summary(baseline="random")
    assert summary["n_runs"].tolist() == [3, 3]
    assert summary["area_under_curve"][0] == summary["area_under_curve"][1]
    assert result.regret()["regret"].tolist() == pytest.approx([0] * len(result.regret()))
    lines = [line for line in result.plot().data if line.showlegend]
    assert list(lines[0].y) == pytest.approx(list(lines[1].y))


def test_without_a_split_that_all_have_there_are_no_means():
    result = compared([*straight({"a": 4}, runs=[0]), *straight({"random": 4}, runs=[1])])
    assert result.summary()["area_under_curve"].isna().all()
    for found in (result.plot, result.regret, result.ranks):
        with pytest.raises(ValueError, match="no split has a curve of every strategy"):
            found()


def test_a_comparison_has_its_own_baseline_and_refuses_an_unknown_one():
    result = compared(straight({"a": 4, "usual": 4}), baseline="usual")
    assert result.savings()["strategy"].unique().tolist() == ["a"]
    assert result.summary().set_index("strategy")["speed_up"]["a"] == pytest.approx(1)
    assert result.plot("savings").layout.yaxis.title.text == "labels saved against usual"
    with pytest.raises(ValueError, match=r"baseline is 'random'; expected one of \['a', 'usual'\]"):
        result.summary(baseline="random")
    assert compared(straight({"a": 4})).summary()["speed_up"].isna().all()


def test_wins_are_counted_for_each_pair(blobs):
    result = alw.simulate(
        *blobs, learner=GaussianNB(), strategies=["margin", "random", "entropy"], n_runs=3, n_labels=24
    )
    wins = result.wins().set_index(["strategy", "against"])
    assert len(wins) == 6
    for (strategy, against), row in wins.iterrows():
        mirrored = wins.loc[(against, strategy)]
        assert (row["wins"], row["losses"]) == (mirrored["losses"], mirrored["wins"])
        assert row["wins"] + row["ties"] + row["losses"] == row["n_runs"] == 3
    summary = result.summary().set_index("strategy")
    areas = summary["area_under_curve"]
    assert wins["difference"]["margin", "random"] == pytest.approx(areas["margin"] - areas["random"])
    assert wins["p_t"]["margin", "random"] == pytest.approx(summary["p_t"]["margin"], nan_ok=True)


def test_ranks_have_the_critical_difference_of_the_tables(rng):
    areas = rng.random((30, 4))
    found = ranked(list("abcd"), areas)
    # Demsar's table of Nemenyi's test: q = 2.569 for four classifiers.
    assert found.critical_difference == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 30)), abs=1e-3)
    assert found.p == pytest.approx(friedmanchisquare(*areas.T).pvalue)
    assert found.mean_rank.tolist() == sorted(found.mean_rank)
    assert found.mean_rank.sum() == pytest.approx(10)
    tied = ranked(["a", "b", "c"], np.ones((5, 3)))
    assert tied.mean_rank.tolist() == [2, 2, 2]
    assert tied.p == 1.0


def luminance(hue):
    parts = [int(hue[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def test_every_hue_stands_out_from_light_and_from_dark_pages():
    for hue in (*HUES, INK):
        light, dark = 1.05 / (luminance(hue) + 0.05), (luminance(hue) + 0.05) / (luminance("#111111") + 0.05)
        assert min(light, dark) >= (4 if hue == INK else 3)


@pytest.mark.parametrize("kind", ["curves", "savings", "ranks", "regret"])
def test_every_picture_has_the_background_of_its_page(blobs, kind):
    result = alw.simulate(
        *blobs, learner=GaussianNB(), strategies=["margin", "random", "entropy"], n_runs=3, n_labels=24
    )
    figure = result.plot(kind)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color == INK
    shown = [line for line in figure.data if line.showlegend]
    expected = {"curves": 3, "savings": 2, "ranks": 0, "regret": 3}[kind]
    assert len(shown) == expected
    assert len({(line.line.color, line.line.dash) for line in shown}) == len(shown)


def test_a_bar_joins_those_that_do_not_differ():
    rows = []
    for run in range(20):
        for strategy, score in (("a", 0.9), ("b", 0.9 + 0.01 * (-1) ** run), ("c", 0.5)):
            rows += [(strategy, run, n, score) for n in (2, 4)]
    result = Comparison(pd.DataFrame(rows, columns=["strategy", "run", "n_labeled", "score"]))
    bars = [trace for trace in result.plot("ranks").data if trace.name == "do not differ"]
    assert [[round(y) for y in bar.y] for bar in bars] == [[0, 1]]
    # What comes last is drawn above: the dots, which no bar hides.
    assert result.plot("ranks").data[-1].mode == "markers+text"


@pytest.mark.parametrize("kind", ["curves", "savings", "ranks", "regret"])
def test_a_picture_makes_room_for_names_and_for_titles_beside_them(kind):
    figure = compared(straight({"GaussianNB, batches of 4, and a long name": 4, "random": 4})).plot(kind)
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert axis.automargin
        assert axis.title.standoff > 0


def test_a_name_is_shown_as_text(blobs):
    def strategy(view):
        return view.X[view.candidates, 0]

    strategy.__name__ = "<b>bold</b>"
    result = alw.simulate(*blobs, learner=GaussianNB(), strategies=[strategy], n_runs=1, n_labels=8)
    assert result.plot().data[-1].name == "&lt;b&gt;bold&lt;/b&gt;"


def test_what_cannot_be_shown_is_refused():
    with pytest.raises(ValueError, match=r"kind is 'pie'; expected one of \['curves', 'ranks', 'regret', 'savings'\]"):
        halved().plot("pie")
    with pytest.raises(ValueError, match=r"baseline is 'margin'; expected one of \['half', 'random'\]"):
        halved().savings(baseline="margin")


def test_a_replay_has_all_pictures_with_several_strategies_and_batch_sizes(make_session, blobs):
    session = make_session().run(blobs[1], 24)
    result = alw.replay(session, strategies=["margin", "random"], batch_size=[4, 8])
    assert len(result.summary()) == 5
    regret = result.plot("regret")
    assert {line.name for line in regret.data} == set(result.curves["strategy"])
    assert min(min(line.y) for line in regret.data) == 0
    saved = result.savings(baseline="as it was")
    assert set(saved["strategy"]) == set(result.curves["strategy"]) - {"as it was"}
    assert len(result.wins()) == 20


def test_the_band_of_an_accuracy_stays_within_what_an_accuracy_can_be():
    rows = [(name, run, n, 0.5 + run / 2) for name in ("random", "better") for run in (0, 1) for n in (1, 2)]
    figure = Comparison(pd.DataFrame(rows, columns=["strategy", "run", "n_labeled", "score"])).plot()
    shown = np.concatenate([np.asarray(trace.y, float) for trace in figure.data])
    assert shown.min() >= 0
    assert shown.max() <= 1


def test_a_cell_that_ends_with_a_comparison_shows_the_summary_and_what_was_run(blobs):
    result = alw.simulate(*blobs, learner=GaussianNB(), n_runs=3, n_labels=24)
    first = "accuracy on 3 splits; learner GaussianNB; batch size 8; savings against random. summary() has more"
    page = ET.fromstring(f"<div>{result._repr_html_()}</div>")  # noqa: S314 - ours
    columns = [cell.text for cell in page.iter("th")]
    rows = [[cell.text for cell in row.iter("td")] for row in page.iter("tr")][1:]
    shown, summary = pd.DataFrame(rows, columns=columns), result.summary()
    assert shown["strategy"].tolist() == summary["strategy"].tolist()
    assert shown["area_under_curve"].tolist() == [f"{area:.3f}" for area in summary["area_under_curve"]]
    assert not {"learner", "batch_size", "n_failed"} & set(shown)
    assert result._repr_html_().startswith(f"<p>{first}")
    assert repr(result).startswith(first)
    assert f"{summary['last_score'][0]:.3f}" in repr(result)


def test_a_shown_comparison_takes_its_colors_from_the_page_and_its_names_as_text(blobs):
    def strategy(view):
        raise ValueError("<i>no</i>")

    strategy.__name__ = "<b>bold</b>"
    html = alw.simulate(
        *blobs, learner=GaussianNB(), strategies=[strategy, "random"], n_runs=1, n_labels=8
    )._repr_html_()
    assert not any(word in html for word in ("<style", "color", "background", "<b>", "<i>"))
    assert html.count("&lt;b&gt;bold&lt;/b&gt;") == 3


def test_what_failed_is_named_where_a_comparison_is_shown():
    failures = pd.DataFrame(
        [("a", 0, 0, "no luck", True), ("a", 1, 0, "none again", True), ("b", 0, 8, "a slip", False)],
        columns=["strategy", "run", "n_labeled", "error", "lost"],
    )
    text = repr(compared(straight({"b": 4, "random": 4}), failures=failures))
    assert "a: 2 runs failed. no luck\n" in text
    assert "b: 1 run went on after what failed. a slip\n" in text
    assert "none again" not in text
    many = failures.iloc[[0] * 9].assign(strategy=list("cdefghijk"), error=[f"error {each}" for each in "cdefghijk"])
    result = compared(straight({"b": 4}), failures=many)
    assert "\n4 more errors; `failures` has all of them.\n" in repr(result)
    assert "<p>4 more errors; <code>failures</code> has all of them.</p>" in result._repr_html_()


def test_what_failed_alike_is_told_once():
    names = [f"a, batches of {size}" for size in range(7)]
    failures = pd.DataFrame(
        [
            (name, run, 8, f"Run {run} of 'a' failed: no <luck>, expected `k=`", True)
            for first, name in enumerate(names)
            for run in (first, 9)
        ],
        columns=["strategy", "run", "n_labeled", "error", "lost"],
    )
    result = compared(straight({"b": 4}), failures=failures)
    said = f"{'; '.join(names[:5])}; 2 more: 14 runs failed. Run 0 of 'a' failed: no"
    assert repr(result).count("no <luck>") == 1
    assert f"\n{said} <luck>, expected `k=`\n" in repr(result)
    assert result._repr_html_().count("no &lt;luck&gt;, expected <code>k=</code></p>") == 1


class Fails(GaussianNB):
    """Fails in every fit but the trial, after which it would be refused."""

    def fit(self, X, y):
        if on_trial():
            return super().fit(X, y)
        raise ValueError("'var_smoothing' must be a number")


def test_a_fit_that_failed_in_a_run_that_is_over_promises_nothing(blobs):
    grid = {"n_runs": 2, "n_labels": 16, "batch_size": [4, 8]}
    learners = {"good": GaussianNB(), "bad": Fails()}
    result = alw.simulate(*blobs, learner=learners, **grid)
    assert len(result.failures) == 8
    assert not result.failures["error"].str.contains("tries again").any()
    assert not result.failures["error"].str.endswith(" ").any()
    told = [line for line in repr(result).splitlines() if "var_smoothing" in line]
    assert len(told) == 1
    assert told[0].startswith(
        "margin, bad, batches of 4; random, bad, batches of 4; margin, bad, batches of 8; random,"
    )
    assert ": 8 runs failed. Fitting Fails on " in told[0]


def test_nothing_is_shown_without_a_sign():
    rows = [("a", 0, n, -1e-9) for n in (4, 8)]
    assert "-0.000" not in repr(compared(rows))
    assert "-0.000" not in compared(rows)._repr_html_()


def test_a_learner_that_always_failed_is_still_one_of_several_where_a_comparison_is_shown():
    rows = [(*row[:1], "good", 8, *row[1:]) for row in straight({"random": 4})]
    curves = pd.DataFrame(rows, columns=["strategy", "learner", "batch_size", "run", "n_labeled", "score"])
    failures = pd.DataFrame([("random", "bad", 8, 0, 0, "no luck", True)], columns=[
        "strategy", "learner", "batch_size", "run", "n_labeled", "error", "lost",
    ])  # fmt: skip
    first, second, columns, *_ = repr(Comparison(curves, failures=failures)).splitlines()
    assert first.startswith("accuracy on 3 splits; batch size 8; savings against random.")
    assert second == "random, bad: 1 run failed. no luck"
    assert "learner" in columns


def test_strategies_without_a_curve_are_left_out_of_the_ranks():
    failures = pd.DataFrame(
        [("lost", 0, 0, "no luck", True)], columns=["strategy", "run", "n_labeled", "error", "lost"]
    )
    result = compared(straight({"early": 4, "late": 20}), failures=failures)
    assert set(result.ranks().names) == {"early", "late"}
    assert result.plot("ranks").data
