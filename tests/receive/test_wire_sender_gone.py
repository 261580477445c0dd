"""Senders that close early, in part or altogether: what came is kept, and who still listens is answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.raw_http import Connection, request_bytes
from support.waiting import DEADLINE_SECONDS, until
from support.wire_server import Gate, Recorder, WireServer, empty, wire_server

from inspector.receive.wire import WireProtocol

SIZES = pytest.mark.parametrize("size", [0, 1024, 60_000, 200_000])
READERS = pytest.mark.parametrize("target", ["/ordinary", "/odd#part"])


@pytest.fixture(scope="module", params=["auto", "asyncio"])
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def shared_recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def running(shared_recorder: Recorder, loop: str) -> Iterator[WireServer]:
    with wire_server(shared_recorder, loop=loop) as running:
        yield running


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def reply_gate() -> Gate:
    return Gate()


@pytest.fixture
def recorder(shared_recorder: Recorder, gate: Gate, reply_gate: Gate) -> Recorder:
    shared_recorder.before = gate.wait
    shared_recorder.before_reply = reply_gate.wait
    return shared_recorder


@pytest.fixture
def server(running: WireServer, recorder: Recorder) -> Iterator[WireServer]:
    """The server, from which nothing is left over behind a test."""
    empty(running.malformed)
    empty(recorder.seen)
    yield running
    until(lambda: not running.connections, what="the end of all connections")
    until(lambda: not running.server.server_state.tasks, what="the end of all requests")
    assert (running.malformed.qsize(), recorder.seen.qsize()) == (0, 0)


def has_heard_the_end(server: WireServer) -> bool:
    """Whether the server has noticed that the only sender closed, or has stopped reading for its size."""
    return all(connection.half_closed or connection.flow.read_paused for connection in server.connections)


@READERS
@SIZES
def test_a_whole_body_survives_the_close_of_its_sender(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate, size: int, target: str
) -> None:
    body = b"x" * size
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target=target, body=body))
        until(lambda: server.connections, what="the connection")
    until(lambda: has_heard_the_end(server), what="the sender's close")
    gate.open(server)
    seen = recorder.next()
    assert (seen.body, seen.whole) == (body, True)
    until(lambda: all(one.half_closed for one in server.connections), what="the sender's close")
    reply_gate.open(server)
    until(lambda: seen.wire.gone, what="word that nobody took the reply")
    until(lambda: not server.connections, what="the end of the connection")


@READERS
@SIZES
def test_a_sender_that_half_closes_gets_its_reply(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate, size: int, target: str
) -> None:
    body = b"x" * size
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target=target, body=body))
        connection.half_close()
        until(lambda: server.connections and has_heard_the_end(server), what="the half-close")
        reply_gate.open(server)
        gate.open(server)
        assert connection.read_reply().body == body
        assert connection.is_closed()
    seen = recorder.next()
    assert seen.whole
    assert not seen.wire.gone


def test_a_half_close_at_the_inspector_is_the_end(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate
) -> None:
    with Connection(server.inspector) as connection:
        connection.send(request_bytes(body=b"hi"))
        until(lambda: server.connections, what="the connection")
        connection.half_close()
        assert connection.is_closed()
    gate.open(server)
    reply_gate.open(server)
    seen = recorder.next()
    assert (seen.body, seen.whole, seen.wire.gone) == (b"hi", True, True)


@READERS
@pytest.mark.parametrize("size", [1, 60_000])
def test_a_part_of_a_body_is_delivered_as_a_part(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate, size: int, target: str
) -> None:
    part = b"x" * size
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target=target, headers=[("Content-Length", "100000")], body=part))
        until(lambda: server.connections, what="the connection")
    until(lambda: not server.connections, what="the sender's close")
    gate.open(server)
    reply_gate.open(server)
    seen = recorder.next()
    assert (seen.body, seen.whole, seen.wire.gone) == (part, False, True)


@READERS
@SIZES
def test_of_a_reset_body_what_came_is_delivered(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate, size: int, target: str
) -> None:
    body = b"x" * size
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target=target, body=body))
        until(lambda: any(one.cycle for one in server.connections), what="the request")
        until(lambda: any(has_all_it_reads(one) for one in server.connections), what="what is read of it")
        connection.reset()
    until(lambda: all(one.flow.read_paused for one in server.connections), what="the reset")
    gate.open(server)
    seen = recorder.next()
    assert body.startswith(seen.body)
    assert seen.whole is (seen.body == body)
    assert seen.whole or size > 60_000
    until(lambda: seen.wire.gone, what="word that nobody takes the reply")
    reply_gate.open(server)


def has_all_it_reads(connection: WireProtocol) -> bool:
    """Whether *connection* has its whole request, or has stopped reading for its size."""
    cycle = connection.cycle
    return cycle is not None and (not cycle.more_body or connection.flow.read_paused)


def test_a_reset_before_the_reply_is_noticed(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate
) -> None:
    connection = Connection(server.callbacks)
    connection.send(request_bytes(body=b"hi"))
    until(lambda: any(one.cycle for one in server.connections), what="the request")
    connection.reset()
    until(lambda: not server.connections, what="the reset")
    gate.open(server)
    reply_gate.open(server)
    seen = recorder.next()
    assert (seen.body, seen.whole, seen.wire.gone) == (b"hi", True, True)


def test_pipelined_requests_survive_the_close_of_their_sender(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate
) -> None:
    requests = [request_bytes(target=f"/{number}", body=b"x") for number in range(3)]
    connection = Connection(server.callbacks)
    connection.send(b"".join(requests))
    until(lambda: any(one.kept for one in server.connections), what="all three")
    connection.reset()
    gate.open(server)
    reply_gate.open(server)
    assert sorted(recorder.next().target for _ in requests) == [b"/0", b"/1", b"/2"]


def test_reading_stops_while_nobody_takes_the_body(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate
) -> None:
    body = b"x" * 8_000_000
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(headers=[("Content-Length", str(len(body)))], body=b""))
        connection.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.send(body * 4)
        held = [one.cycle.held_bytes for one in server.connections if one.cycle is not None]
        assert held
        assert max(held) < 1_000_000
    gate.open(server)
    reply_gate.open(server)
    assert recorder.next().body.startswith(b"xxxx")


def test_a_sender_may_go_away_with_its_reply(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate
) -> None:
    gate.open(server)
    told: list[str] = []
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(body=b"hi"))
        connection.half_close()
        seen = recorder.next()
        seen.wire.when_gone(lambda: told.append("when it went"))
        until(lambda: all(one.half_closed for one in server.connections), what="the half-close")
        reply_gate.open(server)
        assert connection.read_reply().body == b"hi"
        connection.reset()
    until(lambda: told, what="word that it went")
    seen.wire.when_gone(lambda: told.append("at once"))
    assert told == ["when it went", "at once"]


FIRST = request_bytes(target="/first", body=b"1")
SECOND = request_bytes(target="/second", body=b"2")


@pytest.mark.parametrize(
    ("behind", "reason"),
    [
        (b"POST /half HTTP/1.1\r\nHost", "in the middle of the head"),
        (b"\x00\x01\x02", "Binary data"),
        (request_bytes(target="/part", headers=[("Content-Length", "9")], body=b"part"), None),
        (request_bytes(target="/whole", body=b"part"), None),
        (b"\r\n", None),
    ],
    ids=["half a head", "garbage", "a part", "a whole", "a blank line"],
)
@pytest.mark.parametrize("way", ["half-close", "reset"])
def test_what_is_kept_behind_requests_is_given_its_due(
    server: WireServer,
    recorder: Recorder,
    gate: Gate,
    reply_gate: Gate,
    behind: bytes,
    reason: str | None,
    way: str,
) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(FIRST + SECOND + behind)
        until(lambda: any(one.kept for one in server.connections), what="what is kept")
        if way == "reset":
            connection.reset()
        else:
            connection.half_close()
        gate.open(server)
        reply_gate.open(server)
        if way == "half-close":
            assert [connection.read_reply().body for _ in range(2)] == [b"1", b"2"]
        assert [recorder.next().target for _ in range(2)] == [b"/first", b"/second"]
        if behind.startswith((b"POST /part", b"POST /whole")):
            seen = recorder.next()
            assert (seen.body, seen.whole) == (b"part", seen.target == b"/whole")
        until(lambda: not server.connections, what="the end of the connection")
    if reason is not None:
        kept = server.malformed.get(timeout=DEADLINE_SECONDS)
        assert kept.raw == behind
        assert reason in kept.reason


def test_senders_that_are_gone_before_they_are_seen(
    server: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(200):
        Connection(server.callbacks).reset()
    until(lambda: not server.connections, what="the end of all connections")
    assert caplog.records == []


def test_what_comes_before_the_reply_is_kept_for_later(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate
) -> None:
    gate.open(server)
    with Connection(server.callbacks) as connection:
        connection.send(FIRST)
        assert recorder.next().target == b"/first"
        connection.send(SECOND)
        until(lambda: any(one.kept for one in server.connections), what="what is kept")
        reply_gate.open(server)
        assert [connection.read_reply().body for _ in range(2)] == [b"1", b"2"]
    assert recorder.next().wire.flags == ["pipelined"]


def test_what_comes_behind_a_broken_body_is_dropped(
    server: WireServer, recorder: Recorder, gate: Gate, reply_gate: Gate
) -> None:
    gate.open(server)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Connection(server.callbacks) as connection:
        connection.send(head + b"2\r\nhi\r\nZZ\r\n")
        assert recorder.next().body == b"hi"
        (one,) = server.connections
        server.loop.call_soon_threadsafe(one.data_received, b"as if it had been read already")
        reply_gate.open(server)
        assert connection.read_reply().body == b"hi"
        assert connection.is_closed()


def test_an_application_that_is_cancelled_ends_its_connection(
    server: WireServer, recorder: Recorder, gate: Gate
) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(body=b"hi"))
        (cycle,) = until(lambda: [one.cycle for one in server.connections if one.cycle], what="the request")
        server.loop.call_soon_threadsafe(cycle.task.cancel)
        assert connection.is_closed()
