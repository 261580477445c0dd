"""What a script had to do with a reply is kept with the delivery; what turns out later is written then."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from support.stored import new_delivery
from support.waiting import until

from inspector.models import Fault, Reply, Scripted
from inspector.settings import Settings
from inspector.store import Store

HELD = Scripted(entry=3, hold=True)


def test_it_comes_back_as_it_was() -> None:
    cases = (None, HELD, Scripted(1, Fault.HALF), Scripted(100, Fault.RESET, hold=True, held_seconds=0.25))
    with Store.open(Settings()) as store:
        for scripted in cases:
            delivery = replace(new_delivery(), scripted=scripted, reply=Reply(202, delay_seconds=1.5))
            number = asyncio.run(store.add(delivery))
            kept = store.delivery(number).sent
            assert (kept.scripted, kept.reply) == (scripted, delivery.reply)


def test_the_end_of_a_hold_is_an_update_of_the_delivery() -> None:
    with Store.open(Settings()) as store:
        held = replace(new_delivery(), scripted=HELD, answered=False)
        numbers = [asyncio.run(store.add(held)) for _ in range(2)]
        before = store.delivery(numbers[0])
        assert (before.sent.completed, before.sent.sent_at) == (False, None)
        store.reply_held(numbers[0], 1.25, before.request.received_ns)
        store.reply_held(numbers[1], 0.5, None)
        store.reply_held(99, 0.5, None)  # deleted meanwhile
        until(lambda: store.position().revision == 2, what="both updates")
        sent, gone = (store.delivery(number).sent for number in numbers)
        assert (sent.completed, sent.sent_at) == (True, before.request.received_at)
        assert sent.scripted == replace(HELD, held_seconds=1.25)
        assert (gone.completed, gone.sent_at) == (False, None)
        assert gone.scripted == replace(HELD, held_seconds=0.5)
        assert [row.id for row in store.changed(0).updates] == numbers


def test_which_attempt_a_delivery_would_be() -> None:
    day_ns = 24 * 3600 * 10**9
    with Store.open(Settings()) as store:
        first = replace(new_delivery(), message_id="msg_1")
        received_ns = first.request.received_ns
        assert store.next_attempt("root", "msg_1", received_ns) == 1
        for _ in range(2):
            number = asyncio.run(store.add(first))
        assert store.delivery(number).attempt == 2
        assert store.next_attempt("root", "msg_1", received_ns) == 3
        assert store.next_attempt("root", "msg_1", received_ns + day_ns + 1) == 1
        assert store.next_attempt("root", "msg_2", received_ns) == 1
        assert store.next_attempt("other", "msg_1", received_ns) == 1
