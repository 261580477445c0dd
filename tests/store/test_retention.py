"""Retention: the limits hold, on disk too; pinned deliveries stay, and are named when they fill the store."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from support.deliveries import KEEP_ALL, add, add_all, new_delivery, opened
from support.waiting import until

from inspector.errors import NotFound, StorageFailed
from inspector.settings import Retention
from inspector.store import Store

DAY_NS = 24 * 3600 * 1_000_000_000
MIB = 1024 * 1024


def ids(store: Store) -> list[int]:
    return [row.id for row in store.after(0, limit=10_000).rows]


def test_the_newest_five_of_seven(tmp_path: Path) -> None:
    with opened(tmp_path, retention=Retention(deliveries=5)) as store:
        add(store, new_delivery(endpoint_id="e2"))
        for number in range(6):
            add(store, new_delivery(b"%d" % number))
            assert store.count() <= 5
        assert ids(store) == [3, 4, 5, 6, 7]
        assert store.position().floor == 2
        assert store.count() == store.count(endpoint_id="root") == 5
        assert "e2" not in store.activity()
        with pytest.raises(NotFound):
            store.delivery(2)
        with pytest.raises(NotFound):
            asyncio.run(store.annotate(1, note="late"))
    with opened(tmp_path, retention=Retention(deliveries=2)) as store:
        until(lambda: ids(store) == [6, 7], what="the lower limit")
        assert store.position().floor == 5


def test_pruning_raises_the_revision_and_rings(tmp_path: Path) -> None:
    with opened(tmp_path, retention=KEEP_ALL) as store:
        add(store, *[new_delivery() for _ in range(20)])
        assert store.position().revision == 0
    with opened(tmp_path, retention=Retention(deliveries=10)) as store:
        until(lambda: store.count() == 10, what="the limit")
        position = store.position()
        assert (position.floor, position.cursor, position.generation) == (10, 20, 1)
        assert position.revision > 0
        assert store.doorbell.count > 0
        # No list of ids, however many: who stands below the floor is told by the floor.
        assert store.changed(0).deleted == ()


def test_under_load_a_limit_is_never_exceeded_by_more_than_a_tenth(tmp_path: Path) -> None:
    async def flood() -> int:
        most = 0
        for _ in range(12):
            await add_all(store, [new_delivery(message_id="m") for _ in range(500)])
            most = max(most, store.count())
        return most

    with opened(tmp_path, retention=Retention(deliveries=2000)) as store:
        assert asyncio.run(flood()) <= 2200
        until(lambda: store.count() <= 2020, what="rest")
        kept = ids(store)
        assert kept == list(range(6001 - len(kept), 6001))
        assert store.position().floor == 6000 - len(kept)


def test_the_limit_in_bytes_is_one_of_the_file(tmp_path: Path) -> None:
    limit = 6 * MIB

    async def flood() -> int:
        most = 0
        for _ in range(15):
            bodies = [bytes([number]) * 20_000 for number in range(64)]
            await add_all(store, [new_delivery(body) for body in bodies])
            most = max(most, store.database.stat().st_size)
        return most

    with opened(tmp_path, retention=Retention(bytes=limit)) as store:
        assert asyncio.run(flood()) <= limit * 1.1
        assert store.count() > 200
        kept = ids(store)
        assert kept == list(range(961 - len(kept), 961))


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    now_ns = time.time_ns()
    days = [40, 31, 29, 1, 0]
    with opened(tmp_path, retention=KEEP_ALL) as store:
        add(store, *[new_delivery(received_ns=now_ns - day * DAY_NS) for day in days])
        asyncio.run(store.annotate(2, pinned=True))
    with opened(tmp_path) as store:
        until(lambda: ids(store) == [2, 3, 4, 5], what="the oldest's end")
    with opened(tmp_path, retention=Retention(days=0.5)) as store:
        until(lambda: ids(store) == [2, 5], what="the shorter time")


def test_no_limits_at_all(tmp_path: Path) -> None:
    with opened(tmp_path, retention=KEEP_ALL) as store:
        add(store, *[new_delivery(received_ns=0) for _ in range(50)])
        assert store.count() == 50


def test_pinned_ones_are_spared_and_then_said_to_fill_the_store(tmp_path: Path) -> None:
    async def pin(*numbers: int, pinned: bool = True) -> None:
        for number in numbers:
            await store.annotate(number, pinned=pinned)

    with opened(tmp_path, retention=Retention(deliveries=4)) as store:
        add(store, *[new_delivery() for _ in range(3)])
        asyncio.run(pin(1, 2, 3))
        for _ in range(3):
            add(store, new_delivery())
        assert ids(store) == [1, 2, 3, 6]
        asyncio.run(pin(6))
        with pytest.raises(StorageFailed, match=r"4 pinned deliveries reach the limit .* --keep-deliveries"):
            add(store, new_delivery())
        assert "pinned" in str(store.state().fault)
        assert ids(store) == [1, 2, 3, 6]
        asyncio.run(pin(2, pinned=False))
        assert store.state().fault is None
        assert add(store, new_delivery()) == [7]
        assert ids(store) == [1, 3, 6, 7]


def test_pinned_bytes_leave_no_room(tmp_path: Path) -> None:
    async def pin_what_is_added() -> int:
        pinned = 0
        while pinned < 100:
            number = await store.add(new_delivery(b"x" * 100_000))
            await store.annotate(number, pinned=True)
            pinned += 1
        return pinned

    with opened(tmp_path, retention=Retention(bytes=2 * MIB)) as store:
        with pytest.raises(StorageFailed, match="--keep-bytes"):
            asyncio.run(pin_what_is_added())
        assert 10 < store.count() < 20
        assert store.database.stat().st_size <= 2 * MIB * 1.1
        kept = ids(store)
        assert kept == list(range(1, len(kept) + 1))
        # A small one fits until it does not; nothing that was acknowledged and pinned goes.
        asyncio.run(store.delete(kept[0]))
        [number] = add(store, new_delivery(b"x" * 50_000))
        assert ids(store) == [*kept[1:], number]


def test_one_that_is_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path, retention=Retention(bytes=2 * MIB)) as store:
        assert add(store, new_delivery(b"small")) == [1]
        with pytest.raises(StorageFailed, match="leaves no room"):
            add(store, new_delivery(b"x" * 3 * MIB))
        assert ids(store) == [1]


def test_space_of_what_was_pruned_is_given_back(tmp_path: Path) -> None:
    with opened(tmp_path, retention=KEEP_ALL) as store:
        add(store, *[new_delivery(b"x" * 50_000) for _ in range(400)])
        assert store.state().bytes > 20_000_000
    with opened(tmp_path, retention=Retention(deliveries=40)) as store:
        until(lambda: store.database.stat().st_size < 4_000_000, what="a smaller file")
        assert store.count() == 40
        assert all(store.body(number) == b"x" * 50_000 for number in ids(store))
