"""What becomes of a callback that is too long, cut off or one too many, and of one whose sender leaves."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.raw_http import Connection, RawReply, request_bytes, send
from support.servers import RunningServer, running_server
from support.waiting import until

from inspector.settings import Limits

LIMIT_BYTES = 100_000


@pytest.fixture(scope="module")
def small() -> Iterator[RunningServer]:
    """A server that keeps 100,000 bytes of a body."""
    with running_server(limits=Limits(body_bytes=LIMIT_BYTES)) as running:
        yield running


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_of_exactly_the_limit_is_whole(small: RunningServer, framing: str) -> None:
    body = b"x" * LIMIT_BYTES
    headers = [("Transfer-Encoding", "chunked")] if framing == "chunked" else []
    reply = small.send(headers=headers, body=chunked(body) if headers else body)
    assert reply.status == 200
    request = small.delivery(reply).request
    assert (request.body, request.complete) == (body, True)


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("beyond", [1, 5_000_000])
def test_of_a_longer_body_the_beginning_is_kept(small: RunningServer, framing: str, beyond: int) -> None:
    body = b"x" * (LIMIT_BYTES + beyond)
    headers = [("Transfer-Encoding", "chunked")] if framing == "chunked" else []
    reply = small.send(headers=headers, body=chunked(body) if headers else body)
    assert reply.status == 413
    assert b"100,000" in reply.body
    delivery = small.delivery(reply)
    assert (delivery.request.body, delivery.request.complete) == (body[:LIMIT_BYTES], False)
    assert "100,000" in (delivery.request.incomplete_reason or "")
    assert delivery.sent.reply.status == 413


def test_a_sender_that_asks_first_is_told_that_its_body_is_too_long(small: RunningServer) -> None:
    with Connection(small.callbacks) as connection:
        connection.send(
            request_bytes(headers=[("Expect", "100-continue"), ("Content-Length", str(LIMIT_BYTES + 1))])
        )
        status, _ = connection.read_head()
        told = connection.read_to_end()
    assert status == 413
    assert b"stored without it" in told


def test_a_callback_cut_off_in_its_body_is_kept_as_a_part(server: RunningServer) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target="/cut", headers=[("Content-Length", "100")], body=b"only-some"))
    delivery = server.only_delivery()
    assert (delivery.request.body, delivery.request.complete) == (b"only-some", False)
    assert "9 of 100 bytes" in (delivery.request.incomplete_reason or "")
    until(lambda: not server.store.delivery(delivery.id).sent.completed, what="word that it was not answered")
    assert server.send(body=b"alive").status == 200


def test_a_callback_with_broken_chunks_is_kept_and_refused(server: RunningServer) -> None:
    reply = server.send(headers=[("Transfer-Encoding", "chunked")], body=b"5\r\nhello\r\nZZ\r\n")
    assert reply.status == 400
    delivery = server.delivery(reply)
    assert (delivery.request.body, delivery.request.complete) == (b"hello", False)
    assert "framing" in (delivery.request.incomplete_reason or "")


def test_trailers_are_kept_apart(server: RunningServer) -> None:
    reply = server.send(
        headers=[("Transfer-Encoding", "chunked")], body=b"1\r\nx\r\n0\r\nX-Sum: 1\r\nHost: forged\r\n\r\n"
    )
    request = server.delivery(reply).request
    assert request.trailers == ((b"X-Sum", b"1"), (b"Host", b"forged"))
    assert [name for name, _ in request.headers] == [b"Host", b"Transfer-Encoding"]


@pytest.mark.parametrize("way", ["close", "reset", "half-close"])
def test_it_is_known_whether_a_sender_waited_for_its_reply(server: RunningServer, way: str) -> None:
    slow = {"path": "/slow", "reply": {"delay_seconds": 0.3}}
    server.client.send("POST", "/api/endpoints", slow)
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes(target="/slow", body=b"x"))
        delivery = server.only_delivery()
        if way == "close":
            connection.socket.close()
        elif way == "reset":
            connection.reset()
        else:
            connection.half_close()
            assert connection.read_reply().status == 200
            assert connection.is_closed()
    if way == "half-close":
        assert server.store.delivery(delivery.id).sent.completed
    else:
        until(lambda: not server.store.delivery(delivery.id).sent.completed, what="word that it was gone")


def send_until(server: RunningServer, status: int, body: bytes) -> RawReply:
    """Send *body* again and again until it is answered so."""
    replies: list[RawReply] = []

    def answered_so() -> bool:
        replies.append(server.send(body=body))
        return replies[-1].status == status

    until(answered_so, what=f"a reply with {status}")
    return replies[-1]


def test_what_is_read_at_once_is_bounded_and_one_is_always_admitted(tmp_path: Path) -> None:
    with running_server(tmp_path, limits=Limits(waiting_bytes=1000)) as server:
        alone = server.send(body=b"x" * 5000)
        assert alone.status == 200
        with Connection(server.callbacks) as waiting:
            waiting.send(request_bytes(headers=[("Content-Length", "901")], body=b"x" * 900))
            refused = send_until(server, 503, b"y" * 900)
            assert refused.header("retry-after") == "1"
            assert refused.header("x-callback-delivery") is None
            assert server.send(body=b"z" * 50).status == 200
            stored = server.store.count()
            waiting.send(b"x")
            assert waiting.read_reply().status == 200
        assert server.store.count() == stored + 1
        assert server.send(body=b"y" * 900).status == 200


def test_a_large_body_is_verified_like_a_small_one(tmp_path: Path) -> None:
    body = b'{"data": "' + b"x" * 2_000_000 + b'"}'
    signature = "sha256=" + hmac.new(b"a secret", body, hashlib.sha256).hexdigest()
    headers = [("X-Blaxel-Signature", signature), ("X-Blaxel-Timestamp", str(int(time.time())))]
    with running_server(tmp_path, environ={"CALLBACK_SECRET": "a secret"}) as server:
        assert server.delivery(server.send(headers=headers, body=body)).verification
        assert not server.delivery(server.send(headers=headers, body=body[:-1] + b" ")).verification


def test_a_head_request_gets_no_body(server: RunningServer) -> None:
    server.client.send("POST", "/api/endpoints", {"path": "/text", "reply": {"body": "hello"}})
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes("HEAD", "/text") + request_bytes("GET", "/text"))
        head = connection.read_reply(to_head=True)
        get = connection.read_reply()
    assert (head.status, head.header("content-length"), head.body) == (200, "5", b"")
    assert get.body == b"hello"


def test_the_default_reply(server: RunningServer) -> None:
    reply = server.send(body=b"x")
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers == [
        ("content-type", "text/plain; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("content-length", "0"),
        ("x-callback-delivery", str(server.only_delivery().id)),
    ]


def test_the_delivery_header_can_be_left_out(tmp_path: Path) -> None:
    with running_server(tmp_path, delivery_header=False) as server:
        assert server.send().header("x-callback-delivery") is None
        assert server.store.count() == 1


@pytest.fixture(scope="module")
def routed() -> Iterator[RunningServer]:
    """A server with endpoints ``/a`` and ``/a/b`` beside the root."""
    with running_server() as running:
        for path in ("/a", "/a/b"):
            running.client.send("POST", "/api/endpoints", {"path": path})
        yield running


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("CONNECT", "evil.test:443", 405), ("OPTIONS", "*", 204), ("GET", "a/b", 400), ("GET", "@evil/x", 400)],
)
def test_targets_without_a_path_are_caught_by_the_root(
    routed: RunningServer, method: str, target: str, status: int
) -> None:
    reply = routed.send(method, target)
    assert reply.status == status
    delivery = routed.delivery(reply)
    assert (delivery.request.method, delivery.request.path) == (method, target)
    assert delivery.endpoint_id == routed.store.endpoint("/").id


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a", "/a"),
        ("/a?b=/a/b", "/a"),
        ("/a#/b", "/a"),
        ("/a/", "/a"),
        ("/a/c", "/a"),
        ("/a/b", "/a/b"),
        ("/a/b/c?d", "/a/b"),
        ("/ab", "/"),
        ("/A", "/"),
        ("/%61", "/"),
        ("//a", "/"),
        ("/", "/"),
        ("http://other.test/a/x?y", "/a"),
        ("HTTPS://other.test/a/b", "/a/b"),
        ("http://other.test?/a", "/"),
        ("http://other.test", "/"),
    ],
)
def test_the_longest_path_on_a_boundary_wins(routed: RunningServer, target: str, path: str) -> None:
    delivery = routed.delivery(routed.send(target=target))
    assert delivery.endpoint_id == routed.store.endpoint(path).id
    assert delivery.request.path == target


def test_the_sender_is_the_peer_whatever_it_claims(server: RunningServer) -> None:
    headers = [("X-Forwarded-For", "6.6.6.6"), ("Forwarded", "for=6.6.6.6")]
    with Connection(server.callbacks) as connection:
        host, port = connection.socket.getsockname()
        connection.send(request_bytes(headers=headers))
        delivery = server.delivery(connection.read_reply())
    assert delivery.request.client == f"{host}:{port}"
    reply = send(("::1", server.callbacks[1]))
    assert server.delivery(reply).request.client.startswith("[::1]:")


def test_a_delayed_reply_holds_nobody_else_up(server: RunningServer) -> None:
    for path, delay_seconds in (("/slow", 1.5), ("/fast", 0)):
        server.client.send(
            "POST", "/api/endpoints", {"path": path, "reply": {"delay_seconds": delay_seconds}}
        )
    with Connection(server.callbacks) as slow:
        started = time.monotonic()
        slow.send(request_bytes(target="/slow", body=b"1"))
        until(server.store.count, what="the slow one's row")
        assert server.send(target="/fast").status == 200
        assert time.monotonic() - started < 5
        assert slow.read_reply().status == 200
        assert 1.5 <= time.monotonic() - started < 8


def test_an_endpoint_that_rejects_keeps_what_it_rejects(server: RunningServer) -> None:
    wanted = {"path": "/strict", "scheme": "blaxel", "secret": "a secret", "reject_invalid": True}
    server.client.send("POST", "/api/endpoints", wanted)
    reply = server.send(target="/strict", body=b"{}")
    assert (reply.status, reply.body) == (401, b'{"error": "Invalid signature"}')
    assert reply.header("content-type") == "application/json"
    delivery = server.delivery(reply)
    assert (delivery.verification.status, delivery.sent.reply.status) == ("missing", 401)
