"""Metadata that depends on where the repository lies: addresses of the project, and a README whose links work there.

A package page shows the README away from the repository, where relative links and pictures lead nowhere. The address is
that of the repository that builds a release: of GitHub's workflows, of a source archive that was built there, or the
remote of a clone. Without one, the README has its words alone.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_REMOTE = re.compile(r"(?:https://|ssh://git@|git@)(github\.com)[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?")
_PICTURE = re.compile(r"!\[([^\]]*)\]\((?!\w+:)([^)#]+)\)")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!\w+:|#)([^)]+)\)")


class CustomMetadataHook(MetadataHookInterface):
    """The README and the addresses, as hatchling asks for them."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Put them into the metadata."""
        root = Path(self.root)
        address = address_of(root)
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": readme_at(address, (root / "README.md").read_text(encoding="utf-8")),
        }
        metadata["urls"] = {} if address is None else urls_at(address)


def address_of(root: Path) -> str | None:
    """Return the address of the repository; None where nothing tells it."""
    host, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    if host and name:
        return f"{host}/{name}"
    archive = root / "PKG-INFO"
    if archive.exists():
        found = re.search(r"^Project-URL: Source, (\S+)$", archive.read_text(encoding="utf-8"), flags=re.MULTILINE)
        return found[1] if found else None
    try:
        command = ["git", "-C", str(root), "remote", "get-url", "origin"]
        remote = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    except OSError:
        return None
    found = _REMOTE.fullmatch(remote)
    return f"https://{found[1]}/{found[2]}" if found else None


def urls_at(address: str) -> dict[str, str]:
    """Return what a package page links to."""
    return {
        "Source": address,
        "Documentation": f"{address}/blob/HEAD/docs/overview.md",
        "Changelog": f"{address}/blob/HEAD/CHANGELOG.md",
        "Issues": f"{address}/issues",
    }


def readme_at(address: str | None, text: str) -> str:
    """Return the README with the address before its links and pictures, or without both."""
    if address is None:
        return _LINK.sub(r"\1", _PICTURE.sub("", text))
    pictures = _PICTURE.sub(rf"![\1]({address}/raw/HEAD/\2)", text)
    return _LINK.sub(rf"[\1]({address}/blob/HEAD/\2)", pictures)
