"""A moment in which a connection that was refused still listens.

To close while bytes are unread makes the kernel send a reset, which may overtake the refusal and destroy it.
And of what is no request, what is still on its way belongs into the record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

MALFORMED_SECONDS = 0.2
MALFORMED_BYTES = 64 * 1024
UNWANTED_SECONDS = 1.0
UNWANTED_BYTES = 32 * 1024 * 1024

RAW_BYTES = 64 * 1024
"""So much of what is no request is kept."""


class Lingering:
    """Drops what comes, until its time or its bytes are over."""

    __slots__ = ("_close", "_left_bytes", "_timer")

    seconds = UNWANTED_SECONDS
    most_bytes = UNWANTED_BYTES

    def __init__(self, loop: asyncio.AbstractEventLoop, close: Callable[[], None]) -> None:
        self._close = close
        self._left_bytes = self.most_bytes
        self._timer = loop.call_later(self.seconds, self.end)

    def take(self, data: bytes) -> None:
        """Take what came."""
        self._left_bytes -= len(data)
        if self._left_bytes <= 0:
            self.end()

    def end(self) -> None:
        """Close: the time is over, the sender is done, or the connection is lost anyway."""
        self._timer.cancel()
        self._close()


class Gathering(Lingering):
    """Keeps the first bytes of what is no request, those included that still come, and counts the rest."""

    __slots__ = ("_came", "_note", "_size_bytes")

    seconds = MALFORMED_SECONDS
    most_bytes = MALFORMED_BYTES

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        close: Callable[[], None],
        came: bytes,
        note: Callable[[bytes, int], None],
    ) -> None:
        super().__init__(loop, close)
        self._came = bytearray(came[:RAW_BYTES])
        self._size_bytes = len(came)
        self._note: Callable[[bytes, int], None] | None = note

    def take(self, data: bytes) -> None:
        self._came += data[: RAW_BYTES - len(self._came)]
        self._size_bytes += len(data)
        super().take(data)

    def end(self) -> None:
        if self._note is not None:
            self._note(bytes(self._came), self._size_bytes)
            self._note = None
        super().end()
