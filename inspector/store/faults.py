"""SQLite's errors, as far as they call for different action, and what the user is told about them."""

from __future__ import annotations

import sqlite3

DISK_FULL = "The disk is full, or it fails: delete deliveries or make room."


def is_locked(error: sqlite3.Error) -> bool:
    """Whether another program held the database's lock for too long."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_out_of_space(error: sqlite3.Error) -> bool:
    """Whether a file could not grow; SQLite calls a full disk by two names."""
    return _code(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def sentence(error: sqlite3.Error) -> str:
    """What to tell the user about *error*."""
    if is_locked(error):
        return "Another program has locked the database: close it."
    if is_out_of_space(error):
        return f"{DISK_FULL} SQLite says: {error}."
    return f"The database cannot be written ({error})."


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; an extended one has it in its low byte. 0 for errors of the binding."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
