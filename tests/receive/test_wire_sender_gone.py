"""Senders that close early, in part or altogether: what came is kept, and who still listens is answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.raw_http import Connection, request_bytes
from support.waiting import until
from support.wire_server import Gate, Recorder, WireServer, wire_server

from inspector.receive.wire import WireProtocol

SIZES = pytest.mark.parametrize("size", [0, 1024, 60_000, 200_000])
READERS = pytest.mark.parametrize("target", ["/ordinary", "/odd#part"])


@pytest.fixture(params=["auto", "asyncio"])
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def reply_gate() -> Gate:
    return Gate()


@pytest.fixture
def recorder(gate: Gate, reply_gate: Gate) -> Recorder:
    return Recorder(before=gate.wait, before_reply=reply_gate.wait)


@pytest.fixture
def server(recorder: Recorder, loop: str) -> Iterator[WireServer]:
    with wire_server(recorder, loop=loop) as running:
        yield running


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
    gate.open(server)
    reply_gate.open(server)
    seen = recorder.next()
    assert body.startswith(seen.body)
    assert seen.whole is (seen.body == body)
    assert seen.whole or size > 60_000
    until(lambda: seen.wire.gone, what="word that nobody takes the reply")


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
