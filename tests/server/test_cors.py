"""Cross-origin requests: an endpoint that is told to lets every web page call it, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import raw_http
from support.inspected import Inspected, inspected
from support.raw_http import RawReply

ORIGIN = ("Origin", "http://localhost:8080")
QUESTION = [
    ORIGIN,
    ("Access-Control-Request-Method", "PUT"),
    ("Access-Control-Request-Headers", "content-type,x-blaxel-signature"),
]


@pytest.fixture
def server() -> Iterator[Inspected]:
    with inspected() as running:
        settings = {"path": "/open", "cors": True}
        assert running.send("POST", "/api/endpoints", settings, status=201)["cors"] is True
        yield running


def cross_origin_fields(reply: RawReply) -> dict[str, str]:
    return {name: value for name, value in reply.headers if name.startswith("access-control-")}


def test_a_preflight_is_answered_and_kept(server: Inspected) -> None:
    reply = raw_http.send(server.callbacks, "OPTIONS", "/open", QUESTION)
    assert (reply.status, reply.body) == (204, b"")
    assert cross_origin_fields(reply) == {
        "access-control-allow-origin": ORIGIN[1],
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "content-type,x-blaxel-signature",
        "access-control-expose-headers": "X-Callback-Delivery, Retry-After",
        "access-control-max-age": "0",
    }
    assert reply.header("vary") == "Origin"
    kept = server.get("/api/deliveries/latest")
    assert (kept["method"], kept["reply"]["status"]) == ("OPTIONS", 204)
    assert ["Access-Control-Allow-Methods", "PUT"] in kept["reply"]["headers"]


def test_a_private_network_is_allowed_when_asked_for(server: Inspected) -> None:
    asking = [*QUESTION, ("Access-Control-Request-Private-Network", "true")]
    reply = raw_http.send(server.callbacks, "OPTIONS", "/open", asking)
    assert cross_origin_fields(reply)["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize("reject", [False, True])
def test_the_reply_can_be_read_whatever_it_is(server: Inspected, reject: bool) -> None:
    secret = {"scheme": "blaxel", "secret": "s" * 32}
    settings = {"path": "/mine", "cors": True, "reject_invalid": reject, **secret}
    endpoint = server.send("POST", "/api/endpoints", settings, status=201)
    server.send("PUT", f"/api/endpoints/{endpoint['id']}/replies", {"replies": [{"status": 503}]})
    assert raw_http.send(server.callbacks, "OPTIONS", "/mine", QUESTION).status == 204
    reply = raw_http.send(server.callbacks, "POST", "/mine", [ORIGIN], b"{}")
    assert reply.status == (401 if reject else 503)
    assert cross_origin_fields(reply)["access-control-allow-origin"] == ORIGIN[1]
    without = raw_http.send(server.callbacks, "POST", "/mine", [], b"{}")
    assert cross_origin_fields(without)["access-control-allow-origin"] == "*"
    assert without.header("vary") is None


def test_fields_of_its_own_stay(server: Inspected) -> None:
    own = {"reply": {"headers": [["access-control-allow-origin", "https://one.example"]]}}
    endpoints = server.get("/api/endpoints")["endpoints"]
    [number] = [each["id"] for each in endpoints if each["path"] == "/open"]
    server.send("PATCH", f"/api/endpoints/{number}", own)
    reply = raw_http.send(server.callbacks, "POST", "/open", [ORIGIN])
    assert cross_origin_fields(reply) == {"access-control-allow-origin": "https://one.example"}


def test_a_sender_that_names_two_origins_has_none(server: Inspected) -> None:
    reply = raw_http.send(server.callbacks, "POST", "/open", [ORIGIN, ("Origin", "http://other.example")])
    assert cross_origin_fields(reply)["access-control-allow-origin"] == "*"


def test_an_ordinary_options_request_is_a_delivery_like_any(server: Inspected) -> None:
    reply = raw_http.send(server.callbacks, "OPTIONS", "/open")
    assert (reply.status, cross_origin_fields(reply)["access-control-allow-origin"]) == (200, "*")


def test_nobody_else_says_a_word_of_it(server: Inspected) -> None:
    elsewhere = raw_http.send(server.callbacks, "OPTIONS", "/closed", QUESTION)
    assert (elsewhere.status, cross_origin_fields(elsewhere)) == (200, {})
    for target in ("/", "/api/deliveries", "/api/wait?timeout=0", "/nothing"):
        for method in ("OPTIONS", "GET"):
            reply = server.ask(method, target, headers=QUESTION)
            assert cross_origin_fields(reply) == {}, target
            assert reply.status >= 400
