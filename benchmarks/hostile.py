"""Input that costs its sender little: how long the wire needs for it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from statistics import quantiles

HEAD = b"POST /hostile HTTP/1.1\r\nHost: localhost\r\n"
TIMEOUT_SECONDS = 20.0


def tiny_chunks(port: int) -> None:
    """A body of 100,000 chunks of one byte."""
    _answered(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n", 1)


def blank_lines_in_a_chunk(port: int) -> None:
    """One chunk of 2 MiB that looks like the end of heads and bodies everywhere."""
    data = b"\r\n\r\n" * (512 * 1024)
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)
    _answered(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body, 1)


def pipeline(port: int) -> None:
    """3,000 requests in one write."""
    _answered(port, (HEAD + b"\r\n") * 3000, 3000)


def odd_pipeline(port: int) -> None:
    """3,000 requests in one write, each of them odd."""
    _answered(port, (HEAD + b"X: a\r\n b\r\n\r\n") * 3000, 3000)


COSTS = (
    ("100,000 chunks of one byte", 2.0, tiny_chunks),
    ("2 MiB of CRLFCRLF in a chunk", 2.0, blank_lines_in_a_chunk),
    ("3,000 pipelined requests in one write", 2.0, pipeline),
    ("3,000 odd ones", 2.0, odd_pipeline),
)
"""What it is, how many seconds it may take, and how it is done to a port."""


def honest_p99_ms(port: int, seconds: float, rate: float = 20.0) -> float:
    """Of an honest sender's POSTs, while ``benchmarks.attack`` runs: 99 in 100 are answered within so long.

    Each comes on a connection of its own. One that is not answered by 200 ends the run.
    """
    request = b"POST /honest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi"
    took = []
    with subprocess.Popen([sys.executable, "-m", "benchmarks.attack", str(port), str(seconds)]) as attackers:
        while attackers.poll() is None:
            started = time.perf_counter()
            with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as connection:
                connection.sendall(request)
                reply = connection.recv(4096)
            took.append(time.perf_counter() - started)
            if not reply.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"benchmarks: an honest sender was answered {reply!r}")
            time.sleep(max(0.0, 1 / rate - took[-1]))
    return quantiles(took, n=100)[98] * 1e3


def _answered(port: int, data: bytes, replies: int) -> None:
    """Send *data* and read until so many replies have come."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as connection:
        connection.sendall(data)
        came = 0
        tail = b""
        while came < replies:
            received = connection.recv(1 << 20)
            if not received:
                raise SystemExit(f"benchmarks: closed after {came} of {replies} replies")
            text = tail + received
            came += text.count(b"HTTP/1.1 200")
            tail = text[-11:]
