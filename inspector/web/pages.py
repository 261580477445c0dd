"""The pages: one delivery beside the list and what is done with it, and the routes of all others.

Everything works without scripts, by links and form posts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inspector.web import delivery_page, diff_page, endpoint_pages, list_page, reading, searching, window
from inspector.web.context import Context, context_of
from inspector.web.login import next_page
from inspector.web.place import Place
from inspector.web.proof import Trial
from inspector.web.templating import THEME_COOKIE, THEMES, render

YEAR_SECONDS = 365 * 86_400

Data = dict[str, object]


async def delivery(request: Request) -> Response:
    """One delivery beside the list. ``latest`` leads to the newest one's own address."""
    context = context_of(request)
    place = list_page.place_of(request)
    if request.path_params["id"] == "latest":
        return RedirectResponse(place.delivery_url(await _latest_id(context, place)), 303)
    return await _delivery_page(context, place, request)


async def try_secret(request: Request) -> Response:
    """The Verification tab with what a secret from a form would have made of the delivery. Keeps nothing."""
    context = context_of(request)
    place = replace(list_page.place_of(request), tab="verification")
    form = await request.form()
    tried = Trial(str(form.get("secret", "")), str(form.get("scheme", "")))
    return await _delivery_page(context, place, request, tried)


async def write_note(request: Request) -> Response:
    """Keeps what was written about a delivery."""
    form = await request.form()
    return await _annotated(request, {"note": str(form.get("note", "")).replace("\r\n", "\n").strip()})


async def pin(request: Request) -> Response:
    """Pins a delivery, or lets it go: pinned ones stay when old ones are removed."""
    form = await request.form()
    return await _annotated(request, {"pinned": form.get("pinned") == "true"})


async def delete_delivery(request: Request) -> Response:
    """Removes a delivery and goes on to the next older one, as mail programs do."""
    context = context_of(request)
    place = list_page.place_of(request)
    delivery_id = reading.delivery_id(request.path_params["id"])
    newer, older = await context.store.reading(window.neighbours, context.store, place, delivery_id)
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
        *list_page.routes(),
        Route("/deliveries/{id}", delivery),
        Route("/deliveries/{id}/check", try_secret, methods=["POST"]),
        Route("/deliveries/{id}/note", write_note, methods=["POST"]),
        Route("/deliveries/{id}/pin", pin, methods=["POST"]),
        Route("/deliveries/{id}/delete", delete_delivery, methods=["POST"]),
        *delivery_page.routes(),
        *diff_page.routes(),
        Route("/theme", theme, methods=["POST"]),
        *endpoint_pages.routes(),
    ]


async def _annotated(request: Request, changes: Mapping[str, object]) -> Response:
    """Changes what is kept beside a delivery, and shows it again."""
    context = context_of(request)
    delivery_id = reading.delivery_id(request.path_params["id"])
    note, pinned = reading.delivery_changes(changes)
    await context.store.annotate(delivery_id, note=note, pinned=pinned)
    return RedirectResponse(list_page.place_of(request).delivery_url(delivery_id), 303)


async def _delivery_page(
    context: Context, place: Place, request: Request, tried: Trial | None = None
) -> Response:
    # Bodies are read, and their page is made, in the reading thread: a big one would hold up the loop.
    return await context.store.reading(
        lambda: render(request, "deliveries.html", _detail_data(context, place, request, tried))
    )


async def _latest_id(context: Context, place: Place) -> int:
    where = window.wanted(place, datetime.now(UTC))
    if where:
        return await searching.latest_id(context.store, where, place.endpoint_id)
    latest = await context.store.reading(context.store.latest, endpoint_id=place.endpoint_id)
    return latest.id


def _detail_data(context: Context, place: Place, request: Request, tried: Trial | None = None) -> Data:
    """A delivery beside the list; *tried* is a secret that someone tries on it."""
    shown = context.store.delivery(reading.delivery_id(request.path_params["id"]))
    return {
        **list_page.around(context, place, request, shown),
        **delivery_page.data(context, place, shown, request.query_params, datetime.now(UTC), tried),
    }
