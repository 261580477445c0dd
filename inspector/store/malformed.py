"""What came and was no HTTP request: a small log of it, whose oldest entries make room for new ones.

A flood of garbage must not keep deliveries from being stored. So what comes within a moment is gathered, and
written by one change; of what there is no room for only the number is kept.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inspector.models import Malformed, NewMalformed, Page, utc_from_ns
from inspector.store.rows import Row, read_text, stored_text

if TYPE_CHECKING:
    from sqlite_utils import Database

    from inspector.store.ledger import Ledger

KEPT = 500
"""So many are kept."""

GATHERED_BYTES = 1024 * 1024
"""So much waits to be written, and so makes one change, of as many as are kept; one may be larger."""

PAUSE_SECONDS = 0.1
"""So much time passes between two changes: what comes alone is written at once, a flood every so often."""

PAGE_BYTES = 4 * 1024 * 1024
"""A page ends when about so many bytes stand on it: their raw bytes are part of the list."""

_INSERT = """
    insert into malformed (id, received_ns, client, listener, size, status, reason, raw)
    values (?, ?, ?, ?, ?, ?, ?, ?)
"""

# The newest one stays, whatever its size.
_DROP_OLDEST = """
    delete from malformed where id in (
        select id from (
            select id, row_number() over newest as place, sum(length(raw)) over newest as bytes
            from malformed window newest as (order by id desc)
        ) where place > ? or (place > 1 and bytes > ?)
    )
"""

_SELECT = "select id, received_ns, client, listener, size, status, reason, raw from malformed"


@dataclass(slots=True, eq=False)
class Batch:
    """What one change writes: the newest that came, oldest first, and how many before it were dropped.

    ``written`` is for those who wait for it.
    """

    waiting: deque[NewMalformed] = field(default_factory=deque)
    size_bytes: int = 0
    dropped: int = 0
    written: Future[None] = field(default_factory=Future)

    def __post_init__(self) -> None:
        # Whoever gives up waiting does not cancel it for the others.
        self.written.set_running_or_notify_cancel()

    def put(self, new: NewMalformed) -> None:
        self.waiting.append(new)
        self.size_bytes += len(new.raw)
        while len(self.waiting) > 1 and (len(self.waiting) > KEPT or self.size_bytes > GATHERED_BYTES):
            self.size_bytes -= len(self.waiting.popleft().raw)
            self.dropped += 1


class Gathering:
    """The batch that still takes what comes. Safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: Batch | None = None
        self._closed_at = -PAUSE_SECONDS

    def put(self, new: NewMalformed) -> tuple[Batch, float | None]:
        """Gather *new*. The batch that has it, and for whoever opened it the seconds after which to write it.

        For all others that is None: they wait for ``written``.
        """
        with self._lock:
            if self._open is not None:
                self._open.put(new)
                return self._open, None
            self._open = Batch()
            self._open.put(new)
            return self._open, max(0.0, self._closed_at + PAUSE_SECONDS - time.monotonic())

    def close(self, batch: Batch) -> None:
        """Let *batch* take nothing more."""
        with self._lock:
            if self._open is batch:
                self._open = None
                self._closed_at = time.monotonic()

    def write(self, ledger: Ledger, batch: Batch, most_bytes: int) -> None:
        """Write *batch*, and drop the oldest of what is kept beyond 500, or *most_bytes* in all."""
        self.close(batch)
        draft = ledger.draft
        first = draft.malformed + batch.dropped + 1
        ledger.connection.executemany(
            _INSERT,
            [
                (
                    number,
                    new.received_ns,
                    stored_text(new.client),
                    new.listener,
                    new.size,
                    new.status,
                    stored_text(new.reason),
                    new.raw,
                )
                for number, new in enumerate(batch.waiting, first)
            ],
        )
        draft.malformed = first + len(batch.waiting) - 1
        ledger.connection.execute(_DROP_OLDEST, (KEPT, most_bytes))


def clear(ledger: Ledger) -> int:
    """Delete all that is kept, and return how many. How many ever came stays known."""
    return ledger.connection.execute("delete from malformed").rowcount


def newest(database: Database, *, before: int, limit: int) -> Page[Malformed]:
    """Those with an id below *before*, newest first: *limit* at most, fewer when they are large."""
    found: list[Malformed] = []
    size_bytes = 0
    more = False
    for row in database.query(f"{_SELECT} where id < ? order by id desc limit ?", (before, limit + 1)):
        size_bytes += len(row["raw"])
        if len(found) == limit or (found and size_bytes > PAGE_BYTES):
            more = True
            break
        found.append(_read(row))
    return Page(tuple(found), found[-1].id if found else before, more)


def one(database: Database, malformed_id: int) -> Malformed | None:
    """The one with that id, None when it is not kept."""
    found = list(database.query(f"{_SELECT} where id = ?", (malformed_id,)))
    return _read(found[0]) if found else None


def _read(row: Row) -> Malformed:
    return Malformed(
        id=row["id"],
        received_at=utc_from_ns(row["received_ns"]),
        client=read_text(row["client"]),
        listener=row["listener"],
        raw=row["raw"],
        size=row["size"],
        reason=read_text(row["reason"]),
        status=row["status"],
    )
