"""SQLite's write-ahead log: when its content goes over into the database file.

The writer does this by itself between two batches. SQLite would do it inside a commit, which a sender is
waiting for, and would keep to itself that it failed: on a full disk the log would then grow until nothing can
be written any more, not even a deletion.
"""

from __future__ import annotations

import sqlite3

CHECKPOINT_BYTES = 4 * 1024 * 1024
"""The log is checkpointed when about this much was written to it (SQLite's own default is 1,000 pages)."""

SMALLEST_CHECKPOINT_BYTES = 128 * 1024

PAGES_PER_ROW = 1.5
"""What a delivery dirties besides its own bytes, about: mostly its place in the message index."""


class WriteAheadLog:
    """The log of the writing connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._page_bytes: int = connection.execute("pragma page_size").fetchone()[0]
        self._bound_bytes = CHECKPOINT_BYTES
        self._written_bytes = 0.0
        self.stuck = False
        """The last checkpoint failed: the database file cannot grow."""

    def note(self, rows: int, content_bytes: int) -> None:
        """Take note of a commit of about *rows* rows and *content_bytes*."""
        self._written_bytes += content_bytes + (4 + PAGES_PER_ROW * rows) * self._page_bytes

    def checkpoint_if_due(self) -> bool:
        """Checkpoint when enough was written, and say whether. Raises sqlite3.Error."""
        if self._written_bytes <= self._bound_bytes:
            return False
        self.checkpoint()
        return True

    def checkpoint(self, *, truncate: bool = False) -> bool:
        """Move the log's content into the database file; whether all of it got there.

        ``truncate`` also empties the log's file, which removes deleted content from it. A reader in the
        middle of a snapshot keeps either from completing; it is not waited for. Raises sqlite3.Error when the
        database file cannot be written; deliveries are then refused until a checkpoint succeeds.
        """
        self._connection.execute("pragma busy_timeout = 0")
        try:
            busy, logged, moved = self._connection.execute(
                "pragma wal_checkpoint(truncate)" if truncate else "pragma wal_checkpoint(passive)"
            ).fetchone()
        except sqlite3.Error:
            self._set_stuck(True)
            raise
        finally:
            self._connection.execute("pragma busy_timeout = 5000")
        self._set_stuck(False)
        complete = not busy and logged == moved
        # What a reader kept back is tried again soon, not at every batch.
        self._written_bytes = 0.0 if complete else self._bound_bytes / 2
        return complete

    def _set_stuck(self, stuck: bool) -> None:
        """While nothing fits into the database file, deletions write no more than they must.

        They do not overwrite the pages they free then; these are given back to the file system instead.
        """
        if stuck != self.stuck:
            self._connection.execute(f"pragma secure_delete = {'off' if stuck else 'on'}")
        self.stuck = stuck

    def relieve(self) -> None:
        """Make room in a log that could not grow, and from now on keep more free. Raises sqlite3.Error."""
        self._bound_bytes = max(SMALLEST_CHECKPOINT_BYTES, self._bound_bytes // 4)
        self.checkpoint(truncate=True)
