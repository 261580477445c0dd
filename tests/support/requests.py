"""Requests and deliveries as plain values, and a receiver that keeps the bytes of one request it is sent."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from inspector.models import (
    Delivery,
    Reply,
    Request,
    SentReply,
    SignatureState,
    TimestampState,
    Verification,
    VerificationStatus,
)

RECEIVED_NS = 1_795_608_000_123_456_000
"""2026-11-25 12:00:00.123456 UTC."""

VALID = Verification(
    VerificationStatus.VALID, SignatureState.MATCH, TimestampState.FRESH, "blaxel", "Signed.", "match"
)


def request(
    body: bytes = b"",
    content_type: str | None = None,
    *headers: tuple[str, str],
    method: str = "POST",
    target: bytes = b"/hook",
    http_version: str = "1.1",
    incomplete_reason: str | None = None,
) -> Request:
    """A request; header text stands for bytes as Latin-1."""
    typed = () if content_type is None else (("Content-Type", content_type),)
    pairs = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in (*typed, *headers))
    return Request(
        method,
        target,
        http_version,
        pairs,
        body,
        "127.0.0.1:50000",
        RECEIVED_NS,
        incomplete_reason=incomplete_reason,
    )


def delivery(
    received: Request, *, reply: Reply | None = None, note: str = "", pinned: bool = False
) -> Delivery:
    """*received* as a delivery that was answered half a second later."""
    sent = SentReply(reply or Reply(), received.received_at + timedelta(milliseconds=500))
    return Delivery(7, "endpoint", received, VALID, sent, "message", 1, note, pinned, 3)


def case_requests(case: dict[str, Any]) -> list[Request]:
    """The requests of a recorded case, in order."""
    return [_case_request(one) for one in (case["request"], *case.get("more_requests", []))]


def _case_request(one: dict[str, Any]) -> Request:
    headers = tuple((name.encode("latin-1"), value.encode("utf-8")) for name, value in one["headers"])
    target = one["path"].replace("{hook}", "/hook").encode("latin-1")
    return Request(one["method"], target, "1.1", headers, case_body(one), "127.0.0.1:50000", RECEIVED_NS)


def case_body(one: dict[str, Any]) -> bytes:
    """The body of a recorded request, given whole or as parts to join."""
    if "body_gen" not in one:
        return base64.b64decode(one.get("body_b64", ""))
    body = b""
    for part in one["body_gen"]["parts"]:
        match part:
            case ["repeat", str(text), int(times)]:
                body += base64.b64decode(text) * times
            case ["bytes", str(text)] | str(text):
                body += base64.b64decode(text)
    assert len(body) == one["body_gen"]["length"]
    return body


@dataclass
class Received:
    """What came over a socket: the head's lines, without the framing of the reply."""

    head: list[bytes] = field(default_factory=list)
    body: bytes = b""

    @property
    def request_line(self) -> bytes:
        return self.head[0]

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        pairs = (line.partition(b":") for line in self.head[1:])
        return [(name, value.strip()) for name, _, value in pairs]


@contextmanager
def receiver() -> Iterator[tuple[str, Received]]:
    """A socket that takes one request; its address, and the request once the block has ended."""
    received = Received()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        thread = threading.Thread(target=_take_one, args=(server, received), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", received
        thread.join(20)
        assert not thread.is_alive(), "no whole request came"


def _take_one(server: socket.socket, received: Received) -> None:
    connection, _ = server.accept()
    with connection:
        connection.settimeout(20)
        data = b""
        while b"\r\n\r\n" not in data:
            data += _more(connection)
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        fields = dict(line.lower().split(b":", 1) for line in lines[1:])
        length = int(fields.get(b"content-length", b"0"))
        while len(body) < length:
            body += _more(connection)
        received.head, received.body = lines, body
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 16)
    assert data, "the sender closed early"
    return data
