"""A page of a session, served to people's browsers."""

from __future__ import annotations

import ipaddress
import socket
import threading
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from alwidgets.service import keys
from alwidgets.service.orchestration import Orchestrator, Policy
from alwidgets.service.people import Person, check_member, people_of
from alwidgets.service.tokens import BearerTokens, Keyring
from alwidgets.session import Session, view_of
from alwidgets.utils.text import short_repr
from alwidgets.views.view import check_session

if TYPE_CHECKING:
    from alwidgets.service.api import Api
    from alwidgets.service.server import PageServer
    from alwidgets.service.site import Site

# One page a session: it is the same that is served again when the cell is run again.
_PAGES: dict[str, Page] = {}
_LOCK = threading.RLock()


class Page:
    """Serve the labeler of a session to people's browsers, a link each, without Jupyter.

    What is served is the very card of the notebook, over HTTP and WebSocket, by this process: it ends with it, with
    the session, or with `close`. It answers while a cell is running. A session has one page; serving it again ends the
    one before. In a notebook it shows a button for each link that copies it.

    Whoever has a link labels in that name. Of a session with a journal, links go on to work when it is served again,
    also by another kernel: the secret behind them lies in the home of whoever serves it, not in the journal's folder.
    Those of a session without a journal do so as long as this process lives.
    The same port is taken again where it is free.

    Parameters
    ----------
    session : Session
        What to label.
    annotators : iterable of str, optional
        Who labels: they see their questions, and answer, undo, flag and note. Default the session's team, or for
        a session of one person, that person, as an expert.
    experts : iterable of str, optional
        Who also reviews answers, adds classes and the like.
    viewers : iterable of str
        Who sees how far the session is, and changes nothing.
    port : int
        Where to listen; 0 for the port of last time, or a free one.
    host : str
        On which address of this machine: "127.0.0.1" is reached from this machine only, "0.0.0.0" from all that reach
        it, which a warning then puts into words.
    address : str, optional
        Under which address people reach it, where that is another one: behind a proxy, or with HTTPS in front.
    new_links : bool
        End all links that were given before, and make other ones.
    tokens : str or Path, optional
        A file with hashes of tokens, as ``alwidgets token`` writes it: who has one comes in with it as with a link, and
        programs call the API with it. It is read again when it changes.
    ml_backend : bool
        Whether a Label Studio may ask the session's model, at `ml_backend_url`: see docs/bridges.md.
    policy : Policy, optional
        When it retrains, brings questions to other tools and tells that it may stop, as long as it is served.

    Raises
    ------
    ImportError
        If tornado is not installed, which comes with ipykernel.
    OSError
        If it cannot listen there, as another program may have the port; or the file of tokens cannot be read.
    ValueError, TypeError
        If a name is none, or two people have the same; the session is closed; a line of the file is not a token.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> session = Session(np.eye(8), classes=["ham", "spam"], learner=GaussianNB())
    >>> page = Page(session, ["ann", "bob"])
    >>> list(page.links)
    ['ann', 'bob']
    >>> page.close()
    """

    def __init__(  # noqa: PLR0913 - one keyword each for what is served, to whom, and where
        self,
        session: Session,
        annotators: Iterable[str] | None = None,
        *,
        experts: Iterable[str] | None = None,
        viewers: Iterable[str] = (),
        port: int = 0,
        host: str = "127.0.0.1",
        address: str | None = None,
        new_links: bool = False,
        tokens: str | Path | BearerTokens | None = None,
        ml_backend: bool = False,
        policy: Policy | None = None,
    ) -> None:
        check_session(session)
        if session.closed:
            raise ValueError("the session is closed; open it again to serve it.")
        self.session = session
        self.people = people_of(session, annotators, experts, viewers)
        self.host = _checked_host(host)
        _check_port(port)
        _check_address(address)
        self._tokens = _opened(tokens)
        _check_policy(policy)
        with _LOCK:
            self._check_listens(port)
            if new_links:
                keys.forget(session.session_id)
            secret = keys.secret_of(session.session_id, kept=session.journal is not None, new=new_links)
            self._has_backend = ml_backend
            self._keys = keys.LinkKeys(secret.value, session.session_id, self.people)
            self._server = self._started(port, secret.port)
            if secret.port != self.port and not secret.problem:
                keys.keep(session.session_id, replace(secret, port=self.port))
            _PAGES[session.session_id] = self
        self._unshare = self._shared()
        self._address = address
        self._unfollow = view_of(session).on_change(self._end_with_session)
        self._orchestrator = None if policy is None else Orchestrator(session, policy)
        # A fit that a restart has ended is begun again, before somebody asks or answers.
        view_of(session).fit_if_due()
        self._warn(secret.problem)

    @property
    def port(self) -> int:
        """Port at which it listens."""
        return self._server.port

    @property
    def url(self) -> str:
        """Address of the page, without a key: nobody can open it by that."""
        return self._address or f"http://{_reachable(self.host)}:{self.port}/"

    @property
    def links(self) -> dict[str, str]:
        """Link of each person: whoever has it labels in that name, so give it to nobody else."""
        return {person.name: self.link(person.name) for person in self.people}

    @property
    def ml_backend_url(self) -> str | None:
        """Address to add to a project of Label Studio as that of a model: whoever has it can ask the model.

        None unless it is served.
        """
        if not self._has_backend:
            return None
        from alwidgets.service import ml_backend

        return self.url.rstrip("/") + ml_backend.path(self.session)

    @property
    def closed(self) -> bool:
        """True once it is served no more."""
        return not self._server.running

    @property
    def open_pages(self) -> dict[str, int]:
        """Number of pages that each person has open now."""
        return {person.name: self._server.site.n_open(person) for person in self.people}

    def link(self, name: str) -> str:
        """Return the link of a person.

        Raises
        ------
        ValueError
            If nobody of this name has one.
        """
        return f"{self.url}?{urlencode({'key': self._keys.of(self._person(name))})}"

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a function, from another thread, when somebody opens or closes the page; return what ends that."""
        return self._server.site.on_change(listener)

    def close(self) -> None:
        """Serve it no more; pages that are open keep what they could not send until it is served again."""
        self._unfollow()
        if self._orchestrator is not None:
            self._orchestrator.close()
        self._unshare()
        self._server.stop()
        self._server.wait()
        with _LOCK:
            if _PAGES.get(self.session.session_id) is self:
                del _PAGES[self.session.session_id]

    def __repr__(self) -> str:
        if self.closed:
            return "Page(closed)"
        names = ", ".join(f"{person.name} ({person.role})" for person in self.people)
        return f"Page({self.url}, {self.reach}, links for {names})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        # The widget that shows a page is above it; it keeps keys out of what is saved with a notebook.
        return import_module("alwidgets.widgets.page_links").PageLinks(self)._repr_mimebundle_(**kwargs)

    @property
    def reach(self) -> str:
        """Reach of the page, in words."""
        return "reached from this machine only" if _is_loopback(self.host) else "reached from other machines"

    def _person(self, name: str) -> Person:
        for person in self.people:
            if person.name == name:
                return person
        known = ", ".join(short_repr(person.name) for person in self.people)
        raise ValueError(f"name is {short_repr(name)}; expected one of {known}.")

    def _check_listens(self, port: int) -> None:
        """Raise unless it can be served there: the page before goes on until this one takes its place."""
        try:
            from alwidgets.service.server import PageServer
        except ImportError:
            raise ImportError('serve() needs tornado; install "alwidgets[page]".') from None
        before = _PAGES.get(self.session.session_id)
        # The port that the page before has itself is free once that is closed.
        shared = before is not None and port == before.port and _overlap(self.host, before.host)
        try:
            PageServer.listening(self.host, 0 if shared else port).close()
        except OSError as error:
            raise self._unheard(port, error) from None

    def _unheard(self, port: int, error: OSError) -> OSError:
        from alwidgets.service.listening import unheard

        return OSError(error.errno, unheard(self.host, port, error))

    def _started(self, port: int, last_port: int) -> PageServer:
        """Start to serve, in the place of the page before."""
        from alwidgets.service import ml_backend
        from alwidgets.service.server import PageServer

        before = _PAGES.get(self.session.session_id)
        if before is not None and port in (0, before.port):
            last_port = before.port
            before.close()
        site, api = self._served()
        routes = ml_backend.routes(self.session) if self._has_backend else ()
        if port == 0 and last_port:
            try:
                return PageServer(site, self.host, last_port, api, routes)
            except OSError:
                # Somebody else has it by now.
                pass
        try:
            server = PageServer(site, self.host, port, api, routes)
        except OSError as error:
            raise self._unheard(port, error) from None
        if before is not None:
            before.close()
        return server

    def _served(self) -> tuple[Site, Api]:
        """Return the page and the API beside it, to be served."""
        from alwidgets.service.api import Api
        from alwidgets.service.session_api import OPERATIONS, SessionService
        from alwidgets.service.site import Site

        ring = Keyring(self._keys, self._tokens, partial(_problem, self.session))
        return Site(self.session, ring), Api(SessionService(self.session), OPERATIONS, ring)

    def _shared(self) -> Callable[[], None]:
        """Give everybody questions of their own, where several people answer without a team; return what ends that."""
        known = self.people if self._tokens is None else (*self.people, *self._tokens.people)
        answering = {person.name for person in known if person.role != "viewer"}
        if self.session.team is not None or len(answering) == 1:
            return lambda: None
        experts = {person.name for person in known if person.role == "expert"}
        return view_of(self.session).share(len(answering), experts)

    def _end_with_session(self) -> None:
        if self.session.closed:
            self._server.stop()

    def _warn(self, problem: str) -> None:
        if not _is_loopback(self.host):
            warnings.warn(
                f"The page listens on {self.host}, port {self.port}: whoever reaches this machine there, and has a "
                "link, sees samples and labels in that name. It is plain HTTP: whoever can listen on the way reads all "
                "of it, the links too. Use it in a network that you trust, or put HTTPS in front; see docs/team.md.",
                UserWarning,
                stacklevel=4,
            )
        if problem:
            warnings.warn(
                f"The secret of the links could not be kept ({problem}): they end with this kernel.",
                UserWarning,
                stacklevel=4,
            )


def _opened(tokens: Any) -> BearerTokens | None:
    """Return the tokens of a file."""
    if tokens is None or isinstance(tokens, BearerTokens):
        return tokens
    if not isinstance(tokens, str | Path):
        raise TypeError(f"tokens is {short_repr(tokens)}; expected the name of a file.")
    return BearerTokens(Path(tokens))


def _problem(session: Session, person: Person) -> str:
    """Return why somebody with a token may not come in; empty where they may."""
    try:
        check_member(None if session.team is None else session.team.members, person)
    except ValueError as error:
        return str(error)
    return ""


def _checked_host(host: Any) -> str:
    if not isinstance(host, str) or not host:
        raise TypeError(f"host is {short_repr(host)}; expected an address of this machine, such as '127.0.0.1'.")
    return host


def _check_port(port: Any) -> None:
    if isinstance(port, bool) or not isinstance(port, int):
        raise TypeError(f"port is {short_repr(port)}; expected a whole number, 0 for a free port.")
    if not 0 <= port < 2**16:
        raise ValueError(f"port is {port}; expected 0 to 65535.")


def _check_policy(policy: Any) -> None:
    if policy is not None and not isinstance(policy, Policy):
        raise TypeError(f"policy is {short_repr(policy)}; expected a Policy, or None.")


def _check_address(address: Any) -> None:
    if address is None:
        return
    if not isinstance(address, str):
        raise TypeError(f"address is {short_repr(address)}; expected the address of a proxy.")
    if not address.startswith(("http://", "https://")) or not address.endswith("/"):
        raise ValueError(f"address is {short_repr(address)}; expected one such as 'https://example.org/page/'.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _overlap(host: str, other: str) -> bool:
    """Return whether a port that is taken at one address of this machine is taken at another one."""
    both = {host, other}
    return host == other or bool(both & {"0.0.0.0", "::"}) or all(map(_is_loopback, both))  # noqa: S104 - only compared


def _reachable(host: str) -> str:
    """Return under which address others reach this machine, where it listens on all that it has."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                # Nothing is sent: it only tells which way one would go out.
                probe.connect(("192.0.2.1", 9))
                return str(probe.getsockname()[0])
            except OSError:
                return socket.gethostname()
    return f"[{host}]" if isinstance(address, ipaddress.IPv6Address) else host
