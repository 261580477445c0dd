"""A whole server in this process, spoken to over its two real listeners."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from support import raw_http
from support.raw_http import Address, RawReply

from inspector.server import Server, background
from inspector.settings import Settings


@dataclass(slots=True)
class Inspected:
    """A running server. ``answers`` is every byte that the inspector's side ever answered through here."""

    server: Server
    token: str | None = None
    answers: bytearray = field(default_factory=bytearray)

    @property
    def inspector(self) -> Address:
        """Where page and API listen."""
        return "127.0.0.1", self.server.addresses.inspector_port

    @property
    def callbacks(self) -> Address:
        """Where callbacks go."""
        return "127.0.0.1", self.server.addresses.callback_port

    @property
    def host(self) -> str:
        """What ``Host`` says on the inspector's side."""
        return f"127.0.0.1:{self.inspector[1]}"

    def ask(
        self,
        method: str,
        target: str,
        value: object = None,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> RawReply:
        """The inspector's reply, whatever it is; *value* is sent as JSON."""
        fields = list(headers)
        if self.token is not None:
            fields.append(("Authorization", f"Bearer {self.token}"))
        if value is not None:
            fields.append(("Content-Type", "application/json"))
            body = json.dumps(value).encode()
        reply = raw_http.send(self.inspector, method, target, fields, body)
        self.answers += repr(reply.headers).encode() + reply.body
        return reply

    def get(self, target: str) -> Any:
        """The JSON at *target*."""
        return self._json(self.ask("GET", target), 200)

    def send(self, method: str, target: str, value: object = None, *, status: int = 200) -> Any:
        """Changes something, which has to be answered with *status*; the JSON of the answer, if any."""
        return self._json(self.ask(method, target, value), status)

    def deliver(
        self,
        target: str = "/",
        body: bytes = b"",
        headers: Iterable[tuple[str, str]] = (),
        method: str = "POST",
    ) -> int:
        """Sends one callback; the id of its delivery."""
        reply = raw_http.send(self.callbacks, method, target, headers, body)
        return int(reply.header("x-callback-delivery") or 0)

    def _json(self, reply: RawReply, status: int) -> Any:
        assert reply.status == status, reply
        return json.loads(reply.body) if reply.body else None


@contextmanager
def inspected(**settings: Any) -> Iterator[Inspected]:
    """A server on free ports with temporary data, for the length of the block."""
    with background(Settings(port=0, inspector_port=0, **settings)) as server:
        yield Inspected(server, server.token)


def problem(reply: RawReply, status: int) -> Any:
    """The problem that *reply* is, which has to have *status*."""
    assert reply.status == status, reply
    assert reply.header("content-type") == "application/problem+json"
    answer = json.loads(reply.body)
    assert answer["status"] == status
    assert answer.keys() >= {"type", "title", "status", "detail", "code"}
    return answer
