"""What senders really send, odd or not: shown exactly, found by filter, exported and imported exactly."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from support.raw_http import Connection
from support.relay import Relay, relay
from support.servers import RunningServer, running_server

H2C = (
    # What java.net.http.HttpClient sends first, since it prefers HTTP/2.
    b"POST /java HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 8\r\nHost: h\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n"
    b"User-Agent: Java-http-client/17.0.9\r\nContent-Type: application/json\r\n\r\n"
)
TRAILED = b"PUT /trailers HTTP/1.1\r\nHost: h\r\nTrailer: X-Sum, X-sum\r\nTransfer-Encoding: chunked\r\n\r\n"
CASED = (
    b"POST /cased HTTP/1.1\r\nhOST: h\r\nX-oDd: one\r\nx-odd:two\r\nX-ODD:   three  \r\nX-E: \xff\xfe\r\n"
    b"content-LENGTH: 2\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as bytes, and what is to be known of it; *found_by* is a filter that means it."""

    head: bytes
    wire_body: bytes
    body: bytes
    method: str
    path: str
    found_by: str
    framing: str = "content-length"
    chunks: int = 0
    trailers: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()
    version: str = "1.1"


BY_HAND = {
    "h2c": Sent(
        H2C, b'{"a": 1}', b'{"a": 1}', "POST", "/java", "header.upgrade:h2c json.a:1", flags=("upgrade",)
    ),
    "trailers": Sent(
        TRAILED,
        b"5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-Sum: 1\r\nX-sum: \xe9\r\n\r\n",
        b"hello world",
        "PUT",
        "/trailers",
        'body:"hello world" method:PUT',
        framing="chunked",
        chunks=3,
        trailers=(("X-Sum", "1"), ("X-sum", "\xe9")),
    ),
    "case": Sent(
        CASED, b"ok", b"ok", "POST", "/cased", "header.X-Odd:three path:/cased", flags=("non-ascii",)
    ),
    "lower-case": Sent(
        b"post /lower HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
        b"",
        b"",
        "post",
        "/lower",
        "path:/lower",
    ),
    "unknown method": Sent(
        b"X-CALL_back! /m HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n",
        b"1",
        b"1",
        "X-CALL_back!",
        "/m",
        "method:x-call_back!",
    ),
    "escapes": Sent(
        b"POST /a%0Ab%2F..%2fc//d?x=%0A&y=a+b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
        b"",
        b"",
        "POST",
        "/a%0Ab%2F..%2fc//d?x=%0A&y=a+b",
        'path:/a%0Ab%2F..%2fc//d* query.y:"a b"',
    ),
    "HTTP/1.0": Sent(
        b"POST /old HTTP/1.0\r\nContent-Length: 3\r\n\r\n",
        b"old",
        b"old",
        "POST",
        "/old",
        "path:/old body:old",
        flags=("http-1.0",),
        version="1.0",
    ),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("as-it-came")) as running:
        yield running


@pytest.fixture
def between(server: RunningServer) -> Iterator[Relay]:
    """A relay that hears what a sender really sends."""
    with relay() as made:
        made.target = server.callbacks
        yield made


def check(server: RunningServer, number: int, sent: Sent) -> dict[str, Any]:
    """That the delivery is known exactly as it was *sent*, by API, filter, page and exports."""
    client = server.client
    whole = client.get(f"/api/deliveries/{number}")
    assert base64.b64decode(whole["head_base64"]) == sent.head
    assert base64.b64decode(whole["body_base64"]) == sent.body
    assert (whole["method"], whole["path"], whole["http_version"]) == (sent.method, sent.path, sent.version)
    lines = sent.head.split(b"\r\n")[1:-2]
    fields = [[part.decode("latin-1") for part in line.split(b":", 1)] for line in lines]
    assert whole["headers"] == [[name, value.strip(" ")] for name, value in fields]
    assert (whole["framing"], whole["chunks"]) == (sent.framing, sent.chunks)
    assert whole["trailers"] == [list(pair) for pair in sent.trailers]
    assert (whole["complete"], whole["incomplete_reason"]) == (True, None)
    assert set(sent.flags) <= set(whole["flags"])
    assert whole["received_ns"] // 1000 == server.store.delivery(number).request.received_ns // 1000

    found = client.get("/api/deliveries", q=sent.found_by)["deliveries"]
    assert number in [row["id"] for row in found]
    others = client.get("/api/deliveries", q=f"{sent.found_by} -id:{number}")["deliveries"]
    assert number not in [row["id"] for row in others]

    page = server.ask("GET", f"/deliveries/{number}?tab=wire&view=hex").body.decode()
    assert sent.head[:8].hex(" ") in page

    raw = client.read(f"/api/deliveries/{number}/export/http")
    assert raw.startswith(sent.head)
    if sent.framing == "chunked":
        ends = b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in sent.trailers)
        assert raw == sent.head + b"%x\r\n%b\r\n0\r\n%b\r\n" % (len(sent.body), sent.body, ends)
    else:
        assert raw == sent.head + sent.wire_body
    # The exported message, sent again, is the same request once more.
    with Connection(server.callbacks) as again:
        again.send(raw)
        other = int(again.read_reply().header("x-callback-delivery") or 0)
    twin = client.get(f"/api/deliveries/{other}")
    for name in ("head_base64", "body_base64", "headers", "trailers", "framing", "path", "method"):
        assert twin[name] == whole[name], name

    for form in ("jsonl", "har"):
        archive = client.download("/api/export", format=form, q=f"id:{number}")[0]
        outcome = client.upload("POST", "/api/import", archive, "application/json")
        imported = client.get(f"/api/deliveries/{outcome['first_id']}")
        for name in (*twin_names(whole), "chunks", "received_ns", "flags"):
            assert imported[name] == whole[name], (form, name)
    return whole


def twin_names(whole: dict[str, Any]) -> list[str]:
    """The fields that are of the request itself."""
    own = {"id", "verification", "reply", "reply_status", "attempt", "message_id", "handshake"}
    return [name for name in whole if name not in own]


@pytest.mark.parametrize("name", BY_HAND)
def test_what_was_written_by_hand(server: RunningServer, name: str) -> None:
    sent = BY_HAND[name]
    with Connection(server.callbacks) as connection:
        connection.send(sent.head + sent.wire_body)
        reply = connection.read_reply()
    assert reply.status == 200
    check(server, int(reply.header("x-callback-delivery") or 0), sent)


def curl(between: Relay, path: str, *arguments: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
    """Sends with curl; the delivery's id, and head and rest of what curl really sent."""
    between.heard.clear()
    command = ["curl", "-sS", "--path-as-is", "-D", "-", "-o", "/dev/null", "--max-time", "20", *arguments]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{between.port}{path}"], input=given, capture_output=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    fields = dict(line.split(": ", 1) for line in done.stdout.decode().splitlines() if ": " in line)
    head, _, rest = bytes(between.heard).partition(b"\r\n\r\n")
    return int(fields["X-Callback-Delivery"]), head + b"\r\n\r\n", rest


def count_chunks(body: bytes) -> int:
    """How many chunks *body* has, the last one, which is empty, left out."""
    size, _, rest = body.partition(b"\r\n")
    length = int(size, 16)
    return 1 + count_chunks(rest[length + 2 :]) if length else 0


def test_curl_from_a_pipe_is_chunked(server: RunningServer, between: Relay) -> None:
    number, head, rest = curl(between, "/pipe", "-T", "-", given=b"x" * 100_000 + b"\0end")
    assert b"Transfer-Encoding: chunked" in head
    whole = server.client.get(f"/api/deliveries/{number}")
    assert whole["chunks"] == count_chunks(rest) > 1
    sent = Sent(
        head, rest, b"x" * 100_000 + b"\0end", "PUT", "/pipe", "path:/pipe", "chunked", chunks=whole["chunks"]
    )
    check(server, number, sent)


def test_curl_that_waits_to_be_told_to_go_on(server: RunningServer, between: Relay) -> None:
    number, head, rest = curl(between, "/wait", "-H", "Expect: 100-continue", "-d", "@-", given=b"patience")
    assert rest == b"patience"
    flags = ("expect-100-continue",)
    check(server, number, Sent(head, rest, rest, "POST", "/wait", "header.expect:100-continue", flags=flags))


def test_curl_with_the_old_version(server: RunningServer, between: Relay) -> None:
    number, head, rest = curl(between, "/old/curl", "-0", "-d", "a=1")
    assert head.startswith(b"POST /old/curl HTTP/1.0\r\n")
    sent = Sent(head, rest, b"a=1", "POST", "/old/curl", "path:/old/curl", flags=("http-1.0",), version="1.0")
    check(server, number, sent)


@pytest.mark.parametrize("method", ["get", "Purge", "CALL-BACK"])
def test_curl_with_any_method(server: RunningServer, between: Relay, method: str) -> None:
    path = f"/method/{quote(method)}?a=%2F%0A"
    number, head, rest = curl(between, path, "-X", method, "--data-binary", "x")
    check(server, number, Sent(head, rest, b"x", method, path, f'path:"{path}"'))


def test_curl_with_repeated_headers_in_odd_case(server: RunningServer, between: Relay) -> None:
    names = ["-H", "x-ODD: 1", "-H", "X-odd: 2", "-H", "x-odd: 3", "-H", "X-Empty;"]
    number, head, rest = curl(between, "/names", *names, "-d", "b")
    assert head.count(b"dd: ") + head.count(b"DD: ") == 3
    check(server, number, Sent(head, rest, b"b", "POST", "/names", "header.x-odd:2 header.x-empty"))
