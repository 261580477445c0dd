"""What other sites, names, ports and tunnels get of a running server, over its real sockets: nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import raw_http
from support.inspected import Inspected, inspected
from support.raw_http import RawReply

SECRET = "captured-text-7c1f"

Headers = list[tuple[str, str]]


@pytest.fixture(scope="module")
def server() -> Iterator[Inspected]:
    with inspected() as running:
        running.deliver(f"/{SECRET}", SECRET.encode(), [("X-Captured", SECRET)])
        yield running


TARGETS = (
    "/",
    "/api/deliveries",
    "/api/stream?after=0",
    "/deliveries/1",
    "/api/deliveries/1/body",
    "/%61pi/deliveries",
)


def refused(reply: RawReply, *statuses: int) -> None:
    assert reply.status in statuses
    assert SECRET.encode() not in reply.body
    assert not [name for name, _ in reply.headers if name.startswith("access-control-")]


def raw(server: Inspected, target: str, lines: list[str], method: str = "GET") -> RawReply:
    """The reply to a request whose header is exactly *lines*."""
    head = "".join(f"{line}\r\n" for line in lines)
    data = f"{method} {target} HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode("latin-1")
    return raw_http.send_raw(server.inspector, data)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "evil.test:{port}",
        "localhost.evil:{port}",
        "localhost:1@evil",
        "0.0.0.0:{port}",
        "127.1:{port}",
        "localhost",
        "localhost:{callback_port}",
        "\xff",
        "",
    ],
)
def test_a_name_that_is_not_ours(server: Inspected, target: str, host: str) -> None:
    named = host.format(port=server.inspector[1], callback_port=server.callbacks[1])
    refused(raw(server, target, [f"Host: {named}"]), 421, 400)


@pytest.mark.parametrize("target", TARGETS)
def test_two_hosts_or_none(server: Inspected, target: str) -> None:
    own = f"Host: {server.host}"
    refused(raw(server, target, [own, own]), 421, 400)
    refused(raw(server, target, [own, "Host: evil.test"]), 421, 400)
    refused(raw(server, target, ["Host: evil.test", own]), 421, 400)
    refused(raw(server, target, ["X: 1"]), 421, 400)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "foreign",
    [
        [("X-Forwarded-For", "6.6.6.6")],
        [("CF-Ray", "1")],
        [("Ngrok-Trace-Id", "1")],
        [("Via", "1.1 tunnel")],
        [("Origin", "http://evil.test")],
        [("Origin", "http://localhost:3000")],
        [("Origin", "null")],
        [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "script")],
        [("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty")],
        [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")],
    ],
)
def test_another_site_or_a_tunnel(server: Inspected, target: str, foreign: Headers) -> None:
    refused(raw_http.send(server.inspector, "GET", target, foreign), 403)


@pytest.mark.parametrize(
    "foreign",
    [
        [("Origin", "http://evil.test"), ("Sec-Fetch-Site", "cross-site")],
        [("Origin", "null"), ("Sec-Fetch-Site", "cross-site")],
        [("Origin", "http://localhost:3000"), ("Sec-Fetch-Site", "same-site")],
        [("Sec-Fetch-Site", "none")],
        [],
    ],
)
def test_a_foreign_form_changes_nothing(server: Inspected, foreign: Headers) -> None:
    form = [("Content-Type", "application/x-www-form-urlencoded"), *foreign]
    text = [("Content-Type", "text/plain"), *foreign]
    before = server.get("/api/endpoints"), server.get("/api/deliveries")
    for target in ("/endpoints", "/api/endpoints", "/deliveries/1/delete"):
        for fields in (form, text):
            refused(
                raw_http.send(server.inspector, "POST", target, fields, b'{"path":"/x","a":"="}'), 403, 415
            )
    assert (server.get("/api/endpoints"), server.get("/api/deliveries")) == before


def test_our_own_page_and_programs_are_let_in(server: Inspected) -> None:
    own = [("Origin", f"http://{server.host}"), ("Sec-Fetch-Site", "same-origin")]
    assert raw_http.send(server.inspector, "POST", "/api/endpoints", own).status == 201
    for host in ("localhost", "127.0.0.1", "[::1]"):
        named = f"Host: {host}:{server.inspector[1]}"
        assert SECRET.encode() in raw(server, "/api/deliveries", [named]).body
    followed = [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "document"),
    ]
    assert SECRET.encode() in raw_http.send(server.inspector, "GET", "/", followed).body


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/api/deliveries",
        "/%61pi/deliveries",
        "//api/deliveries",
        "/x/../api/deliveries",
        "/api/stream",
        "/login",
        "/healthz",
        "/metrics",
        "/static/app.js",
        "/api/openapi.json",
        "http://localhost/api/deliveries",
    ],
)
def test_the_callback_port_has_no_page_and_no_api(server: Inspected, target: str) -> None:
    for host in (f"127.0.0.1:{server.callbacks[1]}", server.host, "localhost"):
        data = f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        reply = raw_http.send_raw(server.callbacks, data)
        assert (reply.status, reply.body) == (200, b"")
        assert reply.header("x-callback-delivery")
