"""The pages: deliveries as a list with one of them beside it, first steps, the theme.

Everything works without scripts, by links and form posts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inspector import signing
from inspector.errors import InvalidInput, NotFound
from inspector.models import Delivery, Endpoint
from inspector.receive.receiver import message_of
from inspector.web import detail, endpoint_pages, reading
from inspector.web.context import Context, context_of
from inspector.web.detail import TABS
from inspector.web.first_steps import FirstSteps, first_steps
from inspector.web.frame import frame
from inspector.web.listing import WINDOW_ROWS, Place, Row, listing
from inspector.web.login import next_page
from inspector.web.proof import Proof, proof
from inspector.web.representation import callback_url
from inspector.web.templating import THEME_COOKIE, THEMES, render

YEAR_SECONDS = 365 * 86_400

Data = dict[str, object]


async def deliveries(request: Request) -> Response:
    """The list alone, or the first steps while nothing has come."""
    context = context_of(request)
    place = _place(context, request)
    name, data = await context.store.reading(_list_data, context, place, _address(request))
    return render(request, name, data)


async def delivery(request: Request) -> Response:
    """One delivery beside the list. ``latest`` leads to the newest one's own address."""
    context = context_of(request)
    place = _place(context, request)
    name = request.path_params["id"]
    if name == "latest":
        endpoint_id = place.endpoint.id if place.endpoint else None
        latest = await context.store.reading(_latest, context, endpoint_id)
        return RedirectResponse(place.delivery_url(latest), 303)
    delivery_id = reading.delivery_id(name)
    data = await context.store.reading(_detail_data, context, place, delivery_id, request)
    return render(request, "deliveries.html", data)


async def delete_delivery(request: Request) -> Response:
    """Removes a delivery and goes on to the next older one, as mail programs do."""
    context = context_of(request)
    place = _place(context, request)
    delivery_id = reading.delivery_id(request.path_params["id"])
    newer, older = await context.store.reading(_neighbours, context, place, delivery_id)
    await context.store.delete(delivery_id)
    following = older if older is not None else newer
    goal = place.list_url() if following is None else place.delivery_url(following)
    return RedirectResponse(goal, 303)


async def theme(request: Request) -> Response:
    """Remembers the theme in this browser."""
    form = await request.form()
    chosen = str(form.get("theme", ""))
    answer = RedirectResponse(next_page(str(form.get("back", "/"))), 303)
    if chosen in THEMES:
        answer.set_cookie(THEME_COOKIE, chosen, max_age=YEAR_SECONDS, samesite="strict")
    else:
        answer.delete_cookie(THEME_COOKIE, samesite="strict")
    return answer


def routes() -> list[Route]:
    """The routes of all pages but the login."""
    return [
        Route("/", deliveries),
        Route("/deliveries/{id}", delivery),
        Route("/deliveries/{id}/delete", delete_delivery, methods=["POST"]),
        Route("/theme", theme, methods=["POST"]),
        *endpoint_pages.routes(),
    ]


def _place(context: Context, request: Request) -> Place:
    """Where the query string says one is. Raises NotFound for an endpoint that does not exist."""
    query = request.query_params
    named = query.get("endpoint")
    tab = query.get("tab", "")
    return Place(
        endpoint=context.store.endpoint(named) if named else None,
        tab=tab if tab in TABS else "",
        before=reading.cursor(query, "before"),
    )


def _address(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _latest(context: Context, endpoint_id: str | None) -> int:
    return context.store.latest(endpoint_id=endpoint_id).id


def _neighbours(context: Context, place: Place, delivery_id: int) -> tuple[int | None, int | None]:
    endpoint_id = place.endpoint.id if place.endpoint else None
    return context.store.neighbours(delivery_id, endpoint_id=endpoint_id)


def _list_data(context: Context, place: Place, address: str) -> tuple[str, Data]:
    """The template of the list, and what it shows. Reads the database, as all functions below do."""
    around = frame(context, "deliveries", place, address)
    endpoint_id = place.endpoint.id if place.endpoint else None
    page = context.store.newest(endpoint_id=endpoint_id, before=place.before, limit=WINDOW_ROWS)
    if not page.rows and place.before is None:
        return "start.html", {"frame": around, "steps": _first_steps(context, place)}
    rows = listing(page, place, datetime.now(UTC))
    return "deliveries.html", {"frame": around, "list": rows, "blank": Row(), "detail": None}


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


def _detail_data(context: Context, place: Place, delivery_id: int, request: Request) -> Data:
    store, now = context.store, datetime.now(UTC)
    around = frame(context, "deliveries", place, _address(request))
    shown = store.delivery(delivery_id)
    endpoint = _endpoint_of(context, shown)
    page = store.newest(
        endpoint_id=place.endpoint.id if place.endpoint else None, before=place.before, limit=WINDOW_ROWS
    )
    head = detail.head(
        shown, endpoint, store.attempts(shown), _neighbours(context, place, delivery_id), place, now
    )
    return {
        "frame": around,
        "list": listing(page, place, now),
        "blank": Row(),
        "detail": head,
        "delete_url": place.delivery_url(f"{delivery_id}/delete"),
        **_tab_data(context, shown, endpoint, place, request.query_params),
    }


def _endpoint_of(context: Context, shown: Delivery) -> Endpoint | None:
    try:
        return context.store.endpoint(shown.endpoint_id)
    except NotFound:
        return None


def _tab_data(
    context: Context, shown: Delivery, endpoint: Endpoint | None, place: Place, query: Mapping[str, str]
) -> Data:
    """What the current tab shows."""
    view = query.get("view", "")
    if place.tab == "verification":
        return {"proof": _proof(context, shown, endpoint)}
    if place.tab == "headers":
        urls = {
            "table": place.delivery_url(shown.id),
            "lines": place.delivery_url(shown.id, view="lines"),
            "reveal": f"{place.delivery_url(shown.id, view='lines' if view == 'lines' else '')}&reveal=",
            "verification": place.delivery_url(shown.id, tab="verification"),
        }
        return {"headers": detail.headers_view(shown, view, query.get("reveal", "")), "urls": urls}
    urls = {
        "raw": place.delivery_url(shown.id, tab="body"),
        "hex": place.delivery_url(shown.id, tab="body", view="hex"),
    }
    offset = query.get("from", "")
    start = int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 12 else 0
    return {"body": detail.body_view(shown, view, start), "urls": urls}


def _proof(context: Context, shown: Delivery, endpoint: Endpoint | None) -> Proof:
    """The evidence behind the verdict, with the secrets that the endpoint has now."""
    if endpoint is None:
        return proof(shown, None, (), None)
    request, secrets = shown.request, context.store.secrets
    try:
        scheme = signing.find_scheme(endpoint.scheme, endpoint.scheme_options)
    except InvalidInput as error:
        return proof(shown, endpoint, (), error)
    working = signing.explain(
        message_of(request, endpoint, context.settings.public_url),
        scheme,
        secrets.usable(endpoint.id),
        now=request.received_ns / 1e9,
        tolerance=endpoint.tolerance_seconds,
    )
    return proof(shown, endpoint, secrets.infos(endpoint.id), working)
