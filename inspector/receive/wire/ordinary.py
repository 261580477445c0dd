"""The reader of ordinary heads: one strict pattern, and a look at the few names that decide about framing.

A whitelist: whatever is not obviously one thing is left to ``odd``. It may be widened only as long as the
test that compares it with h11 finds no difference.
"""

from __future__ import annotations

import re

from inspector.models import Framing
from inspector.receive.wire.fields import LINES, TOKEN, split
from inspector.receive.wire.record import Wire

HEAD = re.compile(
    rb"(" + TOKEN + rb") (/[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*+) HTTP/1\.1\r\n(" + LINES + rb"++)\r\n"
)
"""Method, a path with or without query, HTTP/1.1, field lines, all ended by CRLF."""

DECIDING = frozenset((b"host", b"content-length", b"transfer-encoding", b"connection", b"expect", b"upgrade"))

MOST_LENGTH_DIGITS = 15

WITH_BODY = frozenset(("POST", "PUT", "PATCH"))
WITHOUT_BODY = frozenset(("GET", "HEAD", "DELETE", "TRACE"))


def read_ordinary(data: bytes) -> Wire | None:
    """The record of the request that *data* begins with; None when its head is not whole or not ordinary."""
    found = HEAD.match(data)
    if found is None:
        return None
    start, end = found.span(3)
    pairs = split(data, start, end)
    lowered = [(name.lower(), value) for name, value in pairs]
    hosts, length, chunked, keeps_open, upgrade = 0, None, False, True, False
    for name, value in lowered:
        if name not in DECIDING:
            continue
        if name == b"host":
            hosts += 1
        elif name == b"content-length":
            if length is not None or not value.isdigit() or len(value) > MOST_LENGTH_DIGITS:
                return None
            length = int(value)
        elif name == b"connection":
            keeps_open = keeps_open and b"close" not in value.lower()
        elif name == b"upgrade":
            upgrade = True
        elif name == b"transfer-encoding" and value == b"chunked" and not chunked:
            chunked = True
        else:
            return None
    method = found[1].decode("ascii")
    if hosts != 1 or method == "CONNECT" or (chunked and length is not None):
        return None
    head = data[: found.end()]
    flags = ["upgrade"] if upgrade else []
    note_unusual(flags, head, method, length, chunked=chunked)
    return Wire(
        head,
        method,
        found[2],
        "1.1",
        tuple(pairs),
        lowered,
        framing_of(length, chunked=chunked),
        length,
        flags,
        keeps_open=keeps_open,
    )


def framing_of(length: int | None, *, chunked: bool) -> Framing:
    """How the end of the body is told (RFC 9112, 6.3): a transfer coding wins over a length."""
    if chunked:
        return Framing.CHUNKED
    return Framing.NONE if length is None else Framing.LENGTH


def note_unusual(flags: list[str], head: bytes, method: str, length: int | None, *, chunked: bool) -> None:
    """Add the flags of what is allowed everywhere, and yet worth a second look."""
    if not head.isascii():
        flags.append("non-ascii")
    if length is None and not chunked:
        if method in WITH_BODY:
            flags.append("body-without-length")
    elif method in WITHOUT_BODY and (chunked or length):
        flags.append("unexpected-body")
