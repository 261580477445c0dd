"""The deadlines of one connection, kept with one timer that is not touched while requests come and go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector.receive.wire.protocol import WireProtocol


class Watch:
    """Looks, when a deadline may have passed, whether one has.

    ``since`` is when the connection fell idle, or the first byte of its request came; ``last_byte`` when a
    body last moved on. Both are times of the connection's clock, which stands still while we hold the sender.
    """

    __slots__ = ("_connection", "_due", "_timer", "last_byte", "since")

    def __init__(self, connection: WireProtocol) -> None:
        self._connection = connection
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self.since = self.last_byte = connection.flow.clock()

    def look(self) -> None:
        """Make sure that the timer fires at the next deadline, or before."""
        left_seconds = self._connection.seconds_left()
        if left_seconds is None:
            return
        due = self._connection.loop.time() + left_seconds
        if self._timer is not None:
            if self._due <= due:
                return
            self._timer.cancel()
        self._due = due
        self._timer = self._connection.loop.call_at(due, self._fire)

    def stop(self) -> None:
        """Nothing is due any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        left_seconds = self._connection.seconds_left()
        if left_seconds is not None and left_seconds <= 0:
            self._connection.expire()
        else:
            self.look()
