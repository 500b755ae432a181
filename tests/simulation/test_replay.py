import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.journal.errors import JournalError
from alwidgets.simulation import Comparison


def curve(result, name):
    part = result.curves[result.curves["strategy"] == name]
    return part["n_labeled"].tolist(), part["score"].tolist()


def as_it_was(view):
    return np.ones(len(view.candidates))


as_it_was.__name__ = "as it was"


def test_what_really_happened_has_the_scores_that_the_session_had(make_session, blobs):
    session = make_session(strategy="entropy").run(blobs[1], 24)
    n_labeled, score = curve(alw.replay(session), "as it was")
    assert n_labeled == session.history["n_labeled"].tolist()
    assert score == pytest.approx(session.history["score"].tolist())


def test_every_strategy_asks_for_the_labels_there_are_and_ends_with_the_same_model(make_session, blobs):
    session = make_session(strategy="random").run(blobs[1], 24)
    result = alw.replay(session, strategies=["margin", "random", "k_means"])
    curves = {name: curve(result, name) for name in ("as it was", "margin", "random", "k_means")}
    assert {tuple(n_labeled) for n_labeled, _ in curves.values()} == {(4, 8, 12, 16, 20, 24)}
    assert {score[-1] for _, score in curves.values()} == {session.history["score"].iloc[-1]}
    assert result.curves.equals(alw.replay(session, strategies=["margin", "random", "k_means"]).curves)


def test_the_last_labels_are_learned_when_they_are_no_whole_batch(make_session, blobs):
    session = make_session().run(blobs[1], 24)
    result = alw.replay(session, strategies=["margin", "random"], batch_size=10)
    assert curve(result, "margin")[0] == curve(result, "random")[0] == [10, 20, 24]
    assert len({curve(result, name)[1][-1] for name in ("as it was", "margin", "random")}) == 1


def test_a_strategy_that_raises_is_told_and_the_others_go_on(make_session, blobs):
    def broken(view):
        raise ZeroDivisionError("no divisor")

    session = make_session().run(blobs[1], 16)
    result = alw.replay(session, strategies=[broken, "random"])
    assert set(result.curves["strategy"]) == {"as it was", "random"}
    assert result.failures["strategy"].tolist() == ["broken"]
    assert result.failures["error"].str.contains("ZeroDivisionError: no divisor").all()
    assert result.summary().set_index("strategy")["n_failed"].to_dict() == {"as it was": 0, "random": 0, "broken": 1}


def test_a_learner_that_always_fails_says_why(make_session, blobs):
    session = make_session().run(blobs[1], 16)
    with pytest.raises(ValueError, match=r"parameters are refused: .*var_smoothing"):
        alw.replay(session, strategy="random", learner=GaussianNB(var_smoothing="none"))


def test_a_replay_is_held_against_what_was(make_session, blobs):
    result = alw.replay(make_session().run(blobs[1], 16), strategy="random")
    assert result.savings()["strategy"].unique().tolist() == ["random"]
    assert result.summary().set_index("strategy")["target"].isna().to_dict() == {"as it was": True, "random": False}


def test_a_replay_has_one_run_of_each_and_hence_no_p_values(make_session, blobs):
    result = alw.replay(make_session().run(blobs[1], 16), strategy="random")
    for table in (result.summary(), result.wins()):
        assert not [name for name in table if name.startswith("p_")]
    assert result.summary()["area_sd"].isna().all()


def test_corrected_and_undone_labels_count_as_they_stand(make_session, blobs):
    _, y = blobs
    session = make_session().run(y, 16)
    expected = alw.replay(session).curves
    wrong = int(session.labels["item"].iloc[0])
    session.teach(wrong, "left" if y[wrong] == "right" else "right")
    session.undo()
    session.teach(int(session.query()[0]), "left")
    session.undo()
    assert alw.replay(session).curves.equals(expected)
    session.teach(wrong, "left" if y[wrong] == "right" else "right")
    assert not alw.replay(session).curves.equals(expected)


def test_several_batch_sizes_are_tried_with_each_strategy(make_session, blobs):
    session = make_session().run(blobs[1], 24)
    result = alw.replay(session, strategy="margin", batch_size=[2, 12])
    assert set(result.curves["strategy"]) == {"as it was", "margin, batches of 2", "margin, batches of 12"}
    assert curve(result, "margin, batches of 12")[0] == [12, 24]
    assert curve(alw.replay(session, strategy="margin", batch_size=12), "margin")[0] == [12, 24]


def test_another_learner_and_another_score_may_be_tried(make_session, blobs):
    session = make_session().run(blobs[1], 8)
    result = alw.replay(session, strategy="random", learner=GaussianNB(), scoring="recall_macro")
    assert result.metric == result.plot().layout.yaxis.title.text == "recall_macro"
    assert result.curves["score"].between(0, 1).all()


def test_without_a_held_out_set_audit_answers_that_never_trained_are_scored_on(make_session, blobs):
    session = make_session(test=None, audit=0.5).run(blobs[1], 48)
    n_train = int((~session.labels["audit"]).sum())
    result = alw.replay(session)
    assert result.curves.groupby("strategy")["n_labeled"].max().tolist() == [n_train - n_train % 4] * 3
    session.end_audit()
    with pytest.raises(ValueError, match=r"nothing to score on: no held-out set, and 0 audit answers that never"):
        alw.replay(session)


def test_a_journal_that_is_open_here_needs_nothing_else(make_session, blobs, tmp_path):
    session = make_session(journal=tmp_path / "a.alw").run(blobs[1], 16)
    assert alw.replay(tmp_path / "a.alw").curves.equals(alw.replay(session).curves)


def test_a_closed_journal_is_replayed_with_its_pool_and_a_learner(make_session, blobs, tmp_path):
    X, y = blobs
    session = make_session(journal=tmp_path / "a.alw").run(y, 16)
    expected = alw.replay(session).curves
    session.close()
    before = {file: file.read_bytes() for file in (tmp_path / "a.alw").rglob("*.json*")}
    given = {"X": X, "learner": LogisticRegression(), "test": (X[::5], y[::5])}
    assert alw.replay(str(tmp_path / "a.alw"), **given).curves.equals(expected)
    assert {file: file.read_bytes() for file in before} == before
    with pytest.raises(ValueError, match=r"no session of this kernel has .*a.alw open, and X and learner is missing"):
        alw.replay(tmp_path / "a.alw")
    with pytest.raises(alw.journal.JournalError, match="was made for another pool than this X"):
        alw.replay(tmp_path / "a.alw", **given | {"X": X + 1})


def test_each_label_takes_the_time_it_took_and_costs_what_it_did(make_session, blobs):
    prices = alw.Budget(cost_per_label=0.5, cost_per_hour=36)
    session = make_session(budget=prices).run(alw.SimulatedAnnotator(seconds=3).answers(blobs[1]), 24)
    result = alw.replay(session, strategy="margin")
    curves = {name: part.reset_index(drop=True) for name, part in result.curves.groupby("strategy")}
    for name in ("seconds", "cost"):
        assert curves["as it was"][name].tolist() == pytest.approx(session.history[name].tolist())
        # Other labels first, and the same in the end.
        assert curves["margin"][name].iloc[-1] == pytest.approx(session.history[name].iloc[-1])
    assert curves["margin"]["seconds"][0] != pytest.approx(curves["as it was"]["seconds"][0])


def test_times_and_prices_that_nobody_told_are_not_known(make_session, blobs):
    assert alw.replay(make_session().run(blobs[1], 8)).curves[["seconds", "cost"]].isna().all(axis=None)
    timed = alw.replay(make_session().run(alw.SimulatedAnnotator(seconds=3).answers(blobs[1]), 8)).curves
    assert timed["seconds"].gt(0).all()
    assert timed["cost"].isna().all()


def test_labels_of_many_classes_take_their_time_too(blobs):
    X, y = blobs
    learner = OneVsRestClassifier(LogisticRegression())
    Y = np.column_stack([y == "left", X[:, 0] > 0]).astype(int)
    session = alw.Session(
        X, classes=["a", "b"], task="multi", learner=learner, batch_size=8, test=(X, Y), random_state=0
    )
    result = alw.replay(
        session.run(alw.SimulatedAnnotator(seconds=3).answers(Y, classes=["a", "b"]), 24), strategy="random"
    )
    assert curve(result, "as it was")[1] == pytest.approx(session.history["score"].tolist())
    assert result.curves.groupby("strategy")["seconds"].max().tolist() == pytest.approx(
        [session.history["seconds"].max()] * 2
    )


def test_a_closed_journal_knows_the_prices_that_were_set_later(make_session, blobs, tmp_path):
    X, y = blobs
    session = make_session(journal=tmp_path / "a.alw").run(alw.SimulatedAnnotator(seconds=3).answers(y), 16)
    session.adjust(cost_per_label=0.5)
    session.close()
    result = alw.replay(tmp_path / "a.alw", X=X, learner="k-NN", test=(X[::5], y[::5]), strategy="random")
    assert result.curves.groupby("strategy")["cost"].max().tolist() == [8.0, 8.0]
    assert result.curves["seconds"].max() == pytest.approx(session.history["seconds"].max())


@pytest.mark.parametrize(
    ("given", "error", "why"),
    [
        ({"strategy": "margin", "strategies": ["random"]}, ValueError, "both given; expected one of them"),
        ({"strategies": "margin"}, TypeError, "expected a list of at least one"),
        ({"strategies": ["margin", "margin"]}, ValueError, "more than once"),
        ({"strategy": "best"}, ValueError, "'best'"),
        ({"strategy": as_it_was}, ValueError, "is called 'as it was', as the session's own curve is; give it another"),
        ({"learner": "svm"}, ValueError, r"learner is 'svm'; expected one of \['logistic regression'"),
        ({"batch_size": 0}, ValueError, "batch_size is 0"),
        ({"batch_size": 40}, ValueError, "16 labels train, but batch_size is 40; expected labels for a round at least"),
        ({"X": np.ones((3, 4))}, ValueError, "X has 3 rows but the session has 120; give its pool"),
    ],
)
def test_what_cannot_be_replayed_is_refused(make_session, blobs, given, error, why):
    session = make_session().run(blobs[1], 16)
    before = session.events
    with pytest.raises(error, match=why):
        alw.replay(session, **given)
    assert session.events == before


def test_what_is_no_session_is_refused():
    with pytest.raises(TypeError, match="session is an int; expected a Session, or the folder of its journal"):
        alw.replay(3)


def test_regret_is_what_is_lost_against_the_best_at_equal_labels():
    rows = [("a", 0, 4, 0.5), ("a", 0, 8, 0.9), ("a", 0, 12, 0.9), ("b", 0, 6, 0.9), ("b", 0, 12, 0.8)]
    curves = pd.DataFrame(rows, columns=["strategy", "run", "n_labeled", "score"])
    regret = Comparison(curves).regret().pivot_table(index="n_labeled", columns="strategy", values="regret")
    assert regret.index.tolist() == [6, 8, 12]
    np.testing.assert_allclose(regret["a"], [0.2, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(regret["b"], [0.0, 0.9 - (0.9 - 0.1 / 3), 0.1], atol=1e-12)


def test_a_session_whose_pool_grew_is_replayed_on_the_whole_pool(make_session, blobs, tmp_path):
    X, y = blobs
    session = make_session(X=X[:60], test=None, audit=0.5, journal=tmp_path / "a.alw").run(y[:60], 16)
    session.extend(X[60:], source="monday")
    session.run(y, 32)
    assert curve(alw.replay(session, strategies=["random"]), "as it was")[0]
    session.close()
    learner = LogisticRegression()
    assert len(alw.replay(tmp_path / "a.alw", X=X, learner=learner, strategies=["random"]).curves)
    for other, match in ((X[:60], "Rows of 'monday' are missing"), (X[:59], "another pool"), (X[::-1], "another pool")):
        with pytest.raises(JournalError, match=match):
            alw.replay(tmp_path / "a.alw", X=other, learner=learner)
