"""The wire without storage: its speed as ratios to uvicorn's own protocols, in the same run.

``python -m benchmarks.wire`` runs one application behind ours, httptools and h11, loads the three in turns
and prints medians. What is asked of a figure holds for a machine that does nothing else meanwhile.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import hostile, load, servers

FIELDS = (
    b"Host: localhost\r\nUser-Agent: benchmark/1\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n"
    b"Content-Type: application/json\r\nX-Request-Id: 0123456789abcdef\r\nX-Attempt: 1\r\n"
)
LENGTH = b"Content-Length: %d\r\n" % len(load.BODY)
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
CHUNK = b"%x\r\n%s\r\n0\r\n\r\n" % (len(load.BODY), load.BODY)

ORDINARY = b"POST /load HTTP/1.1\r\n" + FIELDS + LENGTH + b"Connection: keep-alive\r\n\r\n" + load.BODY
CHUNKED = b"POST /load HTTP/1.1\r\n" + FIELDS + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNK
JAVA = b"POST /load HTTP/1.1\r\n" + FIELDS + LENGTH + OFFER + b"\r\n" + load.BODY
ODD = b"POST /load#part HTTP/1.1\r\n" + FIELDS + LENGTH + b"X-Folded: a\r\n b\r\n\r\n" + load.BODY


MOST_P99_MS = 100.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A load, whom it is compared with, and the ratio of answers a second that is asked for."""

    name: str
    requests: tuple[bytes, ...]
    connections: int
    yardstick: str
    least_ratio: float | None = None


COMPARISONS = (
    Comparison("ordinary", (ORDINARY,), 1, "httptools"),
    Comparison("ordinary", (ORDINARY,), 16, "httptools", 0.95),
    Comparison("ordinary", (ORDINARY,), 64, "httptools", 0.95),
    Comparison("chunked", (CHUNKED,), 16, "httptools", 0.8),
    Comparison("h2c offer", (JAVA,), 16, "h11", 3.0),
    Comparison("one odd in ten", (*[ORDINARY] * 9, ODD), 16, "h11", 2.0),
)


def main() -> int:
    """Run everything; 1 when a figure misses what is asked of it."""
    options = _options()
    with_wrk = load.has_wrk() and not options.no_wrk
    reached = []
    with ExitStack() as running:
        subjects = {
            name: running.enter_context(servers.protocol(name)) for name in ("wire", "httptools", "h11")
        }
        print(f"{options.rounds} rounds of {options.seconds:g} s on each; medians")
        print("load            connections  answers/s  yardstick             ratio  CPU ratio")
        for each in COMPARISONS:
            pairs = [
                [
                    load.run(
                        subjects[name],
                        each.connections,
                        options.seconds,
                        with_wrk=with_wrk,
                        requests=each.requests,
                    )
                    for name in ("wire", each.yardstick)
                ]
                for _ in range(options.rounds)
            ]
            reached.append(_report(each, pairs))
        for name, most_seconds, run in hostile.COSTS:
            started = time.perf_counter()
            run(subjects["wire"].port)
            took = time.perf_counter() - started
            print(f"{name:<44} {took:>6.2f} s   asked: under {most_seconds:g} s")
            reached.append(took < most_seconds)
    with tempfile.TemporaryDirectory() as folder, servers.inspector(Path(folder)) as subject:
        p99_ms = hostile.honest_p99_ms(subject.port, options.attack)
    print(f"{'p99 of a sender beside attackers':<44} {p99_ms:>5.0f} ms   asked: under {MOST_P99_MS:g} ms")
    reached.append(p99_ms < MOST_P99_MS)
    return 0 if all(reached) else 1


def _report(comparison: Comparison, pairs: list[list[load.Load]]) -> bool:
    """Print a line; whether the ratio is reached and nothing failed."""
    ratio = median(mine.rate / theirs.rate for mine, theirs in pairs)
    cpu_ratio = median((mine.cpu_us or 0) / (theirs.cpu_us or 1) for mine, theirs in pairs)
    errors = sum(mine.errors for mine, _ in pairs)
    asked = "" if comparison.least_ratio is None else f"   asked: at least {comparison.least_ratio:g}"
    print(
        f"{comparison.name:<15} {comparison.connections:>11}"
        f" {median(mine.rate for mine, _ in pairs):>10,.0f}"
        f"  {comparison.yardstick:<9} {median(theirs.rate for _, theirs in pairs):>10,.0f}"
        f" {ratio:>6.2f} {cpu_ratio:>10.2f}{asked}{f', {errors} errors' if errors else ''}"
    )
    return not errors and ratio >= (comparison.least_ratio or 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wire", description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds; medians are printed")
    parser.add_argument("--seconds", type=float, default=2.0, help="load on each server in each round")
    parser.add_argument("--attack", type=float, default=8.0, help="seconds beside attackers, with storage")
    parser.add_argument("--no-wrk", action="store_true", help="use the load generator written here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
