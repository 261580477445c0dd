"""Feed: the table of deliveries as ready bytes of an event stream, read and encoded once for all streams.

The table is the log: nobody queues anything for a stream, each keeps an id and asks what came after it.
When many ask the same, one reads and the others take its bytes.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from inspector.matching import Filter
from inspector.models import DeliverySummary
from inspector.store import Position, Store
from inspector.web import representation
from inspector.web.filtering import lasting
from inspector.web.representation import json_bytes

ROWS_AT_ONCE = 256
"""The most deliveries in one write: beyond that a stream takes turns with the others."""

KEPT_ROWS = 2048
KEPT_CHUNKS = 32

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Events as ready bytes, and how far they reach: up to id ``cursor``, up to ``revision``."""

    content: bytes
    cursor: int
    revision: int
    too_far: bool = False


def event(name: str, data: object, cursor: int | None = None) -> bytes:
    """One event. The data is JSON in one line of ASCII, so that no captured byte can end or forge a field."""
    mark = b"" if cursor is None else b"id: %d\n" % cursor
    return b"%sevent: %s\ndata: %s\n\n" % (mark, name.encode("ascii"), json_bytes(data))


class Feed:
    """What streams read. All answers are of at least the moment at which they were asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = asyncio.Lock()
        # Searches take longer: they take turns among themselves, and nobody else waits for one.
        self._search_lock = asyncio.Lock()
        self._rows: _Recent[tuple[int, int], bytes] = _Recent(KEPT_ROWS)
        self._chunks: _Recent[Hashable, Chunk] = _Recent(KEPT_CHUNKS)

    async def deliveries(
        self, last: int, endpoint_id: str | None, position: Position, where: Filter | None = None
    ) -> Chunk:
        """The deliveries after id *last* that *where* means, oldest first, as far as a search gets in time.

        Chunks are shared between all who ask at the same position. Its revision and floor are part of the key
        because an update or a removal changes what stands between two ids without changing either.
        """
        key = (
            where,
            endpoint_id,
            last,
            position.cursor,
            position.generation,
            position.revision,
            position.floor,
        )

        def read() -> Chunk:
            page = self._store.after(last, endpoint_id=endpoint_id, where=where, limit=ROWS_AT_ONCE)
            content = b"".join([self._delivery(row) for row in page.rows])
            cursor = page.cursor if page.more else max(last, page.cursor, position.cursor)
            return Chunk(content, cursor, position.revision)

        return await self._shared(key, read, searching=where is not None)

    async def changes(
        self,
        revision: int,
        last: int,
        endpoint_id: str | None,
        position: Position,
        where: Filter | None = None,
    ) -> Chunk:
        """What was changed or deleted after *revision*, of the deliveries up to id *last*.

        Later ones the reader has still to be told, as they are by then. Of *where* counts what no change can
        touch: a reader learns that a delivery is no longer what it asked for.
        """
        key = ("changes", where, endpoint_id, last, revision, position.revision)
        meant = lasting(where)

        def read() -> Chunk:
            changes = self._store.changed(revision, limit=ROWS_AT_ONCE)
            updates = [
                row for row in changes.updates if row.id <= last and endpoint_id in (None, row.endpoint_id)
            ]
            if meant is not None and updates:
                among = self._store.matching([row.id for row in updates], meant)
                updates = [row for row in updates if row.id in among]
            events = [event("update", representation.delivery_summary(row)) for row in updates]
            deleted = [number for number in changes.deleted if number <= last]
            if deleted:
                events.append(event("deleted", {"ids": deleted}))
            return Chunk(b"".join(events), last, changes.revision, too_far=changes.too_far)

        return await self._shared(key, read, searching=where is not None)

    async def _shared(self, key: Hashable, read: Callable[[], Chunk], *, searching: bool) -> Chunk:
        async with self._search_lock if searching else self._lock:
            chunk = self._chunks.get(key)
            if chunk is None:
                chunk = await self._store.reading(read)
                self._chunks.put(key, chunk)
            return chunk

    def _delivery(self, row: DeliverySummary) -> bytes:
        """One delivery's event, encoded once for as long as the delivery does not change."""
        key = (row.id, row.revision)
        encoded = self._rows.get(key)
        if encoded is None:
            encoded = event("delivery", representation.delivery_summary(row), row.id)
            self._rows.put(key, encoded)
        return encoded


class _Recent(Generic[Key, Value]):
    """A mapping that keeps what was put in last, *most* of it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        return self._values.get(key)

    def put(self, key: Key, value: Value) -> None:
        self._values[key] = value
        if len(self._values) > self._most:
            self._values.popitem(last=False)
