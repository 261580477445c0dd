"""Senders that are slow, silent, too many or too long: each is ended in time, and told why."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send
from support.raw_http import Connection, request_bytes
from support.waiting import DEADLINE_SECONDS, until
from support.wire_server import Gate, Recorder, WireServer, empty, wire_server

from inspector.settings import Limits

LIMITS = Limits(
    head_bytes=4096, head_seconds=0.3, body_idle_seconds=0.5, request_seconds=0.9, callback_connections=6
)
CLOCK_SECONDS = 0.01
"""How exactly the clock of an event loop goes."""

HEAD = b"POST /slow HTTP/1.1\r\nHost: x\r\n"
LENGTH = HEAD + b"Content-Length: 100\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module", params=["auto", "asyncio"])
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def running(recorder: Recorder, loop: str) -> Iterator[WireServer]:
    with wire_server(recorder, loop=loop, limits=LIMITS) as running:
        yield running


@pytest.fixture
def server(running: WireServer, recorder: Recorder) -> Iterator[WireServer]:
    """The server, from which nothing is left over behind a test."""
    empty(running.malformed)
    empty(recorder.seen)
    yield running
    until(lambda: not running.connections, what="the end of all connections")
    assert (running.malformed.qsize(), recorder.seen.qsize()) == (0, 0)


def drip(connection: Connection, piece: bytes) -> float:
    """Send *piece* again and again until there is a reply; how long that took, in seconds."""
    started = time.monotonic()
    connection.socket.settimeout(0.05)
    while time.monotonic() < started + DEADLINE_SECONDS:
        try:
            connection.send(piece)
            connection.pending += connection.socket.recv(65536)
            break
        except TimeoutError:
            continue
        except ConnectionError:
            break  # closed while a piece was on its way
    connection.socket.settimeout(DEADLINE_SECONDS)
    return time.monotonic() - started


@pytest.mark.parametrize("start", [HEAD, b"POST /slow HTTP/1.1\nHost: x\n", b"POST /slow"])
def test_a_head_that_does_not_end_in_time(server: WireServer, start: bytes) -> None:
    with Connection(server.callbacks) as connection:
        started = time.monotonic()
        connection.send(start)
        assert connection.read_reply().status == 408
        assert time.monotonic() - started >= LIMITS.head_seconds - CLOCK_SECONDS
        assert connection.is_closed()
    kept = server.malformed.get(timeout=DEADLINE_SECONDS)
    assert (kept.raw, kept.status) == (start, 408)
    assert "0.3 seconds" in kept.reason


def test_a_head_that_drips_has_no_more_time(server: WireServer) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(HEAD + b"X: ")
        assert drip(connection, b"x") >= 0.2
        assert connection.read_reply().status == 408
    assert server.malformed.get(timeout=DEADLINE_SECONDS).raw.startswith(HEAD + b"X: x")


def test_a_silent_connection_is_closed(server: WireServer) -> None:
    with Connection(server.callbacks) as connection:
        started = time.monotonic()
        assert connection.is_closed()
        assert time.monotonic() - started >= LIMITS.head_seconds - CLOCK_SECONDS
    assert server.malformed.empty()


@pytest.mark.parametrize("blank", [b"\r\n", b"\n\n\r\n"])
def test_blank_lines_alone_are_nothing(server: WireServer, blank: bytes) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(blank)
        assert connection.is_closed()
    assert server.malformed.empty()


@pytest.mark.parametrize(("first", "most_seconds"), [(b"", 0.3), (request_bytes(), 1.0)])
def test_blank_lines_give_nobody_more_time(
    server: WireServer, recorder: Recorder, first: bytes, most_seconds: float
) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(first)
        if first:
            assert connection.read_reply().status == 200
            assert recorder.next().whole
        took_seconds = drip(connection, b"\r\n")
        assert most_seconds - CLOCK_SECONDS <= took_seconds < most_seconds + 1
        assert connection.pending == b""
    assert server.malformed.empty()


@pytest.mark.parametrize(("start", "body"), [(LENGTH + b"abc", b"abc"), (CHUNKED + b"3\r\nabc\r\n", b"abc")])
def test_a_body_that_stops_is_kept_as_a_part(
    server: WireServer, recorder: Recorder, start: bytes, body: bytes
) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(start)
        assert connection.read_reply().body == body
        assert connection.is_closed()
    seen = recorder.next()
    assert (seen.body, seen.whole, seen.wire.broken_status) == (body, False, 408)
    assert "No byte of the body came for 0.5 seconds" in (seen.wire.broken or "")


def test_a_body_that_stops_at_the_inspector_is_told_at_once(server: WireServer, recorder: Recorder) -> None:
    with Connection(server.inspector) as connection:
        connection.send(LENGTH + b"abc")
        reply = connection.read_reply()
        assert (reply.status, b"No byte of the body" in reply.body) == (408, True)
        assert connection.is_closed()
    assert not recorder.next().whole


@pytest.mark.parametrize(("start", "piece"), [(LENGTH, b"x"), (CHUNKED, b"1\r\nx\r\n")])
def test_a_body_that_drips_on_and_on_is_ended(
    server: WireServer, recorder: Recorder, start: bytes, piece: bytes
) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(start)
        assert drip(connection, piece) >= 0.6
    seen = recorder.next()
    assert not seen.whole
    assert "not complete after 0.9 seconds" in (seen.wire.broken or "")


def test_a_body_that_is_slow_but_moves_is_whole(server: WireServer, recorder: Recorder) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(HEAD + b"Content-Length: 4\r\n\r\n")
        connection.socket.settimeout(0.1)
        for _ in range(4):
            with pytest.raises(TimeoutError):
                connection.socket.recv(1)
            connection.send(b"x")
        connection.socket.settimeout(DEADLINE_SECONDS)
        assert connection.read_reply().body == b"xxxx"
    assert recorder.next().whole


def test_our_own_back_pressure_is_not_the_senders_fault(loop: str) -> None:
    gate = Gate()
    recorder = Recorder(before=gate.wait, echo=False)
    body = b"x" * 3_000_000
    with (
        wire_server(recorder, loop=loop, limits=LIMITS) as server,
        Connection(server.callbacks) as connection,
    ):
        connection.send(HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
        server.loop.call_soon_threadsafe(server.loop.call_later, 1.5, gate.open, server)
        connection.send(body)
        assert connection.read_reply().status == 200
        assert recorder.next().body == body


def test_an_idle_connection_is_kept_for_its_time(server: WireServer, recorder: Recorder) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target="/first"))
        connection.read_reply()
        connection.socket.settimeout(
            0.6
        )  # longer than a head may take, shorter than an idle connection is kept
        with pytest.raises(TimeoutError):
            connection.socket.recv(1)
        connection.socket.settimeout(DEADLINE_SECONDS)
        connection.send(request_bytes(target="/second"))
        assert connection.read_reply().status == 200
        connection.send(HEAD)
        assert connection.read_reply().status == 408
    assert server.malformed.get(timeout=DEADLINE_SECONDS).raw == HEAD
    assert [recorder.next().target for _ in range(2)] == [b"/first", b"/second"]


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("size", [5_000, 120_000, 20_000_000])
def test_a_head_that_is_too_long(server: WireServer, size: int, *, ended: bool) -> None:
    data = HEAD + b"X: " + b"x" * size + (b"\r\n\r\n" if ended else b"")
    with Connection(server.callbacks) as connection:
        try:
            connection.send(data)
            assert connection.read_reply().status == 431
        except ConnectionError:
            assert size == 20_000_000  # cut off long before its end
    kept = server.malformed.get(timeout=DEADLINE_SECONDS)
    assert "longer than 4,096 bytes" in kept.reason
    assert kept.raw == data[: 64 * 1024]
    assert kept.size < 2_000_000


@pytest.mark.parametrize("ends", [True, False])
def test_a_sender_that_does_not_read_its_reply_is_given_up(loop: str, *, ends: bool) -> None:
    recorder = Recorder()
    body = b"x" * 8_000_000
    headers = [("Connection", "close")] if ends else []
    with wire_server(recorder, loop=loop) as server, Connection(server.callbacks) as connection:
        connection.send(request_bytes(headers=headers, body=body))
        assert recorder.next().whole
        until(lambda: not server.connections, what="the end of the connection")
        assert len(connection.read_to_end()) < len(body)


def test_a_sender_that_reads_no_reply_and_sends_on_is_given_up(loop: str) -> None:
    reply = b"x" * 1_000_000
    served = []

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        served.append(scope)
        headers = [(b"Content-Length", b"%d" % len(reply))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": reply})

    with wire_server(answer, loop=loop) as server, Connection(server.callbacks) as connection:
        connection.send(request_bytes() * 1000)
        until(lambda: served, what="the first request")
        until(lambda: not server.connections, what="the end of the connection")
        until(lambda: len(served) == 1000, what="what it had sent by then")


@pytest.mark.parametrize("behind", [b"", request_bytes(body=b"second")])
def test_a_sender_that_reads_slowly_gets_its_reply(loop: str, behind: bytes) -> None:
    body = b"x" * 16_000_000
    with wire_server(Recorder(), loop=loop) as server, Connection(server.callbacks) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.send(request_bytes(body=body) + behind)
        started = time.monotonic()
        while time.monotonic() < started + 1.3:  # longer than an idle connection is kept
            connection.pending += connection.socket.recv(65536)
            threading.Event().wait(0.015)
        assert connection.read_reply().body == body
        if behind:
            assert connection.read_reply().body == b"second"


def test_one_connection_too_many_is_refused(server: WireServer, recorder: Recorder) -> None:
    crowd = [Connection(server.callbacks) for _ in range(LIMITS.callback_connections)]
    try:
        until(lambda: len(server.connections) == len(crowd), what="the crowd")
        with Connection(server.callbacks) as one_more:
            reply = one_more.read_reply()
            assert (reply.status, b"Too many connections" in reply.body) == (503, True)
            assert one_more.is_closed()
        with Connection(server.inspector) as elsewhere:
            elsewhere.send(request_bytes())
            assert elsewhere.read_reply().status == 200
    finally:
        for each in crowd:
            each.socket.close()
    until(lambda: not server.connections, what="the end of the crowd")
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes())
        assert connection.read_reply().status == 200
    for _ in range(2):
        assert recorder.next().whole


def test_the_refusal_waits_for_what_is_on_its_way(server: WireServer) -> None:
    data = b"\x16\x03\x01" + b"\x01" * 20_000
    with Connection(server.callbacks) as connection:
        started = time.monotonic()
        connection.send_in_pieces(data, 1000)
        assert connection.read_reply().status == 400
        assert connection.is_closed()
        assert time.monotonic() - started >= 0.2 - CLOCK_SECONDS
    kept = server.malformed.get(timeout=DEADLINE_SECONDS)
    assert (kept.raw, kept.size) == (data, len(data))


def test_of_a_flood_only_the_beginning_is_kept(server: WireServer) -> None:
    with Connection(server.callbacks) as connection:
        try:
            for _ in range(200):
                connection.send(b"\x00" * 100_000)
        except ConnectionError:
            pass
    kept = server.malformed.get(timeout=DEADLINE_SECONDS)
    assert kept.raw == bytes(64 * 1024)
    assert kept.size < 2_000_000


@pytest.mark.parametrize("target", ["/ordinary", "/odd#part"])
def test_a_server_that_stops_ends_every_connection(loop: str, target: str) -> None:
    gate = Gate()
    recorder = Recorder(before_reply=gate.wait)
    with wire_server(recorder, loop=loop) as server:
        idle, half_head, half_body, pipelined, refused = (Connection(server.callbacks) for _ in range(5))
        half_head.send(HEAD)
        half_body.send(request_bytes(target=target, headers=[("Content-Length", "9")], body=b"part"))
        pipelined.send(request_bytes(target=target, body=b"1") + request_bytes(body=b"2"))
        assert recorder.next().body == b"1"
        refused.send(b"\x00\x00")
        assert refused.read_reply().status == 400
        until(lambda: [one for one in server.connections if one.kept], what="what was kept")
        server.server.should_exit = True
        seen = recorder.next()
        assert (seen.body, seen.whole) == (b"part", False)
        assert "The server was stopped" in (seen.wire.broken or "")
        gate.open(server)
        reply = pipelined.read_reply()
        assert (reply.body, reply.header("connection")) == (b"1", "close")
        for each in (idle, half_head, half_body, pipelined):
            assert each.is_closed()
    assert server.malformed.get_nowait().raw == b"\x00\x00"
    assert (server.malformed.qsize(), recorder.seen.qsize(), server.connections) == (0, 0, set())
    for each in (idle, half_head, half_body, pipelined, refused):
        each.socket.close()
