"""Take the pictures of the documentation anew, in a real JupyterLab: python -m tests.browser.pictures [name ...].

They are written to `docs/pictures`; `labeling.webp` shows every answer that was given on the way.
"""

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path

import nbformat
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

from lab import Card, Notebook, chromium, jupyterlab

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SCALE = 1.5
N_ANSWERS, BATCH = 64, 8
# How long a frame stands, in ms: an answer, the first one after a retrain, the last one of all.
ANSWER, RETRAINED, LAST = 260, 900, 3500
# The explanation of each question is asked for on the way.
WHY_FROM = 24
ROUNDS_DRAWN = "(n) => Number(document.querySelector('.alw-plot')?.dataset.rounds ?? 0) >= n"

DIGITS = """
import alwidgets as alw
from scipy.ndimage import zoom
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
digits = load_digits()
X, y = digits.data[:1500] / 16, digits.target[:1500]
images = zoom(digits.images[:1500], (1, 6, 6), order=1)
X_test, y_test = digits.data[1500:] / 16, digits.target[1500:]
"""
SESSION = """
budget = alw.Budget(labels=300, cost_per_label=0.12, currency="EUR", n_predictions=20_000, cost_per_error=0.02)
session = alw.Session(X, images, classes=range(10), learner=LogisticRegression(max_iter=1000),
                      test=(X_test, y_test), budget=budget, stop=alw.any_of("budget", "marginal_gain"),
                      journal="digits.alw", random_state=0)
"""
FOURS = """
session.run(y, 120)
fours = [row for row in range(1500) if y[row] == 4][20:67]
session.enqueue([*fours[:5], next(row for row in range(600, 1500) if y[row] == 7), *fours[5:]])
"""
TEXTS = """
import alwidgets as alw, numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
rng = np.random.default_rng(1)
parts = {
    "ham": (["Hello Ann,", "Good morning,", "Dear all,", "Hi,"],
            ["the minutes of Monday's meeting are attached", "could you read the draft of the report until Friday",
             "lunch is at noon in the small room", "the build has been green since last night"],
            ["see you tomorrow", "thank you for your help", "call me if anything is missing", "best wishes, Eva"]),
    "spam": (["Dear customer,", "To whom it may concern,", "Hi,", "Good evening,"],
             ["your parcel is waiting and a small fee is due", "you have won a prize and only need to confirm",
              "your account was locked, click the link below", "an exclusive offer ends in 24 hours"],
             ["pay now to avoid a delay", "act fast, places are few", "your password is all we need", "reply today"]),
}
truth = np.array(["ham", "spam"] * 150)
numbers = range(1000, 1300)
texts = [" ".join(rng.choice(part) for part in parts[label][:2]) + f" (no. {number}). " +
         rng.choice(parts[label][2]).capitalize() + "." for label, number in zip(truth, numbers)]
learner = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10))
"""
GROWN = """
import alwidgets as alw, numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression
rng = np.random.default_rng(0)
columns = ["length", "links", "capitals", "hour", "recipients", "attachments"]
before = pd.DataFrame(rng.normal(size=(1000, 6)), columns=columns)
now = pd.DataFrame(rng.normal(size=(400, 6)) + [0, 0.9, 0, 0, 0.4, 0], columns=columns)
truth = np.where(before["links"] + before["capitals"] > 0, "spam", "ham")
session = alw.Session(before, classes=["ham", "spam"], learner=LogisticRegression(), audit=0.4, random_state=0)
session.run(truth, 100)
session.extend(now, source="30 November")
"""
MAP = """
session.run(y, 120)
shown = alw.PoolMap(session, color="prediction")
near = ((shown.projection - shown.projection[4]) ** 2).sum(axis=1)
shown.select(near.argsort()[:30])
"""
RACE = """
import alwidgets as alw
race = alw.Race(random_state=0).add_shape("moons", n=240).choose(learner="SVC rbf").play(40)
"""
TEAM = """
from alwidgets.session import view_of
people = alw.Team(["ann", "bob", "cy"], experts=["eve"], answers=2, at_most=3,
                  gold={row: truth[row] for row in range(40)}, gold_share=0.2)
session = alw.Session(texts, classes=["ham", "spam"], learner=learner, team=people, audit=0, random_state=0)
right = {"ann": 0.97, "bob": 0.93, "cy": 0.55}
for _ in range(60):
    for name in people.annotators:
        for row in session.query(1, annotator=name):
            label = truth[row] if rng.random() < right[name] else "spam" if truth[row] == "ham" else "ham"
            if rng.random() < 0.03 and name != "ann":
                session.skip(row, unsure=True, annotator=name)
            else:
                session.teach(row, label, annotator=name, seconds=float(rng.gamma(4, 1)))
for name in ("ann", "bob"):
    view_of(session).enter(name)
    session.query(6, annotator=name)
"""
RULES = """## What is an advertisement?

A message is one when it wants **money**, a *password* or a click from somebody who never asked for it.

* A bill that was expected is not.
* In doubt press `U`: somebody else will look at it.
"""


def main():
    """Take those that are named, or all."""
    names = sys.argv[1:] or list(PICTURES)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder) / "jupyter"
        home.mkdir()
        with jupyterlab(Path(folder), home) as address:
            for name in names:
                with _lab(browser, address, Path(folder) / name) as opened:
                    PICTURES[name](opened)


@contextlib.contextmanager
def _lab(browser, address, place):
    """Yield a function that runs code, then shows the given cell in a notebook of its own."""
    place.mkdir()
    scale = 1 if place.name == "labeling" else SCALE
    context = browser.new_context(viewport={"width": 1240, "height": 860}, device_scale_factor=scale)
    context.set_default_timeout(60_000)
    opened = []

    def show(before, cell):
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(made, place / "round.ipynb")
        notebook = Notebook(context.new_page(), address, f"{place.name}/round.ipynb").open()
        opened.append(notebook)
        notebook.dark(on=False)
        notebook.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        said = notebook.execute(before)
        assert "Error" not in said, said
        notebook.run_all()
        return notebook

    yield show
    for notebook in opened:
        notebook.shut_down()
    context.close()


def labeling(show):
    """Label by keys, with retrains on the way, a frame an answer."""
    notebook = show(DIGITS + SESSION, "session")
    truth = json.loads(notebook.execute("import json; print(json.dumps(y.tolist()))"))
    card = _card(notebook)
    frames = [(_shot(notebook), RETRAINED)]
    for given in range(1, N_ANSWERS + 1):
        if given == WHY_FROM:
            card.press("w")
        item = card.item
        card.press(str(truth[item]))
        notebook.page.wait_for_function(
            "(item) => document.querySelector('.alw-labeler').dataset.item !== item", arg=str(item)
        )
        card.wait()
        retrained = given % BATCH == 0
        if retrained:
            _follow(notebook)
        if given >= WHY_FROM:
            card.wait_for_text("why: ")
        frames.append((_shot(notebook), RETRAINED if retrained else ANSWER))
    _write_moving("labeling.webp", [*frames[:-1], (frames[-1][0], LAST)])


def workbench(show):
    """Take the workbench in the middle of a session, light and dark."""
    notebook = show(DIGITS + SESSION + "session.run(y, 120)", "session")
    card = _card(notebook)
    _follow(notebook)
    card.press("w")
    card.wait_for_text("why: ")
    _write(notebook, "workbench-light")
    notebook.dark(on=True)
    _write(notebook, "workbench-dark")


def grid(show):
    """Answer several at once."""
    notebook = show(DIGITS + SESSION + FOURS, "alw.Labeler(session)")
    card = _card(notebook)
    card.press("g")
    notebook.page.locator(".alw-tile img").first.wait_for()
    card.press("4")
    notebook.page.locator(".alw-tile").nth(5).click()
    _write(notebook, "grid")


def review(show):
    """Look over answers, some of them wrong."""
    wrong = """
session = alw.Session(texts, classes=["ham", "spam"], learner=learner, audit=0, batch_size=500, random_state=0)
for row in range(120):
    session.teach(row, {3: "ham", 40: "spam", 77: "ham"}.get(row, truth[row]), seconds=2.0 + 9 * (row % 50 == 7))
session.flag(12, "two languages")
session.note(14, "ask Eva")
session.retrain()
"""
    notebook = show(TEXTS + wrong, "alw.Review(session)")
    page = notebook.page
    page.wait_for_function("() => document.querySelector('.alw-how')?.textContent.startsWith('Checked in round')")
    page.get_by_label("order", exact=True).select_option("suspicious")
    page.wait_for_function(
        "() => ['3', '40', '77'].includes(document.querySelector('.alw-review tbody tr')?.dataset.item)"
    )
    page.locator(".alw-review tbody tr").first.click()
    _write(notebook, "review")


def race(show):
    """Race on two moons."""
    notebook = show(RACE, "race")
    notebook.page.wait_for_function("() => Number(document.querySelector('.alw-race')?.dataset.rounds ?? 0) > 5")
    _write(notebook, "race")


def pool_map(show):
    """Show the pool, and select what lies around a sample."""
    notebook = show(DIGITS + SESSION + MAP, "shown")
    notebook.page.wait_for_function(
        "() => document.querySelector('.alw-map .alw-plot')?.dataset.color === 'prediction'"
    )
    notebook.execute("shown.wait(60)")
    notebook.page.locator(".alw-map-bar strong").get_by_text("30 selected").wait_for()
    _write(notebook, "map")


def task(show):
    """Show a task's instructions, and then its question about a text with marked words."""
    asked = f"""
task = alw.Task("yes_no", question="Is this an advertisement?", instructions={RULES!r},
                highlight=["fee", "prize", "click", "password", "offer", "pay"], suggest="on demand")
session = alw.Session(texts, classes=["no", "yes"], learner=learner, task=task, audit=0, journal="mail.alw",
                      random_state=0)
session.run(["yes" if label == "spam" else "no" for label in truth], 24)
session.enqueue([row for row in range(150, 200) if "parcel" in texts[row]])
"""
    notebook = show(TEXTS + asked, "alw.Labeler(session)")
    card = _card(notebook)
    _write(notebook, "instructions")
    card.press("Enter")
    card.press("m")
    card.wait_for_text("model: ")
    _write(notebook, "marked-words")


def team(show):
    """Watch a team at work: two pages are open, one of the people is careless, and some items are disputed."""
    notebook = show(TEXTS + TEAM, "alw.TeamPanel(session)")
    page = notebook.page
    page.locator(".alw-team-people tbody").first.wait_for()
    page.get_by_role("button", name="Decide how the answers of cy count").click()
    page.locator(".alw-team-disputes > summary").click()
    page.locator(".alw-team-dispute > summary").first.click()
    page.locator(".alw-team-sample .alw-text").wait_for()
    _write(notebook, "team")


def drift(show):
    """Show a part whose samples moved, and of which audit questions are to be asked."""
    notebook = show(GROWN, "alw.DriftPanel(session)")
    notebook.page.get_by_role("button", name="ask 20 audit questions of 30 November").wait_for()
    notebook.page.locator(".alw-drift-alarms > summary").click()
    _write(notebook, "drift")


PICTURES = {made.__name__: made for made in (labeling, workbench, grid, review, race, pool_map, task, team, drift)}


def _card(notebook):
    card = Card(notebook.page).wait()
    card.root.focus()
    return card


def _follow(notebook):
    """Wait until all that was answered is learned and drawn."""
    notebook.execute("session.wait()")
    rounds = int(notebook.execute("print(len(session.rounds))"))
    notebook.page.wait_for_function(ROUNDS_DRAWN, arg=rounds)


def _shot(notebook):
    """Take the cell, input and output, as an image."""
    page = notebook.page
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return Image.open(io.BytesIO(page.locator(".jp-Cell").first.screenshot(animations="disabled"))).convert("RGB")


def _write(notebook, name):
    picture = _shot(notebook).quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    picture.save(FOLDER / f"{name}.png", optimize=True)
    print(f"{name}.png: {(FOLDER / f'{name}.png').stat().st_size // 1024} KB, {picture.size}")


def _write_moving(name, frames):
    """Write frames, each on white as large as the largest; without loss, since most of a frame is as before."""
    images, times = zip(*frames, strict=True)
    size = max(image.width for image in images), max(image.height for image in images)
    whole = [Image.new("RGB", size, "white") for _ in images]
    for under, image in zip(whole, images, strict=True):
        under.paste(image)
    path = FOLDER / name
    whole[0].save(
        path, save_all=True, append_images=whole[1:], duration=list(times), loop=0, lossless=True, quality=60, method=3
    )
    print(f"{name}: {path.stat().st_size // 1024} KB, {len(whole)} frames of {size}, {sum(times) / 1000:.0f} s")


if __name__ == "__main__":
    main()
