"""Activity: how much is kept of each endpoint, and when its last delivery came.

The writer counts in memory. The table ``activity`` holds the counts up to some delivery, and those after it
are counted when the database is opened. To write the table with every batch would take one statement and one
page more of each commit: a twentieth of the writer's processor time for a batch of one, next to nothing for a
large one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlite_utils import Database

UNSAVED_DELIVERIES = 1000
"""The table is written when so many deliveries are not yet in its counts."""


class Kept(NamedTuple):
    """What is kept of one endpoint, and when its last delivery came, kept or not."""

    deliveries: int = 0
    body_bytes: int = 0
    last_received_ns: int = 0

    def plus(self, deliveries: int, body_bytes: int, last_received_ns: int = 0) -> Kept:
        """The count after deliveries came or, with numbers below zero, went."""
        return Kept(
            self.deliveries + deliveries,
            self.body_bytes + body_bytes,
            max(self.last_received_ns, last_received_ns),
        )


NONE_KEPT = Kept()

Activity = Mapping[str, Kept]
"""By endpoint id; never changed, only replaced."""


def load_activity(database: Database, saved_through: int) -> Activity:
    """The counts in the table, and the deliveries above the id *saved_through*. Raises sqlite3.Error."""
    activity = {
        row["endpoint_id"]: Kept(row["deliveries"], row["body_bytes"], row["last_received_ns"])
        for row in database.query("select * from activity")
    }
    unsaved = database.query(
        "select endpoint_id, count(*) deliveries, sum(body_size) body_bytes, max(received_ns) last_ns "
        "from kept where id > ? group by +endpoint_id",
        (saved_through,),
    )
    for row in unsaved:
        before = activity.get(row["endpoint_id"], NONE_KEPT)
        activity[row["endpoint_id"]] = before.plus(row["deliveries"], row["body_bytes"], row["last_ns"])
    return activity


def save_activity(database: Database, activity: Activity) -> None:
    """Write *activity* into the table. Raises sqlite3.Error."""
    connection = database.conn
    connection.execute("delete from activity")
    connection.executemany(
        "insert into activity (endpoint_id, deliveries, body_bytes, last_received_ns) values (?, ?, ?, ?)",
        [(endpoint_id, *kept) for endpoint_id, kept in activity.items()],
    )
