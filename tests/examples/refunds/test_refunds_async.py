import asyncio

import pytest
from agent import refund


@pytest.mark.asyncio
async def test_the_refund_is_reported(callbacks):
    refund("A-17", callbacks.url, callbacks.secret)
    delivery = await callbacks.aio.wait_for(verified=True)
    assert delivery.result.response == {"refunded": "A-17"}


@pytest.mark.asyncio
async def test_many_refunds_at_once(callbacks):
    orders = [f"A-{number}" for number in range(20)]
    waits = [callbacks.aio.wait_for(json={"response_body": {"refunded": order}}) for order in orders]
    for order in orders:
        refund(order, callbacks.url, callbacks.secret)
    results = await asyncio.gather(*waits)
    assert [each.result.response["refunded"] for each in results] == orders


@pytest.mark.asyncio
async def test_a_blocking_wait_would_stop_the_loop(callbacks):
    with pytest.raises(RuntimeError, match=r"await endpoint\.aio\.wait_for"):
        callbacks.wait_for()
