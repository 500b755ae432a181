"""Selection of the valid lines of a journal: those of the newest owner, and those it had read of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from alwidgets.journal import formats
from alwidgets.journal.chain import Chain
from alwidgets.journal.columns import Stretch, stretches
from alwidgets.journal.errors import JournalError
from alwidgets.journal.identity import newer
from alwidgets.journal.lines import MOST, Lines


def joining(folder: Path) -> str:
    """Return the call that brings together what went two ways in one folder."""
    name = str(folder)
    return f"alw.merge({name!r}, {name!r}, {name.removesuffix('.alw') + '-joined.alw'!r})"


def check_one_line(folder: Path, chain: Chain) -> None:
    """Raise JournalError where two kernels went on from the same lines, as after a merge of two copies."""
    heads = heads_of(chain)
    apart = [head for head in heads[1:] if _is_apart(chain, heads[0], head)]
    if apart:
        names = " and ".join(f"{name}.jsonl" for name in (heads[0], *apart))
        raise JournalError(
            f"{folder}: {names} in events went on from the same lines without knowing of each other, as when two "
            "copies of a session are put together file by file (`git merge` does). Nothing is lost: "
            f"{joining(folder)} makes one session of them, and leaves these files as they are."
        )


def heads_of(chain: Chain) -> list[str]:
    """Return the files of which no other has read all, or not while it counted, that of the latest epoch first.

    Files that do not say who wrote them are of one kernel after the other, and of none of these.
    """
    openings, n_lines = chain.openings, chain.n_lines
    seen: dict[str, int] = {}
    for opening in openings.values():
        for writer, n in opening["seen"].items():
            seen[writer] = max(seen.get(writer, 0), n)
    newest_first = sorted(openings, key=lambda writer: (-int(openings[writer]["epoch"]), writer))
    heads = [writer for writer in newest_first if seen.get(writer, 0) < n_lines[writer]]
    counted = dict.fromkeys(openings, 0)
    for head in heads:
        _count_in(counted, chain, head, n_lines)
    # A kernel also writes down that it read what came too late for it to count.
    for writer in newest_first:
        if counted[writer] < n_lines[writer] and writer not in heads and n_lines[writer] > 1:
            heads.append(writer)
            _count_in(counted, chain, writer, n_lines)
    return sorted(heads, key=newest_first.index)


def _count_in(counted: dict[str, int], chain: Chain, head: str, n_lines: dict[str, int]) -> None:
    """Raise the numbers of lines that count somewhere by those that do for the kernel of a file."""
    openings = chain.openings
    seen = openings[head]["seen"] | {head: MOST}
    read = {writer: min(n, seen.get(writer, 0 if writer in openings else MOST)) for writer, n in n_lines.items()}
    allowed = _known_lines(openings, read)[1]
    counted.update({writer: max(n, allowed[writer]) for writer, n in counted.items()})


def branch_of(chain: Chain, head: str) -> Lines:
    """Return the events that count for the kernel that wrote a file: its own, and what it had read of the others."""
    openings = chain.openings
    known = dict.fromkeys(openings, 0) | openings[head]["seen"] | {head: MOST}
    return counted_of(replace(chain, lines=chain.lines.where(chain.lines.within(known, MOST))))[0]


def _is_apart(chain: Chain, newest: str, head: str) -> bool:
    """Return whether a file goes on beside the newest one, with more than what its kernel can have written too late."""
    openings = chain.openings
    if openings[newest]["epoch"] == openings[head]["epoch"]:
        # Unless the kernel of both left one for the other, which says how much of it stands.
        return head not in openings[newest]["seen"] and newest not in openings[head]["seen"]
    lines, known = chain.lines, openings[newest]["seen"].get(head, 0)
    late = _raw_records(lines.where(lines.of(head) & (lines.place > known) & (lines.event >= 0)))
    # A kernel that is taken over finds out after its next write, of one event or of several steps undone at once.
    return len({str(record.get("id")) if record.get("kind") != "undone" else "" for record in late}) > 1


def records_of(lines: Lines, chain: Chain) -> list[dict[str, Any]]:
    """Return the records of events in the present format."""
    return [record for stretch in stretches_of(lines, chain) for record in stretch.records()]


def _raw_records(lines: Lines) -> Iterator[dict[str, Any]]:
    """Yield the records of events as they were written."""
    for _, stretch, start, stop in lines.runs():
        yield from stretch.records(start, stop)


def stretches_of(lines: Lines, chain: Chain) -> Iterator[Stretch]:
    """Yield the records of events in the present format, each from that of its file; the first did not say."""
    written_in = {writer: int(opening.get("format", 1)) for writer, opening in chain.openings.items()}
    for writer, number in written_in.items():
        if number > formats.FORMAT:
            raise JournalError(newer(f"{writer}.jsonl", number))
    n_before = 0
    for written, stretch, start, stop in lines.runs():
        number = written_in.get(written.file.stem, 1)
        if number == formats.FORMAT and not chain.missing and stop - start == len(stretch):
            yield stretch
        else:
            records = (formats.upgraded(record, number) for record in stretch.records(start, stop))
            yield from stretches(_clipped(records, n_before) if chain.missing else records)
        n_before += stop - start


def _clipped(records: Iterator[dict[str, Any]], n_before: int) -> Iterator[dict[str, Any]]:
    """Yield records of which the models know no more events than there are: one after a gap knew of others."""
    for number, record in enumerate(records, n_before):
        is_model = record.get("kind") == "trained" and type(record.get("upto")) is int
        yield record | {"upto": min(record["upto"], number)} if is_model else record


def counted_of(chain: Chain) -> tuple[Lines, Lines]:
    """Return the events that count, and those that came after the session had been taken over from their writer."""
    known, allowed = _known_lines(chain.openings, chain.n_lines)
    events = chain.lines.where(chain.lines.event >= 0)
    counted = events.where(events.within(known))
    fenced = events.where(~events.within(allowed) & (len(counted) < len(events)))
    return counted, fenced


def _known_lines(openings: dict[str, dict[str, Any]], n_lines: dict[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the number of valid lines of each file, now and before its own writer revoked some.

    The newest owner's lines count, and those of others that it had read, as far as they counted when it read them.
    """
    epochs = {writer: int(openings[writer]["epoch"]) if writer in openings else 0 for writer in n_lines}
    seen = {writer: openings[writer]["seen"] if writer in openings else {} for writer in n_lines}
    known, left = dict.fromkeys(n_lines, 0), dict(n_lines)
    allowed = dict(known)
    for epoch in sorted(set(epochs.values()), reverse=True):
        files = [writer for writer, each in epochs.items() if each == epoch and left[writer]]
        for writer in files:
            # An owner leaves a file that it could not cut, and its next one says how much of it stands.
            stand = [seen[other][writer] for other in files if other != writer and writer in seen[other]]
            allowed[writer] = left[writer]
            known[writer] = min((left[writer], *stand))
        for writer, each in epochs.items():
            if files and each < epoch:
                left[writer] = min(left[writer], max(seen[file].get(writer, 0) for file in files))
    return known, allowed
