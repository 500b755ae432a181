"""The pool map at 100,000 points, in a real JupyterLab and Chromium: python -m tests.benchmarks.pool_map.

First draw: from the moment the widget is made (the projection done) to its points on screen, with plotly.js fetched for
it and with plotly.js on the page already. Recolor: from the moment a retrain is known to the new colors on screen;
"handed over" is when the page has given its drawing to WebGL, "on screen" two frames later. Without a graphics card
Chromium draws in software: how long that takes for one bare call of so many points is given for comparison.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).parent.parent / "browser"))

from lab import Notebook, chromium, jupyterlab

N = 100_000
N_RETRAINS = 7
CELL = f"""
import alwidgets as alw, json, numpy as np, time
from sklearn.linear_model import LogisticRegression
rng = np.random.default_rng(0)
y = rng.integers(10, size={N})
X = (rng.normal(size=(10, 32))[y] * 2 + rng.normal(size=({N}, 32))).astype(np.float32)
session = alw.Session(X, classes=range(10), learner=LogisticRegression(), strategy="random", cold_start="random",
                      batch_size=10_000, test=(X[:500], y[:500]), random_state=0)
session.run(y, 60)
session.retrain()
known = []
def note():
    if len(session.rounds) > len(known):
        known.append(1000 * time.time())
note()
alw.session.view_of(session).on_change(note)
"""
MAP = """
start = time.perf_counter()
first = alw.PoolMap(session)
projected = 1000 * (time.perf_counter() - start)
points = first.projection
# It would predict the pool as well, at the same time.
first.wait()
first.close()
made = 1000 * time.time()
alw.PoolMap(session, points)
"""
CLOSE = """
import ipywidgets
for widget in list(ipywidgets.Widget.widgets.values()):
    if isinstance(widget, alw.PoolMap):
        widget.close()
"""
WATCH = """() => {
  window.drawn = [];
  const frames = (done) => requestAnimationFrame(() => requestAnimationFrame(done));
  document.addEventListener('alw-drawn', ({ target }) => {
    const entry = { handed: Date.now(), version: Number(target.dataset.version) };
    frames(() => { entry.shown = Date.now(); window.drawn.push(entry); });
  }, true);
}"""
BARE = """(n) => {
  const gl = Object.assign(document.createElement('canvas'), { width: 800, height: 460 }).getContext('webgl');
  const shader = (kind, text) => {
    const made = gl.createShader(kind);
    gl.shaderSource(made, text);
    gl.compileShader(made);
    return made;
  };
  const program = gl.createProgram();
  gl.attachShader(program, shader(gl.VERTEX_SHADER,
    'attribute vec2 a; void main() { gl_Position = vec4(2. * a - 1., 0, 1); gl_PointSize = 3.; }'));
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER, 'void main() { gl_FragColor = vec4(1, 0, 0, 1); }'));
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, Float32Array.from({ length: 2 * n }, Math.random), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  return Array.from({ length: 7 }, () => {
    const start = performance.now();
    gl.drawArrays(gl.POINTS, 0, n);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    return performance.now() - start;
  }).sort((a, b) => a - b)[3];
}"""


def run_cell(opened, index):
    opened.page.evaluate("(i) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = i; }", index)
    opened.command("notebook:run-cell")


def wait_drawn(page, n):
    page.wait_for_function("(n) => window.drawn.length >= n", arg=n)
    # Colors may come after the points; the last drawing is the whole map.
    page.wait_for_timeout(3000)
    return page.evaluate("() => window.drawn")


def main():
    folder, home = Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp())
    with jupyterlab(folder, home) as address, chromium() as browser:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (CELL, MAP, MAP)])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, folder / "map.ipynb")
        page = browser.new_page(viewport={"width": 1400, "height": 950})
        page.set_default_timeout(120_000)
        opened = Notebook(page, address, "map.ipynb").open()
        page.evaluate(WATCH)
        run_cell(opened, 0)
        opened.execute("")
        rows = []
        for cell, name in ((1, "first draw, plotly.js fetched"), (2, "first draw, plotly.js there")):
            page.evaluate("() => { window.drawn = []; }")
            run_cell(opened, cell)
            first = wait_drawn(page, 1)[0]
            made, projected = json.loads(opened.execute("print(json.dumps([made, projected]))"))
            rows.append((name, first["handed"] - made, first["shown"] - made, 2000))
            # One map at a time.
            if cell == 1:
                print(f"projection of {N:,} samples: {projected:.0f} ms, before the widget is there")
                opened.execute(CLOSE)
        handed, shown = [], []
        for _ in range(N_RETRAINS):
            page.evaluate("() => { window.drawn = []; }")
            opened.execute(
                "codes = alw.session.view_of(session).codes; "
                "[session.teach(int(row), int(y[row])) for row in np.flatnonzero(codes < 0)[:5]]"
            )
            page.wait_for_timeout(1500)
            page.evaluate("() => { window.drawn = []; }")
            opened.execute("session.retrain()")
            last = wait_drawn(page, 1)[-1]
            known = json.loads(opened.execute("print(known[-1])"))
            handed.append(last["handed"] - known)
            shown.append(last["shown"] - known)
        rows.append(("recolor after a retrain, median", statistics.median(handed), statistics.median(shown), 300))
        rows.append(("recolor after a retrain, best", min(handed), min(shown), 300))
        print(f"{'':<36}{'handed over':>12}{'on screen':>12}{'goal':>8}  ms")
        for name, given, seen, goal in rows:
            print(f"{name:<36}{given:>12.0f}{seen:>12.0f}{goal:>8}")
        print(f"one bare WebGL call of {N:,} points here: {page.evaluate(BARE, N):.0f} ms")
        opened.shut_down()


if __name__ == "__main__":
    main()
