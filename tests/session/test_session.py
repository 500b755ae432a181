import linecache
import shutil
import sys
import time
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modAL.models import ActiveLearner, Committee
from scipy.stats import binomtest, kstest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.journal.state import SKIPPED, fold
from alwidgets.session import view_of

CLOCKS = ["fit_seconds", "seconds"]


def story(session):
    """What happened, without clocks."""
    return [
        (event.kind, getattr(event, "items", None), getattr(event, "item", None), getattr(event, "label", None))
        for event in session.events
    ]


def facts(state):
    """Everything a state knows, comparable."""
    names = list(state.strategies)
    values = vars(state) | {"past": list(state.past.events()), "branches": vars(state.branches)}
    # The codes of strategies are in any order.
    values |= {"strategies": set(names), "asked_by": [names[code] for code in state.asked_by[state.asked > 0]]}
    # NaN, the score of a round that had nothing to measure on, is not equal to itself.
    arrays = {name: value.tobytes() for name, value in values.items() if isinstance(value, np.ndarray)}
    return values | arrays | {"rounds": repr(state.rounds), "past": repr(values["past"])}


def assert_consistent(session):
    state = session._core.log.state
    assert facts(fold(session.events, state.n_samples, state.classes)) == facts(state)


def skipped(session):
    return np.flatnonzero(session._core.log.state.status == SKIPPED).tolist()


def observables(session):
    progress = {name: getattr(session.progress, name) for name in type(session.progress).__dataclass_fields__}
    del progress["labels_per_minute"], progress["busy"]
    return (
        view_of(session).queue,
        session.labels.to_csv(),
        session.history.to_csv(),
        progress,
        view_of(session).recent(99),
    )


def test_an_item_is_its_row_number_and_query_asks_nothing_twice(make_session):
    session = make_session()
    rows = session.query(5)
    assert rows.dtype.kind == "i"
    assert len(set(rows.tolist())) == 5
    n_events = len(session.events)
    assert session.query().tolist() == session.query(5).tolist() == rows.tolist()
    assert session.query(2).tolist() == rows[:2].tolist()
    assert len(session.events) == n_events
    assert session.query(7)[:5].tolist() == rows.tolist()
    assert np.array_equal(session.item(rows[0]), session.X[rows[0]])


def test_an_exhausted_pool_gives_an_empty_array(make_session, blobs):
    X, y = blobs
    session = make_session(X=X[:6], batch_size=8)
    assert sorted(session.query(50)) == list(range(6))
    for row in range(5):
        session.teach(row, y[row])
    session.skip(5)
    assert session.query().shape == (0,)
    assert session.query(3).dtype.kind == "i"
    assert session.run(y[:6]).progress.n_labeled == 5


@pytest.mark.parametrize("audit", [0, 0.3])
def test_any_item_can_be_taught_asked_or_not_and_relabeled(make_session, audit):
    session = make_session(audit=audit)
    asked = session.query(3).tolist()
    other = next(row for row in range(120) if row not in asked)
    session.teach(other, "left", annotator="ann", seconds=3)
    session.teach(other, "right", annotator="ann")
    assert view_of(session).queue == asked
    frame = session.labels
    assert frame[["item", "label", "annotator"]].to_numpy().tolist() == [[other, "right", "ann"]]
    assert session.progress.class_counts == (0, 1)
    assert not frame["audit"].any()
    assert session.training_set()[1].tolist() == ["right"]


def test_a_skipped_item_is_not_asked_again_and_has_no_label(make_session):
    session = make_session()
    first = int(session.query(1)[0])
    session.teach(first, "left")
    session.skip(first)
    assert session.labels.empty
    assert (session.progress.n_labeled, session.progress.n_skipped) == (0, 1)
    assert first not in session.query(119)
    assert session.undo() == [first]
    assert session.labels["label"].tolist() == ["left"]


def test_a_flag_is_kept_beside_the_label_and_does_not_count_for_the_pace(make_session):
    session = make_session()
    for _ in range(4):
        session.flag(3, "blurred", annotator="ann")
    assert session.progress.labels_per_minute is None
    session.teach(3, "left")
    assert session.labels["flag"].tolist() == ["blurred"]
    assert session.undo(9) == [3]


def test_undo_goes_back_any_number_of_answers_and_asks_them_next(make_session):
    session = make_session(batch_size=99)
    rows = session.query(4).tolist()
    session.teach(rows[0], "left")
    session.skip(rows[1])
    session.teach(rows[2], "right")
    session.teach(rows[2], "left")
    assert session.undo() == [rows[2]]
    assert session.labels.set_index("item")["label"].to_dict() == {rows[0]: "left", rows[2]: "right"}
    assert session.undo(2) == [rows[2], rows[1]]
    assert session.query().tolist() == [rows[1], rows[2], rows[3]]
    assert session.undo(5) == [rows[0]]
    assert session.undo() == []
    assert session.query().tolist() == rows
    assert_consistent(session)


def test_undo_after_a_resume_and_of_an_older_answer_by_its_id(make_session, tmp_path):
    make_session(journal=tmp_path / "a.alw").teach(3, "left", event_id="first")
    session = make_session(journal=tmp_path / "a.alw")
    session.teach(4, "right")
    assert session.undo(target="first", event_id="back") == [3]
    assert session.undo(target="first") == []
    assert session.undo(event_id="back") == [3]
    assert session.labels["item"].tolist() == [4]
    with pytest.raises(ValueError, match="steps is 2 with an event_id"):
        session.undo(2, event_id="x")


def test_what_was_undone_stays_the_next_question_when_a_new_model_ranks_the_pool(make_session, blobs):
    session = make_session(batch_size=4)
    rows = session.query().tolist()
    for row in rows:
        session.teach(row, blobs[1][row])
    session.wait()
    assert session.progress.round == 1
    session.undo(3)
    for label in ("left", "right"):
        session.teach(next(row for row in np.flatnonzero(blobs[1] == label) if row not in rows), label)
    session.retrain()
    assert session.query(3).tolist() == rows[1:]


def test_a_round_opens_every_batch_and_with_retrain(make_session, blobs):
    y = blobs[1]
    session = make_session(batch_size=4, budget=alw.Budget(labels=50, cost_per_label=0.5))
    with pytest.raises(ValueError, match=r"labels that train are \{'left': 0, 'right': 0\}"):
        session.retrain()
    session.run(y, 9)
    assert session.history["n_labeled"].tolist() == [4, 8]
    found = session.retrain()
    history = session.history
    assert found.round == 3
    assert history["round"].tolist() == [1, 2, 3]
    assert {
        "round",
        "n_labeled",
        "score",
        "score_low",
        "score_high",
        "score_kind",
        "fit_seconds",
        "cost",
        "budget",
    } <= {*history.columns}
    assert history["cost"].tolist() == [2.0, 4.0, 4.5]
    assert history["budget"].tolist() == [4 / 50, 8 / 50, 9 / 50]
    X, labels = session.training_set()
    rows = np.sort(session.labels["item"].to_numpy())
    assert np.array_equal(X, session.X[rows])
    assert labels.tolist() == y[rows].tolist()
    expected = LogisticRegression().fit(X, labels).score(*session._core.setup.test)
    assert history["score"].iloc[-1] == pytest.approx(expected)


def test_a_held_out_score_has_the_exact_interval(make_session, blobs):
    session = make_session().run(blobs[1], 8)
    last = session.history.iloc[-1]
    exact = binomtest(round(last["score"] * 24), 24).proportion_ci(method="exact")
    assert last["score_kind"] == "held out"
    assert last["score_n"] == 24
    assert (last["score_low"], last["score_high"]) == pytest.approx((exact.low, exact.high))


def test_audit_samples_measure_never_train_and_are_the_share_asked_for(make_session, blobs):
    X, y = blobs
    session = make_session(test=None, audit=0.25).run(y, 80)
    labels = session.labels.set_index("item")
    audit = labels.index[labels["audit"]]
    assert len(audit) == 20
    assert not set(audit) & {int(np.flatnonzero((row == X).all(axis=1))[0]) for row in session.training_set()[0]}
    last = session.history.iloc[-1]
    assert (last["score_kind"], last["score_n"]) == ("audit", 20)
    n_correct = int((session.learner.predict(X[audit]) == y[audit]).sum())
    exact = binomtest(n_correct, 20).proportion_ci(method="exact")
    assert (last["score_low"], last["score_high"]) == pytest.approx((exact.low, exact.high))
    assert labels.loc[audit, "utility"].isna().all()


def test_audit_samples_are_drawn_uniformly(make_session, blobs):
    drawn = []
    for seed in range(60):
        session = make_session(test=None, audit=0.5, random_state=seed)
        session.query(4)
        asked = session._core.log.state
        drawn += [row for row in asked.pending if asked.audit[row]]
    assert len(drawn) == 120
    assert kstest(np.array(drawn) / 120, "uniform").pvalue > 0.001


def test_without_test_set_and_audit_the_score_is_cross_validated_and_repeatable(make_session, blobs):
    def scores():
        learner = RandomForestClassifier(5)
        return make_session(test=None, audit=0, learner=learner).run(blobs[1], 12).history

    first, again = scores(), scores()
    assert set(first["score_kind"]) == {"cross-validated"}
    assert first["score"].notna().any()
    assert first.drop(columns=CLOCKS).equals(again.drop(columns=CLOCKS))
    assert make_session(test=None)._core.setup.audit == 0.1


@pytest.mark.parametrize(
    ("classes", "given_as"),
    [
        ([0, 1], [np.int64(0), np.int32(1)]),
        (["a", "b"], [np.str_("a"), "b"]),
        ([False, True], list(np.array([False, True]))),
        ([1.0, 2.0], [np.float64(1), 2.0]),
        (np.array([3, 4]), [3, np.int8(4)]),
    ],
)
def test_classes_of_every_kind_work_and_numpy_types_are_the_same_labels(blobs, classes, given_as, tmp_path):
    X, y = blobs
    labels = np.array(list(classes))[(y == "right").astype(int)]
    for _ in range(2):
        session = alw.Session(
            X, classes=classes, learner=GaussianNB(), audit=0.4, random_state=0,
            journal=tmp_path / "s.alw",
        )  # fmt: skip
        session.run(labels, 32)
        for row, label in enumerate(given_as):
            session.teach(row, label)
    assert session.history["score"].iloc[-1] > 0.5
    assert set(session.training_set()[1].tolist()) == {label.item() for label in np.array(list(classes))}


@pytest.mark.parametrize(("classes", "label", "meant"), [([6, 7], "7", "7, of type int"), (["6", "7"], 7, "'7', of")])
def test_a_number_is_not_its_text(make_session, classes, label, meant):
    session = make_session(classes=classes, test=None)
    with pytest.raises(ValueError, match=f"label {label!r} is unknown; .*Did you mean {meant}"):
        session.teach(0, label)
    assert session.events == ()


def test_a_drawn_seed_is_stored_and_resumed(make_session, tmp_path):
    session = make_session(random_state=None, journal=tmp_path / "a.alw")
    seed, rows = session.random_state, session.query().tolist()
    assert make_session(random_state=None).random_state != seed
    resumed = make_session(random_state=None, journal=tmp_path / "a.alw")
    assert (resumed.random_state, resumed.query().tolist()) == (seed, rows)
    with pytest.raises(ValueError, match="random_state differs"):
        make_session(random_state=seed + 1, journal=tmp_path / "a.alw")


def test_the_same_event_id_counts_once_also_across_a_resume(make_session, tmp_path):
    session = make_session(journal=tmp_path / "a.alw")
    for _ in range(2):
        for _ in range(2):
            session.teach(5, "left", event_id="one")
            session.skip(6, event_id="two")
            session.flag(6, "odd", event_id="three")
        assert [event.kind for event in session.events] == ["labeled", "skipped", "flagged"]
        session = make_session(journal=tmp_path / "a.alw")
    assert session.undo(event_id="four") == [6]
    assert session.undo(event_id="four") == [6]
    assert session.progress.n_labeled == 1


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["teach", "teach", "teach", "skip", "undo", "flag", "query", "retrain", "resume"]),
        st.integers(0, 11),
        st.sampled_from(["left", "right"]),
    ),
    max_size=25,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=OPERATIONS, audit=st.sampled_from([0, 0.3]))
def test_the_state_is_the_fold_of_its_events_whatever_is_done(blobs, tmp_path_factory, operations, audit):
    X, y = blobs
    path = tmp_path_factory.mktemp("fold") / "a.alw"
    changes = {
        "classes": ["left", "right"],
        "learner": GaussianNB(),
        "batch_size": 3,
        "random_state": 1,
        "audit": audit,
    }

    def opened():
        return alw.Session(X[:12], **changes, test=(X[12:], y[12:]), journal=path)

    session = opened()
    for name, item, label in operations:
        if name == "resume":
            before = observables(session)
            session = opened()
            assert observables(session) == before
        else:
            operate(session, name, item, label)
        session.wait()
        assert_consistent(session)
    session.close()


def operate(session, name, item, label):
    if name == "teach":
        session.teach(item, label)
    elif name in ("skip", "flag"):
        getattr(session, name)(item)
    elif name == "query":
        session.query(1 + item)
    elif name == "retrain" and len({*session.training_set()[1]}) == 2:
        session.retrain()
    elif name == "undo":
        answers = [answer.item for answer in view_of(session).recent(1 + item % 3)]
        assert session.undo(1 + item % 3) == answers
        assert set(answers) <= {*view_of(session).queue, *session.labels["item"], *skipped(session)}


def test_a_session_killed_after_any_answer_resumes_to_the_same_events(digits, tmp_path):
    X, y = digits
    given_ = {"X": X[:400], "classes": range(10), "learner": LogisticRegression(max_iter=500), "random_state": 3}
    test = (X[1200:], y[1200:])
    whole = alw.Session(**given_, test=test).run(y[:400], 60)
    for part in (1, 7, 8, 9, 15, 20):
        alw.Session(**given_, test=test, journal=tmp_path / "digits.alw").run(y[:400], part)
    resumed = alw.Session(**given_, test=test, journal=tmp_path / "digits.alw")
    assert story(resumed) == story(whole)
    assert np.array_equal(resumed.learner.predict(X), whole.learner.predict(X))


@pytest.mark.parametrize("audit", [0, 0.3])
@pytest.mark.parametrize("order", ["mixed", "one class first"])
def test_a_session_killed_between_any_two_events_resumes_to_the_same_story(make_session, blobs, tmp_path, audit, order):
    X, y = blobs
    rows = np.arange(120) if order == "mixed" else np.argsort(y)
    labels = np.where(np.arange(120) % 4 == 1, None, y[rows])
    changes = {
        "X": X[rows],
        "audit": audit,
        "budget": 15,
        "stop": "budget",
        "batch_size": 4,
        "learner": RandomForestClassifier(3),
    }
    whole = make_session(**changes, journal=tmp_path / "whole.alw").run(labels)
    whole.close()
    [file] = (tmp_path / "whole.alw" / "events").iterdir()
    lines = file.read_bytes().splitlines(keepends=True)
    assert {event.kind for event in whole.events} == {"asked", "labeled", "skipped", "trained"}
    shutil.copytree(tmp_path / "whole.alw", tmp_path / "cut.alw")
    for n in range(len(lines)):
        shutil.rmtree(tmp_path / "cut.alw" / "ends")  # never synced: a crash may take them
        for old in (tmp_path / "cut.alw" / "events").iterdir():
            old.unlink()
        (tmp_path / "cut.alw" / "events" / file.name).write_bytes(b"".join(lines[:n]))
        resumed = make_session(**changes, journal=tmp_path / "cut.alw").run(labels)
        assert story(resumed) == story(whole), n
        assert resumed.history.drop(columns=CLOCKS).equals(whole.history.drop(columns=CLOCKS))
        resumed.close()


def test_a_round_that_is_not_there_is_said_to_be_missing(make_session, blobs):
    session = make_session()
    with pytest.raises(IndexError, match=r"^there is no round yet: no model has been fitted\.$"):
        session.rounds[-1]
    session.run(blobs[1], 8)
    assert session.rounds[-1].round == 2
    assert [made.round for made in session.rounds[1:]] == [2]
    with pytest.raises(IndexError, match="index is 2, and of rounds there are 2; expected the place of one"):
        session.rounds[2]


def test_by_hand_with_the_worker_in_the_background_gives_the_same_story_as_run(make_session, blobs):
    y = blobs[1]
    by_hand = make_session()
    while by_hand.progress.n_labeled < 20:
        for row in by_hand.query():
            by_hand.teach(row, y[row])
    by_hand.wait()
    scripted = make_session().run(y, 20)
    assert story(by_hand) == story(scripted)


def test_an_interrupt_at_any_line_of_an_answer_leaves_a_session_that_goes_on(blobs, tmp_path):
    X = blobs[0]
    changes = {"classes": ["left", "right"], "learner": GaussianNB(), "random_state": 0, "batch_size": 999}
    package = str(alw.__path__[0])

    def attempt(session, nth):
        seen = 0

        def trace(frame, event, _):
            nonlocal seen
            if not frame.f_code.co_filename.startswith(package):
                return None
            # Python takes no interrupt between the end of a `with` and the release of its lock.
            if event == "line" and not linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip().startswith(
                "with "
            ):
                seen += 1
                if seen == nth:
                    raise KeyboardInterrupt
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            session.teach(nth % 119, "left")
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(before)
        return False

    # One row is left: when none is, a model learns what there is.
    nth, interrupted = 1, True
    session = alw.Session(X, **changes, journal=tmp_path / "a.alw")
    while interrupted:
        interrupted = attempt(session, nth)
        assert_consistent(session)
        session.teach(nth % 119, "right", event_id=str(nth))
        nth += 1
    assert nth > 50
    session.close()
    resumed = alw.Session(X, **changes, journal=tmp_path / "a.alw")
    # The last answer may have been learned by then, and a score that was not measured equals nothing.
    assert repr(resumed.events) == repr(session.events)
    assert resumed.recovery_message == ""


def test_opening_the_journal_again_closes_the_session_that_had_it(make_session, tmp_path):
    first = make_session(journal=tmp_path / "a.alw")
    first.teach(1, "left")
    second = make_session(journal=str(tmp_path / "x" / ".." / "a.alw"))
    assert first.closed
    assert not second.closed
    for call in (
        lambda: first.teach(2, "left"),
        lambda: first.skip(2),
        lambda: first.flag(2),
        first.undo,
        first.query,
        first.retrain,
        lambda: first.run(["left"] * 120, 1),
    ):
        with pytest.raises(ValueError, match=r"this session is closed.*Use the newer session"):
            call()
    assert len(first.events) == len(second.events) == 1
    assert first.wait(30)
    second.teach(2, "right")
    with pytest.raises(ValueError, match="classes differs"):
        make_session(journal=tmp_path / "a.alw", classes=["right", "left"])
    assert not second.closed


def test_a_listener_that_fails_stands_in_nobodys_way(make_session, caplog):
    session, heard = make_session(), []

    def fails():
        raise RuntimeError("no such widget")

    view_of(session).on_change(fails)
    unsubscribe = view_of(session).on_change(lambda: heard.append(session.progress.n_labeled))
    session.teach(1, "left")
    assert heard == [1]
    assert "no such widget" in caplog.text
    unsubscribe()
    unsubscribe()
    session.teach(2, "left")
    assert heard == [1]


def test_a_modal_learner_that_was_taught_every_class_needs_no_cold_start(make_session, blobs):
    X, y = blobs
    learner = ActiveLearner(LogisticRegression(), X_training=X[:20], y_training=y[:20])
    session = make_session(learner=learner, audit=0)
    session.teach(30, "left")
    session.retrain()
    assert session.progress.phase != "cold start"
    assert session.history["strategy"].tolist() == [session.progress.phase]


def test_run_takes_a_function_and_skips_what_it_cannot_tell(make_session, blobs):
    y = blobs[1]
    session = make_session().run(lambda item: None if item % 2 else y[item], 10)
    assert (session.labels["item"] % 2 == 0).all()
    assert session.progress.n_labeled == 10
    assert session.progress.n_skipped > 0
    with warnings.catch_warnings(record=True) as caught:
        session.run(y, 1)
    assert caught == []


def test_seconds_are_kept_as_given_and_a_pause_is_no_cost(make_session, tmp_path):
    session = make_session(journal=tmp_path / "a.alw")
    for row, seconds in enumerate([3, 600, 0, np.float32(2), float("nan")]):
        session.teach(row, "left", seconds=seconds, shown_at=seconds)
    assert session.labels["seconds"].tolist()[:4] == [3, 600, 0, 2]
    assert session.rounds.seconds == 125
    assert make_session(journal=tmp_path / "a.alw").labels.equals(session.labels)


@pytest.mark.parametrize("seconds", [-5, float("inf"), float("-inf"), np.float32("inf"), 10**400])
def test_a_time_below_zero_or_without_end_is_refused_and_nothing_is_recorded(make_session, seconds):
    session = make_session()
    with pytest.raises(ValueError, match=r"seconds is .*; expected a number of seconds of at least 0, or None"):
        session.teach(0, "left", seconds=seconds)
    assert session.labels.empty


def test_whoever_has_a_name_undoes_own_answers_only(make_session):
    session = make_session()
    session.teach(1, "left", annotator="al")
    session.teach(2, "left", annotator="al")
    session.teach(3, "left", annotator="bo")
    assert session.undo(annotator="al") == [2]
    assert session.undo(annotator="cy") == []
    assert session.labels["item"].tolist() == [1, 3]
    session.teach(2, "right", annotator="al")
    assert session.undo(2, annotator="al") == [2, 1]
    assert session.undo() == [3]


def test_the_last_answer_is_the_last_given_whatever_the_clock_says(make_session, monkeypatch):
    session = make_session()
    now = time.time()
    session.teach(1, "left")
    session.answer_repeat(1, "right")
    monkeypatch.setattr("alwidgets.session.answers.time.time", lambda: now - 3600)
    session.teach(2, "left")
    assert session.undo() == [2]
    assert session.undo() == [1]
    assert session.labels["label"].tolist() == ["left"]


def test_the_labels_are_those_of_the_training_set_whoever_answered(make_session):
    session = make_session()
    session.teach(1, "left", annotator="al")
    session.teach(1, "right", annotator="bo")
    session.teach(2, "left", annotator="al")
    session.skip(2, annotator="bo")
    assert session.labels[["item", "label", "annotator"]].to_numpy().tolist() == [[1, "right", "bo"]]
    assert session.training_set()[1].tolist() == ["right"]


def test_flags_are_listed_whether_the_sample_was_labeled_or_not(make_session):
    session = make_session()
    session.flag(3, "two digits")
    session.skip(3)
    assert session.flags == {3: "two digits"}


def test_a_strategy_cannot_change_the_pool(make_session, blobs):
    def zero(view):
        view.X[:] = 0

    before = blobs[0].copy()
    with pytest.raises(ValueError, match="read-only"):
        make_session(strategy=zero).run(blobs[1], 20)
    assert np.array_equal(blobs[0], before)


def test_a_batch_strategy_takes_rows_of_a_dataframe_by_position(make_session, blobs):
    class Spread:
        def select(self, view, n):
            return alw.kernels.k_center(view.take(view.candidates).to_numpy(), view.take(view.labeled).to_numpy(), n)

    X, y = pd.DataFrame(blobs[0], index=[f"row {i}" for i in range(120)]), blobs[1]
    assert make_session(X=X, test=(X[:20], y[:20]), strategy=Spread()).run(y, 24).progress.n_labeled == 24


def test_a_float_that_is_a_class_counts_as_that_class(make_session, blobs):
    truth = (blobs[1] == "left").astype(float)
    session = make_session(classes=[0, 1], test=(blobs[0][:20], truth[:20])).run(truth, 8)
    assert session.labels["label"].map(type).unique().tolist() == [int]


def test_a_committee_without_anything_to_score_on_is_refused(make_session):
    committee = Committee([ActiveLearner(LogisticRegression())])
    with pytest.raises(ValueError, match="a Committee cannot be cross-validated; expected test="):
        make_session(learner=committee, test=None, audit=0)
