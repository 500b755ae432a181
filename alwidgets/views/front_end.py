"""The front end's ES modules and stylesheets, joined: a widget's module has no address to import from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

# Beside the widgets that they are the pages of.
STATIC = Path(__file__).parents[1] / "widgets" / "static"
_IMPORT = re.compile(r'import \{([^{}]*)\} from "(\.{1,2}/[\w./]+\.js)";\n')
# A name, and no destructuring: what a module gives is read off the first words of its lines.
_DECLARED = re.compile(r"(export )?(?:default )?(?:async )?(?:function\*?|class|const|let|var) (\w+)")
_UNREAD = re.compile(r"\s*(?:import|export)\b(?! default )|(?:const|let|var) [{\[]")
_DYNAMIC = re.compile(r"\bimport\s*[.(]")
# Strings are matched to be passed over: an address has two slashes in it.
_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', re.DOTALL)


@dataclass(frozen=True)
class _Import:
    """Place where a module imports names of another one."""

    line: int
    path: Path
    names: list[str]


@dataclass(frozen=True)
class _Module:
    """One file: its text without imports, these, and in which lines its names are."""

    path: Path
    body: str
    imports: list[_Import]
    names: dict[str, int]
    exported: set[str]
    default: int | None

    def fault(self, line: int, message: str) -> ValueError:
        return _fault(self.path, line, message)


def _fault(path: Path, line: int, message: str) -> ValueError:
    return ValueError(f"{path.as_posix()}:{line}: {message}")


def style(*names: str) -> str:
    """Join a widget's stylesheets, behind those that all widgets share.

    Parameters
    ----------
    names : str
        Paths in `static/`.

    Returns
    -------
    str
        One stylesheet.
    """
    shared = ("common/theme.css", "common/controls.css")
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in (*shared, *names))


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
        for own, line in module.names.items():
            other = owners.setdefault(own, module)
            if other is not module:
                raise module.fault(line, f"{own} is a name of {other.path.as_posix()} as well; rename one.")
    return "".join(module.body for module in joined.values())


def _join(module: _Module, folder: Path, joined: dict[Path, _Module], within: tuple[Path, ...]) -> None:
    """Put a module behind those that it imports."""
    way = (*within, module.path)
    for line, path, names in ((each.line, each.path, each.names) for each in module.imports):
        if path in way:
            circle = " -> ".join(each.as_posix() for each in (*way[way.index(path) :], path))
            raise module.fault(line, f"a circle of imports: {circle}.")
        if path not in joined:
            if not (folder / path).is_file():
                raise module.fault(line, f"there is no {path.as_posix()}.")
            _join(_read(path, folder), folder, joined, way)
        for missing in sorted(set(names) - joined[path].exported):
            raise module.fault(line, f"{path.as_posix()} does not export {missing}.")
    if within and module.default is not None:
        raise module.fault(module.default, "only the module of a widget has a default export.")
    joined[module.path] = module


@cache
def _read(path: Path, folder: Path) -> _Module:
    text = (folder / path).read_text(encoding="utf-8")
    code = _COMMENT.sub(_blank, text)
    module = _Module(path, text, [], {}, set(), None)
    body, begin, end = "", 0, 0
    default = None
    for number, line in enumerate(code.splitlines(keepends=True), 1):
        begin, start = begin + len(line), begin
        if statement := _IMPORT.match(code, start) if line.startswith("import") else None:
            module.imports.append(_imported(path, number, statement))
            body, end = body + text[end:start], statement.end()
        elif declared := _DECLARED.match(line):
            module.names[declared[2]] = number
            module.exported.update([declared[2]] if declared[1] else [])
        _check_line(path, number, line, imports=statement is not None)
        default = number if line.startswith("export default ") else default
    return replace(module, body=body + text[end:], default=default)


def _check_line(path: Path, number: int, line: str, *, imports: bool) -> None:
    """Refuse a line whose import or export, or names, are not read."""
    known = imports or _DECLARED.match(line)
    if (known or not _UNREAD.match(line)) and not ("import" in line and _DYNAMIC.search(line)):
        return
    expected = "a declaration of one name, with or without `export` before it"
    if "import" in line:
        expected = '`import { name } from "./module.js";` at the beginning of a line'
    raise _fault(path, number, f'cannot join "{line.strip()}"; expected {expected}.')


def _blank(found: re.Match[str]) -> str:
    """Keep a string; of a comment, only its places."""
    text = found[0]
    return text if text.startswith('"') else re.sub(r"[^\n]", " ", text)


def _imported(path: Path, line: int, statement: re.Match[str]) -> _Import:
    names = [name.strip() for name in statement[1].split(",") if name.strip()]
    for name in names:
        if not re.fullmatch(r"[\w$]+", name):
            raise _fault(path, line, f'cannot join "{name}"; expected a name without another one for it.')
    parts = list(path.parent.parts)
    for part in statement[2].split("/"):
        if part == ".." and not parts:
            raise _fault(path, line, f"{statement[2]} lies outside of the folder of modules.")
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return _Import(line, Path(*parts), names)
