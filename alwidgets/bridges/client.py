"""Calls of Label Studio's API, with the standard library alone, and its two kinds of token."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from alwidgets.utils.text import sanitize, short_repr, type_name

# Many tasks are brought in one call.
_SECONDS = 180.0
# An access token is renewed so many seconds before it ends; it lives this long where it does not say.
_EARLY, _LIFE = 30.0, 300.0
_JSON = "application/json"
_LEGACY = re.compile(r"[0-9a-fA-F]{40}")
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")
_UNAUTHORIZED, _NOT_FOUND, _FIRST_OF_SERVER = 401, 404, 500


class LabelStudioError(RuntimeError):
    """A call that Label Studio did not do; the session is as it was, and the same call can be made again.

    Parameters
    ----------
    message : str
        What, where, and what to do.
    status : int
        The status of the answer; 0 where none came.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status

    @property
    def may_pass(self) -> bool:
        """True if the server is away or in trouble, so that the same call may do later."""
        return self.status == 0 or self.status >= _FIRST_OF_SERVER


class Client:
    """A Label Studio and the token of one of its users, which nothing shows and no file keeps.

    Parameters
    ----------
    url : str
        Where it is, with what comes before "/api" in the path.
    token : str
        A legacy token (40 hexadecimal digits) or a personal access token, which is exchanged for access tokens.

    Raises
    ------
    ValueError, TypeError
        If one of them cannot be what it should.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = _checked_url(url)
        self._token = _checked_token(token)
        self._is_legacy = "." not in self._token
        self._access, self._renew_at = "", 0.0
        host = urlsplit(self.url).hostname or ""
        # A proxy of the environment knows nothing of this machine. A redirect would carry the token elsewhere.
        proxies = [ProxyHandler({})] if _LOOPBACK.fullmatch(host) else []
        self._opener = build_opener(_NoRedirect, *proxies)
        self._renewing = threading.Lock()

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("this holds a token, which is written to no file; make it again where it is needed.")

    def call(self, method: str, path: str, body: Any = None, *, what: str, of: str = "") -> Any:
        """Return the answer to a call, from JSON; None where it is empty.

        Parameters
        ----------
        method : str
            "GET", "POST", "PATCH" or "DELETE".
        path : str
            From "/api" on.
        body : object, optional
            Sent as JSON.
        what : str
            What fails, as in "Fetching the answers".
        of : str
            What is not there any more where the answer says so, as in "project 3".

        Raises
        ------
        LabelStudioError
            If it was not done.
        """
        data = None if body is None else json.dumps(body).encode("ascii")
        return self._called(method, path, data, _JSON, what, of)

    def send_form(self, path: str, body: bytes, boundary: str, *, what: str) -> Any:
        """Return the answer to a form that is posted, its parts between a boundary; else as `call`."""
        return self._called("POST", path, body, f"multipart/form-data; boundary={boundary}", what, "")

    def _called(self, method: str, path: str, data: bytes | None, kind: str, what: str, of: str) -> Any:
        status, content = self._sent(method, path, data, kind, self._authorization())
        if status == _UNAUTHORIZED and not self._is_legacy:
            # It ended before its time: the server was started anew, or its clock was set.
            self._access = ""
            status, content = self._sent(method, path, data, kind, self._authorization())
        return self._answer(status, content, what, of)

    def _answer(self, status: int, content: bytes, what: str, of: str) -> Any:
        if status == 0:
            raise LabelStudioError(
                f"{what} failed: Label Studio at {self.url} does not answer ({content.decode().rstrip(' .')}). Look "
                "whether it runs and the address is right, and try again."
            )
        if 200 <= status < 300:  # noqa: PLR2004 - done
            if not content:
                return None
            found = _from_json(content)
            if found is None:
                raise LabelStudioError(
                    f"{what} failed: what answers at {self.url} is not Label Studio, or only half of its answer came; "
                    "expected the address of one, such as 'http://localhost:8080'."
                )
            return found
        raise LabelStudioError(self._reason(status, content, what, of), status)

    def _reason(self, status: int, content: bytes, what: str, of: str) -> str:
        answer = _from_json(content)
        if status == _UNAUTHORIZED:
            return (
                f"{what} failed: Label Studio at {self.url} refused the token ({self._said(answer)}). It is wrong, has "
                "ended or was revoked, or its kind is turned off in the organization; copy a new one from Account & "
                "Settings there."
            )
        if 300 <= status < 400:  # noqa: PLR2004 - moved
            return (
                f"{what} failed: {self.url} only leads on to another address; give that one, with https if it has it."
            )
        if status == _NOT_FOUND and of and isinstance(answer, Mapping):
            return (
                f"{what} failed: {of} is not there any more, or the token's user may not see it. The answers that were "
                "fetched stay in the session; LabelStudio(session, url, token) goes on in a new project."
            )
        if answer is None and status == _NOT_FOUND:
            return (
                f"{what} failed: there is no Label Studio at {self.url}; expected its address, such as "
                "'http://localhost:8080'."
            )
        again = " Try again." if status >= _FIRST_OF_SERVER else ""
        return f"{what} failed: Label Studio answered {status} ({self._said(answer)}).{again}"

    @staticmethod
    def _said(answer: Any) -> str:
        """Return the reason in the answer to a failed call."""
        if not isinstance(answer, Mapping):
            return "without a reason"
        parts = [answer.get("detail"), answer.get("validation_errors")]
        return sanitize("; ".join(str(part) for part in parts if part) or "without a reason").rstrip(" .")

    def _without_token(self, text: str) -> str:
        for secret in filter(None, (self._token, self._access)):
            text = text.replace(secret, "***")
        return text

    def _authorization(self) -> str:
        if self._is_legacy:
            return f"Token {self._token}"
        with self._renewing:
            if not self._access or time.monotonic() >= self._renew_at:
                self._renew()
            return f"Bearer {self._access}"

    def _renew(self) -> None:
        what = "Renewing the access token"
        status, content = self._sent(
            "POST", "/api/token/refresh/", json.dumps({"refresh": self._token}).encode(), _JSON, ""
        )
        answer = self._answer(status, content, what, "")
        access = answer.get("access") if isinstance(answer, Mapping) else None
        if not isinstance(access, str):
            raise LabelStudioError(f"{what} failed: what answers at {self.url} is not Label Studio.")
        claims = _claims(access)
        life = claims.get("exp", 0) - claims.get("iat", 0) if claims else 0
        self._access = access
        # By this clock: that of the server may go otherwise.
        self._renew_at = time.monotonic() + (life if life > 0 else _LIFE) - _EARLY

    def _sent(self, method: str, path: str, data: bytes | None, kind: str, authorization: str) -> tuple[int, bytes]:
        """Return status and content of an answer, or 0 and why none came.

        Nothing is raised from here: a traceback may be printed with what its frames hold, which here is the token.
        """
        headers = {"Content-Type": kind, "Accept": _JSON}
        request = Request(self.url + path, data, headers, method=method)  # noqa: S310 - http or https, as checked
        if authorization:
            request.add_unredirected_header("Authorization", authorization)
        try:
            try:
                with self._opener.open(request, timeout=_SECONDS) as answer:
                    return answer.status, answer.read()
            except HTTPError as error:
                with error:
                    return error.code, self._without_token(error.read().decode("utf-8", "replace")).encode()
        except (OSError, HTTPException) as error:
            reason = str(getattr(error, "reason", "") or error) or type(error).__name__
            return 0, sanitize(self._without_token(reason)).encode()


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _from_json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _checked_url(url: Any) -> str:
    expected = "expected the address of Label Studio, such as 'http://localhost:8080'"
    if not isinstance(url, str):
        raise TypeError(f"url is {type_name(url)}; {expected}.")
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        raise ValueError(f"url cannot be read; {expected}.") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"url has a name or a password in it; {expected}, and a token.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"url is {short_repr(url)}; {expected}.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _checked_token(token: Any) -> str:
    """Return a token; what is said of a wrong one is not the token."""
    expected = "expected one from Account & Settings in Label Studio: a personal access token, or a legacy token"
    if not isinstance(token, str):
        raise TypeError(f"token is {type_name(token)}; {expected}.")
    text = token.strip()
    if _LEGACY.fullmatch(text):
        return text
    claims = _claims(text)
    if claims is None:
        raise ValueError(f"token has {len(text)} characters and is of neither kind; {expected}.")
    if claims.get("token_type") == "access":
        raise ValueError(f"token is an access token, which ends within minutes; {expected}.")
    return text


def _claims(token: str) -> dict[str, Any] | None:
    """Return the claims of a signed token (JWT), unverified; None if it is none."""
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():  # noqa: PLR2004 - header, claims, signature
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
