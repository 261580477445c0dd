"""Cross-origin requests to an endpoint that lets every web page call it (WHATWG Fetch, 3.2: "CORS protocol").

Only the callback listener ever does this, and only for endpoints that are told to.
"""

from __future__ import annotations

from dataclasses import replace

from inspector.models import Reply, Request, header_values
from inspector.receive.replies import DELIVERY_HEADER, FIELD_VALUE, NO_SNIFFING

ANY = "*"
READABLE = f"{DELIVERY_HEADER}, Retry-After"
"""What a page may read of a reply beside the few fields that it always may."""


def preflight(request: Request) -> Reply | None:
    """The answer to the question that a browser asks before a request; None when *request* is none."""
    method = _value(request, b"access-control-request-method")
    if request.method != "OPTIONS" or method is None or _value(request, b"origin") is None:
        return None
    # Nothing is remembered by the browser, so that no question stays out of sight.
    headers = [NO_SNIFFING, ("Access-Control-Allow-Methods", method), ("Access-Control-Max-Age", "0")]
    wanted = _value(request, b"access-control-request-headers")
    if wanted:
        headers.append(("Access-Control-Allow-Headers", wanted))
    if _value(request, b"access-control-request-private-network") == "true":
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    return Reply(204, tuple(headers))


def readable(reply: Reply, request: Request) -> Reply:
    """*reply* with the fields by which a browser lets the page read it, unless it has its own."""
    if any(name.lower() == "access-control-allow-origin" for name, _ in reply.headers):
        return reply
    origin = _value(request, b"origin")
    added = [("Access-Control-Allow-Origin", origin or ANY), ("Access-Control-Expose-Headers", READABLE)]
    if origin is not None:
        # The answer to one page is not good for another; and a page may send its cookies along.
        added += [("Vary", "Origin"), ("Access-Control-Allow-Credentials", "true")]
    return replace(reply, headers=(*reply.headers, *added))


def _value(request: Request, name: bytes) -> str | None:
    """The only value of the header *name* (lower case) that can be sent back; else None."""
    values = [value.decode("latin-1") for value in header_values(request.headers, name)]
    return values[0] if len(values) == 1 and FIELD_VALUE.fullmatch(values[0]) else None
