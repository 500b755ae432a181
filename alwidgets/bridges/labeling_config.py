"""The labeling config of a project, which says what annotators see and may answer: made, read, and fitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from alwidgets.io.fields import SIDES
from alwidgets.types import Class

#: What a question is called in the configs made here, and what is written beside the answer.
LABEL, NOTE = "label", "note"
# The tags that answers of ours can come from.
_CONTROLS = ("Choices", "Rating", "Pairwise")
_STARS = 5


@dataclass(frozen=True)
class Control:
    """The question of a project.

    Parameters
    ----------
    name : str
        What its answers are marked with.
    tag : {"Choices", "Rating", "Pairwise"}
        What it is.
    classes : tuple of str
        What can be answered.
    several : bool
        Whether any number of them can.
    shows : mapping of str to str
        What each task has to hold for the page, and the tag that shows it.
    about : str
        Name of the tag that it is asked about.
    """

    name: str
    tag: str
    classes: tuple[str, ...]
    several: bool
    shows: Mapping[str, str]
    about: str

    def answers_for(self, classes: Sequence[Class]) -> tuple[str, ...]:
        """Return the classes of a session that can be answered; the sides of a pair are its classes by place."""
        return tuple(map(str, classes)) if self.tag == "Pairwise" else self.classes


def made(kind: str, classes: Sequence[Class], fields: Mapping[str, Any], question: str = "") -> str:
    """Return a config for a task of ours.

    Parameters
    ----------
    kind : {"single", "multi", "ordinal", "yes_no", "pair"}
        What an answer is.
    classes : sequence of class
        The possible answers.
    fields : mapping of str to object
        What a sample shows, by name: one text or image, "left" and "right", or several values, shown as a table.
    question : str
        Asked above every sample.

    Examples
    --------
    >>> made("single", ["ham", "spam"], {"text": "win a prize"})[:43]
    '<View><Text name="text" value="$text" /><Ch'
    """
    view = ET.Element("View")
    if question:
        ET.SubElement(view, "Header", value=question)
    shown = list(fields) if kind == "pair" and tuple(fields) == SIDES else [shown_as(fields)]
    tag = "Table" if len(fields) > 1 and len(shown) == 1 else "Image" if set(fields) == {"image"} else "Text"
    for name in shown:
        ET.SubElement(view, tag, name=name, value=f"${name}")
    if kind == "pair" and len(classes) == len(SIDES) and tuple(shown) == SIDES:
        ET.SubElement(view, "Pairwise", name=LABEL, toName=",".join(SIDES))
    else:
        # A tie is a third choice, which Pairwise has not.
        choices = ET.SubElement(
            view, "Choices", name=LABEL, toName=shown[0], choice="multiple" if kind == "multi" else "single"
        )
        _add(choices, classes)
    ET.SubElement(view, "TextArea", name=NOTE, toName=shown[0], placeholder="Note", required="false")
    return ET.tostring(view, encoding="unicode")


def shown_as(fields: Mapping[str, Any]) -> str:
    """Return the name under which a task has all that a sample shows, where the config is made here."""
    return "row" if len(fields) > 1 else "image" if "image" in fields else "text"


def _add(choices: ET.Element, classes: Sequence[Class]) -> None:
    for name in classes:
        ET.SubElement(choices, "Choice", value=str(name))


def fitted(config: str, kind: str, classes: Sequence[Class], *, may_lack: bool = False) -> Control:
    """Return the question of a config that fits a task; where it may lack classes, one that has no others.

    Raises
    ------
    ValueError
        If none does; the message says what differs.
    """
    found = list(_controls(_parsed(config)))
    several, names = kind == "multi", [str(name) for name in classes]
    for control in found:
        if control.several == several and _fits(control, kind, names, may_lack=may_lack):
            return control
    raise ValueError(f"its labeling config {_difference(found, kind, names)}")


def with_classes(config: str, control: Control, classes: Sequence[Class]) -> str:
    """Return a config whose question has more classes, as its last."""
    view = _parsed(config)
    _add(next(each for each in view.iter(control.tag) if each.get("name") == control.name), classes)
    return ET.tostring(view, encoding="unicode")


def _parsed(config: str) -> ET.Element:
    try:
        # The parser that comes with Python refuses what would grow beyond bounds.
        return ET.fromstring(config)  # noqa: S314
    except ET.ParseError as error:
        raise ValueError(f"its labeling config is not XML ({error}).") from None


def _controls(view: ET.Element) -> Iterator[Control]:
    shows = {
        each.get("value", "")[1:]: each.tag
        for each in view.iter()
        if each.get("name") and not each.get("toName") and each.get("value", "").startswith("$")
    }
    for each in view.iter():
        if each.tag in _CONTROLS and each.get("name"):
            # A pair is asked about as itself.
            about = each.get("name" if each.tag == "Pairwise" else "toName", "")
            yield Control(each.get("name", ""), each.tag, _classes(each), _several(each), shows, about)


def _several(control: ET.Element) -> bool:
    return control.tag == "Choices" and control.get("choice", "single") == "multiple"


def _classes(control: ET.Element) -> tuple[str, ...]:
    if control.tag == "Pairwise":
        return SIDES
    if control.tag == "Rating":
        stars = control.get("maxRating", "")
        return tuple(str(star) for star in range(1, (int(stars) if stars.isdecimal() else _STARS) + 1))
    return tuple(each.get("alias", "") or each.get("value", "") for each in control.iter("Choice"))


def _fits(control: Control, kind: str, names: list[str], *, may_lack: bool) -> bool:
    if control.tag == "Pairwise":
        return kind == "pair" and len(names) == len(SIDES)
    lacks = not set(names) <= set(control.classes)
    return set(control.classes) <= set(names) and (not lacks or (may_lack and control.tag == "Choices"))


def _difference(found: Sequence[Control], kind: str, names: list[str]) -> str:
    """Return in words how the config differs from what the task asks."""
    wanted = f"the session has a task {kind!r} with the classes {names}"
    if not found:
        return f"asks for no class (it has none of {', '.join(_CONTROLS)}); {wanted}."
    # The nearest of several is the one that was meant.
    nearest = max(found, key=lambda control: len(set(control.classes) & set(names)))
    lacks = [name for name in names if name not in nearest.classes]
    more = [name for name in nearest.classes if name not in names]
    parts = [f"lacks {lacks}"] if lacks else []
    parts += [f"has {more}, which the session has not"] if more else []
    if not parts:
        parts = [f"lets annotators choose {'several classes' if nearest.several else 'one class'}"]
    return (
        f"({nearest.tag} {nearest.name!r}) {' and '.join(parts)}; {wanted}. Change the one or the other, or leave "
        "project out for a new one."
    )
