"""Migrations: an older file becomes a newer one whole, or stays as it was; a newer one is not touched."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations
from support.deliveries import KEEP_ALL, add, new_delivery, opened

from inspector.errors import UnusableDatabase
from inspector.models import Endpoint, Framing, Reply
from inspector.settings import Settings
from inspector.store import Store, sqlite
from inspector.store.migrations import MIGRATIONS, migrate


def header(path: Path) -> tuple[int, int]:
    """Version and application id as they stand in the file itself."""
    content = path.read_bytes()
    return int.from_bytes(content[60:64], "big"), int.from_bytes(content[68:72], "big")


def version(number: int) -> Migrations:
    """The steps that led to the format *number*."""
    steps = Migrations("callback-inspector")
    for migration in MIGRATIONS.pending(Database(memory=True))[:number]:
        steps(name=migration.name)(migration.fn)
    return steps


def next_version() -> Migrations:
    """The present steps, and two of a version to come."""
    steps = Migrations("callback-inspector")
    for migration in MIGRATIONS.pending(Database(memory=True)):
        steps(name=migration.name)(migration.fn)

    @steps()
    def moods(database: Database) -> None:
        database.execute("create table moods (id integer primary key, mood text)")

    @steps()
    def feelings(database: Database) -> None:
        database.execute("alter table deliveries add column feeling text")
        database.execute("insert into moods select id, method from deliveries")

    return steps


def test_a_new_file_has_the_present_version_before_any_checkpoint(tmp_path: Path) -> None:
    with opened(tmp_path):
        assert header(tmp_path / "callbacks.db") == (sqlite.SCHEMA_VERSION, sqlite.APPLICATION_ID)
        database = Database(tmp_path / "callbacks.db", execute_plugins=False)
        assert MIGRATIONS.pending(database) == []
        assert len(MIGRATIONS.applied(database)) == sqlite.SCHEMA_VERSION
        database.close()


def test_the_settings_of_a_connection(tmp_path: Path) -> None:
    def pragma(name: str) -> object:
        return connection.execute(f"pragma {name}").fetchone()[0]

    with opened(tmp_path) as store:
        connection = store._writer._ledger.connection
        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2
        assert pragma("secure_delete") == 1
        assert pragma("foreign_keys") == 1
        assert pragma("trusted_schema") == 0
        assert pragma("busy_timeout") == 5000
        assert pragma("auto_vacuum") == 2
        with store._readers.lend() as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.conn.execute("delete from deliveries")
    with opened() as store:
        connection = store._writer._ledger.connection
        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 0


def test_an_older_version_is_brought_up_to_date_with_its_rows(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery(b"old"))
    database = Database(sqlite3.connect(tmp_path / "callbacks.db", isolation_level=None))
    migrate(database, next_version())
    assert list(database.query("select * from moods")) == [{"id": 1, "mood": "POST"}]
    database.close()
    assert header(tmp_path / "callbacks.db")[0] == sqlite.SCHEMA_VERSION + 2
    # And that is too new for us.
    before = (tmp_path / "callbacks.db").read_bytes()
    with pytest.raises(UnusableDatabase, match="newer"):
        Store.open(Settings(database=tmp_path / "callbacks.db"))
    assert (tmp_path / "callbacks.db").read_bytes() == before


def test_a_file_from_before_the_wire_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "callbacks.db"
    database = Database(sqlite3.connect(path, isolation_level=None), execute_plugins=False)
    migrate(database, version(2))
    database.execute("""
        insert into deliveries (id, endpoint_id, received_ns, method, target, content_type, body_size, status,
            reason, warned, scheme, reply_status, sent_ns, completed, attempt, client, http_version, pinned,
            verification, reply, trailers, headers)
        values (7, 'root', 1767225600000000000, 'POST', x'2f686f6f6b', 'application/json', 2, 'unconfigured',
            'No secret.', 0, 'auto', 200, 1767225600001000000, 1, 1, '127.0.0.1:5', '1.1', 1,
            '{"signature":"not_checked","timestamp":"not_used","cause":"no-secret","secret":null,'
            || '"age_seconds":null,"warnings":[],"sdk":null}',
            '[[],0.0]', '[]', '[["Host","localhost:2255"],["Content-Length","2"]]')
    """)
    database.execute("insert into bodies values (7, x'7b7d', x'6f6b')")
    database.execute("""
        insert into endpoints values ('root', '/', '{"path": "/", "created_at": "2026-01-01T00:00:00+00:00",'
            || '"name": "old", "scheme": "auto", "scheme_options": {}, "tolerance_seconds": null,'
            || '"public_url": null, "reject_invalid": false, "reply_status": 204, "reply_headers": [],'
            || '"reply_delay_seconds": 0}', x'')
    """)
    database.close()
    assert header(path)[0] == 2
    with opened(tmp_path, retention=KEEP_ALL) as store:
        assert header(path)[0] == sqlite.SCHEMA_VERSION
        request = store.delivery(7).request
        assert (request.body, request.head, request.flags) == (b"{}", b"", ())
        assert (request.framing, request.chunks) == (Framing.NONE, 0)
        assert request.headers == ((b"Host", b"localhost:2255"), (b"Content-Length", b"2"))
        assert store.delivery(7).sent.reply.body == b"ok"
        assert (store.endpoint("/").name, store.endpoint("/").reply.status) == ("old", 204)
        assert store.endpoint("/") == Endpoint(
            "root", "/", datetime(2026, 1, 1, tzinfo=UTC), name="old", reply=Reply(204)
        )
        assert (store.malformed_total(), store.malformed().rows, store.diagnosis(7)) == (0, (), None)
        assert add(store, new_delivery()) == [8]


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    steps = next_version()

    @steps()
    def fails(database: Database) -> None:
        database.execute("update deliveries set method = 'CHANGED'")
        database.execute("no such statement")

    with opened(tmp_path) as store:
        add(store, new_delivery(b"old"))
    database = Database(sqlite3.connect(tmp_path / "callbacks.db", isolation_level=None))
    with pytest.raises(sqlite3.OperationalError):
        migrate(database, steps)
    assert not database.table("moods").exists()
    database.close()
    assert header(tmp_path / "callbacks.db")[0] == sqlite.SCHEMA_VERSION
    with opened(tmp_path) as store:
        assert store.delivery(1).request.method == "POST"
        assert store.body(1) == b"old"


def test_a_process_killed_in_the_middle_of_a_migration(tmp_path: Path) -> None:
    program = """if True:
        import os, signal, sqlite3, sys
        sys.path.insert(0, sys.argv[1])
        from sqlite_utils import Database
        from store.test_migrations import next_version
        from inspector.store.migrations import migrate
        steps = next_version()

        @steps()
        def killed(database):
            # More than fits in memory, so that some of it stands in the file already.
            database.execute("pragma cache_size = 10")
            database.execute("create table much (content blob)")
            for _ in range(100):
                database.execute("insert into much values (randomblob(20000))")
            os.kill(os.getpid(), signal.SIGKILL)

        migrate(Database(sqlite3.connect(sys.argv[2], isolation_level=None)), steps)
    """
    with opened(tmp_path) as store:
        add(store, new_delivery(b"old"))
    tests = Path(__file__).parent.parent
    path = tmp_path / "callbacks.db"
    run = subprocess.run([sys.executable, "-c", program, tests, path], timeout=30)
    assert run.returncode == -signal.SIGKILL
    assert path.with_name("callbacks.db-journal").exists()
    with opened(tmp_path) as store:
        assert store.body(1) == b"old"
        assert add(store, new_delivery()) == [2]
    assert [entry.name for entry in tmp_path.iterdir()] == ["callbacks.db"]


def test_lists_walk_by_id_and_sort_nothing(tmp_path: Path) -> None:
    def plan(query: str) -> str:
        found = connection.execute(f"explain query plan {query}")
        return "\n".join(row[3] for row in found)

    with opened(tmp_path) as store:
        add(store, *[new_delivery() for _ in range(10)])
        connection = store._writer._ledger.connection
        newest = plan("select id from kept where id < 5 order by id desc limit 3")
        assert "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid<?)" in newest
        of_endpoint = plan("select note from kept where id < 5 and endpoint_id = '' order by id desc limit 3")
        assert "USING INDEX deliveries_by_endpoint (endpoint_id=? AND rowid<?)" in of_endpoint
        changed = plan("select note from kept where revision > 5 and revision > 0 order by revision limit 3")
        assert "USING INDEX deliveries_changed (revision>?)" in changed
        pinned = plan("select count(*), sum(body_size) from kept where pinned = 1")
        assert "deliveries_pinned" in pinned
        message = plan("select note from kept where message_key = 5 order by id desc limit 1")
        assert "USING INDEX deliveries_by_message (message_key=?)" in message
        for walked in (newest, of_endpoint, changed, message):
            assert "TEMP B-TREE" not in walked
