"""Searching: the deliveries that a filter means, as pages and counts, each in bounded time.

A search walks the deliveries by id. What it examined is told by the last id, so that it can go on from there.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.matching import Filter
from inspector.models import DeliverySummary, Page
from inspector.store import query, rows
from inspector.store.query import Where
from inspector.store.walk import Walk, walk

if TYPE_CHECKING:
    from sqlite_utils import Database

SEARCH_SECONDS = 0.25
"""How long one search takes, about: nobody else may have to wait for it much longer."""

COUNTED_AT_ONCE = 10_000
"""A count holds no more ids than this in memory."""

_LISTED = "where id in (select value from json_each(?))"
_AMONG = "select id from kept where id in (select value from json_each(:filter_ids)) and {}"


@dataclass(frozen=True, slots=True)
class Count:
    """How many were found up to the id ``cursor``; ``complete`` says that none lie beyond it."""

    found: int
    cursor: int
    complete: bool


def condition(tree: Filter, endpoint_id: str | None) -> Where:
    """*tree* in SQL, and with an *endpoint_id* only the deliveries of that endpoint."""
    meant = query.where(tree)
    if endpoint_id is None:
        return meant
    # The plus keeps SQLite from the index: the walk goes by id.
    return Where(
        f"(+kept.endpoint_id = :filter_endpoint and {meant.sql})",
        {**meant.parameters, "filter_endpoint": endpoint_id},
    )


def find_page(
    database: Database,
    where: Where,
    *,
    start: int,
    newest_first: bool,
    limit: int,
    seconds: float | None = SEARCH_SECONDS,
) -> Page[DeliverySummary]:
    """The deliveries beyond the id *start* that meet *where*, at most *limit*, found in about *seconds*.

    The page's ``cursor`` is the last id examined. None for *seconds* means as long as it takes. Raises
    sqlite3.Error.
    """
    found = walk(database.conn, where, start=start, newest_first=newest_first, limit=limit, seconds=seconds)
    return Page(_summaries(database, found), found.cursor, found.more)


def count_found(database: Database, where: Where, *, after: int, seconds: float | None) -> Count:
    """How many deliveries above the id *after* meet *where*, counted for about *seconds*."""
    found = walk(
        database.conn, where, start=after, newest_first=False, limit=COUNTED_AT_ONCE, seconds=seconds
    )
    return Count(len(found.ids), found.cursor, complete=not found.more)


def select_matching(database: Database, where: Where, delivery_ids: Collection[int]) -> frozenset[int]:
    """Those of *delivery_ids* that meet *where*."""
    ids = {"filter_ids": json.dumps(list(delivery_ids))}
    found = database.conn.execute(_AMONG.format(where.sql), {**where.parameters, **ids})
    return frozenset(row[0] for row in found)


def _summaries(database: Database, found: Walk) -> tuple[DeliverySummary, ...]:
    """The list rows of *found*, in its order; what was deleted meanwhile is left out."""
    ids = (json.dumps(found.ids),)
    by_id = {row["id"]: rows.summary(row) for row in database.query(rows.SELECT_SUMMARY + _LISTED, ids)}
    return tuple(by_id[number] for number in found.ids if number in by_id)
