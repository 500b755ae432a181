"""One server of each kind and one Chromium for all browser tests; a fresh page and notebook for each."""

import itertools
import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from lab import Notebook, chromium, jupyterlab, notebook7

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="session")
def address(folder, tmp_path_factory):
    with jupyterlab(folder, tmp_path_factory.mktemp("jupyter")) as served:
        yield served


@pytest.fixture(scope="session")
def notebook7_address(folder, tmp_path_factory):
    with notebook7(folder, tmp_path_factory.mktemp("notebook7")) as served:
        yield served


@pytest.fixture(scope="session")
def browser():
    with chromium() as launched:
        yield launched


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1400, "height": 950})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


_numbers = itertools.count()


def _opener(page, folder, address, at):
    """Yield a function that opens a notebook of the project by name, or one made of the given cells."""
    opened = []

    def open_it(*cells, name=None):
        place = folder / f"test{next(_numbers)}"
        place.mkdir()
        if name:
            shutil.copy(NOTEBOOKS / name, place)
        else:
            name = "test.ipynb"
            made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
            made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(made, place / name)
        notebook = Notebook(page, address, f"{place.name}/{name}", at)
        notebook.folder = place
        opened.append(notebook)
        return notebook.open()

    yield open_it
    for notebook in opened:
        notebook.shut_down()


@pytest.fixture
def open_notebook(page, folder, address):
    """A function that opens a notebook in JupyterLab."""
    yield from _opener(page, folder, address, "lab/tree")


@pytest.fixture
def open_in_notebook7(page, folder, notebook7_address):
    """A function that opens a notebook in Notebook 7."""
    yield from _opener(page, folder, notebook7_address, "notebooks")


@pytest.fixture
def no_subshells(page, address):
    """JupyterLab set to send the widgets' messages to the kernel's main thread."""
    settings = f"{address}/lab/api/settings/@jupyterlab/apputils-extension:kernels-settings"
    assert page.request.put(settings, data={"raw": json.dumps({"commsOverSubshells": "disabled"})}).ok
    yield
    page.request.put(settings, data={"raw": "{}"})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Leave a picture of the page when a test fails and SCREENSHOTS names a folder."""
    report = yield
    target = os.environ.get("SCREENSHOTS")
    if report.when == "call" and report.failed and target and "page" in item.funcargs:
        Path(target).mkdir(parents=True, exist_ok=True)
        item.funcargs["page"].screenshot(path=f"{target}/{item.name}.png")
    return report
