"""Diagnosing after the reply: one after the other, no more than may wait, the rest when somebody asks."""

from __future__ import annotations

import asyncio
from contextlib import closing

import pytest
from support.requests import request

from inspector import sign
from inspector.errors import NotFound
from inspector.models import VerificationStatus
from inspector.receive import diagnosing
from inspector.receive.diagnosing import MOST_WAITING, Diagnoser, diagnosed
from inspector.receive.receiver import Receiver
from inspector.settings import Settings
from inspector.store import Store

SETTINGS = Settings(environ={"CALLBACK_SECRET": "the right one"})


def kept(store: Store, count: int) -> int:
    """How many of the first *count* deliveries have a diagnosis."""
    return sum(store.diagnosis(number) is not None for number in range(1, count + 1))


async def receive(receiver: Receiver, body: bytes, secret: str) -> int:
    headers = sign(body, secret, timestamp=1_795_608_000)
    return (await receiver.receive(request(body, None, *headers))).delivery_id


def test_in_a_flood_some_wait_and_the_others_are_left_to_whoever_asks() -> None:
    beyond = 4

    async def flood(store: Store) -> None:
        diagnoser = Diagnoser(store, None, rest=0)
        receiver = Receiver(store, SETTINGS)
        numbers = [await receive(receiver, b"%d" % n, "wrong") for n in range(MOST_WAITING + beyond)]
        for number in numbers:
            diagnoser.later(number, store.delivery(number).verification)
        await diagnoser.settle()
        assert kept(store, len(numbers)) == MOST_WAITING
        assert store.diagnosis(numbers[-1]) is None
        assert (await diagnosed(store, None, numbers[-1]))["cause"] == "unknown"
        assert store.diagnosis(numbers[-1]) is not None

    with closing(Store.open(SETTINGS)) as store:
        asyncio.run(flood(store))


def test_only_what_failed_is_looked_into() -> None:
    async def some(store: Store) -> None:
        diagnoser = Diagnoser(store, None, rest=0)
        receiver = Receiver(store, SETTINGS, diagnoser=diagnoser)
        valid = await receive(receiver, b"{}", "the right one")
        unsigned = (await receiver.receive(request(b"{}"))).delivery_id
        failed = await receive(receiver, b"{ }", "wrong")
        await diagnoser.settle()
        assert kept(store, 3) == 2
        assert store.delivery(valid).verification.status is VerificationStatus.VALID
        for number in (unsigned, failed):
            assert store.diagnosis(number) is not None
        assert (await diagnosed(store, None, valid))["tried"] == []

    with closing(Store.open(SETTINGS)) as store:
        asyncio.run(some(store))


def test_a_delivery_that_is_gone_stops_nobody() -> None:
    async def some(store: Store) -> None:
        diagnoser = Diagnoser(store, None, rest=0)
        receiver = Receiver(store, SETTINGS)
        first, second = [await receive(receiver, b"%d" % n, "wrong") for n in range(2)]
        verdict = store.delivery(first).verification
        await store.delete(first)
        for number in (first, second):
            diagnoser.later(number, verdict)
        await diagnoser.settle()
        assert kept(store, 2) == 1
        with pytest.raises(NotFound):
            await diagnosed(store, None, first)

    with closing(Store.open(SETTINGS)) as store:
        asyncio.run(some(store))


def test_what_is_kept_comes_back_as_it_was() -> None:
    found = {
        "cause": "unknown",
        "causes": [],
        "tried": [{"code": "a", "description": "\u00e9", "matched": False}],
    }
    parcel = diagnosing.packed(found, "mark")
    assert (parcel["cause"], parcel["basis"]) == ("unknown", "mark")
    assert diagnosing.unpacked(parcel) == found
