"""Writing: durable when it returns, ids that rise and are never reused, attempts, one ring per batch."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.deliveries import KEEP_ALL, add, add_all, new_delivery, opened
from support.waiting import until

from inspector.errors import NotFound, StorageFailed
from inspector.models import Endpoint, EndpointActivity, NewDelivery, utc_from_ns
from inspector.store import Store
from inspector.store.activity import UNSAVED_DELIVERIES

HOUR_NS = 3600 * 1_000_000_000
NOON_NS = 1_764_072_000 * 1_000_000_000


def test_two_hundred_at_once_while_the_list_is_read(tmp_path: Path) -> None:
    async def post(numbers: range) -> list[tuple[int, bytes]]:
        acknowledged = []
        for number in numbers:
            body = b'{"i":%d}' % number
            acknowledged.append((await store.add(new_delivery(body)), body))
            await store.reading(store.newest)
        return acknowledged

    async def post_all() -> list[tuple[int, bytes]]:
        posted = await asyncio.gather(*[post(range(start, start + 4)) for start in range(0, 200, 4)])
        return [one for some in posted for one in some]

    with opened(tmp_path) as store:
        acknowledged = asyncio.run(post_all())
        assert sorted(number for number, _ in acknowledged) == list(range(1, 201))
        assert {body for _, body in acknowledged} == {b'{"i":%d}' % number for number in range(200)}
        assert all(store.body(number) == body for number, body in acknowledged)
        assert store.count() == 200


def test_four_threads_with_loops_of_their_own(tmp_path: Path) -> None:
    def post(thread: int) -> list[tuple[int, bytes]]:
        bodies = [b"%d/%d" % (thread, number) for number in range(100)]
        return list(zip(add(store, *map(new_delivery, bodies)), bodies, strict=True))

    with opened(tmp_path) as store, ThreadPoolExecutor(4) as threads:
        acknowledged = [one for posted in threads.map(post, range(4)) for one in posted]
        assert sorted(number for number, _ in acknowledged) == list(range(1, 401))
        assert all(store.body(number) == body for number, body in acknowledged)


def test_ids_rise_in_the_order_of_arrival(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert add(store, *[new_delivery(b"%d" % number) for number in range(1000)]) == list(range(1, 1001))
        assert store.body(700) == b"699"


def test_an_id_is_never_used_again(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery(), new_delivery())
        asyncio.run(store.delete(2))
        assert add(store, new_delivery()) == [3]
        asyncio.run(store.delete(3))
        assert store.position().cursor == 3
    with opened(tmp_path) as store:
        assert store.position().cursor == 3
        assert add(store, new_delivery()) == [4]
        asyncio.run(store.delete_many())
    with opened(tmp_path) as store:
        # Clearing uses one up.
        assert store.position().cursor == 5
        assert add(store, new_delivery()) == [6]


def test_what_was_added_is_there_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        numbers = add(store, *[new_delivery(b"%d" % number) for number in range(50)])
        instance = store.instance
    with opened(tmp_path) as store:
        assert store.instance == instance
        assert [store.body(number) for number in numbers] == [b"%d" % number for number in range(50)]
        assert store.count() == 50


def test_the_bell_rings_after_the_results_and_once_per_batch(tmp_path: Path) -> None:
    async def watch() -> tuple[int, list[int]]:
        before = store.doorbell.count
        waiting = asyncio.create_task(store.doorbell.wait(before))
        adding = [asyncio.create_task(store.add(new_delivery())) for _ in range(250)]
        await waiting
        done = [task for task in adding if task.done()]
        # Whoever is woken finds all that the bell rang for.
        assert len(store.after(0, limit=500).rows) >= len(done) > 0
        await asyncio.gather(*adding)
        return store.doorbell.count - before, sorted(task.result() for task in adding)

    with opened(tmp_path) as store:
        rings, numbers = asyncio.run(watch())
    assert numbers == list(range(1, 251))
    assert 1 <= rings < 50


def test_whoever_stops_waiting_does_not_undo_the_storing(tmp_path: Path) -> None:
    async def give_up() -> None:
        adding = asyncio.create_task(store.add(new_delivery(b"kept")))
        await asyncio.sleep(0)
        adding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await adding
        await store.add(new_delivery())

    with opened(tmp_path) as store:
        asyncio.run(give_up())
        assert store.body(1) == b"kept"


def test_a_loop_that_ended_meanwhile(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        seen = store.doorbell.count
        loop = asyncio.new_event_loop()
        task = loop.create_task(store.add(new_delivery(b"kept")))
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.close()
        assert store.doorbell.wait_blocking(seen, 10)
        assert store.body(1) == b"kept"
        task.get_coro().close()
        assert add(store, new_delivery()) == [2]


def test_closing_writes_what_was_handed_in(tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    with opened(tmp_path) as store:
        tasks = [loop.create_task(store.add(new_delivery())) for _ in range(300)]
        loop.call_soon(loop.stop)
        loop.run_forever()
    assert sorted(loop.run_until_complete(asyncio.gather(*tasks))) == list(range(1, 301))
    loop.close()
    with opened(tmp_path) as store:
        assert store.count() == 300


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        pass
    store.close()
    with pytest.raises(StorageFailed, match="closed"):
        add(store, new_delivery())
    with pytest.raises(StorageFailed, match="closed"):
        store.newest()


def test_closing_leaves_no_thread_behind(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with opened(tmp_path) as store:
        add(store, new_delivery())
        asyncio.run(store.reading(store.newest))
        assert {thread.name for thread in set(threading.enumerate()) - before} >= {"store-writer"}
    assert set(threading.enumerate()) == before


def attempts(store: Store) -> list[int]:
    return [row.attempt for row in store.after(0).rows]


def test_attempts_are_numbered_within_one_batch_and_over_batches(tmp_path: Path) -> None:
    def retry(message_id: str | None = "m", endpoint_id: str = "root") -> NewDelivery:
        return new_delivery(message_id=message_id, endpoint_id=endpoint_id)

    with opened(tmp_path) as store:
        add(store, retry(), retry("other"), retry(), retry(None), retry(None), retry(endpoint_id="e2"))
        add(store, retry(), retry(endpoint_id="e2"))
        assert attempts(store) == [1, 1, 2, 1, 1, 1, 3, 2]
    with opened(tmp_path) as store:
        add(store, retry())
        series = store.attempts(store.delivery(3))
        assert [(row.id, row.attempt) for row in series] == [(1, 1), (3, 2), (7, 3), (9, 4)]
        assert [row.id for row in store.attempts(store.delivery(4))] == [4]


def test_attempts_end_after_a_day_of_silence(tmp_path: Path) -> None:
    hours = [0, 20, 44, 68, 92.01, 93]
    with opened(tmp_path, retention=KEEP_ALL) as store:
        for hour in hours:
            add(store, new_delivery(message_id="m", received_ns=NOON_NS + int(hour * HOUR_NS)))
        assert attempts(store) == [1, 2, 3, 4, 1, 2]
        assert [row.id for row in store.attempts(store.delivery(3))] == [1, 2, 3, 4]
        assert [row.id for row in store.attempts(store.delivery(6))] == [5, 6]
        asyncio.run(store.delete(1))
        assert [row.id for row in store.attempts(store.delivery(2))] == [2, 3, 4]


def test_a_message_that_came_very_often_costs_no_more(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, *[new_delivery(message_id="same") for _ in range(1500)])
        assert store.delivery(1500).attempt == 1500
        series = [row.id for row in store.attempts(store.delivery(700))]
        assert series == list(range(601, 801))


def test_a_reply_that_was_not_sent_is_noted(tmp_path: Path) -> None:
    async def lose_the_sender() -> None:
        number = await store.add(new_delivery())
        store.reply_unsent(number)
        store.reply_unsent(number + 1000)
        await store.add(new_delivery())

    with opened(tmp_path) as store:
        asyncio.run(lose_the_sender())
        sent = store.delivery(1).sent
        assert not sent.completed
        assert sent.sent_at is None
        assert store.delivery(2).sent.completed
        assert [row.id for row in store.changed(0).updates] == [1]


def test_one_that_cannot_be_stored_does_not_take_its_neighbours_with_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def add_three() -> list[int | BaseException]:
        # 2**63 nanoseconds are in the year 2262 and fit in no column.
        impossible = new_delivery(b"impossible", received_ns=2**63)
        added = map(store.add, [new_delivery(b"one"), impossible, new_delivery(b"three")])
        return await asyncio.gather(*added, return_exceptions=True)

    with opened(tmp_path) as store:
        first, second, third = asyncio.run(add_three())
        assert (first, third) == (1, 2)
        assert isinstance(second, StorageFailed)
        assert store.body(2) == b"three"
        assert store.count() == 2
        assert store.state().fault
        assert add(store, new_delivery()) == [3]
        assert store.state().fault is None


def test_activity_survives_a_restart_whenever_it_was_saved(tmp_path: Path) -> None:
    def grow(store: Store, hour: int, count: int) -> None:
        received = NOON_NS + hour * HOUR_NS
        add(store, *[new_delivery(b"12345", endpoint_id="e2", received_ns=received) for _ in range(count)])

    def check(store: Store, count: int, hour: int) -> None:
        last = utc_from_ns(NOON_NS + hour * HOUR_NS)
        assert store.activity() == {"e2": EndpointActivity(count, last)}
        assert store.count() == count
        assert store._writer._ledger.memory.body_bytes == 5 * count

    with opened(tmp_path, retention=KEEP_ALL) as store:
        grow(store, 0, 30)  # too few to be saved
        check(store, 30, 0)
    with opened(tmp_path, retention=KEEP_ALL) as store:
        check(store, 30, 0)
        grow(store, 2, UNSAVED_DELIVERIES)
        grow(store, 1, 10)
        check(store, UNSAVED_DELIVERIES + 40, 2)
    with opened(tmp_path, retention=KEEP_ALL) as store:
        check(store, UNSAVED_DELIVERIES + 40, 2)
        asyncio.run(store.delete(1))
        asyncio.run(store.delete(UNSAVED_DELIVERIES + 40))
        grow(store, 3, 2)
    with opened(tmp_path, retention=KEEP_ALL) as store:
        check(store, UNSAVED_DELIVERIES + 40, 3)
        asyncio.run(store.delete_many())
        grow(store, 4, 1)
    with opened(tmp_path, retention=KEEP_ALL) as store:
        check(store, 1, 4)


def test_activity_is_counted_per_endpoint(tmp_path: Path) -> None:
    async def work() -> None:
        await store.create_endpoint(Endpoint("e2", "/agents", utc_from_ns(NOON_NS)))
        for endpoint_id, hour in (("root", 0), ("e2", 1), ("e2", 3), ("e2", 2), ("root", 4)):
            await store.add(new_delivery(endpoint_id=endpoint_id, received_ns=NOON_NS + hour * HOUR_NS))
        await store.delete(3)

    with opened(tmp_path, retention=KEEP_ALL) as store:
        asyncio.run(work())
        for now in range(2):
            activity = store.activity()
            assert {name: kept.deliveries for name, kept in activity.items()} == {"root": 2, "e2": 2}
            assert activity["e2"].last_received_at == utc_from_ns(NOON_NS + 3 * HOUR_NS)
            assert store.count() == 4
            assert store.count(endpoint_id="e2") == 2
            assert store.count(endpoint_id="unknown") == 0
            if now == 0:
                asyncio.run(store.delete_endpoint("e2"))
        asyncio.run(store.delete_many(endpoint_id="e2"))
        assert set(store.activity()) == {"root"}


def test_a_program_that_holds_the_database_for_a_while_is_waited_for(tmp_path: Path) -> None:
    async def add_meanwhile() -> int:
        adding = asyncio.create_task(store.add(new_delivery()))
        done, _ = await asyncio.wait([adding], timeout=0.3)
        assert not done
        other.execute("rollback")
        return await adding

    with opened(tmp_path) as store:
        other = sqlite3.connect(store.database, isolation_level=None, check_same_thread=False)
        other.execute("begin immediate")
        assert asyncio.run(add_meanwhile()) == 1
        other.close()


def test_reading_does_not_hold_up_writing(tmp_path: Path) -> None:
    def stay() -> int:
        rows = len(store.newest().rows)
        assert left.wait(10)
        return rows

    async def write_while_two_read() -> None:
        readers = [asyncio.create_task(store.reading(stay)) for _ in range(5)]
        await add_all(store, [new_delivery() for _ in range(20)])
        left.set()
        await asyncio.gather(*readers)

    left = threading.Event()
    with opened(tmp_path) as store:
        asyncio.run(write_while_two_read())
        assert store.count() == 20


def test_questions_pass_their_errors_on(tmp_path: Path) -> None:
    def ask(question: Coroutine[Any, Any, object]) -> None:
        with pytest.raises(NotFound, match="no delivery 7"):
            asyncio.run(question)

    with opened(tmp_path) as store:
        ask(store.reading(store.delivery, 7))
        ask(store.annotate(7, note="x"))
        ask(store.delete(7))
        assert until(lambda: store.count() == 0)
