"""The API's deliveries over a real socket: shapes, pages, bodies, notes, deletion, all kinds of bad input."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from support import raw_http
from support.inspected import Inspected, inspected, problem
from support.raw_http import Connection

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

SUMMARY_KEYS = [
    "id",
    "endpoint_id",
    "received_at",
    "method",
    "path",
    "content_type",
    "body_size",
    "complete",
    "verification",
    "reply_status",
    "message_id",
    "attempt",
    "client",
    "note",
    "pinned",
]
MORE_KEYS = [
    "incomplete_reason",
    "received_ns",
    "head_base64",
    "framing",
    "chunks",
    "flags",
    "http_version",
    "headers",
    "trailers",
    "query",
    "body_base64",
    "body_text",
    "reply",
    "handshake",
]


@pytest.fixture(scope="module")
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


@pytest.fixture
def endpoint(server: Inspected) -> dict[str, Any]:
    """An endpoint of the test's own, so that tests can share a server."""
    created: dict[str, Any] = server.send("POST", "/api/endpoints", {"scheme": "none"}, status=201)
    return created


def ids(page: Any) -> list[int]:
    return [delivery["id"] for delivery in page["deliveries"]]


def test_a_summary_tells_what_a_list_needs(server: Inspected, endpoint: dict[str, Any]) -> None:
    target = f"{endpoint['path']}/x?a=1"
    number = server.deliver(
        target, b'{"a": 1}', [("Content-Type", "application/json"), ("webhook-id", "m-1")]
    )
    page = server.get(f"/api/deliveries?endpoint={endpoint['id']}")
    assert list(page) == ["deliveries", "cursor", "more"]
    assert (page["cursor"], page["more"]) == (number, False)
    (summary,) = page["deliveries"]
    assert list(summary) == SUMMARY_KEYS
    assert TIME.fullmatch(summary.pop("received_at"))
    assert re.fullmatch(r"127\.0\.0\.1:\d+", summary.pop("client"))
    assert summary.pop("verification").keys() == {"status", "reason", "warned"}
    assert summary == {
        "id": number,
        "endpoint_id": endpoint["id"],
        "method": "POST",
        "path": target,
        "content_type": "application/json",
        "body_size": 8,
        "complete": True,
        "reply_status": 200,
        "message_id": "m-1",
        "attempt": 1,
        "note": "",
        "pinned": False,
    }


def test_a_whole_delivery_tells_everything_as_received(server: Inspected, endpoint: dict[str, Any]) -> None:
    headers = [
        ("X-FoO", "1"),
        ("x-foo", "\xff\xe9"),
        ("X-FOO", ""),
        ("Content-Type", "text/plain; charset=latin-1"),
    ]
    target = f"{endpoint['path']}?a=1&b=%C3%A9+x&b&=;%&&a=2"
    number = server.deliver(target, b"gr\xfc\xdfe\x00", headers)
    delivery = server.get(f"/api/deliveries/{number}")
    assert list(delivery) == [*SUMMARY_KEYS, *MORE_KEYS]
    assert delivery["http_version"] == "1.1"
    host, length = ["Host", f"127.0.0.1:{server.callbacks[1]}"], ["Content-Length", "6"]
    assert delivery["headers"] == [host, *map(list, headers), length]
    assert delivery["trailers"] == []
    assert delivery["query"] == [["a", "1"], ["b", "é x"], ["b", ""], ["", ";%"], ["a", "2"]]
    assert base64.b64decode(delivery["body_base64"]) == b"gr\xfc\xdfe\x00"
    assert delivery["body_text"] == "grüße\x00"
    reply = delivery["reply"]
    assert list(reply) == ["status", "headers", "body_base64", "sent_at", "completed", "script"]
    assert (reply["status"], reply["body_base64"], reply["completed"]) == (200, "", True)
    assert TIME.fullmatch(reply["sent_at"])
    assert delivery["verification"].keys() >= {
        "signature",
        "timestamp",
        "scheme",
        "secret",
        "cause",
        "warnings",
    }
    assert "sdk" not in delivery["verification"]


def test_blaxels_sdks_have_their_say(server: Inspected) -> None:
    created = server.send("POST", "/api/endpoints", {"scheme": "blaxel", "generate_secret": True}, status=201)
    number = server.deliver(created["path"], b"{}", [("X-Blaxel-Signature", "sha256=" + "0" * 64)])
    verification = server.get(f"/api/deliveries/{number}")["verification"]
    assert verification["sdk"] == {"python": False, "typescript": False}
    assert (verification["status"], verification["signature"]) == ("invalid", "mismatch")


def test_trailers_stand_apart_from_headers(server: Inspected, endpoint: dict[str, Any]) -> None:
    framing = [("Transfer-Encoding", "chunked"), ("Trailer", "X-Sum")]
    head = raw_http.request_bytes("POST", endpoint["path"], framing)
    raw_http.send_raw(server.callbacks, head + b"2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n")
    delivery = server.get(f"/api/deliveries/latest?endpoint={endpoint['id']}")
    assert delivery["trailers"] == [["X-Sum", "7"]]
    assert delivery["body_text"] == "hi"


def test_a_compressed_body_is_told_as_sent_and_as_meant(server: Inspected, endpoint: dict[str, Any]) -> None:
    body = gzip.compress("ünï".encode())
    server.deliver(endpoint["path"], body, [("Content-Encoding", "gzip")])
    delivery = server.get(f"/api/deliveries/latest?endpoint={endpoint['path']}")
    assert base64.b64decode(delivery["body_base64"]) == body
    assert delivery["body_text"] == "ünï"


def test_a_body_that_is_no_text(server: Inspected, endpoint: dict[str, Any]) -> None:
    number = server.deliver(endpoint["path"], b"\xff\xfe\xfd")
    assert server.get(f"/api/deliveries/{number}")["body_text"] is None


def test_a_large_body_is_left_to_its_own_address(server: Inspected, endpoint: dict[str, Any]) -> None:
    edge = b"x" * 1024 * 1024
    number = server.deliver(endpoint["path"], edge)
    assert server.get(f"/api/deliveries/{number}")["body_text"] == edge.decode()
    number = server.deliver(endpoint["path"], edge + b"y")
    delivery = server.get(f"/api/deliveries/{number}")
    assert (delivery["body_base64"], delivery["body_text"], delivery["body_size"]) == (
        None,
        None,
        len(edge) + 1,
    )
    assert server.ask("GET", f"/api/deliveries/{number}/body").body == edge + b"y"


@pytest.mark.parametrize(
    "content_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/html;x=/plain", "*/*", None]
)
def test_a_body_is_only_ever_a_download(
    server: Inspected, endpoint: dict[str, Any], content_type: str | None
) -> None:
    body = b"<script>alert(document.domain)</script>"
    number = server.deliver(endpoint["path"], body, [("Content-Type", content_type)] if content_type else [])
    reply = server.ask("GET", f"/api/deliveries/{number}/body")
    assert reply.body == body
    assert (
        dict(reply.headers).items()
        >= {
            "content-type": "application/octet-stream",
            "content-disposition": f'attachment; filename="delivery-{number}.bin"',
            "content-security-policy": "sandbox; default-src 'none'",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        }.items()
    )
    head = server.ask("HEAD", f"/api/deliveries/{number}/body")
    assert (head.status, head.header("content-length")) == (200, str(len(body)))


def test_pages_newest_first(server: Inspected, endpoint: dict[str, Any]) -> None:
    sent = [server.deliver(endpoint["path"]) for _ in range(5)]
    query = f"/api/deliveries?endpoint={endpoint['id']}&limit=2"
    first = server.get(query)
    assert (ids(first), first["more"]) == (sent[:2:-1], True)
    second = server.get(f"{query}&before={first['cursor']}")
    assert (ids(second), second["more"]) == (sent[2:0:-1], True)
    last = server.get(f"{query}&before={second['cursor']}")
    assert (ids(last), last["more"]) == (sent[:1], False)


def test_pages_oldest_first(server: Inspected, endpoint: dict[str, Any]) -> None:
    sent = [server.deliver(endpoint["path"]) for _ in range(5)]
    found, cursor, more = [], 0, True
    while more:
        page = server.get(f"/api/deliveries?endpoint={endpoint['id']}&limit=2&after={cursor}")
        found += ids(page)
        cursor, more = page["cursor"], page["more"]
    assert found == sent
    assert ids(server.get(f"/api/deliveries?endpoint={endpoint['id']}&after={sent[-1]}")) == []


def test_fifty_quick_deliveries_stand_in_order_of_arrival(
    server: Inspected, endpoint: dict[str, Any]
) -> None:
    with Connection(server.callbacks) as connection:
        for index in range(50):
            connection.send(raw_http.request_bytes("POST", endpoint["path"], body=b'{"seq":%d}' % index))
            connection.read_reply()
    listed = server.get(f"/api/deliveries?endpoint={endpoint['id']}")["deliveries"]
    bodies = [
        json.loads(server.ask("GET", f"/api/deliveries/{row['id']}/body").body)["seq"] for row in listed
    ]
    assert bodies == list(range(49, -1, -1))


def test_the_latest_delivery(server: Inspected, endpoint: dict[str, Any]) -> None:
    latest = f"/api/deliveries/latest?endpoint={endpoint['id']}"
    problem(server.ask("GET", latest), 404)
    server.deliver(endpoint["path"], b"1")
    number = server.deliver(endpoint["path"], b"2")
    assert server.get(latest)["id"] == number
    newer = server.deliver("/elsewhere")
    assert server.get(latest)["id"] == number
    assert server.get("/api/deliveries/latest")["id"] == newer


def test_a_note_and_a_pin(server: Inspected, endpoint: dict[str, Any]) -> None:
    number = server.deliver(endpoint["path"])
    url = f"/api/deliveries/{number}"
    noted = server.send("PATCH", url, {"note": "grüße\n\N{SNOWMAN}"})
    assert list(noted) == SUMMARY_KEYS
    assert (noted["note"], noted["pinned"]) == ("grüße\n\N{SNOWMAN}", False)
    assert server.send("PATCH", url, {"pinned": True})["pinned"] is True
    whole = server.get(url)
    assert (whole["note"], whole["pinned"]) == ("grüße\n\N{SNOWMAN}", True)
    assert server.send("PATCH", url, {})["pinned"] is True
    wrong = problem(server.ask("PATCH", url, {"pinned": "yes", "read": True}), 400)
    assert [error["field"] for error in wrong["errors"]] == ["pinned", "read"]


def test_deleting_one(server: Inspected, endpoint: dict[str, Any]) -> None:
    number = server.deliver(endpoint["path"])
    reply = server.ask("DELETE", f"/api/deliveries/{number}")
    assert (reply.status, reply.body) == (204, b"")
    for method in ("DELETE", "GET", "HEAD"):
        assert server.ask(method, f"/api/deliveries/{number}").status == 404
    assert problem(server.ask("GET", f"/api/deliveries/{number}/body"), 404)["code"] == "not-found"
    assert server.ask("PATCH", f"/api/deliveries/{number}", {"note": "x"}).status == 404


def test_deleting_those_of_one_endpoint_but_not_the_pinned(
    server: Inspected, endpoint: dict[str, Any]
) -> None:
    other = server.deliver("/elsewhere")
    pinned, *_ = (server.deliver(endpoint["path"]) for _ in range(3))
    server.send("PATCH", f"/api/deliveries/{pinned}", {"pinned": True})
    many = f"/api/deliveries?endpoint={endpoint['path']}"
    assert server.send("DELETE", many) == {"deleted": 2}
    assert ids(server.get(many)) == [pinned]
    assert server.send("DELETE", f"{many}&pinned=false") == {"deleted": 0}
    assert server.send("DELETE", f"{many}&pinned=true") == {"deleted": 1}
    assert server.get(f"/api/deliveries/{other}")["id"] == other


def test_deleting_everything() -> None:
    with inspected() as server:
        numbers = [server.deliver() for _ in range(3)]
        server.send("PATCH", f"/api/deliveries/{numbers[0]}", {"pinned": True})
        assert server.send("DELETE", "/api/deliveries") == {"deleted": 2}
        assert server.send("DELETE", "/api/deliveries?pinned=true") == {"deleted": 1}
        assert server.get("/api/deliveries")["deliveries"] == []
        assert server.deliver() > max(numbers)


@pytest.mark.parametrize(
    ("method", "target", "wrong"),
    [
        ("GET", "/api/deliveries?filter=status:valid", ["filter"]),
        ("DELETE", "/api/deliveries?filter=status:valid", ["filter"]),
        ("GET", "/api/deliveries/count?pinned=true", ["pinned"]),
        ("DELETE", "/api/deliveries?pinned=1", ["pinned"]),
        ("DELETE", "/api/deliveries?limit=1", ["limit"]),
        ("GET", "/api/deliveries?limit=1000000000", ["limit"]),
        ("GET", "/api/deliveries?limit=1&limit=2", ["limit"]),
        ("GET", "/api/deliveries?before=x&after=y", ["before", "after", "after"]),
        ("GET", "/api/deliveries?sort=id%3Bdrop", ["sort"]),
        ("GET", "/api/deliveries/latest?before=1", ["before"]),
        ("GET", "/api/deliveries/1?endpoint=/", ["endpoint"]),
        ("GET", "/api/deliveries/1/body?download=1", ["download"]),
        ("GET", "/api/deliveries?%FF=1", ["\N{REPLACEMENT CHARACTER}"]),
    ],
)
def test_bad_parameters_are_named(server: Inspected, method: str, target: str, wrong: list[str]) -> None:
    answer = problem(server.ask(method, target), 400)
    assert answer["code"] == "invalid-input"
    assert [error["field"] for error in answer["errors"]] == wrong
    assert all(error["message"] for error in answer["errors"])


@pytest.mark.parametrize(
    "endpoint", ["nowhere", "/not/registered", "%00", "", "'; drop table endpoints", "%F0%9F%92%A9"]
)
def test_an_unknown_endpoint_is_not_found(server: Inspected, endpoint: str) -> None:
    name = endpoint.replace(" ", "%20")
    for method, route in (("GET", ""), ("GET", "/latest"), ("DELETE", "")):
        assert (
            problem(server.ask(method, f"/api/deliveries{route}?endpoint={name}"), 404)["code"] == "not-found"
        )


@pytest.mark.parametrize(
    "number",
    [
        "0",
        "-1",
        "1e3",
        "0x1",
        "9223372036854775807",
        "9223372036854775808",
        "9" * 400,
        "1%0A",
        "%31%00",
        "x",
        "LATEST",
    ],
)
def test_what_is_no_delivery_is_not_found(server: Inspected, number: str) -> None:
    for method, route, value in (
        ("GET", "", None),
        ("GET", "/body", None),
        ("DELETE", "", None),
        ("PATCH", "", {}),
    ):
        reply = server.ask(method, f"/api/deliveries/{number}{route}", value)
        assert problem(reply, 404)["code"] == "not-found"


@pytest.mark.parametrize(
    ("method", "target", "allow"),
    [
        ("PUT", "/api/deliveries", {"GET", "HEAD", "DELETE"}),
        ("POST", "/api/deliveries/1", {"GET", "HEAD", "PATCH", "DELETE"}),
        ("OPTIONS", "/api/deliveries", {"GET", "HEAD", "DELETE"}),
        ("DELETE", "/api/stream", {"GET", "HEAD"}),
    ],
)
def test_an_address_names_the_methods_it_takes(
    server: Inspected, method: str, target: str, allow: set[str]
) -> None:
    reply = server.ask(method, target)
    assert problem(reply, 405)["code"] == "method-not-allowed"
    assert set((reply.header("allow") or "").split(", ")) == allow


@pytest.mark.parametrize(
    "target", ["/api", "/api/", "/api/nothing", "/api/deliveries/", "/api/deliveries/1/2", "//api"]
)
def test_what_is_not_there_is_not_found_and_never_redirected(server: Inspected, target: str) -> None:
    assert problem(server.ask("GET", target), 404)["code"] == "not-found"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_a_mebibyte_is_refused_while_it_is_read(server: Inspected, chunked: bool) -> None:
    size = 50 * 1024 * 1024
    framing = [("Transfer-Encoding", "chunked")] if chunked else [("Content-Length", str(size))]
    fields = [*framing, ("Content-Type", "application/json")]
    piece = b" " * 65536
    with Connection(server.inspector) as connection:
        connection.send(raw_http.request_bytes("POST", "/api/endpoints", fields, host=server.host))
        sent = 0
        try:
            while sent < size:
                connection.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
                sent += len(piece)
        except ConnectionError:
            pass
        assert sent < size
    for edge, status in ((1024 * 1024, 400), (1024 * 1024 + 1, 413)):
        body = b'{"name": "' + b"x" * (edge - 12) + b'"}'
        reply = server.ask(
            "POST", "/api/endpoints", headers=[("Content-Type", "application/json")], body=body
        )
        assert problem(reply, status)["code"] == {400: "invalid-input", 413: "body-too-large"}[status]
