"""Malformed requests: a small log of their own, which no flood makes large or lets harm deliveries."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from support.deliveries import add, new_delivery, opened
from support.waiting import until

from inspector.errors import NotFound, StorageFailed
from inspector.models import Malformed, NewMalformed, utc_from_ns
from inspector.settings import MIB, Retention
from inspector.store import Store, disk
from inspector.store.malformed import GATHERED_BYTES, KEPT

NOW_NS = 1_767_225_600_123_456_789


def mishap(number: int = 0, raw: bytes = b"\x16\x03\x01\x02\x00\x01\xff\r\n", size: int = 0) -> NewMalformed:
    return NewMalformed(
        received_ns=NOW_NS + number,
        client=f"127.0.0.1:{40000 + number}",
        listener=2255,
        raw=raw,
        size=size or len(raw),
        reason=f"number {number}",
        status=400,
    )


def keep(store: Store, *news: NewMalformed) -> None:
    """Keep them all at once, in this order."""

    async def keep_all() -> None:
        await asyncio.gather(*map(store.add_malformed, news))

    asyncio.run(keep_all())


def keep_one_by_one(store: Store, *news: NewMalformed) -> None:
    async def keep_each() -> None:
        for new in news:
            await store.add_malformed(new)

    asyncio.run(keep_each())


def reasons(store: Store) -> list[str]:
    return [each.reason for each in store.malformed(limit=KEPT).rows]


def test_it_comes_back_byte_for_byte_and_is_no_delivery(tmp_path: Path) -> None:
    everything = bytes(range(256)) * 256
    with opened(tmp_path) as store:
        position = store.position()
        keep(
            store,
            mishap(1, everything, size=3 * MIB),
            NewMalformed(NOW_NS, "[::1]:7", 0, b"", 0, "\ud800", 0),
        )
        assert store.position() == position
        assert store.count() == 0
        assert store.newest().rows == ()
        assert store.malformed_total() == 2
    with opened(tmp_path) as store:
        assert store.malformed_total() == 2
        expected = Malformed(
            1, utc_from_ns(NOW_NS + 1), "127.0.0.1:40001", 2255, everything, 3 * MIB, "number 1", 400
        )
        assert store.one_malformed(1) == expected
        assert store.malformed().rows[1] == expected
        assert (store.one_malformed(2).raw, store.one_malformed(2).reason) == (b"", "\ud800")
        assert add(store, new_delivery()) == [1]


def test_paging_goes_from_the_newest_to_the_oldest(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert store.malformed() == store.malformed(before=0)
        assert (store.malformed().rows, store.malformed().cursor, store.malformed().more) == ((), 0, False)
        keep(store, *map(mishap, range(7)))
        first = store.malformed(limit=3)
        assert ([each.id for each in first.rows], first.cursor, first.more) == ([7, 6, 5], 5, True)
        second = store.malformed(before=first.cursor, limit=3)
        assert ([each.id for each in second.rows], second.more) == ([4, 3, 2], True)
        last = store.malformed(before=second.cursor, limit=3)
        assert ([each.id for each in last.rows], last.more) == ([1], False)
        assert store.malformed(before=1).rows == ()
        assert len(store.malformed(before=2**70).rows) == 7


def test_a_page_of_large_ones_is_short(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        keep_one_by_one(store, *[mishap(number, b"x" * MIB) for number in range(6)])
        page = store.malformed()
        assert ([each.id for each in page.rows], page.cursor, page.more) == ([6, 5, 4, 3], 3, True)
        assert [each.id for each in store.malformed(before=page.cursor).rows] == [2, 1]


def test_only_the_newest_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    async def flood() -> None:
        await asyncio.gather(*[store.add_malformed(mishap(number)) for number in range(660)])

    with opened(tmp_path) as store:
        asyncio.run(flood())
        assert store.malformed_total() == 660
        assert reasons(store) == [f"number {number}" for number in range(659, 659 - KEPT, -1)]
        assert store.one_malformed(660).reason == "number 659"
        with pytest.raises(NotFound):
            store.one_malformed(660 - KEPT)


def test_a_flood_is_gathered_and_delivers_nobody_late(tmp_path: Path) -> None:
    async def flood() -> float:
        garbage = [mishap(number, b"x" * 65536) for number in range(5000)]
        waiting = [asyncio.ensure_future(store.add_malformed(new)) for new in garbage]
        started = time.monotonic()
        await store.add(new_delivery())
        seconds = time.monotonic() - started
        await asyncio.gather(*waiting)
        return seconds

    with opened(tmp_path) as store:
        assert asyncio.run(flood()) < 2
        assert store.malformed_total() == 5000
        # The newest is kept, and of each change no more than its bounds allow.
        assert reasons(store)[0] == "number 4999"
        assert len(reasons(store)) <= 5 * GATHERED_BYTES // 65536
        assert store.state().bytes < 64 * MIB


def test_they_never_take_the_room_of_deliveries(tmp_path: Path) -> None:
    with opened(tmp_path, retention=Retention(bytes=4 * MIB)) as store:
        ids = add(store, *[new_delivery(b"y" * 1000) for _ in range(50)])
        keep_one_by_one(store, *[mishap(number, b"x" * 65536) for number in range(6)])
        assert reasons(store) == ["number 5", "number 4", "number 3"]
        assert [row.id for row in store.after(0).rows] == ids


def test_clearing_leaves_deliveries_and_the_count(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery())
        keep(store, mishap(1, b"a canary of some length " * 40), mishap(2))
        assert asyncio.run(store.clear_malformed()) == 2
        assert asyncio.run(store.clear_malformed()) == 0
        assert store.malformed().rows == ()
        assert (store.malformed_total(), store.count()) == (2, 1)
        assert not any(b"a canary of some length " in path.read_bytes() for path in tmp_path.iterdir())
        keep(store, mishap(3))
        assert store.one_malformed(3).reason == "number 3"
        asyncio.run(store.delete_many())
        assert reasons(store) == ["number 3"]


def test_the_doorbell_rings(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        seen = store.doorbell.count
        keep(store, mishap())
        assert store.doorbell.wait_blocking(seen, timeout=5)


@pytest.mark.parametrize("number", [0, -1, 2, 2**63, 2**64])
def test_what_is_not_kept_is_not_found(tmp_path: Path, number: int) -> None:
    with opened(tmp_path) as store:
        keep(store, mishap())
        with pytest.raises(NotFound, match=f"no malformed request {number}"):
            store.one_malformed(number)


def test_on_a_disk_that_is_almost_full_none_is_kept_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as store:
        keep(store, mishap(1))
        with monkeypatch.context() as patched:
            patched.setattr(disk, "RESERVED_BYTES", 2**62)
            patched.setattr(disk, "RESERVED_SHARE", 1)
            until(lambda: refused(store), seconds=5, what="a refusal")
        until(lambda: not refused(store), seconds=5, what="room")
        assert reasons(store)[0] == "after a while"
        assert reasons(store)[-1] == "number 1"


def refused(store: Store) -> bool:
    try:
        keep(store, replace(mishap(), reason="after a while"))
    except StorageFailed:
        return True
    return False
