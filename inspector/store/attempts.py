"""Attempts: the deliveries of one message, which a sender sent more than once."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from inspector.models import Delivery, DeliverySummary
from inspector.store import rows
from inspector.store.ledger import ATTEMPT_WINDOW_NS

if TYPE_CHECKING:
    from sqlite_utils import Database


_LATEST = """
    select attempt, received_ns from kept where message_key = ? and endpoint_id = ? and message_id = ?
    order by id desc limit 1
"""


def next_attempt(database: Database, endpoint_id: str, message_id: str, received_ns: int) -> int:
    """The number that a delivery of this message gets, when it was received then. Raises sqlite3.Error."""
    message = (rows.message_key(endpoint_id, message_id), endpoint_id, rows.stored_text(message_id))
    latest = database.conn.execute(_LATEST, message).fetchone()
    if latest is None or received_ns - latest[1] > ATTEMPT_WINDOW_NS:
        return 1
    number: int = latest[0] + 1
    return number


def attempts_of(
    database: Database, delivery: Delivery | DeliverySummary, limit: int
) -> tuple[DeliverySummary, ...]:
    """The series of attempts that *delivery* belongs to, oldest first: *limit* up to it, and after it.

    To be asked of a snapshot. Raises sqlite3.Error.
    """
    if delivery.message_id is None:
        condition = "id = ?"
        parameters: list[object] = [delivery.id]
    else:
        condition = "message_key = ? and endpoint_id = ? and message_id = ?"
        parameters = [
            rows.message_key(delivery.endpoint_id, delivery.message_id),
            delivery.endpoint_id,
            rows.stored_text(delivery.message_id),
        ]
    select = f"{rows.SELECT_SUMMARY} where {condition}"
    until = list(
        database.query(f"{select} and id <= ? order by id desc limit ?", [*parameters, delivery.id, limit])
    )
    since = list(
        database.query(f"{select} and id > ? order by id limit ?", [*parameters, delivery.id, limit])
    )
    # Numbers rise by one within a series of attempts; where they do not rise, another series begins.
    series: deque[DeliverySummary] = deque()
    for summary in map(rows.summary, until):
        if series and summary.attempt >= series[0].attempt:
            break
        series.appendleft(summary)
    for summary in map(rows.summary, since):
        if not series or summary.attempt <= series[-1].attempt:
            break
        series.append(summary)
    return tuple(series)
