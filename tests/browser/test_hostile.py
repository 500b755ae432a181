"""Hostile content in a real JupyterLab: nothing runs, nothing leaves, and labeling goes on."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hostile import TEXTS
from lab import Card

pytestmark = pytest.mark.browser

SESSION = """
import sys
sys.path.append({tests!r})
import alwidgets as alw, numpy as np
from hostile import BOMBS, SVG, TEXTS
from sklearn.naive_bayes import GaussianNB

marked = [f"{{text}} sample-{{i}}" for i, text in enumerate(TEXTS)]
items = [*marked, *({{text: text}} for text in TEXTS), SVG, *BOMBS.values(), *marked, *marked]
classes = ["<script>window.pwned = 1</script>", "<img src=x onerror='window.pwned = 1'>"]
evil = TEXTS[2]
def strategy(view):
    return view.proba[:, 0]
strategy.__name__ = evil
rng = np.random.default_rng(0)
X = rng.normal(size=(len(items), 3))
X[::2] += 2
y = np.where(np.arange(len(items)) % 2, *classes)
session = alw.Session(X, items=items, classes=classes, learner=GaussianNB(), strategy=strategy, annotator=evil,
                      test=(X, y), journal="<img src=x onerror=window.pwned=1>.alw", random_state=0, batch_size=6,
                      scoring={{evil: "accuracy"}}, audit=0.2,
                      budget=alw.Budget(labels=60, cost_per_label=0.5, currency="<img src=x onerror=pwned=1>"))
session.flag(0, evil)
session.decide("go on", evil)
session
"""


def test_nothing_hostile_runs_asks_or_is_saved_and_labeling_goes_on(open_notebook, page, address):
    asked, dialogs = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    notebook = open_notebook(SESSION.format(tests=str(Path(__file__).parent.parent)))
    notebook.run_all()
    card = Card(page).wait().focus()
    seen = []
    told = 0
    while told < 40:
        seen.append(card.text)
        # What cannot be shown can only be skipped.
        broken = "cannot be shown" in card.text
        card.press("Space" if broken else "12"[told % 2])
        told += not broken
        card.wait()
    card.settled()
    notebook.execute("session.wait()")
    page.wait_for_function("() => Number(document.querySelector('.alw-plot')?.dataset.rounds ?? 0) >= 4")
    page.locator("select:has(option[value=cost])").first.select_option("cost")
    page.locator(".alw-plot .xtitle", has_text="cost in <img src=x").wait_for()
    shown = "\n".join(seen)
    assert sum(text.split("\r")[0] in shown for text in TEXTS[:11]) > 3
    assert notebook.execute("print(len(session.labels), bool(session.progress.error))") == "40 False\n"

    # Every item there is, drawn one after the other: also those that were not asked.
    notebook.execute("before = alw.session.view_of(session).set_prefetch(400); session.wait()")
    n_pending = int(notebook.execute("print(len(alw.session.view_of(session).queue))"))
    for _ in range(n_pending):
        card.wait().press("Space")
    card.settled()
    assert notebook.execute("print(session.progress.n_pending)") == "0\n"

    assert page.evaluate("() => window.pwned") is None
    assert dialogs == []
    allowed = {urlsplit(address).netloc, ""}
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} <= allowed
    assert not page.locator(".alw-workbench :is(script, iframe, link, object, embed)").count()
    assert not page.locator(
        ".alw-workbench [onerror], .alw-workbench [onload], .alw-workbench a[href^=javascript]"
    ).count()

    notebook.save()
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    saved = (notebook.folder / "test.ipynb").read_text()
    outputs = json.dumps([cell.get("outputs") for cell in json.loads(saved)["cells"]])
    widgets = json.dumps(json.loads(saved)["metadata"].get("widgets", {}))
    for kept in (outputs, widgets):
        assert "sample-" not in kept
        assert str(notebook.folder) not in kept

    notebook.reload()
    page.wait_for_selector(".alw-labeler")
    assert page.evaluate("() => window.pwned") is None
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} <= allowed
