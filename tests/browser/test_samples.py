"""Each kind of sample in a real browser: seen, heard, enlarged, and kept from running."""

import base64
import io
import struct

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import Card
from PIL import Image as PillowImage

import alwidgets as alw
from alwidgets.renderers import payload, png, render
from alwidgets.views.front_end import script, style

pytestmark = pytest.mark.browser

RATE = 8_000
TONE = np.sin(np.arange(3 * RATE) / 9) * np.linspace(0, 1, 3 * RATE)
NOISE = np.random.default_rng(0).integers(0, 256, (600, 900, 3), dtype=np.uint8)
FORM = "() => document.querySelectorAll('.alw-wave path').length === 2"


def wav_of_floats():
    """A WAV file that only the browser reads."""
    data = TONE.astype("<f4").tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, 1, RATE, 4 * RATE, 4, 32)
    return head + struct.pack("<4sI", b"data", len(data)) + data


@pytest.fixture
def show(page):
    """A function that draws an item on a page of its own, in a card as the labeler has one; returns the page."""
    page.route("http://samples.test/", lambda route: route.fulfill(body="<!doctype html><title>samples</title>"))
    page.goto("http://samples.test/")
    page.add_style_tag(content=style("common/sample.css", "common/answers.css", "labeler/labeler.css"))
    module = f"{script('common/sample.js')}\nObject.assign(window, {{ drawn, received, released, zoom, play }});"
    page.add_script_tag(content=module, type="module")
    page.wait_for_function("() => window.drawn")

    def draw(item, options=None, **more):
        message, buffers = payload(render(item, **more))
        page.evaluate(
            """([message, files, options]) => {
              const bytes = (file) => Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
              const root = document.createElement("div");
              root.className = "alw-root";
              root.tabIndex = 0;
              const card = document.createElement("div");
              card.className = "alw-card";
              card.style.height = "248px";
              window.sample = drawn(received(message, files.map(bytes)), options);
              card.append(window.sample);
              root.append(card);
              document.body.replaceChildren(root);
            }""",
            [message, [base64.b64encode(data).decode() for data in buffers], options or {}],
        )
        return page

    return draw


def width(page):
    return page.locator("img").first.evaluate("(image) => image.getBoundingClientRect().width")


def test_an_empty_text_is_said_to_be_empty(show):
    assert show(" \n").locator(".alw-message").inner_text() == "The text is empty."


def test_an_image_is_fitted_whole_three_times_and_fitted_again(show):
    page = show(NOISE)
    page.wait_for_function("() => document.querySelector('img').complete")
    fitted = width(page)
    assert fitted < 400
    assert page.locator(".alw-scroll").evaluate("(room) => room.scrollHeight <= room.clientHeight")
    for expected, said in ((900, "100 %"), (2700, "300 %")):
        page.evaluate("sample.dispatchEvent(new CustomEvent('alw-zoom'))")
        assert width(page) == expected
        assert page.locator(".alw-scale").inner_text() == said
    assert page.locator("img").evaluate("(image) => getComputedStyle(image).imageRendering") == "pixelated"
    # The middle stays in the middle, and what is larger than its room can be reached by key.
    box, room = page.locator("img").bounding_box(), page.locator(".alw-scroll").bounding_box()
    assert abs(box["x"] + box["width"] / 2 - room["x"] - room["width"] / 2) < 2
    assert page.locator(".alw-scroll").get_attribute("tabindex") == "0"
    page.evaluate("zoom(sample)")
    assert width(page) == fitted
    assert page.locator(".alw-scroll").get_attribute("tabindex") is None


def test_the_wheel_enlarges_at_the_pointer_and_a_drag_moves(show):
    page = show(NOISE)
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_function("() => document.querySelector('img').complete")
    fitted = width(page)
    room = page.locator(".alw-scroll").bounding_box()
    x, y = room["x"] + room["width"] / 4, room["y"] + room["height"] / 4
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    assert width(page) == fitted  # without Ctrl the wheel is the notebook's
    page.evaluate("zoom(sample)")
    before = page.locator("img").bounding_box()
    page.keyboard.down("Control")
    for _ in range(2):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function("() => document.querySelector('img').getBoundingClientRect().width > 1700")
    large = page.locator("img").bounding_box()
    for start, size, at in (("x", "width", x), ("y", "height", y)):
        place_before = (at - before[start]) / before[size]
        assert (at - large[start]) / large[size] == pytest.approx(place_before, abs=0.005)
    page.mouse.down()
    page.mouse.move(x - 60, y - 30, steps=3)
    page.mouse.up()
    moved = page.locator("img").bounding_box()
    assert (moved["x"] - large["x"], moved["y"] - large["y"]) == pytest.approx((-60, -30), abs=2)
    page.mouse.dblclick(x, y)
    assert width(page) == fitted
    page.mouse.dblclick(x, y)
    assert width(page) == 900


def test_a_damaged_image_says_so(show):
    whole = png(NOISE)
    show(whole[:30] + b"\xff" * 500 + whole[530:]).get_by_text("cannot be shown: its file is damaged.").wait_for()
    jpeg = io.BytesIO()
    PillowImage.fromarray(NOISE).save(jpeg, "JPEG")
    show(jpeg.getvalue()[:200]).get_by_text("This image cannot be shown").wait_for()
    page = show(whole[: len(whole) // 2])
    page.get_by_text("part of it may be missing").wait_for()
    assert page.locator("img").bounding_box()["height"] > 100


@pytest.mark.parametrize(
    "item", [(TONE, RATE), alw.Audio(wav_of_floats())], ids=["wave", "file only the browser reads"]
)
def test_audio_has_the_form_of_its_wave_plays_stops_and_goes_to_a_moment(show, item):
    page = show(item, {"playKey": "Space"})
    page.wait_for_function(FORM)
    page.get_by_text("0:00 / 0:03").wait_for()
    assert page.get_by_role("button").inner_text().split() == ["Space", "play"]
    slider = page.get_by_role("slider", name="moment")
    slider.focus()
    page.keyboard.press("End")
    page.get_by_text("0:03 / 0:03").wait_for()
    assert slider.get_attribute("aria-valuetext") == "0:03 of 0:03"
    box = page.locator(".alw-wave").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
    page.get_by_text("0:01 / 0:03").wait_for()
    assert not page.evaluate("document.querySelector('audio').paused === false")
    page.evaluate("play(sample)")
    page.get_by_role("button", name="stop").click()
    page.get_by_role("button", name="play").wait_for()
    assert page.evaluate("document.querySelector('audio').paused")
    page.evaluate("sample.dispatchEvent(new CustomEvent('alw-play'))")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 1.6")
    page.evaluate("window.audio = document.querySelector('audio'); document.body.replaceChildren()")
    page.wait_for_function("() => window.audio.paused")


def test_damaged_audio_says_so(show):
    show(b"fLaC" + b"\0" * 400).get_by_text("This audio cannot be played").wait_for()


def test_of_two_the_first_is_heard_then_the_second_then_none_and_both_images_are_enlarged(show):
    page = show(((TONE, RATE), (TONE, RATE)), pair=True)
    for expected in ([True, False], [False, True], [False, False]):
        page.evaluate("play(sample)")
        page.wait_for_function(
            "(e) => [...document.querySelectorAll('audio')].every((audio, i) => audio.paused !== e[i])",
            arg=expected,
        )
        page.wait_for_function("(n) => document.querySelectorAll('.alw-playing').length === n", arg=sum(expected))
    page = show((NOISE, NOISE), pair=True)
    page.wait_for_function("() => [...document.images].every((image) => image.complete)")
    page.evaluate("sample.dispatchEvent(new CustomEvent('alw-zoom'))")
    assert [image.evaluate("(i) => i.getBoundingClientRect().width") for image in page.locator("img").all()] == [
        900
    ] * 2


def test_two_stand_side_by_side_or_below_each_other_in_a_narrow_cell(show):
    page = show(("first", "second"), pair=True)
    for size, side_by_side in ((1000, True), (420, False)):
        page.set_viewport_size({"width": size, "height": 800})
        first, second = (half.bounding_box() for half in page.locator(".alw-half").all())
        assert (first["y"] == second["y"]) == side_by_side
    assert page.locator(".alw-half-name").all_inner_texts() == ["first", "second"]


def test_a_row_of_sixty_columns_stands_in_three_tables_and_words_are_marked(show):
    page = show({f"c{i}": f"Value {i}" for i in range(60)}, {"highlight": ["value 1"]})
    tops = {table.bounding_box()["y"] for table in page.locator("table").all()}
    assert (page.locator("table").count(), len(tops)) == (3, 1)
    assert page.locator("mark").count() == 11
    page = show("<b>Refund</b> or refunds", {"highlight": ["refund"]})
    assert page.locator("mark").all_inner_texts() == ["Refund", "refund"]
    assert page.locator(".alw-text").inner_text() == "<b>Refund</b> or refunds"


def test_a_page_of_html_runs_nothing_asks_for_nothing_and_gives_the_keys_back(show, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    link = "<p><a href='http://evil.invalid/link'>a link to click</a></p>"
    show(alw.Html(f"<script>parent.pwned = 1</script><img src='http://evil.invalid/pixel'>{link}{'<p>more</p>' * 50}"))
    frame = page.frame_locator("iframe")
    frame.get_by_text("a link to click").click()
    page.wait_for_function("() => document.activeElement.classList.contains('alw-root')")
    assert page.evaluate("window.pwned") is None
    assert [url for url in asked if "evil" in url] == []
    assert page.locator("iframe").get_attribute("sandbox") == ""
    # Who comes with the Tab key, to scroll, leaves with it.
    page.mouse.move(0, 0)
    page.evaluate(
        "document.querySelector('.alw-root').insertAdjacentElement('afterend', document.createElement('button'))"
    )
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.activeElement.tagName === 'IFRAME'")
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.activeElement.tagName === 'BUTTON'")


KINDS = """
import alwidgets as alw, numpy as np
from sklearn.naive_bayes import GaussianNB
X = np.random.default_rng(0).normal(size=(60, 2))
tone = np.sin(np.arange(16_000) / 9)
kinds = ["text", X[:8], (tone, 8_000), {f"c{i}": i for i in range(40)}, alw.Html("<p>some <b>page</b></p>" * 40),
         alw.Pair("first", "second")]
session = alw.Session(X, items=[kinds[i % 6] for i in range(60)], classes=["ham", "spam"], learner=GaussianNB(),
                      random_state=0)
alw.Labeler(session)
"""


def test_every_kind_is_shown_in_the_card_accessible_light_and_dark_and_answered_by_key(open_notebook, page):
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    notebook = open_notebook(KINDS)
    notebook.run_all()
    card = Card(page).wait()
    seen = set()
    while len(seen) < 6:
        kind = card.item % 6
        if kind not in seen:
            for dark in (False, True):
                notebook.dark(dark)
                found = Axe().run(page, context=".alw-card").response["violations"]
                assert found == [], (kind, dark)
            seen.add(kind)
        if kind == 4:
            page.frame_locator(".alw-html").get_by_text("page").first.click()
            page.wait_for_function("() => document.activeElement.classList.contains('alw-labeler')")
        else:
            card.focus()
        before = card.item
        card.press("1")
        page.wait_for_function(
            "(item) => document.querySelector('.alw-labeler').dataset.item !== item", arg=str(before)
        )
        card.wait()
        # Whatever was clicked went with its sample; the keys are still the card's.
        assert page.evaluate("document.activeElement.closest('.alw-labeler') !== null")
    assert errors == []
