"""A killed process: whatever was acknowledged is there afterwards, byte for byte, and the file is sound."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
import sqlite3
import struct
import threading
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from support.deliveries import new_delivery, opened
from support.waiting import until

KILLS = 25
SENDERS = 8
DEADLINE_SECONDS = 30.0

ACKNOWLEDGED = struct.Struct("<QQ")
"""An id, and the number that its body is made from."""


def body_of(number: int) -> bytes:
    """A body that only *number* has, mostly small, sometimes larger than a page or a batch's share."""
    dice = random.Random(number)
    return number.to_bytes(8, "little") + dice.randbytes(dice.choice((0, 100, 1000, 5000, 70_000)))


def write_until_killed(folder: Path, first: int, acknowledged: Connection) -> None:
    """Store deliveries without end and report each id that the store gave, as a server does to senders."""

    async def send(sender: int) -> None:
        number = first + sender
        while True:
            delivery_id = await store.add(new_delivery(body_of(number), message_id=f"m{number % 50}"))
            os.write(acknowledged.fileno(), ACKNOWLEDGED.pack(delivery_id, number))
            if number % 7 == 0:
                await store.annotate(delivery_id, note=str(number))
            number += SENDERS

    async def send_all() -> None:
        await asyncio.gather(*map(send, range(SENDERS)))

    with opened(folder) as store:
        asyncio.run(send_all())


def read_all(connection: Connection, received: list[tuple[int, int]]) -> None:
    content = b""
    while chunk := os.read(connection.fileno(), 65536):
        content += chunk
        whole = len(content) - len(content) % ACKNOWLEDGED.size
        received += [(number, body) for number, body in ACKNOWLEDGED.iter_unpack(content[:whole])]
        content = content[whole:]


def has_at_least(received: list[tuple[int, int]], wanted: int) -> bool:
    return len(received) >= wanted


def test_every_acknowledged_delivery_survives_kill_minus_nine(tmp_path: Path) -> None:
    dice = random.Random(25)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["inspector.store.migrations", "inspector.store", "store.test_crash"])
    acknowledged: dict[int, int] = {}
    for kill in range(KILLS):
        received: list[tuple[int, int]] = []
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=write_until_killed, args=(tmp_path, kill * 1_000_000, theirs))
        process.start()
        theirs.close()
        reader = threading.Thread(target=read_all, args=(mine, received))
        reader.start()
        # Sometimes while it is still opening its database, mostly under load.
        wanted = dice.choice((0, 1, 50, 200))
        until(partial(has_at_least, received, wanted), what="acknowledgements")
        threading.Event().wait(dice.uniform(0.0, 0.1))
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join(DEADLINE_SECONDS)
        reader.join(DEADLINE_SECONDS)
        mine.close()
        assert process.exitcode == -signal.SIGKILL
        assert not acknowledged.keys() & dict(received).keys()
        acknowledged.update(received)
    with opened(tmp_path) as store:
        assert len(acknowledged) > 40 * KILLS
        wrong = [number for number, body in acknowledged.items() if store.body(number) != body_of(body)]
        assert wrong == []
        assert max(acknowledged) <= store.position().cursor
        # What was written and not acknowledged in time is whole too, and counted.
        kept = store.count()
        assert kept == len(store.after(0, limit=10**6).rows) >= len(acknowledged)
    check = sqlite3.connect(tmp_path / "callbacks.db")
    assert check.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert check.execute("pragma foreign_key_check").fetchall() == []
    assert check.execute("select count(*) from bodies").fetchone()[0] == kept
    check.close()
