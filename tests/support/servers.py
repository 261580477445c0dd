"""A real server in a thread of the test's process, on free ports, with a database of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from support import raw_http
from support.raw_http import Address, RawReply
from support.waiting import until

from inspector.client import Client
from inspector.models import Delivery
from inspector.server import Server, background
from inspector.settings import Settings
from inspector.store import Store

DATABASE_NAME = "callbacks.db"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that runs, and how to reach it."""

    server: Server

    @property
    def callbacks(self) -> Address:
        """Where callbacks go, on IPv4."""
        return "127.0.0.1", self.server.addresses.callback_port

    @property
    def inspector(self) -> Address:
        """Where page and API are, on IPv4."""
        return "127.0.0.1", self.server.addresses.inspector_port

    @property
    def store(self) -> Store:
        return self.server.store

    @property
    def client(self) -> Client:
        """A client of its API, with its token."""
        return Client(self.server.addresses.inspector_url, self.server.token)

    def send(
        self,
        method: str = "POST",
        target: str = "/",
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> RawReply:
        """Send one callback and return its reply."""
        return raw_http.send(self.callbacks, method, target, headers, body)

    def ask(
        self, method: str = "GET", target: str = "/", headers: Iterable[tuple[str, str]] = ()
    ) -> RawReply:
        """Send one request to page or API."""
        return raw_http.send(self.inspector, method, target, headers)

    def delivery(self, reply: RawReply) -> Delivery:
        """The delivery that *reply* names."""
        return self.store.delivery(int(reply.header("x-callback-delivery") or 0))

    def only_delivery(self) -> Delivery:
        """The one delivery there is; waits for it."""
        until(self.store.count, what="a delivery")
        page = self.store.newest()
        assert len(page.rows) == 1
        return self.store.delivery(page.rows[0].id)


@contextmanager
def running_server(folder: Path | None = None, **changes: Any) -> Iterator[RunningServer]:
    """A server with its database in *folder* (None: temporary data) and *changes* to the settings."""
    database = None if folder is None else folder / DATABASE_NAME
    environ = MappingProxyType(changes.pop("environ", {}))
    settings = Settings(database=database, port=0, inspector_port=0, environ=environ, **changes)
    with background(settings) as server:
        yield RunningServer(server)
