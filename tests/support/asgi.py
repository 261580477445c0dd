"""An ASGI application asked directly, with a head that no HTTP client would send."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message
from support.raw_http import RawReply


@dataclass(slots=True)
class Ask:
    """Requests to *app*. What it reads of a body comes in *piece_bytes* pieces; ``read_bytes`` counts it."""

    app: ASGIApp
    host: str | None = "localhost:2256"
    piece_bytes: int = 65536
    read_bytes: int = 0

    def __call__(
        self,
        method: str = "GET",
        target: str = "/",
        fields: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        **scope: Any,
    ) -> RawReply:
        """The reply to one request; *scope* replaces parts of the ASGI scope."""
        path, _, query = target.partition("?")
        whole: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": [
                (name.lower().encode(), value.encode("latin-1"))
                for name, value in (("host", self.host), *fields)
                if value is not None
            ],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 2256),
            "extensions": {},
        }
        return asyncio.run(self._run(whole | scope, body))

    async def _run(self, scope: dict[str, Any], body: bytes) -> RawReply:
        sent: list[Message] = []
        pieces = [body[start : start + self.piece_bytes] for start in range(0, len(body), self.piece_bytes)]
        self.read_bytes = 0

        async def receive() -> Message:
            piece = pieces.pop(0) if pieces else b""
            self.read_bytes += len(piece)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = sent[0]
        return RawReply(
            start["status"],
            [(name.decode().lower(), value.decode("latin-1")) for name, value in start["headers"]],
            b"".join(message.get("body", b"") for message in sent[1:]),
        )
