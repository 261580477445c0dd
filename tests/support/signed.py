"""Requests signed by every scheme that can sign, with bodies of the kind that its sender sends."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import inspector
from inspector.models import HeaderPairs, Message
from inspector.signing import Scheme, find_scheme, generate_secret, scheme_names

NOW = 1_735_891_210
URL = "https://receiver.example/hooks/1?a=b"

IN_BODY = ("mailgun", "microsoft-graph", "aws-sns")
"""Schemes whose signature stands in the body, which ``sign`` does not write."""

SIGNING = [find_scheme(name) for name in scheme_names() if name not in ("auto", "none", *IN_BODY)]


@cache
def secret_of(row: Scheme) -> str:
    """A secret for *row*, the same one for the whole session."""
    return generate_secret(row)


def body_of(row: Scheme, filling: bytes) -> bytes:
    """A body that holds *filling*, in the form that the sender of *row* has to send."""
    if row.name == "linear":
        return json.dumps({"webhookTimestamp": NOW * 1000, "data": filling.hex()}).encode()
    if row.name == "inngest":
        return json.dumps({"data": filling.hex()}).encode()
    if row.name == "twilio":
        return b"Body=" + filling.hex().encode() + b"&To=1"
    return filling


def signed(row: Scheme, body: bytes, *, secret: str | None = None) -> list[tuple[str, str]]:
    """The headers that the sender of *row* adds to *body*, signed at ``NOW`` for ``URL``."""
    return inspector.sign(
        body, secret or secret_of(row), scheme=row, timestamp=NOW, message_id="msg_1", url=URL
    )


def message(row: Scheme, filling: bytes = b'{"a":[1,2,"\xc3\xa9"]}') -> Message:
    """A signed message with headers beside that no scheme looks at."""
    body = body_of(row, filling)
    headers: HeaderPairs = (
        (b"Host", b"receiver.example"),
        (b"User-Agent", b"Sender/1"),
        *((name.encode(), value.encode("latin-1")) for name, value in signed(row, body)),
        (b"X-Beside", b"1"),
    )
    return Message(body=body, headers=headers, method="POST", url=URL)


def with_header(original: Message, place: int, value: bytes) -> Message:
    """*original* with another value of the header at *place*."""
    headers = list(original.headers)
    headers[place] = (headers[place][0], value)
    return replace(original, headers=tuple(headers))


def flipped(data: bytes, place: int) -> bytes:
    """*data* with one bit changed; *place* counts bits."""
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)
