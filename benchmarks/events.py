"""From callback to browser: how long a POST takes to be acknowledged, and to be told on the event stream."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from statistics import median

from benchmarks.load import BODY
from benchmarks.servers import Subject

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Medians in milliseconds: of the POST itself, and from its first byte to the event at a listener."""

    reply_ms: float
    event_ms: float

    @property
    def ratio(self) -> float:
        return self.event_ms / self.reply_ms


def run(subject: Subject, events: int, pause_seconds: float = 0.05) -> Latency:
    """Send *events* callbacks one by one while one stream listens."""
    assert subject.inspector_port is not None
    replies, told = [], []
    with (
        socket.create_connection(("127.0.0.1", subject.inspector_port), TIMEOUT_SECONDS) as stream,
        socket.create_connection(("127.0.0.1", subject.port), TIMEOUT_SECONDS) as sender,
    ):
        stream.sendall(b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % subject.inspector_port)
        _read_until(stream, b"event: hello")
        for number in range(events):
            time.sleep(pause_seconds)  # apart, as callbacks come; the stream joins what comes together
            target = b"/event-%d-" % number
            head = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (target, len(BODY))
            started = time.perf_counter()
            sender.sendall(head + BODY)
            _read_until(sender, b"\r\n\r\n")
            replies.append(time.perf_counter() - started)
            _read_until(stream, target)
            told.append(time.perf_counter() - started)
    return Latency(median(replies) * 1e3, median(told) * 1e3)


def _read_until(connection: socket.socket, mark: bytes) -> None:
    came = b""
    while mark not in came:
        data = connection.recv(65536)
        if not data:
            raise SystemExit(f"benchmarks: the server closed before {mark!r} came")
        came += data
