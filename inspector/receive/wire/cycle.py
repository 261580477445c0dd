"""One request and its reply on a connection, as an ASGI application sees them."""

from __future__ import annotations

import asyncio
import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Scope

from inspector.receive.wire.record import Wire

if TYPE_CHECKING:
    from inspector.receive.wire.protocol import WireProtocol

LOG = logging.getLogger(__name__)

HELD_BYTES = 64 * 1024
"""When so many bytes wait for the application, reading pauses."""

PHRASES = {status.value: status.phrase for status in HTTPStatus}
STATUS_LINES = {
    status: f"HTTP/1.1 {status} {PHRASES.get(status, '')}\r\n".encode("ascii") for status in range(200, 600)
}

FIELD_LINES = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]++: [\t\x20-\x7e\x80-\xff]*+\r\n)*+")

WITHOUT_BODY = (204, 304)

FAILED = "Internal Server Error"

GONE: Message = {"type": "http.disconnect"}


class Cycle:
    """One request and its reply; bytes that have come are delivered first, whatever happened since.

    ``more_body`` says that the message is not whole yet, ``lost`` that the connection is, ``complete`` that
    the reply is written. ``keeps_open`` is whether the connection may be used again.
    """

    __slots__ = (
        "_chunked",
        "_connection",
        "_end_told",
        "_left",
        "_news",
        "_pieces",
        "_scope",
        "_start",
        "complete",
        "held_bytes",
        "keeps_open",
        "lost",
        "more_body",
        "started",
        "task",
        "wire",
    )

    task: asyncio.Task[None]

    def __init__(self, connection: WireProtocol, wire: Wire, scope: Scope) -> None:
        self.wire = wire
        self.keeps_open = wire.keeps_open
        self.more_body = True
        self.held_bytes = 0
        self.lost = False
        self.started = False
        self.complete = False
        self._connection = connection
        self._scope = scope
        self._pieces: list[bytes] = []
        self._end_told = False
        self._news: asyncio.Event | None = None
        self._start: Message | None = None
        self._chunked = False
        self._left: int | None = None  # bytes of the reply's body, where they were announced

    # What the connection tells

    def take(self, piece: bytes) -> None:
        """Keep *piece* of the body for the application."""
        self._pieces.append(piece)
        self.held_bytes += len(piece)
        self.wake()

    def end(self) -> None:
        """The message is whole."""
        self.more_body = False
        self.wake()

    def break_off(self, reason: str, status: int) -> None:
        """The rest of the body cannot be read, but the sender can still be answered."""
        self.wire.broken = reason
        self.wire.broken_status = status
        self.keeps_open = False
        self.wake()

    def lose(self) -> None:
        """The connection is lost: nothing more comes, nothing more can be sent."""
        self.lost = True
        self.wire.lose()
        self.wake()

    def wake(self) -> None:
        """Let the application look again, if it waits."""
        if self._news is not None:
            self._news.set()

    async def run(self, app: ASGIApp) -> None:
        """Let *app* answer; nobody is left without a reply because it failed to."""
        try:
            await app(self._scope, self.receive, self.send)
        except asyncio.CancelledError:
            self._connection.abort()
            raise
        except Exception as error:  # an application may fail in any way; its sender is told so
            LOG.error("Exception in ASGI application", exc_info=error)
            await self._make_up(500, FAILED)
        else:
            if self.wire.broken is None:
                await self._make_up(500, FAILED)
            else:
                await self._make_up(self.wire.broken_status, self.wire.broken)
        finally:
            self._connection.ended(self)

    async def _make_up(self, status: int, sentence: str) -> None:
        """Say *sentence* in place of a reply that was not begun; end the connection on one that was."""
        if self.complete or self.lost or self.wire.answered_raw:
            return
        if self.started:
            self._connection.abort()
            return
        self.keeps_open = False
        self._start = None
        body = sentence.encode()
        fields = [(b"Content-Type", b"text/plain; charset=utf-8"), (b"Content-Length", b"%d" % len(body))]
        await self.send({"type": "http.response.start", "status": status, "headers": fields})
        await self.send({"type": "http.response.body", "body": body})

    # What the application calls

    async def receive(self) -> Message:
        """The next part of the body, then word that the sender is gone or was answered."""
        if self.wire.waits_for_word:
            self._give_word()
        while not self._pieces and (self.more_body or self._end_told):
            if self.lost or self.complete or self.wire.broken is not None:
                return GONE
            self._connection.read_on()
            if self._news is None:
                self._news = asyncio.Event()
            await self._news.wait()
            self._news.clear()
        pieces = self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._pieces = []
        self.held_bytes = 0
        self._end_told = not self.more_body
        self._connection.read_on()  # also behind the end: it is how a sender that goes away is noticed
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    def _give_word(self) -> None:
        """Tell the sender to go on, unless it already has."""
        self.wire.waits_for_word = False
        if not self.lost and self.more_body and not self._pieces:
            self._connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    async def send(self, message: Message) -> None:
        """Write the reply; its head waits for the body's first part, so that a whole reply is one write."""
        start, kind = self._start, message["type"]
        if start is None and kind == "http.response.start":
            self._start = message
            return
        if start is None or kind != "http.response.body" or self.complete:
            raise RuntimeError(f"{kind} is out of place in the reply.")
        if not await self._connection.can_write() or self.lost:
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        written = b""
        if not self.started:
            written = self._head(start, None if more else len(body))
        written += self._framed(body, more=more)
        self.started = True
        self.complete = not more
        self._connection.write(written)
        if self.complete:
            self.wake()
            self._connection.answered(self)

    def _head(self, start: Message, size: int | None) -> bytes:
        """The reply's head. *size* is the body's where it is known."""
        status = start["status"]
        fields = start.get("headers", ())
        length: int | None = None
        says_close = False
        lines = [b"%s: %s\r\n" % (name, value) for name, value in fields]
        for name, value in fields:
            key = name.lower()
            if key == b"content-length":
                length = int(value)
            elif key == b"connection":
                says_close = b"close" in value.lower()
        if self.more_body or says_close:
            self.keeps_open = False
        bodyless = self.wire.method == "HEAD" or status in WITHOUT_BODY
        chunked = length is None and not bodyless
        if chunked and self.wire.version == "1.0":
            chunked = self.keeps_open = False
        if chunked:
            lines.append(b"Transfer-Encoding: chunked\r\n")
        if not self.keeps_open and not says_close:
            lines.append(b"Connection: close\r\n")
        text = b"".join(lines)
        if not FIELD_LINES.fullmatch(text) or text.count(b"\n") != len(lines):
            raise RuntimeError("A header field of the reply has a character that does not belong there.")
        if size is not None and length is not None and size != length and not bodyless:
            raise RuntimeError(f"A reply of {size} bytes that announces {length}.")
        self._chunked = chunked
        self._left = 0 if bodyless else length
        return STATUS_LINES[status] + text + b"\r\n"

    def _framed(self, body: bytes, *, more: bool) -> bytes:
        """*body* as it is written."""
        if self._chunked:
            chunk = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
            return chunk if more else chunk + b"0\r\n\r\n"
        if self.wire.method == "HEAD":
            return b""
        if self._left is not None:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("The body of the reply is not as long as announced.")
        return body
