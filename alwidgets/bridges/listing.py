"""Tasks of a project of Label Studio, listed and deleted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from alwidgets.bridges.client import Client
from alwidgets.io.records import iso

# Tasks that are listed in one call, and those that are named in an address.
_PAGE, _CHOSEN = 1000, 200
# Of tasks and of the answers in them: all that is read, since the server takes thrice as long for the rest. Tasks have
# a prediction for each order that they were in, which alone would be half of it.
_READ = (
    "id,data,annotations,updated_at,overlap,is_labeled,result,completed_by,was_cancelled,lead_time,parent_prediction"
)
_COUNTS = ("total_annotations", "cancelled_annotations")


def changed_since(client: Client, project: int, since: float) -> list[dict[str, Any]]:
    """Return the tasks that changed since a moment, with their answers."""
    what, of = f"Fetching the answers of project {project}", f"project {project}"
    tasks: list[dict[str, Any]] = []
    while True:
        # Page by page by number: what changes meanwhile moves none to a page that was read already.
        after = tasks[-1]["id"] if tasks else 0
        query = _filters(
            ("updated_at", "greater", "Datetime", iso(max(since, 0.0))), ("id", "greater", "Number", after)
        )
        place = f"project={project}&page_size={_PAGE}&query={quote(json.dumps(query))}"
        page = client.call("GET", f"/api/tasks/?fields=all&include={_READ}&{place}", what=what, of=of)["tasks"]
        tasks += page
        if len(page) < _PAGE:
            return tasks


def chosen(client: Client, project: int, numbers: Sequence[int], fields: str, what: str) -> list[dict[str, Any]]:
    """Return some tasks by their numbers, those that are still there, with some fields."""
    found: list[dict[str, Any]] = []
    for begin in range(0, len(numbers), _CHOSEN):
        some = list(numbers[begin : begin + _CHOSEN])
        query = quote(json.dumps({"selectedItems": {"all": False, "included": some}}))
        place = f"fields=all&include={fields}&project={project}&page_size={len(some)}&query={query}"
        found += client.call("GET", f"/api/tasks/?{place}", what=what, of=f"project {project}")["tasks"]
    return found


def add_shown(client: Client, project: int, listed: Sequence[dict[str, Any]]) -> None:
    """Add the predictions to those of some tasks in which somebody took or changed one."""
    led = {
        task["id"]: task
        for task in listed
        if any(annotation.get("parent_prediction") for annotation in task["annotations"])
    }
    for each in chosen(client, project, list(led), "id,predictions,result", "Fetching what was suggested"):
        led[each["id"]]["predictions"] = each["predictions"]


def deleted(client: Client, project: int, numbers: Sequence[int]) -> tuple[list[int], list[int]]:
    """Delete those of some tasks that nobody has begun to answer; return these, and those that were gone before."""
    what = "Withdrawing tasks"
    listed = chosen(client, project, numbers, "id,drafts,annotations", what)
    free = [each["id"] for each in listed if not each["drafts"] and not each["annotations"]]
    if free:
        # One that is answered in between stays: the server looks once more.
        unanswered = _filters(*((name, "equal", "Number", 0) for name in _COUNTS))
        body = {**unanswered, "selectedItems": {"all": False, "included": free}}
        place = f"/api/dm/actions?id=delete_tasks&project={project}"
        client.call("POST", place, body, what=what, of=f"project {project}")
    return free, list(set(numbers) - {each["id"] for each in listed})


def _filters(*given: tuple[str, str, str, Any]) -> dict[str, Any]:
    """Return a filter of the tasks of which all of (field, operator, type, value) hold."""
    items = [
        {"filter": f"filter:tasks:{name}", "operator": operator, "type": kind, "value": value}
        for name, operator, kind, value in given
    ]
    return {"filters": {"conjunction": "and", "items": items}}
