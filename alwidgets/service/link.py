"""The link of a person, taken apart: the address of a page, and what opens it, which is shown nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from alwidgets.utils.text import type_name

_EXAMPLE = "expected a link of a page, such as 'http://127.0.0.1:8000/?key=...'"
# What a header can hold.
_WRITTEN = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Link:
    """A link to a page of a session.

    Parameters
    ----------
    address : str
        Of the page, without a key.
    key : str
        Of the person.
    token : str
        Of the Jupyter server in front of the page; empty where there is none.
    """

    address: str
    key: str = field(repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, link: Any) -> Link:
        """Take a link apart.

        Raises
        ------
        TypeError, ValueError
            If it is none. It is not quoted: there may be a key in it.

        Examples
        --------
        >>> Link.of("http://127.0.0.1:8000/?key=secret")
        Link(address='http://127.0.0.1:8000/')
        """
        if not isinstance(link, str):
            raise TypeError(f"link is {type_name(link)}; {_EXAMPLE}.")
        try:
            parts = urlsplit(link.strip())
            # A port that is none raises, and a name before the host may come with a password.
            is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
            is_address = is_address and parts.username is None
        except ValueError:
            is_address = False
        if not is_address:
            raise ValueError(f"link is not the address of a page; {_EXAMPLE}.")
        address = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
        given = parse_qs(parts.query)
        key, token = (given.get(name, [""])[0] for name in ("key", "token"))
        if not key:
            raise ValueError(
                f"link has no key; {_EXAMPLE}. A browser takes the key out of its address line: pass the link as it "
                "was given to you."
            )
        if not all(_WRITTEN.fullmatch(each) for each in (key, token or "-")):
            raise ValueError(f"link has a key or a token with letters that none has; {_EXAMPLE}.")
        return cls(address, key, token)

    @property
    def origin(self) -> str:
        """Origin of the page, as a browser says it."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def headers(self) -> dict[str, str]:
        """Headers of each request; the key is for one of them only."""
        login = {"Authorization": f"token {self.token}"} if self.token else {}
        return {"Origin": self.origin, **login}
