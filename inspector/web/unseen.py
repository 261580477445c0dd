"""Unseen: how many malformed requests came since this browser looked at them last."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from inspector.web.context import Context, context_of

COOKIE = "callback_inspector_malformed"
YEAR_SECONDS = 365 * 86_400


def unseen_malformed(request: Request) -> int:
    """How many came since. A cookie says how many were seen, and of which database."""
    context = context_of(request)
    total = context.store.malformed_total()
    instance, _, seen = request.cookies.get(_name(context), "").partition(".")
    known = instance == context.store.instance and seen.isascii() and seen.isdigit() and len(seen) < 20
    return max(0, total - int(seen)) if known else total


def set_seen(context: Context, answer: Response, total: int) -> None:
    """Let the browser remember that it has seen the first *total* of them."""
    answer.set_cookie(
        _name(context),
        f"{context.store.instance}.{total}",
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="strict",
    )


def _name(context: Context) -> str:
    # Cookies are shared by all ports of a host.
    return f"{COOKIE}_{context.addresses.inspector_port}"
