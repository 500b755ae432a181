"""A page served to thirty people at once, and to one in Chromium while fits run: python -m tests.benchmarks.service.

Thirty scripted annotators, each over a WebSocket of its own, answer once a second for a minute, and send each answer
twice. A fit is due after every batch, and spins in pure Python. Printed: answers lost, counted twice; from an answer to
its acknowledgement; CPU seconds of the server an answer, fits left out. Then the time from a key to the next sample in
Chromium, as in `labeler`, but with a fit of 3 s that spins.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent / "browser"))

from lab import Card, chromium
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect

from tests.benchmarks.labeler import MEASURE, N_ANSWERS

ROOT = Path(__file__).parents[2]
N_PEOPLE, SECONDS = 30, 60
SERVER = """
import json, sys, time, threading
sys.path.insert(0, {root!r})
import alwidgets as alw, numpy as np
from sklearn.naive_bayes import GaussianNB

spent = [0.0]
class SpinningNB(GaussianNB):
    def fit(self, X, y):
        end, begin = time.monotonic() + {fit}, time.thread_time()
        while time.monotonic() < end:
            pass
        spent[0] += time.thread_time() - begin
        return super().fit(X, y)

X = np.random.default_rng(0).normal(size=(6000, 8))
session = alw.Session(X, items=[f"sample {{i}}, a line of text" for i in range(6000)], classes=range(10),
                      learner=SpinningNB(), journal="many.alw", random_state=0, audit=0, cold_start="random",
                      batch_size=20)
page = session.serve([f"a{{i}}" for i in range({n_people})])
print(json.dumps(page.links), flush=True)
for line in sys.stdin:
    print(json.dumps([time.process_time() - spent[0], len(session.rounds)]), flush=True)
"""


class Served:
    """The server, in a process of its own."""

    def __init__(self, folder, fit, n_people):
        code = SERVER.format(root=str(ROOT), fit=fit, n_people=n_people)
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.links = json.loads(self.process.stdout.readline())

    def spent(self):
        """Return CPU seconds so far, those of fits left out, and how many rounds there were."""
        print(file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def kill(self):
        self.process.kill()
        self.process.communicate()


async def annotate(number, link, folder_of_times):
    """Answer once a second what is asked; return the ids of all answers."""
    parts = urlsplit(link)
    address, key = f"{parts.scheme}://{parts.netloc}/", parts.query.removeprefix("key=")
    entry = json.loads((await AsyncHTTPClient().fetch(address + "enter", headers={"X-Alwidgets-Key": key})).body)
    socket = await websocket_connect(
        address.replace("http", "ws") + "talk", subprotocols=["alwidgets", entry["ticket"]], max_message_size=2**26
    )
    state, sent, acknowledged = {}, {}, asyncio.Event()

    async def listen():
        while (data := await socket.read_message()) is not None:
            said = json.loads(data) if data and isinstance(data, str) else {}
            state.update(said.get("state", {}))
            event_id = said.get("message", {}).get("event_id")
            if event_id in sent and sent[event_id] is not None:
                folder_of_times.append(time.monotonic() - sent[event_id])
                sent[event_id] = None
            if None not in sent.values() or all(at is None for at in sent.values()):
                acknowledged.set()

    listening = asyncio.create_task(listen())
    begin = time.monotonic() + number / N_PEOPLE
    answered = set()
    for turn in range(SECONDS):
        await asyncio.sleep(max(0, begin + turn - time.monotonic()))
        item = next((each for each in state.get("_queue", ()) if each not in answered), None)
        if item is None:
            continue
        answered.add(item)
        event_id = f"{number} {turn}"
        sent[event_id] = time.monotonic()
        message = {"kind": "answer", "event_id": event_id, "item": item, "value": turn % 10, "round": 0}
        message["as_of"] = state["_status"]["n_events"]
        for _ in range(2):
            await socket.write_message(json.dumps({"part": "labeler", "message": message}))
        await socket.write_message(json.dumps({"part": "labeler", "message": {"kind": "need", "items": [item]}}))
    while any(at is not None for at in sent.values()):
        await asyncio.sleep(0.05)
    socket.close()
    await listening
    return list(sent)


async def all_of(links, times):
    return await asyncio.gather(*(annotate(i, link, times) for i, link in enumerate(links.values())))


def many(folder):
    served, times = Served(folder, 0.5, N_PEOPLE), []
    before, _ = served.spent()
    given = [event_id for ids in asyncio.run(all_of(served.links, times)) for event_id in ids]
    after, n_rounds = served.spent()
    served.kill()
    lines = [
        json.loads(line) for file in Path(folder).glob("many.alw/events/*") for line in file.read_text().splitlines()
    ]
    written = [line["id"] for line in lines if line["kind"] in ("labeled", "repeated")]
    times.sort()
    print(f"{N_PEOPLE} annotators, {len(given)} answers in {SECONDS} s, each sent twice, {n_rounds} retrains of 0.5 s:")
    print(f"  lost {len(set(given) - set(written))}, doubled {len(written) - len(set(written))}")
    print(
        f"  acknowledged after {1000 * statistics.median(times):.0f} ms median, "
        f"{1000 * times[int(0.95 * len(times))]:.0f} ms p95, {1000 * times[-1]:.0f} ms at most"
    )
    print(f"  {1000 * (after - before) / len(given):.1f} ms CPU an answer, with all that pages are told")


def one(folder):
    served = Served(folder, 3, 1)
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(served.links["a0"])
        Card(page).wait().focus()
        result = page.evaluate(MEASURE, N_ANSWERS)
    _, n_rounds = served.spent()
    served.kill()
    for what, times in zip(("in the page", "in a frame"), zip(*result["times"], strict=True), strict=True):
        p95 = sorted(times)[int(0.95 * len(times))]
        print(f"key to next sample {what}: {statistics.median(times):.1f} ms median, {p95:.1f} ms p95")
    print(f"{result['waited']} frames waited, {n_rounds} retrains of 3 s that spin; goal 5 ms median and 16 ms p95")


def main():
    many(tempfile.mkdtemp())
    one(tempfile.mkdtemp())


if __name__ == "__main__":
    main()
