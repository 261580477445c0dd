"""How replies leave: whole ones in one piece, names as the application wrote them, nothing smuggled in."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send
from support.raw_http import Connection, request_bytes, send_raw
from support.wire_server import WireServer, wire_server

Fields = list[tuple[bytes, bytes]]

REPLIES: dict[str, tuple[int, Fields, list[bytes]]] = {
    "/whole": (200, [(b"X-CaSe", b"\xe9"), (b"Content-Length", b"2")], [b"hi"]),
    "/empty": (204, [], [b""]),
    "/odd-status": (599, [(b"content-length", b"0")], [b""]),
    "/close": (200, [(b"content-length", b"2"), (b"connection", b"close")], [b"hi"]),
    "/pieces": (200, [(b"content-length", b"6")], [b"abc", b"def"]),
    "/no-length": (200, [], [b"hi"]),
    "/big": (200, [(b"content-length", b"3000000")], [b"x" * 3_000_000]),
    "/smuggled-value": (200, [(b"content-length", b"2"), (b"x", b"a\r\nSet-Cookie: b=c")], [b"hi"]),
    "/smuggled-name": (200, [(b"content-length", b"2"), (b"x: y\r\nSet-Cookie", b"b=c")], [b"hi"]),
    "/nul": (200, [(b"content-length", b"2"), (b"x", b"\0")], [b"hi"]),
    "/too-long": (200, [(b"content-length", b"1")], [b"hi"]),
}


async def scripted(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers by the script above."""
    status, fields, pieces = REPLIES[scope["path"]]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    for number, piece in enumerate(pieces, 1):
        await send({"type": "http.response.body", "body": piece, "more_body": number < len(pieces)})


@pytest.fixture(scope="module", params=["auto", "asyncio"])
def server(request: pytest.FixtureRequest) -> Iterator[WireServer]:
    with wire_server(scripted, loop=request.param) as running:
        yield running


def test_a_whole_reply_is_one_piece_as_written(server: WireServer) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target="/whole"))
        assert (
            connection.socket.recv(65536) == b"HTTP/1.1 200 OK\r\nX-CaSe: \xe9\r\nContent-Length: 2\r\n\r\nhi"
        )


def test_the_length_stands_in_the_reply_to_head(server: WireServer) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes("HEAD", "/whole") + request_bytes(target="/whole"))
        head = connection.read_reply(to_head=True)
        assert (head.header("content-length"), connection.read_reply().body) == ("2", b"hi")


@pytest.mark.parametrize(
    ("target", "status", "body"),
    [
        ("/empty", 204, b""),
        ("/odd-status", 599, b""),
        ("/pieces", 200, b"abcdef"),
        ("/no-length", 200, b"hi"),
        ("/big", 200, b"x" * 3_000_000),
    ],
)
def test_other_replies_keep_the_connection_too(
    server: WireServer, target: str, status: int, body: bytes
) -> None:
    with Connection(server.callbacks) as connection:
        for _ in range(2):
            connection.send(request_bytes(target=target))
            reply = connection.read_reply()
            assert (reply.status, reply.body) == (status, body)


@pytest.mark.parametrize("headers", [[], [("Connection", "close")]])
def test_a_connection_is_closed_when_either_side_says_so(
    server: WireServer, headers: list[tuple[str, str]]
) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target="/whole" if headers else "/close", headers=headers))
        reply = connection.read_reply()
        assert (reply.body, reply.header("connection")) == (b"hi", "close")
        assert connection.is_closed()


@pytest.mark.parametrize("target", ["/smuggled-value", "/smuggled-name", "/nul", "/too-long"])
def test_a_reply_that_would_say_something_else_is_not_sent(
    server: WireServer, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, "uvicorn.error"), Connection(server.callbacks) as connection:
        connection.send(request_bytes(target=target))
        came = connection.read_to_end()
    assert b"Set-Cookie" not in came
    assert b"hi" not in came


def test_an_application_that_fails_is_a_500(server: WireServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, "uvicorn.error"):
        reply = send_raw(server.callbacks, request_bytes(target="/unknown"))
    assert (reply.status, reply.body) == (500, b"Internal Server Error")
