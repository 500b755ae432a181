"""Build a JupyterLite site with the quickstart: python -m tests.documentation.lite [folder]; default `lite`.

It needs no server: the kernel runs in the visitor's browser. Any place that serves files can hold the folder. What is
compiled, Pyodide with NumPy and scikit-learn, the visitor's browser loads from where JupyterLite's kernel says.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
# The quickstart, and where it leads.
NOTEBOOKS = ("01_quickstart", "02_text", "04_when_to_stop", "07_your_own", "08_simulate", "13_after_labeling")
# A file on JupyterLite's own drive is written when it is closed, and a journal is open as long as its session.
INSTALL = "%pip install -q alwidgets\n%cd -q /home/pyodide"


def build(folder: Path) -> None:
    """Write the site into a folder."""
    with tempfile.TemporaryDirectory() as place:
        contents, wheels = Path(place) / "contents", Path(place) / "wheels"
        write_contents(contents)
        wheel = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels), str(ROOT)]
        subprocess.run(wheel, check=True, stdout=subprocess.DEVNULL)
        options = {"contents": contents, "piplite-wheels": next(wheels.iterdir()), "output-dir": folder.resolve()}
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--apps", "lab", "--no-sourcemaps"]
        command += [part for name, path in options.items() for part in (f"--{name}", str(path))]
        subprocess.run(command, check=True, cwd=place)


def write_contents(folder: Path) -> None:
    """Write the notebooks as they are there: without outputs, and with a first cell that installs the package."""
    folder.mkdir()
    for name in NOTEBOOKS:
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        notebook.cells.insert(1, nbformat.v4.new_code_cell(INSTALL, id="install"))
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        notebook.metadata.kernelspec = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
        nbformat.write(notebook, folder / f"{name}.ipynb")


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else "lite"))
