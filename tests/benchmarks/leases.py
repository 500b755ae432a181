"""Eight people at 10,000 items, who are killed and come late: python -m tests.benchmarks.leases [--items N].

A session with a team of eight, two answers an item, is held by this process; each of the eight is a process of its own
that claims a few items, answers them, and begins again. Every half a second one of them is killed (kill -9) and comes
back at once or after its leases have run out, and one item in a hundred is kept until its lease is over and answered
then. Printed: moments at which an item was before more people than it lacked answers, by a record of claims and answers
that knows nothing of the leases; answers that were acknowledged and are lost, or that count twice; and how long a claim
takes. Fails if one of the three is not 0.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from multiprocessing.connection import Listener
from pathlib import Path

import numpy as np
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw

PEOPLE = [f"a{number}" for number in range(8)]
ANSWERS, LEASE_SECONDS, AT_ONCE = 2, 2.0, 4
KILL_EACH, LATE = 0.5, 0.01


# A process of its own that needs nothing but Python, so that it is there at once: claim and answer until all is done.
ANNOTATOR = """
import random, sys, time
from multiprocessing.connection import Client

address, name, seed, late, wait = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])
rng, n_given = random.Random(seed), 0
with Client(address) as owner:
    while True:
        owner.send(("claim", name))
        items = owner.recv()
        if items is None:
            break
        if not items:
            time.sleep(0.05)
        for item in items:
            if rng.random() < late:
                time.sleep(wait)
            owner.send(("answer", name, item, f"{name} {seed} {n_given}"))
            n_given += 1
            owner.recv()
"""


class Owner:
    """The process that holds the session, with a record of its own of what was before whom, and until when."""

    def __init__(self, folder, n_items):
        X = np.random.default_rng(0).normal(size=(n_items, 4))
        self.truth = np.where(X[:, 0] > 0, "left", "right")
        team = alw.Team(PEOPLE, answers=ANSWERS, lease_seconds=LEASE_SECONDS)
        self.session = alw.Session(
            X, classes=["left", "right"], learner=GaussianNB(), strategy="random", team=team, audit=0, stop=None,
            batch_size=500, cold_start="random", journal=folder / "many.alw", random_state=0, duplicates="ask",
        )  # fmt: skip
        self.listener = Listener(str(folder / "owner"), "AF_UNIX")
        self.claims, self.told, self.times = [], [], []
        self.over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            threading.Thread(target=self._talk, args=(self.listener.accept(),), daemon=True).start()

    def _talk(self, connection):
        try:
            while True:
                kind, name, *answer = connection.recv()
                connection.send(self._claimed(name) if kind == "claim" else self._answered(name, *answer))
        except (EOFError, OSError):
            # It was killed.
            return

    def _claimed(self, name):
        begin = time.monotonic()
        items = self.session.query(AT_ONCE, annotator=name).tolist()
        end = time.monotonic()
        self.times.append(end - begin)
        self.claims.append((name, begin, end, items))
        return None if self.over.is_set() else items

    def _answered(self, name, item, event_id):
        began = time.monotonic()
        self.session.teach(item, str(self.truth[item]), annotator=name, event_id=event_id)
        self.told.append((name, item, began, time.monotonic(), event_id))
        if self.session._core.of_state(lambda _: self.session._core.engine.exhausted):
            self.over.set()
        return True


def too_many(claims, told):
    """Count the claims by which an item came before more people than it lacked answers.

    A claim begins when it was returned and ends when the lease surely did: so long after the last claim of the same
    person began, or when they answered. An answer is known once it was acknowledged. So what is counted was so.
    """
    ended, known = {}, defaultdict(list)
    for name, item, began, acknowledged, _ in told:
        ended[name, item] = began
        known[item].append((acknowledged, name))
    spans, latest = defaultdict(list), defaultdict(dict)
    for name, begin, end, items in sorted(claims, key=lambda claim: claim[2]):
        for item in items:
            span = latest[name].get(item)
            if span is None or span["until"] < begin:
                span = latest[name][item] = {"who": name, "asked": begin, "since": end}
                spans[item].append(span)
            span["until"] = min(begin + LEASE_SECONDS, ended.get((name, item), np.inf))
    found = 0
    for item, of_item in spans.items():
        for span in of_item:
            before = {each["who"] for each in of_item if each["since"] <= span["since"] < each["until"]}
            gave = {name for at, name in known[item] if at < span["asked"]}
            found += len(before | gave | {span["who"]}) > ANSWERS
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=10_000)
    n_items = parser.parse_args().items
    folder, rng = Path(tempfile.mkdtemp()), random.Random(0)
    owner = Owner(folder, n_items)
    begin, n_kills, seed = time.monotonic(), 0, 0
    running, back_at = {}, dict.fromkeys(PEOPLE, 0.0)
    while not owner.over.wait(KILL_EACH):
        for name in PEOPLE:
            if name not in running and time.monotonic() >= back_at[name]:
                seed += 1
                arguments = (folder / "owner", name, seed, LATE, 1.2 * LEASE_SECONDS)
                running[name] = subprocess.Popen([sys.executable, "-c", ANNOTATOR, *map(str, arguments)])
        name = rng.choice(list(running))
        running[name].kill()
        running.pop(name).wait()
        n_kills += 1
        back_at[name] = time.monotonic() + rng.choice((0.0, 1.5 * LEASE_SECONDS))
    seconds = time.monotonic() - begin
    for process in running.values():
        process.wait(10 * LEASE_SECONDS)
    answers = owner.session.answers
    acknowledged = {event_id for *_, event_id in owner.told}
    lost = len(acknowledged - set(answers["id"]))
    doubled = int(answers.duplicated(["item", "annotator"]).sum())
    beyond = too_many(owner.claims, owner.told)
    milliseconds = sorted(1000 * each for each in owner.times)
    print(
        f"{len(PEOPLE)} processes, {n_items} items, {len(answers)} answers in {seconds:.0f} s, {n_kills} kills, "
        f"{int(answers['late'].sum())} answers late:"
    )
    print(f"  before more people than wanted {beyond}, lost {lost}, counted twice {doubled}")
    print(
        f"  a claim takes {statistics.median(milliseconds):.1f} ms median, "
        f"{milliseconds[int(0.99 * len(milliseconds))]:.0f} ms p99"
    )
    owner.session.close()
    return int(beyond + lost + doubled > 0)


if __name__ == "__main__":
    sys.exit(main())
