"""The command of the benchmarks: runs them in turns and prints medians, ratios and what is asked of them."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks import events, load, servers

LEAST_RATIO = {1: 0.20, 16: 0.22, 64: 0.27}
"""For each number of connections, the part of the yardstick's answers a second that ours has to reach."""

MOST_EVENT_RATIO = 2.0

Pair = tuple[load.Load, load.Load]
"""Ours and the yardstick's, of one round."""


def main() -> int:
    """Run everything; 1 when a figure misses what is asked of it."""
    options = _options()
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        ours = running.enter_context(servers.inspector(folder))
        hello = running.enter_context(servers.hello())
        with_wrk = load.has_wrk() and not options.no_wrk
        rounds: dict[int, list[Pair]] = {connections: [] for connections in LEAST_RATIO}
        for _ in range(options.rounds):
            for connections, pairs in rounds.items():
                mine, theirs = (
                    load.run(subject, connections, options.seconds, with_wrk=with_wrk)
                    for subject in (ours, hello)
                )
                pairs.append((mine, theirs))
        latency = events.run(ours, options.events)
    generator = "wrk" if with_wrk else "benchmarks.load"
    print(f"load by {generator}: {options.rounds} rounds of {options.seconds:g} s on each")
    print("connections  answers/s      hello  ratio  p50 ms  p99 ms  CPU ratio")
    reached = [_report_load(connections, pairs) for connections, pairs in rounds.items()]
    reached.append(_report_latency(latency))
    return 0 if all(reached) else 1


def _report_load(connections: int, pairs: list[Pair]) -> bool:
    """Print a line; whether the ratio is reached and nothing failed."""
    ratio = median(mine.rate / theirs.rate for mine, theirs in pairs)
    cpu_ratios = [mine.cpu_us / theirs.cpu_us for mine, theirs in pairs if mine.cpu_us and theirs.cpu_us]
    errors = sum(mine.errors for mine, _ in pairs)
    print(
        f"{connections:>11}"
        f" {median(mine.rate for mine, _ in pairs):>10,.0f}"
        f" {median(theirs.rate for _, theirs in pairs):>10,.0f}"
        f" {ratio:>6.2f}"
        f" {median(mine.p50_ms for mine, _ in pairs):>7.2f}"
        f" {median(mine.p99_ms for mine, _ in pairs):>7.2f}"
        f" {median(cpu_ratios) if cpu_ratios else float('nan'):>10.1f}"
        f"   asked: {LEAST_RATIO[connections]:.2f}{f', {errors} errors' if errors else ''}"
    )
    return ratio >= LEAST_RATIO[connections] and not errors


def _report_latency(latency: events.Latency) -> bool:
    """Print a line; whether the event is quick enough."""
    print(
        f"callback to event: {latency.event_ms:.2f} ms, {latency.ratio:.2f} times the POST itself"
        f" ({latency.reply_ms:.2f} ms)   asked: at most {MOST_EVENT_RATIO:g}"
    )
    return latency.ratio <= MOST_EVENT_RATIO


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds; medians are printed")
    parser.add_argument("--seconds", type=float, default=2.0, help="load on each server in each round")
    parser.add_argument("--events", type=int, default=60, help="callbacks timed to their event")
    parser.add_argument("--no-wrk", action="store_true", help="use the load generator written here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
