"""One process of our own that does what it is sent, and ends with the process that started it.

It runs nothing of the notebook or script: classes and functions defined there come by value, by cloudpickle.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import cloudpickle

# What is imported must be found as it is here, before anything of ours is imported.
_BOOT = """import json, sys
sys.path[:] = json.loads(sys.argv.pop())
from alwidgets.loop.process_executor import serve
serve()"""
_LENGTH = 8
_Process = subprocess.Popen[bytes]


class ProcessExecutor(Executor):
    """One worker process, started when it is first needed and again when it was killed; one call at a time.

    Examples
    --------
    >>> with ProcessExecutor() as executor:
    ...     executor.submit(pow, 2, 10).result()
    1024
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # held while a call is out
        self._process: _Process | None = None
        self._ended = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have the worker call a function; what the worker's end leaves undone is a BrokenProcessPool."""
        if self._ended:
            raise RuntimeError("cannot schedule new futures after shutdown")
        call = cloudpickle.dumps((fn, args, kwargs))
        future: Future[Any] = Future()
        threading.Thread(target=self._converse, args=(call, future), name="alwidgets-fits", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - as the base class
        """End the worker, once what runs is done if that is waited for, at once otherwise."""
        self._ended = True
        if wait:
            with self._lock:
                self.kill()
        self.kill()

    def kill(self) -> None:
        """End the worker and all that it started, at once; the next call starts another."""
        if self._process is not None:
            _end(self._process)

    def _converse(self, call: bytes, future: Future[Any]) -> None:
        with self._lock:
            if self._ended or not future.set_running_or_notify_cancel():
                future.cancel()
                return
            try:
                done, value = cloudpickle.loads(self._asked(call))
            except BaseException as error:  # noqa: BLE001 - no process starts, or what comes back is not known here
                done, value = False, error
            if done:
                future.set_result(value)
            else:
                future.set_exception(value)

    def _asked(self, call: bytes) -> bytes:
        process = self._started()
        if self._ended:
            # While it started.
            _end(process)
        try:
            _write(process.stdin, call)
            return _read(process.stdout)
        except (OSError, EOFError, ValueError):
            _end(process)
            raise BrokenProcessPool(_how_ended(process.wait())) from None

    def _started(self) -> _Process:
        if self._process is not None and self._process.poll() is not None:
            _end(self._process)
            self._process = None
        if self._process is None:
            # In a group of its own, it is not interrupted with the kernel, and ends with all that it started.
            self._process = subprocess.Popen(  # noqa: S603 - this Python, and what is written above
                [sys.executable, "-c", _BOOT, json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
            weakref.finalize(self, _end, self._process)
            threading.Thread(target=_outlive, args=(self._process,), name="alwidgets-watches", daemon=True).start()
        return self._process


def serve() -> None:
    """Do what is sent, one call after the other, until the process that sends it ends: the body of the worker."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # A learner finds nothing to read, and what it prints goes where warnings go.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    calls: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, calls), daemon=True).start()
    while True:
        call = calls.get()
        try:
            fn, args, kwargs = cloudpickle.loads(call)
            reply = cloudpickle.dumps((True, fn(*args, **kwargs)))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told to who asked
            reply = cloudpickle.dumps((False, error))
        _write(replies, reply)


def _listen(pipe: Any, calls: queue.SimpleQueue[bytes]) -> None:
    """Read calls; when there is nobody any more who could want an answer, end at once, in the midst of a fit."""
    try:
        while True:
            calls.put(_read(pipe))
    except EOFError:
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)


def _write(pipe: Any, content: bytes) -> None:
    pipe.write(len(content).to_bytes(_LENGTH, "big"))
    pipe.write(content)
    pipe.flush()


def _read(pipe: Any) -> bytes:
    return _exactly(pipe, int.from_bytes(_exactly(pipe, _LENGTH), "big"))


def _exactly(pipe: Any, n: int) -> bytes:
    content: bytes = pipe.read(n)
    if len(content) < n:
        raise EOFError
    return content


def _outlive(process: _Process) -> None:
    """Wait for the end of a process, then end what it left: that may keep the pipes open, and nobody would notice."""
    process.wait()
    _kill_group(process)


def _kill_group(process: _Process) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _end(process: _Process) -> None:
    """End a process with all that it started, and let go of it."""
    if process.poll() is None:
        _kill_group(process)
        process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            pipe.close()  # type: ignore[union-attr]


def _how_ended(status: int) -> str:
    if status >= 0:
        return f"with status {status}"
    name = signal.Signals(-status).name
    return f"by {name}, as the system does when memory runs out" if name == "SIGKILL" else f"by {name}"
