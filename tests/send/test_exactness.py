"""What is sent arrives byte for byte: asserted at a receiver that keeps every byte, and at our own."""

from __future__ import annotations

import asyncio

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st
from support.recorder import recorder
from support.servers import running_server

from inspector.errors import InvalidInput
from inspector.models import HeaderPairs
from inspector.send.dialer import send
from inspector.send.exchange import Exchange
from inspector.send.outgoing import Outgoing
from inspector.send.targets import Rules, read_target

HOST = (b"hOSt", b"localhost:2255")
BODY = b'{"a": 1}'

TOKENS = st.text(alphabet="!#$%&'*+-.^_`|~09azAZ", min_size=1, max_size=12)
BLANKS = b" \t\r\n\v\f"
VALUES = st.one_of(
    st.binary(max_size=20).map(lambda value: value.translate(None, b"\0\r\n\v\f").strip(BLANKS)),
    st.sampled_from([b"", b"\x1b[2J", "ä".encode(), b"\xff", b"a  b\tc", b"a, a"]),
)
NAMES = TOKENS.filter(
    lambda name: name.lower() not in ("host", "content-length", "transfer-encoding", "upgrade", "expect")
)
FIELDS = st.lists(st.tuples(NAMES.map(str.encode), VALUES), max_size=8)
TARGETS = st.text(alphabet="/?%#&=.;:@!$'()*+,[]\"<>\\^`{|}~aZ0-_", max_size=30).map(
    lambda text: f"/{text}".encode()
)


def exchange(request: Outgoing) -> tuple[bytes, Exchange]:
    """What a receiver got when *request* was sent, and what came back."""

    async def run() -> tuple[bytes, Exchange]:
        async with recorder() as record:
            done = await send(request, read_target(record.url), Rules())
        assert done.failure is None
        assert done.response is not None
        assert done.response.body == b"ok"
        (received,) = record.requests
        return received, done

    return asyncio.run(run())


def wire(request: Outgoing) -> bytes:
    """The bytes that *request* is, written down once more."""
    lines = [request.method.encode() + b" " + request.target + b" HTTP/1.1"]
    lines += [b"%s: %s" % pair for pair in request.headers]
    return b"\r\n".join([*lines, b"", b""]) + request.body


@given(method=TOKENS, target=TARGETS, before=FIELDS, after=FIELDS, body=st.binary(max_size=100))
@settings(max_examples=200, deadline=None)
def test_every_byte_arrives(
    method: str,
    target: bytes,
    before: list[tuple[bytes, bytes]],
    after: list[tuple[bytes, bytes]],
    body: bytes,
) -> None:
    length = (b"content-LENGTH", b"%d" % len(body))
    request = Outgoing(method, target, (*before, HOST, *after, length), body)
    received, done = exchange(request)
    assert received == wire(request)
    assert done.request == request


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        # Nothing to correct
        ((HOST,), (HOST,)),
        ((HOST, (b"Content-Length", b"8")), (HOST, (b"Content-Length", b"8"))),
        ((HOST, (b"content-length", b"08")), (HOST, (b"content-length", b"08"))),
        # No host, no framing, a wrong one, two that differ, two that agree, one that nobody knows
        ((), ((b"Host", b"127.0.0.1:PORT"), (b"Content-Length", b"8"))),
        ((HOST, (b"A", b"b")), (HOST, (b"A", b"b"), (b"Content-Length", b"8"))),
        (((b"content-length", b"7"), HOST), ((b"content-length", b"8"), HOST)),
        ((HOST, (b"Content-Length", b"8, 8")), (HOST, (b"Content-Length", b"8"))),
        ((HOST, (b"Content-Length", b"+8")), (HOST, (b"Content-Length", b"8"))),
        ((HOST, (b"Content-Length", b"8" * 5000)), (HOST, (b"Content-Length", b"8"))),
        (
            (HOST, (b"Content-Length", b"8"), (b"X", b"y"), (b"Content-Length", b"9")),
            (HOST, (b"Content-Length", b"8"), (b"X", b"y")),
        ),
        (
            (HOST, (b"Transfer-Encoding", b"chunked"), (b"X", b"y"), (b"Content-length", b"9")),
            (HOST, (b"Content-Length", b"8"), (b"X", b"y")),
        ),
        ((HOST, (b"Transfer-Encoding", b"gzip, chunked")), (HOST, (b"Content-Length", b"8"))),
        (
            (HOST, (b"Transfer-Encoding", b"chunked"), (b"transfer-encoding", b"chunked")),
            (HOST, (b"Content-Length", b"8")),
        ),
    ],
)
def test_framing_is_made_one_and_right(given: HeaderPairs, sent: HeaderPairs) -> None:
    has_body = given != (HOST,)
    received, done = exchange(Outgoing("POST", b"/", given, BODY if has_body else b""))
    port = b"%d" % (done.address or ("", 0))[1]
    expected = tuple((name, value.replace(b"PORT", port)) for name, value in sent)
    assert done.request.headers == expected
    assert received == wire(done.request)


def test_chunked_stays_chunked() -> None:
    head = (HOST, (b"TRANSFER-Encoding", b"Chunked"), (b"X", b"y"))
    received, _ = exchange(Outgoing("POST", b"/", head, BODY))
    assert received == wire(Outgoing("POST", b"/", head, b"8\r\n" + BODY + b"\r\n0\r\n\r\n"))
    received, _ = exchange(Outgoing("POST", b"/", head))
    assert received == wire(Outgoing("POST", b"/", head, b"0\r\n\r\n"))


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (Outgoing("", b"/", ()), "method"),
        (Outgoing("PO ST", b"/", ()), "method"),
        (Outgoing("POST\r\nX: y", b"/", ()), "method"),
        (Outgoing("PÖST", b"/", ()), "method"),
        (Outgoing("CONNECT", b"/", ()), "method"),
        (Outgoing("POST", b"", ()), "target"),
        (Outgoing("POST", b"/a b", ()), "target"),
        (Outgoing("POST", b"/\r\n", ()), "target"),
        (Outgoing("POST", "/ä".encode(), ()), "target"),
        (Outgoing("GET", b"http://169.254.169.254/", ()), "target"),
        (Outgoing("GET", b"169.254.169.254:80", ()), "target"),
        (Outgoing("POST", b"/", ((b"X", b"a\r\nY: b"),)), "headers"),
        (Outgoing("POST", b"/", ((b"X", b"a\nb"),)), "headers"),
        (Outgoing("POST", b"/", ((b"X", b"a\0b"),)), "headers"),
        (Outgoing("POST", b"/", ((b"X ", b"a"),)), "headers"),
        (Outgoing("POST", b"/", ((b"X:Y", b"a"),)), "headers"),
        (Outgoing("POST", b"/", ((b"", b"a"),)), "headers"),
        (Outgoing("POST", b"/", ((b"X", b" a"),)), "headers"),
        (Outgoing("POST", b"/", (HOST, HOST)), "headers"),
    ],
)
def test_what_http_cannot_carry_is_refused_before_anything_is_sent(request_: Outgoing, field: str) -> None:
    async def run() -> None:
        async with recorder() as record:
            with pytest.raises(InvalidInput) as invalid:
                await send(request_, read_target(record.url), Rules())
        assert [error.field for error in invalid.value.errors] == [field]
        assert record.connections == 0

    asyncio.run(run())


def test_our_own_listener_keeps_what_was_sent() -> None:
    headers = (HOST, (b"X-FoO", b"1"), (b"x-foo", b"2"), (b"X-FOO", b""), (b"Content-Length", b"3"))
    request = Outgoing("QUERY", b"/a/../b//c?x=%zz&&", headers, b"\0\xff\n")
    with running_server() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        target = read_target(f"http://localhost:{server.callbacks[1]}/")
        done = runner.run(send(request, target, Rules()))
        assert done.response is not None
        assert done.response.status == 200
        kept = server.only_delivery().request
    assert (kept.method, kept.target, kept.headers, kept.body) == (
        "QUERY",
        request.target,
        headers,
        b"\0\xff\n",
    )


def test_a_body_of_ten_mebibytes() -> None:
    body = bytes(range(256)) * 40_960
    received, _ = exchange(Outgoing("PUT", b"/", (HOST, (b"Content-Length", b"%d" % len(body))), body))
    assert received.endswith(b"\r\n\r\n" + body)
