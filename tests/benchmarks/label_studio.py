"""A session over the real Label Studio: how fast, and whether anything is lost over kills.

python -m tests.benchmarks.label_studio, after python -m tests.bridges.real, which installs it.
"""

import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import alwidgets as alw
from alwidgets.bridges.client import LabelStudioError
from tests.bridges import real
from tests.bridges.sample import chosen, labels, make

N_LABELS, N_TASKS, N_MANY, N_KILLS = 154, 20, 20_000, 10
_KERNEL = """
import sys
from pathlib import Path
import alwidgets as alw
from tests.bridges.sample import make
session = make(int(sys.argv[4]), journal=Path(sys.argv[1]), duplicates="ask")
print("open", flush=True)
studio = alw.LabelStudio(session, sys.argv[2], sys.argv[3])
studio.run(lambda session: False, poll_seconds=0.1)
"""


class Annotators:
    """Two of them, who answer whatever they are asked next; what was acknowledged to them is counted."""

    def __init__(self, server, project):
        self.server, self.project = server, project
        self.ended, self.given = threading.Event(), {}
        tokens = [real.annotator(server, f"{name}-{time.time_ns()}@example.com") for name in ("ann", "bob")]
        self.threads = [threading.Thread(target=self.answer, args=(token,), daemon=True) for token in tokens]
        for thread in self.threads:
            thread.start()

    def answer(self, token):
        while not self.ended.is_set():
            try:
                status, task = self.server.call("GET", f"/api/projects/{self.project}/next/", token=token)
                if status != 200:
                    time.sleep(0.05)
                    continue
                row = task["data"]["alw_row"]
                name = "ham" if row % 3 else "spam"
                body = {"result": [chosen(name)], "lead_time": 1.0}
                status, _ = self.server.call("POST", f"/api/tasks/{task['id']}/annotations/", body, token=token)
                if status == 201:
                    self.given[row] = name
            except OSError:
                # The server is away.
                time.sleep(0.1)

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def timed(call, into):
    started = time.perf_counter()
    made = call()
    into.append(1000 * (time.perf_counter() - started))
    return made


def processor_ms(server):
    """Return the milliseconds of a core that the server took until now."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


def alone(server):
    """Return the labels a second of two annotators who have all tasks from the start, and no loop beside them."""
    session = make(2 * N_LABELS, duplicates="ask")
    studio = alw.LabelStudio(session, server.url, real.LEGACY)
    studio.push(2 * N_LABELS)
    annotators, started = Annotators(server, studio.project), time.perf_counter()
    while len(annotators.given) < N_LABELS // 2:
        time.sleep(0.05)
    pace = len(annotators.given) / (time.perf_counter() - started)
    annotators.end()
    session.close()
    return pace


def live(server):
    """Print the pace of the loop with two annotators, and what its calls take."""
    fastest = alone(server)
    session = make(2 * N_LABELS, batch_size=N_TASKS // 2, duplicates="ask")
    studio = alw.LabelStudio(session, server.url, real.LEGACY, n_tasks=N_TASKS)
    studio.push()
    annotators = Annotators(server, studio.project)
    pulls, pushes, n_polls, started = [], [], 0, time.perf_counter()
    while session.progress.n_labeled < N_LABELS:
        took = []
        if timed(studio.pull, took).n_taken:
            pulls += took
        took = []
        if timed(studio.push, took).n_new:
            pushes += took
        n_polls += 1
        time.sleep(0.2)
    spent = time.perf_counter() - started
    annotators.end()
    n = session.progress.n_labeled
    print(
        f"{n} labels of two annotators in {spent:.1f} s, {n / spent:.1f} a second ({fastest:.1f} without the loop), "
        f"{session.progress.round} rounds; {n_polls} looks: pull {statistics.median(pulls):.0f} ms, push "
        f"{statistics.median(pushes):.0f} ms (medians of those that brought anything)",
        flush=True,
    )
    session.close()


def batches(server):
    """Print what a pull of 20 answers and a push of 20 tasks take when nothing else happens."""
    session = make(800, batch_size=N_TASKS, duplicates="ask")
    studio = alw.LabelStudio(session, server.url, real.LEGACY, n_tasks=N_TASKS)
    took, cores = {"push": [], "pull": []}, {"push": 0.0, "pull": 0.0}
    calls, bare, least = calls_of(studio), [], []
    n_rounds = 12
    for _ in range(n_rounds):
        for name, times in took.items():
            if name == "pull":
                for number, row in [(task.id, task.row) for task in studio._tasks.values() if not task.is_answered]:
                    body = {"result": [chosen("ham" if row % 3 else "spam")]}
                    server.call("POST", f"/api/tasks/{number}/annotations/", body)
            before = processor_ms(server)
            calls.clear()
            made = timed(getattr(studio, name), times)
            cores[name] += processor_ms(server) - before
            assert (made.n_new if name == "push" else made.n_taken) == N_TASKS
        # The last thing that was done is a pull; the same call, and one that asks for nothing, without us.
        for path, into in ((calls[0][1], bare), ("/api/current-user/whoami", least)):
            status, _ = timed(lambda path=path: real.send("GET", server.url + path, None, f"Token {real.LEGACY}"), into)
            assert status == 200
        # The fit comes in between.
        session.wait()
    for name, times in took.items():
        print(
            f"{name} of {N_TASKS}: {statistics.median(times):.0f} ms in the median, {min(times):.0f} at best; "
            f"{cores[name] / n_rounds:.0f} ms of a core in the server",
            flush=True,
        )
    for what, times in (("the call of a pull alone", bare), ("a call that asks for nothing", least)):
        print(f"{what}: {statistics.median(times):.0f} ms in the median, {min(times):.0f} at best", flush=True)
    session.close()


def calls_of(studio):
    """Return a list that the calls of a bridge are kept in from now on."""
    calls, call = [], studio._client.call

    def kept(method, path, *args, **more):
        calls.append((method, path))
        return call(method, path, *args, **more)

    studio._client.call = kept
    return calls


def many(server):
    """Print what it takes to bring 20,000 tasks in one call, and to find them again."""
    session = make(N_MANY, duplicates="ask")
    studio = alw.LabelStudio(session, server.url, real.LEGACY)
    took = []
    pushed = timed(lambda: studio.push(N_MANY), took)
    assert pushed.n_new == N_MANY
    print(f"{pushed.n_new:,} tasks: brought in {took[0] / 1000:.1f} s", flush=True)
    other = alw.LabelStudio(session, server.url, real.LEGACY)
    timed(other.pull, took)
    print(f"all of them looked at again, as after a kill: {took[1] / 1000:.1f} s")
    session.close()


def killed(server, folder, n, whom):
    """Kill the kernel or the server again and again; print whether the session has all that was acknowledged."""
    path, rng = folder / f"{whom}.alw", random.Random(0)
    n_samples = 3000
    session = make(n_samples, journal=path, duplicates="ask")
    project = alw.LabelStudio(session, server.url, real.LEGACY).project
    session.close()
    command = [sys.executable, "-c", _KERNEL, str(path), server.url, real.LEGACY, str(n_samples)]

    def kernel():
        process = subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, start_new_session=True)
        process.stdout.readline()
        return process

    annotators, process = Annotators(server, project), kernel()
    for _ in range(n):
        # In the middle of work: some answers later, at a random moment.
        n_before, deadline = len(annotators.given), time.monotonic() + 120
        while len(annotators.given) < n_before + 8 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(rng.uniform(0, 1.5))
        if whom == "kernel":
            process.send_signal(signal.SIGKILL)
            process.communicate()
            process = kernel()
        else:
            server.kill()
            server.start()
    time.sleep(2)
    annotators.end()
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    session = make(n_samples, journal=path, duplicates="ask")
    studio = alw.LabelStudio(session, server.url, real.LEGACY)
    for _ in range(3):
        try:
            studio.step()
            break
        except LabelStudioError as error:
            print(error)
    found, there = labels(session), [task.row for task in studio._tasks.values()]
    lost = {row: name for row, name in annotators.given.items() if found.get(row) != name}
    n_more = len(found.keys() - annotators.given.keys())
    doubled = len(there) - len(set(there))
    sound = alw.verify(path).sound
    print(
        f"{n} kills of the {whom}: {len(annotators.given)} answers acknowledged, {len(lost)} lost, {n_more} more in "
        f"the session (acknowledged to nobody), {doubled} tasks twice, journal sound: {sound}",
        flush=True,
    )
    session.close()


def load():
    return f"{os.getloadavg()[0]:.1f} processes wanted the {os.cpu_count()} cores"


def main():
    if not real.PROGRAM.exists():
        raise SystemExit(real.MISSING)
    wanted = set(sys.argv[1:])
    with tempfile.TemporaryDirectory() as name, real.started(name) as server:
        for told in (batches, live, many):
            if not wanted or told.__name__ in wanted:
                told(server)
                print(load(), flush=True)
        for whom in ("kernel", "server"):
            if not wanted or whom in wanted:
                killed(server, Path(name), N_KILLS, whom)


if __name__ == "__main__":
    main()
