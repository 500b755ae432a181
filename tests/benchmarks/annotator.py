"""How fast, how light and how right the card is for an annotator who never rests: python -m tests.benchmarks.annotator.

A script in a real JupyterLab answers with one key a class, as fast as the card shows samples: the script is the limit,
and no person labels like that. The page's memory is what its heap holds after a forced garbage collection. From the
first memory figure on, one answer in fifty is a slip that is undone and given anew; in the last half the page is
reloaded after every thousand answers, without waiting for those on their way. At the end every label is compared with
what was on screen when its key was pressed. `python -m tests.benchmarks.annotator 2000` gives 2,000 answers.

Then the connection is held, cut, reset and refused in turn while the script answers, 20 times, and without a reload no
answer may be missing; `python -m tests.benchmarks.annotator drops` does that alone.
"""

import json
import sys
import tempfile
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).parent.parent / "browser"))

from drops import drops, opened_through
from lab import Card, Notebook, chromium, jupyterlab

N_ANSWERS = 10_000
TIMED, A_TURN = 500, 1_000
N_DROPS = 20
CELL = """
import alwidgets as alw, json, numpy as np
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB

digits = load_digits()
rows = np.arange({n}) % len(digits.target)
X = digits.data[rows] + np.random.default_rng(0).normal(scale=0.01, size=({n}, 64))
session = alw.Session(X, digits.images[rows], classes=range(10), learner=GaussianNB(), batch_size=50, random_state=0,
                      test=(digits.data, digits.target), journal="annotator.alw")
session
"""
# Answers what is on screen as soon as it is there, and returns what that was at each key.
ANNOTATE = """([n, slipEvery, truth]) => new Promise((done) => {
  const root = document.querySelector('.alw-labeler');
  const options = { bubbles: true, cancelable: true };
  const press = (key) => root.dispatchEvent(new KeyboardEvent('keydown', { key: String(key), ...options }));
  const given = [];
  const start = performance.now();
  // The next turn of the page's loop: no timer's wait, no frame's.
  const turn = new MessageChannel();
  turn.port1.onmessage = () => {
    const item = root.dataset.item;
    const image = root.querySelector('.alw-card img');
    if (item && image?.complete && image.naturalWidth) {
      const digit = truth[item];
      // Not taken where it is the last key again, sooner than anybody can have seen the sample.
      const answer = (key) => (press(key), root.dataset.item !== item);
      if (slipEvery && given.length % slipEvery === slipEvery - 1 && answer((digit + 1) % 10)) press('Backspace');
      if (root.dataset.item === item && answer(digit)) given.push([Number(item), digit]);
    }
    if (given.length >= n) done({ given, seconds: (performance.now() - start) / 1000 });
    else turn.port2.postMessage(0);
  };
  turn.port2.postMessage(0);
})"""


class Annotator:
    """Answers in an open notebook, and remembers what was on screen."""

    def __init__(self, opened, truth):
        self.opened, self.page, self.truth = opened, opened.page, truth
        self.given = {}

    def label(self, n, *, slip_every=0):
        """Give so many answers; return how many seconds that took."""
        done = self.page.evaluate(ANNOTATE, [n, slip_every, self.truth])
        self.given |= dict(done["given"])
        return done["seconds"]

    def memory(self):
        """Return the page's heap after a garbage collection, in MB, and its number of DOM nodes."""
        Card(self.page).settled()
        self.opened.execute("session.wait()")
        tools = self.page.context.new_cdp_session(self.page)
        tools.send("Performance.enable")
        tools.send("HeapProfiler.collectGarbage")
        measured = {each["name"]: each["value"] for each in tools.send("Performance.getMetrics")["metrics"]}
        tools.detach()
        return measured["JSHeapUsedSize"] / 1e6, int(measured["Nodes"])

    def reload(self):
        self.page.reload()
        self.opened.ready()
        Card(self.page).wait().focus()

    def n_wrong(self):
        """Return how many labels are missing, too many, or on another item than the one that was on screen."""
        Card(self.page).settled()
        told = self.opened.execute("print(json.dumps(session.labels[['item', 'label']].values.tolist()))")
        return len({*map(tuple, json.loads(told))} ^ {*self.given.items()})


def open_card(page, address, folder, n):
    cell = nbformat.v4.new_code_cell(CELL.format(n=n))
    made = nbformat.v4.new_notebook(cells=[cell])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, folder / "annotator.ipynb")
    opened = Notebook(page, address, "annotator.ipynb").open()
    opened.run_all()
    Card(page).wait().focus()
    opened.save()
    return Annotator(opened, json.loads(opened.execute("print(json.dumps(digits.target[rows].tolist()))")))


def measure(annotator, n_answers):
    seconds = annotator.label(TIMED)
    print(f"{TIMED / seconds * 3600:,.0f} labels/hour over the first {TIMED}: the script is the limit", flush=True)
    heap, nodes = annotator.memory()
    print(f"after {TIMED:,} labels: heap {heap:.1f} MB, {nodes:,} DOM nodes", flush=True)
    annotator.label(n_answers // 2 - TIMED, slip_every=50)
    grown, more = annotator.memory()
    print(f"after {n_answers // 2:,} labels: heap {grown:.1f} MB, {more:,} DOM nodes; {grown - heap:+.1f} MB, goal 20")
    n_reloads = 0
    while len(annotator.given) < n_answers:
        annotator.reload()
        n_reloads += 1
        annotator.label(min(A_TURN, n_answers - len(annotator.given)), slip_every=50)
    n_slips, n_rounds = annotator.opened.execute(
        "print(sum(event.kind == 'undone' for event in session.events), len(session.rounds))"
    ).split()
    print(f"{n_answers:,} labels, {n_rounds} retrains, {n_slips} undone, {n_reloads} reloads: ", end="")
    print(f"{annotator.n_wrong()} labels lost or not on the item that was on screen; goal 0")


def measure_drops(browser, address, folder):
    with opened_through(browser, address, folder) as connection:
        found = drops(connection, N_DROPS)
    print(
        f"{found.fault}: {found.tried} drops, {len(connection.given)} answers, {len(found.wrong)} lost or wrong; goal 0"
    )
    for wrong in found.wrong:
        print("!", wrong)


def main():
    only_drops = sys.argv[1:] == ["drops"]
    n_answers = int(sys.argv[1]) if sys.argv[1:] and not only_drops else N_ANSWERS
    folder, home = Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp())
    with jupyterlab(folder, home) as address, chromium() as browser:
        if not only_drops:
            page = browser.new_page()
            page.set_default_timeout(120_000)
            annotator = open_card(page, address, folder, n_answers + 1_000)
            measure(annotator, n_answers)
            annotator.opened.shut_down()
        measure_drops(browser, address, folder)


if __name__ == "__main__":
    main()
