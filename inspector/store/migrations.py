"""The schema, as the steps that lead to it. A released step is never changed; new ones are added below it.

All pending steps run in one transaction, so that a database is of one version or the next, never in between.
They run with a rollback journal and not with the write-ahead log, so that version and owner stand in the
file's header.
"""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from inspector.store.sqlite import APPLICATION_ID

MIGRATIONS = Migrations("callback-inspector")


def migrate(database: Database, steps: Migrations = MIGRATIONS) -> None:
    """Bring *database* to the newest version. On an error nothing has changed. Raises sqlite3.Error."""
    if not steps.pending(database):
        return
    connection = database.conn
    connection.execute("pragma auto_vacuum = incremental")
    connection.execute("pragma journal_mode = delete")
    connection.execute("begin exclusive")
    try:
        steps.apply(database)
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
        connection.execute(f"pragma user_version = {len(steps.applied(database))}")
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


@MIGRATIONS()
def deliveries(database: Database) -> None:
    """Deliveries, their bodies apart, endpoints, and what is counted about them."""
    # What a list shows comes first and what may be long comes last, so that a list never reads overflow
    # pages. Targets are bytes; headers are JSON pairs of latin-1 text, which is bytes too. Ids are given by
    # the writer; AUTOINCREMENT keeps the highest one ever given, so that none is used twice.
    database.execute("""
        create table deliveries (
            id integer primary key autoincrement,
            endpoint_id text not null,
            received_ns integer not null,
            method text not null,
            target blob not null,
            content_type text,
            body_size integer not null,
            incomplete_reason text,
            status text not null,
            reason text not null,
            warned integer not null,
            scheme text not null,
            reply_status integer not null,
            sent_ns integer,
            completed integer not null,
            message_id text,
            message_key integer,
            attempt integer not null,
            client text not null,
            http_version text not null,
            pinned integer not null default 0,
            revision integer not null default 0,
            note text not null default '',
            verification text not null,
            reply text not null,
            trailers text not null,
            headers text not null
        )
    """)
    database.execute("insert into sqlite_sequence (name, seq) values ('deliveries', 0)")
    database.execute("create index deliveries_by_endpoint on deliveries (endpoint_id)")
    # The message id itself may be long and is often random: its 64-bit key makes a small index.
    database.execute(
        "create index deliveries_by_message on deliveries (message_key) where message_key is not null"
    )
    # Revision 0 is a row as it was inserted: only the few that changed afterwards stand in this index.
    database.execute("create index deliveries_changed on deliveries (revision) where revision > 0")
    database.execute("create index deliveries_pinned on deliveries (id, body_size) where pinned = 1")
    # Bodies stand apart: lists never touch them.
    database.execute("""
        create table bodies (
            id integer primary key references deliveries (id) on delete cascade,
            body blob not null,
            reply_body blob not null
        )
    """)
    # Clearing only notes how far it reaches; the rows are deleted afterwards, in slices. From that moment on
    # no reader sees them, since all of them read this view. Spared are the pinned rows that a clearing left.
    database.execute("""
        create table counters (
            generation integer, revision integer, floor integer, cleared_through integer,
            activity_through integer
        )
    """)
    database.execute("insert into counters values (1, 0, 0, 0, 0)")
    database.execute("create table spared (id integer primary key)")
    # The unary plus keeps SQLite from looking the condition up in an index: lists walk the table by id.
    database.execute("""
        create view kept as select * from deliveries
        where +id > (select cleared_through from counters) or +id in (select id from spared)
    """)
    database.execute("create table deleted (revision integer primary key, id integer not null)")
    database.table("endpoints").create(
        {"id": str, "path": str, "settings": str, "reply_body": bytes},
        pk="id",
        not_null={"path", "settings", "reply_body"},
    )
    database.table("endpoints").create_index(["path"], unique=True)
    # How much is kept of each endpoint, of the deliveries up to the counter ``activity_through``.
    database.table("activity").create(
        {"endpoint_id": str, "deliveries": int, "body_bytes": int, "last_received_ns": int},
        pk="endpoint_id",
        not_null={"deliveries", "body_bytes", "last_received_ns"},
    )
    database.table("facts").create({"name": str, "value": str}, pk="name")
    database.execute("insert into facts values ('instance', lower(hex(randomblob(8))))")


@MIGRATIONS()
def arrivals(database: Database) -> None:
    """Deliveries by the time they were received, with the one thing that is counted about them."""
    database.execute("create index deliveries_by_time on deliveries (received_ns, status)")


@MIGRATIONS()
def wire(database: Database) -> None:
    """How a request came over the wire, and what came that was none."""
    # The exact head stands with the body: lists and filters have no use for it. Deliveries of before have
    # none, and nobody knows any more how they were framed.
    database.execute("alter table bodies add column head blob not null default x''")
    database.execute("alter table deliveries add column framing text not null default 'none'")
    database.execute("alter table deliveries add column chunks integer not null default 0")
    # Codes with a blank between them.
    database.execute("alter table deliveries add column flags text not null default ''")
    database.execute("""
        create table malformed (
            id integer primary key autoincrement,
            received_ns integer not null,
            client text not null,
            listener integer not null,
            size integer not null,
            status integer not null,
            reason text not null,
            raw blob not null
        )
    """)
    # The highest id ever given is how many ever came.
    database.execute("insert into sqlite_sequence (name, seq) values ('malformed', 0)")


@MIGRATIONS()
def diagnoses(database: Database) -> None:
    """What was found out about signatures that are not right, as JSON."""
    database.execute("""
        create table diagnoses (
            delivery_id integer primary key references deliveries (id) on delete cascade,
            diagnosis text not null
        )
    """)
