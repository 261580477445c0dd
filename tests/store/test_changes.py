"""Changes: what was updated or deleted is told by revision, and clearing is told apart from all else."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from support.deliveries import add, add_all, new_delivery, opened
from support.waiting import until

from inspector.errors import NotFound
from inspector.store import Changes, Position, Store
from inspector.store.changes import REMEMBERED_REVISIONS

BEYOND_64_BITS = 2**64


def ids(store: Store) -> list[int]:
    return [row.id for row in store.after(0, limit=10_000).rows]


def pin(store: Store, delivery_id: int) -> None:
    asyncio.run(store.annotate(delivery_id, pinned=True))


def test_notes_and_pins(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery(), new_delivery())
        noted = asyncio.run(store.annotate(1, note="look here"))
        pinned = asyncio.run(store.annotate(1, pinned=True))
        assert (noted.note, noted.pinned, noted.revision) == ("look here", False, 1)
        assert (pinned.note, pinned.pinned, pinned.revision) == ("look here", True, 2)
        # What changes nothing is no change.
        assert asyncio.run(store.annotate(1, note="look here", pinned=True)) == pinned
        assert store.position().revision == 2
    with opened(tmp_path) as store:
        assert store.newest().rows[1] == pinned
        delivery = store.delivery(1)
        assert (delivery.note, delivery.pinned, delivery.revision) == ("look here", True, 2)
        assert asyncio.run(store.annotate(1, note="", pinned=False)).note == ""


def test_changes_come_in_order_and_never_twice(tmp_path: Path) -> None:
    async def change() -> None:
        await add_all(store, [new_delivery() for _ in range(6)])
        await store.annotate(1, note="a")
        await store.delete(2)
        await store.annotate(3, note="b")
        await store.annotate(1, note="c")
        await store.delete(3)

    with opened(tmp_path) as store:
        assert store.changed(0) == Changes((), (), 0)
        asyncio.run(change())
        changed = store.changed(0)
        assert [(row.id, row.note) for row in changed.updates] == [(1, "c")]
        assert (changed.deleted, changed.revision, changed.more) == ((2, 3), 5, False)
        assert store.changed(changed.revision) == Changes((), (), 5)
        # New deliveries are no changes.
        add(store, new_delivery())
        assert store.changed(changed.revision) == Changes((), (), 5)
    with opened(tmp_path) as store:
        assert store.changed(0) == changed


def test_many_changes_are_told_in_portions(tmp_path: Path) -> None:
    async def change() -> None:
        await add_all(store, [new_delivery() for _ in range(60)])
        for number in range(1, 61):
            if number % 3:
                await store.annotate(number, note="x")
            else:
                await store.delete(number)

    with opened(tmp_path) as store:
        asyncio.run(change())
        updated: list[int] = []
        deleted: list[int] = []
        changed = store.changed(0, limit=7)
        while True:
            updated += [row.id for row in changed.updates]
            deleted += changed.deleted
            if not changed.more:
                break
            changed = store.changed(changed.revision, limit=7)
    assert updated == [number for number in range(1, 61) if number % 3]
    assert deleted == [number for number in range(1, 61) if not number % 3]
    assert changed.revision == 60


def test_whoever_is_too_far_behind_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, *[new_delivery(endpoint_id="e2") for _ in range(REMEMBERED_REVISIONS // 2 + 10)])
        assert asyncio.run(store.delete_many(endpoint_id="e2")) == REMEMBERED_REVISIONS // 2 + 10
        assert not store.changed(0).too_far
        add(store, *[new_delivery(endpoint_id="e2") for _ in range(REMEMBERED_REVISIONS // 2)])
        asyncio.run(store.delete_many(endpoint_id="e2"))
        now = REMEMBERED_REVISIONS + 10
        assert store.changed(0) == Changes((), (), now, too_far=True)
        assert len(store.changed(10, limit=REMEMBERED_REVISIONS).deleted) == REMEMBERED_REVISIONS
        # One who knows more than there is has seen another database.
        assert store.changed(now + 1).too_far


def test_deleting_one(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery(b"one"), new_delivery(b"two"))
        asyncio.run(store.delete(1))
        assert ids(store) == [2]
        for ask in (store.delivery, store.body):
            with pytest.raises(NotFound):
                ask(1)
        with pytest.raises(NotFound):
            asyncio.run(store.delete(1))
        assert store.position() == Position(generation=1, revision=1, cursor=2, floor=0)


def test_deleting_an_endpoints_deliveries_spares_the_pinned(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, *[new_delivery(endpoint_id=("root", "e2")[number % 2]) for number in range(1200)])
        pin(store, 2)
        assert asyncio.run(store.delete_many(endpoint_id="e2")) == 599
        assert ids(store) == sorted([2, *range(1, 1201, 2)])
        assert asyncio.run(store.delete_many(endpoint_id="e2")) == 0
        assert asyncio.run(store.delete_many(endpoint_id="e2", pinned=True)) == 1
        assert store.position().generation == 1
        assert store.count() == 600


def test_clearing_burns_an_id_sets_the_floor_and_raises_the_generation(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, *[new_delivery(message_id="m") for _ in range(5)])
        pin(store, 3)
        assert asyncio.run(store.delete_many()) == 4
        position = Position(generation=2, revision=2, cursor=6, floor=6)
        assert store.position() == position
        assert ids(store) == [3]
        assert add(store, new_delivery()) == [7]
    with opened(tmp_path) as store:
        assert store.position() == Position(generation=2, revision=2, cursor=7, floor=6)
        assert ids(store) == [3, 7]
        assert asyncio.run(store.delete_many(pinned=True)) == 2
        assert ids(store) == []
        assert store.count() == 0
        assert [kept.deliveries for kept in store.activity().values()] == [0]
        assert store.position().generation == 3


def test_clearing_a_full_store_is_quick_and_complete(tmp_path: Path) -> None:
    async def fill() -> None:
        for _ in range(20):
            await add_all(store, [new_delivery(b"x" * 2000, message_id="m") for _ in range(1000)])

    async def clear() -> float:
        await store.annotate(100, pinned=True)
        started = time.monotonic()
        assert await store.delete_many() == 19_999
        return time.monotonic() - started

    with opened(tmp_path) as store:
        asyncio.run(fill())
        size_bytes = store.state().bytes
        assert size_bytes > 40_000_000
        assert asyncio.run(clear()) < 5
        # All of it is out of sight at once, whatever is still on disk.
        assert ids(store) == [100]
        assert store.count() == 1
        # A spared one may be unpinned, and stays.
        asyncio.run(store.annotate(100, pinned=False))
        assert ids(store) == [100]
        [number] = add(store, new_delivery(message_id="m"))
        assert store.delivery(number).attempt == 101
        until(lambda: store.state().bytes < size_bytes / 4, what="the space of what was cleared")
        assert ids(store) == [100, number]
        assert add(store, new_delivery()) == [number + 1]


def test_a_clearing_that_was_cut_short_goes_on_at_the_next_start(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, *[new_delivery(b"x" * 500) for _ in range(9000)])
        asyncio.run(store.delete_many())
    with opened(tmp_path) as store:
        assert ids(store) == []
        until(lambda: store.state().bytes < 1_000_000, what="the space of what was cleared")


def test_what_was_deleted_is_gone_from_the_disk(tmp_path: Path) -> None:
    def canary(number: int) -> bytes:
        return b"canary %d " % number * 400

    def on_disk(number: int) -> bool:
        return any(canary(number)[:3000] in path.read_bytes() for path in tmp_path.iterdir())

    with opened(tmp_path) as store:
        add(store, *[new_delivery(canary(number)) for number in range(1, 40)])
        assert on_disk(7)
        asyncio.run(store.delete(7))
        assert not on_disk(7)
        assert on_disk(8)
        asyncio.run(store.delete_many())
        assert not any(on_disk(number) for number in range(1, 40))


@pytest.mark.parametrize("number", [0, -1, 2, 2**63 - 1, 2**63, BEYOND_64_BITS, -BEYOND_64_BITS])
def test_ids_that_cannot_exist_are_not_found(tmp_path: Path, number: int) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery())
        for ask in (store.delivery, store.body):
            with pytest.raises(NotFound, match=f"no delivery {number}"):
                ask(number)
        with pytest.raises(NotFound):
            asyncio.run(store.annotate(number, note="x"))
        with pytest.raises(NotFound):
            asyncio.run(store.delete(number))
        assert ids(store) == [1]
