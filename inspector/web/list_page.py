"""The list's pages: all deliveries, those of an endpoint or a filter; first steps; deleting what is listed.

Scripts ask for a part of a page: of a list that they have already, only the delivery beside it or only the
numbers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inspector.models import Delivery
from inspector.store import Count
from inspector.web import searching, window, wording
from inspector.web.context import Context, context_of
from inspector.web.detail import TABS
from inspector.web.first_steps import FirstSteps, first_steps
from inspector.web.frame import frame
from inspector.web.listing import Listing, Row
from inspector.web.place import Place, read_place
from inspector.web.representation import callback_url
from inspector.web.templating import render

Data = dict[str, object]

PART_HEADER = "x-page-part"
"""What scripts ask for: ``list``, ``detail``, ``fold`` (one row, unfolded), ``numbers``. Else it is all."""


async def deliveries(request: Request) -> Response:
    """The list alone, or the first steps while nothing has come."""
    context, place = context_of(request), place_of(request)
    name, data, fault = await context.store.reading(_page, context, place, request)
    # Whoever is still typing a filter has made no mistake: the answer to scripts is an ordinary one.
    return render(request, name, data, 400 if fault and PART_HEADER not in request.headers else 200)


async def ask_to_delete(request: Request) -> Response:
    """Says how many deliveries a deletion would remove, and how many are pinned. Raises InvalidFilter."""
    context, place = context_of(request), place_of(request)
    all_of_it = await _count(context, place)
    pinned = await _count(context, replace(place, q=f"{place.q} pinned:yes"))
    data = {
        "frame": await context.store.reading(frame, context, "deliveries", place, place.list_url()),
        "place": place,
        "number": all_of_it.found - pinned.found,
        "at_least": not all_of_it.complete,
        "pinned": pinned.found,
    }
    return render(request, "delete.html", data)


async def delete_listed(request: Request) -> Response:
    """Deletes what the place means: pinned ones only when the form says so."""
    context, place = context_of(request), place_of(request)
    form = await request.form()
    await context.store.delete_many(
        endpoint_id=place.endpoint_id,
        where=window.wanted(place, datetime.now(UTC)) or None,
        pinned=form.get("pinned") == "on",
    )
    return RedirectResponse(place.list_url(), 303)


def routes() -> list[Route]:
    """The routes of the list's pages."""
    return [
        Route("/", deliveries),
        Route("/delete", ask_to_delete),
        Route("/delete", delete_listed, methods=["POST"]),
    ]


def place_of(request: Request) -> Place:
    """Where the query string says one is. Raises NotFound for an endpoint that does not exist."""
    return read_place(context_of(request).store, request.query_params, TABS)


def around(context: Context, place: Place, request: Request, shown: Delivery | None = None) -> Data:
    """What stands around a delivery: the frame, and the list with its filter. Reads the database."""
    now, part = datetime.now(UTC), request.headers.get(PART_HEADER, "")
    query = request.url.query
    address = f"{request.url.path}?{query}" if query else request.url.path
    data: Data = {
        "frame": frame(context, "deliveries", place, address, with_arrivals=part not in ("detail", "fold")),
        "place": place,
        "blank": Row(),
        "verdicts": wording.VERDICTS,
        "list": Listing(),
        "found": window.Found(0, 0),
    }
    if part == "fold":
        data["list"] = window.read_fold(context.store, place, now)
    elif part != "detail":
        data["found"] = window.read_found(context.store, place, now)
    if part in ("", "list"):
        data["list"] = window.read_window(context.store, place, now, shown)
    return data


async def _count(context: Context, place: Place) -> Count:
    where = window.wanted(place, datetime.now(UTC))
    if where:
        return await searching.count_meant(context.store, where, place.endpoint_id)
    number = await context.store.reading(context.store.count, endpoint_id=place.endpoint_id)
    return Count(number, 0, complete=True)


def _page(context: Context, place: Place, request: Request) -> tuple[str, Data, str]:
    """The template, what it shows, and what is wrong with the filter."""
    data = {**around(context, place, request), "detail": None}
    found = data["found"]
    assert isinstance(found, window.Found)
    if request.headers.get(PART_HEADER, "") in ("", "list") and not found.of and not found.fault:
        return "start.html", {**data, "steps": _first_steps(context, place)}, ""
    return "deliveries.html", data, found.fault


def _first_steps(context: Context, place: Place) -> FirstSteps:
    store, settings = context.store, context.settings
    endpoint = place.endpoint or store.endpoint("/")
    return first_steps(
        endpoint,
        callback_url(endpoint, context.shown),
        f"http://localhost:{context.addresses.callback_port}{endpoint.path}",
        store.secrets.infos(endpoint.id),
        store.secrets.usable(endpoint.id),
        settings.secret_env,
        context.addresses.callback_port,
    )
