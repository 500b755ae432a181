"""What may befall the files of a journal at rest, and whether `alw.verify` names the line."""

import random

import alwidgets as alw
from tests.faults.sample import Found, answer_next, ended, opened


def damages(folder, n):
    """Flip a bit, drop a line or swap two, and put it back; each must be found, and its line named."""
    found, rng = Found("bit flipped, line dropped, lines swapped"), random.Random(0)
    path = folder / "damaged.alw"
    for _ in range(3):
        session = opened(path)
        for _ in range(10):
            answer_next(session)
        ended(session)
    if not alw.verify(path).sound:
        found.wrong.append("an undamaged journal")
    files = sorted((path / "events").iterdir())
    for found.tried in range(1, n + 1):
        file = rng.choice(files)
        whole = file.read_bytes()
        kind = rng.choice((_flip, _drop, _swap))
        content, line = kind(whole, rng)
        file.write_bytes(content)
        problems = alw.verify(path).problems
        file.write_bytes(whole)
        # What lacks its last line is noticed where the next file goes on from it.
        at_the_end = line == whole.count(b"\n") and kind is _drop
        if not problems or not (f"{file}, line {line}:" in problems[0] or (at_the_end and "line 1:" in problems[0])):
            found.wrong.append(f"{kind.__name__} of line {line}: {problems}")
    return found


def _flip(whole, rng):
    place = rng.randrange(len(whole))
    changed = whole[:place] + bytes([whole[place] ^ 1 << rng.randrange(8)]) + whole[place + 1 :]
    return changed, whole.count(b"\n", 0, place) + 1


def _drop(whole, rng):
    lines = whole.splitlines(keepends=True)
    place = rng.randrange(len(lines))
    return b"".join(lines[:place] + lines[place + 1 :]), place + 1


def _swap(whole, rng):
    lines = whole.splitlines(keepends=True)
    first, second = sorted(rng.sample(range(len(lines)), 2))
    lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines), first + 1
