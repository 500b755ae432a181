"""A corrected audit answer: only the rounds that were scored on it are scored again, once, and nobody waits for it."""

import threading

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer

from alwidgets.session import view_of
from alwidgets.session.progress import SCORED_AGAIN
from alwidgets.types import Reading
from alwidgets.widgets.learning_curve import LearningCurve
from alwidgets.widgets.stopping_panel import StoppingPanel

OTHER = {"left": "right", "right": "left"}
# A score is its value and an interval of 200 resamples.
CALLS_A_SCORE = 201
# The rounds from the fifth on have the ten random questions that a score needs.
GIVEN = {"test": None, "audit": 0.5}


class Counting:
    """A score that counts how often rounds are scored, and waits at a gate while it is closed."""

    def __init__(self):
        self.n_calls = 0
        self.gate, self.reached = threading.Event(), threading.Event()
        self.gate.set()
        self.scorer = make_scorer(self.score)

    def score(self, y, predicted):
        self.n_calls += 1
        if not self.gate.is_set():
            self.reached.set()
            assert self.gate.wait(60)
        return np.mean(y == predicted)

    def since(self):
        """Return how many rounds were scored since it was last asked."""
        n_rounds, rest = divmod(self.n_calls, CALLS_A_SCORE)
        assert rest == 0
        self.n_calls = 0
        return n_rounds


@pytest.fixture
def counting():
    counting = Counting()
    yield counting
    counting.gate.set()


@pytest.fixture
def session(make_session, blobs, counting):
    """Ten rounds of which the last nine have an audit sample more each time, or as many."""
    made = make_session(**GIVEN, scoring={"counted": counting.scorer}, stop="plateau").run(blobs[1], 40)
    counting.since()
    return made


def audited(session):
    return session.labels.loc[session.labels["audit"], "item"].tolist()


def scored_with(session, row):
    """Return the rounds that have a score which is of a row."""
    at = next(n for n, event in enumerate(session.events, 1) if event.kind == "labeled" and event.item == row)
    trained = [event for event in session.events if event.kind == "trained" and event.upto >= at]
    return [event.record.round for event in trained if np.isfinite(event.record.score)]


def test_only_the_rounds_that_were_scored_on_an_answer_are_scored_again_and_once(session, blobs, counting):
    y, row = blobs[1], audited(session)[14]
    affected = scored_with(session, row)
    assert 0 < len(affected) < 10
    before = session.history
    session.teach(row, OTHER[y[row]])
    session.wait()
    assert counting.since() == len(affected)
    after = session.history
    changed = after["score"].fillna(-1) != before["score"].fillna(-1)
    assert after.loc[changed, "round"].tolist() == affected
    assert session.rounds.rounds == session.rounds.rounds
    assert session.advice.readings
    assert counting.since() == 0


def test_a_new_round_has_none_before_it_scored_again(session, blobs, counting):
    y, row = blobs[1], audited(session)[2]
    session.teach(row, OTHER[y[row]])
    session.wait()
    counting.since()
    session.run(y, 12)
    assert len(session.history) == 13
    assert counting.since() == 3


def test_another_correction_scores_again_what_it_changes(session, blobs, counting):
    y, (early, late) = blobs[1], np.array(audited(session))[[2, 16]]
    for row in (early, late):
        session.teach(row, OTHER[y[row]])
        session.wait()
        assert counting.since() == len(scored_with(session, row))


def test_a_correction_undone_leaves_the_rounds_as_they_were_made_and_scores_none(session, blobs, counting):
    before = session.rounds.rounds
    session.teach(audited(session)[4], OTHER[blobs[1][audited(session)[4]]])
    session.wait()
    assert session.rounds.rounds != before
    counting.since()
    session.undo()
    assert session.rounds.rounds == before
    assert counting.since() == 0


def test_rolled_back_beyond_a_correction_the_rounds_are_as_they_were_made(session, blobs, counting):
    before = session.rounds.rounds
    session.teach(audited(session)[0], OTHER[blobs[1][audited(session)[0]]])
    session.retrain()
    corrected = session.rounds.rounds
    counting.since()
    session.rollback(10)
    assert session.rounds.rounds == before
    session.rollback()
    assert session.rounds.rounds == corrected
    assert counting.since() == 0


def test_a_session_opened_again_scores_again_when_it_is_asked_for_its_rounds(make_session, blobs, counting, tmp_path):
    given = {**GIVEN, "scoring": {"counted": counting.scorer}, "journal": tmp_path / "a.alw"}
    session = make_session(**given).run(blobs[1], 40)
    row = audited(session)[3]
    session.teach(row, OTHER[blobs[1][row]])
    corrected = repr(session.rounds.rounds)
    session.close()
    counting.since()
    again = make_session(**given)
    assert counting.since() == 0
    # As text, since NaN is not NaN.
    assert repr(again.rounds.rounds) == corrected
    assert counting.since() == len(scored_with(again, row))


def test_labels_are_taken_while_rounds_are_scored_again_and_the_old_scores_are_said_to_be_old(session, blobs, counting):
    y, row = blobs[1], audited(session)[1]
    curve, panel = LearningCurve(session), StoppingPanel(session)
    session.wait()
    before, caption = session.rounds.rounds, curve._caption
    n_labeled = session.progress.n_labeled
    counting.gate.clear()
    session.teach(row, OTHER[y[row]])
    assert counting.reached.wait(60)
    # It is at a score now, and goes on when the gate opens: nothing here waits for that.
    pending = view_of(session).queue[0]
    session.teach(pending, y[pending])
    assert session.progress.n_labeled == n_labeled + 1
    assert view_of(session).outdated
    assert view_of(session).rounds.rounds == before
    assert (view_of(session).advice.stop, view_of(session).advice.sentence) == (False, SCORED_AGAIN)
    assert curve._caption == panel._advice["sentence"] == SCORED_AGAIN
    assert "Session(" in repr(session)
    counting.gate.set()
    session.wait()
    assert not view_of(session).outdated
    assert view_of(session).rounds.rounds == session.rounds.rounds != before
    assert curve._caption not in (caption, SCORED_AGAIN)
    assert panel._advice["sentence"] == session.advice.sentence


def test_whoever_reads_the_rounds_meanwhile_gets_them_corrected(session, blobs, counting):
    y, row = blobs[1], audited(session)[1]
    before = session.history["score"]
    read = []
    counting.gate.clear()
    session.teach(row, OTHER[y[row]])
    assert counting.reached.wait(60)
    reader = threading.Thread(target=lambda: read.append(session.history["score"]))
    reader.start()
    counting.gate.set()
    reader.join(60)
    session.wait()
    assert read[0].equals(session.history["score"])
    assert not read[0].equals(before)


def test_a_criterion_that_asks_for_the_rounds_itself_gets_them_as_they_are_known(make_session, blobs):
    sessions = []

    def asks(history):
        known = sessions[0].rounds if sessions else history
        return Reading("asks", float(len(known)), 0.0, fired=False, why="it only counts")

    session = make_session(**GIVEN, stop=asks).run(blobs[1], 20)
    sessions.append(session)
    row = audited(session)[0]
    session.teach(row, OTHER[blobs[1][row]])
    assert session.rounds[-1].readings[0].value == 5


class Gated(LogisticRegression):
    """Waits at a gate before it is fitted."""

    gate, reached = threading.Event(), threading.Event()

    def fit(self, X, y, sample_weight=None):
        Gated.reached.set()
        assert Gated.gate.wait(60)
        return super().fit(X, y, sample_weight)


def test_an_answer_corrected_while_a_model_is_fitted_is_in_its_score(make_session, blobs):
    y = blobs[1]
    Gated.gate.set()
    session = make_session(**GIVEN, learner=Gated(), batch_size=16).run(y, 31)
    first = int(session.query()[0])
    rows = audited(session)
    Gated.gate.clear()
    Gated.reached.clear()
    session.teach(first, y[first])
    assert Gated.reached.wait(60)
    # Answered since the first round, so that only the one that is being fitted is to predict it.
    row = [row for row in audited(session) if 1 not in scored_with(session, row)][-1]
    assert len(rows) >= 2
    session.teach(row, OTHER[y[row]])
    Gated.gate.set()
    session.wait()
    last, codes = session.rounds[-1], view_of(session).codes
    assert last.round == 2
    said = session._core.log.state.tested
    rows = [row for row in audited(session) if said[row] >= 0]
    assert last.score == np.mean([said[row] == codes[row] for row in rows])


def test_an_answer_undone_and_given_again_is_in_no_score_of_a_model_that_never_predicted_it(make_session, blobs):
    y = blobs[1]
    session = make_session(**GIVEN).run(y, 20)
    row = audited(session)[0]
    target = next(event.id for event in session.events if event.kind == "labeled" and event.item == row)
    session.undo(target=target)
    session.retrain()
    n_without = session.rounds[-1].score_n
    session.teach(row, y[row])
    assert session.history["score_n"].tolist()[-1] == n_without
    session.retrain()
    assert session.rounds[-1].score_n == n_without + 1


def test_a_class_that_was_added_since_is_none_of_a_corrected_round(make_session, blobs):
    y = blobs[1]
    session = make_session(**GIVEN).run(y, 20)
    first, second = audited(session)[:2]
    session.add_class("up")
    session.teach(first, OTHER[y[first]])
    assert [seen.label for seen in session.rounds[-1].per_class] == ["left", "right"]
    session.teach(second, "up")
    assert [seen.label for seen in session.rounds[-1].per_class] == ["left", "right", "up"]
