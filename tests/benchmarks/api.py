"""The API of a service under load: python -m tests.benchmarks.api.

Eight annotators over HTTP ask and answer as fast as they can for some seconds each, and send each answer twice, while
fits of 3 s that spin in pure Python run, with `fit_in="process"`: time from a request to its reply, answers lost and
counted twice. Then predictions a second of a LogisticRegression on 64 features, one sample and a thousand at once, as
JSON and as arrays, over connections that stay open. Then requests of one client while thousands of connections stand
that have sent half a header, and while more are opened all the time. Then memory and CPU of a service that nobody asks
anything.

python -m tests.benchmarks.api kills 100 instead kills a service, with the process that fits, so many times while
somebody labels, and starts it again: answers lost and counted twice, and whether the next questions are those before.
"""

import asyncio
import collections
import io
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from alwidgets.service.tokens import new_token

ROOT = Path(__file__).parents[2]
N_PEOPLE, SECONDS, THINKING = 8, 30, 0.25
N_CONNECTIONS = 4
LABELED = """
import time
import alwidgets as alw, numpy as np
from sklearn.naive_bayes import GaussianNB

class SpinningNB(GaussianNB):
    def fit(self, X, y):
        end = time.monotonic() + 3
        while time.monotonic() < end:
            pass
        return super().fit(X, y)

def session():
    rng = np.random.default_rng(0)
    X, test = rng.normal(size=(6000, 8)), (rng.normal(size=(200, 8)), rng.choice(list("abcdefghij"), 200))
    return alw.Session(X, items=[f"sample {i}, a line of text" for i in range(6000)], classes=list("abcdefghij"),
                       learner=SpinningNB(), journal="many.alw", random_state=0, test=test, cold_start="random",
                       batch_size=20, fit_in="process", team=alw.Team([f"a{i}" for i in range(8)], answers=1))
"""
PREDICTING = """
import alwidgets as alw, numpy as np
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(0)
X, y = rng.normal(size=(2000, 64)), rng.integers(0, 2, 2000)
labels = dict(enumerate(y[:200].tolist()))
session = alw.Session(X, classes=[0, 1], learner=LogisticRegression(), labels=labels, audit=0)
session.retrain()
"""


class Service:
    """A served session, in a process of its own."""

    def __init__(self, folder, code, people):
        made = {name: new_token(name, role) for name, role in people}
        self.tokens = {name: token for name, (token, _) in made.items()}
        (folder / "served.py").write_text(code)
        (folder / "tokens").write_text("".join(f"{line}\n" for _, line in made.values()))
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "alwidgets.service.command", "serve", "served.py", "--port", "0",
             "--tokens", "tokens"],
            cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(folder)},
            stderr=(folder / "log").open("w"), stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while not (log := (folder / "log").read_text()).endswith("\n"):
            time.sleep(0.1)
        self.port = json.loads(log.splitlines()[0])["port"]

    def end(self):
        self.process.terminate()
        return self.process.wait(60)

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self):
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


class Connection:
    """A connection that stays open: little more than a socket, as the client shares the machine with the server."""

    async def open(self, port, token):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        self.head = f"HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        return self

    async def ask(self, method, path, body=b"", kind="application/json"):
        """Send a request, and return the body of the reply."""
        more = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.writer.write(f"{method} {path} {self.head}{more}".encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        status = int(head.split(" ", 2)[1])
        length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
        content = await self.reader.readexactly(length)
        assert status == 200, (status, content)
        return content


async def annotated(service, name, times, given):
    """Ask, think, and answer twice, again and again."""
    connection = await Connection().open(service.port, service.tokens[name])
    until, rng = time.monotonic() + SECONDS, random.Random(name)
    while time.monotonic() < until:
        begin = time.monotonic()
        found = json.loads(await connection.ask("GET", "/v1/next"))
        times["next"].append(time.monotonic() - begin)
        for question in found["questions"]:
            await asyncio.sleep(rng.uniform(0, 2 * THINKING))
            event_id, item = f"{name} {len(given)} {question['item']}", question["item"]
            answer = {"event_id": event_id, "item": item, "label": rng.choice("abcdefghij"), "as_of": found["as_of"]}
            body = json.dumps(answer).encode()
            given.append(event_id)
            for _ in range(2):
                begin = time.monotonic()
                await connection.ask("POST", "/v1/answers", body)
                times["answer"].append(time.monotonic() - begin)


async def everybody(service, times, given):
    await asyncio.gather(*(annotated(service, f"a{i}", times, given) for i in range(N_PEOPLE)))


def labeling(folder):
    service = Service(folder, LABELED, [(f"a{i}", "annotator") for i in range(N_PEOPLE)])
    times, given = {"next": [], "answer": []}, []
    asyncio.run(everybody(service, times, given))
    status = service.end()
    files = folder.glob("many.alw/events/*")
    events = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    written = [event["id"] for event in events if event["kind"] in ("labeled", "repeated", "skipped")]
    items = [event["item"] for event in events if event["kind"] == "labeled"]
    n_rounds = sum(event["kind"] == "trained" for event in events)
    print(f"{N_PEOPLE} annotators, {len(given)} answers in {SECONDS} s, each sent twice, {n_rounds} fits of 3 s:")
    for what, goal in (("next", "15 and 60"), ("answer", "25 and 60")):
        found = sorted(1000 * seconds for seconds in times[what])
        p95, most = found[int(0.95 * len(found))], found[-1]
        print(
            f"  {what}: {statistics.median(found):.1f} ms median, {p95:.1f} ms p95, {most:.0f} at most; goal {goal} ms"
        )
    print(
        f"  lost {len(set(given) - set(written))}, doubled {len(written) - len(set(written))}, "
        f"asked of two {len(items) - len(set(items))}; ended with status {status}"
    )


async def predicting(service, path, body, kind, seconds=5.0):
    """Return the number of requests that were answered, and in how many seconds."""
    connections = [await Connection().open(service.port, service.tokens["bot"]) for _ in range(N_CONNECTIONS)]
    counts, begin = [], time.monotonic()

    async def again(connection):
        n = 0
        while time.monotonic() < begin + seconds:
            await connection.ask("POST", path, body, kind)
            n += 1
        counts.append(n)

    await asyncio.gather(*map(again, connections))
    return sum(counts), time.monotonic() - begin


def npy(values):
    content = io.BytesIO()
    np.save(content, values)
    return content.getvalue()


def prediction(folder):
    service = Service(folder, PREDICTING, [("bot", "viewer")])
    X = np.random.default_rng(1).normal(size=(1000, 64))
    # What a first prediction imports and compiles is not counted.
    asyncio.run(
        predicting(service, "/v1/predict", json.dumps({"samples": X[:1].tolist()}).encode(), "application/json", 1.0)
    )
    for n, goal in ((1, 1500), (1000, 300)):
        forms = (
            ("/v1/predict", json.dumps({"samples": X[:n].tolist()}).encode(), "application/json"),
            ("/v1/predict-array", npy(X[:n].astype(np.float32)), "application/octet-stream"),
        )
        for path, body, kind in forms:
            before = service.cpu_seconds()
            n_done, seconds = asyncio.run(predicting(service, path, body, kind))
            cpu = 1000 * (service.cpu_seconds() - before) / n_done
            print(f"{path} {n} x 64: {n_done / seconds:.0f} requests/s; goal {goal}; {cpu:.2f} ms CPU each")
    service.end()


N_HALF_OPEN = 3000


def slow_clients(folder):
    service = Service(folder, PREDICTING, [("bot", "viewer")])
    held, ends = collections.deque(maxlen=2 * N_HALF_OPEN), threading.Event()

    def open_one():
        held.append(socket.create_connection(("127.0.0.1", service.port)))
        held[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost")

    def flood():
        while not ends.is_set():
            open_one()

    def told(when):
        found = sorted(asked_anew(service) for _ in range(200))
        print(f"{when}: {1000 * found[100]:.1f} ms median, {1000 * found[190]:.1f} ms p95, each over a new connection")

    told("a status, alone")
    for _ in range(N_HALF_OPEN):
        open_one()
    told(f"beside {N_HALF_OPEN} connections that have sent half a header")
    flooding = threading.Thread(target=flood)
    flooding.start()
    told("and while more are opened all the time")
    ends.set()
    flooding.join()
    service.end()


def asked_anew(service):
    """Return the seconds that a request takes with its connection."""
    begin = time.monotonic()
    head = f"GET /v1/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {service.tokens['bot']}"
    with socket.create_connection(("127.0.0.1", service.port)) as wire:
        wire.sendall(f"{head}\r\n\r\n".encode())
        assert wire.recv(12) == b"HTTP/1.1 200"
        while wire.recv(65536):
            pass
    return time.monotonic() - begin


def idle(folder):
    service = Service(folder, PREDICTING, [("bot", "viewer")])
    time.sleep(5)
    before = service.cpu_seconds()
    time.sleep(20)
    print(
        f"idle: {service.megabytes():.0f} MB, {100 * (service.cpu_seconds() - before) / 20:.1f} % CPU; goal 250 MB, 0 %"
    )
    service.end()


KILLED = """
import alwidgets as alw, numpy as np
from sklearn.linear_model import LogisticRegression

def session():
    X = np.random.default_rng(0).normal(size=(20_000, 8))
    return alw.Session(X, classes=["a", "b"], learner=LogisticRegression(), journal="killed.alw", random_state=0,
                       audit=0, batch_size=8, fit_in="process")
"""


def kills(folder, n_kills):
    rng, acknowledged, waiting, n_same, n_other = random.Random(0), [], [], 0, 0
    before = None
    for turn in range(n_kills + 1):
        service = Service(folder, KILLED, [("ann", "expert")])
        before, more = asyncio.run(labeled_until_killed(service, turn == n_kills, rng, acknowledged, waiting, before))
        n_same, n_other = n_same + (more is True), n_other + (more is False)
    files = folder.glob("killed.alw/events/*")
    events = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    written = [event["id"] for event in events if event["kind"] in ("labeled", "repeated", "skipped")]
    n_rounds = sum(event["kind"] == "trained" for event in events)
    print(
        f"{n_kills} kills, {len(acknowledged)} answers, {n_rounds} fits: lost {len(set(acknowledged) - set(written))}, "
        f"doubled {len(written) - len(set(written))}; next questions the same {n_same} times, others {n_other}"
    )


async def labeled_until_killed(service, is_last, rng, acknowledged, waiting, before):
    """Label for a while, and kill the service; return what was asked then, and whether that is what was before."""
    connection = await Connection().open(service.port, service.tokens["ann"])
    if waiting:
        # It was on its way when the service was killed: sent again it counts once.
        await given_to(connection, waiting[0], acknowledged, waiting)
        before = None
    now = await asked(connection)
    same = None if before is None or before[0] != now[0] else before == now
    for _ in range(rng.randrange(5, 25)):
        await given_to(connection, answer_to(await asked(connection), rng, acknowledged), acknowledged, waiting)
    if rng.random() < 0.5:
        # Else it is killed in the midst of a fit.
        while json.loads(await connection.ask("GET", "/v1/status"))["n_behind"] >= 8:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    now, killed = await asked(connection), None
    if not is_last and rng.random() < 0.5:
        last = answer_to(now, rng, acknowledged)
        killed = asyncio.ensure_future(given_to(connection, last, acknowledged, waiting))
        await asyncio.sleep(rng.uniform(0, 0.01))
    service.process.kill()
    service.process.wait()
    if killed is not None:
        await asyncio.gather(killed, return_exceptions=True)
    return None if killed is not None else now, same


async def asked(connection):
    """Return the round, and the next questions."""
    found = {"questions": []}
    while not found["questions"]:
        found = json.loads(await connection.ask("GET", "/v1/next?n=5"))
    return found["round"], [question["item"] for question in found["questions"]]


def answer_to(found, rng, acknowledged):
    item = found[1][0]
    return {"event_id": f"{len(acknowledged)} {item}", "item": item, "label": rng.choice("ab")}


async def given_to(connection, answer, acknowledged, waiting):
    """Send an answer, and keep it until it is acknowledged."""
    waiting[:] = [answer]
    await connection.ask("POST", "/v1/answers", json.dumps(answer).encode())
    acknowledged.append(answer["event_id"])
    waiting.clear()


def main():
    if sys.argv[1:2] == ["kills"]:
        kills(Path(tempfile.mkdtemp()), int(sys.argv[2]))
        return
    for part in (labeling, prediction, slow_clients, idle):
        part(Path(tempfile.mkdtemp()))


if __name__ == "__main__":
    main()
