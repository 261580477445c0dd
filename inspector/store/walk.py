"""A search that stops in time: over the deliveries by id, window by window, with an eye on the clock."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from inspector.settings import MIB
from inspector.store.query import Where

FIRST_WINDOW = 64
LAST_WINDOW = 4096
SLOW_SECONDS = 0.02
"""A window has twice as many rows as the one before if that took less than this, else half as many."""

WINDOW_BYTES = 16 * MIB
"""The bodies of a window are no longer than this together, if it has more than one."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What was found, as walked. ``cursor`` is the last id examined, ``more`` whether any lie beyond it."""

    ids: tuple[int, ...]
    cursor: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Direction:
    """The three questions a walk asks. The condition is put into ``found``; every value is a parameter."""

    edge: str
    found: str
    beyond: str


_NEWEST_FIRST = _Direction(
    edge="""select min(id), sum(body_size) from
        (select id, body_size from kept where id < :filter_cursor order by id desc limit :filter_window)""",
    found="""select id from kept where id < :filter_cursor and id >= :filter_edge and {}
        order by id desc limit :filter_limit""",
    beyond="select exists (select 1 from kept where id < :filter_cursor)",
)
_OLDEST_FIRST = _Direction(
    edge="""select max(id), sum(body_size) from
        (select id, body_size from kept where id > :filter_cursor order by id limit :filter_window)""",
    found="""select id from kept where id > :filter_cursor and id <= :filter_edge and {}
        order by id limit :filter_limit""",
    beyond="select exists (select 1 from kept where id > :filter_cursor)",
)


def walk(
    connection: sqlite3.Connection,
    where: Where,
    *,
    start: int,
    newest_first: bool,
    limit: int,
    seconds: float | None = None,
) -> Walk:
    """The ids that meet *where*, beyond the id *start*: at most *limit* (over 0), in about *seconds* at most.

    One window is looked at in any case, so that a walk that goes on from the last one's ``cursor`` gets on.
    The connection needs the functions of ``functions.register``. Raises sqlite3.Error.
    """
    direction = _NEWEST_FIRST if newest_first else _OLDEST_FIRST
    found = direction.found.format(where.sql)
    deadline = None if seconds is None else time.monotonic() + seconds
    ids: list[int] = []
    cursor, rows = start, FIRST_WINDOW
    while True:
        started = time.monotonic()
        window = {"filter_cursor": cursor, "filter_window": rows}
        edge, body_bytes = connection.execute(direction.edge, window).fetchone()
        if edge is None:
            return Walk(tuple(ids), cursor, more=False)
        if body_bytes > WINDOW_BYTES and rows > 1:
            rows //= 2
            continue
        bounds = {"filter_cursor": cursor, "filter_edge": edge, "filter_limit": limit - len(ids)}
        ids += [row[0] for row in connection.execute(found, {**where.parameters, **bounds})]
        full = len(ids) == limit
        cursor = ids[-1] if full else edge
        now = time.monotonic()
        if full or (deadline is not None and now >= deadline):
            more = connection.execute(direction.beyond, {"filter_cursor": cursor}).fetchone()[0]
            return Walk(tuple(ids), cursor, more=bool(more))
        rows = min(rows * 2, LAST_WINDOW) if now - started < SLOW_SECONDS else max(rows // 2, 1)
