"""Requests that other receivers got wrong, over real sockets: what is kept of each and what is answered."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from support.raw_http import Connection, RawReply, request_bytes
from support.servers import RunningServer, running_server
from support.waiting import until

from inspector.models import Delivery

CASES = [
    json.loads(line)
    for line in Path(__file__)
    .parents[1]
    .joinpath("data", "receiving-cases.jsonl")
    .read_text("utf-8")
    .splitlines()
]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        yield running


@dataclass(frozen=True)
class Case:
    """One case and the server it is played on."""

    case: dict[str, Any]
    server: RunningServer
    hook: str

    @property
    def host(self) -> str:
        address, port = self.server.callbacks
        return f"{address}:{port}"

    def filled(self, text: str) -> str:
        return text.replace("{hook}", self.hook).replace("{host}", self.host)

    @cached_property
    def requests(self) -> list[dict[str, Any]]:
        """The requests to be sent one by one, each on a connection of its own."""
        more = [] if self.case.get("more_sent_in_raw") else self.case.get("more_requests", [])
        return [self.case["request"], *more, *self.case.get("then", [])]

    def bytes_of(self, request: dict[str, Any]) -> bytes:
        if "raw_b64" in request:
            raw = base64.b64decode(request["raw_b64"]).decode("latin-1")
            return self.filled(raw).encode("latin-1")
        headers = [(name, self.shifted(name, value)) for name, value in request["headers"]]
        return request_bytes(
            request["method"], self.filled(request["path"]), headers, body_of(request), host=self.host
        )

    def shifted(self, name: str, value: str) -> str:
        """A timestamp as far from now as it was from the case's own clock."""
        if name.lower().endswith("timestamp") and "clock" in self.case:
            return str(int(value) - self.case["clock"]["now"] + int(time.time()))
        return value

    def deliveries(self) -> list[Delivery]:
        """What was stored of this case, oldest first."""
        rows = reversed(self.server.store.newest(limit=20).rows)
        return [self.server.store.delivery(row.id) for row in rows if row.path.startswith(self.hook)]


def body_of(request: dict[str, Any]) -> bytes:
    if "body_gen" not in request:
        return base64.b64decode(request["body_b64"])
    parts = request["body_gen"]["parts"]
    return b"".join(base64.b64decode(part) * (times[0] if times else 1) for _, part, *times in parts)


def send_whole(connection: Connection, data: bytes, _: bytes) -> RawReply | None:
    connection.send(data)
    return connection.read_reply()


def wait_for_the_word(connection: Connection, data: bytes, body: bytes) -> RawReply | None:
    connection.send(data)
    assert connection.read_line() == b"HTTP/1.1 100 Continue"
    assert connection.read_line() == b""
    connection.send(body)
    return connection.read_reply()


def close_without_reading(connection: Connection, data: bytes, _: bytes) -> RawReply | None:
    connection.send(data)
    connection.socket.close()
    return None


def send_byte_by_byte(connection: Connection, data: bytes, _: bytes) -> RawReply | None:
    connection.send_in_pieces(data, 1)
    return connection.read_reply()


WAYS: dict[str, Callable[[Connection, bytes, bytes], RawReply | None]] = {
    "wire-expect-100": wait_for_the_word,
    "wire-partial-body": close_without_reading,
    "wire-slow-bytes": send_byte_by_byte,
}


def register(server: RunningServer, path: str, setup: dict[str, Any]) -> None:
    """An endpoint as the case sets it up."""
    respond = setup.get("respond", {})
    wanted: dict[str, Any] = {
        "path": path,
        "scheme": setup.get("scheme", "auto"),
        "reject_invalid": setup.get("reject_invalid", False),
        "cors": setup.get("cors", False),
        "reply": {
            "status": respond.get("status", 200),
            "headers": respond.get("headers", []),
            "body_base64": respond.get("body_b64", ""),
            "delay_seconds": respond.get("delay_ms", 0) / 1000,
        },
    }
    if "secrets" in setup:
        (wanted["secret"],) = setup["secrets"]
    server.client.send("POST", "/api/endpoints", wanted)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(server: RunningServer, case: dict[str, Any]) -> None:
    played = Case(case, server, f"/{case['id']}")
    setup = case.get("setup", {})
    if "endpoint" in setup:
        register(server, played.hook, setup["endpoint"])
    if "second_endpoint" in setup:
        register(server, f"/second-{case['id']}", setup["second_endpoint"])
    way = WAYS.get(case["id"], send_whole)
    started = time.monotonic()
    replies = []
    for request in played.requests:
        with Connection(server.callbacks) as connection:
            replies.append(way(connection, played.bytes_of(request), body_of(request)))
        way = send_whole
    if replies[0] is not None:
        assert_answered(case, replies[0])
        if delay_ms := setup.get("endpoint", {}).get("respond", {}).get("delay_ms"):
            assert 0 <= time.monotonic() - started - delay_ms / 1000 < 5
    assert_kept(case, played)


def assert_answered(case: dict[str, Any], reply: RawReply) -> None:
    wanted = case["expect_status"]
    assert reply.status in (wanted if isinstance(wanted, list) else [wanted])
    expected = case.get("expect_response", {})
    for name, value in expected.get("headers", []):
        assert reply.header(name) == value
    assert set(expected.get("headers_present", [])) <= {name for name, _ in reply.headers}
    if "body_b64" in expected:
        assert reply.body == base64.b64decode(expected["body_b64"])


def assert_kept(case: dict[str, Any], played: Case) -> None:
    stored = case["stored"] if isinstance(case["stored"], list) else [case["stored"]]
    expected = case.get("expect_count", len(played.requests))
    if "incomplete" in stored:
        kept = until(
            lambda: [one for one in played.deliveries() if not one.request.complete], what="the part"
        )
        assert len(kept) == 1
        assert kept[0].request.incomplete_reason
        return
    if False in stored and not played.deliveries():
        return
    until(lambda: len(played.deliveries()) >= expected, what="all deliveries")
    deliveries = played.deliveries()
    assert len(deliveries) == expected
    first = deliveries[0].request
    assert first.complete
    assert (first.method, first.path.startswith(played.hook)) == (case["request"]["method"], True)
    if "expect_body" in case:
        found = {"length": len(first.body), "sha256": hashlib.sha256(first.body).hexdigest()}
        assert found == case["expect_body"]
    if "expect_raw_target" in case:
        assert first.path == played.filled(case["expect_raw_target"])
    for name, value in case.get("expect_headers", []):
        pairs = [(key.lower().decode(), value.decode("latin-1")) for key, value in first.headers]
        assert (name, value) in pairs
    if "expect_headers" in case:
        names = {name for name, _ in case["expect_headers"]}
        kept_pairs = [[key.lower().decode(), value.decode()] for key, value in first.headers]
        assert [pair for pair in kept_pairs if pair[0] in names] == case["expect_headers"]
    assert len(first.headers) >= case.get("expect_headers_count_min", 0)
    if "verification" in case:
        judged = deliveries[0].verification
        assert (judged.scheme, judged.status) == (
            case["verification"]["scheme"],
            case["verification"]["overall"],
        )
        assert judged.signature == case["verification"]["signature"]
        assert judged.timestamp == case["verification"]["timestamp"]
