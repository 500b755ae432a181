"""Fits by workers of Celery: messages start them, a shared folder has them, and the session that asked records them."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, InvalidStateError
from pathlib import Path
from typing import Any, TypeAlias

import cloudpickle

from alwidgets.loop import fit_folder
from alwidgets.loop.celery_app import TASK, celery_app
from alwidgets.loop.fit_folder import FitName
from alwidgets.loop.shipping import Parcel
from alwidgets.utils.text import short_repr

_LOG = logging.getLogger(__name__)
_Call: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
# How often it looks for what workers found, and sends again what none has.
_GLANCE_SECONDS, _SEND_AGAIN_SECONDS = 0.05, 5.0


class CeleryExecutor(Executor):
    """Have workers of Celery fit: ``alwidgets.Session(..., fit_in=CeleryExecutor(folder, broker))``.

    A message names a fit, by session, events, seed and digest, and holds neither samples nor a model: these lie in a
    folder that the session and ``alwidgets worker`` share. The queue only starts fits. What was not found after five
    seconds is sent again, to whoever is there by then, so nothing is lost with a message, a worker or Redis itself; a
    fit that two have done counts once, for the session that asked takes what lies there and clears it away.

    One executor serves several sessions, each with a fit at a time.

    Parameters
    ----------
    folder : str or Path
        Where fits lie while they are out; it is made if need be. Whoever can write to it can run code in the session
        and in its workers, as it holds pickles.
    broker : str
        Address of the queue, such as ``"redis://localhost:6379/0"``. It need not be trusted: of a message the name is
        taken, and a name that stands for nothing starts nothing.

    Raises
    ------
    ImportError
        If Celery is not installed.
    ValueError
        If the address is none of a queue that Celery knows.
    OSError
        If the folder cannot be made.

    Examples
    --------
    >>> import tempfile, alwidgets as alw
    >>> executor = alw.CeleryExecutor(tempfile.mkdtemp(), "redis://localhost:6379/0")  # doctest: +SKIP
    >>> session = alw.Session(X, classes=[0, 1], learner="logistic", fit_in=executor)  # doctest: +SKIP
    """

    def __init__(self, folder: str | Path, broker: str) -> None:
        self._app = celery_app(broker)
        self._folder = Path(folder).resolve()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._out: dict[FitName, Future[Any]] = {}
        self._calls: dict[FitName, _Call] = {}
        self._thread: threading.Thread | None = None
        self._ended = self._is_away = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a worker do a fit.

        Raises
        ------
        TypeError
            If it is another call than that of a fit.
        RuntimeError
            After `shutdown`.
        OSError
            If the fit cannot be written.
        """
        parcel = args[0] if args else None
        if not isinstance(parcel, Parcel):
            raise TypeError(f"a CeleryExecutor got {short_repr(fn)}; expected a fit of a session: pass it as fit_in.")
        if self._ended:
            raise RuntimeError("cannot schedule new futures after shutdown")
        name = FitName(parcel.session, parcel.upto, parcel.seed, fit_folder.digest_of(parcel.content))
        future: Future[Any] = Future()
        with self._lock:
            # Written before it is sent: a message that nothing lies for starts nothing.
            fit_folder.put(self._folder, name, cloudpickle.dumps((fn, args, kwargs)))
            self._out[name], self._calls[name] = future, (fn, args, kwargs)
            if self._thread is None:
                self._thread = threading.Thread(target=self._sweep, name="alwidgets-celery", daemon=True)
                self._thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more fits; those that are out are waited for, or go on, or are given up."""
        with self._lock:
            self._ended = True
            out, thread = list(self._out.values()), self._thread
        if cancel_futures:
            for future in out:
                future.cancel()
        if wait and thread is not None:
            thread.join()

    def _sweep(self) -> None:
        """Take what workers found, and send again what is due and not found, until nothing is out."""
        sent: dict[Future[Any], float] = {}
        while True:
            with self._lock:
                out = dict(self._out)
                if not out:
                    self._thread = None
                    return
            for name, future in out.items():
                self._take(name, future)
                if (
                    not future.done()
                    and time.monotonic() - sent.get(future, -_SEND_AGAIN_SECONDS) >= _SEND_AGAIN_SECONDS
                ):
                    sent[future] = time.monotonic()
                    self._lay_again(name, future)
                    self._send(name)
            time.sleep(_GLANCE_SECONDS)

    def _take(self, name: FitName, future: Future[Any]) -> None:
        """Take what was found, or clear away what nobody waits for; under the lock, as the same may be asked again."""
        with self._lock:
            if self._out.get(name) is not future:
                return
            try:
                found = None if future.cancelled() else fit_folder.result(self._folder, name)
                if found is None and not future.cancelled():
                    return
                fit_folder.forget(self._folder, name)
            except OSError as error:
                _settle(future, error)
            else:
                _settle(future, None, found)
            del self._out[name], self._calls[name]

    def _lay_again(self, name: FitName, future: Future[Any]) -> None:
        """Lay down again what somebody has deleted, or nobody could ever do it."""
        with self._lock:
            if self._out.get(name) is not future or fit_folder.lies(self._folder, name):
                return
            _LOG.warning("A fit has been deleted in %s; it is laid down again.", self._folder.name)
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                fit_folder.put(self._folder, name, cloudpickle.dumps(self._calls[name]))
            except OSError as error:
                _settle(future, error)
                del self._out[name], self._calls[name]

    def _send(self, name: FitName) -> None:
        try:
            self._app.send_task(TASK, kwargs=name.message, ignore_result=True, retry=False)
        except Exception as error:  # noqa: BLE001 - the broker is not there, in any of its words
            # A queue that is away for a night is one line, not one each five seconds.
            if not self._is_away:
                _LOG.warning(
                    "The queue cannot be reached (%s); fits are sent again until it can.", type(error).__name__
                )
            self._is_away = True
        else:
            if self._is_away:
                _LOG.info("The queue is reached again.")
            self._is_away = False


def _settle(future: Future[Any], error: BaseException | None, found: bytes | None = None) -> None:
    with contextlib.suppress(InvalidStateError):
        if error is not None:
            future.set_exception(error)
        elif found is not None:
            future.set_result(found)
