"""A page without Jupyter, in Chromium: labeled by keys and by touch, over reloads, kills and lost connections."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lab import BROKEN_WORDS, Card
from proxy import Proxy
from sessions import events_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SERVER = """
import json, os, sys
sys.path.insert(0, {root!r})
os.environ["XDG_DATA_HOME"] = os.environ["LOCALAPPDATA"] = os.environ["HOME"] = {home!r}
import alwidgets as alw, numpy as np
from sklearn.naive_bayes import GaussianNB
X = np.random.default_rng(0).normal(size=(400, 4))
session = alw.Session(X, items=[{item} for i in range(400)], classes=["ham", "spam"], learner=GaussianNB(),
                      journal="spam.alw", random_state=0, audit=0,
                      task=alw.Task("single", question="Is it spam?", instructions="Read **all** of it."))
{before}
page = session.serve(["ann", "bob"], experts=["eve"], viewers=["vic"])
print(json.dumps([page.url, page.links]), flush=True)
sys.stdin.read()
"""
GONE_ON = "(item) => document.querySelector('.alw-labeler').dataset.item !== item"
CONNECTED = "(yes) => document.querySelector('.alw-page-link').dataset.connected === String(yes)"


class Served:
    """A session that is served by a process of its own, which can be killed."""

    def __init__(self, folder, item='f"sample {i}"', before=""):
        self.folder = folder
        self.code = SERVER.format(root=str(ROOT), home=str(folder / "home"), item=item, before=before)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.code], cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.url, self.links = json.loads(self.process.stdout.readline())
        return self

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def labels(self):
        return [(line["item"], line["annotator"]) for line in events_of(self.folder) if line["kind"] == "labeled"]


@pytest.fixture
def served(tmp_path):
    server = Served(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def visit(browser):
    """A function that opens a link in a browser of its own; anything that the browser complains of fails the test."""
    contexts, complaints = [], []

    def open_it(link, **options):
        context = browser.new_context(**{"viewport": {"width": 1366, "height": 768}} | options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: "Content Security" in said.text and complaints.append(said.text))
        page.goto(link)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


def begin(page):
    """Read the instructions, and begin."""
    card = Card(page).wait()
    page.get_by_role("button", name="start labeling").click()
    return card


def answer(card, n):
    """Give so many answers by keys, and return which samples they were for."""
    items = []
    for i in range(n):
        card.wait()
        items.append(card.item)
        card.press("12"[i % 2])
        card.page.wait_for_function(GONE_ON, arg=str(items[-1]))
    return items


def test_twenty_samples_are_labeled_over_a_reload_and_a_kill_of_the_server_each_once(served, visit):
    page = visit(served.links["ann"])
    assert page.url == served.url
    page.locator("main").get_by_text("Read all of it.").wait_for()
    card = begin(page)
    items = answer(card, 8)
    page.reload()
    # Who has read the instructions begins at once, by key, without a click.
    items += answer(Card(page).wait(), 4)
    served.kill()
    page.wait_for_function(CONNECTED, arg=False)
    assert "What you answer waits in this browser" in page.get_by_role("alert").first.inner_text()
    items += answer(card, 4)
    # The last one before may be among them.
    card.wait_for_text("answers are not saved yet")
    served.start()
    page.wait_for_function(CONNECTED, arg=True)
    card.settled()
    items += answer(card, 4)
    card.settled()
    assert served.labels() == [(item, "ann") for item in items]
    assert len(set(items)) == 20


def test_a_connection_that_is_held_cut_reset_or_refused_loses_nothing(served, visit):
    proxy = Proxy(served.url)
    page = visit(served.links["ann"].replace(served.url, f"{proxy.address}/"))
    card = begin(page)
    items = []
    for fault in ("cut", "reset", "refuse"):
        items += answer(card, 2)
        # The next ones are there before the connection is not.
        page.wait_for_function("() => document.querySelector('.alw-labeler').dataset.held >= 3")
        proxy.go_wrong(fault)
        items += answer(card, 2)
        proxy.recover()
        page.wait_for_function(CONNECTED, arg=True)
        card.settled()
    assert sorted(served.labels()) == sorted((item, "ann") for item in items)
    proxy.close()


def test_a_part_that_could_not_be_loaded_is_loaded_again(served, visit):
    page = visit("about:blank")
    tries = []

    def unlucky(route):
        tries.append(route.request.url)
        if len(tries) > 2:
            route.continue_()
        else:
            route.abort()

    page.route("**/labeler.*", unlucky)
    page.goto(served.links["ann"])
    card = begin(page)
    page.wait_for_function("() => getComputedStyle(document.querySelector('.alw-labeler')).borderTopWidth === '1px'")
    assert answer(card, 1)


def test_a_link_that_is_not_valid_says_so_and_shows_nothing(served, visit):
    page = visit(served.url + "?key=wrong")
    page.get_by_text("This link is not valid").wait_for()
    assert page.url == served.url
    assert not page.locator(".alw-labeler").count()
    page = visit(served.url)
    page.get_by_text("Open this page by the link that you were given.").wait_for()


def test_two_people_in_one_browser_answer_in_their_own_names(served, visit):
    page = visit(served.links["ann"])
    other = page.context.new_page()
    other.goto(served.links["bob"])
    first = answer(begin(page), 2)
    # Each has to read the instructions.
    second = answer(begin(other), 2)
    Card(other).settled()
    expected = [*((item, "ann") for item in first), *((item, "bob") for item in second)]
    assert sorted(served.labels()) == sorted(expected)


def test_on_a_phone_answers_are_given_by_touch_and_nothing_is_wider_than_the_screen(served, visit):
    page = visit(served.links["ann"], viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    card = Card(page).wait()
    page.get_by_role("button", name="start labeling").tap()
    item = card.item
    page.locator(".alw-labeler .alw-answers button").first.tap()
    page.wait_for_function(GONE_ON, arg=str(item))
    card.settled()
    assert served.labels() == [(item, "ann")]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 300, "height": 844})
    assert page.locator(".alw-root button").evaluate_all(BROKEN_WORDS) == []


# A model that waits for labels of a class that nobody has given yet.
WAITING = """
session.add_class("eggs")
for row in range(20):
    session.teach(row, ["ham", "spam"][row % 2])
session.retrain()
"""


def test_a_role_sees_what_is_for_it_and_no_button_that_would_be_refused(tmp_path, visit):
    served = Served(tmp_path, before=WAITING)
    try:
        for name, has in (("ann", False), ("eve", True)):
            page = visit(served.links[name])
            begin(page)
            for button in ("end cold start", "add class"):
                assert page.get_by_role("button", name=button).count() == has
            page.get_by_role("button", name="keys").click()
            assert page.locator(".alw-help kbd").first.is_visible()
            assert (page.locator(".alw-help button").count() > 0) == has
            assert ("A key is changed by a click on it." in page.locator(".alw-help").inner_text()) == has
        page.get_by_role("button", name="Review", exact=True).click()
        page.locator(".alw-review").wait_for()
        page = visit(served.links["vic"])
        page.locator(".alw-stopping .alw-verdict").wait_for()
        assert page.locator("section[data-part=stopping]").evaluate("(part) => part.inert")
        assert page.locator(".alw-stopping details:visible").count() == 0
        assert page.locator(".alw-stopping input:visible:not([readonly])").count() == 0
        page.get_by_role("button", name="Map", exact=True).click()
        shown = page.locator("section[data-part=map]")
        shown.get_by_role("spinbutton", name="row").fill("3")
        shown.get_by_role("button", name="show").click()
        shown.locator(".alw-map-one").get_by_text("sample 3").wait_for()
        names = {"color", "next most uncertain", "show", "inspect", "clear", "previous", "next", "close"}
        offered = {button.inner_text().strip("\u2190\u2192 \n") for button in shown.locator("button:visible").all()}
        assert offered <= names, offered
    finally:
        served.kill()


DISPUTED = """
session = alw.Session(X, items=[f"sample {i}" for i in range(400)], classes=["ham", "spam"], learner=GaussianNB(),
                      journal="spam.alw", random_state=0, audit=0,
                      team=alw.Team(["ann", "bob"], experts=["eve"], answers=2))
for row in range(20):
    for name in ("ann", "bob"):
        session.teach(row, "ham" if row % 2 or (row in (4, 6) and name == "bob") else "spam", annotator=name)
session.retrain()
"""


def test_an_expert_settles_in_the_review_what_a_team_disputes(tmp_path, visit):
    served = Served(tmp_path, before=DISPUTED)
    try:
        page = visit(served.links["eve"])
        page.get_by_role("button", name="Review", exact=True).click()
        review = page.locator(".alw-review")
        review.get_by_text("2 items disputed: review them").click()
        review.get_by_text("row 4: ann spam · bob ham").click()
        dispute = review.locator(".alw-team-dispute[data-item='4']")
        dispute.get_by_text("sample 4", exact=True).wait_for()
        assert dispute.get_by_text("model: ").count() == 0
        dispute.get_by_role("button", name="what does the model say?").click()
        dispute.get_by_text("model: ").wait_for()
        dispute.get_by_label("Reason of the label of row 4").fill("seen 2 of them")
        dispute.locator("summary").focus()
        page.keyboard.press(dispute.get_by_role("button", name="ham").locator("kbd").inner_text())
        review.locator(".alw-review-settled").get_by_text("row 4 settled: ham").wait_for()
        review.get_by_text("1 item disputed: review it").wait_for()
        review.locator(".alw-review-settled").get_by_role("button", name="undo").click()
        review.get_by_text("2 items disputed: review them").wait_for()
        settled = [(line["item"], line["reason"]) for line in events_of(tmp_path) if line["kind"] == "settled"]
        assert settled == [(4, "seen 2 of them")]
        # The key answered nothing else.
        assert [name for _, name in served.labels()].count("eve") == 1
    finally:
        served.kill()


def test_an_expert_has_curve_map_and_panel_under_the_policy_of_the_page_and_over_a_kill(served, visit):
    page = visit(served.links["eve"])
    begin(page)
    page.get_by_role("button", name="Curve", exact=True).click()
    page.locator(".alw-curve .alw-waiting").get_by_text("The first score comes with").wait_for()
    page.get_by_role("button", name="Map", exact=True).click()
    plot = page.locator(".alw-map .alw-plot[data-version]")
    plot.wait_for()
    # The stylesheet of plotly.js is in force.
    assert plot.locator(".main-svg").first.evaluate("(svg) => getComputedStyle(svg).overflow") == "hidden"
    served.kill()
    page.wait_for_function(CONNECTED, arg=False)
    served.start()
    page.wait_for_function(CONNECTED, arg=True)
    plot.focus()
    page.keyboard.press("Enter")
    page.locator(".alw-map-one .alw-map-sample").get_by_text("sample").wait_for()
    page.keyboard.press("1")
    page.get_by_role("button", name="undo 1 label").wait_for()
    assert [name for _, name in served.labels()] == ["eve"]
    page.get_by_role("button", name="Progress", exact=True).click()
    page.locator(".alw-stopping .alw-verdict").wait_for()


def test_samples_of_html_and_hostile_text_are_shown_and_run_nothing(tmp_path, visit):
    item = 'alw.Html(f"<h1>page {i}</h1><script>parent.pwned = 1</script><img src=x onerror=parent.pwned=1>")'
    server = Served(tmp_path, item)
    try:
        page = visit(server.links["ann"])
        card = begin(page)
        frame = page.frame_locator(".alw-labeler iframe")
        frame.get_by_role("heading", name=f"page {card.item}").wait_for()
        # The frame's own stylesheet is allowed by name.
        assert frame.locator("body").evaluate("(body) => getComputedStyle(body).paddingTop") == "16px"
        assert page.evaluate("window.pwned") is None
    finally:
        server.kill()
