"""How long tests wait for their server: start, endpoints, wake-up, close; and what 300 of them leave behind.

``python -m benchmarks.testing``. Everything runs in this process, as it does in a test run. What is asked of
a figure holds for a machine that does nothing else meanwhile.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from inspector.client import Client
from inspector.errors import Unreachable
from inspector.testing import Endpoint, Inspector, start

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MIB = 1024 * 1024
GROWTH_MIB = 16.0
"""So much memory may be had in the second half of the cycles that was not there at the end of the first."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured time or size, and what it may be at most."""

    name: str
    value: float
    unit: str
    most: float

    def __str__(self) -> str:
        return f"{self.name:<52} {self.value:>8.1f} {self.unit:<4} asked: at most {self.most:g}"


@dataclass(frozen=True, slots=True)
class Held:
    """What the process has open."""

    threads: int
    files: int
    bytes: int

    @classmethod
    def now(cls) -> Held:
        gc.collect()
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES
        return cls(threading.active_count(), len(list(Path("/proc/self/fd").iterdir())), resident)


def main() -> int:
    """Measure, print a line for each figure; 1 when one is larger than it may be."""
    options = _options()
    figures = [*times(options.repeats), *cycles(options.cycles)]
    for figure in figures:
        print(figure)
    return int(any(figure.value > figure.most for figure in figures))


def times(repeats: int) -> Iterator[Figure]:
    """How long the parts of a test take."""
    yield Figure("import of the pytest plugin, beyond pytest's own", _plugin_ms(repeats), "ms", 10)
    yield Figure("first start(), with its imports, in a new process", _first_start_ms(), "ms", 500)
    with start() as inspector:
        inspector.endpoint()
        took = [_ms(partial(inspector.endpoint, f"job-{number}")) for number in range(300)]
        yield Figure("endpoint(), median of 300", median(took), "ms", 5)
        woken = [_wake_ms(inspector.endpoint()) for _ in range(repeats)]
        yield Figure("wait_for() after the sender has its reply", median(woken), "ms", 10)
        there = inspector.endpoint()
        there.send()
        waits = [_ms(there.wait_for) for _ in range(repeats)]
        yield Figure("wait_for() for what is there already", median(waits), "ms", 10)
    closing = [_close_ms() for _ in range(repeats)]
    yield Figure("close(), with an open stream", median(closing), "ms", 500)


def cycles(count: int) -> Iterator[Figure]:
    """What is left of *count* servers that were started and closed, each with an open stream."""
    halves: list[Held] = []
    for number in range(1, count + 1):
        _close_ms()
        if number in (count // 2, count):
            halves.append(Held.now())
    before, after = halves
    yield Figure(f"threads more after {count} cycles", after.threads - before.threads, "", 0)
    yield Figure(f"open files more after {count} cycles", after.files - before.files, "", 0)
    growth = (after.bytes - before.bytes) / MIB
    yield Figure(f"memory more after the second {count - count // 2} cycles", growth, "MiB", GROWTH_MIB)


def _plugin_ms(repeats: int) -> float:
    script = (
        "import time, pytest\n"
        "began = time.perf_counter()\n"
        "import inspector.pytest_plugin\n"
        "print((time.perf_counter() - began) * 1000)\n"
    )
    return median(_printed(script) for _ in range(repeats))


def _first_start_ms() -> float:
    script = (
        "import time\n"
        "began = time.perf_counter()\n"
        "from inspector.testing import start\n"
        "inspector = start()\n"
        "print((time.perf_counter() - began) * 1000)\n"
        "inspector.close()\n"
    )
    return median(_printed(script) for _ in range(3))


def _printed(script: str) -> float:
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return float(run.stdout)


def _wake_ms(endpoint: Endpoint) -> float:
    """From the sender's reply, which leaves when the callback is stored, to the end of the wait."""
    woken: list[float] = []

    def wait() -> None:
        endpoint.wait_for(timeout=60)
        woken.append(time.perf_counter())

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.05)  # it waits at the server by then
    url = urlsplit(endpoint.url)
    connection = HTTPConnection(url.hostname or "", url.port)
    connection.request("POST", url.path, b"{}")
    connection.getresponse().read()
    stored = time.perf_counter()
    connection.close()
    waiting.join()
    return max(0.0, (woken[0] - stored) * 1000)


def _close_ms() -> float:
    """The time that a server takes to close while somebody follows its stream."""
    inspector = start()
    following = threading.Event()
    stream = threading.Thread(target=_follow, args=(inspector, following))
    stream.start()
    following.wait(10)
    took = _ms(inspector.close)
    stream.join()
    return took


def _follow(inspector: Inspector, following: threading.Event) -> None:
    try:
        for _ in Client(inspector.inspector_url).stream("/api/stream"):
            following.set()
    except Unreachable:  # the end came in the middle of something
        return


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--cycles", type=int, default=300)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
