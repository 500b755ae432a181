"""Commands: `alwidgets serve`, `worker`, `serve-model`, `choose-model` and `token`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import alwidgets
from alwidgets.models.saved import ModelError
from alwidgets.service import logs, turns
from alwidgets.service.common_api import POOLS
from alwidgets.service.model_folder import MODEL_OPERATIONS, FolderModels, ModelService, choose
from alwidgets.service.orchestration import Policy
from alwidgets.service.page import Page
from alwidgets.service.people import ROLES
from alwidgets.service.session_file import CommandError, open_session, policy_of
from alwidgets.service.tokens import BearerTokens, add_line, new_token
from alwidgets.session import Session
from alwidgets.utils.errors import format_error

#: Where tokens are, besides a file.
VARIABLE = "ALWIDGETS_TOKENS"
# Where the queue is, whose address may have a password in it.
_BROKER = "ALWIDGETS_BROKER"
# Whatever it is run as.
_LOG = logging.getLogger("alwidgets.service.command")
_PORT = 8000
_HELD_UP_SECONDS = 3.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the status of the process."""
    try:
        given = _parser().parse_args(arguments)
        given.act(given)
    except CommandError as error:
        return _told(str(error), error.status)
    except ImportError as error:
        if error.name is not None and error.name.partition(".")[0] != "tornado":
            raise
        return _told('serving needs tornado; install "alwidgets[serve]".', 1)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _told(why: str, status: int) -> int:
    # What a file raised may have several lines.
    print(f"alwidgets: {' '.join(why.split())}", file=sys.stderr)  # noqa: T201 - a command
    return status


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence."""
        raise CommandError(f"{message}; see {self.prog} --help.", 2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("alwidgets", description="Active learning, without a notebook.")
    parser.add_argument("--version", action="version", version=alwidgets.__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve a session that a file defines: its pages, and an API")
    serve.add_argument("session", metavar="FILE:NAME", help="a session, or a function that makes one")
    serve.add_argument("--address", help="under which people reach it, where that is another: behind a proxy")
    serve.add_argument("--links", action="store_true", help="print the links, also where nobody looks at the output")
    serve.add_argument("--ml-backend", action="store_true", help="let Label Studio ask the model; see docs/bridges.md")
    serve.add_argument("--policy", metavar="NAME", help="of the file: a Policy, or a function of the session")
    serve.add_argument("--dry-run", action="store_true", help="log what the policy would do, and do none of it")
    serve.set_defaults(act=_serve)
    _add_listening(serve)
    worker = commands.add_parser("worker", help="fit for sessions whose fit_in is a CeleryExecutor")
    worker.add_argument("folder", type=Path, help="that of the executor, which both can write to; made if need be")
    worker.add_argument("--broker", help=f"address of the queue, redis://...; default that in {_BROKER}")
    worker.add_argument("--longest-fit", type=float, default=3600.0, metavar="SECONDS", help="default 3600")
    worker.add_argument("--fits", type=int, default=1, metavar="N", help="at once; default 1")
    worker.set_defaults(act=_worker)
    model = commands.add_parser("serve-model", help="serve a model that was exported: predictions alone")
    model.add_argument("folder", type=Path, help="as export_model wrote it, or a folder with several")
    model.add_argument("--trust", action="append", default=[], metavar="TYPE", help="a type that it may be made of")
    model.set_defaults(act=_serve_model)
    _add_listening(model)
    choice = commands.add_parser("choose-model", help="have another model of a folder served, also while it is")
    choice.add_argument("folder", type=Path)
    choice.add_argument("name", help="of a folder in it, or a round")
    choice.add_argument("--trust", action="append", default=[], metavar="TYPE", help="a type that it may be made of")
    choice.set_defaults(act=_choose_model)
    token = commands.add_parser("token", help="draw a token for a person or a program")
    token.add_argument("name")
    token.add_argument("--role", choices=ROLES, default="annotator")
    token.add_argument("--file", type=Path, help="add its line to this file; else it is printed")
    token.set_defaults(act=_token)
    return parser


def _add_listening(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=_PORT, help=f"default {_PORT}; 0 for a free one")
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1, this machine; 0.0.0.0 for all")
    parser.add_argument("--tokens", type=Path, help=f"file with hashes of tokens; {VARIABLE} may have more")


def _tokens(file: Path | None) -> BearerTokens:
    try:
        return BearerTokens(file, os.environ.get(VARIABLE, ""))
    except OSError as error:
        why = f"{file} cannot be read: {error.strerror or error}"
        raise CommandError(
            f"{why}; expected a file of tokens, as alwidgets token NAME --file {file} makes it.", 2
        ) from error
    except ValueError as error:
        raise CommandError(f"{error}.".replace("..", "."), 2) from error


def _serve(given: argparse.Namespace) -> None:
    logs.begin()
    tokens = _tokens(given.tokens)
    session = open_session(given.session)
    try:
        page = _page(session, tokens, given, _policy(session, given))
    except BaseException:
        session.close()
        raise
    # As while a page is open: programs wait as little for fits in pure Python as people do.
    turns.page_opens()
    ended = _Ended()
    page.on_change(lambda: ended.set() if page.closed else None)
    fields = {"port": page.port, "url": page.url, "session": session.session_id, "journal": str(session.journal)}
    _LOG.info("Serving.", extra={"fields": fields})
    if session.journal is None:
        _LOG.warning("The session has no journal: its labels are gone when the process ends.")
    if given.links or sys.stdout.isatty():
        for name, link in page.links.items():
            print(f"{name}: {link}", flush=True)  # noqa: T201 - the one place where they are to be read
        if given.ml_backend:
            print(f"ML backend: {page.ml_backend_url}", flush=True)  # noqa: T201
    threading.Thread(target=_bring_back, args=(session,), name="alwidgets-model", daemon=True).start()
    ended.wait()
    page.close()
    session.close()
    _LOG.info("Stopped.")
    _end_at_once_if_held_up()


def _serve_model(given: argparse.Namespace) -> None:
    logs.begin()
    tokens = _tokens(given.tokens)
    if not tokens.people:
        raise CommandError(f"nobody has a token; draw one by alwidgets token, for --tokens or {VARIABLE}.", 2)
    try:
        models = FolderModels(given.folder, given.trust)
    except (ModelError, ImportError) as error:
        raise CommandError(str(error), 1) from error
    from alwidgets.service.api import Api
    from alwidgets.service.listening import ThreadedServer, unheard

    api = Api(ModelService(models), MODEL_OPERATIONS, tokens)
    try:
        server = ThreadedServer(given.host, given.port, api.routes, api.requests.cut)
    except (OSError, OverflowError) as error:
        raise CommandError(f"{unheard(given.host, given.port, error)}.", 1) from error
    ended, model = _Ended(), models.current()
    fields = {"port": server.port, "folder": str(given.folder), "round": model.round, "session": model.session_id}
    _LOG.info("Serving.", extra={"fields": fields})
    ended.wait()
    api.service.stopping = True
    server.stop()
    server.wait()
    api.close()
    _LOG.info("Stopped.")


def _worker(given: argparse.Namespace) -> None:
    broker = given.broker or os.environ.get(_BROKER)
    if not broker:
        raise CommandError(f"no queue is given; expected --broker redis://..., or {_BROKER}.", 2)
    if given.fits < 1:
        raise CommandError(f"--fits is {given.fits}; expected one fit at once or more.", 2)
    from alwidgets.loop.celery_app import check_longest_fit, worker

    try:
        check_longest_fit(given.longest_fit)
        # Whoever starts first makes it, a session or a worker.
        given.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        worker(given.folder.resolve(), broker, given.longest_fit, ["--concurrency", str(given.fits)])
    except ValueError as error:
        raise CommandError(str(error), 2) from error
    except ImportError as error:
        raise CommandError(str(error), 1) from error
    except OSError as error:
        raise CommandError(f"{given.folder} cannot be the folder of fits: {error.strerror or error}.", 1) from error


def _choose_model(given: argparse.Namespace) -> None:
    try:
        found = choose(given.folder, given.name, given.trust)
    except (ModelError, OSError, ImportError) as error:
        raise CommandError(str(error), 1) from error
    print(found)  # noqa: T201 - a command


def _policy(session: Session, given: argparse.Namespace) -> Policy | None:
    if given.policy is None:
        if given.dry_run:
            raise CommandError("--dry-run is for a policy; expected --policy NAME beside it.", 2)
        return None
    policy = policy_of(given.session, given.policy, session)
    return replace(policy, dry_run=True) if given.dry_run else policy


def _page(session: Session, tokens: BearerTokens, given: argparse.Namespace, policy: Policy | None) -> Page:
    try:
        return Page(
            session, port=given.port, host=given.host, address=given.address, tokens=tokens,
            ml_backend=given.ml_backend, policy=policy,
        )  # fmt: skip
    except OSError as error:
        raise CommandError(f"{error.strerror or error}.", 1) from error
    except (ValueError, TypeError) as error:
        raise CommandError(str(error), 2) from error


def _bring_back(session: Session) -> None:
    """Have the model of a session that was opened again, before somebody waits for it."""
    try:
        _ = session.learner
    except Exception as error:  # noqa: BLE001 - of the user's model
        if not session.closed:
            _LOG.warning("%s", format_error(error, "Bringing the model back"))


def _end_at_once_if_held_up() -> None:
    """End the process where threads wait for a fit or a strategy that may never end: all is on disk."""
    until = time.monotonic() + _HELD_UP_SECONDS
    for thread in threading.enumerate():
        # Python waits for those of an executor too, which are daemons where a daemon started them.
        waited_for = not thread.daemon or thread.name.startswith(POOLS)
        if waited_for and thread is not threading.current_thread():
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                logging.shutdown()
                os._exit(0)


class _Ended(threading.Event):
    """Set when the process is to end; a second signal ends it at once."""

    def __init__(self) -> None:
        super().__init__()
        for number in _SIGNALS:
            signal.signal(number, self._take)

    def _take(self, number: int, _frame: Any) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        self.set()
        _LOG.info("%s came: what is being answered will be, and nothing more.", signal.Signals(number).name)


def _token(given: argparse.Namespace) -> None:
    try:
        token, line = new_token(given.name, given.role)
    except (ValueError, TypeError) as error:
        raise CommandError(str(error), 2) from error
    if given.file is None:
        print(f"{token}\n{line}")  # noqa: T201 - a command
        return
    try:
        add_line(given.file, line)
    except ValueError as error:
        raise CommandError(f"no token was drawn: {error}", 1) from error
    except OSError as error:
        # The name of the error may be another than the one that was given: it is written under that first.
        raise CommandError(
            f"{given.file} cannot be written: {error.strerror or error}; expected a file in a folder that is there.", 1
        ) from error
    print(token)  # noqa: T201 - a command


if __name__ == "__main__":
    sys.exit(main())
