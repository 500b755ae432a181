"""Logs of a service: a line of JSON for each thing that happened, without keys, and without anything of a sample."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from alwidgets.utils.text import sanitize

if TYPE_CHECKING:
    from tornado.web import RequestHandler

_REQUESTS = logging.getLogger("alwidgets.requests")
# Asked again and again by machines, and of no interest as long as they are answered.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
_MOST_FRAMES = 20
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def log_request(handler: RequestHandler) -> None:
    """Log a request that was answered: its path, who sent it, its status, and how long it took."""
    path, status = getattr(handler, "path_name", ""), handler.get_status()
    level = logging.DEBUG if path in _QUIET and status < 400 else logging.INFO  # noqa: PLR2004 - no error
    if not _REQUESTS.isEnabledFor(level):
        return
    person = getattr(handler, "person", None)
    fields = {
        "method": handler.request.method,
        "path": path,
        "status": status,
        "ms": round(1000 * handler.request.request_time(), 2),
        "person": None if person is None else person.name,
    }
    _REQUESTS.log(level, "%s %s %s", fields["method"], path, status, extra={"fields": fields})


def log_cut(status: int) -> None:
    """Log that a request was cut before it was there; of such a one nothing else is known."""
    _REQUESTS.info("A request was cut: %s", status, extra={"fields": {"status": status}})


def begin() -> None:
    """Write what this package, Tornado and warnings say to standard error, in lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.captureWarnings(True)  # noqa: FBT003 - it has no name
    for name in ("alwidgets", "tornado", "py.warnings"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO if name == "alwidgets" else logging.WARNING)


class _Lines(logging.Formatter):
    """One object a line: time, level, what happened, and fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            # Of requests it is made of what is known.
            "message": record.getMessage() if record.name == _REQUESTS.name else sanitize(_said(record)),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            # What an error says may be the text of a sample.
            line |= {"error": record.exc_info[0].__name__, "at": _frames(record.exc_info[2])}
        return _ENCODER.encode(line)


def _said(record: logging.LogRecord) -> str:
    """Return the message; of a warning without the line of code that `warnings` puts behind it."""
    if record.name != "py.warnings":
        return record.getMessage()
    return record.getMessage().strip().splitlines()[0].partition("Warning: ")[2] or record.getMessage()


def _frames(where: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(where)[-_MOST_FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
