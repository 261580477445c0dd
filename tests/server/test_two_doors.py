"""The callback port takes callbacks and nothing else, whatever a sender writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.raw_http import Connection, request_bytes, send, send_raw
from support.servers import RunningServer, running_server

SECRET_BODY = b"what only the page may show"

PATHS = (
    "/",
    "/deliveries/1",
    "/endpoints",
    "/login",
    "/api/deliveries",
    "/api/deliveries/latest/body",
    "/api/endpoints",
    "/api/stream",
    "/api/status",
    "/healthz",
    "/static/app.css",
    "/api/../api/deliveries",
    "/%61pi/deliveries",
    "/api%2Fdeliveries",
    "//api/deliveries",
    "/./api/deliveries",
    "/API/deliveries",
    "/api/deliveries;x",
    "/api/deliveries?limit=1",
    "/api/deliveries#x",
)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        running.send(target="/first", body=SECRET_BODY)
        yield running


def assert_captured(server: RunningServer, data: bytes, *, to_head: bool = False) -> None:
    """*data* is one more delivery, and its reply tells nothing but its number."""
    before = server.store.count()
    with Connection(server.callbacks) as connection:
        connection.send(data)
        reply = connection.read_reply(to_head=to_head)
    assert server.store.count() == before + 1
    assert server.delivery(reply).request.body in (b"", b"{}")
    assert reply.body == b""
    names = {"content-type", "x-content-type-options", "content-length", "x-callback-delivery"}
    assert {name for name, _ in reply.headers} <= names | {"connection"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_no_path_leads_to_page_or_api(server: RunningServer, method: str, path: str) -> None:
    body = b"{}" if method == "POST" else b""
    assert_captured(server, request_bytes(method, path, body=body), to_head=method == "HEAD")


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}", "localhost"])
def test_no_host_leads_to_page_or_api(server: RunningServer, host: str) -> None:
    host = host.format(port=server.inspector[1])
    assert_captured(server, request_bytes("GET", "/api/deliveries", host=host))
    assert_captured(server, request_bytes("GET", f"http://{host}/api/deliveries", host=host))


def test_no_header_leads_to_page_or_api(server: RunningServer) -> None:
    port = server.inspector[1]
    headers = [
        ("X-Forwarded-Host", f"localhost:{port}"),
        ("X-Forwarded-Port", str(port)),
        ("X-Original-URL", "/api/deliveries"),
        ("X-Rewrite-URL", "/api/deliveries"),
        ("Forwarded", f"host=localhost:{port}"),
        ("Accept", "text/event-stream"),
    ]
    assert_captured(server, request_bytes("GET", "/api/deliveries", headers))


def test_a_pipelined_request_stays_on_its_port(server: RunningServer) -> None:
    host = f"localhost:{server.inspector[1]}"
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes() + request_bytes("GET", "/api/deliveries", host=host))
        assert [connection.read_reply().body for _ in range(2)] == [b"", b""]


def test_the_inspector_keeps_nothing_of_what_it_is_asked(server: RunningServer) -> None:
    before = server.store.count()
    assert server.ask("GET", "/nothing-here").status == 404
    assert server.ask("GET", "/healthz").status == 200
    assert send(server.inspector, "POST", "/first", body=b"{}").status >= 400
    assert send_raw(server.inspector, request_bytes("GET", "/api/deliveries", host="evil.test")).status == 421
    assert server.store.count() == before


def test_both_ports_answer_on_both_loopback_addresses(server: RunningServer) -> None:
    assert send(("::1", server.callbacks[1])).status == 200
    assert send(("::1", server.inspector[1]), "GET", "/healthz").status == 200
