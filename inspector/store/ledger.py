"""The tables as their one writer sees them: transactions, and what is written in one.

Ids, attempt numbers and counters are given here. That is safe because nobody else writes: one thread, one
connection, one server per file. What the writer needs to know all the time it keeps in memory, and replaces
as a whole when a transaction has committed; a reader of that memory never sees half of a change.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from inspector.models import NewDelivery
from inspector.store import rows
from inspector.store.activity import (
    NONE_KEPT,
    UNSAVED_DELIVERIES,
    Activity,
    Kept,
    load_activity,
    save_activity,
)
from inspector.store.endpoints import EndpointTable, read_endpoint
from inspector.store.log import WriteAheadLog
from inspector.store.slices import CRAMPED, ORDINARY, Slice
from inspector.store.state import Position

if TYPE_CHECKING:
    from sqlite_utils import Database

ATTEMPT_WINDOW_NS = 24 * 3600 * 1_000_000_000
"""Deliveries of one message are attempts of each other while no more than this lies between two of them."""

INSERT_GROUPS = (64, 32)
"""So many rows are inserted by one statement, and what is left by another one, each compiled once."""

# One step into the index per message, however many attempts it has.
_LATEST_ATTEMPTS = """
    select endpoint_id, message_id, attempt, received_ns from json_each(?) as message join deliveries
    on deliveries.id = (select id from kept where message_key = message.value order by id desc limit 1)
"""

_COUNT_BY_ENDPOINT = """
    select endpoint_id, count(*), sum(body_size) from deliveries
    where id in (select value from json_each(?)) group by endpoint_id
"""


@dataclass(slots=True)
class Memory:
    """What the writer knows without asking the tables. Sizes are those of the bodies, in bytes.

    The table ``activity`` has the counts up to the id ``activity_through``; None: they are to be saved.
    ``malformed`` is how many malformed requests ever came.
    """

    generation: int
    revision: int
    floor: int
    cleared_through: int
    activity_through: int | None
    cursor: int
    malformed: int
    deliveries: int
    body_bytes: int
    activity: Activity
    pinned: int
    pinned_bytes: int
    endpoints: EndpointTable

    @property
    def position(self) -> Position:
        return Position(self.generation, self.revision, self.cursor, self.floor)

    def copy(self) -> Memory:
        """One to be changed while this one stays as it is."""
        return Memory(
            self.generation,
            self.revision,
            self.floor,
            self.cleared_through,
            self.activity_through,
            self.cursor,
            self.malformed,
            self.deliveries,
            self.body_bytes,
            self.activity,
            self.pinned,
            self.pinned_bytes,
            self.endpoints,
        )

    def next_revision(self) -> int:
        self.revision += 1
        return self.revision


class Ledger:
    """The writing connection and the memory that goes with it.

    ``memory`` is the committed state, for every thread to read. ``draft`` is what the running transaction
    makes of it, for the writer's thread alone.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.connection: sqlite3.Connection = database.conn
        self.log = WriteAheadLog(self.connection)
        self.memory = load_memory(database)
        self.draft = self.memory
        self._in_doubt = False

    @property
    def slice(self) -> Slice:
        """How much to delete in one transaction at present."""
        return CRAMPED if self.log.stuck else ORDINARY

    def close(self) -> None:
        self.database.close()

    @contextmanager
    def transaction(self) -> Iterator[Memory]:
        """One transaction: committed at the end of the block; an error undoes it, in memory too."""
        try:
            self.settle()
            self.connection.execute("begin immediate")
            self.draft = self.memory.copy()
            yield self.draft
            self._write_counters()
            self.connection.execute("commit")
        except BaseException:
            self.draft = self.memory
            self._in_doubt = True
            if self.connection.in_transaction:
                self.connection.execute("rollback")
            raise
        self.memory = self.draft

    def settle(self) -> None:
        """After a failed transaction: undo what could not be undone then, and look what the tables say.

        A commit can fail so late that it has happened; going on with the ids of before would then fail for
        ever. Raises sqlite3.Error.
        """
        if not self._in_doubt:
            return
        if self.connection.in_transaction:
            self.connection.execute("rollback")
        self.memory = load_memory(self.database)
        self._in_doubt = False

    def insert(self, deliveries: Sequence[NewDelivery]) -> list[int]:
        """Insert *deliveries* in their order and return their ids, which rise by one."""
        now_ns = time.time_ns()
        first_id = self.draft.cursor + 1
        keys = [rows.message_key(delivery.endpoint_id, delivery.message_id) for delivery in deliveries]
        attempts = self._number_attempts(deliveries, keys)
        gains: dict[str, Kept] = {}
        values = []
        bodies = []
        for delivery_id, (delivery, key, attempt) in enumerate(
            zip(deliveries, keys, attempts, strict=True), first_id
        ):
            request, reply = delivery.request, delivery.reply
            sent_ns = now_ns + int(reply.delay_seconds * 1e9) if delivery.answered else None
            values.append(rows.delivery_values(delivery_id, delivery, key, attempt, sent_ns))
            bodies.append((delivery_id, request.body, reply.body, request.head))
            gain = gains.get(delivery.endpoint_id, NONE_KEPT)
            gains[delivery.endpoint_id] = gain.plus(1, len(request.body), request.received_ns)
        self._insert_grouped(rows.INSERT_DELIVERY, values)
        self._insert_grouped(rows.INSERT_BODY, bodies)
        for endpoint_id, gain in gains.items():
            self.count(endpoint_id, *gain)
        if any(delivery.pinned for delivery in deliveries):
            self.count_pinned()
        self.draft.cursor += len(deliveries)
        return list(range(first_id, first_id + len(deliveries)))

    def _insert_grouped(self, statement: str, values: Sequence[tuple[Any, ...]]) -> None:
        """Execute the INSERT *statement* for all *values*, many of them at a time.

        The sqlite3 module lets go of Python's lock at every row, and gets it back only when the event loop's
        thread happens to let go of it: under load that takes longer than the row itself.
        """
        start = 0
        while start < len(values):
            left = len(values) - start
            size = next((size for size in INSERT_GROUPS if size <= left), left)
            group = chain.from_iterable(values[start : start + size])
            self.connection.execute(rows.for_many(statement, size), tuple(group))
            start += size

    def count(self, endpoint_id: str, deliveries: int, body_bytes: int, last_received_ns: int = 0) -> None:
        """Add to what is kept of an endpoint, or take away from it."""
        draft = self.draft
        kept = draft.activity.get(endpoint_id, NONE_KEPT).plus(deliveries, body_bytes, last_received_ns)
        draft.activity = {**draft.activity, endpoint_id: kept}
        draft.deliveries += deliveries
        draft.body_bytes += body_bytes

    def forget_gone_endpoints(self) -> None:
        """Drop the counts of endpoints that are gone and of which nothing is kept any more."""
        draft = self.draft
        draft.activity = {
            endpoint_id: kept
            for endpoint_id, kept in draft.activity.items()
            if kept.deliveries or endpoint_id in draft.endpoints
        }
        draft.activity_through = None

    def remove(self, delivery_ids: Sequence[int]) -> None:
        """Delete deliveries that are there, with their bodies, and count them out."""
        ids = json.dumps(delivery_ids)
        for endpoint_id, deliveries, body_bytes in self.connection.execute(
            _COUNT_BY_ENDPOINT, (ids,)
        ).fetchall():
            self.count(endpoint_id, -deliveries, -body_bytes)
        self.connection.execute("delete from deliveries where id in (select value from json_each(?))", (ids,))
        self.forget_gone_endpoints()
        if self.draft.pinned:
            self.count_pinned()

    def count_pinned(self) -> None:
        """Count the pinned deliveries anew, after something changed among them. They are few."""
        self.draft.pinned, self.draft.pinned_bytes = _pinned(self.database)

    def _number_attempts(
        self, deliveries: Sequence[NewDelivery], keys: Sequence[int | None]
    ) -> Sequence[int]:
        """The attempt number of each delivery, by what stands in the table and before it in this batch."""
        wanted = {key for key in keys if key is not None}
        if not wanted:
            return [1] * len(deliveries)
        latest = {
            (endpoint_id, rows.read_text(message_id)): (attempt, received_ns)
            for endpoint_id, message_id, attempt, received_ns in self.connection.execute(
                _LATEST_ATTEMPTS, (str(list(wanted)),)
            )
        }
        numbers = []
        for delivery in deliveries:
            number = 1
            if delivery.message_id is not None:
                message = (delivery.endpoint_id, delivery.message_id)
                if message in latest:
                    earlier, earlier_ns = latest[message]
                    if delivery.request.received_ns - earlier_ns <= ATTEMPT_WINDOW_NS:
                        number = earlier + 1
                latest[message] = (number, delivery.request.received_ns)
            numbers.append(number)
        return numbers

    def _write_counters(self) -> None:
        before, after = self.memory, self.draft
        if after.activity_through is None or after.cursor - after.activity_through >= UNSAVED_DELIVERIES:
            after.activity_through = after.cursor
            save_activity(self.database, after.activity)
        counters = _counters(after)
        if counters != _counters(before):
            self.connection.execute(
                "update counters set generation = ?, revision = ?, floor = ?, cleared_through = ?, "
                "activity_through = ?",
                counters,
            )


def _counters(memory: Memory) -> tuple[int | None, ...]:
    return (
        memory.generation,
        memory.revision,
        memory.floor,
        memory.cleared_through,
        memory.activity_through,
    )


def load_memory(database: Database) -> Memory:
    """The memory that the tables imply."""
    [counters] = database.query("select * from counters")
    sequences = {row["name"]: row["seq"] for row in database.query("select name, seq from sqlite_sequence")}
    activity = load_activity(database, counters["activity_through"])
    pinned, pinned_bytes = _pinned(database)
    return Memory(
        generation=counters["generation"],
        revision=counters["revision"],
        floor=counters["floor"],
        cleared_through=counters["cleared_through"],
        activity_through=counters["activity_through"],
        cursor=sequences["deliveries"],
        malformed=sequences["malformed"],
        deliveries=sum(kept.deliveries for kept in activity.values()),
        body_bytes=sum(kept.body_bytes for kept in activity.values()),
        activity=activity,
        pinned=pinned,
        pinned_bytes=pinned_bytes,
        endpoints=EndpointTable(read_endpoint(row) for row in database.table("endpoints").rows),
    )


def _pinned(database: Database) -> tuple[int, int]:
    [row] = database.query(
        "select count(*) deliveries, coalesce(sum(body_size), 0) body_bytes from kept where pinned = 1"
    )
    return row["deliveries"], row["body_bytes"]
