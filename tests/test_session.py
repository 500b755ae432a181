import numpy as np
from sklearn.linear_model import LogisticRegression

import alwidgets as alw


def story(session):
    """What happened, without clocks."""
    return [
        (event.kind, getattr(event, "items", None), getattr(event, "item", None), getattr(event, "label", None))
        for event in session.events
    ]


def test_a_session_killed_after_any_answer_resumes_to_the_same_events(digits, tmp_path):
    X, y = digits
    given = {"X": X[:400], "classes": range(10), "learner": LogisticRegression(max_iter=500), "random_state": 3}
    test = (X[1200:], y[1200:])
    whole = alw.Session(**given, test=test).run(y[:400], 60)
    for part in (1, 7, 8, 9, 15, 20):
        alw.Session(**given, test=test, journal=tmp_path / "digits.alw").run(y[:400], part)
    resumed = alw.Session(**given, test=test, journal=tmp_path / "digits.alw")
    assert story(resumed) == story(whole)
    assert np.array_equal(resumed.learner.predict(X), whole.learner.predict(X))
