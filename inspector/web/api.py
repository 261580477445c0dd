"""The API as one table of operations, and the description that is made of it."""

from __future__ import annotations

from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inspector.web import (
    archive_api,
    deliveries_api,
    diagnosis_api,
    endpoints_api,
    malformed_api,
    replies_api,
    service_api,
    trials_api,
    wait_api,
)
from inspector.web.openapi import description
from inspector.web.operations import Operation, routes_of
from inspector.web.representation import json_bytes


async def openapi(_request: Request) -> Response:
    return Response(_description(), media_type="application/json")


OPERATIONS: tuple[Operation, ...] = (
    *deliveries_api.OPERATIONS,
    *archive_api.OPERATIONS,
    *trials_api.OPERATIONS,
    *diagnosis_api.OPERATIONS,
    *endpoints_api.OPERATIONS,
    *replies_api.OPERATIONS,
    *wait_api.OPERATIONS,
    *malformed_api.OPERATIONS,
    *service_api.OPERATIONS,
    Operation("GET", "/api/openapi.json", openapi, "This description", answer="Description"),
)


def routes() -> list[Route]:
    """The routes of the whole API."""
    return routes_of(OPERATIONS)


@cache
def _description() -> bytes:
    return json_bytes(description(OPERATIONS))
