"""Load: the same POST again and again on a fixed number of connections, each sending when it was answered."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from typing import cast

import uvloop

from benchmarks.servers import Subject

BODY = b'{"status_code": 200, "response_body": "' + b"x" * 983 + b'"}'
HEADERS = {"Content-Type": "application/json", "User-Agent": "benchmark/1"}

PATIENCE_SECONDS = 30.0
"""How long after its time a load may take to end."""

WRK_SCRIPT = """
local requests, next_one = {}, 0
for path in string.gmatch(os.getenv("LOAD_REQUESTS"), "[^\\n]+") do
  requests[#requests + 1] = io.open(path, "rb"):read("*a")
end
request = function()
  next_one = next_one % #requests + 1
  return requests[next_one]
end
done = function(summary, latency, requests)
  local errors = summary.errors
  print(string.format("LOAD %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), errors.connect + errors.read + errors.write
    + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one server bore: answers in a time, how long they took, and the processor time of one of them."""

    answers: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_us: float | None = None

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def run(
    subject: Subject,
    connections: int,
    seconds: float,
    *,
    with_wrk: bool,
    requests: Sequence[bytes] | None = None,
) -> Load:
    """Load *subject* for *seconds* with *requests* in turn; without any, with POSTs of 1 KiB of JSON."""
    requests = requests or [post(subject.port)]
    before = subject.cpu_seconds()
    if with_wrk:
        load = _wrk(subject, requests, connections, seconds)
    else:
        load = uvloop.run(_own(subject, requests, connections, seconds))
    after = subject.cpu_seconds()
    if before is None or after is None:
        return load
    return replace(load, cpu_us=(after - before) / load.answers * 1e6)


def post(port: int) -> bytes:
    """The POST of most loads."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    head = f"POST /load HTTP/1.1\r\nHost: localhost:{port}\r\n{lines}Content-Length: {len(BODY)}\r\n\r\n"
    return head.encode() + BODY


def has_wrk() -> bool:
    """Whether wrk is there: it takes far less of the machine than the generator written here."""
    return shutil.which("wrk") is not None


def _wrk(subject: Subject, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "requests.lua")
        script.write_text(WRK_SCRIPT)
        paths = [Path(folder, str(number)) for number in range(len(requests))]
        for path, request in zip(paths, requests, strict=True):
            path.write_bytes(request)
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
            "--timeout",
            "10s",
            "--latency",
        ]
        done = subprocess.run(
            [*command, "-s", str(script), f"http://127.0.0.1:{subject.port}/load"],
            env=os.environ | {"LOAD_REQUESTS": "\n".join(map(str, paths))},
            capture_output=True,
            text=True,
            timeout=seconds + PATIENCE_SECONDS,
            check=True,
        )
    found = re.search(r"LOAD (\d+) (\d+) (\d+) (\d+) (\d+)", done.stdout)
    if found is None:
        raise SystemExit(f"benchmarks: wrk gave no result:\n{done.stdout}{done.stderr}")
    answers, took_us, p50_us, p99_us, errors = map(int, found.groups())
    return Load(answers, took_us / 1e6, p50_us / 1e3, p99_us / 1e3, errors)


async def _own(subject: Subject, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    end = time.perf_counter() + seconds
    senders = []
    started = time.perf_counter()
    for _ in range(connections):
        connect = partial(Sender, cycle(requests), end, loop.create_future())
        _, sender = await loop.create_connection(connect, "127.0.0.1", subject.port)
        senders.append(sender)
    async with asyncio.timeout(seconds + PATIENCE_SECONDS):
        await asyncio.gather(*(sender.ended for sender in senders))
    took = time.perf_counter() - started
    times = [one for sender in senders for one in sender.times]
    cuts = quantiles(times, n=100)
    return Load(len(times), took, cuts[49] * 1e3, cuts[98] * 1e3, sum(sender.errors for sender in senders))


class Sender(asyncio.Protocol):
    """One connection: sends when it was answered, until its time is up."""

    def __init__(self, requests: Iterator[bytes], end: float, ended: asyncio.Future[None]) -> None:
        self.requests = requests
        self.end = end
        self.ended = ended
        self.times: list[float] = []
        self.errors = 0
        self.came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.WriteTransport", transport)  # uvloop's are not derived from it
        self.send()

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.came += data
        head, end, rest = self.came.partition(b"\r\n\r\n")
        if not end or len(rest) < _length(head):
            return
        now = time.perf_counter()
        self.times.append(now - self.sent)
        self.errors += not head.startswith(b"HTTP/1.1 2")
        self.came = b""
        if now < self.end:
            self.send()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.errors += exc is not None
        if not self.ended.done():
            self.ended.set_result(None)


def _length(head: bytes) -> int:
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 0
