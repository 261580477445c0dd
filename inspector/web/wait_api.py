"""The API's wait: an answer that comes when enough deliveries have, for tests and scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from inspector.errors import NotFound
from inspector.store import Store
from inspector.web import reading, representation, waiting
from inspector.web.context import context_of
from inspector.web.deliveries_api import AFTER, ENDPOINT, FILTER, endpoint_filter
from inspector.web.filtering import filter_of
from inspector.web.operations import Operation, Parameter
from inspector.web.problems import problem
from inspector.web.stream import RETRY_AFTER_SECONDS, Hub
from inspector.web.waiting import Stopped, Wait, Wanted

COUNT = Parameter(
    "count",
    {"type": "integer", "minimum": 1, "maximum": reading.MOST_PAGE_ROWS, "default": 1},
    "How many have to come.",
)
TIMEOUT = Parameter(
    "timeout",
    {
        "type": "number",
        "minimum": 0,
        "maximum": reading.LONGEST_WAIT_SECONDS,
        "default": reading.WAIT_SECONDS,
    },
    "For how many seconds; 0 asks once.",
)


async def wait_for_deliveries(request: Request) -> Response:
    context, query = context_of(request), request.query_params
    count, after, seconds = reading.wait(query)
    wanted = Wanted(endpoint_filter(context, request), filter_of(query), count, after, seconds)
    hub, most = context.hub, context.settings.limits.waits
    if hub.open_waits >= most:
        return _too_many(most)
    hub.open_waits += 1
    try:
        found = await _while_connected(request, hub, wanted)
    except Stopped:
        return problem(503, "stopping", "The server is stopping.", headers=RETRY_LATER)
    finally:
        hub.open_waits -= 1
    if found is None:
        return await _timed_out(context.store, wanted)
    pieces = _awaited(context.store, found)
    return StreamingResponse(pieces, media_type="application/json")


async def _while_connected(request: Request, hub: Hub, wanted: Wanted) -> list[int] | None:
    """What the wait finds. Whoever asked may go away meanwhile, and gives up a place by that."""
    search = asyncio.ensure_future(Wait(hub, wanted).run())
    gone = asyncio.ensure_future(_disconnected(request))
    both = (search, gone)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not search.done():
            raise ClientDisconnect
        return search.result()
    finally:
        for each in both:
            each.cancel()
        await asyncio.wait(both)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _awaited(store: Store, ids: Sequence[int]) -> AsyncIterator[bytes]:
    """The answer, delivery by delivery: together they may be longer than should be held in memory."""
    yield b'{"deliveries":['
    first = True
    for number in ids:
        try:
            content = await store.reading(_whole, store, number)
        except NotFound:  # deleted a moment ago
            continue
        yield content if first else b"," + content
        first = False
    yield b'],"cursor":%d}' % ids[-1]


def _whole(store: Store, number: int) -> bytes:
    return representation.json_bytes(representation.whole_delivery(store.delivery(number)))


async def _timed_out(store: Store, wanted: Wanted) -> Response:
    missed = await waiting.missed(store, wanted)
    came = f"{missed.received:,} came" if missed.received else "nothing came"
    meant = "that the filter means " if wanted.where is not None else ""
    what = f"{wanted.count:,} deliveries {meant}were" if wanted.count > 1 else f"a delivery {meant}was"
    return problem(
        404,
        "wait-timeout",
        f"For {wanted.seconds:g} s {what} waited for; after #{wanted.after} {came} all in all.",
        facts={
            "received": missed.received,
            "nearest": [representation.near_miss(miss) for miss in missed.nearest],
        },
    )


RETRY_LATER = {"Retry-After": str(RETRY_AFTER_SECONDS)}


def _too_many(limit: int) -> Response:
    return problem(
        503,
        "too-many-waits",
        f"{limit} requests wait already, the most that this inspector serves.",
        headers=RETRY_LATER,
    )


OPERATIONS = (
    Operation(
        "GET",
        "/api/wait",
        wait_for_deliveries,
        "Wait for deliveries after an id: the first that fit, oldest first, whether they came before or come",
        answer="Awaited",
        query=(ENDPOINT, FILTER, COUNT, AFTER, TIMEOUT),
        refusals=(404, 503),
    ),
)
