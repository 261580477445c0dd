"""Back-pressure on one connection, both ways, and a clock that stands still while we hold the sender."""

from __future__ import annotations

import asyncio


class Flow:
    """Whether the transport may read, and whether we may write."""

    __slots__ = (
        "_held_seconds",
        "_loop",
        "_paused_at",
        "_transport",
        "_unsent_bytes",
        "_writable",
        "read_paused",
    )

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held_seconds = 0.0
        self._paused_at = 0.0
        self._writable: asyncio.Event | None = None  # there while the send buffer is full
        self._unsent_bytes = 0  # when it became full, or was last looked at
        self.read_paused = False

    def clock(self) -> float:
        """Seconds in which the sender was free to send; comparable only with one another."""
        return (self._paused_at if self.read_paused else self._loop.time()) - self._held_seconds

    def pause_reading(self) -> None:
        if not self.read_paused:
            self._paused_at = self._loop.time()
            self.read_paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self._held_seconds += self._loop.time() - self._paused_at
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        self._writable = asyncio.Event()
        self._unsent_bytes = self._transport.get_write_buffer_size()

    def resume_writing(self) -> None:
        if self._writable is not None:
            self._writable.set()
            self._writable = None

    def is_read(self) -> bool:
        """Whether some is unsent, but less than when the buffer became full or this was last asked."""
        before, self._unsent_bytes = self._unsent_bytes, self._transport.get_write_buffer_size()
        return 0 < self._unsent_bytes < before

    async def drain(self, most_seconds: float) -> None:
        """Wait until the send buffer has room; drop a connection that reads none for *most_seconds*."""
        while (writable := self._writable) is not None:
            try:
                async with asyncio.timeout(most_seconds):
                    await writable.wait()
            except TimeoutError:
                if not self.is_read():
                    self._transport.abort()
                    return
