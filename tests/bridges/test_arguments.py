"""What cannot be labeled over there is refused before anybody is asked."""

import pytest

import alwidgets as alw
from alwidgets.bridges.client import LabelStudioError
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
        ({"annotators": ["ann"]}, r"annotators is \['ann'\]; expected a dict of e-mail address, or another id"),
        ({"annotators": {"a@example.com": "a", "A@example.com": "b"}}, "annotators has 'A@example.com' twice"),
    ],
)
def test_an_argument_that_is_none_of_its_kind_is_refused(changes, message):
    session = make()
    with pytest.raises((TypeError, ValueError), match=message):
        alw.LabelStudio(session, NOWHERE, real.LEGACY, **changes)
    session.close()


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.abcabcabc"


def held(error):
    """Return what the frames behind the caller's own hold, as text."""
    frame, found = error.__traceback__.tb_next, []
    while frame is not None:
        found += [value for value in frame.tb_frame.f_locals.values() if isinstance(value, str)]
        frame = frame.tb_next
    return found


@pytest.mark.parametrize("token", [real.LEGACY, JWT])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("session", "token", NOWHERE), "token has 18 characters and is of neither kind"),
        (("session", "token", "token"), r"url is a str of \d+ characters; expected the address"),
        (("session", NOWHERE, "token", "token"), r"project is a str of \d+ characters; expected the number"),
        (("token", NOWHERE, "session"), "session is a str; expected a Session"),
        (("session", "http://127.0.0.1:9/{}", "token"), "url has the token in it; expected the address alone"),
        (("session", "127.0.0.1:9?token={}", "token"), r"url is a str of \d+ characters"),
        (("session", NOWHERE, "Token {}"), r"token has \d+ characters and is of neither kind"),
        (("session", NOWHERE, "token"), "does not answer|refused"),
    ],
)
def test_no_error_shows_a_token_or_keeps_one(token, arguments, message):
    session = make()
    places = {"session": session, "token": token}
    given = [places.get(each, each.format(token)) for each in arguments]
    with pytest.raises((TypeError, ValueError, LabelStudioError)) as raised:
        alw.LabelStudio(*given)
    assert raised.match(message)
    assert token not in str(raised.value)
    assert not [value for value in held(raised.value) if token in value]
    session.close()


def test_a_name_that_is_not_in_the_team_is_refused():
    session = make(team=alw.Team(["ann", "bob"]))
    with pytest.raises(ValueError, match="annotator is 'cy'; expected one of the team: 'ann', 'bob'"):
        alw.LabelStudio(session, NOWHERE, real.LEGACY, annotators={"cy@example.com": "cy"})
    session.close()
