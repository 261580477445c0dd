"""The reader of ordinary heads against h11: what it takes, it takes as h11 would."""

from __future__ import annotations

import random

import h11

from inspector.models import Framing
from inspector.receive.wire.odd import read_odd
from inspector.receive.wire.ordinary import read_ordinary
from inspector.receive.wire.record import Wire

MUTATED = 120_000
LEAST_TAKEN = 0.05
READ_TWICE = 8
"""Of so many heads that are taken, one is also given to the reader of odd ones: it has to say the same."""

HEADS = (
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /in?x=1 HTTP/1.1\r\nHost: localhost:2255\r\nContent-Length: 12\r\nX-Sum: a, b\r\n\r\n",
    b"PUT /%41/b HTTP/1.1\r\nhost:x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
    b"M-SEARCH * HTTP/1.1\r\nHost: x\r\nAccept:\t*/* \r\nConnection: keep-alive, Upgrade\r\n\r\n",
    b"PO / HTTP/1.1\r\nConnection: Upgrade\r\nHost: x\r\nUpgrade: h2c\r\nContent-Length: 5\r\nL:\xe9\r\n\r\n",
    b"PATCH /a;b HTTP/1.1\r\nHost: \r\nContent-Length: 0\r\nCookie: a=b; c=d\r\nExpect: 100-continue\r\n\r\n",
)

PARTS = (
    b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"\x00", b"\x7f", b"\x80", b"#", b"?", b"%", b"5", b"a", b"_",
    b"Host: y\r\n", b"Content-Length: 5\r\n", b"Content-Length: 12\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip\r\n", b"Connection: close\r\n", b"Expect: x\r\n", b"X: y\r\n", b"X: \xff\r\n",
    b" folded\r\n", b"HTTP/1.0", b"http://h/", b", 12", b"+", b"\x0b", b"\x1b", b"{", b"\\",
)  # fmt: skip


def mutated(dice: random.Random) -> bytes:
    """A head with a few parts put in, taken out, doubled or changed."""
    data = bytearray(dice.choice(HEADS))
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(5):
            case 0:
                data[at:at] = dice.choice(PARTS)
            case 1:
                del data[at : at + dice.choice((1, 1, 2, 9))]
            case 2:
                data[at : at + 1] = bytes((dice.randrange(256),))
            case 3:
                start = data.find(b"\r\n", at) + 2
                data[start:start] = dice.choice(PARTS)
            case _:
                data[at:at] = data[at : at + dice.choice((1, 2, 20))]
    return bytes(data)


def facts(wire: Wire) -> dict[str, object]:
    """Everything that is read from a head."""
    names = (name for name in Wire.__slots__ if not name.startswith("_"))
    return {name: getattr(wire, name) for name in names if name not in ("client", "received_ns")}


def test_what_is_taken_is_read_as_h11_reads_it() -> None:
    dice = random.Random(9112)
    taken = 0
    for _ in range(MUTATED):
        data = mutated(dice)
        wire = read_ordinary(data)
        if wire is None:
            continue
        taken += 1
        parser = h11.Connection(h11.SERVER)
        parser.receive_data(data)
        request = parser.next_event()
        assert isinstance(request, h11.Request), data
        said = (request.method.decode(), request.target, request.http_version.decode())
        assert (wire.method, wire.target, wire.version) == said, data
        assert list(wire.headers) == request.headers.raw_items(), data
        assert framing(request) == (wire.framing, wire.length), data
        assert data.startswith(wire.head), data
        if taken % READ_TWICE == 0:
            assert facts(wire) == facts(read_odd(wire.head)), data
    assert taken >= LEAST_TAKEN * MUTATED


def framing(request: h11.Request) -> tuple[Framing, int | None]:
    """Framing and length by h11's reading."""
    values = dict(request.headers)
    if b"transfer-encoding" in values:
        return Framing.CHUNKED, None
    if b"content-length" in values:
        return Framing.LENGTH, int(values[b"content-length"])
    return Framing.NONE, None


def test_the_rest_of_a_head_is_what_h11_leaves() -> None:
    for head in HEADS:
        parser = h11.Connection(h11.SERVER)
        parser.receive_data(head + b"rest")
        parser.next_event()
        wire = read_ordinary(head + b"rest")
        assert wire is None or wire.head == head
