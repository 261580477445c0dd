"""How replies leave: whole ones in one piece, names as the application wrote them, nothing smuggled in."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest
from starlette.types import Message, Receive, Scope, Send
from support.raw_http import Connection, request_bytes, send_raw
from support.waiting import until
from support.wire_server import WireServer, wire_server

from inspector.receive.wire import Wire

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
    "/nul-no-length": (200, [(b"x", b"\0")], [b"hi"]),
    "/too-long": (200, [(b"content-length", b"1")], [b"hi"]),
}


LOGGER = "inspector.receive.wire.cycle"

ENDLESS_PIECES: list[int] = []
"""The sizes of what the endless reply has got rid of."""


async def scripted(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers by the script above, or by an act of its own."""
    act = ACTS.get(scope["path"])
    if act is not None:
        await act(scope["extensions"]["wire"], send)
        return
    status, fields, pieces = REPLIES[scope["path"]]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    for number, piece in enumerate(pieces, 1):
        await send({"type": "http.response.body", "body": piece, "more_body": number < len(pieces)})


def start(length: bytes) -> Message:
    return {"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]}


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


async def begin_twice(_: Wire, send: Send) -> None:
    await send(start(b"2"))
    await send(start(b"2"))


async def begin_with_the_body(_: Wire, send: Send) -> None:
    await send(body(b"hi"))


async def go_on_behind_the_end(_: Wire, send: Send) -> None:
    for message in (start(b"2"), body(b"hi"), body(b"ho")):
        await send(message)


async def do_nothing(_: Wire, send: Send) -> None:
    """Not even begin a reply."""


async def send_half(_: Wire, send: Send) -> None:
    await send(start(b"9"))
    await send(body(b"half", more=True))


async def send_too_little(_: Wire, send: Send) -> None:
    await send_half(_, send)
    await send(body(b"."))


async def send_an_endless_reply(_: Wire, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    while not _.gone:
        await send(body(b"x" * 100_000, more=True))
        ENDLESS_PIECES.append(100_000)


async def stream_early(wire: Wire, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    while not wire.gone:
        await send(body(b"early", more=True))
        await asyncio.sleep(0.01)


async def stream(_: Wire, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    for message in (body(b"one", more=True), body(b"", more=True), body(b"two", more=True), body(b"")):
        await send(message)


async def write_raw(wire: Wire, send: Send) -> None:
    wire.write_raw(b"\x00 no reply")
    wire.close()


async def abort(wire: Wire, send: Send) -> None:
    wire.abort()


async def reset(wire: Wire, send: Send) -> None:
    wire.reset()


async def reset_late(wire: Wire, send: Send) -> None:
    gone = asyncio.Event()
    wire.when_gone(gone.set)
    await gone.wait()
    wire.reset()


ACTS: dict[str, Callable[[Wire, Send], Awaitable[None]]] = {
    "/twice": begin_twice,
    "/no-start": begin_with_the_body,
    "/after-the-end": go_on_behind_the_end,
    "/nothing": do_nothing,
    "/half-a-reply": send_half,
    "/too-short": send_too_little,
    "/endless": send_an_endless_reply,
    "/stream": stream,
    "/stream-early": stream_early,
    "/raw": write_raw,
    "/raw-abort": abort,
    "/raw-reset": reset,
    "/raw-reset-late": reset_late,
}


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


@pytest.mark.parametrize(
    "target", ["/smuggled-value", "/smuggled-name", "/nul", "/nul-no-length", "/too-long"]
)
def test_a_reply_that_would_say_something_else_is_not_sent(
    server: WireServer, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, LOGGER), Connection(server.callbacks) as connection:
        connection.send(request_bytes(target=target))
        reply = connection.read_reply()
        assert connection.is_closed()
    assert (reply.status, reply.body) == (500, b"Internal Server Error")
    assert reply.header("set-cookie") is None


def test_an_application_that_fails_is_a_500(server: WireServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, LOGGER):
        reply = send_raw(server.callbacks, request_bytes(target="/unknown"))
    assert (reply.status, reply.body) == (500, b"Internal Server Error")


@pytest.mark.parametrize("target", ["/twice", "/no-start", "/after-the-end"])
def test_an_application_that_confuses_the_order_of_a_reply_has_failed(
    server: WireServer, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, LOGGER), Connection(server.callbacks) as connection:
        connection.send(request_bytes(target=target))
        reply = connection.read_reply()
        assert reply.status == (200 if target == "/after-the-end" else 500)


@pytest.mark.parametrize(
    ("target", "came"),
    [
        ("/nothing", b"HTTP/1.1 500 "),
        ("/half-a-reply", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
        ("/too-short", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
        ("/raw", b"\x00 no reply"),
        ("/raw-abort", b""),
        ("/raw-reset", b""),
    ],
)
def test_what_comes_of_an_application_that_does_not_answer(
    server: WireServer, target: str, came: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, LOGGER), Connection(server.callbacks) as connection:
        connection.send(request_bytes(target=target))
        try:
            told = connection.read_to_end()
        except ConnectionResetError:
            told = connection.pending
            assert target in ("/raw-abort", "/raw-reset", "/half-a-reply", "/too-short")
        assert told.startswith(came) if came else told == b""


def test_a_reset_is_one(server: WireServer) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target="/raw-reset"))
        with pytest.raises(ConnectionResetError):
            connection.read_to_end()


def test_a_reset_of_a_connection_that_is_gone_is_nothing(
    server: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    with Connection(server.inspector) as connection:
        connection.send(request_bytes(target="/raw-reset-late"))
        until(lambda: [one for one in server.connections if one.cycle is not None], what="the request")
        connection.reset()
    until(lambda: not server.connections, what="the end of the connection")
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target="/whole"))  # behind which the act above has ended
        assert connection.read_reply().body == b"hi"
    assert caplog.records == []


def test_a_reply_without_a_length_ends_an_old_connection(server: WireServer) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(b"GET /no-length HTTP/1.0\r\n\r\n")
        assert connection.read_to_end() == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi"


def test_a_reply_in_pieces_without_a_length_is_chunked(server: WireServer) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target="/stream"))
        assert connection.read_reply().body == b"onetwo"


def test_a_reply_to_head_in_pieces_has_none_of_them(server: WireServer) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes("HEAD", "/pieces") + request_bytes(target="/whole"))
        assert connection.read_reply(to_head=True).header("content-length") == "6"
        assert connection.read_reply().body == b"hi"


def test_a_reply_before_the_request_is_whole_ends_the_connection_gently(server: WireServer) -> None:
    head = request_bytes(target="/whole", headers=[("Content-Length", "3000000")])
    with Connection(server.callbacks) as connection:
        connection.send(head)
        reply = connection.read_reply()
        assert (reply.body, reply.header("connection")) == (b"hi", "close")
        assert connection.is_closed()
        connection.send(b"x" * 3_000_000)  # which is read and dropped, so that no reset destroys the reply


def test_a_reader_that_does_not_read_holds_the_application_up(server: WireServer) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target="/endless"))
        until(lambda: ENDLESS_PIECES, what="the first pieces")
        until(lambda: stands_still(ENDLESS_PIECES), what="an application that waits")
        stuck = len(ENDLESS_PIECES)
        assert stuck < 1000
        while len(ENDLESS_PIECES) == stuck:
            connection.socket.recv(1_000_000)
    until(lambda: not server.connections, what="the end of the connection")
    ENDLESS_PIECES.clear()


def stands_still(pieces: list[int]) -> bool:
    """Whether no piece is added for a moment."""
    size = len(pieces)
    threading.Event().wait(0.1)
    return len(pieces) == size


def test_a_body_that_breaks_under_a_reply_at_the_inspector_ends_both(server: WireServer) -> None:
    head = b"POST /stream-early HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Connection(server.inspector) as connection:
        connection.send(head)
        assert connection.read_head()[0] == 200
        connection.send(b"ZZ\r\n")
        assert b"400" not in connection.read_to_end()
    until(lambda: not server.connections, what="the end of the connection")
