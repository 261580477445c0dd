"""What the wire protocol and the server use of uvicorn and h11, name by name.

uvicorn's names are not public, so an upgrade may change them: these tests say which, before anything else
fails. What to do then stands with each. Of h11 only the public interface is used, and what it accepts.
"""

from __future__ import annotations

import asyncio
import inspect
import queue
import socket
import threading

import h11
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from support.waiting import DEADLINE_SECONDS


async def never_called(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that is only there to be configured."""


def config(**changes: object) -> uvicorn.Config:
    settings = {"log_config": None, "proxy_headers": False, "workers": 1, "interface": "asgi3", "ws": "none"}
    return uvicorn.Config(never_called, **{**settings, **changes})  # type: ignore[arg-type]  # a test's own choice


class Noting(asyncio.Protocol):
    """A protocol that notes how uvicorn makes it, and does as little as a protocol may."""

    made: queue.SimpleQueue[tuple[tuple[object, ...], dict[str, object]]] = queue.SimpleQueue()

    def __init__(self, *positional: object, **named: object) -> None:
        self.made.put((positional, named))


def test_a_protocol_is_made_by_calling_what_http_was_set_to_with_these_names() -> None:
    """If this changes, so do the parameters of WireProtocol, and ``partial`` in server.py."""
    server = uvicorn.Server(config(http=Noting))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    with socket.create_connection(listening.getsockname()):
        positional, named = Noting.made.get(timeout=DEADLINE_SECONDS)
    server.should_exit = True
    thread.join()
    assert positional == ()
    assert set(named) == {"config", "server_state", "app_state", "_loop"}
    assert named["server_state"] is server.server_state


def test_a_loaded_configuration_has_the_application_as_it_was_given() -> None:
    """WireProtocol calls ``config.loaded_app``; whatever wrapped it would stand between wire and capture."""
    loaded = config()
    loaded.load()
    assert loaded.loaded_app is never_called
    assert loaded.timeout_keep_alive == 5


def test_the_server_knows_its_connections_and_tasks_by_these_sets() -> None:
    """WireProtocol enters itself and its tasks there; the server waits for both to be empty."""
    state = uvicorn.server.ServerState()
    assert (state.connections, state.tasks) == (set(), set())


def test_the_server_ends_its_connections_by_these_calls() -> None:
    """``shutdown`` is called on every connection, and nothing else is asked of one."""
    source = inspect.getsource(uvicorn.Server)
    assert (
        "for connection in list(self.server_state.connections):\n            connection.shutdown()" in source
    )
    assert source.count("connection.") == 1


def test_the_server_can_be_stopped_as_ours_is() -> None:
    """HttpServer in server.py stands on these; its docstring says what for."""
    server = uvicorn.Server(config())
    assert server.should_exit is False
    assert server._captured_signals == []
    for name in ("startup", "shutdown", "handle_exit", "capture_signals", "run"):
        assert callable(getattr(server, name)), name


HEAD = b"POST /a?b#c HTTP/1.1\r\nHost: x\r\nX-CaSe:  1 \r\n"


def event_of(head: bytes) -> h11.Request:
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(head)
    event = parser.next_event()
    assert isinstance(event, h11.Request)
    return event


def test_h11_makes_a_request_of_a_whole_head() -> None:
    """``wire.odd`` reads these attributes, as bytes."""
    request = event_of(HEAD + b"Content-Length: 2\r\n\r\n")
    assert (request.method, request.target, request.http_version) == (b"POST", b"/a?b#c", b"1.1")
    assert request.headers.raw_items() == [(b"Host", b"x"), (b"X-CaSe", b"1"), (b"Content-Length", b"2")]


@pytest.mark.parametrize(
    ("field", "meant"),
    [
        (b"Content-Length: 2\r\nContent-Length: 2", (b"content-length", b"2")),
        (b"Content-Length: 2, 2", (b"content-length", b"2")),
        (b"Transfer-Encoding: CHUNKED", (b"transfer-encoding", b"chunked")),
        (b"X: a\r\n\t b", (b"x", b"a b")),
        (b"X: a\x01b\x1b", (b"x", b"a\x01b\x1b")),
    ],
)
def test_h11_takes_what_is_odd_but_clear(field: bytes, meant: tuple[bytes, bytes]) -> None:
    """If h11 becomes stricter, such requests become malformed ones: say so in docs/wire.md."""
    assert meant in list(event_of(HEAD + field + b"\r\n\r\n").headers)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "Missing mandatory Host"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "multiple Host"),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "conflicting Content-Length"),
        (HEAD + b"Content-Length: +1\r\n\r\n", "bad Content-Length"),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "Only Transfer-Encoding"),
        (HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "multiple Transfer"),
        (HEAD + b"X : 1\r\n\r\n", "illegal header line"),
        (HEAD + b"X: \x00\r\n\r\n", "illegal header line"),
        (b"GET / HTTP/11\r\nHost: x\r\n\r\n", "illegal request line"),
    ],
)
def test_h11_says_in_these_words_what_is_wrong(head: bytes, words: str) -> None:
    """``wire.malformed`` tells causes apart by them: if they change, its table does."""
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(head)
    with pytest.raises(h11.RemoteProtocolError, match=words):
        parser.next_event()


def test_h11_takes_the_http2_preface_for_a_request() -> None:
    """Which is why ``wire.odd`` looks for it first. If h11 refuses it one day, that look can go."""
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(b"PRI * HTTP/2.0\r\n\r\n")
    assert isinstance(parser.next_event(), h11.Request)


def test_h11_ends_a_chunked_message_with_its_trailers() -> None:
    """``wire.chunks`` hands trailers that are odd to h11, behind a head that announces chunks."""
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: a\r\n b\r\n\r\n")
    assert isinstance(parser.next_event(), h11.Request)
    end = parser.next_event()
    assert isinstance(end, h11.EndOfMessage)
    assert end.headers.raw_items() == [(b"X-Sum", b"a b")]
