"""How long the server takes for its pages and lists when there is much in it.

``python -m benchmarks.pages`` fills a database, starts Callback Inspector on it and asks one question after
the other on one connection. What is asked of a figure holds for a machine that does nothing else meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import quote

from benchmarks import servers
from inspector.models import Message, NewDelivery, Reply, Request
from inspector.settings import MIB, Settings
from inspector.signing import check, find_scheme
from inspector.store import ROOT_ID, Store

ROWS = 100_000
REPEATS = 15
ROWS_AT_ONCE = 5_000
MINUTE_NS = 60 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """A request, and how many milliseconds its answer may take; None asks for nothing."""

    name: str
    target: str
    most_ms: float | None = None


def main() -> int:
    """Fill, ask, print a line for each question; 1 when one takes longer than it may."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        large_id = asyncio.run(fill(Path(folder, "callbacks.db"), options.rows))
        with servers.inspector(Path(folder)) as subject:
            assert subject.inspector_port is not None
            with closing(HTTPConnection("localhost", subject.inspector_port)) as connection:
                took = {each: _ask(connection, each, options.repeats) for each in questions(large_id)}
    print(f"{options.rows:,} deliveries; medians of {options.repeats}")
    for each, milliseconds in took.items():
        asked = "" if each.most_ms is None else f"   asked: at most {each.most_ms:g}"
        print(f"{each.name:<44} {milliseconds:>8.1f} ms{asked}")
    return int(any(each.most_ms is not None and ms > each.most_ms for each, ms in took.items()))


def questions(large_id: int) -> Iterator[Question]:
    """What is asked, *large_id* being the delivery with 1 MiB of JSON."""
    yield Question("list page", "/", 50)
    yield Question("list in the API", "/api/deliveries", 50)
    yield Question("list from the middle", f"/api/deliveries?before={large_id // 2}", 50)
    yield Question("list of what a status filter means", f"/api/deliveries?q={quote('status:unconfigured')}")
    yield Question("list of what some of the bodies hold", f"/api/deliveries?q={quote('body:number-7')}")
    yield Question("search for what is nowhere, as far as it gets", "/api/deliveries?q=nowhere")
    yield Question("status, with the arrivals", "/api/status")
    yield Question("page of 1 MiB of JSON", f"/deliveries/{large_id}", 300)


async def fill(database: Path, rows: int) -> int:
    """Store *rows* small deliveries, and then one with 1 MiB of JSON, whose id is returned."""
    with Store.open(Settings(database=database)) as store:
        first_ns = time.time_ns() - 30 * MINUTE_NS
        for start in range(0, rows, ROWS_AT_ONCE):
            numbers = range(start, min(start + ROWS_AT_ONCE, rows))
            received = (first_ns + number * 30 * MINUTE_NS // rows for number in numbers)
            new = (
                _delivery(b'{"event": "number-%d", "data": "%s"}' % (number, b"x" * 300), at)
                for number, at in zip(numbers, received, strict=True)
            )
            await asyncio.gather(*map(store.add, new))
        return await store.add(_delivery(_large_json(), time.time_ns()))


def _delivery(body: bytes, received_ns: int) -> NewDelivery:
    headers = ((b"Content-Type", b"application/json"), (b"User-Agent", b"benchmark/1"))
    request = Request("POST", b"/agents/hello?page=1", "1.1", headers, body, "127.0.0.1:1", received_ns)
    verdict = check(Message(body, headers), find_scheme("auto"), (), now=received_ns / 1e9)
    return NewDelivery(ROOT_ID, request, verdict, Reply(), None)


def _large_json() -> bytes:
    """A mebibyte of objects as an API lists them."""
    item = {
        "id": "obj_1234567890",
        "amount": 12.5,
        "tags": ["a", "b"],
        "owner": {"name": "n", "active": True},
    }
    one = json.dumps(item)
    return f'{{"items": [{", ".join([one] * (MIB // (len(one) + 2) - 1))}]}}'.encode()


def _ask(connection: HTTPConnection, question: Question, repeats: int) -> float:
    """The median time in milliseconds from question to whole answer, after one that does not count."""
    took = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        connection.request("GET", question.target, headers={"Accept": "text/html, application/json"})
        answer = connection.getresponse()
        answer.read()
        took.append((time.perf_counter() - started) * 1e3)
        if answer.status != 200:
            raise SystemExit(f"benchmarks: {question.target} was answered {answer.status}")
    return median(took[1:])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=main.__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="small deliveries in the database")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="how often each question is asked")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
