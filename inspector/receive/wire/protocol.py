"""The gate: one connection to either listener, from its first byte to its last."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
import urllib.parse
from contextlib import suppress
from enum import Enum
from typing import Any, cast

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.server import ServerState

from inspector.models import Framing, NewMalformed
from inspector.receive.wire import malformed
from inspector.receive.wire.chunks import Chunks
from inspector.receive.wire.cycle import HELD_BYTES, Cycle
from inspector.receive.wire.flow import Flow
from inspector.receive.wire.heads import Heads
from inspector.receive.wire.lingering import Gathering, Lingering
from inspector.receive.wire.malformed import Malformed
from inspector.receive.wire.record import Wire
from inspector.receive.wire.terms import Terms
from inspector.receive.wire.watch import Watch

ASGI = {"version": "3.0", "spec_version": "2.3"}

NOBODY = ("", 0)
"""The address of a sender that is gone before it is seen."""

GONE_IN_HEAD = "The sender went away in the middle of the head."

REFUSAL_SECONDS = 0.05
"""How long a half-closed connection may take to show that nobody listened to the reply."""

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: the connection ends with a reset."""


class Phase(Enum):
    """What the next bytes on a connection are."""

    HEAD = "head"  # of a request, also when none has come yet
    BODY = "body"
    REPLY = "reply"  # behind the request that is being answered
    DEAF = "deaf"  # of no interest any more


HEAD, BODY, REPLY, DEAF = Phase


class WireProtocol(asyncio.Protocol):
    """One connection; made by uvicorn, which is why the parameters are called as they are."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002  # what uvicorn hands to every protocol
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        terms: Terms,
    ) -> None:
        self.app = config.loaded_app
        self.loop = _loop or asyncio.get_running_loop()
        self.terms = terms
        self.idle_seconds = config.timeout_keep_alive
        self.connections = cast("set[WireProtocol]", server_state.connections)
        self.tasks = server_state.tasks
        self.phase = HEAD
        self.heads = Heads(terms.limits.head_bytes)
        self.cycle: Cycle | None = None
        self.chunks: Chunks | None = None
        self.lingering: Lingering | None = None
        self.missing_bytes = 0  # of a body whose length is known
        self.kept = b""  # of requests behind the one that is being answered
        self.pipelined = False
        self.half_closed = False
        self.farewell: asyncio.TimerHandle | None = None
        self.lost = False

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are not derived from it
        self.flow = Flow(self.transport, self.loop)
        self.server = transport.get_extra_info("sockname")[:2]
        self.client = (transport.get_extra_info("peername") or NOBODY)[:2]
        host, port = self.client
        self.sender = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.port = self.terms.ports[self.server[1]]
        self.port.connections += 1
        self.connections.add(self)
        self.watch = Watch(self)
        if self.port.connections > self.port.most_connections:
            self.phase = DEAF
            self.write(malformed.refusal(503, "Too many connections at once. Try again."))
            self.close()
        else:
            self.watch.look()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.port.connections -= 1
        self.connections.discard(self)
        self.watch.stop()
        self.flow.resume_writing()
        if self.heads.came:
            self._refuse(0, GONE_IN_HEAD)
        if self.lingering is not None:
            self.lingering.end()
        if self.farewell is not None:
            self.farewell.cancel()
        cycle = self.cycle
        if cycle is not None and (not cycle.complete or (self.half_closed and exc is not None)):
            cycle.lose()

    def eof_received(self) -> bool:
        """Keep the way back open while a whole callback waits for its reply."""
        if self.heads.came:
            self._refuse(400, "The sender closed the connection in the middle of the head.")
        if self.lingering is not None:
            self.lingering.end()
        self.half_closed = self.phase is REPLY and self.port.for_callbacks
        return self.half_closed

    def pause_writing(self) -> None:
        self.flow.pause_writing()

    def resume_writing(self) -> None:
        self.flow.resume_writing()

    def shutdown(self) -> None:
        """End, as uvicorn asks when the server stops: what is owed is sent, nothing new is begun."""
        cycle = self.cycle
        self.kept = b""
        self.heads.came.clear()
        if self.phase is BODY:
            self._break_off("The server was stopped before the body was complete.", 503)
            self.close()
        elif cycle is None or cycle.complete:
            self.close()
        else:
            cycle.keeps_open = False

    def seconds_left(self) -> float | None:
        """How long the sender has until a deadline passes; None while none is set."""
        limits, watch, now = self.terms.limits, self.watch, self.flow.clock()
        if self.lost:
            return None
        if self.phase is HEAD:
            idle = self.cycle is not None and not self.heads.came
            return watch.since + (self.idle_seconds if idle else limits.head_seconds) - now
        if self.phase is BODY:
            moved_on = watch.last_byte + limits.body_idle_seconds
            return min(moved_on, watch.since + limits.request_seconds) - now
        if self.transport.is_closing():
            return watch.since + self.idle_seconds - now
        return None

    def expire(self) -> None:
        """A deadline has passed."""
        limits, watch = self.terms.limits, self.watch
        if self.phase is BODY:
            if watch.since + limits.request_seconds <= watch.last_byte + limits.body_idle_seconds:
                reason = f"The request was not complete after {limits.request_seconds:g} seconds."
            else:
                reason = f"No byte of the body came for {limits.body_idle_seconds:g} seconds."
            self._break_off(reason, 408)
        elif self.heads.came:
            self._refuse(408, f"The head was not complete after {limits.head_seconds:g} seconds.")
        elif self.flow.is_read():
            watch.since = self.flow.clock()
            watch.look()
        elif self.transport.get_write_buffer_size():
            self.abort()
        else:
            self.close()

    # Bytes in

    def data_received(self, data: bytes) -> None:
        phase = self.phase
        if phase is HEAD:
            self._read_head(data)
        elif phase is BODY:
            self._read_body(data)
        elif phase is REPLY:
            self._keep(data)
        elif self.lingering is not None:
            self.lingering.take(data)

    def _read_head(self, data: bytes) -> None:
        """Begin a request if *data* makes its head whole."""
        begun = bool(self.heads.came)
        try:
            request = self.heads.take(data)
        except Malformed as wrong:
            self._refuse(wrong.status, wrong.reason)
            return
        if not begun and (self.heads.came or request is not None):  # with blank lines alone nothing begins
            self.watch.since = self.flow.clock()
        if request is None:
            self.watch.look()
        else:
            self._begin(*request)

    def _begin(self, wire: Wire, rest: bytes) -> None:
        """Start the application on a request whose head is whole; *rest* is what came behind the head."""
        wire.arrive(self, self.sender, time.time_ns())
        if self.pipelined:
            wire.flags.append("pipelined")
            self.pipelined = False
        cycle = self.cycle = Cycle(self, wire, self._scope(wire))
        if self.lost:
            cycle.lose()
        if wire.framing is Framing.NONE:
            self._end_message(rest)
        else:
            self.phase = BODY
            self.chunks = Chunks() if wire.framing is Framing.CHUNKED else None
            self.missing_bytes = wire.length or 0
            self._read_body(rest)
        cycle.task = self.loop.create_task(cycle.run(self.app))
        self.tasks.add(cycle.task)

    def _scope(self, wire: Wire) -> Scope:
        raw_path, _, query = wire.target.partition(b"?")
        path = raw_path.decode("latin-1")
        return {
            "type": "http",
            "asgi": ASGI,
            "http_version": wire.version,
            "method": wire.method,
            "scheme": "http",
            "path": urllib.parse.unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": wire.lowered,
            "server": self.server,
            "client": self.client,
            "extensions": {"wire": wire},
        }

    def _read_body(self, data: bytes) -> None:
        """Hand *data* on as body, as far as it is."""
        cycle, chunks = self.cycle, self.chunks
        assert cycle is not None
        if chunks is not None:
            body = chunks.feed(data)
            if body:
                cycle.take(body)
            chunks.describe(cycle.wire)
            if chunks.broken is not None:
                self._break_off(f"The framing of the body is broken. {chunks.broken}", 400)
            elif chunks.done:
                self._end_message(chunks.rest)
        elif len(data) < self.missing_bytes:
            self.missing_bytes -= len(data)
            if data:
                cycle.take(data)
        else:
            if self.missing_bytes:
                cycle.take(data[: self.missing_bytes])
            self._end_message(data[self.missing_bytes :])
        if self.phase is BODY:
            self.watch.last_byte = self.flow.clock()
            self.watch.look()
            if cycle.held_bytes > HELD_BYTES:
                self.flow.pause_reading()

    def _end_message(self, rest: bytes) -> None:
        """The request is whole; *rest* came behind it."""
        assert self.cycle is not None
        self.phase = REPLY
        self.cycle.end()
        if rest:
            self._keep(rest)

    def _keep(self, data: bytes) -> None:
        """Keep what comes behind a request until that is answered, and read no more meanwhile."""
        assert self.cycle is not None
        if self.cycle.keeps_open:
            self.kept += data
            self.flow.pause_reading()

    def _break_off(self, reason: str, status: int) -> None:
        """Give the body up; the application is told why, and still answers."""
        assert self.cycle is not None
        self.phase = DEAF
        self.flow.pause_reading()
        self.cycle.break_off(reason, status)
        if not self.port.for_callbacks:
            if not self.cycle.started:
                self.write(malformed.refusal(status, reason))
            self.cycle.lose()
            self._listen_out()

    def _refuse(self, status: int, reason: str) -> None:
        """Give the connection up: what came of a head is no request. A *status* of 0 is not sent."""
        came = bytes(self.heads.came)
        now_ns = time.time_ns()

        def note(raw: bytes, size: int) -> None:
            why = (malformed.foreign(raw) if status == 400 else None) or reason  # now that more has come
            new = NewMalformed(now_ns, self.sender, self.server[1], raw, size, why, status)
            self.terms.keep_malformed(new)

        self.phase = DEAF
        self.heads.came.clear()
        self.lingering = Gathering(self.loop, self.close, came, note)
        if status:
            self.write(malformed.refusal(status, reason))

    # Bytes out

    def read_on(self) -> None:
        """The application waits for what comes next."""
        if not self.kept and self.phase is not DEAF and not self.lost:
            self.flow.resume_reading()

    def write(self, data: bytes) -> None:
        """Write *data*, unless nobody is there."""
        if not self.lost:
            self.transport.write(data)

    async def can_write(self) -> bool:
        """Whether somebody is there to write to, and reads, once the send buffer has room."""
        await self.flow.drain(self.idle_seconds)
        if self.transport.is_closing():
            await asyncio.sleep(0)  # nothing else makes an application wait that goes on and on
            return False
        return True

    def answered(self, cycle: Cycle) -> None:
        """A reply is written: go on with the next request, or end."""
        if self.phase is not REPLY:
            self._listen_out()
        elif self.half_closed:
            self.farewell = self.loop.call_later(REFUSAL_SECONDS, self._close_half_closed)
        elif cycle.keeps_open:
            self._go_on()
        else:
            self.close()

    def ended(self, cycle: Cycle) -> None:
        """The application has done with a request."""
        self.tasks.discard(cycle.task)
        if self.lost and cycle is self.cycle and self.kept:
            self._go_on()

    def _go_on(self) -> None:
        """Read the next request, from what is kept first."""
        data, self.kept = self.kept, b""
        self.phase = HEAD
        self.watch.since = self.flow.clock()
        if data:
            self.pipelined = True
            self._read_head(data)
            self.pipelined = bool(self.heads.came)
            if self.lost:
                self._cut_off()
        if not self.kept:
            self.read_on()
        self.watch.look()

    def _cut_off(self) -> None:
        """Nothing more comes: give up what was kept of a request and is not whole."""
        if self.heads.came:
            self._refuse(0, GONE_IN_HEAD)
        if self.lingering is not None:
            self.lingering.end()

    def _listen_out(self) -> None:
        """A reply came before the request was whole: end, but not so that the reply is lost."""
        self.phase = DEAF
        self.lingering = Lingering(self.loop, self.close)
        if not self.transport.is_closing():
            with suppress(OSError):  # reset meanwhile, as reading on will tell
                self.transport.write_eof()
        self.flow.resume_reading()

    def _close_half_closed(self) -> None:
        """Close, and note whether the sender was gone altogether: only then is a reply met by a reset."""
        assert self.cycle is not None
        peer = self.transport.get_extra_info("socket")
        if peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.cycle.wire.lose()
        self.close()

    def write_raw(self, data: bytes) -> None:
        """Write *data* in place of a reply."""
        self.write(data)

    def close(self) -> None:
        """Close when everything is written, though not for a sender that never reads it.

        What is kept is not begun.
        """
        self.kept = b""
        self.phase = DEAF
        self.flow.resume_reading()  # with which the clock goes on
        self.watch.since = self.flow.clock()
        self.transport.close()
        self.watch.look()

    def abort(self) -> None:
        """Drop the connection and what is not written yet."""
        self.kept = b""
        self.transport.abort()

    def reset(self) -> None:
        """Drop the connection so that the sender sees a reset."""
        if not self.lost:
            peer = self.transport.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.abort()
