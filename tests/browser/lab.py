"""A real JupyterLab or Notebook 7 and a real Chromium, driven from the tests."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SERVER_FLAGS = [
    "--no-browser",
    "--ip=127.0.0.1",
    "--IdentityProvider.token=",
    "--ServerApp.password=",
    "--ServerApp.disable_check_xsrf=True",
]
LAB_FLAGS = ["--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"]
NOTEBOOK_FLAGS = ["--JupyterNotebookApp.expose_app_in_browser=True"]
READY = """() => {
  const context = window.jupyterapp?.shell?.currentWidget?.context?.sessionContext;
  const kernel = context?.session?.kernel;
  return Boolean(kernel && context.isReady && kernel.status === 'idle' && kernel.connectionStatus === 'connected');
}"""
# It runs until it is let go, so that what is done meanwhile is certain to be done meanwhile.
BUSY_CELL = """
import time as _time
from pathlib import Path as _Path
while not _Path("let go").exists():
    _time.sleep(0.02)
_ended = _time.time()
"""
REPLACE = """(cells) => {
  localStorage.clear();
  const notebook = window.jupyterapp.shell.currentWidget.model.sharedModel;
  notebook.deleteCellRange(0, notebook.cells.length);
  notebook.insertCells(0, cells.map((source) => ({ cell_type: 'code', source, metadata: {}, outputs: [] })));
}"""
FORGET = """
import gc as _gc, os as _os
import alwidgets as _alw, ipywidgets as _ipywidgets
_ipywidgets.Widget.close_all()
[each.close() for each in _gc.get_objects() if isinstance(each, _alw.Session)]
get_ipython().run_line_magic("reset", "-f")
import os; os.chdir({folder!r})
"""
EXECUTE = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
  let text = '';
  const future = kernel.requestExecute({ code, store_history: false });
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === 'stream') text += content.text;
    if (header.msg_type === 'error') text += content.ename + ': ' + content.evalue;
  };
  await future.done;
  return text;
}"""

OUT_OF_VIEW = """(selector) => {
  const { top, bottom } = document.querySelector(selector).getBoundingClientRect();
  return bottom < 0 || top > innerHeight;
}"""
# Of buttons: the words in them that go over two lines, and the rows that are wider than their place.
BROKEN_WORDS = """(buttons) => buttons.filter((button) => button.getClientRects().length).flatMap((button) => {
  const found = [];
  const texts = document.createTreeWalker(button, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const { 0: word, index } of texts.currentNode.data.matchAll(/\\S+/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(word);
    }
  }
  const row = button.parentElement;
  return row.matches('.alw-answers') && row.scrollWidth > row.clientWidth + 1 ? [...found, row.innerText] : found;
})"""
DRAWN_TWICE = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def chromium_path():
    """Chromium on the machine, None when Playwright's own is to be used."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@contextlib.contextmanager
def chromium():
    flags = [*CHROMIUM_FLAGS, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=flags)
        yield browser
        browser.close()


def jupyterlab(folder: Path, home: Path):
    """Serve `folder` with JupyterLab; yields the address. Settings, kernels and history stay in `home`."""
    return _jupyter("jupyterlab", LAB_FLAGS, folder, home)


def notebook7(folder: Path, home: Path):
    """Serve `folder` with Notebook 7; yields the address."""
    return _jupyter("notebook", NOTEBOOK_FLAGS, folder, home)


def _jupyter(module, flags, folder, home):
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    environment = {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return served([module, *SERVER_FLAGS, *flags, *root], folder, home, environment, "/api")


@contextlib.contextmanager
def served(command, folder: Path, home: Path, environment, alive):
    """Run a server module with `folder` as its place, until `alive` answers; yields the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (home / "server.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", *command, f"--port={port}"],
        cwd=folder, env=os.environ | environment | {"PYTHONWARNINGS": ""}, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}{alive}", server)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            # It waits for kernels that are slow to end; the tests are over.
            server.kill()
            server.wait()
        log.close()


def _wait_for(url, server):
    end = time.monotonic() + 90
    while time.monotonic() < end:
        assert server.poll() is None, "the server ended while starting"
        try:
            urllib.request.urlopen(url, timeout=2)  # noqa: S310
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)  # nothing to wait on but the port itself
        else:
            return
    raise TimeoutError(url)


class Notebook:
    """One notebook open in one page; `at` is where the host shows notebooks."""

    def __init__(self, page: Page, address: str, path: str, at: str = "lab/tree"):
        self.page, self.address, self.path, self.at = page, address, path, at

    def open(self):
        self.page.goto(f"{self.address}/{self.at}/{self.path}?reset")
        self.ready()
        return self

    def reload(self):
        """Load the page anew, and not its workspace, which may open the notebook a second time beside the address."""
        return self.open()

    def ready(self):
        self.page.wait_for_function(READY, timeout=60_000)

    def command(self, name, **arguments):
        self.page.evaluate("([name, args]) => window.jupyterapp.commands.execute(name, args)", [name, arguments])

    def run_all(self):
        self.command("notebook:run-all-cells")

    def execute(self, code):
        return self.page.evaluate(EXECUTE, code)

    @contextlib.contextmanager
    def running_cell(self):
        """Have a cell run in the kernel; it ends on leaving, and `_ended` says when."""
        running = self.page.evaluate_handle(
            """(code) => {
              const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
              return { done: kernel.requestExecute({ code, store_history: false }).done.then(() => true) };
            }""",
            BUSY_CELL,
        )
        yield
        (self.folder / "let go").touch()
        running.evaluate("(running) => running.done")

    def add_room(self):
        """Make room after the last output, so that all of it can be scrolled away."""
        self.page.evaluate(
            "() => { [...document.querySelectorAll('.jp-OutputArea')].at(-1).style.paddingBottom = '2000px'; }"
        )

    def scroll_away(self, selector):
        """Turn the wheel beside the widget until what is selected is out of view."""
        self.page.mouse.move(335, 500)
        self.page.mouse.wheel(0, 3000)
        self.page.wait_for_function(OUT_OF_VIEW, arg=selector)
        self.page.evaluate(DRAWN_TWICE)

    def save(self):
        self.command("docmanager:save")

    def restart_kernel(self):
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()"
        )
        self.ready()

    def cells(self):
        """(kind, source) of every cell: what no key may change."""
        return self.page.evaluate(
            """() => Array.from(window.jupyterapp.shell.currentWidget.content.widgets,
                 (cell) => [cell.model.type, cell.model.sharedModel.getSource()])"""
        )

    def dark(self, on):
        name = "JupyterLab Dark" if on else "JupyterLab Light"
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeName === '{name}'")

    def looks(self):
        """Show the page light, dark and in forced colors, and yield each; it is light in the end."""
        for look in ("light", "dark", "forced colors"):
            self.page.emulate_media(forced_colors="active" if look == "forced colors" else "none")
            self.dark(look == "dark")
            yield look
        self.page.emulate_media(forced_colors="none")

    def begin_anew(self, folder, cells):
        """Put other cells in place of these, in a folder of their own; of what was before the kernel keeps imports."""
        self.folder = folder
        self.execute(FORGET.format(folder=str(folder)))
        self.page.evaluate(REPLACE, list(cells))
        if self.page.evaluate("document.body.dataset.jpThemeName") != "JupyterLab Light":
            self.dark(False)
        return self

    def shut_down(self):
        """End the kernel, so that the next test has the machine to itself."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget?.context.sessionContext.shutdown().catch(() => {})"
        )


class Card:
    """The labeling card on a page, used as a person uses it: by looking and by keys."""

    def __init__(self, page: Page):
        self.page = page
        self.root = page.locator(".alw-labeler").first
        self._pressed = ""

    def wait(self):
        self.page.wait_for_selector(".alw-labeler[data-item]:not([data-item=''])")
        return self

    def focus(self):
        self.root.locator(".alw-card").click()
        return self

    @property
    def item(self):
        """The row on screen, None when there is none."""
        shown = self.root.get_attribute("data-item")
        return int(shown) if shown else None

    def press(self, key):
        """Press a key; the same key as before only when it counts again, as a person would."""
        if key == self._pressed:
            self.page.wait_for_selector(".alw-labeler:not([data-fresh])")
        self._pressed = key
        self.page.keyboard.press(key)

    @property
    def text(self):
        return self.root.inner_text()

    def wait_for_text(self, text):
        self.root.get_by_text(text).first.wait_for()

    def settled(self):
        """Wait until no answer waits for an acknowledgement."""
        waiting = "(key) => key.startsWith('alwidgets:') && !key.includes(':seen ')"
        self.page.wait_for_function(f"() => !Object.keys(localStorage).some({waiting})")
