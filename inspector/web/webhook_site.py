"""The addresses of webhook.site, so that tests written against it need another base URL and nothing else.

Its tokens are endpoints, its requests deliveries; ``token_callbacks`` receives what is sent to a token here.
Source: the pages "Tokens" and "Requests" of its API documentation. Parameters and fields that mean nothing
here are ignored, as there; those that would change what happens are refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inspector.content.views import body_part
from inspector.errors import InvalidInput, NotFound
from inspector.models import Delivery, Endpoint
from inspector.receive.replies import FIELD_VALUE
from inspector.receive.tokens import is_token
from inspector.store import Store
from inspector.web import reading, token_shapes
from inspector.web.context import context_of
from inspector.web.problems import JsonAnswer
from inspector.web.representation import Json, json_bytes
from inspector.web.token_search import deliveries, find_ids, read_search, request_shape

PAGE_ROWS = 50
MOST_PAGE_ROWS = 100
LATEST = "latest"

DELETED_AT_ONCE = 256

HARMLESS = {"Content-Security-Policy": "sandbox; default-src 'none'"}
"""Goes with the bytes of strangers, which must not run as ours."""


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of a list, counted from 1."""

    number: int
    rows: int

    @property
    def skipped(self) -> int:
        return (self.number - 1) * self.rows


# Tokens


async def create_token(request: Request) -> Response:
    context = context_of(request)
    values = reading.json_object(await request.body())
    created = await context.store.create_endpoint(token_shapes.new_token(values))
    return JsonAnswer(token_shapes.token(created, None))


async def list_tokens(request: Request) -> Response:
    context, query = context_of(request), request.query_params
    paging = _paging(query)
    tokens = sorted(
        filter(is_token, context.store.endpoints()),
        key=lambda token: token.id if query.get("order_by") == "token_id" else token.created_at.isoformat(),
        reverse=query.get("order_direction") == "desc",
    )
    shown = tokens[paging.skipped : paging.skipped + paging.rows]
    data = await context.store.reading(_tokens, context.store, shown)
    address = f"{context.addresses.inspector_url}token"
    last = max(1, -(-len(tokens) // paging.rows))

    def page(number: int) -> str | None:
        return f"{address}?{urlencode({**query, 'page': number})}" if 1 <= number <= last else None

    return JsonAnswer(
        {
            "current_page": paging.number,
            "data": data,
            "first_page_url": page(1),
            "from": paging.skipped + 1 if shown else None,
            "last_page": last,
            "last_page_url": page(last),
            "next_page_url": page(paging.number + 1),
            "path": address,
            "per_page": paging.rows,
            "prev_page_url": page(paging.number - 1),
            "to": paging.skipped + len(shown) if shown else None,
            "total": len(tokens),
        }
    )


async def read_token(request: Request) -> Response:
    context = context_of(request)
    [token] = await context.store.reading(_tokens, context.store, [_token(request)])
    return JsonAnswer(token)


async def change_token(request: Request) -> Response:
    context = context_of(request)
    values = reading.json_object(await request.body())
    await context.store.replace_endpoint(token_shapes.changed_token(values, _token(request)))
    return await read_token(request)


async def toggle_cors(request: Request) -> Response:
    """Lets pages of other origins call the token on the callback port, or no longer."""
    context, token = context_of(request), _token(request)
    await context.store.replace_endpoint(replace(token, cors=not token.cors))
    return JsonAnswer({"enabled": not token.cors})


async def delete_token(request: Request) -> Response:
    """Removes the token with its requests; pinned ones stay."""
    store, token = context_of(request).store, _token(request)
    await store.delete_many(endpoint_id=token.id)
    await store.delete_endpoint(token.id)
    return Response(status_code=204)


# Requests


async def list_requests(request: Request) -> Response:
    context, token = context_of(request), _token(request)
    paging, search = _paging(request.query_params), read_search(request.query_params)
    found = await find_ids(context, token, search)
    if request.query_params.get("sorting") == "newest":
        found.reverse()
    ids = found[paging.skipped : paging.skipped + paging.rows]

    def shown() -> bytes:
        data = [request_shape(context, delivery) for delivery in deliveries(context.store, ids)]
        return json_bytes(
            {
                "data": data,
                "total": len(found),
                "per_page": paging.rows,
                "current_page": paging.number,
                "is_last_page": paging.skipped + paging.rows >= len(found),
                "from": paging.skipped + 1,
                "to": paging.skipped + len(data),
            }
        )

    return Response(await context.store.reading(shown), media_type="application/json")


async def read_request(request: Request) -> Response:
    context = context_of(request)
    delivery = await _delivery(request)
    return JsonAnswer(await context.store.reading(request_shape, context, delivery))


async def read_raw(request: Request) -> Response:
    """The body with the sender's content type; a browser that asks on a page's behalf only downloads it."""
    delivery = await _delivery(request)
    return _bytes(request, delivery.request.body, delivery.request.content_type)


async def download_file(request: Request) -> Response:
    delivery = await _delivery(request)
    number = reading.part_number(request.path_params["file"])
    found = await context_of(request).store.reading(body_part, delivery.request, number)
    if found is None:
        raise NotFound("There is no file with that id.")
    part, content = found
    return _bytes(request, content, part.content_type)


async def write_note(request: Request) -> Response:
    delivery = await _delivery(request)
    values = reading.json_object(await request.body())
    note, _ = reading.delivery_changes({"note": values.get("note") or ""})
    await context_of(request).store.annotate(delivery.id, note=note)
    return await read_request(request)


async def delete_request(request: Request) -> Response:
    delivery = await _delivery(request)
    await context_of(request).store.delete(delivery.id)
    return JsonAnswer({"status": True})


async def delete_requests(request: Request) -> Response:
    """Removes the requests that are meant, or all; pinned ones stay."""
    context, token = context_of(request), _token(request)
    search = read_search(request.query_params)
    if search.is_empty:
        await context.store.delete_many(endpoint_id=token.id)
        return JsonAnswer({"status": True})
    ids = await find_ids(context, token, search, pinned=False)
    for at in range(0, len(ids), DELETED_AT_ONCE):
        some = map(context.store.delete, ids[at : at + DELETED_AT_ONCE])
        for failure in await asyncio.gather(*some, return_exceptions=True):
            if isinstance(failure, BaseException) and not isinstance(failure, NotFound):
                raise failure
    return JsonAnswer({"status": True})


def routes() -> list[Route]:
    """The routes of webhook.site's API."""
    return [
        Route("/token", create_token, methods=["POST"]),
        Route("/token", list_tokens),
        Route("/token/{token}", read_token),
        Route("/token/{token}", change_token, methods=["PUT"]),
        Route("/token/{token}", delete_token, methods=["DELETE"]),
        Route("/token/{token}/cors/toggle", toggle_cors, methods=["PUT"]),
        Route("/token/{token}/requests", list_requests),
        Route("/token/{token}/requests/{request}", write_note, methods=["PUT"]),
        Route("/token/{token}/request", delete_requests, methods=["DELETE"]),
        Route("/token/{token}/request/{request}", read_request),
        Route("/token/{token}/request/{request}", delete_request, methods=["DELETE"]),
        Route("/token/{token}/request/{request}/raw", read_raw),
        Route("/token/{token}/request/{request}/download/{file}", download_file),
    ]


# What a request names


def _token(request: Request) -> Endpoint:
    name = request.path_params["token"]
    try:
        endpoint = context_of(request).store.endpoint(name)
    except NotFound:
        endpoint = None
    if endpoint is None or endpoint.id != name or not is_token(endpoint):
        raise NotFound(f"There is no token {name}.")
    return endpoint


async def _delivery(request: Request) -> Delivery:
    """The delivery that the address names: a token's request by its id, or the ``latest``."""
    store, token, name = context_of(request).store, _token(request), request.path_params["request"]
    if name == LATEST:
        return await store.reading(store.latest, endpoint_id=token.id)
    number = token_shapes.delivery_id(name)
    if number is not None:
        with suppress(NotFound):
            delivery = await store.reading(store.delivery, number)
            if delivery.endpoint_id == token.id:
                return delivery
    raise NotFound(f"There is no request {name} to this token.")


def _paging(query: Mapping[str, str]) -> Paging:
    numbers = {}
    for name, default in (("page", 1), ("per_page", PAGE_ROWS)):
        text = query.get(name) or str(default)
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise InvalidInput.of(name, "must be a whole number")
        numbers[name] = max(1, int(text))
    return Paging(numbers["page"], min(numbers["per_page"], MOST_PAGE_ROWS))


def _tokens(store: Store, tokens: list[Endpoint]) -> list[Json]:
    activity = store.activity()
    latest = {token.id: store.newest(endpoint_id=token.id, limit=1).rows for token in tokens}
    return [
        token_shapes.token(
            token, activity.get(token.id), latest[token.id][0].id if latest[token.id] else None
        )
        for token in tokens
    ]


def _bytes(request: Request, content: bytes, content_type: str | None) -> Response:
    """*content* as a stranger sent it, unless a page wants to use it: as a script, it would be ours.

    Nor is a type that no header can say handed on.
    """
    declared = content_type or "text/plain"
    used = request.headers.get("sec-fetch-dest", "document") != "document"
    if used or not FIELD_VALUE.fullmatch(declared):
        declared = "application/octet-stream"
    return Response(content, headers={**HARMLESS, "Content-Type": declared})
