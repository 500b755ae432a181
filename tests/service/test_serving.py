"""Serving: beside whatever the kernel does, at one port, one page a session, as long as it is open."""

import gc
import socket
import sys
import threading
import time
import warnings

import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from tests.service.visitor import ask


class SpinningNB(GaussianNB):
    """A learner whose fit keeps the interpreter busy until it is let go."""

    begun, let_go = threading.Event(), threading.Event()

    def fit(self, X, y):
        if threading.current_thread().name != "alwidgets-trial":
            self.begun.set()
            while not self.let_go.is_set():
                pass
        return super().fit(X, y)


def test_answers_are_taken_while_a_fit_in_pure_python_runs(make_session, serve, visit):
    page = serve(make_session(learner=SpinningNB(), batch_size=2, cold_start="random", test=None, audit=0), ["ann"])
    ann = visit(page.links["ann"]).open()
    try:
        ann.label(0, 0)
        ann.label(1, 1)
        assert SpinningNB.begun.wait(60)
        for item in range(2, 12):
            assert ann.label(item)["kind"] == "ack"
    finally:
        SpinningNB.let_go.set()
    assert len(page.session.labels) == 12


def test_answers_are_taken_while_the_main_thread_is_busy(make_session, serve, visit):
    page = serve(make_session(), ["ann"])
    done = threading.Event()

    def visit_it():
        visitor = visit(page.links["ann"]).open()
        visitor.label(3)
        done.set()

    threading.Thread(target=visit_it).start()
    while not done.is_set():
        pass
    assert len(page.session.labels) == 1


def test_the_port_is_a_free_one_or_the_one_that_is_wanted(make_session, serve):
    first, second = serve(make_session(), ["ann"]), serve(make_session(), ["ann"])
    assert first.port != second.port
    port = first.port
    first.close()
    third = serve(make_session(), ["ann"], port=port)
    assert third.port == port
    assert third.url == f"http://127.0.0.1:{port}/"


def test_a_port_that_another_program_has_is_told_and_the_page_before_stays(make_session, serve):
    session = make_session()
    page = serve(session, ["ann"])
    words = r"port \d+ \(.*in use.*\); pass another port, or 0"
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match=words):
        session.serve(["ann"], port=other.getsockname()[1])
    assert ask(page.url).status == 200


@pytest.mark.parametrize("same_port", [False, True])
def test_an_address_that_is_none_of_this_machine_leaves_the_page_before_and_its_links(make_session, serve, same_port):
    session = make_session()
    page = serve(session, ["ann"])
    port, link = page.port if same_port else 0, page.links["ann"]
    for host in ("not a host", "192.0.2.1"):
        with pytest.raises(OSError, match=f"cannot listen on {host}, port {port}"):
            session.serve(["ann"], host=host, port=port, new_links=True)
    assert not page.closed
    assert ask(page.url).status == 200
    again = serve(session, ["ann"], host="localhost", port=port)
    assert (again.port, again.links["ann"].partition("?")[2]) == (page.port, link.partition("?")[2])


def test_serving_again_is_at_the_port_of_before_and_ends_the_page_before(make_session, serve, visit, tmp_path):
    session = make_session(journal=tmp_path / "spam.alw")
    first = serve(session, ["ann"])
    ann = visit(first.links["ann"]).open()
    second = serve(session, ["ann", "bob"])
    assert first.closed
    assert second.port == first.port
    ann.hear_all()
    assert ann.open().label(3)["kind"] == "ack"
    session.close()
    third = serve(make_session(journal=tmp_path / "spam.alw"), ["ann"])
    assert third.port == second.port


def test_where_the_port_of_before_is_taken_another_one_is(make_session, serve, tmp_path):
    page = serve(make_session(journal=tmp_path / "spam.alw"), ["ann"])
    port = page.port
    page.session.close()
    page.close()
    with socket.create_server(("127.0.0.1", port)):
        again = serve(make_session(journal=tmp_path / "spam.alw"), ["ann"])
        assert again.port != port


def test_a_page_ends_with_its_session_and_says_so(make_session, serve, visit):
    page = serve(make_session(), ["ann"])
    ann = visit(page.links["ann"]).open()
    page.session.close()
    ann.hear_all()
    page.close()
    assert page.closed
    assert repr(page) == "Page(closed)"
    with pytest.raises(ValueError, match="session is closed"):
        page.session.serve(["ann"])


def test_closing_ends_connections_and_threads_and_may_be_done_twice(make_session, serve, visit):
    page = serve(make_session(), ["ann"])
    ann = visit(page.links["ann"]).open()
    page.close()
    page.close()
    ann.hear_all()
    with pytest.raises(OSError, match="refused"):
        ask(page.url)
    page.session.teach(0, "left")
    for thread in threading.enumerate():
        if thread.name.startswith(("alwidgets-page", "alwidgets-server")):
            thread.join(30)
            assert not thread.is_alive()


def test_threads_take_turns_more_often_while_a_page_is_open_and_then_as_before(make_session, serve, visit):
    before = sys.getswitchinterval()
    page = serve(make_session(), ["ann"])
    assert sys.getswitchinterval() == before
    visitors = [visit(page.links["ann"]).open() for _ in range(2)]
    assert sys.getswitchinterval() < before / 5
    for visitor in visitors:
        visitor.close_socket()
    page.close()
    assert sys.getswitchinterval() == before


def test_a_page_nobody_holds_is_served_on(make_session, visit):
    session = make_session()
    link = session.serve(["ann"]).links["ann"]
    gc.collect()
    assert visit(link).open().label(3)["kind"] == "ack"
    session.serve(["ann"]).close()


def test_other_machines_are_let_in_only_on_request_and_with_a_warning(make_session, serve):
    session = make_session()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = serve(session, ["ann"])
    assert "reached from this machine only" in repr(page)
    with pytest.warns(UserWarning, match=r"whoever reaches this machine there.*plain HTTP") as told:
        page = serve(session, ["ann"], host="0.0.0.0")  # noqa: S104
    assert told[0].filename == __file__.replace("test_serving", "conftest")
    assert "reached from other machines" in repr(page)
    assert page.url != f"http://{page.host}:{page.port}/"
    assert ask(f"http://127.0.0.1:{page.port}/").status == 200


def test_links_are_those_of_the_proxy_in_front(make_session, serve):
    page = serve(make_session(), ["ann"], address="https://hub.example/user/me/proxy/8000/")
    assert page.links["ann"].startswith("https://hub.example/user/me/proxy/8000/?key=")


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"port": "80"}, TypeError, "port is '80'"),
        ({"port": True}, TypeError, "port is True"),
        ({"port": -1}, ValueError, "expected 0 to 65535"),
        ({"host": ""}, TypeError, "host is ''"),
        ({"host": None}, TypeError, "host is None"),
        ({"address": "hub.example"}, ValueError, "address is 'hub.example'"),
        ({"address": 3}, TypeError, "address is 3"),
    ],
)
def test_what_cannot_be_served_is_told(make_session, options, error, words):
    with pytest.raises(error, match=words):
        make_session().serve(["ann"], **options)


def test_a_page_is_of_a_session():
    with pytest.raises(TypeError, match="session is a str"):
        alw.Page("spam.alw")


def test_without_tornado_it_is_said_what_to_install(make_session, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tornado.websocket", None)
    monkeypatch.delitem(__import__("sys").modules, "alwidgets.service.server", raising=False)
    with pytest.raises(ImportError, match=r'install "alwidgets\[page\]"'):
        make_session().serve(["ann"])


def test_a_fit_that_a_restart_has_ended_is_begun_again_by_serving(make_session, serve, tmp_path):
    before = make_session(journal=tmp_path / "spam.alw", retrain_every="manual", audit=0)
    for row in range(4):
        before.teach(row, ("left", "right")[row % 2])
    before.close()
    again = make_session(journal=tmp_path / "spam.alw", retrain_every=4, audit=0)
    assert again.wait(60)
    assert not again.rounds
    serve(again, ["ann"])
    assert again.wait(60)
    assert [made.n_labeled for made in again.rounds] == [4]


def test_it_stops_at_once(make_session, serve, visit):
    page = serve(make_session(), ["ann"])
    visit(page.links["ann"]).open()
    begin = time.monotonic()
    page.close()
    assert time.monotonic() - begin < 5
