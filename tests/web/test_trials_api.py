"""Trials over a real socket: comparing deliveries, trying a secret, sending test callbacks to ourselves."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.asgi import Ask
from support.inspected import Inspected, inspected, problem

from inspector.models import Addresses
from inspector.send.tamper import Tamper
from inspector.settings import Settings
from inspector.signing import sign
from inspector.store import Store
from inspector.web.app import create_app
from inspector.web.context import Context
from inspector.web.stream import Hub

SECRET = "s3cret-s3cret-s3cret-s3cret-s3cr"
JSON_TYPE = ("Content-Type", "application/json")


@pytest.fixture(scope="module")
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


@pytest.fixture
def endpoint(server: Inspected) -> dict[str, Any]:
    """A Blaxel endpoint of the test's own, with a known secret."""
    wanted = {"scheme": "blaxel", "secret": SECRET}
    created: dict[str, Any] = server.send("POST", "/api/endpoints", wanted, status=201)
    return created


def test_a_structural_difference(server: Inspected) -> None:
    before = server.deliver("/h?a=1", b'{"id": "evt_1234567890ab", "n": 1.0, "old": null}', [JSON_TYPE])
    after = server.deliver(
        "/h?a=2", b'{"id": "evt_ba0987654321", "n": 1, "new": "\\ud800"}', [JSON_TYPE, ("X-New", "1")]
    )
    found = server.get(f"/api/deliveries/{before}/diff/{after}")
    assert (found["before"], found["after"], found["same"], found["body"]) == (before, after, False, "json")
    changes = {(each["section"], each["where"]): each["change"] for each in found["differences"]}
    assert changes["query", "a"] == "changed"
    assert changes["body", "$.n"] == "spelling"
    assert changes["body", "$.old"] == "removed"
    assert changes["body", "$.new"] == "added"
    assert any(each["volatile"] for each in found["differences"])
    calm = server.get(f"/api/deliveries/{before}/diff/{after}?ignore_volatile=true")
    assert not any(each["volatile"] for each in calm["differences"])
    assert [each["where"] for each in calm["ignored"] if each["section"] == "body"] == ["$.id"]
    same = server.get(f"/api/deliveries/{before}/diff/{before}")
    assert (same["same"], same["body"], same["differences"]) == (True, "same", [])
    text = server.deliver("/h", b"one\ntwo\xff\n", [("Content-Type", "text/plain")])
    other = server.deliver("/h", b"one\nthree\n", [("Content-Type", "text/plain")])
    lines = server.get(f"/api/deliveries/{text}/diff/{other}")["lines"]
    assert {"sign": "-", "text": "two\N{REPLACEMENT CHARACTER}"} in lines
    for target in (f"{before}/diff/999999", f"999999/diff/{before}", f"{before}/diff/x", f"x/diff/{before}"):
        problem(server.ask("GET", f"/api/deliveries/{target}"), 404)
    problem(server.ask("GET", f"/api/deliveries/{before}/diff/{after}?ignore_volatile=1"), 400)


def test_trying_a_secret_stores_nothing(server: Inspected, endpoint: dict[str, Any]) -> None:
    other = "another-another-another-another!"
    number = server.deliver(endpoint["path"], b"{}", [JSON_TYPE, *sign(b"{}", other)])
    url = f"/api/deliveries/{number}"
    before, revision = server.get(url), server.get("/api/status")["revision"]
    assert before["verification"]["status"] == "invalid"
    verdict = server.send("POST", f"{url}/check", {"secret": other})
    assert (verdict["status"], verdict["signature"], verdict["secret"]) == ("valid", "match", "tried")
    assert verdict.keys() == before["verification"].keys()
    assert server.send("POST", f"{url}/check", {"secret": SECRET})["status"] == "invalid"
    assert server.send("POST", f"{url}/check", {"secret": other, "scheme": "auto"})["scheme"] == "blaxel"
    assert server.send("POST", f"{url}/check", {"secret": other, "scheme": "github"})["status"] == "missing"
    assert server.send("POST", f"{url}/check", {"secret": ""})["status"] == "unconfigured"
    assert (server.get(url), server.get("/api/status")["revision"]) == (before, revision)
    assert len(server.get(f"/api/endpoints/{endpoint['id']}")["secrets"]) == 1
    server.ask("DELETE", f"/api/endpoints/{endpoint['id']}")
    assert server.send("POST", f"{url}/check", {"secret": other, "scheme": "blaxel"})["status"] == "valid"


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, ["secret"]),
        ({"secret": 1}, ["secret"]),
        ({"secret": "x", "scheme": "nobody"}, ["scheme"]),
        ({"secret": "x", "name": "y", "scheme": 1}, ["scheme", "name"]),
        ({"secret": "x" * 4097}, ["secret"]),
    ],
)
def test_what_cannot_be_tried(server: Inspected, values: dict[str, Any], wrong: list[str]) -> None:
    number = server.deliver()
    answer = problem(server.ask("POST", f"/api/deliveries/{number}/check", values), 400)
    assert [error["field"] for error in answer["errors"]] == wrong
    assert problem(server.ask("POST", "/api/deliveries/999999/check", {"secret": "x"}), 404)


@pytest.mark.parametrize("tamper", [None, *Tamper])
def test_a_test_callback_gets_the_verdict_it_promises(
    server: Inspected, endpoint: dict[str, Any], tamper: Tamper | None
) -> None:
    values = {} if tamper is None else {"tamper": tamper}
    sent = server.send("POST", f"/api/endpoints/{endpoint['id']}/send", values)
    assert (sent["status"], sent["tamper"], sent["error"]) == (200, tamper, None)
    assert sent["done"]
    delivery = server.get(f"/api/deliveries/{sent['delivery_id']}")
    assert delivery["endpoint_id"] == endpoint["id"]
    assert delivery["verification"]["status"] == sent["expected"]


def test_a_test_callback_of_ones_own(server: Inspected, endpoint: dict[str, Any]) -> None:
    url = f"/api/endpoints/{endpoint['id']}/send"
    sent = server.send("POST", url, {"json": {"a": [1, None, "é"]}, "content_type": "application/vnd.x+json"})
    delivery = server.get(f"/api/deliveries/{sent['delivery_id']}")
    assert (delivery["body_text"], delivery["content_type"]) == (
        '{"a":[1,null,"é"]}',
        "application/vnd.x+json",
    )
    for values in ({"body": "é\x00"}, {"body_base64": base64.b64encode("é\x00".encode()).decode()}):
        sent = server.send("POST", url, values)
        assert server.ask("GET", f"/api/deliveries/{sent['delivery_id']}/body").body == "é\x00".encode()
        assert sent["expected"] == "valid"
    sent = server.send("POST", url, {"json": None, "timestamp": 1_600_000_000})
    delivery = server.get(f"/api/deliveries/{sent['delivery_id']}")
    assert (delivery["body_text"], sent["expected"], delivery["verification"]["status"]) == (
        "null",
        "expired",
        "expired",
    )


def test_without_a_secret_it_is_not_signed(server: Inspected) -> None:
    created = server.send("POST", "/api/endpoints", {"scheme": "blaxel"}, status=201)
    url = f"/api/endpoints/{created['id']}/send"
    sent = server.send("POST", url)
    assert (sent["expected"], sent["status"]) == ("unconfigured", 200)
    assert "no secret" in sent["done"]
    wrong = problem(server.ask("POST", url, {"tamper": "body"}), 400)
    assert wrong["errors"][0]["field"] == "tamper"


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"tamper": "explode"}, ["tamper"]),
        ({"json": 1, "body": "x", "body_base64": ""}, ["body", "body_base64"]),
        ({"body_base64": "?"}, ["body_base64"]),
        ({"timestamp": "now"}, ["timestamp"]),
        ({"timestamp": -1}, ["timestamp"]),
        ({"content_type": "a\r\nb"}, ["content_type"]),
        ({"content_type": "é"}, ["content_type"]),
        ({"target": "http://localhost/", "url": "x"}, ["target", "url"]),
    ],
)
def test_what_cannot_be_sent(
    server: Inspected, endpoint: dict[str, Any], values: dict[str, Any], wrong: list[str]
) -> None:
    before = server.get("/api/status")["cursor"]
    answer = problem(server.ask("POST", f"/api/endpoints/{endpoint['id']}/send", values), 400)
    assert [error["field"] for error in answer["errors"]] == wrong
    if values.get("tamper"):
        assert all(kind in answer["detail"] for kind in Tamper)
    assert problem(server.ask("POST", "/api/endpoints/nowhere/send", {}), 404)
    assert server.get("/api/status")["cursor"] == before


def test_a_test_callback_to_an_endpoint_with_a_public_url() -> None:
    wanted: dict[str, Any] = {
        "path": "/url-signed",
        "scheme": "hmac",
        "scheme_options": {"header": "X-Sig", "content": "{url}{body}"},
        "secret": SECRET,
        "public_url": "https://example.test/in",
    }
    with inspected(public_url="https://tunnel.example/") as server:
        created = server.send("POST", "/api/endpoints", wanted, status=201)
        sent = server.send("POST", f"/api/endpoints/{created['id']}/send")
        assert sent["expected"] == "valid"
        assert server.get(f"/api/deliveries/{sent['delivery_id']}")["verification"]["status"] == "valid"
        server.send("PATCH", f"/api/endpoints/{created['id']}", {"public_url": None})
        sent = server.send("POST", f"/api/endpoints/{created['id']}/send")
        assert server.get(f"/api/deliveries/{sent['delivery_id']}")["verification"]["status"] == "valid"


def test_a_reply_that_rejects_or_does_not_name_its_delivery(
    server: Inspected, endpoint: dict[str, Any]
) -> None:
    server.send("PATCH", f"/api/endpoints/{endpoint['id']}", {"reject_invalid": True})
    sent = server.send("POST", f"/api/endpoints/{endpoint['id']}/send", {"tamper": "body"})
    assert (sent["status"], sent["expected"]) == (401, "invalid")
    with inspected(delivery_header=False) as other:
        root = next(each for each in other.get("/api/endpoints")["endpoints"] if each["path"] == "/")
        sent = other.send("POST", f"/api/endpoints/{root['id']}/send")
        assert (sent["status"], sent["delivery_id"]) == (200, None)


@pytest.mark.parametrize(
    ("callback_url", "status"), [("http://169.254.169.254:2255/", 403), ("http://localhost:1/", 200)]
)
def test_where_nothing_may_be_sent_or_nobody_listens(callback_url: str, status: int) -> None:
    addresses = Addresses(callback_url, "http://localhost:2256/", 2255, 2256)
    with Store.open(Settings()) as store:
        ask = Ask(create_app(Context(store, Settings(), addresses, Hub(store))))
        url = f"/api/endpoints/{store.endpoint('/').id}/send"
        reply = ask("POST", url, [JSON_TYPE, ("Content-Length", "2")], b"{}")
        if status == 403:
            assert problem(reply, 403)["code"] == "target-refused"
        else:
            answer = json.loads(reply.body)
            assert (answer["status"], answer["error"]["class"]) == (None, "refused")
