"""BearerTokens: given to people and programs by a file or the environment, which hold hashes only, and ended there."""

import re

import pytest

import alwidgets as alw
from alwidgets.service.people import Person
from alwidgets.service.tokens import BearerTokens, new_token
from tests.service.visitor import Caller


def given(file, *people):
    """Write a file with new tokens of people, (name, role), and return the tokens."""
    made = [new_token(name, role) for name, role in people]
    file.write_text("# who may come in\n\n" + "".join(f"{line}\n" for _, line in made))
    return [token for token, _ in made]


def test_whoever_has_a_token_comes_in_with_it(make_session, serve, visit, tmp_path):
    ann, bot = given(tmp_path / "tokens", ("Ann Lee", "annotator"), ("bot", "viewer"))
    page = serve(make_session(), ["bob"], tokens=tmp_path / "tokens")
    caller = Caller(page.url, ann)
    assert caller.answer(3, "left").status == 200
    assert page.session.answers["annotator"].tolist() == ["Ann Lee"]
    assert Caller(page.url, bot).get("/v1/status")["n_labeled"] == 1
    # The page too.
    assert visit(f"{page.url}?key={ann}").open().label(4)["kind"] == "ack"


def test_a_file_that_changes_is_read_again(make_session, serve, tmp_path, caplog):
    caplog.set_level("INFO", "alwidgets")
    file = tmp_path / "tokens"
    (before,) = given(file, ("ann", "annotator"))
    page = serve(make_session(), ["bob"], tokens=str(file))
    assert Caller(page.url, before).call("GET", "/v1/status").status == 200
    after, _ = given(file, ("ann", "annotator"), ("bob", "expert"))
    assert Caller(page.url, before).call("GET", "/v1/status").status == 401
    assert Caller(page.url, after).call("GET", "/v1/status").status == 200
    file.unlink()
    assert Caller(page.url, after).call("GET", "/v1/status").status == 401
    assert "The tokens were read again: 2." in caplog.text
    assert "No token of tokens is valid: the file is gone." in caplog.text
    assert after not in caplog.text


def test_a_line_that_is_no_token_changes_nothing_until_it_is_mended(make_session, serve, tmp_path, caplog):
    file = tmp_path / "tokens"
    (ann,) = given(file, ("ann", "annotator"))
    page = serve(make_session(), ["bob"], tokens=file)
    good = file.read_text()
    new, line = new_token("eve", "expert")
    file.write_text(f"{good}{line}\nnot a token\n")
    assert Caller(page.url, ann).call("GET", "/v1/status").status == 200
    assert Caller(page.url, new).call("GET", "/v1/status").status == 401
    assert "The tokens stay as they were until tokens can be read: line 5 of tokens is not a token" in caplog.text
    file.write_text(line)
    assert Caller(page.url, ann).call("GET", "/v1/status").status == 401
    assert Caller(page.url, new).call("GET", "/v1/status").status == 200


def test_nobody_finds_a_token_in_what_is_kept(tmp_path):
    (token,) = given(tmp_path / "tokens", ("ann", "annotator"))
    assert re.fullmatch(r"alw_[\w-]{43}", token)
    assert token not in (tmp_path / "tokens").read_text()
    assert BearerTokens(tmp_path / "tokens").person(token) == Person("ann", "annotator")
    assert BearerTokens(tmp_path / "tokens").person(token[:-1]) is None


def test_the_environment_has_them_in_one_line():
    (ann, of_ann), (_, of_bob) = new_token("ann", "annotator"), new_token("bob", "expert")
    tokens = BearerTokens(text=f"{of_ann}; {of_bob}")
    assert tokens.people == (Person("ann", "annotator"), Person("bob", "expert"))
    assert tokens.person(ann) == Person("ann", "annotator")


def test_a_person_may_have_two_tokens_while_one_is_changed_for_the_other(tmp_path):
    first, second = given(tmp_path / "tokens", ("ann", "annotator"), ("ann", "annotator"))
    tokens = BearerTokens(tmp_path / "tokens")
    assert tokens.person(first) == tokens.person(second) == Person("ann", "annotator")
    assert tokens.people == (Person("ann", "annotator"),)


LINE = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("secret-token annotator ann", "line 1 of tokens is not a token; expected 'sha256:"),
        (f"\n{LINE} annotator", "line 2 of tokens is not a token"),
        (f"{LINE} king ann", r"line 1 of tokens: role is 'king'; expected one of \['annotator', 'expert', 'viewer'\]"),
        (f"{LINE} annotator a;b", "line 1 of tokens: name is 'a;b'"),
        (
            f"{LINE} annotator ann\n{LINE} expert Ann",
            "line 2 of tokens has 'Ann' as expert, and line 1 of tokens 'ann' as annotator; expected one role",
        ),
    ],
)
def test_a_line_that_is_no_token_is_told_without_what_it_says(tmp_path, text, words):
    (tmp_path / "tokens").write_text(text)
    with pytest.raises(ValueError, match=words) as error:
        BearerTokens(tmp_path / "tokens")
    assert "secret-token" not in str(error.value)


def test_a_file_that_is_not_there_is_told(make_session, tmp_path):
    with pytest.raises(OSError, match="No such file"):
        make_session().serve(["ann"], tokens=tmp_path / "nothing")
    with pytest.raises(TypeError, match="tokens is 3; expected the name of a file"):
        make_session().serve(["ann"], tokens=3)


def test_who_is_not_in_the_team_does_not_come_in_but_as_a_viewer(make_session, serve, tmp_path, caplog):
    session = make_session(team=alw.Team(["ann"], experts=["eve"], answers=1))
    file = tmp_path / "tokens"
    ann, zoe, bot, eve = given(
        file, ("ann", "annotator"), ("zoe", "annotator"), ("bot", "viewer"), ("eve", "annotator")
    )

    def statuses():
        return [Caller(page.url, each).call("GET", "/v1/status").status for each in (ann, zoe, bot, eve)]

    page = serve(session, tokens=file)
    # It is told before somebody comes.
    said = [record.getMessage() for record in caplog.records if "opens nothing" in record.getMessage()]
    assert [each.partition(" Draw one of the role ")[0].removeprefix("The token in ") for each in said] == [
        "line 4 of tokens opens nothing: annotator is 'zoe'; expected one of the team: 'ann', 'eve'.",
        "line 6 of tokens opens nothing: 'eve' is given among the annotators; in the team 'eve' is an expert.",
    ]
    assert statuses() == [200, 401, 200, 401]
    caplog.clear()
    # As where the file changes while it is served.
    file.write_text(file.read_text().replace("# who may come in\n", ""))
    assert statuses() == [200, 401, 200, 401]
    assert caplog.text.count("opens nothing") == 2
    assert "line 3 of tokens opens nothing: annotator is 'zoe'" in caplog.text


@pytest.mark.parametrize(
    ("name", "role", "words"),
    [("", "expert", "name|annotator"), ("a\nb", "expert", "name is"), ("ann", "king", "role is 'king'")],
)
def test_a_token_of_nobody_is_not_drawn(name, role, words):
    with pytest.raises((ValueError, TypeError), match=words):
        new_token(name, role)
