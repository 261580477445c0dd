"""The HTTP protocol of both listeners: uvicorn's httptools protocol, kept from changing what was sent.

Where it departs from the stock protocol, on purpose:

- Header names keep their letter case, order and repeats, and trailers stay apart from the head. They travel,
  with the target as sent, in ``scope["extensions"]["wire"]``; ``scope["headers"]`` is what ASGI wants.
- Any target is taken: ``*``, ``host:port``, a whole URL, a fragment, a query of any length.
- What has come of a body is delivered before a disconnect is, also when the sender closes early.
- A sender that closes its own side and listens on gets its reply, on the callback listener only: at the other
  one it looks just like a browser tab that went away.
- Offers to leave HTTP/1.1 (WebSocket, h2c, CONNECT) are ignored and the body behind them is read.
- Pipelined requests are all delivered, one after the other, also when the sender has gone in between. While
  one waits no more is read, and nothing at all behind a ``Connection: close``.
- A reply that is ready as a whole leaves in one write.
- Nothing is written to the log and nothing process-wide is touched.

The names used of uvicorn are pinned by ``tests/receive/test_uvicorn_contract.py``.
"""

from __future__ import annotations

import asyncio
import socket
import time
import urllib.parse
from collections import deque
from typing import Any, cast

import httptools
from uvicorn._types import HTTPScope
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from inspector.receive.cycle import Cycle, Wire

REFUSAL_SECONDS = 0.05
"""How long a half-closed connection may take to show that nobody listened to the reply."""

FRAMING = (b"content-length", b"transfer-encoding")


class CallbackProtocol(HttpToolsProtocol):
    """One connection to either listener; ``callback_port`` is the local port whose senders may half-close."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        callback_port: int,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.access_log = False
        self.callback_port = callback_port
        self.cycle: Cycle | None = None  # type: ignore[assignment]  # stock declares it non-optional and sets None too
        self.unanswered: deque[Cycle] = deque()
        self.fields: list[tuple[bytes, bytes]] = []
        self.deaf = False
        self.half_closed = False

    # Bytes in

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self.deaf:
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._read_past_offer(data[offer.args[0] :])
        except httptools.HttpParserError as error:
            self._refuse(error)

    def _read_past_offer(self, rest: bytes) -> None:
        """Read the body of a request whose offer ended the parser's work.

        An offer may be ignored (RFC 9110, 7.8). A second parser reads the body, behind a head that announces
        the same framing and offers nothing.
        """
        assert self.cycle is not None
        framing = [
            name + b": " + value + b"\r\n"
            for name, value in self.cycle.wire.headers
            if name.lower() in FRAMING
        ]
        self.parser = httptools.HttpRequestParser(BodyBehindOffer(self, self.cycle))
        self.data_received(b"POST / HTTP/1.1\r\n" + b"".join(framing) + b"\r\n" + rest)

    def _refuse(self, error: httptools.HttpParserError) -> None:
        """Stop listening to what is not HTTP; whatever was asked before is answered first."""
        self.deaf = True
        pending = self.cycle is not None and not self.cycle.response_complete
        if self.cycle is None or not pending or (self.cycle.more_body and not self._is_callback()):
            self.send_400_response("Invalid HTTP request received.")
        elif self.cycle.more_body:
            self.cycle.break_off(f"The framing of the body is broken: {error}.")
        else:
            self.cycle.keep_alive = False

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio wants a truth value, stock never gives one
        """Keep the way back open while a whole callback waits for its reply."""
        if (
            not self._is_callback()
            or self.cycle is None
            or self.cycle.response_complete
            or self.cycle.more_body
        ):
            return False
        self.half_closed = True
        self.cycle.keep_alive = True  # _close_half_closed ends the connection, once it is known who listened
        return True

    def _is_callback(self) -> bool:
        return self.server is not None and self.server[1] == self.callback_port

    def _start(self, cycle: Cycle) -> None:
        cycle.started = True
        self._start_asgi_task(cycle, self.app)

    # Parser callbacks

    def on_message_begin(self) -> None:
        self.url = b""
        self.fields = []

    def on_header(self, name: bytes, value: bytes) -> None:
        # Blanks around a value are not part of it (RFC 9110, 5.5); the parser drops leading ones only.
        self.fields.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        if self.deaf:
            return
        parser = self.parser
        head = tuple(self.fields)
        lowered = [(name.lower(), value) for name, value in head]
        expects = dict(lowered).get(b"expect", b"").lower() == b"100-continue"
        wire = Wire(self.url, head, time.time_ns(), expects, self.transport.abort)
        self.fields = wire.trailers
        version = parser.get_http_version()
        raw_path, _, query = self.url.partition(b"?")
        path = raw_path.decode("latin-1")
        self.scope = cast(
            "HTTPScope",
            {
                "type": "http",
                "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
                "http_version": version,
                "method": parser.get_method().decode("ascii"),
                "scheme": self.scheme,
                "path": urllib.parse.unquote(path) if "%" in path else path,
                "raw_path": raw_path,
                "query_string": query,
                "root_path": "",
                "headers": lowered,
                "server": self.server,
                "client": self.client,
                "extensions": {"wire": wire},
            },
        )
        self.cycle = Cycle(
            wire,
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=expects,
            keep_alive=version != "1.0" and parser.should_keep_alive() and not parser.should_upgrade(),
            on_response=self.on_response_complete,
        )
        self.unanswered.append(self.cycle)
        if len(self.unanswered) == 1:
            self._start(self.cycle)
        else:
            self.unanswered[-2].followed = True
            self.flow.pause_reading()

    def on_body(self, body: bytes) -> None:
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.more_body:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        cycle = self.cycle
        if cycle is None or cycle.response_complete or self.parser.should_upgrade():
            return
        cycle.more_body = False
        cycle.message_event.set()
        self.deaf = not cycle.keep_alive

    # The end of a reply, of a connection, of the server

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self.unanswered.popleft()
        if self.unanswered:
            self._start(self.unanswered[0])
        elif self.half_closed:
            self.loop.call_later(REFUSAL_SECONDS, self._close_half_closed)
        elif not self.transport.is_closing():
            self.flow.resume_reading()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _close_half_closed(self) -> None:
        """Close, and note whether the sender was gone altogether: only then is a reply met by a reset."""
        if self.transport.is_closing():
            return
        peer = self.transport.get_extra_info("socket")
        if self.cycle is not None and peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.cycle.wire.lose()
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        if self.half_closed and exc is not None and self.cycle is not None:
            self.cycle.wire.lose()
        waiting, self.unanswered = self.unanswered, deque()
        for cycle in waiting:
            cycle.lose()
            if not cycle.started:
                self._start(cycle)

    def shutdown(self) -> None:
        if self.unanswered and self.cycle is not None and self.cycle.more_body:
            self.cycle.break_off("The server was stopped before the body was complete.")
            self.transport.close()
        self.deaf = True
        super().shutdown()


class BodyBehindOffer:
    """Callbacks of a second parser, which passes on the body and the trailers of one request."""

    def __init__(self, protocol: CallbackProtocol, cycle: Cycle) -> None:
        self.protocol = protocol
        self.cycle = cycle
        self.in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_head and self.cycle.more_body:
            self.protocol.on_header(name, value)

    def on_headers_complete(self) -> None:
        self.in_head = False

    def on_body(self, body: bytes) -> None:
        if self.cycle.more_body:
            self.protocol.on_body(body)

    def on_message_complete(self) -> None:
        self.protocol.on_message_complete()
