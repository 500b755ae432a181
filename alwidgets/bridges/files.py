"""Images on this machine, given to Label Studio, which shows only what has an address."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alwidgets.bridges.client import Client


class Uploads:
    """Files given to a project, each once.

    Parameters
    ----------
    client : Client
        Where.
    project : int
        Which project.
    root : str, Path or None
        The folder in which they must lie; None for the working directory.
    """

    def __init__(self, client: Client, project: int, root: str | Path | None) -> None:
        self._client = client
        self._project = project
        self._root = Path(root or ".")
        self._known: dict[str, str] = {}

    def with_addresses(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of a sample with the address of its image over there.

        Raises
        ------
        ValueError
            If there is no such file, or it lies outside of the folder.
        LabelStudioError
            If it cannot be given.
        """
        path = fields.get("image")
        if path is None or urlsplit(path).scheme in ("http", "https", "data", "s3", "gs"):
            return fields
        if path not in self._known:
            self._known[path] = self._given(path)
        return {**fields, "image": self._known[path]}

    def _given(self, path: str) -> str:
        root = self._root.resolve()
        file = (root / path).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            folder = self._root.name or "the working directory"
            raise ValueError(f"there is no file {path!r} in {folder!r}; expected an image in media_root.")
        what = "Giving an image"
        place = f"/api/projects/{self._project}/import?commit_to_project=false"
        boundary = secrets.token_hex(16)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{_named(file)}"\r\n\r\n'
        body = head.encode("ascii") + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode("ascii")
        made = self._client.send_form(place, body, boundary, what=what)
        number = made["file_upload_ids"][0]
        return f"/data/{self._client.call('GET', f'/api/import/file-upload/{number}', what=what)['file']}"


def _named(file: Path) -> str:
    # What the server does with another name is its own affair.
    stem = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in file.stem)
    return f"{stem[:60]}{file.suffix.lower()}"
