"""The API's deliveries: listing, reading, annotating and deleting what was received."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from inspector.matching.filter import MAX_CHARACTERS
from inspector.models import Delivery
from inspector.web import reading, representation, searching
from inspector.web.context import Context, context_of
from inspector.web.filtering import filter_of
from inspector.web.operations import Operation, Parameter
from inspector.web.problems import JsonAnswer
from inspector.web.stream import open_stream

ENDPOINT = Parameter("endpoint", {"type": "string"}, "Only those of this endpoint, by id or path.")
FILTER = Parameter("q", {"type": "string", "maxLength": MAX_CHARACTERS}, "Only those that this filter means.")
AFTER = Parameter("after", {"type": "integer", "minimum": 0}, "Those with a higher id, oldest first.")
BEFORE = Parameter("before", {"type": "integer", "minimum": 0}, "Those with a lower id, newest first.")
LIMIT = Parameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": reading.MOST_PAGE_ROWS, "default": reading.PAGE_ROWS},
    "How many at most.",
)
PINNED = Parameter("pinned", {"type": "boolean", "default": False}, "Pinned ones too.")


async def list_deliveries(request: Request) -> Response:
    context = context_of(request)
    wanted = reading.listing(request.query_params)
    endpoint_id, where = endpoint_filter(context, request), filter_of(request.query_params)

    def read() -> representation.Json:
        store = context.store
        if wanted.after is not None:
            page = store.after(wanted.after, endpoint_id=endpoint_id, where=where, limit=wanted.limit)
        else:
            page = store.newest(
                endpoint_id=endpoint_id, before=wanted.before, where=where, limit=wanted.limit
            )
        return representation.deliveries_page(page)

    return JsonAnswer(await context.store.reading(read))


async def read_delivery(request: Request) -> Response:
    context = context_of(request)
    number = reading.delivery_id(request.path_params["id"])
    return await _whole(context, lambda: context.store.delivery(number))


async def read_latest(request: Request) -> Response:
    context = context_of(request)
    endpoint_id, where = endpoint_filter(context, request), filter_of(request.query_params)
    if where is not None:
        number = await searching.latest_id(context.store, where, endpoint_id)
        return await _whole(context, lambda: context.store.delivery(number))
    return await _whole(context, lambda: context.store.latest(endpoint_id=endpoint_id))


async def count_deliveries(request: Request) -> Response:
    context = context_of(request)
    endpoint_id, where = endpoint_filter(context, request), filter_of(request.query_params)
    if where is None:
        found, complete = await context.store.reading(context.store.count, endpoint_id=endpoint_id), True
    else:
        counted = await searching.count_meant(context.store, where, endpoint_id)
        found, complete = counted.found, counted.complete
    return JsonAnswer({"count": found, "complete": complete})


async def download_body(request: Request) -> Response:
    """The body as it came, but never as a document: a stranger sent it, and it would run as ours."""
    number = reading.delivery_id(request.path_params["id"])
    store = context_of(request).store
    body = await store.reading(store.body, number)
    headers = {
        "Content-Disposition": f'attachment; filename="delivery-{number}.bin"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(body, headers=headers, media_type="application/octet-stream")


async def annotate_delivery(request: Request) -> Response:
    number = reading.delivery_id(request.path_params["id"])
    note, pinned = reading.delivery_changes(reading.json_object(await request.body()))
    summary = await context_of(request).store.annotate(number, note=note, pinned=pinned)
    return JsonAnswer(representation.delivery_summary(summary))


async def delete_delivery(request: Request) -> Response:
    await context_of(request).store.delete(reading.delivery_id(request.path_params["id"]))
    return Response(status_code=204)


async def delete_deliveries(request: Request) -> Response:
    context = context_of(request)
    pinned = reading.flag(request.query_params, "pinned")
    endpoint_id, where = endpoint_filter(context, request), filter_of(request.query_params)
    deleted = await context.store.delete_many(endpoint_id=endpoint_id, where=where, pinned=pinned)
    return JsonAnswer({"deleted": deleted})


async def stream_deliveries(request: Request) -> Response:
    context = context_of(request)
    return open_stream(
        context.hub,
        endpoint_id=endpoint_filter(context, request),
        where=filter_of(request.query_params),
        after=reading.cursor(request.query_params),
        last_event_id=request.headers.get("last-event-id"),
    )


def endpoint_filter(context: Context, request: Request) -> str | None:
    """The id of the endpoint that parameter ``endpoint`` names, by id or path; None without one."""
    named = request.query_params.get("endpoint")
    return None if named is None else context.store.endpoint(named).id


async def _whole(context: Context, find: Callable[[], Delivery]) -> Response:
    # Decoding and encoding up to a mebibyte takes long enough to belong in the reading thread too.
    return Response(
        await context.store.reading(lambda: representation.json_bytes(representation.whole_delivery(find()))),
        media_type="application/json",
    )


OPERATIONS = (
    Operation(
        "GET",
        "/api/deliveries",
        list_deliveries,
        "List deliveries, newest first, or oldest first with after",
        answer="Deliveries",
        query=(ENDPOINT, FILTER, LIMIT, BEFORE, AFTER),
        refusals=(404,),
    ),
    Operation(
        "DELETE",
        "/api/deliveries",
        delete_deliveries,
        "Delete all deliveries, those of one endpoint, or those that a filter means",
        answer="Deleted",
        query=(ENDPOINT, FILTER, PINNED),
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/api/deliveries/latest",
        read_latest,
        "The newest delivery, whole",
        answer="Delivery",
        query=(ENDPOINT, FILTER),
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/api/deliveries/count",
        count_deliveries,
        "How many deliveries there are; at least so many when there was no time to look at all of them",
        answer="Count",
        query=(ENDPOINT, FILTER),
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/api/deliveries/{id}",
        read_delivery,
        "One delivery, whole",
        answer="Delivery",
        refusals=(404,),
    ),
    Operation(
        "PATCH",
        "/api/deliveries/{id}",
        annotate_delivery,
        "Set a delivery's note, or pin it",
        answer="DeliverySummary",
        body="DeliveryChanges",
        refusals=(404,),
    ),
    Operation(
        "DELETE", "/api/deliveries/{id}", delete_delivery, "Delete one delivery", status=204, refusals=(404,)
    ),
    Operation(
        "GET",
        "/api/deliveries/{id}/body",
        download_body,
        "The body's bytes as received, as a download",
        answer="Bytes",
        media_type="application/octet-stream",
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/api/stream",
        stream_deliveries,
        "Follow deliveries as server-sent events: hello, delivery, update, deleted, malformed, reset, bye",
        answer="Events",
        query=(ENDPOINT, FILTER, AFTER),
        media_type="text/event-stream",
        refusals=(404, 503),
    ),
)
