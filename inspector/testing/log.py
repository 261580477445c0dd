"""The log of what a server received, read by id over its API: what was there, and what comes.

Every reader asks for what came after an id, so that a callback that came before the question is found like
one that comes later, and nothing is ever polled: the server answers when its doorbell rings.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from inspector.client import Client, Json
from inspector.errors import NotFound, Refused
from inspector.settings import MIB
from inspector.testing.delivery import Delivery, read_delivery
from inspector.testing.known import Known

LONGEST_WAIT_SECONDS = 60.0
"""The server's bound for one wait; longer ones ask again."""

ROWS_AT_ONCE = 500
AT_ONCE = 50
BYTES_AT_ONCE = 8 * MIB
"""So many deliveries, or about so many bytes of them, are read in one answer."""


@dataclass(frozen=True, slots=True)
class Log:
    """What came to an endpoint (None: to any of them), in the order it came.

    ``paths`` are the endpoints' paths by their ids, as far as they are known, ``known`` what was read before.
    """

    client: Client
    callback_url: str
    endpoint_id: str | None = None
    paths: dict[str, str] = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    def after(self, cursor: int) -> Iterator[Delivery]:
        """Everything that is there after the id *cursor*, oldest first."""
        while rows := self._rows(cursor):
            yield from self._read_all(rows, cursor)
            cursor = rows[-1]["id"]

    def arrivals(self, cursor: int, deadline: float) -> Iterator[Delivery]:
        """Everything after *cursor*, and what comes until *deadline* (``time.monotonic``), oldest first."""
        while True:
            left = deadline - time.monotonic()
            for delivery in self.after(cursor):
                yield delivery
                cursor = delivery.id
            if left <= 0:
                return
            for delivery in self._whole(cursor, 1, _at_most_a_wait(deadline)):
                yield delivery
                cursor = delivery.id

    def turned(self, cursor: int, deadline: float, where: str) -> Iterator[Delivery]:
        """What the filter *where* means after *cursor*, as it comes or comes to be meant until *deadline*.

        Not always in the order it came: what is judged anew may be older than what was given before.
        """
        given: set[int] = set()
        while True:
            left = deadline - time.monotonic()
            rows = self._rows(cursor, where)
            for row in rows:
                if row["id"] not in given:
                    given.add(row["id"])
                    known = self.known.find(row)
                    yield from self._each([row["id"]]) if known is None else [known]
            if left <= 0:
                return
            if len(rows) == ROWS_AT_ONCE:  # more than the server counts
                yield from self.arrivals(rows[-1]["id"], deadline)
                return
            # For one more than there are: the server counts anew when a verdict changes.
            self._whole(cursor, len(rows) + 1, _at_most_a_wait(deadline), where)

    def last_id(self) -> int:
        """The highest id that any delivery ever had."""
        cursor: int = self.client.get("/api/status")["cursor"]
        return cursor

    def _rows(self, cursor: int, where: str | None = None) -> list[Json]:
        """The next rows of the list after *cursor*, oldest first, of those that the filter *where* means."""
        page = self.client.get(
            "/api/deliveries", endpoint=self.endpoint_id, after=cursor, limit=ROWS_AT_ONCE, q=where
        )
        rows: list[Json] = page["deliveries"]
        return rows

    def _read_all(self, rows: Sequence[Json], cursor: int) -> Iterator[Delivery]:
        """The deliveries of *rows*, the first of which comes after *cursor*: as they are known, else read."""
        position = 0
        while position < len(rows):
            known = self.known.find(rows[position])
            if known is not None:
                yield known
                position += 1
            else:
                part = _bearable(rows[position : position + AT_ONCE])
                by_id = {row["id"]: row for row in part}
                # One that was deleted since makes it fewer than are asked for: then each is read for itself.
                for delivery in self._whole(cursor, len(part), 0.0) or self._each(by_id):
                    if delivery.id in by_id:
                        self.known.keep(by_id[delivery.id], delivery)
                        yield delivery
                position += len(part)
            cursor = rows[position - 1]["id"]

    def _whole(self, cursor: int, count: int, seconds: float, where: str | None = None) -> list[Delivery]:
        """The first *count* deliveries after *cursor*, of those that the filter *where* means; none when they
        do not come within *seconds*."""
        try:
            answer = self.client.wait(
                timeout=seconds, endpoint=self.endpoint_id, after=cursor, count=count, q=where
            )
        except Refused as refused:
            if refused.code == "wait-timeout":
                return []
            raise
        return [self._read(whole) for whole in answer["deliveries"]]

    def _each(self, ids: Iterable[int]) -> Iterator[Delivery]:
        """The deliveries with these *ids*, those that are still there."""
        for number in ids:
            with suppress(NotFound):
                yield self._read(self.client.get(f"/api/deliveries/{number}"))

    def _read(self, whole: Json) -> Delivery:
        address = f"/api/deliveries/{whole['id']}"
        return Delivery(
            stored=read_delivery(whole, lambda: self.client.read(f"{address}/body")),
            endpoint_path=self.paths.get(whole["endpoint_id"]),
            callback_url=self.callback_url,
            url=f"{self.client.url}deliveries/{whole['id']}",
        )


def _at_most_a_wait(deadline: float) -> float:
    """The seconds until *deadline*, as far as one wait of the server goes."""
    return min(max(0.0, deadline - time.monotonic()), LONGEST_WAIT_SECONDS)


def _bearable(rows: Sequence[Json]) -> Sequence[Json]:
    """The first of *rows*, one at least, whose bodies make an answer of bearable length."""
    size = 0
    for count, row in enumerate(rows, 1):
        size += row["body_size"]
        if size > BYTES_AT_ONCE:
            return rows[:count]
    return rows
