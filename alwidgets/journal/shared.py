"""Fold of the answers of a team: all answers to an item amount to its label, not the last one alone."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from alwidgets.data.votes import Verdict, vote
from alwidgets.journal.events import Answer, AskedMore, Event, GoldSet, Labeled, Settled, TeamSet, WeightSet
from alwidgets.journal.standing import CANDIDATE, LABELED, OPEN, PENDING, SKIPPED, Ballot, Folded

# Items that tell whether people agree, the share of them that has to, and that every so many more go on to tell.
# On six kinds of data and people (docs/team.md) this was never clearly worse than one answer each.
FEWEST_DOUBLED, ENOUGH_AGREED, STILL_DOUBLED = 20, 0.85, 10


class _Outcome(NamedTuple):
    """Status of a row, its event, its code, and how many answers it still lacks."""

    status: int
    number: int
    code: int
    missing: int


@dataclass(eq=False)
class Shared(Folded):
    """A state that can be folded by the rules of a team.

    Until a team is set nothing here is called but `given`, which reads what is kept anyway: every answer to a row that
    was not undone. With a team a row has a label as long as most answers say one. Answers it still lacks are in
    `missing`; a row with answers and without a label is `OPEN`: it waits for more, or is disputed.
    """

    @abstractmethod
    def _leave(self, item: int) -> None: ...

    @abstractmethod
    def _enter(self, item: int, number: int, answer: Answer) -> None: ...

    @abstractmethod
    def _timed(self, event: Answer) -> None: ...

    @abstractmethod
    def _changed(self, item: int) -> None: ...

    @abstractmethod
    def _forget(self, row: int, number: int) -> None: ...

    def given(self, row: int) -> dict[str | None, int]:
        """Return the number of the last answer of each annotator to a row, labels and skips, oldest first.

        Those that were carried from an identical sample are among them until the row has one of its own.
        """
        found: dict[str | None, int] = {}
        history = self.history(row)
        for number in self._own(history, row) or history:
            name = self._ballot(number).annotator
            found.pop(name, None)
            found[name] = number
        return found

    def said_by(self, row: int, annotator: str | None) -> int | None:
        """Return the code of somebody's last answer to a row itself; -1 for a skip, None where there is none."""
        number = self.given(row).get(annotator)
        ballot = None if number is None else self._ballot(number)
        return ballot.code if ballot is not None and ballot.item == row else None

    def counted(self, row: int) -> dict[str | None, int]:
        """Return the code that each annotator's answer to a row says, of those whose answers count; -1 for a skip."""
        given = self.given(row).items()
        return {name: self._ballot(number).code for name, number in given if self.weights.get(name or "", 1.0)}

    def votes(self, row: int) -> dict[str | None, int]:
        """Return the code that each annotator's answer to a row says, of those whose answers count; no skips."""
        return {name: code for name, code in self.counted(row).items() if code >= 0}

    def independent(self, row: int) -> dict[str | None, int]:
        """Return the votes on a row without those by which an expert settled it, who saw the others."""
        votes, settled = self.votes(row), self.settled.get(row, ())
        if not settled:
            return votes
        events: list[Any] = [self.past.event(number) for number in settled]
        given, words = self.given(row), {self.seen[event.answer] for event in events}
        return {name: code for name, code in votes.items() if given[name] not in words}

    def verdict(self, row: int) -> Verdict:
        """Return the status that the answers to a row amount to; its label is a code."""
        weights: dict[Any, float] = self.weights
        return vote(self.votes(row), weights or None)

    def disputed(self) -> list[int]:
        """Return the rows that have all answers they are to get, or that there is anybody to give, and no label.

        Those that all skipped have none to give; of those where somebody was unsure an expert may know one.
        """
        rows = np.flatnonzero(((self.status == OPEN) | (self.status == SKIPPED)) & ~self.copied).tolist()
        return [row for row in rows if row not in self.missing and row not in self.gold and self._is_open(row)]

    def _is_open(self, row: int) -> bool:
        """Return whether the team left a row without a label, and did not say that it has none."""
        if self.status[row] == OPEN:
            return True
        events: list[Any] = [self.past.event(number) for number in self.given(row).values()]
        return self.settlement(row) is None and any(
            getattr(event, "unsure", False) and event.annotator in self._rules.annotators for event in events
        )

    def settlement(self, row: int) -> Settled | None:
        """Return the settlement of a row; None where no expert settled it, or somebody answered since."""
        history = self.history(row)
        for number in reversed(self.settled.get(row, ())):
            event: Any = self.past.event(number)
            # The newest whose answer was not undone.
            if self.seen[event.answer] in history:
                return None if history[-1] > number else event
        return None

    def wanted(self, row: int) -> int:
        """Return the number of answers that a row is to get to begin with.

        By adaptive rules one, once people agree and as long as they do, which every tenth row goes on to tell.
        """
        rules = self._rules
        if more := self.asked_more.get(row):
            return more
        if self._measures(row):
            return rules.audit_answers
        alone = rules.adaptive and self.agreed and self.asked[row] % STILL_DOUBLED
        return 1 if alone else rules.answers

    @property
    def agreed(self) -> bool:
        """True if the first two answers to an item were equal often enough for one to suffice."""
        return self.n_doubled >= FEWEST_DOUBLED and self.n_agreed >= ENOUGH_AGREED * self.n_doubled

    def _measures(self, row: int) -> bool:
        return bool(self.audit[row]) and self.audit_mode != "ended"

    @property
    def _rules(self) -> TeamSet:
        if self.team is None:
            raise ValueError("there is no team; expected a team_set event first.")
        return self.team

    def _own(self, numbers: list[int], row: int) -> list[int]:
        """Return those of some answers that were given to the row itself."""
        return [number for number in numbers if self._ballot(number).item == row]

    def _ballot(self, number: int) -> Ballot:
        """Return the content of an answer, read once."""
        ballot = self.ballots.get(number)
        if ballot is None:
            answer: Any = self.past.event(number)
            ballot = self.ballots[number] = self._ballot_of(answer)
        return ballot

    def _ballot_of(self, answer: Answer) -> Ballot:
        code = self.code_of_label(answer.label, answer.item) if isinstance(answer, Labeled) else -1
        return Ballot(answer.annotator, code, answer.item)

    def _outcome(self, row: int) -> _Outcome:
        rules, history, counted = self._rules, self.history(row), self.counted(row)
        last = (self._own(history, row) or history)[-1]
        settlement = None if row in self.gold else self.settlement(row)
        if settlement is not None:
            number = self.seen[settlement.answer]
            said = self._ballot(number).code
            return _Outcome(SKIPPED if said < 0 else LABELED, number, said, 0)
        verdict, base = self.verdict(row), self.wanted(row)
        most, n_given, n_labels = max(rules.at_most, base), len(counted), verdict.n_answers
        if n_labels < base:
            missing = min(most, base + n_given - n_labels) - n_given
        else:
            missing = 0 if verdict.label is not None else min(most, n_given + 1) - n_given
        # What nobody is left to answer is an expert's to settle.
        given = self.given(row)
        lacks = max(0, min(missing, sum(name not in given for name in rules.annotators)))
        # Who could not tell is not the last word while somebody else has not looked.
        if row in self.gold or (missing > 0 and (verdict.label is None or self._measures(row))):
            return _Outcome(OPEN, last, -1, lacks)
        # The answer that a row is known by is one that counts and stands, whoever said the same before.
        code: Any = -1 if verdict.label is None else verdict.label
        saying = [given[name] for name, said in counted.items() if said == code]
        if verdict.label is not None:
            return _Outcome(LABELED, max(saying), code, lacks)
        # Where only what does not count was said, nobody has said that there is no label.
        return _Outcome(OPEN, last, -1, 0) if n_labels or not saying else _Outcome(SKIPPED, max(saying), -1, 0)

    def _judge(self, row: int) -> None:
        """Make a row what the answers to it amount to."""
        before, was_copied = self._said(row), bool(self.copied[row])
        looked_for = row in self.pending_repeats
        self._leave(row)
        history = self.history(row)
        if not history:
            self.missing.pop(row, None)
            self.status[row] = OPEN if row in self.gold else CANDIDATE
        else:
            outcome = self._outcome(row)
            event: Any = self.past.event(outcome.number)
            rest = [number for number in history if number != outcome.number]
            self.earlier.pop(row, None)
            if rest:
                self.earlier[row] = rest
            self._enter(row, outcome.number, event)
            if outcome.status == OPEN:
                self._open(row)
            self._lack(row, outcome.missing)
        if before != self._said(row) or was_copied != self.copied[row]:
            self._label_changed(row, was_copied=was_copied)
        elif looked_for:
            self.pending_repeats[row] = None
        self._compare(row)

    def _open(self, row: int) -> None:
        """Take the label of a row that was just entered."""
        if self.status[row] == LABELED:
            if not self.copied[row]:
                self.count_classes(self.codes.item(row), -1)
            self.codes[row] = -1
        self.status[row] = OPEN

    def _lack(self, row: int, n: int) -> None:
        if n and not self.copied[row] and row not in self.gold:
            self.missing[row] = n
        else:
            self.missing.pop(row, None)

    def _said(self, row: int) -> tuple[bool, int]:
        """Return whether a row is done without a label, and its code."""
        return bool(self.status[row] == SKIPPED), self.codes.item(row)

    def _label_changed(self, row: int, *, was_copied: bool) -> None:
        if was_copied:
            # No model has learned it.
            self.changed_at[row] = 0
        if self.copied[row]:
            self.changed_at[row] = self.n_events
        else:
            self._changed(row)

    def _answered_together(self, event: Answer) -> None:
        self._timed(event)
        self.ballots[self.n_events] = self._ballot_of(event)
        if self._is_late(event):
            self.late.add(self.n_events)
        before = self._n_labels(event.item)
        for row in (event.item, *event.copies):
            self._add(row, self.n_events)
            self._judge(row)
        self.n_given += self._n_labels(event.item) - before

    def _compare(self, row: int) -> None:
        """Count whether the first two answers to an item are equal: each item once, and anew when they change."""
        before = self.doubled.pop(row, None)
        if before is not None:
            self.n_doubled -= 1
            self.n_agreed -= before
        codes = [] if row in self.gold or self.copied[row] else list(self.independent(row).values())
        if len(codes) > 1:
            agree = self.doubled[row] = codes[0] == codes[1]
            self.n_doubled += 1
            self.n_agreed += agree

    def _is_late(self, event: Answer) -> bool:
        """Return whether an item had all answers it was to get: it was answered too late, or for no reason."""
        row, name = event.item, event.annotator
        done = self.answered[row] > 0 and row not in self.missing and row not in self.gold and not self.copied[row]
        return bool(done) and name not in self._rules.experts and name not in self.given(row)

    def _add(self, row: int, number: int) -> None:
        if self.answered[row]:
            self.earlier.setdefault(row, []).append(self.answered.item(row))
        self.answered[row] = number

    def _carry_together(self, row: int, numbers: list[int]) -> None:
        for number in numbers:
            self._add(row, number)
        self._judge(row)

    def _undone_together(self, answer: Answer, number: int) -> None:
        item, before = answer.item, self._n_labels(answer.item)
        for row in (*answer.copies, *self.carried.pop(number, ()), item):
            self._forget(row, number)
            self._judge(row)
        self.n_given += self._n_labels(item) - before
        if self.status[item] == CANDIDATE:
            self.status[item] = PENDING
            self.pending.insert(0, item)
            self.returned.add(item)

    def _n_labels(self, row: int) -> int:
        """Count the people who gave a label to a row, whatever their answers count; carried ones are not new."""
        numbers = [number for number in self.given(row).values() if self._ballot(number).item == row]
        return sum(self._ballot(number).code >= 0 for number in numbers)

    def _team_set(self, event: TeamSet) -> None:
        if self.team is None:
            several = sum(
                self._n_labels(row) - (self.codes.item(row) >= 0 and not self.copied[row]) for row in self.earlier
            )
            self.n_given = self.n_labeled + several
        self.team = event
        # What has its label by rules of before keeps it.
        self._judge_open()

    def _judge_open(self) -> None:
        """Judge anew what has no label yet, or lacks answers."""
        asked = (row for row in self.asked_more if self.answered[row] and not self.copied[row])
        for row in sorted({*self.missing, *np.flatnonzero(self.status == OPEN).tolist(), *asked}):
            self._judge(row)

    def _gold_set(self, event: GoldSet) -> None:
        _ = self._rules
        gold = {row: self.code_of_label(label, row) for row, label in zip(event.items, event.labels, strict=True)}
        changed = [row for row in {**self.gold, **gold} if (row in gold) != (row in self.gold)]
        self.gold = gold
        for row in changed:
            self.audit[row] = False
            self._judge(row)

    def _settled(self, event: Settled) -> None:
        answer = self.past.event(self.seen[event.answer]) if self.seen.get(event.answer) else None
        if not isinstance(answer, Answer) or answer.item != event.item:
            raise ValueError(f"row {event.item} was settled by an answer that there is not; expected one before it.")
        for row in (event.item, *answer.copies, *self.carried.get(self.seen[event.answer], ())):
            self.settled[row] = (*self.settled.get(row, ()), self.n_events)
            if self.answered[row]:
                self._judge(row)

    def _asked_more(self, event: AskedMore) -> None:
        _ = self._rules
        for row in event.items:
            self.asked_more[row] = event.answers
            if self.answered[row] and not self.copied[row]:
                self._judge(row)

    def _weight_set(self, event: WeightSet) -> None:
        if event.weight < 0:
            raise ValueError(f"the answers of {event.of!r} count {event.weight}; expected 0 or more.")
        self.weights.pop(event.of, None)
        if event.weight != 1:
            self.weights[event.of] = event.weight
        for row in np.flatnonzero(self.answered).tolist():
            if event.of in self.given(row):
                self._judge(row)

    #: How the kinds of events that only a team has are folded in.
    APPLIED: ClassVar[dict[type[Event], Any]] = {
        TeamSet: _team_set,
        GoldSet: _gold_set,
        Settled: _settled,
        AskedMore: _asked_more,
        WeightSet: _weight_set,
    }
