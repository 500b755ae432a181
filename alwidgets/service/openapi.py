"""OpenAPI document of some operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import alwidgets
from alwidgets.service.operations import ERRORS, JSON, Operation
from alwidgets.service.schemas import Schema

ERROR: Schema = {
    "type": "object",
    "title": "Problem",
    "properties": {
        "status": {"type": "integer", "description": "The status of the reply."},
        "error": {"type": "string", "description": "What is wrong, in a sentence."},
    },
    "required": ["status", "error"],
    "additionalProperties": False,
}


def document(title: str, operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    named: dict[str, Any] = {"Problem": ERROR}
    found = _with_names(paths, named)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": alwidgets.__version__,
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "paths": found,
        "components": {
            "schemas": named,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": _description(operation),
        "security": [{"token": []}] if operation.roles else [],
        "responses": {
            "200": {
                "description": "Done.",
                "content": {operation.gives: {"schema": operation.returns}},
            },
            **{str(status): _problem(status) for status in operation.statuses},
        },
    }
    if operation.query:
        found["parameters"] = [_parameter(name, schema) for name, schema in operation.query.items()]
    if operation.body is not None:
        found["requestBody"] = {"required": True, "content": {operation.takes: {"schema": operation.body}}}
    return found


def _description(operation: Operation) -> str:
    who = f"For the roles {', '.join(operation.roles)}." if operation.roles else "For anybody, without a token."
    return f"{operation.description} {who}".strip()


def _parameter(name: str, schema: Schema) -> Mapping[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _problem(status: int) -> dict[str, Any]:
    return {"description": ERRORS[status], "content": {JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _with_names(part: Any, named: dict[str, Any]) -> Any:
    """Return a part of the document with a reference in the place of each schema that has a title."""
    if isinstance(part, list):
        return [_with_names(each, named) for each in part]
    if not isinstance(part, dict):
        return part
    inside = {key: _with_names(each, named) for key, each in part.items()}
    title = part.get("title")
    if not isinstance(title, str):
        return inside
    named[title] = inside
    return {"$ref": f"#/components/schemas/{title}"}
