"""An application of the test's own behind the real wire protocol, on two real sockets."""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from support.raw_http import Address
from support.waiting import DEADLINE_SECONDS

from inspector.models import NewMalformed
from inspector.receive.wire import Wire, WireProtocol, terms
from inspector.settings import Limits


@dataclass(frozen=True, slots=True)
class Seen:
    """What the application was given of one request."""

    scope: Scope
    wire: Wire
    body: bytes
    whole: bool

    @property
    def target(self) -> bytes:
        return self.wire.target


@dataclass(slots=True)
class Recorder:
    """An application that reads every request to its end, notes it and answers 200 with the body it got.

    ``before`` is awaited before anything is read, ``before_reply`` when all is read. Without ``echo`` the
    reply is empty.
    """

    before: Callable[[], Awaitable[object]] | None = None
    before_reply: Callable[[], Awaitable[object]] | None = None
    echo: bool = True
    seen: queue.SimpleQueue[Seen] = field(default_factory=queue.SimpleQueue)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.before is not None:
            await self.before()
        body, whole = b"", False
        while not whole:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            body += message["body"]
            whole = not message["more_body"]
        self.seen.put(Seen(scope, scope["extensions"]["wire"], body, whole))
        if self.before_reply is not None:
            await self.before_reply()
        body = body if self.echo else b""
        headers = [(b"Content-Length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def next(self) -> Seen:
        """The next request that was read; waits for it."""
        return self.seen.get(timeout=DEADLINE_SECONDS)


class Gate:
    """Something an application waits for until the test opens it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def wait(self) -> None:
        await self._event.wait()

    def open(self, server: WireServer) -> None:
        """Let everybody through."""
        server.loop.call_soon_threadsafe(self._event.set)


@dataclass(frozen=True, slots=True)
class WireServer:
    """Where the application listens. ``loop`` is its event loop, ``connections`` the open ones."""

    callbacks: Address
    inspector: Address
    malformed: queue.SimpleQueue[NewMalformed]
    loop: asyncio.AbstractEventLoop
    server: uvicorn.Server

    @property
    def connections(self) -> set[WireProtocol]:
        return cast("set[WireProtocol]", self.server.server_state.connections)


@contextmanager
def wire_server(app: ASGIApp, *, loop: str = "auto", limits: Limits | None = None) -> Iterator[WireServer]:
    """*app* on a callback port and on an inspector port; *loop* is ``auto`` (uvloop) or ``asyncio``."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    callbacks, inspector = (each.getsockname() for each in sockets)
    malformed: queue.SimpleQueue[NewMalformed] = queue.SimpleQueue()
    held_to = terms(limits or Limits(), callbacks[1], inspector[1], malformed.put)
    config = uvicorn.Config(
        app,
        loop=loop,
        http=cast("type[asyncio.Protocol]", partial(WireProtocol, terms=held_to)),
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        workers=1,
        timeout_keep_alive=1,
        timeout_graceful_shutdown=2,
    )
    running: queue.SimpleQueue[asyncio.AbstractEventLoop] = queue.SimpleQueue()

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            running.put(asyncio.get_running_loop())

    server = Announcing(config)
    thread = threading.Thread(target=server.run, args=(sockets,), name="wire-server")
    thread.start()
    try:
        yield WireServer(callbacks, inspector, malformed, running.get(timeout=DEADLINE_SECONDS), server)
    finally:
        server.should_exit = True
        thread.join()


def empty(box: queue.SimpleQueue[Any]) -> None:
    """Take out what a test that failed has left."""
    while not box.empty():
        box.get_nowait()
