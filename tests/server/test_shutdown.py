"""Ctrl-C and SIGTERM: the server ends at once and cleanly, whoever is connected in whatever state."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.command import Command, Serving
from support.raw_http import Connection, request_bytes
from support.waiting import until

from inspector.client import Client
from inspector.settings import Settings
from inspector.store import Store

STREAMS = 20
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@pytest.fixture
def serving(command: Command) -> Iterator[Serving]:
    with command.serving("--db", "callbacks.db") as running:
        yield running


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """Connections that stay open until the test is over."""
    with ExitStack() as stack:
        yield stack


def stream(serving: Serving, opened: ExitStack, *, receive_buffer: int | None = None) -> Connection:
    """An event stream that has said hello."""
    port = Client(serving.inspector_url)._port
    connection = opened.enter_context(Connection(("127.0.0.1", port or 0)))
    if receive_buffer is not None:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.send(request_bytes("GET", "/api/stream", host=f"localhost:{port}"))
    while b"event: hello" not in connection.pending:
        connection.pending += connection.socket.recv(65536)
    return connection


def stored(folder: Path) -> Store:
    return Store.open(Settings(database=folder / "callbacks.db"))


def assert_ends_cleanly(serving: Serving, number: signal.Signals) -> None:
    started = time.monotonic()
    result = serving.stop(number)
    assert time.monotonic() - started < 5
    assert (result.code, result.stderr) == (0, "")


@SIGNALS
def test_streams_and_requests_in_flight(
    command: Command, serving: Serving, opened: ExitStack, number: signal.Signals
) -> None:
    Client(serving.inspector_url).send(
        "POST", "/api/endpoints", {"path": "/slow", "reply": {"delay_seconds": 20}}
    )
    streams = [stream(serving, opened) for _ in range(STREAMS)]
    waiting, half_sent, half_head, idle = (
        opened.enter_context(Connection(serving.address)) for _ in range(4)
    )
    waiting.send(request_bytes(target="/slow", body=b"all of it"))
    half_sent.send(request_bytes(target="/half", headers=[("Content-Length", "100")], body=b"a part"))
    half_head.send(b"POST /never HTTP/1.1\r\nHost: x\r\nX-")
    idle.send(request_bytes(target="/idle"))
    assert idle.read_reply().status == 200
    until(
        lambda: len(Client(serving.inspector_url).get("/api/deliveries")["deliveries"]) == 2, what="two rows"
    )
    assert_ends_cleanly(serving, number)
    for each in streams:
        came = each.read_to_end()
        assert came.count(b"event: bye") == 1
        assert came.endswith(b"0\r\n\r\n")
    store = stored(command.folder)
    kept = {row.path: store.delivery(row.id) for row in store.newest().rows}
    store.close()
    assert sorted(kept) == ["/half", "/idle", "/slow"]
    assert (kept["/slow"].request.body, kept["/slow"].sent.completed) == (b"all of it", False)
    assert (kept["/half"].request.body, kept["/half"].request.complete) == (b"a part", False)


@SIGNALS
def test_readers_that_do_not_read(serving: Serving, opened: ExitStack, number: signal.Signals) -> None:
    for _ in range(4):
        stream(serving, opened, receive_buffer=4096)
    with Connection(serving.address) as sender:
        for start in range(0, 1000, 100):
            target = f"/{start}-{'x' * 2000}"
            sender.send(request_bytes(target=target) * 100)
            assert {sender.read_reply().status for _ in range(100)} == {200}
    assert_ends_cleanly(serving, number)


def test_a_second_signal_ends_it_at_once(serving: Serving, opened: ExitStack) -> None:
    for _ in range(STREAMS):
        stream(serving, opened)
    serving.process.send_signal(signal.SIGINT)
    assert_ends_cleanly(serving, signal.SIGINT)


@SIGNALS
def test_what_was_acknowledged_until_the_end_is_stored(
    command: Command, serving: Serving, number: signal.Signals
) -> None:
    acknowledged: list[int] = []
    enough = threading.Event()

    def post() -> None:
        try:
            with Connection(serving.address) as connection:
                while True:
                    connection.send(request_bytes(body=b"x"))
                    acknowledged.append(int(connection.read_reply().header("x-callback-delivery") or 0))
                    if len(acknowledged) > 200:
                        enough.set()
        except (EOFError, ConnectionError):
            return

    senders = [threading.Thread(target=post) for _ in range(4)]
    for sender in senders:
        sender.start()
    assert enough.wait(10)
    assert_ends_cleanly(serving, number)
    for sender in senders:
        sender.join(10)
    store = stored(command.folder)
    assert {store.body(each) for each in acknowledged} == {b"x"}
    store.close()


def test_the_lock_and_the_ports_are_free_afterwards(command: Command, serving: Serving) -> None:
    address, port = serving.address
    with Connection((address, port)) as connection:
        connection.send(request_bytes())
        connection.read_reply()
        assert_ends_cleanly(serving, signal.SIGTERM)
    with command.serving(
        "--db", "callbacks.db", ports=("--port", str(port), "--inspector-port", "0")
    ) as again:
        assert again.deliver().header("x-callback-delivery") == "2"
