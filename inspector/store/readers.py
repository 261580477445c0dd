"""The read-only connections, lent out one at a time to whichever thread reads."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.content import decoded_text
from inspector.errors import StorageFailed
from inspector.store.functions import register
from inspector.store.sqlite import open_for_reading

if TYPE_CHECKING:
    from sqlite_utils import Database

KEPT_OPEN = 4
"""So many connections stay open when nobody reads."""


class Readers:
    """As many read-only connections to one file as threads read at the same time."""

    def __init__(self, path: Path, *, immutable: bool = False) -> None:
        self._path = path
        self._immutable = immutable
        self._lock = threading.Lock()
        self._idle: list[Database] = []
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[Database]:
        """A connection for the block: the caller's alone. SQLite's errors become StorageFailed."""
        try:
            database = self._take()
            try:
                yield database
            finally:
                self._give_back(database)
        except sqlite3.Error as error:
            raise StorageFailed(f"The database cannot be read ({error}).") from error

    @contextmanager
    def snapshot(self) -> Iterator[Database]:
        """The same, with every query of the block seeing one state. To be left soon: it holds up the log."""
        with self.lend() as database:
            database.begin()
            try:
                yield database
            finally:
                database.rollback()

    def close(self) -> None:
        """Close what is idle now, and what is still lent when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for database in idle:
            database.close()

    def _take(self) -> Database:
        with self._lock:
            if self._closed:
                raise StorageFailed("The store is closed.")
            if self._idle:
                return self._idle.pop()
        database = open_for_reading(self._path, immutable=self._immutable)
        register(database.conn, decoded_text)
        return database

    def _give_back(self, database: Database) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < KEPT_OPEN:
                self._idle.append(database)
                return
        database.close()
