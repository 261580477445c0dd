"""Upkeep: keeping to the limits, deleting what was cleared, giving space back. All of it in slices.

One slice is one short transaction. Slices run while the writer has nothing else to do; only when a limit is
exceeded by a tenth do they run before the next batch. So deliveries never wait for more than a slice.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress

from inspector.settings import Retention
from inspector.store.ledger import Ledger

OVERSHOOT = 1.1
"""Up to so many times a limit is tolerated while the writer is busy."""

BATCH_SHARE = 20
"""A batch takes no more than one part in so many of a limit, so that the limit holds for small ones too."""

SLACK = 1.01
"""Up to so many times a limit nothing is pruned, lest a full store is pruned at every single delivery."""

ROW_BYTES = 1024
"""What a delivery takes besides its body, roughly: headers, verification, indexes."""

SPARE_PAGES = 256
"""So many free pages stay in the file, to be filled again; in a large one, one page in twenty."""

SHRINK_PAGES = 64
"""At most so many pages are given back at a time."""

REWRITTEN_PAGES = 2048
"""A file in which no more than this is used, and most is free, is written anew at once."""

SLICES_BEFORE = 32
"""At most so many slices stand before a batch: as many as the largest delivery can ask for."""

SLICES_AFTER = 8
"""At most so many slices stand between a deletion and its announcement; most clearings need no more."""

SECONDS_PER_DAY = 24 * 3600


class Upkeep:
    """The housekeeping of one database, by the writer's thread. Its methods raise sqlite3.Error."""

    def __init__(self, ledger: Ledger, retention: Retention) -> None:
        self._ledger = ledger
        self._log = ledger.log
        self._retention = retention
        self._page_bytes: int = self._pragma("page_size")
        self._log_holds_deleted = False
        self._used_bytes = 0
        self._measure()

    def batch_bounds(self, rows: int, body_bytes: int) -> tuple[int, int]:
        """The bounds of a batch, *rows* and *body_bytes* or what the limits leave of them."""
        limit = self._retention
        if limit.deliveries:
            rows = min(rows, max(1, limit.deliveries // BATCH_SHARE))
        if limit.bytes:
            body_bytes = min(body_bytes, max(1, limit.bytes // BATCH_SHARE))
        return rows, body_bytes

    def no_room(self, body_bytes: int) -> str | None:
        """Why a delivery of that size cannot be kept beside what is pinned, else None."""
        memory, limit = self._ledger.memory, self._retention
        if limit.deliveries and memory.pinned >= limit.deliveries:
            return (
                f"The {memory.pinned:,} pinned deliveries reach the limit of {limit.deliveries:,}: "
                "unpin or delete some, or raise --keep-deliveries."
            )
        if limit.bytes and self._pinned_bytes() + body_bytes + 8 * ROW_BYTES > limit.bytes:
            return (
                f"The limit of {limit.bytes:,} bytes leaves no room for this delivery beside "
                f"{memory.pinned:,} pinned ones: unpin or delete some, or raise --keep-bytes."
            )
        return None

    def after_batch(self) -> None:
        """When a batch has been announced: checkpoint if that is due."""
        if self._log.checkpoint_if_due():
            self._measure()

    def make_room(self, rows: int, body_bytes: int) -> None:
        """Before a batch of that size: prune, lest it exceeds a limit by more than a tenth."""
        self._ledger.settle()
        incoming_bytes = body_bytes + rows * ROW_BYTES
        # Between two measurements what is in use is only added up.
        if self._exceeds(OVERSHOOT, rows, incoming_bytes):
            self._measure()
        for _ in range(SLICES_BEFORE):
            if not self._exceeds(OVERSHOOT, rows, incoming_bytes):
                break
            if not (self._sweep() or self._prune(rows, incoming_bytes)):
                break
        self._used_bytes += incoming_bytes

    def purge(self) -> None:
        """After deletions: remove what was deleted from the files, as far as that is quick."""
        self._ledger.settle()
        for _ in range(SLICES_AFTER):
            if not self._sweep():
                break
        for _ in range(SLICES_AFTER):
            if not self._shrink():
                break
        if self._log.stuck:
            self._squeeze()
        self._measure()
        self._log_holds_deleted = not self._log.checkpoint(truncate=True)

    def rest(self) -> bool:
        """While nothing is to be written: do one slice of what there is to do; False when that is nothing."""
        self._ledger.settle()
        self._measure()
        if self._sweep():
            return True
        if (self._exceeds(SLACK) or self._has_outdated()) and self._prune():
            return True
        if self._shrink():
            return True
        if self._log_holds_deleted:
            self._log_holds_deleted = not self._log.checkpoint(truncate=True)
        return False

    def finish(self, seconds: float) -> None:
        """Before the end: do what there is to do, for at most about *seconds*, and empty the log."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.rest():
            pass
        self._log.checkpoint(truncate=True)

    def _sweep(self) -> bool:
        """Delete a slice of what was cleared."""
        ledger = self._ledger
        through = ledger.memory.cleared_through
        if not through:
            return False
        candidates = ledger.connection.execute(
            "select id, body_size from deliveries where id <= ? and id not in (select id from spared) "
            "order by id limit ?",
            (through, ledger.slice.rows),
        ).fetchall()
        ids = ledger.slice.take(candidates)
        with ledger.transaction() as draft:
            if ids:
                ledger.connection.executemany("delete from deliveries where id = ?", [(i,) for i in ids])
            else:
                ledger.connection.execute("delete from spared")
                draft.cleared_through = 0
        self._wrote(candidates)
        return True

    def _prune(self, incoming_rows: int = 0, incoming_bytes: int = 0) -> bool:
        """Delete a slice of the oldest deliveries that are not pinned and stand above a limit."""
        ledger, limit = self._ledger, self._retention
        rows_too_many = ledger.memory.deliveries + incoming_rows - limit.deliveries if limit.deliveries else 0
        bytes_too_many = self._used_bytes + incoming_bytes - limit.bytes if limit.bytes else 0
        oldest_ns = self._oldest_ns()
        chosen: list[tuple[int, int]] = []
        for delivery_id, body_size, received_ns in ledger.connection.execute(
            "select id, body_size, received_ns from kept where pinned = 0 order by id limit ?",
            (ledger.slice.rows,),
        ).fetchall():
            if rows_too_many <= len(chosen) and bytes_too_many <= 0 and received_ns >= oldest_ns:
                break
            chosen.append((delivery_id, body_size))
            bytes_too_many -= body_size + ROW_BYTES
        ids = ledger.slice.take(chosen)
        if not ids:
            return False
        with ledger.transaction() as draft:
            ledger.remove(ids)
            draft.floor = max(draft.floor, ids[-1])
            draft.next_revision()
        self._wrote(chosen)
        return True

    def _shrink(self) -> bool:
        """Give some free pages back to the file system."""
        pages, free = self._pragma("page_count"), self._pragma("freelist_count")
        if free <= max(SPARE_PAGES, pages // 20):
            return False
        used = pages - free
        if used <= REWRITTEN_PAGES and free > 8 * used:
            # Much quicker than giving back the end of the file page by page.
            self._ledger.connection.execute("vacuum")
        else:
            # As a script, because ``execute`` would stop after the first page.
            self._ledger.connection.executescript(f"pragma incremental_vacuum({SHRINK_PAGES})")
        self._log.note(SHRINK_PAGES, 0)
        self._log_holds_deleted = True
        return self._pragma("freelist_count") < free

    def _wrote(self, candidates: list[tuple[int, int]]) -> None:
        self._log_holds_deleted = True
        self._log.note(len(candidates), sum(body_size + ROW_BYTES for _, body_size in candidates))
        if self._log.stuck:
            self._squeeze()
        else:
            self._log.checkpoint_if_due()
        self._measure()

    def _squeeze(self) -> None:
        """On a full disk: give back every free page, until the log fits into the database file as it is."""
        self._ledger.connection.executescript("pragma incremental_vacuum")
        with suppress(sqlite3.Error):
            self._log.checkpoint()

    def _exceeds(self, tolerance: float, incoming_rows: int = 0, incoming_bytes: int = 0) -> bool:
        limit = self._retention
        return (0 < limit.deliveries * tolerance < self._ledger.memory.deliveries + incoming_rows) or (
            0 < limit.bytes * tolerance < self._used_bytes + incoming_bytes
        )

    def _has_outdated(self) -> bool:
        oldest_ns = self._oldest_ns()
        if not oldest_ns:
            return False
        first = self._ledger.connection.execute(
            "select received_ns from kept where pinned = 0 order by id limit 1"
        ).fetchone()
        return first is not None and first[0] < oldest_ns

    def _oldest_ns(self) -> int:
        days = self._retention.days
        return time.time_ns() - int(days * SECONDS_PER_DAY * 1e9) if days else 0

    def _pinned_bytes(self) -> float:
        """What the pinned deliveries take in the file: their share of all that is used."""
        memory = self._ledger.memory
        pinned = memory.pinned_bytes + memory.pinned * ROW_BYTES
        if memory.cleared_through or not pinned:
            return pinned
        return self._used_bytes * pinned / (memory.body_bytes + memory.deliveries * ROW_BYTES)

    def _measure(self) -> None:
        self._used_bytes = (self._pragma("page_count") - self._pragma("freelist_count")) * self._page_bytes

    def _pragma(self, name: str) -> int:
        value: int = self._ledger.connection.execute(f"pragma {name}").fetchone()[0]
        return value
