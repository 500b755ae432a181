"""A real browser whose connection to its kernel goes wrong while a script answers."""

import sys
from pathlib import Path

from tests.faults.sample import Found

sys.path.insert(0, str(Path(__file__).parent.parent / "browser"))

# So many samples has a notebook: a fresh one after so many drops.
_DROPS_A_NOTEBOOK = 40


def connections(folder, n):
    """Lose the connection n times, in each of four ways in turn; every answer arrives once, and waiting is told."""
    # Only who tries this needs a browser.
    from drops import drops, opened_through
    from lab import chromium, jupyterlab

    notebooks, settings = folder / "notebooks", folder / "jupyter"
    notebooks.mkdir()
    settings.mkdir()
    found = Found("")
    with jupyterlab(notebooks, settings) as address, chromium() as browser:
        while found.tried < n:
            with opened_through(browser, address, notebooks) as connection:
                part = drops(connection, min(_DROPS_A_NOTEBOOK, n - found.tried))
            found.fault = part.fault
            found.tried += part.tried
            found.wrong += part.wrong
    return found
