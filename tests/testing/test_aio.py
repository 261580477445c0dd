"""The twin for coroutines: the loop goes on while it waits, and a cancelled wait ends at once."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from support.senders import post_json

from inspector.testing import CallbackTimeout, Endpoint, Inspector, UnexpectedCallback, start


def test_the_loop_goes_on_while_it_waits(endpoint: Endpoint) -> None:
    async def agent() -> None:
        await asyncio.sleep(0.05)  # the work itself
        await endpoint.aio.send({"job": 1})

    async def scenario() -> None:
        working = asyncio.create_task(agent())
        delivery = await endpoint.aio.wait_for(json={"job": 1}, timeout=30)
        assert delivery.verification
        await working

    asyncio.run(scenario())


def test_many_waits_at_once(endpoint: Endpoint) -> None:
    async def scenario() -> list[int]:
        waits = [asyncio.create_task(endpoint.aio.wait_for(json={"job": n}, timeout=60)) for n in range(40)]
        for number in reversed(range(40)):
            await asyncio.to_thread(post_json, endpoint, {"job": number})
        return [each.json()["job"] for each in await asyncio.gather(*waits)]

    assert asyncio.run(scenario()) == list(range(40))


def test_a_cancelled_wait_ends_at_once_and_leaves_nothing(endpoint: Endpoint) -> None:
    async def scenario() -> None:
        wait = asyncio.create_task(endpoint.aio.wait_for(timeout=600))
        await asyncio.sleep(0.1)  # it sleeps at the server by now, most likely
        wait.cancel()
        with pytest.raises(asyncio.CancelledError):
            await wait
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await endpoint.aio.wait_for(timeout=600)

    began = time.monotonic()
    asyncio.run(scenario())
    assert time.monotonic() - began < 30
    for thread in threading.enumerate():
        if thread.name == "callback-wait":
            thread.join(10)
            assert not thread.is_alive()


def test_everything_has_its_twin(endpoint: Endpoint) -> None:
    missing = {name for name in dir(Endpoint) if not name.startswith("_")} - set(dir(endpoint.aio))
    # What asks nothing of the server is the same for both.
    facts = {"aio", "claimed", "close", "id", "inspector_url", "judged", "name", "path", "strict"}
    assert missing == facts


def test_the_twins_do_what_the_others_do(endpoint: Endpoint) -> None:
    twin = endpoint.aio

    async def scenario() -> None:
        await twin.reply(202, times=1)
        await twin.reply_sequence(503, 200)
        assert (await twin.unused_replies())[0].status == 503
        assert (await twin.send({"job": 1})).status == 503
        assert (await twin.send({"job": 2}, tamper="signature")).expected == "invalid"
        first, second = await twin.wait_for_all(2, exactly=True, settle="50ms")
        assert [first.id, second.id] == [each.id for each in await twin.deliveries()]
        assert await twin.assert_received(verified=False, count=1) == [second]
        await twin.assert_order("status:valid", "status:invalid")
        await twin.assert_no_duplicates()
        with pytest.raises(UnexpectedCallback):
            await twin.assert_all_verified()
        await twin.expect_none(json={"job": 3}, within=0.05)
        await twin.verify_replies("reject")
        async with twin.capture(timeout=30) as captured:
            assert (await twin.send(tamper="wrong-secret")).status == 401
        assert captured.delivery.verification.status == "invalid"
        await twin.verify_replies("accept")
        await twin.clear()
        async with twin.hold() as gate:
            sending = asyncio.create_task(twin.send(body="x"))
            await twin.wait_for()
            assert await gate.held() == 1
        assert (await sending).status == 200
        gate = await twin.hold(201)
        sending = asyncio.create_task(twin.send(body="y"))
        await twin.wait_for(body="y")
        await gate.release()
        assert (await sending).status == 201
        with pytest.raises(CallbackTimeout, match="No callback matched"):
            await twin.wait_for(method="GET", timeout=0.05)
        assert twin.sign(b"x") == twin.sign("x")
        assert (twin.url, twin.secret) == (endpoint.url, endpoint.secret)

    asyncio.run(scenario())


def test_an_inspector_in_an_asynchronous_block() -> None:
    async def scenario() -> Inspector:
        async with start() as inspector:
            endpoint = inspector.endpoint()
            await endpoint.aio.send({"job": 1})
            assert (await endpoint.aio.wait_for()).json() == {"job": 1}
        return inspector

    inspector = asyncio.run(scenario())
    with pytest.raises(RuntimeError, match="closed"):
        inspector.endpoint()
