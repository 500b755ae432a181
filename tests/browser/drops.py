"""A script that answers through a proxy while the connection is held, cut, reset and refused, again and again."""

import contextlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from lab import READY, Card, Notebook
from proxy import FAULTS, Proxy

from tests.faults.sample import Found

A_DROP = 8
CELL = """
import alwidgets as alw, json, numpy as np
from sklearn.naive_bayes import GaussianNB
rng = np.random.default_rng(0)
X = rng.normal(size=(3000, 4))
session = alw.Session(X, items=[f"sample {i}" for i in range(3000)], classes=["ham", "spam"], learner=GaussianNB(),
                      test=(X, np.where(X[:, 0] > 0, "ham", "spam")), batch_size=40, journal="drops.alw",
                      random_state=0)
session
"""
# Answers what is on screen as soon as it is there, and returns what that was at each key; fewer, but not less than the
# least, where nothing comes any more, because the connection is gone and what the page had fetched ahead is answered.
ANSWER = """([n, least]) => new Promise((done) => {
  const root = document.querySelector('.alw-labeler');
  const given = [];
  let idle = 0;
  const turn = () => {
    const item = root.dataset.item;
    const key = String(1 + given.length % 2);
    idle = item ? 0 : idle + 1;
    if (item) {
      root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      if (root.dataset.item !== item) given.push([Number(item), ['ham', 'spam'][given.length % 2]]);
    }
    if (given.length >= n || (given.length >= least && idle > 100)) done(given);
    else setTimeout(turn, 20);
  };
  turn();
})"""
BANNER = """(text) => {
  const banner = document.querySelector('.alw-labeler > .alw-banner');
  return !banner.hidden && banner.textContent.includes(text);
}"""
# Counts the moments at which an answer has waited for long and nothing is said of it.
WATCH = """() => {
  window.silent = 0;
  setInterval(() => {
    const kept = Object.keys(localStorage).filter((key) => key.startsWith('alwidgets:') && !key.includes(':seen '));
    const long = kept.some((key) => Date.now() - JSON.parse(localStorage.getItem(key) ?? '{}').at > 8000);
    if (long && document.querySelector('.alw-labeler > .alw-banner').hidden) window.silent += 1;
  }, 100);
}"""
NO_BANNER = "() => document.querySelector('.alw-labeler > .alw-banner').hidden"


@dataclass
class Connection:
    """A card on a page that reaches its kernel through a proxy."""

    proxy: Proxy
    notebook: Notebook
    card: Card
    given: dict

    def answer(self, n, least=1):
        """Give so many answers, or as many as the page has samples for, and at least so many; return it."""
        given = self.card.page.evaluate(ANSWER, [n, least])
        self.given |= dict(map(tuple, given))
        return len(given)

    def is_idle(self):
        """Wait until the page knows its kernel to be idle."""
        self.card.page.wait_for_function(READY)

    def labels(self):
        """Return the session's labels, as its kernel says."""
        told = self.notebook.execute("print(json.dumps(session.labels[['item', 'label']].values.tolist()))")
        return [tuple(pair) for pair in json.loads(told)]


@contextlib.contextmanager
def opened_through(browser, address, folder, *more):
    """Yield a connection to a card of a new session, in a notebook with more cells below it."""
    place = Path(tempfile.mkdtemp(dir=folder))
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (CELL, *more)])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, place / "test.ipynb")
    proxy = Proxy(address)
    page = browser.new_context().new_page()
    page.set_default_timeout(120_000)
    try:
        notebook = Notebook(page, proxy.address, f"{place.name}/test.ipynb").open()
        notebook.run_all()
        yield Connection(proxy, notebook, Card(page).wait().focus(), {})
        proxy.recover()
        notebook.shut_down()
    finally:
        page.context.close()
        proxy.close()


def settled(connection):
    """Wait until all is acknowledged, and the page says that nothing waits."""
    connection.card.settled()
    connection.card.page.wait_for_function(NO_BANNER)


def drops(connection, n):
    """Answer while the connection is lost in turn in each way; return what is missing, and drops without a word."""
    found = Found("connection held, cut, reset, refused while answering")
    page, proxy = connection.card.page, connection.proxy
    page.evaluate(WATCH)
    for i in range(n):
        # Every fault meets answers on their way, and some that are given while it lasts.
        fault = FAULTS[i % len(FAULTS)]
        connection.answer(3)
        proxy.go_wrong(fault)
        # It may come while the page has nothing to ask.
        n_waiting = connection.answer(A_DROP, least=0)
        # After a cut or a reset the page is connected again at once.
        if fault in ("hold", "refuse") and n_waiting > 1:
            page.wait_for_function(BANNER, arg="answers are not saved yet.")
        # What was held is lost every other time, and late in between.
        proxy.recover(reset=fault == "hold" and i % 8 == 0)
        settled(connection)
        found.tried += 1
        told = connection.labels()
        missing = {*connection.given.items()} ^ {*told}
        if missing or len(told) != len(connection.given):
            found.wrong.append(f"{fault}: {sorted(missing)} missing or more, {len(told)} labels")
    if page.evaluate("() => window.silent"):
        found.wrong.append("answers waited, and nothing was said of them")
    return found
