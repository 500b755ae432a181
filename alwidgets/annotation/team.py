"""Annotators of a session, and the number of answers an item gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, Literal

from alwidgets.annotation.consensus import Aggregate, check_method
from alwidgets.annotation.gold import check_gold
from alwidgets.types import Label
from alwidgets.utils.checks import as_whole_number, check_count, check_positive
from alwidgets.utils.text import counted, name_key, short_repr

# Of gold where nobody says how much of it is to be asked.
_GOLD_SHARE = 0.05


@dataclass(frozen=True)
class Team:
    """The people who label a session together.

    Parameters
    ----------
    annotators : sequence of str
        Their names, each once, also among the experts.
    experts : sequence of str
        Who settles what the others dispute.
    answers : int, optional
        Answers an item gets to begin with, each from another annotator. Default two, and one once people agree: as long
        as the first two answers were equal for 85 % of the items that have them, twenty or more, a new item gets one;
        each tenth still gets two, so that it shows when people begin to differ.
    at_most : int, optional
        Answers a tied item gets at most; default five, and at least `answers`. Never more than there are annotators,
        who answer an item once each.
    consensus : {"majority", "dawid_skene"} or callable
        How the answers to an item become its label; see `alwidgets.consensus`.
    gold : dict of item to label, optional
        Items whose labels are known, by their row numbers in `X`, asked without saying so.
    gold_share : float, optional
        Share of each annotator's questions that are gold, from 0 to less than 1. Default 0.05 where there is gold, one
        question in twenty. 0 asks none of it: it is measured on answers that come otherwise, as by `Session.teach`.
    lease_seconds : float
        How long an item stays before somebody who does not answer.
    audit_answers : int, optional
        Answers that a sample which measures the model gets; default `answers`.

    Raises
    ------
    TypeError
        If a name is not a text, or a number none, or an item of gold is not a whole number.
    ValueError
        If there is nobody, two people have one name, more answers are wanted than there are annotators, `consensus` is
        unknown, a share or time is out of range, or gold is to be asked and there is none.

    Examples
    --------
    >>> team = Team(["a1", "a2", "a3"], experts=["e1"], answers=2)
    >>> team.at_most, team.role("e1")
    (3, 'expert')
    """

    annotators: Sequence[str]
    experts: Sequence[str] = ()
    # A number once it is made; left out, it is the default that adapts.
    answers: int = None  # type: ignore[assignment]
    at_most: int | None = None
    consensus: Literal["majority", "dawid_skene"] | Aggregate = "majority"
    gold: Mapping[Any, Label] = field(default_factory=dict)
    gold_share: float = None  # type: ignore[assignment]  # as `answers`
    lease_seconds: float = 120.0
    audit_answers: int | None = None
    #: Whether new items get one answer once people agree: `answers` was left to the default.
    adaptive: bool = field(init=False)

    def __post_init__(self) -> None:
        annotators, experts = _names("annotators", self.annotators), _names("experts", self.experts)
        if not annotators:
            raise ValueError("annotators is empty; expected the names of one or more people.")
        _check_distinct([*annotators, *experts])
        n_people = len(annotators)
        adaptive = self.answers is None
        answers = min(2, n_people) if self.answers is None else _answers("answers", self.answers, n_people)
        at_most = max(answers, 5) if self.at_most is None else check_count("at_most", self.at_most)
        most = min(at_most, n_people)
        if most < answers:
            given = f"answers is {answers}" + (" when it is not given" if adaptive else "")
            raise ValueError(f"at_most is {most} and {given}; expected at_most to be as large or larger.")
        audit = answers if self.audit_answers is None else _answers("audit_answers", self.audit_answers, n_people)
        check_method("consensus", self.consensus)
        gold = _by_row(check_gold(self.gold))
        default = _GOLD_SHARE if gold else 0.0
        share = default if self.gold_share is None else _number("gold_share", self.gold_share, "from 0 to less than 1")
        if not 0 <= share < 1:
            raise ValueError(f"gold_share is {short_repr(self.gold_share)}; expected a number from 0 to less than 1.")
        if share and not gold:
            raise ValueError(f"gold_share is {self.gold_share}, but gold is empty; expected a dict of item to label.")
        seconds = check_positive("lease_seconds", self.lease_seconds)
        kept = {
            "annotators": annotators, "experts": experts, "answers": answers, "at_most": most, "audit_answers": audit,
            "gold": gold, "gold_share": share, "lease_seconds": seconds, "adaptive": adaptive,
        }  # fmt: skip
        for name, value in kept.items():
            object.__setattr__(self, name, value)

    def role(self, name: str) -> Literal["annotator", "expert"]:
        """Return the role of somebody in the team.

        Raises
        ------
        ValueError
            If nobody has this name.
        """
        if name in self.annotators:
            return "annotator"
        if name in self.experts:
            return "expert"
        people = [*self.annotators, *self.experts]
        like = next((each for each in people if isinstance(name, str) and name_key(each) == name_key(name)), None)
        meant = f" {like!a} is written otherwise than {name!a}." if like else ""
        raise ValueError(
            f"annotator is {short_repr(name)}; expected one of the team: {', '.join(map(short_repr, people))}.{meant}"
        )

    def check_gold(self, items: Iterable[Any], classes: Sequence[Label]) -> None:
        """Raise ValueError if gold has an unknown item, or a label that is not one of the classes."""
        check_gold(self.gold, classes)
        known = items if isinstance(items, range) else set(items)
        for item in self.gold:
            if item not in known:
                raise ValueError(
                    f"gold has the item {short_repr(item)}, which is not in the pool; expected items of the pool."
                )


def _names(what: str, names: Any) -> tuple[str, ...]:
    if isinstance(names, str) or not isinstance(names, Iterable) or isinstance(names, Mapping):
        raise TypeError(f"{what} is {short_repr(names)}; expected a list of names.")
    found = tuple(names)
    for name in found:
        if not isinstance(name, str):
            raise TypeError(f"{what} has {short_repr(name)}; expected names.")
        if not name or name != name.strip():
            raise ValueError(f"{what} has {short_repr(name)}; expected a name without spaces around it.")
    return tuple(map(str, found))


def _check_distinct(names: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        before = seen.setdefault(name_key(name), name)
        if list(names).count(name) > 1 or before != name:
            raise ValueError(
                f"two people have the names {short_repr(before)} and {short_repr(name)}; expected each name once, also "
                "where large and small letters, and ways to write the same character, are the same."
            )


def _by_row(gold: Mapping[Any, Label]) -> dict[int, Label]:
    """Return gold by its row numbers: 12.0 and True equal one, and are none in a journal and as an index."""
    found = {}
    for item, label in gold.items():
        row = as_whole_number(item)
        if row is None:
            raise TypeError(f"gold has the item {short_repr(item)}; expected a row number of X, a whole number.")
        found[row] = label
    return found


def _answers(name: str, value: Any, n_people: int) -> int:
    count = check_count(name, value)
    if count > n_people:
        raise ValueError(
            f"{name} is {count}, but the team has {counted(n_people, 'annotator')}, who answer an item once each; name "
            f"more annotators, or set {name} to at most {n_people}."
        )
    return count


def _number(name: str, value: Any, expected: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is {short_repr(value)}; expected a number {expected}.")
    return float(value)
