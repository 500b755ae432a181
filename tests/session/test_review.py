from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_multilabel_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

import alwidgets as alw
from alwidgets.data.labels import label_of
from alwidgets.inspection.answers_table import COLUMNS, answers_frame, answers_of
from alwidgets.journal.events import Labeled
from alwidgets.journal.state import State
from alwidgets.session import view_of

NAMES = ["cat", "dog", "cow"]
X_MANY, Y_MANY = make_multilabel_classification(120, 6, n_classes=3, n_labels=2, random_state=1)
X_MANY = (X_MANY - X_MANY.mean(axis=0)) / X_MANY.std(axis=0)
ONE_VS_REST = OneVsRestClassifier(LogisticRegression())


@pytest.fixture
def mislabeled(make_session, blobs):
    """A session with 60 labels, of which those of rows 3 and 40 are wrong, and a model."""
    _, y = blobs
    session = make_session(audit=0, batch_size=1000)
    for item in range(60):
        other = "left" if y[item] == "right" else "right"
        session.teach(item, other if item in (3, 40) else y[item], seconds=2.0 + item % 3)
    session.retrain()
    return session


def test_the_review_has_one_row_an_answered_sample_newest_first(make_session):
    session = make_session()
    session.teach(4, "left", seconds=1.5, annotator="Eva")
    session.skip(7, unsure=True)
    session.teach(9, "left")
    session.teach(9, "right", via="map")
    found = session.review()
    assert tuple(found.columns) == COLUMNS
    assert found["item"].tolist() == [9, 7, 4]
    assert found["label"].tolist() == ["right", None, "left"]
    assert found["via"].tolist() == ["map", "", ""]
    assert found["skipped"].tolist() == [False, True, False]
    assert found["unsure"].tolist() == [False, True, False]
    assert found["annotator"].tolist() == [None, None, "Eva"]
    assert found["predicted"].tolist() == [None, None, None]
    assert not found["disagrees"].any()
    assert str(found["at"].dtype).startswith("datetime64")


def test_an_empty_session_has_an_empty_review(make_session):
    found = make_session().review(search="x", sort="suspicious", disagrees=True)
    assert len(found) == 0
    assert tuple(found.columns) == COLUMNS


def test_wrong_labels_are_found_by_models_that_had_not_learned_them(make_session, blobs):
    # A nearest neighbor agrees with every label that it learned.
    _, y = blobs
    session = make_session(audit=0, batch_size=1000, learner=KNeighborsClassifier(1))
    for item in range(60):
        other = "left" if y[item] == "right" else "right"
        session.teach(item, other if item in (3, 40) else y[item])
    session.retrain()
    assert (session.learner.predict(session.X[:60])[[3, 40]] != y[[3, 40]]).all()
    assert {3, 40} <= set(session.review(disagrees=True)["item"])
    assert "had not learned" in view_of(session).label_issues().how


def test_the_most_suspicious_labels_come_first(mislabeled):
    found = mislabeled.review(sort="suspicious")
    assert set(found["item"][:2]) == {3, 40}
    assert found["suspicion"].is_monotonic_decreasing
    assert found["disagrees"][:2].all()
    assert (found["confidence"] >= 0.5).all()
    wrong = found[found["disagrees"]]
    assert np.allclose(wrong["suspicion"], wrong["confidence"])
    right = found[~found["disagrees"]]
    assert np.allclose(right["suspicion"], 1 - right["confidence"])


def test_predictions_are_those_of_scikit_learns_folds(mislabeled):
    rows = np.arange(60)
    y = mislabeled.training_set()[1]
    seed = int(mislabeled.versions["seed"].iloc[-1])
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    expected = cross_val_predict(LogisticRegression(), mislabeled.X[rows], y, cv=folds)
    found = mislabeled.review().sort_values("item")
    assert found["predicted"].tolist() == expected.tolist()


def test_a_model_without_probabilities_disagrees_all_the_same(make_session, blobs):
    session = make_session(audit=0, learner=LinearSVC(), batch_size=1000)
    for item in range(40):
        session.teach(item, "left" if item == 3 else blobs[1][item])
    session.retrain()
    found = session.review(sort="suspicious")
    assert found["disagrees"][: found["disagrees"].sum()].all()
    assert found["confidence"].isna().all()
    assert set(found["suspicion"]) <= {0.0, 1.0}


def test_the_only_label_of_a_class_is_not_judged_and_a_rare_class_is(make_session, blobs):
    session = make_session(audit=0, batch_size=1000, classes=["left", "right", "rare", "rarer"], test=None)
    for item in range(30):
        session.teach(item, {0: "rarer", 1: "rare", 2: "rare"}.get(item, blobs[1][item]))
    session.retrain()
    found = session.review().set_index("item")
    assert found["predicted"][0] is None
    assert not found["disagrees"][0]
    assert found["predicted"][[1, 2, 3]].notna().all()


def test_audit_and_skipped_samples_are_predicted_by_the_newest_model(make_session, blobs):
    session = make_session(audit=0.5, test=None, batch_size=1000)
    for item in session.query(40)[:30].tolist():
        session.teach(item, blobs[1][item])
    session.skip(int(session.query()[0]))
    session.retrain()
    labels, found = session.labels.set_index("item"), session.review().set_index("item")
    rows = [*labels.index[labels["audit"]], *found.index[found["skipped"]]]
    assert len(rows) > 5
    assert found["predicted"][rows].tolist() == session.learner.predict(session.X[rows]).tolist()
    assert not found["disagrees"][found["skipped"]].any()


def test_predictions_are_made_once_a_round_and_follow_a_changed_label_at_once(mislabeled):
    issues = view_of(mislabeled).label_issues()
    mislabeled.teach(3, "left")
    mislabeled.teach(3, "right", via="review")
    found = mislabeled.review().set_index("item")
    predicted = found["predicted"][3]
    assert found["disagrees"][3] == (predicted != "right")
    mislabeled.teach(3, predicted)
    assert 3 not in mislabeled.review(disagrees=True)["item"].tolist()
    assert view_of(mislabeled).label_issues() is issues
    mislabeled.retrain()
    assert view_of(mislabeled).label_issues().round == 2


def test_without_waiting_the_predictions_known_so_far_are_shown(mislabeled):
    assert view_of(mislabeled).label_issues(wait=False) is None
    assert mislabeled.review(wait=False)["predicted"].isna().all()
    mislabeled.review()
    assert mislabeled.review(wait=False)["predicted"].notna().all()


class Moody(GaussianNB):
    """Learns nothing without a sample it likes."""

    liked: ClassVar = ()

    def fit(self, X, y):
        if any(not (sample == X).all(axis=1).any() for sample in self.liked):
            raise RuntimeError("not in the mood")
        return super().fit(X, y)


@pytest.mark.parametrize("n_liked", [1, 12], ids=["one fold", "every fold"])
def test_answers_can_be_looked_over_where_folds_cannot_be_fitted_and_which_were_not_judged_is_said(
    make_session, blobs, monkeypatch, n_liked
):
    X, y = blobs
    session = make_session(learner=Moody(), strategy="random", audit=0, batch_size=1000)
    for item in range(20):
        session.teach(item, y[item])
    session.retrain()
    monkeypatch.setattr(Moody, "liked", X[:n_liked])
    with pytest.warns(RuntimeWarning, match=r"\d+ labels are not judged, since a model .* failed: not in the mood"):
        answers = session.review()
    assert len(answers) == 20
    unknown = answers["predicted"].isna()
    assert unknown[answers["item"] < n_liked].all()
    assert unknown.all() == (n_liked > 1)
    assert not answers["disagrees"][unknown].any()


def test_slow_is_more_than_three_times_the_median_once_five_were_timed(make_session):
    session = make_session(audit=0, batch_size=1000)
    for item, seconds in enumerate([1.0, 1.0, 1.0, 50.0]):
        session.teach(item, "left", seconds=seconds)
    assert session.review(slow=True).empty
    session.teach(4, "left", seconds=3.0)
    session.teach(5, "left")
    assert session.review(slow=True)["item"].tolist() == [3]
    assert session.review(sort="slowest")["item"].tolist()[:2] == [3, 4]


def test_filters_pick_by_class_mark_note_and_what_the_annotator_was_unsure_of(make_session):
    session = make_session(audit=0, batch_size=1000)
    for item in range(8):
        session.teach(item, ("left", "right")[item % 2])
    session.skip(8)
    session.skip(9, unsure=True)
    session.flag(1, "smudged")
    session.flag(2)
    session.note(3, "ask Eva")
    session.note(1, "twice")

    def picked(**filters):
        return sorted(session.review(**filters)["item"])

    assert picked(label="left") == [0, 2, 4, 6]
    assert picked(flagged=True) == [1, 2]
    assert picked(flagged=True, label="right") == [1]
    assert picked(noted=True) == [1, 3]
    assert picked(skipped=True) == [8, 9]
    assert picked(unsure=True) == [9]
    assert picked(skipped=True, unsure=False) == [8]
    assert picked(skipped=False, flagged=False, noted=False) == [0, 4, 5, 6, 7]
    row = session.review(label="right", flagged=True).iloc[0]
    assert (row["flag"], row["note"]) == ("smudged", "twice")
    session.unflag(1)
    session.note(1, "")
    assert picked(noted=True) == [3]


def test_labels_of_other_kinds_that_are_equal_are_not_mixed_up(blobs):
    session = alw.Session(blobs[0], classes=[0, 1], learner=LogisticRegression())
    session.teach(0, 0)
    session.teach(1, 1)
    assert session.review(label=1)["item"].tolist() == [1]


@pytest.mark.parametrize(
    "items",
    [
        ["Parcel waiting", "lunch?", "STRASSE", "none"],
        [{"text": "a parcel"}, {"text": "lunch"}, {"street": "straße"}, {}],
        pd.DataFrame({"text": ["PARCEL", "lunch", "Straße", ""], "n": [1, 2, 3, 4]}),
        pd.Series(["parcel", "lunch", "straße", ""], index=[9, 8, 7, 6]),
    ],
)
def test_search_looks_into_texts_values_and_notes_whatever_the_case(items):
    session = alw.Session(np.eye(4), items, classes=["a", "b"], learner=LogisticRegression())
    for item in range(4):
        session.teach(item, "a")
    session.note(3, "a Parcel, too")
    assert sorted(session.review(search=" parcel ")["item"]) == [0, 3]
    assert session.review(search="strasse")["item"].tolist() == [2]
    assert session.review(search="nowhere").empty


def test_samples_that_say_nothing_are_found_by_their_notes(make_session):
    session = make_session()
    session.teach(0, "left")
    session.teach(1, "left")
    session.flag(1, "blurred")
    assert session.review(search="blur")["item"].tolist() == [1]


def test_a_second_answer_that_differs_is_listed_until_it_is_decided(make_session):
    session = make_session(audit=0, batch_size=1000)
    for item in range(4):
        session.teach(item, "left")
    session.request_repeats([0, 1, 2])
    session.answer_repeat(0, "right")
    session.answer_repeat(1, "left")
    session.answer_repeat(2, None)
    assert session.review(changed=True)["item"].tolist() == [0]
    assert session.review(sort="oldest")["second"].tolist() == ["right", "left", None, None]
    session.teach(0, "left", via="review", event_id="kept")
    assert session.review(changed=True).empty
    session.undo(target="kept")
    assert session.review(changed=True)["item"].tolist() == [0]
    session.teach(0, "right", via="review")
    assert session.review(changed=True).empty
    assert session.agreement.n_agreeing == 1


def test_an_answer_that_was_undone_is_no_longer_reviewed(make_session):
    session = make_session()
    session.teach(0, "left")
    session.undo()
    assert session.review().empty


def test_the_review_of_a_resumed_session_is_the_same(make_session, blobs, tmp_path):
    session = make_session(journal=tmp_path / "s.alw", audit=0)
    session.run(blobs[1], 16)
    session.request_repeats([int(session.labels["item"][0])])
    session.answer_repeat(int(session.labels["item"][0]), "left")
    before = session.review()
    session.close()
    pd.testing.assert_frame_equal(make_session(journal=tmp_path / "s.alw", audit=0).review(), before)


def test_a_rollback_is_checked_anew(make_session, blobs):
    session = make_session(audit=0).run(blobs[1], 24)
    session.review()
    session.rollback(2)
    assert view_of(session).label_issues().round == 2
    assert len(session.review()) == len(session.labels)


@pytest.mark.parametrize(
    ("filters", "error", "message"),
    [
        ({"label": "middle"}, ValueError, "middle"),
        ({"sort": "best"}, ValueError, r"sort is 'best'; expected one of \['newest'"),
        ({"flagged": "yes"}, TypeError, "flagged is 'yes'; expected True, False or None"),
        ({"slow": 3}, TypeError, "slow is 3; expected True, False or None"),
        ({"search": 5}, TypeError, "search is 5"),
    ],
)
def test_a_wrong_filter_is_refused(make_session, filters, error, message):
    session = make_session()
    session.teach(0, "left")
    with pytest.raises(error, match=message):
        session.review(**filters)


def test_a_hundred_thousand_answers_are_read_in_one_pass():
    n = 100_000
    state = State(n, ("a", "b"))
    for item in range(n):
        state.apply(Labeled(id=f"{item}", at=1e9 + item, item=item, annotator=None, seconds=1.0 + (item == 7) * 9,
                             shown_at=None, round=0, label="ab"[item % 2], sample=""))  # fmt: skip
    found = answers_frame(answers_of(state), None)
    few = answers_frame(answers_of(state), None, [7, 99_999, n + 5])
    assert found["item"].tolist() == list(range(n))
    assert found["slow"].sum() == 1
    assert few["item"].tolist() == [7, 99_999]
    assert few["slow"].tolist() == [True, False]


@pytest.fixture
def make_many(make_session):
    """A function that makes a multilabel session, with the first 60 samples labeled and a model."""

    def make(truth=Y_MANY, **changes):
        given = {
            "X": X_MANY, "classes": NAMES, "learner": ONE_VS_REST, "task": "multi", "test": None, "audit": 0,
            "batch_size": 1000,
        } | changes  # fmt: skip
        session = make_session(**given)
        for item in range(60):
            session.teach(item, label_of(truth[item], NAMES))
        session.retrain()
        return session

    return make


@pytest.mark.parametrize("learner", [ONE_VS_REST, MultiOutputClassifier(LogisticRegression()), KNeighborsClassifier(3)])
def test_sets_of_classes_are_held_against_models_that_had_not_learned_them(make_many, learner):
    session = make_many(learner=learner)
    seed = int(session.versions["seed"].iloc[-1])
    expected = cross_val_predict(learner, X_MANY[:60], Y_MANY[:60], cv=KFold(5, shuffle=True, random_state=seed))
    found = session.review(sort="oldest")
    assert found["predicted"].tolist() == [label_of(row, NAMES) for row in expected]
    assert found["disagrees"].tolist() == (expected != Y_MANY[:60]).any(axis=1).tolist()
    assert "had not learned" in view_of(session).label_issues().how


def test_the_suspicion_of_a_set_is_its_strongest_single_contradiction(make_many):
    session = make_many()
    seed = int(session.versions["seed"].iloc[-1])
    folds = KFold(5, shuffle=True, random_state=seed)
    proba = cross_val_predict(ONE_VS_REST, X_MANY[:60], Y_MANY[:60], cv=folds, method="predict_proba")
    found = session.review(sort="oldest")
    np.testing.assert_allclose(found["suspicion"], abs(Y_MANY[:60] - proba).max(axis=1))
    np.testing.assert_allclose(found["confidence"], np.maximum(proba, 1 - proba).prod(axis=1))
    assert (found["disagrees"] == (found["suspicion"] > 0.5)).all()
    assert session.review(sort="suspicious")["item"][0] == found["suspicion"].argmax()


def test_sets_of_a_model_without_probabilities_disagree_all_the_same(make_many):
    found = make_many(learner=OneVsRestClassifier(LinearSVC())).review()
    assert found["confidence"].isna().all()
    assert found["disagrees"].tolist() == (found["suspicion"] == 1).tolist()
    assert 0 < found["disagrees"].sum() < 60


@pytest.mark.parametrize("rare", [[7], [7, 8]])
def test_the_only_labels_with_or_without_a_class_do_not_stop_the_others_from_being_judged(make_many, rare):
    truth = Y_MANY.copy()
    truth[:, 0], truth[:, 1] = 0, 1
    truth[rare, 0], truth[rare, 1] = 1, 0
    # A model that cannot learn a class from its absence alone.
    found = make_many(truth, learner=MultiOutputClassifier(LogisticRegression())).review().set_index("item")
    others = found.index.difference(rare)
    assert found.loc[others, "predicted"].notna().all()
    if len(rare) == 1:
        assert found.loc[7, "predicted"] is None
        assert not found.loc[7, "disagrees"]


def test_sets_are_picked_by_a_class_among_others(make_many):
    session = make_many()
    for place, name in enumerate(NAMES):
        assert sorted(session.review(name)["item"]) == np.flatnonzero(Y_MANY[:60, place]).tolist()
    with pytest.raises(ValueError, match="expected one of"):
        session.review(["cat"])


def test_skipped_samples_and_audit_samples_of_a_multilabel_task_are_predicted_by_the_newest_model(make_many):
    session = make_many()
    session.skip(60)
    session.skip(3)
    session.retrain()
    found = session.review().set_index("item")
    newest = session.learner.predict_proba(X_MANY[[60, 3]]) >= 0.5
    assert found.loc[[60, 3], "predicted"].tolist() == [label_of(row, NAMES) for row in newest]
    assert not found.loc[[60, 3], "disagrees"].any()


def test_a_set_with_a_class_that_was_added_since_disagrees_and_the_rest_is_judged_as_before(make_many):
    session = make_many()
    before = session.review(sort="oldest")
    session.add_class("hen")
    session.teach(5, [*before["label"][5], "hen"])
    found = session.review(sort="oldest").set_index("item")
    assert found.loc[5, "disagrees"]
    assert found.loc[5, "suspicion"] == pytest.approx(before["suspicion"][5])
    assert found.loc[6, "predicted"] == before["predicted"][6]


def test_a_second_set_that_differs_is_listed_until_it_is_decided(make_many):
    session = make_many()
    session.request_repeats([0, 1])
    first, second = session.review(sort="oldest")["label"][:2]
    session.answer_repeat(0, list(reversed(first)))
    session.answer_repeat(1, [name for name in NAMES if name not in second])
    assert session.review(changed=True)["item"].tolist() == [1]
    session.teach(1, second, via="review")
    assert session.review(changed=True).empty


def test_a_resumed_multilabel_review_is_the_same(make_many, make_session, tmp_path):
    session = make_many(journal=tmp_path / "s.alw")
    before = session.review()
    session.close()
    again = make_session(
        X=X_MANY, classes=NAMES, learner=ONE_VS_REST, task="multi", test=None, audit=0, batch_size=1000,
        journal=tmp_path / "s.alw",
    )  # fmt: skip
    pd.testing.assert_frame_equal(again.review(), before)
