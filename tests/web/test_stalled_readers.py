"""A reader that stops reading: it loses its connection, and holds up nothing."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from support import raw_http
from support.raw_http import Connection
from support.stored import add
from support.waiting import until
from support.wire_server import wire_server

from inspector.models import Addresses
from inspector.settings import Settings
from inspector.store import Store
from inspector.web.app import create_app
from inspector.web.context import Context
from inspector.web.stream import Hub

LONG_TARGET = "/" + "x" * 60_000


class Later:
    """Hands on to an application that is made when the port is known."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def test_a_reader_that_stalls_is_cut_off_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    later = Later()
    settings = Settings()
    with Store.open(settings) as store, caplog.at_level(logging.WARNING), wire_server(later) as server:
        port = server.inspector[1]
        hub = Hub(store, send_timeout_seconds=0.5)
        addresses = Addresses("http://localhost:1/", f"http://localhost:{port}/", 1, port)
        later.app = create_app(Context(store, settings, addresses, hub))
        asyncio.run(add(store, 200, LONG_TARGET))
        request = raw_http.request_bytes("GET", "/api/stream?after=0", host=f"127.0.0.1:{port}")
        with socket.socket() as stalled, Connection(server.inspector) as attentive:
            stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stalled.connect(server.inspector)
            stalled.sendall(request)
            attentive.send(request)
            received = bytearray()

            def read() -> None:
                while b"\nid: 201\n" not in received[-len(LONG_TARGET) * 2 :]:
                    received.extend(attentive.socket.recv(65536))

            reader = threading.Thread(target=read)
            reader.start()
            until(lambda: hub.open_streams == 2, what="both streams")
            # What was written before fills every buffer; only what is written next has to wait.
            until(lambda: b"\nid: 200\n" in received[-len(LONG_TARGET) * 2 :], what="the attentive reader")
            asyncio.run(add(store, 1))
            until(lambda: hub.open_streams == 1, what="the end of the stalled stream")
            reader.join()
            until(lambda: len(server.connections) == 1, what="the end of its connection")
        server.loop.call_soon_threadsafe(hub.close)
    assert not caplog.records
