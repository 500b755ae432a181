"""Names of parts: a line of text or a date, and several from one to another."""

import datetime as dt

import numpy as np
import pytest


@pytest.mark.parametrize("source", ["  ", "a\nb", "tab\t", 7, b"monday"])
def test_what_is_no_line_of_text_is_no_name(make_session, blobs, source):
    session = make_session(X=blobs[0][:60], test=None)
    with pytest.raises(
        (ValueError, TypeError), match=r"source is .*; expected a line of text, such as '2026-11-30', or"
    ):
        session.extend(blobs[0][60:], source=source)
    assert session.n_samples == 60


def test_a_date_is_the_name_of_its_day(make_session, blobs):
    session = make_session(X=blobs[0][:60], test=None)
    session.extend(blobs[0][60:], source=dt.date(2026, 11, 30))
    assert session.parts["part"].tolist() == ["first", "2026-11-30"]


def test_several_parts_are_named_by_the_first_and_the_last(make_session, blobs):
    X, _ = blobs
    session = make_session(X=X[:60], test=None)
    session.extend(X[60:80], source="monday")
    session.extend(X[80:100], source="monday to tuesday")
    session.extend(X[100:], source="wednesday")
    rows = session.ask_audit(60, part="monday to tuesday to wednesday")
    assert set(rows.tolist()) <= set(range(60, 120))
    assert session.ask_audit(60, part="monday to tuesday").size == 0
    with pytest.raises(ValueError, match="part is 'wednesday to monday'"):
        session.ask_audit(part="wednesday to monday")


def test_the_baseline_says_which_part_lacks_answers(make_session, blobs):
    X, y = blobs
    session = make_session(X=X[:60], test=None, audit=0.5).run(y[:60], 40)
    session.extend(np.concatenate([X[60:], X[60:] + 1]), source="monday")
    with pytest.raises(ValueError, match="the audit counts once 5 random questions of part 'monday' have an answer; 0"):
        session.random_baseline("simulated")
