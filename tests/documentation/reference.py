"""docs/api.md and docs/criteria.md from the docstrings: python -m tests.documentation writes them."""

import inspect
import itertools
import re
from types import ModuleType

import alwidgets as alw
from alwidgets.simulation import Comparison
from alwidgets.simulation.statistics import Ranks
from alwidgets.stopping import CRITERIA

SECTIONS = ("Parameters", "Returns", "Yields", "Raises", "Warns", "Notes", "References", "Examples", "Attributes")
API_HEAD = """# API reference

Made from the docstrings by `python -m tests.documentation`; their examples are run by the tests. Everything is reached
from `import alwidgets as alw`, except, at the end, the results that `simulate` and `replay` return.

"""
#: What is returned, and seldom made: no name of `alwidgets` itself.
RESULTS = (Comparison, Ranks)
CRITERIA_HEAD = """# Stopping criteria

All that `stop=` takes by name, made from the docstrings by `python -m tests.documentation`. `any_of`, `all_of`,
`at_least`, `patience` and `unless_priced` combine them; [stopping.md](stopping.md) shows where each fires on real data,
and what that costs.

"""


def api_page():
    """The whole page, as it should be on disk."""
    names = sorted(alw.__all__, key=str.lower)
    listed = [*names, *(each.__name__ for each in RESULTS)]
    parts = [API_HEAD, "".join(f"- [`{name}`](#{name.lower()})\n" for name in listed), "\n"]
    for name in names:
        value = getattr(alw, name)
        parts.append(module_entry(name, value) if isinstance(value, ModuleType) else entry(name, value, 2))
    parts += [entry(each.__name__, each, 2) for each in RESULTS]
    return "".join(parts)


def criteria_page():
    """The whole page, as it should be on disk."""
    rows = []
    for name, criterion in CRITERIA.items():
        lines = inspect.getdoc(criterion) or ""
        rows.append(f"## {name}\n\n`{call(name, criterion)}`\n\n{markdown(lines)}\n")
    return CRITERIA_HEAD + "".join(rows)


def module_entry(name, module):
    """A module's public functions, a line each, and in full below."""
    public = module.__all__
    members = {each: getattr(module, each) for each in sorted(public, key=str.lower)}
    callables = {each: value for each, value in members.items() if inspect.isfunction(value) or inspect.isclass(value)}
    head = f"## {name}\n\n{summary(module)}\n\n"
    return (
        head
        + "".join(f"- `{name}.{call(each, value)}`: {summary(value)}\n" for each, value in callables.items())
        + "\n"
    )


def entry(name, value, level):
    """A class or function in full, and a class's public methods."""
    parts = [f"{'#' * level} {name}\n\n`{call(name, value)}`\n\n{markdown(inspect.getdoc(value) or '')}\n"]
    if inspect.isclass(value):
        for method, member in vars(value).items():
            if method[0] == "_" or not (inspect.isfunction(member) or isinstance(member, property | classmethod)):
                continue
            target = member.fget if isinstance(member, property) else getattr(value, method)
            title = f"{name}.{method}" if isinstance(member, property) else f"{name}.{call(method, target)}"
            parts.append(
                f"{'#' * (level + 1)} {name}.{method}\n\n`{title}`\n\n{markdown(inspect.getdoc(target) or '')}\n"
            )
    return "".join(parts)


def summary(value):
    return (inspect.getdoc(value) or "").split("\n")[0]


def call(name, value):
    """A name with its arguments and their defaults, without types."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return name
    parameters = [each.replace(annotation=each.empty) for each in signature.parameters.values() if each.name != "self"]
    text = str(inspect.Signature(parameters))
    # Where a function lies in memory is nobody's business.
    return name + re.sub(r"<(?:function|class) '?([\w.]+).*?>", r"\1", re.sub(r" at 0x[0-9a-f]+", "", text))


def markdown(text):
    """A numpydoc docstring as Markdown."""
    lines = re.sub(r"\[(\d+)\]_", r"[\1]", text).split("\n")
    starts = [i for i, line in enumerate(lines[:-1]) if line in SECTIONS and set(lines[i + 1]) == {"-"}]
    parts = [prose(lines[: starts[0]] if starts else lines)]
    for start, end in itertools.pairwise([*starts, len(lines)]):
        title, body = lines[start], lines[start + 2 : end]
        parts.append(f"**{title}**\n")
        parts.append(_BODIES.get(title, fields)(body))
    return "\n".join(part for part in parts if part.strip())


def prose(lines):
    """Paragraphs; a formula as it was written, in a block of its own."""
    text = "\n".join(lines).strip("\n")
    text = re.sub(r"^\.\. math:: *(.*)$", r"$$\1$$", text, flags=re.MULTILINE)
    text = re.sub(r":math:`([^`]+)`", r"$\1$", text)
    return text + "\n"


def fields(lines):
    """Names with their types, and what they are."""
    found, text = [], []
    for line in lines:
        if line and not line.startswith(" "):
            name, _, kind = line.partition(" : ")
            found.append([f"- `{name}`" + (f" : {kind}" if kind else ""), ""])
        elif line.strip() and found:
            found[-1][1] += (" " if found[-1][1] else "") + line.strip()
    text = [f"{head}. {body}" if body else head for head, body in found]
    return "\n".join(text) + "\n"


def examples(lines):
    return "```python\n" + "\n".join(lines).strip() + "\n```\n"


def references(lines):
    text = re.sub(r"\s*\n\s+", " ", "\n".join(lines).strip("\n"))
    return re.sub(r"^\.\. \[(\d+)\] ", r"\1. ", text, flags=re.MULTILINE) + "\n"


_BODIES = {"Examples": examples, "Notes": prose, "References": references}
