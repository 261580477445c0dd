"""The description of the API in OpenAPI 3.1, made of the table of operations and of hand-written schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable

from inspector import __version__
from inspector.web.operations import Operation
from inspector.web.representation import Json
from inspector.web.schemas import SCHEMAS

EVERY_REFUSAL = (400, 401, 403, 405, 415, 421)
"""What any request may end in: bad input, and the guard's rules."""

PATH_PARAMETER = re.compile(r"\{(\w+)\}")


def description(operations: Iterable[Operation]) -> Json:
    """The OpenAPI document of *operations*."""
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Callback Inspector",
            "version": __version__,
            "description": "Deliveries, endpoints and their secrets, and a stream of what arrives.",
        },
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _operation(operation: Operation) -> Json:
    shape: Json = {
        "operationId": operation.handler.__name__,
        "summary": operation.summary,
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
              for name in PATH_PARAMETER.findall(operation.path)),
            *({"name": parameter.name, "in": "query", "schema": dict(parameter.schema),
               "description": parameter.description}
              for parameter in operation.query),
        ],
        "responses": _responses(operation),
    }  # fmt: skip
    if operation.body:
        shape["requestBody"] = {"content": {"application/json": {"schema": _reference(operation.body)}}}
    return shape


def _responses(operation: Operation) -> Json:
    answered: Json = {"description": operation.summary}
    if operation.answer:
        answered["content"] = {operation.media_type: {"schema": _reference(operation.answer)}}
    refused = {
        "description": "Refused",
        "content": {"application/problem+json": {"schema": _reference("Problem")}},
    }
    too_large = (413,) if operation.body else ()
    refusals = sorted({*EVERY_REFUSAL, *operation.refusals, *too_large})
    return {str(operation.status): answered, **{str(status): refused for status in refusals}}


def _reference(schema: str) -> Json:
    return {"$ref": f"#/components/schemas/{schema}"}
