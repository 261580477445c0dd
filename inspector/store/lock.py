"""The lock file beside a database: one server per file.

An ``flock`` ends with the process that holds it, however that ends, so a lock file left behind by a crash
locks nothing. The file's content is the holder's process id, for the message to the second one.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from inspector.errors import DatabaseInUse
from inspector.store.files import FILE_MODE


class DatabaseLock:
    """The exclusive lock on *path*, held from construction to ``release``.

    Raises DatabaseInUse, naming the holder, when another process (or another store of this one) has it, and
    OSError when the file cannot be made. With ``optional``, a folder that we cannot write to is no error:
    nobody of our kind can have opened a database there but one who can, and that one left a lock file.
    """

    def __init__(self, path: Path, *, optional: bool = False) -> None:
        self._path = path
        self._descriptor: int | None = None
        try:
            self._descriptor = _acquire(path, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            if not optional or error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            if path.exists():
                self._descriptor = _acquire(path, os.O_RDONLY)

    def release(self) -> None:
        """Give the lock back and remove its file. A second call does nothing."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        # Removed while still held: whoever opened this very file meanwhile notices in _acquire and starts
        # anew.
        with suppress(OSError):
            self._path.unlink()
        os.close(descriptor)


def _acquire(path: Path, flags: int) -> int:
    while True:
        descriptor = os.open(path, flags | os.O_NOFOLLOW, FILE_MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_there(path, descriptor):
                if flags & os.O_RDWR:
                    os.fchmod(descriptor, FILE_MODE)
                    os.ftruncate(descriptor, 0)
                    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
                return descriptor
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise DatabaseInUse(_in_use(path, holder)) from None
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_still_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _in_use(path: Path, holder: str) -> str:
    who = f"process {holder}" if holder.isdigit() else "another process"
    return (
        f"The database is in use by {who} (lock file {path}): "
        "stop that server, or choose another file with --db."
    )
