"""What diagnosing costs receiving: one load with a hundred callbacks among it that fail, or that do not.

``python -m benchmarks.diagnosing``. Each round sends a hundred more callbacks beside the load, one after the
other: once signed right, once signed with another secret, so that each of them is diagnosed.
"""

from __future__ import annotations

import argparse
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median

from benchmarks import load, servers
from inspector import sign

SECRET = "benchmark-secret"
BESIDE = 100
LEAST_RATIO = 0.95
"""The part of the answers a second that have to be left while diagnoses run: what rounds differ by anyway."""


def main() -> int:
    """Run all rounds; 1 when diagnosing costs more than is allowed."""
    options = _options()
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        ours = running.enter_context(servers.inspector(folder, secret=SECRET))
        with_wrk = load.has_wrk() and not options.no_wrk
        ratios, cpu_ratios = [], []
        print("round  answers/s  while diagnosing  ratio  CPU ratio")
        for number in range(1, options.rounds + 1):
            quiet = _round(ours, options.seconds, SECRET, with_wrk=with_wrk)
            busy = _round(ours, options.seconds, "another secret", with_wrk=with_wrk)
            ratios.append(busy.rate / quiet.rate)
            cpu_ratios.append((busy.cpu_us or 0) / (quiet.cpu_us or float("nan")))
            rates = f"{quiet.rate:>10,.0f} {busy.rate:>17,.0f}"
            print(f"{number:>5} {rates} {ratios[-1]:>6.2f} {cpu_ratios[-1]:>10.2f}")
        diagnosed = _diagnosed(folder / "callbacks.db")
    ratio = median(ratios)
    failed = options.rounds * BESIDE
    print(
        f"ratio {ratio:.2f}, CPU ratio {median(cpu_ratios):.2f}, {diagnosed} of {failed} diagnosed"
        f"   asked: at least {LEAST_RATIO:.2f}"
    )
    return 0 if ratio >= LEAST_RATIO else 1


def _round(subject: servers.Subject, seconds: float, secret: str, *, with_wrk: bool) -> load.Load:
    """A load of valid callbacks; beside it a hundred that are signed with *secret*."""
    beside = threading.Thread(target=_send_beside, args=(subject.port, secret, seconds * 0.8))
    beside.start()
    measured = load.run(subject, 16, seconds, with_wrk=with_wrk, requests=[_post(subject.port, SECRET, 0)])
    beside.join()
    return measured


def _send_beside(port: int, secret: str, seconds: float) -> None:
    for number in range(BESIDE):
        started = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(_post(port, secret, number))
            connection.recv(4096)
        time.sleep(max(0.0, seconds / BESIDE - (time.monotonic() - started)))


def _diagnosed(database: Path) -> int:
    """How many diagnoses are kept by now."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as reading:
        (number,) = reading.execute("select count(*) from diagnoses").fetchone()
    return int(number)


def _post(port: int, secret: str, number: int) -> bytes:
    body = load.BODY[:-2] + b'%d"}' % number
    headers = {**load.HEADERS, **dict(sign(body, secret)), "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /load HTTP/1.1\r\nHost: localhost:{port}\r\n{lines}\r\n".encode() + body


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosing", description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of both kinds, in turns")
    parser.add_argument("--seconds", type=float, default=4.0, help="load in each")
    parser.add_argument("--no-wrk", action="store_true", help="use the load generator written here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
