"""The front end's ES modules and stylesheets, joined: a widget's module has no address to import from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_IMPORT = re.compile(r'^import \{([^{}]*)\} from "(\.{1,2}/[\w./]+\.js)";\n', re.MULTILINE)
# A name, and no destructuring: what a module gives is read off the first words of its lines.
_DECLARED = re.compile(r"^(export )?(?:default )?(?:async )?(?:function\*?|class|const|let|var) (\w+)", re.MULTILINE)
# Strings are matched to be passed over: an address has two slashes in it.
_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', re.DOTALL)
_KEYWORD = re.compile(r"^[ \t]*(?:import|export)\b|\bimport\s*[.(]|^(?:const|let|var) [{\[]", re.MULTILINE)
_EXPORT = re.compile(r"export (?:(?:async )?function\*? \w|class \w|(?:const|let) \w)")


@dataclass(frozen=True)
class _Module:
    """One file: its text, what it imports as (place in the text, address, names), and where its own names are."""

    path: Path
    text: str
    imports: list[tuple[int, Path, list[str]]]
    names: dict[str, int]
    exported: set[str]

    def fault(self, place: int, message: str) -> ValueError:
        line = self.text.count("\n", 0, place) + 1
        return ValueError(f"{self.path.as_posix()}:{line}: {message}")


def style(*names: str, folder: Path = STATIC) -> str:
    """Stylesheets of a widget, behind those that all widgets share.

    Parameters
    ----------
    names : str
        Paths in `folder`.
    folder : Path
        Where stylesheets lie.

    Returns
    -------
    str
        One stylesheet.
    """
    shared = ("common/theme.css", "common/controls.css")
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in (*shared, *names))


def script(name: str, folder: Path = STATIC) -> str:
    """Join a module with those that it imports into one module that imports nothing.

    Parameters
    ----------
    name : str
        Path of the module in `folder`.
    folder : Path
        Where modules lie, in folders of their own; an import names another by a relative path.

    Returns
    -------
    str
        One module, every other one before those that import it.

    Raises
    ------
    ValueError
        Where a module has an import or export of another form than `import { name } from "./module.js"` and `export`
        before a declaration, imports a file or a name that is not there or, in a circle, itself, or has a name at its
        top level that another one has. It names the file and the line.
    """
    joined: dict[Path, _Module] = {}
    _join(_read(Path(name), folder), folder, joined, ())
    owners: dict[str, _Module] = {}
    for module in joined.values():
        for own, place in module.names.items():
            other = owners.setdefault(own, module)
            if other is not module:
                raise module.fault(place, f"{own} is a name of {other.path.as_posix()} as well; rename one.")
    return "".join(_IMPORT.sub("", module.text) for module in joined.values())


def _join(module: _Module, folder: Path, joined: dict[Path, _Module], within: tuple[Path, ...]) -> None:
    """Put a module behind those that it imports."""
    way = (*within, module.path)
    for place, path, names in module.imports:
        if path in way:
            circle = " -> ".join(each.as_posix() for each in (*way[way.index(path) :], path))
            raise module.fault(place, f"a circle of imports: {circle}.")
        if not (folder / path).is_file():
            raise module.fault(place, f"there is no {path.as_posix()}.")
        if path not in joined:
            _join(_read(path, folder), folder, joined, way)
        for missing in set(names) - joined[path].exported:
            raise module.fault(place, f"{path.as_posix()} does not export {missing}.")
    if within and re.search(r"^export default", module.text, re.MULTILINE):
        raise module.fault(module.text.index("export default"), "only the module of a widget has a default export.")
    joined[module.path] = module


def _read(path: Path, folder: Path) -> _Module:
    text = (folder / path).read_text(encoding="utf-8")
    code = _COMMENT.sub(_blank, text)
    declared = list(_DECLARED.finditer(code))
    module = _Module(
        path,
        text,
        list(_imports(path, code)),
        {found[2]: found.start() for found in declared},
        {found[2] for found in declared if found[1]},
    )
    read = {found.start() for found in _IMPORT.finditer(code)}
    for found in _KEYWORD.finditer(code):
        written = code[found.start() :].split("\n", 1)[0]
        if found.start() not in read and not _EXPORT.match(written) and not written.startswith("export default "):
            raise module.fault(found.start(), f'cannot join "{written.strip()}"; expected {_expected(written)}.')
    for place, imported, names in module.imports:
        for name in names:
            if not name.isidentifier():
                raise module.fault(place, f'cannot join "{name}" of {imported.as_posix()}; expected its own name.')
        if ".." in imported.parts:
            raise module.fault(place, f"{imported.as_posix()} lies outside of the folder of modules.")
    return module


def _expected(written: str) -> str:
    if "import" in written:
        return '`import { name } from "./module.js";` at the beginning of a line'
    return "a declaration of one name, with or without `export` before it"


def _blank(found: re.Match[str]) -> str:
    """Keep a string; of a comment, only its places."""
    text = found[0]
    return text if text.startswith('"') else re.sub(r"[^\n]", " ", text)


def _imports(path: Path, code: str) -> Iterator[tuple[int, Path, list[str]]]:
    for found in _IMPORT.finditer(code):
        parts: list[str] = []
        for part in (*path.parent.parts, *found[2].split("/")):
            if part == ".." and parts and parts[-1] != "..":
                parts.pop()
            elif part != ".":
                parts.append(part)
        names = [name.strip() for name in found[1].split(",")]
        yield found.start(), Path(*parts), [name for name in names if name]
