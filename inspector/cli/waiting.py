"""``wait``: until deliveries have come that are meant; and in words, what came instead."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from inspector.cli.exits import ExitCode
from inspector.cli.filters import filter_argument
from inspector.cli.options import server_options
from inspector.cli.reading import endpoint_option
from inspector.cli.source import LARGEST_ID, server_client
from inspector.cli.terminal import counted, json_text, note
from inspector.client import Client, Json
from inspector.errors import Refused

ASK_SECONDS = 60.0
"""The server lets one request wait for so long; a longer wait is several of them."""

MOST_DELIVERIES = 500
TIMED_OUT = "wait-timeout"

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|)")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}


class Duration(click.ParamType[float]):
    """A span of time in seconds: ``30``, ``1.5``, ``500ms``, ``2m``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = _DURATION.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{value!r} is not a span of time like 30, 500ms or 2m.", param, ctx)
        return float(found[1]) * _UNIT_SECONDS[found[2]]


@click.command()
@filter_argument
@endpoint_option
@click.option(
    "--count",
    metavar="N",
    type=click.IntRange(1, MOST_DELIVERIES),
    default=1,
    show_default=True,
    help="How many have to come.",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=Duration(),
    default=30.0,
    help="For how long: 30, 500ms, 2m; 0 asks once. [default: 30]",
)
@click.option(
    "--after",
    metavar="ID",
    type=click.IntRange(0, LARGEST_ID),
    default=0,
    help="Only those after this delivery. [default: 0, everything that is kept counts]",
)
@server_options
def wait(
    wanted: str | None,
    endpoint: str | None,
    count: int,
    timeout: float,
    after: int,
    url: str | None,
    db: str | None,
    token_file: Path | None,
) -> None:
    """Wait until a delivery has come, or one that FILTER means, and print it whole as a line of JSON.

    What came before counts too. When the time is over first, the exit code is 4, and what came nearest is
    said.
    """
    client = server_client(url, db, token_file)
    try:
        answer = awaited(client, timeout, q=wanted, endpoint=endpoint, count=count, after=after)
    except Refused as refused:
        if refused.code != TIMED_OUT:
            raise
        for line in missed(wanted, count, timeout, refused.facts):
            note(line)
        click.get_current_context().exit(ExitCode.TIMED_OUT)
    for delivery in answer["deliveries"]:
        click.echo(json_text(delivery))


def awaited(client: Client, seconds: float, **query: object) -> Json:
    """What ``/api/wait`` answers within *seconds*, however many. Raises Refused with ``TIMED_OUT``."""
    deadline = time.monotonic() + seconds
    while True:
        left = max(0.0, deadline - time.monotonic())
        try:
            return client.wait(timeout=min(left, ASK_SECONDS), **query)
        except Refused as refused:
            if refused.code != TIMED_OUT or left <= ASK_SECONDS:
                raise


def missed(wanted: str | None, count: int, seconds: float, facts: Mapping[str, Any]) -> Iterator[str]:
    """The lines that tell what came instead of *count* deliveries that *wanted* means."""
    number = "no delivery" if count == 1 else f"not {counted(count)}"
    meant = f" that {wanted} means" if wanted else ""
    yield f"Within {seconds:g} s there came {number}{meant}; {came(facts['received'])}."
    yield from nearest(facts)


def came(number: int) -> str:
    """How many came in all."""
    return f"{counted(number)} came in all" if number else "nothing came at all"


def nearest(facts: Mapping[str, Any]) -> Iterator[str]:
    """The lines about the deliveries that came nearest, each with the conditions that it does not meet."""
    for place, miss in enumerate(facts["nearest"]):
        total = miss["held"] + len(miss["failed"])
        yield f"  {'also' if place else 'nearest'}  #{miss['id']}, {miss['held']} of {total} conditions hold"
        for check in miss["failed"]:
            yield f"    {check['condition']}  wanted {check['wanted']}  got {check['got']}"
