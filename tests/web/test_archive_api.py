"""Exports and imports over a real socket: every format, masked; archives out and in; parts of a body."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import raw_http
from support.deliveries import KEEP_ALL, add_all, new_delivery
from support.inspected import Inspected, inspected, problem
from support.raw_http import Connection
from support.requests import receiver
from support.searched import ids, q

from inspector.settings import Limits
from inspector.signing import sign

FORMATS = ("curl", "httpie", "python", "http", "har", "jsonl", "pytest")
SECRET = "s3cret-s3cret-s3cret-s3cret-s3cr"
CREDENTIALS = [("Authorization", "Bearer canary-1"), ("Cookie", "session=canary-2")]
JSON_TYPE = ("Content-Type", "application/json")


@pytest.fixture
def server() -> Iterator[Inspected]:
    with inspected(retention=KEEP_ALL) as running:
        yield running


def post_archive(server: Inspected, data: bytes, status: int = 201) -> Any:
    reply = server.ask("POST", "/api/import", headers=[JSON_TYPE], body=data)
    assert reply.status == status, reply
    return json.loads(reply.body)


@pytest.mark.parametrize("form", FORMATS)
def test_a_delivery_in_every_format_is_a_masked_download(server: Inspected, form: str) -> None:
    number = server.deliver("/hook?token=canary-3&a=1", b'{"a": 1}', [*CREDENTIALS, JSON_TYPE])
    reply = server.ask("GET", f"/api/deliveries/{number}/export/{form}")
    assert reply.status == 200
    assert b"canary" not in reply.body
    assert (reply.header("content-disposition") or "").startswith('attachment; filename="')
    assert reply.header("content-security-policy") == "sandbox; default-src 'none'"
    if form != "pytest":
        masked = json.loads(reply.header("x-callback-masked") or "")
        assert masked == ["query token", "header Authorization", "header Cookie session"]
        shown = server.ask("GET", f"/api/deliveries/{number}/export/{form}?reveal=true")
        assert all(f"canary-{n}".encode() in shown.body for n in (1, 2, 3))
        assert shown.header("x-callback-masked") == "[]"


def test_an_exported_python_program_sends_the_same_again(server: Inspected, tmp_path: Path) -> None:
    body = b'\x00\xff"quotes" \n$HOME'
    number = server.deliver("/hook?a=%20", body, [("X-A", "1"), ("x-a", "2")])
    with receiver() as (url, received):
        program = server.ask("GET", f"/api/deliveries/{number}/export/python").body.decode()
        program = program.replace(f"{server.callbacks[1]}", url.rpartition(":")[2])
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=20)
    assert received.request_line == b"POST /hook?a=%20 HTTP/1.1"
    assert received.body == body
    assert [pair for pair in received.headers if pair[0].lower() == b"x-a"] == [
        (b"X-A", b"1"),
        (b"x-a", b"2"),
    ]


def test_formats_and_deliveries_that_are_none(server: Inspected) -> None:
    number = server.deliver()
    wrong = problem(server.ask("GET", f"/api/deliveries/{number}/export/pdf"), 400)
    assert wrong["errors"][0]["field"] == "format"
    assert "curl" in wrong["detail"]
    problem(server.ask("GET", "/api/deliveries/999/export/curl"), 404)
    problem(server.ask("GET", f"/api/deliveries/{number}/export/curl?reveal=1"), 400)
    problem(server.ask("GET", f"/api/deliveries/{number}/export/curl?format=x"), 400)
    for query in ("", "?format=curl", "?format=", "?format=har&limit=1", "?format=har&reveal=yes"):
        problem(server.ask("GET", f"/api/export{query}"), 400)
    problem(server.ask("GET", "/api/export?format=har&endpoint=/nowhere"), 404)


def test_hostile_names_stay_inside_the_list_of_what_was_masked(server: Inspected) -> None:
    number = server.deliver(
        f"/?token%0d%0aX-Evil:=1&{'x' * 5000}_token=1", b"", [("X-Sec\xe9-Token", "t")] * 0
    )
    reply = server.ask("GET", f"/api/deliveries/{number}/export/curl")
    masked = json.loads(reply.header("x-callback-masked") or "")
    assert len(masked) == 1
    assert len(masked[0]) == 200
    many = "&".join(f"token-{n}=1" for n in range(300))
    number = server.deliver(f"/?{many}")
    reply = server.ask("GET", f"/api/deliveries/{number}/export/curl")
    masked = json.loads(reply.header("x-callback-masked") or "")
    assert masked[-1] == "and 250 more"


@pytest.mark.parametrize("form", ["har", "jsonl"])
def test_what_is_exported_can_be_imported_as_it_was(server: Inspected, form: str) -> None:
    server.send(
        "POST", "/api/endpoints", {"path": "/signed", "scheme": "blaxel", "secret": SECRET}, status=201
    )
    body = b'{"n": 1.0, "\xff": 0}'
    signed = sign(body, SECRET)
    numbers = [
        server.deliver("/signed/x?a=%2F", body, [("X-FoO", "1"), ("x-foo", "\xe9"), *signed]),
        server.deliver("/signed", b"wrong", signed, method="PUT"),
        server.deliver("/elsewhere", b"", CREDENTIALS),
    ]
    server.send("PATCH", f"/api/deliveries/{numbers[0]}", {"note": "grüße\n\N{SNOWMAN}", "pinned": True})
    exported = server.ask("GET", f"/api/export?format={form}&reveal=true")
    assert exported.header("content-disposition") == f'attachment; filename="callbacks.{form}"'
    assert (server.ask("HEAD", f"/api/export?format={form}").status, exported.status) == (200, 200)
    before = [server.get(f"/api/deliveries/{number}") for number in numbers]
    server.send("DELETE", "/api/deliveries?pinned=true")

    outcome = post_archive(server, exported.body)
    last = outcome["last_id"]
    assert outcome == {"imported": 3, "first_id": last - 2, "last_id": last}
    after = [server.get(f"/api/deliveries/{number}") for number in range(last - 2, last + 1)]
    for old, new in zip(before, after, strict=True):
        for name in ("received_at", "method", "path", "headers", "trailers", "body_base64", "note", "pinned"):
            assert old[name] == new[name], name
        for name in ("endpoint_id", "http_version", "client", "verification", "message_id"):
            assert old[name] == new[name], name
        assert new["reply"]["completed"] is False
        assert new["reply"]["sent_at"] is None
    assert [one["verification"]["status"] for one in after] == ["valid", "invalid", "unconfigured"]
    assert server.get("/api/deliveries/count?q=pinned:yes")["count"] == 1


def test_an_import_is_judged_as_of_its_arrival(server: Inspected) -> None:
    endpoint = server.send("POST", "/api/endpoints", {"path": "/late", "scheme": "blaxel"}, status=201)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    line = {
        "method": "POST",
        "path": "/late",
        "received_at": (long_ago + timedelta(seconds=5)).isoformat(),
        "headers": [list(pair) for pair in sign(b"{}", SECRET, timestamp=long_ago.timestamp())],
        "body_base64": base64.b64encode(b"{}").decode(),
    }
    data = json.dumps(line).encode()
    outcome = post_archive(server, data)
    before = server.get(f"/api/deliveries/{outcome['first_id']}")["verification"]
    server.send("POST", f"/api/endpoints/{endpoint['id']}/secrets", {"secret": SECRET}, status=201)
    outcome = post_archive(server, data)
    after = server.get(f"/api/deliveries/{outcome['first_id']}")["verification"]
    assert (before["status"], after["status"]) == ("unconfigured", "valid")
    assert after["age_seconds"] == 5
    assert ids(server.get(f"/api/deliveries?{q('before:2020-01-02')}")) == [outcome["first_id"], 1]


def test_a_masked_archive_says_so_and_stays_masked(server: Inspected) -> None:
    server.deliver("/hook?token=canary-3", b"{}", CREDENTIALS)
    for form in ("har", "jsonl"):
        exported = server.ask("GET", f"/api/export?format={form}").body
        assert b"canary" not in exported
        assert b'"masked": ["token", "Authorization", "Cookie session"]' in exported
    number = post_archive(server, exported)["first_id"]
    assert server.get(f"/api/deliveries/{number}")["path"] == "/hook?token=[masked]"


def test_an_export_of_what_a_filter_means(server: Inspected) -> None:
    server.send("POST", "/api/endpoints", {"path": "/mine"}, status=201)
    wanted = [server.deliver("/mine", b"needle"), server.deliver("/mine/2", b"a needle")]
    server.deliver("/mine", b"hay")
    server.deliver("/other", b"needle")
    lines = server.ask("GET", f"/api/export?format=jsonl&endpoint=/mine&{q('needle')}").body.splitlines()
    assert [json.loads(line)["id"] for line in lines] == wanted
    har = json.loads(server.ask("GET", f"/api/export?format=har&{q('nowhere')}").body)
    assert har["log"]["entries"] == []
    assert post_archive(server, json.dumps(har).encode()) == {
        "imported": 0,
        "first_id": None,
        "last_id": None,
    }
    assert server.ask("GET", f"/api/export?format=jsonl&{q('nowhere')}").body == b""


GOOD = '{"method":"POST","path":"/","received_at":"2026-01-01T00:00:00Z"'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "neither a HAR file nor JSON Lines"),
        (b"\xff\xfe", "neither a HAR file nor JSON Lines"),
        (f"{GOOD}}}\n{GOOD}".encode(), "line 2"),
        (f'{GOOD}}}\n{{"method":"POST"}}'.encode(), "line 2: path must be a string"),
        (f'{GOOD},"method":"P OST"}}'.encode(), "delivery 1: its method"),
        (f'{GOOD},"path":"/a b"}}'.encode(), "delivery 1: its path"),
        (f'{GOOD},"path":""}}'.encode(), "delivery 1: its path"),
        (f'{GOOD},"headers":[["A","1\\r\\nB: 2"]]}}'.encode(), "a header has characters"),
        (f'{GOOD},"headers":[["A:","1"]]}}'.encode(), "a header has characters"),
        (f'{GOOD},"received_at":"1969-12-31"}}'.encode(), "before 1970"),
        (f'{GOOD},"received_at":"9999-12-31"}}'.encode(), "after 2262"),
        (f'{GOOD},"note":"{"x" * 10_001}"}}'.encode(), "its note is longer"),
        (f'{GOOD},"client":"{"x" * 301}"}}'.encode(), "its client is longer"),
        (b'{"log": {"entries": [{}', "entry 1"),
        (b'{"log": {"entries": [' + b"[" * 100_000, "entry 1"),
        (b'{"a":' * 100_000, "line 1"),
    ],
)
def test_of_a_file_with_a_mistake_nothing_is_imported(server: Inspected, data: bytes, words: str) -> None:
    kept = server.get("/api/status")["cursor"]
    answer = post_archive(server, data, 400)
    assert answer["errors"][0]["field"] == "file"
    assert words in answer["detail"]
    assert server.get("/api/status")["cursor"] == kept


def test_an_import_may_be_longer_than_other_bodies_but_not_without_end() -> None:
    limits = Limits(body_bytes=1024, import_bytes=3 * 1024 * 1024)
    with inspected(limits=limits, retention=KEEP_ALL) as server:
        body = base64.b64encode(b"x" * 1_500_000).decode()
        line = f'{GOOD},"body_base64":"{body}"}}\n'.encode()
        number = post_archive(server, line.ljust(limits.import_bytes))["first_id"]
        assert server.get(f"/api/deliveries/{number}")["body_size"] == 1_500_000
        # One byte too many: of more than that some would be unread when the connection is closed.
        padded = line.ljust(limits.import_bytes + 1)
        too_long = server.ask("POST", "/api/import", headers=[JSON_TYPE], body=padded)
        assert problem(too_long, 413)["code"] == "body-too-large"
        problem(server.ask("POST", "/api/import?x=1", headers=[JSON_TYPE], body=line), 400)
        problem(server.ask("POST", "/api/import", headers=[("Content-Type", "text/plain")], body=line), 415)


def test_a_long_export_needs_little_memory(server: Inspected) -> None:
    """Ten thousand deliveries, 30 MB of text, while no more than a few pieces of it are ever held."""
    asyncio.run(add_all(server.server.store, [new_delivery(b"x" * 2000) for _ in range(10_000)]))
    received = lines = 0
    with Connection(server.inspector, timeout_seconds=60) as connection:
        tracemalloc.start()
        try:
            connection.send(
                raw_http.request_bytes("GET", "/api/export?format=jsonl", host=server.host, body=b"")
            )
            connection.read_head()
            while size := int(connection.read_line(), 16):
                chunk = connection._read_exactly(size)
                assert connection.read_line() == b""
                received, lines = received + size, lines + chunk.count(b"\n")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert lines == 10_000
    assert received > 30_000_000
    assert peak < 8_000_000


def test_callbacks_are_taken_in_during_an_export_and_an_import(server: Inspected) -> None:
    asyncio.run(add_all(server.server.store, [new_delivery(b"x" * 2000) for _ in range(500)]))
    with Connection(server.inspector) as connection:
        connection.send(raw_http.request_bytes("GET", "/api/export?format=har", host=server.host))
        assert connection.read_head()[0] == 200
        assert server.deliver() > 500
        archive = json.loads(connection._read_chunks())
    # What came meanwhile is not part of it.
    assert len(archive["log"]["entries"]) == 500
    assert post_archive(server, json.dumps(archive).encode())["imported"] == 500


def test_parts_of_a_multipart_body_are_downloads(server: Inspected) -> None:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n'
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="../../x\r\n.html"\r\n'
        b"Content-Type: text/html\r\n\r\n<script>alert(1)</script>\x00\xff\r\n--B--\r\n"
    )
    number = server.deliver("/", body, [("Content-Type", "multipart/form-data; boundary=B")])
    parts = f"/api/deliveries/{number}/parts"
    assert server.ask("GET", f"{parts}/1").body == b"value"
    reply = server.ask("GET", f"{parts}/2")
    assert reply.body == b"<script>alert(1)</script>\x00\xff"
    assert reply.header("content-type") == "application/octet-stream"
    assert reply.header("content-disposition") == f'attachment; filename="delivery-{number}-part-2.bin"'
    assert reply.header("content-security-policy") == "sandbox; default-src 'none'"
    plain = server.deliver("/", b"no parts")
    for target in (f"{parts}/0", f"{parts}/3", f"{parts}/x", f"{parts}/{'9' * 30}", f"{parts}/1%0A"):
        assert problem(server.ask("GET", target), 404)["code"] == "not-found"
    assert server.ask("GET", f"/api/deliveries/{plain}/parts/1").status == 404
    assert server.ask("GET", "/api/deliveries/999/parts/1").status == 404
