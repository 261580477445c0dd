"""How long a diagnosis takes that finds nothing, having tried everything."""

from __future__ import annotations

import argparse
import json
import sys
from statistics import median
from time import perf_counter, process_time

import inspector
from inspector.models import Message, Secret
from inspector.signing import find_scheme
from inspector.signing.diagnose import diagnose
from inspector.signing.diagnosis import Diagnosis

NOW = 1_735_891_200
MOST_SECONDS = {1 << 10: 0.003, 1 << 16: 0.060, 1 << 20: 1.0}
"""For each size of a body, in bytes, what a diagnosis may take."""


def main() -> int:
    """Time the sizes in turns; 1 when the median of one takes longer than it may."""
    options = _options()
    messages = {size: _message(size) for size in MOST_SECONDS}
    taken: dict[int, list[float]] = {size: [] for size in messages}
    worked: dict[int, list[float]] = {size: [] for size in messages}
    tried: dict[int, int] = {}
    for _ in range(options.rounds):
        for size, message in messages.items():
            started, cpu = perf_counter(), process_time()
            tried[size] = _candidates(_diagnose(message))
            taken[size].append(perf_counter() - started)
            worked[size].append(process_time() - cpu)
    print("    bytes  candidates  median ms  CPU ms")
    for size, seconds in taken.items():
        print(
            f"{len(messages[size].body):>9,} {tried[size]:>11} {median(seconds) * 1e3:>10.2f}"
            f" {median(worked[size]) * 1e3:>7.2f}   asked: {MOST_SECONDS[size] * 1e3:g} ms"
        )
    return 0 if all(median(taken[size]) <= most for size, most in MOST_SECONDS.items()) else 1


def _message(size: int) -> Message:
    """A JSON body of about *size* bytes, as agents send it, under a signature that nothing gives."""
    entry = {
        "id": 1,
        "name": "Plaça Pau Vila",
        "path": "/v1/runs?x=1&y=2",
        "score": 0.75,
        "tags": ["a", "b"],
        "done": True,
    }
    piece = len(json.dumps(entry)) + 2
    body = json.dumps(
        [{**entry, "id": number} for number in range(max(1, size // piece))], ensure_ascii=False
    )
    headers = inspector.sign(body.encode() + b"changed", "secret", timestamp=NOW)
    pairs = [("Host", "127.0.0.1:2255"), ("Content-Type", "application/json"), *headers]
    return Message(body.encode(), tuple((name.encode(), value.encode()) for name, value in pairs))


def _diagnose(message: Message) -> Diagnosis:
    secrets = [Secret("key-1", "q7x2m9k4v1b8n3c6z0l5j2h7g4f1d8s3")]
    diagnosis = diagnose(message, find_scheme("blaxel"), secrets, now=NOW, budget_seconds=10)
    assert diagnosis.cause == "unknown"
    return diagnosis


def _candidates(diagnosis: Diagnosis) -> int:
    pairs = (each.description.split()[0] for each in diagnosis.tried if each.code == "pairs")
    return sum(each.code != "pairs" for each in diagnosis.tried) + sum(int(count) for count in pairs)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosis", description=main.__doc__)
    parser.add_argument(
        "--rounds", type=int, default=9, help="how often each size is timed; medians are printed"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
