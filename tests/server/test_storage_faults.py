"""A 2xx means that the callback is on disk: also when the server is killed, or the disk is full."""

from __future__ import annotations

import random
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from support.command import Command, Serving
from support.raw_http import Connection, RawReply, request_bytes
from support.waiting import until

from inspector.settings import Settings
from inspector.store import Store

KILLS = 20
SENDERS = 8


def unique_body(kill: int, sender: int, number: int) -> bytes:
    return b"%d %d %d " % (kill, sender, number) * 20


class Load:
    """Senders that post until their server is gone, and note what each was acknowledged."""

    def __init__(self, serving: Serving, kill: int) -> None:
        self.acknowledged: list[tuple[int, bytes]] = []
        self.sent = 0
        self._serving = serving
        self._kill = kill
        self._threads = [threading.Thread(target=self._post, args=(sender,)) for sender in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def _post(self, sender: int) -> None:
        number = 0
        try:
            with Connection(self._serving.address) as connection:
                while True:
                    body = unique_body(self._kill, sender, number)
                    connection.send(request_bytes(body=body))
                    reply = connection.read_reply()
                    assert reply.status == 200
                    self.acknowledged.append((number_of(reply), body))
                    number += 1
        except (EOFError, ConnectionError):
            return

    def join(self) -> None:
        for thread in self._threads:
            thread.join(10)


@contextmanager
def file_size_limit(pid: int, most_bytes: int) -> Iterator[None]:
    """No file of the process may grow beyond *most_bytes*: to SQLite that is a full disk."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def number_of(reply: RawReply) -> int:
    """The id that *reply* acknowledges."""
    return int(reply.header("x-callback-delivery") or 0)


def test_every_acknowledged_callback_survives_kill_minus_nine(command: Command) -> None:
    dice = random.Random(20_251_125)
    acknowledged: list[tuple[int, bytes]] = []
    for kill in range(KILLS):
        with command.serving("--db", "callbacks.db") as serving:
            load = Load(serving, kill)
            until(lambda load=load: len(load.acknowledged) > 20, what="the first acknowledgements")  # type: ignore[misc]
            threading.Event().wait(dice.uniform(0, 0.15))
            serving.process.send_signal(signal.SIGKILL)
            load.join()
            serving.process.wait(10)
        acknowledged += load.acknowledged
    store = Store.open(Settings(database=command.folder / "callbacks.db"))
    wrong = [number for number, body in acknowledged if store.body(number) != body]
    store.close()
    assert len(acknowledged) > 20 * KILLS
    assert len({number for number, _ in acknowledged}) == len(acknowledged)
    assert wrong == []


def test_a_full_disk_is_never_a_2xx_and_heals(command: Command) -> None:
    body = b"x" * 20_000
    with command.serving("--db", "callbacks.db") as serving:
        kept = [number_of(serving.deliver(body=body)) for _ in range(3)]
        biggest = max(path.stat().st_size for path in command.folder.glob("callbacks.db*"))
        with file_size_limit(serving.pid, biggest + 200_000):
            refused = []
            for _ in range(60):
                reply = serving.deliver(body=body)
                if reply.status == 200:
                    kept.append(number_of(reply))
                else:
                    refused.append(reply)
        assert refused
        for reply in refused:
            assert reply.status == 503
            assert reply.header("retry-after")
            assert reply.header("x-callback-delivery") is None
            assert reply.body.strip()
        healed: list[RawReply] = []

        def stored_again() -> bool:
            healed.append(serving.deliver(body=body))
            return healed[-1].status == 200

        until(stored_again, what="room again")
        kept.append(number_of(healed[-1]))
        result = serving.stop()
    assert result.code == 0
    assert "cannot be stored" in result.stderr
    assert "Traceback" not in result.stderr
    store = Store.open(Settings(database=command.folder / "callbacks.db"))
    assert sorted(row.id for row in store.newest(limit=500).rows) == sorted(kept)
    assert {store.body(number) for number in kept} == {body}
    store.close()
