"""SQLite itself: recognising a file of ours, and opening it the one right way for writing and for reading.

Facts from sqlite.org: the file header (fileformat2.html, section 1.3) holds the magic string at byte 0,
``user_version`` at 60 and ``application_id`` at 68, both big-endian. They stand in the main file and not only
in the write-ahead log, because migrations run without one (``migrations.migrate``); a file can therefore be
judged without touching it.
"""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.errors import UnusableDatabase

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x43424B49
"""``CBKI`` in the file header: this SQLite file is a Callback Inspector's."""

SCHEMA_VERSION = 4
"""The number of migrations that make up the present schema."""

BUSY_TIMEOUT_SECONDS = 5.0
"""How long another program's lock on the file is waited out."""

LARGEST_ID = 2**63 - 1
"""SQLite's integers have 64 bits; a larger id cannot exist, and binding one would raise."""

KEPT_LOG_BYTES = 8 * 1024 * 1024
"""What the write-ahead log is cut back to after it had to grow beyond."""

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100


def recognise(path: Path) -> int | None:
    """The version of the database of ours at *path*; None when there is nothing yet (no file, or an empty
    one).

    Only looks. Raises UnusableDatabase for everything else: a folder, a file that cannot be read, one that is
    not SQLite, belongs to another application, or was written by a newer version.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnusableDatabase(f"{path} is not a file: name a file with --db.")
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnusableDatabase(f"{path} cannot be read: {error.strerror}.") from error
    if not header:
        return None
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise UnusableDatabase(f"{path} is not a SQLite database: name another file with --db.")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise UnusableDatabase(f"{path} is another application's database: name another file with --db.")
    version = int.from_bytes(header[60:64], "big")
    if version > SCHEMA_VERSION:
        raise UnusableDatabase(
            f"{path} was written by a newer Callback Inspector (format {version}, this one knows "
            f"{SCHEMA_VERSION}): upgrade, or name another file with --db."
        )
    return version


def open_for_writing(path: Path, *, durable: bool = True) -> Database:
    """The writing connection to the existing file *path*, its schema brought up to date.

    ``durable`` False skips every fsync: for a private file that does not outlive the process. Transactions
    are begun and ended explicitly. Raises sqlite3.Error.
    """
    # Here, not above: it takes about 60 ms to import, and most commands never open a database.
    from inspector.store.migrations import migrate

    database = _connect(path, "mode=rw")
    try:
        connection = database.conn
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma secure_delete = on")
        connection.execute("pragma temp_store = memory")
        connection.execute("pragma synchronous = full" if durable else "pragma synchronous = off")
        migrate(database)
        connection.execute("pragma journal_mode = wal")
        connection.execute(f"pragma journal_size_limit = {KEPT_LOG_BYTES}")
        # The writer checkpoints by itself, between two batches and not inside a commit that a sender waits
        # for.
        connection.execute("pragma wal_autocheckpoint = 0")
    except BaseException:
        database.close()
        raise
    return database


def open_for_reading(path: Path, *, immutable: bool = False) -> Database:
    """A read-only connection to *path*.

    ``immutable`` promises SQLite that nobody writes to the file meanwhile; it then needs no files beside it.
    Raises sqlite3.Error.
    """
    database = _connect(path, "mode=ro&immutable=1" if immutable else "mode=ro")
    database.conn.execute("pragma query_only = on")
    return database


def _connect(path: Path, options: str) -> Database:
    from sqlite_utils import Database

    connection = sqlite3.connect(
        f"{path.as_uri()}?{options}",
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        # One thread at a time uses a connection, but not always the same one: see Writer and Readers.
        check_same_thread=False,
    )
    # A schema that somebody tampered with runs no functions that have side effects.
    connection.execute("pragma trusted_schema = off")
    return Database(connection, execute_plugins=False)
