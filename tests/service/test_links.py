"""Links: a key each, which opens one person's page, goes on to work after a restart, and stands nowhere."""

import json
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import alwidgets as alw
from alwidgets.service.keys import LinkKeys
from alwidgets.service.people import Person
from tests.service.visitor import ask


def key_of(link):
    return link.split("?key=")[1]


def test_everybody_has_a_link_of_their_own(make_session, serve, visit):
    page = serve(make_session(), ["ann", "bob"], experts=["eve"], viewers=["vic"])
    assert list(page.links) == ["ann", "bob", "eve", "vic"]
    assert len(set(page.links.values())) == 4
    entries = [visit(link).enter().json() for link in page.links.values()]
    assert [(entry["name"], entry["role"]) for entry in entries] == [
        ("ann", "annotator"), ("bob", "annotator"), ("eve", "expert"), ("vic", "viewer"),
    ]  # fmt: skip
    assert [[part["name"] for part in entry["parts"]] for entry in entries] == [
        ["labeler"], ["labeler"], ["labeler", "review", "curve", "map", "stopping"], ["stopping", "curve", "map"],
    ]  # fmt: skip


def test_whoever_labels_alone_has_all_that_an_expert_has(make_session, serve):
    assert serve(make_session(annotator="Zoe")).people == (Person("Zoe", "expert"),)
    assert serve(make_session()).people == (Person("annotator", "expert"),)


def test_a_wrong_key_opens_nothing(make_session, serve, visit):
    page = serve(make_session(), ["ann"])
    visitor = visit(page.url + "?key=" + key_of(page.links["ann"])[:-1] + "!")
    assert visitor.enter().status == 403
    assert "link is not valid" in visitor.enter().json()["error"]
    visitor.key = ""
    assert visitor.enter().status == 403


def test_a_key_of_another_session_opens_nothing(make_session, serve, visit):
    first, second = serve(make_session(), ["ann"]), serve(make_session(), ["ann"])
    visitor = visit(second.url + "?key=" + key_of(first.links["ann"]))
    assert visitor.enter().status == 403


def test_a_ticket_is_good_for_one_connection_and_a_key_is_no_ticket(make_session, serve, visit, refused):
    visitor = visit(serve(make_session(), ["ann"]).links["ann"])
    assert refused(visitor, visitor.key) == 403
    assert refused(visitor, "") == 403
    ticket = visitor.enter().json()["ticket"]
    visitor.connect(ticket)
    assert refused(visit(f"{visitor.address}?key={visitor.key}"), ticket) == 403


def test_another_role_has_another_key():
    people = [Person("ann", "annotator"), Person("ann", "expert"), Person("ann", "viewer")]
    keys = LinkKeys(b"secret", "session", people)
    assert len({keys.of(person) for person in people}) == 3
    assert [keys.person(keys.of(person)) for person in people] == people
    assert keys.person("\ud800") is None


def test_links_of_a_journal_work_after_it_is_served_again(make_session, serve, visit, tmp_path):
    page = serve(make_session(journal=tmp_path / "spam.alw"), ["ann"])
    links = page.links
    page.session.close()
    again = serve(make_session(journal=tmp_path / "spam.alw"), ["ann", "bob"])
    assert again.links["ann"] == links["ann"]
    assert visit(links["ann"]).enter().status == 200


def test_links_end_when_new_ones_are_asked_for_or_somebody_is_left_out(make_session, serve, visit, tmp_path):
    session = make_session(journal=tmp_path / "spam.alw")
    links = serve(session, ["ann", "bob"]).links
    page = serve(session, ["ann"])
    assert visit(links["ann"]).enter().status == 200
    assert visit(links["bob"]).enter().status == 403
    page = serve(session, ["ann"], new_links=True)
    assert page.links["ann"] != links["ann"]
    assert visit(links["ann"]).enter().status == 403
    assert visit(page.links["ann"]).enter().status == 200


def test_links_of_a_session_in_memory_work_when_it_is_served_again_until_new_ones_are_asked_for(make_session, serve):
    session = make_session()
    page = serve(session, ["ann"])
    links = page.links
    page.close()
    assert serve(session, ["ann", "bob"]).links["ann"] == links["ann"]
    fresh = serve(session, ["ann"], new_links=True).links["ann"]
    assert key_of(fresh) != key_of(links["ann"])
    assert serve(session, ["ann"]).links["ann"] == fresh


def test_links_of_a_session_in_memory_end_with_it(make_session, serve, home):
    serve(make_session(), ["ann"])
    assert not home.exists()


def secrets_in(home):
    return list(home.rglob("*.json"))


def test_the_secret_lies_in_the_home_of_whoever_serves_for_nobody_else_to_read(make_session, serve, tmp_path, home):
    page = serve(make_session(journal=tmp_path / "spam.alw"), ["ann"])
    (file,) = secrets_in(home)
    assert key_of(page.links["ann"]) not in file.read_text()
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    secret = json.loads(file.read_text())["secret"]
    for path in (tmp_path / "spam.alw").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert secret.encode() not in content
        assert key_of(page.links["ann"]).encode() not in content


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.parametrize("harm", [lambda file: file.chmod(0o644), lambda file: file.write_text("{")])
def test_a_secret_that_others_could_read_or_that_is_broken_is_drawn_anew(make_session, serve, tmp_path, home, harm):
    session = make_session(journal=tmp_path / "spam.alw")
    before = serve(session, ["ann"]).links["ann"]
    (file,) = secrets_in(home)
    harm(file)
    after = serve(session, ["ann"]).links["ann"]
    assert key_of(before) != key_of(after)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_where_no_secret_can_be_kept_it_is_said_that_links_end_with_the_kernel(make_session, serve, tmp_path, home):
    home.write_text("a file in the place of the folder")
    with pytest.warns(UserWarning, match="could not be kept"):
        page = serve(make_session(journal=tmp_path / "spam.alw"), ["ann"])
    assert page.links["ann"]


def test_keys_stand_in_no_repr_and_no_log(make_session, serve, visit, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    page = serve(make_session(), ["ann"])
    visitor = visit(page.links["ann"])
    for address in (page.links["ann"], page.links["ann"] + "x", page.links["ann"] + "&key=%ff"):
        ask(address)
    visitor.open().label(3)
    visitor.send("no message")
    visitor.send(b"\xff")
    visitor.label(4)
    said = "".join([caplog.text, *capfd.readouterr(), repr(page), str(page), repr(page.people)])
    assert visitor.key not in said
    assert "could not be read" in said


@pytest.mark.parametrize(
    ("names", "error", "words"),
    [
        ("ann", TypeError, "expected a list of names"),
        ([""], TypeError, "not empty"),
        ([None], ValueError, "annotators has None"),
        (["ann "], ValueError, "without spaces around it"),
        ([3], TypeError, "annotator is 3"),
        (["ann", "Ann"], ValueError, "two people are called 'Ann'"),
        (["zo\u00eb", "zoe\u0308"], ValueError, "two people are called 'zo"),
        ([], ValueError, "annotators is empty"),
    ],
)
def test_names_that_are_none_are_told(make_session, names, error, words):
    with pytest.raises(error, match=words):
        make_session().serve(names)


def test_one_person_cannot_have_two_roles(make_session):
    with pytest.raises(ValueError, match="two people are called 'ann'"):
        alw.Page(make_session(), ["ann"], experts=["ann"])


def test_a_link_of_nobody_is_told_who_has_one(make_session, serve):
    with pytest.raises(ValueError, match=r"name is 'bob'; expected one of 'ann'\."):
        serve(make_session(), ["ann"]).link("bob")


def test_serving_loads_neither_tornado_nor_jupyter_before_it_is_asked_for(tmp_path):
    code = (
        "import sys, alwidgets; alwidgets.Page; "
        "print(*[name for name in ('tornado', 'anywidget', 'ipywidgets', 'IPython') if name in sys.modules])"
    )
    root = str(Path(alw.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
