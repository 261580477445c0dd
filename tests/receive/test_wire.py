"""What the wire protocol hands over of a request, byte for byte and however it is cut into packets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.raw_http import Connection, request_bytes, send_raw
from support.waiting import DEADLINE_SECONDS
from support.wire_server import Recorder, WireServer, wire_server

CHUNKED = b"Transfer-Encoding: chunked"

SEGMENTS = pytest.mark.parametrize("segment", [0, 7, 1], ids=["one write", "7 bytes", "1 byte"])


@pytest.fixture(scope="module", params=["auto", "asyncio"])
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def server(recorder: Recorder, loop: str) -> Iterator[WireServer]:
    with wire_server(recorder, loop=loop) as running:
        yield running


def write(connection: Connection, data: bytes, segment: int) -> None:
    if segment:
        connection.send_in_pieces(data, segment)
    else:
        connection.send(data)


@SEGMENTS
def test_names_keep_case_order_and_repeats(server: WireServer, recorder: Recorder, segment: int) -> None:
    data = (
        b"POST /case HTTP/1.1\r\nhOsT: x\r\nX-FoO: 1\r\nx-foo:\t2 \t\r\nX-FOO: \r\n"
        b"Content-Length: 2\r\nCaf\xc3\xa9: no\r\n\r\nhi"
    ).replace(b"Caf\xc3\xa9: no\r\n", b"Latin: caf\xe9\r\nUtf: caf\xc3\xa9\r\n")
    with Connection(server.callbacks) as connection:
        write(connection, data, segment)
        assert connection.read_reply().body == b"hi"
    seen = recorder.next()
    assert seen.wire.headers == (
        (b"hOsT", b"x"),
        (b"X-FoO", b"1"),
        (b"x-foo", b"2"),
        (b"X-FOO", b""),
        (b"Content-Length", b"2"),
        (b"Latin", b"caf\xe9"),
        (b"Utf", b"caf\xc3\xa9"),
    )
    assert seen.scope["headers"] == [(name.lower(), value) for name, value in seen.wire.headers]
    assert seen.scope["http_version"] == "1.1"


@SEGMENTS
def test_trailers_stay_apart_from_the_head(server: WireServer, recorder: Recorder, segment: int) -> None:
    data = (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"6;ext=1\r\nhello \r\n5\r\nworld\r\n0\r\nX-Sum: 1\r\nAuthorization: forged\r\nX-Sum: 2\r\n\r\n"
    )
    with Connection(server.callbacks) as connection:
        write(connection, data, segment)
        assert connection.read_reply().body == b"hello world"
    seen = recorder.next()
    assert seen.wire.headers == ((b"Host", b"x"), (b"Transfer-Encoding", b"chunked"))
    assert seen.wire.trailers == [(b"X-Sum", b"1"), (b"Authorization", b"forged"), (b"X-Sum", b"2")]
    assert (b"authorization", b"forged") not in seen.scope["headers"]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/a"),
        ("GET", "/a?"),
        ("GET", "/a?b#c"),
        ("GET", "/a#c"),
        ("POST", "//a//b///"),
        ("POST", "/x/../../api/%2e%2E/%61pi;p=1"),
        ("POST", "/a%zz%4/%ff/%00end?q=%ff%00&&=;%&+"),
        ("POST", "/a%2Fb%0d%0aX:%201"),
        ("GET", "http://other.test/p?q"),
        ("OPTIONS", "*"),
        ("CONNECT", "host.test:443"),
        ("PURGE", "/cache"),
        ("M-SEARCH", "/found"),
        ("GET", "/long?" + "s" * 70_000),
    ],
)
def test_targets_are_as_sent(server: WireServer, recorder: Recorder, method: str, target: str) -> None:
    send_raw(server.callbacks, request_bytes(method, target))
    seen = recorder.next()
    assert (seen.scope["method"], seen.target) == (method, target.encode())


def test_what_asgi_is_told_of_the_target(server: WireServer, recorder: Recorder) -> None:
    send_raw(server.inspector, request_bytes("GET", "/a%20b/%C3%A9?x=%20&y"))
    scope = recorder.next().scope
    assert (scope["path"], scope["raw_path"]) == ("/a b/é", b"/a%20b/%C3%A9")
    assert scope["query_string"] == b"x=%20&y"
    assert scope["server"] == server.inspector


@SEGMENTS
@pytest.mark.parametrize(
    ("head", "body", "framed"),
    [
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, X\r\nUpgrade: h2c\r\nContent-Length: 5\r\n",
            b"hello",
            b"hello",
        ),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\n%s\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n" % CHUNKED,
            b"hello",
            b"2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: 1\r\n\r\n",
        ),
        (
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
            b"",
            b"",
        ),
        (b"CONNECT host.test:443 HTTP/1.1\r\nHost: host.test\r\nContent-Length: 2\r\n", b"hi", b"hi"),
    ],
    ids=["h2c", "h2c chunked", "websocket", "connect"],
)
def test_an_offer_to_leave_http_is_ignored(
    server: WireServer, recorder: Recorder, head: bytes, body: bytes, framed: bytes, segment: int
) -> None:
    with Connection(server.callbacks) as connection:
        write(connection, head + b"\r\n" + framed, segment)
        reply = connection.read_reply()
        assert (reply.status, reply.body) == (200, body)
        if head.startswith(b"CONNECT"):
            assert reply.header("connection") == "close"
            assert connection.is_closed()
        else:
            connection.send(request_bytes(target="/after"))
            assert connection.read_reply().status == 200
            assert recorder.seen.qsize() == 2
    seen = recorder.next()
    assert (seen.body, seen.whole) == (body, True)
    if not head.startswith(b"CONNECT"):
        assert recorder.next().target == b"/after"
    assert seen.wire.trailers == ([(b"X-Trailer", b"1")] if b"Trailer" in framed else [])


def test_nothing_behind_a_connect_is_taken_for_a_request(server: WireServer, recorder: Recorder) -> None:
    tunnel = request_bytes("CONNECT", "host.test:443", body=b"hi")
    with Connection(server.callbacks) as connection:
        connection.send(tunnel + request_bytes("POST", "/smuggled", [("X-Late", "1")], b"more"))
        assert connection.read_reply().body == b"hi"
        assert connection.is_closed()
    seen = recorder.next()
    assert (seen.body, seen.wire.trailers) == (b"hi", [])
    send_raw(server.callbacks, request_bytes(target="/after"))
    assert recorder.next().target == b"/after"


def test_a_sender_that_expects_100_is_told_to_go_on(server: WireServer, recorder: Recorder) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(b"PUT /up HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n")
        assert connection.read_line() == b"HTTP/1.1 100 Continue"
        assert connection.read_line() == b""
        connection.send(b"ok")
        assert connection.read_reply().body == b"ok"
    assert recorder.next().body == b"ok"


def test_http_1_0_is_answered_and_closed(server: WireServer, recorder: Recorder) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(b"POST /old HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi")
        assert connection.read_reply().body == b"hi"
        assert connection.is_closed()
    assert recorder.next().scope["http_version"] == "1.0"


def test_a_connection_is_kept_for_the_next_request(server: WireServer, recorder: Recorder) -> None:
    with Connection(server.callbacks) as connection:
        for number in range(3):
            connection.send(request_bytes(target=f"/{number}", body=b"x" * number))
            assert connection.read_reply().body == b"x" * number
            assert recorder.next().target == b"/%d" % number


@SEGMENTS
def test_pipelined_requests_are_answered_in_order(
    server: WireServer, recorder: Recorder, segment: int
) -> None:
    requests = [request_bytes(target=f"/p{number}", body=b"%d" % number) for number in range(5)]
    with Connection(server.callbacks) as connection:
        write(connection, b"".join(requests), segment)
        assert [connection.read_reply().body for _ in requests] == [b"0", b"1", b"2", b"3", b"4"]
    assert [recorder.next().target for _ in requests] == [b"/p0", b"/p1", b"/p2", b"/p3", b"/p4"]


def test_nothing_is_read_behind_a_connection_close(server: WireServer, recorder: Recorder) -> None:
    last = request_bytes(target="/last", headers=[("Connection", "close")], body=b"a")
    with Connection(server.callbacks) as connection:
        connection.send(last + request_bytes(target="/beyond", body=b"b"))
        assert connection.read_reply().body == b"a"
        assert connection.is_closed()
    assert recorder.next().target == b"/last"
    send_raw(server.callbacks, request_bytes(target="/after"))
    assert recorder.next().target == b"/after"


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01\x00", b"BREW / HTTP/1.1\r\n\r\n", b"GET / HTTP/9\r\n\r\n"]
)
def test_what_is_not_http_gets_400_and_no_log(
    server: WireServer, caplog: pytest.LogCaptureFixture, garbage: bytes
) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(garbage)
        assert connection.read_reply().status == 400
        assert connection.is_closed()
    assert server.malformed.get(timeout=DEADLINE_SECONDS).raw == garbage
    assert caplog.records == []


def test_garbage_behind_a_request_does_not_take_its_reply(server: WireServer, recorder: Recorder) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target="/first", body=b"a") + b"\x00\x01nonsense\r\n\r\n")
        reply = connection.read_reply()
        assert (reply.status, reply.body) == (200, b"a")
        assert connection.read_reply().status == 400
        assert connection.is_closed()
    assert recorder.next().whole
    assert server.malformed.get(timeout=DEADLINE_SECONDS).raw == b"\x00\x01nonsense\r\n\r\n"


def test_broken_chunks_end_the_body_but_not_the_answer(server: WireServer, recorder: Recorder) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Connection(server.callbacks) as connection:
        connection.send(head + b"5\r\nhello\r\nZZ\r\nlost\r\n0\r\n\r\n")
        assert connection.read_reply().body == b"hello"
        assert connection.is_closed()
    seen = recorder.next()
    assert (seen.body, seen.whole) == (b"hello", False)
    assert "framing" in (seen.wire.broken or "")


def test_broken_chunks_at_the_inspector_get_400(server: WireServer, recorder: Recorder) -> None:
    data = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"
    assert send_raw(server.inspector, data).status == 400
    assert not recorder.next().whole
