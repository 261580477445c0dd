"""A server in a thread: comes and goes without a trace, beside whatever else the process runs."""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from sse_starlette.sse import AppStatus
from support.raw_http import Connection, request_bytes
from support.servers import RunningServer, running_server
from support.waiting import until

CYCLES = 20


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class Stream:
    """An open event stream."""

    def __init__(self, server: RunningServer) -> None:
        self.connection = Connection(server.inspector)
        host = f"localhost:{server.inspector[1]}"
        self.connection.send(request_bytes("GET", "/api/stream", host=host))
        self.came = b""
        self.read_until(b"hello")

    def read_until(self, mark: bytes) -> None:
        while mark not in self.came:
            data = self.connection.socket.recv(65536)
            assert data, f"the stream ended before {mark!r}"
            self.came += data

    def read_to_end(self) -> bytes:
        self.came += self.connection.read_to_end()
        self.connection.socket.close()
        return self.came


def test_many_starts_and_stops_leave_nothing_open(tmp_path: Path) -> None:
    before: tuple[int, int] | None = None
    for number in range(CYCLES):
        with running_server(tmp_path) as server:
            stream = Stream(server)
            assert server.send(target=f"/{number}", body=b"x").status == 200
            stream.read_until(b"/%d" % number)
            stopping = time.monotonic()
        assert time.monotonic() - stopping < 5
        came = stream.read_to_end()
        assert b"event: bye" in came
        assert came.endswith(b"0\r\n\r\n")
        if number == 2:  # imports and caches are warm
            before = (threading.active_count(), open_files())
    assert before == (threading.active_count(), open_files())
    assert not [
        thread for thread in threading.enumerate() if "callback" in thread.name or "store" in thread.name
    ]


def test_nothing_of_the_process_is_touched(tmp_path: Path) -> None:
    loggers = [
        logging.getLogger(name) for name in (None, "uvicorn", "uvicorn.error", "uvicorn.access", "asyncio")
    ]

    def state() -> list[object]:
        handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        return [*handlers, *((log.level, log.propagate, list(log.handlers)) for log in loggers)]

    before = state()
    with running_server(tmp_path) as server:
        server.send(body=b"x")
        server.ask("GET", "/")
        assert state() == before
    assert state() == before


def test_another_server_of_the_process_may_have_been_ended_by_a_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AppStatus, "should_exit", True)  # sse-starlette never takes it back
    with running_server(tmp_path) as server:
        stream = Stream(server)
        for number in range(3):
            server.send(target=f"/{number}")
            stream.read_until(b"/%d" % number)
    assert b"event: bye" in stream.read_to_end()


def test_the_end_of_one_server_is_not_the_end_of_another(tmp_path: Path) -> None:
    with running_server(tmp_path) as staying:
        stream = Stream(staying)
        with running_server() as leaving:
            assert leaving.send().status == 200
        assert staying.send(target="/still-here").status == 200
        stream.read_until(b"/still-here")
    assert b"event: bye" in stream.read_to_end()


def test_what_was_stored_is_there_at_the_next_start(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        number = int(server.send(target="/kept", body=b"\x00\xff").header("x-callback-delivery") or 0)
    with running_server(tmp_path) as server:
        request = server.store.delivery(number).request
        assert (request.path, request.body) == ("/kept", b"\x00\xff")


def test_a_callback_cut_off_by_the_end_of_the_server_is_kept(tmp_path: Path) -> None:
    with ExitStack() as opened:
        with running_server(tmp_path) as server:
            connection = opened.enter_context(Connection(server.callbacks))
            connection.send(request_bytes(headers=[("Content-Length", "100")], body=b"some"))
            until(lambda: server.server._http.server_state.tasks, what="the request")
        assert connection.is_closed()
    with running_server(tmp_path) as server:
        delivery = server.only_delivery()
        assert (delivery.request.body, delivery.sent.completed) == (b"some", False)
        assert "stopped" in (delivery.request.incomplete_reason or "")
