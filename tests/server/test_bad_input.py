"""The whole corpus against a whole server: what is stored of each input, and what its sender is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.raw_http import Connection, RawReply, request_bytes
from support.servers import RunningServer, running_server
from support.waiting import until
from support.wire_corpus import INPUTS, Expected, Input

from inspector.models import Framing, Malformed, Request

STATUSES = {"6 asterisk": 204, "7 connect": 405, "9 a/b": 400, "9 @evil/x": 400}
"""What is answered to those that are stored and not answered by their endpoint."""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        yield running


@pytest.mark.parametrize("given", INPUTS, ids=[each.name for each in INPUTS])
def test_input(server: RunningServer, given: Input) -> None:
    stored, refused = server.store.count(), server.store.malformed_total()
    with Connection(server.callbacks) as connection:
        connection.send(given.data)
        if given.malformed is not None:
            connection.half_close()
            assert connection.read_reply().status == given.status
        elif not given.cut:
            to_head = given.data.startswith(b"HEAD")
            replies = [connection.read_reply(to_head=to_head) for _ in given.requests]
            for expected, reply in zip(given.requests, replies, strict=True):
                broken = expected.broken is not None
                assert reply.status == STATUSES.get(given.name, 400 if broken else 200)
                assert_stored(server, expected, reply)
    if given.cut:
        until(lambda: server.store.count() > stored, what="the part")
        (kept,) = server.store.newest(limit=1).rows
        assert not kept.complete
    assert server.store.count() == stored + len(given.requests)
    if given.malformed is not None:
        until(lambda: server.store.malformed_total() > refused, what="the record of what was refused")
        newest = newest_malformed(server)
        assert (newest.raw, newest.status) == (given.data[: 64 * 1024], given.status)
        assert given.malformed in newest.reason
        refused += 1
    assert server.store.malformed_total() == refused
    assert server.send(target="/alive").status == 200


def assert_stored(server: RunningServer, expected: Expected, reply: RawReply) -> None:
    request = server.delivery(reply).request
    assert (request.head, request.body, request.trailers) == (
        expected.head,
        expected.body,
        expected.trailers,
    )
    assert {*request.flags} - {"pipelined"} == {*expected.flags}
    assert request.chunks == expected.chunks
    assert request.complete is (expected.broken is None)
    assert (request.framing is Framing.CHUNKED) is (b"ransfer-Encoding" in expected.head)


def newest_malformed(server: RunningServer) -> Malformed:
    (newest,) = server.store.malformed(limit=1).rows
    return newest


def stored(server: RunningServer, data: bytes) -> tuple[RawReply, Request]:
    """What is answered to *data*, and what is stored of it."""
    with Connection(server.callbacks) as connection:
        connection.send(data)
        reply = connection.read_reply()
    return reply, server.delivery(reply).request


def test_a_preflight_gets_no_permission_that_was_not_given(server: RunningServer) -> None:
    headers = [("Origin", "http://evil.test"), ("Access-Control-Request-Method", "PUT")]
    reply, _ = stored(server, request_bytes("OPTIONS", "/in", headers))
    assert not [name for name, _ in reply.headers if name.startswith("access-control")]


def test_a_trace_is_no_echo(server: RunningServer) -> None:
    reply, request = stored(server, request_bytes("TRACE", "/in", [("Cookie", "secret")]))
    assert (reply.body, request.method) == (b"", "TRACE")


def test_both_hosts_of_an_absolute_target_are_kept(server: RunningServer) -> None:
    server.client.send("POST", "/api/endpoints", {"path": "/absolute"})
    reply, request = stored(server, request_bytes("GET", "http://other.test/absolute/x?q", host="here"))
    assert request.target == b"http://other.test/absolute/x?q"
    assert (b"Host", b"here") in request.headers
    endpoint = server.store.endpoint("/absolute")
    assert server.delivery(reply).endpoint_id == endpoint.id


def test_an_endpoint_is_found_by_the_path_as_it_was_written(server: RunningServer) -> None:
    server.client.send("POST", "/api/endpoints", {"path": "/raw"})
    endpoint = server.store.endpoint("/raw")
    for target, found in (
        ("/raw/%2e%2e/x", True),
        ("/raw%2Fx", False),
        ("/%72aw", False),
        ("/x/../raw", False),
    ):
        reply, _ = stored(server, request_bytes("POST", target))
        assert (server.delivery(reply).endpoint_id == endpoint.id) is found


def test_a_forged_trailer_decides_nothing(server: RunningServer) -> None:
    server.client.send(
        "POST", "/api/endpoints", {"path": "/signed", "scheme": "blaxel", "secret": "a secret"}
    )
    data = (
        b"POST /signed HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
        b"X-Blaxel-Signature: sha256=00\r\nX-Blaxel-Timestamp: 1\r\nHost: y\r\n\r\n"
    )
    reply, request = stored(server, data)
    assert server.delivery(reply).verification.status == "missing"
    assert [name for name, _ in request.headers] == [b"Host", b"Transfer-Encoding"]


@pytest.mark.parametrize(
    "scheme", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_request_is_kept_at_the_inspector_too(server: RunningServer, scheme: bytes) -> None:
    refused = server.store.malformed_total()
    with Connection(server.inspector) as connection:
        connection.send(scheme)
        connection.half_close()
        assert connection.read_reply().status == 400
    until(lambda: server.store.malformed_total() > refused, what="the record")
    newest = newest_malformed(server)
    assert (newest.raw, newest.listener) == (scheme, server.inspector[1])
