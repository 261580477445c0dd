"""What streams share: bytes that are read and encoded once, and never stale ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from support.stored import add

from inspector.settings import Settings
from inspector.store import Store
from inspector.web.feed import ROWS_AT_ONCE, Feed
from inspector.web.stream import Place


def with_store(test: Callable[[Store], Awaitable[None]]) -> None:
    """Runs *test* with a store of its own."""

    async def run() -> None:
        with Store.open(Settings()) as store:
            await test(store)

    asyncio.run(run())


def test_streams_at_the_same_place_share_the_very_same_bytes() -> None:
    async def test(store: Store) -> None:
        feed = Feed(store)
        await add(store, 3)
        position = store.position()
        chunks = await asyncio.gather(*(feed.deliveries(0, None, position) for _ in range(50)))
        assert all(chunk.content is chunks[0].content for chunk in chunks)
        assert chunks[0].content.count(b"event: delivery\n") == 3
        assert (await feed.deliveries(1, None, position)).content.count(b"event: delivery\n") == 2
        assert (await feed.deliveries(0, "other", position)).content == b""

    with_store(test)


def test_shared_bytes_are_never_older_than_the_place_they_are_asked_for() -> None:
    async def test(store: Store) -> None:
        feed = Feed(store)
        first, second, third = await add(store, 3)
        before = await feed.deliveries(0, None, store.position())
        await store.annotate(second, note="changed")
        noted = await feed.deliveries(0, None, store.position())
        assert b'"note":"changed"' not in before.content
        assert noted.content.count(b'"note":"changed"') == 1
        await store.delete(third)
        after = await feed.deliveries(0, None, store.position())
        assert [after.content.count(b"id: %d\n" % number) for number in (first, second, third)] == [1, 1, 0]
        assert after.cursor == third

    with_store(test)


def test_a_chunk_holds_only_so_many_and_says_how_far_it_reaches() -> None:
    async def test(store: Store) -> None:
        feed = Feed(store)
        numbers = await add(store, ROWS_AT_ONCE + 5)
        position = store.position()
        chunk = await feed.deliveries(0, None, position)
        assert chunk.content.count(b"event: delivery\n") == ROWS_AT_ONCE
        assert chunk.cursor == numbers[ROWS_AT_ONCE - 1]
        rest = await feed.deliveries(chunk.cursor, None, position)
        assert (rest.content.count(b"event: delivery\n"), rest.cursor) == (5, numbers[-1])
        # What is not of the endpoint has been passed over too.
        assert (await feed.deliveries(0, "other", position)).cursor == numbers[-1]

    with_store(test)


def test_changes_are_told_only_of_what_was_told() -> None:
    async def test(store: Store) -> None:
        feed = Feed(store)
        first, second, third = await add(store, 3)
        since = store.position().revision
        await store.annotate(first, note="a")
        await store.annotate(third, note="b")
        await store.delete(second)
        position = store.position()
        all_told = await feed.changes(since, third, None, position)
        assert all_told.content.count(b"event: update\n") == 2
        assert all_told.content.endswith(b'event: deleted\ndata: {"ids":[%d]}\n\n' % second)
        assert all_told.revision == position.revision
        some_told = await feed.changes(since, first, None, position)
        assert (some_told.content.count(b"event: update\n"), b"deleted" in some_told.content) == (1, False)
        assert (await feed.changes(since, third, "other", position)).content.count(b"event: update\n") == 0

    with_store(test)


@pytest.mark.parametrize(
    ("last", "floor", "new_floor", "new_generation", "behind"),
    [
        (100, 0, 0, 1, False),
        (100, 0, 100, 1, False),
        (100, 0, 101, 1, True),
        (0, 50, 50, 1, False),
        (0, 50, 51, 1, True),
        (100, 0, 0, 2, True),
    ],
)
def test_who_is_behind_what_was_removed(
    last: int, floor: int, new_floor: int, new_generation: int, behind: bool
) -> None:
    async def test(store: Store) -> None:
        now = store.position()
        place = Place(last, 1, now.revision, floor)
        moved = type(now)(new_generation, now.revision, 200, new_floor)
        assert place.is_behind(moved) is behind
        place.renew(moved)
        assert not place.is_behind(moved)
        assert place.last == 200

    with_store(test)
