"""What the pane of one delivery shows: its head, its menus, and the tab that is open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inspector.content import decoded_text
from inspector.errors import NotFound
from inspector.models import Delivery, Endpoint
from inspector.receive.diagnosing import kept_diagnosis
from inspector.web import detail, reading, window
from inspector.web.body_tab import body_tab
from inspector.web.causes import read_causes
from inspector.web.context import Context, context_of
from inspector.web.copying import copy_menu
from inspector.web.place import Place
from inspector.web.proof import proven
from inspector.web.reply_tab import reply_tab
from inspector.web.representation import callback_url
from inspector.web.values_tab import headers_tab, query_tab
from inspector.web.verification_tab import Findings, verification_tab
from inspector.web.wire_tab import wire_tab

VERIFICATION = "verification"

Data = dict[str, object]


def data(
    context: Context,
    place: Place,
    shown: Delivery,
    query: Mapping[str, str],
    now: datetime,
    findings: Findings | None = None,
) -> Data:
    """Everything that the template of the pane needs of *shown*. Reads the database.

    *query* chooses what the open tab shows; *findings* are there when that is Verification.
    """
    store, request = context.store, shown.request
    endpoint = _endpoint_of(context, shown)
    neighbours = window.neighbours(store, place, shown.id)
    attempts = store.attempts(shown)
    diagnosis = findings.diagnosis if findings else kept_diagnosis(store, shown)
    cause = proven(read_causes(diagnosis)) if diagnosis else ""
    head = detail.head(shown, endpoint, attempts, neighbours, place, now, cause)
    text = decoded_text(request.body, request.headers) if request.body else None
    return {
        "detail": head,
        "urls": {
            action: place.delivery_url(f"{shown.id}/{action}")
            for action in ("note", "pin", "check", "use", "adopt", "delete")
        },
        "menu": copy_menu(
            shown,
            callback_url(endpoint, context.shown) if endpoint else context.shown.callback_url,
            f"{context.addresses.inspector_url}deliveries/{shown.id}",
            body_is_text=text is not None,
        ),
        **(
            verification_tab(context, shown, endpoint, place, attempts, findings)
            if findings is not None
            else _tab(context, shown, place, query, now)
        ),
    }


async def body_text(request: Request) -> Response:
    """The body as text: what is copied of it. Never a document: a stranger wrote it."""
    number = reading.delivery_id(request.path_params["id"])
    store = context_of(request).store

    def read() -> str | None:
        received = store.delivery(number).request
        return decoded_text(received.body, received.headers)

    text = await store.reading(read)
    if text is None:
        raise HTTPException(404, "This body is no text, or too long to be read as one.")
    headers = {
        "Content-Disposition": f'attachment; filename="delivery-{number}.txt"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(text, headers=headers, media_type="text/plain")


def routes() -> list[Route]:
    """The addresses under a delivery that need no list beside them."""
    return [Route("/deliveries/{id}/text", body_text)]


def _endpoint_of(context: Context, shown: Delivery) -> Endpoint | None:
    try:
        return context.store.endpoint(shown.endpoint_id)
    except NotFound:
        return None


def _tab(context: Context, shown: Delivery, place: Place, query: Mapping[str, str], now: datetime) -> Data:
    """What the open tab shows, when it is not Verification."""
    view, reveal = query.get("view", ""), query.get("reveal", "")
    match place.tab:
        case "headers":
            return {"values": headers_tab(shown, place, view, reveal), **_value_urls(shown, place, view)}
        case "query":
            return {"values": query_tab(shown, place, reveal), **_value_urls(shown, place, "")}
        case "reply":
            script = context.scripts.find(shown.endpoint_id)
            holding = script is not None and any(use.waiting for use in script.uses)
            names_delivery = context.settings.delivery_header
            return {"reply": reply_tab(shown, now, names_delivery=names_delivery, holding=holding)}
        case "wire":
            return {"wire": wire_tab(shown, place, view, reveal)}
        case _:
            return {"body": body_tab(shown, place, query)}


def _value_urls(shown: Delivery, place: Place, view: str) -> Data:
    lines = view if view == "lines" else ""
    return {
        "value_urls": {
            "table": place.delivery_url(shown.id),
            "lines": place.delivery_url(shown.id, view="lines"),
            "verification": place.delivery_url(shown.id, tab="verification"),
        },
        "reveal": lambda which: place.delivery_url(shown.id, view=lines, reveal=str(which)),
    }
