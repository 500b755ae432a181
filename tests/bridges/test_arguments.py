"""What cannot be labeled over there is refused before anybody is asked."""

import pytest

import alwidgets as alw
from tests.bridges import real
from tests.bridges.sample import make

NOWHERE = "http://127.0.0.1:9"


def test_a_session_that_cannot_be_labeled_there_is_refused():
    with pytest.raises(TypeError, match="session is an int; expected a Session"):
        alw.LabelStudio(3, NOWHERE, real.LEGACY)
    session = make()
    session.close()
    with pytest.raises(ValueError, match="the session is closed; label where it is open to write"):
        alw.LabelStudio(session, NOWHERE, real.LEGACY)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"project": "7"}, "project is '7'; expected the number of one, or None"),
        ({"project": True}, "project is True; expected the number"),
        ({"n_tasks": 0}, "n_tasks is 0; expected a whole number of at least 1"),
        ({"annotators": ["ann"]}, r"annotators is \['ann'\]; expected a dict of e-mail address to name"),
        ({"annotators": {"a@example.com": "a", "A@example.com": "b"}}, "annotators has 'A@example.com' twice"),
    ],
)
def test_an_argument_that_is_none_of_its_kind_is_refused(changes, message):
    session = make()
    with pytest.raises((TypeError, ValueError), match=message):
        alw.LabelStudio(session, NOWHERE, real.LEGACY, **changes)
    session.close()


def test_a_name_that_is_not_in_the_team_is_refused():
    session = make(team=alw.Team(["ann", "bob"]))
    with pytest.raises(ValueError, match="annotator is 'cy'; expected one of the team: 'ann', 'bob'"):
        alw.LabelStudio(session, NOWHERE, real.LEGACY, annotators={"cy@example.com": "cy"})
    session.close()
