"""The app of Celery that fits: settings that lose nothing when workers are killed, and the task itself."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cloudpickle

from alwidgets.loop import fit_folder
from alwidgets.loop.fit_folder import FitName
from alwidgets.loop.shipping import FitTooLongError, failure
from alwidgets.utils.text import short_repr

#: Name of the task.
TASK = "alwidgets.fit"
#: Seconds that the longest fit may take.
LONGEST_FIT = 3600.0
# A timer of the system takes no more.
_LONGEST_LIMIT = 1e7
# After it was told to end, which code in C may not notice.
_GRACE_SECONDS = 60.0
# A fit that kills its worker, as one that needs too much memory does, must not do so for ever.
_MOST_TRIES = 5


def celery_app(broker: str, longest_fit: float = LONGEST_FIT) -> Any:
    """Return an app of Celery with settings by which no fit is lost.

    Parameters
    ----------
    broker : str
        Address of the queue.
    longest_fit : float
        Seconds after which a fit is ended as failed. What a worker has is given to another one only later than that,
        since a queue cannot tell one that works from one that is dead.

    Raises
    ------
    ImportError
        If Celery is not installed.
    ValueError
        If the address is none of a queue that Celery knows, or the longest fit is not a number of seconds.
    """
    check_longest_fit(longest_fit)
    try:
        import celery
    except ImportError:
        raise ImportError('fits by workers need Celery; install "alwidgets[celery]".') from None
    app = celery.Celery("alwidgets", broker=broker, set_as_current=False)
    _check_broker(app, broker)
    app.conf.update(
        task_default_queue="alwidgets",
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        # Before it the fit itself is interrupted: the limit that Celery raises there is one that learners catch.
        task_time_limit=longest_fit + _GRACE_SECONDS,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        # What a fit finds needs no connection.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 2 * (longest_fit + _GRACE_SECONDS),
            "unacked_restore_throttle": 1,
            "unacked_restore_interval": 1,
            "socket_connect_timeout": 5,
            "socket_timeout": 30,
        },
        # A message is names and numbers; nothing that is unpickled comes by the queue.
        task_serializer="json",
        accept_content=["json"],
    )
    return app


def worker(folder: Path, broker: str, longest_fit: float, options: Sequence[str] = ()) -> None:
    """Fit what lies in a folder, as messages say, until the process is told to end.

    Parameters
    ----------
    folder : Path
        That of the sessions' `CeleryExecutor`.
    broker : str
        Address of the queue.
    longest_fit : float
        Seconds after which a fit is ended as failed.
    options : sequence of str
        Further ones of ``celery worker``.
    """
    app = celery_app(broker, longest_fit)

    from celery.worker import state
    from celery.worker.request import Request

    class Asked(Request):  # type: ignore[misc]
        """A fit whose process is ended from outside, as it does not end by itself, has failed too."""

        def on_timeout(self, soft: bool, timeout: float) -> None:
            # A worker that ends has its fits done by another.
            if not soft and not state.should_terminate:
                fit_folder.finish(folder, FitName(**self.kwargs), _too_long(longest_fit))
            super().on_timeout(soft, timeout)

    @app.task(name=TASK, Request=Asked)  # type: ignore[untyped-decorator]
    def fit(**message: Any) -> None:
        do(folder, FitName(**message), longest_fit)

    app.worker_main(["--quiet", "worker", "--without-gossip", "--without-mingle", *options])


def check_longest_fit(seconds: float) -> None:
    """Raise ValueError unless it is a number of seconds that a fit may take."""
    if not math.isfinite(seconds) or not 0 < seconds <= _LONGEST_LIMIT:
        raise ValueError(
            f"the longest fit is {seconds:g} seconds; expected more than 0, and at most {_LONGEST_LIMIT:,.0f}."
        )


def _check_broker(app: Any, broker: str) -> None:
    # Not its whole address, in which a password may be.
    scheme, slashes, _ = str(broker).partition("://")
    try:
        known = bool(slashes) and app.connection_for_write().transport_cls is not None
    except (KeyError, ValueError):
        known = False
    if not known:
        begins = f"begins with {short_repr(scheme)}" if slashes else "has no ://"
        raise ValueError(
            f"the address of the queue {begins}, which Celery does not know; expected one such as "
            "redis://localhost:6379/0."
        )


def do(folder: Path, name: FitName, longest_fit: float | None = None) -> None:
    """Do a fit, unless it is done, given up, or in another process's hands; end it after a number of seconds."""
    with fit_folder.claimed(folder, name) as todo:
        if todo is None:
            return
        content, n_tries = todo
        if n_tries > _MOST_TRIES:
            killed = f"the workers were killed {_MOST_TRIES} times while they fitted, as they are when memory runs out."
            found = failure(RuntimeError(killed))
        else:
            fn, args, kwargs = cloudpickle.loads(content)
            try:
                with _at_most(longest_fit):
                    found = fn(*args, **kwargs)
            except FitTooLongError as error:
                # It came between what was found and here.
                found = failure(error)
        fit_folder.finish(folder, name, found)


@contextlib.contextmanager
def _at_most(seconds: float | None) -> Iterator[None]:
    """Interrupt what is done in here after a number of seconds, and leave it to another when the worker is ended."""
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def too_long(*_: Any) -> None:
        raise FitTooLongError(_words(seconds))

    # Celery raises SystemExit in the fit, which would then have failed by it.
    before = signal.signal(signal.SIGALRM, too_long), signal.signal(signal.SIGTERM, lambda *_: os._exit(1))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before[0])
        signal.signal(signal.SIGTERM, before[1])


def _words(seconds: float) -> str:
    return f"it took longer than the {seconds:g} seconds of the worker's --longest-fit, and was ended."


def _too_long(seconds: float) -> bytes:
    return failure(FitTooLongError(_words(seconds)))
