"""The OpenAPI document: every address is in it, and what comes back is what it says."""

import re

import jsonschema
import numpy as np
import pytest

from alwidgets.service import schemas
from alwidgets.service.openapi import document
from alwidgets.service.operations import JSON
from alwidgets.service.session_api import OPERATIONS
from tests.service.test_api_limits import npy
from tests.service.visitor import ask


@pytest.fixture
def page(make_session, serve, blobs):
    session = make_session()
    session.run(blobs[1], 8)
    return serve(session, experts=["eve"], viewers=["vic"])


def test_the_document_has_every_address_of_the_server_that_is_not_the_pages_own(page):
    found = ask(f"{page.url}openapi.json").json()
    assert found["openapi"] == "3.1.0"
    routes = {path.replace("\\", "") for path, _, _ in page._server.routes}
    assert routes - set(found["paths"]) == {"/", "/enter", "/talk", "/plotly.js", r"/([w]+.(?:js|css))"}
    named = [operation["operationId"] for path in found["paths"].values() for operation in path.values()]
    assert len(set(named)) == len(named) == len(OPERATIONS)


def test_its_schemas_are_schemas_and_its_references_lead_somewhere():
    found = document("x", OPERATIONS)
    known = found["components"]["schemas"]
    for schema in known.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert {f"#/components/schemas/{name}" for name in known} == set(re.findall(r"'\$ref': '([^']+)'", str(found)))
    for path in found["paths"].values():
        for operation in path.values():
            replies = [*operation["responses"].values(), operation.get("requestBody", {})]
            for described in [content for reply in replies for content in reply.get("content", {}).values()]:
                jsonschema.Draft202012Validator.check_schema(described["schema"])


CALLS = {
    "give_answer": {"event_id": "e1", "item": 3, "label": "left"},
    "undo": {"event_id": "u1"},
    "ask_only": {"event_id": "o1", "items": [60, 61.0]},
    "predict": {"samples": [[1, 2, 3, 4]]},
    "predict_array": npy(np.ones((2, 4))),
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_replies_are_as_it_says(page, caller, operation):
    who = caller(page, "eve")
    given = {"Content-Type": operation.takes}
    reply = who.call(operation.method, operation.path, CALLS.get(operation.name), **given)
    assert reply.status == 200
    kind = reply.headers["Content-Type"].partition(";")[0]
    assert kind == operation.gives
    if kind == "application/json":
        jsonschema.validate(reply.json(), operation.returns)
    who.key = "wrong"
    denied = who.call(operation.method, operation.path, CALLS.get(operation.name), **given)
    assert denied.status == (401 if operation.roles else 200)
    assert denied.status in (200, *operation.statuses)


VALUES = [
    None, True, 3, 3.0, 3.5, -1, 10**20, "", "left", "x" * 300, [], [1, 2], [1, None], [None, "a"], {}, {"samples": []},
    {"samples": [[1, 2.5, None]]}, {"samples": ["a", "b"]}, {"samples": [{"a": 1}]}, {"samples": [{"a": [1]}]},
    {"samples": [[]]}, {"samples": [True]}, {"samples": [["1"]], "more": 1},
    {"event_id": "e", "item": 3, "label": "left"}, {"event_id": "e", "item": 3.0, "label": ["left", 1, True]},
    {"event_id": "e", "item": -1, "label": None}, {"event_id": "", "item": 1, "label": 1.5},
    {"event_id": "e", "item": 3, "label": [[1]]}, {"event_id": "e", "item": 3, "label": None, "session": None},
    {"event_id": "e", "item": 3, "label": None, "session": 3, "as_of": 1.5},
    {"event_id": "e", "items": [3, 4.0]}, {"event_id": "e", "items": None}, {"event_id": "e", "items": []},
    {"event_id": "e", "items": [-1]}, {"event_id": "e", "items": [True]}, {"event_id": "e"},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_is_checked_is_what_json_schema_says(value):
    for schema in [operation.body for operation in OPERATIONS if operation.body and operation.takes == JSON]:
        expected = jsonschema.Draft202012Validator(schema).is_valid(value)
        try:
            schemas.check(value, schema)
            found = True
        except schemas.SchemaError:
            found = False
        assert found == expected
