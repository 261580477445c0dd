"""The archive: everything that can be asked about stored deliveries.

All questions are synchronous and safe to ask from every thread. Lists are paged by id, never by counting
rows, so that a page costs the same at any depth; they never touch bodies, unless a filter asks for them. With
a filter a page takes bounded time: it may hold fewer rows than there are, and its cursor says how far it got.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from inspector.errors import NotFound
from inspector.matching import Filter
from inspector.models import (
    Delivery,
    DeliverySummary,
    Endpoint,
    EndpointActivity,
    Malformed,
    Page,
    utc_from_ns,
)
from inspector.settings import Retention
from inspector.signing import Schemes
from inspector.store import malformed, rows, search
from inspector.store.activity import NONE_KEPT
from inspector.store.arrivals import Arrivals, count_arrivals
from inspector.store.attempts import attempts_of, next_attempt
from inspector.store.changes import REMEMBERED_REVISIONS
from inspector.store.disk import DatabaseFile
from inspector.store.ledger import Memory
from inspector.store.readers import Readers
from inspector.store.search import SEARCH_SECONDS, Count
from inspector.store.secrets import Secrets
from inspector.store.sqlite import LARGEST_ID
from inspector.store.state import Changes, Position, StoreState

_IDS = "select id from kept where"


class Archive:
    """Stored deliveries and endpoints, for reading.

    ``memory`` gives what is known without asking the tables; a store with a writer has a new one after each
    commit. What ``closing`` holds is taken over, for ``close`` to unwind.
    """

    def __init__(
        self,
        path: Path,
        readers: Readers,
        memory: Callable[[], Memory],
        secrets: Secrets,
        retention: Retention,
        schemes: Schemes,
        closing: ExitStack,
        *,
        temporary: bool = False,
    ) -> None:
        self.database = path
        self.temporary = temporary
        self.secrets = secrets
        self.schemes = schemes
        """What endpoints name as their scheme, the user's own among them."""
        self._readers = readers
        self._memory = memory
        self._retention = retention
        self._file = DatabaseFile(path)
        with readers.lend() as database:
            [row] = database.query("select value from facts where name = 'instance'")
        self.instance: str = row["value"]
        """A random name of this database, the same over restarts."""
        self._closing = closing.pop_all()

    def close(self) -> None:
        """Close everything and give the lock back. A second call does nothing."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Known without I/O.

    def position(self) -> Position:
        """Where the table stands; never ahead of what a query sees."""
        return self._memory().position

    def endpoints(self) -> tuple[Endpoint, ...]:
        """All endpoints, by path."""
        return self._memory().endpoints.by_path

    def endpoint(self, id_or_path: str) -> Endpoint:
        """The endpoint with that id or exactly that path. Raises NotFound."""
        return self._memory().endpoints.find(id_or_path)

    def match(self, path: bytes) -> Endpoint:
        """The endpoint that a request to *path* (the target as sent, without its query) belongs to."""
        return self._memory().endpoints.match(path)

    def malformed_total(self) -> int:
        """How many malformed requests ever came. The newest one's id is no higher."""
        return self._memory().malformed

    # Lists.

    def newest(
        self,
        *,
        endpoint_id: str | None = None,
        before: int | None = None,
        limit: int = 50,
        where: Filter | None = None,
        seconds: float | None = SEARCH_SECONDS,
    ) -> Page[DeliverySummary]:
        """The newest deliveries with an id below *before*, newest first; with *where* those that it means.

        *seconds* bounds a search; None is no bound.
        """
        bound = _within(LARGEST_ID if before is None else before)
        cursor = 0 if before is None else before
        if where:
            condition = search.condition(where, endpoint_id)
            with self._readers.lend() as database:
                page = search.find_page(
                    database, condition, start=bound, newest_first=True, limit=limit, seconds=seconds
                )
            return page if page.cursor < bound else replace(page, cursor=cursor)
        of_endpoint, parameters = _of_endpoint(endpoint_id)
        return self._page(f"id < ? {of_endpoint} order by id desc", [bound, *parameters], cursor, limit)

    def after(
        self,
        cursor: int,
        *,
        endpoint_id: str | None = None,
        limit: int = 256,
        where: Filter | None = None,
        seconds: float | None = SEARCH_SECONDS,
    ) -> Page[DeliverySummary]:
        """The deliveries with an id above *cursor*, oldest first; *where* and *seconds* as in ``newest``."""
        bound = _within(cursor)
        if where:
            condition = search.condition(where, endpoint_id)
            with self._readers.lend() as database:
                page = search.find_page(
                    database, condition, start=bound, newest_first=False, limit=limit, seconds=seconds
                )
            return page if page.cursor > bound else replace(page, cursor=cursor)
        of_endpoint, parameters = _of_endpoint(endpoint_id)
        return self._page(f"id > ? {of_endpoint} order by id", [bound, *parameters], cursor, limit)

    def changed(self, revision: int, *, limit: int = 256) -> Changes:
        """What was updated or deleted after *revision*, in that order, at most *limit* of either."""
        with self._readers.snapshot() as database:
            [row] = database.query("select revision from counters")
            now: int = row["revision"]
            if not now - REMEMBERED_REVISIONS <= revision <= now:
                return Changes((), (), now, too_far=True)
            updates = list(
                database.query(
                    f"{rows.SELECT_SUMMARY} where revision > ? and revision > 0 order by revision limit ?",
                    (revision, limit + 1),
                )
            )
            deleted = list(
                database.query(
                    "select id, revision from deleted where revision > ? order by revision limit ?",
                    (revision, limit + 1),
                )
            )
        # Where either list was cut, the answer ends for both.
        ends = [found[limit - 1]["revision"] for found in (updates, deleted) if len(found) > limit]
        reached = min(ends, default=now)
        return Changes(
            tuple(rows.summary(row) for row in updates if row["revision"] <= reached),
            tuple(row["id"] for row in deleted if row["revision"] <= reached),
            reached,
            more=bool(ends),
        )

    def matching(self, delivery_ids: Collection[int], where: Filter) -> frozenset[int]:
        """Those of *delivery_ids* that are kept and that *where* means."""
        with self._readers.lend() as database:
            return search.select_matching(database, search.condition(where, None), delivery_ids)

    def malformed(self, *, before: int | None = None, limit: int = 50) -> Page[Malformed]:
        """The newest malformed requests with an id below *before*, newest first.

        At most *limit* of them, and fewer when their bytes are many.
        """
        bound = _within(LARGEST_ID if before is None else before)
        with self._readers.lend() as database:
            page = malformed.newest(database, before=bound, limit=limit)
        return page if page.rows else replace(page, cursor=before or 0)

    # Single deliveries.

    def delivery(self, delivery_id: int) -> Delivery:
        """The whole delivery. Raises NotFound."""
        return rows.delivery(self._one(f"{rows.SELECT_DELIVERY} where id = ?", delivery_id))

    def latest(self, *, endpoint_id: str | None = None, where: Filter | None = None) -> Delivery:
        """The newest delivery, with *where* of those that it means, however long it takes to find.

        Raises NotFound.
        """
        if where:
            found = self.newest(endpoint_id=endpoint_id, where=where, limit=1, seconds=None).rows
            if not found:
                raise NotFound("There is no delivery that the filter means.")
            return self.delivery(found[0].id)
        condition, parameters = _of_endpoint(endpoint_id)
        with self._readers.lend() as database:
            newest = list(
                database.query(
                    f"{rows.SELECT_DELIVERY} where id > 0 {condition} order by id desc limit 1", parameters
                )
            )
        if not newest:
            raise NotFound("There is no delivery yet.")
        return rows.delivery(newest[0])

    def body(self, delivery_id: int) -> bytes:
        """The body, byte for byte. Raises NotFound."""
        body: bytes = self._one("select body from kept join bodies using (id) where id = ?", delivery_id)[
            "body"
        ]
        return body

    def diagnosis(self, delivery_id: int) -> Mapping[str, object] | None:
        """What was found out about the delivery's signature; None when nothing was, or it is gone."""
        if not 0 < delivery_id <= LARGEST_ID:
            return None
        with self._readers.lend() as database:
            found = list(
                database.query(
                    "select diagnosis from diagnoses join kept on delivery_id = id where id = ?",
                    (delivery_id,),
                )
            )
        if not found:
            return None
        diagnosis: Mapping[str, object] = json.loads(found[0]["diagnosis"])
        return diagnosis

    def one_malformed(self, malformed_id: int) -> Malformed:
        """The malformed request with that id. Raises NotFound."""
        found = None
        if 0 < malformed_id <= LARGEST_ID:
            with self._readers.lend() as database:
                found = malformed.one(database, malformed_id)
        if found is None:
            raise NotFound(f"There is no malformed request {malformed_id}.")
        return found

    def attempts(
        self, delivery: Delivery | DeliverySummary, *, limit: int = 100
    ) -> tuple[DeliverySummary, ...]:
        """The deliveries of the same message, *delivery* included, oldest first.

        At most *limit* up to *delivery* and as many after it: a message can have come very often.
        """
        with self._readers.snapshot() as database:
            return attempts_of(database, delivery, limit)

    def next_attempt(self, endpoint_id: str, message_id: str, received_ns: int) -> int:
        """The attempt that a delivery of this message would be, were it received then."""
        with self._readers.lend() as database:
            return next_attempt(database, endpoint_id, message_id, received_ns)

    def neighbours(
        self, delivery_id: int, *, endpoint_id: str | None = None, where: Filter | None = None
    ) -> tuple[int | None, int | None]:
        """The ids of the next newer and the next older delivery; *delivery_id* itself need not exist.

        With *where* of those that it means, as far as a search comes in its time.
        """
        if where:
            newer_rows = self.after(delivery_id, endpoint_id=endpoint_id, where=where, limit=1).rows
            older_rows = self.newest(before=delivery_id, endpoint_id=endpoint_id, where=where, limit=1).rows
            return (newer_rows[0].id if newer_rows else None, older_rows[0].id if older_rows else None)
        condition, parameters = _of_endpoint(endpoint_id)
        parameters = [_within(delivery_id), *parameters]
        with self._readers.snapshot() as database:
            newer = list(database.query(f"{_IDS} id > ? {condition} order by id limit 1", parameters))
            older = list(database.query(f"{_IDS} id < ? {condition} order by id desc limit 1", parameters))
        return (newer[0]["id"] if newer else None, older[0]["id"] if older else None)

    # Numbers.

    def activity(self) -> Mapping[str, EndpointActivity]:
        """How much each endpoint keeps and when its last delivery came, by endpoint id.

        Endpoints that are gone are among them while deliveries of theirs are kept.
        """
        return {
            endpoint_id: EndpointActivity(kept.deliveries, utc_from_ns(kept.last_received_ns))
            for endpoint_id, kept in self._memory().activity.items()
        }

    def count(self, *, endpoint_id: str | None = None) -> int:
        """How many deliveries are kept."""
        if endpoint_id is None:
            return self._memory().deliveries
        return self._memory().activity.get(endpoint_id, NONE_KEPT).deliveries

    def count_meant(
        self,
        where: Filter,
        *,
        endpoint_id: str | None = None,
        after: int = 0,
        seconds: float | None = SEARCH_SECONDS,
    ) -> Count:
        """How many deliveries above the id *after* the filter *where* means, counted for about *seconds*.

        What is not complete goes on from its cursor.
        """
        with self._readers.lend() as database:
            return search.count_found(
                database, search.condition(where, endpoint_id), after=_within(after), seconds=seconds
            )

    def arrivals(
        self, *, endpoint_id: str | None = None, now: datetime | None = None
    ) -> tuple[Arrivals, ...]:
        """How many deliveries were received in each of the 15 minutes up to *now*, oldest first."""
        with self._readers.lend() as database:
            return count_arrivals(database, now or datetime.now(UTC), endpoint_id)

    def state(self) -> StoreState:
        """Where the data is, how much of it, and what is wrong."""
        return StoreState(
            database=self.database,
            temporary=self.temporary,
            bytes=self._file.size_bytes(),
            deliveries=self._memory().deliveries,
            fault=self._file.missing(),
            retention=self._retention,
        )

    def _page(
        self, condition: str, parameters: list[object], cursor: int, limit: int
    ) -> Page[DeliverySummary]:
        """Up to *limit* rows that meet *condition*; *cursor* stands when there are none."""
        with self._readers.lend() as database:
            found = list(
                database.query(
                    f"{rows.SELECT_SUMMARY} where {condition} limit ?",
                    [*parameters, limit + 1],
                )
            )
        page = tuple(map(rows.summary, found[:limit]))
        return Page(page, page[-1].id if page else cursor, more=len(found) > limit)

    def _one(self, query: str, delivery_id: int) -> rows.Row:
        found: list[rows.Row] = []
        if 0 < delivery_id <= LARGEST_ID:
            with self._readers.lend() as database:
                found = list(database.query(query, (delivery_id,)))
        if not found:
            raise NotFound(f"There is no delivery {delivery_id}.")
        return found[0]


def _of_endpoint(endpoint_id: str | None) -> tuple[str, list[object]]:
    """The condition, with its parameters, that leaves only the deliveries of one endpoint."""
    return ("", []) if endpoint_id is None else ("and endpoint_id = ?", [endpoint_id])


def _within(cursor: int) -> int:
    """*cursor* within SQLite's integers: beyond them it means the same as at their end."""
    return max(-1, min(cursor, LARGEST_ID))
