"""A request on its way out: what is to be sent, byte for byte, and how it is framed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import h11

from inspector.errors import InvalidInput
from inspector.models import HeaderPairs, header_values

_FRAMING = (b"content-length", b"transfer-encoding")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_ORIGIN_FORM = re.compile(rb"/[\x21-\x7e]*")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request to be sent: header fields in order, with their letter case and repeats."""

    method: str
    target: bytes
    headers: HeaderPairs
    body: bytes = b""

    @property
    def head(self) -> bytes:
        """The bytes before the body."""
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in self.headers)
        return self.method.encode("ascii") + b" " + self.target + b" HTTP/1.1\r\n" + lines + b"\r\n"


def ready(request: Outgoing, authority: str) -> Outgoing:
    """*request* as it can be sent: unchanged, unless it lacks a Host or its framing is not that of its body.

    Raises InvalidInput on ``method``, ``target`` or ``headers`` for what HTTP/1.1 cannot carry, or what
    would have the receiver pass the request on to somewhere else, where nothing has been judged.
    """
    if request.method == "CONNECT" or not _TOKEN.fullmatch(request.method):
        raise InvalidInput.of("method", "The method must be an HTTP token, and not CONNECT.")
    if request.target != b"*" and not _ORIGIN_FORM.fullmatch(request.target):
        raise InvalidInput.of(
            "target",
            "Only a path of printable ASCII can be sent, with its query; a whole URL is for proxies.",
        )
    headers = request.headers
    if not header_values(headers, b"host"):
        headers = ((b"Host", authority.encode("ascii")), *headers)
    framed = replace(request, headers=_framed(headers, request.body))
    try:
        h11.Request(method=framed.method, target=framed.target, headers=list(framed.headers))
    except h11.LocalProtocolError as problem:
        raise InvalidInput.of("headers", f"HTTP/1.1 cannot carry these headers: {problem}.") from problem
    return framed


def _framed(headers: HeaderPairs, body: bytes) -> HeaderPairs:
    """*headers* with exactly one framing that fits *body*, in the place where the first one stood.

    A single right Content-Length and a single ``Transfer-Encoding: chunked`` stay as they are. Everything
    else becomes one Content-Length: a receiver must never have two framings to choose from.
    """
    given = [(name.lower(), value) for name, value in headers if name.lower() in _FRAMING]
    if given == [] and not body:
        return headers
    if len(given) == 1 and _fits(*given[0], len(body)):
        return headers
    framed: list[tuple[bytes, bytes]] = []
    length = b"%d" % len(body)
    placed = False
    for name, value in headers:
        if name.lower() not in _FRAMING:
            framed.append((name, value))
        elif not placed:
            placed = True
            framed.append((name if name.lower() == b"content-length" else b"Content-Length", length))
    return tuple(framed) if placed else (*framed, (b"Content-Length", length))


def _fits(name: bytes, value: bytes, size_bytes: int) -> bool:
    if name == b"transfer-encoding":
        return value.lower() == b"chunked"
    return value.isdigit() and len(value) <= 20 and int(value) == size_bytes
