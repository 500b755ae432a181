"""A team at a session: who it is, what each of its people did, what they dispute, and how that is settled."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.annotation.agreement import InterAnnotatorAgreement, agreement
from alwidgets.annotation.ceiling import Ceiling
from alwidgets.annotation.consensus import name_of
from alwidgets.annotation.gold import gold_accuracy
from alwidgets.annotation.leases import Lease
from alwidgets.annotation.second_answers import SecondAnswers, second_answers
from alwidgets.annotation.team import Team
from alwidgets.data.label_kinds import MULTILABEL
from alwidgets.io.answers import standing_answers, without_settlements
from alwidgets.journal.events import Event, GoldSet, Labeled, Settled, Skipped, TeamSet
from alwidgets.journal.log import id_of, new_id
from alwidgets.journal.resent import recorded_as
from alwidgets.journal.state import State
from alwidgets.loop.dealing import Dealing
from alwidgets.session import team_changes, validation
from alwidgets.session.answers import copied_to
from alwidgets.session.ceiling import ceiling_of
from alwidgets.session.consensus import ConsensusInUse, consensus_in_use
from alwidgets.session.core import Core
from alwidgets.session.more_answers import RULES, ask, asked_again, one_more
from alwidgets.session.people import gold_of, people_frame
from alwidgets.session.presence import Presence
from alwidgets.session.weighing import weigh
from alwidgets.types import AnyLabel, Class, Label, Rows
from alwidgets.utils.checks import check_count
from alwidgets.utils.text import counted, short_repr

if TYPE_CHECKING:
    import pandas as pd


def check_team(team: Any, n_samples: int, classes: Sequence[Class], kind: Any, annotator: str | None) -> Team | None:
    """Validate a team for a session.

    Raises
    ------
    TypeError
        If it is not a Team.
    ValueError
        If gold is of no item or class of the session, the session's annotator is not in the team, or multilabel
        answers are to be worked out otherwise than by the majority.
    """
    if team is None:
        return None
    if not isinstance(team, Team):
        raise TypeError(f"team is {short_repr(team)}; expected alwidgets.Team([...]) with the names of the annotators.")
    team.check_gold(range(n_samples), classes)
    if annotator is not None:
        team.role(annotator)
    if kind is MULTILABEL and team.consensus != "majority":
        raise ValueError(f"consensus is {short_repr(team.consensus)} in a multilabel task; expected 'majority'.")
    return team


def apart(labels: Mapping[int, Label], team: Team | None) -> Mapping[int, Label]:
    """Return known labels; raise ValueError if one of them is of gold."""
    both = sorted(set(labels).intersection(() if team is None else team.gold))
    if both:
        n_more = f" and {len(both) - 1} more" if len(both) > 1 else ""
        raise ValueError(
            f"item {both[0]}{n_more} is in labels and in the gold of the team; expected it in one of them: what is in "
            "labels trains the model, and gold is asked blind to measure people, and trains nothing."
        )
    return labels


def begin_team(core: Core, team: Team | None) -> list[str]:
    """Record a team where it is new or other than before, and let it begin; return what its user must know."""
    with core.log.lock:
        state = core.log.state
        notes: list[str] = []
        if team is None and state.team is None:
            return []
        if team is None:
            team, notes = _recorded(state)
        elif not core.log.read_only:
            notes = _record(core, team)
        engine = core.engine
        if core.dealing is None or core.dealing.team is not team:
            # Otherwise what is before somebody stays there.
            core.dealing = Dealing(core.log, team, core.setup.random_state, engine.query, core.setup.batch_size)
        engine.team, engine.queue.held = team, core.dealing.held
    return notes


def _recorded(state: State) -> tuple[Team, list[str]]:
    """Return the team of a journal that is opened without one."""
    rules: Any = state.team
    known = rules.consensus in ("majority", "dawid_skene")
    answers: Any = None if rules.adaptive else rules.answers
    team = Team(
        rules.annotators, experts=rules.experts, answers=answers,
        at_most=rules.at_most, consensus=rules.consensus if known else "majority", gold=gold_of(state),
        gold_share=rules.gold_share, lease_seconds=rules.lease_seconds, audit_answers=rules.audit_answers,
    )  # fmt: skip
    people = ", ".join(team.annotators)
    notes = [
        (
            f"this session is labeled by a team ({people}), and goes on by its rules: each answer needs annotator=, "
            "one of them. Pass team= to change the rules; a team of one, with answers=1, goes on alone."
        )
    ]
    if not known:
        notes.append(
            f"its labels came of the function {rules.consensus!r}, which no journal can hold: until it is passed with "
            "Team(consensus=...) the majority trains."
        )
    return team, notes


def _record(core: Core, team: Team) -> list[str]:
    state, notes, events = core.log.state, list[str](), list[Event]()
    rules = {
        "annotators": tuple(team.annotators), "experts": tuple(team.experts), "answers": team.answers,
        "at_most": team.at_most, "audit_answers": team.audit_answers, "consensus": name_of(team.consensus),
        "gold_share": team.gold_share, "lease_seconds": team.lease_seconds, "adaptive": team.adaptive,
    }  # fmt: skip
    before = None if state.team is None else asdict(state.team)
    if before is None or any(before[name] != value for name, value in rules.items()):
        events.append(TeamSet(id=new_id(), at=time.time(), **rules))  # type: ignore[arg-type]
    gold, gold_before = {row: core.check_label(label) for row, label in team.gold.items()}, gold_of(state)
    if before is None:
        notes += team_changes.of_before(state, gold)
    if gold != gold_before:
        rows = tuple(sorted(gold))
        events.append(GoldSet(id=new_id(), at=time.time(), items=rows, labels=tuple(gold[row] for row in rows)))
    other = team_changes.other_gold(gold_before, gold)
    labels = team_changes.labels_of(state, other)
    if events:
        core.log.record(*events)
    return notes + team_changes.of_gold(labels, team_changes.labels_of(core.log.state, other))


def disputed(core: Core) -> pd.DataFrame:
    """Return one row an item that the team cannot agree on; see `Session.disputed`."""
    import pandas as pd

    with core.log.lock:
        state = core.log.state
        found = []
        for row in state.disputed():
            given: dict[Any, Any] = {name: state.past.event(number) for name, number in state.given(row).items()}
            found.append({
                "item": row,
                "n_answers": len(given),
                "share": state.verdict(row).share,
                "answers": {name: getattr(event, "label", None) for name, event in given.items()},
                "seconds": {name: event.seconds for name, event in given.items()},
                "note": state.notes.get(row, ""),
                "flag": state.flags.get(row, ""),
            })  # fmt: skip
    return pd.DataFrame(found, columns=["item", "n_answers", "share", "answers", "seconds", "note", "flag"])


def settle(
    core: Core,
    item: int,
    label: AnyLabel | None,
    *,
    annotator: str | None,
    reason: str,
    event_id: str | None,
    seconds: float | None = None,
) -> None:
    """Record an expert's word on an item."""
    team = team_of(core)
    item, name = core.check_item(item), core.answering(annotator, event_id)
    said = None if label is None else core.check_label(label)
    reason, event_id = validation.check_words("reason", reason), validation.check_name("event_id", event_id)
    with core.log.lock:
        core.log.check_open()
        state = core.log.state
        if recorded_as(state, event_id, Settled, item=item, label=said, annotator=name) is not None:
            return
        if team.role(name) != "expert":
            named = ", ".join(team.experts) or "nobody: name some with Team(experts=[...])"
            raise ValueError(f"annotator is {name!r}; expected an expert of the team to settle: {named}.")
        if item in state.gold:
            raise ValueError(f"item {item} is gold, whose label is known; expected another one to settle.")
        event_id, now = event_id or new_id(), time.time()
        kind = Skipped if said is None else Labeled
        fields: dict[str, Any] = {
            "id": id_of(f"{event_id} answer"), "at": now, "item": item, "annotator": name, "seconds": seconds,
            "shown_at": None, "round": state.round, "via": "settled", **copied_to(core, kind, item),
        }  # fmt: skip
        answer = Skipped(**fields) if said is None else Labeled(**fields, label=said)
        core.log.record(
            answer,
            Settled(
                id=event_id, at=now, item=item, label=said, annotator=name, reason=reason, answer=answer.id,
                n_answers=len(state.given(item).keys() - {name}),
            ),
        )  # fmt: skip
    core.engine.answered(1)


def team_of(core: Core) -> Team:
    """Return the team of a session.

    Raises
    ------
    ValueError
        If it has none.
    """
    if core.engine.team is None:
        raise ValueError("this session has no team; make it with team=alwidgets.Team([...]).")
    return core.engine.team


class SessionTeam:
    """The people of a session: how they agree, how good each of them is, who is there, and what is before whom.

    Parameters
    ----------
    core : Core
        The parts of the session.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def members(self) -> Team:
        """Names, roles and rules, as they were given."""
        return team_of(self._core)

    @property
    def agreement(self) -> InterAnnotatorAgreement:
        """Agreement between the annotators, the last answer of each to an item; see `alwidgets.agreement`.

        What an expert settled is left out: who has seen the other answers is not independent of them.
        The classes of an ordinal task are in their order. How well each agrees with themselves is `Session.agreement`.
        """
        answers, classes = self._answers()
        answers = without_settlements(answers)
        return agreement(answers, classes=classes, level="ordinal" if self._core.task.kind == "ordinal" else "nominal")

    @property
    def annotators(self) -> pd.DataFrame:
        """One row for each person, also who has not answered yet.

        role, n_answers and n_skipped (their last one to each item), seconds (median of an answer, each of
        two minutes at most), pace (answers a minute, of their last 20), n_gold and n_right, gold (share of right
        answers to gold) with gold_low and gold_high (95 %), quality with low and high as `alwidgets.consensus`
        measures it (by the majority where a function fails),
        percent (how often an answer of another to the same item is equal, settlements left out), weight, n_asked_again
        (of the items that they answered, see `ask_again`), n_before_them (questions now), n_pages (that they have
        open), and last_active. NaN where nothing was measured.
        """
        return people_frame(self._core, self.members, self.active)

    @property
    def ceiling(self) -> Ceiling | None:
        """Accuracy that a model without an error would have on the audit: the share of its labels that are right.

        Estimated from how far the annotators agree there, by Dawid and Skene's model with one number for each of them:
        its value, low and high (95 %), and n_items. It is drawn in the learning curve. None where fewer than ten items
        of the audit have two answers, and in a multilabel task. Where people are right in two of three answers at best
        the interval is too narrow. Errors that all make alike do not show.
        """
        return ceiling_of(self._core)

    @property
    def second_answers(self) -> SecondAnswers | None:
        """Worth of a second answer beside a new sample, from how often the first two answers to an item agree.

        The share of equal ones with its 95 % interval, and how many labels 100 answers make and how right these are, by
        one answer each and by two or more; printed as a sentence. None while fewer than twenty items have two answers,
        and in a multilabel task. It changes nothing: a team made without `answers` goes by the same share itself, and
        any other gets another number by ``Session(..., team=Team(..., answers=1))``.
        """
        team, core = self.members, self._core
        if core.kind is MULTILABEL or len(team.annotators) < 2:  # noqa: PLR2004 - of one there are no second answers
            return None
        with core.log.lock:
            state = core.log.state
            counted, n_classes = (state.n_doubled, state.n_agreed), len(state.classes)
        answers, at_most = (max(2, n or 2) for n in (team.answers, team.at_most))
        return second_answers(*counted, n_classes=n_classes, answers=answers, at_most=at_most)

    def gold(self, threshold: float | None = None) -> pd.DataFrame:
        """Measure each annotator on gold; with a threshold, `below` marks who is surely below it.

        Nobody is blocked: speak with them, `weigh` their answers down, or `ask_more` where they answered. See
        `alwidgets.gold_accuracy`.
        """
        answers, classes = self._answers()
        with self._core.log.lock:
            gold = gold_of(self._core.log.state)
        return gold_accuracy(answers, gold, classes=classes, threshold=threshold)

    def weigh(
        self, of: str, weight: float, *, reason: str = "", annotator: str | None = None, event_id: str | None = None
    ) -> None:
        """Let the answers of somebody count more or less, also those given before; recorded, and undone by another.

        Parameters
        ----------
        of : str
            Whose answers.
        weight : float
            How much one counts beside those of others, from 0 to 1000; 1 as usual, 0 for not at all. Other weights are
            for the majority: Dawid and Skene's model weighs people itself, and a function as it likes. There they
            change nothing, which a RuntimeWarning says.
        reason : str
            Why.
        annotator : str, optional
            Who decides it.
        event_id : str, optional
            Id under which it counts once, however often it is said.

        Raises
        ------
        ValueError, TypeError
            If nobody has this name, or the weight is not a number from 0 to 1000.
        """
        if untold := weigh(self._core, of, weight, reason=reason, annotator=annotator, event_id=event_id):
            warnings.warn(f"the weight of {of} {untold}.", RuntimeWarning, stacklevel=2)

    def ask_more(
        self,
        items: int | Rows,
        answers: int | None,
        *,
        reason: str = "",
        annotator: str | None = None,
        event_id: str | None = None,
    ) -> None:
        """Have items answered by more people, whatever they agreed on.

        Parameters
        ----------
        items : int or sequence of int
            Row numbers in `X`.
        answers : int or None
            Answers that each of them is to have in all; None for as many as the team's rules say, which undoes
            what was asked before.
        reason : str
            Why.
        annotator : str, optional
            Who wants them.
        event_id : str, optional
            Id under which it counts once, however often it is said.

        Raises
        ------
        ValueError, TypeError
            If there is no such item, or more answers are wanted than there are annotators, or of gold or of what an
            expert settled, which are asked by other rules.
        """
        team, rows = self.members, [self._core.check_item(item) for item in np.atleast_1d(np.asarray(items))]
        n = RULES if answers is None else check_count("answers", answers)
        if n > len(team.annotators):
            people = counted(len(team.annotators), "annotator")
            raise ValueError(f"answers is {n}, but the team has {people}, who answer an item once each.")
        name, reason = self._core.name_of(annotator), validation.check_words("reason", reason)
        ask(self._core, {n: list(dict.fromkeys(rows))}, reason, name, event_id)

    def ask_again(
        self, of: str, *, reason: str = "", annotator: str | None = None, event_id: str | None = None
    ) -> list[int]:
        """Have what somebody answered answered by one more person; return the items.

        Left out is what an expert settled, gold, and what everybody has answered. ``ask_more(asked_again(of), None)``
        undoes it.

        Parameters
        ----------
        of : str
            Whose answers.
        reason, annotator, event_id
            As of `ask_more`.

        Raises
        ------
        ValueError, TypeError
            If nobody has this name.
        """
        team = self.members
        team.role(of)
        name, reason = self._core.name_of(annotator), validation.check_words("reason", reason)
        with self._core.log.lock:
            wanted = one_more(self._core.log.state, of, len(team.annotators))
            return ask(self._core, wanted, reason, name, event_id)

    def asked_again(self, of: str) -> list[int]:
        """Return the items that somebody answered and more answers were asked for, by `ask_again` or `ask_more`."""
        self.members.role(of)
        return self._core.of_state(lambda state: asked_again(state, of))

    @property
    def consensus(self) -> ConsensusInUse:
        """Consensus that stands: the method that makes the labels, and why it is not the one that was asked for."""
        return consensus_in_use(self._core, self.members)

    @property
    def present(self) -> list[Presence]:
        """Everybody who has a page open, since when, and how many; viewers too. Nothing of it is recorded."""
        team_of(self._core)
        return self._core.presences.all()

    @property
    def active(self) -> list[Lease]:
        """Present leases: item, annotator and when it ends unless it is renewed (monotonic clock)."""
        return self._dealing.active()

    def renew(self, annotator: str) -> list[int]:
        """Keep what is before an annotator there for another `lease_seconds`, and return it: their page lives."""
        self.members.role(annotator)
        return self._dealing.renew(annotator)

    def release(self, annotator: str, item: int | None = None) -> None:
        """Free an item that is before an annotator, or with None all: they pass it on, or leave."""
        self.members.role(annotator)
        self._dealing.release(annotator, item)

    @property
    def _dealing(self) -> Dealing:
        team_of(self._core)
        dealing: Any = self._core.dealing
        return dealing  # type: ignore[no-any-return]

    def _answers(self) -> tuple[pd.DataFrame, Sequence[Any] | None]:
        """Return the labels that stand, one a person and item, and the classes where an answer is one of them."""
        with self._core.log.lock:
            answers, classes = standing_answers(self._core.log.state), self._core.classes
        return answers, None if self._core.kind is MULTILABEL else classes

    def __repr__(self) -> str:
        team, dispute = self.members, len(disputed(self._core))
        n_answers = int(self.annotators["n_answers"].sum())
        experts = f", experts {', '.join(team.experts)}" if team.experts else ""
        alpha = self.agreement.alpha
        measured = "not measured" if alpha is None else f"{alpha:.2f}"
        return (
            f"Team of {', '.join(team.annotators)}{experts}: {counted(n_answers, 'answer')}, "
            f"Krippendorff's alpha {measured}, {dispute} disputed"
        )
