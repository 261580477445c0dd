"""What the pane of one delivery shows: its head, its menus, and the tab that is open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inspector import signing
from inspector.content import decoded_text
from inspector.errors import InvalidInput, NotFound
from inspector.models import Delivery, Endpoint
from inspector.receive.receiver import message_of
from inspector.web import detail, reading, window
from inspector.web.body_tab import body_tab
from inspector.web.context import Context, context_of
from inspector.web.copying import copy_menu
from inspector.web.place import Place
from inspector.web.proof import Proof, Trial, Tried, proof, tried
from inspector.web.reply_tab import reply_tab
from inspector.web.representation import callback_url
from inspector.web.trials_api import check_secret
from inspector.web.values_tab import headers_tab, query_tab

Data = dict[str, object]


def data(
    context: Context,
    place: Place,
    shown: Delivery,
    query: Mapping[str, str],
    now: datetime,
    trial: Trial | None = None,
) -> Data:
    """Everything that the template of the pane needs of *shown*. Reads the database.

    *query* chooses what the open tab shows; *trial* is a secret to be tried on it.
    """
    store, request = context.store, shown.request
    endpoint = _endpoint_of(context, shown)
    neighbours = window.neighbours(store, place, shown.id)
    head = detail.head(shown, endpoint, store.attempts(shown), neighbours, place, now)
    text = decoded_text(request.body, request.headers) if request.body else None
    return {
        "detail": head,
        "urls": {
            action: place.delivery_url(f"{shown.id}/{action}")
            for action in ("note", "pin", "check", "delete")
        },
        "menu": copy_menu(
            shown,
            callback_url(endpoint, context.shown) if endpoint else context.shown.callback_url,
            f"{context.addresses.inspector_url}deliveries/{shown.id}",
            body_is_text=text is not None,
        ),
        **_tab(context, shown, endpoint, place, query, now, trial),
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


def _tab(
    context: Context,
    shown: Delivery,
    endpoint: Endpoint | None,
    place: Place,
    query: Mapping[str, str],
    now: datetime,
    trial: Trial | None,
) -> Data:
    """What the open tab shows."""
    view, reveal = query.get("view", ""), query.get("reveal", "")
    match place.tab:
        case "headers":
            return {"values": headers_tab(shown, place, view, reveal), **_value_urls(shown, place, view)}
        case "query":
            return {"values": query_tab(shown, place, reveal), **_value_urls(shown, place, "")}
        case "verification":
            return {
                "proof": _proof(context, shown, endpoint),
                "tried": None if trial is None else _tried(context, shown, trial),
                "schemes": signing.scheme_names(),
                "scheme": trial.scheme if trial else "",
            }
        case "reply":
            return {"reply": reply_tab(shown, now, names_delivery=context.settings.delivery_header)}
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


def _tried(context: Context, shown: Delivery, trial: Trial) -> Tried:
    """What the secret of *trial* would have made of *shown*. It is used here, and kept nowhere."""
    try:
        return tried(check_secret(context, shown, trial.secret, trial.scheme or None))
    except InvalidInput as error:
        return Tried(str(error))
