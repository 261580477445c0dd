"""The doorbell: whoever waits is woken, whoever looks first never misses a ring, nobody is left behind."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from support.waiting import until

from inspector.store import Doorbell

DEADLINE_SECONDS = 20.0


def test_a_ring_between_looking_and_waiting_is_not_lost() -> None:
    bell = Doorbell()
    seen = bell.count
    bell.ring()
    asyncio.run(asyncio.wait_for(bell.wait(seen), DEADLINE_SECONDS))
    assert bell.wait_blocking(seen, 0)
    assert bell.future(seen).done()


def test_a_ring_from_another_thread_wakes_every_kind_of_waiter() -> None:
    bell = Doorbell()
    seen = bell.count
    with ThreadPoolExecutor() as threads:
        in_loop = threads.submit(asyncio.run, bell.wait(seen))
        in_thread = threads.submit(bell.wait_blocking, seen, DEADLINE_SECONDS)
        future = bell.future(seen)
        until(lambda: bell.waiting == 3, what="three waiters")
        bell.ring()
        in_loop.result(DEADLINE_SECONDS)
        assert in_thread.result(DEADLINE_SECONDS)
        future.result(DEADLINE_SECONDS)
    assert bell.waiting == 0


def test_a_ring_in_the_loop_wakes_its_waiters() -> None:
    async def wait_and_ring() -> None:
        waiters = [asyncio.create_task(bell.wait(bell.count)) for _ in range(100)]
        await asyncio.sleep(0)
        bell.ring()
        await asyncio.wait_for(asyncio.gather(*waiters), DEADLINE_SECONDS)

    bell = Doorbell()
    asyncio.run(wait_and_ring())
    assert bell.waiting == 0


def test_a_blocking_wait_ends_with_its_timeout() -> None:
    bell = Doorbell()
    started = time.monotonic()
    assert not bell.wait_blocking(bell.count, 0.02)
    assert not bell.wait_blocking(bell.count, -1)
    assert 0.02 <= time.monotonic() - started < DEADLINE_SECONDS
    assert bell.waiting == 0


def test_whoever_gives_up_is_forgotten() -> None:
    async def give_up() -> None:
        waiter = asyncio.create_task(bell.wait(bell.count))
        await asyncio.sleep(0)
        assert bell.waiting == 2
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)

    bell = Doorbell()
    future = bell.future(bell.count)
    asyncio.run(give_up())
    assert future.cancel()
    assert bell.waiting == 0
    bell.ring()
    assert future.cancelled()


def test_a_closed_loop_does_not_keep_the_others_from_waking() -> None:
    bell = Doorbell()
    gone, alive = asyncio.new_event_loop(), asyncio.new_event_loop()
    waiters = []
    for loop in (gone, alive):
        waiters.append(loop.create_task(bell.wait(bell.count)))
        loop.call_soon(loop.stop)
        loop.run_forever()
    gone.close()
    future = bell.future(bell.count)
    assert bell.waiting == 3
    ringer = threading.Thread(target=bell.ring)
    ringer.start()
    ringer.join()
    assert future.done()
    alive.run_until_complete(asyncio.wait_for(waiters[1], DEADLINE_SECONDS))
    alive.close()
    assert bell.waiting == 0
    waiters[0].get_coro().close()


class Counting:
    """A table that only counts, and readers of all kinds who follow it to its end by the bell."""

    def __init__(self, end: int) -> None:
        self.bell = Doorbell()
        self.end = end
        self.rows = 0

    def fill(self) -> None:
        until(lambda: self.bell.waiting > 10, what="enough who wait")
        for _ in range(self.end):
            self.rows += 1
            self.bell.ring()
            time.sleep(0)  # no pause, only a chance for the others

    def follow_in_thread(self) -> int:
        last = 0
        while last < self.end:
            seen = self.bell.count
            if last < self.rows:
                last = self.rows
            elif not self.bell.wait_blocking(seen, DEADLINE_SECONDS):
                raise TimeoutError
        return last

    async def follow_in_loop(self, dice: random.Random) -> int:
        """Every other wait is given up early, to see that this loses nothing."""
        last = 0
        while last < self.end:
            seen = self.bell.count
            if last < self.rows:
                last = self.rows
            elif dice.random() < 0.5:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.bell.wait(seen), dice.uniform(0, 0.002))
            else:
                await asyncio.wait_for(self.bell.wait(seen), DEADLINE_SECONDS)
        return last

    async def follow_by_future(self) -> int:
        last = 0
        while last < self.end:
            seen = self.bell.count
            if last < self.rows:
                last = self.rows
            else:
                await asyncio.wait_for(asyncio.wrap_future(self.bell.future(seen)), DEADLINE_SECONDS)
        return last

    async def follow_in_many_ways(self, seed: int) -> list[int]:
        dice = random.Random(seed)
        followers = [self.follow_in_loop(dice) for _ in range(6)] + [
            self.follow_by_future() for _ in range(3)
        ]
        return await asyncio.gather(*followers)


def test_nobody_is_left_waiting_under_a_storm_of_rings() -> None:
    counting = Counting(end=4_000)
    with ThreadPoolExecutor(8) as threads:
        loops = [threads.submit(asyncio.run, counting.follow_in_many_ways(seed)) for seed in (1, 2)]
        blocked = [threads.submit(counting.follow_in_thread) for _ in range(4)]
        threads.submit(counting.fill).result()
        reached = [last for loop in loops for last in loop.result(DEADLINE_SECONDS)]
        reached += [thread.result(DEADLINE_SECONDS) for thread in blocked]
    assert reached == [counting.end] * 22
    assert counting.bell.waiting == 0
