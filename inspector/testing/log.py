"""The log of what a server received, read by id over its API: what was there, and what comes.

Every reader asks for what came after an id, so that a callback that came before the question is found like
one that comes later, and nothing is ever polled: the server answers when its doorbell rings.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inspector.client import Client, Json
from inspector.errors import Refused
from inspector.settings import MIB
from inspector.testing.delivery import Delivery, read_delivery

LONGEST_WAIT_SECONDS = 60.0
"""The server's bound for one wait; longer ones ask again."""

AT_ONCE = 50
BYTES_AT_ONCE = 8 * MIB
"""So many deliveries, or about so many bytes of them, are read in one answer."""


@dataclass(frozen=True, slots=True)
class Log:
    """What came to an endpoint (None: to any of them), in the order it came.

    ``paths`` are the endpoints' paths by their ids, as far as they are known.
    """

    client: Client
    callback_url: str
    endpoint_id: str | None = None
    paths: dict[str, str] = field(default_factory=dict)

    def after(self, cursor: int) -> Iterator[Delivery]:
        """Everything that is there after the id *cursor*, oldest first."""
        while batch := self._next(cursor):
            yield from batch
            cursor = batch[-1].id

    def arrivals(self, cursor: int, deadline: float) -> Iterator[Delivery]:
        """Everything after *cursor*, and what comes until *deadline* (``time.monotonic``), oldest first."""
        while True:
            left = deadline - time.monotonic()
            batch = self._next(cursor)
            if not batch and left <= 0:
                return
            if not batch:
                batch = self._whole(cursor, 1, min(left, LONGEST_WAIT_SECONDS))
            for delivery in batch:
                yield delivery
                cursor = delivery.id

    def summaries(self, cursor: int = 0, limit: int = AT_ONCE) -> list[Json]:
        """The rows of the list after *cursor*, oldest first, at most *limit*."""
        page = self.client.get("/api/deliveries", endpoint=self.endpoint_id, after=cursor, limit=limit)
        rows: list[Json] = page["deliveries"]
        return rows

    def last_id(self) -> int:
        """The highest id that any delivery ever had."""
        cursor: int = self.client.get("/api/status")["cursor"]
        return cursor

    def _next(self, cursor: int) -> list[Delivery]:
        """The next few deliveries that are there, as many as make an answer of bearable length."""
        rows = self.summaries(cursor)
        return self._whole(cursor, _bearable(rows), 0.0) if rows else []

    def _whole(self, cursor: int, count: int, seconds: float) -> list[Delivery]:
        """The first *count* deliveries after *cursor*; none when they do not come within *seconds*."""
        try:
            answer = self.client.wait(timeout=seconds, endpoint=self.endpoint_id, after=cursor, count=count)
        except Refused as refused:
            if refused.code == "wait-timeout":
                return []
            raise
        return [self._read(whole) for whole in answer["deliveries"]]

    def _read(self, whole: Json) -> Delivery:
        address = f"/api/deliveries/{whole['id']}"
        return Delivery(
            stored=read_delivery(whole, lambda: self.client.read(f"{address}/body")),
            endpoint_path=self.paths.get(whole["endpoint_id"]),
            callback_url=self.callback_url,
            url=f"{self.client.url}deliveries/{whole['id']}",
        )


def _bearable(rows: Sequence[Json]) -> int:
    size = 0
    for count, row in enumerate(rows, 1):
        size += row["body_size"]
        if size > BYTES_AT_ONCE:
            return count
    return len(rows)
