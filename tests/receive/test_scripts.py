"""Scripts by themselves: which entry answers, whatever order requests come in."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from inspector.models import Reply
from inspector.receive.scripts import Entry, Script, Scripts


@given(
    st.lists(st.one_of(st.none(), st.integers(1, 3)), min_size=1, max_size=6),
    st.lists(st.lists(st.booleans(), min_size=6, max_size=6), max_size=20),
)
def test_the_first_entry_that_fits_and_has_uses_left(
    times: list[int | None], requests: list[list[bool]]
) -> None:
    async def play() -> None:
        script = Script([Entry(Reply(200 + index), times=each) for index, each in enumerate(times)])
        left: list[float] = [float("inf") if each is None else each for each in times]
        for fits in requests:
            expected = next((i for i, _ in enumerate(times) if fits[i] and left[i] > 0), None)
            turn = script.take(fits[: len(times)])
            assert (None if turn is None else turn.number - 1) == expected
            if expected is not None:
                left[expected] -= 1
        used = [use.used for use in script.uses]
        assert all(each is None or use <= each for each, use in zip(times, used, strict=True))

    asyncio.run(play())


def test_a_turn_that_came_to_nothing_is_given_back() -> None:
    async def play() -> None:
        script = Script([Entry(Reply(503), times=1, hold=True), Entry(Reply(200), times=None)])
        turn = script.take([True, True])
        assert turn is not None
        assert (turn.number, len(script.uses[0].waiting)) == (1, 1)
        turn.give_back()
        assert (script.uses[0].used, len(script.uses[0].waiting)) == (0, 0)
        again = script.take([True, True])
        assert again is not None
        assert again.number == 1

    asyncio.run(play())


def test_nothing_is_held_once_the_server_stops() -> None:
    async def play() -> None:
        scripts = Scripts()
        assert not scripts
        held = scripts.put("a", [Entry(Reply(), times=None, hold=True)])
        assert scripts
        first = held.take([True])
        assert first is not None
        scripts.close()
        assert first.free.is_set()
        for script in (held, scripts.put("b", [Entry(Reply(), times=None, hold=True)])):
            turn = script.take([True])
            assert turn is not None
            assert turn.answers_at_once
        scripts.remove("a")
        scripts.remove("b")
        assert not scripts

    asyncio.run(play())
