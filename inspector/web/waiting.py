"""Waiting: until enough deliveries have come that are meant, or the time is over.

The table is the log: a wait looks at everything after an id, then sleeps until the doorbell rings and looks
at what came since. What came before it began and what comes later is thus found in the same way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from inspector.content import decoded_text
from inspector.errors import NotFound
from inspector.matching import Filter, NearMiss, Subject, nearest
from inspector.models import Delivery, DeliverySummary
from inspector.store import Position, Store
from inspector.web import searching
from inspector.web.stream import Hub

COMPARED_DELIVERIES = 200
COMPARED_SECONDS = 0.5
"""So many of the newest deliveries, in about this time, are looked at for the nearest ones."""

CHANGES_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is waited for: *count* deliveries of an endpoint (None: of any) after the id *after*.

    *where* None means every one of them. *seconds* bounds the wait; 0 asks once.
    """

    endpoint_id: str | None
    where: Filter | None
    count: int
    after: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Missed:
    """What there was when the time was over: how many deliveries in all, and those that came nearest."""

    received: int
    nearest: tuple[NearMiss, ...]


class Stopped(Exception):
    """The server stops: nothing will come any more."""


class Wait:
    """One wait, and how far it has looked."""

    def __init__(self, hub: Hub, wanted: Wanted) -> None:
        self._hub = hub
        self._store = hub.store
        self._wanted = wanted
        self._found: set[int] = set()
        self._cursor = wanted.after
        begun = hub.store.position()
        self._generation, self._revision = begun.generation, begun.revision

    async def run(self) -> list[int] | None:
        """The ids of the first deliveries wanted, oldest first; None when they did not come in time.

        Raises Stopped when the server stops.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._wanted.seconds
        bell = self._store.doorbell
        while True:
            # Both are read before the table is, so that nothing rung in between is missed.
            seen, closing = bell.count, self._hub.closing
            position = self._store.position()
            await self._catch_up(position)
            # Who asks once is still told of all that is there, as far as a search gets in its time.
            patience = max(deadline, loop.time() + searching.PATIENCE_SECONDS)
            while await self._look_further(position):
                if loop.time() >= patience or self._hub.closing:
                    break
            if len(self._found) >= self._wanted.count:
                return sorted(self._found)[: self._wanted.count]
            if closing:
                raise Stopped
            if loop.time() >= deadline:
                return None
            try:
                async with asyncio.timeout_at(deadline):
                    await bell.wait(seen)
            except TimeoutError:
                return None

    async def _look_further(self, position: Position) -> bool:
        """Look at some of what came since the last look; whether there may be more to look at."""
        missing = self._wanted.count - len(self._found)
        if missing <= 0 or self._cursor >= position.cursor:
            return False
        page = await self._store.reading(
            self._store.after,
            self._cursor,
            endpoint_id=self._wanted.endpoint_id,
            where=self._wanted.where,
            limit=missing,
        )
        self._found.update(row.id for row in page.rows)
        self._cursor = page.cursor if page.more else max(page.cursor, position.cursor)
        return page.more

    async def _catch_up(self, position: Position) -> None:
        """Take account of what was changed or deleted since, of that which was looked at already."""
        if position.generation != self._generation:
            self._generation = position.generation
            self._found.clear()
        while self._revision < position.revision:
            changes = await self._store.reading(self._store.changed, self._revision, limit=CHANGES_AT_ONCE)
            self._revision = changes.revision
            if changes.too_far:
                self._found, self._cursor = set(), self._wanted.after
                return
            self._found.difference_update(changes.deleted)
            if self._wanted.where is not None:
                await self._look_again([row for row in changes.updates if self._looked_at(row)])

    def _looked_at(self, row: DeliverySummary) -> bool:
        return self._wanted.after < row.id <= self._cursor and self._wanted.endpoint_id in (
            None,
            row.endpoint_id,
        )

    async def _look_again(self, changed: Sequence[DeliverySummary]) -> None:
        """Some of what a filter can ask for changes later: a pin, a verdict, what became of a reply."""
        if not changed:
            return
        ids = [row.id for row in changed]
        assert self._wanted.where is not None
        meant = await self._store.reading(self._store.matching, ids, self._wanted.where)
        self._found = self._found.difference(ids) | meant


async def missed(store: Store, wanted: Wanted) -> Missed:
    """What there is instead of what was *wanted*."""
    received = await searching.count_meant(store, Filter(), wanted.endpoint_id, after=wanted.after)
    near: tuple[NearMiss, ...] = ()
    if wanted.where is not None:
        near = await store.reading(lambda: nearest(wanted.where or Filter(), _subjects(store, wanted)))
    return Missed(received.found, near)


def _subjects(store: Store, wanted: Wanted) -> Iterator[Subject]:
    """The newest deliveries that were looked at, as the matcher sees them. Reads one body at a time."""
    until = time.monotonic() + COMPARED_SECONDS
    paths = {endpoint.id: endpoint.path for endpoint in store.endpoints()}
    for row in store.newest(endpoint_id=wanted.endpoint_id, limit=COMPARED_DELIVERIES).rows:
        if row.id <= wanted.after or time.monotonic() >= until:
            return
        try:
            delivery = store.delivery(row.id)
        except NotFound:  # deleted a moment ago
            continue
        yield Subject.of(delivery, paths.get(delivery.endpoint_id), partial(_text, delivery))


def _text(delivery: Delivery) -> str | None:
    return decoded_text(delivery.request.body, delivery.request.headers)
