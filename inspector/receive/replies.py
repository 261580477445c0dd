"""What a sender is answered: the endpoint's reply made whole, or one that has to take its place."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import lru_cache

from inspector.errors import FieldError, InvalidInput
from inspector.models import Endpoint, Fault, Reply, Verification
from inspector.settings import Limits

DELIVERY_HEADER = "X-Callback-Delivery"
"""Names the delivery in its own reply, so that a sender's log leads to it."""

OUR_HEADERS = frozenset(
    (
        "connection",
        "content-length",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
"""Fields that say how the reply is framed (RFC 9110, 7.6.1; RFC 9112, 6): the server's alone."""

WITHOUT_BODY = (204, 205, 304)
"""Statuses whose reply has no content (RFC 9110, 15.3.5, 15.3.6, 15.4.5)."""

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

TEXT = ("Content-Type", "text/plain; charset=utf-8")
NO_SNIFFING = ("X-Content-Type-Options", "nosniff")

INVALID_SIGNATURE = Reply(
    status=401,
    headers=(("Content-Type", "application/json"), NO_SNIFFING),
    body=b'{"error": "Invalid signature"}',
)
"""What an endpoint that rejects answers to every delivery that is not valid."""


def plan(endpoint: Endpoint, method: str, verification: Verification) -> Reply:
    """The reply that *endpoint* gives to a request with *method* that was judged so."""
    return rejection(endpoint, verification) or whole(endpoint.reply, method)


def rejection(endpoint: Endpoint, verification: Verification) -> Reply | None:
    """The reply to what *endpoint* rejects, None to what it takes."""
    return INVALID_SIGNATURE if endpoint.reject_invalid and not verification else None


def planned(reply: Reply, fault: Fault | None) -> Reply:
    """*reply* as it is kept when *fault* is to take its place: status 0 is that of none."""
    if fault in (None, Fault.HALF):
        return reply
    return Reply(status=0, delay_seconds=reply.delay_seconds)


def whole(reply: Reply, method: str) -> Reply:
    """*reply* as a request with *method* gets it."""
    if method == "CONNECT" and reply.status < 300:
        # A 2xx would open a tunnel (RFC 9110, 9.3.6).
        return refusal(405, "This is a callback listener, not a proxy.")
    return with_defaults(reply)


def refusal(status: int, sentence: str, *, retry_after_seconds: int | None = None) -> Reply:
    """A reply of our own: *sentence* as plain text."""
    retry = () if retry_after_seconds is None else (("Retry-After", str(retry_after_seconds)),)
    return Reply(status=status, headers=(TEXT, NO_SNIFFING, *retry), body=sentence.encode() + b"\n")


@lru_cache(maxsize=256)
def with_defaults(reply: Reply) -> Reply:
    """*reply* as text that is not to be sniffed, where it does not say otherwise."""
    given = {name.lower() for name, _ in reply.headers}
    added = []
    if "content-type" not in given and reply.status not in WITHOUT_BODY:
        added.append(TEXT)
    if "x-content-type-options" not in given:
        added.append(NO_SNIFFING)
    return replace(reply, headers=(*reply.headers, *added))


@lru_cache(maxsize=256)
def encoded_headers(reply: Reply) -> tuple[tuple[bytes, bytes], ...]:
    """The header fields of *reply* as bytes, with its length where a length may stand."""
    fields = [(name.encode("ascii"), value.encode("latin-1")) for name, value in reply.headers]
    if reply.status not in (204, 304):
        fields.append((b"Content-Length", b"%d" % len(reply.body)))
    return tuple(fields)


def check_reply(reply: Reply, within: str = "reply") -> None:
    """Refuse a reply that could not be sent. InvalidInput names each wrong field, *within* its own."""
    errors = [*_wrong_status(reply), *_wrong_headers(reply), *_wrong_body(reply), *_wrong_delay(reply)]
    if errors:
        raise InvalidInput(*(FieldError(f"{within}.{error.field}", error.message) for error in errors))


def _wrong_status(reply: Reply) -> list[FieldError]:
    if 200 <= reply.status <= 599:
        return []
    return [FieldError("status", f"{reply.status} is not a final HTTP status; use 200 to 599")]


def _wrong_headers(reply: Reply) -> list[FieldError]:
    errors = []
    for name, value in reply.headers:
        if not TOKEN.fullmatch(name):
            errors.append(f"{name!r} is not a header name")
        elif name.lower() in OUR_HEADERS or name.lower() == DELIVERY_HEADER.lower():
            errors.append(f"{name} is set by the server")
        elif not FIELD_VALUE.fullmatch(value):
            errors.append(f"the value of {name} has a control character, or one beyond Latin-1")
    return [FieldError("headers", message) for message in errors]


def _wrong_body(reply: Reply) -> list[FieldError]:
    if reply.body and reply.status in WITHOUT_BODY:
        return [FieldError("body", f"a reply with status {reply.status} has no body")]
    return []


def _wrong_delay(reply: Reply) -> list[FieldError]:
    most = Limits().reply_delay_seconds
    if math.isfinite(reply.delay_seconds) and 0 <= reply.delay_seconds <= most:
        return []
    return [FieldError("delay_seconds", f"{reply.delay_seconds:g} is not between 0 and {most:g} seconds")]
