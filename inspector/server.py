"""The server: two listeners, one event loop, and an end at which nothing is lost or left open.

How the end goes, and why: no connection is accepted any more, then every stream says ``bye``, so that nobody
reconnects into a server that is going; whoever does not take its last bytes within a moment is cut off; the
store closes when the loop has ended. Signals are not raised again: the process picks its own exit code.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import cast

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from inspector.errors import StorageFailed
from inspector.listeners import BACKLOG, Listener
from inspector.models import Addresses, NewMalformed
from inspector.receive.capture import CallbackApp
from inspector.receive.diagnosing import Diagnoser
from inspector.receive.receiver import Receiver
from inspector.receive.scripts import Scripts
from inspector.receive.wire import WireProtocol, terms
from inspector.settings import Settings
from inspector.store import Store
from inspector.web.app import create_app
from inspector.web.context import Context
from inspector.web.stream import Hub

KEEP_ALIVE_SECONDS = 30
ABORT_SECONDS = 0.25
"""How long connections may take to end after the server was told to."""

GRACE_SECONDS = 2
"""When uvicorn cancels what still runs; with the aborts before it, never reached unless the disk hangs."""

STREAM_BUFFER_BYTES = 128 * 1024
"""The kernel's send buffer on the inspector's side; without it a page that stops reading holds megabytes."""


class HttpServer(uvicorn.Server):
    """uvicorn's server with an end of our own: streams first, then the rest, and what hangs is cut off."""

    def __init__(self, config: uvicorn.Config, hub: Hub, scripts: Scripts) -> None:
        super().__init__(config)
        self._hub = hub
        self._scripts = scripts
        self._loop: asyncio.AbstractEventLoop | None = None
        self.on_ready: Callable[[], object] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        if self.on_ready is not None:
            self.on_ready()

    def handle_exit(self, _signal: int, _frame: FrameType | None) -> None:
        """Stop at the first signal, cut everything off at the second. Called by the signal module."""
        # Not the stock handler: it has the signal raised again after the end, and sse-starlette replaces it.
        if self.should_exit and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._abort_all)
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._scripts.close()
        self._hub.close()  # streams wake only at the next await, when nothing is accepted any more
        timer = asyncio.get_running_loop().call_later(ABORT_SECONDS, self._abort_all)
        try:
            await super().shutdown(sockets)
        finally:
            timer.cancel()

    def _abort_all(self) -> None:
        # close() would wait for a reader that does not read; only abort() ends such a connection.
        for connection in list(self.server_state.connections):
            connection.transport.abort()


class Server:
    """Callback Inspector as a whole: the store, both listeners and what stands behind them.

    ``bind`` it, then ``run`` it; ``addresses``, ``store`` and ``token`` are there in between.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.token is None and not _is_loopback(settings.inspector_host):
            settings = replace(settings, token=secrets.token_urlsafe(32))
        self.settings = settings
        self.store: Store
        self.addresses: Addresses
        self._http: HttpServer
        self._sockets: list[socket.socket]
        self._held = ExitStack()

    @property
    def token(self) -> str | None:
        """What page and API ask for: given, or generated where the inspector is not on loopback; or None."""
        return self.settings.token

    def bind(self) -> None:
        """Open the store and both listeners.

        Raises UnusableDatabase, DatabaseInUse, PortInUse, or InvalidInput for an address that is not ours;
        nothing is left open then.
        """
        settings = self.settings
        callbacks = Listener(settings.host, settings.port, "host", "port")
        inspector = Listener(
            settings.inspector_host,
            settings.inspector_port,
            "inspector_host",
            "inspector_port",
            STREAM_BUFFER_BYTES,
        )
        with ExitStack() as held:
            # The one that may take any port comes last, so that it does not take the other's.
            opened = {}
            for one in sorted((callbacks, inspector), key=lambda one: one.port == 0):
                opened[one] = one.open()
                for each in opened[one]:
                    held.callback(each.close)
            self._sockets = opened[callbacks] + opened[inspector]
            # Opened when the ports are ours, so that a busy one leaves no new file behind.
            self.store = Store.open(settings)
            held.callback(self.store.close)
            callback_port, inspector_port = (
                opened[one][0].getsockname()[1] for one in (callbacks, inspector)
            )
            self.addresses = Addresses(
                callback_url=f"http://{_url_host(settings.host)}:{callback_port}/",
                inspector_url=f"http://{_url_host(settings.inspector_host)}:{inspector_port}/",
                callback_port=callback_port,
                inspector_port=inspector_port,
            )
            self._http = self._assemble()
            self._held = held.pop_all()

    def run(self, on_ready: Callable[[], object] | None = None) -> None:
        """Serve until ``stop`` is called or, in the main thread, a signal comes; then close everything.

        *on_ready* is called in the event loop when all sockets listen.
        """
        self._http.on_ready = on_ready
        with self._http.capture_signals(), self._held:  # a signal while the store closes must not tear it
            self._http.run(self._sockets)

    def close(self) -> None:
        """Let go of what ``bind`` took, when ``run`` was never called."""
        self._held.close()

    def stop(self) -> None:
        """Let ``run`` end; from any thread, and at once."""
        self._http.should_exit = True

    def _assemble(self) -> HttpServer:
        hub = Hub(self.store, self.settings.limits.streams)
        scripts = Scripts()
        receiver = Receiver(
            self.store, self.settings, scripts, Diagnoser(self.store, self.settings.public_url)
        )
        callbacks = CallbackApp(receiver, self.settings)
        inspector = create_app(Context(self.store, self.settings, self.addresses, hub, scripts), callbacks)
        ports = self.addresses.callback_port, self.addresses.inspector_port
        protocol = partial(WireProtocol, terms=terms(self.settings.limits, *ports, self._keep_malformed))
        config = uvicorn.Config(
            by_port(self.addresses.inspector_port, inspector, callbacks),
            http=cast("type[asyncio.Protocol]", protocol),  # uvicorn only ever calls it
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,  # logging belongs to the process; silence is the protocol's
            proxy_headers=False,
            forwarded_allow_ips=[],
            server_header=False,
            date_header=False,
            workers=1,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        return HttpServer(config, hub, scripts)

    def _keep_malformed(self, new: NewMalformed) -> None:
        """Store what was no request; nobody waits for it."""
        tasks = self._http.server_state.tasks  # which the end of the server waits for
        task = asyncio.get_running_loop().create_task(self._store_malformed(new))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _store_malformed(self, new: NewMalformed) -> None:
        with suppress(StorageFailed):  # as the page says by then
            await self.store.add_malformed(new)


def by_port(inspector_port: int, inspector: ASGIApp, callbacks: ASGIApp) -> ASGIApp:
    """The outermost application: decides by the local port of the connection, which no sender can choose."""

    async def inspect(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await inspector(scope, receive, send)
        except ClientDisconnect:
            return  # gone in the middle of its own request: nobody to answer, nothing to report

    def choose(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return (inspect if scope["server"][1] == inspector_port else callbacks)(scope, receive, send)

    return choose


@contextmanager
def background(settings: Settings) -> Iterator[Server]:
    """A server that runs in a thread of this process for as long as the block lasts."""
    server = Server(settings)
    server.bind()
    ready = threading.Event()
    ended: Future[None] = Future()

    def serve() -> None:
        try:
            server.run(ready.set)
        except BaseException as failure:  # noqa: BLE001  # carried over to whoever waits for the end
            ended.set_exception(failure)
        else:
            ended.set_result(None)

    ended.add_done_callback(lambda _: ready.set())
    thread = threading.Thread(target=serve, name="callback-inspector", daemon=True)
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        ended.result()


def _is_loopback(host: str | None) -> bool:
    address = _address(host)
    return host in (None, "", "localhost") or (address is not None and address.is_loopback)


def _url_host(host: str | None) -> str:
    """How *host* stands in a URL; to the user, every address of this machine is ``localhost``."""
    address = _address(host)
    if not host or (address is not None and address.is_unspecified):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _address(host: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """*host* as an IP address, None when it is a name."""
    try:
        return ipaddress.ip_address(host or "")
    except ValueError:
        return None
