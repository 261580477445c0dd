"""What the client makes of servers that are no Callback Inspector, and of refusals by one that is."""

from __future__ import annotations

import json
import socket

import pytest
from support.strangers import answering

from inspector.client import Client
from inspector.errors import Conflict, InspectorError, InvalidInput, NotFound, Refused, Unreachable


def http(status: int, body: bytes, kind: str = "text/html") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        http(200, b""),
        http(200, b"<html></html>"),
        http(200, b"[]", "application/json"),
        http(200, b"\xff\xfe", "application/json"),
        http(302, b""),
        http(404, b"<h1>Not Found</h1>"),
        http(500, b"oops"),
    ],
)
def test_a_stranger_is_unreachable(answer: bytes) -> None:
    with answering(answer) as url:
        client = Client(url)
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1"):
            client.get("/api/deliveries")
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1"):
            list(client.stream("/api/stream"))


@pytest.mark.parametrize(
    "body",
    [
        b"Transfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n3\r\ntwo\r\n",
        b"Content-Length: 100\r\n\r\none\ntwo",
    ],
)
def test_lines_that_break_off_are_no_end(body: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\n" + body
    with answering(answer) as url, pytest.raises(Unreachable, match=r"127\.0\.0\.1"):
        list(Client(url).lines("/api/export"))


def test_lines_have_their_ends_however_they_come() -> None:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (b"on", b"e\n\ntwo\nth", b"ree"))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with answering(head + chunks + b"0\r\n\r\n") as url:
        assert list(Client(url).lines("/api/export")) == [b"one\n", b"\n", b"two\n", b"three"]


@pytest.mark.parametrize(
    ("status", "problem", "error"),
    [
        (404, {"code": "not-found", "detail": "No such delivery."}, NotFound("No such delivery.")),
        (409, {"code": "conflict", "detail": "Taken."}, Conflict("Taken.")),
        (401, {"code": "token", "detail": "A token."}, Refused("A token.", status=401, code="token")),
        (503, {"title": "Busy"}, Refused("Busy", status=503)),
        (
            400,
            {"code": "invalid-input", "errors": [{"field": "scheme", "message": "is unknown"}]},
            InvalidInput.of("scheme", "is unknown"),
        ),
    ],
)
def test_a_refusal_is_the_error_that_it_stands_for(
    status: int, problem: dict[str, object], error: InspectorError
) -> None:
    answer = http(status, json.dumps(problem).encode(), "application/problem+json")
    with answering(answer) as url, pytest.raises(type(error)) as raised:
        Client(url).send("POST", "/api/endpoints", {})
    assert (str(raised.value), raised.value.code) == (str(error), error.code)


def test_a_stream_that_breaks_is_told_from_one_that_ends() -> None:
    event = b"id: 1\nevent: hello\ndata: {}\n\n"
    whole = http(200, event, "text/event-stream")
    with answering(whole) as url:
        assert [each.kind for each in Client(url).stream("/api/stream")] == ["hello"]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    with answering(head + b"%x\r\n%s\r\n20\r\nevent:" % (len(event), event)) as url:
        stream = Client(url).stream("/api/stream")
        assert next(stream).kind == "hello"
        with pytest.raises(Unreachable):
            next(stream)


def test_nobody_listening() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unreachable, match=f"No server answers at http://127.0.0.1:{port}/"):
        Client(f"http://127.0.0.1:{port}").get("/api/deliveries")
