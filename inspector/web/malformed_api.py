"""The API's malformed requests: what came to a listener and was no HTTP request."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from inspector.web import reading, representation
from inspector.web.context import context_of
from inspector.web.deliveries_api import BEFORE, LIMIT
from inspector.web.operations import Operation
from inspector.web.problems import JsonAnswer


async def list_malformed(request: Request) -> Response:
    store = context_of(request).store
    wanted = reading.listing(request.query_params)

    def read() -> bytes:
        page = store.malformed(before=wanted.before, limit=wanted.limit)
        return representation.json_bytes(representation.malformed_page(page, store.malformed_total()))

    return Response(await store.reading(read), media_type="application/json")


async def read_malformed(request: Request) -> Response:
    store = context_of(request).store
    number = reading.malformed_id(request.path_params["id"])
    return JsonAnswer(representation.malformed(await store.reading(store.one_malformed, number)))


async def delete_malformed(request: Request) -> Response:
    return JsonAnswer({"deleted": await context_of(request).store.clear_malformed()})


OPERATIONS = (
    Operation(
        "GET",
        "/api/malformed",
        list_malformed,
        "List what came and was no HTTP request, newest first; a page of large ones is shorter",
        answer="MalformedList",
        query=(LIMIT, BEFORE),
    ),
    Operation(
        "DELETE", "/api/malformed", delete_malformed, "Delete all malformed requests", answer="Deleted"
    ),
    Operation(
        "GET",
        "/api/malformed/{id}",
        read_malformed,
        "One malformed request",
        answer="Malformed",
        refusals=(404,),
    ),
)
