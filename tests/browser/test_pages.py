"""The card on a page of its own, with a kernel that answers when the test says so."""

import base64

import pytest

from alwidgets.renderers import png
from alwidgets.views.front_end import script, style

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><title>card</title><body data-jp-theme-light="true"><style>%s</style>
<main></main><script type="module">%s
const traits = {
  _task: { kind: "single", question: "", instructions: "", suggest: "never", highlight: [], near_duplicates: false },
  _session: { id: "s", saved: true, lock_owner: "" }, _queue: [1, 2], _repeats: [], _withdrawn: [],
  _only: { since: 0, items: [] },
  _recent: [], _flagged: [], _classes: ["ham", "spam"],
  _stale: "",
  _may: ["answer", "undo", "flag", "note", "add_class", "remap", "take_over", "abandon_fit", "end_cold_start"],
  _keys: { classes: ["1", "2"], actions: {
    skip: " ", unsure: "u", flag: "f", note: "c", undo: "Backspace", why: "w", suggest: "m", instructions: "i",
    zoom: "z", near_duplicates: "d", grid: "g", find: "/", play: "p", help: "?",
  } },
  _status: { round: 0, n_labeled: 0, n_samples: 9, counts: [0, 0], phase: "random", saved_as: "s.alw" },
};
const handlers = new Map();
const fire = (name, ...what) => (handlers.get(name) ?? []).forEach((handler) => handler(...what));
window.sent = [];
const model = {
  get: (name) => traits[name],
  on: (name, handler) => handlers.set(name, [...(handlers.get(name) ?? []), handler]),
  off: () => {},
  send: (message) => sent.push(message),
};
window.tell = (message, files = []) => {
  const bytes = (file) => Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  fire("msg:custom", message, files.map(bytes));
};
window.change = (name, value) => {
  traits[name] = value;
  fire(`change:${name}`);
  fire("change");
};
const made = widget();
made.initialize({ model });
made.render({ model, el: document.querySelector("main") });
window.model = model;
window.ready = true;
</script></body></html>"""


def opened(page, source=PAGE):
    """Return the page with a card that has asked for what rows 1 and 2 show."""
    page.clock.install()
    module = script("labeler/labeler.js").replace("export default", "const widget =")
    page.set_content(
        source % (style("common/sample.css", "common/answers.css", "labeler/labeler.css", "labeler/grid.css"), module)
    )
    page.wait_for_function("() => window.ready")
    assert sent(page, "need") == [[1, 2]]
    return page


@pytest.fixture
def card(page):
    return opened(page)


def sent(page, kind):
    field = {"need": "items", "answer": "value"}[kind]
    return page.evaluate(f"sent.filter((message) => message.kind === '{kind}').map((message) => message.{field})")


def tell(page, message, *files):
    page.evaluate("(told) => tell(...told)", [message, [base64.b64encode(file).decode() for file in files]])


def text(item):
    return {"kind": "payload", "item": item, "payload": {"type": "text", "text": f"sample {item}"}}


def test_an_image_that_the_browser_cannot_read_can_be_skipped_and_not_answered(card):
    image = {"type": "image", "mime": "image/png", "alt": "a picture"}
    tell(card, {"kind": "payload", "item": 1, "payload": image}, b"\x89PNG\r\n\x1a\n and no more")
    tell(card, text(2))
    card.get_by_text("Row 1 cannot be shown: the browser cannot read its image.").wait_for()
    card.locator("main").focus()
    assert card.locator(".alw-answers button:disabled").count() == 2
    assert card.get_by_role("button", name="flag").is_enabled()
    card.keyboard.press("1")
    assert sent(card, "answer") == []
    card.keyboard.press("Space")
    card.get_by_text("sample 2").wait_for()
    card.keyboard.press("1")
    assert sent(card, "answer") == [None, 0]


def test_an_image_that_the_browser_reads_is_answered(card):
    image = {"type": "image", "mime": "image/png", "alt": "a picture"}
    tell(card, {"kind": "payload", "item": 1, "payload": image}, png([[0, 255], [255, 0]]))
    card.wait_for_function("() => document.querySelector('.alw-card img')?.naturalWidth === 2")
    card.locator("main").focus()
    card.keyboard.press("2")
    assert sent(card, "answer") == [1]


def test_a_fit_that_runs_for_long_can_be_given_up(card):
    status = card.evaluate("model.get('_status')") | {"busy": True, "round": 3}
    button = card.get_by_role("button", name="give up this fit")
    card.evaluate("(status) => change('_status', status)", status)
    card.clock.fast_forward(29_000)
    assert not button.is_visible()
    # The next one has run for a moment only.
    card.evaluate("(status) => change('_status', status)", status | {"round": 4})
    card.clock.fast_forward(29_000)
    assert not button.is_visible()
    card.clock.fast_forward(2_000)
    button.click()
    assert card.evaluate("sent.filter(({ kind }) => kind === 'abandon_fit').length") == 1
    card.evaluate("(status) => change('_status', status)", status | {"busy": False})
    assert not button.is_visible()


def test_a_cold_start_that_waits_for_a_class_can_be_ended(card):
    status = card.evaluate("model.get('_status')") | {"phase": "cold start", "round": 3}
    button = card.get_by_role("button", name="end cold start")
    card.evaluate("(status) => change('_status', status)", status | {"waits_for": []})
    assert not button.is_visible()
    card.evaluate("(status) => change('_status', status)", status | {"waits_for": ["other"]})
    assert "other" in button.get_attribute("title")
    button.click()
    assert card.evaluate("sent.filter(({ kind }) => kind === 'end_cold_start').length") == 1


FORBIDS_BLOBS = '<meta http-equiv="Content-Security-Policy" content="img-src data:; media-src data:">'


def choose_elsewhere(card):
    """Have rows 3 and 4 asked alone, as somebody may from the map."""
    for item in (1, 2, 3, 4):
        tell(card, text(item))
    card.evaluate("() => { change('_withdrawn', [1, 2]); change('_only', { since: 7, items: [3, 4] }); }")
    card.evaluate("() => change('_queue', [3, 4])")
    return card.locator(".alw-card").inner_text()


def test_what_is_chosen_to_be_asked_alone_is_shown_at_once_where_nothing_was_begun(card):
    assert choose_elsewhere(card) == "sample 3"
    card.locator("main").focus()
    card.keyboard.press("1")
    assert card.evaluate("sent.filter(({ kind }) => kind === 'answer').map(({ item }) => item)") == [3]


@pytest.mark.parametrize("begun", ["a flag", "a note", "a note of before", "a class that is looked for"])
def test_where_something_was_begun_the_sample_stays_until_it_is_answered(card, begun):
    tell(card, text(1) | {"remark": ["odd", ""] if begun == "a note of before" else ["", ""]})
    card.evaluate("(n) => change('_classes', Array.from({ length: n }, (_, i) => `class ${i}`))", 24)
    card.locator("main").focus()
    if begun == "a flag":
        card.keyboard.press("f")
    elif begun == "a note":
        card.keyboard.press("c")
        card.keyboard.type("od")
    elif begun == "a class that is looked for":
        card.keyboard.press("/")
        card.keyboard.type("2")
    assert choose_elsewhere(card) == "sample 1"


def test_where_a_page_forbids_blob_addresses_its_images_are_shown_all_the_same(page):
    card = opened(page, PAGE.replace("<title>", FORBIDS_BLOBS + "<title>"))
    image = {"type": "image", "mime": "image/png", "alt": "a picture"}
    for item in (1, 2):
        tell(card, {"kind": "payload", "item": item, "payload": image}, png([[0, 255], [255, item]]))
        card.wait_for_function("() => document.querySelector('.alw-card img')?.naturalWidth === 2")
        assert card.locator(".alw-card img").get_attribute("src").startswith("data:image/png;base64,")
        card.locator("main").focus()
        card.keyboard.press("12"[item - 1])
    assert sent(card, "answer") == [0, 1]


def test_a_reply_that_was_lost_is_asked_for_again(card):
    tell(card, text(2))
    card.clock.fast_forward(4000)
    assert sent(card, "need") == [[1, 2]]
    card.clock.fast_forward(1100)
    assert sent(card, "need") == [[1, 2], [1]]
    tell(card, text(1))
    # What comes twice is drawn once.
    card.evaluate("window.shown = document.querySelector('.alw-card').firstElementChild")
    tell(card, text(1))
    assert card.evaluate("shown === document.querySelector('.alw-card').firstElementChild")
    card.clock.fast_forward(60_000)
    assert len(sent(card, "need")) == 2


def test_a_refresh_that_failed_has_its_line_until_one_succeeds(card):
    line = card.get_by_role("alert").get_by_text("Bringing this up to date failed: RuntimeError.")
    card.evaluate("change('_stale', 'Bringing this up to date failed: RuntimeError.')")
    line.wait_for()
    card.evaluate("change('_stale', '')")
    line.wait_for(state="hidden")


def test_a_card_of_nobody_in_a_team_says_so_and_offers_no_answers(page):
    words = "This is the page of none of them."
    source = (
        PAGE.replace('["answer", "undo", ', "[")
        .replace("_queue: [1, 2]", "_queue: []")
        .replace('saved_as: "s.alw"', f'saved_as: "s.alw", waits: "{words}"')
    )
    module = script("labeler/labeler.js").replace("export default", "const widget =")
    page.set_content(source % (style("common/answers.css", "labeler/labeler.css"), module))
    page.wait_for_function("() => window.ready")
    page.get_by_text(words).wait_for()
    assert page.get_by_role("button", name="ham").count() == 0
    assert page.get_by_role("button", name="skip").count() == 0
    page.keyboard.press("1")
    assert sent(page, "answer") == []
