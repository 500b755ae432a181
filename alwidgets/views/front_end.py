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
_WORD = re.compile(r"(?<![.\w$])(?:import|export)\b")
_BRACKETS, _LETTER = re.compile(r"([()\[\]{}])"), re.compile(r"[^\n]")
_DECLARES = re.compile(r"\s*(?:async )?(function|class|const|let|var)\b")
_APART = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
    |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)
    |(?:[(,=:\[!&|?{};>]\s*|\breturn\s+)(?P<pattern>/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/)""",
    re.DOTALL | re.VERBOSE,
)


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
    # An import names a file in a text; nothing else in a text is code, nor what a pattern looks for.
    bare = _APART.sub(_blank, text)
    module = _Module(path, text, [], {}, set(), None)
    body, begin, end, depth = "", 0, 0, 0
    default = None
    for number, (line, shown) in enumerate(zip(bare.split("\n"), text.split("\n"), strict=True), 1):
        begin, start = begin + len(line) + 1, begin
        declared = None
        if statement := _IMPORT.match(text, start) if line.startswith("import") else None:
            module.imports.append(_imported(path, number, statement))
            body, end = body + text[end:start], statement.end()
        elif declared := _DECLARED.match(line):
            module.names[declared[2]] = number
            module.exported.update([declared[2]] if declared[1] else [])
        default = number if line.startswith("export default ") else default
        is_read = bool(statement or declared) or default == number
        if not _is_whole(line, depth, is_read=is_read):
            raise _unread(path, number, shown)
        depth += _step(line)
    return replace(module, body=body + text[end:], default=default)


def _is_whole(line: str, depth: int, *, is_read: bool) -> bool:
    """Return whether all imports, exports and names of a line are read; `depth` is that of the brackets before it."""
    words = [found.start() for found in _WORD.finditer(line)]
    if words not in ([], [0]) or (words and not is_read):
        return False
    if depth and depth + _step(line):
        return True
    outside = _outside(line, depth) if "," in line or ";" in line.rstrip()[:-1] else ""
    declares = _DECLARES.match(line) if depth == 0 else None
    several = declares is not None and declares[1] in ("const", "let", "var") and "," in outside
    return (is_read or declares is None) and not several and not outside.partition(";")[2].strip()


def _unread(path: Path, number: int, line: str) -> ValueError:
    expected = "a declaration of one name, with or without `export` before it"
    if "import" in line:
        expected = '`import { name } from "./module.js";` at the beginning of a line'
    return _fault(path, number, f'cannot join "{line.strip()}"; expected {expected}.')


def _step(line: str) -> int:
    """Return by how many brackets a line is deeper at its end."""
    return sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))


def _outside(line: str, depth: int) -> str:
    """Return the part of a line outside of all brackets."""
    kept = ""
    for part in _BRACKETS.split(line):
        depth += _step(part) if len(part) == 1 else 0
        kept += part if depth == 0 and not _BRACKETS.fullmatch(part) else ""
    return kept


def _blank(found: re.Match[str]) -> str:
    """Return a part that is not code as blanks: its place, its quotes and the ends of its lines stay."""
    kind = found.lastgroup or ""
    before, part = found[0][: found.start(kind) - found.start()], found[kind]
    spaces = _LETTER.sub(" ", part)
    return before + (part[0] + spaces[1:-1] + part[-1] if kind == "text" else spaces)


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
