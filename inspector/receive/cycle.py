"""One request and its reply on a connection, and what the wire tells of it that ASGI has no word for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from inspector.models import HeaderPairs


@dataclass(slots=True, eq=False)
class Wire:
    """What the wire tells of one request and ASGI has no word for.

    ``trailers`` and ``broken`` (a sentence: why the body cannot become whole) are final once the body has
    ended. ``waits_for_word`` says that the sender sends no body before it is told to go on, ``gone`` that it
    will not get a reply. ``abort`` drops the connection and its buffers.
    """

    target: bytes
    headers: HeaderPairs
    received_ns: int
    waits_for_word: bool
    abort: Callable[[], None]
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)
    broken: str | None = None
    gone: bool = False
    _tell: Callable[[], None] | None = None

    def when_gone(self, tell: Callable[[], None]) -> None:
        """Call *tell* once, now or later, if the sender goes away before it has the reply."""
        if self.gone:
            tell()
        else:
            self._tell = tell

    def lose(self) -> None:
        """Note that the sender will not get a reply."""
        if not self.gone:
            self.gone = True
            if self._tell is not None:
                self._tell()


class Cycle(RequestResponseCycle):
    """One request and its reply; bytes that have come are delivered first, whatever happened since."""

    def __init__(self, wire: Wire, **stock: Any) -> None:
        super().__init__(**stock)
        self.wire = wire
        self.end_told = False
        self.started = False
        self.followed = False  # by a request that waits until this one is answered
        self.start: HTTPResponseStartEvent | None = None

    def lose(self) -> None:
        """The connection is lost: nothing more comes, nothing more can be sent."""
        self.disconnected = True
        self.wire.lose()
        self.message_event.set()

    def break_off(self, reason: str) -> None:
        """The rest of the body cannot be read, but the sender can still be answered."""
        self.wire.broken = reason
        self.keep_alive = False
        self.message_event.set()

    async def send(self, message: ASGISendEvent) -> None:
        """Send a whole reply in one write: it halves the packets, and a sixth of the time goes into them."""
        if message["type"] == "http.response.start" and not self.response_started:
            self.start = message
            return
        start, self.start = self.start, None
        if start is not None:
            whole = self._whole_reply(start, message)
            if whole is not None:
                await self._send_whole(whole)
                return
            await super().send(start)
        await super().send(message)

    def _whole_reply(self, start: HTTPResponseStartEvent, message: ASGISendEvent) -> bytes | None:
        """The bytes of a reply that is all here and framed by its length; None leaves it to stock code."""
        if message["type"] != "http.response.body" or message.get("more_body"):
            return None
        body, length = message["body"], None
        lines = [STATUS_LINE[start["status"]]]
        for name, value in (*self.default_headers, *start.get("headers", ())):
            key = name.lower()
            if key == b"content-length":
                length = value
            elif key in (b"connection", b"transfer-encoding"):
                return None
            lines.append(b"%s: %s\r\n" % (name, value))
        if length is None or int(length) != len(body):
            return None
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        head = b"".join(lines)
        if not head.count(b"\r") == head.count(b"\n") == len(lines) or b"\0" in head:
            return None  # which refuses it
        return head + b"\r\n" + (b"" if self.scope["method"] == "HEAD" else body)

    async def _send_whole(self, reply: bytes) -> None:
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.message_event.set()
        self.transport.write(reply)
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    async def receive(self) -> ASGIReceiveEvent:
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = self.wire.waits_for_word = False
        while not self.body and (self.more_body or self.end_told):
            if self.disconnected or self.response_complete or self.wire.broken:
                return {"type": "http.disconnect"}
            self._read_on()
            await self.message_event.wait()
            self.message_event.clear()
        body, self.body = bytes(self.body), bytearray()
        self.end_told = not self.more_body
        self._read_on()  # also behind the end: it is how a sender that goes away is noticed
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    def _read_on(self) -> None:
        if not self.followed:
            self.flow.resume_reading()
