"""The disk under a running database: whether its file is still there, and whether there is room."""

from __future__ import annotations

import os
from pathlib import Path

RESERVED_BYTES = 32 * 1024 * 1024
"""Deliveries stop while this much is still free: on a disk that is full to the last byte not even a deletion
works, since it has to be written down first."""

RESERVED_SHARE = 20
"""On a small file system the reserve is no more than one part in so many."""


class DatabaseFile:
    """The database's file, by identity and not only by name.

    SQLite goes on writing to a file that was deleted or replaced, and calls it a success.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = path.parent
        self._identity = self._current_identity()

    def missing(self) -> str | None:
        """What is wrong when the path no longer leads to the file that is open, else None."""
        try:
            if self._current_identity() == self._identity:
                return None
        except OSError:
            pass
        return f"The database file {self._path} was deleted or replaced while in use: restart the server."

    def crowded(self) -> str | None:
        """What is wrong when the disk is almost full, else None."""
        space = os.statvfs(self._folder)
        free, total = space.f_bavail * space.f_frsize, space.f_blocks * space.f_frsize
        if free >= min(RESERVED_BYTES, total // RESERVED_SHARE):
            return None
        return f"The disk is almost full ({free // 1024:,} KiB free): delete deliveries or make room."

    def size_bytes(self) -> int:
        """What the database takes on disk, its write-ahead log included."""
        return _size_bytes(self._path) + _size_bytes(self._path.with_name(f"{self._path.name}-wal"))

    def _current_identity(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_dev, status.st_ino


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
