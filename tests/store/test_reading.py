"""Reading: lists by id in both directions, neighbours, the latest, and what is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.deliveries import add, new_delivery, opened

from inspector.errors import NotFound
from inspector.store import Store

BEYOND_64_BITS = 2**70


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Deliveries 1 to 20; the even ones belong to ``e2``, and 10 is deleted."""
    with opened(tmp_path) as store:
        add(store, *[new_delivery(endpoint_id=("e2", "root")[number % 2]) for number in range(1, 21)])
        asyncio.run(store.delete(10))
        yield store


def test_newest_first(store: Store) -> None:
    page = store.newest(limit=12)
    assert [row.id for row in page.rows] == [20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 9, 8]
    assert (page.cursor, page.more) == (8, True)
    rest = store.newest(before=page.cursor, limit=7)
    assert [row.id for row in rest.rows] == [7, 6, 5, 4, 3, 2, 1]
    assert (rest.cursor, rest.more) == (1, False)
    assert store.newest(before=rest.cursor).rows == ()


def test_oldest_first(store: Store) -> None:
    page = store.after(7, limit=3)
    assert [row.id for row in page.rows] == [8, 9, 11]
    assert (page.cursor, page.more) == (11, True)
    end = store.after(20)
    assert (end.rows, end.cursor, end.more) == ((), 20, False)


def test_of_one_endpoint(store: Store) -> None:
    assert [row.id for row in store.newest(endpoint_id="e2", before=15, limit=4).rows] == [14, 12, 8, 6]
    assert [row.id for row in store.after(11, endpoint_id="root").rows] == [13, 15, 17, 19]
    assert store.newest(endpoint_id="unknown").rows == ()
    assert store.latest(endpoint_id="root").id == 19
    assert store.neighbours(12, endpoint_id="e2") == (14, 8)


def test_neighbours_and_the_latest(store: Store) -> None:
    assert store.latest().id == 20
    assert store.neighbours(9) == (11, 8)
    assert store.neighbours(10) == (11, 9)
    assert store.neighbours(20) == (None, 19)
    assert store.neighbours(1) == (2, None)


def test_nothing_there_yet(tmp_path: Path) -> None:
    with opened(tmp_path / "empty") as store:
        page = store.newest()
        assert (page.rows, page.more) == ((), False)
        assert store.after(0).rows == ()
        assert store.neighbours(1) == (None, None)
        with pytest.raises(NotFound):
            store.latest()
        with pytest.raises(NotFound):
            store.latest(endpoint_id="root")


def test_cursors_that_no_id_reaches(store: Store) -> None:
    assert len(store.newest(before=BEYOND_64_BITS).rows) == 19
    assert store.newest(before=-BEYOND_64_BITS).rows == ()
    assert store.after(BEYOND_64_BITS).rows == ()
    assert len(store.after(-BEYOND_64_BITS).rows) == 19
    assert store.neighbours(BEYOND_64_BITS) == (None, 20)
    assert store.changed(BEYOND_64_BITS).too_far


def test_a_summary_and_its_delivery_tell_the_same(store: Store) -> None:
    for row in store.newest().rows:
        delivery = store.delivery(row.id)
        assert (row.endpoint_id, row.attempt, row.message_id) == (
            delivery.endpoint_id,
            delivery.attempt,
            delivery.message_id,
        )
        assert (row.received_at, row.path) == (delivery.request.received_at, delivery.request.path)


def test_an_answer_is_asked_for_in_another_thread_with_its_arguments(store: Store) -> None:
    page = asyncio.run(store.reading(store.newest, endpoint_id="e2", limit=2))
    assert [row.id for row in page.rows] == [20, 18]
    assert asyncio.run(store.reading(store.neighbours, 9)) == (11, 8)
