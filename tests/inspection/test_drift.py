"""New samples are told from those before where anything moved, and seldom where nothing did."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import mannwhitneyu

import alwidgets as alw
from alwidgets.inspection.drift import _holm, _rank_sum


def test_nothing_moved_is_seldom_called_drift(rng):
    p_values = [
        alw.drift(rng.normal(size=(80, 3)), rng.normal(size=(60, 3)), random_state=i).p_value for i in range(60)
    ]
    assert np.mean(np.array(p_values) < 0.05) <= 0.1
    assert 0.35 < np.mean(p_values) < 0.65


def test_the_column_that_moved_is_named_first(rng):
    before, now = (pd.DataFrame(rng.normal(size=(200, 3)), columns=["age", "height", "income"]) for _ in range(2))
    now["height"] += 1.0
    found = alw.drift(before, now)
    assert found.moved
    assert found.columns["column"].iloc[0] == "height"
    assert found.columns["now"].iloc[0] - found.columns["before"].iloc[0] == pytest.approx(1.0, abs=0.3)
    assert str(found).endswith("Moved: height.")


def test_two_columns_among_many_that_go_together_in_another_way_are_named(rng):
    before, now = (rng.normal(size=(300, 40)) for _ in range(2))
    now[:, 31] = 0.8 * now[:, 7] + 0.6 * now[:, 31]
    found = alw.drift(before, now)
    assert found.moved
    assert (found.pair.column, found.pair.other) == (7, 31)
    assert abs(found.pair.before) < 0.2
    assert found.pair.now > 0.6
    assert "7 and 31: rank correlation" in str(found)
    assert alw.drift(before, rng.normal(size=(300, 40))).pair is None


def test_columns_that_only_go_together_in_another_way_are_seen(rng):
    before, now = rng.normal(size=(500, 3)), rng.normal(size=(500, 3))
    now[:, 1] = 0.9 * now[:, 0] + np.sqrt(1 - 0.81) * now[:, 1]
    found = alw.drift(before, now)
    assert found.moved
    assert found.columns["p_value"].min() > 0.05
    assert "No single column moved" in str(found)


@pytest.mark.parametrize(
    "column",
    [
        lambda n, moved: pd.Categorical(np.where(np.arange(n) % (3 if moved else 8) == 0, "rare", "usual")),
        lambda n, moved: np.where(np.arange(n) % (3 if moved else 8) == 0, None, "usual"),
        lambda n, moved: pd.date_range("2026-01-01", periods=n) + pd.Timedelta(days=120 if moved else 0),
        lambda n, moved: pd.array(np.arange(n) % (3 if moved else 8), "Int64"),
        lambda n, moved: np.arange(n) % (3 if moved else 8) == 0,
        lambda n, moved: np.where(np.arange(n) % (3 if moved else 8) == 0, np.nan, 1.0),
    ],
    ids=["category", "text with gaps", "time", "nullable", "flag", "missing"],
)
def test_a_column_of_any_kind_can_move(column, rng):
    order = rng.permutation(240)
    frames = [pd.DataFrame({"x": column(240, moved), "y": np.zeros(240)}).iloc[order] for moved in (False, True)]
    assert alw.drift(*frames).moved
    assert not alw.drift(frames[0].iloc[:120], frames[0].iloc[120:]).moved


@pytest.mark.parametrize("n", [20, 25])
def test_a_few_samples_that_lie_elsewhere_are_seen(n, rng):
    found = alw.drift(rng.normal(size=(n, 4)), rng.normal(size=(n, 4)) + 5)
    assert found.moved
    assert str(found).endswith("Moved: 0, 1, 2 and 1 more.")


def test_a_few_samples_of_which_none_moved_are_seldom_called_drift(rng):
    said = [alw.drift(rng.normal(size=(20, 2)), rng.normal(size=(20, 2)), random_state=i).moved for i in range(12)]
    assert np.mean(said) <= 0.1


def test_a_column_that_is_missing_more_often_is_named(rng):
    before, now = rng.normal(size=(200, 3)), rng.normal(size=(200, 3))
    now[rng.random(200) < 0.5, 1] = np.nan
    assert str(alw.drift(before, now)).endswith("Moved: 1.")


@pytest.mark.parametrize("known", [0, 1])
def test_a_column_without_values_is_compared_with_nothing(known, rng):
    before, now = rng.normal(size=(60, 2)), rng.normal(size=(60, 2))
    before[known:, 1] = now[known:, 1] = np.nan
    found = alw.drift(before, now)
    assert not found.moved
    assert found.columns.set_index("column").loc[1, "p_value"] == 1
    assert not alw.drift(before[:, 1:], now[:, 1:]).moved


@pytest.mark.parametrize(
    ("before", "now", "moved"),
    [
        (["a", "b"] * 20, ["a", "b"] * 20, False),
        (["a"] * 40, ["b"] * 40, True),
        (["你好世界"] * 40, ["你好月球"] * 40, True),
        (["", " "] * 20, [" ", ""] * 20, False),
        (["..."] * 40, ["!"] * 40, True),
        ([""] * 40, ["word"] * 40, True),
    ],
)
def test_texts_of_any_kind_are_compared(before, now, moved):
    assert alw.drift(before, now).moved == moved


def test_texts_and_wide_sparse_samples_are_compared_by_components(rng):
    words = np.array(["goal", "team", "price", "market", "win"])
    shares = [0.35, 0.3, 0.05, 0.1, 0.2], [0.1, 0.1, 0.35, 0.3, 0.15]
    sport, money = ([" ".join(rng.choice(words, 6, p=p)) for _ in range(100)] for p in shares)
    assert alw.drift(sport, money).moved
    assert not alw.drift(sport[:50], sport[50:]).moved
    wide = csr_matrix(rng.random((200, 400)) < 0.02, dtype=np.float64)
    heavier = wide.copy()
    heavier.data *= 3
    assert alw.drift(wide, heavier).moved
    assert len(alw.drift(wide, heavier).columns) == 50


def test_it_is_the_same_whenever_it_is_asked_and_changes_nothing(rng):
    X, X_new = rng.normal(size=(2500, 2)), rng.normal(size=(100, 2))
    before = X.copy(), X_new.copy()
    first, second = alw.drift(X, X_new), alw.drift(X, X_new)
    assert first.p_value == second.p_value
    assert (first.n_before, first.n_now) == (2000, 100)
    assert np.array_equal(X, before[0])
    assert np.array_equal(X_new, before[1])


def test_the_rank_sum_is_that_of_scipy_with_ties(rng):
    scores, new = rng.integers(0, 6, 90).astype(float), rng.random(90) < 0.4
    z, auc = _rank_sum(scores, new)
    expected = mannwhitneyu(scores[new], scores[~new], alternative="greater", method="asymptotic", use_continuity=False)
    assert auc == pytest.approx(expected.statistic / (new.sum() * (~new).sum()))
    from scipy.stats import norm

    assert norm.sf(z) == pytest.approx(expected.pvalue)
    assert _rank_sum(np.zeros(9), np.arange(9) < 3) == (0.0, 0.5)


def test_p_values_are_corrected_by_holm():
    assert _holm(np.array([0.01, np.nan, 0.04, 0.03])) == pytest.approx([0.03, np.nan, 0.06, 0.06], nan_ok=True)
    assert _holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("X_new", "error", "message"),
    [
        (np.zeros((5, 2)), ValueError, "X_new has 5 samples; expected 20 or more"),
        (np.zeros((30, 3)), ValueError, "X has 2 features but X_new has 3"),
        (["text"] * 30, TypeError, "of different kinds"),
        (np.full((30, 2), np.inf), ValueError, "X_new row 0, column 0 is inf"),
    ],
)
def test_what_cannot_be_compared_is_refused(X_new, error, message, rng):
    with pytest.raises(error, match=message):
        alw.drift(rng.normal(size=(30, 2)), X_new)


def test_twenty_samples_a_side_are_enough_to_see_what_lies_far_apart(rng):
    found = [alw.drift(rng.normal(size=(20, 4)), rng.normal(size=(20, 4)) + 5, random_state=seed) for seed in range(3)]
    assert all(each.moved for each in found)


def test_a_column_of_which_nothing_is_known_tells_nothing(rng):
    X, X_new = (np.where(np.arange(3) == 1, np.nan, rng.normal(size=(60, 3))) for _ in range(2))
    frames = [pd.DataFrame(each, columns=list("abc")) for each in (X, X_new)]
    for before, now in ((X, X_new), frames):
        assert not alw.drift(before, now).moved
        assert alw.drift(before, now + 2).moved


@pytest.mark.parametrize(("before", "now", "moved"), [("a b", "x y", True), ("你好", "再见", True), ("", "", False)])
def test_texts_without_words_are_compared_by_their_characters(before, now, moved):
    assert alw.drift([before] * 40, [now] * 40).moved == moved


def test_ids_tell_nothing_whatever_came_first(rng):
    ids = [f"id{n:04}" for n in range(600)]
    before, now = (pd.DataFrame({"id": each, "x": rng.normal(size=300)}) for each in (ids[:300], ids[300:]))
    found = alw.drift(before, now)
    assert not found.moved
    of_id = found.columns.set_index("column").loc["id"]
    assert (of_id["statistic"], of_id["p_value"]) == (0, 1)
    # Where ids come instead of what was there, that is seen.
    before["id"] = "none"
    assert alw.drift(before, now).columns["column"].iloc[0] == "id"


def test_many_values_of_the_same_distribution_are_seldom_called_drift(rng):
    def drawn():
        return pd.DataFrame({"town": rng.integers(0, 800, 600).astype(str)})

    assert sum(alw.drift(drawn(), drawn(), random_state=n).moved for n in range(8)) <= 2


def test_texts_that_are_all_the_same_are_compared_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = alw.drift(["ham and egg"] * 60, ["ham and egg"] * 60)
    assert (found.moved, found.p_value) == (False, 1)


def test_what_tells_new_from_old_is_named_where_the_classifier_does_not(rng):
    # It learns little of so few.
    found = alw.drift(pd.DataFrame({"age": np.arange(20.0)}), pd.DataFrame({"age": np.arange(20.0) + 11}))
    assert found.moved
    assert found.p_classifier > 0.05
    assert found.evidence == f"column age moved, p = {found.p_value:.2g}"
    assert str(found).endswith(f"though the classifier alone does not tell (AUC {found.auc:.2f}). Moved: age.")
    before, now = rng.normal(size=(300, 40)), rng.normal(size=(300, 40))
    now[:, 31] = 0.8 * now[:, 7] + 0.6 * now[:, 31]
    found = alw.drift(before, now)
    assert found.p_classifier > 0.05
    assert found.evidence == f"columns 7 and 31 go together in another way, p = {found.p_value:.2g}"
    # At another level the same samples have no pair that tells.
    assert replace(found, level=0.001).pair is None


def test_a_level_is_a_share(rng):
    with pytest.raises(ValueError, match="level"):
        alw.drift(rng.normal(size=(30, 2)), rng.normal(size=(30, 2)), level=0)
