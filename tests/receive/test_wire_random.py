"""Random requests, random framing, random cuts, many to a connection: every one comes out as it went in."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from support.raw_http import Connection
from support.wire_server import Recorder, wire_server

CONNECTIONS = 300

BAIT = b"\r\n\r\n0\r\n\r\nPOST /bait HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it went out, blank lines before it included, and what has to be made of it."""

    stray: bytes
    head: bytes
    content: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    trailers: list[tuple[bytes, bytes]]

    @property
    def data(self) -> bytes:
        return self.stray + self.head + self.content


def random_fields(dice: random.Random, prefix: str) -> list[tuple[bytes, bytes]]:
    fields = []
    for number in range(dice.randrange(4)):
        name = "".join(dice.choice((letter, letter.upper())) for letter in f"{prefix}-{number}")
        value = bytes(dice.choices(b"abc,; \t\x80\xff'\"", k=dice.randrange(9))).strip()
        fields.append((name.encode(), value))
    return fields


def random_request(dice: random.Random, number: int) -> Sent:
    body = dice.choice((b"", b"x", BAIT, dice.randbytes(dice.randrange(2000)), dice.randbytes(90_000)))
    target = b"/%d?%s" % (number, bytes(dice.choices(b"ab=&%?;+", k=dice.randrange(9))))
    fields = [(b"Host", b"x"), *random_fields(dice, "x-head")]
    trailers: list[tuple[bytes, bytes]] = []
    if dice.random() < 0.4:
        fields.append((b"Transfer-Encoding", b"chunked"))
        trailers = random_fields(dice, "x-trailer")
        content = chunks(dice, body) + lines(trailers) + b"\r\n"
    else:
        fields.append((b"Content-Length", b"%d" % len(body)))
        content = body
    if dice.random() < 0.3:
        target, fields = oddly(dice, target, fields)
    head = b"POST %s HTTP/1.1\r\n%s\r\n" % (target, lines(fields))
    written = head
    match dice.randrange(12):
        case 0:
            written = head.replace(b"\r\n", b"\n")
        case 1:
            written = head.replace(b"\r\n\r\n", b"\r\nX-Fold:\r\n a\r\n\tb\r\n\r\n")
            fields.append((b"X-Fold", b"a b"))
    stray = b"\r\n" * dice.choice((0, 0, 0, 1, 2))
    return Sent(stray, written, content, target, tuple(fields), body, trailers)


def oddly(
    dice: random.Random, target: bytes, fields: list[tuple[bytes, bytes]]
) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The same request in a form that only h11 reads, or with an offer that is to be ignored."""
    match dice.randrange(5):
        case 0:
            return target + b"#part", fields
        case 1:
            return b"http://other" + target, fields
        case 2:
            return target, [*fields, (b"X-Control", b"a\x01\x1bb")]
        case 3 if fields[-1][0] == b"Content-Length":
            return target, [*fields, fields[-1]]
    return target, [*fields, (b"Connection", b"Upgrade"), (b"Upgrade", b"h2c")]


def lines(fields: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%s: %s\r\n" % field for field in fields)


def chunks(dice: random.Random, body: bytes) -> bytes:
    framed, at = b"", 0
    while at < len(body):
        size = min(dice.choice((1, 3, 700, 50_000)), len(body) - at)
        if size == 1 and len(body) > 3000:
            size = 3000
        framed += b"%x\r\n%s\r\n" % (len(body[at : at + size]), body[at : at + size])
        at += size
    return framed + b"0\r\n"


@pytest.mark.parametrize(("loop", "seed"), [("auto", 20_251_125), ("asyncio", 20_251_126)])
def test_random_pipelines(loop: str, seed: int) -> None:
    dice = random.Random(seed)
    recorder = Recorder()
    with wire_server(recorder, loop=loop) as server:
        for _ in range(CONNECTIONS):
            sent = [random_request(dice, number) for number in range(dice.randint(1, 6))]
            data = b"".join(request.data for request in sent)
            cuts = sorted(dice.randrange(len(data)) for _ in range(dice.randrange(6)))
            with Connection(server.callbacks) as connection:
                connection.send_at(data, cuts)
                replies = [connection.read_reply() for _ in sent]
            for request, reply in zip(sent, replies, strict=True):
                seen = recorder.next()
                assert seen.wire.head == request.head
                assert (seen.target, seen.wire.headers) == (request.target, request.headers)
                assert (seen.body, seen.whole, seen.wire.trailers) == (request.body, True, request.trailers)
                assert reply.body == request.body
