"""The pages over a real socket: addresses, statuses, assets, and what a post does."""

from __future__ import annotations

import hmac
import re
import zlib
from pathlib import Path

import pytest
from support import raw_http
from support.browser import signed_headers
from support.raw_http import Connection, RawReply, request_bytes
from support.servers import RunningServer, running_server
from support.waiting import until

from inspector.models import Reply
from inspector.web import templating

SCRIPT_BYTES = 40_000
"""All scripts together stay below this, as they are sent."""


def page(server: RunningServer, target: str) -> RawReply:
    return server.ask("GET", target, [("Accept", "text/html")])


def test_assets_are_kept_for_ever_under_an_address_of_their_content(server: RunningServer) -> None:
    text = page(server, "/").body.decode()
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
    assert len(addresses) > 8
    for address in addresses:
        reply = page(server, address)
        assert reply.status == 200, address
        assert reply.header("cache-control") == "public, max-age=31536000, immutable"
        assert reply.header("x-content-type-options") == "nosniff"
    assert {name.rpartition(".")[2] for name in templating.assets()} == {"css", "js", "svg"}


def test_assets_at_another_address_are_not_there(server: RunningServer) -> None:
    digest = templating.assets_digest()
    for address in (
        "/static/0123456789abcdef/app.js",
        f"/static/{digest}/nowhere.js",
        f"/static/{digest}/../app.js",
    ):
        reply = page(server, address)
        assert reply.status == 404, address
        assert reply.header("cache-control") == "no-store"


def test_scripts_stay_small() -> None:
    sizes = {name: len(content) for name, content in templating.assets().items() if name.endswith(".js")}
    assert sum(sizes.values()) < SCRIPT_BYTES, sizes


def test_every_module_imports_only_what_is_there() -> None:
    assets = templating.assets()
    for name, content in assets.items():
        for imported in re.findall(rb'from "\./([^"]+)"|new URL\("\./([^"]+)"', content):
            assert b"".join(imported).decode() in assets, name


def test_pages_are_not_stored_and_name_no_other_host(server: RunningServer) -> None:
    server.send("POST", "/agents/hello", [("Content-Type", "text/plain")], b"hello")
    for target in (
        "/",
        "/deliveries/1",
        "/deliveries/1?tab=verification",
        "/deliveries/1?tab=wire",
        "/endpoints",
        "/malformed",
    ):
        reply = page(server, target)
        assert reply.status == 200, target
        assert reply.header("cache-control") == "no-store"
        text = reply.body.decode()
        assert not re.search(r'(?:href|src|action)="(?:https?:)?//', text)
        assert not re.search(r"<[^>]+\s(?:style|on[a-z]+)=", text)
        assert "<script>" not in text


@pytest.mark.parametrize(
    "target",
    [
        "/deliveries/999",
        "/deliveries/latest",
        "/deliveries/one",
        "/deliveries/99999999999999999999",
        "/?endpoint=/nowhere",
        "/deliveries/1?endpoint=nowhere",
        "/endpoints/nowhere",
    ],
)
def test_what_is_not_there_is_a_404_page(server: RunningServer, target: str) -> None:
    reply = page(server, target)
    assert reply.status == 404
    assert "<h1>Not Found</h1>" in reply.body.decode()


@pytest.mark.parametrize(
    "query",
    [
        "tab=nowhere",
        "view=nowhere",
        "tab=headers&view=x&reveal=x",
        "tab=query&reveal=-1",
        "view=hex&at=-1",
        "view=raw&at=99999999999999999999",
        "at=9.9.9:9",
        "at=5/0:1",
        "as=json&string=$.x",
    ],
)
def test_odd_parameters_show_what_is_usual(server: RunningServer, query: str) -> None:
    server.send("POST", "/", [], b"hello")
    assert page(server, f"/deliveries/1?{query}").status == 200


def test_latest_leads_to_the_newest(server: RunningServer) -> None:
    server.client.send("POST", "/api/endpoints", {"path": "/agents", "scheme": "none"})
    server.send("POST", "/agents", [], b"1")
    server.send("POST", "/other", [], b"2")
    assert page(server, "/deliveries/latest").header("location") == "/deliveries/2"
    reply = page(server, "/deliveries/latest?endpoint=/agents&tab=headers")
    assert reply.header("location") == "/deliveries/1?endpoint=/agents&tab=headers"


def test_a_big_body_is_shown_in_part(server: RunningServer) -> None:
    server.send("POST", "/", [("Content-Type", "text/plain")], b"line\n" * 400_000)
    text = page(server, "/deliveries/1").body.decode()
    assert len(text) < 400_000
    assert "piece by piece" in text
    assert "of 2,000,000 bytes so far" in text
    assert "2,000,000 bytes, as declared" in text


def test_hex_goes_on_by_links(server: RunningServer) -> None:
    server.send("POST", "/", [], bytes(range(256)) * 40)
    first = page(server, "/deliveries/1?view=hex").body.decode()
    assert "00001ff0" in first
    assert "00002000" not in first
    following = re.search(r'href="(/deliveries/1\?[^"]*at=8192)"', first)
    assert following
    second = page(server, following[1].replace("&amp;", "&")).body.decode()
    assert "00002000" in second
    assert "from byte 8,192 on" in second


def test_a_compressed_body_is_read_and_said_to_be(server: RunningServer) -> None:
    body = zlib.compress(b'{"packed": true}')
    server.send("POST", "/", [("Content-Encoding", "deflate")], body)
    text = page(server, "/deliveries/1").body.decode()
    assert "&#34;packed&#34;: " in text
    assert "Content-Encoding deflate is undone here" in text


def test_a_body_that_was_cut_is_told(server: RunningServer) -> None:
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes("POST", "/", [("Content-Length", "50")], b"hello"))
    server.only_delivery()
    text = page(server, "/deliveries/1").body.decode()
    assert "5 B, 50 bytes declared" in text
    assert "incomplete: " in text


def test_a_sender_that_did_not_wait_for_its_reply_is_told(server: RunningServer) -> None:
    root = server.store.endpoint("/")
    server.client.send("PATCH", f"/api/endpoints/{root.id}", {"reply": {"status": 202, "delay_seconds": 5}})
    with Connection(server.callbacks) as connection:
        connection.send(request_bytes("POST", "/", [], b"hello"))
        until(server.store.count, what="the delivery")
    until(lambda: not server.only_delivery().sent.completed, what="the note that the sender is gone")
    text = page(server, "/deliveries/1").body.decode()
    assert "The sender was gone before it could be answered 202." in text


def test_secrets_of_another_process_are_said_to_judge_otherwise(tmp_path: Path) -> None:
    body = b'{"a": 1}'
    with running_server(tmp_path) as server:
        server.send("POST", "/", signed_headers(body), body)
        assert "No secret: " in page(server, "/deliveries/1?tab=verification").body.decode()
    with running_server(tmp_path, environ={"CALLBACK_SECRET": "another one"}) as server:
        text = page(server, "/deliveries/1?tab=verification").body.decode()
    assert "With the secrets that the endpoint has now it would be invalid" in text


def test_a_scheme_that_signs_the_url_is_explained_too(server: RunningServer) -> None:
    options = {"content": "{url}{body}", "header": "X-Sign"}
    server.client.send(
        "POST",
        "/api/endpoints",
        {
            "path": "/own",
            "scheme": "hmac",
            "scheme_options": options,
            "secret": "s",
            "public_url": "https://t.example/x",
        },
    )
    signature = hmac.digest(b"s", b"https://t.example/x?q=1hello", "sha256").hex()
    server.send("POST", "/own?q=1", [("X-Sign", signature)], b"hello")
    text = page(server, "/deliveries/1?tab=verification").body.decode()
    assert "Valid: signed with key-1" in text
    assert "https://t.example/x?q=1hello" in text
    assert "the same" in text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("reply.headers=bad", "with a colon between"),
        ("reply.headers=X%3A+a%00b", "control character"),
        ("reply.status=99", "from 200 to 599"),
        ("reply.status=600", "from 200 to 599"),
        ("reply.delay_seconds=31", "between 0 and 30"),
    ],
)
def test_a_reply_that_cannot_be_sent_is_refused_beside_its_field(
    server: RunningServer, fields: str, said: str
) -> None:
    host, port = server.inspector
    headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Origin", f"http://{host}:{port}"),
    ]
    reply = raw_http.send(server.inspector, "POST", "/endpoints/root/reply", headers, fields.encode())
    assert reply.status == 400
    assert said in reply.body.decode()
    assert server.store.endpoint("/").reply == Reply()
