"""Every input of the corpus, whole, in sevens and byte by byte, on both event loops: recorded, or refused."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest
from support.raw_http import Connection
from support.waiting import DEADLINE_SECONDS, until
from support.wire_corpus import INPUTS, Input
from support.wire_server import Recorder, Seen, WireServer, empty, wire_server

from inspector.content.wire_flags import WIRE_FLAGS
from inspector.models import Framing
from inspector.receive.wire import WireProtocol

SLOW_BYTES = 8 * 1024
"""Longer inputs are not sent byte by byte."""

CASES = [
    pytest.param(each, segment, id=f"{each.name}, {segment or 'whole'}")
    for each in INPUTS
    for segment in (0, 7, 1)
    if segment == 0 or len(each.data) <= (SLOW_BYTES if segment == 1 else 1_000_000)
]


@pytest.fixture(scope="module", params=["auto", "asyncio"])
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder(echo=False)


@pytest.fixture(scope="module")
def server(recorder: Recorder, loop: str) -> Iterator[WireServer]:
    with wire_server(recorder, loop=loop) as running:
        yield running


@pytest.mark.parametrize(("given", "segment"), CASES)
def test_input(
    server: WireServer, recorder: Recorder, given: Input, segment: int, caplog: pytest.LogCaptureFixture
) -> None:
    with Connection(server.callbacks) as connection:
        if segment:
            connection.send_in_pieces(given.data, segment)
        else:
            connection.send(given.data)
        if given.malformed is not None:
            connection.half_close()
            assert connection.read_reply().status == given.status
            assert connection.is_closed()
        elif not given.cut:
            to_head = given.data.startswith(b"HEAD")
            statuses = {connection.read_reply(to_head=to_head).status for _ in given.requests}
            assert statuses == {200}
            if given.closes:
                assert connection.is_closed()
    for expected in given.requests:
        seen = recorder.next()
        assert (seen.wire.head, seen.body) == (expected.head, expected.body)
        assert tuple(seen.wire.trailers) == expected.trailers
        assert seen.whole is not (given.cut or expected.broken is not None)
        assert (expected.broken or "") in (seen.wire.broken or "")
        assert (seen.wire.broken is None) is (expected.broken is None)
        assert seen.wire.chunks == expected.chunks
        assert {*seen.wire.flags} - {"pipelined"} == {*expected.flags}
        assert {*seen.wire.flags} <= WIRE_FLAGS.keys()
        assert_says_what_the_head_says(seen)
    if given.malformed is not None:
        kept = server.malformed.get(timeout=DEADLINE_SECONDS)
        assert given.malformed in kept.reason
        assert kept.status == given.status
        assert kept.raw == given.data[: 64 * 1024]
        assert kept.size >= min(len(given.data), 256 * 1024)
        assert (kept.listener, kept.client.partition(":")[0]) == (server.callbacks[1], "127.0.0.1")
    until(lambda: not server.connections, what="the end of the connection")
    assert (server.malformed.qsize(), recorder.seen.qsize(), caplog.records) == (0, 0, [])


def assert_says_what_the_head_says(seen: Seen) -> None:
    """Method, target, version, framing and fields against a reading of the head that knows no oddities."""
    wire = seen.wire
    line, *lines = wire.head.rstrip(b"\r\n").replace(b"\r\n", b"\n").split(b"\n")
    assert line == b" ".join((wire.method.encode(), wire.target, b"HTTP/" + wire.version.encode()))
    unfolded: list[bytes] = []
    for each in lines:
        if each[:1] in (b" ", b"\t"):
            unfolded[-1] += b" " + each.strip(b" \t")
        else:
            unfolded.append(each)
    pairs = [(name, value.strip(b" \t")) for name, _, value in (each.partition(b":") for each in unfolded)]
    assert list(wire.headers) == pairs
    assert seen.scope["headers"] == [(name.lower(), value) for name, value in pairs]
    names = {name.lower() for name, _ in pairs}
    if b"transfer-encoding" in names:
        assert wire.framing is Framing.CHUNKED
    else:
        assert wire.framing is (Framing.LENGTH if b"content-length" in names else Framing.NONE)


def test_pipelined_requests_are_flagged(server: WireServer, recorder: Recorder) -> None:
    (pipeline,) = (each for each in INPUTS if each.name == "57")
    with Connection(server.callbacks) as connection:
        connection.send(pipeline.data)
        for _ in pipeline.requests:
            connection.read_reply()
    flagged = ["pipelined" in recorder.next().wire.flags for _ in pipeline.requests]
    assert flagged == [False, True, True]


@pytest.mark.parametrize("sent", [b"", b"1", b"12345"])
@pytest.mark.parametrize("way", ["close", "reset"])
def test_a_sender_that_goes_behind_the_head(
    server: WireServer, recorder: Recorder, sent: bytes, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(b"POST /gone HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n" + sent)
        until(lambda: [one for one in server.connections if one.cycle is not None], what="the request")
        if way == "reset":
            connection.reset()
    seen = recorder.next()
    assert (seen.whole, seen.wire.broken) == (False, None)
    assert sent.startswith(seen.body)
    until(lambda: not server.connections, what="the end of the connection")
    assert caplog.records == []


@pytest.mark.parametrize("way", ["close", "reset"])
def test_a_sender_that_goes_in_the_head(server: WireServer, way: str) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(b"POST /gone HTTP/1.1\r\nHost: x\r\nX-")
        until(lambda: [one for one in server.connections if one.heads.came], what="the half head")
        if way == "reset":
            connection.reset()
    kept = server.malformed.get(timeout=DEADLINE_SECONDS)
    assert kept.raw == b"POST /gone HTTP/1.1\r\nHost: x\r\nX-"
    assert kept.status == (0 if way == "reset" else 400)
    assert "in the middle of the head" in kept.reason


def test_of_connections_that_have_ended_nothing_is_left(
    server: WireServer, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    for address in (server.callbacks, server.inspector):
        for given in INPUTS:
            for way in ("half-close", "close", "reset"):
                with Connection(address) as connection, suppress(OSError):
                    connection.send(given.data[:SLOW_BYTES])
                    end(connection, way)
                    connection.read_to_end()
    until(lambda: not server.connections, what="the end of all connections")

    def none_is_held() -> bool:
        empty(server.malformed)
        empty(recorder.seen)
        gc.collect()
        return not any(isinstance(each, WireProtocol) for each in gc.get_objects())

    until(none_is_held, what="the last timer and task of each")
    assert caplog.records == []


def end(connection: Connection, way: str) -> None:
    """End *connection* in one of three ways."""
    match way:
        case "half-close":
            connection.half_close()
        case "close":
            connection.socket.close()
        case _:
            connection.reset()
