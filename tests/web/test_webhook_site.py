"""Tests written against webhook.site: its client with another base URL, over real sockets."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from support import raw_http
from support.inspected import Inspected, inspected, problem

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class WebhookSite:
    """The client that projects keep beside their tests; all it knows is a base URL."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self.http = httpx2.Client()

    def create(self, **values: Any) -> str:
        created: str = self.http.post(f"{self.base}/token", json=values).raise_for_status().json()["uuid"]
        return created

    def url(self, token: str) -> str:
        return f"{self.base}/{token}"

    def requests(self, token: str, **query: Any) -> Any:
        return self.http.get(f"{self.base}/token/{token}/requests", params=query).raise_for_status().json()

    def contents(self, token: str, **query: Any) -> list[str]:
        return [request["content"] for request in self.requests(token, **query)["data"]]

    def latest(self, token: str) -> Any:
        return self.http.get(f"{self.base}/token/{token}/request/latest").raise_for_status().json()


@pytest.fixture(scope="module")
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


@pytest.fixture
def site(server: Inspected) -> Iterator[WebhookSite]:
    client = WebhookSite(f"http://127.0.0.1:{server.inspector[1]}")
    with client.http:
        yield client


def test_a_test_needs_nothing_but_another_base_url(site: WebhookSite) -> None:
    token = site.create(default_status=202, default_content="taken", default_content_type="text/plain")
    assert UUID.fullmatch(token)
    sent = urllib.request.Request(
        f"{site.url(token)}/orders?kind=new&kind=old&empty=",
        data=b'{"order": "\xc3\xa9"}',
        headers={"Content-Type": "application/vnd.shop+json", "User-Agent": "shop/1"},
        method="PUT",
    )
    with urllib.request.urlopen(sent) as reply:
        assert (reply.status, reply.read()) == (202, b"taken")
        assert reply.headers["Content-Type"] == "text/plain"
        assert reply.headers["X-Token-Id"] == token
        request_id = reply.headers["X-Request-Id"]

    request = site.latest(token)
    assert UUID.fullmatch(request_id)
    assert (request["uuid"], request["token_id"], request["type"]) == (request_id, token, "web")
    assert (request["method"], request["content"]) == ("PUT", '{"order": "é"}')
    assert request["query"] == {"kind": "old", "empty": ""}
    assert request["headers"]["content-type"] == ["application/vnd.shop+json"]
    assert (request["ip"], request["hostname"], request["user_agent"]) == ("127.0.0.1", "127.0.0.1", "shop/1")
    assert request["url"] == f"{site.url(token)}/orders?kind=new&kind=old&empty="
    assert (request["size"], request["note"], request["files"]) == (15, None, None)
    assert abs(request["sorting"] / 1e6 - datetime.now(UTC).timestamp()) < 60
    listed = site.requests(token)
    assert listed["data"] == [request]
    assert site.http.get(f"{site.base}/token/{token}/request/{request_id}").json() == request
    assert (listed["total"], listed["current_page"], listed["is_last_page"]) == (1, 1, True)


def test_a_token_from_its_beginning_to_its_end(site: WebhookSite, server: Inspected) -> None:
    created = site.http.post(f"{site.base}/token").raise_for_status()
    token = created.json()
    assert created.status_code == 200
    assert (token["default_status"], token["default_content"]) == (200, "")
    assert (token["default_content_type"], token["timeout"]) == ("text/html", 0)
    assert (token["requests"], token["latest_request_id"]) == (0, None)
    address = f"{site.base}/token/{token['uuid']}"
    changed = site.http.put(address, json={"default_status": 503, "default_content": "no", "unheard_of": 1})
    assert (changed.json()["default_status"], changed.json()["default_content_type"]) == (503, "text/html")
    assert site.http.post(site.url(token["uuid"])).status_code == 503
    now = site.http.get(address).json()
    assert (now["requests"], UUID.fullmatch(now["latest_request_id"]) is not None) == (1, True)
    assert token["uuid"] in [each["uuid"] for each in site.http.get(f"{site.base}/token").json()["data"]]

    (endpoint,) = [e for e in server.get("/api/endpoints")["endpoints"] if e["id"] == token["uuid"]]
    assert (endpoint["path"], endpoint["deliveries"]) == (f"/{token['uuid']}", 1)

    assert site.http.delete(address).status_code == 204
    assert site.http.get(address).status_code == 404
    assert site.http.post(site.url(token["uuid"])).status_code == 404
    assert server.get(f"/api/deliveries?q=endpoint:{token['uuid']}")["deliveries"] == []


def test_pages_may_call_a_token_on_the_callback_port(site: WebhookSite, server: Inspected) -> None:
    token = site.create(cors=True)
    asking = [("Origin", "http://shop.example"), ("Access-Control-Request-Method", "POST")]
    allowed = raw_http.send(server.callbacks, "OPTIONS", f"/{token}", asking, b"")
    assert allowed.header("access-control-allow-origin") is not None
    toggled = site.http.put(f"{site.base}/token/{token}/cors/toggle").json()
    assert toggled == {"enabled": False}
    assert site.http.get(f"{site.base}/token/{token}").json()["cors"] is False
    refused = raw_http.send(server.callbacks, "OPTIONS", f"/{token}", asking, b"")
    assert refused.header("access-control-allow-origin") is None


def test_tokens_are_listed_page_by_page(site: WebhookSite) -> None:
    mine = {site.create() for _ in range(3)}
    first = site.http.get(f"{site.base}/token", params={"per_page": 2, "order_direction": "desc"}).json()
    assert {each["uuid"] for each in first["data"]} <= mine
    assert (first["per_page"], first["from"], first["to"], first["prev_page_url"]) == (2, 1, 2, None)
    assert first["total"] >= 3
    second = site.http.get(first["next_page_url"].replace("localhost", "127.0.0.1")).json()
    assert (second["current_page"], second["per_page"], second["from"]) == (2, 2, 3)


def test_the_segment_behind_the_token_picks_the_status(site: WebhookSite, server: Inspected) -> None:
    token = site.create(default_content="kept")
    for path, status in (
        ("/404", 404),
        ("/503/more", 503),
        ("/orders/404", 200),
        ("/999", 200),
        ("/4040", 200),
    ):
        assert site.http.post(site.url(token) + path).status_code == status, path
    assert site.http.post(f"{site.url(token)}/204").content == b""
    assert raw_http.send(server.callbacks, "POST", f"/{token}/410").status == 410
    stored = server.get(f"/api/deliveries?endpoint={token}&limit=1")["deliveries"][0]
    assert stored["reply_status"] == 410
    assert raw_http.send(server.callbacks, "POST", "/elsewhere/404").status == 200


def test_requests_are_sorted_and_paged(site: WebhookSite) -> None:
    token = site.create()
    for number in range(5):
        site.http.post(site.url(token), content=str(number))
    assert site.contents(token) == ["0", "1", "2", "3", "4"]
    assert site.contents(token, sorting="newest", per_page=2) == ["4", "3"]
    second = site.requests(token, per_page=2, page=2)
    assert [request["content"] for request in second["data"]] == ["2", "3"]
    assert (second["total"], second["from"], second["to"], second["is_last_page"]) == (5, 3, 4, False)
    last = site.requests(token, per_page=2, page=3)
    assert (len(last["data"]), last["is_last_page"]) == (1, True)
    assert site.requests(token, per_page=1000)["per_page"] == 100
    assert site.requests(token, page=9)["data"] == []


def test_requests_are_found_by_date(site: WebhookSite) -> None:
    token = site.create()
    site.http.post(site.url(token), content="x")
    created = site.latest(token)["created_at"]
    received = datetime.strptime(created, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    later = (received + timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S")
    for query, total in (
        ({"date_from": created, "date_to": created}, 1),
        ({"date_from": later}, 0),
        ({"date_to": "now-7d"}, 0),
        ({"date_from": "now-1h/h"}, 1),
        ({"date_to": created[:10]}, 1),
        ({"date_from": f"{created}||+1d"}, 0),
    ):
        assert site.requests(token, **query)["total"] == total, query


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("apple", "ab"),
        ("content:apple AND method:POST", "a"),
        ("method:PUT OR headers.x-kind:green", "abc"),
        ("NOT content:apple", "c"),
        ("(method:PUT) AND (content:pear OR content:apple) AND NOT (query.q:2)", "b"),
        ("headers.X-Kind:gr*", "a"),
        ("_exists_:query.q", "c"),
        ('content:"an apple"', "a"),
        ("size:[8 TO *]", "a"),
        ("size:>=8", "a"),
        ("size:<8", "bc"),
        ("created_at:[now-1h TO *]", "abc"),
        ("created_at:[* TO now-14d]", ""),
        ("type:email", ""),
        ("url:q=2 method:PUT", "c"),
    ],
)
def test_requests_are_found_by_query(site: WebhookSite, query: str, found: str) -> None:
    token = site.create()
    named = {"an apple": "a", "apples": "b", "pear": "c"}
    site.http.post(site.url(token), content="an apple", headers={"X-Kind": "Green"})
    site.http.put(site.url(token), content="apples")
    site.http.put(f"{site.url(token)}?q=2", content="pear")
    assert "".join(named[content] for content in site.contents(token, query=query)) == found


@pytest.mark.parametrize(
    "query",
    [
        *("(a", "a)", "AND", "a OR", "NOT", "x:1", "(" * 200),
        *("size:[a TO 2]", "size:[nan TO *]", "size:>x", "size:[1]", "created_at:[x TO *]", "created_at:<x"),
    ],
)
def test_a_query_that_cannot_be_read_says_so(server: Inspected, site: WebhookSite, query: str) -> None:
    token = site.create()
    refused = site.http.get(f"{site.base}/token/{token}/requests", params={"query": query})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "query"
    assert not re.search("float|isoformat|nan is", refused.json()["detail"])


def test_raw_is_the_body_with_its_content_type_and_runs_nowhere(site: WebhookSite) -> None:
    token = site.create()
    body = b"<script>\xff</script>"
    site.http.post(site.url(token), content=body, headers={"Content-Type": "text/html; charset=latin-1"})
    address = f"{site.base}/token/{token}/request/latest/raw"
    raw = site.http.get(address)
    assert (raw.content, raw.headers["content-type"]) == (body, "text/html; charset=latin-1")
    assert raw.headers["content-security-policy"] == "sandbox; default-src 'none'"
    as_script = site.http.get(address, headers={"Sec-Fetch-Dest": "script"})
    assert as_script.headers["content-type"] == "application/octet-stream"
    number = site.latest(token)["uuid"]
    assert site.http.get(f"{site.base}/token/{token}/request/{number}/raw").content == body


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        (b"text/html; charset=utf-7", "text/html; charset=utf-7"),
        (b"", "text/plain"),
        (b"text/\x01", "application/octet-stream"),
        (b"\x7f", "application/octet-stream"),
        ("text/€".encode(), None),
        (b"\xff", None),
    ],
)
def test_whatever_type_a_stranger_declares_the_bytes_can_be_had(
    server: Inspected, site: WebhookSite, declared: bytes, given: str | None
) -> None:
    token = site.create()
    type_of_file = b"Content-Type: " + declared + b"\r\n"
    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n' + type_of_file
    site.http.post(
        site.url(token),
        content=part + b"\r\nbytes\r\n--x--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    [file] = site.latest(token)["files"].values()
    address = f"/token/{token}/request/latest"
    found = [server.ask("GET", f"{address}/download/{file['id']}")]
    with raw_http.Connection(server.inspector) as sender:
        head = f"POST /{token} HTTP/1.1\r\nHost: {server.host}\r\nContent-Length: 5\r\n".encode()
        sender.send(head + type_of_file + b"\r\nbytes")
        assert sender.read_reply().status == 200
    found.append(server.ask("GET", f"{address}/raw"))
    for reply in found:
        assert (reply.status, reply.body) == (200, b"bytes")
        assert given in (None, reply.header("content-type"))
        assert reply.header("content-security-policy") == "sandbox; default-src 'none'"


def test_forms_and_files_are_taken_apart(site: WebhookSite) -> None:
    token = site.create()
    site.http.post(site.url(token), data={"a": "1 2", "b": "é"})
    assert site.latest(token)["request"] == {"a": "1 2", "b": "é"}
    site.http.post(
        site.url(token), data={"name": "n" * 9000}, files={"up": ("x.bin", b"\0\xff", "image/png")}
    )
    request = site.latest(token)
    assert request["request"] == {"name": "n" * 9000}
    file = request["files"]["up"]
    assert (file["filename"], file["size"], file["content_type"]) == ("x.bin", 2, "image/png")
    address = f"{site.base}/token/{token}/request/latest/download/{file['id']}"
    assert site.http.get(address).content == b"\0\xff"
    assert site.http.get(f"{address}9").status_code == 404


def test_a_note_is_kept(site: WebhookSite) -> None:
    token = site.create()
    site.http.post(site.url(token))
    number = site.latest(token)["uuid"]
    changed = site.http.put(f"{site.base}/token/{token}/requests/{number}", json={"note": "look"})
    assert changed.status_code == 200
    assert site.latest(token)["note"] == "look"
    assert site.contents(token, query="note:look") == [""]


def test_requests_are_deleted_one_by_one_by_query_and_altogether(site: WebhookSite) -> None:
    token, other = site.create(), site.create()
    for content in ("a", "b", "c", "d"):
        site.http.post(site.url(token), content=content)
    site.http.post(site.url(other), content="other")
    address = f"{site.base}/token/{token}/request"
    assert site.http.delete(f"{address}/{site.latest(token)['uuid']}").status_code == 200
    assert site.contents(token) == ["a", "b", "c"]
    site.http.delete(address, params={"query": "content:b"}).raise_for_status()
    assert site.contents(token) == ["a", "c"]
    site.http.delete(address, params={"date_to": "now-7d"}).raise_for_status()
    assert site.contents(token) == ["a", "c"]
    site.http.delete(address).raise_for_status()
    assert site.contents(token) == []
    assert site.contents(other) == ["other"]
    assert site.http.get(f"{site.base}/token/{token}/request/latest").status_code == 404
    assert site.http.get(f"{address}/{site.latest(other)['uuid']}").status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"default_status": 99}, "default_status"),
        ({"default_content_type": "text/plain\r\nX: 1"}, "default_content_type"),
        ({"default_status": 204, "default_content": "x"}, "default_content"),
        ({"timeout": 31}, "timeout"),
        ({"alias": "my-hook"}, "alias"),
        ({"actions": True}, "actions"),
        ({"listen": 5}, "listen"),
    ],
)
def test_what_would_not_happen_is_refused(site: WebhookSite, values: dict[str, Any], field: str) -> None:
    refused = site.http.post(f"{site.base}/token", json=values)
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_what_means_nothing_here_is_taken(site: WebhookSite) -> None:
    site.create(expiry=604800, request_limit=100, alias=None, actions=False, listen=0, default_content=None)


def test_only_tokens_receive_on_the_inspectors_port(server: Inspected, site: WebhookSite) -> None:
    """An endpoint of the same shape that was registered otherwise stays on the callback port."""
    path = "/0b9df7b5-3d2a-4e7e-9a35-6f2b7f3f1c11"
    server.send("POST", "/api/endpoints", {"path": path}, status=201)
    assert server.ask("POST", path, body=b"").status == 404
    problem(server.ask("POST", path, body=b"x", headers=[("Content-Type", "text/plain")]), 415)
    problem(server.ask("POST", f"/{site.create()[:-1]}", body=b"x"), 415)
    assert server.deliver(path) > 0
    below = f"/{site.create()}/below"
    server.send("POST", "/api/endpoints", {"path": below}, status=201)
    for target in (below, f"{below}/more", f"{below}?query", f"{below}#fragment"):
        assert server.ask("POST", target, body=b"").status in (404, 405), target
    assert server.ask("POST", f"{below}2", body=b"").status == 200


def test_a_token_stands_behind_the_rules_of_host_and_origin(server: Inspected, site: WebhookSite) -> None:
    token = site.create()
    for headers, status, code in (
        ([("Origin", "http://evil.example")], 403, "origin-refused"),
        ([("Origin", "null")], 403, "origin-refused"),
        ([("Sec-Fetch-Site", "cross-site")], 403, "fetch-site-refused"),
        ([("X-Forwarded-For", "192.0.2.1")], 403, "forwarded-refused"),
    ):
        refused = server.ask("POST", f"/{token}", body=b"x", headers=headers)
        assert problem(refused, status)["code"] == code
    refused_name = site.http.post(site.url(token), headers={"Host": "evil.example"})
    assert (refused_name.status_code, refused_name.json()["code"]) == (421, "host-refused")
    assert site.requests(token)["total"] == 0
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert server.ask("POST", f"/{token}", body=b"x", headers=[("Content-Type", kind)]).status == 200
    assert server.ask("POST", f"/{token}", body=b"no type at all").status == 200
    assert site.requests(token)["total"] == 4


RUNNING = {
    "status": 200,
    "headers": [
        ["Content-Type", "text/html"],
        ["Content-Security-Policy", "script-src *"],
        ["X-Content-Type-Options", "none"],
        ["Access-Control-Allow-Origin", "*"],
    ],
    "body": "<script>1</script>",
}


@pytest.mark.parametrize("entry", [None, {}, {"delay_seconds": 0.01}, {"fault": "half"}])
def test_a_reply_from_the_pages_origin_cannot_run(
    server: Inspected, site: WebhookSite, entry: dict[str, Any] | None
) -> None:
    """Whichever way a reply is given, the endpoint's own (None) or by an entry of its script."""
    token = site.create()
    if entry is None:
        server.send("PATCH", f"/api/endpoints/{token}", {"reply": RUNNING})
    else:
        server.send("PUT", f"/api/endpoints/{token}/replies", {"replies": [{**RUNNING, **entry}]})
    with raw_http.Connection(server.inspector) as browser:
        browser.send(raw_http.request_bytes("GET", f"/{token}", [("Connection", "close")], host=server.host))
        head, _, body = browser.read_to_end().partition(b"\r\n\r\n")
    fields = [line.partition(b": ")[::2] for line in head.lower().split(b"\r\n")[1:]]
    assert body.startswith(b"<script")
    assert (b"content-type", b"text/html") in fields
    for name, value in (
        (b"content-security-policy", b"sandbox; default-src 'none'"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-token-id", token.encode()),
    ):
        assert [each for key, each in fields if key == name] == [value]
    assert not [name for name, _ in fields if name.startswith(b"access-control-")]


@pytest.mark.parametrize("destination", ["script", "style", "worker", "serviceworker", "image", "iframe"])
def test_the_page_cannot_take_a_reply_for_a_part_of_itself(
    server: Inspected, site: WebhookSite, destination: str
) -> None:
    """The policy of a script does not keep it from running: only its type does."""
    token = site.create(default_content="alert(1)", default_content_type="text/javascript")
    own = [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Dest", destination)]
    part = server.ask("GET", f"/{token}", headers=own)
    assert (part.header("content-type"), part.body) == ("application/octet-stream", b"alert(1)")
    shown = server.ask("GET", f"/{token}", headers=[("Sec-Fetch-Dest", "document")])
    assert shown.header("content-type") == "text/javascript"


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_no_reply_opens_the_inspectors_port_to_other_origins(
    server: Inspected, site: WebhookSite, method: str
) -> None:
    token = site.create(cors=True)
    asking = [("Origin", f"http://{server.host}"), ("Access-Control-Request-Method", "POST")]
    for headers in ([], asking):
        for target in (f"/{token}", f"/token/{token}", f"/{token}/404"):
            reply = server.ask(method, target, headers=headers)
            assert not [name for name, _ in reply.headers if name.startswith("access-control-")], target
            assert reply.header("vary") is None or headers


def test_a_body_beyond_what_the_api_reads_is_received(site: WebhookSite) -> None:
    token = site.create()
    site.http.post(site.url(token), content=b"x" * 1_500_000).raise_for_status()
    assert site.latest(token)["size"] == 1_500_000


def test_with_a_token_of_the_inspector_the_api_asks_for_it_and_senders_need_none() -> None:
    with inspected(token="t" * 32) as server:
        refused = raw_http.send(server.inspector, "POST", "/token", [], b"")
        assert refused.status == 401
        as_there = [("Api-Key", "t" * 32)]
        created = raw_http.send(server.inspector, "POST", "/token", as_there, b"")
        token = json.loads(created.body)["uuid"]
        assert raw_http.send(server.inspector, "POST", f"/{token}", [], b"x").status == 200
        assert raw_http.send(server.inspector, "GET", f"/token/{token}", [], b"").status == 401


def test_what_is_not_there_is_404(server: Inspected, site: WebhookSite) -> None:
    token = site.create()
    missing = "00000000-0000-4000-8000-00000000ffff"
    for method, path in (
        ("GET", f"/token/{missing}"),
        ("DELETE", "/token/root"),
        ("GET", "/token/%2F"),
        ("GET", f"/token/{token}/request/{missing}"),
        ("GET", f"/token/{token}/request/nothing"),
        ("PUT", f"/token/{token}/requests/{missing}/response"),
    ):
        assert server.ask(method, path).status == 404, path


def test_unreadable_numbers_and_dates_name_their_parameter(server: Inspected, site: WebhookSite) -> None:
    address = f"/token/{site.create()}/requests"
    for query, field in (
        ("page=x", "page"),
        ("per_page=-1", "per_page"),
        ("date_from=yesterday", "date_from"),
        ("date_to=now-999999y", "date_to"),
        ("date_to=2022-13-01", "date_to"),
        ("date_from=now-1q", "date_from"),
    ):
        assert problem(server.ask("GET", f"{address}?{query}"), 400)["errors"][0]["field"] == field
