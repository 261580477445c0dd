"""A request as the bytes of an HTTP message: its exact head where it is known, else one made of its parts."""

from __future__ import annotations

import base64

from inspector.content.masking import MaskedRequest, mask_head, mask_headers, masked_bytes
from inspector.content.wire_flags import WIRE_FLAGS
from inspector.models import Framing, HeaderPairs, Request, header_values


def shown_head(request: Request, masked: MaskedRequest) -> bytes:
    """The exact head, credentials replaced where *masked* hides them; empty where it is not known."""
    return mask_head(request.head) if masked.hidden else request.head


def wire_facts(request: Request, head: bytes) -> dict[str, object]:
    """What is known of how *request* came over the wire, as JSON; *head* is what to tell of its head.

    ``framing`` is None where nobody knows it: without an exact head it was read from a file, or kept before
    this was.
    """
    known = bool(request.head) or request.framing is not Framing.NONE
    return {
        "received_ns": request.received_ns,
        "head_base64": base64.b64encode(head).decode("ascii") if head else None,
        "framing": str(request.framing) if known else None,
        "chunks": request.chunks,
        "flags": list(request.flags),
    }


def flag_sentence(code: str) -> str:
    """What the flag *code* says about a request."""
    return WIRE_FLAGS.get(code, "Another version of the inspector noted this, which this one does not know.")


def raw_message(request: Request, masked: MaskedRequest) -> bytes:
    """The request as an HTTP message.

    With its exact head a chunked body is one chunk, since where it was cut is not kept; it has its trailers,
    and no last chunk when the request was not complete. Without, it is plain with a Content-Length instead.
    """
    if not request.head:
        return _made_head(request, masked) + request.body
    head = shown_head(request, masked)
    if request.framing is not Framing.CHUNKED:
        return head + request.body
    chunk = b"%x\r\n%b\r\n" % (len(request.body), request.body) if request.body else b""
    if not request.complete:
        return head + chunk
    trailers = request.trailers if masked.revealed else mask_headers(request.trailers)
    return head + chunk + b"0\r\n" + _fields(trailers) + b"\r\n"


def raw_notes(request: Request) -> tuple[str, ...]:
    """What to know about the message."""
    if not request.head:
        return ("Trailers are left out.",) if request.trailers else ()
    if request.framing is Framing.CHUNKED and request.chunks > 1:
        return (f"The body is one chunk: where its {request.chunks:,} chunks were cut is not kept.",)
    return ()


def _made_head(request: Request, masked: MaskedRequest) -> bytes:
    method, version = request.method.encode("latin-1"), request.http_version.encode("latin-1")
    has_length = bool(header_values(request.headers, b"content-length"))
    fields: list[tuple[bytes, bytes]] = []
    for name, value in masked.headers:
        if name.lower() != b"transfer-encoding":
            fields.append((name, masked_bytes(value)))
        elif not has_length:
            fields.append((b"Content-Length", b"%d" % len(request.body)))
    line = method + b" " + masked_bytes(masked.target) + b" HTTP/" + version
    return line + b"\r\n" + _fields(tuple(fields)) + b"\r\n"


def _fields(headers: HeaderPairs) -> bytes:
    return b"".join(name + b": " + value + b"\r\n" for name, value in headers)
