"""Filters asked of a whole store: pages, counts, neighbours and deletion, in bounded time; and arrivals."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations
from support.deliveries import KEEP_ALL, UNCONFIGURED, VALID, add, new_delivery, opened

from inspector.errors import NotFound
from inspector.matching import Filter, parse
from inspector.store import ARRIVAL_MINUTES, Store
from inspector.store.migrations import MIGRATIONS, migrate
from inspector.store.sqlite import SCHEMA_VERSION

NOW = datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)


def meant(text: str) -> Filter:
    return parse(text, now=NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Deliveries 1 to 300; every tenth holds ``needle``, the even ones belong to ``e2``."""
    with opened(tmp_path) as store:
        bodies = [b"a needle" if number % 10 == 0 else b"hay" for number in range(1, 301)]
        add(
            store,
            *[
                new_delivery(body, endpoint_id=("e2", "root")[number % 2])
                for number, body in enumerate(bodies, 1)
            ],
        )
        yield store


def test_pages_in_both_directions(store: Store) -> None:
    page = store.newest(where=meant("needle"), limit=3)
    assert ([row.id for row in page.rows], page.cursor, page.more) == ([300, 290, 280], 280, True)
    page = store.newest(where=meant("needle"), before=31, limit=5)
    assert ([row.id for row in page.rows], page.cursor, page.more) == ([30, 20, 10], 1, False)
    page = store.after(290, where=meant("needle"))
    assert ([row.id for row in page.rows], page.cursor, page.more) == ([300], 300, False)
    assert store.after(2**70, where=meant("needle")).cursor == 2**70
    assert store.newest(endpoint_id="root", where=meant("needle")).rows == ()


def test_a_page_out_of_time_goes_on_from_its_cursor(store: Store) -> None:
    found, before, pages = [], None, 0
    while True:
        page = store.newest(where=meant("needle"), before=before, seconds=0)
        found += [row.id for row in page.rows]
        before, pages = page.cursor, pages + 1
        if not page.more:
            break
    assert found == list(range(300, 0, -10))
    assert pages > 3


def test_the_latest_its_neighbours_and_counts(store: Store) -> None:
    assert store.latest(where=meant("needle id:<295")).id == 290
    with pytest.raises(NotFound):
        store.latest(where=meant("nowhere"))
    assert store.neighbours(295, where=meant("needle")) == (300, 290)
    assert store.neighbours(300, where=meant("needle")) == (None, 290)
    count = store.count_meant(meant("needle"))
    assert (count.found, count.complete) == (30, True)
    part = store.count_meant(meant("needle"), seconds=0)
    rest = store.count_meant(meant("needle"), after=part.cursor)
    assert (part.complete, rest.complete, part.found + rest.found) == (False, True, 30)
    assert store.count_meant(meant("needle"), endpoint_id="root").found == 0
    assert store.matching([9, 10, 20, 999], meant("needle")) == {10, 20}


def test_deleting_what_a_filter_means_spares_the_pinned_and_what_comes_meanwhile(store: Store) -> None:
    asyncio.run(store.annotate(100, pinned=True))

    async def delete() -> int:
        deleting = asyncio.create_task(store.delete_many(where=meant("needle")))
        await asyncio.sleep(0)
        await store.add(new_delivery(b"another needle"))
        return await deleting

    assert asyncio.run(delete()) == 29
    assert [row.id for row in store.newest(where=meant("needle")).rows] == [301, 100]
    assert asyncio.run(store.delete_many(where=meant("needle"), pinned=True, endpoint_id="e2")) == 1
    assert store.count() == 271
    assert [row.id for row in store.newest(where=meant("needle")).rows] == [301]


def test_more_than_one_slice_can_go(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, *[new_delivery(b"x") for _ in range(1200)])
        assert asyncio.run(store.delete_many(where=meant("size:1"))) == 1200
        assert store.count() == 0


def test_arrivals_of_the_last_minutes(tmp_path: Path) -> None:
    def at(minutes: float) -> int:
        return int((NOW - timedelta(minutes=minutes)).timestamp()) * 1_000_000_000

    with opened(tmp_path, retention=KEEP_ALL) as store:
        add(
            store,
            new_delivery(received_ns=at(0), verification=VALID),
            new_delivery(received_ns=at(0.5), endpoint_id="e2"),
            new_delivery(received_ns=at(3), verification=VALID),
            new_delivery(received_ns=at(14.5), verification=UNCONFIGURED),
            new_delivery(received_ns=at(14.6), verification=VALID),  # a minute too early
            new_delivery(received_ns=at(-2)),  # by a clock that was ahead
        )
        arrivals = store.arrivals(now=NOW)
        assert len(arrivals) == ARRIVAL_MINUTES
        counted = {14 - place: (each.deliveries, each.not_valid) for place, each in enumerate(arrivals)}
        assert {ago: counts for ago, counts in counted.items() if counts != (0, 0)} == {
            0: (2, 1),
            3: (1, 0),
            14: (1, 1),
        }
        assert arrivals[-1].minute == NOW.replace(second=0)
        assert [each.deliveries for each in store.arrivals(endpoint_id="e2", now=NOW)][-2:] == [0, 1]
        plan = store._readers._take().conn.execute(
            "explain query plan select received_ns, status from kept where received_ns >= 1"
        )
        assert any("deliveries_by_time" in row[-1] for row in plan)


def test_a_file_of_the_first_version_gets_the_index(tmp_path: Path) -> None:
    first = Migrations("callback-inspector")
    oldest = MIGRATIONS.pending(Database(memory=True))[0]
    first(name=oldest.name)(oldest.fn)
    path = tmp_path / "callbacks.db"
    database = Database(sqlite3.connect(path, isolation_level=None))
    migrate(database, first)
    database.close()
    with opened(tmp_path) as store:
        add(store, new_delivery())
        assert store.arrivals()[-1].deliveries + store.arrivals()[-2].deliveries == 1
    assert int.from_bytes(path.read_bytes()[60:64], "big") == SCHEMA_VERSION
