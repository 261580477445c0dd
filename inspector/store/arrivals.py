"""Arrivals: how many deliveries came in each of the last minutes, for a small picture of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from inspector.models import utc_from_ns

if TYPE_CHECKING:
    from sqlite_utils import Database

ARRIVAL_MINUTES = 15
MINUTE_NS = 60 * 1_000_000_000

# The index by time holds the status too, so that no row is looked up but for the question of its endpoint.
_COUNT = """
    select received_ns / :minute_ns as minute, count(*) as deliveries, sum(status <> 'valid') as not_valid
    from kept where received_ns >= :first_ns and received_ns < :end_ns {} group by minute
"""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived in the minute that began at ``minute``, and how much of it is anything but valid."""

    minute: datetime
    deliveries: int = 0
    not_valid: int = 0


def count_arrivals(database: Database, now: datetime, endpoint_id: str | None) -> tuple[Arrivals, ...]:
    """The last 15 minutes, oldest first, that of *now* included. Raises sqlite3.Error."""
    current = int(now.timestamp()) // 60
    first = current - ARRIVAL_MINUTES + 1
    parameters: dict[str, object] = {
        "minute_ns": MINUTE_NS,
        "first_ns": first * MINUTE_NS,
        "end_ns": (current + 1) * MINUTE_NS,
    }
    of_endpoint = ""
    if endpoint_id is not None:
        of_endpoint = "and +endpoint_id = :endpoint_id"
        parameters["endpoint_id"] = endpoint_id
    counted = {row["minute"]: row for row in database.query(_COUNT.format(of_endpoint), parameters)}
    begin = utc_from_ns(first * MINUTE_NS)
    return tuple(
        Arrivals(begin + timedelta(minutes=number), row["deliveries"], row["not_valid"])
        if (row := counted.get(first + number))
        else Arrivals(begin + timedelta(minutes=number))
        for number in range(ARRIVAL_MINUTES)
    )
