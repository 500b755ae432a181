"""Annotation task: the kind of answer, the question, the keys, and the display options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, cast

from alwidgets.data.label_kinds import MULTICLASS, MULTILABEL, LabelKind
from alwidgets.data.labels import plain
from alwidgets.types import Class, Label
from alwidgets.utils.text import is_writable, short_repr

#: Kind -> what an answer is.
Kind: TypeAlias = Literal["single", "multi", "ordinal", "yes_no", "pair"]
KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "single": "one class",
        "multi": "any number of classes, also none",
        "ordinal": "one class of a scale, in the order of the classes",
        "yes_no": "no or yes, the first or the second class",
        "pair": "which of two, the first or the second class; a third class is a tie",
    }
)
#: What a key does that gives no answer -> the key.
ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "skip": " ", "undo": "Backspace", "unsure": "u", "flag": "f", "note": "c", "find": "/", "suggest": "m",
        "why": "w", "instructions": "i", "near_duplicates": "d", "grid": "g", "play": "p", "zoom": "z", "help": "?",
    }
)  # fmt: skip
_DIGITS = "1234567890"
_OF_KIND: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"yes_no": ("n", "y"), "pair": ("ArrowLeft", "ArrowRight", "ArrowDown")}
)
_NAMED_KEYS = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Backspace", "Delete", "Home", "End")
# The browser's and the reader's own: keys that leave the card, or move in what it shows.
_LONGEST_QUESTION = 500
_LONGEST_INSTRUCTIONS = 50_000
_MOST_CLASSES = {"yes_no": (2, 2), "pair": (2, 3)}


@dataclass(frozen=True, slots=True)
class Task:
    """Description of the annotation task.

    Parameters
    ----------
    kind : {"single", "multi", "ordinal", "yes_no", "pair"}
        What an answer is; see `KINDS`. In "multi" the learner has to be one for several labels a sample, such as
        ``OneVsRestClassifier(LogisticRegression())``; in "pair" each item is two, side by side.
    question : str
        Asked above every sample.
    instructions : str
        Markdown: headings, lists, emphasis, code. Shown before the first sample, and on demand.
    keys : dict of class or action to str
        Keys in place of the usual ones; actions are those of `ACTIONS`. One character, or a name such as "ArrowLeft".
    suggest : "never", "on demand" or float
        When the model's label is shown before the answer: on a key, or by itself where the model gives it at least
        this probability. What one is shown sways one's answer; so nothing is, by default.
    highlight : sequence of str
        Words that are marked in texts, whatever their case.
    repeats : float
        Share of one's own answers that are asked a second time, without the first answer shown, to measure how
        well one agrees with oneself.

    Examples
    --------
    >>> Task("yes_no", question="Is this an advertisement?", keys={"skip": "s"}).keys
    {'skip': 's'}
    """

    kind: Kind = "single"
    question: str = ""
    instructions: str = ""
    keys: Mapping[Any, str] = field(default_factory=dict)
    suggest: Literal["never", "on demand"] | float = "never"
    highlight: Sequence[str] = ()
    repeats: float = 0.0

    @property
    def label_kind(self) -> LabelKind:
        """Kind of the labels: one class or any number."""
        return MULTILABEL if self.multilabel else MULTICLASS

    @property
    def multilabel(self) -> bool:
        """True if a label is any number of classes."""
        return self.kind == MULTILABEL.task

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"task is {short_repr(self.kind)}; expected one of {list(KINDS)}.")
        _check_words("question", self.question, _LONGEST_QUESTION)
        _check_words("instructions", self.instructions, _LONGEST_INSTRUCTIONS)
        if isinstance(self.highlight, str) or not all(isinstance(word, str) and word for word in self.highlight):
            raise TypeError(f"highlight is {short_repr(self.highlight)}; expected a list of words.")
        if not isinstance(self.keys, Mapping):
            raise TypeError(f"keys is {short_repr(self.keys)}; expected a dict, such as {{'spam': 's'}}.")
        if self.suggest not in ("never", "on demand") and not _is_share(self.suggest):
            raise ValueError(
                f"suggest is {short_repr(self.suggest)}; expected 'never', 'on demand' or a probability, 0 to 1."
            )
        if not _is_share(self.repeats) or self.repeats > 0.5:  # noqa: PLR2004 - more than every other is refused
            raise ValueError(f"repeats is {short_repr(self.repeats)}; expected a share of the answers, 0 to 0.5.")


@dataclass(frozen=True, slots=True)
class Keys:
    """Keyboard shortcuts.

    Parameters
    ----------
    classes : tuple of str
        The key of each class, "" for one that is found by its name.
    actions : dict of str to str
        Action -> key.
    """

    classes: tuple[str, ...]
    actions: Mapping[str, str]


def as_task(task: Any) -> Task:
    """Return a task, also of its kind alone.

    Raises
    ------
    TypeError, ValueError
        If it is not a kind of task, nor a Task.
    """
    if isinstance(task, Task):
        return task
    if not isinstance(task, str):
        raise TypeError(f"task is {short_repr(task)}; expected a Task or one of {list(KINDS)}.")
    return Task(cast("Kind", task))


def check_classes(task: Task, classes: Sequence[Label]) -> None:
    """Raise if the classes do not suit the task.

    Raises
    ------
    ValueError
        If there are too few or too many.
    """
    fewest, most = _MOST_CLASSES.get(task.kind, (2, None))
    if len(classes) < fewest or (most is not None and len(classes) > most):
        wanted = str(fewest) if fewest == most else f"{fewest} or {most}"
        raise ValueError(f"classes has {len(classes)} names; a task {task.kind!r} expects {wanted}.")


def keys_of(
    task: Task,
    classes: Sequence[Class],
    remapped: Mapping[Any, str] | None = None,
    n_declared: int | None = None,
) -> Keys:
    """Return the keyboard shortcuts: the defaults, overridden by those of the task and those set since.

    A class that is a digit has itself as key; "yes" and "no" have their first letter; the others have, in order, what
    is left of 1 to 9 and 0. A key that is set since moves no other one, nor does a class that was added since.

    Parameters
    ----------
    task : Task
        What is asked.
    classes : sequence of class
        The classes.
    remapped : dict of class or action to str, optional
        Keys set since; a name may also be a pair, ("class", name) or ("action", name).
    n_declared : int, optional
        How many of the classes were there from the first; default all.

    Raises
    ------
    ValueError, TypeError
        If a name is not a class and no action, a key is not valid, or two have the same.

    Examples
    --------
    >>> keys_of(Task(), ["ham", 3, "spam"]).classes
    ('1', '3', '2')
    >>> keys_of(Task(), ["ham", "eggs", "spam"], {"ham": "h"}).classes
    ('h', '2', '3')
    """
    n = len(classes) if n_declared is None else min(n_declared, len(classes))
    given, given_actions = _named(task.keys, classes)
    actions = {**ACTIONS, **given_actions}
    of_classes = _class_keys(task, classes[:n], given, set(actions.values()))
    since, since_actions = _named(remapped or {}, classes)
    actions |= since_actions
    taken = {key.lower() for key in (*of_classes, *actions.values(), *since.values())}
    for place in range(n, len(classes)):
        key = given.get(place) or _free_key(str(classes[place]), taken)
        taken.add(key.lower())
        of_classes.append(key)
    for place, key in since.items():
        of_classes[place] = key
    _check_conflicts(of_classes, actions, classes)
    return Keys(tuple(of_classes), actions)


def _named(keys: Mapping[Any, str], classes: Sequence[Class]) -> tuple[dict[int, str], dict[str, str]]:
    """Return the keys of classes, by place, and of actions; a name that is both is the class."""
    places = {str(label): place for place, label in enumerate(classes)}
    of_classes, of_actions = {}, {}
    for name, key in keys.items():
        what, given = name if isinstance(name, tuple) and len(name) == 2 else ("", name)  # noqa: PLR2004
        word = plain(given)
        _check_key(word, key)
        if what != "action" and str(word) in places:
            of_classes[places[str(word)]] = key
        elif what != "class" and word in ACTIONS:
            of_actions[str(word)] = key
        else:
            raise ValueError(f"keys has {short_repr(word)}; expected classes, or actions of {list(ACTIONS)}.")
    return of_classes, of_actions


def _class_keys(task: Task, classes: Sequence[Class], given: Mapping[int, str], taken: set[str]) -> list[str]:
    own = _OF_KIND.get(task.kind)
    if own:
        if task.kind == "yes_no" and str(classes[0]).lower() == "yes" and str(classes[1]).lower() == "no":
            own = own[::-1]
        return [given.get(place, key) for place, key in zip(range(len(classes)), own, strict=False)]
    shown = [str(label) for label in classes]
    taken = {*taken, *given.values()}
    usual = [name if name in tuple(_DIGITS) and name not in taken else "" for name in shown]
    free = [key for key in _DIGITS if key not in usual and key not in taken]
    return [given.get(place) or own_digit or (free.pop(0) if free else "") for place, own_digit in enumerate(usual)]


def _free_key(name: str, taken: set[str]) -> str:
    """Return the key of a class that came later: its own digit, or the first that nothing has."""
    wanted = (name, *_DIGITS) if name in tuple(_DIGITS) else tuple(_DIGITS)
    return next((key for key in wanted if key not in taken), "")


def _check_conflicts(of_classes: Sequence[str], actions: Mapping[str, str], classes: Sequence[Label]) -> None:
    known: dict[str, str] = {}
    for name, key in (*zip(map(str, classes), of_classes, strict=True), *actions.items()):
        folded = key.lower()
        if folded and folded in known:
            raise ValueError(f"keys has {key!r} for {known[folded]!r} and for {name!r}; expected a key each.")
        known[folded] = name


def _check_key(name: Any, key: Any) -> None:
    if not isinstance(key, str):
        raise TypeError(
            f"the key of {short_repr(name)} is {short_repr(key)}; expected a character or a name as 'ArrowLeft'."
        )
    if not (len(key) == 1 and key.isprintable()) and key not in _NAMED_KEYS:
        raise ValueError(
            f"the key of {short_repr(name)} is {short_repr(key)}; expected one character or one of {_NAMED_KEYS}."
        )


def _check_words(name: str, words: Any, most: int) -> None:
    if not isinstance(words, str):
        raise TypeError(f"{name} is {short_repr(words)}; expected text.")
    if len(words) > most or not is_writable(words):
        raise ValueError(f"{name} has {len(words)} characters; expected at most {most}, without halves of pairs.")


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
