"""The pages: one delivery beside the list and what is done with it, and the routes of all others.

Everything works without scripts, by links and form posts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inspector.models import Delivery
from inspector.receive.diagnosing import diagnosed
from inspector.receive.handshakes import recognise
from inspector.web import (
    delivery_page,
    diff_page,
    endpoint_pages,
    list_page,
    malformed_page,
    reading,
    registering,
    searching,
    window,
)
from inspector.web.context import Context, context_of
from inspector.web.forms import OPTION
from inspector.web.guessing import guess_scheme
from inspector.web.login import next_page
from inspector.web.place import Place
from inspector.web.proof import Trial
from inspector.web.templating import THEME_COOKIE, THEMES, render
from inspector.web.verification_tab import Findings

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
    """The Verification tab with what came of a secret from a form, or of a guess. Keeps nothing."""
    context = context_of(request)
    place = replace(list_page.place_of(request), tab="verification")
    form = await request.form()
    tried = Trial(str(form.get("secret", "")), str(form.get("scheme", "")), guess="guess" in form)
    return await _delivery_page(context, place, request, tried)


async def use_scheme(request: Request) -> Response:
    """Gives the delivery's endpoint the scheme that was guessed from it; its deliveries are judged anew."""
    form = await request.form()
    values = {name: str(value) for name, value in form.items()}
    options = {name.removeprefix(OPTION): value for name, value in values.items() if name.startswith(OPTION)}
    return await _for_its_endpoint(
        request,
        lambda context, delivery: registering.change_endpoint(
            context,
            delivery.endpoint_id,
            {"scheme": values.get("scheme", ""), "scheme_options": options},
        ),
    )


async def adopt_secret(request: Request) -> Response:
    """Adds the secret that a handshake handed over to the secrets of its endpoint."""

    async def add(context: Context, delivery: Delivery) -> None:
        asked = recognise(delivery.request)
        if asked is None or not asked.todo or asked.token is None:
            raise HTTPException(404, "This delivery hands over no secret.")
        if registering.name_of_secret(context, delivery.endpoint_id, asked.token):
            return  # pressed twice
        fields = {"secret": asked.token, "name": asked.sender}
        taken = {info.name for info in context.store.secrets.infos(delivery.endpoint_id)}
        if asked.sender in taken:
            del fields["name"]
        await registering.add_secret(context, delivery.endpoint_id, fields)

    return await _for_its_endpoint(request, add)


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
        Route("/deliveries/{id}/use", use_scheme, methods=["POST"]),
        Route("/deliveries/{id}/adopt", adopt_secret, methods=["POST"]),
        Route("/deliveries/{id}/note", write_note, methods=["POST"]),
        Route("/deliveries/{id}/pin", pin, methods=["POST"]),
        Route("/deliveries/{id}/delete", delete_delivery, methods=["POST"]),
        *delivery_page.routes(),
        *diff_page.routes(),
        Route("/theme", theme, methods=["POST"]),
        *endpoint_pages.routes(),
        *malformed_page.routes(),
    ]


async def _for_its_endpoint(
    request: Request, change: Callable[[Context, Delivery], Awaitable[object]]
) -> Response:
    """Changes the endpoint of a delivery, and shows the delivery again."""
    context = context_of(request)
    number = reading.delivery_id(request.path_params["id"])
    await change(context, await context.store.reading(context.store.delivery, number))
    place = replace(list_page.place_of(request), tab=delivery_page.VERIFICATION)
    return RedirectResponse(place.delivery_url(number), 303)


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
    number = reading.delivery_id(request.path_params["id"])
    findings = None
    if place.tab == delivery_page.VERIFICATION:
        findings = await _findings(context, number, tried)

    def page() -> Response:
        shown = context.store.delivery(number)
        data = {
            **list_page.around(context, place, request, shown),
            **delivery_page.data(context, place, shown, request.query_params, datetime.now(UTC), findings),
        }
        return render(request, "deliveries.html", data)

    # Bodies are read, and their page is made, in the reading thread: a big one would hold up the loop.
    return await context.store.reading(page)


async def _findings(context: Context, delivery_id: int, trial: Trial | None) -> Findings:
    """What may take a second or two, and must not occupy a reading thread for that long."""
    diagnosis = await diagnosed(context.store, context.settings.public_url, delivery_id)
    guessed = None
    if trial is not None and trial.guess:
        delivery = await context.store.reading(context.store.delivery, delivery_id)
        guessed = await anyio.to_thread.run_sync(guess_scheme, context, delivery, trial.secret or None)
    return Findings(diagnosis, trial, guessed)


async def _latest_id(context: Context, place: Place) -> int:
    where = window.wanted(place, datetime.now(UTC))
    if where:
        return await searching.latest_id(context.store, where, place.endpoint_id)
    latest = await context.store.reading(context.store.latest, endpoint_id=place.endpoint_id)
    return latest.id
