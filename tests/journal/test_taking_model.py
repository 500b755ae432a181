"""Who may write, as a small model: every interleaving of kernels that open, take over, write, close and die.

A state is what lies in the folder and how far each kernel is; a step is one look at the folder or one change of it, the
smallest that a file system makes whole. From each state every kernel takes its next step, so that all interleavings are
tried, and what must hold is checked in each state. The steps are those of `Journal._entered`, `_settled`, `append` and
`close` and of `lock.take`, in their order, and lines are counted by the journal's own function. What the protocol was
mended of is a switch each: a check that does not find it would be worth nothing.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import pytest

from alwidgets.journal.counting import _known_lines


class Kernel(NamedTuple):
    """How far a kernel is: its next step, what is to be done after it, and what it remembers."""

    name: object
    at: str
    plan: tuple
    alive: bool = True
    forced: bool = False
    before: int = 0
    seen: tuple = ()
    left: tuple = ()
    epoch: int = 0
    n_files: int = 0
    holding: bool = False
    n_written: int = 0


class World(NamedTuple):
    """What lies in the folder, and how far the kernels are; mappings are tuples of pairs, to be told from others."""

    locks: tuple  # epoch -> (kernel, whether it was given back)
    files: tuple  # (epoch, kernel, n-th file) -> lines: ("opening", what was seen of others), ("event", kernel, n), ...
    acknowledged: tuple  # event -> the events that counted for its writer
    kernels: tuple


@dataclass(frozen=True)
class Protocol:
    """The order of the steps, and the flaws that it had."""

    reads_before_taking: bool = False
    judges_after_reading: bool = False
    removes_only_who_was_seen: bool = False
    looks_only_for_its_own_file: bool = False
    acknowledges_without_looking: bool = False
    cuts_whole_lines: bool = False
    counts_by_the_next_epoch: bool = False


PRESENT = Protocol()
FORMER = Protocol(
    reads_before_taking=True, judges_after_reading=True, removes_only_who_was_seen=True,
    looks_only_for_its_own_file=True, cuts_whole_lines=True, counts_by_the_next_epoch=True,
)  # fmt: skip
#: Those that lose something by themselves; the others do so together.
FLAWS = (
    "reads_before_taking", "looks_only_for_its_own_file", "acknowledges_without_looking", "cuts_whole_lines",
    "counts_by_the_next_epoch",
)  # fmt: skip
OPEN, TAKE_OVER, WRITE, CLOSE = "open", "take over", "write", "close"


class Explored(NamedTuple):
    """The first thing that was wrong, and how much was looked at."""

    wrong: str
    n_states: int
    most_acknowledged: int


def explored(protocol, *plans, n_deaths=0, n_interrupts=0, files=(), acknowledged=()):
    """Look at all that can happen to kernels with these plans, up to the first state that is wrong."""
    kernels = tuple(Kernel(name, "look", plan[1:], forced=plan[0] == TAKE_OVER) for name, plan in enumerate(plans))
    start = World((), files, acknowledged, kernels), n_deaths, n_interrupts
    found, waiting, most = {start}, [start], 0
    while waiting:
        world, deaths, interrupts = waiting.pop()
        wrong, most = what_is_wrong(world, protocol), max(most, len(world.acknowledged))
        if wrong:
            return Explored(wrong, len(found), most)
        after = [(each, deaths, interrupts) for each in stepped(world, protocol)]
        after += [(each, deaths - 1, interrupts) for each in died(world)] if deaths else []
        after += [(each, deaths, interrupts - 1) for each in interrupted(world, protocol)] if interrupts else []
        new = set(after) - found
        found |= new
        waiting.extend(new)
    return Explored("", len(found), most)


def what_is_wrong(world, protocol):
    counted = counts(world.files, protocol)
    for event, known in world.acknowledged:
        if event not in counted:
            return f"{event} was acknowledged and does not count"
        if not known <= counted:
            return f"{event} was acknowledged after {known - counted}, which does not count"
    n_lines = {file: len(lines) for file, lines in world.files}
    for file, (opening, *_) in world.files:
        if any(n_lines[other] < n for other, n in opening[1]):
            return f"{file} follows lines that are no more"
    holding = [kernel for kernel in world.kernels if kernel.alive and kernel.holding and holds(world, kernel, protocol)]
    return "several may acknowledge at once" if len(holding) > 1 else ""


@cache
def counts(files, protocol):
    """Return the events that count for somebody who reads these files."""
    openings = {file: {"epoch": file[0], "seen": dict(lines[0][1])} for file, lines in files}
    if protocol.counts_by_the_next_epoch:
        known = {}
        for file, lines in files:
            later = sorted((each["epoch"], other) for other, each in openings.items() if each["epoch"] > file[0])
            known[file] = openings[later[0][1]]["seen"].get(file, 0) if later else len(lines)
    else:
        known, _ = _known_lines(openings, {file: len(lines) for file, lines in files})
    return frozenset(line for file, lines in files for line in lines[: known[file]] if line[0] == "event")


def holds(world, kernel, protocol):
    epochs = [epoch for epoch, _ in world.locks]
    return kernel.epoch in epochs and (protocol.looks_only_for_its_own_file or kernel.epoch == max(epochs))


def is_gone(world, epoch):
    """Return whether nobody holds this epoch any more: it was given back, or its kernel is dead, or there is none."""
    kernel, given_back = dict(world.locks).get(epoch, (None, True))
    return given_back or not world.kernels[kernel].alive


def known_epoch(seen):
    return max((file[0] for file, _ in seen), default=0)


# The steps of a kernel: each is given the world and the kernel, and returns what is other than before.


def idle(world, kernel, protocol):
    """Begin with the next of what is to be done."""
    first, *rest = kernel.plan
    at = {OPEN: "look", TAKE_OVER: "look", WRITE: "check", CLOSE: "check to give back"}[first]
    if first in (WRITE, CLOSE) and not kernel.holding:
        at = "idle"  # it only reads
    return {"at": at, "plan": tuple(rest), "forced": first == TAKE_OVER}


def look(world, kernel, protocol):
    before = max((epoch for epoch, _ in world.locks), default=0)
    return {"at": "list" if protocol.judges_after_reading else "judge", "before": before}


def judge(world, kernel, protocol):
    if not kernel.forced and not is_gone(world, kernel.before):
        return {"at": "idle"}
    return {"at": "take" if protocol.judges_after_reading else "list"}


def list_files(world, kernel, protocol):
    """Begin to read; the files are read one after the other, while others write."""
    return {"at": "read", "seen": (), "left": tuple(sorted(file for file, _ in world.files))}


def read(world, kernel, protocol):
    if kernel.left:
        file = kernel.left[0]
        return {"seen": (*kernel.seen, (file, len(dict(world.files)[file]))), "left": kernel.left[1:]}
    if any(
        n > dict(kernel.seen).get(other, 0) for file, _ in kernel.seen for other, n in dict(world.files)[file][0][1]
    ):
        return {"at": "list"}  # written meanwhile, so that a file follows lines which were not read
    if kernel.epoch:
        return {"at": "look again"}
    return {"at": "judge" if protocol.judges_after_reading else "take"}


def take(world, kernel, protocol):
    """Make the file of the next epoch, which only one can."""
    epoch = max(kernel.before, known_epoch(kernel.seen)) + 1
    if epoch in dict(world.locks):
        return retry(kernel)
    return {"at": "look for newer", "epoch": epoch, "locks": with_holder(world, epoch, kernel, given_back=False)}


def look_for_newer(world, kernel, protocol):
    epochs = sorted(epoch for epoch, _ in world.locks)
    if epochs[-1] > kernel.epoch:
        return retry(kernel) | {"locks": without(world, kernel.epoch)}
    earlier = (kernel.before,) if protocol.removes_only_who_was_seen else epochs[:-1]
    return {"at": "remove", "left": tuple(earlier)}


def remove(world, kernel, protocol):
    """Remove the files of earlier epochs, one after the other."""
    if kernel.left:
        return {"locks": without(world, kernel.left[0]), "left": kernel.left[1:]}
    return {"at": "hold"} if protocol.reads_before_taking and not kernel.forced else {"at": "list"}


def request_repeats(world, kernel, protocol):
    """Begin to hold the session, if nobody took it meanwhile, and no line is of a later epoch."""
    former = protocol.looks_only_for_its_own_file
    if former or (known_epoch(kernel.seen) < kernel.epoch and holds(world, kernel, protocol)):
        return {"at": "hold"}
    return retry(kernel)


def retry(kernel):
    """Begin again; one that takes over leaves it at that."""
    return {"at": "idle" if kernel.forced else "look", "epoch": 0}


def hold(world, kernel, protocol):
    return {"at": "idle", "holding": True, "n_files": 0}


def check(world, kernel, protocol):
    return {"at": "write"} if holds(world, kernel, protocol) else fenced()


def write(world, kernel, protocol):
    """Append a line, the first of a file behind the opening."""
    files, file = dict(world.files), file_of(kernel)
    lines = files.get(file, (("opening", kernel.seen),))
    files[file] = (*lines, ("event", kernel.name, kernel.n_written))
    return {"at": "wrote", "files": tuple(sorted(files.items())), "n_written": kernel.n_written + 1}


def wrote(world, kernel, protocol):
    """Look, and acknowledge what was written."""
    if not protocol.acknowledges_without_looking and not holds(world, kernel, protocol):
        return fenced()
    known = {file: len(lines) for file, lines in world.files if file[:2] == (kernel.epoch, kernel.name)}
    known = dict(kernel.seen) | known
    read_by_it = tuple((file, lines[: known[file]]) for file, lines in world.files if file in known)
    event = "event", kernel.name, kernel.n_written - 1
    return {"at": "idle", "acknowledged": (*world.acknowledged, (event, counts(read_by_it, protocol)))}


def check_to_disown(world, kernel, protocol):
    return {"at": "disown"} if holds(world, kernel, protocol) else fenced()


def disown(world, kernel, protocol):
    """Begin another file, of which the opening says how much of the last one counts."""
    files, file = dict(world.files), file_of(kernel)
    seen = (*kernel.seen, (file, len(files[file]) - 1))
    files[file_of(kernel._replace(n_files=kernel.n_files + 1))] = (("opening", seen),)
    return {"at": "idle", "n_files": kernel.n_files + 1, "seen": seen, "files": tuple(sorted(files.items()))}


def check_to_give_back(world, kernel, protocol):
    return {"at": "give back" if holds(world, kernel, protocol) else "idle", "holding": False}


def give_back(world, kernel, protocol):
    # Written beside it and renamed, so that it is there again even if it was removed meanwhile.
    return {"at": "idle", "epoch": 0, "locks": with_holder(world, kernel.epoch, kernel, given_back=True)}


STEPS = {
    "idle": idle, "look": look, "judge": judge, "list": list_files, "read": read, "take": take,
    "look for newer": look_for_newer, "remove": remove, "look again": request_repeats, "hold": hold, "check": check,
    "write": write, "wrote": wrote, "check to disown": check_to_disown, "disown": disown,
    "check to give back": check_to_give_back, "give back": give_back,
}  # fmt: skip


def fenced():
    """Write no more: another has taken the session."""
    return {"at": "idle", "holding": False, "epoch": 0}


def file_of(kernel):
    return kernel.epoch, kernel.name, kernel.n_files


def with_holder(world, epoch, kernel, *, given_back):
    return tuple(sorted((dict(world.locks) | {epoch: (kernel.name, given_back)}).items()))


def without(world, epoch):
    return tuple(lock for lock in world.locks if lock[0] != epoch)


def changed(world, kernel, changes, protocol):
    """Return the world after a step, and after all that the kernel then does by itself, which nobody can see."""
    parts = {name: changes.pop(name) for name in World._fields if name in changes}
    kernels = list(world.kernels)
    kernels[kernel.name] = after = kernel._replace(**changes)
    world = world._replace(kernels=tuple(kernels), **parts)
    alone = {"idle": after.plan, "hold": True, "read": not after.left, "remove": not after.left}.get(after.at, False)
    return changed(world, after, STEPS[after.at](world, after, protocol), protocol) if alone else world


def stepped(world, protocol):
    """Yield the worlds that one step of one kernel leads to."""
    for kernel in world.kernels:
        if kernel.alive and (kernel.at != "idle" or kernel.plan):
            yield changed(world, kernel, STEPS[kernel.at](world, kernel, protocol), protocol)


def died(world):
    """Yield the worlds in which one more kernel is dead, wherever it was."""
    for kernel in world.kernels:
        if kernel.alive and (kernel.at != "idle" or kernel.holding):
            dead = kernel._replace(alive=False)
            yield world._replace(kernels=tuple(dead if each is kernel else each for each in world.kernels))


def interrupted(world, protocol):
    """Yield the worlds in which a kernel wrote, and an error or an interrupt came before it was sure of it."""
    for kernel in world.kernels:
        if kernel.alive and kernel.at == "wrote":
            if protocol.cuts_whole_lines:
                files = dict(world.files)
                files[file_of(kernel)] = files[file_of(kernel)][:-1]
                yield changed(world, kernel, {"at": "idle", "files": tuple(files.items())}, protocol)
            else:
                yield changed(world, kernel, {"at": "check to disown"}, protocol)


ANSWERS = OPEN, WRITE
ANSWERS_AND_CLOSES = OPEN, WRITE, CLOSE
ANSWERS_TWICE = OPEN, WRITE, WRITE
TAKES_OVER = TAKE_OVER, WRITE
#: A journal of before, of which the files of the locks were lost.
RESTORED = {
    "files": (((5, "past", 0), (("opening", ()), ("event", "past", 0))),),
    "acknowledged": ((("event", "past", 0), frozenset()),),
}
STORIES = {
    "three open at once, answer and close": ((ANSWERS_AND_CLOSES,) * 3, {}),
    "three open, one takes over": ((ANSWERS_AND_CLOSES, ANSWERS, TAKES_OVER), {}),
    "one closes, one takes over, one opens, and any of them dies anywhere": (
        (ANSWERS_AND_CLOSES, TAKES_OVER, ANSWERS), {"n_deaths": 1},
    ),
    "two take over from one that goes on": ((ANSWERS_TWICE, TAKES_OVER, TAKES_OVER), {}),
    "one takes over while an answer fails to be written, and one opens": (
        (ANSWERS_TWICE, TAKES_OVER, ANSWERS), {"n_interrupts": 1},
    ),
    "the locks were lost": ((ANSWERS, ANSWERS, TAKES_OVER), RESTORED),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_whatever_the_order_of_the_steps_what_was_acknowledged_counts_and_one_acknowledges(story):
    plans, more = STORIES[story]
    found = explored(PRESENT, *plans, **more)
    assert found.wrong == ""
    # Not by letting nobody in, nor by looking at little.
    assert found.most_acknowledged >= 2
    assert found.n_states > 10_000


@pytest.mark.parametrize("story", STORIES)
def test_the_former_protocol_is_found_to_lose_answers_in_every_story(story):
    plans, more = STORIES[story]
    assert explored(FORMER, *plans, **more).wrong != ""


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_flaw_by_itself_is_found(flaw):
    assert any(explored(Protocol(**{flaw: True}), *plans, **more).wrong for plans, more in STORIES.values())
