"""The names of uvicorn and httptools that the wire protocol and the server stand on.

They are not public, so an upgrade may change them: these tests say which, before anything else fails.
"""

from __future__ import annotations

import asyncio
import inspect

import httptools
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http import flow_control
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle


async def never_called(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that is only there to be configured."""


def test_a_cycle_is_made_from_these_parts() -> None:
    assert list(inspect.signature(RequestResponseCycle.__init__).parameters)[1:] == [
        "scope",
        "transport",
        "flow",
        "logger",
        "access_logger",
        "access_log",
        "default_headers",
        "message_event",
        "expect_100_continue",
        "keep_alive",
        "on_response",
    ]


def test_a_cycle_keeps_its_state_in_these_attributes() -> None:
    source = inspect.getsource(RequestResponseCycle)
    for name in (
        "body",
        "more_body",
        "disconnected",
        "keep_alive",
        "message_event",
        "response_started",
        "response_complete",
        "waiting_for_100_continue",
        "flow",
        "transport",
    ):
        assert f"self.{name} = " in source or f"self.{name}: " in source, name


def test_a_reply_ends_by_telling_the_protocol() -> None:
    source = inspect.getsource(RequestResponseCycle.send)
    assert "self.on_response()" in source
    assert source.index("self.transport.close()") < source.index("self.on_response()")


def test_the_protocol_keeps_its_state_in_these_attributes() -> None:
    config = uvicorn.Config(never_called, log_config=None, proxy_headers=False, workers=1)
    state = uvicorn.server.ServerState()

    async def make() -> HttpToolsProtocol:
        return HttpToolsProtocol(config, state, {})

    protocol = asyncio.run(make())
    for name in (
        "access_log",
        "access_logger",
        "app",
        "asgi_version",
        "client",
        "connections",
        "cycle",
        "flow",
        "headers",
        "logger",
        "loop",
        "parser",
        "pipeline",
        "scheme",
        "scope",
        "server",
        "server_state",
        "tasks",
        "timeout_keep_alive",
        "timeout_keep_alive_task",
        "transport",
    ):
        assert hasattr(protocol, name), name
    assert protocol.connections is state.connections
    assert protocol.tasks is state.tasks


@pytest.mark.parametrize(
    "name",
    [
        "_start_asgi_task",
        "_unset_keepalive_if_required",
        "connection_lost",
        "connection_made",
        "data_received",
        "eof_received",
        "on_body",
        "on_header",
        "on_headers_complete",
        "on_message_begin",
        "on_message_complete",
        "on_response_complete",
        "on_url",
        "send_400_response",
        "shutdown",
        "timeout_keep_alive_handler",
    ],
)
def test_the_protocol_has_these_methods(name: str) -> None:
    assert callable(getattr(HttpToolsProtocol, name))


def test_flow_control_pauses_and_resumes_reading() -> None:
    assert flow_control.HIGH_WATER_LIMIT == 65536
    for name in ("pause_reading", "resume_reading", "pause_writing", "resume_writing", "drain"):
        assert callable(getattr(flow_control.FlowControl, name)), name


def test_the_server_can_be_stopped_as_ours_is() -> None:
    server = uvicorn.Server(uvicorn.Config(never_called, log_config=None, workers=1))
    assert server.should_exit is False
    assert server.server_state.connections == set()
    assert server._captured_signals == []
    for name in ("startup", "shutdown", "handle_exit", "capture_signals", "run"):
        assert callable(getattr(server, name)), name


class Events:
    """Notes what the parser tells, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def on_message_begin(self) -> None:
        self.told.append("begin")

    def on_url(self, url: bytes) -> None:
        self.told.append(f"url {url.decode()}")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.told.append(f"{name.decode()}={value.decode()}")

    def on_headers_complete(self) -> None:
        self.told.append("head")

    def on_body(self, body: bytes) -> None:
        self.told.append(body.decode())

    def on_message_complete(self) -> None:
        self.told.append("end")


def test_the_parser_tells_trailers_after_the_head_and_the_target_as_it_stands() -> None:
    events = Events()
    head = b"POST /a?b#c HTTP/1.1\r\nX-Case: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
    httptools.HttpRequestParser(events).feed_data(head + b"1\r\nx\r\n0\r\nX-Trailer: 2\r\n\r\n")
    assert events.told == [
        "begin",
        "url /a?b#c",
        "X-Case=1",
        "Transfer-Encoding=chunked",
        "head",
        "x",
        "X-Trailer=2",
        "end",
    ]


def test_the_parser_stops_behind_the_head_of_an_offer_and_says_where() -> None:
    events = Events()
    parser = httptools.HttpRequestParser(events)
    head = b"POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n"
    with pytest.raises(httptools.HttpParserUpgrade) as offer:
        parser.feed_data(head + b"hi")
    assert offer.value.args[0] == len(head)
    assert parser.should_upgrade()
    assert events.told[-2:] == ["head", "end"]


def test_status_lines_are_there_for_every_status() -> None:
    assert STATUS_LINE[200] == b"HTTP/1.1 200 OK\r\n"
    assert STATUS_LINE[599] == b"HTTP/1.1 599 \r\n"
    assert set(STATUS_LINE) == set(range(100, 600))
